"""The cohort: from registry and protocol to patients, events and episodes in days.

What leaves here holds no identifier and no date: a patient is a row number (``subject``), every
time is in days since diagnosis. The year of diagnosis stays, where there is a calendar, because
eras of imaging have to be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from osteon import __version__
from osteon.cohort.antiresorptive import episodes, first_starts
from osteon.cohort.bone_metastasis import conversion, detection, exams_seen, lesion_reads
from osteon.cohort.clock import held, timed
from osteon.cohort.findings import finding_counts
from osteon.cohort.functioning import functioning
from osteon.cohort.pattern import lesion_patterns, patient_patterns
from osteon.cohort.population import eligible, everybody
from osteon.cohort.skeletal_events import skeletal_events
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import AttritionStep, FindingCount, Provenance
from osteon.contracts.tables import ANALYSES, BONE
from osteon.errors import ProtocolError
from osteon.registry import Registry

TIMES = (
    "first_visit",
    "last_contact",
    "death",
    "exit",
    "stage_iv",
    "bm",
    "bm_exam",
    "bm_earliest",
    "bm_after",
    "antiresorptive",
    "prrt",
    "first_event",
    "outcome",
)
_CALENDAR = ("first_metastasis", "first_liver_metastasis", "any_liver_metastasis")


@dataclass(frozen=True, eq=False)
class Cohort:
    """The patients of a study, what happened to them and when, in days since diagnosis.

    Attributes
    ----------
    people : DataFrame
        One row a patient; the index is the subject's number. Times (see ``TIMES``) are days since
        diagnosis, nan where it did not happen; ``bm`` etc. follow the protocol.
    events, episodes, lesions, exams : DataFrame
        SREs, antiresorptive episodes, visible lesions with their class, exams; by ``subject``.
    attrition : tuple of AttritionStep
        The flow diagram, from everybody in the registry to the population.
    findings : tuple of FindingCount
        What the data rules found, and how many of these patients it touches.
    antiresorptives_complete : bool
        Whether no record of an antiresorptive means that there was none.
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
    conditioned_on: str
    provenance: Provenance

    @property
    def has_calendar(self) -> bool:
        """Whether times come from dates, so that a year of diagnosis is known."""
        return self.provenance.clock == "calendar"

    @cached_property
    def studied(self) -> pd.Series:
        """Patients in whom BM is studied: ``bone_metastasis.among``, bone status usable."""
        usable = self.usable(BONE)
        if self.protocol.bone_metastasis.among == "population":
            return usable
        return usable & self.people.stage_iv_at_diagnosis

    @cached_property
    def has_bm(self) -> pd.Series:
        """Patients with BM, among those in whom it is studied."""
        return self.people.has_bm & self.studied

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
    everyone = everybody(registry, protocol)
    people, attrition = eligible(everyone, protocol)
    if people.empty:
        raise ProtocolError(
            "no patient of the registry satisfies the protocol's population",
            "attrition: " + "; ".join(f"{s.criterion}: {s.kept}" for s in attrition),
            "check the codes and dates under [population]",
        )
    exams = held(exams_seen(registry, protocol))
    reads = held(lesion_reads(exams, registry, protocol))
    people = _derived(people, everyone, exams, reads, registry, protocol)
    number = pd.Series(people.index, index=people.patient_id, name="subject")

    def by_subject(table: ir.Table, *times: str) -> pd.DataFrame:
        return _by_subject(table.to_pandas(), number, people.diagnosis, times)

    events = by_subject(skeletal_events(registry, protocol), "time")
    people["first_event"] = events.groupby("subject").time.min() + people.diagnosis
    return Cohort(
        protocol=protocol,
        people=_finish(people, registry, protocol),
        events=events,
        episodes=by_subject(episodes(registry, protocol), "start", "end"),
        lesions=by_subject(lesion_patterns(reads, protocol)),
        exams=by_subject(exams.select("patient_id", "modality", "time"), "time"),
        attrition=tuple(attrition),
        findings=finding_counts(registry, people.patient_id, cures or {}),
        antiresorptives_complete="antiresorptives" in registry.complete_for,
        conditioned_on=registry.conditioned_on,
        provenance=_provenance(registry, protocol, people.exit),
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
    exams: ir.Table,
    reads: ir.Table,
    registry: Registry,
    protocol: Protocol,
) -> pd.DataFrame:
    """The eligible patients, with all that the protocol derives for each."""
    detected = held(detection(reads, exams, registry, protocol))
    for part in (
        detected,
        conversion(detected, reads, exams, protocol),
        patient_patterns(reads, protocol),
        functioning(everyone, registry, protocol),
        first_starts(registry, protocol),
        _outcome(registry, protocol),
        _assignment(registry, protocol),
    ):
        people = people.merge(part.to_pandas(), on="patient_id", how="left")
    later = people[["first_metastasis", "bm"]].min(axis=1)
    people["stage_iv"] = people.diagnosis.where(people.stage_iv_at_diagnosis, later)
    return people


def _outcome(registry: Registry, protocol: Protocol) -> ir.Table:
    """Day of the reported outcome that the protocol asks for."""
    asked = {protocol.survival.outcome, protocol.groups.outcome} - {"death"}
    outcomes = timed(registry, "outcomes", protocol)
    outcomes = outcomes.filter(outcomes.name.isin(sorted(asked)))
    return outcomes.group_by("patient_id").aggregate(outcome=outcomes.date.min())


def _assignment(registry: Registry, protocol: Protocol) -> ir.Table:
    assigned = registry.table("assignments")
    assigned = assigned.filter(assigned.name == protocol.groups.assignment)
    return assigned.group_by("patient_id").aggregate(assigned=assigned.value.min())


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
    for time in TIMES:
        people[time] = people[time].astype(float) - people.diagnosis
    people["stage_iv_at_diagnosis"] = people.stage_iv_at_diagnosis.fillna(False).astype(bool)
    people["has_bm"] = _has_bm(people, protocol)
    people.loc[~people.has_bm, "first_seen"] = None
    excluded = registry.excluded().to_pandas()
    for analysis in ANALYSES:
        faulty = excluded.patient_id[excluded.analysis == analysis]
        people[f"unusable_{analysis}"] = people.patient_id.isin(faulty)
    return people.drop(columns=["patient_id", "diagnosis", "birth", *_CALENDAR])


def _has_bm(people: pd.DataFrame, protocol: Protocol) -> pd.Series:
    if protocol.bone_metastasis.when == "ever":
        return people.bm.notna()
    return people.bm <= people.stage_iv + protocol.bone_metastasis.window_days


def _provenance(registry: Registry, protocol: Protocol, exit_: pd.Series) -> Provenance:
    return Provenance(
        osteon_version=__version__,
        registry_hash=registry.fingerprint,
        protocol_name=protocol.name,
        protocol_version=protocol.version,
        protocol_hash=protocol.hash,
        seed=protocol.bootstrap.seed,
        clock=registry.clock,
        synthetic=registry.synthetic,
        data_cut=_last_day(exit_) if registry.clock == "calendar" else "",
        sources=tuple(registry.sources()),
    )


def _last_day(day: pd.Series) -> str:
    return str(pd.to_datetime(day.max(), unit="D", origin="unix").date())


def _year(day: pd.Series) -> pd.Series:
    return pd.to_datetime(day, unit="D", origin="unix").dt.year.astype(float)
