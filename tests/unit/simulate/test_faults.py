"""Every kind of fault is planted, is found by a rule, and costs nobody in the population a place."""

from __future__ import annotations

import pytest

from osteon.registry import Registry, check, import_deliveries
from osteon.simulate import Scenario, draw_centre, simulate
from osteon.sources import deliver, read_mapping

FOUND_BY = {
    "death_before_last_contact": "T010",
    "treatment_ends_before_start": "T051",
    "bone_metastasis_with_m0": "T034",
    "grade_against_ki67": "T037",
    "unreadable_date": "S003",
    "unknown_code": "S010",
    "orphan_rows": "T004",
    "repeated_patient": "S004",
    "contradicting_patient": "S005",
    "event_without_bone_metastasis": "T060",
    "exam_after_death": "T020",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return simulate("essen_sinet_2025", tmp_path_factory.mktemp("sinet"))


@pytest.fixture(scope="module")
def registry(demo, tmp_path_factory):
    path = tmp_path_factory.mktemp("registry") / "centre.duckdb"
    with Registry.create(path) as opened:
        import_deliveries(opened, [deliver(e.path, read_mapping(e.mapping)) for e in demo.exports])
        yield opened


def test_as_many_are_planted_as_the_scenario_says(demo):
    asked = Scenario.load("essen_sinet_2025").faults.model_dump(exclude={"topography"})
    assert demo.faults == asked
    assert demo.faults.keys() == FOUND_BY.keys()


@pytest.mark.parametrize(("kind", "rule"), FOUND_BY.items())
def test_each_kind_is_found(registry, kind, rule):
    assert rule in {finding.rule for finding in check(registry).findings}


def test_who_is_excluded_is_nobody_of_the_population(registry):
    people = draw_centre(Scenario.load("essen_sinet_2025"))
    excluded = set(registry.excluded().to_pandas().patient_id)
    assert excluded
    assert {
        (people[i].course.topography == "C17.0")
        or not any(e.bone_read == "positive" for e in people[i].exams)
        for i in excluded
    } == {True}
