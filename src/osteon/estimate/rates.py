"""Events per person-time, with exact limits."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv
from scipy.stats import binom, binomtest

from osteon.errors import EstimateError
from osteon.estimate.exact import clopper_pearson
from osteon.estimate.intervals import Estimate, check_conf_level
from osteon.estimate.risk_table import RiskTable


def rate(
    events: float, person_time: float, *, per: float = 1.0, conf_level: float = 0.95
) -> Estimate:
    """Events per person-time with Garwood's exact limits.

    Parameters
    ----------
    events : float
        Number of events (a weighted sum need not be whole; its limits are then approximate).
    person_time : float
        Time at risk, > 0, in any unit.
    per : float
        The rate is given per so much person-time: 36525 makes days into 100 person-years.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    Estimate
        ``std_error`` is sqrt(events) / person_time, times ``per``. No p.

    Raises
    ------
    EstimateError
        If ``events < 0`` or ``person_time <= 0``.

    Notes
    -----
    Limits are :math:`\\chi^2_{2d, \\alpha/2} / 2T` and :math:`\\chi^2_{2d+2, 1-\\alpha/2} / 2T`
    ([1]_). R: ``poisson.test(events, person_time)``.

    References
    ----------
    .. [1] Garwood (1936), Biometrika 28:437-442, doi:10.1093/biomet/28.3-4.437.

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
    _check(events, person_time)
    tail, unit = (1 - conf_level) / 2, per / person_time
    low = gammaincinv(events, tail) if events > 0 else 0.0
    high = gammaincinv(events + 1, 1 - tail)
    return Estimate(
        events * unit,
        float(np.sqrt(events)) * unit,
        float(low) * unit,
        float(high) * unit,
        conf_level,
        "garwood",
    )


def event_rates(
    table: RiskTable, cause: str, *, per: float = 1.0, conf_level: float = 0.95
) -> dict[str, Estimate]:
    """Rate of the transition from the initial state to ``cause``, by stratum.

    Time at risk is that spent in the initial state. A stratum without any has a rate of nan.
    Parameters, result and errors are those of `rate`.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[100, 300, 600], event=[1, 0, 1]))
    >>> event_rates(table, "dead", per=1000)["all"].estimate
    2.0
    """
    check_conf_level(conf_level)
    events = table.events[:, table.causes([cause])[0]].sum(axis=-1)
    return {
        stratum: rate(float(events[i]), time, per=per, conf_level=conf_level)
        if (time := float(table.person_time[i, 0])) > 0
        else Estimate(np.nan, np.nan, 0.0, np.inf, conf_level, "garwood")
        for i, stratum in enumerate(table.strata)
    }


def rate_ratio(
    events_1: int,
    person_time_1: float,
    events_0: int,
    person_time_0: float,
    *,
    mid_p: bool = False,
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio of two rates, ``rate_1 / rate_0``, by the exact conditional binomial test.

    Parameters
    ----------
    events_1, events_0 : int
        Events of the two groups; either may be 0.
    person_time_1, person_time_0 : float
        Their time at risk, > 0, in the same unit.
    mid_p : bool
        Count half of the probability of what was seen: less conservative.
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
    the ratio rho ([1]_). R: ``poisson.test(c(e1, e0), c(t1, t0))``; mid-p limits
    halve the point's probability, and the mid-p is twice the smaller tail ([2]_).

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
    _check(events_1, person_time_1)
    _check(events_0, person_time_0)
    _check_whole(events_1, events_0)
    a, n, times = int(events_1), int(events_1 + events_0), person_time_0 / person_time_1
    limits = _mid_p_limits if mid_p else clopper_pearson
    low, high = limits(a, n, conf_level) if n else (0.0, 1.0)
    return Estimate(
        estimate=_odds(a / n) * times if n else float("nan"),
        std_error=float(np.sqrt(1 / a + 1 / (n - a))) if 0 < a < n else float("nan"),
        conf_low=_odds(low) * times,
        conf_high=_odds(high) * times,
        conf_level=conf_level,
        interval="exact mid-p" if mid_p else "exact",
        p_value=_p_value(a, n, person_time_1 / (person_time_1 + person_time_0), mid_p),
    )


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")


def _p_value(a: int, n: int, share: float, mid_p: bool) -> float:
    if n == 0:
        return 1.0
    if not mid_p:
        return float(binomtest(a, n, share).pvalue)
    lower = _mid_p_tail(a, n, share)
    return float(min(1.0, 2 * min(lower, 1 - lower)))


def _mid_p_limits(a: int, n: int, conf_level: float) -> tuple[float, float]:
    tail = (1 - conf_level) / 2
    low = brentq(lambda p: _mid_p_tail(a, n, p) - (1 - tail), 0, 1, xtol=1e-15) if a else 0.0
    high = brentq(lambda p: _mid_p_tail(a, n, p) - tail, 0, 1, xtol=1e-15) if a < n else 1.0
    return float(low), float(high)


def _mid_p_tail(a: int, n: int, p: float) -> float:
    """Probability of fewer than ``a``, and half of that of ``a``."""
    return float(binom.cdf(a - 1, n, p) + 0.5 * binom.pmf(a, n, p))


def _check(events: float, person_time: float) -> None:
    if not events >= 0 or not person_time > 0:
        raise EstimateError(
            f"there are {events:g} events in a person-time of {person_time:g}",
            "0 or more events, and a person-time above 0",
            "leave out a group that was never at risk and say so",
        )


def _check_whole(*events: float) -> None:
    if any(e != int(e) for e in events):
        raise EstimateError(
            f"the events number {' and '.join(f'{e:g}' for e in events)}",
            "the exact test counts whole events",
            "compare weighted groups by `cox` with a robust variance",
        )
