"""Masked reports: what is planted small is found in no file, and cannot be worked out."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from scipy.optimize import linprog

from osteon.contracts.results import (
    COUNTS,
    AttritionStep,
    Card,
    Comparison,
    Count,
    Estimate,
    FindingCount,
    Provenance,
    Results,
)
from osteon.report import mask, write_report
from osteon.report.disclosure import WITHHELD
from osteon.report.suppression import is_small
from osteon.report.tied_counts import tied_counts

LIMIT = 900
PLANTED = (613, 617, 619, 631, 641, 643, 647, 653, 659, 661, 673, 677)
"""Unusual numbers below the limit: whatever holds one of them has leaked."""
INFERRED = {PLANTED[1], PLANTED[4]}
"""Planted as differences: no unmasked report prints them, but a reader can subtract."""

_PROVENANCE = Provenance("0", "r", "p", "1", "h", 1, "", synthetic=False)


@pytest.fixture(scope="module")
def masked(results) -> Results:
    return mask(results)


@pytest.fixture(scope="module")
def planted(results) -> Results:
    """The example in the size of a country, with a planted small count in every kind of place."""
    big = 20_000
    share = Estimate(
        "pattern", "pattern", "recommended", "pattern on CT", group="osteolytic",
        estimate=PLANTED[0] / big, conf_low=0.028, conf_high=0.033, conf_level=0.95,
        at_risk=big, events=PLANTED[0], p_value=0.04321, test="Fisher",
        note=f"{PLANTED[0]} patients, {PLANTED[0]}/{big}.",
        cautions=(f"{PLANTED[0]} events for 70 coefficients",),
    )  # fmt: skip
    others = replace(share, group="osteoblastic", events=big - PLANTED[0], p_value=None, note="",
                     estimate=(big - PLANTED[0]) / big)  # fmt: skip
    ratio = Estimate(
        "pattern", "odds", "recommended", "odds ratio", group="osteolytic", contrast="osteoblastic",
        unit="ratio", estimate=3.14159, conf_low=2.71828, conf_high=6.28318,
    )  # fmt: skip
    nearly_all = Estimate(
        "how_often", "nearly_all", "recommended", "seen at all",
        estimate=(big - PLANTED[1]) / big, at_risk=big, events=big - PLANTED[1],
    )  # fmt: skip
    curve = replace(
        results.curves[0],
        at_risk=(big, big - 5000, 9000, 7000, 5000, 3000, PLANTED[2]),
        events=(0, PLANTED[3], 4000, 5000, 6000, 7000, 7000 + PLANTED[4]),
        risk_days=tuple(730.5 * i for i in range(7)),
        cautions=(f"an event happens with {PLANTED[2]} at risk",),
    )
    counts = tuple(
        Count("pattern", "pattern by sex", row, column, n)
        for row, cells in {
            "osteolytic": {"men": PLANTED[5], "women": 4000, "all": 4000 + PLANTED[5]},
            "osteoblastic": {"men": 8000, "women": 7000, "all": 15000},
        }.items()
        for column, n in cells.items()
    )
    return replace(
        results,
        small_cell_limit=LIMIT,
        population=f"{big} patients, of whom {PLANTED[6]} had bone metastases",
        estimates=(share, others, ratio, nearly_all),
        curves=(curve,),
        counts=counts,
        baseline=tuple(
            replace(
                s, total=big - PLANTED[7], missing=PLANTED[7],
                count=None if s.count is None else 5000 if s.level != "G3" else PLANTED[8],
            )
            for s in results.baseline
        ),
        attrition=(
            AttritionStep("in the registry", big + PLANTED[9], 0),
            AttritionStep("histology", big, PLANTED[9]),
        ),
        findings=(FindingCount("T001", "warn", "patients", PLANTED[10], PLANTED[10], f"{PLANTED[10]} rows of 30000", "cure"),),
        ledger=tuple(replace(e, how=f"{PLANTED[11]} events, {PLANTED[11]}/{big}") for e in results.ledger),
        cards=(Card("pattern", "Osteolytic", "pattern", "osteolytic", why=f"{PLANTED[0]} of {big}"),),
        published=(Comparison("lytic", "3.1%", "3.1%", "equal", "3.07 % (2.8–3.3)", derived=(f"{PLANTED[0]}/{big}",), obtained_count=f"{PLANTED[0]}/{big}", analysis="pattern"),),
    )  # fmt: skip


def test_no_file_holds_a_planted_count(planted, tmp_path):
    planted = replace(planted, published=tuple(replace(c, derived=()) for c in planted.published))
    written = write_report(planted, tmp_path, mask=True)
    assert _leaks(write_report(planted, tmp_path / "open")) >= set(PLANTED) - INFERRED
    assert _leaks(written) == set()


def test_no_file_holds_what_was_worked_out_from_one(planted, tmp_path):
    texts = " ".join(_texts(write_report(planted, tmp_path, mask=True)))
    for derived in (
        "3.14159",
        "2.71828",
        "3.14 (2.72",
        "0.04321",
        "0.043",
        "3.07",
        f"{20000 - 613}",
        f"{20000 - 617}",
    ):
        assert derived not in texts.replace("\u00a0", ""), derived


def test_small_counts_are_gone_and_zero_stays(masked):
    for kind, names in COUNTS.items():
        for row in _rows(masked):
            if isinstance(row, kind):
                for name in names:
                    values = getattr(row, name)
                    for n in values if isinstance(values, tuple) else (values,):
                        assert n is None or not is_small(n, 5), row
    zero = [e for e in masked.estimates if e.analysis == "sre_by_therapy" and e.events == 0]
    assert [(e.at_risk, e.estimate) for e in zero] == [(57, 0.0)]


def test_masked_results_say_so_and_are_masked_once(masked, results):
    assert masked.masked
    assert mask(masked) is masked
    assert not results.masked
    assert Results.from_json(masked.to_json()) == masked


def test_an_estimate_that_tells_its_masked_count_is_withheld_whole(masked, results):
    changed = [
        (e, before)
        for e, before in zip(masked.estimates, results.estimates, strict=True)
        if (e.at_risk, e.events) != (before.at_risk, before.events) and before.tells_counts
    ]
    assert changed
    for e, _ in changed:
        assert (e.estimate, e.conf_low, e.conf_high, e.p_value, e.person_years) == (None,) * 5
        assert e.note == WITHHELD


def test_a_hazard_ratio_only_loses_its_counts_unless_they_are_few(results):
    few = Estimate(
        "survival", "few", "recommended", "hazard ratio of death", group="few", contrast="rest",
        unit="ratio", estimate=3.1, conf_low=0.2, conf_high=40.0, at_risk=55, events=3,
    )  # fmt: skip
    masked = mask(replace(results, estimates=(*results.estimates, few)))
    [withheld] = masked.find("few")
    assert (withheld.estimate, withheld.note) == (None, WITHHELD)
    few = "3 events for 2 coefficients, fewer than 10 per coefficient"
    doubted = tuple(
        replace(e, cautions=(few,)) for e in results.estimates if e.analysis == "hazard"
    )
    said = {c for e in mask(replace(results, estimates=doubted)).estimates for c in e.cautions}
    assert said == {few.replace("3 events", "masked events")}
    kept = masked.find("hazard", "recommended")
    assert [e.estimate for e in kept] == [e.estimate for e in results.find("hazard", "recommended")]


@pytest.mark.parametrize(("one", "other"), [("at_risk", 101), ("events", 41)])
def test_two_analyses_of_the_same_people_do_not_tell_whom_one_leaves_out(results, one, other):
    """105 patients with 44 events, and 101 with 41 where some had no follow-up: 4 and 3 are few."""
    of_all = Estimate(
        "q", "all", "as_published", "median", group="g", unit="months", estimate=20.0,
        **{"at_risk": 105, "events": 44},
    )  # fmt: skip
    of_some = replace(of_all, analysis="some", style="recommended", **{one: other})
    masked = mask(replace(results, questions=("q",), estimates=(of_all, of_some)))
    shown = {getattr(e, one) for e in masked.estimates}
    assert not {getattr(of_all, one), other} <= shown
    assert [e.estimate for e in masked.estimates] == [20.0, 20.0]


def test_populations_do_not_tell_how_many_they_are(results):
    sized = Estimate(
        "q", "a", "as_published", "share", "all (n = 153)", estimate=0.1, at_risk=100, events=10
    )
    left_out = replace(sized, style="recommended", population="all (n = 151)")
    masked = mask(replace(results, estimates=(sized, left_out)))
    assert {e.population for e in masked.estimates} == {"all"}


def test_days_ages_and_intervals_are_not_taken_for_people(results):
    told = Estimate(
        "q", "a", "recommended", "median", unit="months", estimate=20.0, at_risk=100,
        note="conditional on being alive at day 3; 3 without follow-up, left out",
    )  # fmt: skip
    age = Comparison("age", "58 years", "58 years", "equal", "58 years (3 to 60)", analysis="b")
    few = Estimate("q", "c", "recommended", "share", estimate=0.03, at_risk=100, events=3)
    masked = mask(replace(results, estimates=(told, few), published=(age,)))
    assert masked.estimates[0].note == (
        "conditional on being alive at day 3; masked without follow-up, left out"
    )
    assert masked.published[0].recommended == "58 years (3 to 60)"


def test_contrasts_of_masked_groups_are_withheld(masked):
    (untreated, _) = masked.find("sre_by_therapy", "as_published")
    assert untreated.events is None
    for e in masked.find("sre_odds"):
        assert e.estimate is None
        assert e.p_value is None


def test_what_needs_no_masking_stays(masked, results):
    for analysis in ("bone_metastases", "stage_iv"):
        assert masked.find(analysis) == results.find(analysis)
    for analysis in ("hazard", "overall_survival"):
        shown = [replace(e, at_risk=None, events=None) for e in masked.find(analysis)]
        assert shown == [replace(e, at_risk=None, events=None) for e in results.find(analysis)]


def test_a_published_figure_stays_what_was_obtained_goes(masked, results):
    before = next(c for c in results.published if c.analysis == "sre_by_therapy")
    after = next(c for c in masked.published if c.figure == before.figure)
    assert after.printed == before.printed
    assert (after.obtained, after.obtained_count, after.verdict) == ("", "", "masked")


def test_a_recommended_answer_is_withheld_only_where_its_estimate_is(masked):
    recommended = {c.figure: c.recommended for c in masked.published}
    assert recommended["bone metastases among stage IV at diagnosis"] == "34.4 % (29.3–39.9)"
    assert recommended["skeletal events without antiresorptive"] == ""


def test_the_sources_stay_in_the_centre(masked):
    assert masked.provenance.sources == ()


def test_what_is_not_releasable_stays_in_the_centre(results):
    estimates = (replace(results.estimates[0], releasable=False), *results.estimates[1:])
    assert mask(replace(results, estimates=estimates)).estimates[0] != estimates[0]
    assert len(mask(replace(results, estimates=estimates)).estimates) == len(estimates) - 1


def test_a_limit_of_one_masks_nothing(results):
    released = mask(replace(results, small_cell_limit=1))
    assert released.estimates == results.estimates
    assert released.counts == results.counts


def test_a_group_that_holds_two_others_does_not_give_them_away(results):
    share = next(e for e in results.estimates if e.analysis == "bone_metastases")
    numbers = {"bone": (105, 49), "other": (200, 3), "stage IV": (305, 52)}
    groups = tuple(
        replace(share, group=g, at_risk=n, events=d) for g, (n, d) in numbers.items()
    )  # fmt: skip
    masked = mask(replace(results, estimates=groups)).estimates
    assert masked[1].events is None
    assert sum(e.events is None for e in masked) >= 2


def test_a_group_and_the_two_it_holds_have_no_sum(results):
    """41 + 40 + 81 is nobody's number: tied so, no masked 81 could ever be safe enough."""
    share = next(e for e in results.estimates if e.analysis == "bone_metastases")
    numbers = {"bone": (105, 41), "other": (200, 40), "stage IV": (305, 81)}
    groups = [replace(share, group=g, at_risk=n, events=d) for g, (n, d) in numbers.items()]
    counts = tied_counts(replace(results, estimates=tuple(groups), counts=(), baseline=())).counts
    totals = {counts.value(s.total) for s in counts.sums}
    assert {81, 305} <= totals
    assert not {162, 610} & totals


