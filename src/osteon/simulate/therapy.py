"""Antiresorptives and skeletal-related events, which act on each other, and tumour treatment.

An SRE comes when the cumulative hazard since the first lesion could be seen on CT reaches an
exponential number; an antiresorptive, once started, multiplies the hazard. An SRE before any scan
has shown bone metastasis leads to the scan that does (prevalent), and often to the drug's start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from osteon.simulate.course import Course, Lesion
from osteon.simulate.draws import LN2, Draws
from osteon.simulate.exams import (
    PET,
    SPECT,
    detected,
    exam_for_event,
    mri_for_event,
    read_exams,
)
from osteon.simulate.model import Antiresorptive, SkeletalEvent
from osteon.simulate.records import Event, Exam, Treatment
from osteon.simulate.scenario import Scenario

# First use: PRRT in Europe's centres, denosumab 120 mg, everolimus for NET (EU approvals 2011).
_PRRT_FROM = date(2004, 1, 1).toordinal()
_DENOSUMAB_FROM = date(2011, 7, 15).toordinal()
_EVEROLIMUS_FROM = date(2011, 8, 24).toordinal()


@dataclass(frozen=True)
class BoneCare:
    """What happened around bone: exams, SREs, and from when an antiresorptive was given."""

    exams: tuple[Exam, ...]
    bm: int | None
    start: int | None
    events: tuple[Event, ...]


def bone_care(scenario: Scenario, course: Course, planned: list[Exam], end: int) -> BoneCare:
    """Scan, treat, and let SREs happen, until ``end``."""
    draws = Draws(scenario.seed, course.number, "bone_care")
    exams = read_exams(scenario, course.number, planned, course.lesions)
    bm = detected(exams)
    start = _planned_start(scenario.antiresorptive, bm, draws)
    event = _first_event(scenario, course, start, draws)
    triggered, wait = draws.chance(scenario.antiresorptive.after_event_share), draws.days(9, 75)
    if event is None or event > end - 15:
        return BoneCare(exams, bm, _if_by(end, start), ())
    later = event + draws.days(2, 12)
    events = _events(scenario.skeletal_event, event, _event_lesion(course, event), end, draws)
    because = [mri for e in events if (mri := mri_for_event(e)) and mri.day < end]
    if bm is None or bm >= event:
        because.append(exam_for_event(scenario, course, later))
    exams = read_exams(scenario, course.number, [*planned, *because], course.lesions)
    if start is None or event < start:
        start = event + wait if triggered else None
    return BoneCare(exams, detected(exams), _if_by(end, start), events)


def other_events(
    scenario: Scenario, course: Course, bm: int | None, end: int, draws: Draws
) -> list[Event]:
    """Return what is written down but is no SRE: fragility fractures, pending and rejected events.

    Hypercalcaemia is one in some definitions only.
    """
    rule, events = scenario.skeletal_event, []
    fragile, uncertain = draws.chance(rule.fragility_share), draws.chance(rule.not_counted_share)
    day, status = draws.uniform(), "pending" if draws.chance(0.5) else "rejected"
    day = course.first_visit + 10 + int(day * (end - course.first_visit - 10))
    if end - course.first_visit < 60:
        return []
    if fragile:
        events.append(Event(day, "fragility_fracture", "radius", "", "symptom", precision="month"))
    if uncertain and bm is not None and bm + 30 < end:
        events.append(_not_counted((bm + end) // 2, course.lesions[0].site, status))
    return events


def _not_counted(day: int, site: str, status: str) -> Event:
    if day % 3 == 0:
        return Event(day, "hypercalcaemia", "", "", "scheduled_imaging")
    return Event(day, "pathological_fracture", site, "", "scheduled_imaging", status)


def antiresorptive_courses(
    scenario: Scenario, course: Course, start: int | None, end: int, draws: Draws
) -> list[Treatment]:
    """Write the antiresorptive down: denosumab as a course, zoledronate as administrations."""
    rule = scenario.antiresorptive
    denosumab, stop = draws.chance(rule.denosumab_share), draws.weibull(rule.stop_median_days, 1.0)
    interval = 84 if draws.chance(0.35) else 28
    osteoporosis = draws.chance(rule.osteoporosis_share)
    begin = max(course.first_visit + draws.days(30, 900), _DENOSUMAB_FROM)
    if start is None:
        return _osteoporosis_dose(begin, end) if osteoporosis and begin < end else []
    last = min(start + int(stop), end)
    goes_on = last == end
    supplement = Treatment(
        "drug", "Colecalciferol", "A11CC05", 1000.0, "IE", 1, start, None if goes_on else last
    )
    if denosumab and start >= _DENOSUMAB_FROM:
        end_day = None if goes_on else last
        course_ = Treatment("drug", "Denosumab", "M05BX04", 120.0, "mg", 28, start, end_day)
        return [replace(course_, end_reason="" if goes_on else "abgeschlossen"), supplement]
    days = range(start, min(last, start + 30 * interval) + 1, interval)
    given = [Treatment("drug", "Zoledronat", "M05BA08", 4.0, "mg", interval, d, d) for d in days]
    return [*given, supplement]


def tumour_treatments(
    scenario: Scenario, course: Course, exams: tuple[Exam, ...], end: int, draws: Draws
) -> list[Treatment]:
    """Return everything given for the tumour itself; PRRT only once receptors have been seen."""
    rule, iv = scenario.treatment, course.stage_iv
    analogue, prrt = draws.chance(rule.ssa_share), draws.chance(rule.prrt_share)
    operated, everolimus = draws.chance(rule.surgery_share), draws.chance(rule.everolimus_share)
    sirt, lanreotide = draws.chance(rule.sirt_share), draws.chance(0.6)
    begin = course.diagnosis + draws.days(14, 120)
    prrt_day = course.first_visit + int(draws.weibull(rule.prrt_median_days, 1.0))
    receptors = next((e.day for e in exams if e.modality in (PET, SPECT)), end)
    prrt_day = max(prrt_day, receptors + 20)
    later = course.first_visit + draws.days(200, 2500)
    rows = []
    if operated:
        rows.append(_once("surgery", "Primaertumorresektion", course.diagnosis + draws.days(5, 60)))
    if (iv and analogue) or (course.functioning == "both"):
        name, atc, dose = (
            ("Lanreotid", "H01CB03", 120.0) if lanreotide else ("Octreotid", "H01CB02", 30.0)
        )
        precision = "month" if begin < course.first_visit - 60 else "day"
        rows.append(Treatment("drug", name, atc, dose, "mg", 28, begin, None, precision=precision))
    if iv and prrt and prrt_day >= _PRRT_FROM:
        for cycle in range(draws.days(2, 4)):
            rows.append(
                replace(
                    _once("prrt", "177Lu-DOTATATE", prrt_day + cycle * 63),
                    atc="V10XX04",
                    dose=float(draws.days(6900, 7700)),
                    dose_unit="MBq",
                )
            )
    if iv and everolimus and later >= _EVEROLIMUS_FROM:
        rows.append(
            Treatment("drug", "Everolimus", "L01EG02", 10.0, "mg", 1, later, later + 250, "PD")
        )
    if "liver" in course.sites and sirt:
        rows.append(_once("sirt", "90Y-SIRT", later + 30))
    return [row for row in rows if row.start <= end and (row.end is None or row.end <= end)]


def radiotherapies(events: tuple[Event, ...]) -> list[Treatment]:
    """Return the radiotherapy behind each event that is one."""
    return [
        Treatment("radiotherapy", f"Bestrahlung {e.site}", "", 30.0, "Gy", None, e.day, e.day + 14)
        for e in events
        if e.component == "radiation_to_bone"
    ]


def _planned_start(rule: Antiresorptive, bm: int | None, draws: Draws) -> int | None:
    treated = draws.chance(rule.treated_share)
    wait = 7 + int(draws.weibull(rule.start_median_days, rule.start_shape))
    return None if bm is None or not treated else bm + wait


def _first_event(scenario: Scenario, course: Course, start: int | None, draws: Draws) -> int | None:
    """Invert the cumulative hazard of the first SRE, which falls (or not) when the drug starts."""
    rule = scenario.skeletal_event
    at_event = draws.exponential()
    if not course.lesions:
        return None
    weak_from = min(lesion.ct_visible for lesion in course.lesions)
    scale = LN2 * max(rule.hazard_ratio_pattern[lesion.pattern] for lesion in course.lesions[:2])
    if start is not None:
        at_start = scale * (max(start - weak_from, 0) / rule.median_days) ** rule.shape
        if at_event > at_start:
            effect = max(scenario.antiresorptive.hazard_ratio, 1e-9)
            at_event = at_start + (at_event - at_start) / effect
    days = rule.median_days * (at_event / scale) ** (1 / rule.shape)
    if days > 40_000:
        return None
    # A fracture that leads to the diagnosis is written down with it.
    return max(weak_from + 1 + int(days), course.diagnosis + 1)


def _event_lesion(course: Course, day: int) -> Lesion:
    """Return the lesion that gives way: a lytic one before a mixed before a blastic one."""
    order = {"osteolytic": 0, "mixed": 1, "osteoblastic": 2}
    weak = [lesion for lesion in course.lesions if lesion.ct_visible < day]
    return min(weak, key=lambda lesion: (order[lesion.pattern], lesion.onset))


def _events(
    rule: SkeletalEvent, day: int, lesion: Lesion, end: int, draws: Draws
) -> tuple[Event, ...]:
    """Return the first SRE, at times with a second component soon after, or a later SRE."""
    first, second = draws.pick(rule.component), draws.pick(rule.component)
    clustered, recurrent = draws.chance(rule.clustered_share), draws.chance(rule.recurrent_share)
    soon, later = day + draws.days(1, 14), day + draws.days(120, 600)
    events = [Event(day, first, lesion.site, lesion.name, "symptom")]
    if clustered and second != first and soon <= end:
        events.append(Event(soon, second, lesion.site, lesion.name, "symptom"))
    if recurrent and later <= end:
        events.append(Event(later, second, lesion.site, lesion.name, "scheduled_imaging"))
    return tuple(events)


def _osteoporosis_dose(begin: int, end: int) -> list[Treatment]:
    last = min(begin + 3 * 182, end)
    return [Treatment("drug", "Denosumab", "M05BX04", 60.0, "mg", 182, begin, last)]


def _if_by(end: int, day: int | None) -> int | None:
    return day if day is not None and day <= end else None


def _once(kind: str, name: str, day: int) -> Treatment:
    return Treatment(kind, name, "", None, "", None, day, day)
