from __future__ import annotations

import numpy as np
import pytest

from osteon.simulate import Scenario, simulate_patient
from osteon.simulate.records import Patient

NUMBERS = range(2500)
SRE = (
    "pathological_fracture",
    "radiation_to_bone",
    "surgery_to_bone",
    "spinal_cord_compression",
)


def simulated(scenario: Scenario, **changes: dict) -> list[Patient]:
    parts = {
        part: getattr(scenario, part).model_copy(update=settings)
        for part, settings in changes.items()
    }
    changed = scenario.model_copy(update=parts)
    return [p for n in NUMBERS if (p := simulate_patient(changed, n)) is not None]


def first_event(p: Patient) -> int | None:
    counted = [e.day for e in p.events if e.component in SRE and e.status == "accepted"]
    return min(counted, default=None)


def start(p: Patient) -> int | None:
    doses = [
        t.start for t in p.treatments if t.atc in ("M05BX04", "M05BA08") and t.dose in (120.0, 4.0)
    ]
    return min(doses, default=None)


@pytest.fixture(scope="module")
def null_drug(scenario):
    return simulated(scenario, skeletal_event={"median_days": 3000.0, "shape": 1.0})


def test_a_perfect_drug_lets_no_event_follow_its_start(scenario):
    perfect = simulated(
        scenario,
        antiresorptive={"hazard_ratio": 0.0},
        skeletal_event={"median_days": 3000.0, "recurrent_share": 0.0},
    )
    treated = [p for p in perfect if start(p) is not None]
    assert len(treated) > 200
    assert not [p for p in treated if (first_event(p) or 0) > start(p)]


def test_a_drug_without_effect_leaves_the_rate_as_it_was(null_drug):
    """Person-time after detection, exposure time-dependent, constant hazard: the ratio is 1."""
    events, years = np.zeros(2), np.zeros(2)
    for p in null_drug:
        if not any(e.bone_read == "positive" for e in p.exams):
            continue
        begin = min(lesion.ct_visible for lesion in p.course.lesions)
        pattern = {lesion.pattern for lesion in p.course.lesions[:2]}
        if "osteolytic" in pattern or "mixed" in pattern:
            continue  # one hazard only
        event = first_event(p)
        end = p.last_contact - 15 if event is None else event
        switch = start(p) if start(p) is not None else end
        for exposed, (a, b) in enumerate([(begin, min(switch, end)), (max(switch, begin), end)]):
            years[exposed] += max(b - a, 0) / 365.25
            events[exposed] += event is not None and a < event <= b
    ratio = (events[1] / years[1]) / (events[0] / years[0])
    assert events.min() > 15
    assert 0.7 < ratio < 1.4


def test_lytic_disease_breaks_more(null_drug):
    def share(pattern: str) -> float:
        these = [p for p in null_drug if p.course.lesions]
        these = [p for p in these if {x.pattern for x in p.course.lesions[:2]} == {pattern}]
        return np.mean([first_event(p) is not None for p in these])

    assert share("osteolytic") > 2 * share("osteoblastic")


def test_an_event_before_any_scan_brings_the_scan_that_finds_bone(null_drug):
    found_by_event = 0
    for p in null_drug:
        event = first_event(p)
        if event is None:
            continue
        positive = [e.day for e in p.exams if e.bone_read == "positive"]
        assert min(positive) <= event + 12
        found_by_event += min(positive) > event
    assert found_by_event > 20


def test_events_trigger_starts(null_drug):
    after = [p for p in null_drug if first_event(p) and (start(p) or 0) > first_event(p)]
    assert len(after) > 20
    assert all(start(p) - first_event(p) >= 9 for p in after)


def test_no_substance_before_its_time(null_drug):
    first = {"M05BX04": 734333, "L01EG02": 734373, "V10XX04": 731581}  # ordinals of approval, use
    for p in null_drug:
        assert all(t.start >= first.get(t.atc, 0) for t in p.treatments)
