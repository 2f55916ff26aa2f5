"""Newton's method where the log-likelihood is not concave everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.newton import Evaluation, Maximum, maximise

_FLAT = 1e-9  # smallest eigenvalue of a scaled information that is one of a maximum
_EXHAUSTED = 1e-9  # log-likelihood still to be gained by a coefficient that runs away
_RUNAWAY = 0.05  # and the step that it would still take
_LONGEST_STEP = 3.0


def maximise_anyhow(
    evaluate: Callable[[Floats], Evaluation], start: Floats, names: Sequence[str], do: str
) -> Maximum:
    """Newton steps that lead upwards also where the information is not positive definite.

    Negative curvatures are turned round, so that a step along them is an ascent. What is
    returned is a maximum: there the information is positive definite.

    Parameters
    ----------
    evaluate : callable
        From coefficients, shape (p,), to the true `Evaluation`.
    start : ndarray of float, shape (p,)
        Where to start.
    names : sequence of str
        What each coefficient is, for the message.
    do : str
        The cure, for the message.

    Raises
    ------
    EstimateError
        If the likelihood has no maximum, or is flat at it.
    """

    def ascending(theta: Floats) -> Evaluation:
        there = evaluate(theta)
        return Evaluation(there.value, there.score, _turned(there.information))

    best = maximise(
        ascending, start, exhausted=_EXHAUSTED, runaway=_RUNAWAY, max_step=_LONGEST_STEP
    )
    away = np.abs(best.step) > _RUNAWAY
    true = evaluate(best.coefficients)
    if away.any() or not _is_maximum(true.information):
        raise EstimateError(
            f"the data do not determine {_culprits(names, true.information, away)}",
            "each coefficient is informed by events that it makes likelier and others that it "
            "makes less likely",
            do,
        )
    return Maximum(best.coefficients, true, best.decrement, best.step, best.steps)


def inverse(information: Floats) -> Floats:
    """Covariance of an information, shape (p, p)."""
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def _turned(information: Floats) -> Floats:
    if not np.isfinite(information).all():
        return np.eye(information.shape[0])
    values, vectors = np.linalg.eigh(information)
    if values[0] > 0:
        return information
    floor = 1e-8 * np.abs(values).max()
    return (vectors * np.maximum(np.abs(values), floor)) @ vectors.T


def _scaled(information: Floats) -> Floats:
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    return information * np.outer(scale, scale)


def _is_maximum(information: Floats) -> bool:
    diagonal = np.diag(information)
    if not (diagonal > _FLAT * diagonal.max()).all():
        return False
    return bool(np.linalg.eigvalsh(_scaled(information))[0] > _FLAT)


def _culprits(names: Sequence[str], information: Floats, away: np.ndarray) -> str:
    if not away.any():
        _, vectors = np.linalg.eigh(_scaled(information))
        away = np.abs(vectors[:, 0]) > 0.3
    return ", ".join(name for name, gone in zip(names, away, strict=True) if gone)
