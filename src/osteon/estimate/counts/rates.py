"""Events per person-time, with exact limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv
from scipy.stats import binomtest, poisson

from osteon.errors import EstimateError
from osteon.estimate.arguments import check_positive, expect, number
from osteon.estimate.counts.exact import CONVENTIONS
from osteon.estimate.counts.proportions import clopper_pearson, mid_p_limits, mid_p_tail
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level
from osteon.estimate.tables.risk_table import RiskTable
from osteon.estimate.weights import weight_caution


def rate(
    events: float,
    person_time: float,
    *,
    per: float = 1.0,
    conf_level: float = 0.95,
    interval: str = "garwood",
) -> Estimate:
    """Events per person-time with exact limits.

    Parameters
    ----------
    events : float
        Number of events (a weighted sum need not be whole; its limits are then approximate).
    person_time : float
        Time at risk, > 0, in days (or another unit: the rate is per that unit, times ``per``).
    per : float
        The rate is given per so much person-time: 36525 makes days into 100 person-years.
    conf_level : float
        Two-sided confidence; `rate_upper_bound` is one-sided.
    interval : {"garwood", "mid-p"}
        Garwood's exact limits, or those that count half of the probability of what was seen:
        less conservative, for whole events only.

    Returns
    -------
    Estimate
        ``std_error`` is sqrt(events) / person_time, times ``per``. No p.

    Raises
    ------
    EstimateError
        If ``events < 0``, ``person_time <= 0``, or mid-p limits are asked of a sum of weights.

    Notes
    -----
    Garwood's limits are :math:`\\chi^2_{2d, \\alpha/2} / 2T` and
    :math:`\\chi^2_{2d+2, 1-\\alpha/2} / 2T` ([1]_). Mid-p limits solve
    :math:`P(X < d) + P(X = d) / 2 = 1 - \\alpha/2` and :math:`\\alpha/2` ([2]_).
    R: ``poisson.test(events, person_time)``; ``exactci::poisson.exact(midp = TRUE)``.

    References
    ----------
    .. [1] Garwood (1936), Biometrika 28:437-442, doi:10.1093/biomet/28.3-4.437.
    .. [2] Cohen & Yang (1994), Stat. Med. 13:2189-2203, doi:10.1002/sim.4780132102.

    Examples
    --------
    13 events in 165 person-years, and none in 154; per 100 person-years:

    >>> r = rate(13, 165, per=100)
    >>> round(r.estimate, 2), round(r.conf_low, 2), round(r.conf_high, 2)
    (7.88, 4.2, 13.47)
    >>> round(rate(0, 154, per=100).conf_high, 2)
    2.4
    """
    check_conf_level(conf_level)
    check_choice("interval", interval, ("garwood", "mid-p"))
    check_positive("per", per)
    events, person_time = _checked(events, person_time)
    low, high = (_garwood if interval == "garwood" else _mid_p)(events, conf_level)
    unit = per / person_time
    return Estimate(
        events * unit,
        float(np.sqrt(events)) * unit,
        low * unit,
        high * unit,
        conf_level,
        interval,
    )


def rate_upper_bound(
    events: float, person_time: float, *, per: float = 1.0, conf_level: float = 0.95
) -> float:
    """Exact one-sided upper confidence bound of a rate: what person-time without events allows.

    Parameters
    ----------
    events, person_time, per
        As in `rate`.
    conf_level : float
        One-sided confidence.

    Returns
    -------
    float
        With 0 events -log(1 - conf_level) / person_time, at 95% about 3 / person_time.

    Raises
    ------
    EstimateError
        As `rate`.

    Notes
    -----
    :math:`\\chi^2_{2d+2, 1-\\alpha} / 2T`, the upper of Garwood's limits ([1]_). R: ``poisson.test(events, person_time, alternative = "less")$conf.int[2]``.

    References
    ----------
    .. [1] Garwood (1936), Biometrika 28:437-442, doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    >>> round(rate_upper_bound(0, 154, per=100), 3)
    1.945
    """
    check_conf_level(conf_level)
    check_positive("per", per)
    events, person_time = _checked(events, person_time)
    return float(gammaincinv(events + 1, conf_level)) / person_time * per


def event_rates(
    table: RiskTable,
    cause: str,
    *,
    per: float = 1.0,
    conf_level: float = 0.95,
    interval: str = "garwood",
) -> dict[str, Estimate]:
    """Rate of the transition from the initial state to ``cause``, by stratum.

    Time at risk is that spent in the initial state. Where one patient may have several events,
    `robust_rates` does not take them as independent.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`; delayed entry and weights are in it.
    cause : str
        State whose entry is the event.
    per, conf_level, interval
        As in `rate`.

    Returns
    -------
    dict of str to Estimate
        By stratum; nan in a stratum without time at risk.

    Raises
    ------
    EstimateError
        If nothing leads from the initial state to ``cause``, or as `rate`.

    Notes
    -----
    :math:`d / \\sum_i (b_i - a_i)` over the intervals :math:`(a_i, b_i]` at risk ([1]_). R:
    ``poisson.test(sum(event), sum(exit - entry))``; the points also ``survival::pyears``.

    References
    ----------
    .. [1] Garwood (1936), Biometrika 28:437-442, doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[100, 300, 600], event=[1, 0, 1]))
    >>> event_rates(table, "dead", per=1000)["all"].estimate
    2.0
    """
    expect(RiskTable, table=table)
    check_conf_level(conf_level)
    events = table.events[:, table.causes([cause])[0]].sum(axis=-1)
    said = weight_caution(table.whole, "`robust_rates`")
    rates = {
        stratum: rate(float(events[i]), time, per=per, conf_level=conf_level, interval=interval)
        if (time := float(table.person_time[i, 0])) > 0
        else Estimate(np.nan, np.nan, 0.0, np.inf, conf_level, interval)
        for i, stratum in enumerate(table.strata)
    }
    return {stratum: replace(found, cautions=said) for stratum, found in rates.items()}


def rate_ratio(
    events_1: int,
    person_time_1: float,
    events_0: int,
    person_time_0: float,
    *,
    convention: str = "minlike",
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio of two rates, ``rate_1 / rate_0``, by the exact conditional binomial test.

    Parameters
    ----------
    events_1, events_0 : int
        Events of the two groups; either may be 0.
    person_time_1, person_time_0 : float
        Their time at risk, > 0, both in days (or both in another unit).
    convention : {"minlike", "central", "mid-p"}
        What two-sided means: divisions of the events no likelier than the one seen (R); twice
        the smaller tail; or the same with half of the probability of what was seen, in p and
        limits. See `fisher_exact`.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    Estimate
        ``p_value`` tests that the ratio is 1. inf if only group 0 has no event, nan with limits
        0 and inf if neither has one. ``std_error`` is that of the log ratio, nan with a 0.

    Raises
    ------
    EstimateError
        If counts are not whole or negative, or a person-time is not positive.

    Notes
    -----
    Given their sum, the events of group 1 are binomial with
    :math:`\\pi = \\rho T_1 / (\\rho T_1 + T_0)`; Clopper-Pearson limits of pi become those of
    the ratio rho ([1]_). R: ``poisson.test(c(e1, e0), c(t1, t0))``;
    ``exactci::poisson.exact(tsmethod = "central", midp = )`` for the other conventions ([2]_).

    References
    ----------
    .. [1] Przyborowski & Wilenski (1940), Biometrika 31:313-323, doi:10.1093/biomet/31.3-4.313.
    .. [2] Berry & Armitage (1995), Statistician 44:417-423, doi:10.2307/2348891.

    Examples
    --------
    >>> ratio = rate_ratio(0, 154, 13, 165)
    >>> ratio.estimate, round(ratio.conf_high, 3), round(ratio.p_value, 5)
    (0.0, 0.352, 0.00027)
    """
    check_conf_level(conf_level)
    check_choice("convention", convention, CONVENTIONS)
    _, person_time_1 = _checked(events_1, person_time_1)
    _, person_time_0 = _checked(events_0, person_time_0)
    _check_whole(events_1, events_0)
    a, n, times = int(events_1), int(events_1) + int(events_0), person_time_0 / person_time_1
    mid_p = convention == "mid-p"
    low, high = (mid_p_limits if mid_p else clopper_pearson)(a, n, conf_level) if n else (0.0, 1.0)
    return Estimate(
        estimate=_odds(a / n) * times if n else float("nan"),
        std_error=float(np.sqrt(1 / a + 1 / (n - a))) if 0 < a < n else float("nan"),
        conf_low=_odds(low) * times,
        conf_high=_odds(high) * times,
        conf_level=conf_level,
        interval="mid-p" if mid_p else "exact",
        p_value=_p_value(a, n, person_time_1 / (person_time_1 + person_time_0), convention),
        error_scale="log",
    )


def _garwood(events: float, conf_level: float) -> tuple[float, float]:
    tail = (1 - conf_level) / 2
    low = gammaincinv(events, tail) if events > 0 else 0.0
    return float(low), float(gammaincinv(events + 1, 1 - tail))


def _mid_p(events: float, conf_level: float) -> tuple[float, float]:
    _check_whole(events)
    tail = (1 - conf_level) / 2

    def lower(mean: float) -> float:
        return float(poisson.cdf(events - 1, mean) + 0.5 * poisson.pmf(events, mean))

    far = _garwood(events, conf_level)[1]  # the exact limits lie outside
    low = brentq(lambda m: lower(m) - (1 - tail), 0, far, xtol=1e-14) if events > 0 else 0.0
    return float(low), float(brentq(lambda m: lower(m) - tail, 0, far, xtol=1e-14))


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")


def _p_value(a: int, n: int, share: float, convention: str) -> float:
    if n == 0:
        return 1.0
    if convention == "minlike":
        return float(binomtest(a, n, share).pvalue)
    if convention == "central":
        tails = (binomtest(a, n, share, alternative=side).pvalue for side in ("less", "greater"))
        return float(min(1.0, 2 * min(tails)))
    lower = mid_p_tail(a, n, share)
    return float(min(1.0, 2 * min(lower, 1 - lower)))


def _checked(events: float, person_time: float) -> tuple[float, float]:
    """Events and person-time as floats, which do not overflow as counts of a short type would."""
    counted, time = number("events", events), number("person_time", person_time)
    if not 0 <= counted < np.inf or not 0 < time < np.inf:
        raise EstimateError(
            f"there are {events:g} events in a person-time of {person_time:g}",
            "0 or more events, and a finite person-time above 0",
            "leave out a group that was never at risk and say so",
        )
    return counted, time


def _check_whole(*events: float) -> None:
    if any(e != int(e) for e in events):
        raise EstimateError(
            f"the events number {' and '.join(f'{e:g}' for e in events)}",
            "the exact test counts whole events",
            "compare weighted groups by `cox` with a robust variance",
        )
