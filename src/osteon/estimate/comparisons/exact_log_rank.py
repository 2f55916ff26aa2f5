"""Log-rank tests of two small groups by permutation: exact where feasible, seeded where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, group_codes, whole_number
from osteon.estimate.comparisons.log_rank import check_power, fleming_harrington
from osteon.estimate.comparisons.permutation import LISTED, Block, Tails, count_all, draw
from osteon.estimate.intervals import check_choice
from osteon.estimate.regression.design_matrix import event_indicator


@dataclass(frozen=True)
class ExactLogRank:
    """Result of a permutation log-rank test.

    Attributes
    ----------
    groups : tuple of str
        The two groups.
    excess : float
        Weighted events of the second group less those expected: O - E of `log_rank`.
    z : float
        ``excess`` over its standard deviation under permutation; nan where that is 0.
    tails : Tails
        Two-sided p (permutations at least as far from expectation, either way), its mid-p, the
        one-sided p ("greater": the second group has so many events over expectation), and
        whether all permutations were counted or some drawn.
    """

    groups: tuple[str, str]
    excess: float
    z: float
    tails: Tails

    @property
    def p_value(self) -> float:
        """Two-sided p."""
        return self.tails.p_value


def exact_log_rank(
    history: History,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    causes: Sequence[str] | None = None,
    blocks: Integers | None = None,
    method: str = "auto",
    replicates: int = 100_000,
    seed: int = 0,
) -> ExactLogRank:
    """Compare two small groups by the permutation distribution of the log-rank statistic.

    Parameters
    ----------
    history : History
        With two strata, the groups, and one interval a subject.
    rho, gamma : float
        0 or more. Weights S(t-)**rho (1 - S(t-))**gamma, as in `log_rank`.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: any.
    blocks : ndarray of int, shape (n,), optional
        Strata of a stratified test: labels are exchanged within them. Default: one.
    method : {"auto", "exact", "monte-carlo"}
        "auto" counts all permutations where it can (always up to 42 subjects, further where
        one group is small, times are tied or many are censored early), and draws otherwise.
    replicates : int
        Permutations to draw, 100 or more.
    seed : int
        Of the drawing.

    Returns
    -------
    ExactLogRank

    Raises
    ------
    EstimateError
        If there are not two groups with somebody in each, a subject has several intervals, rows
        are weighted, or an exact answer is asked for that cannot be had.

    Notes
    -----
    The log-rank excess is linear in the labels: with d events of n at risk at each time,

    .. math:: O - E = \\sum_{i \\in g} a_i, \\qquad
        a_i = w(t_i) \\delta_i - \\sum_{e_i < t \\le t_i} w(t) \\frac{d(t)}{n(t)}

    and all scores a_i are those of everyone together, so exchanging labels only redistributes
    them ([1]_). All :math:`\\binom{n}{n_1}` sums are counted by listing those of two halves of
    the scores and looking up, for each of one half, how many of the other reach the tail ([2]_).
    Permutation asks more than the log-rank test does: under the null hypothesis entry and
    censoring, too, must be alike in the groups (or in their blocks). Drawn p-values are
    (1 + hits) / (1 + replicates), never 0.
    R: ``coin::logrank_test(Surv(time, event) ~ factor(group), distribution = "exact", type =
    "Fleming-Harrington", rho =, gamma =)``, whose statistic is that of the first group;
    ``midpvalue()`` gives the mid-p. Its ``| block`` scores everyone together, not block by block.

    References
    ----------
    .. [1] Hothorn & Lausen (2003), Comput. Stat. Data Anal. 43:121-137,
       doi:10.1016/S0167-9473(02)00225-6.
    .. [2] van de Wiel (2001), Comput. Stat. 16:519-538, doi:10.1007/s180-001-8328-6 (split-up).

    Examples
    --------
    Three against three, the second group first to have its events: 2 of 20 orders are as extreme.

    >>> history = History.of(
    ...     exit=[4, 5, 6, 1, 2, 3], event=[1] * 6, stratum=[0, 0, 0, 1, 1, 1],
    ...     strata=("treated", "untreated"),
    ... )
    >>> test = exact_log_rank(history)
    >>> round(test.excess, 4), round(test.p_value, 4), test.tails.permutations
    (1.85, 0.1, 20.0)
    """
    expect(History, history=history)
    if len(history.strata) != 2 or np.unique(history.stratum).size != 2:
        raise EstimateError(
            f"{np.unique(history.stratum).size} of {len(history.strata)} groups have somebody",
            "two groups are compared, the strata of the history",
            "choose two of them, or use `exact_log_rank_groups`",
        )
    second = history.stratum == 1
    parts = [
        Block(scores, second[rows])
        for rows, scores in scored_blocks(
            history, rho, gamma, causes, blocks, method, replicates, seed
        )
    ]
    tails = None if method == "monte-carlo" else count_all(parts)
    if tails is None and method == "exact":
        raise too_many(history)
    excess = sum(float(part.scores[part.second].sum()) for part in parts)
    variance = sum(part.variance for part in parts)
    z = sum(part.seen for part in parts) / np.sqrt(variance) if variance > 0 else np.nan
    names = (history.strata[0], history.strata[1])
    return ExactLogRank(names, excess, float(z), tails or draw(parts, replicates, seed))


def scored_blocks(
    history: History,
    rho: float,
    gamma: float,
    causes: Sequence[str] | None,
    blocks: Integers | None,
    method: str,
    replicates: int,
    seed: int,
) -> Iterator[tuple[NDArray[np.bool_], Floats]]:
    """Check what both tests ask for; yield the rows and the scores of each block."""
    check_power(rho=rho, gamma=gamma)
    check_choice("method", method, ("auto", "exact", "monte-carlo"))
    _check(history, replicates, seed)
    event = event_indicator(history, causes)
    n = len(history)
    codes = np.zeros(n, dtype=np.int64) if blocks is None else group_codes("blocks", blocks, n)
    for block in np.unique(codes):
        rows = codes == block
        yield (
            rows,
            _scores(history.entry[rows], history.exit[rows], event[rows], rho, gamma),
        )


def too_many(history: History) -> EstimateError:
    """What is said where an exact answer cannot be had."""
    return EstimateError(
        f"{len(history)} subjects have too many permutations to count",
        f"an exact answer lists at most {LISTED} sums",
        'use method="monte-carlo"',
    )


def _scores(entry: Floats, exit_: Floats, event: np.ndarray, rho: float, gamma: float) -> Floats:
    time = np.unique(exit_[event])
    if time.size == 0:
        return np.zeros(exit_.size)
    at_risk = np.array([((entry < t) & (t <= exit_)).sum() for t in time], dtype=np.float64)
    events = np.array([(event & (exit_ == t)).sum() for t in time], dtype=np.float64)
    weight = fleming_harrington(at_risk, events, rho, gamma)
    passed = np.concatenate([[0.0], np.cumsum(weight * events / at_risk)])
    before_exit = np.searchsorted(time, exit_, side="right")
    before_entry = np.searchsorted(time, entry, side="right")
    own = np.where(event, np.append(weight, 0.0)[np.searchsorted(time, exit_)], 0.0)
    return own - passed[before_exit] + passed[before_entry]


def _check(history: History, replicates: int, seed: int) -> None:
    if np.unique(history.subject).size < len(history):
        raise EstimateError(
            "a subject has several intervals",
            "labels are exchanged between subjects, one interval each",
            "use `log_rank`",
        )
    if np.any(history.weight != 1):
        raise EstimateError(
            "rows are weighted",
            "labels are exchanged between single subjects",
            "repeat a row for each subject it stands for",
        )
    whole_number("replicates", replicates, 100)
    whole_number("seed", seed, 0)
