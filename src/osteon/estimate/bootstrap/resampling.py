"""The bootstrap as reweighting: patients are drawn by giving them 0, 1, 2, ... votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import (
    check_left_once,
    chosen_times,
    expect,
    flag,
    number,
    whole_number,
)
from osteon.estimate.bootstrap.replicates import Pools, numbered, plan_of, replicate, votes_of
from osteon.estimate.bootstrap.resampling_limits import bootstrap_limits
from osteon.estimate.curves.aalen_johansen import refuse_intermediate_states
from osteon.estimate.curves.curve import check_start
from osteon.estimate.curves.pulls import incidence_at, pulls_of, survival_at
from osteon.estimate.intervals import Estimate
from osteon.estimate.shown import shown
from osteon.estimate.tables.risk_table import RiskTable, index_of, risk_table


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Survival and cumulative incidences at chosen times, in the data and in every replicate.

    Attributes
    ----------
    strata, causes : tuple of str
        Groups, and outcomes that compete.
    times : ndarray of float, shape (m,)
        In days.
    survival : ndarray of float, shape (strata, m, B)
        Probability of none of the outcomes by each time, in each replicate; nan where a replicate
        drew nobody of the stratum.
    incidence : ndarray of float, shape (strata, causes, m, B)
        Probability of each outcome by each time.
    observed_survival : ndarray of float, shape (strata, m)
        Survival of the data themselves.
    observed_incidence : ndarray of float, shape (strata, causes, m)
        Their incidences.
    seed, replicates : int
        The numbers that make the same result again, on any machine.
    history : History
        What was drawn from.
    cluster : ndarray of int, shape (n,)
        What was drawn as one.
    start : float
        Only event times after it enter, in days.
    """

    strata: tuple[str, ...]
    causes: tuple[str, ...]
    times: Floats
    survival: Floats
    incidence: Floats
    observed_survival: Floats
    observed_incidence: Floats
    seed: int
    replicates: int
    history: History
    cluster: Integers
    start: float

    def __repr__(self) -> str:
        """How much is in it; the numbers are read by `bootstrap_estimate`."""
        facts = [
            f"{self.replicates} replicates, seed {self.seed}",
            f"strata {', '.join(self.strata)}",
            f"{self.times.size} times",
        ]
        return shown("Bootstrap", facts)


def bootstrap(
    history: History,
    times: ArrayLike,
    *,
    seed: int,
    replicates: int = 1000,
    cluster: ArrayLike | None = None,
    within_strata: bool = True,
    start: float = 0.0,
) -> Bootstrap:
    """Resample patients, and estimate survival and cumulative incidences in each replicate.

    Parameters
    ----------
    history : History
        All transitions lead from the initial state to states that nobody leaves. Case weights
        multiply the votes.
    times : array_like of float, shape (m,)
        When to read the curves, in days.
    seed : int
        Not negative; the same seed gives the same replicates on every machine.
    replicates : int
        How many, at least 2; 1000 or more for limits.
    cluster : array_like, shape (n,), optional
        What is drawn as one, one value an interval. Default: the subject.
    within_strata : bool
        True draws as many patients of each stratum as there are; False draws from all, so that
        the strata's sizes vary too, and clusters may lie across strata.
    start : float
        Only event times after ``start`` enter, in days.

    Returns
    -------
    Bootstrap
        For `bootstrap_estimate` and `bootstrap_difference`.

    Raises
    ------
    EstimateError
        If somebody leaves a state other than the initial one, a time lies outside a stratum's
        curve, a cluster lies in two strata though it is drawn within them, or a number is no
        count.

    Notes
    -----
    A replicate gives each cluster a multinomial number of votes and computes the weighted
    Aalen-Johansen estimate ([1]_, chapter 6):

    .. math:: t^*_b = t(w_1 V_1, \\dots, w_n V_n), \\qquad
        (V_1, \\dots, V_n) \\sim \\text{multinomial}(n; \\tfrac1n, \\dots, \\tfrac1n)

    After the last patient drawn a curve stays where it
    is. Random bits are PCG64's, 32 for each draw, made an index by multiplication and shift:
    integer arithmetic that no version of a library changes (an index of n has a probability
    within n / 2**32 of 1 / n, relatively). Clusters are numbered by their labels and sums run in
    the order of time, so the replicates are the same to the bit wherever they are computed.

    R: ``boot(data, function(d, i) summary(survfit(..., d[i, ]), times =)$surv, R, strata =)``,
    whose draws differ.

    References
    ----------
    .. [1] Efron & Tibshirani (1993), An Introduction to the Bootstrap,
       doi:10.1201/9780429246593.

    Examples
    --------
    >>> history = History.of(
    ...     exit=[2, 4, 6, 8, 3, 5, 7, 9], event=[1, 0, 1, 0, 1, 1, 1, 0],
    ...     stratum=[0] * 4 + [1] * 4, strata=("a", "b"),
    ... )
    >>> drawn = bootstrap(history, [6], seed=1, replicates=200)
    >>> drawn.survival.shape, drawn.observed_survival[:, 0].tolist()
    ((2, 1, 200), [0.375, 0.5])
    """
    check_start(start)
    _check_counts(seed, replicates)
    table = risk_table(history)
    refuse_intermediate_states(table)
    check_left_once(history)
    moments = chosen_times(times)
    _check_times(table, moments, start)
    groups, pools = numbered(history, cluster, flag("within_strata", within_strata))
    plan = [plan_of(history, table, i, groups, moments, start) for i in range(len(table.strata))]
    drawn = replicate(plan, pools, seed, replicates)
    observed = np.stack([part.curves(np.ones((pools.first.size, 1))) for part in plan])[..., 0]
    return Bootstrap(
        strata=table.strata,
        causes=table.risk_sets(table.strata[0]).causes,
        times=moments,
        survival=drawn[:, 0],
        incidence=drawn[:, 1:],
        observed_survival=observed[:, 0],
        observed_incidence=observed[:, 1:],
        seed=seed,
        replicates=replicates,
        history=history,
        cluster=groups,
        start=start,
    )


