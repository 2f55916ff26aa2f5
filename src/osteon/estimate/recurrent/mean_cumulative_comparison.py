"""Do two groups differ in the mean number of recurrent events?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import check_start
from osteon.estimate.intervals import check_choice
from osteon.estimate.recurrent.recurrent import VARIANCES, Recurrent, recurrent


@dataclass(frozen=True)
class MeanCumulativeTest:
    """Ghosh and Lin's log-rank-type test of two mean cumulative counts.

    Attributes
    ----------
    difference : float
        Integral of the weights over the difference of the means, first group less second.
    std_error : float
        Its robust standard error.
    z, p_value : float
        Standard normal deviate and two-sided p; nan where nothing is left to compare.
    groups : tuple of str
        The two groups.
    """

    difference: float
    std_error: float
    z: float
    p_value: float
    groups: tuple[str, str]


def mean_cumulative_test(
    history: History,
    event: str,
    *,
    terminal: Sequence[str] | None = None,
    start: float = 0.0,
    cluster: ArrayLike | None = None,
    variance: str = "ghosh-lin",
) -> MeanCumulativeTest:
    """Test that the mean cumulative count of recurrent events is the same in two groups.

    Parameters
    ----------
    history : History
        With two strata, the groups. One subject may spend time in both (treatment that begins
        during follow-up): its two influences are added before they are squared.
    event, terminal, start, cluster, variance
        As in `mean_cumulative`.

    Returns
    -------
    MeanCumulativeTest

    Raises
    ------
    EstimateError
        As `mean_cumulative`, and if there are not two groups.

    Notes
    -----
    .. math:: Q = \\int \\frac{Y_1 Y_2}{Y_1 + Y_2} \\, d(\\mu_1 - \\mu_2), \\qquad
        Z = Q / \\sqrt{\\textstyle\\sum_c \\Psi_c^2}

    over the time at which both groups are at risk, :math:`\\Psi_c` the influence of cluster c
    on Q, the weights being taken as given (the test of [1]_). Without terminal events it is
    Cook, Lawless and Nadeau's test ([2]_), and Q the excess O - E of the log-rank test; the
    variance is that of the groups apart, not pooled under the null hypothesis. R: no call in the
    packages of Debian; Q and Z come from two ``mets::recurrentMarginal`` fits.

    The test compares how many events patients have while they live and after: a group whose
    patients die early has few. Read it beside the curves of survival.

    References
    ----------
    .. [1] Ghosh & Lin (2000), Biometrics 56:554-562, doi:10.1111/j.0006-341X.2000.00554.x.
    .. [2] Cook, Lawless & Nadeau (1996), Biometrics 52:557-571, doi:10.2307/2532895.

    Examples
    --------
    >>> history = History.of(
    ...     subject=[0, 0, 0, 1, 2, 2, 3], entry=[0, 1, 3, 0, 0, 4, 0],
    ...     exit=[1, 3, 5, 2, 4, 6, 6], event=[1, 1, 2, 2, 1, 0, 0],
    ...     stratum=[0, 0, 0, 1, 0, 0, 1], strata=("untreated", "treated"),
    ...     states=("bm", "sre", "dead"),
    ... )
    >>> test = mean_cumulative_test(history, "sre")
    >>> round(test.difference, 3)                   # 1 * 1/2 at 1, 2/3 * 1/2 at 3 and at 4
    1.167
    """
    expect(History, history=history)
    check_start(start)
    check_choice("variance", variance, VARIANCES)
    if len(history.strata) != 2:
        raise EstimateError(
            f"there are {len(history.strata)} groups to compare",
            "the groups are the two strata of the history",
            "choose two of them",
        )
    first, second = recurrent(history, event, terminal, start, cluster, variance).values()
    weights = _both_at_risk(first, second), _both_at_risk(second, first)
    difference = float((first.weighted_mean(weights[0]))[-1] - second.weighted_mean(weights[1])[-1])
    clusters = 1 + max(int(first.cluster.max()), int(second.cluster.max()))
    influence = first.influence(weights[0], clusters) - second.influence(weights[1], clusters)
    std_error = float(np.sqrt(influence @ influence))
    z = difference / std_error if std_error > 0 else float("nan")
    names = (history.strata[0], history.strata[1])
    return MeanCumulativeTest(difference, std_error, z, float(2 * ndtr(-abs(z))), names)


def _both_at_risk(own: Recurrent, other: Recurrent) -> np.ndarray:
    """Y_1 Y_2 / (Y_1 + Y_2) at the first group's times."""
    theirs = other.at_risk_at(own.time)
    return own.at_risk * theirs / (own.at_risk + theirs)
