"""Shares of few patients and their differences, without large-sample excuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincinv
from scipy.stats import binom

from osteon.errors import EstimateError
from osteon.estimate.arguments import number
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level, normal_quantile

_BESIDE = 1e-9


def proportion(
    events: int, n: int, *, conf_level: float = 0.95, interval: str = "wilson"
) -> Estimate:
    """Share of patients with a finding.

    Parameters
    ----------
    events, n : int
        How many have it, of how many; ``0 <= events <= n``, ``n >= 1``.
    conf_level : float
        Two-sided confidence. The upper limit at 0 events is two-sided too: 0/57 is up to 6.27%;
        `proportion_upper_bound` is one-sided.
    interval : {"wilson", "clopper-pearson", "mid-p"}
        Score interval ([1]_); exact ([2]_), which never covers less than it says; or exact with
        half of the probability of what was seen in the tail ([3]_): it covers about what it
        says on average, now and then a little less.

    Returns
    -------
    Estimate
        ``std_error`` is the plain sqrt(p (1 - p) / n). No p.

    Raises
    ------
    EstimateError
        If the counts are not whole or do not fit.

    Notes
    -----
    With z the normal quantile and :math:`\\hat p = d / n`, Wilson's limits are

    .. math:: \\frac{\\hat p + z^2 / 2n \\pm z \\sqrt{\\hat p (1 - \\hat p) / n + z^2 / 4n^2}}
        {1 + z^2 / n}

    Exact limits solve :math:`P(X \\ge d) = \\alpha / 2` and :math:`P(X \\le d) = \\alpha / 2`.
    R: ``prop.test(events, n, correct = FALSE)$conf.int``; ``binom.test(events, n)$conf.int``;
    ``exactci::binom.exact(events, n, midp = TRUE)``.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22:209-212, doi:10.1080/01621459.1927.10502953.
    .. [2] Clopper & Pearson (1934), Biometrika 26:404-413, doi:10.1093/biomet/26.4.404.
    .. [3] Berry & Armitage (1995), Statistician 44:417-423, doi:10.2307/2348891.

    Examples
    --------
    Bone metastases in stage IV, and the exact bound behind "0%":

    >>> share = proportion(105, 305)
    >>> f"{share.estimate:.1%} ({share.conf_low:.1%}-{share.conf_high:.1%})"
    '34.4% (29.3%-39.9%)'
    >>> f"{proportion(0, 57, interval='clopper-pearson').conf_high:.2%}"
    '6.27%'
    """
    check_choice("interval", interval, _LIMITS)
    check_conf_level(conf_level)
    events, n = counts_of(events, n)
    p = events / n
    low, high = _LIMITS[interval](events, n, conf_level)
    return Estimate(p, float(np.sqrt(p * (1 - p) / n)), low, high, conf_level, interval)


def proportion_upper_bound(events: int, n: int, *, conf_level: float = 0.95) -> float:
    """Exact one-sided upper confidence bound of a share: what an arm without events allows.

    Parameters
    ----------
    events, n : int
        How many have it, of how many.
    conf_level : float
        One-sided confidence.

    Returns
    -------
    float
        With 0 events 1 - (1 - conf_level)**(1/n), at 95% about 3/n ([1]_).

    Raises
    ------
    EstimateError
        If the counts are not whole or do not fit.

    Notes
    -----
    The p at which :math:`P(X \\le d) = \\alpha`. R:
    ``binom.test(events, n, alternative = "less")$conf.int[2]``.

    References
    ----------
    .. [1] Hanley & Lippman-Hand (1983), J. Am. Med. Assoc. 249:1743-1745,
       doi:10.1001/jama.1983.03330370053031.

    Examples
    --------
    >>> f"{proportion_upper_bound(0, 57):.2%}"
    '5.12%'
    """
    check_conf_level(conf_level)
    events, n = counts_of(events, n)
    return float(betaincinv(events + 1, n - events, conf_level)) if events < n else 1.0


def proportion_difference(
    events_1: int,
    n_1: int,
    events_0: int,
    n_0: int,
    *,
    conf_level: float = 0.95,
    interval: str = "newcombe",
) -> Estimate:
    """Difference of two independent proportions, ``p_1 - p_0``.

    Parameters
    ----------
    events_1, n_1, events_0, n_0 : int
        Counts of the two groups.
    conf_level : float
        Two-sided confidence.
    interval : {"newcombe", "miettinen-nurminen"}
        Newcombe's hybrid of Wilson's limits ([1]_, method 10), or Miettinen and Nurminen's
        score interval ([2]_; method 6 of [1]_), which regulators ask for.

    Returns
    -------
    Estimate
        ``std_error`` is the unpooled Wald one. No p: use `fisher_exact`.

    Raises
    ------
    EstimateError
        If the counts are not whole or do not fit.

    Notes
    -----
    Newcombe: squares of the distances to each group's Wilson limits add up,

    .. math:: \\delta - \\sqrt{(p_1 - l_1)^2 + (u_0 - p_0)^2}, \\quad
        \\delta + \\sqrt{(u_1 - p_1)^2 + (p_0 - l_0)^2}

    Miettinen and Nurminen: the differences d at which

    .. math:: (p_1 - p_0 - d)^2 = z^2 \\frac{N}{N - 1} \\left(
        \\frac{\\tilde p_1 (1 - \\tilde p_1)}{n_1} + \\frac{\\tilde p_0 (1 - \\tilde p_0)}{n_0}
        \\right), \\qquad N = n_1 + n_0

    with :math:`\\tilde p` the maximum likelihood estimates that differ by d. R:
    ``Epi::ci.pd(events_1, events_0, n_1 - events_1, n_0 - events_0, method = "Nc")`` is the first, as
    is ``DescTools::BinomDiffCI(method = "score")``; its ``"mn"`` is the second.

    References
    ----------
    .. [1] Newcombe (1998), Stat. Med. 17:873-890,
       doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
    .. [2] Miettinen & Nurminen (1985), Stat. Med. 4:213-226, doi:10.1002/sim.4780040211.

    Examples
    --------
    The paper's example (a), 56/70 - 48/80 [Newcombe 1998, table II, methods 10 and 6]:

    >>> d = proportion_difference(56, 70, 48, 80)
    >>> round(d.estimate, 4), round(d.conf_low, 4), round(d.conf_high, 4)
    (0.2, 0.0524, 0.3339)
    >>> d = proportion_difference(56, 70, 48, 80, interval="miettinen-nurminen")
    >>> round(d.conf_low, 4), round(d.conf_high, 4)
    (0.0528, 0.3382)
    """
    check_choice("interval", interval, _DIFFERENCE_LIMITS)
    (events_1, n_1), (events_0, n_0) = counts_of(events_1, n_1), counts_of(events_0, n_0)
    a = proportion(events_1, n_1, conf_level=conf_level)
    b = proportion(events_0, n_0, conf_level=conf_level)
    low, high = _DIFFERENCE_LIMITS[interval](events_1, n_1, events_0, n_0, conf_level)
    std_error = float(np.hypot(a.std_error, b.std_error))
    return Estimate(a.estimate - b.estimate, std_error, low, high, conf_level, interval)


def clopper_pearson(events: int, n: int, conf_level: float) -> tuple[float, float]:
    """Exact limits of a binomial proportion."""
    tail = (1 - conf_level) / 2
    low = betaincinv(events, n - events + 1, tail) if events > 0 else 0.0
    high = betaincinv(events + 1, n - events, 1 - tail) if events < n else 1.0
    return float(low), float(high)


def mid_p_limits(events: int, n: int, conf_level: float) -> tuple[float, float]:
    """Mid-p limits of a binomial proportion."""
    tail = (1 - conf_level) / 2
    low, high = 0.0, 1.0
    if events > 0:
        low = brentq(lambda p: mid_p_tail(events, n, p) - (1 - tail), 0, 1, xtol=1e-15)
    if events < n:
        high = brentq(lambda p: mid_p_tail(events, n, p) - tail, 0, 1, xtol=1e-15)
    return float(low), float(high)


def mid_p_tail(events: int, n: int, p: float) -> float:
    """Probability of fewer than ``events``, and half of that of ``events``."""
    return float(binom.cdf(events - 1, n, p) + 0.5 * binom.pmf(events, n, p))


def counts_of(events: int, n: int) -> tuple[int, int]:
    """Counts as integers that do not overflow, as those of a short type would.

    Raises
    ------
    EstimateError
        If they are not whole, or there are more events than patients.
    """
    whole = number("events", events).is_integer() and number("n", n).is_integer()
    if not whole or not 0 <= events <= n or n < 1:
        raise EstimateError(
            f"the counts are {events} of {n}",
            "whole numbers, 0 <= events <= n and n >= 1",
            "leave out an empty group and say that it is empty",
        )
    return int(events), int(n)


def _wilson(events: int, n: int, conf_level: float) -> tuple[float, float]:
    z, p = normal_quantile(conf_level), events / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = 0.0 if events == 0 else centre - half  # exactly 0 and 1 at the ends, not 1e-18 from it
    high = 1.0 if events == n else centre + half
    return float(low), float(high)


def _newcombe(
    events_1: int, n_1: int, events_0: int, n_0: int, conf_level: float
) -> tuple[float, float]:
    p_1, p_0 = events_1 / n_1, events_0 / n_0
    (l_1, u_1), (l_0, u_0) = _wilson(events_1, n_1, conf_level), _wilson(events_0, n_0, conf_level)
    low = p_1 - p_0 - np.hypot(p_1 - l_1, u_0 - p_0)
    return float(low), float(p_1 - p_0 + np.hypot(u_1 - p_1, p_0 - l_0))


def _miettinen_nurminen(
    events_1: int, n_1: int, events_0: int, n_0: int, conf_level: float
) -> tuple[float, float]:
    delta, z, n = events_1 / n_1 - events_0 / n_0, normal_quantile(conf_level), n_1 + n_0

    def excess(d: float) -> float:
        p_1, p_0 = _constrained(events_1, n_1, events_0, n_0, d)
        variance = n / (n - 1) * (p_1 * (1 - p_1) / n_1 + p_0 * (1 - p_0) / n_0)
        return (delta - d) ** 2 - z**2 * variance

    # At 0% or 100% in both groups the excess is 0 at delta itself: look beside it.
    low = brentq(excess, -1, delta - _BESIDE, xtol=1e-14) if delta > -1 else -1.0
    high = brentq(excess, delta + _BESIDE, 1, xtol=1e-14) if delta < 1 else 1.0
    return float(low), float(high)


def _constrained(events_1: int, n_1: int, events_0: int, n_0: int, d: float) -> tuple[float, float]:
    """Likeliest p_1 and p_0 that differ by d: a root of a cubic ([2]_ of the above, appendix)."""
    n, c = n_1 + n_0, events_1 + events_0
    l_2 = (n_1 + 2 * n_0) * d - n - c
    l_1 = (n_0 * d - n - 2 * events_0) * d + c
    l_0 = events_0 * d * (1 - d)
    q = l_2**3 / (3 * n) ** 3 - l_1 * l_2 / (6 * n**2) + l_0 / (2 * n)
    p = np.copysign(np.sqrt(max(l_2**2 / (3 * n) ** 2 - l_1 / (3 * n), 0.0)), q)
    angle = np.pi if p == 0 else np.pi + np.arccos(np.clip(q / p**3, -1, 1))
    p_0 = 2 * p * np.cos(angle / 3) - l_2 / (3 * n)
    p_0 = float(np.clip(p_0, max(0.0, -d), min(1.0, 1 - d)))
    return float(np.clip(p_0 + d, 0, 1)), p_0


_LIMITS: dict[str, Callable[[int, int, float], tuple[float, float]]] = {
    "wilson": _wilson,
    "clopper-pearson": clopper_pearson,
    "mid-p": mid_p_limits,
}
_DIFFERENCE_LIMITS = {"newcombe": _newcombe, "miettinen-nurminen": _miettinen_nurminen}
