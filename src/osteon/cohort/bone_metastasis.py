"""Who has bone metastasis, since when, and how it was first seen.

Nothing here is stored in the registry. Each answer is derived from exams and findings:

- a finding *counts* when it is accepted, not benign (SSTR-RADS 1A, 1B, 2), and, if only equivocal
  (SSTR-RADS 3B, or faint uptake), when a reader has accepted it in so many words;
- bone metastasis (BM) is *detected* at the first exam with a finding that counts, or when it is
  reported, as the protocol's ``evidence`` says;
- it lies in ``(last adequate negative exam, first positive exam]``: a negative exam is adequate if
  it could have seen a receptor-positive bone lesion and did look at the trunk;
- a patient is *SSTR-only* when, in the session of detection, every lesion that counts was looked
  for and not seen on an adequate morphological exam. Without such an exam: not assessable;
- an SSTR-only patient *converts* at the first later exam with a correlate; the true time lies
  between the last adequate exam without one and that exam.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import earlier, timed
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.bone import SSTR_MODALITIES

BENIGN = ("1A", "1B", "2")
EQUIVOCAL = "3B"


def lesion_reads(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a lesion in an exam, findings that count only, with what was seen on what.

    ``positive`` says that the read is evidence of BM under the protocol; ``present`` and
    ``absent`` that the lesion was seen, or looked for and not seen, on a morphological exam that
    the protocol accepts for it.
    """
    findings = timed(registry, "bone_findings", protocol).drop("source_row")
    exams = _exams(registry, protocol)
    reads = findings.join(exams, ["patient_id", "exam_id"]).filter(lambda r: _counts(r, protocol))
    seen = {
        "sstr_pet": reads.sstr_uptake.isin(["positive", "equivocal"]),
        "ct": reads.ct_correlate == "present",
        "mri": reads.mr_correlate == "present",
    }
    evidence = [seen[e].fill_null(False) for e in protocol.bone_metastasis.evidence if e in seen]
    by_mr = protocol.sstr_only.requires == "diagnostic_ct_or_mri"
    present = seen["ct"].fill_null(False) | (seen["mri"].fill_null(False) & ibis.literal(by_mr))
    looked = (reads.ct_correlate == "absent") & reads.adequate_ct
    looked_mr = (reads.mr_correlate == "absent") & reads.adequate_mr & ibis.literal(by_mr)
    return reads.mutate(
        positive=ibis.or_(ibis.literal(False), *evidence),
        on_sstr=seen["sstr_pet"].fill_null(False),
        present=present,
        absent=(looked.fill_null(False) | looked_mr.fill_null(False)) & ~present,
    )


