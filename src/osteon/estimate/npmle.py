"""The maximum of an interval-censored likelihood, with the certificate that it is one.

The likelihood's equations and their sources are in `turnbull`; what late entry adds, in
`truncated_npmle`. Mass sits on a support that grows only where the gradient asks for it. On the
cumulative scale a subject touches two numbers, F at either end of its window, so the information
is a band and no step costs more than that band: nothing here is as large as subjects x intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbsv, dpbtrf, dpbtrs
from scipy.optimize import nnls
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import LinearOperator, cg

from osteon.contracts.history import Floats, Integers
from osteon.errors import EstimateError

CERTIFIED = 1e-9
_MAX_STEPS = 500
_HALVINGS = 40
_DUST = 1e-13
_SMALL = 10_000
_WIDE = 3e8  # operations of a factorisation, from which on it is avoided


@dataclass(frozen=True, eq=False)
class Windows:
    """Innermost intervals, and the run of them that each subject may have had the event in.

    Attributes
    ----------
    left, right : ndarray of float, shape (m,)
        Innermost intervals, ascending.
    first, last : ndarray of int, shape (n,)
        First and last interval in each subject's ``(left, right]``.
    entry : ndarray of int, shape (n,)
        First interval after each subject's entry.
    """

    left: Floats
    right: Floats
    first: Integers
    last: Integers
    entry: Integers


def innermost_intervals(left: Floats, right: Floats, entry: Floats | None = None) -> Windows:
    """Turnbull's intervals; with late entry those of Alioum and Commenges.

    On the line, ``t`` known exactly begins before a right bound ``t`` and that before a left
    bound ``t`` (which is just after t). So an interval is innermost if in this order a left
    bound is directly followed by a right bound, and a subject contains a run of them. An entry
    at ``t`` closes an interval as a right bound does: who entered is the likelier, the more
    probability lies at or before ``t``.
    """
    n = left.size
    entry = np.full(n, -np.inf) if entry is None else np.where(entry > 0, entry, -np.inf)
    value = np.concatenate([left, right, entry])
    rank = np.ones(3 * n, dtype=np.int64)
    rank[:n] = np.where(left == right, 0, 2)
    order = np.lexsort((rank, value))
    position = np.empty(3 * n, dtype=np.int64)
    position[order] = np.arange(3 * n)
    is_left = order < n
    begins = np.flatnonzero(is_left[:-1] & ~is_left[1:])
    return Windows(
        left=value[order[begins]],
        right=value[order[begins + 1]],
        first=np.searchsorted(begins, position[:n], side="left"),
        last=np.searchsorted(begins + 1, position[n : 2 * n], side="right") - 1,
        entry=np.searchsorted(begins, position[2 * n :], side="left"),
    )


@dataclass(frozen=True, eq=False)
class Npmle:
    """Masses on the innermost intervals, and the proof that none near them are better.

    Attributes
    ----------
    mass : ndarray of float, shape (m,)
        They add up to 1.
    value : float
        Log-likelihood.
    certificate : float
        Largest derivative towards an interval, per unit of weight: 0 at a maximum.
    """

    mass: Floats
    value: float
    certificate: float


def maximise_npmle(
    windows: Windows, weight: Floats | None = None, start: Floats | None = None
) -> Npmle:
    """Constrained Newton steps on a growing support until the certificate is met.

    Parameters
    ----------
    windows : Windows
        From `innermost_intervals`.
    weight : ndarray of float, shape (n,), optional
        Case weights, positive. Default 1.
    start : ndarray of float, shape (m,), optional
        Masses to start from; every subject's window must hold some. Default: equal masses on
        the fewest intervals that do.

    Raises
    ------
    EstimateError
        If the certificate is not met.
    """
    likelihood = _grouped(windows, weight)
    mass = _equal(windows) if start is None else start / start.sum()
    value = likelihood.value(mass)
    last = np.inf
    for _ in range(_MAX_STEPS + 1):
        gradient = likelihood.gradient(mass)
        certificate = gradient.max()
        if certificate <= CERTIFIED / 1000 or last / 2 <= certificate <= CERTIFIED:
            break  # there, or as near as rounding lets it come
        last = certificate
        target = _newton_target(likelihood, mass, gradient)
        mass, value = _climb(likelihood, mass, target, value)
    return _certified(likelihood, mass)


def fewest_intervals(windows: Windows) -> Integers:
    """Fewest innermost intervals such that every subject's window holds one, ascending."""
    latest_start = np.full(windows.left.size, -1)
    np.maximum.at(latest_start, windows.last, windows.first)
    chosen, last = [], -1
    for j, begins in enumerate(latest_start.tolist()):
        if begins > last:
            chosen.append(j)
            last = j
    return np.array(chosen)


def _equal(windows: Windows) -> Floats:
    mass = np.zeros(windows.left.size)
    mass[fewest_intervals(windows)] = 1.0
    return mass / mass.sum()


