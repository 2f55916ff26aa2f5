"""The bootstrap as reweighting: patients are drawn by giving them 0, 1, 2, ... votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from osteon.contracts.history import Floats, History, Integers
from osteon.errors import EstimateError
from osteon.estimate.aalen_johansen import refuse_intermediate_states
from osteon.estimate.curve import check_start
from osteon.estimate.influence import clusters_of, pulls_at
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level
from osteon.estimate.risk_table import RiskTable, index_of, risk_table

LIMITS = ("percentile", "bca", "normal")
COMPILE_FROM = 2_000  # clusters; a smaller study never waits for the compiler
_COMPILE_CELLS = 5_000_000  # replicates x clusters; below, NumPy is done before numba is loaded
_CHUNK = 2**21  # replicates x clusters held at once: 16 MB
_BLOCK = 2**16  # drawn at once: what stays near the processor


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
    observed_survival, observed_incidence : ndarray of float
        The same of the data themselves, without the last axis.
    seed, replicates : int
        The numbers that make the same result again, on any machine.
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
    Aalen-Johansen estimate ([1]_, chapter 6); after the last patient drawn a curve stays where it
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
    moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
    _check_times(table, moments, start)
    groups, pools = _numbered(history, cluster, within_strata)
    plan = [_plan(history, table, i, groups, moments, start) for i in range(len(table.strata))]
    drawn = _replicate(plan, pools, seed, replicates)
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


def bootstrap_limits(
    estimate: float,
    replicates: ArrayLike,
    *,
    conf_level: float = 0.95,
    limits: str = "percentile",
    influence: ArrayLike | None = None,
) -> Estimate:
    """Limits of any estimate from its bootstrap replicates.

    Parameters
    ----------
    estimate : float
        From the data.
    replicates : array_like of float, shape (B,)
        The same in each replicate; nan, where a replicate had no answer, is left out.
    conf_level : float
        Two-sided confidence.
    limits : {"percentile", "bca", "normal"}
        "percentile" takes quantiles of the replicates; "bca" corrects them for bias and for
        acceleration; "normal" is estimate - bias +/- z standard deviations.
    influence : array_like of float, shape (clusters,)
        For "bca": how far each cluster pulls the estimate (derivative by its weight).

    Returns
    -------
    Estimate
        ``std_error`` is the standard deviation of the replicates.

    Raises
    ------
    EstimateError
        If fewer than 2 replicates are left, too few for the confidence asked, or "bca" has no
        ``influence``, or the estimate lies beyond all replicates.

    Notes
    -----
    Quantiles lie at (B + 1) p, interpolated on the normal scale between order statistics. With
    :math:`z_0 = \\Phi^{-1}(\\#\\{t^* < t\\} / B)` and
    :math:`a = \\sum l_i^3 / (6 (\\sum l_i^2)^{3/2})`, "bca" takes p at
    :math:`\\Phi(z_0 + (z_0 + z_p) / (1 - a (z_0 + z_p)))` ([1]_, chapter 5). R: ``boot.ci(type =
    c("perc", "bca", "norm"), L =)`` gives the same from the same replicates.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods and their Application,
       doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> found = bootstrap_limits(50, range(1, 100), conf_level=0.9)
    >>> round(found.conf_low, 6), round(found.conf_high, 6)
    (5.0, 95.0)
    """
    check_conf_level(conf_level)
    check_choice("limits", limits, LIMITS)
    values = np.sort(np.asarray(replicates, dtype=np.float64))
    values = values[~np.isnan(values)]
    if values.size < 2:
        raise EstimateError(
            f"{values.size} replicates have an answer", "limits need many, 1000 or more"
        )
    std_error = float(values.std(ddof=1))
    z = ndtri((1 + conf_level) / 2)
    if limits == "normal":
        centre = 2 * estimate - float(values.mean())
        low, high = centre - z * std_error, centre + z * std_error
    else:
        p = ndtr(np.array([-z, z]))
        if limits == "bca" and values[0] != values[-1]:
            p = _bias_corrected(p, estimate, values, influence)
        low, high = (_order_statistic(values, x) for x in p)
    return Estimate(
        float(estimate), std_error, float(low), float(high), conf_level, f"bootstrap {limits}"
    )


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

    Examples
    --------
    >>> bootstrap_weights(5, 3, seed=1).sum(axis=1).tolist()
    [5, 5, 5]
    """
    _check_counts(seed, replicates)
    pools = _Pools(np.full(clusters, clusters, np.uint64), np.zeros(clusters, np.intp))
    return _votes(np.random.PCG64(seed), pools, replicates).T.astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Pools:
    """Where each draw draws from: ``size`` clusters from number ``first`` on; shape (clusters,)."""

    size: NDArray[np.uint64]
    first: Integers


