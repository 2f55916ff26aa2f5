"""How far each interval pulls one number: survival or an incidence at a time, a mean, time lost.

The derivative of the number by the interval's weight, in O(intervals + times): no curve is held
against every subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.estimate.clusters import alone, few_clusters
from osteon.estimate.curves.influence import Rows, intervals_by_stratum
from osteon.estimate.curves.kaplan_meier import greenwood, survival
from osteon.estimate.curves.restricted_mean import area_to_come
from osteon.estimate.intervals import Estimate, ratio, wald
from osteon.estimate.tables.risk_table import RiskSets, index_of
from osteon.estimate.weights import without_weights

Pull = Callable[[RiskSets, Rows], Floats]
"""Derivative of a number by the weight of each row."""


@dataclass(frozen=True, eq=False)
class Pulled:
    """A number, how far each cluster pulls it, shape (clusters,), and how many are seen in it.

    ``seen`` is None where the pulls are not of clusters but of a model's terms.
    """

    estimate: Estimate
    pulls: Floats
    seen: int | None = None

    @property
    def std_error(self) -> float:
        """Root of the sum of the clusters' squared pulls."""
        return float(np.sqrt(np.sum(self.pulls**2)))

    def robust(self) -> Estimate:
        """The number with its robust standard error and Wald limits; no p."""
        known = wald(self.estimate.estimate, self.std_error, self.estimate.conf_level)
        return replace(
            known, interval="plain", p_value=float("nan"), cautions=self._said_with(self)
        )

    def minus(self, other: Pulled) -> Estimate:
        """The difference: a cluster that pulls both numbers the same way pulls it less."""
        pulls = Pulled(self.estimate, self.pulls - other.pulls)
        gap = self.estimate.estimate - other.estimate.estimate
        contrast = wald(gap, pulls.std_error, self.estimate.conf_level)
        return replace(contrast, cautions=self._said_with(other))

    def over(self, other: Pulled) -> Estimate:
        """The ratio, by the pulls on its logarithm."""
        a, b = self.estimate, other.estimate
        middle = ratio(a, b).estimate  # which refuses what is not above 0
        on_log = Pulled(a, self.pulls / a.estimate - other.pulls / b.estimate)
        known = wald(float(np.log(middle)), on_log.std_error, a.conf_level)
        return Estimate(
            middle,
            known.std_error,
            float(np.exp(known.conf_low)),
            float(np.exp(known.conf_high)),
            known.conf_level,
            "log",
            known.p_value,
            self._said_with(other),
            error_scale="log",
        )

    def _said_with(self, other: Pulled) -> tuple[str, ...]:
        said = without_weights(self.estimate.cautions + other.estimate.cautions)
        seen = [each.seen for each in (self, other) if each.seen is not None]
        return said + (few_clusters(min(seen)) if seen else ())


def pulls_of(
    history: History,
    pull: Pull,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    causes: Sequence[str] | None = None,
) -> dict[str, Floats]:
    """How far each cluster pulls a number of each stratum.

    Derivatives by the weight, times the weight; shape (clusters,), the clusters numbered over all
    strata. They add up to 0: a scale of the weights moves nothing. So of a stratum with events in
    one cluster alone they tell nothing, and are nan.
    """
    return {name: pulls for name, pulls, _ in _pulls(history, pull, cluster, start, causes)}


def pulled(
    known: Mapping[str, Estimate],
    history: History,
    pull: Pull,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    causes: Sequence[str] | None = None,
) -> dict[str, Pulled]:
    """Each stratum's number with the pulls of its clusters."""
    return {
        name: Pulled(known[name], pulls, seen)
        for name, pulls, seen in _pulls(history, pull, cluster, start, causes)
        if name in known
    }


def _pulls(
    history: History,
    pull: Pull,
    cluster: ArrayLike | None,
    start: float,
    causes: Sequence[str] | None,
) -> Iterator[tuple[str, Floats, int]]:
    """Each stratum's pulls, by the clusters of all strata, and how many are seen in it."""
    found = list(intervals_by_stratum(history, cluster, start, causes))
    clusters = max((int(rows.cluster.max(initial=-1)) + 1 for *_, rows in found), default=0)
    for name, sets, rows in found:
        pulls = np.zeros(clusters)
        np.add.at(pulls, rows.cluster, rows.weight * pull(sets, rows))
        if alone(rows.cluster) and sets.all_events.any():
            pulls[:] = np.nan
        yield name, pulls, rows.clusters


def survival_at(time: float) -> Pull:
    """Pull on S(time)."""

    def pull(sets: RiskSets, rows: Rows) -> Floats:
        before = sets.time <= time
        reached = np.append(1.0, survival(sets)[before])[-1]
        return _on_survival(sets, rows, np.where(before, reached, 0.0))

    return pull


def mean_to(horizon: float, start: float) -> Pull:
    """Pull on the restricted mean from ``start`` to the horizon."""

    def pull(sets: RiskSets, rows: Rows) -> Floats:
        return _on_survival(sets, rows, area_to_come(start, sets.time, survival(sets), horizon)[1:])

    return pull


def incidence_at(cause: str, time: float) -> Pull:
    """Pull on the cumulative incidence of a cause at a time."""
    return lambda sets, rows: _on_incidence(sets, rows, cause, (sets.time <= time).astype(float))


def time_lost_to(cause: str, horizon: float) -> Pull:
    """Pull on the mean time lost to a cause before the horizon."""
    return lambda sets, rows: _on_incidence(sets, rows, cause, np.maximum(horizon - sets.time, 0.0))


def _on_survival(sets: RiskSets, rows: Rows, gain: Floats) -> Floats:
    """Pull on a number of which ``gain`` is the derivative by each step of log S, shape (rows,)."""
    left = sets.survivors
    inverse = np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)  # else S = 0 from here
    terms = np.where(left > 0, greenwood(sets), 0.0)
    return _met(rows, gain * terms) - np.where(rows.cause >= 0, (gain * inverse)[rows.last], 0.0)


def _on_incidence(sets: RiskSets, rows: Rows, cause: str, gain: Floats) -> Floats:
    """Pull on the sum of ``gain`` over the steps of the cause's incidence, shape (rows,)."""
    k = index_of("cause", cause, sets.causes)
    before = np.concatenate([[1.0], survival(sets)[:-1]])
    each = before * gain / np.where(sets.at_risk > 0, sets.at_risk, 1.0)
    step = each * sets.events[k]
    later = np.cumsum(step[::-1])[::-1] - step
    hazard = np.divide(step, sets.at_risk, out=np.zeros_like(step), where=sets.at_risk > 0)
    own = np.where(rows.cause == k, each[rows.last], 0.0)
    return _on_survival(sets, rows, later) + own - _met(rows, hazard)


def _met(rows: Rows, terms: Floats) -> Floats:
    """Sum of the terms over the times at which each row was at risk."""
    total = np.concatenate([[0.0], np.cumsum(terms)])
    return total[rows.last + 1] - total[rows.first]
