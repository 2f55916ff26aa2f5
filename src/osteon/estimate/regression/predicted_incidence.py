"""What Fine and Gray's model predicts for one patient: cumulative incidence over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import chosen_times, expect
from osteon.estimate.curves.curve import Points
from osteon.estimate.intervals import probability_limits
from osteon.estimate.regression.fine_gray import FineGrayFit
from osteon.estimate.regression.moments import Moments
from osteon.estimate.regression.predicted_path import patient, stratum_index
from osteon.estimate.regression.prediction_pulls import baseline_pulls

_AT_ONCE = 64  # times whose influence on every subject is held at a time


def predicted_incidence(
    fit: FineGrayFit,
    covariates: Mapping[str, float],
    times: ArrayLike | None = None,
    *,
    stratum: str | None = None,
    interval: str = "cloglog",
) -> Points:
    """Cumulative incidence of the event of interest, as Fine and Gray's model predicts it.

    Parameters
    ----------
    fit : FineGrayFit
        Without infinite coefficients.
    covariates : mapping of str to float
        A value for every covariate of the model.
    times : array_like of float, shape (m,), optional
        Times in days. Default: the event times of the stratum.
    stratum : str, optional
        Name of the stratum; needed if there are several.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the pointwise limits.

    Returns
    -------
    Points
        nan after the stratum's last exit. ``at_risk`` and ``events`` are weights of all in the
        stratum, whatever their covariates: those without any event yet, and those with the event
        of interest so far.

    Raises
    ------
    EstimateError
        If a coefficient is infinite, a covariate has no value, or the stratum is not named.

    Notes
    -----
    .. math:: F(t \\mid z) = 1 - \\exp\\Big( -e^{z'\\beta} \\sum_{t_j \\le t}
        \\frac{d_j}{\\sum_i w_i(t_j) e^{x_i'\\beta}} \\Big)

    (The estimator of [1]_.) R: ``predict(crr(), z)`` gives the same points, without limits. With the
    fit's variance "sandwich" the standard error is the root of the summed squares of every
    subject's influence, through the baseline, the coefficients and the distribution of censoring;
    with "robust" and "model" that of ``survfit(coxph(), newdata)`` on ``finegray()`` data.

    References
    ----------
    .. [1] Fine & Gray (1999), J. Am. Stat. Assoc. 94:496-509,
       doi:10.1080/01621459.1999.10474144.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate.regression.fine_gray import fine_gray
    >>> history = History.of(
    ...     exit=[1, 2, 3, 4, 5], event=[1, 2, 0, 1, 1], states=("bm", "sre", "dead"),
    ...     covariates={"x": [1, 0, 1, 0, 1]},
    ... )
    >>> fit = fine_gray(history, ["x"], "sre")
    >>> predicted_incidence(fit, {"x": 0}, [1, 4]).estimate.round(4).tolist()
    [0.1236, 0.3399]
    """
    expect(FineGrayFit, fit=fit)
    if fit.infinite:
        raise EstimateError(
            f"the hazard ratio of {', '.join(fit.infinite)} is infinite",
            "a prediction needs finite coefficients",
            "leave the covariate out",
        )
    z = patient(fit.names, fit.design, covariates)
    a, s = fit.likelihood.at_risk, stratum_index(fit.history.strata, stratum)
    cells = slice(int(a.offset[s]), int(a.offset[s + 1]))
    at = a.time[cells] if times is None else chosen_times(times)
    here = np.searchsorted(a.time[cells], at, side="right")
    hazard, std_error = _cumulative_hazard(fit, z, cells, here)
    unknown = at > fit.history.exit[fit.history.stratum == s].max()
    estimate = np.where(unknown, np.nan, -np.expm1(-hazard))
    of_estimate = np.where(unknown, np.nan, np.exp(-hazard) * std_error)
    low, high = probability_limits(estimate, of_estimate, fit.conf_level, interval)
    at_risk, events = _counts(fit, s, at)
    return Points(at, at_risk, events, estimate, of_estimate, low, high)


def _cumulative_hazard(
    fit: FineGrayFit, z: Floats, cells: slice, here: np.ndarray
) -> tuple[Floats, Floats]:
    """Cumulative subdistribution hazard after ``here`` event times, and its standard error."""
    likelihood, scale = fit.likelihood, fit.design.scale
    beta = fit.coefficients * scale
    moments = likelihood.moments(beta)
    hazard = moments.hazard[:, None]
    per_cell = likelihood.at_risk.per_cell(
        np.column_stack(
            [hazard, hazard / moments.denominator[:, None], hazard * (z - moments.mean)]
        )
    )
    zero = np.zeros((1, per_cell.shape[1]))
    steps = np.concatenate([zero, np.cumsum(per_cell[cells], axis=0)])[here]
    ratio = float(np.exp(z @ beta - moments.shift))
    q = steps[:, 2:]
    if fit.variance == "sandwich":
        variance = _influence_variance(fit, moments, cells, here, q)
    else:
        covariance = fit.covariance * np.outer(scale, scale)
        variance = steps[:, 1] + np.einsum("ia,ab,ib->i", q, covariance, q)
    return ratio * steps[:, 0], ratio * np.sqrt(variance)


def _influence_variance(
    fit: FineGrayFit, moments: Moments, cells: slice, here: np.ndarray, q: Floats
) -> Floats:
    """Sum of the squared influence of every subject on the baseline hazard at each time."""
    model = fit.model_covariance * np.outer(fit.design.scale, fit.design.scale)
    through_coefficients = fit.subdistribution.score_influence(moments) @ model
    variance = np.empty(here.size)
    for begin in range(0, here.size, _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        influence = _baseline_influence(fit, moments, cells, here[part])
        influence += through_coefficients @ q[part].T
        variance[part] = np.einsum("it,it->t", influence, influence)
    return variance


def _baseline_influence(
    fit: FineGrayFit, moments: Moments, cells: slice, here: np.ndarray
) -> Floats:
    """Influence of each subject on the baseline hazard at some times, shape (n, times)."""
    likelihood, a = fit.likelihood, fit.likelihood.at_risk
    position = np.arange(a.time.size) - cells.start
    counts = ((position >= 0)[:, None] & (position[:, None] < here))[a.cell]
    influence = baseline_pulls(likelihood, moments, counts)
    per_term = (moments.hazard / moments.denominator)[:, None] * counts
    by_time = fit.subdistribution.still_to_come(moments, a.per_cell(per_term))
    return a.expand(influence) + fit.subdistribution.through_censoring(by_time)


def _counts(fit: FineGrayFit, stratum: int, at: Floats) -> tuple[Floats, Floats]:
    h = fit.history
    of_interest = np.zeros(len(h), dtype=bool)
    of_interest[fit.likelihood.at_risk.rows[fit.likelihood.at_risk.event]] = True
    mine = h.stratum == stratum

    def weight_until(time: Floats, rows: np.ndarray, side: Literal["left", "right"]) -> Floats:
        order = np.argsort(time[rows])
        sums = np.concatenate([[0.0], np.cumsum(h.weight[rows][order])])
        return sums[np.searchsorted(time[rows][order], at, side)]

    rows = np.flatnonzero(mine)
    at_risk = weight_until(h.entry, rows, "left") - weight_until(h.exit, rows, "left")
    return at_risk, weight_until(h.exit, np.flatnonzero(mine & of_interest), "right")
