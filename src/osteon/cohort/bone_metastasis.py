"""Who has bone metastasis, since when, and how it was first seen.

Nothing here is stored in the registry. Each answer is derived from exams and findings:

- a finding *counts* when it is accepted, not benign (SSTR-RADS 1A, 1B, 2), and, if only equivocal
  (SSTR-RADS 3B, or faint uptake), when a reader has accepted it in so many words. Without a status
  an equivocal finding does not count, a clear one does; a rejected one never did;
- it counts *from* the day of its exam, or from the day of its adjudication where that was later:
  before it nobody knew. Each read stands for its own exam: a lesion pending on one scan and
  accepted on the next is detected on the next, and one that a later scan takes back stays detected
  where it was accepted (finding T047 counts those);
- bone metastasis (BM) is *detected* on the first day on which a finding counts, or when it is
  reported, as the protocol's ``evidence`` says; whose metastasis a report is about in a patient with
  several tumours, `osteon.cohort.tumour` says;
- it lies in ``(last adequate negative exam, first positive exam]``: a negative exam is adequate if
  it could have seen a receptor-positive bone lesion and did look at the trunk;
- a patient is *SSTR-only* when, in the session of detection, every lesion that counts was looked
  for and not seen on an adequate morphological exam, CT or MR. Without such an exam, or where BM
  was reported before the session: not assessable;
- an SSTR-only patient *converts* at the first later exam with a correlate; the true time lies
  between the last adequate exam without one and that exam.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed, together
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.bone import BENIGN_RADS, EQUIVOCAL_RADS, SSTR_MODALITIES


def exams_seen(registry: Registry, protocol: Protocol) -> ir.Table:
    """Exams with what each could have shown: ``looked`` at the trunk, ``adequate`` CT or MR."""
    exams = timed(registry, "exams", protocol)
    quality = ibis.ifelse(
        exams.modality == "ct",
        exams.ct_protocol.fill_null("diagnostic"),
        exams.ct_protocol.fill_null("none"),
    )
    by_ct = (
        ["diagnostic", "low_dose"] if protocol.sstr_only.requires == "any_ct" else ["diagnostic"]
    )
    by_mr = ["mri", "sstr_pet_mr"] if protocol.sstr_only.requires == "diagnostic_ct_or_mri" else []
    looked = (exams.field_of_view.fill_null("trunk") != "partial") & (
        exams.bone_read.fill_null("") != "not_read"
    )
    return exams.select(
        "patient_id",
        "exam_id",
        "modality",
        "bone_read",
        time=exams.date,
        earliest=exams.date_earliest,
        latest=exams.date_latest,
        looked=looked,
        adequate_ct=quality.isin(by_ct) & looked,
        adequate_mr=(exams.modality.isin(by_mr) if by_mr else ibis.literal(False)) & looked,
    )


def lesion_reads(exams: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a lesion in an exam, findings that count only, with what was seen on what.

    ``known`` is the day from which the read counts: that of the exam, or of a later adjudication.
    ``positive`` says that the read is evidence of BM under the protocol; ``present`` and
    ``absent`` that the lesion was seen, or looked for and not seen, on a morphological exam that
    the protocol accepts for it.
    """
    findings = timed(registry, "bone_findings", protocol).drop("source_row")
    reads = findings.join(exams, ["patient_id", "exam_id"]).filter(lambda r: _counts(r, protocol))
    seen = {
        "sstr_pet": reads.sstr_uptake.isin(["positive", "equivocal"]).fill_null(False),
        "ct": (reads.ct_correlate == "present").fill_null(False),
        "mri": (reads.mr_correlate == "present").fill_null(False),
    }
    evidence = [seen[e] for e in protocol.bone_metastasis.evidence if e in seen]
    by_mr = ibis.literal(protocol.sstr_only.requires == "diagnostic_ct_or_mri")
    present = seen["ct"] | (seen["mri"] & by_mr)
    morphological = seen["ct"] | seen["mri"]  # an MR correlate is never SSTR-only
    decided = {
        f"known{of}": ibis.greatest(reads[exam], reads[f"adjudicated{of}"].fill_null(reads[exam]))
        for of, exam in (("", "time"), ("_earliest", "earliest"), ("_latest", "latest"))
    }
    absent = ((reads.ct_correlate == "absent") & reads.adequate_ct).fill_null(False) | (
        (reads.mr_correlate == "absent") & reads.adequate_mr
    ).fill_null(False)
    return reads.select(
        "patient_id",
        "exam_id",
        "lesion_id",
        "pattern",
        "time",
        "earliest",
        "latest",
        **decided,
        positive=ibis.or_(ibis.literal(False), *evidence),
        on_sstr=seen["sstr_pet"],
        present=present,
        morphological=morphological,
        absent=absent & ~morphological,
    )


