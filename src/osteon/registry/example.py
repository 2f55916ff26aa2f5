"""Patients as a small text table: how rules are explained, documented and tested.

A block a table: its name, its columns, its rows, with an empty line between blocks. An empty cell
is missing; ``2014-05`` is a day known to the month, ``2014`` to the year, ``~2014-05-02`` a guess;
on the diagnosis clock a time is a number of days. The column ``found`` is not data: ``yes`` marks
the rows that a rule finds. Lines are numbered through all blocks, as rows of one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from textwrap import dedent
from typing import Any

import pyarrow as pa

from osteon.contracts.tables import TABLES, Clock, Column, Delivery, TargetRows

MARK = "found"


def delivery_of(
    text: str,
    *,
    source: str = "example",
    clock: Clock = "calendar",
    complete_for: tuple[str, ...] = (),
    synthetic: bool = True,
) -> Delivery:
    """Read text tables as the delivery of one source.

    >>> delivery = delivery_of('''
    ...     patients
    ...     patient_id | death
    ...     1          | 2014-05
    ... ''')
    >>> delivery.targets[0].rows.select(["death", "death_precision"]).to_pylist()
    [{'death': datetime.date(2014, 5, 1), 'death_precision': 'month'}]
    """
    blocks = _blocks(text)
    rows_in = sum(len(rows) for _, rows in blocks)
    return Delivery(
        source=source,
        file=f"{source}.txt",
        content=hashlib.sha256(text.encode()).hexdigest(),
        mapping=hashlib.sha256(clock.encode()).hexdigest(),
        clock=clock,
        rows_in=rows_in,
        targets=tuple(
            TargetRows(name, block, _rows(name, rows, clock), not_applicable=rows_in - len(rows))
            for block, (name, rows) in enumerate(blocks)
        ),
        complete_for=complete_for,
        synthetic=synthetic,
    )


def marked(text: str) -> list[tuple[str, int]]:
    """Table and row number of the rows marked as found."""
    return [
        (name, int(row["source_row"]))
        for name, rows in _blocks(text)
        for row in rows
        if row.get(MARK)
    ]


def _blocks(text: str) -> list[tuple[str, list[dict[str, str]]]]:
    number = 0
    blocks = []
    for block in dedent(text).strip().split("\n\n"):
        name, header, *lines = block.splitlines()
        columns = [cell.strip() for cell in header.split("|")]
        rows = []
        for line in lines:
            number += 1
            cells = [cell.strip() for cell in line.split("|")]
            row = dict(zip(columns, cells, strict=True))
            rows.append({**row, "source_row": str(number)})
        blocks.append((name.strip(), rows))
    return blocks


def _rows(name: str, rows: list[dict[str, str]], clock: Clock) -> pa.Table:
    known = {column.name: column for column in TABLES[name].columns}
    told = []
    for row in rows:
        values: dict[str, Any] = {"source_row": int(row["source_row"])}
        for column, cell in row.items():
            if cell and column in known:
                values |= _value(known[column], cell, clock)
            elif column not in (*known, MARK, "source_row"):
                raise ValueError(f"{name} has no column {column}")
        told.append(values)
    return pa.Table.from_pylist(told, schema=TABLES[name].schema(clock))


def _value(column: Column, cell: str, clock: Clock) -> dict[str, Any]:
    if column.kind != "time":
        return {column.name: _READ[column.kind](cell)}
    precision = f"{column.name}_precision"
    if clock == "diagnosis":
        return {column.name: float(cell), precision: "day"}
    if cell.startswith("~"):
        return {column.name: date.fromisoformat(cell[1:]), precision: "estimated"}
    known_to = {4: "year", 7: "month", 10: "day"}[len(cell)]
    return {column.name: date.fromisoformat((cell + "-01-01")[:10]), precision: known_to}


_READ: dict[str, Callable[[str], object]] = {
    "text": str,
    "category": str,
    "number": float,
    "integer": int,
    "flag": "yes".__eq__,
}
