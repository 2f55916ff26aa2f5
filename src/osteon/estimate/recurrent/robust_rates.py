"""Rates of events that recur in the same patients: person-time with a robust variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import check_positive, expect, listed
from osteon.estimate.clusters import clusters_of, few_clusters
from osteon.estimate.intervals import Estimate, check_conf_level, normal_quantile, wald_p


def robust_rates(
    history: History,
    event: str,
    *,
    per: float = 1.0,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> dict[str, Estimate]:
    """Events per person-time by stratum, a patient's events not taken as independent.

    Parameters
    ----------
    history : History
        Intervals under observation; a subject may have several, and several events.
    event : str
        State whose entry is counted.
    per : float
        The rate is given per so much person-time: 36525 makes days into 100 person-years.
    cluster : array_like of int, shape (n,), optional
        What to sum the variance over instead of subjects.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    dict of str to Estimate
        Limits are symmetric on the log scale; ``std_error`` is that of the rate. No p. A stratum
        without events, or with one cluster, has limits 0 and inf: the spread of counts that are
        all 0, or of one count, says nothing; use the exact `rate`. One without person-time has a
        rate of nan.

    Raises
    ------
    EstimateError
        If the state is unknown, or ``cluster`` does not fit.

    Notes
    -----
    With N_c events in T_c person-time of cluster c, weighted, N and T their sums,

    .. math:: \\lambda = \\frac{N}{T}, \\qquad
        SE = \\frac{1}{T} \\sqrt{\\sum_c (N_c - \\lambda T_c)^2}

    the sandwich of Poisson regression ([1]_), without a small-sample factor. R:
    ``lava::estimate(glm(events ~ 1 + offset(log(time)), poisson), id = cluster)``, on the log
    scale.

    References
    ----------
    .. [1] White (1982), Econometrica 50:1-25, doi:10.2307/1912526.

    Examples
    --------
    Three patients with 3, 1 and 0 events in 100 days each:

    >>> history = History.of(
    ...     subject=[0, 0, 0, 1, 2], entry=[0, 30, 50, 0, 0], exit=[30, 50, 100, 100, 100],
    ...     event=[1, 1, 1, 1, 0], states=("bm", "sre"),
    ... )
    >>> r = robust_rates(history, "sre", per=100)["all"]
    >>> round(r.estimate, 3), round(r.std_error, 3)     # sqrt((5/3)^2 + (1/3)^2 + (4/3)^2) / 3
    (1.333, 0.72)
    """
    check_conf_level(conf_level)
    check_positive("per", per)
    sums = _sums(history, event, cluster)
    return {name: _rate(s, per, conf_level) for name, s in sums.items()}


def robust_rate_ratio(
    history: History,
    event: str,
    *,
    groups: tuple[str, str] | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio of two strata's rates, a patient's events not taken as independent.

    Parameters
    ----------
    history : History
        A subject may spend time in both strata (treatment that begins during follow-up).
    groups : tuple of str, optional
        Strata of numerator and denominator. Default: the second and the first of two.
    event, cluster, conf_level
        As in `robust_rates`.

    Returns
    -------
    Estimate
        ``std_error`` is that of the log ratio; ``p_value`` is Wald's, of a ratio of 1.

    Raises
    ------
    EstimateError
        As `robust_rates`; or if a group is unknown, has no event or is one cluster: use the exact
        `rate_ratio`.

    Notes
    -----
    .. math:: SE(\\log \\lambda_1 / \\lambda_0) = \\sqrt{\\sum_c \\left(
        \\frac{N_{1c} - \\lambda_1 T_{1c}}{N_1} - \\frac{N_{0c} - \\lambda_0 T_{0c}}{N_0}
        \\right)^2}

    the sandwich of Poisson regression on the group ([1]_). R: the coefficient of ``group`` in
    ``lava::estimate(glm(events ~ group + offset(log(time)), poisson), id = cluster)``.

    References
    ----------
    .. [1] White (1982), Econometrica 50:1-25, doi:10.2307/1912526.

    Examples
    --------
    >>> history = History.of(
    ...     subject=[0, 0, 1, 1, 2], entry=[0, 50, 0, 60, 0], exit=[50, 100, 60, 100, 100],
    ...     event=[1, 1, 1, 0, 1], stratum=[0, 1, 0, 1, 1],
    ...     states=("bm", "sre"), strata=("untreated", "treated"),
    ... )
    >>> ratio = robust_rate_ratio(history, "sre")
    >>> round(ratio.estimate, 4), round(ratio.std_error, 4)   # (2 / 190) / (2 / 110)
    (0.5789, 0.2541)
    """
    check_conf_level(conf_level)
    sums = _sums(history, event, cluster)
    one, nought = (sums[name] for name in _pair(history.strata, groups))
    if one.total_events == 0 or one.total_time == 0 or nought.total_events == 0:
        raise EstimateError(
            "a group has no event",
            "a robust variance needs events in both groups",
            "compare them by the exact `rate_ratio`",
        )
    if min(one.clusters, nought.clusters) == 1:
        raise EstimateError(
            "a group is one subject (or cluster)",
            "a robust variance is told by how subjects differ, in both groups",
            "compare them by the exact `rate_ratio`, if events are independent",
        )
    ratio = one.rate / nought.rate
    influence = one.influence / one.rate - nought.influence / nought.rate
    std_error = float(np.sqrt(influence @ influence))
    factor = float(np.exp(normal_quantile(conf_level) * std_error))
    return Estimate(
        ratio,
        std_error,
        ratio / factor,
        ratio * factor,
        conf_level,
        "robust",
        wald_p(float(np.log(ratio)), std_error),
        few_clusters(min(one.clusters, nought.clusters)),
        error_scale="log",
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Events and person-time of each cluster in one stratum, shape (clusters,)."""

    events: Floats
    time: Floats

    @property
    def clusters(self) -> int:
        """How many were seen in this stratum."""
        return int(np.count_nonzero(self.time))

    @property
    def total_events(self) -> float:
        return float(self.events.sum())

    @property
    def total_time(self) -> float:
        return float(self.time.sum())

    @property
    def rate(self) -> float:
        return self.total_events / self.total_time

    @property
    def influence(self) -> Floats:
        return (self.events - self.rate * self.time) / self.total_time


def _sums(history: History, event: str, cluster: ArrayLike | None) -> dict[str, _Sums]:
    expect(History, history=history)
    if not isinstance(event, str) or event not in history.states[1:]:
        raise EstimateError(
            f'"{event}" is no state that can be entered',
            f"these can: {', '.join(history.states[1:])}",
            did_you_mean(event, history.states[1:]),
        )
    code = clusters_of(history, cluster)
    clusters = int(code.max(initial=-1)) + 1
    happened = history.weight * (history.to_state == history.states.index(event))
    time = history.weight * (history.exit - history.entry)

    def by_cluster(values: Floats, i: int) -> Floats:
        sums = np.bincount(code, weights=values * (history.stratum == i), minlength=clusters)
        return sums.astype(np.float64)

    return {
        name: _Sums(by_cluster(happened, i), by_cluster(time, i))
        for i, name in enumerate(history.strata)
    }


def _rate(sums: _Sums, per: float, conf_level: float) -> Estimate:
    nan = float("nan")
    if sums.total_time == 0:
        return Estimate(nan, nan, 0.0, float("inf"), conf_level, "robust")
    if sums.total_events == 0 or sums.clusters == 1:
        return Estimate(sums.rate * per, nan, 0.0, float("inf"), conf_level, "robust")
    std_error = float(np.sqrt(sums.influence @ sums.influence))
    factor = float(np.exp(normal_quantile(conf_level) * std_error / sums.rate))
    return Estimate(
        sums.rate * per,
        std_error * per,
        sums.rate / factor * per,
        sums.rate * factor * per,
        conf_level,
        "robust",
        cautions=few_clusters(sums.clusters),
    )


def _pair(strata: tuple[str, ...], groups: tuple[str, str] | None) -> tuple[str, str]:
    if groups is None and len(strata) == 2:
        return strata[1], strata[0]
    groups = None if groups is None else listed("groups", groups)  # type: ignore[assignment]
    if groups is None or len(set(groups)) != 2 or not set(groups) <= set(strata):
        raise EstimateError(
            f"the groups are {groups}, the strata {', '.join(strata)}",
            "two strata are compared",
            "name the stratum of the numerator, then that of the denominator",
        )
    return groups
