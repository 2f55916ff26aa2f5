"""One patient: the true course, and what the centre gets to see and writes down of it."""

from __future__ import annotations

from osteon.simulate.course import Course, draw_course
from osteon.simulate.draws import Draws
from osteon.simulate.exams import plan_exams
from osteon.simulate.model import Records
from osteon.simulate.records import Metastasis, Patient, Treatment
from osteon.simulate.scenario import Scenario
from osteon.simulate.therapy import (
    BoneCare,
    antiresorptive_courses,
    bone_care,
    other_events,
    radiotherapies,
    tumour_treatments,
)
from osteon.simulate.visits import decisions, labs, statuses, visit_days

STAGE_WINDOW_DAYS = 120


def simulate_patient(scenario: Scenario, number: int) -> Patient | None:
    """Simulate patient ``number`` of a scenario; None if they never reach the centre.

    The same scenario and number always give the same patient.

    Examples
    --------
    >>> from osteon.simulate import Scenario
    >>> scenario = Scenario.load("null_drug")
    >>> numbers = range(50)
    >>> seen = [p for n in numbers if (p := simulate_patient(scenario, n))]
    >>> all(p.course.first_visit <= p.last_contact for p in seen)
    True
    """
    course = draw_course(scenario, number)
    if course is None:
        return None
    end = min(course.death, course.lost)
    care = bone_care(
        scenario,
        course,
        plan_exams(scenario, course, end - 1, Draws(scenario.seed, number, "schedule")),
        end,
    )
    visits = Draws(scenario.seed, number, "visits")
    days = visit_days(scenario, course, end, visits)
    records = Draws(scenario.seed, number, "records")
    events = [*care.events, *other_events(scenario, course, care.bm, end, records)]
    return Patient(
        course=course,
        last_contact=end,
        death=course.death if course.death <= course.lost else None,
        diagnosis_precision=_diagnosis_precision(scenario.records, course, records),
        grade=_unless(scenario.records.grade_missing_share, course.grade, records),
        ki67=_unless(scenario.records.ki67_missing_share, course.ki67, records),
        m_category=_m_category(course, care.bm),
        stage=_unless(scenario.records.stage_missing_share, course.stage, records),
        metastases=_metastases(course, care.bm, end, records),
        exams=care.exams,
        treatments=_treatments(scenario, course, care, end),
        events=tuple(sorted(events, key=lambda e: e.day)),
        statuses=statuses(scenario, course, days, visits),
        decisions=decisions(course, care.bm, care.start, care.events, end),
        labs=labs(scenario, course, days, care.bm, Draws(scenario.seed, number, "labs")),
    )


def _treatments(
    scenario: Scenario, course: Course, care: BoneCare, end: int
) -> tuple[Treatment, ...]:
    draws = Draws(scenario.seed, course.number, "drugs")
    rows = antiresorptive_courses(scenario, course, care.start, end, draws)
    rows += tumour_treatments(scenario, course, care.exams, end, draws)
    rows += [t for t in radiotherapies(care.events) if t.end is not None and t.end <= end]
    return tuple(sorted(rows, key=lambda t: (t.start, t.substance)))


def _diagnosis_precision(rule: Records, course: Course, draws: Draws) -> str:
    u, delay = draws.uniform(), course.first_visit - course.diagnosis
    if delay > 500 and u < rule.year_precision_share:
        return "year"
    return "month" if delay > 90 and u > 1 - rule.month_precision_share else "day"


def _unless(share: float, value, draws: Draws):
    return None if draws.chance(share) else value


def _m_category(course: Course, bm: int | None) -> str:
    """Write M at diagnosis, with what was found in the first months."""
    if not course.stage_iv:
        return "M0"
    bone = bm is not None and bm <= course.diagnosis + STAGE_WINDOW_DAYS
    elsewhere = bone or any(site != "liver" for site in course.sites)
    if "liver" not in course.sites:
        return "M1b"
    return "M1c" if elsewhere else "M1a"


def _metastases(course: Course, bm: int | None, end: int, draws: Draws) -> tuple[Metastasis, ...]:
    """Sites known at diagnosis, and bone once it was found."""
    rows = [Metastasis(site, course.diagnosis, "diagnosis") for site in course.sites]
    imprecise = draws.chance(0.1)
    if bm is not None and bm <= end:
        rows.append(Metastasis("bone", bm, "month" if imprecise else "day"))
    return tuple(rows)
