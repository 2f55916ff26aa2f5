"""Dated facts about patients: what a source must deliver and the registry keeps.

Bone metastasis, "seen on receptor imaging only", conversion, skeletal-related event and exposure
are *not* here: they are derived by a protocol (``osteon.cohort``) from exams, findings, events
and administrations.

Every time has a precision, ``<column>_precision``; an imprecise one is an interval (the month, the
year), stored as its first day; which day stands for it is the cohort's business. A registry
has one clock: ``calendar`` (dates) or ``diagnosis`` (days since diagnosis, fractions kept, for
de-identified data). Every row says which row of which file it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from osteon.vocabulary import bone, drugs, tumour

Clock = Literal["calendar", "diagnosis"]
Kind = Literal["text", "category", "number", "integer", "flag", "time"]

PRECISIONS = {
    "day": "the day is known",
    "month": "the month is known",
    "year": "the year is known",
    "estimated": "a guess; how far off is a protocol's setting",
}


@dataclass(frozen=True)
class Column:
    """One column: its kind, its limits, and what an unreadable value makes unusable.

    ``blocks`` names the analyses a patient must be left out of when a value is present in the
    source but cannot be read: a date of death that cannot be read must not become "alive".
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns and the key by which a row repeats another."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)

    @property
    def times(self) -> tuple[str, ...]:
        """Names of the columns that hold a time."""
        return tuple(column.name for column in self.columns if column.kind == "time")

    def schema(self, clock: Clock) -> pa.Schema:
        """Arrow schema of the table's rows under a clock, ``source_row`` last."""
        return pa.schema(
            [
                *(f for column in self.columns for f in _fields(column, clock)),
                ("source_row", pa.int64()),
            ]
        )


@dataclass(frozen=True)
class SetAside:
    """A source row, or one value of it, that could not be used, and why.

    ``column`` is empty where the whole row was set aside. ``reason`` never holds the value.
    """

    source_row: int
    rule: str
    column: str
    reason: str
    patient_id: str | None = None


@dataclass(frozen=True)
class TargetRows:
    """What one file gave to one table: every source row is in exactly one of three places.

    Attributes
    ----------
    table : str
        Name of the table.
    block : int
        Which block of the mapping (a wide sheet may feed one table several times).
    rows : pyarrow.Table
        Usable rows, with the table's schema.
    not_applicable : int
        Source rows that the mapping's ``when`` says have nothing to tell this table.
    set_aside : tuple of SetAside
        Source rows that cannot be used, one entry a row.
    unreadable : tuple of SetAside
        Values that cannot be read in rows that are used all the same; the cell is empty.
    """

    table: str
    block: int
    rows: pa.Table
    not_applicable: int = 0
    set_aside: tuple[SetAside, ...] = ()
    unreadable: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """One export file, read: what ``sources`` hands to ``registry``.

    ``source`` names the export (a corrected file of the same source supersedes), ``content``
    and ``mapping`` are SHA-256 of the bytes read, ``synthetic`` marks made-up patients and
    ``conditioned_on`` says what they were selected for.
    """

    source: str
    file: str
    content: str
    mapping: str
    clock: Clock
    rows_in: int
    targets: tuple[TargetRows, ...]
    complete_for: tuple[str, ...] = ()
    synthetic: bool = False
    conditioned_on: str = ""


COVERAGE_TOPICS = {
    "antiresorptives": "every antiresorptive course is in this source",
    "skeletal_events": "every skeletal event is in this source",
    "deaths": "every death is in this source",
    "exams": "every exam that could show bone is in this source",
    "treatments": "every tumour treatment is in this source",
}
"""What a source can be declared complete for. Without it, no record is not "no"."""

SURVIVAL, BONE, EVENTS, EXPOSURE, CONVERSION = (
    "survival",
    "bone_metastasis",
    "skeletal_events",
    "antiresorptive",
    "conversion",
)
ANALYSES = (SURVIVAL, BONE, EVENTS, EXPOSURE, CONVERSION)
"""Groups of analyses that a fault in the data can make a patient unusable for."""


def _fields(column: Column, clock: Clock) -> list[tuple[str, pa.DataType]]:
    if column.kind != "time":
        return [(column.name, _ARROW[column.kind])]
    return [
        (column.name, pa.date32() if clock == "calendar" else pa.float64()),
        (f"{column.name}_precision", pa.string()),
    ]


_ARROW = {
    "text": pa.string(),
    "category": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "flag": pa.bool_(),
}

_PATIENT = Column("patient_id", "text", "pseudonym of the patient", required=True)


def _time(name: str, doc: str, *, required: bool = False, blocks: tuple[str, ...] = ()) -> Column:
    return Column(name, "time", doc, required=required, blocks=blocks)