def bootstrap_estimate(
    drawn: Bootstrap,
    stratum: str,
    time: float,
    *,
    cause: str | None = None,
    conf_level: float = 0.95,
    limits: str = "percentile",
) -> Estimate:
    """Survival, or the incidence of a cause, at one time, with bootstrap limits.

    Parameters
    ----------
    drawn : Bootstrap
        From `bootstrap`, with ``time`` among its times.
    stratum : str
        Which group.
    time : float
        In days.
    cause : str, optional
        An outcome, for its cumulative incidence. Default: survival free of all.
    conf_level : float
        Two-sided confidence.
    limits : {"percentile", "bca", "normal"}
        As in `bootstrap_limits`.

    Returns
    -------
    Estimate
        ``std_error`` is the standard deviation of the replicates. No p.

    Raises
    ------
    EstimateError
        If the stratum, the cause or the limits are unknown, the time was not drawn, or as
        `bootstrap_limits`.

    Notes
    -----
    :math:`\\hat\\theta = t(w)`, with the limits of :math:`t^*_1, \\dots, t^*_B` ([1]_, chapter 5).
    R: ``boot.ci(boot(data, function(d, i) summary(survfit(..., d[i, ]), times =)$surv, R))``.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods and their Application,
       doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> history = History.of(exit=[2, 4, 6, 8, 9], event=[1, 0, 1, 1, 0])
    >>> drawn = bootstrap(history, [6], seed=1, replicates=500)
    >>> survival = bootstrap_estimate(drawn, "all", 6)
    >>> round(survival.estimate, 4), survival.interval
    (0.5333, 'bootstrap percentile')
    """
    return _estimate(drawn, [(stratum, 1.0)], time, cause, conf_level, limits)


