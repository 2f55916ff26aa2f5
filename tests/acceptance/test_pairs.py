"""A figure is never printed alone: both sides stand beside each other, or words say why not.

Whatever the protocol's time zero, comparator, entry and denominators, and whatever the source does
not tell.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from osteon.cohort import build_cohort
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import NO_COUNTERPART, Results
from osteon.registry import Registry, import_deliveries
from osteon.sources import deliver, read_mapping
from osteon.study import run_study
from osteon.study.run import ANALYSES

PAIR = {"as_published", "recommended"}
ZEROS = ("diagnosis", "first_visit", "stage_iv", "bone_metastasis")
WITHOUT_ESTIMATES = {"baseline"}


@pytest.fixture(scope="module")
def registry(centre, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "centre.duckdb"
    Registry.create(path).close()
    import_deliveries(path, [deliver(e.path, read_mapping(e.mapping)) for e in centre.exports])
    return path


def cohort_under(registry: Path, **settings: dict[str, Any]):
    protocol = Protocol.load("essen_sinet_2025").model_dump(mode="json", by_alias=True)
    for section, changed in {"bootstrap": {"replicates": 2}, **settings}.items():
        protocol[section] |= changed
    with Registry.open(registry, read_only=True) as opened:
        return build_cohort(opened, Protocol.model_validate(protocol))


def alone(results: Results) -> list[str]:
    """Figures with one side and no word, and analyses that vanished."""
    found = []
    for analysis in ANALYSES.values():
        if analysis.question not in results.questions or analysis.name in WITHOUT_ESTIMATES:
            continue
        of = results.find(analysis.name)
        if not of:
            found.append(f"{analysis.name} vanished")
        sides: dict[tuple, set[str]] = {}
        for e in of:
            sides.setdefault((e.group, e.contrast, e.time_days), set()).add(e.style)
            if e.estimate is None and e.conf_low is None and not e.note:
                found.append(f"{analysis.name} {e.style} {e.group}: nothing, and no word")
        found += [
            f"{analysis.name} {figure}: only {styles}"
            for figure, styles in sides.items()
            if styles != {"sensitivity"} and not styles >= PAIR
        ]
    return found


@pytest.mark.parametrize(
    ("zero", "comparator", "entry", "among"),
    [
        (zero, comparator, entry, among)
        for i, (zero, comparator) in enumerate(
            product(ZEROS, ("other_distant_metastases", "all_others"))
        )
        for entry, among in [
            ("first_visit", ("stage_iv_at_diagnosis", "population")[i % 2]),
            ("none", ("population", "stage_iv_at_diagnosis")[i % 2]),
        ]
    ],
)
def test_no_figure_stands_alone(registry, zero, comparator, entry, among):
    cohort = cohort_under(
        registry,
        follow_up={"time_zero": zero, "entry": entry},
        survival={"comparator": comparator},
        bone_metastasis={"among": among},
    )
    assert alone(run_study(cohort)[0]) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"follow_up": {"smallest_risk_set": 400}},
        {"antiresorptive": {"agents": ["X"]}},
        {"survival": {"horizon_months": 400}},
        {"population": {"stage": ["I"]}},
    ],
    ids=["never enough at risk", "nobody treated", "horizon out of reach", "nobody with bone"],
)
def test_no_figure_stands_alone_where_little_can_be_had(registry, settings):
    assert alone(run_study(cohort_under(registry, **settings))[0]) == []


def test_undeclared_exposure_is_told_on_both_sides(registry):
    cohort = replace(cohort_under(registry), antiresorptives_complete=False)
    results = run_study(cohort)[0]
    assert alone(results) == []
    for analysis in ("sre_odds_ratio", "sre_rate", "sre_hazard_ratio"):
        assert all("no record is not 'no'" in e.note for e in results.find(analysis)), analysis


def test_words_of_a_missing_side_are_no_number(demo):
    for e in demo.estimates:
        if e.note.startswith(NO_COUNTERPART):
            assert (e.estimate, e.conf_low, e.p_value, e.at_risk) == (None,) * 4


def test_survival_since_bone_metastasis_has_its_own_curve_on_both_sides(registry):
    """There is nobody to compare with, but that is no reason to leave out who there is."""
    results = run_study(cohort_under(registry, follow_up={"time_zero": "bone_metastasis"}))[0]
    for style in PAIR:
        [bm] = results.find("survival_median", style, "bone metastasis")
        assert bm.estimate is not None
        [other] = results.find("survival_median", style, "other distant metastases")
        assert other.note.startswith("not estimable: nobody of this group")
