"""Recurrent events with a terminal one: counts by time, and what each cluster adds to the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, listed
from osteon.estimate.clusters import alone, clusters_of

VARIANCES = ("ghosh-lin", "jackknife")


@dataclass(frozen=True, eq=False)
class Recurrent:
    """One group's intervals, and what happens at its distinct times.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Times of events and of terminal events, and the end of follow-up, ascending, in days.
    at_risk, events, deaths, censored : ndarray of float, shape (k,)
        Weight under observation at each time, weight of events and of terminal events at it,
        and weight that left without one since the time before.
    entry, exit : ndarray of float, shape (n,)
        Each interval's ends, in days.
    begins, ends : ndarray of int, shape (n,)
        How many of the times lie at or before them.
    weight : ndarray of float, shape (n,)
        Of each interval.
    happens, dies : ndarray of bool, shape (n,)
        Whether it ends in an event, in a terminal event.
    cluster : ndarray of int, shape (n,)
        Code of its cluster, counted over all groups.
    jackknife : bool
        Whether the deaths' term is divided by those left, not by those at risk.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    deaths: Floats
    censored: Floats
    entry: Floats
    exit: Floats
    begins: Integers
    ends: Integers
    weight: Floats
    happens: NDArray[np.bool_]
    dies: NDArray[np.bool_]
    cluster: Integers
    jackknife: bool

    @cached_property
    def alive(self) -> Floats:
        """Kaplan-Meier estimate of staying free of the terminal event, just before each time."""
        after = np.cumprod(self._left / self.at_risk)
        return np.concatenate([[1.0], after[:-1]])

    @cached_property
    def mean(self) -> Floats:
        """Mean cumulative count just after each time."""
        return self.weighted_mean(np.ones(self.time.size))

    def at_risk_at(self, time: Floats) -> Floats:
        """Weight under observation at any times, shape of ``time``."""
        return _at_risk(time, self.entry, self.exit, self.weight)

    def weighted_mean(self, weight: Floats) -> Floats:
        """Integral of a weight function, shape (k,), over the mean cumulative count."""
        return np.asarray((weight * self.alive * self.events / self.at_risk).cumsum())

    def influence(self, weight: Floats, clusters: int) -> Floats:
        """What each cluster adds to the integral of ``weight`` over the mean, shape (clusters,).

        The weight function is taken as given. Of events in one cluster alone it is nan.
        """
        mean = self.weighted_mean(weight)
        if alone(self.cluster) and mean[-1] > 0:
            return np.full(clusters, np.nan)
        steps = self._steps(weight, mean)
        last = self.ends - 1  # the time at which an interval with an event ends
        own = np.where(self.happens, (weight * self.alive / self.at_risk)[last], 0.0)
        own -= np.where(self.dies, ((mean[-1] - mean) * self._inverse)[last], 0.0)
        compensator = -steps.event - steps.death_mean + mean[-1] * steps.death
        own += compensator[self.ends] - compensator[self.begins]
        sums = np.bincount(self.cluster, weights=self.weight * own, minlength=clusters)
        return sums.astype(np.float64)

    def std_error(self) -> Floats:
        """Robust standard error of the mean at each time, shape (k,).

        A cluster's influence is alpha - mean(t) beta + y c(t): alpha and beta change when one of
        its intervals begins or ends, y is its weight at risk, and c(t), the compensator, is the
        same for all. So the sum of squares is a quadratic form in (1, -mean(t), c(t)), whose
        matrix changes as often as intervals begin and end, and nothing of size (n, k) is built.
        Of events in one cluster alone it is nan.
        """
        if alone(self.cluster):
            return np.where(self.mean > 0, np.nan, 0.0)
        ones = np.ones(self.time.size)
        steps = self._steps(ones, self.mean)
        where, change, cluster = self._changes(steps)
        order = np.lexsort((where, cluster))
        where, change, cluster = where[order], change[order], cluster[order]
        first = np.concatenate([[True], cluster[1:] != cluster[:-1]])
        total = np.cumsum(change, axis=0)
        base = (total - change)[first][np.cumsum(first) - 1]
        after = total - base
        before = after - change
        c = (-steps.event - steps.death_mean)[1:] + self.mean * steps.death[1:]
        u = np.stack([ones, -self.mean, c])
        squares = np.zeros(self.time.size)
        for i in range(3):
            for j in range(i + 1):
                gain = after[:, i] * after[:, j] - before[:, i] * before[:, j]
                sums = np.bincount(where, weights=gain, minlength=self.time.size + 1)
                squares += (1 + (i != j)) * u[i] * u[j] * np.cumsum(sums)[:-1]
        return np.sqrt(np.maximum(squares, 0.0))

    def _changes(self, steps: _Steps) -> tuple[Integers, Floats, Integers]:
        """When (alpha, beta, y) of a cluster change, by how much, and of which cluster."""
        w, nil = self.weight, np.zeros(self.weight.size)
        passed = steps.event + steps.death_mean
        starts = np.stack([w * passed[self.begins], w * steps.death[self.begins], w], axis=1)
        stops = np.stack([-w * passed[self.ends], -w * steps.death[self.ends], -w], axis=1)
        last = self.ends - 1
        event = w * (self.alive / self.at_risk)[last]
        death = w * self._inverse[last]
        happens = np.stack([event, nil, nil], axis=1)[self.happens]
        dies = np.stack([death * self.mean[last], death, nil], axis=1)[self.dies]
        h, d = self.happens, self.dies
        return (
            np.concatenate([self.begins, self.ends, last[h], last[d]]),
            np.concatenate([starts, stops, happens, dies]),
            np.concatenate([self.cluster, self.cluster, self.cluster[h], self.cluster[d]]),
        )

    def _steps(self, weight: Floats, mean: Floats) -> _Steps:
        death = self.deaths / self.at_risk * self._inverse
        return _Steps(
            _from_nought(weight * self.alive * self.events / self.at_risk**2),
            _from_nought(death),
            _from_nought(mean * death),
        )

    @property
    def _left(self) -> Floats:
        left = self.at_risk - self.deaths
        return np.where(left > 1e-10 * self.at_risk, left, 0.0)

    @cached_property
    def _inverse(self) -> Floats:
        """What divides a death: 1 / n, or 1 / (n - d); 0 when nobody is left to have events."""
        if not self.jackknife:
            return 1 / self.at_risk
        left = self._left
        return np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)


