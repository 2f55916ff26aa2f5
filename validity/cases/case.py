"""What a case is: intervals of one sample, with the truth that each should hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from osteon.errors import EstimateError
from osteon.estimate import Estimate, Points
from validity.designs import Design

CLOSED_FORM, ITERATIVE, BOOTSTRAPPED = 2000, 500, 300
"""Replicates: many where the interval is a formula, fewer where it is searched for or resampled."""
VOTES, VOTES_BCA = 199, 999
"""Replicates of each bootstrap; with 199, BCa limits too often lie beyond them all."""

Covered = tuple[str, float, float, float]
"""Name of the interval, its limits, and the truth."""


@dataclass(frozen=True)
class Case:
    """Intervals made of one sample.

    ``intervals`` yields them. A limit of nan, or an interval that is not yielded because its
    estimator refused the sample (`EstimateError`), is counted as not given; an infinite limit
    counts as it stands. ``makes_sense`` says for which designs, ``unless`` why not for others.
    """

    intervals: Callable[[Design, int], Iterator[Covered]]
    replicates: int
    makes_sense: Callable[[Design], bool] = lambda design: True
    unless: str = ""

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.intervals.__name__


def of(name: str, e: Estimate, truth: float) -> Covered:
    """The interval of an estimate."""
    return name, e.conf_low, e.conf_high, truth


def tried(make: Callable[[], Covered]) -> Iterator[Covered]:
    """Make an interval whose estimator may refuse the sample, and go on without it if so."""
    with suppress(EstimateError):
        yield make()


def at(name: str, points: Points, truth: float) -> Covered:
    """The interval of a curve's only point."""
    return name, float(points.conf_low[0]), float(points.conf_high[0]), truth
