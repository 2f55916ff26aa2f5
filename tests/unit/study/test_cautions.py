"""What the engine finds doubtful about a number stands beside it: none is dropped on the way."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import osteon.study
from osteon.contracts.history import History
from osteon.estimate import kaplan_meier, quantile, risk_table
from osteon.estimate.curves import aalen_johansen
from osteon.estimate.curves import kaplan_meier as km
from osteon.estimate.regression import cox, penalised
from osteon.study import run_study
from osteon.study.answer import Rows
from osteon.study.curves import _at, read_off, read_until, unbroken

SENTINEL = "the engine has its doubts"
QUESTIONS = ("who", "how_often", "seen_first", "pattern", "skeletal_events", "survival", "groups")


def given() -> str:
    """Forty patients: thirty-six come late, one of the four before them dies before that.

    Nobody with G3 and nobody in arm C dies; nobody treated has a skeletal event, and six others do.
    """
    everybody = range(1, 41)
    bone, dead = [i for i in everybody if i % 2], [i for i in everybody if i % 3 == 0]
    end = {i: 3000 - i for i in everybody} | {i: 800 + 10 * i for i in dead} | {1: 150}
    spared = (2, 4, 14, 34)
    blocks = {
        "patients\npatient_id | sex | age_years | first_visit | last_contact | death": [
            f"{i} | {'female' if i % 4 < 2 else 'male'} | {50 + 7 * i % 31} | "
            f"{0 if i <= 4 else 300} | {end[i]} | {end[i] if i in (1, *dead) else ''}"
            for i in everybody
        ],
        "tumours\npatient_id | tumour_id | diagnosis | basis | stage | m_category | grade": [
            f"{i} | 1 | 0 | histology | IV | M1 | {'G3' if i in spared else f'G{1 + i % 5 // 3}'}"
            for i in everybody
        ],
        "metastases\npatient_id | date | site": [
            f"{i} | {100 if i < 30 else 900} | bone" for i in bone
        ],
        "treatments\npatient_id | kind | atc | dose | dose_unit | interval_days | start": [
            f"{i} | drug | M05BX04 | 120 | mg | 28 | 350" for i in bone if 5 <= i < 20
        ],
        "skeletal_events\npatient_id | date | component": [
            f"{i} | {600 + i} | pathological_fracture" for i in bone if 20 < i < 32
        ],
        "functional_status\npatient_id | date | syndrome": [
            f"{i} | 0 | {'present' if i % 5 < 2 else 'absent'}" for i in everybody
        ],
        "assignments\npatient_id | name | value": [
            f"{i} | arm | {'C' if i in spared else 'AB'[i % 2]}" for i in everybody
        ],
    }
    return "\n\n".join("\n".join([head, *rows]) for head, rows in blocks.items())


PROTOCOL = (
    "[follow_up]\nsmallest_risk_set = 5\n[groups]\nat_months = [36]\n[bootstrap]\nreplicates = 2\n"
)


@pytest.fixture
def cohort(cohort_of):
    found = cohort_of(given(), [str(i) for i in range(1, 41)], PROTOCOL)
    protocol = found.protocol.model_copy(update={"questions": QUESTIONS})
    return replace(found, protocol=protocol)


def said(results, analysis, style="", group="") -> set[str]:
    return {c for e in results.find(analysis, style, group) for c in e.cautions}


def undoubted(e) -> bool:
    """Whether a number comes from counts, a test of counts or Turnbull, which caution of nothing.

    Turnbull's estimate brings a certificate, and its note counts the resamples without a median.
    """
    return (
        e.unit in ("count", "years", "per_100_person_years", "per_person_year")
        or (e.interval_method in ("wilson", "clopper-pearson") and "no event so far" not in e.note)
        or e.test.startswith(("Fisher", "log-rank", "exact"))
        or e.method.startswith(("Turnbull", "median of"))
    )


def test_no_doubt_of_the_engine_is_dropped(cohort, monkeypatch):
    """Every curve and every model doubts itself: so does every number, and every drawn curve.

    A new analysis that forgets to hand on what the engine says of its numbers fails here.
    """
    for module, name in (
        (km, "curve_cautions"),
        (aalen_johansen, "curve_cautions"),
        (cox, "cautions"),
        (penalised, "cautions"),
    ):
        monkeypatch.setattr(module, name, lambda *_, **__: (SENTINEL,))
    results, level = run_study(cohort)
    obtained = [e for e in results.estimates if e.estimate is not None and not undoubted(e)]
    forgot = {(e.analysis, e.style, e.estimand) for e in obtained if SENTINEL not in e.cautions}
    assert forgot == set()
    assert len({e.analysis for e in obtained}) >= 18
    curves = [c for c in (*results.curves, *level.steps) if c.kind != "turnbull"]
    assert len(curves) >= 20
    assert all(c.cautions == (SENTINEL,) for c in curves)


ARRIVES = (
    ("survival_median", "sensitivity", "all patients", "an event happens with 4 at risk"),
    ("bone_incidence", "sensitivity", "bone metastasis", "an event happens with 4 at risk"),
    ("sre_hazard_ratio", "recommended", "", "the ratio of antiresorptive would be infinite"),
    ("sre_hazard_ratio", "sensitivity", "", "5 events for 1 coefficient, fewer than 10"),
    ("sre_odds_ratio", "sensitivity", "", "the ratio of no antiresorptive would be infinite"),
    ("bone_predictors", "recommended", "", "7 events for 2 coefficients"),
    ("survival_hazard_ratio", "recommended", "", "rises for ever along grade G3"),
    ("survival_e_value", "sensitivity", "", "14 events for 5 coefficients"),
    ("survival_proportional_hazards", "recommended", "", "14 events for 4 coefficients"),
    ("groups_hazard_ratio", "as_published", "C", "rises for ever along C"),
    ("groups_hazard_ratio", "recommended", "C", "the ratio of C would be infinite"),
)


def test_what_the_engine_finds_doubtful_arrives(results):
    lost = [
        (analysis, style, group, doubt)
        for analysis, style, group, doubt in ARRIVES
        if not any(doubt in c for c in said(results, analysis, style, group))
    ]
    assert lost == []


def test_in_the_words_of_who_reads_a_report(results):
    """No name of a function, no covariate's short name, nothing to call instead, nothing twice."""
    every = [e.cautions for e in (*results.estimates, *results.curves)]
    told = " ".join(c for cautions in every for c in cautions)
    for foreign in ("`", "_", " use ", "intercept", " bm", "lytic", "treated"):
        assert foreign not in told
    assert all(len(set(cautions)) == len(cautions) for cautions in every)