@dataclass(frozen=True)
class _Steps:
    """Compensators of one at risk from the beginning, after 0, 1, ... k times."""

    event: Floats
    death: Floats
    death_mean: Floats


def recurrent(
    history: History,
    event: str,
    terminal: Sequence[str] | None,
    start: float,
    cluster: ArrayLike | None,
    variance: str,
) -> dict[str, Recurrent]:
    """Count a history's recurrent and terminal events, by stratum; see `mean_cumulative`."""
    expect(History, history=history)
    codes = clusters_of(history, cluster)
    (happens,) = _entered(history, [event])
    others = [name for name in history.states[1:] if name != event]
    dies = np.zeros(len(history), dtype=bool)
    for entered in _entered(history, others if terminal is None else listed("terminal", terminal)):
        dies |= entered
    _check_terminal(history, dies)
    return {
        name: _count(
            history,
            (history.stratum == i) & (history.exit > start),
            start,
            happens,
            dies,
            codes,
            variance == "jackknife",
            name,
        )
        for i, name in enumerate(history.strata)
    }


def _count(
    history: History,
    rows: NDArray[np.bool_],
    start: float,
    happens: NDArray[np.bool_],
    dies: NDArray[np.bool_],
    codes: Integers,
    jackknife: bool,
    name: str,
) -> Recurrent:
    if not rows.any():
        raise EstimateError(
            f'nobody is under observation in "{name}" after day {start:g}',
            do="leave the stratum out and say that it is empty",
        )
    entry, exit_ = np.maximum(history.entry[rows], start), history.exit[rows]
    h, d, w = happens[rows], dies[rows], history.weight[rows]
    time = np.unique(np.append(exit_[h | d], exit_.max()))
    leaves = np.where(d | _goes_on(history, rows), 0.0, w)
    return Recurrent(
        time=time,
        at_risk=_at_risk(time, entry, exit_, w),
        events=_sums(time, exit_, np.where(h, w, 0.0)),
        deaths=_sums(time, exit_, np.where(d, w, 0.0)),
        censored=_sums(time, exit_, leaves),
        entry=entry,
        exit=exit_,
        begins=np.searchsorted(time, entry, side="right"),
        ends=np.searchsorted(time, exit_, side="right"),
        weight=w,
        happens=h,
        dies=d,
        cluster=codes[rows],
        jackknife=jackknife,
    )


def _at_risk(time: Floats, entry: Floats, exit_: Floats, weight: Floats) -> Floats:
    """Weight of those with entry < t <= exit, counted from the end."""

    def from_here_on(at: Floats) -> Floats:
        order = np.argsort(at, kind="stable")
        beyond = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
        return beyond[np.searchsorted(at[order], time, side="left")]

    return from_here_on(exit_) - from_here_on(entry)


def _sums(time: Floats, at: Floats, weight: Floats) -> Floats:
    """Sum of weights in the intervals (t_(j-1), t_j]."""
    sums = np.bincount(np.searchsorted(time, at), weights=weight, minlength=time.size)
    return sums.astype(np.float64)


def _from_nought(steps: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(steps)])


def _entered(history: History, names: Sequence[str]) -> list[NDArray[np.bool_]]:
    """Which intervals end by entering each of the states."""
    for name in names:
        if not isinstance(name, str) or name not in history.states[1:]:
            raise EstimateError(
                f'"{name}" is no state that can be entered',
                f"these can: {', '.join(history.states[1:])}",
                did_you_mean(name, history.states[1:]),
            )
    return [history.to_state == history.states.index(name) for name in names]


def _goes_on(history: History, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the same subject's next interval among the rows begins where this one ends."""
    subject, entry, exit_ = history.subject[rows], history.entry[rows], history.exit[rows]
    order = np.lexsort((entry, subject))
    follows = (subject[order][1:] == subject[order][:-1]) & (entry[order][1:] == exit_[order][:-1])
    goes_on = np.zeros(subject.size, dtype=bool)
    goes_on[order[:-1]] = follows
    return goes_on


def _check_terminal(history: History, dies: NDArray[np.bool_]) -> None:
    """Refuse follow-up that goes on after a terminal event, in whichever stratum."""
    subject = clusters_of(history, None)
    end = np.full(subject.max(initial=-1) + 1, np.inf)
    np.minimum.at(end, subject[dies], history.exit[dies])
    after = history.exit > end[subject]
    if after.any():
        raise EstimateError(
            f"{np.unique(subject[after]).size} subjects are still seen after a terminal event",
            "nothing follows it",
            "name the states that end all events by `terminal`, or leave the later intervals out",
        )
