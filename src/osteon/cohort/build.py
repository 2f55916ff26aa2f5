"""The cohort: from registry and protocol to patients, events and episodes in days.

What leaves here holds no identifier and no date: a patient is a row number (``subject``), every
time is in days since diagnosis. The year of diagnosis stays, where there is a calendar, because
eras of imaging have to be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from osteon import __version__
from osteon.cohort.antiresorptive import episodes, first_starts
from osteon.cohort.baseline import with_baseline
from osteon.cohort.bone_metastasis import (
    conversion,
    detection,
    exams_seen,
    lesion_reads,
    unclear,
)
from osteon.cohort.clock import held, timed
from osteon.cohort.findings import finding_counts
from osteon.cohort.functioning import functioning
from osteon.cohort.pattern import patient_patterns, patterns_at_detection, visible_reads
from osteon.cohort.population import eligible, everybody, stage_iv_at_diagnosis
from osteon.cohort.skeletal_events import skeletal_events
from osteon.cohort.tumour import reported_metastases
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import AttritionStep, FindingCount, Provenance
from osteon.contracts.tables import ANALYSES, BONE, EVENTS
from osteon.errors import ProtocolError, did_you_mean
from osteon.registry import Registry

TIMES = (
    "first_visit",
    "last_contact",
    "death",
    "exit",
    "stage_iv",
    "baseline",
    "bm",
    "bm_exam",
    "bm_earliest",
    "bm_latest",
    "bm_after",
    "first_visit_earliest",
    "first_visit_latest",
    "antiresorptive",
    "prrt",
    "first_event",
    "first_event_earliest",
    "first_event_latest",
)
_CALENDAR = (
    "first_metastasis",
    "first_liver_metastasis",
    "any_liver_metastasis",
    "death_earliest",
    "death_latest",
    "last_contact_earliest",
    "last_contact_latest",
    "last_seen",
    "tumour_id",
)


@dataclass(frozen=True, eq=False)
class Cohort:
    """The patients of a study, what happened to them and when, in days since diagnosis.

    Attributes
    ----------
    people : DataFrame
        One row a patient; the index is the subject's number. Times (see ``TIMES``) are days since
        diagnosis, nan where it did not happen; ``bm`` etc. follow the protocol. ``bone`` is "yes",
        "no" or "unclear".
    events, episodes, lesions, exams : DataFrame
        SREs, antiresorptive episodes, reads of visible lesions, exams; by ``subject``.
    attrition : tuple of AttritionStep
        The flow diagram, from everybody in the registry to the population.
    findings : tuple of FindingCount
        What the data rules found, and how many of these patients it touches.
    antiresorptives_complete, skeletal_events_complete : bool
        Whether no record of an antiresorptive, or of a skeletal event, means that there was none.
    conditioned_on : str
        What made-up patients were selected for; empty for real ones.
    provenance : Provenance
        Registry, protocol and data cut that this cohort came from.
    """

    protocol: Protocol
    people: pd.DataFrame
    events: pd.DataFrame
    episodes: pd.DataFrame
    lesions: pd.DataFrame
    exams: pd.DataFrame
    attrition: tuple[AttritionStep, ...]
    findings: tuple[FindingCount, ...]
    antiresorptives_complete: bool
    skeletal_events_complete: bool
    conditioned_on: str
    provenance: Provenance

    @property
    def has_calendar(self) -> bool:
        """Whether times come from dates, so that a year of diagnosis is known."""
        return self.provenance.clock == "calendar"

    @property
    def delayed_entry(self) -> bool:
        """Whether the protocol has patients come under observation at their first visit."""
        return self.protocol.follow_up.entry == "first_visit"

    @cached_property
    def among(self) -> pd.Series:
        """Patients in whom BM is studied: ``bone_metastasis.among``."""
        if self.protocol.bone_metastasis.among == "population":
            return pd.Series(True, index=self.people.index)
        return self.people.stage_iv_at_diagnosis

    @cached_property
    def has_bm(self) -> pd.Series:
        """Those of them with BM."""
        return self.among & (self.people.bone == "yes")

    @cached_property
    def without_bm(self) -> pd.Series:
        """Those of them known to be without; who is unclear is in neither."""
        return self.among & (self.people.bone == "no")

    @cached_property
    def bone_known(self) -> pd.Series:
        """Those of them in whom it is clear."""
        return self.has_bm | self.without_bm

    def usable(self, analysis: str) -> pd.Series:
        """Patients whom no fault in the data makes unusable for a group of analyses."""
        return ~self.people[f"unusable_{analysis}"]


def build_cohort(
    registry: Registry, protocol: Protocol, *, cures: Mapping[str, str] | None = None
) -> Cohort:
    """Derive the cohort that ``protocol`` defines from the registry.

    Parameters
    ----------
    registry : Registry
        Open; reading is enough.
    protocol : Protocol
        How everything is defined.
    cures : mapping of str to str, optional
        Cures of the readers' rules by id, for the findings.

    Raises
    ------
    ProtocolError
        If the protocol asks for calendar dates and the registry has none, or if nobody is left.
    """
    _check_clock(registry, protocol)
    reported = held(reported_metastases(registry, protocol))
    everyone = held(everybody(reported, registry, protocol))
    people, attrition = eligible(everyone, protocol)
    if people.empty:
        raise ProtocolError(
            "no patient of the registry satisfies the protocol's population",
            "attrition: " + "; ".join(f"{s.criterion}: {s.kept}" for s in attrition),
            "check the codes and dates under [population]",
        )
    exams = held(exams_seen(registry, protocol))
    reads = held(lesion_reads(exams, registry, protocol))
    people = _derived(people, everyone, reported, exams, reads, registry, protocol)
    number = pd.Series(people.index, index=people.patient_id, name="subject")

    def by_subject(table: ir.Table, *times: str) -> pd.DataFrame:
        return _by_subject(table.to_pandas(), number, people.diagnosis, times)

    events = by_subject(skeletal_events(registry, protocol), "time", "earliest", "latest")
    end = events.subject.map(people.exit - people.diagnosis)
    for day in ("time", "latest"):
        events[day] = _by_the_end(events[day], events.earliest, end)
    first = events.groupby("subject")[["time", "earliest", "latest"]].min()
    first.columns = ["first_event", "first_event_earliest", "first_event_latest"]
    people = people.join(first.add(people.diagnosis.loc[first.index], axis="index"))
    return Cohort(
        protocol=protocol,
        people=_finish(people, registry, protocol),
        events=events,
        episodes=by_subject(episodes(registry, protocol), "start", "end"),
        lesions=by_subject(visible_reads(reads), "time"),
        exams=by_subject(exams.select("patient_id", "modality", "time"), "time"),
        attrition=tuple(attrition),
        findings=finding_counts(registry, people.patient_id, cures or {}),
        antiresorptives_complete="antiresorptives" in registry.complete_for,
        skeletal_events_complete="skeletal_events" in registry.complete_for,
        conditioned_on=registry.conditioned_on,
        provenance=_provenance(registry, protocol, people),
    )


def _check_clock(registry: Registry, protocol: Protocol) -> None:
    asked = [
        f"population.{name}"
        for name in ("first_visit", "diagnosis")
        if (span := getattr(protocol.population, name)).start or span.end
    ]
    if asked and registry.clock != "calendar":
        raise ProtocolError(
            f"{' and '.join(asked)} ask for calendar dates, but this registry has none",
            "its times are days since diagnosis",
            "remove these settings",
        )


def _derived(
    people: pd.DataFrame,
    everyone: ir.Table,
    reported: ir.Table,
    exams: ir.Table,
    reads: ir.Table,
    registry: Registry,
    protocol: Protocol,
) -> pd.DataFrame:
    """The eligible patients, with all that the protocol derives for each."""
    detected = held(detection(reads, exams, reported, protocol))
    parts = [
        detected,
        conversion(detected, reads, exams, protocol),
        unclear(reported, registry, protocol),
        patient_patterns(reads, protocol),
        patterns_at_detection(detected, reads, protocol),
        functioning(everyone, registry, protocol),
        first_starts(registry, protocol),
        *_asked_for(registry, protocol),
    ]
    for part in parts:
        people = people.merge(part.to_pandas(), on="patient_id", how="left")
    for day in ("bm", "bm_latest"):
        people[day] = _by_the_end(people[day], people.bm_earliest, people.exit)
    window = protocol.follow_up.stage_iv_window_days
    people["stage_iv_at_diagnosis"] = stage_iv_at_diagnosis(people, window)
    later = people[["first_metastasis", "bm"]].min(axis=1)
    people["stage_iv"] = people.diagnosis.where(people.stage_iv_at_diagnosis, later)
    return with_baseline(people, registry, protocol)


def _asked_for(registry: Registry, protocol: Protocol) -> Iterator[ir.Table]:
    """Reported outcomes and assigned groups that the protocol's questions name."""
    outcomes = timed(registry, "outcomes", protocol)
    for name in sorted(asked_outcomes(protocol)):
        named = outcomes.filter(outcomes.name == name)
        _check_known("outcome", name, outcomes)
        yield named.group_by("patient_id").aggregate(named.date.min().name(outcome_column(name)))
    assigned = registry.table("assignments")
    if "groups" in protocol.questions:
        _check_known("assignment", protocol.groups.assignment, assigned)
    assigned = assigned.filter(assigned.name == protocol.groups.assignment)
    yield assigned.group_by("patient_id").aggregate(assigned=assigned.value.min())


