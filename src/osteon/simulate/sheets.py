"""From patients to the rows of a hospital's exports, in the hospital's own words.

One function an export. A cell is what the file will hold: text as written, a number, a date (in
workbooks and Parquet) or None. ``Befund_Nr`` counts the lesions of an exam; a negative exam has one
row, number 0, without a lesion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from osteon.simulate.exams import CT, MRI, PET, SPECT
from osteon.simulate.records import Exam, Patient, Read
from osteon.simulate.visits import ANALYTES
from osteon.simulate.words import (
    ADJUDICATION,
    AMINES,
    BASIS,
    BONE_READ,
    COMPONENT,
    CORRELATE,
    FIELD,
    KIND,
    MODALITY,
    PATTERN,
    PROTOCOL,
    SIGN,
    TRIGGER,
    UPTAKE,
    comma,
    german,
)

Row = list[Any]
People = Mapping[str, Patient]
"""Patients by pseudonym, in order."""


@dataclass(frozen=True)
class Sheet:
    """One export before it is written: its file's name, its columns, its rows."""

    file: str
    columns: tuple[str, ...]
    rows: list[Row]

    @property
    def name(self) -> str:
        """Name without the ending; the mapping file has the same."""
        return self.file.split(".")[0]

    def at(self, column: str) -> int:
        """Place of a column."""
        return self.columns.index(column)

    def of(self, patient_id: str) -> Row:
        """Return the first row of a patient."""
        return next(row for row in self.rows if row[0] == patient_id)


def sheets(people: People) -> Iterator[Sheet]:
    """Yield every export of the centre."""
    for file, columns, rows in (
        ("stammdaten.csv", PERSON, _person),
        ("tumoure.csv", TUMOUR, _tumour),
        ("petct_befunde.csv", PET_EXAM, lambda i, p: _exams(i, p, (PET, SPECT))),
        ("radiologie.tsv", (*EXAM, *MR), lambda i, p: _exams(i, p, (CT, MRI))),
        ("therapien.csv", TREATMENT, _treatments),
        ("skelettereignisse.csv", EVENT, _events),
        ("labor.parquet", LAB, _labs),
        ("funktion.csv", STATUS, _statuses),
        ("tumorboard.xlsx", BOARD, _decisions),
    ):
        yield Sheet(file, columns, [row for i, p in people.items() for row in rows(i, p)])


PERSON = (
    "Pat_ID",
    "Geschlecht",
    "Geburtsdatum",
    "Erstvorstellung",
    "Letzter_Kontakt",
    "Sterbedatum",
    "Todesursache",
)
TUMOUR = (
    "Pat_ID",
    "Tumor_Nr",
    "Diagnosedatum",
    "ICD_O_Topo",
    "ICD_O_Morph",
    "Sicherung",
    "Grading",
    "Ki67_Prozent",
    "Mitosen_2mm2",
    "M_Kategorie",
    "UICC_Stadium",
    "FM_HEP",
    "FM_LYM",
    "FM_PER",
    "FM_PUL",
    "FM_OSS_Datum",
)
LESION = (
    "Befund_Nr",
    "Laesion",
    "Lokalisation",
    "CT_Korrelat",
    "Muster",
    "HU_Mittel",
    "Status",
)
EXAM = (
    "Pat_ID",
    "Unters_Nr",
    "Datum",
    "Verfahren",
    "CT_Protokoll",
    "Feld",
    "Skelett",
    "Befunder",
    *LESION,
)
MR = ("MR_Korrelat",)
PET_EXAM = (*EXAM, "Tracer", "Aktivitaet_MBq", "SSTR", "SUVmax", "SSTR_RADS")
TREATMENT = (
    "Pat_ID",
    "Therapie_Nr",
    "Art",
    "Substanz",
    "ATC",
    "Dosis",
    "Einheit",
    "Intervall_Tage",
    "Beginn",
    "Ende",
    "Ende_Grund",
)
EVENT = (
    "Pat_ID",
    "Ereignis_Nr",
    "Datum",
    "Ereignis",
    "Lokalisation",
    "Laesion",
    "Anlass",
    "Status",
)
LAB = ("pat_id", "datum", "analyt", "loinc", "wert", "einheit", "obergrenze")
STATUS = ("Pat_ID", "Datum", "ECOG", "Syndrom", "Biochemie")
BOARD = ("Pat_ID", "Datum", "Frage", "Beschluss", "Begruendung")