def detection(reads: ir.Table, exams: ir.Table, reported: ir.Table, protocol: Protocol) -> ir.Table:
    """One row a patient with BM: when detected, bounds of its appearance, how first seen.

    Columns
    -------
    bm : days; detection, the first day on which a positive finding or a report counts
    bm_exam : days; exam of the finding that counts first, null if BM was only ever reported
    bm_earliest, bm_latest : days; as ``bm``, the first and last day that imprecise dates may mean
    bm_after : days; last adequate negative exam before detection, null if there is none
    first_seen : "sstr_only", "morphological" or "not_assessable"
    """
    first = _first_positive(reads, reported, protocol)
    first = _left_join(first, _last_negative(first, exams))
    first = _left_join(first, _first_seen(first, reads, exams, protocol))
    return first.mutate(first_seen=first.first_seen.fill_null("not_assessable"))


def conversion(
    detected: ir.Table, reads: ir.Table, exams: ir.Table, protocol: Protocol
) -> ir.Table:
    """One row an SSTR-only patient: bounds of the time at which a correlate became visible.

    Columns, in days since detection; an imprecise date of an exam widens the bounds
    -------
    visible_after : last adequate exam without a correlate; 0 if there was none after detection
    visible_by : first exam with a correlate, null if never seen
    """
    patients = detected.filter(detected.first_seen == "sstr_only").select("patient_id", "bm_exam")
    if protocol.sstr_only.conversion == "same_lesion":
        reads = _index_lesions(patients, reads)
    later = reads.join(patients, "patient_id").filter(lambda r: r.time > r.bm_exam)
    seen = (
        later.filter(later.present)
        .group_by("patient_id")
        .aggregate(seen=lambda r: r.time.min(), seen_latest=lambda r: r.latest.min())
    )
    bounds = _left_join(patients, seen)
    bounds = _left_join(bounds, _last_without_correlate(later, bounds, exams))
    return bounds.select(
        "patient_id",
        visible_after=(bounds.unseen - bounds.bm_exam).fill_null(0.0).clip(lower=0.0),
        visible_by=bounds.seen_latest - bounds.bm_exam,
    )


