"""Counts in few patients: proportions and 2 x 2 tables without large-sample excuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincinv, gammaln, logsumexp

from osteon.contracts.history import Floats
from osteon.errors import EstimateError
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level, normal_quantile

_TIED = 1 + 1e-7  # tables whose probabilities differ by less are equally likely, as in R


def proportion(
    events: int, n: int, *, conf_level: float = 0.95, interval: str = "wilson"
) -> Estimate:
    """Share of patients with a finding.

    Parameters
    ----------
    events, n : int
        How many have it, of how many; ``0 <= events <= n``, ``n >= 1``.
    conf_level : float
        Two-sided confidence. The upper limit at 0 events is two-sided too: 0/57 is up to 6.27%.
    interval : {"wilson", "clopper-pearson"}
        Score interval ([1]_), or exact ([2]_), which never covers less than it says.

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
    R: ``prop.test(events, n, correct = FALSE)$conf.int``; ``binom.test(events, n)$conf.int``.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22:209-212, doi:10.1080/01621459.1927.10502953.
    .. [2] Clopper & Pearson (1934), Biometrika 26:404-413, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    Bone metastases in stage IV, and the exact bound behind "0%":

    >>> share = proportion(105, 305)
    >>> f"{share.estimate:.1%} ({share.conf_low:.1%}-{share.conf_high:.1%})"
    '34.4% (29.3%-39.9%)'
    >>> f"{proportion(0, 57, interval='clopper-pearson').conf_high:.2%}"
    '6.27%'
    """
    check_choice("interval", interval, _PROPORTION_LIMITS)
    check_conf_level(conf_level)
    _check_counts(events, n)
    p = events / n
    low, high = _PROPORTION_LIMITS[interval](events, n, conf_level)
    return Estimate(p, float(np.sqrt(p * (1 - p) / n)), low, high, conf_level, interval)


def proportion_difference(
    events_1: int, n_1: int, events_0: int, n_0: int, *, conf_level: float = 0.95
) -> Estimate:
    """Difference of two independent proportions, ``p_1 - p_0``, with Newcombe's interval.

    Parameters
    ----------
    events_1, n_1, events_0, n_0 : int
        Counts of the two groups.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    Estimate
        ``std_error`` is the unpooled Wald one. No p: use `fisher_exact`.

    Notes
    -----
    Squares of the distances to each group's Wilson limits add up ([1]_, method 10):

    .. math:: \\delta - \\sqrt{(p_1 - l_1)^2 + (u_0 - p_0)^2}, \\quad
        \\delta + \\sqrt{(u_1 - p_1)^2 + (p_0 - l_0)^2}

    References
    ----------
    .. [1] Newcombe (1998), Stat. Med. 17:873-890,
       doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Examples
    --------
    The paper's example (a), 56/70 - 48/80 [Newcombe 1998, table II, method 10]:

    >>> d = proportion_difference(56, 70, 48, 80)
    >>> round(d.estimate, 4), round(d.conf_low, 4), round(d.conf_high, 4)
    (0.2, 0.0524, 0.3339)
    """
    a = proportion(events_1, n_1, conf_level=conf_level)
    b = proportion(events_0, n_0, conf_level=conf_level)
    delta = a.estimate - b.estimate
    low = delta - np.hypot(a.estimate - a.conf_low, b.conf_high - b.estimate)
    high = delta + np.hypot(a.conf_high - a.estimate, b.estimate - b.conf_low)
    std_error = float(np.hypot(a.std_error, b.std_error))
    return Estimate(delta, std_error, float(low), float(high), conf_level, "newcombe")


@dataclass(frozen=True)
class Fisher:
    """Fisher's exact test of a 2 x 2 table.

    Attributes
    ----------
    p_value : float
        Two-sided: tables no likelier than the one seen.
    sample_odds_ratio : float
        Cross-product ratio a d / (b c); inf or 0 with an empty cell, nan with an empty margin.
    odds_ratio : Estimate
        Conditional maximum likelihood estimate with exact limits; ``p_value`` as above.
    """

    p_value: float
    sample_odds_ratio: float
    odds_ratio: Estimate


def fisher_exact(
    events_1: int, n_1: int, events_0: int, n_0: int, *, conf_level: float = 0.95
) -> Fisher:
    """Compare two proportions by Fisher's exact test.

    Parameters
    ----------
    events_1, n_1, events_0, n_0 : int
        Patients with the event, of how many, in the two groups.
    conf_level : float
        Two-sided confidence of the odds ratio's limits.

    Returns
    -------
    Fisher
        Odds ratio of group 1 to group 0.

    Raises
    ------
    EstimateError
        If the counts are not whole or do not fit.

    Notes
    -----
    Given its margins the table's first cell is noncentral hypergeometric with the odds ratio as
    parameter ([1]_). Each limit leaves (1 - conf_level) / 2 in its tail.
    R: ``fisher.test(matrix(c(a, b, c, d), 2))``: the same p, estimate and limits.

    References
    ----------
    .. [1] Agresti (2013), Categorical Data Analysis, 3rd ed.

    Examples
    --------
    Skeletal events without and with antiresorptive drugs [Mathew et al. 2023, PanNET]:

    >>> test = fisher_exact(9, 26, 2, 36)
    >>> round(test.sample_odds_ratio, 4), round(test.p_value, 7)
    (9.0, 0.0054463)
    """
    check_conf_level(conf_level)
    _check_counts(events_1, n_1)
    _check_counts(events_0, n_0)
    table = _Margins(events_1, n_1, n_0, events_1 + events_0)
    p_value = table.p_value()
    low, high = table.limits((1 - conf_level) / 2)
    estimate = table.conditional_mle()
    return Fisher(
        p_value,
        _cross_product(events_1, n_1 - events_1, events_0, n_0 - events_0),
        Estimate(estimate, float("nan"), low, high, conf_level, "exact", p_value),
    )


class _Margins:
    """Distribution of the first cell of a 2 x 2 table, given its margins and the odds ratio."""

    def __init__(self, seen: int, n_1: int, n_0: int, total: int) -> None:
        self.seen = seen
        self.cell = np.arange(max(0, total - n_0), min(n_1, total) + 1)
        self.log_ways = _log_choose(n_1, self.cell) + _log_choose(n_0, total - self.cell)

    def density(self, log_odds: float) -> Floats:
        log_weight = self.log_ways + self.cell * log_odds
        return np.exp(log_weight - logsumexp(log_weight))

    def p_value(self) -> float:
        density = self.density(0.0)
        seen = density[self.cell == self.seen]
        return float(min(density[density <= seen * _TIED].sum(), 1.0))

    def conditional_mle(self) -> float:
        if self.cell.size == 1:
            return float("nan")
        if self.seen == self.cell[0]:
            return 0.0
        if self.seen == self.cell[-1]:
            return float("inf")
        return _root(lambda b: float(self.density(b) @ self.cell) - self.seen)

    def limits(self, tail: float) -> tuple[float, float]:
        low, high = 0.0, float("inf")
        if self.seen > self.cell[0]:
            low = _root(lambda b: self.density(b)[self.cell >= self.seen].sum() - tail)
        if self.seen < self.cell[-1]:
            high = _root(lambda b: tail - self.density(b)[self.cell <= self.seen].sum())
        return low, high


def _root(increasing: Callable[[float], float]) -> float:
    """Odds ratio at which a function of its logarithm, increasing from < 0 to > 0, is 0."""
    width = 1.0
    while increasing(-width) > 0 or increasing(width) < 0:
        width *= 2
    return float(np.exp(brentq(increasing, -width, width, xtol=1e-13, rtol=1e-14)))


def _wilson(events: int, n: int, conf_level: float) -> tuple[float, float]:
    z, p = normal_quantile(conf_level), events / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = 0.0 if events == 0 else centre - half  # exactly 0 and 1 at the ends, not 1e-18 from it
    high = 1.0 if events == n else centre + half
    return float(low), float(high)


def clopper_pearson(events: int, n: int, conf_level: float) -> tuple[float, float]:
    """Exact limits of a binomial proportion."""
    tail = (1 - conf_level) / 2
    low = betaincinv(events, n - events + 1, tail) if events > 0 else 0.0
    high = betaincinv(events + 1, n - events, 1 - tail) if events < n else 1.0
    return float(low), float(high)


_PROPORTION_LIMITS = {"wilson": _wilson, "clopper-pearson": clopper_pearson}


def _cross_product(a: int, b: int, c: int, d: int) -> float:
    if b * c:
        return a * d / (b * c)
    return float("inf") if a * d else float("nan")


def _log_choose(n: int, k: np.ndarray) -> Floats:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _check_counts(events: int, n: int) -> None:
    if events != int(events) or n != int(n) or not 0 <= events <= n or n < 1:
        raise EstimateError(
            f"the counts are {events} of {n}",
            "whole numbers, 0 <= events <= n and n >= 1",
            "leave out an empty group and say that it is empty",
        )
