"""Log-rank tests of several small groups by permutation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.comparisons.exact_log_rank import scored_blocks, too_many
from osteon.estimate.comparisons.group_permutation import (
    GroupBlock,
    GroupTails,
    count_groups,
    draw_groups,
    form_of,
)


@dataclass(frozen=True, eq=False)
class ExactLogRankGroups:
    """Result of a permutation log-rank test of several groups.

    Attributes
    ----------
    groups : tuple of str
        Names of the groups.
    excess : ndarray of float, shape (groups,)
        Weighted events of each group less those expected: O - E of `log_rank`.
    statistic : float
        Quadratic form of the excesses in the inverse of their permutation covariance; nan where
        they do not vary.
    df : int
        Rank of that covariance.
    tails : GroupTails
        p (permutations with as large a statistic, or larger), its mid-p, and whether all
        permutations were counted or some drawn.
    """

    groups: tuple[str, ...]
    excess: Floats
    statistic: float
    df: int
    tails: GroupTails

    @property
    def p_value(self) -> float:
        """p of the difference of any kind."""
        return self.tails.p_value


def exact_log_rank_groups(
    history: History,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    causes: Sequence[str] | None = None,
    blocks: Integers | None = None,
    method: str = "auto",
    replicates: int = 100_000,
    seed: int = 0,
) -> ExactLogRankGroups:
    """Compare two or more small groups by the permutation distribution of the log-rank statistic.

    Parameters
    ----------
    history : History
        Its strata are the groups, with somebody in each; one interval a subject.
    rho, gamma, causes, blocks, method, replicates, seed
        As in `exact_log_rank`. "auto" counts all permutations where they fall into no more than
        two million ways to share the scores out: three groups of five always, more where times
        are tied, and draws otherwise.

    Returns
    -------
    ExactLogRankGroups

    Raises
    ------
    EstimateError
        As `exact_log_rank`; if there is one group only, or one has nobody.

    Notes
    -----
    With the scores :math:`a_i` of `exact_log_rank`, T the groups' sums of the centred ones (added
    up over blocks) and :math:`\\Sigma` their covariance under permutation,

    .. math:: Q = T' \\Sigma^- T, \\qquad \\Sigma_{gh} = \\frac{\\sum_i (a_i - \\bar a)^2}{n (n - 1)}
        (n n_g \\delta_{gh} - n_g n_h)

    ([1]_). With two groups it is ``z**2`` of `exact_log_rank`, and the p is the same. What permutation
    asks of entry and censoring is said there. R: ``coin::logrank_test(Surv(time, event) ~ group,
    type = "Fleming-Harrington", rho =, gamma =, distribution = approximate())``, whose quadratic
    statistic is Q; it counts no permutations of more than two groups, and with ``| block`` scores
    everyone together, not block by block.

    References
    ----------
    .. [1] Strasser & Weber (1999), Math. Methods Stat. 8:220-250; Hothorn, Hornik, van de Wiel &
       Zeileis (2006), Am. Stat. 60:257-263, doi:10.1198/000313006X118430.

    Examples
    --------
    Two in each of three groups, one group after the other: 6 of 90 orders are as extreme.

    >>> history = History.of(
    ...     exit=[5, 6, 1, 2, 3, 4], event=[1] * 6, stratum=[0, 0, 1, 1, 2, 2],
    ...     strata=("low", "high", "middle"),
    ... )
    >>> test = exact_log_rank_groups(history)
    >>> test.df, test.tails.permutations, round(test.p_value, 4)
    (2, 90.0, 0.0667)
    """
    expect(History, history=history)
    present = np.unique(history.stratum).size
    if present < len(history.strata) or present < 2:
        raise EstimateError(
            f"{present} of {len(history.strata)} groups have somebody",
            "two or more groups are compared, the strata of the history",
            "leave empty groups out",
        )
    parts = [
        GroupBlock(scores, history.stratum[rows], present)
        for rows, scores in scored_blocks(
            history, rho, gamma, causes, blocks, method, replicates, seed
        )
    ]
    form = form_of(parts)
    tails = None if method == "monte-carlo" else count_groups(parts, form)
    if tails is None and method == "exact":
        raise too_many(history)
    excess = np.zeros(present)
    for part in parts:
        np.add.at(excess, part.group, part.scores)
    seen = sum((part.seen for part in parts), np.zeros(present))
    return ExactLogRankGroups(
        groups=history.strata,
        excess=excess,
        statistic=float(form.of(seen[None, :])[0]) if form.rank else float("nan"),
        df=form.rank,
        tails=tails or draw_groups(parts, form, replicates, seed),
    )
