"""A synthetic centre: its patients drawn, its exports written, its truth kept apart."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

from osteon.simulate.faults import plant
from osteon.simulate.files import BANNER, write_sheet
from osteon.simulate.patient import simulate_patient
from osteon.simulate.records import Patient
from osteon.simulate.scenario import Scenario
from osteon.simulate.sheets import Sheet, sheets

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Export:
    """One export file, the mapping that says what it means, and how many rows it has."""

    path: Path
    mapping: Path
    rows: int


@dataclass(frozen=True)
class SimulatedCentre:
    """What `simulate` wrote.

    Attributes
    ----------
    directory : Path
        Where everything stands.
    exports : tuple of Export
        What a centre would deliver, each with its mapping.
    truth : Path
        What really happened to each patient. Not for ingestion: no centre knows it.
    patients : int
        People in the exports.
    faults : dict of str to int
        Faults planted, by kind.
    conditioned_on : str
        What the patients were selected for, in words for the report; empty if nothing.
    """

    directory: Path
    exports: tuple[Export, ...]
    truth: Path
    patients: int
    faults: dict[str, int]
    conditioned_on: str

    @property
    def rows(self) -> int:
        """Rows in all exports."""
        return sum(export.rows for export in self.exports)


def simulate(
    scenario: Scenario | str | Path, directory: Path, *, progress: Progress | None = None
) -> SimulatedCentre:
    """Simulate a centre and write its export files, mappings and truth into a folder.

    The same scenario always gives the same files.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or a scenario file.
    directory : Path
        Made if it is not there; files of the same names are replaced.
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Raises
    ------
    OsteonError
        If the scenario cannot be read.
    """
    if not isinstance(scenario, Scenario):
        scenario = Scenario.load(scenario)
    people = draw_centre(scenario, progress=progress)
    written = {sheet.name: sheet for sheet in sheets(people)}
    faults = plant(scenario, written, people)
    directory.mkdir(parents=True, exist_ok=True)
    exports = tuple(_exports(scenario, written, directory, progress or _silent))
    truth = _write_truth(scenario, people, directory / "truth")
    _write_readme(scenario, directory)
    return SimulatedCentre(directory, exports, truth, len(people), faults, scenario.conditioned_on)


def draw_centre(scenario: Scenario, *, progress: Progress | None = None) -> dict[str, Patient]:
    """Draw the centre's patients, by pseudonym, in order of their first visit.

    Conditioned scenarios take the patients on their list, free ones the first to come.
    """
    tell, total = progress or _silent, len(scenario.draws) or scenario.patients
    patients: list[Patient] = []
    for patient in _arrivals(scenario):
        patients.append(patient)
        tell("patients", len(patients), total)
        if len(patients) == total:
            break
    patients.sort(key=lambda p: (p.course.first_visit, p.course.number))
    return {f"SYN-{n:04d}": patient for n, patient in enumerate(patients, start=1)}


def _arrivals(scenario: Scenario) -> Iterator[Patient]:
    for number in scenario.draws or count():
        patient = simulate_patient(scenario, number)
        if patient is not None:
            yield patient


def _exports(
    scenario: Scenario, written: dict[str, Sheet], directory: Path, tell: Progress
) -> Iterator[Export]:
    for done, sheet in enumerate(written.values()):
        tell(f"write {sheet.file}", done, len(written))
        mapping = _write_mapping(sheet.name, directory, scenario.conditioned_on)
        yield Export(write_sheet(sheet, directory), mapping, len(sheet.rows))


def _silent(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""


def _write_mapping(name: str, directory: Path, conditioned_on: str) -> Path:
    text = (resources.files("osteon.simulate") / "mappings" / f"{name}.toml").read_text("utf-8")
    path = directory / f"{name}.toml"
    told = Template(text).substitute(conditioned_on=conditioned_on)
    path.write_text(told, encoding="utf-8", newline="\n")
    return path


def _write_truth(scenario: Scenario, people: dict[str, Patient], directory: Path) -> Path:
    """Write what really happened, one row a patient and one a lesion, into a folder of its own."""
    directory.mkdir(exist_ok=True)
    _write_csv(directory / "truth.csv", [_truth(i, p) for i, p in people.items()])
    lesions = [row for i, p in people.items() for row in _lesions(i, p)]
    _write_csv(directory / "truth_lesions.csv", lesions)
    return directory / "truth.csv"


def _truth(i: str, p: Patient) -> dict[str, Any]:
    course = p.course
    return {
        "patient_id": i,
        "draw": course.number,
        "diagnosis": _iso(course.diagnosis),
        "first_visit": _iso(course.first_visit),
        "lost": _iso(course.lost),
        "death": _iso(course.death),
        "bone_onset": _iso(course.bone_onset),
        "functioning": course.functioning,
        "functioning_since": _iso(course.functioning_since),
        "grade": course.grade,
        "ki67": course.ki67,
    }


def _lesions(i: str, p: Patient) -> Iterator[dict[str, Any]]:
    for lesion in p.course.lesions:
        yield {
            "patient_id": i,
            "lesion": lesion.name,
            "site": lesion.site,
            "onset": _iso(lesion.onset),
            "sstr_visible": _iso(lesion.sstr_visible),
            "ct_visible": _iso(lesion.ct_visible),
            "pattern": lesion.pattern,
        }


def _iso(day: int | None) -> str:
    return "" if day is None else date.fromordinal(day).isoformat()


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, list(rows[0]) if rows else ["patient_id"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def _write_readme(scenario: Scenario, directory: Path) -> None:
    selected = (
        f"Conditioned on {scenario.conditioned_on}."
        if scenario.conditioned_on
        else "Nothing was conditioned: the truth is the scenario's."
    )
    (directory / "README.txt").write_text(
        f"{BANNER}\n\n"
        f"SYNTHETIC DATA: made-up patients, written by osteon simulate.\n"
        f"Scenario: {scenario.name} ({scenario.title}), seed {scenario.seed}.\n\n"
        f"{selected}\n\n"
        "Each export stands beside its mapping (the same name, .toml). The folder truth/ holds what\n"
        "really happened; it is there to judge methods by and is never to be ingested.\n",
        encoding="utf-8",
        newline="\n",
    )