@dataclass(frozen=True, eq=False)
class _Plan:
    """One stratum's intervals, the latest end first, so that a running sum is the risk set.

    At a tied time events are nearer to time zero than censorings; taking tied events one after
    the other gives the same product and the same sums as taking them together.

    ``event`` are the places of the events among the intervals, in the order of time, ``cause``
    their kinds and ``entered_later`` how many intervals, ordered by ``entry`` from the latest,
    begin at or after each. ``until`` counts the events up to each time asked for.
    """

    cluster: Integers
    weight: Floats | None
    event: Integers
    cause: Integers
    by_entry: Integers
    entered_later: Integers
    until: Integers
    causes: int

    def curves(self, votes: Floats) -> Floats:
        """Survival and incidences at the times, shape (1 + causes, m, replicates)."""
        replicates = votes.shape[1]
        at_risk, total = self._risk_sets(votes)
        survival, incidence = np.ones(replicates), np.zeros((self.causes, replicates))
        found = np.empty((1 + self.causes, self.until.size, replicates))
        done = 0
        for m in np.argsort(self.until, kind="stable"):
            for e in range(done, self.until[m]):
                happened = self._drawn(votes, self.event[e])
                share = np.divide(
                    happened, at_risk[e], out=np.zeros(replicates), where=happened > 0
                )
                incidence[self.cause[e]] += survival * share
                survival *= np.maximum(1.0 - share, 0.0)
            done = self.until[m]
            found[0, m], found[1:, m] = survival, incidence
        found[..., total == 0] = np.nan
        return found

    def curves_compiled(self, counts: Integers) -> Floats:
        """The same to the bit, of counts of shape (replicates, clusters)."""
        from osteon.estimate import compiled  # imports numba: not for a centre's own study

        found = np.empty((1 + self.causes, self.until.size, len(counts)))
        weight = np.ones(self.cluster.size) if self.weight is None else self.weight
        columns = (self.cluster, weight, self.event, self.cause)
        later = (self.by_entry, self.entered_later, bool(self.entered_later.any()))
        compiled.curves(counts, *columns, *later, self.until, found)
        return found

    def _risk_sets(self, votes: Floats) -> tuple[Floats, Floats]:
        """Weight at risk at each event, shape (events, replicates); and all weight."""
        at_risk = np.empty((self.event.size, votes.shape[1]))
        running, row = np.zeros(votes.shape[1]), 0
        for e in range(self.event.size - 1, -1, -1):  # the latest event first
            while row <= self.event[e]:
                running += self._drawn(votes, row)
                row += 1
            at_risk[e] = running
        while row < self.cluster.size:
            running += self._drawn(votes, row)
            row += 1
        if self.entered_later.any():
            self._take_away_who_enters_later(at_risk, votes)
        return at_risk, running

    def _take_away_who_enters_later(self, at_risk: Floats, votes: Floats) -> None:
        running, row = np.zeros(votes.shape[1]), 0
        for e in range(self.event.size - 1, -1, -1):
            while row < self.entered_later[e]:
                running += self._drawn(votes, self.by_entry[row])
                row += 1
            at_risk[e] -= running

    def _drawn(self, votes: Floats, row: int) -> Floats:
        drawn = votes[self.cluster[row]]
        return drawn if self.weight is None else drawn * self.weight[row]


