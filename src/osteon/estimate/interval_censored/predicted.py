"""What a parametric model on interval-censored times is fitted on, and the curves it predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import chosen_times, covariate_value, expect, listed
from osteon.estimate.regression.design_matrix import Design, check_rank, standardise


@dataclass(frozen=True, eq=False)
class PredictedCurve:
    """A probability that a model predicts at chosen times; every array has shape (k,).

    Attributes
    ----------
    time : ndarray of float
        In days.
    estimate, std_error : ndarray of float
        The probability, and its standard error by the delta method.
    conf_low, conf_high : ndarray of float
        Pointwise limits.
    estimand : str
        What the probability is of.
    conf_level : float
        Two-sided confidence.
    interval : str
        Scale on which the limits are symmetric.
    """

    time: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    estimand: str
    conf_level: float
    interval: str


def bounds_design(bounds: Bounds, names: Sequence[str]) -> Design:
    """Standardised covariates of the subjects; without names none, shape (n, 0).

    Raises
    ------
    EstimateError
        If a name is unknown, a covariate is missing, constant or collinear with others, an
        event is at time 0, or the bounds have several strata.
    """
    expect(Bounds, bounds=bounds)
    if not len(bounds):
        raise EstimateError("the bounds are of nobody", do="look at the attrition")
    if np.unique(bounds.stratum).size > 1:
        raise EstimateError(
            "the bounds have several strata",
            "this model has one baseline",
            "make the groups covariates, or fit each stratum apart with `bounds.where`",
        )
    if (bounds.right == 0).any():
        raise EstimateError(
            f"{int((bounds.right == 0).sum())} of {len(bounds)} rows have their event at time 0",
            "a hazard works on times after 0",
            "count them as prevalent and leave them out",
        )
    names = listed("names", names)
    for name in names:
        if name not in bounds.covariates:
            raise EstimateError(
                f'there is no covariate "{name}"',
                f"covariates are {', '.join(bounds.covariates) or 'none'}",
                did_you_mean(name, bounds.covariates),
            )
    if not names:
        return Design((), (), np.empty(0), np.empty(0))
    columns = standardise(tuple(names), tuple(bounds.covariates[name] for name in names))
    x = columns.standardised(np.arange(len(bounds)))
    check_rank(columns.names, x.T @ x, float(x.shape[0]))
    return columns


def covariate_row(design: Design, covariates: Mapping[str, float]) -> Floats:
    """One person's standardised covariates, shape (p,).

    Raises
    ------
    EstimateError
        If one of the model's covariates has no value, or there are others.
    """
    missing = [name for name in design.names if name not in covariates]
    other = [name for name in covariates if name not in design.names]
    if missing or other:
        raise EstimateError(
            f"covariates {', '.join(missing) or 'none'} have no value, and "
            f"{', '.join(other) or 'none'} are not in the model",
            f"the model's covariates are {', '.join(design.names) or 'none'}",
            "give each a value",
        )
    values = np.array([covariate_value(name, covariates[name]) for name in design.names])
    return (values - design.centre) / design.scale


def prediction_times(times: ArrayLike) -> Floats:
    """Times as an array; refuses negative and infinite ones."""
    t = chosen_times(times)
    if not (np.isfinite(t) & (t >= 0)).all():
        raise EstimateError("a time is negative or not finite", "times are days from zero on")
    return t
