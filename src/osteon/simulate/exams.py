"""Scans: when they are done, what they could show, and what the readers write.

A read follows from the lesion's true times and from what the exam could see: receptor imaging of
bone outside the field of view, or a CT of the abdomen only, says nothing. What has once been seen
is looked for, and reported, at every later exam, absent correlates too.
"""

from __future__ import annotations

from dataclasses import replace

from osteon.simulate.course import Course, Lesion
from osteon.simulate.draws import Draws
from osteon.simulate.model import Imaging
from osteon.simulate.records import Event, Exam, Read
from osteon.simulate.scenario import Scenario

READERS = ("RAD-1", "RAD-2", "RAD-3", "NUK-1", "NUK-2")
PET, SPECT, CT, MRI = "sstr_pet_ct", "sstr_spect_ct", "ct", "mri"

# Scintigraphy sees a lesion later than PET; a low-dose CT shows only what is old and plain.
_SPECT_LATER_DAYS = 540
_LOW_DOSE_LATER_DAYS = 365


def plan_exams(scenario: Scenario, course: Course, end: int, draws: Draws) -> list[Exam]:
    """Plan the exams from the first visit to ``end``, and at times one brought from elsewhere."""
    rule = scenario.imaging
    exams = _external(rule, course, draws)
    median = rule.interval_days if course.stage_iv else rule.interval_days_not_stage_iv
    day = course.first_visit + draws.days(0, 28)
    while day <= end:
        exams += [exam for exam in _session(rule, day, draws) if exam.day <= end]
        day += int(draws.log_logistic(median, rule.interval_spread))
        day += draws.days(240, 560) if draws.chance(rule.gap_share) else 0
    return exams


def exam_for_event(scenario: Scenario, course: Course, day: int) -> Exam:
    """Return the exam that a skeletal event brings about: PET/CT here, a CT elsewhere."""
    rule = scenario.imaging
    if day < course.first_visit or day < rule.pet_from.toordinal():
        return Exam(day, CT, "diagnostic", "whole_body")
    return Exam(day, PET, "diagnostic", "whole_body", tracer=rule.tracer)


def mri_for_event(event: Event) -> Exam | None:
    """Return the MRI of the site, where bone has given way or threatens the cord."""
    if event.component not in ("pathological_fracture", "spinal_cord_compression"):
        return None
    return Exam(event.day + 1, MRI, "none", "partial", aimed_at=event.site)


def read_exams(
    scenario: Scenario, number: int, exams: list[Exam], lesions: tuple[Lesion, ...]
) -> tuple[Exam, ...]:
    """Read the exams in order of time, each knowing what the earlier ones had shown."""
    draws = Draws(scenario.seed, number, "reads")
    shown: dict[str, bool] = {}
    bystander = _bystander(scenario.imaging, bool(lesions), draws)
    faint = draws.chance(scenario.imaging.accepted_3b_share)
    done = []
    for exam in sorted(exams, key=lambda e: e.day):
        reads = [r for lesion in lesions if (r := _read(exam, lesion, shown, draws))]
        if faint and reads and reads[0].rads == "4":
            reads[0], faint = replace(reads[0], rads="3B", uptake="equivocal"), False
        if exam.field_of_view != "partial":
            reads += [r for r in bystander if exam.modality == PET or r.rads == "1A"]
        done.append(_reported(exam, reads, draws))
    return tuple(done)


def counts(read: Read) -> bool:
    """Whether a read is evidence of bone metastasis."""
    seen = read.uptake in ("positive", "equivocal") or "present" in (read.ct, read.mr)
    return seen and read.status == "accepted"


def detected(exams: tuple[Exam, ...]) -> int | None:
    """Day of the first exam with a read that counts."""
    return next((e.day for e in exams if any(counts(r) for r in e.reads)), None)


def _external(rule: Imaging, course: Course, draws: Draws) -> list[Exam]:
    brings, when = draws.chance(rule.external_share), draws.days(20, 300)
    day = course.first_visit - when
    if not brings or day < course.diagnosis + 60:
        return []
    if day >= rule.pet_from.toordinal() and draws.chance(0.5):
        return [Exam(day, PET, "low_dose", "trunk", tracer=rule.tracer)]
    return [Exam(day, CT, "diagnostic", "trunk")]


def _session(rule: Imaging, day: int, draws: Draws) -> list[Exam]:
    """One appointment: PET/CT, at times with a CT soon after, or CT alone, at times with MRI."""
    pet, low_dose = draws.chance(rule.pet_share), draws.chance(rule.low_dose_share)
    whole_body, companion = draws.chance(rule.whole_body_share), draws.uniform()
    later, mri = draws.days(3, 21), draws.chance(rule.abdominal_mri_share)
    if not pet:
        exams = [Exam(day, CT, "diagnostic", "trunk")]
    elif day < rule.pet_from.toordinal():
        exams = [Exam(day, SPECT, "low_dose", "trunk", tracer="111In-pentetreotide")]
    else:
        exams = [
            Exam(
                day,
                PET,
                "low_dose" if low_dose else "diagnostic",
                "whole_body" if whole_body else "trunk",
                tracer=rule.tracer,
            )
        ]
    if exams[0].ct_protocol == "low_dose" and companion < rule.companion_ct_share:
        exams.append(Exam(day + later, CT, "diagnostic", "trunk"))
    if mri:
        exams.append(Exam(day + later + 1, MRI, "none", "partial", bone_read="not_read"))
    return exams


