"""What the centre writes down about a patient: the rows behind its exports.

Days are ordinals; None means that it did not happen or is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from osteon.simulate.course import Course


@dataclass(frozen=True)
class Read:
    """One bone lesion in one exam."""

    lesion: str
    site: str
    uptake: str
    ct: str
    mr: str
    pattern: str
    rads: str
    suv_max: float | None
    hu_mean: float | None
    status: str


@dataclass(frozen=True)
class Exam:
    """One imaging exam with its reads; a negative one has none.

    ``aimed_at`` is the one site that an exam of partial coverage was done for.
    """

    day: int
    modality: str
    ct_protocol: str
    field_of_view: str
    bone_read: str = "negative"
    tracer: str = ""
    injected_mbq: float | None = None
    reader: str = ""
    aimed_at: str = ""
    reads: tuple[Read, ...] = ()


@dataclass(frozen=True)
class Treatment:
    """A course, or a single administration (start = end); ``end`` None goes on."""

    kind: str
    substance: str
    atc: str
    dose: float | None
    dose_unit: str
    interval_days: int | None
    start: int
    end: int | None
    end_reason: str = ""
    precision: str = "day"


@dataclass(frozen=True)
class Event:
    """A skeletal event."""

    day: int
    component: str
    site: str
    lesion: str
    trigger: str
    status: str = "accepted"
    precision: str = "day"


@dataclass(frozen=True)
class Status:
    """A visit at which ECOG, and sometimes functioning, were judged."""

    day: int
    ecog: int
    syndrome: str | None
    biochemical: str | None


@dataclass(frozen=True)
class Decision:
    """A decision of the tumour board."""

    day: int
    topic: str
    decision: str
    reason: str


@dataclass(frozen=True)
class Metastasis:
    """A site of distant metastasis as reported."""

    site: str
    day: int
    precision: str


@dataclass(frozen=True, eq=False)
class Labs:
    """Laboratory values: visit days x analytes, nan where not measured."""

    days: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Patient:
    """A patient as the centre knows them; ``course`` is the truth behind."""

    course: Course
    last_contact: int
    death: int | None
    diagnosis_precision: str
    grade: str | None
    ki67: float | None
    m_category: str
    stage: str | None
    metastases: tuple[Metastasis, ...]
    exams: tuple[Exam, ...]
    treatments: tuple[Treatment, ...]
    events: tuple[Event, ...]
    statuses: tuple[Status, ...]
    decisions: tuple[Decision, ...]
    labs: Labs = field(repr=False)
