"""How likely a patient is still followed: the weights of Fine and Gray's risk sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import Floats, History, Integers
from osteon.estimate.regression.at_risk import EventTimes, event_times, running


@dataclass(frozen=True, eq=False)
class Censoring:
    """Product-limit distribution of the time of censoring, one for each group.

    Attributes
    ----------
    cells : EventTimes
        Times at which anybody is censored, group by group, and who is at risk at which.
    at_risk, censored : ndarray of float, shape (cells,)
        Weight that could have been censored, and that was, at each.
    survival : ndarray of float, shape (cells + groups,)
        Of each group: 1, and G just after each of its times.
    group : ndarray of int, shape (n,)
        Group of each interval.
    before_exit : ndarray of float, shape (n,)
        G(exit-) of each interval.
    """

    cells: EventTimes
    at_risk: Floats
    censored: Floats
    survival: Floats
    group: Integers
    before_exit: Floats

    def just_before(self, time: Floats, group: int) -> Floats:
        """G(t-) of a group."""
        begin, end = self.cells.offset[group : group + 2]
        return self.survival[begin + group + np.searchsorted(self.cells.time[begin:end], time)]


def censoring_distribution(
    history: History,
    censored: NDArray[np.bool_],
    group: Integers,
    weight: Floats,
    *,
    events_first: bool,
) -> Censoring:
    """Estimate the distribution of censoring: whatever else happens censors it.

    Parameters
    ----------
    history : History
        One interval a subject.
    censored : ndarray of bool, shape (n,)
        Whose interval ends in censoring.
    group : ndarray of int, shape (n,)
        Whose distribution is a patient's.
    weight : ndarray of float, shape (n,)
        Weights to count with.
    events_first : bool
        Whether those with an event at a time are no longer at risk of being censored at it.
    """
    cells = event_times(_grouped(history, group), censored)
    size = cells.time.size
    # Times of censoring before the exit, counted through all groups; one more if also at it.
    at_exit = np.zeros(len(history), dtype=bool)
    usual = cells.first <= cells.last
    at_exit[usual] = history.exit[usual] == cells.time[cells.last[usual]]
    at_risk = _at_risk(cells, weight)
    lost = np.bincount(cells.last[censored], weights=weight[censored], minlength=size)
    if events_first:
        gone = at_exit & ~censored
        at_risk = at_risk - np.bincount(cells.last[gone], weights=weight[gone], minlength=size)
    survival = _product_limit(1 - lost / at_risk, cells.offset)
    return Censoring(
        cells=cells,
        at_risk=at_risk,
        censored=np.asarray(lost, dtype=np.float64),
        survival=survival,
        group=group,
        before_exit=survival[cells.last + 1 - at_exit + group],
    )


def late_entry(history: History, group: Integers, weight: Floats) -> Censoring | None:
    """Distribution of the time of entry, read backwards: None if all enter at once.

    Notes
    -----
    H(t-) is the product over the entry times e >= t of 1 - (entering at e) / (followed just
    after e): Geskus (2011). It is `censoring_distribution` of time reversed, where
    who leaves at e is not at risk of entering at it.
    """
    if np.ptp(history.entry) == 0:
        return None
    first = np.full(int(group.max()) + 1, np.inf)
    np.minimum.at(first, group, history.entry)
    backwards = replace(history, entry=-history.exit, exit=-history.entry)
    enters = history.entry > first[group]  # before the first entry nobody is asked about
    return censoring_distribution(backwards, enters, group, weight, events_first=False)


def entered_before(entering: Censoring, time: Floats, group: int) -> Floats:
    """H(t-) of a group: the probability of having entered before t."""
    begin, end = entering.cells.offset[group : group + 2]
    passed = np.searchsorted(entering.cells.time[begin:end], -time, side="right")
    return entering.survival[begin + group + passed]


def _grouped(history: History, group: Integers) -> History:
    names = tuple(str(g) for g in range(int(group.max()) + 1))
    return replace(history, stratum=group, strata=names)


def _at_risk(cells: EventTimes, weight: Floats) -> Floats:
    """Weight at risk at each cell; a late entry must not reach into the group before."""
    size = cells.time.size
    usual = cells.first <= cells.last
    leaves, enters = (
        np.asarray(np.bincount(at[usual], weights=weight[usual], minlength=size), dtype=np.float64)
        for at in (cells.last, cells.first)
    )
    backwards = size - cells.offset[::-1]
    remain = running(leaves[::-1, None], backwards)[::-1, 0]
    to_enter = running(enters[::-1, None], backwards)[::-1, 0]
    # Those yet to enter after a cell are all that enter later.
    return np.asarray(remain - (to_enter - enters))


def _product_limit(factor: Floats, offset: Integers) -> Floats:
    """Of each group: 1, and the running product of its factors."""
    return np.concatenate(
        [np.concatenate([[1.0], np.cumprod(factor[begin:end])]) for begin, end in pairwise(offset)]
    )
