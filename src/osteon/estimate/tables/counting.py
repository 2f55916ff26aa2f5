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
from osteon.estimate.threads import slices, threaded

_THREADS_FROM = 4_000_000  # rows; before, a thread takes as long to begin as it saves
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
    """The same by a compiled loop, row by row: it takes no memory beside the table."""
    time, given = _days(history, day), history.columns
    columns = given.exit, given.entry, _entered_state(history), given.from_state, given.stratum
    shape = _shape(history, time.size)
    if given.weight is None:
        entered, ended = _of_rows(len(history), shape, day, columns)
        return _counts(history, time, entered, ended, ended)
    entered, both = np.zeros((*shape[:2], time.size)), np.zeros((*shape, 2))
    _compiled().weigh_days(entered, both, day, *columns, given.weight)
    return _counts(history, time, entered, both[..., 0].copy(), both[..., 1].copy())


def _of_rows(
    n: int, shape: tuple[int, ...], day: int, columns: tuple[NDArray | None, ...]
) -> tuple[Floats, Floats]:
    """Numbers of rows, which are the same in whatever order they are added up."""

    def part(rows: slice) -> tuple[Floats, Floats]:
        entered, ended = np.zeros((*shape[:2], shape[-1])), np.zeros(shape)
        of_rows = (None if column is None else column[rows] for column in columns)
        _compiled().count_days(entered, ended, day, *of_rows)
        return entered, ended

    split = n >= _THREADS_FROM and 4 * np.prod(shape) < n
    (entered, ended), *others = threaded(part, slices(n) if split else [slice(n)])
    for more_entered, more_ended in others:
        entered += more_entered
        ended += more_ended
    return entered, ended


def _of_times(history: History) -> Counts:
    """The same of any times, which takes memory to sort them.

    Memory that nobody writes to is not taken: rows of states that nobody leaves cost nothing.
    """
    given = history.columns
    columns = given.exit, given.entry, given.event, given.from_state, given.stratum, given.weight
    strata, origins, states, _ = _shape(history, 0)
    moves = origins * (states - 1)
    rows = states + moves
    size = 1 + len(history) * (1 if given.entry is None else 2)
    cells = strata * rows
    code = np.empty(size, np.uint16 if cells + strata * states < 2**16 else np.int64)
    span = _first(history), history.ranges["exit"][1]
    time, weight, distinct = _compiled().sort_ends(code, *span, *columns, states, rows, cells)
    tables = states, rows, 0 if given.weight is None else moves
    entered, ended, squared = (np.zeros((strata, r, distinct)) for r in tables)
    _compiled().count_sorted(entered, ended, squared, time, code, weight)
    left, moved = ended[:, :states], ended[:, states:]
    for j in range(moved.shape[1]):
        if moved[:, j].any():
            left[:, j // (states - 1)] += moved[:, j]
    moved = moved.reshape(strata, origins, states - 1, distinct)
    unweighted = given.weight is None
    moved_squared = moved if unweighted else squared.reshape(moved.shape)
    return Counts(time[:distinct], entered, left, moved, moved_squared)


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
    from osteon.estimate.tables import compiled  # imports numba: half a second few need

    return compiled