def test_events_between_two_fixed_times_are_counts_too(results):
    at = next(e for e in results.estimates if e.analysis == "survival_at")
    earlier = replace(at, group="x", events=20, at_risk=60, time_days=1000.0)
    later = replace(at, group="x", events=22, at_risk=40, time_days=1100.0)
    masked = mask(replace(results, estimates=(earlier, later)))
    assert [e.events for e in masked.estimates].count(None) >= 1


def test_the_flag_is_on_every_page(planted, tmp_path):
    written = write_report(planted, tmp_path, mask=True)
    for page in PdfReader(written["pdf"]).pages:
        assert "Small cells masked" in page.extract_text()
    soup = BeautifulSoup(written["html"].read_text("utf-8"), "lxml")
    printed = [s.text for s in soup.select("style") if "@top-right" in s.text]
    assert len(printed) == 1
    assert "Small cells masked" in printed[0]
    assert "Small cells masked" in soup.select_one("header .mark").text
    with zipfile.ZipFile(written["docx"]) as package:
        headers = [n for n in package.namelist() if "header" in n]
        assert any(b"Small cells masked" in package.read(n) for n in headers)
    for svg in written["figures"].glob("*.svg"):
        assert "Small cells masked" in svg.read_text("utf-8")


@given(st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=3), min_size=2, max_size=4))
@settings(max_examples=60)
def test_no_table_of_counts_can_be_solved(table):
    """Solve rows and columns with their printed sums for each small count: it must stay free."""
    width = min(map(len, table))
    table = [row[:width] for row in table]
    table = [[*row, sum(row)] for row in table]
    table.append([sum(column) for column in zip(*table, strict=True)])
    names = [*(f"r{i}" for i in range(len(table) - 1)), "all"]
    columns = [*(f"c{j}" for j in range(width)), "all"]
    cells = [
        Count("q", "t", r, c, n)
        for r, row in zip(names, table, strict=True)
        for c, n in zip(columns, row, strict=True)
    ]
    results = Results("t", "", _PROVENANCE, "", ("q",), counts=tuple(cells), small_cell_limit=5)
    shown = mask(results).counts
    lines = [[k for k, c in enumerate(cells) if c.row == r] for r in names]
    lines += [[k for k, c in enumerate(cells) if c.column == c_] for c_ in columns]
    hidden = [k for k, c in enumerate(shown) if c.count is None]
    signs = [{k: -1.0 if k == line[-1] else 1.0 for k in line} for line in lines]
    matrix = np.array([[sign.get(k, 0.0) for k in hidden] for sign in signs])
    known = np.array([-sum(sign[k] * (shown[k].count or 0) for k in sign) for sign in signs])
    for at, k in enumerate(hidden):
        if is_small(cells[k].count, 5):
            aim = np.eye(len(hidden))[at]
            low = linprog(aim, A_eq=matrix, b_eq=known)
            high = linprog(-aim, A_eq=matrix, b_eq=known, bounds=(0, 10_000))
            assert low.status == high.status == 0
            assert low.fun <= 1 + 1e-6
            assert -high.fun >= 4 - 1e-6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 patients were never seen", "masked patients were never seen"),
        ("13/48 v 0/57", "13/48 v 0/57"),
        ("3/48", "masked"),
        ("46/48", "masked"),
        ("a lag of 3 months, at 95 %", "a lag of 3 months, at 95 %"),
        ("grade G2, C17.1, 2025-01-03", "grade G2, C17.1, 2025-01-03"),
        ("4 never converted and are counted", "masked never converted and are counted"),
    ],
)
def test_texts_lose_small_numbers(text, expected):
    from osteon.report.disclosure import _Masking
    from osteon.report.tied_counts import Book

    blank = Results("t", "", _PROVENANCE, "", ())
    assert _Masking(blank, Book(), set(), set(), 5).scrub(text) == expected


