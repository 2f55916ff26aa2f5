"""Weight of the points that come before a time and rank below a score, for many at once."""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.regression.at_risk import COMPILE_FROM, order_of


def lower_and_tied(
    place: Integers, rank: Integers, weight: Floats, at: Integers, of: Integers
) -> tuple[Floats, Floats, Floats]:
    """Sum the points' weights that come before each query, by how they rank against it.

    Parameters
    ----------
    place, rank : ndarray of int, shape (n,)
        Where each point stands in time and in score, from 0.
    weight : ndarray of float, shape (n,)
        Of each point.
    at, of : ndarray of int, shape (m,)
        Each query: only points with ``place < at`` count; those with ``rank < of`` are lower,
        those with ``rank == of`` tied.

    Returns
    -------
    lower, tied, every : ndarray of float, shape (m,)
        Of each query; what is neither lower nor tied is higher.

    Notes
    -----
    O((n + m) log n): a binary digit of the rank after the other, or, from `COMPILE_FROM` points
    on, a compiled tree of partial sums (Fenwick 1994). Whole weights add up exactly.

    Examples
    --------
    Three points in time, of ranks 2, 0 and 1; before place 2 one is lower than rank 1:

    >>> place, rank, weight = np.arange(3), np.array([2, 0, 1]), np.ones(3)
    >>> [x.tolist() for x in lower_and_tied(place, rank, weight, np.array([2]), np.array([1]))]
    [[1.0], [0.0], [2.0]]
    """
    if not place.any() and at.min(initial=1) > 0:  # time tells nobody from nobody
        below = np.concatenate([[0.0], np.cumsum(_by(rank, weight, of))])
        return below[of], below[of + 1] - below[of], np.full(of.size, below[-1])
    places = 1 + int(max(place.max(initial=0), at.max(initial=0)))
    come = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=places))])[at]
    order = order_of(place, places)
    rank, weight = rank[order], weight[order]
    total = np.concatenate([[0.0], np.cumsum(weight)])
    if place.size >= COMPILE_FROM:
        from osteon.estimate.regression import compiled_lower_sums

        lower, tied = compiled_lower_sums.lower_and_tied(rank, weight, come, of)
    else:
        lower, tied = _below(rank, weight, come, of), _tied(rank, weight, come, of)
    return lower, tied, total[come]


def _by(rank: Integers, weight: Floats, of: Integers) -> Floats:
    """Weight of each rank, of those asked for too."""
    highest = int(of.max(initial=0)) + 1
    return np.asarray(np.bincount(rank, weights=weight, minlength=highest), dtype=np.float64)


def _below(rank: Integers, weight: Floats, come: Integers, of: Integers) -> Floats:
    """Weight of the first ``come`` points whose rank is below ``of``.

    The points are parted by one binary digit of their rank after the other, the highest first: at
    each level those with digit 0 stand before those with digit 1, each in the order of time, so
    that the points of one prefix stand together and a run of time stays a run.
    """
    begin, end, total = np.zeros_like(come), come, np.zeros(come.size)
    highest = int(max(rank.max(initial=0), of.max(initial=0)))
    for digit in reversed(range(highest.bit_length())):
        low, high = (rank >> digit) & 1 == 0, (of >> digit) & 1 == 1
        lows = np.concatenate([[0], np.cumsum(low)])
        weights = np.concatenate([[0.0], np.cumsum(np.where(low, weight, 0.0))])
        total += np.where(high, weights[end] - weights[begin], 0.0)
        begin, end = (
            np.where(high, lows[-1] + edge - lows[edge], lows[edge]) for edge in (begin, end)
        )
        parted = np.concatenate([np.flatnonzero(low), np.flatnonzero(~low)])
        rank, weight = rank[parted], weight[parted]
    return total


def _tied(rank: Integers, weight: Floats, come: Integers, of: Integers) -> Floats:
    """Weight of the first ``come`` points whose rank is ``of``."""
    order = np.argsort(rank, kind="stable")
    key, needle = rank[order] * (rank.size + 1) + order, of * (rank.size + 1)
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    sorted_needles = np.argsort(needle, kind="stable")  # which searchsorted finds faster
    tied = np.empty(of.size)
    tied[sorted_needles] = (
        total[np.searchsorted(key, (needle + come)[sorted_needles])]
        - total[np.searchsorted(key, needle[sorted_needles])]
    )
    return tied
