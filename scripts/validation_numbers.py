"""The numbers that the reference tests noted as they ran, read from pytest's report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Row:
    """One number: where it comes from, what was expected, what was obtained."""

    folder: str
    test: str
    data: tuple[str, ...]
    source: str
    what: str
    expected: str
    obtained: str
    patients: tuple[str, ...] = ()
    """Tables of patients, in JSON, that were shown after the last number and before this one."""

    @property
    def name(self) -> str:
        """Its test, whatever the case."""
        return self.test.partition("[")[0]

    @property
    def case(self) -> str:
        """Which case of its test, where there are several."""
        return self.test.partition("[")[2].removesuffix("]")

    @property
    def difference(self) -> float:
        """Relative difference; absolute below 1."""
        theirs, ours = float(self.expected), float(self.obtained)
        same = theirs == ours or not isfinite(theirs)
        return 0.0 if same else abs(ours - theirs) / max(1.0, abs(theirs))


@dataclass(frozen=True)
class Skip:
    """A test that could not run, and why."""

    folder: str
    test: str
    why: str


def rows(cases: list[Element]) -> Iterator[Row]:
    """Every number that a test noted."""
    for case in cases:
        noted = [(p.get("name"), p.get("value", "")) for p in case.iter("property")]
        data = tuple(dict.fromkeys(value for name, value in noted if name == "data"))
        source = next((value for name, value in noted if name == "source"), "")
        shown: list[str] = []
        for name, value in noted:
            if name == "patients":
                shown.append(value)
            if name == "number":
                what, theirs, ours = json.loads(value)
                yield Row(*_place(case), data, source, what, theirs, ours, tuple(shown))
                shown = []


def skipped(cases: list[Element]) -> Iterator[Skip]:
    """What could not be reached, and why."""
    for case in cases:
        for skip in case.iter("skipped"):
            yield Skip(*_place(case), skip.get("message", ""))


def largest(found: Iterable[Row]) -> float:
    """The largest difference."""
    return max((row.difference for row in found), default=0.0)


def _place(case: Element) -> tuple[str, str]:
    """Folder and name of a test."""
    return case.get("classname", "").split(".")[-2], case.get("name", "").removeprefix("test_")
