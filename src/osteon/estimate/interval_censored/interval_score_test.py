"""Do groups differ, when events are known only to lie between two examinations?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from scipy.special import xlogy

from osteon.contracts.arrays import Floats, Integers, numbers
from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, whole_number
from osteon.estimate.chi_squared import chi_squared
from osteon.estimate.interval_censored.innermost import innermost_intervals
from osteon.estimate.interval_censored.npmle import maximise_npmle
from osteon.estimate.intervals import check_choice

_ENUMERABLE = 500_000  # ways to form two groups that are all looked at
_AT_ONCE = 20_000
_TIED = 1e-9  # statistics nearer than this, relatively, are as extreme


@dataclass(frozen=True, eq=False)
class IntervalScoreTest:
    """Result of a score test on interval-censored times.

    Attributes
    ----------
    statistic : float
        Chi-squared statistic; for a trend, and for two groups, the square of ``z``.
    df : int
        Degrees of freedom.
    p_value : float
        By ``method``.
    z : float
        Standard normal deviate of a trend; of two groups, positive if the second has events
        earlier; nan otherwise.
    groups : tuple of str
        Those that have subjects.
    n : ndarray of int, shape (groups,)
        Subjects.
    score_sums : ndarray of float, shape (groups,)
        Sum of scores, positive where events come early; with Sun's scores and exact times it is
        observed less expected events.
    scores : {"sun", "finkelstein", "wilcoxon"}
        Of what.
    method : {"asymptotic", "exact", "monte carlo"}
        How the permutation distribution was had.
    """

    statistic: float
    df: int
    p_value: float
    z: float
    groups: tuple[str, ...]
    n: Integers
    score_sums: Floats
    scores: str
    method: str


def interval_score_test(
    bounds: Bounds,
    *,
    scores: str = "sun",
    method: str = "asymptotic",
    trend: Sequence[float] | None = None,
    replicates: int = 9999,
    seed: int = 1,
) -> IntervalScoreTest:
    """Test that the strata have one distribution, by permutation of scores.

    Parameters
    ----------
    bounds : Bounds
        The groups are its strata. Without late entry and weights.
    scores : {"sun", "finkelstein", "wilcoxon"}
        "sun" and "finkelstein" are log-rank scores, most powerful if hazards are proportional;
        they differ as a sum of hazards does from minus the log of survival. "wilcoxon" is most
        powerful for proportional odds: it looks at early times.
    method : {"asymptotic", "exact", "monte carlo"}
        Chi-squared approximation; all ways to form the two groups (up to 500,000); or
        ``replicates`` random ones, whose p is (1 + as extreme) / (1 + replicates).
    trend : sequence of float, optional
        One value a group, such as a dose, for a test of trend with 1 degree of freedom.
    replicates, seed : int
        For "monte carlo".

    Returns
    -------
    IntervalScoreTest

    Raises
    ------
    EstimateError
        If there are fewer than two groups, subjects enter late or are weighted (their
        labels cannot be exchanged), or there are too many ways for "exact".

    Notes
    -----
    With S the Turnbull estimate of all groups together, and subject i known to lie in
    :math:`(l, r]`, the scores are ([1]_; Sun [2]_, Finkelstein [3]_)

    .. math:: \\frac{S(l) \\log \\tilde S(l) - S(r) \\log \\tilde S(r)}{S(l) - S(r)}, \\qquad
        \\frac{S(l) \\log S(l) - S(r) \\log S(r)}{S(l) - S(r)}, \\qquad S(l) + S(r) - 1

    with :math:`-\\log \\tilde S` the cumulative hazard, a sum of p_j / S(before j). They add up to 0;
    under the hypothesis, if scans are scheduled alike in all groups, labels are exchangeable, and

    .. math:: X^2 = \\frac{n - 1}{\\sum_i c_i^2} \\sum_g \\frac{U_g^2}{n_g}, \\qquad
        U_g = \\sum_{i \\in g} c_i

    R: ``coin::independence_test(c ~ group)`` on the scores;
    ``interval::ictest(Surv(left, right, type = "interval2") ~ group, scores = "logrank1")``
    ("logrank2", "wmw") where its NPMLE has converged. On exact times without ties Sun's scores are those of the log-rank test, whose
    variance is another.

    References
    ----------
    .. [1] Fay & Shaw (2010), J. Stat. Softw. 36(2), doi:10.18637/jss.v036.i02.
    .. [2] Sun (1996), Stat. Med. 15:1387-1395.
    .. [3] Finkelstein (1986), Biometrics 42:845-854, doi:10.2307/2530698.

    Examples
    --------
    Three convert before their first scan on day 30, three not until the last one on day 90; all
    20 ways to form two groups of three, of which 2 are as extreme:

    >>> bounds = Bounds.of(
    ...     left=[0, 0, 0, 90, 90, 90], right=[30, 30, 30, np.inf, np.inf, np.inf],
    ...     stratum=[0, 0, 0, 1, 1, 1], strata=("bone", "other"),
    ... )
    >>> test = interval_score_test(bounds, method="exact")
    >>> test.score_sums.tolist(), test.p_value
    ([1.5, -1.5], 0.1)
    """
    check_choice("scores", scores, _SCORES)
    check_choice("method", method, ("asymptotic", "exact", "monte carlo"))
    _check(bounds)
    whole_number("replicates", replicates, 1)
    whole_number("seed", seed, 0)
    present, group = np.unique(bounds.stratum, return_inverse=True)
    names = tuple(bounds.strata[s] for s in present)
    values = _scores(bounds, scores)
    n = np.bincount(group).astype(np.int64)
    contrast = _contrast(n, trend)
    sums = np.asarray(np.bincount(group, values), dtype=np.float64)
    spread = float(values @ values) / (len(bounds) - 1)
    if not spread > 0:
        raise EstimateError(
            "every subject has the same score",
            "a test needs windows that differ",
            "report that no difference can be seen on these scans",
        )

    def statistic(sums: Floats) -> Floats:
        return ((sums @ contrast) ** 2).sum(axis=-1) / spread

    observed, df = float(statistic(sums)), contrast.shape[1]
    p_value = chi_squared(observed, df).p_value
    if method != "asymptotic":
        p_value = _permuted(values, group, observed, statistic, method, replicates, seed)
    return IntervalScoreTest(
        statistic=observed,
        df=df,
        p_value=p_value,
        z=float(sums @ contrast[:, 0] / math.sqrt(spread)) if df == 1 else float("nan"),
        groups=names,
        n=n,
        score_sums=sums,
        scores=scores,
        method=method,
    )


def _scores(bounds: Bounds, scores: str) -> Floats:
    windows = innermost_intervals(bounds.left, bounds.right)
    fit = maximise_npmle(windows)
    survival = 1 - np.concatenate([[0.0], np.cumsum(fit.mass)])
    survival[-1] = 0.0
    return _SCORES[scores](survival, windows.first, windows.last + 1)


def _sun(survival: Floats, low: Integers, high: Integers) -> Floats:
    before = survival[:-1]
    hazard = np.divide(-np.diff(survival), before, out=np.zeros(before.size), where=before > 1e-14)
    cumulative = np.concatenate([[0.0], np.cumsum(hazard)])
    area = -survival * cumulative
    return (area[low] - area[high]) / (survival[low] - survival[high])


def _finkelstein(survival: Floats, low: Integers, high: Integers) -> Floats:
    area = xlogy(survival, np.maximum(survival, 1e-300))
    return (area[low] - area[high]) / (survival[low] - survival[high])


def _wilcoxon(survival: Floats, low: Integers, high: Integers) -> Floats:
    return survival[low] + survival[high] - 1


_SCORES: dict[str, Callable[[Floats, Integers, Integers], Floats]] = {
    "sun": _sun,
    "finkelstein": _finkelstein,
    "wilcoxon": _wilcoxon,
}


def _contrast(n: Integers, trend: Sequence[float] | None) -> Floats:
    """Columns whose squares with the score sums add up to the statistic times the spread."""
    if trend is None and n.size > 2:
        return _orthonormal(n)
    dose = np.arange(2.0) if trend is None else numbers("trend", trend)
    if dose.shape != n.shape or not np.isfinite(dose).all() or np.ptp(dose) == 0:
        raise EstimateError(
            f"`trend` has {dose.size} values, there are {n.size} groups with subjects",
            "one value a group, finite and not all the same",
        )
    centred = dose - (n @ dose) / n.sum()
    return (centred / math.sqrt(n @ centred**2))[:, None]


def _orthonormal(n: Integers) -> Floats:
    """Root of diag(1 / n) on sums that add up to 0."""
    root = np.sqrt(n)
    basis = np.linalg.svd(root[None, :])[2][1:]  # what is at right angles to sqrt(n)
    return (basis / root).T


def _permuted(
    values: Floats,
    group: Integers,
    observed: float,
    statistic: Callable[[Floats], Floats],
    method: str,
    replicates: int,
    seed: int,
) -> float:
    extreme, total = (1, 1) if method == "monte carlo" else (0, 0)
    chunks = (
        _all_sums(values, group)
        if method == "exact"
        else _random_sums(values, group, replicates, np.random.default_rng(seed))
    )
    for sums in chunks:
        extreme += int((statistic(sums) >= observed * (1 - _TIED) - 1e-12).sum())
        total += len(sums)
    return extreme / total


def _all_sums(values: Floats, group: Integers) -> Iterator[Floats]:
    n, n_first = values.size, int((group == 0).sum())
    ways = math.comb(n, n_first)
    if group.max() > 1 or ways > _ENUMERABLE:
        raise EstimateError(
            f"there are {group.max() + 1} groups and {n} subjects",
            f'"exact" takes two groups that can be formed in at most {_ENUMERABLE} ways',
            'take "monte carlo"',
        )
    all_of_them, total = combinations(range(n), n_first), float(values.sum())
    while chosen := list(islice(all_of_them, _AT_ONCE)):
        first = values[np.array(chosen)].sum(axis=1)
        yield np.column_stack([first, total - first])


def _random_sums(
    values: Floats, group: Integers, replicates: int, rng: np.random.Generator
) -> Iterator[Floats]:
    member = np.eye(int(group.max()) + 1)[group]
    for _ in range(replicates):
        yield (rng.permutation(values) @ member)[None, :]


def _check(bounds: Bounds) -> None:
    expect(Bounds, bounds=bounds)
    if np.unique(bounds.stratum).size < 2:
        raise EstimateError(
            "there are fewer than two groups with subjects",
            "the groups are the strata of the bounds",
            "give the bounds a `stratum`",
        )
    if np.ptp(bounds.entry) > 0:
        raise EstimateError(
            "subjects enter at different times",
            "labels can be exchanged only among subjects who were at risk alike",
            "compare the groups by a covariate in `accelerated_failure` or `piecewise_exponential`",
        )
    if (bounds.weight != 1).any():
        raise EstimateError(
            "subjects are weighted",
            "labels can be exchanged only among subjects who count alike",
            "compare the groups by a covariate in `accelerated_failure` or `piecewise_exponential`",
        )
