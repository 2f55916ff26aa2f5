"""How likely a patient is still followed: the weights of Fine and Gray's risk sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.regression.at_risk import event_times, running_back

CENSORED_AT_IT, GONE_AT_IT, GONE_AFTER_IT = range(3)
KINDS = 3


@dataclass(frozen=True, eq=False)
class Censoring:
    """Product-limit distribution of the time of censoring, one for each group.

    What belongs to a group comes in *slots*: one for none of its times, then one for each.

    Attributes
    ----------
    time : ndarray of float, shape (slots,)
        Times at which anybody is censored, group by group, each group's after a nan for none.
    offset : ndarray of int, shape (groups + 1,)
        Where each group's slots begin.
    at_risk, censored : ndarray of float, shape (slots,)
        Weight that could have been censored, and that was, at each.
    survival : ndarray of float, shape (slots,)
        G just after each.
    group : ndarray of int, shape (n,)
        Group of each interval.
    place : ndarray of int, shape (n,)
        3 slot + kind: the last time of censoring at or before the exit, and how it ended, as
        CENSORED_AT_IT, GONE_AT_IT (by something else at the same time) or GONE_AFTER_IT.
    """

    time: Floats
    offset: Integers
    at_risk: Floats
    censored: Floats
    survival: Floats
    group: Integers
    place: Integers

    @property
    def hazard(self) -> Floats:
        """Share of those at risk that is censored at each, shape (slots,)."""
        return self.censored / np.where(self.censored > 0, self.at_risk, 1.0)

    def slot(self, rows: Integers, *, before_exit: bool) -> Integers:
        """Last time of censoring of some intervals at or before the exit, or before it."""
        slot, kind = np.divmod(self.place[rows], KINDS)
        return slot - (kind < GONE_AFTER_IT) if before_exit else slot

    def just_before(self, time: Floats, group: int) -> Floats:
        """G(t-) of a group."""
        begin, end = self.offset[group : group + 2]
        return self.survival[begin + np.searchsorted(self.time[begin + 1 : end], time)]


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
    cells = event_times(history, censored, group)
    time = np.insert(cells.time, cells.offset[:-1], np.nan)
    offset = cells.offset + np.arange(cells.offset.size)
    slot = cells.last + 1 + group
    place = KINDS * slot + GONE_AFTER_IT
    place -= history.exit == time[slot]
    place -= censored
    ended = _counted(place, weight, KINDS * time.size).reshape(-1, KINDS)
    leaving = ended.sum(axis=1)
    if history.columns.entry is not None:
        leaving -= _counted(cells.first + group, weight, time.size)
    at_risk = running_back(leaving, offset)
    if events_first:
        at_risk = at_risk - ended[:, GONE_AT_IT]
    found = Censoring(time, offset, at_risk, ended[:, CENSORED_AT_IT], np.empty(0), group, place)
    return replace(found, survival=_product_limit(1 - found.hazard, offset))


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
    begin, end = entering.offset[group : group + 2]
    passed = np.searchsorted(entering.time[begin + 1 : end], -time, side="right")
    return entering.survival[begin + passed]


def _counted(code: Integers, weight: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(code, weights=weight, minlength=size), dtype=np.float64)


def _product_limit(factor: Floats, offset: Integers) -> Floats:
    """Running products of the factors, anew in each group."""
    return np.concatenate([np.cumprod(factor[begin:end]) for begin, end in pairwise(offset)])
