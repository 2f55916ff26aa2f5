"""The registry's door: a delivery keeps the contract, or is refused whole.

What is wrong in a centre's *data* was already set aside by the reader that made the delivery. What
is refused here is a reader that does not keep the contract, so messages name source, table and
column, and count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from osteon.contracts.tables import (
    COVERAGE_TOPICS,
    PRECISIONS,
    TABLES,
    Clock,
    Column,
    Delivery,
    TargetRows,
)
from osteon.errors import RegistryError


def refuse_faulty(deliveries: Sequence[Delivery], clock: Clock | None) -> None:
    """Raise `RegistryError` unless all deliveries can go into a registry with this clock."""
    _refuse_one_source_twice(deliveries)
    _refuse_two_clocks(deliveries, clock)
    for delivery in deliveries:
        _refuse_unknown_topics(delivery)
        for target in delivery.targets:
            _refuse_target(delivery, target)


def _refuse_one_source_twice(deliveries: Sequence[Delivery]) -> None:
    for source, count in Counter(delivery.source for delivery in deliveries).items():
        if count > 1:
            raise RegistryError(
                f'{count} files call themselves source "{source}"',
                "a later file of a source supersedes the earlier one, so each needs its own name",
                "name the sources apart in their mappings",
            )


def _refuse_two_clocks(deliveries: Sequence[Delivery], clock: Clock | None) -> None:
    for delivery in deliveries:
        clock = clock or delivery.clock
        if delivery.clock != clock:
            raise RegistryError(
                f'source "{delivery.source}" tells time as {_CLOCKS[delivery.clock]}, the registry '
                f"(or another source) as {_CLOCKS[clock]}",
                "a registry has one clock, fixed by its first import",
                "import it into a registry of its own",
            )


def _refuse_unknown_topics(delivery: Delivery) -> None:
    for topic in delivery.complete_for:
        if topic not in COVERAGE_TOPICS:
            raise RegistryError(
                f'source "{delivery.source}" is declared complete for "{topic}"',
                f"allowed are {', '.join(COVERAGE_TOPICS)}",
            )


def _refuse_target(delivery: Delivery, target: TargetRows) -> None:
    if target.table not in TABLES:
        raise RegistryError(
            f'source "{delivery.source}" delivers a table "{target.table}"',
            f"tables are {', '.join(TABLES)}",
        )
    where = f'source "{delivery.source}", table {target.table}, block {target.block}'
    schema = TABLES[target.table].schema(delivery.clock)
    if not target.rows.schema.equals(schema):
        raise RegistryError(f"{where}: the rows do not have the table's columns and types")
    told = target.rows.num_rows + target.not_applicable + len(target.set_aside)
    if told != delivery.rows_in:
        raise RegistryError(
            f"{where}: of {delivery.rows_in:,} rows read, {told:,} are accounted for",
            "stored + not applicable + set aside = rows in",
        )
    for column in TABLES[target.table].columns:
        _refuse_values(where, column, target.rows)


def _refuse_values(where: str, column: Column, rows: pa.Table) -> None:
    values = rows[column.name]
    faults = {"are missing": values.null_count if column.required else 0}
    if column.allowed:
        faults["are not of the vocabulary"] = _count_outside(values, column.allowed)
    if pa.types.is_floating(values.type):
        faults["are not finite numbers"] = _count(pc.invert(pc.is_finite(values)))
    if column.minimum is not None:
        faults["are below the least allowed"] = _count(pc.less(values, column.minimum))
    if column.maximum is not None:
        faults["are above the greatest allowed"] = _count(pc.greater(values, column.maximum))
    if column.kind == "time":
        precision = rows[f"{column.name}_precision"]
        faults["have an unknown precision"] = _count_outside(precision, tuple(PRECISIONS))
    for what, count in faults.items():
        if count:
            raise RegistryError(f"{where}: {count:,} values of `{column.name}` {what}")


def _count_outside(values: pa.ChunkedArray, allowed: Sequence[str]) -> int:
    return _count(pc.invert(pc.is_in(values.drop_null(), pa.array(allowed, pa.string()))))


def _count(flags: pa.ChunkedArray) -> int:
    return pc.sum(flags).as_py() or 0


_CLOCKS: dict[Clock, str] = {"calendar": "calendar dates", "diagnosis": "days since diagnosis"}
