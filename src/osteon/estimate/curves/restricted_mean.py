"""Restricted mean survival time: the area under a survival curve up to a horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, number
from osteon.estimate.curves.curve import SURVIVAL, Curve, check_comparable
from osteon.estimate.intervals import Estimate, difference, ratio, wald


def restricted_mean(curve: Curve, horizon: float) -> Estimate:
    """Mean time spent free of the event between the curve's start and a horizon.

    Needs no proportional hazards and no median that is reached: it reads the curve only where
    there are data.

    Parameters
    ----------
    curve : Curve
        A survival curve.
    horizon : float
        In days, after ``curve.start`` and not after the last time seen, unless survival has
        reached 0.

    Returns
    -------
    Estimate
        In days since ``curve.start``, with a Wald interval; no p.

    Raises
    ------
    EstimateError
        If the horizon lies outside the curve, or the curve is not one of survival.

    Notes
    -----
    .. math:: \\mu = \\int_s^h S(t)\\,dt, \\qquad
        \\widehat{Var}\\,\\mu = \\sum_{t_j \\le h}
        \\left(\\int_{t_j}^{h} S(t)\\,dt\\right)^2 \\frac{d_j}{n_j (n_j - d_j)}

    ([1]_, equations 4.5.1 and 4.5.2). R: ``summary(survfit(...), rmean = h)$table`` gives ``rmean`` and
    ``se(rmean)``; ``survRM2::rmst1`` is equal.

    References
    ----------
    .. [1] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., doi:10.1007/b97377.

    Examples
    --------
    Deaths at days 2 and 6 among four: 2 * 1 + 4 * 0.75 + 4 * 0.375 up to day 10:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> history = History.of(exit=[2, 4, 6, 12], event=[1, 0, 1, 0])
    >>> mean = restricted_mean(kaplan_meier(risk_table(history))["all"], 10)
    >>> mean.estimate
    6.5
    >>> round(mean.std_error, 4)          # sqrt(4.5**2 / (4 * 3) + 1.5**2 / (2 * 1))
    1.6771
    """
    _check(curve, horizon)
    to_come = area_to_come(curve.start, curve.time, curve.estimate, horizon)
    variance = np.sum(to_come[1:] ** 2 * _greenwood(curve))
    mean = wald(float(to_come[0]), float(np.sqrt(variance)), curve.conf_level)
    return replace(mean, interval="plain", p_value=float("nan"), cautions=curve.cautions)


def restricted_mean_difference(a: Curve, b: Curve, horizon: float) -> Estimate:
    """Difference of two independent restricted means to one horizon, in days.

    Parameters
    ----------
    a, b : Curve
        Survival of different subjects.
    horizon : float
        In days, as in `restricted_mean` for both curves.

    Returns
    -------
    Estimate
        ``a - b`` in days; ``p_value`` tests that it is 0.

    Raises
    ------
    EstimateError
        As `restricted_mean`, or if the curves differ in start or confidence level.

    Notes
    -----
    .. math:: \\mu_a - \\mu_b \\pm z \\sqrt{SE_a^2 + SE_b^2}

    ([1]_.) R: ``survRM2::rmst2(...)$unadjusted.result``, first row.

    References
    ----------
    .. [1] Uno et al. (2014), J. Clin. Oncol. 32:2380-2385, doi:10.1200/JCO.2014.55.2208.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> curves = kaplan_meier(risk_table(History.of(
    ...     exit=[2, 4, 6, 12, 2, 4, 6, 12], event=[1, 0, 1, 0, 1, 1, 1, 0],
    ...     stratum=[0] * 4 + [1] * 4, strata=("a", "b"),
    ... )))
    >>> restricted_mean_difference(curves["a"], curves["b"], 10).estimate      # 6.5 - 5.5
    1.0
    """
    check_comparable(a, b)
    return difference(restricted_mean(a, horizon), restricted_mean(b, horizon))


def restricted_mean_ratio(a: Curve, b: Curve, horizon: float) -> Estimate:
    """Ratio of two independent restricted means to one horizon.

    Parameters
    ----------
    a, b, horizon
        As in `restricted_mean_difference`.

    Returns
    -------
    Estimate
        ``a / b``; ``std_error`` is that of its log, ``p_value`` tests that it is 1.

    Raises
    ------
    EstimateError
        As `restricted_mean_difference`.

    Notes
    -----
    .. math:: \\frac{\\mu_a}{\\mu_b} \\exp\\left( \\pm z \\sqrt{SE_a^2 / \\mu_a^2
        + SE_b^2 / \\mu_b^2} \\right)

    ([1]_.) R: ``survRM2::rmst2(...)$unadjusted.result``, second row.

    References
    ----------
    .. [1] Uno et al. (2014), J. Clin. Oncol. 32:2380-2385, doi:10.1200/JCO.2014.55.2208.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> curves = kaplan_meier(risk_table(History.of(
    ...     exit=[2, 4, 6, 12, 2, 4, 6, 12], event=[1, 0, 1, 0, 1, 1, 1, 0],
    ...     stratum=[0] * 4 + [1] * 4, strata=("a", "b"),
    ... )))
    >>> round(restricted_mean_ratio(curves["a"], curves["b"], 10).estimate, 4)  # 6.5 / 5.5
    1.1818
    """
    check_comparable(a, b)
    return ratio(restricted_mean(a, horizon), restricted_mean(b, horizon))


def area_to_come(start: float, time: Floats, survival: Floats, horizon: float) -> Floats:
    """Area under survival up to the horizon, from the start and from each time on."""
    edges = np.minimum(np.concatenate([[start], time, [np.inf]]), horizon)
    area = np.concatenate([[1.0], survival]) * np.diff(edges)
    return np.cumsum(area[::-1])[::-1]


def _greenwood(curve: Curve) -> Floats:
    # Nobody left means S = 0 from there on: the area to come is 0, and so is the term.
    left = curve.at_risk - curve.events
    some = (curve.events > 0) & (curve.estimate > 0)
    terms = np.zeros(curve.time.size)
    terms[some] = curve.events[some] / (curve.at_risk[some] * left[some])
    return terms


def _check(curve: Curve, horizon: float) -> None:
    expect(Curve, curve=curve)
    if curve.estimand != SURVIVAL:
        raise EstimateError(f"the curve is one of {curve.estimand}", "the mean is one of survival")
    if curve.variance != "greenwood":
        raise EstimateError(
            f"the curve has the {curve.variance} variance",
            "the mean's variance is made of Greenwood's terms",
            "give the curve of `kaplan_meier`, the history to `robust_restricted_mean`, or the model "
            "to `predicted_restricted_mean`",
        )
    reached_zero = curve.time.size > 0 and curve.estimate[-1] == 0
    if not curve.start < number("horizon", horizon) < np.inf or (
        horizon > curve.end and not reached_zero
    ):
        raise EstimateError(
            f"the horizon is day {horizon:g}",
            f"the curve runs from day {curve.start:g} to day {curve.end:g}",
            "choose a horizon that every group's follow-up reaches",
        )
