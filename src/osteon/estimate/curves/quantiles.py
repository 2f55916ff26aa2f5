"""Median and other quantiles of a curve, with the two intervals that papers print."""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import check_probability, expect, flag
from osteon.estimate.curves.curve import CUMULATIVE_INCIDENCE, SURVIVAL, Curve
from osteon.estimate.intervals import Estimate, normal_quantile

_FLAT = 1.5e-8  # two probabilities nearer than this are one plateau; R: sqrt(.Machine$double.eps)
_NEIGHBOUR = 0.05  # how far the density's two support points lie from the quantile


def quantile(curve: Curve, probability: float = 0.5, *, midpoint: bool = False) -> Estimate:
    """Time by which a share of subjects has had the event, with Brookmeyer-Crowley limits.

    Parameters
    ----------
    curve : Curve
        Survival or cumulative incidence.
    probability : float
        The share; 0.5 for the median.
    midpoint : bool
        If the curve is flat at exactly ``1 - probability``: True takes the middle of the
        plateau, as R and SAS do; False its first time, as SPSS does.

    Returns
    -------
    Estimate
        In days; inf where the curve or a limit does not get there within follow-up. No standard
        error belongs to this method: it is nan. All nan for a curve of nobody. With the curve's
        ``cautions``: of a curve that late entry begins with two or three at risk the median may
        be one patient's (see `earliest_start`).

    Raises
    ------
    EstimateError
        If ``probability`` does not lie between 0 and 1, or the curve is not a probability.

    Notes
    -----
    .. math:: t_p = \\min\\{t : S(t) \\le 1 - p\\}

    The limits are the times at which the curve's own pointwise limits reach the quantile
    ([1]_, generalised to any scale of ``curve.interval``). R: ``quantile(survfit(...))``
    with ``midpoint=True``.

    References
    ----------
    .. [1] Brookmeyer & Crowley (1982), Biometrics 38:29-41, doi:10.2307/2530286.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> exit = [10, 20, 30, 40, 50, 60, 70, 80]
    >>> event = [1, 1, 1, 1, 0, 1, 1, 0]
    >>> curve = kaplan_meier(risk_table(History.of(exit=exit, event=event)))["all"]
    >>> median = quantile(curve)
    >>> median.estimate, median.conf_low, median.conf_high
    (40.0, 10.0, inf)
    >>> quantile(curve, midpoint=True).estimate       # S = 0.5 from day 40 to day 60
    50.0
    """
    expect(Curve, curve=curve)
    check_probability(probability)
    flag("midpoint", midpoint)
    if curve.estimand not in (SURVIVAL, CUMULATIVE_INCIDENCE):
        raise EstimateError(
            f"the curve is one of {curve.estimand}",
            "a quantile is one of survival or of a cumulative incidence",
            "of a cumulative hazard ask for `fleming_harrington`; of a mean count, read `at`",
        )
    if curve.time.size == 0:
        return _estimate(np.nan, np.nan, np.nan, np.nan, curve, "brookmeyer-crowley")
    high, low = _fallen(curve, curve.conf_low, 1.0), _fallen(curve, curve.conf_high, 0.0)
    return _estimate(
        _reached(curve.time, _fallen(curve, curve.estimate, 1.0), probability, midpoint),
        np.nan,
        _reached(curve.time, np.maximum(high, low), probability, midpoint),
        _reached(curve.time, np.minimum(high, low), probability, midpoint),
        curve,
        f"brookmeyer-crowley, {curve.interval}",
    )


