"""How far each subject or cluster pulls a curve: the infinitesimal jackknife.

The risk table alone cannot tell a weight of 2 from two patients, nor which intervals belong to
one patient. A second pass over the intervals can: it asks for the derivative of the curve by each
one's weight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.arguments import check_left_once
from osteon.estimate.clusters import alone, clusters_of
from osteon.estimate.curves.kaplan_meier import greenwood, survival
from osteon.estimate.tables.risk_table import RiskSets, risk_table

_CELLS = 2**21  # subjects x times held at once: 16 MB


@dataclass(frozen=True, eq=False)
class Rows:
    """Intervals of one stratum, sorted by cluster, placed among the times of its curve.

    At risk at the times ``first <= j <= last``; ``cause`` is the kind of event at ``last``, or -1.
    """

    first: Integers
    last: Integers
    cause: Integers
    weight: Floats
    cluster: Integers

    @property
    def clusters(self) -> int:
        """How many clusters they are of."""
        return int(np.count_nonzero(np.diff(self.cluster, prepend=-1)))

    def chunks(self, times: int) -> Iterator[Rows]:
        """Parts of whole clusters, each small enough to be held against all times."""
        edges = np.flatnonzero(np.diff(self.cluster, prepend=-1, append=-1))
        size, begin = max(_CELLS // max(times, 1), 1), 0
        while begin < self.cluster.size:
            fitting = np.searchsorted(edges, begin + size, side="right") - 1
            end = edges[max(fitting, np.searchsorted(edges, begin, side="right"))]
            yield Rows(**{name: value[begin:end] for name, value in vars(self).items()})
            begin = int(end)


def intervals_by_stratum(
    history: History,
    cluster: ArrayLike | None,
    start: float,
    causes: Sequence[str] | None,
    *,
    recurring: bool = False,
) -> Iterator[tuple[str, RiskSets, Rows]]:
    """Yield each stratum's name, its risk sets and its intervals, clusters numbered over all.

    A subject leaves the initial state once, unless the event may be ``recurring``.
    """
    if not recurring:
        check_left_once(history, causes)
    table = risk_table(history)
    groups = clusters_of(history, cluster)
    for i, name in enumerate(history.strata):
        sets = table.risk_sets(name, causes=causes, start=start)
        chosen = (history.stratum == i) & (history.from_state == 0) & (history.exit > start)
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(groups[rows], kind="stable")]
        kinds = np.full(len(history.states) + 1, -1)  # the last one is for CENSORED
        for k, cause in enumerate(sets.causes):
            kinds[history.states.index(cause)] = k
        yield (
            name,
            sets,
            Rows(
                first=np.searchsorted(sets.time, history.entry[rows], side="right"),
                last=np.searchsorted(sets.time, history.exit[rows], side="left"),
                cause=kinds[history.to_state[rows]],
                weight=history.weight[rows],
                cluster=groups[rows],
            ),
        )


def squares(sets: RiskSets, rows: Rows, pull: Callable[[RiskSets, Rows], Floats]) -> Floats:
    """Sum over clusters of the squared pull of each, at every time.

    Of one cluster alone it is nan from the first event on.
    """
    if alone(rows.cluster):
        return np.where(np.cumsum(sets.all_events) > 0, np.nan, 0.0)
    total = np.zeros(sets.time.size)
    for part in rows.chunks(sets.time.size):
        begins = np.flatnonzero(np.diff(part.cluster, prepend=-1))
        of_cluster = np.add.reduceat(part.weight[:, None] * pull(sets, part), begins, axis=0)
        total += np.einsum("ct,ct->t", of_cluster, of_cluster)
    return total


def log_survival_pull(sets: RiskSets, rows: Rows) -> Floats:
    """Derivative of log S(t) by each row's weight, shape (rows, times)."""
    left = sets.survivors
    inverse = np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)  # else S = 0 from here
    return _while_at_risk(rows, np.where(left > 0, greenwood(sets), 0.0)) - _at_event(
        rows, rows.cause >= 0, inverse
    )


def hazard_pull(sets: RiskSets, rows: Rows) -> Floats:
    """Derivative of the cumulative hazard by each row's weight, shape (rows, times)."""
    n = _at_risk(sets)
    compensator = _while_at_risk(rows, sets.all_events / n**2)
    return _at_event(rows, rows.cause >= 0, 1 / n) - compensator


def incidence_pull(sets: RiskSets, rows: Rows, k: int) -> Floats:
    """Derivative of the cumulative incidence of cause k by each row's weight."""
    before = np.concatenate([[1.0], survival(sets)[:-1]])
    n = _at_risk(sets)
    hazard = sets.events[k] / n
    to_survive = np.zeros((rows.first.size, sets.time.size))
    to_survive[:, 1:] = log_survival_pull(sets, rows)[:, :-1]
    return (
        np.cumsum(to_survive * (before * hazard), axis=1)
        + _at_event(rows, rows.cause == k, before / n)
        - _while_at_risk(rows, before * hazard / n)
    )


def _at_risk(sets: RiskSets) -> Floats:
    return np.where(sets.at_risk > 0, sets.at_risk, 1.0)  # nobody at risk: no event either


def _while_at_risk(rows: Rows, terms: Floats) -> Floats:
    """Sum of the terms over the times at which each row was at risk, up to every time."""
    total = np.concatenate([[0.0], np.cumsum(terms)])
    until = np.clip(np.arange(1, total.size), rows.first[:, None], rows.last[:, None] + 1)
    return total[until] - total[rows.first][:, None]


def _at_event(rows: Rows, happened: np.ndarray, terms: Floats) -> Floats:
    """The term at the row's event, from its time on."""
    own = np.where(happened, terms[rows.last], 0.0)
    return np.where(np.arange(terms.size) >= rows.last[:, None], own[:, None], 0.0)