def _rows(results):
    for name in ("estimates", "curves", "counts", "baseline", "attrition", "findings"):
        yield from getattr(results, name)


def _leaks(written) -> set[int]:
    texts = list(_texts(written))
    return {
        n for n in PLANTED if any(re.search(rf"(?<![\d.a-f]){n}(?![\d.a-f])", t) for t in texts)
    }


def _texts(written):
    """Everything that a file says to a person or a program, chart data included."""
    for path in written.values():
        for file in [path] if path.is_file() else path.iterdir():
            if file.suffix in (".json", ".csv", ".txt"):
                yield file.read_text("utf-8")
            elif file.suffix == ".svg":
                yield BeautifulSoup(file.read_text("utf-8"), "xml").get_text(" ")
            elif file.suffix == ".html":
                yield from _html_texts(file.read_text("utf-8"))
            elif file.suffix == ".pdf":
                yield " ".join(p.extract_text() for p in PdfReader(file).pages)
            elif file.suffix == ".docx":
                with zipfile.ZipFile(file) as package:
                    for name in package.namelist():
                        if name.endswith(".xml"):
                            yield BeautifulSoup(package.read(name), "xml").get_text(" ")


def _html_texts(text):
    soup = BeautifulSoup(text, "lxml")
    for script in soup.select("script"):
        if script.get("type") == "application/json":
            yield script.string
    yield from (tag["aria-label"] for tag in soup.select("[aria-label]"))
    for tag in soup.select("script, style"):
        tag.extract()
    yield soup.get_text(" ")


