"""Counting a history's rows: who enters and who leaves, by stratum, state and time.

Whole days are counted on a grid of days, in one pass and without a sort; other times are sorted
first. A very long history is counted by a compiled loop, which adds in the same order and so gives
the same bits; nobody with fewer rows than `COMPILE_FROM` waits for the compiler.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import COMPILE_FROM, Floats, are_whole
from osteon.contracts.history import CENSORED, History
from osteon.estimate.tables.any_times import count_times
from osteon.estimate.threads import threaded

_THREADS_FROM = 4_000_000  # rows; before, a thread takes as long to begin as it saves
_WEIGHTS_THREADS_FROM = 500_000  # rows with weights, of which there is more to add
_SMALL_GRID = 2**16  # cells of a grid of days that cost nothing even for a handful of rows
_EXACT = 2**52  # days beyond which a float no longer tells one day from the next


@dataclass(frozen=True, eq=False)
class Counts:
    """Weight that enters and leaves at each time.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Times at which anybody enters or leaves, ascending, in days.
    entered, left : ndarray of float, shape (strata, states, k)
        Weight that enters each state's risk set just after, and leaves it just after, each time.
    moved, moved_squared : ndarray of float, shape (strata, origins, states - 1, k)
        Weight, and squared weight, that leaves the second index's state for the one after the
        third's. The origins are all states, or only the initial one where every interval is
        spent in it. One array where nobody has a weight.
    """

    time: Floats
    entered: Floats
    left: Floats
    moved: Floats
    moved_squared: Floats


def count(history: History) -> Counts:
    """Count a history that is not empty."""
    day = _first_day(history)
    if len(history) < COMPILE_FROM:
        counts = _counted(history, day)
    else:
        counts = _of_times(history) if day is None else _of_days(history, day)
    if history.columns.entry is None:
        counts.entered[..., np.searchsorted(counts.time, 0.0)] = counts.left.sum(axis=2)
    return counts if day is None else _observed(counts)


def _first_day(history: History) -> int | None:
    """Where the grid of days begins; None if a time is not a whole day, or the grid is too large.

    Too large is larger than the data.
    """
    exit_, entry = history.columns.exit, history.columns.entry
    first, last = _first(history), history.ranges["exit"][1]
    cells = (last - first + 1) * len(history.strata) * len(history.states) ** 2
    if cells > 4 * len(history) + _SMALL_GRID or max(abs(first), abs(last)) > _EXACT:
        return None
    return int(first) if are_whole(exit_) and (entry is None or are_whole(entry)) else None


def _counted(history: History, day: int | None) -> Counts:
    given, n = history.columns, len(history)
    entering: NDArray | None
    if day is None:
        entries = np.zeros(1) if given.entry is None else history.entry
        time, place = np.unique(np.concatenate([history.exit, entries]), return_inverse=True)
        leaving, entering = place[:n], place[n:]
    else:
        time = _days(history, day)
        leaving = given.exit.astype(np.intp) - day
        entering = None if given.entry is None else given.entry.astype(np.intp) - day
    shape = _shape(history, time.size)
    codes = (given.stratum, given.from_state, _entered_state(history))
    ended = squared = _tally(leaving, codes, given.weight, shape)
    if given.weight is not None:
        squared = _tally(leaving, codes, given.weight**2, shape)
    entered = None
    if given.entry is not None and entering is not None:
        shape = (*shape[:2], 1, time.size)
        entered = _tally(entering, (*codes[:2], None), given.weight, shape)[:, :, 0]
    return _counts(history, time, entered, ended, squared)


def _tally(
    at: NDArray, codes: tuple[NDArray | None, ...], weight: Floats | None, shape: tuple[int, ...]
) -> Floats:
    """Weight, or rows where there is none, by codes and place."""
    place, cells = at.astype(np.intp), shape[-1]
    for code, size in zip(codes[::-1], shape[2::-1], strict=True):
        if code is not None:
            place += code.astype(np.intp) * cells
        cells *= size
    added = np.bincount(place, weight, minlength=cells)
    return added.reshape(shape).astype(np.float64, copy=False)


def _counts(
    history: History, time: Floats, entered: Floats | None, ended: Floats, squared: Floats
) -> Counts:
    """Counts of what is added up by origin and state entered, 0 for none."""
    strata, origins, states, k = ended.shape
    entered_, left = np.zeros((2, strata, states, k))
    left[:, :origins] = ended.sum(axis=2)
    if entered is not None:
        entered_[:, :origins] = entered
    moved = ended[:, :, 1:]
    return Counts(time, entered_, left, moved, moved if squared is ended else squared[:, :, 1:])


def _shape(history: History, k: int) -> tuple[int, int, int, int]:
    """Strata, origins, states and times."""
    states = len(history.states)
    origins = 1 if history.columns.from_state is None else states
    return len(history.strata), origins, states, k


def _entered_state(history: History) -> NDArray:
    """State entered at the end of each interval, 0 for none."""
    event = history.columns.event
    return event if history.ranges["event"][0] > CENSORED else np.maximum(event, 0)


def _of_days(history: History, day: int) -> Counts:
    """The same by compiled loops, row by row: they take no memory beside the table.

    Exits and entries have cells of their own: two threads add each in the order of the rows.
    """
    given, time = history.columns, _days(history, day)
    shape, weight = _shape(history, time.size), given.weight
    ended = np.zeros(shape if weight is None else (*shape, 2))
    entered = np.zeros((*shape[:2], 1, time.size))
    compiled = _compiled()
    loop = compiled.count_days if weight is None else compiled.weigh_days
    exits = (loop, ended, given.exit, _entered_state(history))
    entries = (compiled.count_days, entered, given.entry, None)

    def add(end: tuple) -> None:
        loop, cells, days, to = end
        loop(cells, day, days, given.stratum, given.from_state, to, weight)

    ends = [exits] if given.entry is None else [exits, entries]
    long = len(history) >= (_THREADS_FROM if weight is None else _WEIGHTS_THREADS_FROM)
    for at_once in [ends] if long else [[end] for end in ends]:
        threaded(add, at_once)
    totals = (ended, ended) if weight is None else (ended[..., 0].copy(), ended[..., 1].copy())
    return _counts(history, time, entered[:, :, 0], *totals)


def _of_times(history: History) -> Counts:
    """The same of any times, which takes memory to put them in order."""
    span = _first(history), history.ranges["exit"][1]
    shape = _shape(history, 0)[:3]
    return Counts(*count_times(history.columns, _entered_state(history), span, shape))


def _first(history: History) -> float:
    """The first time; 0 if nobody enters late."""
    return min(history.ranges["exit"][0], history.ranges.get("entry", (0, 0))[0])


def _days(history: History, day: int) -> Floats:
    return np.arange(day, history.ranges["exit"][1] + 1, dtype=np.float64)


def _observed(counts: Counts) -> Counts:
    """Without the days on which nobody enters or leaves."""
    somebody = counts.entered.sum(axis=(0, 1)) + counts.left.sum(axis=(0, 1)) > 0
    if somebody.all():
        return counts
    moved = counts.moved.compress(somebody, axis=-1)
    unweighted = counts.moved_squared is counts.moved
    return Counts(
        counts.time[somebody],
        counts.entered.compress(somebody, axis=-1),
        counts.left.compress(somebody, axis=-1),
        moved,
        moved if unweighted else counts.moved_squared.compress(somebody, axis=-1),
    )


def _compiled():
    from osteon.estimate.tables import compiled_days  # imports numba: half a second few need

    return compiled_days
