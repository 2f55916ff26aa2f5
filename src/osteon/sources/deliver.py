"""Apply a mapping to an export file: every source row ends in exactly one place a block.

For each block of the mapping: rows stored + rows not applicable + rows set aside = rows read.
A row is set aside where a required value is empty or unreadable, where it does not fit the
header, or where it repeats or contradicts an earlier row of the block. An optional value that
cannot be read leaves its cell empty and is listed; the row is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from osteon.contracts.tables import Clock, Delivery, SetAside, Table, TargetRows
from osteon.sources.conditions import rows_meant
from osteon.sources.fill import Fill, Known
from osteon.sources.fit import check_fit, refuse
from osteon.sources.mapping import Mapping, TableBlock
from osteon.sources.read import read_source
from osteon.sources.rules import (
    CONDITION_UNREADABLE,
    CONTRADICTED,
    REPEATED,
    REQUIRED_EMPTY,
    REQUIRED_UNREADABLE,
    WRONG_WIDTH,
    Fault,
    Rule,
)
from osteon.sources.sheet import Sheet

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and of how much (None if not known)."""


def deliver(path: Path, mapping: Mapping, *, progress: Progress | None = None) -> Delivery:
    """Read an export file through a mapping.

    Parameters
    ----------
    path : Path
        The export file.
    mapping : Mapping
        From `read_mapping`.
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Returns
    -------
    Delivery
        The rows each block gives, what was set aside, and what could not be read.

    Raises
    ------
    InputError
        If the file cannot be read as what it is said to be.
    MappingError
        If the mapping names a column that the file lacks, or not one value of a mapped column
        (of five or more) can be read.
    """
    tell = progress or (lambda what, done, total: None)
    sheet = read_source(path, mapping.source, lambda rows: tell(f"read {path.name}", rows, None))
    check_fit(mapping, sheet)
    blocks = list(mapping.blocks())
    targets, mistaken = [], []
    known: Known = {}
    for done, block in enumerate(blocks):
        tell(f"map {block.name}", done, len(blocks))
        target, mistakes = _apply(block, sheet, mapping, known)
        targets.append(target)
        mistaken.extend(mistakes)
    refuse(mistaken, sheet.file)
    tell(f"map {sheet.file}", len(blocks), len(blocks))
    return Delivery(
        source=mapping.source.name or sheet.file,
        file=sheet.file,
        content=sheet.content,
        mapping=mapping.digest,
        clock=mapping.source.clock,
        rows_in=sheet.rows_in,
        targets=tuple(targets),
        complete_for=mapping.source.complete_for,
        synthetic=mapping.source.synthetic,
        conditioned_on=mapping.source.conditioned_on,
    )


def _apply(
    block: TableBlock, sheet: Sheet, mapping: Mapping, known: Known
) -> tuple[TargetRows, list[str]]:
    source = mapping.source
    meant = rows_meant(
        block.when, sheet.columns, len(sheet), source.missing_texts(), source.numerals
    )
    fill = Fill(sheet, source, block, meant, known)
    filled = _Filled(block.table, fill.columns(), sheet.row_numbers)
    usable, aside = _usable(filled, meant)
    kept, repeated = _first_of_each_key(filled, usable)
    misfits = (SetAside(n, WRONG_WIDTH.id, "", WRONG_WIDTH.reason) for n in sheet.misfits)
    target = TargetRows(
        table=block.table.name,
        block=block.number,
        rows=_arrow(filled, kept, source.clock),
        not_applicable=sum(m is False for m in meant),
        set_aside=tuple(sorted((*misfits, *aside, *repeated), key=_by_row)),
        unreadable=tuple(sorted(_unreadable(filled, kept), key=_by_row)),
    )
    accounted = len(target.rows) + target.not_applicable + len(target.set_aside)
    assert accounted == sheet.rows_in, f"{block.name}: {accounted} of {sheet.rows_in} rows"
    return target, fill.mistaken


