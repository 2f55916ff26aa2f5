"""The spec fixture: a few patients as a small table, a rule, and what follows for each patient.

Times are days since diagnosis, those given with ``calendar`` dates; what a table leaves out is filled in (``tests/conftest.py``). The same
specs are rendered into ``docs/reference/definitions`` by ``scripts/docs.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pandas as pd
import pytest

from osteon.cohort import Cohort
from osteon.cohort.histories import PREVALENT, UNORDERED, event_history, exposed_event_history


@pytest.fixture
def spec(cohort_of: Callable[..., Cohort]) -> Callable[..., None]:
    """Check that the patients ``given`` come out as ``then`` under a protocol."""

    def check(given: str, then: str, protocol: str = "", calendar: bool = False) -> None:
        expected = rows_of(then)
        patients = [row["patient_id"] for row in expected]
        cohort = cohort_of(given, patients, protocol, calendar=calendar)
        columns = [c for c in expected[0] if c != "patient_id"]
        patients = sorted(row["patient_id"] for row in expected)
        obtained = {
            patient: {column: _shown(cohort, subject, column) for column in columns}
            for subject, patient in enumerate(patients)
        }
        assert obtained == {row["patient_id"]: {c: row[c] for c in columns} for row in expected}

    return check


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
    if column == "first event":
        return _incidence(cohort, subject)
    if column == "days treated":
        return _exposed(cohort, subject)
    if column == "episodes":
        own = cohort.episodes[cohort.episodes.subject == subject]
        return ", ".join(f"{_plain(e.start)}-{_plain(e.end)}" for e in own.itertuples())
    return _plain(cohort.people[column][subject])


def _incidence(cohort: Cohort, subject: int) -> str:
    """Day of the incident first event since detection, or why the patient is left out."""
    everybody = pd.Series(True, index=cohort.people.index)
    followed = event_history(cohort, everybody)
    for why, who in followed.left_out.items():
        if subject in who:
            return _LEFT_OUT.get(why, why)
    own = followed.history.subject == subject
    [day], [state] = followed.history.exit[own], followed.history.to_state[own]
    return f"day {day:g}" if state == 1 else "none"


def _exposed(cohort: Cohort, subject: int) -> str:
    """Exposed spans in days since detection."""
    everybody = pd.Series(True, index=cohort.people.index)
    history = exposed_event_history(cohort, everybody).history
    own = (history.subject == subject) & (history.covariates["treated"] == 1)
    spans = zip(history.entry[own], history.exit[own], strict=True)
    return ", ".join(f"{entry:g}-{exit_:g}" for entry, exit_ in spans)


_LEFT_OUT = {PREVALENT: "prevalent", UNORDERED: "order not known"}


def _joined(frame: pd.DataFrame, subject: int, column: str) -> str:
    return ", ".join(_plain(v) for v in frame[frame.subject == subject][column])


def _plain(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, bool) or str(type(value).__name__) == "bool":
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
