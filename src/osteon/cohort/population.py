"""Who is studied: eligibility, one criterion a box of the flow diagram.

A study starts from everybody in the registry and keeps those who satisfy each criterion in turn.
A criterion whose answer is not known is not satisfied.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from osteon.cohort.clock import held, timed, together
from osteon.cohort.tumour import coded, tumour_of_interest
from osteon.contracts.history import YEAR_DAYS
from osteon.contracts.protocol import DateRange, Protocol
from osteon.contracts.results import AttritionStep
from osteon.registry import Registry
from osteon.vocabulary.tumour import M1

SEEN_AT = (
    ("exams", "date"),
    ("treatments", "start"),
    ("labs", "date"),
    ("performance_status", "date"),
)
"""What proves that a patient was alive, and the column that says when."""


def everybody(reported: ir.Table, registry: Registry, protocol: Protocol) -> ir.Table:
    """Return one row a patient of the registry: person, tumour of interest, stage at diagnosis.

    ``reported`` are the metastases as reported (`osteon.cohort.tumour`, which also says which of
    several tumours is of interest).
    Follow-up ends at death, else at the last contact, or at the last day on which an exam, a
    treatment or a sample proves the patient alive after that (finding T022).
    """
    patients = timed(registry, "patients", protocol).drop("source_row")
    people = patients
    for part in (
        tumour_of_interest(registry, protocol),
        _first_metastases(reported),
        held(_last_seen(registry, protocol)),
    ):
        people = people.left_join(part, "patient_id").drop("patient_id_right")
    return people.mutate(
        age=ibis.coalesce(people.age_years, (people.diagnosis - people.birth) / YEAR_DAYS),
        exit=_end_of_follow_up(people),
        dead=people.death.notnull(),
        liver_at_diagnosis=_liver(people, protocol.follow_up.stage_iv_window_days),
    )


def eligible(people: ir.Table, protocol: Protocol) -> tuple[pd.DataFrame, list[AttritionStep]]:
    """Return the eligible patients, and how many each criterion kept and removed."""
    criteria = _criteria(people, protocol)
    columns = {f"criterion_{i}": test.fill_null(False) for i, (_, test) in enumerate(criteria)}
    frame = people.mutate(**columns).order_by("patient_id").to_pandas()
    steps = [AttritionStep("patients in the registry", len(frame), 0)]
    for i, (label, _) in enumerate(criteria):
        kept = frame[frame[f"criterion_{i}"]]
        steps.append(AttritionStep(label, len(kept), len(frame) - len(kept)))
        frame = kept
    return frame.drop(columns=list(columns)).reset_index(drop=True), steps


def stage_iv_at_diagnosis(people: pd.DataFrame, window_days: float) -> pd.Series:
    """Stage IV at diagnosis as recorded; where neither stage nor M is, by an early metastasis.

    ``people`` has the stage, the first reported metastasis and, in ``bm``, detection of bone
    metastasis, which is a distant metastasis like any other.
    """
    recorded = people.stage.notna() | ~people.m_category.fillna("MX").eq("MX")
    by_record = people.stage.eq("IV") | people.m_category.isin(M1)
    early = people[["first_metastasis", "bm"]].min(axis=1) - people.diagnosis <= window_days
    return by_record.where(recorded, early)


def _criteria(people: ir.Table, protocol: Protocol) -> list[tuple[str, ir.BooleanValue]]:
    """Return the criteria that the protocol states, in the order of the flow diagram."""
    wanted = protocol.population
    criteria: list[tuple[str, ir.BooleanValue]] = []
    if wanted.topography:
        label = f"topography {', '.join(wanted.topography)}"
        criteria.append((label, coded(people.topography, wanted.topography)))
    if wanted.morphology:
        label = f"morphology {', '.join(wanted.morphology)}"
        criteria.append((label, coded(people.morphology, wanted.morphology)))
    if wanted.histologically_confirmed:
        criteria.append(("histologically confirmed", people.basis == "histology"))
    for what, column, span in (
        ("first visit", people.first_visit, wanted.first_visit),
        ("diagnosis", people.diagnosis, wanted.diagnosis),
    ):
        if span.start or span.end:
            criteria.append((_span_label(what, span), _within(column, span)))
    if wanted.stage:
        criteria.append((f"stage {', '.join(wanted.stage)}", people.stage.isin(wanted.stage)))
    if wanted.minimum_age_years:
        label = f"at least {wanted.minimum_age_years:g} years old at diagnosis"
        criteria.append((label, people.age >= wanted.minimum_age_years))
    if wanted.entry_within_days is not None:
        label = f"first visit at most {wanted.entry_within_days:g} days after diagnosis"
        delay = people.first_visit - people.diagnosis
        criteria.append((label, delay <= wanted.entry_within_days))
    known = people.diagnosis.notnull() & people.exit.notnull()
    criteria.append(("diagnosis and end of follow-up known", known))
    return criteria


def _first_metastases(reported: ir.Table) -> ir.Table:
    """Day of the first reported distant metastasis of each patient, and of the first in liver."""
    in_liver = reported.site == "liver"
    return reported.group_by("patient_id").aggregate(
        first_metastasis=reported.date.min(where=reported.own),
        first_liver_metastasis=reported.date.min(where=reported.own & in_liver),
        any_liver_metastasis=in_liver.any(),
    )


def _last_seen(registry: Registry, protocol: Protocol) -> ir.Table:
    """Each patient's last exam, treatment or sample that is certainly after the last contact told."""
    told = timed(registry, "patients", protocol).select("patient_id", "last_contact_latest")
    rows = []
    for name, time in SEEN_AT:
        seen = timed(registry, name, protocol)
        rows.append(seen.select("patient_id", time=seen[time], earliest=seen[f"{time}_earliest"]))
    later = together(*rows).join(told, "patient_id")
    later = later.filter(later.earliest > later.last_contact_latest)
    return later.group_by("patient_id").aggregate(last_seen=later.time.max())


def _end_of_follow_up(people: ir.Table) -> ir.Value:
    """Death, else last contact, or the exam that proves the patient alive after it.

    A death known to the month only is not before the last contact.
    """
    alive = ibis.greatest(people.last_contact, people.last_seen.fill_null(people.last_contact))
    alive_until = ibis.least(alive, people.death_latest).fill_null(people.death)
    return ibis.coalesce(ibis.greatest(people.death, alive_until), alive)


def _liver(people: ir.Table, window_days: float) -> ir.BooleanValue:
    """Liver metastasis at diagnosis; not known where one is reported without a day, or a tumour."""
    at_diagnosis = people.first_liver_metastasis - people.diagnosis <= window_days
    undated = people.any_liver_metastasis & people.first_liver_metastasis.isnull()
    return ibis.ifelse(
        undated.fill_null(False), ibis.null("boolean"), at_diagnosis.fill_null(False)
    )


def _within(column: ir.Value, span: DateRange) -> ir.BooleanValue:
    tests = [ibis.literal(True)]
    if span.start:
        tests.append(column >= _since_epoch(span.start))
    if span.end:
        tests.append(column <= _since_epoch(span.end))
    return ibis.and_(*tests)


def _since_epoch(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _span_label(what: str, span: DateRange) -> str:
    if span.start and span.end:
        return f"{what} from {span.start} to {span.end}"
    return f"{what} from {span.start}" if span.start else f"{what} until {span.end}"