def bootstrap_difference(
    drawn: Bootstrap,
    a: str,
    b: str,
    time: float,
    *,
    cause: str | None = None,
    conf_level: float = 0.95,
    limits: str = "percentile",
) -> Estimate:
    """Difference of two strata's survival, or incidence of a cause, at one time.

    Parameters
    ----------
    drawn, time, cause, conf_level, limits
        As in `bootstrap_estimate`.
    a, b : str
        The strata; the difference is ``a - b``.

    Returns
    -------
    Estimate
        ``std_error`` is the standard deviation of the replicates. No p.

    Raises
    ------
    EstimateError
        As `bootstrap_estimate`.

    Notes
    -----
    :math:`\\hat\\theta_a - \\hat\\theta_b`, with the limits of the replicates'
    :math:`t^*_{ab} - t^*_{bb}`: both strata are drawn in each replicate ([1]_, chapter 5). R:
    ``boot.ci(boot(data, function(d, i) diff(summary(survfit(..., d[i, ]), times =)$surv), R,
    strata = group))``.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods and their Application,
       doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> history = History.of(
    ...     exit=[2, 4, 6, 8, 3, 5, 7, 9], event=[1, 0, 1, 0, 1, 1, 1, 0],
    ...     stratum=[0] * 4 + [1] * 4, strata=("a", "b"),
    ... )
    >>> drawn = bootstrap(history, [6], seed=1, replicates=500)
    >>> bootstrap_difference(drawn, "a", "b", 6).estimate
    -0.125
    """
    return _estimate(drawn, [(a, 1.0), (b, -1.0)], time, cause, conf_level, limits)


def bootstrap_weights(clusters: int, replicates: int, *, seed: int) -> Integers:
    """Votes of each cluster in each replicate, for estimators that take weights.

    Parameters
    ----------
    clusters, replicates : int
        How many of each.
    seed : int
        Not negative; the same seed gives the same votes on every machine.

    Returns
    -------
    ndarray of int, shape (replicates, clusters)
        Multinomial: every row adds up to ``clusters``.

    Raises
    ------
    EstimateError
        If a number is no count.

    Examples
    --------
    >>> bootstrap_weights(5, 3, seed=1).sum(axis=1).tolist()
    [5, 5, 5]
    """
    _check_counts(seed, replicates)
    whole_number("clusters", clusters, 1)
    pools = Pools(np.full(clusters, clusters, np.uint64), np.zeros(clusters, np.intp))
    return votes_of(np.random.PCG64(seed), pools, replicates).T.astype(np.int64)


def _estimate(
    drawn: Bootstrap,
    terms: list[tuple[str, float]],
    time: float,
    cause: str | None,
    conf_level: float,
    limits: str,
) -> Estimate:
    expect(Bootstrap, drawn=drawn)
    m = _place(drawn, number("time", time))
    estimate, values, influence = 0.0, np.zeros(drawn.replicates), None
    for stratum, sign in terms:
        i = index_of("stratum", stratum, drawn.strata)
        if cause is None:
            replicates, observed = drawn.survival[i, m], drawn.observed_survival[i, m]
        else:
            k = index_of("cause", cause, drawn.causes)
            replicates, observed = drawn.incidence[i, k, m], drawn.observed_incidence[i, k, m]
        estimate, values = estimate + sign * float(observed), values + sign * replicates
    if isinstance(limits, str) and limits == "bca":
        pull = survival_at(time) if cause is None else incidence_at(cause, time)
        pulls = pulls_of(drawn.history, pull, cluster=drawn.cluster, start=drawn.start)
        influence = sum(sign * pulls[stratum] for stratum, sign in terms)
    return bootstrap_limits(
        estimate, values, conf_level=conf_level, limits=limits, influence=influence
    )


def _place(drawn: Bootstrap, time: float) -> int:
    places = np.flatnonzero(drawn.times == time)
    if places.size == 0:
        raise EstimateError(
            f"day {time:g} was not resampled",
            f"days are {', '.join(f'{t:g}' for t in drawn.times)}",
            "name it in the `times` of `bootstrap`",
        )
    return int(places[0])


def _check_counts(seed: int, replicates: int) -> None:
    whole_number("seed", seed, 0)
    whole_number("replicates", replicates, 2)


def _check_times(table: RiskTable, times: Floats, start: float) -> None:
    if not times.size:
        raise EstimateError("no time is named", "one or more days at which to read the curves")
    for stratum in table.strata:
        seen = table.risk_sets(stratum, start=start).time
        end = seen[-1] if seen.size else start
        if not ((times > start) & (times <= end)).all():
            raise EstimateError(
                f'a time lies outside the curves of "{stratum}"',
                f"they run from day {start:g} to day {end:g}",
                "choose times that every group's follow-up reaches",
            )