def detection(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a patient with BM: when detected, bounds of its appearance, how first seen.

    Columns
    -------
    bm : days; detection, the first positive exam or report
    bm_exam : days; first positive exam, null if BM was only ever reported
    bm_after : days; last adequate negative exam before detection, null if there is none
    first_seen : "sstr_only", "morphological" or "not_assessable"
    """
    reads = lesion_reads(registry, protocol)
    first = reads.filter(reads.positive).group_by("patient_id").aggregate(bm_exam=reads.time.min())
    if "reported" in protocol.bone_metastasis.evidence:
        first = _with_reported(first, registry, protocol)
    else:
        first = first.mutate(bm=first.bm_exam)
    first = _left_join(first, _last_negative(first, registry, protocol))
    first = _left_join(first, _first_seen(first, reads, registry, protocol))
    return first.mutate(first_seen=first.first_seen.fill_null("not_assessable"))


def conversion(detected: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    """One row an SSTR-only patient: bounds of the time at which a correlate became visible.

    Columns, in days since detection
    -------
    visible_after : last adequate exam without a correlate; 0 if there was none after detection
    visible_by : first exam with a correlate, null if never seen
    """
    patients = detected.filter(detected.first_seen == "sstr_only")
    reads = lesion_reads(registry, protocol)
    if protocol.sstr_only.conversion == "same_lesion":
        reads = _index_lesions(patients, reads)
    later = reads.join(patients.select("patient_id", "bm_exam"), "patient_id")
    later = later.filter(later.time > later.bm_exam)
    seen = later.group_by("patient_id").aggregate(seen=later.time.min(where=later.present))
    bounds = _left_join(patients.select("patient_id", "bm_exam"), seen)
    unseen = _exams_without_correlate(later, bounds, registry, protocol)
    bounds = _left_join(bounds, unseen)
    return bounds.select(
        "patient_id",
        visible_after=(bounds.unseen - bounds.bm_exam).fill_null(0.0),
        visible_by=bounds.seen - bounds.bm_exam,
    )


def _exams(registry: Registry, protocol: Protocol) -> ir.Table:
    """Exams with what each could have shown."""
    exams = timed(registry, "exams", protocol).drop("source_row", "reader")
    quality = ibis.ifelse(
        exams.modality == "ct",
        exams.ct_protocol.fill_null("diagnostic"),
        exams.ct_protocol.fill_null("none"),
    )
    enough = (
        ["diagnostic", "low_dose"] if protocol.sstr_only.requires == "any_ct" else ["diagnostic"]
    )
    looked = (exams.field_of_view.fill_null("trunk") != "partial") & (
        exams.bone_read.fill_null("") != "not_read"
    )
    return exams.mutate(
        time=exams.date,
        looked=looked,
        adequate_ct=quality.isin(enough) & looked,
        adequate_mr=exams.modality.isin(["mri", "sstr_pet_mr"]) & looked,
    ).drop("date", "date_precision", "date_earliest", "date_latest")


def _counts(reads: ir.Table, protocol: Protocol) -> ir.BooleanValue:
    pending = ibis.literal(protocol.bone_metastasis.count_pending)
    status = reads.status.fill_null("")
    equivocal = (reads.sstr_rads.fill_null("") == EQUIVOCAL) | (
        reads.sstr_uptake.fill_null("") == "equivocal"
    )
    undecided = (status == "pending") | ((status == "") & equivocal)
    benign = reads.sstr_rads.fill_null("").isin(BENIGN)
    return (status != "rejected") & ~benign & (~undecided | pending)


def _with_reported(first: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    reported = timed(registry, "metastases", protocol)
    reported = reported.filter(
        reported.site == "bone", reported.status.fill_null("accepted") == "accepted"
    )
    reported = reported.group_by("patient_id").aggregate(reported=reported.date.min())
    both = first.outer_join(reported, "patient_id")
    return both.select(
        patient_id=ibis.coalesce(both.patient_id, both.patient_id_right),
        bm_exam=both.bm_exam,
        bm=earlier(both.bm_exam, both.reported),
    )


def _last_negative(first: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    exams = _exams(registry, protocol)
    exams = exams.join(first.select("patient_id", "bm"), "patient_id")
    negative = (
        exams.modality.isin(SSTR_MODALITIES)
        & exams.looked
        & (exams.bone_read == "negative")
        & (exams.time < exams.bm)
    )
    return exams.filter(negative).group_by("patient_id").aggregate(bm_after=exams.time.max())


def _first_seen(
    first: ir.Table, reads: ir.Table, registry: Registry, protocol: Protocol
) -> ir.Table:
    """How BM was first seen, from every read of its lesions in the session of detection."""
    window = protocol.sstr_only.window_days
    index = _index_lesions(first, reads).join(first.select("patient_id", "bm_exam"), "patient_id")
    session = index.filter((index.time - index.bm_exam).abs() <= window)
    lesions = session.group_by(["patient_id", "lesion_id"]).aggregate(
        present=session.present.any(), absent=session.absent.any(), on_sstr=session.on_sstr.any()
    )
    lesions = _left_join(lesions, _clear_sessions(first, registry, protocol))
    looked = lesions.absent | lesions.clear.fill_null(False)
    patients = lesions.group_by("patient_id").aggregate(
        any_present=lesions.present.any(),
        all_looked=(looked & lesions.on_sstr).all(),
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


def _clear_sessions(first: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    """Patients with an adequate morphological exam in the session that found bone clear."""
    exams = _morphological(registry, protocol)
    exams = exams.join(first.select("patient_id", "bm_exam"), "patient_id")
    near = (exams.time - exams.bm_exam).abs() <= protocol.sstr_only.window_days
    clear = exams.filter(near, exams.bone_read == "negative")
    return clear.select("patient_id").distinct().mutate(clear=ibis.literal(True))


def _exams_without_correlate(
    later: ir.Table, bounds: ir.Table, registry: Registry, protocol: Protocol
) -> ir.Table:
    """Last adequate exam, before a correlate was seen, at which the lesions had none."""
    clear = _morphological(registry, protocol).filter(lambda e: e.bone_read == "negative")
    looked = later.filter(later.absent).select("patient_id", "time")
    columns = {"patient_id": "string", "time": "float64"}
    times = looked.cast(columns).union(clear.select("patient_id", "time").cast(columns))
    times = times.join(bounds.select("patient_id", "bm_exam", "seen"), "patient_id")
    before = (times.time > times.bm_exam) & (
        times.seen.isnull() | (times.time < times.seen).fill_null(True)
    )
    return times.filter(before).group_by("patient_id").aggregate(unseen=times.time.max())


def _morphological(registry: Registry, protocol: Protocol) -> ir.Table:
    exams = _exams(registry, protocol)
    by_mr = ibis.literal(protocol.sstr_only.requires == "diagnostic_ct_or_mri")
    # A receptor exam read negative says nothing about a lesion that it is positive for elsewhere.
    apart = ~exams.modality.isin(SSTR_MODALITIES)
    return exams.filter((exams.adequate_ct | (exams.adequate_mr & by_mr)) & apart)


def _left_join(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.left_join(right, "patient_id").drop("patient_id_right")
