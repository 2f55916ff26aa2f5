"""Log-rank test of k groups, stratified if need be, with delayed entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from osteon.contracts.history import Floats
from osteon.errors import EstimateError
from osteon.estimate.curve import check_start
from osteon.estimate.risk_table import RiskTable


@dataclass(frozen=True, eq=False)
class LogRank:
    """Result of a log-rank test.

    Attributes
    ----------
    statistic : float
        Chi-squared statistic.
    df : int
        Degrees of freedom: groups that were ever at risk when an event happened, less 1.
    p_value : float
        Upper tail of chi-squared; nan if ``df`` is 0.
    groups : tuple of str
        Names of the groups.
    observed, expected : ndarray of float, shape (groups,)
        Events, weighted by S(t-)**rho, summed over strata.
    variance : ndarray of float, shape (groups, groups)
        Covariance matrix of ``observed - expected``.
    """

    statistic: float
    df: int
    p_value: float
    groups: tuple[str, ...]
    observed: Floats
    expected: Floats
    variance: Floats


def log_rank(
    *tables: RiskTable,
    rho: float = 0.0,
    start: float = 0.0,
    causes: Sequence[str] | None = None,
) -> LogRank:
    """Test that the hazards of the tables' strata are equal at all times.

    Parameters
    ----------
    *tables : RiskTable
        The groups are the strata of a table. Several tables make a stratified test, one table a
        stratum; groups are matched by name.
    rho : float
        Weights S(t-)**rho, S the pooled Kaplan-Meier curve of the stratum: 0 is the log-rank
        test, 1 the Peto-Peto modification of the Gehan-Wilcoxon test.
    start : float
        Only event times after ``start`` enter, in days.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: all.

    Returns
    -------
    LogRank

    Raises
    ------
    EstimateError
        If no table is given, or there is only one group.

    Notes
    -----
    At each event time, given the risk sets, the events of the groups are hypergeometric
    ([1]_, section 7.3, with the weights of [2]_):

    .. math:: E_g = n_g \\frac{d}{n}, \\qquad
        V_{gh} = \\frac{n_g}{n} \\left(\\delta_{gh} - \\frac{n_h}{n}\\right)
        \\frac{d (n - d)}{n - 1}

    R: ``survdiff(Surv(time, event) ~ group + strata(s), rho =)``; it takes no delayed entry, for
    which the score test of ``coxph(Surv(entry, exit, event) ~ group, ties = "exact")`` is equal.

    References
    ----------
    .. [1] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., doi:10.1007/b97377.
    .. [2] Harrington & Fleming (1982), Biometrika 69:553-566, doi:10.1093/biomet/69.3.553.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     exit=[2, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0],
    ...     stratum=[0, 0, 0, 1, 1, 1], strata=("bone", "other"),
    ... )
    >>> test = log_rank(risk_table(history))
    >>> test.observed.tolist(), test.expected.round(3).tolist()     # 3/6 + 2/5; the rest
    ([2.0, 2.0], [0.9, 3.1])
    >>> round(test.statistic, 4), test.df                           # 1.1**2 / 0.49
    (2.4694, 1)
    """
    check_start(start)
    groups = _groups(tables)
    observed, expected = np.zeros(len(groups)), np.zeros(len(groups))
    variance = np.zeros((len(groups), len(groups)))
    for table in tables:
        at_risk, events = _counts(table, groups, start, causes)
        weight = _weights(at_risk, events, rho)
        o, e, v = _one_stratum(at_risk, events, weight)
        observed, expected, variance = observed + o, expected + e, variance + v
    statistic, df = _chi_squared(observed - expected, variance, expected > 0)
    p_value = float(chdtrc(df, statistic)) if df else float("nan")
    return LogRank(statistic, df, p_value, groups, observed, expected, variance)


def _groups(tables: Sequence[RiskTable]) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(name for table in tables for name in table.strata))
    if len(groups) < 2:
        raise EstimateError(
            f"there is {len(groups)} group to compare",
            "the groups are the strata of the risk table, two or more",
            "give the history a `stratum`",
        )
    return groups


def _counts(
    table: RiskTable, groups: tuple[str, ...], start: float, causes: Sequence[str] | None
) -> tuple[Floats, Floats]:
    """At risk and events at the table's event times, shape (groups, times)."""
    rows = [groups.index(name) for name in table.strata]
    happened = table.events[:, table.causes(causes)].sum(axis=1)
    keep = (table.time > start) & (happened.sum(axis=0) > 0)
    at_risk, events = np.zeros((2, len(groups), int(keep.sum())))
    at_risk[rows], events[rows] = table.at_risk[:, 0, keep], happened[:, keep]
    return at_risk, events


def _weights(at_risk: Floats, events: Floats, rho: float) -> Floats:
    hazard = events.sum(axis=0) / at_risk.sum(axis=0)
    return np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])[: hazard.size] ** rho


def _one_stratum(at_risk: Floats, events: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / n
    spread = weight**2 * d * (n - d) / np.where(n > 1, n - 1, 1.0)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    return events @ weight, share @ (d * weight), variance


def _chi_squared(excess: Floats, variance: Floats, present: np.ndarray) -> tuple[float, int]:
    df = max(int(present.sum()) - 1, 0)
    keep = np.flatnonzero(present)[1:]  # the excesses add up to 0: one group tells nothing new
    if df == 0 or not np.any(variance):
        return 0.0, df
    z, v = excess[keep], variance[np.ix_(keep, keep)]
    return float(z @ np.linalg.lstsq(v, z)[0]), df
