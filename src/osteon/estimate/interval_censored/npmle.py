"""The maximum of an interval-censored likelihood, with the certificate that it is one.

The likelihood's equations and their sources are in `turnbull`; what late entry adds, in
`truncated_npmle`. Mass sits on a support that grows only where the gradient asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.interval_censored.innermost import Windows, fewest_intervals
from osteon.estimate.interval_censored.npmle_likelihood import NpmleLikelihood, grouped
from osteon.estimate.interval_censored.npmle_step import newton_target

CERTIFIED = 1e-9
_MAX_STEPS = 500
_HALVINGS = 40
_EM_STEPS = 4
_DUST = 1e-13


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
    likelihood = grouped(windows, weight)
    mass = _equal(windows) if start is None else start / start.sum()
    if likelihood.small:
        mass = _expected(likelihood, mass)
    value = likelihood.value(mass)
    last = np.inf
    for _ in range(_MAX_STEPS + 1):
        gradient = likelihood.gradient(mass)
        certificate = gradient.max()
        if certificate <= CERTIFIED / 1000 or last / 2 <= certificate <= CERTIFIED:
            break  # there, or as near as rounding lets it come
        last = certificate
        target = newton_target(likelihood, mass, gradient)
        mass, value = _climb(likelihood, mass, target, value)
    return _certified(likelihood, mass)


def _equal(windows: Windows) -> Floats:
    mass = np.zeros(windows.left.size)
    mass[fewest_intervals(windows)] = 1.0
    return mass / mass.sum()


def _expected(likelihood: NpmleLikelihood, mass: Floats) -> Floats:
    """A few of Turnbull's own (EM) steps: far off, each is nearly worth one of Newton's."""
    for _ in range(_EM_STEPS):
        mass = mass * (likelihood.gradient(mass) + 1)
    return mass / mass.sum()


def _climb(
    likelihood: NpmleLikelihood, mass: Floats, target: Floats, value: float
) -> tuple[Floats, float]:
    noise = 1e-13 * (1 + abs(value))
    for halving in range(_HALVINGS):
        tried = mass + 0.5**halving * (target - mass)
        value_there = likelihood.value(tried)
        if value_there >= value - noise:
            return tried, value_there
    return mass, value


def _certified(likelihood: NpmleLikelihood, mass: Floats) -> Npmle:
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