def _person(i: str, p: Patient) -> list[Row]:
    dead = p.death is not None
    return [
        [
            i,
            {"male": "m", "female": "w"}[p.course.sex],
            german(p.course.birth),
            german(p.course.first_visit),
            german(p.last_contact),
            german(p.death) if p.death is not None else "",
            {"tumour": "Tumor", "other": "andere"}[p.course.cause_of_death] if dead else "",
        ]
    ]


def _tumour(i: str, p: Patient) -> list[Row]:
    there = {m.site: m for m in p.metastases}
    bone = there.get("bone")
    return [
        [
            i,
            1,
            german(p.course.diagnosis, p.diagnosis_precision),
            p.course.topography,
            p.course.morphology,
            BASIS[p.course.basis],
            p.grade or "GX",
            comma(p.ki67),
            comma(p.course.mitoses, 0) if p.grade else "",
            p.m_category,
            p.stage or "",
            *("x" if s in there else "" for s in ("liver", "lymph_node", "peritoneum", "lung")),
            german(bone.day, bone.precision) if bone else "",
        ]
    ]


def _exams(i: str, p: Patient, modalities: tuple[str, ...]) -> Iterator[Row]:
    pet = PET in modalities
    for number, exam in enumerate(p.exams, start=1):
        if exam.modality not in modalities:
            continue
        day = date.fromordinal(exam.day)
        about = [
            i,
            f"U{number:03d}",
            german(exam.day) if pet else day.isoformat(),
            MODALITY[exam.modality],
            PROTOCOL[exam.ct_protocol],
            FIELD[exam.field_of_view],
            BONE_READ[exam.bone_read],
            exam.reader,
        ]
        for row in _findings(exam):
            yield about + (row[:-1] if pet else [*row[: len(LESION)], row[-1]])


def _findings(exam: Exam) -> Iterator[Row]:
    beside = [exam.tracer or None, exam.injected_mbq]
    if not exam.reads:
        yield [0, *[None] * (len(LESION) - 1), *beside, None, None, None, None]
    for number, read in enumerate(exam.reads, start=1):
        yield [
            number,
            read.lesion,
            read.site,
            CORRELATE[read.ct],
            PATTERN[read.pattern],
            read.hu_mean,
            _adjudicated(read),
            *beside,
            UPTAKE[read.uptake],
            read.suv_max,
            read.rads or None,
            CORRELATE[read.mr],
        ]


def _adjudicated(read: Read) -> str | None:
    """Readers write down an adjudication where there was one to make."""
    return None if read.status == "accepted" and read.rads != "3B" else ADJUDICATION[read.status]


def _treatments(i: str, p: Patient) -> Iterator[Row]:
    for number, t in enumerate(p.treatments, start=1):
        yield [
            i,
            f"T{number:03d}",
            KIND[t.kind],
            t.substance,
            t.atc,
            comma(t.dose),
            t.dose_unit,
            t.interval_days or "",
            german(t.start, t.precision),
            "" if t.end is None else german(t.end),
            t.end_reason,
        ]


def _events(i: str, p: Patient) -> Iterator[Row]:
    for number, e in enumerate(p.events, start=1):
        yield [
            i,
            f"E{number}",
            german(e.day, e.precision),
            COMPONENT[e.component],
            e.site,
            e.lesion,
            TRIGGER[e.trigger],
            ADJUDICATION[e.status],
        ]


def _labs(i: str, p: Patient) -> Iterator[Row]:
    days = [date.fromordinal(day) for day in p.labs.days.tolist()]
    known = ~np.isnan(p.labs.values)
    for j, a in enumerate(ANALYTES):
        values = p.labs.values[:, j].tolist()
        for visit in np.flatnonzero(known[:, j]).tolist():
            yield [i, days[visit], a.name, a.loinc or None, values[visit], a.unit, a.upper_limit]


def _statuses(i: str, p: Patient) -> Iterator[Row]:
    for s in p.statuses:
        yield [i, german(s.day), s.ecog, SIGN[s.syndrome], AMINES[s.biochemical]]


def _decisions(i: str, p: Patient) -> Iterator[Row]:
    for d in p.decisions:
        yield [i, date.fromordinal(d.day), d.topic, d.decision, d.reason]