def _plan(
    history: History, table: RiskTable, i: int, groups: Integers, times: Floats, start: float
) -> _Plan:
    chosen = (history.stratum == i) & (history.from_state == 0) & (history.exit > start)
    rows = np.flatnonzero(chosen)
    happened = history.to_state[rows] > 0
    rows = rows[np.lexsort((~happened, history.exit[rows]))][::-1]
    exit_, to = history.exit[rows], history.to_state[rows]
    event = np.flatnonzero((to > 0) & (exit_ <= times.max()))[::-1]
    entry = history.entry[rows]
    by_entry = np.argsort(-entry, kind="stable")
    causes = [table.states.index(name) for _, name in table.transitions]
    return _Plan(
        cluster=groups[rows],
        weight=None if history.columns.weight is None else history.weight[rows],
        event=event,
        cause=np.searchsorted(causes, to[event]),
        by_entry=by_entry,
        entered_later=np.searchsorted(-entry[by_entry], -exit_[event], side="right"),
        until=np.searchsorted(exit_[event], times, side="right"),
        causes=len(causes),
    )


def _replicate(plan: list[_Plan], pools: _Pools, seed: int, replicates: int) -> Floats:
    """Curves of all strata in every replicate, shape (strata, 1 + causes, m, replicates)."""
    bits = np.random.PCG64(seed)
    clusters = pools.first.size
    large = clusters >= COMPILE_FROM and clusters * replicates >= _COMPILE_CELLS
    some = max((_BLOCK if large else _CHUNK) // clusters, 1)
    parts = []
    for begin in range(0, replicates, some):
        size = min(some, replicates - begin)
        if large:
            counts = _counts(bits, pools, size)
            parts.append(np.stack([part.curves_compiled(counts) for part in plan]))
        else:
            votes = _votes(bits, pools, size)
            parts.append(np.stack([part.curves(votes) for part in plan]))
    return np.concatenate(parts, axis=-1)


def _votes(bits: np.random.PCG64, pools: _Pools, replicates: int) -> Floats:
    """Draw the next replicates' votes, shape (clusters, replicates)."""
    clusters = pools.first.size
    votes = np.empty((clusters, replicates))
    some = max(_BLOCK // clusters, 1)
    for begin in range(0, replicates, some):
        part = votes[:, begin : begin + some]
        part[:] = _counts(bits, pools, part.shape[1]).T
    return votes


def _counts(bits: np.random.PCG64, pools: _Pools, replicates: int) -> Integers:
    """Draw the next replicates' votes, shape (replicates, clusters)."""
    clusters = pools.first.size
    halves = (clusters + 1) // 2  # whole 64-bit words a replicate: the parts do not matter
    raw = np.asarray(bits.random_raw(replicates * halves)).astype("<u8", copy=False)
    drawn = raw.view("<u4").reshape(replicates, 2 * halves)[:, :clusters].astype(np.uint64)
    drawn *= pools.size
    drawn >>= np.uint64(32)
    place = drawn.view(np.int64)
    place += pools.first
    place += np.arange(replicates)[:, None] * clusters
    return np.bincount(place.ravel(), minlength=place.size).reshape(replicates, clusters)


def _numbered(history: History, cluster: ArrayLike | None, within: bool) -> tuple[Integers, _Pools]:
    """Clusters numbered by stratum and label, and where each draw draws from."""
    groups = clusters_of(history, cluster)
    n = int(groups.max()) + 1
    if not within:
        return groups, _Pools(np.full(n, n, np.uint64), np.zeros(n, np.intp))
    stratum = np.empty(n, np.intp)
    stratum[groups] = history.stratum
    if (stratum[groups] != history.stratum).any():
        raise EstimateError(
            "a cluster lies in two strata",
            "within strata each cluster is drawn in its own",
            "draw from all with `within_strata=False`",
        )
    order = np.argsort(stratum, kind="stable")
    number = np.empty(n, np.intp)
    number[order] = np.arange(n)
    sizes = np.bincount(stratum, minlength=len(history.strata))
    firsts = np.cumsum(sizes) - sizes
    of_draw = stratum[order]
    return number[groups], _Pools(sizes[of_draw].astype(np.uint64), firsts[of_draw])


def _estimate(
    drawn: Bootstrap,
    terms: list[tuple[str, float]],
    time: float,
    cause: str | None,
    conf_level: float,
    limits: str,
) -> Estimate:
    m = _place(drawn, time)
    estimate, values, influence = 0.0, np.zeros(drawn.replicates), None
    for stratum, sign in terms:
        i = index_of("stratum", stratum, drawn.strata)
        if cause is None:
            replicates, observed = drawn.survival[i, m], drawn.observed_survival[i, m]
        else:
            k = index_of("cause", cause, drawn.causes)
            replicates, observed = drawn.incidence[i, k, m], drawn.observed_incidence[i, k, m]
        estimate, values = estimate + sign * float(observed), values + sign * replicates
    if limits == "bca":
        influence = sum(
            sign * pulls_at(drawn.history, stratum, time, drawn.cluster, drawn.start, cause)
            for stratum, sign in terms
        )
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


def _bias_corrected(
    p: Floats, estimate: float, values: Floats, influence: ArrayLike | None
) -> Floats:
    if influence is None:
        raise EstimateError(
            '"bca" needs the `influence` of each cluster', "without it there is no acceleration"
        )
    pulls = np.asarray(influence, dtype=np.float64)
    squares = float(np.sum(pulls**2))
    acceleration = float(np.sum(pulls**3)) / (6 * squares**1.5) if squares > 0 else 0.0
    below = float(np.mean(values < estimate))
    if not 0 < below < 1:
        raise EstimateError(
            "the estimate lies beyond all replicates",
            '"bca" cannot say how far it is biased',
            'ask for `limits="percentile"`',
        )
    shifted = ndtri(below) + ndtri(p)
    return ndtr(ndtri(below) + shifted / (1 - acceleration * shifted))


def _order_statistic(values: Floats, p: float) -> float:
    """Quantile at (B + 1) p, between order statistics on the normal scale."""
    rank = (values.size + 1) * float(p)
    k = int(rank + 1e-9)  # 25.000000000001 and 24.999999999999 are both the 25th
    if not 1 <= k <= values.size:
        raise EstimateError(
            f"{values.size} replicates are too few for these limits",
            "the limits lie between the smallest and the largest replicate",
            "ask for more `replicates`",
        )
    if k == values.size or abs(rank - k) < 1e-9:
        return float(values[k - 1])
    z, low, high = (ndtri(x) for x in (p, k / (values.size + 1), (k + 1) / (values.size + 1)))
    return float(values[k - 1] + (z - low) / (high - low) * (values[k] - values[k - 1]))


def _check_counts(seed: int, replicates: int) -> None:
    for name, value, least in (("seed", seed, 0), ("replicates", replicates, 2)):
        if not isinstance(value, int | np.integer) or value < least:
            raise EstimateError(f"`{name}` is {value}", f"it is a whole number from {least} on")


def _check_times(table: RiskTable, times: Floats, start: float) -> None:
    for stratum in table.strata:
        seen = table.risk_sets(stratum, start=start).time
        end = seen[-1] if seen.size else start
        if not ((times > start) & (times <= end)).all():
            raise EstimateError(
                f'a time lies outside the curves of "{stratum}"',
                f"they run from day {start:g} to day {end:g}",
                "choose times that every group's follow-up reaches",
            )
