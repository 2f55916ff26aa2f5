"""From the registry's dates to days: the only place where a calendar date becomes a number.

On a calendar clock a day is counted from 1970-01-01, on the ``diagnosis`` clock it is what the
source gave, fractions kept. Only differences between days leave the cohort. An imprecise date is
the interval ``[x_earliest, x_latest]``; ``x`` is its middle.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.contracts.protocol import Protocol
from osteon.contracts.tables import TABLES
from osteon.registry import Registry


def timed(registry: Registry, name: str, protocol: Protocol) -> ir.Table:
    """Return a table of the registry with every time as days: ``x``, ``x_earliest``, ``x_latest``."""
    table = registry.table(name)
    table = table.select(*TABLES[name].schema(registry.clock).names)
    half_width = protocol.follow_up.estimated_half_width_days
    for column in TABLES[name].times:
        table = table.mutate(**_days(table, column, half_width))
    return table


def day_number(column: ir.Value) -> ir.Value:
    """Days since 1970-01-01 of a date; a number stays as it is."""
    if column.type().is_date():
        return column.delta(ibis.date(1970, 1, 1), unit="day").cast("float64")
    return column.cast("float64")


def earlier(first: ir.Value, second: ir.Value) -> ir.Value:
    """Return the earlier of two times; where one is missing, the other."""
    return ibis.coalesce(ibis.least(first, second), first, second)


def _days(table: ir.Table, column: str, half_width_days: float) -> dict[str, ir.Value]:
    point, precision = day_number(table[column]), table[f"{column}_precision"]
    first, last = _period(table[column], precision)
    guess = precision == "estimated"
    earliest = ibis.ifelse(guess, point - half_width_days, day_number(first))
    latest = ibis.ifelse(guess, point + half_width_days, day_number(last))
    middle = ((day_number(first) + day_number(last)) / 2).floor()
    coarse = precision.isin(["month", "year"]) & table[column].type().is_date()
    return {
        column: ibis.ifelse(coarse, middle, point),
        f"{column}_earliest": earliest,
        f"{column}_latest": latest,
    }


def _period(time: ir.Value, precision: ir.Value) -> tuple[ir.Value, ir.Value]:
    """First and last day that an imprecise date may mean."""
    if not time.type().is_date():
        return time, time
    month, year = time.truncate("M"), time.truncate("Y")
    end_of_month = month + ibis.interval(months=1) - ibis.interval(days=1)
    end_of_year = year + ibis.interval(years=1) - ibis.interval(days=1)
    first = ibis.cases((precision == "month", month), (precision == "year", year), else_=time)
    last = ibis.cases(
        (precision == "month", end_of_month.cast("date")),
        (precision == "year", end_of_year.cast("date")),
        else_=time,
    )
    return first, last
