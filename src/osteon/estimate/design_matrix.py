"""From a history's covariates to the standardised matrix that a Cox model is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import CENSORED, Floats, History
from osteon.errors import EstimateError, did_you_mean

_COLLINEAR = 1e-10  # smallest eigenvalue of a correlation-scaled information that is not 0


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates, centred and scaled, and the way back to their own units.

    Attributes
    ----------
    names : tuple of str
        Covariates, in the order of the columns.
    x : ndarray of float, shape (n, p)
        ``(covariate - centre) / scale``.
    centre, scale : ndarray of float, shape (p,)
        Mean and standard deviation of each covariate.
    """

    names: tuple[str, ...]
    x: Floats
    centre: Floats
    scale: Floats

    def coefficients(self, standardised: Floats) -> Floats:
        """Coefficients per unit of the covariates, shape (p,)."""
        return standardised / self.scale

    def covariance(self, standardised: Floats) -> Floats:
        """Covariance of the coefficients per unit of the covariates, shape (p, p)."""
        return standardised / np.outer(self.scale, self.scale)


def design(history: History, names: Sequence[str], rows: NDArray[np.bool_]) -> Design:
    """Standardise covariates; refuse unknown names, missing values and constants.

    Parameters
    ----------
    history : History
        With covariates.
    names : sequence of str
        Those of the model.
    rows : ndarray of bool, shape (n,)
        Intervals that inform the model: centre and scale are theirs. A wild value in an interval
        that no event falls into must not set the scale.

    Raises
    ------
    EstimateError
        If a name is not a covariate of the history, a value is missing or infinite, or a
        covariate has one value only.
    """
    if not names:
        raise EstimateError("no covariate is named", "a Cox model has one or more")
    for name in names:
        if name not in history.covariates:
            raise EstimateError(
                f'there is no covariate "{name}"',
                f"covariates are {', '.join(history.covariates) or 'none'}",
                did_you_mean(name, history.covariates),
            )
    values = np.column_stack([history.covariates[name] for name in names])
    return standardise(tuple(names), values, rows)


def standardise(names: tuple[str, ...], values: Floats, rows: NDArray[np.bool_]) -> Design:
    """Centre and scale columns; raises as `design`."""
    for name, column in zip(names, values.T, strict=True):
        missing = int((~np.isfinite(column)).sum())
        if missing:
            raise EstimateError(
                f'covariate "{name}" is missing or infinite in {missing} of {column.size} rows',
                do="impute it, or leave these rows out and count them in the attrition",
            )
    span = np.ptp(values[rows], axis=0)
    if not (span > 0).all():
        raise EstimateError(
            f'covariate "{names[int(np.argmin(span))]}" has one value only',
            "a covariate varies among those at risk when an event happens",
            "leave it out of the model",
        )
    centre, scale = values[rows].mean(axis=0), values[rows].std(axis=0)
    return Design(names, (values - centre) / scale, centre, scale)


def event_indicator(history: History, causes: Sequence[str] | None) -> NDArray[np.bool_]:
    """Which intervals end in one of ``causes`` (default: in any state).

    Raises
    ------
    EstimateError
        If a cause is not a state, or nothing happens.
    """
    event = history.to_state != CENSORED
    if causes is not None:
        for cause in causes:
            if cause not in history.states:
                raise EstimateError(
                    f'there is no state "{cause}"',
                    f"states are {', '.join(history.states)}",
                    did_you_mean(cause, history.states),
                )
        event = np.isin(history.to_state, [history.states.index(cause) for cause in causes])
    if not event.any():
        raise EstimateError(
            "no event happens",
            "a model of hazards needs events",
            "report the rate's upper limit: `rate(0, person_time)`",
        )
    return event


def check_rank(names: tuple[str, ...], information: Floats) -> None:
    """Refuse covariates that carry no information of their own.

    Raises
    ------
    EstimateError
        Naming the covariates, if the information matrix is singular.
    """
    diagonal = np.diag(information)
    still = [n for n, d in zip(names, diagonal, strict=True) if not d > _COLLINEAR * diagonal.max()]
    if still:
        raise EstimateError(
            f"{_listed(still)} does not vary among those at risk when an event happens",
            "a covariate varies within the risk sets (and the strata)",
            "leave it out of the model",
        )
    scale = 1 / np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if values[0] < _COLLINEAR * values[-1]:
        bound = [n for n, v in zip(names, vectors[:, 0], strict=True) if abs(v) > 0.05]
        raise EstimateError(
            f"{_listed(bound)} are collinear",
            "no covariate is a combination of the others",
            "leave one of them out of the model",
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
