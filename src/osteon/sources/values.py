"""One raw cell becomes a value of the contract: text, category, number, whole number or flag.

Two texts are the same when their tokens are: ``1``, ``1.0``, ``"1"``, ``TRUE`` and a
spreadsheet's true are one token, for every condition and every value map.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from osteon.contracts.tables import Column
from osteon.errors import did_you_mean
from osteon.sources.rules import (
    BROKEN_CELL,
    LOST_DIGITS,
    NOT_A_FLAG,
    NOT_A_NUMBER,
    NOT_IN_VOCABULARY,
    NOT_WHOLE,
    OTHER_DECIMAL,
    OUT_OF_RANGE,
    Fault,
)
from osteon.sources.sheet import Broken, Percent, Raw

Reader = Callable[[Raw], Any]
"""Reads a cell that is present: gives its value, or a `Fault`."""

YES, NO = ("1", "yes", "y", "ja", "j"), ("0", "no", "n", "nein")
_SPREADSHEET_DIGITS = 1e15  # a spreadsheet keeps 15 significant digits


def token(raw: Raw) -> str:
    """Return the text by which cells are compared.

    >>> [token(cell) for cell in (1, 1.0, "1.0", True, " TRUE ", "01", "G1")]
    ['1', '1', '1', '1', '1', '01', 'G1']
    """
    text = as_text(raw)
    if text.lower() in ("true", "false"):
        return "1" if text.lower() == "true" else "0"
    return text.rstrip("0").rstrip(".") if _WHOLE.fullmatch(text) else text


def as_text(raw: Raw) -> str:
    """Return a cell as a person would read it, without blanks around it."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return "" if raw is None else str(raw)


def shape(raw: Raw) -> str:
    """Return what a cell looks like without saying what it holds; runs are cut at four.

    >>> shape("12.03.2020"), shape("Mustermann"), shape(3.25)
    ('99.99.9999', 'aaaa', '9.99')
    """
    letters = re.sub(r"[^\W\d_]", "a", as_text(raw))
    return re.sub(r"(\w)\1{4,}", r"\1\1\1\1", re.sub(r"\d", "9", letters))[:24]


@dataclass(frozen=True)
class Numerals:
    """How a source writes numbers."""

    decimal: str = "."
    thousands: str = ""

    def read(self, raw: Raw) -> float | Fault:
        """Read a number.

        >>> Numerals(",", ".").read("1.234,5"), Numerals().read("2,5").rule.id
        (1234.5, 'S013')
        """
        if isinstance(raw, bool | date | Broken) or raw is None:
            return Fault(NOT_A_NUMBER)
        if isinstance(raw, int | float):
            return _finite(float(raw))
        text = raw.strip().replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
        if self.thousands and re.fullmatch(self._grouped(), text):
            text = text.replace(self.thousands, "")
        plain = text.translate({ord("."): "?", ord(self.decimal): "."})
        if _NUMBER.fullmatch(plain):
            return _finite(float(plain))
        return Fault(OTHER_DECIMAL if _ANY_DECIMAL.fullmatch(text) else NOT_A_NUMBER)

    def _grouped(self) -> str:
        mark, decimal = re.escape(self.thousands), re.escape(self.decimal)
        return rf"[+-]?\d{{1,3}}({mark}\d{{3}})+({decimal}\d*)?"


def value_reader(column: Column, numerals: Numerals, scale: float | None = None) -> Reader:
    """Return what reads cells of a contract column that is not a time.

    ``scale`` converts a number's unit into the contract's; ``None`` says that the mapping names
    no unit, so that a number shown as a percentage is meant as shown.
    """
    if column.kind == "text":
        read: Reader = _text
    elif column.kind == "category":
        read = _category_reader(column.allowed)
    elif column.kind == "flag":
        read = _flag
    else:
        read = _number_reader(column, numerals, scale)
    return lambda raw: Fault(BROKEN_CELL) if isinstance(raw, Broken) else read(raw)


def check_value(column: Column, value: Any) -> None:
    """Raise `ValueError` if a value written in a mapping does not fit its contract column."""
    read = value_reader(column, Numerals(), scale=1.0)(value)
    if not isinstance(read, Fault):
        return
    allowed = f"Allowed are {', '.join(column.allowed)}" if column.allowed else ""
    hint = did_you_mean(str(value), column.allowed)
    raise ValueError(
        " ".join(part for part in (f'"{value}" {read.reason}.', hint, allowed) if part)
    )


def memoised(read: Reader, cells: Sequence[Raw]) -> list[Any]:
    """Read every cell, each distinct one once: an export repeats itself."""
    if cells and set(map(type, cells)) == {str}:
        coded = pa.array(cells, pa.string()).dictionary_encode()
        values = np.empty(len(coded.dictionary), dtype=object)
        for code, raw in enumerate(coded.dictionary.to_pylist()):
            values[code] = read(raw)
        return values[coded.indices.to_numpy()].tolist()
    keys = [(type(raw), raw) for raw in cells]  # True, 1 and 1.0 are equal, and not the same
    known = {key: read(key[1]) for key in set(keys)}
    return [known[key] for key in keys]


_WHOLE = re.compile(r"[+-]?\d+\.0+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ANY_DECIMAL = re.compile(r"[+-]?\d+([.,' ]\d{3})*([.,]\d*)?|[+-]?[.,]\d+", re.ASCII)


def _finite(number: float) -> float | Fault:
    return number if math.isfinite(number) else Fault(NOT_A_NUMBER)


def _text(raw: Raw) -> str | Fault:
    if isinstance(raw, float) and abs(raw) >= _SPREADSHEET_DIGITS:
        return Fault(LOST_DIGITS)
    return as_text(raw)


def _flag(raw: Raw) -> bool | Fault:
    text = token(raw).casefold()
    return text in YES if text in YES + NO else Fault(NOT_A_FLAG)


def _category_reader(allowed: tuple[str, ...]) -> Reader:
    exact = {token(value): value for value in allowed}
    any_case = {value.casefold(): value for value in allowed}
    unambiguous = any_case if len(any_case) == len(allowed) else {}

    def read(raw: Raw) -> str | Fault:
        text = token(raw)
        found = exact.get(text) or unambiguous.get(text.casefold())
        return found if found is not None else Fault(NOT_IN_VOCABULARY)

    return read


def _number_reader(column: Column, numerals: Numerals, scale: float | None) -> Reader:
    percent = column.name.endswith("_percent") and scale is None
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum

    def read(raw: Raw) -> float | int | Fault:
        if percent and isinstance(raw, Percent):
            raw = round(raw * 100, 9)
        elif percent and isinstance(raw, str):
            raw = raw.strip().removesuffix("%")
        value = numerals.read(raw)
        if isinstance(value, Fault):
            return value
        value *= scale or 1.0
        if column.kind == "integer" and not value.is_integer():
            return Fault(NOT_WHOLE)
        if not low <= value <= high:
            return Fault(OUT_OF_RANGE)
        return int(value) if column.kind == "integer" else value

    return read
