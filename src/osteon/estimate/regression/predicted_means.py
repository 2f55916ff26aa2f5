"""Restricted mean survival that a Cox model predicts: of one patient, and two contrasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, number
from osteon.estimate.curves.pulls import Pulled
from osteon.estimate.curves.restricted_mean import area_to_come
from osteon.estimate.intervals import Estimate, wald
from osteon.estimate.regression.cox import CoxFit
from osteon.estimate.regression.predicted_path import Course, Path, path_of, paths_of
from osteon.estimate.regression.prediction_pulls import pulls


def predicted_restricted_mean(
    fit: CoxFit,
    covariates: Course,
    horizon: float,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | None = None,
) -> Estimate:
    """Mean time that a patient spends free of the event up to a horizon, as a Cox model predicts.

    Parameters
    ----------
    fit, covariates, changes, stratum
        As in `baseline_hazard`.
    horizon : float
        In days, after ``start`` and not after the last time seen in the stratum.
    start : float
        Time counts from it, and it is survived, in days.

    Returns
    -------
    Estimate
        In days since ``start``, with a Wald interval; no p.

    Raises
    ------
    EstimateError
        As `baseline_hazard`, or if the horizon lies outside follow-up.

    Notes
    -----
    .. math:: \\mu(z) = \\int_s^h S(t \\mid z) \\, dt, \\qquad
        \\operatorname{var} = \\sum_{t_j \\le h} d_j \\Big(
        \\frac{A(t_j) e^{z' \\beta}}{\\sum_{R_j} w_i e^{x_i'\\beta}} \\Big)^2 + r' V r

    with :math:`A(t) = \\int_t^h S` the area to come and
    :math:`r = \\sum_{t_j \\le h} A(t_j) (z - \\bar x_j) \\, d\\Lambda(t_j \\mid z)` ([1]_, of the
    patients' mean curve): the delta method on the coefficients and the steps of the baseline
    hazard together. Of a
    robust fit the variance is the sum over its clusters of their squared pulls, as in
    `baseline_hazard`. R: ``s <- survfit(fit, newdata)`` with ``sum(diff(c(0, s$time[s$time < h], h))
    * c(1, s$surv[s$time < h]))`` gives the mean; the error that ``print(s, rmean = h)`` has beside
    it is Greenwood's, which a predicted curve has not.

    References
    ----------
    .. [1] Zhang (2013), Bio-Algorithms Med-Syst. 9:183-189, doi:10.1515/bams-2013-0101.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fit = cox(History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... ), ["x"], ties="breslow")
    >>> mean = predicted_restricted_mean(fit, {"x": 0}, 8)   # 1 + 5 * 0.9398 + 2 * 0.7165
    >>> round(mean.estimate, 4), mean.interval
    (7.1323, 'plain')
    """
    expect(Mapping, covariates=covariates)
    path = path_of(fit, covariates, changes=changes, start=start, stratum=stratum)
    mean = _mean(path, horizon)
    alone = wald(mean.estimate.estimate, mean.std_error, fit.conf_level)
    return replace(alone, interval="plain", p_value=float("nan"))


def predicted_restricted_mean_difference(
    fit: CoxFit,
    a: Course,
    b: Course,
    horizon: float,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | tuple[str, str] | None = None,
) -> Estimate:
    """Difference ``a - b`` of the restricted means that a Cox model predicts for two patients.

    Both rest on the same coefficients and, in one stratum, on the same baseline: what they share
    is counted once.

    Parameters
    ----------
    fit, a, b, changes, stratum
        As in `predicted_survival_difference`.
    horizon, start
        As in `predicted_restricted_mean`.

    Returns
    -------
    Estimate
        In days, with a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        As `predicted_restricted_mean`.

    Notes
    -----
    .. math:: \\operatorname{var}(\\mu_a - \\mu_b) = \\sum_{t_j \\le h} d_j \\Big(
        \\frac{A_a(t_j) e^{z_a' \\beta} - A_b(t_j) e^{z_b' \\beta}}{\\sum_{R_j} w_i e^{x_i'\\beta}}
        \\Big)^2 + (r_a - r_b)' V (r_a - r_b)

    in the notation of `predicted_restricted_mean` ([1]_, of mean curves), whose first sum falls
    apart into one of each stratum if they differ; robust as there. R: no call; the mean of
    ``survfit(fit, newdata)`` as in `predicted_restricted_mean`, and the same sum of
    ``riskRegression::predictCox(fit, newdata, s$time, iid = TRUE)$survival.iid`` for a robust fit
    without tied times.

    References
    ----------
    .. [1] Zhang (2013), Bio-Algorithms Med-Syst. 9:183-189, doi:10.1515/bams-2013-0101.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fit = cox(History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... ), ["x"], ties="breslow")
    >>> gap = predicted_restricted_mean_difference(fit, {"x": 1}, {"x": 0}, 8)
    >>> round(gap.estimate, 4), round(gap.p_value, 4)
    (-1.8546, 0.2048)
    """
    first, second = paths_of(fit, a, b, changes=changes, start=start, stratum=stratum)
    return _mean(first, horizon).minus(_mean(second, horizon))


def predicted_restricted_mean_ratio(
    fit: CoxFit,
    a: Course,
    b: Course,
    horizon: float,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | tuple[str, str] | None = None,
) -> Estimate:
    """Ratio ``a / b`` of the restricted means that a Cox model predicts for two patients.

    Parameters
    ----------
    fit, a, b, horizon, changes, start, stratum
        As in `predicted_restricted_mean_difference`.

    Returns
    -------
    Estimate
        ``a / b``, its interval made on the log scale; ``std_error`` is that of its log, ``p_value``
        tests that it is 1.

    Raises
    ------
    EstimateError
        As `predicted_restricted_mean`.

    Notes
    -----
    .. math:: \\operatorname{var} \\log \\frac{\\mu_a}{\\mu_b} = \\sum_{t_j \\le h} d_j \\Big(
        \\frac{A_a(t_j) e^{z_a' \\beta} / \\mu_a - A_b(t_j) e^{z_b' \\beta} / \\mu_b}
        {\\sum_{R_j} w_i e^{x_i'\\beta}} \\Big)^2
        + \\Big(\\frac{r_a}{\\mu_a} - \\frac{r_b}{\\mu_b}\\Big)' V
        \\Big(\\frac{r_a}{\\mu_a} - \\frac{r_b}{\\mu_b}\\Big)

    in the notation of `predicted_restricted_mean` ([1]_, of mean curves), robust as there. R: as
    `predicted_restricted_mean_difference`, each patient's parts divided by the mean.

    References
    ----------
    .. [1] Zhang (2013), Bio-Algorithms Med-Syst. 9:183-189, doi:10.1515/bams-2013-0101.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fit = cox(History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... ), ["x"], ties="breslow")
    >>> ratio = predicted_restricted_mean_ratio(fit, {"x": 1}, {"x": 0}, 8)
    >>> round(ratio.estimate, 4)
    0.74
    """
    first, second = paths_of(fit, a, b, changes=changes, start=start, stratum=stratum)
    return _mean(first, horizon).over(_mean(second, horizon))


def _mean(path: Path, horizon: float) -> Pulled:
    """Restricted mean of one patient, and its pulls."""
    if not path.start < number("horizon", horizon) <= path.end:
        raise EstimateError(
            f"the horizon is day {horizon:g}",
            f"follow-up runs from day {path.start:g} to day {path.end:g}",
            "choose a horizon that every stratum's follow-up reaches",
        )
    survival = np.exp(-np.cumsum(path.steps))
    to_come = area_to_come(path.start, path.time, survival, horizon)
    known = wald(float(to_come[0]), float("nan"), path.fit.conf_level)
    return Pulled(known, pulls(path, -to_come[1:, None])[:, 0])
