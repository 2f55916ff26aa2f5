"""Dates as exports write them: the format says where the parts stand, and so how precise they are.

A format is written with ``YYYY``, ``MM``, ``DD`` (and ``hh``, ``mm``, ``ss``, which are read and
dropped); everything else stands for itself, so that ``00.MM.YYYY`` is a month. Two-digit years
are refused: nobody can tell 1924 from 2024.

An imprecise date is an interval: its month or year. It is stored as its first day, beside its
precision.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from osteon.sources.rules import AMBIGUOUS_DATE, IMPOSSIBLE_TIME, NO_SUCH_DAY, NOT_A_DATE, Fault

FIRST_YEAR, LAST_YEAR = 1900, 2100
DEFAULT_DATES = (
    "YYYY-MM-DD",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM",
    "YYYY",
)

Dated = tuple[date, str]
"""A date and its precision: day, month, year or estimated."""

COARSENESS = ("day", "month", "year", "estimated")


@dataclass(frozen=True)
class DateFormat:
    """A compiled format: what it matches and how precise that is."""

    text: str
    pattern: re.Pattern[str]
    precision: str


def date_format(text: str) -> DateFormat:
    """Compile a format; raises `ValueError` saying what is wrong with it.

    >>> date_format("00.MM.YYYY").precision
    'month'
    """
    parts = re.split(f"({'|'.join(_PARTS)})", text)
    letters = [part for part in parts if part not in _PARTS and re.search(r"[^\W\d_]", part)]
    if [part for part in letters if part != "T"]:
        raise ValueError(
            f'"{text}" is not a date format; write it with YYYY (all four), MM, DD, hh, mm, ss, '
            'such as "DD.MM.YYYY"'
        )
    if parts.count("YYYY") != 1 or parts.count("MM") > 1 or parts.count("DD") > 1:
        raise ValueError(f'"{text}" needs YYYY once, MM and DD at most once')
    if "DD" in parts and "MM" not in parts:
        raise ValueError(f'"{text}" has a day without a month')
    compact = "".join(parts) == "".join(part for part in parts if part in _PARTS)
    pattern = "".join(
        _PARTS[part].replace("{1,2}", "{2}" if compact else "{1,2}")
        if part in _PARTS
        else re.escape(part)
        for part in parts
    )
    precision = "day" if "DD" in parts else "month" if "MM" in parts else "year"
    return DateFormat(text, re.compile(pattern, re.ASCII), precision)


@lru_cache(maxsize=16)
def date_reader(formats: tuple[str, ...]) -> Callable[[str], Dated | Fault]:
    """Return a function that reads a date written in one of the formats.

    >>> read = date_reader(("DD.MM.YYYY", "00.MM.YYYY"))
    >>> read("03.05.2019"), read("00.05.2019")
    ((datetime.date(2019, 5, 3), 'day'), (datetime.date(2019, 5, 1), 'month'))
    >>> read("31.02.2019").rule.title
    'a day that does not exist'
    """
    compiled = [date_format(text) for text in formats]

    @lru_cache(maxsize=80_000)  # every day there is: one export's columns share most of theirs
    def read(text: str) -> Dated | Fault:
        matches = [(found, f) for f in compiled if (found := f.pattern.fullmatch(text))]
        if not matches:
            return Fault(NOT_A_DATE)
        readings = {dated for found, f in matches if (dated := _dated(found, f.precision))}
        if len(readings) > 1:
            return Fault(AMBIGUOUS_DATE)
        return in_living_memory(*readings.pop()) if readings else Fault(NO_SUCH_DAY)

    return read


def in_living_memory(day: date, precision: str) -> Dated | Fault:
    """Refuse a date outside the years 1900 to 2100."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day, precision
    return Fault(IMPOSSIBLE_TIME)


def no_finer(time: date | float, known: str, precision: str) -> tuple[date | float, str]:
    """Give a time the coarser of two precisions, and the day that stands for it.

    >>> no_finer(date(2019, 5, 17), "day", "month"), no_finer(12.5, "day", "estimated")
    ((datetime.date(2019, 5, 1), 'month'), (12.5, 'estimated'))
    """
    coarser = max(known, precision, key=COARSENESS.index)
    if isinstance(time, date) and coarser in ("month", "year"):
        time = time.replace(day=1, month=1 if coarser == "year" else time.month)
    return time, coarser


_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "hh": r"\d{1,2}",
    "mm": r"\d{1,2}",
    "ss": r"\d{1,2}(?:\.\d+)?",
}


def _dated(found: re.Match[str], precision: str) -> Dated | None:
    parts = {name: int(digits) for name, digits in found.groupdict().items()}
    try:
        return date(**({"month": 1, "day": 1} | parts)), precision
    except ValueError:
        return None