def symmetric_quantile(curve: Curve, probability: float = 0.5) -> Estimate:
    """Quantile of a survival curve with the symmetric interval that SPSS prints.

    Many published medians carry this interval (estimate +/- 1.96 SE). It trusts a normal
    approximation and a density read off the curve's steps; prefer `quantile`.

    Parameters
    ----------
    curve : Curve
        A survival curve.
    probability : float
        Share of subjects with the event; 0.5 for the median.

    Returns
    -------
    Estimate
        In days. The estimate is the first time with S(t) <= 1 - probability. The standard error
        and the limits are nan where the curve does not fall 0.05 beyond the quantile.

    Raises
    ------
    EstimateError
        If the curve is not one of survival.

    Notes
    -----
    .. math:: SE(t_p) = \\frac{SE(S(t_p))}{\\hat f(t_p)}, \\qquad
        \\hat f(t_p) = \\frac{S(u) - S(l)}{l - u}

    with *u* the last event time with S >= 1 - p + 0.05 and *l* the first with
    S <= 1 - p - 0.05 ([1]_, chapter 2). R: no call prints it.

    References
    ----------
    .. [1] Collett (2003), Modelling Survival Data in Medical Research, 2nd ed.,
       isbn:978-1-58488-325-8.

    Examples
    --------
    Ten deaths on days 1 to 10: SE(S(5)) = sqrt(0.025), and f = (0.6 - 0.4) / (6 - 4) = 0.1:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> history = History.of(exit=list(range(1, 11)), event=[1] * 10)
    >>> median = symmetric_quantile(kaplan_meier(risk_table(history))["all"])
    >>> median.estimate, round(median.std_error, 4)
    (5.0, 1.5811)
    >>> round(median.conf_low, 3), round(median.conf_high, 3)
    (1.901, 8.099)
    """
    expect(Curve, curve=curve)
    check_probability(probability)
    if curve.estimand != SURVIVAL:
        raise EstimateError(
            f"the curve is one of {curve.estimand}", "this interval is defined for survival"
        )
    happened = curve.events > 0
    time, s, se = (x[happened] for x in (curve.time, curve.estimate, curve.std_error))
    target = 1 - probability
    beyond = np.flatnonzero(s <= target + _FLAT)
    if beyond.size == 0:
        unknown = np.inf if time.size else np.nan
        return _estimate(unknown, np.nan, np.nan, np.nan, curve, "symmetric")
    estimate, std_error = time[beyond[0]], np.nan
    below = np.flatnonzero(s <= target - _NEIGHBOUR + _FLAT)
    if below.size and target + _NEIGHBOUR < 1 + _FLAT:
        # The curve begins at S(start) = 1, should its first step already fall below u.
        time, s = np.append(curve.start, time), np.append(1.0, s)
        upper, lower = np.flatnonzero(s >= target + _NEIGHBOUR - _FLAT)[-1], below[0] + 1
        density = (s[upper] - s[lower]) / (time[lower] - time[upper])
        std_error = se[beyond[0]] / density
    half = normal_quantile(curve.conf_level) * std_error
    return _estimate(estimate, std_error, estimate - half, estimate + half, curve, "symmetric")


def _fallen(curve: Curve, values: Floats, unknown: float) -> Floats:
    """Share with the event; where survival has reached 0 its limits are nan: take ``unknown``."""
    share = 1 - values if curve.estimand == SURVIVAL else values
    return np.where(np.isnan(share), unknown, share)


def _reached(time: Floats, fallen: Floats, probability: float, midpoint: bool) -> float:
    there = np.flatnonzero(fallen >= probability - _FLAT)
    if there.size == 0:
        return np.inf
    if not midpoint or fallen[there[0]] > probability + _FLAT:
        return float(time[there[0]])
    beyond = np.flatnonzero(fallen > probability + _FLAT)
    end = beyond[0] if beyond.size else -1  # a plateau to the end of follow-up ends with it
    return float(time[there[0]] + time[end]) / 2


def _estimate(
    estimate: float, std_error: float, low: float, high: float, curve: Curve, interval: str
) -> Estimate:
    return Estimate(
        float(estimate),
        float(std_error),
        float(low),
        float(high),
        curve.conf_level,
        interval,
        cautions=curve.cautions,
    )
