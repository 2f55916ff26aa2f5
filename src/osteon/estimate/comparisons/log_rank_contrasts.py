"""Where k groups differ: along an order, or two by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.comparisons.log_rank import FLEMING_HARRINGTON, LogRank, group_names, log_rank
from osteon.estimate.comparisons.multiple_testing import holm
from osteon.estimate.tables.risk_table import RiskTable


@dataclass(frozen=True, eq=False)
class LogRankTrend:
    """Log-rank test for a trend over ordered groups.

    Attributes
    ----------
    z : float
        Standard normal deviate; positive where events exceed expectation in groups of high
        score. nan where nothing is left to compare.
    statistic : float
        z squared: chi-squared on 1 degree of freedom.
    p_value : float
        Two-sided.
    groups : tuple of str
        Names of the groups.
    scores : ndarray of float, shape (groups,)
        Their scores.
    """

    z: float
    statistic: float
    p_value: float
    groups: tuple[str, ...]
    scores: Floats


def log_rank_trend(test: LogRank, scores: ArrayLike | None = None) -> LogRankTrend:
    """Test that the hazard does not rise or fall with the groups' scores.

    Parameters
    ----------
    test : LogRank
        From `log_rank`, whose weights, strata, start and causes it keeps.
    scores : array_like of float, shape (groups,), optional
        In the order of ``test.groups``. Default: 0, 1, 2, ... Only their spacing matters.

    Returns
    -------
    LogRankTrend

    Raises
    ------
    EstimateError
        If there is not one finite score a group, or all are equal.

    Notes
    -----
    With scores a_g ([1]_, section 7.4; [2]_)

    .. math:: Z = \\frac{\\sum_g a_g (O_g - E_g)}{\\sqrt{\\sum_{gh} a_g a_h V_{gh}}}

    R: ``coxph(Surv(entry, exit, event) ~ score + strata(s), ties = "exact", iter.max = 0)$score``
    for the log-rank test's own weights; for others ``survMisc::comp(ten(...))``, or ``survdiff``'s
    ``obs``, ``exp`` and ``var`` in the formula. SPSS: "linear trend for factor levels". ``coin::logrank_test`` with scores has the same numerator and the permutation
    variance.

    References
    ----------
    .. [1] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., doi:10.1007/b97377.
    .. [2] Tarone (1975), Biometrika 62:679-682, doi:10.1093/biomet/62.3.679.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import log_rank, risk_table
    >>> history = History.of(
    ...     exit=[9, 7, 8, 4, 5, 6, 1, 2, 3], event=[0, 1, 1, 1, 1, 1, 1, 1, 1],
    ...     stratum=[0, 0, 0, 1, 1, 1, 2, 2, 2], strata=("G1", "G2", "G3"),
    ... )
    >>> trend = log_rank_trend(log_rank(risk_table(history)))
    >>> round(trend.z, 3), round(trend.p_value, 4)
    (3.366, 0.0008)
    """
    expect(LogRank, test=test)
    a = np.arange(len(test.groups), dtype=np.float64)
    if scores is not None:
        a = numbers("scores", scores)
    _check_scores(a, test.groups)
    centred = a - a.mean()  # V 1 = 0: centring changes nothing but the rounding
    variance = float(centred @ test.variance @ centred)
    excess = float(centred @ (test.observed - test.expected))
    z = excess / float(np.sqrt(variance)) if variance > 0 else float("nan")
    return LogRankTrend(z, z**2, float(2 * ndtr(-abs(z))), test.groups, a)


@dataclass(frozen=True, eq=False)
class LogRankPair:
    """Log-rank test of two of several groups.

    Attributes
    ----------
    groups : tuple of str
        The two.
    test : LogRank
        Their test, as if there were no other group.
    p_adjusted : float
        Its p, adjusted for the number of pairs by Holm's method; nan if it has none.
    """

    groups: tuple[str, str]
    test: LogRank
    p_adjusted: float


def log_rank_pairs(
    *tables: RiskTable,
    weights: str = FLEMING_HARRINGTON,
    rho: float = 0.0,
    gamma: float = 0.0,
    start: float = 0.0,
    causes: Sequence[str] | None = None,
) -> tuple[LogRankPair, ...]:
    """Log-rank tests of all pairs of groups, with Holm's adjustment.

    The risk sets, and the pooled curve of the weights, are those of the two groups alone.

    Parameters
    ----------
    *tables, weights, rho, gamma, start, causes
        As in `log_rank`.

    Returns
    -------
    tuple of LogRankPair
        In the order (1, 2), (1, 3), ..., (2, 3), ...

    Raises
    ------
    EstimateError
        As `log_rank`.

    Notes
    -----
    The statistic of a pair is :math:`X^2 = (O_1 - E_1)^2 / V_{11}`; the p of m pairs are
    adjusted to :math:`\\max_{j \\le i} \\min\\{1, (m - j + 1) p_{(j)}\\}` ([1]_). R: ``survdiff(..., subset = group %in% pair)`` and ``p.adjust(p, "holm")``; SPSS: "pairwise
    over strata" (without an adjustment).

    References
    ----------
    .. [1] Holm (1979), Scand. J. Stat. 6:65-70, jstor:4615733.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     exit=[9, 7, 8, 4, 5, 6, 1, 2, 3], event=[0, 1, 1, 1, 1, 1, 1, 1, 1],
    ...     stratum=[0, 0, 0, 1, 1, 1, 2, 2, 2], strata=("G1", "G2", "G3"),
    ... )
    >>> for pair in log_rank_pairs(risk_table(history)):
    ...     print(pair.groups, round(pair.test.p_value, 4), round(pair.p_adjusted, 4))
    ('G1', 'G2') 0.0246 0.0738
    ('G1', 'G3') 0.0246 0.0738
    ('G2', 'G3') 0.0246 0.0738
    """
    pairs = list(combinations(group_names(tables), 2))
    tests = [
        log_rank(
            *(_only(table, pair) for table in tables),
            weights=weights,
            rho=rho,
            gamma=gamma,
            start=start,
            causes=causes,
        )
        for pair in pairs
    ]
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        LogRankPair(pair, test, float(p))
        for pair, test, p in zip(pairs, tests, adjusted, strict=True)
    )


def _only(table: RiskTable, names: Sequence[str]) -> RiskTable:
    """The table's strata of these names; one that it lacks is empty."""
    rows = [table.strata.index(name) for name in names if name in table.strata]
    return replace(
        table,
        strata=tuple(table.strata[i] for i in rows),
        entries=table.entries[rows],
        exits=table.exits[rows],
        events=table.events[rows],
        events_squared=table.events_squared[rows],
    )


def _check_scores(scores: Floats, groups: tuple[str, ...]) -> None:
    if scores.shape != (len(groups),) or not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise EstimateError(
            f"the scores are {scores.tolist()} for {len(groups)} groups",
            "one finite number a group, not all the same",
            f"give them in the order {', '.join(groups)}",
        )
