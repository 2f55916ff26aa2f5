"""Cumulative hazards, and the survival curves made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import CUMULATIVE_HAZARD, SURVIVAL, Curve, check_start
from osteon.estimate.curves.curve_cautions import curve_cautions
from osteon.estimate.intervals import (
    check_choice,
    check_variance,
    normal_quantile,
    probability_limits,
)
from osteon.estimate.tables.risk_table import RiskSets, RiskTable

VARIANCES = ("aalen", "klein", "tied")
TIES = ("nelson-aalen", "fleming-harrington")


def nelson_aalen(
    table: RiskTable,
    *,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log",
    variance: str = "aalen",
    ties: str = "nelson-aalen",
    causes: Sequence[str] | None = None,
) -> dict[str, Curve]:
    """Nelson-Aalen estimate of the cumulative hazard of leaving the initial state.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`; delayed entry and weights are in it.
    start : float
        Only event times after ``start`` enter, H(start) = 0, in days.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log", "plain"}
        Scale of the limits: log H, or H itself cut at 0.
    variance : {"aalen", "klein", "tied"}
        Of each increment d / n: "aalen" is Poisson's d / n**2 ([2]_), R's; "klein" the binomial
        d (n - d) / n**3 ([3]_), ``mvna``'s "greenwood"; "tied" the hypergeometric
        d (n - d) / (n**2 (n - 1)).
    ties : {"nelson-aalen", "fleming-harrington"}
        What d events on one day add: d / n; or 1/n + 1/(n-1) + ... + 1/(n-d+1), as if they came
        one after the other ([4]_), with the variance of that sum, which only "aalen" has.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: all.

    Returns
    -------
    dict of str to Curve
        One curve a stratum; ``estimand`` is "cumulative hazard".

    Raises
    ------
    EstimateError
        If a choice is unknown, or "fleming-harrington" meets another variance than "aalen" or
        weights that are not whole numbers: then nobody can say how many were tied.

    Notes
    -----
    .. math:: H(t) = \\sum_{t_j \\le t} \\frac{d_j}{n_j}, \\qquad
        \\widehat{Var}\\, H(t) = \\sum_{t_j \\le t} \\frac{d_j}{n_j^2}

    ([1]_, [2]_). R: ``survfit(Surv(entry, exit, event) ~ g)`` prints ``cumhaz`` and ``std.chaz``;
    ``ctype = 2`` for Fleming and Harrington's ties.

    References
    ----------
    .. [1] Nelson (1972), Technometrics 14:945-966, doi:10.1080/00401706.1972.10488991.
    .. [2] Aalen (1978), Ann. Stat. 6:701-726, doi:10.1214/aos/1176344247.
    .. [3] Klein (1991), Scand. J. Stat. 18:333-340, jstor:4616215.
    .. [4] Fleming & Harrington (1984), Commun. Stat. 13:2469-2486,
       doi:10.1080/03610928408828837.

    Examples
    --------
    Six at risk and one event, then four and two of them tied:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[9, 1, 1, 6, 6, 8], event=[0, 1, 0, 1, 1, 0]))
    >>> nelson_aalen(table)["all"].at(6).estimate.round(4).tolist()           # 1/6 + 2/4
    [0.6667]
    >>> exact = nelson_aalen(table, ties="fleming-harrington")["all"]
    >>> exact.at(6).estimate.round(4).tolist()                                # 1/6 + 1/4 + 1/3
    [0.75]
    """
    expect(RiskTable, table=table)
    check_start(start)
    check_variance(variance, VARIANCES, "robust_nelson_aalen")
    check_choice("ties", ties, TIES)
    if ties == "fleming-harrington" and variance != "aalen":
        raise EstimateError(
            f'Fleming and Harrington\'s ties have no "{variance}" variance',
            'it is defined for d / n; their sum has the variance "aalen"',
            'ask for `variance="aalen"` or `ties="nelson-aalen"`',
        )
    increments = _one_by_one if ties == "fleming-harrington" else _INCREMENTS[variance]
    result = {}
    for stratum in table.strata:
        sets = table.risk_sets(stratum, causes=causes, start=start)
        hazard, squared = increments(sets)
        estimate, std_error = np.cumsum(hazard), np.sqrt(np.cumsum(squared))
        conf_low, conf_high = hazard_limits(estimate, std_error, conf_level, interval)
        result[stratum] = Curve(
            time=sets.time,
            at_risk=sets.at_risk,
            events=sets.all_events,
            censored=sets.censored,
            estimate=estimate,
            std_error=std_error,
            conf_low=conf_low,
            conf_high=conf_high,
            start=start,
            estimand=CUMULATIVE_HAZARD,
            conf_level=conf_level,
            interval=interval,
            variance=variance,
            cautions=curve_cautions(table, sets, "`robust_nelson_aalen`"),
        )
    return result


def fleming_harrington(
    table: RiskTable,
    *,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log-log",
    variance: str = "aalen",
    ties: str = "nelson-aalen",
    causes: Sequence[str] | None = None,
) -> dict[str, Curve]:
    """Survival as the exponential of minus the cumulative hazard.

    It never quite reaches 0 and lies a little above Kaplan-Meier; it is the curve that a Cox
    model without covariates predicts.

    Parameters
    ----------
    table, start, conf_level, variance, ties, causes
        As in `nelson_aalen`.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the limits, as in `kaplan_meier`.

    Returns
    -------
    dict of str to Curve
        One curve a stratum.

    Raises
    ------
    EstimateError
        As `nelson_aalen`.

    Notes
    -----
    .. math:: S(t) = e^{-H(t)}, \\qquad SE\\, S(t) = S(t)\\, SE\\, H(t)

    ([1]_.) R: ``survfit(..., stype = 2, ctype = 1)``, or ``ctype = 2`` for
    ``ties="fleming-harrington"``; its ``std.err`` is that of log S(t).

    References
    ----------
    .. [1] Fleming & Harrington (1984), Commun. Stat. 13:2469-2486,
       doi:10.1080/03610928408828837.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[1, 2, 3, 4], event=[1, 0, 0, 0]))
    >>> fleming_harrington(table)["all"].at(2).estimate.round(4).tolist()     # exp(-1/4)
    [0.7788]
    """
    hazards = nelson_aalen(
        table, start=start, conf_level=conf_level, variance=variance, ties=ties, causes=causes
    )
    result = {}
    for stratum, hazard in hazards.items():
        estimate = np.exp(-hazard.estimate)
        std_error = estimate * hazard.std_error
        low, high = probability_limits(estimate, std_error, conf_level, interval)
        result[stratum] = replace(
            hazard,
            estimate=estimate,
            std_error=std_error,
            conf_low=low,
            conf_high=high,
            estimand=SURVIVAL,
            interval=interval,
        )
    return result


def hazard_limits(
    estimate: Floats, std_error: Floats, conf_level: float, interval: str
) -> tuple[Floats, Floats]:
    """Limits of a cumulative hazard on the scale of its logarithm, or plain and cut at 0."""
    check_choice("interval", interval, ("log", "plain"))
    half = normal_quantile(conf_level) * std_error
    if interval == "plain":
        return np.maximum(estimate - half, 0.0), estimate + half
    factor = np.exp(np.divide(half, estimate, out=np.zeros_like(half), where=estimate > 0))
    return estimate / factor, estimate * factor


def _poisson(sets: RiskSets) -> tuple[Floats, Floats]:
    n, d = _counts(sets)
    return d / n, d / n**2


def _binomial(sets: RiskSets) -> tuple[Floats, Floats]:
    n, d = _counts(sets)
    return d / n, d * sets.survivors / n**3


def _hypergeometric(sets: RiskSets) -> tuple[Floats, Floats]:
    n, d = _counts(sets)
    # The last one at risk leaves for certain: 0 / 0 is 0.
    others = np.where(n > 1, n - 1, 1.0)
    return d / n, d * sets.survivors / (n**2 * others)


def _one_by_one(sets: RiskSets) -> tuple[Floats, Floats]:
    n, d = _counts(sets)
    if (d != np.round(d)).any():
        raise EstimateError(
            "the events have weights that are not whole numbers",
            "Fleming and Harrington's ties count how many had the event on one day",
            'ask for `ties="nelson-aalen"`',
        )
    # 1/n + ... + 1/(n - d + 1), tied days only in a loop: there are few, and few on each.
    hazard, squared = d / n, d / n**2
    for j in np.flatnonzero(d > 1):
        left = n[j] - np.arange(d[j])
        hazard[j], squared[j] = np.sum(1 / left), np.sum(1 / left**2)
    return hazard, squared


def _counts(sets: RiskSets) -> tuple[Floats, Floats]:
    return np.where(sets.at_risk > 0, sets.at_risk, 1.0), sets.all_events


_INCREMENTS = {"aalen": _poisson, "klein": _binomial, "tied": _hypergeometric}