@dataclass(frozen=True)
class _Filled:
    """The columns of a block that the mapping fills, faults still among the cells."""

    table: Table
    cells: dict[str, list[Any]]
    row_numbers: Sequence[int]

    @cached_property
    def faulty(self) -> set[str]:
        """Columns that hold at least one fault."""
        return {name for name, cells in self.cells.items() if Fault in map(type, cells)}

    def readable(self, name: str) -> list[Any]:
        """Cells of a column, empty where they are faults."""
        cells = self.cells[name]
        if name not in self.faulty:
            return cells
        return [None if type(cell) is Fault else cell for cell in cells]

    def same(self, row: int, other: int) -> bool:
        """Whether two rows say the same; what cannot be read is not known to be the same."""
        pairs = [(cells[row], cells[other]) for cells in self.cells.values()]
        return all(type(one) is not Fault and one == two for one, two in pairs)

    def set_aside(self, row: int, rule: Rule, column: str = "", reason: str = "") -> SetAside:
        patient = self.cells["patient_id"][row]
        return SetAside(
            source_row=self.row_numbers[row],
            rule=rule.id,
            column=column,
            reason=reason or rule.reason,
            patient_id=patient if isinstance(patient, str) else None,
        )


def _by_row(one: SetAside) -> int:
    return one.source_row


def _usable(filled: _Filled, meant: Sequence[bool | Fault]) -> tuple[list[int], list[SetAside]]:
    required = [(c.name, filled.cells[c.name]) for c in filled.table.columns if c.required]
    doubtful = [(n, cells) for n, cells in required if n in filled.faulty or None in cells]
    usable, aside = [], []
    for row, applies in enumerate(meant):
        if applies is False:
            continue
        if isinstance(applies, Fault):
            aside.append(filled.set_aside(row, CONDITION_UNREADABLE))
            continue
        for name, cells in doubtful:
            if cells[row] is None or type(cells[row]) is Fault:
                aside.append(filled.set_aside(row, *_why(name, cells[row])))
                break
        else:
            usable.append(row)
    return usable, aside


def _why(name: str, cell: Fault | None) -> tuple[Rule, str, str]:
    # The column stands in the reason: `SetAside.column` is for single cells of rows that are kept.
    if cell is None:
        return REQUIRED_EMPTY, "", f"required `{name}` is empty"
    return REQUIRED_UNREADABLE, "", f"required `{name}` {cell.reason}"


def _first_of_each_key(filled: _Filled, usable: list[int]) -> tuple[list[int], list[SetAside]]:
    keys = list(zip(*_key_columns(filled), strict=True))
    first: dict[tuple[Any, ...], int] = {}
    kept, aside = [], []
    for row in usable:
        earlier = first.setdefault(keys[row], row)
        if earlier == row:
            kept.append(row)
        else:
            rule = REPEATED if filled.same(row, earlier) else CONTRADICTED
            aside.append(filled.set_aside(row, rule))
    return kept, aside


def _key_columns(filled: _Filled) -> Iterator[Sequence[Any]]:
    for name in filled.table.key:
        if name in filled.cells:  # a column that the mapping does not fill tells no rows apart
            cells = filled.readable(name)
            is_time = name in filled.table.times
            yield [cell and cell[0] for cell in cells] if is_time else cells


def _unreadable(filled: _Filled, kept: list[int]) -> Iterator[SetAside]:
    for name in filled.cells:
        if name in filled.faulty:
            cells = filled.cells[name]
            for row in kept:
                if type(cells[row]) is Fault:
                    yield filled.set_aside(row, cells[row].rule, name, cells[row].reason)


def _arrow(filled: _Filled, kept: list[int], clock: Clock) -> pa.Table:
    schema = filled.table.schema(clock)
    columns: dict[str, list[Any]] = {"source_row": [filled.row_numbers[row] for row in kept]}
    for name in filled.cells:
        cells = filled.readable(name)
        if len(kept) < len(cells):
            cells = [cells[row] for row in kept]
        if name in filled.table.times:
            columns[name] = [cell and cell[0] for cell in cells]
            columns[f"{name}_precision"] = [cell and cell[1] for cell in cells]
        else:
            columns[name] = cells
    arrays = [
        pa.array(columns[f.name], type=f.type) if f.name in columns else pa.nulls(len(kept), f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
