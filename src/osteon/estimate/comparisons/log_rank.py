"""Weighted log-rank tests of k groups, stratified if need be, with delayed entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, number
from osteon.estimate.curves.curve import check_start
from osteon.estimate.intervals import check_choice
from osteon.estimate.shown import chi_squared_in_words, shown_rows
from osteon.estimate.tables.risk_table import RiskTable

FLEMING_HARRINGTON = "fleming-harrington"
WEIGHTS = (FLEMING_HARRINGTON, "gehan", "tarone-ware")


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
        Weighted events, summed over strata.
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

    def __repr__(self) -> str:
        """The test, and what was observed and expected in each group."""
        facts = [chi_squared_in_words(self.statistic, self.df, self.p_value)]
        pairs = zip(self.groups, self.observed, self.expected, strict=True)
        rows = {name: f"{o:g} observed, {e:.4g} expected" for name, o, e in pairs}
        return shown_rows("LogRank", facts, rows)


def log_rank(
    *tables: RiskTable,
    weights: str = FLEMING_HARRINGTON,
    rho: float = 0.0,
    gamma: float = 0.0,
    start: float = 0.0,
    causes: Sequence[str] | None = None,
) -> LogRank:
    """Test that the hazards of the tables' strata are equal at all times.

    Parameters
    ----------
    *tables : RiskTable
        The groups are the strata of a table. Several tables make a stratified test, one table a
        stratum; groups are matched by name.
    weights : {"fleming-harrington", "gehan", "tarone-ware"}
        By ``rho`` and ``gamma``; or the number at risk (SPSS calls that test Breslow's), or its
        square root. The latter two look at early differences too, but change with the pattern
        of censoring: for SPSS's numbers, not for new ones.
    rho, gamma : float
        0 or more. Weights S(t-)**rho (1 - S(t-))**gamma, S the pooled Kaplan-Meier curve of the
        stratum from ``start``: (0, 0) is the log-rank test, (1, 0) the Peto-Peto modification of
        the Gehan-Wilcoxon test, (0, 1) looks for late differences.
    start : float
        Only event times after ``start`` enter, in days.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: all.

    Returns
    -------
    LogRank
        `log_rank_trend` tests it for a trend; `log_rank_pairs` compares the groups two by two.

    Raises
    ------
    EstimateError
        If no table is given, there is only one group, ``rho`` or ``gamma`` is negative or goes
        with other weights, or counts are not whole: a weight other than a number of like
        patients has no hypergeometric variance.

    Notes
    -----
    At each event time, given the risk sets, the events of the groups are hypergeometric
    ([1]_, section 7.3, with the weights of [2]_, [3]_ and [4]_):

    .. math:: E_g = n_g \\frac{d}{n}, \\qquad
        V_{gh} = \\frac{n_g}{n} \\left(\\delta_{gh} - \\frac{n_h}{n}\\right)
        \\frac{d (n - d)}{n - 1}

    R: ``survdiff(Surv(time, event) ~ group + strata(s), rho =)``; it takes no delayed entry, for
    which the score test of ``coxph(Surv(entry, exit, event) ~ group, ties = "exact")`` is equal.
    It has no ``gamma``: the weights are those of ``coin::logrank_test(type =
    "Fleming-Harrington")``, whose variance is that of permutation (see `exact_log_rank`).
    SPSS: Kaplan-Meier, "log rank", "Breslow", "Tarone-Ware".

    References
    ----------
    .. [1] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., doi:10.1007/b97377.
    .. [2] Harrington & Fleming (1982), Biometrika 69:553-566, doi:10.1093/biomet/69.3.553.
    .. [3] Fleming & Harrington (1991), Counting Processes and Survival Analysis, chapter 7,
       doi:10.1002/9781118150672.
    .. [4] Tarone & Ware (1977), Biometrika 64:156-160, doi:10.1093/biomet/64.1.156.

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

    Stratified by sex, as R's ``strata(male)``, one table a stratum: (2 - 1)**2 / (2/9 + 2/9).

    >>> male = np.array([1, 0, 1, 0, 1, 0])
    >>> log_rank(*(risk_table(history.where(male == sex)) for sex in (0, 1)))
    <LogRank: chi-squared 2.25 on 1 df, p = 0.134>
      bone   2 observed, 1 expected
      other  2 observed, 3 expected
    """
    check_start(start)
    check_choice("weights", weights, WEIGHTS)
    check_power(rho=rho, gamma=gamma)
    if weights != FLEMING_HARRINGTON and (rho or gamma):
        raise EstimateError(
            f'`rho` and `gamma` are {rho} and {gamma} with `weights` "{weights}"',
            f'they are powers of the "{FLEMING_HARRINGTON}" weights',
            "choose one or the other",
        )
    groups = group_names(tables)
    check_whole(*tables)
    observed, expected = np.zeros(len(groups)), np.zeros(len(groups))
    variance = np.zeros((len(groups), len(groups)))
    for table in tables:
        at_risk, events = _counts(table, groups, start, causes)
        n, d = at_risk.sum(axis=0), events.sum(axis=0)
        power = {"gehan": 1.0, "tarone-ware": 0.5}.get(weights)
        weight = fleming_harrington(n, d, rho, gamma) if power is None else n**power
        o, e, v = _one_stratum(at_risk, events, weight)
        observed, expected, variance = observed + o, expected + e, variance + v
    statistic, df, p_value = excess_test(observed - expected, variance, expected > 0)
    return LogRank(statistic, df, p_value, groups, observed, expected, variance)


def group_names(tables: Sequence[RiskTable]) -> tuple[str, ...]:
    """Strata of the tables, in the order in which they first appear; two or more."""
    for table in tables:
        expect(RiskTable, table=table)
    groups = tuple(dict.fromkeys(name for table in tables for name in table.strata))
    if len(groups) < 2:
        raise EstimateError(
            f"there is {len(groups)} group to compare",
            "the groups are the strata of the risk table, two or more",
            "give the history a `stratum`",
        )
    return groups


def fleming_harrington(at_risk: Floats, events: Floats, rho: float, gamma: float) -> Floats:
    """S(t-)**rho (1 - S(t-))**gamma at each event time, S the Kaplan-Meier curve.

    >>> fleming_harrington(np.array([4.0, 2.0]), np.array([1.0, 1.0]), 1, 2).tolist()
    [0.0, 0.046875]
    """
    if rho == gamma == 0:
        return np.ones_like(at_risk)
    after = np.cumprod(1 - events / at_risk)
    before = np.concatenate([[1.0], after[:-1]])[: after.size]
    return np.asarray(before**rho * (1 - before) ** gamma, dtype=np.float64)


def check_power(**powers: float) -> None:
    """Refuse a negative power of the weights."""
    for name, power in powers.items():
        if not 0 <= number(name, power) < np.inf:
            raise EstimateError(
                f"`{name}` is {power}", "it must be 0 or more", "write 0 for the unweighted test"
            )


def check_whole(*tables: RiskTable) -> None:
    """Refuse tables that do not count patients."""
    for table in tables:
        if not table.whole:
            raise EstimateError(
                "the risk table holds counts that are not whole",
                "the test's variance is that of whole patients drawn from the risk sets",
                "compare weighted groups by `cox` with a robust variance",
            )


def _counts(
    table: RiskTable, groups: tuple[str, ...], start: float, causes: Sequence[str] | None
) -> tuple[Floats, Floats]:
    """At risk and events at the table's event times, shape (groups, times)."""
    rows = [groups.index(name) for name in table.strata]
    happened = table.events[:, table.causes(causes)].sum(axis=1)
    kept = np.flatnonzero((table.time > start) & (happened.sum(axis=0) > 0))
    at_risk, events = np.zeros((2, len(groups), kept.size))
    at_risk[rows], events[rows] = (
        table.at_risk[:, 0].take(kept, axis=1),
        happened.take(kept, axis=1),
    )
    return at_risk, events


def _one_stratum(at_risk: Floats, events: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / n
    spread = weight**2 * d * (n - d) / np.where(n > 1, n - 1, 1.0)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    return events @ weight, share @ (d * weight), variance


def excess_test(excess: Floats, variance: Floats, present: np.ndarray) -> tuple[float, int, float]:
    """Chi-squared, its degrees of freedom and p, of excesses over groups that add up to 0."""
    df = max(int(present.sum()) - 1, 0)
    keep = np.flatnonzero(present)[1:]  # the excesses add up to 0: one group tells nothing new
    if df == 0:
        return 0.0, 0, float("nan")
    z, v = excess[keep], variance[np.ix_(keep, keep)]
    statistic = float(z @ np.linalg.lstsq(v, z)[0]) if np.any(variance) else 0.0
    return statistic, df, float(chdtrc(df, statistic))
