"""A table as data: what HTML, Word, PDF and CSV all render.

A cell is a tuple of lines that alternate between a value and its detail: ``("34.4 %", "105/305")``
is a value with a small line under it. Every format prints the same lines. ``records`` is the
table for machines, with numbers at full precision; it becomes the CSV file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Cell = tuple[str, ...]
Value = str | int | float | bool | None
Record = Mapping[str, Value]


@dataclass(frozen=True)
class Column:
    """A column: its heading, how wide it is against the others, whether it holds numbers."""

    heading: str
    width: float = 1.0
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    """A row of cells.

    ``anchor`` lets a reader jump to it, ``status`` colours it (a ledger status or a verdict),
    ``heading`` makes it a line across the table that names the rows below.
    """

    cells: tuple[Cell, ...]
    anchor: str = ""
    status: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its caption, notes and machine-readable twin."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def strings(self) -> tuple[str, ...]:
        """Every line of every cell, in reading order."""
        return tuple(line for row in self.rows for cell in row.cells for line in cell if line)


def plain_row(*texts: str, anchor: str = "", status: str = "") -> Row:
    """Make a row whose cells are single lines."""
    return Row(tuple((text,) for text in texts), anchor=anchor, status=status)


def heading_row(text: str) -> Row:
    """Make a line across the table."""
    return Row(((text,),), heading=True)


def to_csv(table: Table) -> str:
    """Write a table for machines: its records, or its printed rows where it has none.

    Examples
    --------
    >>> table = Table("t", "T", (Column("what"), Column("n")), (plain_row("=1+1", "3"),))
    >>> print(to_csv(table).strip())
    "what","n"
    "'=1+1","3"
    """
    records = table.records or tuple(_printed(table))
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(
        out,
        names or [c.heading for c in table.columns],
        lineterminator="\n",
        quoting=csv.QUOTE_NONNUMERIC,
    )
    writer.writeheader()
    for record in records:
        writer.writerow({name: _safe(value) for name, value in record.items()})
    return out.getvalue()


def _printed(table: Table) -> Iterable[Record]:
    for row in table.rows:
        cells = row.cells + ((),) * (len(table.columns) - len(row.cells))
        yield {
            column.heading: "; ".join(line for line in cell if line)
            for column, cell in zip(table.columns, cells, strict=True)
        }


def _safe(value: Value) -> Value:
    """Keep a spreadsheet from running a text as a formula: such text gets an apostrophe."""
    risky = isinstance(value, str) and (
        value.startswith(("\t", "\r", "\n")) or value.lstrip().startswith(("=", "+", "-", "@"))
    )
    return f"'{value}" if risky else value
