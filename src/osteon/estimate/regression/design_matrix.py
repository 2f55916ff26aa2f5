"""From covariates to the standardised matrix that a model is fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import listed
from osteon.estimate.regression.at_risk import COMPILE_FROM
from osteon.estimate.tables.risk_table import some_causes

_COLLINEAR = 1e-10  # smallest eigenvalue of a correlation-scaled information that is not 0
_ROUNDED_AWAY = 1e-11  # share of a covariate's variance within the risk sets that may be rounding


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates with their centre and scale, and the way back to their own units.

    Attributes
    ----------
    names : tuple of str
        Covariates, in the order of the columns.
    columns : tuple of ndarray of float, shape (n,)
        Their values.
    centre, scale : ndarray of float, shape (p,)
        Mean and standard deviation of each covariate.
    """

    names: tuple[str, ...]
    columns: tuple[Floats, ...]
    centre: Floats
    scale: Floats

    def standardised(self, rows: Integers | None = None) -> Floats:
        """``(covariate - centre) / scale`` of some rows or all, shape (m, p)."""
        if not self.names:
            return np.empty((0 if rows is None else rows.size, 0))
        if self.columns[0].size >= COMPILE_FROM:
            from osteon.estimate.regression import compiled

            return compiled.standardised(self.columns, rows, self.centre, self.scale)
        chosen = self.columns if rows is None else [column[rows] for column in self.columns]
        return (np.column_stack(chosen) - self.centre) / self.scale

    def coefficients(self, standardised: Floats) -> Floats:
        """Coefficients per unit of the covariates, shape (p,)."""
        return standardised / self.scale

    def covariance(self, standardised: Floats) -> Floats:
        """Covariance of the coefficients per unit of the covariates, shape (p, p)."""
        return standardised / np.outer(self.scale, self.scale)


def design(history: History, names: Sequence[str], rows: Integers | None = None) -> Design:
    """Look up covariates; refuse unknown names, missing values and constants.

    Parameters
    ----------
    history : History
        With covariates.
    names : sequence of str
        Those of the model.
    rows : ndarray of int, shape (m,), optional
        Intervals that inform the model, if not all: centre and scale are theirs. A wild value in an interval
        that no event falls into must not set the scale.

    Raises
    ------
    EstimateError
        If a name is not a covariate of the history or is given twice, a value is missing or
        infinite, or a covariate has one value only.
    """
    check_names(names, history.covariates)
    columns = tuple(history.covariates[name] for name in names)
    return standardise(tuple(names), columns, rows)


def check_names(names: Sequence[str], covariates: Iterable[str]) -> None:
    """Refuse an empty model, and names that are unknown or given twice."""
    named = listed("names", names)
    if not named:
        raise EstimateError("no covariate is named", "a model has one or more")
    known = list(covariates)
    for name in named:
        if name not in known:
            raise EstimateError(
                f'there is no covariate "{name}"',
                f"covariates are {', '.join(known) or 'none'}",
                did_you_mean(name, known),
            )
    if len(set(named)) < len(named):
        raise EstimateError("a covariate is named twice", "each enters the model once")


def standardise(
    names: tuple[str, ...], columns: tuple[Floats, ...], rows: Integers | None = None
) -> Design:
    """Centre and scale of columns, over ``rows``; raises as `design`."""
    for name, column in zip(names, columns, strict=True):
        missing = 0 if np.isfinite(column.sum()) else int((~np.isfinite(column)).sum())
        if missing:
            raise EstimateError(
                f'covariate "{name}" is missing or infinite in {missing} of {column.size} rows',
                do="impute it, or leave these rows out and count them in the attrition",
            )
    whole = rows is None or rows.size == columns[0].size
    informing = columns if whole else tuple(column[rows] for column in columns)
    for name, column in zip(names, informing, strict=True):
        if (column == column[0]).all():
            raise EstimateError(
                f'covariate "{name}" has one value only',
                "a covariate varies among those at risk when an event happens",
                "leave it out of the model",
            )
    return Design(names, columns, *_centre_and_scale(informing))


def _centre_and_scale(columns: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    if columns and columns[0].size >= COMPILE_FROM:
        from osteon.estimate.regression import compiled

        return compiled.centre_and_scale(columns)
    if not columns:
        return np.empty(0), np.empty(0)
    x = np.array(columns)
    return x.mean(axis=1), x.std(axis=1)


def event_indicator(history: History, causes: Sequence[str] | None) -> NDArray[np.bool_]:
    """Which intervals end in one of ``causes`` (default: in any state).

    Raises
    ------
    EstimateError
        If a cause is not a state, none is named though intervals begin in several states, or
        nothing happens.
    """
    ended = history.columns.event
    event = ended > 0
    if causes is None:
        _check_one_origin(history)
    else:
        for cause in some_causes(causes):
            if cause not in history.states:
                raise EstimateError(
                    f'there is no state "{cause}"',
                    f"states are {', '.join(history.states)}",
                    did_you_mean(cause, history.states),
                )
        event &= np.logical_or.reduce([ended == history.states.index(cause) for cause in causes])
    if not event.any():
        raise EstimateError(
            "no event happens",
            "a model of hazards needs events",
            "report the rate's upper limit: `rate(0, person_time)`",
        )
    return event


def _check_one_origin(history: History) -> None:
    """Refuse to take every transition between states for one event."""
    if history.columns.from_state is not None and np.ptp(history.from_state) > 0:
        raise EstimateError(
            "intervals begin in several states, and it is not said which event is meant",
            "a model is of one event; without `causes` every transition would count as it",
            'name them (`causes=["dead"]`), take `history.where(history.from_state == 0)`, or use '
            "`multi_state_cox`",
        )


def full_rank(matrix: Floats) -> bool:
    """Whether a covariance or information matrix can be inverted; not if anything is nan."""
    diagonal = np.diag(matrix)
    if not (diagonal > 0).all():
        return False
    values = np.linalg.eigvalsh(matrix / np.sqrt(np.outer(diagonal, diagonal)))
    return bool(values[0] > _COLLINEAR * values[-1])


def check_rank(names: tuple[str, ...], information: Floats, whole: float) -> None:
    """Refuse covariates that carry no information of their own.

    Parameters
    ----------
    names : tuple of str
        Of the covariates.
    information : ndarray of float, shape (p, p)
        Of their standardised coefficients, at 0.
    whole : float
        What a covariate would add that varied within the risk sets as it does over all: the
        events. Of one that is constant in each risk set rounding leaves less than 1e-11 of it.

    Raises
    ------
    EstimateError
        Naming the covariates, if the information matrix is singular.
    """
    diagonal = np.diag(information)
    least = max(_COLLINEAR * diagonal.max(), _ROUNDED_AWAY * whole)
    still = [n for n, d in zip(names, diagonal, strict=True) if not d > least]
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
