"""Interval-censored times of subjects who entered late: does the maximum exist, and is it the highest?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.interval_censored.innermost import (
    Windows,
    fewest_intervals,
    innermost_intervals,
)
from osteon.estimate.interval_censored.npmle import Npmle, maximise_npmle

_SAME = 1e-7  # two log-likelihoods nearer than this are one maximum
_EXTRA = 20  # intervals that a random start adds to the fewest


@dataclass(frozen=True, eq=False)
class TruncatedNpmle:
    """The highest maximum found, and how many different ones there were.

    Attributes
    ----------
    best : Npmle
        The highest.
    maxima : int
        Different local maxima among all starts: more than 1 is a warning that the data leave
        room for quite different curves.
    """

    best: Npmle
    maxima: int


def truncated_npmle(
    windows: Windows, weight: Floats, *, starts: int, seed: int, first: Floats | None = None
) -> TruncatedNpmle:
    """Maximise from several starts; one, if nobody enters late.

    Parameters
    ----------
    windows : Windows
        From `innermost_intervals`, with entries.
    weight : ndarray of float, shape (n,)
        Case weights.
    starts : int
        How many.
    seed : int
        Of the random starts: masses on random intervals.
    first : ndarray of float, shape (m,), optional
        Masses of the first start.

    Raises
    ------
    EstimateError
        If no maximum exists, or one is not certified.

    Notes
    -----
    In :math:`\\sum_i w_i (\\log P_i - \\log T_i)`, T the probability after the subject's entry,
    the second part is convex: a point at which no direction leads upwards need not be the only
    one. Each maximum returned meets the Karush-Kuhn-Tucker conditions: the derivative
    towards every interval is at most 1e-9 per unit of weight, and as the masses weight these
    derivatives to a sum of 0, they vanish wherever there is mass.
    """
    if not windows.entry.any():
        return TruncatedNpmle(maximise_npmle(windows, weight, first), 1)
    check_existence(windows)
    rng = np.random.default_rng(seed)
    found = [maximise_npmle(windows, weight, first)]
    found += [maximise_npmle(windows, weight, _start(windows, rng)) for _ in range(starts - 1)]
    best = max(found, key=lambda fit: fit.value)
    values = np.sort([fit.value for fit in found])
    return TruncatedNpmle(best, 1 + int((np.diff(values) > _SAME).sum()))


def check_existence(windows: Windows) -> None:
    """Refuse data whose likelihood has no maximum.

    Suppose that of those who entered before some subject's entry *v*, none was still free of
    the event after *v*. Then mass after *v* only costs them, and its amount is nothing to
    those who enter later: the likelihood keeps rising as that mass goes to 0, where the later
    ones' conditional probabilities are no more defined. If at each entry somebody is followed
    across, the likelihood goes to 0 there, and a maximum exists. (It is what makes a
    Kaplan-Meier curve with late entry fall to 0 while others are still to come.)

    Raises
    ------
    EstimateError
        Saying how many enter after the first such gap.
    """
    gaps = _gaps(windows)
    if gaps.size:
        after = int((windows.entry >= gaps[0]).sum())
        raise EstimateError(
            f"the likelihood has no maximum: none of the first entrants is followed to where "
            f"{after} of {windows.entry.size} subjects enter",
            "at each entry somebody who entered before is still free of the event",
            "estimate from those entering at or after `unbroken_entry(bounds)`, and say that "
            "the curve is conditional on that day",
        )


def unbroken_entry(bounds: Bounds) -> dict[str, float]:
    """First entry from which on somebody is always followed, by stratum, in days.

    Parameters
    ----------
    bounds : Bounds
        With late entry.

    Returns
    -------
    dict of str to float
        The estimate exists among those who enter at this day or later; it is conditional on
        being free of the event then. The stratum's first entry if it exists for all.

    Notes
    -----
    On when the estimate exists see [1]_.

    References
    ----------
    .. [1] Hudgens (2005), J. R. Stat. Soc. B 67:573-587, doi:10.1111/j.1467-9868.2005.00516.x.

    Examples
    --------
    The first patient is last seen free at day 20; the others enter at day 50 and after:

    >>> bounds = Bounds.of(
    ...     left=[20, 80, 90, 120], right=[60, 120, np.inf, 200], entry=[0, 50, 70, 60]
    ... )
    >>> unbroken_entry(bounds)
    {'all': 50.0}
    """
    expect(Bounds, bounds=bounds)
    found = {}
    for s, name in enumerate(bounds.strata):
        rows = bounds.stratum == s
        if rows.any():
            entry = bounds.entry[rows]
            windows = innermost_intervals(bounds.left[rows], bounds.right[rows], entry)
            gaps = _gaps(windows)
            after = windows.entry >= (gaps[-1] if gaps.size else 0)
            found[name] = float(entry[after].min())
    return found


def _gaps(windows: Windows) -> Integers:
    """Entries (as an interval's index) across which nobody is followed, ascending."""
    m = windows.left.size
    change = np.bincount(windows.entry + 1, minlength=m + 1)
    change -= np.bincount(windows.first + 1, minlength=m + 1)
    followed = np.cumsum(change)  # from an entry before to a window that begins no earlier
    entries = np.unique(windows.entry)
    return entries[(entries > 0) & (followed[entries] == 0)]


def _start(windows: Windows, rng: np.random.Generator) -> Floats:
    m = windows.left.size
    chosen = np.append(fewest_intervals(windows), rng.integers(m, size=min(m, _EXTRA)))
    mass = np.zeros(m)
    np.add.at(mass, chosen, rng.exponential(size=chosen.size))
    return mass
