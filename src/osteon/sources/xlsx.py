"""XLSX workbooks: numbers, dates and truth values come as what they are, errors as `Broken`.

A formula counts with the value its spreadsheet program last stored. A formula without a stored
value was never computed: its cell is broken, not empty.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from osteon.errors import InputError, MappingError, did_you_mean
from osteon.sources.mapping import Source
from osteon.sources.sheet import Broken, Grid, Percent, Raw

_EXACT_INTEGERS = 10**15  # a spreadsheet keeps 15 significant digits
_QUOTED = re.compile(r'"[^"]*"|\\.')
_EVERY = 2000  # rows between two signs of progress


def read_xlsx(
    content: bytes, source: Source, file: str, progress: Callable[[int], None] | None = None
) -> Grid:
    """Read one sheet of a workbook; ``progress`` is told how many rows are read.

    Raises
    ------
    InputError
        If the workbook is damaged or cut off, or the sheet is empty.
    MappingError
        If `sheet` is not in the workbook, or is not named where there are several.
    """
    rows = _load(content, source, file, progress)
    header = rows[source.header_row - 1] if source.header_row <= len(rows) else ()
    if not any(cell is not None for cell in header):
        raise InputError(
            f"row {source.header_row} of {file} is empty",
            do="set `header_row` to the row that holds the names, `sheet` to the right sheet",
        )
    width = max(place for place, cell in enumerate(header, start=1) if cell is not None)
    kept, numbers = [], []
    for number, row in enumerate(rows[source.header_row :], start=source.header_row + 1):
        cells = row[:width]
        if any(cell is not None for cell in cells):
            kept.append(cells + (None,) * (width - len(cells)))
            numbers.append(number)
    columns: list[Any] = list(zip(*kept, strict=True)) if kept else [()] * width
    return Grid(header[:width], columns, numbers)


def first_rows(content: bytes, source: Source, file: str, most: int) -> list[tuple[Raw, ...]]:
    """Return the first rows of a sheet, whatever they hold."""
    return _load(content, source, file, most=most)


def sheet_names(content: bytes, file: str) -> list[str]:
    """Return the names of a workbook's sheets."""
    try:
        with _quiet():
            workbook = load_workbook(io.BytesIO(content), read_only=True)
    except _DAMAGED as fault:
        raise _damaged(file, fault) from None
    names = [sheet.title for sheet in workbook.worksheets]
    workbook.close()
    return names


def _load(
    content: bytes,
    source: Source,
    file: str,
    progress: Callable[[int], None] | None = None,
    most: int | None = None,
) -> list[tuple[Raw, ...]]:
    rows = []
    try:
        with _quiet():
            for number, row in enumerate(islice(_rows(content, source), most), start=1):
                rows.append(row)
                if progress and number % _EVERY == 0:
                    progress(number)
    except _DAMAGED as fault:
        raise _damaged(file, fault) from None
    return rows


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that no value needs
        yield


def _damaged(file: str, fault: Exception) -> InputError:
    return InputError(
        f"{file} is not a whole workbook ({type(fault).__name__})",
        do="export or copy it again; the transfer may have broken off",
    )


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
)


def _rows(content: bytes, source: Source) -> Iterator[tuple[Raw, ...]]:
    formulas = _formulas(content, source) if _has_formulas(content) else frozenset()
    for number, row in enumerate(_cells(content, source, data_only=True), start=1):
        yield tuple(
            Broken() if formulas and _never_computed(cell, number, place, formulas) else _raw(cell)
            for place, cell in enumerate(row, start=1)
        )


def _cells(content: bytes, source: Source, *, data_only: bool) -> Iterator[tuple[Any, ...]]:
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    try:
        sheet = workbook[_sheet_name([sheet.title for sheet in workbook.worksheets], source)]
        sheet.reset_dimensions()  # what the file says of its size is often wrong
        yield from sheet.iter_rows()
    finally:
        workbook.close()


def _sheet_name(names: list[str], source: Source) -> str:
    if not names:
        raise InvalidFileException("no sheet")
    if source.sheet in names:
        return source.sheet
    if source.sheet is None and len(names) == 1:
        return names[0]
    listed = ", ".join(f'"{name}"' for name in names)
    if source.sheet is None:
        raise MappingError("the workbook has several sheets", f"they are {listed}", "set `sheet`")
    hint = did_you_mean(source.sheet, names)
    raise MappingError(f'the workbook has no sheet "{source.sheet}"', f"it has {listed}", hint)


def _raw(cell: Any) -> Raw:
    value = cell.value
    if cell.data_type == "e":
        return Broken()
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, time | timedelta):
        return str(value)
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return Broken()


def _number(value: int | float, number_format: str) -> Raw:
    if "%" in _QUOTED.sub("", number_format):  # a quoted sign is only a decoration
        return Percent(value)
    return float(value) if abs(value) >= _EXACT_INTEGERS else value


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<f[ />]", archive.read(name)) for name in sheets)


def _formulas(content: bytes, source: Source) -> frozenset[tuple[int, int]]:
    return frozenset(
        (number, place)
        for number, row in enumerate(_cells(content, source, data_only=False), start=1)
        for place, cell in enumerate(row, start=1)
        if cell.data_type == "f"
    )


def _never_computed(
    cell: Any, number: int, place: int, formulas: frozenset[tuple[int, int]]
) -> bool:
    # A formula whose stored answer is the empty text has data type "str": that is an empty cell.
    return cell.value is None and cell.data_type != "str" and (number, place) in formulas