def _category(
    name: str,
    doc: str,
    allowed: tuple[str, ...] | Mapping[str, str],
    *,
    required: bool = False,
    blocks: tuple[str, ...] = (),
) -> Column:
    return Column(name, "category", doc, required=required, allowed=tuple(allowed), blocks=blocks)


def _number(
    name: str, doc: str, minimum: float, maximum: float, *, required: bool = False
) -> Column:
    return Column(name, "number", doc, required=required, minimum=minimum, maximum=maximum)


def _text(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "text", doc, required=required)


PATIENTS = Table(
    "patients",
    "One row a patient: who, since when here, until when known.",
    (
        _PATIENT,
        _category("sex", "as recorded", tumour.SEXES),
        _time("birth", "date of birth"),
        _number("age_years", "age at diagnosis where the date of birth is not given", 0, 120),
        _time("first_visit", "first visit at this centre", blocks=(SURVIVAL, BONE)),
        _time(
            "last_contact", "last day the patient was known to be alive, or died", blocks=ANALYSES
        ),
        _time("death", "day of death; empty if not known to be dead", blocks=ANALYSES),
        _category("cause_of_death", "of the tumour or not", tumour.CAUSES_OF_DEATH),
    ),
    key=("patient_id",),
)

TUMOURS = Table(
    "tumours",
    "One row a primary tumour.",
    (
        _PATIENT,
        _text("tumour_id", "number of the tumour within the patient", required=True),
        _time("diagnosis", "day of diagnosis", blocks=ANALYSES),
        _text("topography", "ICD-O-3 topography, such as C17.2"),
        _text("morphology", "ICD-O-3 morphology, such as 8240/3"),
        _category("basis", "how the diagnosis was made", tumour.BASES_OF_DIAGNOSIS),
        _category("grade", "WHO grade as reported", tumour.GRADES),
        _number("ki67_percent", "Ki-67 index", 0, 100),
        _number("mitoses_per_2mm2", "mitotic count", 0, 500),
        _category("differentiation", "well or poor", tumour.DIFFERENTIATION),
        _text("grade_edition", "WHO edition of the grade, such as 2019"),
        _category("m_category", "M at diagnosis", tumour.M_CATEGORIES),
        _category("stage", "UICC stage at diagnosis", tumour.STAGES),
        _text("stage_edition", "UICC edition, such as 8"),
    ),
    key=("patient_id", "tumour_id"),
)

METASTASES = Table(
    "metastases",
    "One row a site of metastasis as reported, with the day it was first reported.",
    (
        _PATIENT,
        _category("site", "organ", bone.METASTASIS_SITES, required=True),
        _time("date", "first reported", blocks=(BONE,)),
        _category("status", "accepted unless said otherwise", bone.ADJUDICATION),
        _text("tumour_id", "the tumour it is of; needed only in a patient with several"),
    ),
    key=("patient_id", "site", "date", "tumour_id"),
)

EXAMS = Table(
    "exams",
    "One row an imaging exam, negative ones too: they bound when a metastasis can have appeared.",
    (
        _PATIENT,
        _text("exam_id", "identifies the exam within the patient", required=True),
        _time("date", "day of the exam", required=True),
        _category("modality", "what was done", bone.MODALITIES, required=True),
        _text("tracer", "such as 68Ga-DOTATOC"),
        _category("ct_protocol", "quality of the CT part", bone.CT_PROTOCOLS),
        _category("field_of_view", "what was covered", bone.FIELDS_OF_VIEW),
        _category("bone_read", "overall reading of the skeleton", bone.BONE_READS),
        _number("injected_mbq", "injected activity in MBq", 0, 20_000),
        _text("reader", "who read it"),
    ),
    key=("patient_id", "exam_id"),
)

BONE_FINDINGS = Table(
    "bone_findings",
    "One row a bone lesion in an exam.",
    (
        _PATIENT,
        _text("exam_id", "the exam it was read in", required=True),
        _text("lesion_id", "identifies the lesion over time within the patient", required=True),
        _text("site", "bone, such as L3"),
        _category("sstr_uptake", "receptor uptake", bone.UPTAKE),
        _category("ct_correlate", "seen on CT", bone.CORRELATE),
        _category("mr_correlate", "seen on MR", bone.CORRELATE),
        _category("pattern", "on CT", bone.PATTERNS),
        _category("sstr_rads", "SSTR-RADS 1.0", bone.SSTR_RADS),
        _number("suv_max", "maximum SUV (body weight)", 0, 500),
        _number("hu_mean", "mean CT density in HU", -1100, 4000),
        _text("reader", "who read it"),
        _category("status", "accepted unless said otherwise", bone.ADJUDICATION),
        _time("adjudicated", "day the status was decided, if after the exam", blocks=(BONE,)),
    ),
    key=("patient_id", "exam_id", "lesion_id"),
)

