"""Faulty rows, as real exports have them, planted openly and counted.

A fault that would cost a patient a place in the study is planted in patients whom the study leaves
out anyway, for their primary lies elsewhere: the published counts must hold after the faults are
set aside. Faults that only warn may hit anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from osteon.simulate.draws import Draws
from osteon.simulate.records import Patient
from osteon.simulate.scenario import Scenario
from osteon.simulate.sheets import People, Sheet
from osteon.simulate.words import comma, german


class Exports:
    """The sheets by name, and patients to plant faults in, never the same one twice."""

    def __init__(self, scenario: Scenario, sheets: dict[str, Sheet], people: People) -> None:
        self.sheets, self.people = sheets, people
        self.elsewhere = scenario.faults.topography
        self._draws = Draws(scenario.seed, 0, "faults")
        self._used: set[str] = set()

    def someone(self, fits: Callable[[Patient], bool]) -> str | None:
        """Return a patient who fits, or None if there is none left."""
        ids = [i for i, p in self.people.items() if i not in self._used and fits(p)]
        if not ids:
            return None
        found = ids[self._draws.days(0, len(ids) - 1)]
        self._used.add(found)
        return found

    def outsider(self, fits: Callable[[Patient], bool] = lambda p: True) -> str | None:
        """Return a patient whose primary lies elsewhere."""
        return self.someone(lambda p: p.course.topography == self.elsewhere and fits(p))

    def set(self, sheet: str, patient_id: str, **cells: object) -> None:
        """Overwrite cells of a patient's first row."""
        row = self.sheets[sheet].of(patient_id)
        for column, value in cells.items():
            row[self.sheets[sheet].at(column)] = value

    def append(self, sheet: str, **cells: object) -> None:
        """Append a row; columns that are not named stay empty."""
        columns = self.sheets[sheet].columns
        self.sheets[sheet].rows.append([cells.get(c, "") for c in columns])


def plant(scenario: Scenario, sheets: dict[str, Sheet], people: People) -> dict[str, int]:
    """Plant the scenario's faults; returns how many of each kind found a place."""
    exports = Exports(scenario, sheets, people)
    return {
        kind: sum(fault(exports, i) for i in range(getattr(scenario.faults, kind)))
        for kind, fault in _FAULTS.items()
    }


def _death_before_last_contact(exports: Exports, _: int) -> bool:
    patient = exports.outsider(
        lambda p: p.death is None and p.last_contact > p.course.first_visit + 100
    )
    if patient is None:
        return False
    early = exports.people[patient].last_contact - 60
    exports.set("stammdaten", patient, Sterbedatum=german(early), Todesursache="Tumor")
    return True


def _treatment_ends_before_start(exports: Exports, i: int) -> bool:
    """Of a somatostatin analogue in anybody; the first one of an antiresorptive, outside bone."""
    atc = ("M05BX04",) if i == 0 else ("H01CB02", "H01CB03")
    rows = exports.sheets["therapien"]
    patient = exports.someone(
        lambda p: (
            (i > 0 or not any(e.bone_read == "positive" for e in p.exams))
            and any(t.atc in atc and t.precision == "day" for t in p.treatments)
        )
    )
    if patient is None:
        return False
    row = next(r for r in rows.rows if r[0] == patient and r[rows.at("ATC")] in atc)
    start = date(*reversed([int(part) for part in row[rows.at("Beginn")].split(".")]))
    row[rows.at("Ende")] = german(start.toordinal() - 365)
    return True


def _bone_metastasis_with_m0(exports: Exports, _: int) -> bool:
    patient = exports.outsider()
    if patient is None:
        return False
    day = german(exports.people[patient].course.diagnosis)
    exports.set("tumoure", patient, M_Kategorie="M0", UICC_Stadium="III", FM_OSS_Datum=day)
    return True


def _grade_against_ki67(exports: Exports, _: int) -> bool:
    patient = exports.someone(lambda p: p.grade == "G1" and p.ki67 is not None)
    if patient is None:
        return False
    exports.set("tumoure", patient, Ki67_Prozent=comma(8.0))
    return True