def asked_outcomes(protocol: Protocol) -> set[str]:
    """Reported outcomes that the protocol's questions need; death is always there."""
    asked = {protocol.survival.outcome} if "survival" in protocol.questions else set()
    asked |= {protocol.groups.outcome} if "groups" in protocol.questions else set()
    return asked - {"death"}


def outcome_column(name: str) -> str:
    """Column of ``people`` that holds the time of a reported outcome."""
    return f"outcome {name}"


def _check_known(what: str, name: str, table: ir.Table) -> None:
    known = sorted(table.select("name").distinct().to_pandas().name)
    if name not in known:
        raise ProtocolError(
            f'the protocol asks for the {what} "{name}", which the registry does not have',
            f"it has {', '.join(known) or 'none'}",
            did_you_mean(name, known) or "name one of them, or ingest the file that holds it",
        )


def _by_the_end(day: pd.Series, earliest: pd.Series, end: pd.Series) -> pd.Series:
    """What is known to its month only did not happen after the patient's exact end."""
    return day.where(~((earliest <= end) & (day > end)), end)


def _by_subject(
    frame: pd.DataFrame, number: pd.Series, origin: pd.Series, times: tuple[str, ...]
) -> pd.DataFrame:
    """Rows of the studied patients, by subject number, times in days since diagnosis."""
    frame = frame.merge(number, left_on="patient_id", right_index=True)
    for time in times:
        frame[time] = frame[time] - frame.subject.map(origin)
    order = ["subject", *times, *sorted(set(frame.columns) - {"subject", "patient_id", *times})]
    frame = frame.drop(columns="patient_id").sort_values(order, kind="stable")
    return frame.reset_index(drop=True)


