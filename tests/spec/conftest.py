"""The spec fixture: a few patients as a small table, a rule, and what follows for each patient.

Times are days since diagnosis. Patients and tumours that a table does not describe are filled in:
stage IV at diagnosis, first visit on day 0, alive at day 3650. The same specs are rendered into
``docs/reference`` by ``scripts/docs.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from osteon.cohort import Cohort, build_cohort
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry, delivery_of, import_delivery

PROTOCOL = """
[protocol]
name = "spec"
title = "spec"
questions = ["who"]
"""


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., None]:
    """Check that the patients ``given`` come out as ``then`` under a protocol."""

    def check(given: str, then: str, protocol: str = "") -> None:
        expected = rows_of(then)
        cohort = cohort_of(tmp_path, given, protocol, [row["patient_id"] for row in expected])
        columns = [c for c in expected[0] if c != "patient_id"]
        patients = sorted(row["patient_id"] for row in expected)
        obtained = {
            patient: {column: _shown(cohort, subject, column) for column in columns}
            for subject, patient in enumerate(patients)
        }
        assert obtained == {
            row["patient_id"]: {c: row[c] for c in columns} for row in expected
        }

    return check


def cohort_of(folder: Path, given: str, protocol: str, patients: list[str]) -> Cohort:
    """The cohort of a few patients, through a real registry."""
    text = filled(dedent(given), sorted(patients))
    with Registry.create(folder / "spec.duckdb") as registry:
        import_delivery(
            registry, delivery_of(text, clock="diagnosis", complete_for=("antiresorptives",))
        )
        return build_cohort(registry, Protocol.parse(PROTOCOL + dedent(protocol)))


def filled(text: str, patients: list[str]) -> str:
    """Add patients and tumours where a spec leaves them out."""
    blocks = [text.strip()]
    starts = {block.strip().splitlines()[0].strip() for block in text.split("\n\n") if block.strip()}
    if "patients" not in starts:
        rows = "\n".join(f"{p} | 0 | 3650" for p in patients)
        blocks.append(f"patients\npatient_id | first_visit | last_contact\n{rows}")
    if "tumours" not in starts:
        rows = "\n".join(f"{p} | 1 | 0 | histology | IV | M1" for p in patients)
        blocks.append(
            f"tumours\npatient_id | tumour_id | diagnosis | basis | stage | m_category\n{rows}"
        )
    return "\n\n".join(blocks)


def rows_of(table: str) -> list[dict[str, str]]:
    """Rows of a text table with one header line."""
    header, *lines = [line for line in dedent(table).splitlines() if line.strip()]
    names = [name.strip() for name in header.split("|")]
    return [
        dict(zip(names, (cell.strip() for cell in line.split("|")), strict=True)) for line in lines
    ]


def _shown(cohort: Cohort, subject: int, column: str) -> str:
    """A derived value as a spec writes it."""
    if column == "events":
        return _joined(cohort.events, subject, "time")
    if column == "component":
        return _joined(cohort.events, subject, "component")
    if column == "episodes":
        own = cohort.episodes[cohort.episodes.subject == subject]
        return ", ".join(f"{_plain(e.start)}-{_plain(e.end)}" for e in own.itertuples())
    return _plain(cohort.people[column][subject])


def _joined(frame: pd.DataFrame, subject: int, column: str) -> str:
    return ", ".join(_plain(v) for v in frame[frame.subject == subject][column])


def _plain(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, bool) or str(type(value).__name__) == "bool":
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
