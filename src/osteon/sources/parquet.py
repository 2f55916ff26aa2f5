"""Parquet: typed columns. Rows count from 1, for there is no header line to see."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from osteon.errors import InputError
from osteon.sources.sheet import Broken, Grid, Raw


def read_parquet(content: bytes, file: str) -> Grid:
    """Read a Parquet file; raises `InputError` if it is damaged or cut off.

    Lists and structures are `Broken`: no contract column holds one.
    """
    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as fault:
        raise InputError(
            f"{file} is not a whole Parquet file ({type(fault).__name__})",
            "a Parquet file that was not closed has no footer",
            "export or copy it again",
        ) from None
    columns = [[_raw(value) for value in column.to_pylist()] for column in table.columns]
    filled = [
        row for row in range(table.num_rows) if any(column[row] is not None for column in columns)
    ]
    if len(filled) < table.num_rows:
        columns = [[column[row] for row in filled] for column in columns]
    return Grid(table.column_names, columns, [row + 1 for row in filled])


def _raw(value: Any) -> Raw:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, str | bool | int | float | date):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, bytes):
        return _text(value)
    return Broken()


def _text(value: bytes) -> Raw:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return Broken()
