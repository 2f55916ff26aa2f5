"""Newton's method for a concave log-likelihood, stopped by what is left to gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dposv

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError

_HALVINGS = 40
_ROUNDED = 1e-12  # a decrement so small is a maximum, if rounding lets no step gain
_ARMIJO = 0.25  # gain asked of a step, as a share of what its slope promises
_EXHAUSTED = 1e-11  # log-likelihood still to be gained, per event
_UNINFORMED = 1e-10  # share of the information at 0 that is left along a direction to infinity
_PART = 1e-4  # part of a coefficient in such a direction that is not rounding
_VISIBLE = 1e-10  # relative decrement above which rounding does not hide a step's gain
RUNAWAY = 0.01
"""Standard deviations of a covariate that a coefficient moves though nothing is to be gained."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A log-likelihood with its score and information at one point."""

    value: float
    score: Floats
    information: Floats


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where Newton's method stopped.

    Attributes
    ----------
    coefficients : ndarray of float, shape (p,)
        The maximum; ``last`` is the evaluation there.
    last : Evaluation
        Log-likelihood, score and information at ``coefficients``.
    decrement : float
        Newton decrement U' I^-1 U there: about twice the log-likelihood still to be gained.
    step : ndarray of float, shape (p,)
        The step Newton would still take. Where it is not small though nothing is to be gained,
        the likelihood keeps rising towards an infinite coefficient.
    steps : int
        Steps taken.
    """

    coefficients: Floats
    last: Evaluation
    decrement: float
    step: Floats
    steps: int


def maximise(
    evaluate: Callable[[Floats], Evaluation],
    start: Floats,
    *,
    at_start: Evaluation | None = None,
    free: NDArray[np.bool_] | None = None,
    tolerance: float = 1e-20,
    exhausted: float = 0.0,
    runaway: float = np.inf,
    max_step: float = np.inf,
    max_steps: int = 200,
) -> Maximum:
    """Maximise by Newton steps, halved while they gain too little.

    Parameters
    ----------
    evaluate : callable
        From coefficients, shape (p,), to their `Evaluation`.
    start : ndarray of float, shape (p,)
        Where to start; coefficients that are not free stay there.
    at_start : Evaluation, optional
        Its evaluation, if it is known already.
    free : ndarray of bool, shape (p,), optional
        Which coefficients may move. Default: all.
    tolerance : float
        Stop when the Newton decrement is at most this. A rule on the log-likelihood's change
        stops too early on large data: it left Fine-Gray fits 1e-5 from their maximum.
    exhausted, runaway : float
        Stop as well when the decrement is at most ``exhausted`` and the step still longer than
        ``runaway``: the likelihood rises for ever.
    max_step : float
        Longest step of any one coefficient.
    max_steps : int
        Give up after so many.

    Raises
    ------
    EstimateError
        If the maximum is not reached.
    """
    free = np.ones(start.size, dtype=bool) if free is None else free
    beta, share, last, fitting = start.astype(np.float64), 1.0, np.inf, 1.0
    here = evaluate(start) if at_start is None else at_start
    for steps in range(max_steps + 1):
        step = np.zeros(start.size)
        step[free] = solve(here.information[free][:, free], here.score[free])
        decrement = float(here.score @ step)
        if decrement < -_ROUNDED:
            break  # the information is not one of a concave function
        if decrement <= tolerance or (
            decrement <= exhausted and np.abs(step).max(initial=0.0) > runaway
        ):
            return Maximum(beta, here, decrement, step, steps)
        step *= min(1.0, max_step / np.abs(step).max())
        visible = decrement > _VISIBLE * (1 + abs(here.value))
        if visible:
            share = min(1.0, 2 * share)
        elif decrement > last / 2:  # no gain can be seen: at least the decrement has to fall
            share = fitting
        last = decrement
        share, there = _climb(evaluate, beta, here, step, share, visible)
        if there is None:
            break
        fitting = share * _fitting(decrement, float(there.score @ step))
        beta, here = beta + share * step, there
    if abs(decrement) < _ROUNDED:
        return Maximum(beta, here, decrement, step, steps)
    raise EstimateError(
        f"the likelihood has no maximum within {max_steps} steps",
        do="look for covariates that are nearly collinear or separate the events; use Firth",
    )


def runaway_maximum(
    evaluate: Callable[[Floats], Evaluation], at_start: Evaluation, events: int
) -> tuple[Maximum, Floats]:
    """Maximise a regression's likelihood from 0; it may rise for ever.

    Parameters
    ----------
    evaluate : callable
        From coefficients of standardised covariates, shape (p,), to their `Evaluation`.
    at_start : Evaluation
        At 0.
    events : int
        Events that inform the likelihood.

    Returns
    -------
    best : Maximum
        Where nothing is left to be gained.
    away : ndarray of float, shape (p,)
        inf or -inf for a coefficient that still moves though nothing is to be gained, or that
        takes part in a direction along which nothing is left to be known; 0 for the others.

    Notes
    -----
    One covariate may separate the events sooner than another: what the second still gains is then
    lost in rounding, and its step is no longer to be trusted, nor is that of the first. Along
    every direction to infinity, though, the information vanishes.
    """
    best = maximise(
        evaluate,
        np.zeros(at_start.score.size),
        at_start=at_start,
        exhausted=_EXHAUSTED * events,
        runaway=RUNAWAY,
    )
    lost = _uninformed(best.last.information, at_start.information)
    away = (np.abs(best.step) > RUNAWAY) | (np.abs(lost).max(axis=1, initial=0.0) > _PART)
    heading = lost @ (lost.T @ best.coefficients)
    heading = np.where(heading == 0, best.step, heading)
    return best, np.where(away, np.copysign(np.inf, heading), 0.0)


def _uninformed(information: Floats, at_start: Floats) -> Floats:
    """Directions along which next to nothing is left of the information, orthonormal, (p, m)."""
    triangle = np.linalg.cholesky(at_start)
    left = solve_triangular(triangle, information, lower=True)
    share, vectors = np.linalg.eigh(solve_triangular(triangle, left.T, lower=True))
    lost = solve_triangular(triangle.T, vectors[:, share < _UNINFORMED], lower=False)
    return np.asarray(np.linalg.qr(lost)[0])


def solve(information: Floats, score: Floats) -> Floats:
    """Solve a positive definite system for one or several columns, scaled to unit diagonal first."""
    diagonal = information.diagonal()
    if diagonal.size == 0:  # no coefficient is free
        return score
    if not (diagonal > 0).all():
        return _least_squares(information, score)
    scale = 1 / np.sqrt(diagonal)
    # LAPACK itself: SciPy's checks take longer than a handful of covariates.
    _, solution, failed = dposv(scale[:, None] * information * scale, (score.T * scale).T)
    if failed:
        return _least_squares(information, score)
    return np.asarray((solution.T * scale).T)


def _fitting(slope: float, slope_there: float) -> float:
    """How many times as long the last step should have been: to where its slope is 0 (secant).

    Where the information is not the curvature (of a penalised likelihood), steps are too long or
    too short all along.
    """
    fallen = slope - slope_there
    return min(max(slope / fallen, 0.1), 2.0) if fallen > 0 else 2.0


def _climb(
    evaluate: Callable[[Floats], Evaluation],
    beta: Floats,
    here: Evaluation,
    step: Floats,
    share: float,
    visible: bool,
) -> tuple[float, Evaluation | None]:
    """Halve the share of the step until it gains enough (Armijo's rule).

    Where rounding hides what a step gains, the share that last did well is trusted.
    """
    slope = float(here.score @ step)
    for _ in range(_HALVINGS):
        there = evaluate(beta + share * step)
        enough = there.value >= here.value + _ARMIJO * share * slope
        known = np.isfinite(there.value) and np.isfinite(there.information).all()
        if known and (enough or not visible):
            return share, there
        share /= 2
    return share, None


def _least_squares(information: Floats, score: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(information, score, rcond=1e-12)[0], dtype=np.float64)