@dataclass(frozen=True, eq=False)
class _Likelihood:
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
        return float(self.weight.sum())

    def value(self, mass: Floats) -> float:
        below = _cumulative(mass)
        seen, could = below[self.high] - below[self.low], 1 - below[self.entry]
        if not (seen.min() > 0 and could.min(initial=1.0) > 0):
            return -np.inf
        return float(self.weight @ np.log(seen) - self.entered @ np.log(could))

    def gradient(self, mass: Floats) -> Floats:
        """Derivative towards all mass in one interval, per unit of weight, shape (m,)."""
        below = _cumulative(mass)
        seen = self.weight / (below[self.high] - below[self.low])
        could = self.entered / (1 - below[self.entry])
        slope = _sums(self.low, seen, self.m + 1) - _sums(self.high, seen, self.m + 1)
        slope -= _sums(self.entry, could, self.m + 1)
        always = self.total - self.entered.sum()  # entered with nothing before: P(entry) = 1
        return (np.cumsum(slope[:-1]) - always) / self.total


def _grouped(windows: Windows, weight: Floats | None) -> _Likelihood:
    weight = np.ones(windows.first.size) if weight is None else weight
    m = windows.left.size
    code, group = np.unique(windows.first * m + windows.last, return_inverse=True)
    at_entry = _sums(windows.entry, weight, m)
    entry = np.flatnonzero(at_entry[1:]) + 1
    return _Likelihood(
        m=m,
        low=code // m,
        high=code % m + 1,
        weight=_sums(group, weight, code.size),
        entry=entry,
        entered=at_entry[entry],
    )


def _cumulative(mass: Floats) -> Floats:
    below = np.zeros(mass.size + 1)
    mass.cumsum(out=below[1:])
    below[-1] = 1.0
    return below


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


def _newton_target(likelihood: _Likelihood, mass: Floats, gradient: Floats) -> Floats:
    """Masses at which the quadratic approximation is largest, within a grown support.

    Walks from the masses towards the approximation's maximum; whatever reaches 0 on the way
    leaves the support (an active-set method, of which each stage gains).
    """
    if likelihood.small:
        target = _least_squares_target(likelihood, mass, gradient)
        if target is not None:
            return target
    support = _grown(gradient, mass > 0)
    model = _Quadratic(likelihood, _cumulative(mass))
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


def _least_squares_target(likelihood: _Likelihood, mass: Floats, gradient: Floats) -> Floats | None:
    """The same by non-negative least squares, in one call; None if they give up."""
    support = np.flatnonzero((mass > 0) | (gradient > 0))
    seen = _cumulative(mass)
    root = np.sqrt(likelihood.weight)
    inside = (support >= likelihood.low[:, None]) & (support < likelihood.high[:, None])
    rows = np.empty((root.size + 1, support.size))
    rows[:-1] = inside * (root / (seen[likelihood.high] - seen[likelihood.low]))[:, None]
    rows[-1] = np.sqrt(likelihood.total)
    try:
        found, _ = nnls(rows, np.append(2 * root, 0.0), maxiter=20 * support.size)
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

    def __init__(self, likelihood: _Likelihood, below: Floats) -> None:
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
            bend = _sums(entry, self.entry_curvature, s + 1)[1:s]
            pull = _sums(entry, self.entry_curvature * self.entry_below, s + 1)[1:s]
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
        diagonal = (_sums(low, within, s + 1) + _sums(high, within, s + 1))[1:s] - bend
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
        slope = _sums(high, self.slope, s + 1) - _sums(low, self.slope, s + 1)
        at_end = (high == s) & (low < s)  # F = 1 there, which is not to be found
        slope += _sums(low[at_end], self.curvature[at_end], s + 1)
        slope += _sums(entry, self.entry_slope, s + 1)
        return slope[1:s]


def _band(low: Integers, high: Integers, tie: Floats, diagonal: Floats, width: int) -> Floats:
    """Information on the inner nodes as upper bands, without ties that reach further."""
    near = high - low <= width
    flat = (width - (high - low)[near]) * diagonal.size + high[near]
    band = np.zeros((width + 1, diagonal.size))
    band -= _sums(flat, tie[near], band.size).reshape(band.shape)
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


def _sums(index: Integers, weight: Floats, size: int) -> Floats:
    """``np.bincount``, which forgets that sums of no weights are fractions too."""
    return np.bincount(index, weight, size).astype(np.float64)


def _differences(inner: Floats) -> Floats:
    mass = np.empty(inner.size + 1)
    mass[:-1], mass[-1] = inner, 1.0
    mass[1:] -= inner
    return mass


def _climb(
    likelihood: _Likelihood, mass: Floats, target: Floats, value: float
) -> tuple[Floats, float]:
    noise = 1e-13 * (1 + abs(value))
    for halving in range(_HALVINGS):
        tried = mass + 0.5**halving * (target - mass)
        value_there = likelihood.value(tried)
        if value_there >= value - noise:
            return tried, value_there
    return mass, value


def _certified(likelihood: _Likelihood, mass: Floats) -> Npmle:
    """Without the dust that halved steps leave, if what remains is the maximum."""
    kept = np.where(mass > _DUST, mass, 0.0)
    kept /= kept.sum()
    certificate = float(likelihood.gradient(kept).max())
    if not certificate <= CERTIFIED:
        raise EstimateError(
            f"the Turnbull estimate is certified to {certificate:.1e} only",
            f"it is printed once certified to {CERTIFIED:g}",
            "report the bounds' order of magnitude and the data to us",
        )
    return Npmle(kept, likelihood.value(kept), max(certificate, 0.0))