def test_a_comparison_is_printed_where_its_estimate_is(results):
    share = Estimate("pattern", "p", "as_published", "share", group="blastic", estimate=61 / 105,
                     at_risk=105, events=61)  # fmt: skip
    few = replace(share, group="lytic", estimate=3 / 105, events=3)
    mixed = replace(share, group="mixed", estimate=12 / 105, events=12)
    blastic = Comparison("blastic", "58%", "58%", "equal", obtained_count="61/105", analysis="p", group="blastic")  # fmt: skip
    lytic = Comparison("lytic", "3%", "3%", "equal", obtained_count="3/105", analysis="p", group="lytic")  # fmt: skip
    masked = mask(
        replace(results, estimates=(share, few, mixed), counts=(), published=(blastic, lytic))
    ).published
    assert [c.verdict for c in masked] == ["equal", "masked"]
    assert [c.obtained for c in masked] == ["58%", ""]


def test_an_interval_without_width_goes_with_its_count(results):
    mean = Estimate("survival", "rmst", "recommended", "mean time alive", group="few", unit="months",
                    estimate=60.0, conf_low=60.0, conf_high=60.0, at_risk=3, time_days=1826.0)  # fmt: skip
    many = replace(mean, group="many", estimate=50.0, conf_low=48.0, conf_high=52.0, at_risk=90)
    apart = replace(many, group="few", contrast="many", estimate=10.0, at_risk=None)
    masked = mask(replace(results, estimates=(mean, many, apart))).estimates
    assert [e.estimate for e in masked] == [None, 50.0, None]


def test_a_headline_with_masked_counts_is_a_sentence(results):
    few = Estimate("q", "c", "recommended", "share", estimate=0.03, at_risk=100, events=3)
    headline = "458 patients, 3 with stage IV; 3 of the 100 studied have bone metastasis."
    masked = mask(replace(results, estimates=(few,), population=headline))
    assert masked.population == (
        "458 patients. Counts are masked in this report: fewer than 5 patients, and numbers that "
        "would tell them."
    )