TREATMENTS = Table(
    "treatments",
    "One row a course or an administration (start = end).",
    (
        _PATIENT,
        _text("treatment_id", "identifies the course within the patient"),
        _category("kind", "what kind", drugs.TREATMENT_KINDS, required=True),
        _text("atc", "ATC code of a drug"),
        _number("dose", "dose of one administration", 0, 100_000),
        _text("dose_unit", "such as mg or MBq"),
        _number("interval_days", "days between administrations", 0, 400),
        _time("start", "first administration", required=True, blocks=(EXPOSURE,)),
        _time("end", "last administration; empty if it goes on", blocks=(EXPOSURE,)),
        _text("end_reason", "why it ended"),
    ),
    key=("patient_id", "kind", "atc", "start", "treatment_id"),
)

SKELETAL_EVENTS = Table(
    "skeletal_events",
    "One row a skeletal event, whatever a protocol will make of it.",
    (
        _PATIENT,
        _text("event_id", "identifies the event within the patient"),
        _time("date", "day of the event", required=True, blocks=(EVENTS,)),
        _category("component", "what happened", bone.EVENT_COMPONENTS, required=True),
        _text("site", "bone, such as L3"),
        _text("lesion_id", "the lesion it happened at"),
        _category("trigger", "how it was found", bone.EVENT_TRIGGERS),
        Column("prophylactic", "flag", "done to prevent: a decision, not a failure"),
        _category("status", "accepted unless said otherwise", bone.ADJUDICATION),
    ),
    key=("patient_id", "date", "component", "site", "event_id"),
)

LABS = Table(
    "labs",
    "One row a laboratory value.",
    (
        _PATIENT,
        _time("date", "day of the sample", required=True),
        _text("analyte", "such as chromogranin_a", required=True),
        _text("loinc", "LOINC code"),
        _number("value", "as reported", -1e9, 1e9, required=True),
        _text("unit", "of the value and the limit", required=True),
        _number("upper_limit_normal", "of this assay", 0, 1e9),
    ),
    key=("patient_id", "date", "analyte"),
)

FUNCTIONAL_STATUS = Table(
    "functional_status",
    "One row a dated judgement whether the tumour is functioning: syndrome and biochemistry apart.",
    (
        _PATIENT,
        _time("date", "day of the judgement"),
        _category("syndrome", "carcinoid or other hormonal syndrome", tumour.SYNDROME),
        _category("biochemical", "serotonin, 5-HIAA or other amines", tumour.BIOCHEMICAL),
        _text("syndrome_name", "such as carcinoid"),
    ),
    key=("patient_id", "date"),
)

PERFORMANCE_STATUS = Table(
    "performance_status",
    "One row a dated ECOG performance status.",
    (
        _PATIENT,
        _time("date", "day of the judgement", required=True),
        Column("ecog", "integer", "ECOG 0-4", required=True, minimum=0, maximum=4),
    ),
    key=("patient_id", "date"),
)

BOARD_DECISIONS = Table(
    "board_decisions",
    "One row a decision of the tumour board.",
    (
        _PATIENT,
        _time("date", "day of the board", required=True),
        _text("topic", "what was asked", required=True),
        _text("decision", "what was decided", required=True),
        _text("reason", "why"),
    ),
    key=("patient_id", "date", "topic"),
)

ASSIGNMENTS = Table(
    "assignments",
    "One row a group a patient was put into by design, such as the arm of a trial.",
    (
        _PATIENT,
        _text("name", "such as arm", required=True),
        _text("value", "such as zoledronate", required=True),
    ),
    key=("patient_id", "name"),
)

OUTCOMES = Table(
    "outcomes",
    "One row an endpoint that the source reports ready made, such as a trial's progression.",
    (
        _PATIENT,
        _text("name", "such as progression_or_death", required=True),
        _time("date", "day it was reached", required=True, blocks=(SURVIVAL,)),
    ),
    key=("patient_id", "name"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PATIENTS,
        TUMOURS,
        METASTASES,
        EXAMS,
        BONE_FINDINGS,
        TREATMENTS,
        SKELETAL_EVENTS,
        LABS,
        FUNCTIONAL_STATUS,
        PERFORMANCE_STATUS,
        BOARD_DECISIONS,
        ASSIGNMENTS,
        OUTCOMES,
    )
}
"""Every table of the contract, by name. Source coverage is declared by the delivery itself."""