def _finish(people: pd.DataFrame, registry: Registry, protocol: Protocol) -> pd.DataFrame:
    """Leave identifiers and calendar behind; add what the protocol says of BM."""
    people = people.copy()
    people["diagnosis_year"] = _year(people.diagnosis) if registry.clock == "calendar" else np.nan
    for time in [*TIMES, *(outcome_column(name) for name in asked_outcomes(protocol))]:
        people[time] = people[time].astype(float) - people.diagnosis
    people["stage_iv_at_diagnosis"] = people.stage_iv_at_diagnosis.fillna(False).astype(bool)
    excluded = registry.excluded().to_pandas()
    for analysis in ANALYSES:
        faulty = excluded.patient_id[excluded.analysis == analysis]
        people[f"unusable_{analysis}"] = people.patient_id.isin(faulty)
    people[f"unusable_{EVENTS}"] |= _events_never_recorded(registry)
    people["bone"] = _bone_status(people, protocol)
    people.loc[people.bone != "yes", "first_seen"] = None
    return people.drop(columns=["patient_id", "diagnosis", "birth", "bone_unclear", *_CALENDAR])


def _events_never_recorded(registry: Registry) -> bool:
    """No skeletal event, and no source that would have recorded one: nobody knows of any."""
    if "skeletal_events" in registry.complete_for:
        return False
    return not bool(registry.table("skeletal_events").count().to_pyarrow().as_py())


def _bone_status(people: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """ "yes", "no" or "unclear": something says BM, but not what the protocol takes for it."""
    window = protocol.bone_metastasis.window_days
    ever = protocol.bone_metastasis.when == "ever"
    yes = people.bm.notna() if ever else people.bm <= people.stage_iv + window
    hint = people.bone_unclear.eq(True) | people.bm.notna() | people[f"unusable_{BONE}"]
    status = pd.Series("no", index=people.index).mask(hint, "unclear").mask(yes, "yes")
    return status.mask(people[f"unusable_{BONE}"], "unclear")


def _provenance(registry: Registry, protocol: Protocol, people: pd.DataFrame) -> Provenance:
    return Provenance(
        osteon_version=__version__,
        registry_hash=registry.fingerprint,
        protocol_name=protocol.name,
        protocol_version=protocol.version,
        protocol_hash=protocol.hash,
        seed=protocol.bootstrap.seed,
        clock=registry.clock,
        synthetic=registry.synthetic,
        data_cut=_last_month(people.exit) if registry.clock == "calendar" else "",
        sources=tuple(registry.sources()),
    )


def _last_month(day: pd.Series) -> str:
    """Month of the last follow-up; the day would be one patient's."""
    return str(pd.to_datetime(day.max(), unit="D", origin="unix").strftime("%Y-%m"))


def _year(day: pd.Series) -> pd.Series:
    return pd.to_datetime(day, unit="D", origin="unix").dt.year.astype(float)
