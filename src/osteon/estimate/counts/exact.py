"""2 x 2 tables of few patients, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp
from scipy.stats import boschloo_exact

from osteon.contracts.arrays import Floats
from osteon.estimate.counts.proportions import counts_of
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level

CONVENTIONS = ("minlike", "central", "mid-p")
_TIED = 1 + 1e-7  # tables whose probabilities differ by less are equally likely, as in R


@dataclass(frozen=True)
class Fisher:
    """Fisher's exact test of a 2 x 2 table.

    Attributes
    ----------
    p_value : float
        Two-sided, by the convention asked for.
    sample_odds_ratio : float
        Cross-product ratio a d / (b c); inf or 0 with an empty cell, nan with an empty margin.
    odds_ratio : Estimate
        Conditional maximum likelihood estimate with exact (or mid-p) limits; ``p_value`` as
        above, ``interval`` "exact" or "mid-p".
    """

    p_value: float
    sample_odds_ratio: float
    odds_ratio: Estimate


def fisher_exact(
    events_1: int,
    n_1: int,
    events_0: int,
    n_0: int,
    *,
    conf_level: float = 0.95,
    convention: str = "minlike",
) -> Fisher:
    """Compare two proportions by Fisher's exact test.

    Parameters
    ----------
    events_1, n_1, events_0, n_0 : int
        Patients with the event, of how many, in the two groups.
    conf_level : float
        Two-sided confidence of the odds ratio's limits.
    convention : {"minlike", "central", "mid-p"}
        What two-sided means. "minlike": tables no likelier than the one seen (R, SPSS, SAS).
        "central": twice the smaller tail; its p and limits never disagree. "mid-p": the same
        with half of the probability of the table seen, in p and limits: less conservative, and
        no longer exact.

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
    Given its margins the table's first cell is noncentral hypergeometric with the odds ratio
    :math:`\\theta` as parameter ([1]_, chapter 3):

    .. math:: P(x) \\propto \\binom{n_1}{x} \\binom{n_0}{m - x} \\theta^x

    Each limit leaves (1 - conf_level) / 2 in its tail, whatever the convention of p: with
    "minlike" p < 0.05 and limits that include 1 can meet ([2]_).
    R: ``fisher.test(matrix(c(a, b, c, d), 2))``: the same p, estimate and limits;
    ``exact2x2::exact2x2(x, tsmethod = "central", midp = )`` for the others.

    References
    ----------
    .. [1] Agresti (2013), Categorical Data Analysis, 3rd ed., isbn:978-0-470-46363-5.
    .. [2] Fay (2010), Biostatistics 11:373-374, doi:10.1093/biostatistics/kxp050.

    Examples
    --------
    Skeletal events without and with antiresorptive drugs [Mathew et al. 2023, PanNET]:

    >>> test = fisher_exact(9, 26, 2, 36)
    >>> round(test.sample_odds_ratio, 4), round(test.p_value, 7)
    (9.0, 0.0054463)
    >>> [round(fisher_exact(9, 26, 2, 36, convention=c).p_value, 4) for c in ("central", "mid-p")]
    [0.0085, 0.0047]
    """
    check_conf_level(conf_level)
    check_choice("convention", convention, CONVENTIONS)
    (events_1, n_1), (events_0, n_0) = counts_of(events_1, n_1), counts_of(events_0, n_0)
    table = _Margins(events_1, n_1, n_0, events_1 + events_0)
    mid_p = convention == "mid-p"
    p_value = table.minlike() if convention == "minlike" else table.doubled(mid_p)
    low, high = table.limits((1 - conf_level) / 2, mid_p)
    return Fisher(
        p_value,
        _cross_product(events_1, n_1 - events_1, events_0, n_0 - events_0),
        Estimate(
            table.conditional_mle(),
            float("nan"),
            low,
            high,
            conf_level,
            "mid-p" if mid_p else "exact",
            p_value,
            error_scale="log",
        ),
    )


def boschloo(events_1: int, n_1: int, events_0: int, n_0: int) -> float:
    """Two-sided p of Boschloo's exact unconditional test that two proportions are equal.

    Only the numbers of patients are fixed, as in a comparison of two groups; the number of
    events is not. Its p is never above that of Fisher's test with ``convention="central"``, twice
    the smaller tail too; "minlike" may be below both.

    Parameters
    ----------
    events_1, n_1, events_0, n_0 : int
        Patients with the event, of how many, in the two groups.

    Returns
    -------
    float
        Twice the smaller one-sided p, at most 1.

    Raises
    ------
    EstimateError
        If the counts are not whole or do not fit.

    Notes
    -----
    Fisher's one-sided p is the statistic; its distribution is that of two binomials with a
    common share, and the share with the largest p counts ([1]_). Computed by
    `scipy.stats.boschloo_exact`. R: twice ``exact2x2::boschloo(alternative =)``, one-sided.

    References
    ----------
    .. [1] Boschloo (1970), Stat. Neerl. 24:1-9, doi:10.1111/j.1467-9574.1970.tb00104.x.

    Examples
    --------
    >>> round(boschloo(9, 26, 2, 36), 4)
    0.0046
    """
    (events_1, n_1), (events_0, n_0) = counts_of(events_1, n_1), counts_of(events_0, n_0)
    if events_1 + events_0 in (0, n_1 + n_0):
        return 1.0
    table = [[events_1, events_0], [n_1 - events_1, n_0 - events_0]]
    sides = (boschloo_exact(table, alternative=side).pvalue for side in ("less", "greater"))
    return float(min(1.0, 2 * min(sides)))


class _Margins:
    """Distribution of the first cell of a 2 x 2 table, given its margins and the odds ratio."""

    def __init__(self, seen: int, n_1: int, n_0: int, total: int) -> None:
        self.seen = seen
        self.cell = np.arange(max(0, total - n_0), min(n_1, total) + 1)
        self.log_ways = _log_choose(n_1, self.cell) + _log_choose(n_0, total - self.cell)

    def density(self, log_odds: float) -> Floats:
        log_weight = self.log_ways + self.cell * log_odds
        return np.exp(log_weight - logsumexp(log_weight))

    def tail(self, log_odds: float, upper: bool, mid_p: bool) -> float:
        """Probability of the seen value or a more extreme one, less half of its own if mid-p."""
        density = self.density(log_odds)
        beyond = self.cell > self.seen if upper else self.cell < self.seen
        own = density[self.cell == self.seen].sum()
        return float(density[beyond].sum() + own * (0.5 if mid_p else 1.0))

    def minlike(self) -> float:
        density = self.density(0.0)
        seen = density[self.cell == self.seen]
        return float(min(density[density <= seen * _TIED].sum(), 1.0))

    def doubled(self, mid_p: bool) -> float:
        return min(1.0, 2 * min(self.tail(0.0, upper, mid_p) for upper in (False, True)))

    def conditional_mle(self) -> float:
        if self.cell.size == 1:
            return float("nan")
        if self.seen == self.cell[0]:
            return 0.0
        if self.seen == self.cell[-1]:
            return float("inf")
        return _root(lambda b: float(self.density(b) @ self.cell) - self.seen)

    def limits(self, tail: float, mid_p: bool) -> tuple[float, float]:
        low, high = 0.0, float("inf")
        if self.seen > self.cell[0]:
            low = _root(lambda b: self.tail(b, True, mid_p) - tail)
        if self.seen < self.cell[-1]:
            high = _root(lambda b: tail - self.tail(b, False, mid_p))
        return low, high


def _root(increasing: Callable[[float], float]) -> float:
    """Odds ratio at which a function of its logarithm, increasing from < 0 to > 0, is 0."""
    width = 1.0
    while increasing(-width) > 0 or increasing(width) < 0:
        width *= 2
    return float(np.exp(brentq(increasing, -width, width, xtol=1e-13, rtol=1e-14)))


def _cross_product(a: int, b: int, c: int, d: int) -> float:
    if b * c:
        return a * d / (b * c)
    return float("inf") if a * d else float("nan")


def _log_choose(n: int, k: np.ndarray) -> Floats:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
