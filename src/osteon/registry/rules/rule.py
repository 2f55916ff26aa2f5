"""What a data rule is: an id, a severity, a reason, a cure, the smallest example, and its SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import Template
from typing import Literal

from osteon.contracts.tables import EVENTS, EXPOSURE, SURVIVAL, TABLES

Severity = Literal["reject", "exclude", "warn"]

FOLLOW_UP = (SURVIVAL, EVENTS, EXPOSURE)
"""Analyses that count time at risk, and so fall with a patient's follow-up."""

STAGE_WINDOW_DAYS = 120
"""What is found within so many days of diagnosis belongs to the stage at diagnosis."""


@dataclass(frozen=True)
class Rule:
    """One way in which data can be wrong, how it is found and what follows.

    Attributes
    ----------
    id, title : str
        ``T014`` and a few words. An id is never used again for another rule.
    tables : tuple of str
        Tables whose rows the rule finds. It runs once for each.
    column : str
        Where a data manager has to look; empty for the whole row, ``$time`` for the table's day.
    severity : str
        ``reject``: the row is set aside. ``exclude``: the row stays, its patient is left out of
        the analyses in ``excludes``. ``warn``: nothing follows but the count in every report.
    reason, cure : str
        Why it matters, and what to do about it; never with a value.
    example : str
        The smallest rows that cause it, as `osteon.registry.example` reads them; what is found
        is marked in the column ``found``.
    sql : str
        A query for the ``row_id`` of what is found, over the current views and the helpers of
        ``helpers.sql``. ``$table``, ``$time``, ``$precision``, ``$key`` and ``$columns`` stand
        for the table at hand.
    excludes : tuple of str
        Members of `osteon.contracts.tables.ANALYSES`.
    needs_calendar : bool
        The rule means nothing without calendar dates; a day-offset registry says "not run".
    of_registry : bool
        The rule is about the registry as a whole: its query gives one row, or none.
    """

    id: str
    title: str
    tables: tuple[str, ...]
    severity: Severity
    reason: str
    cure: str
    example: str
    sql: str
    column: str = ""
    excludes: tuple[str, ...] = ()
    needs_calendar: bool = False
    of_registry: bool = False

    def query(self, table: str) -> str:
        """Return the rule's SQL for one of its tables."""
        return Template(self.sql).substitute(_words(table))

    def column_of(self, table: str) -> str:
        """Return the column a data manager has to look at in one of its tables."""
        return Template(self.column).substitute(_words(table))


def sql_list(values: Iterable[str]) -> str:
    """Write names of the vocabulary as an SQL list.

    >>> sql_list(("G1", "G2"))
    "('G1', 'G2')"
    """
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _words(table: str) -> dict[str, str]:
    time = _TIME.get(table, "")
    columns = TABLES[table].schema("calendar").names
    return {
        "table": table,
        "time": time,
        "precision": f"{time}_precision",
        "key": ", ".join(f'"{name}"' for name in TABLES[table].key),
        "columns": ", ".join(f'"{name}"' for name in columns if name != "source_row"),
    }


_TIME = {
    name: "start" if "start" in table.times else table.times[0]
    for name, table in TABLES.items()
    if table.times
}
