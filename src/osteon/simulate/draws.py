"""Random numbers that are the same on every machine.

A patient's numbers come from PCG64 streams named by (seed, patient, topic): raw 64-bit words, whose
sequence numpy guarantees, made uniform and turned into any distribution by its inverse CDF. Topics
apart means that a change to the laboratory leaves the scans as they were.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.random import PCG64, SeedSequence
from numpy.typing import NDArray

TOPICS = (
    "course",
    "bone",
    "schedule",
    "reads",
    "bone_care",
    "drugs",
    "visits",
    "records",
    "labs",
    "faults",
)
LN2 = math.log(2)

_BLOCK = 64
_TO_UNIT = 2.0**-53


class Draws:
    """One stream of random numbers.

    Examples
    --------
    >>> draws = Draws(seed=1, number=7, topic="course")
    >>> 0 <= draws.uniform() < 1
    True
    >>> again = Draws(seed=1, number=7, topic="course")
    >>> Draws(seed=1, number=7, topic="course").uniform() == again.uniform()
    True
    """

    def __init__(self, seed: int, number: int, topic: str) -> None:
        self._bits = PCG64(SeedSequence([seed, number, TOPICS.index(topic)]))
        self._block: list[float] = []

    def uniforms(self, n: int) -> NDArray[np.float64]:
        """Return ``n`` numbers, uniform on [0, 1)."""
        words: NDArray[np.uint64] = self._bits.random_raw(n)
        return (words >> np.uint64(11)).astype(np.float64) * _TO_UNIT

    def uniform(self) -> float:
        """Return one number, uniform on [0, 1)."""
        if not self._block:
            self._block = self.uniforms(_BLOCK).tolist()
        return self._block.pop()

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.uniform() < probability

    def days(self, first: int, last: int) -> int:
        """Return a whole number from ``first`` to ``last``, both included."""
        return first + int(self.uniform() * (last - first + 1))

    def exponential(self) -> float:
        """Return an exponential number with mean 1: a cumulative hazard at which something happens."""
        return -math.log(1 - self.uniform())

    def weibull(self, median: float, shape: float) -> float:
        """Return a Weibull number; shape below 1 is front-loaded, above 1 back-loaded."""
        return median * (self.exponential() / LN2) ** (1 / shape)

    def log_logistic(self, median: float, spread: float) -> float:
        """Return a log-logistic number: half lie below the median, skewed to the right."""
        u = self.uniform()
        return median * (max(u, _TO_UNIT) / (1 - u)) ** spread

    def logistic(self, median: float, scale: float) -> float:
        """Return a logistic number, symmetric about the median."""
        u = self.uniform()
        return median + scale * math.log(max(u, _TO_UNIT) / (1 - u))

    def pick(self, weights: Mapping[str, float]) -> str:
        """Return one of the names, with probability proportional to its weight."""
        left = self.uniform() * sum(weights.values())
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return name
