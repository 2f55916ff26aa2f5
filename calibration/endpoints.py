"""What the study will find in one simulated patient, worked out from the records alone.

A second, independent reading of the endpoint rules that ``osteon.cohort`` applies to a registry:
the search needs thousands of patients in memory. ``check.py`` proves that both agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from osteon.contracts.protocol import Protocol
from osteon.simulate.exams import counts
from osteon.simulate.records import Exam, Patient, Read
from osteon.vocabulary.bone import SRE_VARIANTS
from osteon.vocabulary.drugs import for_osteoporosis

VISIBLE = ("osteolytic", "osteoblastic", "mixed")


@dataclass(frozen=True)
class Endpoints:
    """One patient's endpoints; days count from diagnosis, None means that it did not happen."""

    number: int
    excluded_by: str
    male: bool
    age_years: float
    stage_iv: bool
    functioning: bool
    one_sign_only: bool
    bm: int | None
    first_seen: str
    out_of_field: bool
    visible_after: int | None
    conversion_days: int | None
    pattern: str
    event: int | None
    event_prevalent: bool
    start: int | None
    osteoporosis_dose: bool
    entry: int
    exit: int
    dead: bool

    @property
    def bm_follow_up(self) -> int:
        """Days from detection of bone metastasis to last contact."""
        return self.exit - (self.bm or 0)

    @property
    def treated(self) -> bool:
        """Antiresorptive before the first SRE, or ever if there was none."""
        return self.start is not None and (self.event is None or self.start < self.event)

    @property
    def started_after_event(self) -> bool:
        """Antiresorptive only after the first SRE."""
        return self.start is not None and not self.treated


def endpoints(patient: Patient, protocol: Protocol) -> Endpoints:
    """Derive the endpoints of one patient under a protocol."""
    course, zero = patient.course, diagnosis_day(patient)
    first = next((e for e in patient.exams if any(counts(r) for r in e.reads)), None)
    bm = first.day if first else None
    event = _first_event(patient, protocol)
    start = _first_antiresorptive(patient, protocol)
    both = [s for s in patient.statuses if s.syndrome == "present" and s.biochemical == "raised"]
    return Endpoints(
        number=course.number,
        excluded_by=_excluded_by(patient, protocol),
        male=course.sex == "male",
        age_years=(zero - course.birth) / 365.25,
        stage_iv=course.stage_iv,
        functioning=bool(both),
        one_sign_only=course.functioning in ("syndrome", "biochemical"),
        bm=None if bm is None else bm - zero,
        first_seen=_first_seen(patient, first) if first else "",
        out_of_field=first is not None and _out_of_field(patient, first),
        visible_after=_visible_after(patient, first) if first else None,
        conversion_days=_conversion_days(patient, first) if first else None,
        pattern=_pattern(patient) if first else "",
        event=None if event is None else event - zero,
        event_prevalent=event is not None and bm is not None and event <= bm,
        start=None if start is None else start - zero,
        osteoporosis_dose=any(t.dose == 60 and t.atc == "M05BX04" for t in patient.treatments),
        entry=course.first_visit - zero,
        exit=patient.last_contact - zero,
        dead=patient.death is not None,
    )


def diagnosis_day(patient: Patient) -> int:
    """Day of diagnosis as the study takes it: the middle of an imprecise date."""
    day = date.fromordinal(patient.course.diagnosis)
    if patient.diagnosis_precision == "day":
        return day.toordinal()
    months = range(day.month, day.month + 1)
    if patient.diagnosis_precision == "year":
        months = range(1, 13)
    first = date(day.year, months[0], 1)
    after = date(day.year + months[-1] // 12, months[-1] % 12 + 1, 1)
    return (first.toordinal() + (after - timedelta(days=1)).toordinal()) // 2


def _excluded_by(patient: Patient, protocol: Protocol) -> str:
    wanted, course = protocol.population, patient.course
    span = wanted.first_visit
    visit = date.fromordinal(course.first_visit)
    fits = {
        "topography": any(map(course.topography.startswith, wanted.topography)),
        "morphology": not wanted.morphology or course.morphology in wanted.morphology,
        "basis": course.basis == "histology" or not wanted.histologically_confirmed,
        "first_visit": (span.start or visit) <= visit <= (span.end or visit),
    }
    return next((name for name, fit in fits.items() if not fit), "")


def _first_event(patient: Patient, protocol: Protocol) -> int | None:
    components = SRE_VARIANTS[protocol.skeletal_event.variant]
    days = [e.day for e in patient.events if e.component in components and e.status == "accepted"]
    return min(days, default=None)


def _first_antiresorptive(patient: Patient, protocol: Protocol) -> int | None:
    days = [
        t.start
        for t in patient.treatments
        if t.atc in protocol.antiresorptive.agents
        and not for_osteoporosis(t.atc, t.dose, t.interval_days)
    ]
    return min(days, default=None)


def _index(first: Exam) -> set[str]:
    return {r.lesion for r in first.reads if counts(r)}


def _reads(patient: Patient, lesions: set[str]) -> list[tuple[Exam, Read]]:
    return [(e, r) for e in patient.exams for r in e.reads if r.lesion in lesions]


def _first_seen(patient: Patient, first: Exam) -> str:
    session = [(e, r) for e, r in _reads(patient, _index(first)) if abs(e.day - first.day) <= 30]
    if any(r.ct == "present" for _, r in session):
        return "morphological"
    looked = {r.lesion for e, r in session if r.ct == "absent" and e.ct_protocol == "diagnostic"}
    return "sstr_only" if looked == _index(first) else "not_assessable"


def _out_of_field(patient: Patient, first: Exam) -> bool:
    """Whether a CT of the session was read as clear though it did not cover every lesion."""
    near = [e for e in patient.exams if e.modality == "ct" and abs(e.day - first.day) <= 30]
    clear = any(e.bone_read == "negative" for e in near)
    return clear and _first_seen(patient, first) == "not_assessable"


def _conversion_days(patient: Patient, first: Exam) -> int | None:
    later = [
        e.day for e, r in _reads(patient, _index(first)) if e.day > first.day and r.ct == "present"
    ]
    return min(later) - first.day if later and _first_seen(patient, first) == "sstr_only" else None


def _visible_after(patient: Patient, first: Exam) -> int | None:
    """Days from detection to the last exam that looked for a correlate and saw none."""
    if _first_seen(patient, first) != "sstr_only":
        return None
    visible = _conversion_days(patient, first)
    clear = [e.day for e in patient.exams if e.modality == "ct" and e.bone_read == "negative"]
    looked = [
        e.day
        for e, r in _reads(patient, _index(first))
        if r.ct == "absent" and e.ct_protocol == "diagnostic"
    ]
    days = [day - first.day for day in (*clear, *looked) if day > first.day]
    return max((day for day in days if visible is None or day < visible), default=0)


def _pattern(patient: Patient) -> str:
    accepted = [(e, r) for e in patient.exams for r in e.reads if r.status == "accepted"]
    latest = {r.lesion: r.pattern for _, r in accepted if r.pattern in VISIBLE}
    for pattern in ("osteolytic", "mixed", "osteoblastic"):
        if pattern in latest.values():
            return pattern
    looked = any(r.ct == "absent" and e.ct_protocol == "diagnostic" for e, r in accepted)
    return "no_correlate" if looked else "not_assessable"
