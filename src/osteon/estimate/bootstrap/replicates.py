"""Replicates of the bootstrap: votes drawn, and the curves of patients so weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.clusters import clusters_of
from osteon.estimate.tables.risk_table import RiskTable

COMPILE_FROM = 2_000  # clusters; a smaller study never waits for the compiler
_COMPILE_CELLS = 5_000_000  # replicates x clusters; below, NumPy is done before numba is loaded
_CHUNK = 2**21  # replicates x clusters held at once: 16 MB
_BLOCK = 2**16  # drawn at once: what stays near the processor


@dataclass(frozen=True, eq=False)
class Pools:
    """Where each draw draws from: ``size`` clusters from number ``first`` on; shape (clusters,)."""

    size: NDArray[np.uint64]
    first: Integers


@dataclass(frozen=True, eq=False)
class Plan:
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
        from osteon.estimate.bootstrap import compiled  # imports numba

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


def plan_of(
    history: History, table: RiskTable, i: int, groups: Integers, times: Floats, start: float
) -> Plan:
    """Arrange one stratum's intervals for `Plan.curves`."""
    chosen = (history.stratum == i) & (history.from_state == 0) & (history.exit > start)
    rows = np.flatnonzero(chosen)
    happened = history.to_state[rows] > 0
    rows = rows[np.lexsort((~happened, history.exit[rows]))][::-1]
    exit_, to = history.exit[rows], history.to_state[rows]
    event = np.flatnonzero((to > 0) & (exit_ <= times.max()))[::-1]
    entry = history.entry[rows]
    by_entry = np.argsort(-entry, kind="stable")
    causes = [table.states.index(name) for _, name in table.transitions]
    return Plan(
        cluster=groups[rows],
        weight=None if history.columns.weight is None else history.weight[rows],
        event=event,
        cause=np.searchsorted(causes, to[event]),
        by_entry=by_entry,
        entered_later=np.searchsorted(-entry[by_entry], -exit_[event], side="right"),
        until=np.searchsorted(exit_[event], times, side="right"),
        causes=len(causes),
    )


def replicate(plan: list[Plan], pools: Pools, seed: int, replicates: int) -> Floats:
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
            votes = votes_of(bits, pools, size)
            parts.append(np.stack([part.curves(votes) for part in plan]))
    return np.concatenate(parts, axis=-1)


def votes_of(bits: np.random.PCG64, pools: Pools, replicates: int) -> Floats:
    """Draw the next replicates' votes, shape (clusters, replicates)."""
    clusters = pools.first.size
    votes = np.empty((clusters, replicates))
    some = max(_BLOCK // clusters, 1)
    for begin in range(0, replicates, some):
        part = votes[:, begin : begin + some]
        part[:] = _counts(bits, pools, part.shape[1]).T
    return votes


def _counts(bits: np.random.PCG64, pools: Pools, replicates: int) -> Integers:
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


def numbered(history: History, cluster: ArrayLike | None, within: bool) -> tuple[Integers, Pools]:
    """Clusters numbered by stratum and label, and where each draw draws from."""
    groups = clusters_of(history, cluster)
    n = int(groups.max()) + 1
    if not within:
        return groups, Pools(np.full(n, n, np.uint64), np.zeros(n, np.intp))
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
    return number[groups], Pools(sizes[of_draw].astype(np.uint64), firsts[of_draw])
