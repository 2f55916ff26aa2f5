"""The maximum of an interval-censored likelihood, with the certificate that it is one.

The method and its sources are in `turnbull`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from osteon.contracts.history import Floats, Integers
from osteon.errors import EstimateError

CERTIFIED = 1e-9
_MAX_STEPS = 500
_HALVINGS = 40
_DUST = 1e-12


def innermost_intervals(left: Floats, right: Floats) -> tuple[Floats, Floats, Integers, Integers]:
    """Turnbull's intervals, and for each subject the first and the last one that it contains.

    On the line, ``t`` known exactly begins before a right bound ``t`` and that before a left
    bound ``t`` (which is just after t). So an interval is innermost if in this order a left
    bound is directly followed by a right bound, and a subject contains a run of them.
    """
    n = left.size
    value = np.concatenate([left, right])
    rank = np.concatenate([np.where(left == right, 0, 2), np.ones(n, dtype=np.int64)])
    order = np.lexsort((rank, value))
    position = np.empty(2 * n, dtype=np.int64)
    position[order] = np.arange(2 * n)
    is_left = order < n
    begins = np.flatnonzero(is_left[:-1] & ~is_left[1:])
    first = np.searchsorted(begins, position[:n], side="left")
    last = np.searchsorted(begins + 1, position[n:], side="right") - 1
    return value[order[begins]], value[order[begins + 1]], first, last


@dataclass(frozen=True, eq=False)
class Npmle:
    """Masses on the innermost intervals, and the proof that none are better."""

    mass: Floats
    value: float
    gradient: Floats
    n: float

    @property
    def certificate(self) -> float:
        """(max directional derivative - n) / n, 0 at the maximum."""
        return float(self.gradient.max() / self.n - 1)


def maximise_npmle(first: Integers, last: Integers, m: int) -> Npmle:
    """Constrained Newton until the optimality certificate is met.

    Parameters
    ----------
    first, last : ndarray of int, shape (n,)
        From `innermost_intervals`.
    m : int
        Number of innermost intervals.

    Raises
    ------
    EstimateError
        If the certificate is not met.
    """
    contains, weight = _grouped(first, last, m)
    n, mass = float(weight.sum()), np.full(m, 1 / m)
    seen = contains @ mass
    value = float(weight @ np.log(seen))
    for step in range(_MAX_STEPS + 1):
        gradient = (weight / seen) @ contains
        certificate = gradient.max() / n - 1
        if certificate <= CERTIFIED / 10 or (step == _MAX_STEPS and certificate <= CERTIFIED):
            return Npmle(_tidy(mass), value, gradient, n)
        # Intervals without mass come back in where the likelihood asks for them (Wang's CNM).
        able = np.flatnonzero((mass > 0) | (gradient > n))
        target = np.zeros(m)
        target[able] = _newton_target(contains[:, able], weight, seen, n)
        if not target.any():
            target = mass * gradient / n  # Turnbull's self-consistency step never fails
        mass, seen, value = _climb(contains, weight, mass, target, seen, value)
    raise EstimateError(
        f"the Turnbull estimate is certified to {certificate:.1e} only",
        f"it is printed once certified to {CERTIFIED:g}",
        "report the bounds' order of magnitude and the data to us",
    )


def _grouped(first: Integers, last: Integers, m: int) -> tuple[Floats, Floats]:
    """Subjects with the same run of intervals together: membership (groups, m), and how many."""
    code, weight = np.unique(first * m + last, return_counts=True)
    column = np.arange(m)
    contains = (column >= (code // m)[:, None]) & (column <= (code % m)[:, None])
    return contains.astype(np.float64), weight.astype(np.float64)


def _newton_target(contains: Floats, weight: Floats, seen: Floats, n: float) -> Floats:
    """Minimise the quadratic approximation over p >= 0; zeros if least squares give up."""
    root = np.sqrt(weight)
    rows = np.vstack([contains * (root / seen)[:, None], np.full(contains.shape[1], np.sqrt(n))])
    try:
        target, _ = nnls(rows, np.append(2 * root, 0.0), maxiter=20 * contains.shape[1])
    except RuntimeError:
        return np.zeros(contains.shape[1])
    return target / target.sum()


def _climb(
    contains: Floats,
    weight: Floats,
    mass: Floats,
    target: Floats,
    seen: Floats,
    value: float,
) -> tuple[Floats, Floats, float]:
    seen_there = contains @ target
    noise = 1e-13 * (1 + abs(value))
    for halving in range(_HALVINGS):
        share = 0.5**halving
        seen_new = seen + share * (seen_there - seen)
        if seen_new.min() > 0:
            value_new = float(weight @ np.log(seen_new))
            if value_new >= value - noise:
                return mass + share * (target - mass), seen_new, value_new
    return mass, seen, value


def _tidy(mass: Floats) -> Floats:
    """Without the dust that halved steps leave."""
    kept = np.where(mass > _DUST, mass, 0.0)
    return kept / kept.sum()
