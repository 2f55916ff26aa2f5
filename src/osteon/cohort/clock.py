"""From the registry's dates to days: the only place where a calendar date becomes a number.

On a calendar clock a day is counted from 1970-01-01, on the ``diagnosis`` clock it is what the
source gave, fractions kept. Only differences between days leave the cohort. An imprecise date is
an interval of days; where an analysis needs one day, its middle stands for it. Which of two things
came first is never decided by that middle where skeletal events are concerned
(`osteon.cohort.skeletal_events`, rule 5).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.contracts.protocol import Protocol
from osteon.contracts.tables import TABLES
from osteon.registry import Registry

BOUNDED = ("date", "death", "first_visit", "last_contact", "start", "adjudicated")


def timed(registry: Registry, name: str, protocol: Protocol) -> ir.Table:
    """Return a table of the registry with every time as days.

    The columns whose bounds analyses need, `BOUNDED`, also get ``<column>_earliest`` and
    ``<column>_latest``.
    """
    table = registry.table(name)
    table = table.select(*TABLES[name].schema(registry.clock).names)
    half_width = protocol.follow_up.estimated_half_width_days
    columns = {}
    for column in TABLES[name].times:
        period = _period(table[column], table[f"{column}_precision"], half_width)
        columns[column] = _middle(table[column], table[f"{column}_precision"], period)
        if column in BOUNDED:
            columns[f"{column}_earliest"], columns[f"{column}_latest"] = period
    return table.mutate(**columns).drop(f"{column}_precision" for column in TABLES[name].times)


def day_number(column: ir.Value) -> ir.Value:
    """Days since 1970-01-01 of a date; a number stays as it is."""
    if column.type().is_date():
        return column.delta(ibis.date(1970, 1, 1), unit="day").cast("float64")
    return column.cast("float64")


def together(*tables: ir.Table) -> ir.Table:
    """Rows of all tables under each other; columns by name, patients first, the rest times."""
    names = {"patient_id": "string"} | {
        c: "float64" for c in tables[0].columns if c != "patient_id"
    }
    first, *rest = (table.select(*names).cast(names) for table in tables)
    return first.union(*rest) if rest else first


def held(table: ir.Table) -> ir.Table:
    """Compute a table now and hold its rows, so that what builds on it stays a small query."""
    return ibis.memtable(table.to_pyarrow())


def _period(
    time: ir.Value, precision: ir.Value, half_width_days: float
) -> tuple[ir.Value, ir.Value]:
    """First and last day that an imprecise time may mean."""
    point = day_number(time)
    starts, ends = _spans(time)
    first = ibis.cases(
        (precision == "month", starts["month"]),
        (precision == "year", starts["year"]),
        (precision == "estimated", point - half_width_days),
        else_=point,
    )
    last = ibis.cases(
        (precision == "month", ends["month"]),
        (precision == "year", ends["year"]),
        (precision == "estimated", point + half_width_days),
        else_=point,
    )
    return first, last


def _spans(time: ir.Value) -> tuple[dict[str, ir.Value], dict[str, ir.Value]]:
    """First and last day of the month and of the year of a time.

    Without a calendar a time known to its month or year is told as the first day of it.
    """
    if not time.type().is_date():
        point = day_number(time)
        return {"month": point, "year": point}, {"month": point + 30, "year": point + 365}
    month, year = time.truncate("M"), time.truncate("Y")
    end_of_month = (month + ibis.interval(months=1) - ibis.interval(days=1)).cast("date")
    end_of_year = (year + ibis.interval(years=1) - ibis.interval(days=1)).cast("date")
    return (
        {"month": day_number(month), "year": day_number(year)},
        {"month": day_number(end_of_month), "year": day_number(end_of_year)},
    )


def _middle(time: ir.Value, precision: ir.Value, period: tuple[ir.Value, ir.Value]) -> ir.Value:
    """The day that stands for a time: the middle of its month or year."""
    first, last = period
    coarse = precision.isin(["month", "year"]).fill_null(False)
    return ibis.ifelse(coarse, ((first + last) / 2).floor(), day_number(time))
