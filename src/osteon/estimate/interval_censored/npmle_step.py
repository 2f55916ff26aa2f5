"""Newton steps towards the maximum of an interval-censored likelihood, masses staying positive.

On the cumulative scale a subject touches two numbers, F at either end of its window, so the
information is a band and no step costs more than that band: nothing here is as large as
subjects x intervals, unless both are few.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbsv, dpbtrf, dpbtrs
from scipy.optimize import nnls
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import LinearOperator, cg

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.interval_censored.npmle_likelihood import NpmleLikelihood, cumulative, sums

_WIDE = 3e8  # operations of a factorisation, from which on it is avoided


def newton_target(likelihood: NpmleLikelihood, mass: Floats, gradient: Floats) -> Floats:
    """Masses at which the quadratic approximation is largest, within a grown support.

    Walks from the masses towards the approximation's maximum; whatever reaches 0 on the way
    leaves the support (an active-set method, of which each stage gains).
    """
    if likelihood.small:
        target = _least_squares_target(likelihood, mass, gradient)
        if target is not None:
            return target
    support = _grown(gradient, mass > 0)
    model = _Quadratic(likelihood, cumulative(mass))
    here = mass[support]
    while True:
        there = model.maximum(support)
        falling = there < 0
        if not falling.any():
            target = np.zeros(likelihood.m)
            target[support] = there
            return target
        room = here[falling] / (here[falling] - there[falling])
        here = here + room.min() * (there - here)
        stays = np.ones(support.size, dtype=bool)
        stays[np.flatnonzero(falling)[room <= room.min()]] = False
        support, here = support[stays], np.maximum(here[stays], 0.0)


def _least_squares_target(
    likelihood: NpmleLikelihood, mass: Floats, gradient: Floats
) -> Floats | None:
    """The same by non-negative least squares, in one call; None if they give up."""
    support = np.flatnonzero((mass > 0) | (gradient > 0))
    root = np.sqrt(likelihood.weight)
    rows, goal = np.empty((root.size + 1, support.size)), np.zeros(root.size + 1)
    rows[:-1] = likelihood.inside[:, support] * (root / likelihood.seen(mass))[:, None]
    rows[-1] = np.sqrt(likelihood.total)
    goal[:-1] = 2 * root
    try:
        found, _ = nnls(rows, goal, maxiter=20 * support.size)
    except RuntimeError:
        return None
    if not found.any():
        return None
    target = np.zeros(likelihood.m)
    target[support] = found / found.sum()
    return target


class _Quadratic:
    """The log-likelihood's second-order approximation in F, at one F.

    A subject's -log P is convex in F; an entry's log P(after entry) is concave, and enters with
    its curvature if the whole stays convex, otherwise by its slope alone.
    """

    def __init__(self, likelihood: NpmleLikelihood, below: Floats) -> None:
        self.likelihood = likelihood
        seen = below[likelihood.high] - below[likelihood.low]
        could = 1 - below[likelihood.entry]
        self.slope, self.curvature = 2 * likelihood.weight / seen, likelihood.weight / seen**2
        self.entry_slope = likelihood.entered / could
        self.entry_curvature = likelihood.entered / could**2
        self.entry_below = below[likelihood.entry]

    def maximum(self, support: Integers) -> Floats:
        """Masses on the support, perhaps negative, adding up to 1."""
        s = support.size
        if s == 1:
            return np.ones(1)
        before = np.zeros(self.likelihood.m + 1, dtype=np.int64)
        before[support + 1] = 1
        node = np.cumsum(before)
        low, high = node[self.likelihood.low], node[self.likelihood.high]
        entry = node[self.likelihood.entry]
        slope, none = self._slope(low, high, entry, s), np.zeros(s - 1)
        if self.entry_slope.size:
            bend = sums(entry, self.entry_curvature, s + 1)[1:s]
            pull = sums(entry, self.entry_curvature * self.entry_below, s + 1)[1:s]
            inner = self._solved(low, high, s, bend, slope - pull)
            if inner is not None:  # otherwise the entries' slope alone still leads upwards
                return _differences(inner)
        inner = self._solved(low, high, s, none, slope)
        assert inner is not None  # a sum of squares
        return _differences(inner)

    def _solved(
        self, low: Integers, high: Integers, s: int, bend: Floats, slope: Floats
    ) -> Floats | None:
        """Inner F at which information x F = slope; None if the information is indefinite."""
        within = np.where(low < high, self.curvature, 0.0)
        diagonal = (sums(low, within, s + 1) + sums(high, within, s + 1))[1:s] - bend
        paired = (low > 0) & (high < s) & (low < high)
        low, high, tie = low[paired] - 1, high[paired] - 1, self.curvature[paired]
        width = int((high - low).max(initial=0))
        if s * width**2 > _WIDE:
            inner = _conjugate_gradients(low, high, tie, diagonal, slope)
            if inner is not None:
                return inner
        band = _band(low, high, tie, diagonal, width)
        _, inner, indefinite = dpbsv(band, slope)
        return None if indefinite else inner

    def _slope(self, low: Integers, high: Integers, entry: Integers, s: int) -> Floats:
        slope = sums(high, self.slope, s + 1) - sums(low, self.slope, s + 1)
        at_end = (high == s) & (low < s)  # F = 1 there, which is not to be found
        slope += sums(low[at_end], self.curvature[at_end], s + 1)
        slope += sums(entry, self.entry_slope, s + 1)
        return slope[1:s]


def _band(low: Integers, high: Integers, tie: Floats, diagonal: Floats, width: int) -> Floats:
    """Information on the inner nodes as upper bands, without ties that reach further."""
    near = high - low <= width
    flat = (width - (high - low)[near]) * diagonal.size + high[near]
    band = np.zeros((width + 1, diagonal.size))
    band -= sums(flat, tie[near], band.size).reshape(band.shape)
    band[-1] = diagonal
    return band


def _conjugate_gradients(
    low: Integers, high: Integers, tie: Floats, diagonal: Floats, slope: Floats
) -> Floats | None:
    """Solve with the ties of neighbours as a preconditioner; None if that does not get there.

    Many exact times make a long support, and a few wide windows among them a wide band; but the
    exact times, which are neighbours' ties, outweigh the windows.
    """
    k = diagonal.size
    rows, columns = np.concatenate([low, high]), np.concatenate([high, low])
    information = csr_array((np.tile(-tie, 2), (rows, columns)), shape=(k, k)) + diags_array(
        diagonal
    )
    factor, indefinite = dpbtrf(_band(low, high, tie, diagonal, 1))
    if indefinite:
        return None
    nearly = LinearOperator((k, k), matvec=lambda v: dpbtrs(factor, v)[0])
    inner, unfinished = cg(information, slope, rtol=1e-13, maxiter=300, M=nearly)
    return None if unfinished else np.asarray(inner, dtype=np.float64)


def _grown(gradient: Floats, supported: NDArray[np.bool_]) -> Integers:
    """The support, and between any two of its intervals the one that the likelihood asks for most."""
    slope = np.where(supported, -np.inf, gradient)
    stretch = supported.cumsum()
    starts = np.flatnonzero(supported)
    if not supported[0]:
        starts = np.concatenate([[0], starts])
    else:
        stretch -= 1
    best = np.maximum.reduceat(slope, starts)[stretch]
    return np.flatnonzero(supported | ((slope == best) & (slope > 0)))


def _differences(inner: Floats) -> Floats:
    mass = np.empty(inner.size + 1)
    mass[:-1], mass[-1] = inner, 1.0
    mass[1:] -= inner
    return mass
