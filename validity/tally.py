"""How often an interval held the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from math import isnan, sqrt
from typing import NamedTuple

from osteon.errors import EstimateError
from validity.cases.case import Case, Covered
from validity.designs import Design

NOMINAL, ERRORS = 0.95, 3
"""What an interval promises, and how many Monte Carlo errors from it are more than chance."""


class Tally(NamedTuple):
    """How often an interval covered the truth, and on which side it missed.

    ``absent`` counts the samples for which the estimator gave no interval.
    """

    covered: int
    below: int
    above: int
    absent: int = 0

    @property
    def given(self) -> int:
        """Samples with an interval."""
        return self.covered + self.below + self.above

    @property
    def share(self) -> float:
        """Share that covered, of the samples with an interval."""
        return self.covered / self.given

    @property
    def error(self) -> float:
        """Monte Carlo error that an interval of exactly the nominal coverage would have."""
        return sqrt(NOMINAL * (1 - NOMINAL) / self.given)

    @property
    def verdict(self) -> str:
        """ "short" or "long" if the share differs from the nominal one by more than chance."""
        if abs(self.share - NOMINAL) <= ERRORS * self.error:
            return ""
        return "short" if self.share < NOMINAL else "long"


def tallied(case: Case, design: Design, seeds: Iterable[int]) -> dict[str, Tally]:
    """Draw a sample by each seed and count, by name of the interval."""
    samples, sides = 0, Counter[tuple[str, int]]()
    for seed in seeds:
        samples += 1
        with suppress(EstimateError):
            for covered in case.intervals(design, seed):
                sides[covered[0], _side(covered)] += 1
    counted = {name: [sides[name, side] for side in (0, -1, 1)] for name, _ in sides}
    return {
        name: Tally(covered, below, above, samples - covered - below - above)
        for name, (covered, below, above) in counted.items()
    }


def _side(covered: Covered) -> int:
    """0 if the truth lies inside, -1 if the interval lies below it, 1 if above, 2 if there is none."""
    _, low, high, truth = covered
    if isnan(low) or isnan(high):
        return 2
    return int(low > truth) - int(high < truth)
