"""The log-likelihood of masses on innermost intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.interval_censored.innermost import Windows

_SMALL = 10_000


@dataclass(frozen=True, eq=False)
class NpmleLikelihood:
    """Subjects with the same window together: they lie between two nodes of F.

    Node k is what lies before interval k, so ``F[0] = 0`` and ``F[m] = 1``.
    """

    m: int
    low: Integers
    high: Integers
    weight: Floats
    entry: Integers
    entered: Floats

    @cached_property
    def small(self) -> bool:
        """Whether windows x intervals are so few that least squares are quickest."""
        return self.weight.size * self.m <= _SMALL and not self.entry.size

    @cached_property
    def total(self) -> float:
        """Weight of all subjects."""
        return float(self.weight.sum())

    @cached_property
    def inside(self) -> Floats:
        """1 where a window holds an interval, 0 elsewhere, shape (windows, m); for `small` ones."""
        at = np.arange(self.m)
        held = (at >= self.low[:, None]) & (at < self.high[:, None])
        return held.astype(np.float64)

    def seen(self, mass: Floats) -> Floats:
        """Mass in each window."""
        if self.small:
            return self.inside @ mass
        below = cumulative(mass)
        return below[self.high] - below[self.low]

    def value(self, mass: Floats) -> float:
        """Log-likelihood; -inf where a subject's window holds no mass."""
        seen = self.seen(mass)
        if not seen.min() > 0:
            return -np.inf
        value = float(self.weight @ np.log(seen))
        if not self.entry.size:
            return value
        could = 1 - cumulative(mass)[self.entry]
        return value - float(self.entered @ np.log(could)) if could.min() > 0 else -np.inf

    def gradient(self, mass: Floats) -> Floats:
        """Derivative towards all mass in one interval, per unit of weight, shape (m,)."""
        pull = self.weight / self.seen(mass)
        if self.small:
            return pull @ self.inside / self.total - 1
        slope = sums(self.low, pull, self.m + 1) - sums(self.high, pull, self.m + 1)
        always = self.total
        if self.entry.size:
            could = 1 - cumulative(mass)[self.entry]
            slope -= sums(self.entry, self.entered / could, self.m + 1)
            always -= self.entered.sum()  # the others entered with nothing before: P(entry) = 1
        return (slope[:-1].cumsum() - always) / self.total


def grouped(windows: Windows, weight: Floats | None) -> NpmleLikelihood:
    """Count subjects by window, and by entry where it has intervals before it."""
    weight = np.ones(windows.first.size) if weight is None else weight
    m = windows.left.size
    code, group = np.unique(windows.first * m + windows.last, return_inverse=True)
    at_entry = sums(windows.entry, weight, m)
    entry = np.flatnonzero(at_entry[1:]) + 1
    return NpmleLikelihood(
        m=m,
        low=code // m,
        high=code % m + 1,
        weight=sums(group, weight, code.size),
        entry=entry,
        entered=at_entry[entry],
    )


def cumulative(mass: Floats) -> Floats:
    """F at the nodes, shape (m + 1,)."""
    below = np.zeros(mass.size + 1)
    mass.cumsum(out=below[1:])
    below[-1] = 1.0
    return below


def sums(index: Integers, weight: Floats, size: int) -> Floats:
    """``np.bincount``, which forgets that sums of no weights are fractions too."""
    return np.bincount(index, weight, size).astype(np.float64, copy=False)