def unclear(reported: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    """Patients in whom something says "bone metastasis" that the protocol does not take for it.

    An exam read positive without a finding that counts, or a report where the protocol wants
    imaging. Without BM by the protocol they are neither "with" nor "without".
    """
    exams = timed(registry, "exams", protocol)
    positive = exams.filter(exams.bone_read == "positive").select("patient_id", time="date")
    bone = reported.filter(reported.site == "bone").select("patient_id", time="date")
    return (
        together(positive, bone)
        .select("patient_id")
        .distinct()
        .mutate(bone_unclear=ibis.literal(True))
    )


def _first_positive(reads: ir.Table, reported: ir.Table, protocol: Protocol) -> ir.Table:
    """First evidence: a finding from when it counts, or a report where the protocol takes those."""
    positive = reads.filter(reads.positive)
    evidence = positive.select(
        "patient_id", time="known", earliest="known_earliest", latest="known_latest"
    )
    if "reported" in protocol.bone_metastasis.evidence:
        reported = reported.filter(reported.own & (reported.site == "bone")).select(
            "patient_id", time="date", earliest="date_earliest", latest="date_latest"
        )
        evidence = together(evidence, reported)
    first = evidence.group_by("patient_id").aggregate(
        bm=evidence.time.min(),
        bm_earliest=evidence.earliest.min(),
        bm_latest=evidence.latest.min(),
    )
    return _left_join(first, _exam_of_the_first(positive))


def _exam_of_the_first(positive: ir.Table) -> ir.Table:
    """The exam of the finding that counts first; of several, the first exam."""
    first = positive.known.min().over(group_by=positive.patient_id)
    counting_first = positive.mutate(first=first).filter(lambda r: r.known == r.first)
    return counting_first.group_by("patient_id").aggregate(bm_exam=counting_first.time.min())


def _counts(reads: ir.Table, protocol: Protocol) -> ir.BooleanValue:
    pending = ibis.literal(protocol.bone_metastasis.count_pending)
    status = reads.status.fill_null("")
    equivocal = (reads.sstr_rads.fill_null("") == EQUIVOCAL_RADS) | (
        reads.sstr_uptake.fill_null("") == "equivocal"
    )
    undecided = (status == "pending") | ((status == "") & equivocal)
    benign = reads.sstr_rads.fill_null("").isin(BENIGN_RADS)
    return (status != "rejected") & ~benign & (~undecided | pending)


def _last_negative(first: ir.Table, exams: ir.Table) -> ir.Table:
    by = ibis.least(first.bm, first.bm_exam.fill_null(first.bm))
    exams = exams.join(first.select("patient_id", there_by=by), "patient_id")
    negative = (
        exams.modality.isin(SSTR_MODALITIES)
        & exams.looked
        & (exams.bone_read == "negative")
        & (exams.time < exams.there_by)
    )
    return exams.filter(negative).group_by("patient_id").aggregate(bm_after=exams.time.max())


def _first_seen(first: ir.Table, reads: ir.Table, exams: ir.Table, protocol: Protocol) -> ir.Table:
    """How BM was first seen, from every read of its lesions in the session of detection."""
    window = protocol.sstr_only.window_days
    sighted = first.select("patient_id", "bm_exam", "bm")
    session = reads.join(sighted, "patient_id")
    session = session.filter((session.time - session.bm_exam).abs() <= window)
    lesions = session.group_by(["patient_id", "lesion_id"]).aggregate(
        present=session.morphological.any(),
        absent=session.absent.any(),
        on_sstr=session.on_sstr.any(),
        known_before=(session.bm < session.bm_exam - window).any(),
    )
    lesions = _left_join(lesions, _clear_sessions(first, exams, window))
    looked = lesions.absent | lesions.clear.fill_null(False)
    patients = lesions.group_by("patient_id").aggregate(
        any_present=lesions.present.any(),
        all_looked=(looked & lesions.on_sstr & ~lesions.known_before).all(),
    )
    how = ibis.cases(
        (patients.any_present, "morphological"),
        (patients.all_looked, "sstr_only"),
        else_="not_assessable",
    )
    return patients.select("patient_id", first_seen=how)


def _index_lesions(first: ir.Table, reads: ir.Table) -> ir.Table:
    """Every read, at any time, of the lesions that were positive at detection."""
    at = reads.join(first.select("patient_id", "bm_exam"), "patient_id")
    at = at.filter(at.positive, at.time == at.bm_exam).select("patient_id", "lesion_id").distinct()
    return reads.semi_join(at, ["patient_id", "lesion_id"])


def _clear_sessions(first: ir.Table, exams: ir.Table, window_days: float) -> ir.Table:
    """Patients with an adequate morphological exam in the session that found bone clear."""
    exams = _morphological(exams).join(first.select("patient_id", "bm_exam"), "patient_id")
    near = (exams.time - exams.bm_exam).abs() <= window_days
    clear = exams.filter(near, exams.bone_read == "negative")
    return clear.select("patient_id").distinct().mutate(clear=ibis.literal(True))


def _last_without_correlate(later: ir.Table, bounds: ir.Table, exams: ir.Table) -> ir.Table:
    """Last adequate exam, before a correlate was seen, at which the lesions had none."""
    clear = _morphological(exams).filter(lambda e: e.bone_read == "negative")
    looks = together(
        later.filter(later.absent).select("patient_id", "time", "earliest"),
        clear.select("patient_id", "time", "earliest"),
    )
    looks = looks.join(bounds.select("patient_id", "bm_exam", "seen"), "patient_id")
    before = (looks.time > looks.bm_exam) & (
        looks.seen.isnull() | (looks.time < looks.seen).fill_null(True)
    )
    return looks.filter(before).group_by("patient_id").aggregate(unseen=looks.earliest.max())


def _morphological(exams: ir.Table) -> ir.Table:
    return exams.filter(exams.adequate_ct | exams.adequate_mr)


def _left_join(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.left_join(right, "patient_id").drop("patient_id_right")
