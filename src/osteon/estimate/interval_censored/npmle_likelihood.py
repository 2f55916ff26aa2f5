"""The log-likelihood of masses on innermost intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.history import Floats, Integers
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

    @property
    def small(self) -> bool:
        """Whether windows x intervals are so few that least squares are quickest."""
        return self.weight.size * self.m <= _SMALL and not self.entry.size

    @property
    def total(self) -> float:
        """Weight of all subjects."""
        return float(self.weight.sum())

    def value(self, mass: Floats) -> float:
        """Log-likelihood; -inf where a subject's window holds no mass."""
        below = cumulative(mass)
        seen, could = below[self.high] - below[self.low], 1 - below[self.entry]
        if not (seen.min() > 0 and could.min(initial=1.0) > 0):
            return -np.inf
        return float(self.weight @ np.log(seen) - self.entered @ np.log(could))

    def gradient(self, mass: Floats) -> Floats:
        """Derivative towards all mass in one interval, per unit of weight, shape (m,)."""
        below = cumulative(mass)
        seen = self.weight / (below[self.high] - below[self.low])
        could = self.entered / (1 - below[self.entry])
        slope = sums(self.low, seen, self.m + 1) - sums(self.high, seen, self.m + 1)
        slope -= sums(self.entry, could, self.m + 1)
        always = self.total - self.entered.sum()  # entered with nothing before: P(entry) = 1
        return (np.cumsum(slope[:-1]) - always) / self.total


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
    return np.bincount(index, weight, size).astype(np.float64)
