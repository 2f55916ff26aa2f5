"""Fill one contract column from a sheet: every cell a value, empty, or a `Fault`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from osteon.contracts.tables import Column
from osteon.sources.conditions import is_missing, rows_meant
from osteon.sources.dates import date_reader, in_living_memory, no_finer
from osteon.sources.fillings import Filling, TextFilling, TimeFilling, TranslatedFilling
from osteon.sources.mapping import Source, TableBlock
from osteon.sources.rules import (
    BROKEN_CELL,
    FIELD_CONDITION_UNREADABLE,
    IMPOSSIBLE_TIME,
    NOT_IN_MAP,
    UNKNOWN_PRECISION,
    Fault,
)
from osteon.sources.sheet import Broken, Raw, Sheet
from osteon.sources.units import DAYS_PER_YEAR, factor
from osteon.sources.values import Numerals, Reader, as_text, memoised, shape, token, value_reader

ENOUGH = 5
"""So many values of a column, all unreadable, are a mistake in the mapping, not in the data."""

Known = dict[tuple[int, float | None], list[Any]]
"""Cells by the filling that gave them (one mapping lives as long as its delivery) and its scale."""

_LONGEST_TIME_DAYS = 200 * DAYS_PER_YEAR


@dataclass(frozen=True)
class Fill:
    """Fills the columns of one block.

    ``meant`` says which rows the block is meant for; ``known`` holds what other blocks have read
    already, such as the patient's identifier; ``mistaken`` gathers what looks like a mistake in
    the mapping: a column of which not one value can be read.
    """

    sheet: Sheet
    source: Source
    block: TableBlock
    meant: Sequence[bool | Fault]
    known: Known = field(default_factory=dict)
    mistaken: list[str] = field(default_factory=list)

    def columns(self) -> dict[str, list[Any]]:
        """Return the cells of every contract column that the block fills.

        A time is a pair of time and precision. Of several fillings of a column, the first that
        gives a value or a fault decides.
        """
        return {
            name: self._column(self.block.table.column(name), fillings)
            for name, fillings in self.block.fillings.items()
        }

    def _column(self, column: Column, fillings: tuple[Filling, ...]) -> list[Any]:
        cells, *others = (self._filled(column, filling) for filling in fillings)
        for other in others:
            cells = [one if one is not None else two for one, two in zip(cells, other, strict=True)]
        return cells

    def _filled(self, column: Column, filling: Filling) -> list[Any]:
        applies = rows_meant(
            filling.when,
            self.sheet.columns,
            len(self.sheet),
            self.source.missing_texts(),
            self.source.numerals,
        )
        read_before = (id(filling), self.block.scale(column.name, filling))
        if read_before not in self.known:
            self.known[read_before] = self._cells(column, filling)
        cells = self.known[read_before]
        named = filling.column or getattr(filling, "offset", None)
        if named:
            self._note_mistake(column, named, cells, applies)
        if not filling.when:
            return cells
        return [_where(a, cell) for a, cell in zip(applies, cells, strict=True)]

    def _cells(self, column: Column, filling: Filling) -> list[Any]:
        if isinstance(filling, TextFilling) and filling.row_number:
            return [f"{filling.prefix}{number}" for number in self.sheet.row_numbers]
        if isinstance(filling, TimeFilling):
            return self._times(filling)
        numerals = self.source.numerals if filling.column else Numerals()
        read = value_reader(column, numerals, self.block.scale(column.name, filling))
        if filling.column is None:
            return [read(filling.constant)] * len(self.sheet)
        return memoised(self._reader(filling, read), self.sheet.columns[filling.column])

    def _reader(self, filling: Filling, read: Reader) -> Reader:
        missing = self.source.missing_texts(filling.missing)
        prefix = getattr(filling, "prefix", "")
        if isinstance(filling, TranslatedFilling) and filling.values:
            translate = _translation(filling, read, missing)
        else:
            translate = lambda raw: None if is_missing(raw, missing) else read(raw)  # noqa: E731
        return (lambda raw: _prefixed(prefix, translate(raw))) if prefix else translate

    def _times(self, filling: TimeFilling) -> list[Any]:
        read = self._offset_reader(filling) if self.source.time else self._date_reader(filling)
        named = filling.column or filling.offset
        if named is None:
            return [_no_finer(read(filling.constant), filling.precision)] * len(self.sheet)
        times = memoised(self._time_reader(filling, read), self.sheet.columns[named])
        if filling.precision_column is None:
            return times
        codes = {token(code): precision for code, precision in filling.precision_values.items()}
        missing = self.source.missing_texts()

        def precision(raw: Raw) -> str | Fault:
            if is_missing(raw, missing):
                return "day"  # nothing said: as precise as it is written
            return codes.get(token(raw), Fault(UNKNOWN_PRECISION))

        said = memoised(precision, self.sheet.columns[filling.precision_column])
        return [_no_finer(time, known) for time, known in zip(times, said, strict=True)]

    def _time_reader(self, filling: TimeFilling, read: Reader) -> Reader:
        missing = self.source.missing_texts(filling.missing)

        def time(raw: Raw) -> Any:
            if isinstance(raw, Broken):
                return Fault(BROKEN_CELL)
            return None if is_missing(raw, missing) else _no_finer(read(raw), filling.precision)

        return time

    def _date_reader(self, filling: TimeFilling) -> Reader:
        written = date_reader(filling.dates or self.source.dates)
        return lambda raw: (
            in_living_memory(raw, "day") if isinstance(raw, date) else written(as_text(raw))
        )

    def _offset_reader(self, filling: TimeFilling) -> Reader:
        assert self.source.time is not None
        days = factor(filling.unit or self.source.time.unit, "days")
        numerals = self.source.numerals if filling.offset else Numerals()

        def read(raw: Raw) -> Any:
            number = numerals.read(raw)
            if isinstance(number, Fault):
                return number
            time = number * days
            return (time, "day") if abs(time) <= _LONGEST_TIME_DAYS else Fault(IMPOSSIBLE_TIME)

        return read

    def _note_mistake(
        self, column: Column, named: str, cells: list[Any], applies: Sequence[bool | Fault]
    ) -> None:
        present = []
        for i, cell in enumerate(cells):
            if cell is not None and self.meant[i] is True and applies[i] is True:
                if type(cell) is not Fault:
                    return
                present.append(i)
        if len(present) < ENOUGH:
            return
        faults = [cells[i] for i in present]
        rule = Counter(fault.rule for fault in faults).most_common(1)[0][0]
        shapes = Counter(shape(self.sheet.columns[named][i]) for i in present).most_common(3)
        looks = ", ".join(f'"{looks}"' for looks, _ in shapes)
        allowed = f" Allowed are {', '.join(column.allowed)}." if column.allowed else ""
        self.mistaken.append(
            f"`{self.block.name}.{column.name}`: not one of the {len(present)} values of column "
            f'"{named}" can be read: each {rule.reason}. They look like {looks}.{allowed} '
            f"Cure: {rule.cure}."
        )


def _where(applies: bool | Fault, cell: Any) -> Any:
    if applies is True:
        return cell
    return None if applies is False else Fault(FIELD_CONDITION_UNREADABLE)


def _translation(filling: TranslatedFilling, read: Reader, missing: frozenset[str]) -> Reader:
    targets = {code: _written(read, value) for code, value in filling.values.items()}
    rest = Fault(NOT_IN_MAP) if filling.otherwise is None else _written(read, filling.otherwise)

    def translate(raw: Raw) -> Any:
        if isinstance(raw, Broken):
            return Fault(BROKEN_CELL)
        code = token(raw)
        if code in targets:
            return targets[code]
        return targets.get("") if is_missing(raw, missing) else rest

    return translate


def _written(read: Reader, value: Any) -> Any:
    return None if value == "" else read(value)


def _prefixed(prefix: str, text: Any) -> Any:
    return f"{prefix}{text}" if isinstance(text, str) else text


def _no_finer(time: Any, precision: str | Fault) -> Any:
    if time is None or isinstance(time, Fault):
        return time
    if isinstance(precision, Fault):
        return precision
    when, known = time
    return no_finer(when, known, precision)
