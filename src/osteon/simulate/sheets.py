"""From patients to the rows of a hospital's exports, in the hospital's own words.

One function an export. A cell is what the file will hold: text as written, a number, a date (in
workbooks and Parquet) or None. ``Befund_Nr`` counts the lesions of an exam; a negative exam has one
row, number 0, without a lesion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from osteon.simulate.exams import CT, MRI, PET, SPECT
from osteon.simulate.records import Exam, Patient, Read
from osteon.simulate.visits import ANALYTES

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


def sheets(people: People, tracer_words: str) -> Iterator[Sheet]:
    """Yield every export of the centre."""
    for file, columns, rows in (
        ("stammdaten.csv", PERSON, _person),
        ("tumoure.csv", TUMOUR, _tumour),
        ("petct_befunde.xlsx", PET_EXAM, lambda i, p: _exams(i, p, (PET, SPECT), tracer_words)),
        ("radiologie.tsv", (*EXAM, *MR), lambda i, p: _exams(i, p, (CT, MRI), tracer_words)),
        ("therapien.csv", TREATMENT, _treatments),
        ("skelettereignisse.csv", EVENT, _events),
        ("labor.parquet", LAB, _labs),
        ("funktion.csv", STATUS, _statuses),
        ("tumorboard.csv", BOARD, _decisions),
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


@cache
def german(day: int, precision: str = "day") -> str:
    """Write a day as German offices do, to its precision.

    >>> [german(date(2019, 5, 3).toordinal(), p) for p in ("day", "month", "year")]
    ['03.05.2019', '05.2019', '2019']
    """
    return date.fromordinal(day).strftime(
        {"day": "%d.%m.%Y", "month": "%m.%Y", "year": "%Y"}[precision]
    )


def comma(number: float | None, decimals: int = 1) -> str:
    """Write a number with a decimal comma; nothing for none."""
    return "" if number is None else f"{number:.{decimals}f}".replace(".", ",")


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
            _BASIS[p.course.basis],
            p.grade or "GX",
            comma(p.ki67),
            comma(p.course.mitoses, 0) if p.grade else "",
            p.m_category,
            p.stage or "",
            *("x" if s in there else "" for s in ("liver", "lymph_node", "peritoneum", "lung")),
            german(bone.day, bone.precision) if bone else "",
        ]
    ]


def _exams(i: str, p: Patient, modalities: tuple[str, ...], tracer_words: str) -> Iterator[Row]:
    pet = PET in modalities
    for number, exam in enumerate(p.exams, start=1):
        if exam.modality not in modalities:
            continue
        day = date.fromordinal(exam.day)
        about = [
            i,
            f"U{number:03d}",
            day if pet else day.isoformat(),
            tracer_words if exam.modality == PET else _MODALITY[exam.modality],
            _PROTOCOL[exam.ct_protocol],
            _FIELD[exam.field_of_view],
            _BONE_READ[exam.bone_read],
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
            _CORRELATE[read.ct],
            _PATTERN[read.pattern],
            read.hu_mean,
            _adjudicated(read),
            *beside,
            _UPTAKE[read.uptake],
            read.suv_max,
            read.rads or None,
            _CORRELATE[read.mr],
        ]


def _adjudicated(read: Read) -> str | None:
    """Readers write down an adjudication where there was one to make."""
    return None if read.status == "accepted" and read.rads != "3B" else _STATUS[read.status]


def _treatments(i: str, p: Patient) -> Iterator[Row]:
    for number, t in enumerate(p.treatments, start=1):
        yield [
            i,
            f"T{number:03d}",
            _KIND[t.kind],
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
            _COMPONENT[e.component],
            e.site,
            e.lesion,
            _TRIGGER[e.trigger],
            _STATUS[e.status],
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
        yield [i, german(s.day), s.ecog, _SIGN[s.syndrome], _AMINES[s.biochemical]]


def _decisions(i: str, p: Patient) -> Iterator[Row]:
    for d in p.decisions:
        yield [i, german(d.day), d.topic, d.decision, d.reason]


_BASIS = {"histology": "7.1", "cytology": "5", "clinical": "2", "unknown": "9"}
_MODALITY = {SPECT: "SSTR-SPECT/CT", CT: "CT", MRI: "MRT"}
_PROTOCOL = {"diagnostic": "diagnostisch", "low_dose": "Low-dose", "none": "kein CT"}
_FIELD = {"whole_body": "Ganzkörper", "trunk": "Stamm", "partial": "Teilbereich"}
_BONE_READ = {
    "positive": "positiv",
    "negative": "negativ",
    "equivocal": "unklar",
    "not_read": "nicht befundet",
}
_CORRELATE = {"present": "ja", "absent": "nein", "not_assessable": "nicht beurteilbar", "": None}
_PATTERN = {
    "osteolytic": "osteolytisch",
    "osteoblastic": "osteoblastisch",
    "mixed": "gemischt",
    "no_correlate": "ohne Korrelat",
    "not_assessable": "nicht beurteilbar",
}
_STATUS = {"accepted": "bestätigt", "pending": "offen", "rejected": "verworfen"}
_UPTAKE = {
    "positive": "positiv",
    "equivocal": "fraglich",
    "negative": "negativ",
    "not_assessed": None,
}
_KIND = {
    "drug": "Medikament",
    "prrt": "PRRT",
    "sirt": "SIRT",
    "radiotherapy": "Bestrahlung",
    "surgery": "Operation",
}
_COMPONENT = {
    "pathological_fracture": "pathologische Fraktur",
    "radiation_to_bone": "Bestrahlung Knochen",
    "surgery_to_bone": "Operation Knochen",
    "spinal_cord_compression": "Myelonkompression",
    "hypercalcaemia": "Hyperkalzämie",
    "fragility_fracture": "Fragilitätsfraktur",
}
_TRIGGER = {"symptom": "Symptom", "scheduled_imaging": "Bildgebung", "unknown": ""}
_SIGN = {"present": "ja", "absent": "nein", "unknown": "unbekannt", None: ""}
_AMINES = {"raised": "erhöht", "normal": "normal", "unknown": "unbekannt", None: ""}

RowMaker = Callable[[str, Patient], Any]