def _looks_at(exam: Exam, site: str) -> bool:
    if exam.field_of_view == "partial":
        return site == exam.aimed_at
    return site != "skull" or exam.field_of_view == "whole_body"


def _read(exam: Exam, lesion: Lesion, shown: dict[str, bool], draws: Draws) -> Read | None:
    """Read one lesion; ``shown`` tells of each known lesion whether a CT has shown it before."""
    if not _looks_at(exam, lesion.site):
        return None
    uptake, ct, mr = _uptake(exam, lesion), _on_ct(exam, lesion, shown), _on_mr(exam, lesion)
    seen = uptake == "positive" or "present" in (ct, mr)
    if not seen and lesion.name not in shown:
        return None
    shown[lesion.name] = shown.get(lesion.name, False) or ct == "present"
    pattern = {"present": lesion.pattern, "absent": "no_correlate"}.get(ct, "not_assessable")
    if ct == "absent" and exam.ct_protocol == "low_dose":
        pattern = "not_assessable"
    return Read(
        lesion=lesion.name,
        site=lesion.site,
        uptake=uptake,
        ct=ct,
        mr=mr,
        pattern=pattern,
        rads=_rads(exam, uptake, ct),
        suv_max=_suv(uptake, draws) if exam.modality == PET else None,
        hu_mean=_density(lesion.pattern, draws) if ct == "present" else None,
        status="accepted",
    )


def _uptake(exam: Exam, lesion: Lesion) -> str:
    if exam.modality not in (PET, SPECT):
        return "not_assessed"
    later = _SPECT_LATER_DAYS if exam.modality == SPECT else 0
    visible = lesion.sstr_visible is not None and lesion.sstr_visible + later <= exam.day
    return "positive" if visible else "negative"


def _on_ct(exam: Exam, lesion: Lesion, shown: dict[str, bool]) -> str:
    if exam.ct_protocol == "none":
        return "not_assessable"
    if exam.ct_protocol == "diagnostic":
        return "present" if lesion.ct_visible <= exam.day else "absent"
    if shown.get(lesion.name):
        return "present"
    plain = lesion.ct_visible + _LOW_DOSE_LATER_DAYS <= exam.day
    if plain and lesion.name not in shown:
        return "present"
    return "not_assessable" if exam.day % 2 else "absent"


def _on_mr(exam: Exam, lesion: Lesion) -> str:
    """Read marrow on MR, which sees a lesion as early as receptor imaging does."""
    if exam.modality != MRI:
        return ""
    first = min(lesion.ct_visible, lesion.sstr_visible or lesion.ct_visible)
    return "present" if first <= exam.day else "absent"


def _rads(exam: Exam, uptake: str, ct: str) -> str:
    if exam.modality != PET:
        return ""
    if uptake == "positive":
        return "5" if ct == "present" else "4"
    return "3D" if ct == "present" else ""


def _suv(uptake: str, draws: Draws) -> float:
    median = 11.0 if uptake == "positive" else 1.6
    return round(median * 2 ** (2 * draws.uniform() - 1), 1)


def _density(pattern: str, draws: Draws) -> float:
    """Mean HU; untreated blastic metastases lie below 885 (Ulano 2016)."""
    low, high = {"osteoblastic": (420, 860), "mixed": (180, 520)}.get(pattern, (20, 150))
    return float(draws.days(low, high))


def _bystander(rule: Imaging, has_lesions: bool, draws: Draws) -> list[Read]:
    """Return what is in bone but not metastasis: an equivocal focus, a bone island."""
    equivocal, island = draws.chance(rule.equivocal_share), draws.chance(rule.enostosis_share)
    status = "pending" if draws.chance(0.4) else "rejected"
    suv, hu = round(2.5 + 2 * draws.uniform(), 1), float(draws.days(960, 1400))
    reads = []
    if equivocal and not has_lesions:
        reads.append(
            Read("F1", "rib", "equivocal", "absent", "", "no_correlate",
                 "3B", suv, None, status)
        )  # fmt: skip
    if island:
        reads.append(
            Read("E1", "pelvis", "negative", "present", "", "osteoblastic",
                 "1A", None, hu, "rejected")
        )  # fmt: skip
    return reads


def _reported(exam: Exam, reads: list[Read], draws: Draws) -> Exam:
    activity, reader = draws.days(85, 165), READERS[draws.days(0, len(READERS) - 1)]
    if exam.bone_read == "not_read":
        return replace(exam, reader=reader)
    bone = "positive" if any(counts(r) for r in reads) else "negative"
    if bone == "negative" and any(r.status == "pending" for r in reads):
        bone = "equivocal"
    return replace(
        exam,
        bone_read=bone,
        injected_mbq=float(activity) if exam.tracer else None,
        reader=reader,
        reads=tuple(_on_this_exam(r, exam) for r in reads),
    )


def _on_this_exam(read: Read, exam: Exam) -> Read:
    """A low-dose CT cannot tell; a CT alone says nothing of uptake."""
    if read.lesion in ("F1", "E1") and exam.ct_protocol != "diagnostic":
        return replace(read, ct="not_assessable", pattern="not_assessable", hu_mean=None)
    if read.lesion == "E1" and exam.modality == CT:
        return replace(read, uptake="not_assessed", rads="")
    return read
