"""What every format is read into: named columns of raw cells, and the row a person sees.

A raw cell is text in a text file; in a workbook or Parquet file it can also be a number, a
truth value or a date. ``None`` is a cell with nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from osteon.errors import InputError


@dataclass(frozen=True)
class Broken:
    """A cell that the format itself could not give a value for, such as ``#REF!``."""


class Percent(float):
    """A number that its workbook shows as a percentage: 0.15, shown as 15 %."""


Raw = str | int | float | bool | date | Broken | None


@dataclass(frozen=True)
class Grid:
    """A file as its format gives it: header cells, columns, and the number of each row.

    ``misfits`` are numbers of rows that have another number of fields than the header.
    """

    header: Sequence[Any]
    columns: Sequence[Sequence[Raw]]
    row_numbers: Sequence[int]
    misfits: Sequence[int] = ()


@dataclass(frozen=True)
class Sheet:
    """A file, read: columns by name.

    ``row_numbers`` are the line or row numbers that a person sees in an editor or a spreadsheet;
    in a Parquet file, which has no header line, they count from 1. Rows with nothing in them are
    not rows.
    """

    file: str
    content: str
    columns: dict[str, Sequence[Raw]] = field(repr=False)
    row_numbers: Sequence[int] = field(repr=False)
    misfits: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)

    @property
    def rows_in(self) -> int:
        """Rows of the file, those that do not fit its header included."""
        return len(self.row_numbers) + len(self.misfits)


def name_columns(grid: Grid, file: str) -> dict[str, Sequence[Raw]]:
    """Name the columns of a grid; a column without a name cannot be mapped and is left out.

    Raises
    ------
    InputError
        If two columns share a name. They are told by place: where a file has no header, its
        first row is a patient.
    """
    columns: dict[str, Sequence[Raw]] = {}
    places: dict[str, int] = {}
    for place, (cell, column) in enumerate(zip(grid.header, grid.columns, strict=True), start=1):
        name = plain_name(cell)
        if not name:
            continue
        if name in places:
            raise InputError(
                f"columns {places[name]} and {place} of {file} have the same name",
                "every column needs a name of its own",
                "rename one of them, or point `header_row` to the line that holds the names",
            )
        places[name], columns[name] = place, column
    if not columns:
        raise InputError(
            f"the header row of {file} is empty", do="set `header_row` to the row with the names"
        )
    return columns


def plain_name(cell: Any) -> str:
    r"""Reduce a column's name to one line with single spaces, as a mapping would write it.

    >>> plain_name("  Ki-67\n  index ")
    'Ki-67 index'
    """
    return "" if cell is None or isinstance(cell, Broken) else " ".join(str(cell).split())