def test_few_events_are_said_once(results):
    """The model's caution says so; the note counts events a parameter where they are enough."""
    for e in results.estimates:
        assert not ("a parameter" in e.note and any("fewer than 10" in c for c in e.cautions))
    assert "14 events a parameter" in " ".join(
        e.note for e in results.find("survival_hazard_ratio")
    )


def test_a_curve_that_starts_with_enough_at_risk_has_nothing_to_caution_about(results):
    assert said(results, "survival_at") == set()
    assert said(results, "bone_incidence", "recommended") == set()


@pytest.mark.parametrize("first", [1, 3])
def test_what_happens_beyond_the_end_of_a_curve_is_no_doubt_of_it(first):
    """The last of ``first`` dies on day 60, thirty come on day 80: the curve ends before."""
    exit_ = [*range(20, 20 + first - 1), 60, *range(100, 130)]
    history = History.of(entry=[0] * first + [80] * 30, exit=exit_, event=[1] * len(exit_))
    whole = kaplan_meier(risk_table(history))["all"]
    ended = unbroken({"all": whole})["all"]
    assert "with 1 at risk, and later 30 are" in whole.cautions[0]
    assert ended.cautions == ()


def test_what_happens_before_the_end_is():
    """One of two dies before twenty others come, and twenty-one leave before the last come."""
    history = History.of(
        entry=[0, 0] + [10] * 20 + [300] * 5,
        exit=[5, *range(60, 81), *range(400, 405)],
        event=[1] * 27,
    )
    ended = unbroken(kaplan_meier(risk_table(history)))["all"]
    assert ended.end < 100
    assert "with 2 at risk, and later 21 are" in ended.cautions[0]


def joined():
    """Of forty, half from day 5 on, two are seen until days 900, when one dies, and 960; four come on day 950."""
    history = History.of(
        entry=[0] * 20 + [5] * 20 + [950] * 4,
        exit=[*range(10, 390, 10), 900, 960, *range(1000, 1040, 10)],
        event=[1] * 39 + [0] + [1] * 4,
    )
    return kaplan_meier(risk_table(history))["all"]


def test_what_happens_in_the_tail_is_no_doubt_of_what_is_read_before():
    """Two are left on day 900 and five are at risk on day 960: the median of day 210 knows nothing of it."""
    curve = joined()
    assert "with 2 at risk, and later 5 are" in curve.cautions[0]
    median, known = read_off(curve, quantile)
    assert median.conf_high < 900
    assert median.cautions == known.cautions == ()
    assert read_until(curve, 899).cautions == ()
    assert read_until(curve, 900).cautions == curve.cautions
    rows = Rows("survival", "survival_at", {"estimand": "survival"})
    before, after = (_at(rows, "recommended", curve, day) for day in (500.0, 910.0))
    assert before.cautions == ()
    assert len(after.cautions) == 1


def test_a_median_without_an_upper_limit_reads_the_whole_curve():
    history = History.of(
        entry=[0, 0] + [10] * 40, exit=[5, 60] + [61] * 40, event=[1, 1] + [0] * 40
    )
    curve = kaplan_meier(risk_table(history))["all"]
    median, known = read_off(curve, quantile)
    assert median.conf_high == np.inf
    assert median.cautions == known.cautions == curve.cautions != ()


def test_a_ratio_is_taken_from_a_model_in_one_place_only():
    """`ratio_of` hands on what a model says of itself; a ratio taken by hand would leave it behind."""
    for path in Path(osteon.study.__file__).parent.glob("*.py"):
        taken = [
            node.lineno
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr in ("hazard_ratios", "ratios", "wald_ratios", "coefficients")
        ]
        assert path.stem == "answer" or not taken, f"{path.name}: {taken}"


@pytest.fixture
def results(cohort):
    return run_study(cohort)[0]