def _unreadable_date(exports: Exports, i: int) -> bool:
    sheet, column, text = (
        ("funktion", "Datum", "unbekannt"),
        ("tumorboard", "Datum", "31.02.2015"),
        ("stammdaten", "Sterbedatum", "00.00.2016"),
        ("tumorboard", "Datum", "siehe Brief"),
    )[i % 4]
    if sheet == "stammdaten":
        patient = exports.outsider(lambda p: p.death is not None)
    else:
        patient = exports.someone(lambda p: len(p.statuses) > 3 and len(p.decisions) > 2)
    if patient is None:
        return False
    if sheet == "stammdaten":
        exports.set(sheet, patient, **{column: text})
    else:  # not the first row, which tells whether the tumour is functioning
        rows = exports.sheets[sheet]
        [r for r in rows.rows if r[0] == patient][-1][rows.at(column)] = text
    return True


def _unknown_code(exports: Exports, i: int) -> bool:
    patient = exports.outsider()
    if patient is None:
        return False
    sheet, column, text = (
        ("stammdaten", "Todesursache", "ungeklärt?"),
        ("tumoure", "M_Kategorie", "M2"),
        ("tumoure", "Grading", "G4"),
        ("funktion", "Syndrom", "fraglich"),
        ("stammdaten", "Geschlecht", "k. A."),
    )[i % 5]
    exports.set(sheet, patient, **{column: text})
    return True


def _orphan_rows(exports: Exports, i: int) -> bool:
    stranger = f"SYN-99{i:02d}"
    sheet = ("tumorboard", "funktion", "skelettereignisse")[i % 3]
    cells: dict[str, dict[str, object]] = {
        "tumorboard": {"Frage": "Verlauf", "Beschluss": "Therapie fortsetzen"},
        "funktion": {"ECOG": 1, "Syndrom": "nein", "Biochemie": "normal"},
        "skelettereignisse": {"Ereignis_Nr": "E1", "Ereignis": "Fragilitätsfraktur"},
    }
    exports.append(sheet, Pat_ID=stranger, Datum=f"{3 + i:02d}.05.2018", **cells[sheet])
    return True


def _repeated_patient(exports: Exports, _: int) -> bool:
    patient = exports.someone(lambda p: True)
    if patient is None:
        return False
    rows = exports.sheets["stammdaten"]
    rows.rows.append(list(rows.of(patient)))
    return True


def _contradicting_patient(exports: Exports, _: int) -> bool:
    patient = exports.outsider()
    if patient is None:
        return False
    rows = exports.sheets["stammdaten"]
    other = list(rows.of(patient))
    other[rows.at("Geschlecht")] = "w" if other[rows.at("Geschlecht")] == "m" else "m"
    rows.rows.append(other)
    return True


def _event_without_bone_metastasis(exports: Exports, _: int) -> bool:
    patient = exports.outsider(lambda p: not any(e.bone_read == "positive" for e in p.exams))
    if patient is None:
        return False
    exports.append(
        "skelettereignisse",
        Pat_ID=patient,
        Ereignis_Nr="E9",
        Datum=german(exports.people[patient].course.first_visit),
        Ereignis="Bestrahlung Knochen",
        Lokalisation="L-spine",
        Anlass="Symptom",
        Status="bestätigt",
    )
    return True


def _exam_after_death(exports: Exports, _: int) -> bool:
    patient = exports.outsider(lambda p: p.death is not None)
    if patient is None:
        return False
    death = exports.people[patient].death or 0
    exports.append(
        "radiologie",
        Pat_ID=patient,
        Unters_Nr="U999",
        Datum=date.fromordinal(death + 20).isoformat(),
        Verfahren="CT",
        CT_Protokoll="diagnostisch",
        Feld="Stamm",
        Skelett="negativ",
        Befund_Nr=0,
    )
    return True


def _kinds() -> Iterator[tuple[str, Callable[[Exports, int], bool]]]:
    for function in (  # those that ask most of a patient choose first
        _exam_after_death,
        _death_before_last_contact,
        _treatment_ends_before_start,
        _bone_metastasis_with_m0,
        _grade_against_ki67,
        _unreadable_date,
        _unknown_code,
        _orphan_rows,
        _repeated_patient,
        _contradicting_patient,
        _event_without_bone_metastasis,
    ):
        yield function.__name__.lstrip("_"), function


_FAULTS = dict(_kinds())
