"""Counting a history's rows: who enters and who leaves, by stratum, state and time.

Whole days are counted on a grid of days, in one pass and without a sort; other times are sorted
first. A very long history is counted by a compiled loop, which adds in the same order and so gives
the same bits; nobody with fewer rows than `COMPILE_FROM` waits for the compiler.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import CENSORED, Floats, History

COMPILE_FROM = 100_000  # rows; below, NumPy takes less time than loading the compiler
_SMALL_GRID = 2**16  # cells of a grid of days that cost nothing even for a handful of rows
_EXACT = 2**52  # days beyond which a float no longer tells one day from the next


@dataclass(frozen=True, eq=False)
class Counts:
    """Weight that enters and leaves at each time.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Times at which anybody enters or leaves, ascending, in days.
    entered : ndarray of float, shape (strata, origins, k)
        Weight that enters each state's risk set just after each time. The origins are all states,
        or only the initial one where every interval is spent in it.
    left, left_squared : ndarray of float, shape (strata, origins, states, k)
        Weight, and squared weight, that leaves the second index's state for the third's; 0 there
        is "censored", as in `Columns.event`. One array where nobody has a weight.
    """

    time: Floats
    entered: Floats
    left: Floats
    left_squared: Floats


@dataclass(frozen=True, eq=False)
class _Grid:
    """Times to count at, and each row's place among them (``exit - first``, ``entry - first``)."""

    time: Floats
    first: int
    exit: NDArray
    entry: NDArray | None


def count(history: History) -> Counts:
    """Count a history that is not empty."""
    grid = _days(history) or _distinct_times(history)
    given = history.columns
    event = given.event if given.event.min() > CENSORED else np.maximum(given.event, 0)
    left = squared = _tally(history, grid, grid.exit, event, given.weight)
    if given.weight is not None:
        squared = _tally(history, grid, grid.exit, event, given.weight**2)
    if grid.entry is None:
        entered = np.zeros((left.shape[0], left.shape[1], grid.time.size))
        entered[..., np.searchsorted(grid.time, 0.0)] = left.sum(axis=(2, 3))
    else:
        entered = _tally(history, grid, grid.entry, None, given.weight)[:, :, 0]
    return _observed(Counts(grid.time, entered, left, squared))


def _days(history: History) -> _Grid | None:
    """The grid of days, unless a time is not a whole day or the grid is larger than the data."""
    exit_, entry = history.columns.exit, history.columns.entry
    first = float(min(exit_.min(), 0 if entry is None else entry.min()))
    last = float(exit_.max())
    cells = (last - first + 1) * len(history.strata) * len(history.states) ** 2
    if cells > 4 * len(history) + _SMALL_GRID or max(abs(first), abs(last)) > _EXACT:
        return None
    if not (_whole(exit_) and (entry is None or _whole(entry))):
        return None
    return _Grid(np.arange(first, last + 1), int(first), exit_, entry)


def _distinct_times(history: History) -> _Grid:
    entry, n = history.columns.entry, len(history)
    entries = np.zeros(1) if entry is None else history.entry
    time, place = np.unique(np.concatenate([history.exit, entries]), return_inverse=True)
    return _Grid(time, 0, place[:n], None if entry is None else place[n:])


def _observed(counts: Counts) -> Counts:
    """Drop the days on which nobody enters or leaves."""
    somebody = counts.entered.sum(axis=(0, 1)) + counts.left.sum(axis=(0, 1, 2)) > 0
    if somebody.all():
        return counts
    left = counts.left.compress(somebody, axis=-1)
    squared = left if counts.left_squared is counts.left else counts.left_squared[..., somebody]
    entered = counts.entered.compress(somebody, axis=-1)
    return Counts(counts.time[somebody], entered, left, squared)


def _tally(
    history: History, grid: _Grid, at: NDArray, to: NDArray | None, weight: Floats | None
) -> Floats:
    """Weight by stratum, state, state entered (one cell if ``to`` is None) and time."""
    given, states = history.columns, len(history.states)
    origins = 1 if given.from_state is None else states
    shape = (len(history.strata), origins, 1 if to is None else states, grid.time.size)
    add_up = _add_up_compiled if len(history) >= COMPILE_FROM else _add_up
    counts = add_up(at, grid.first, given.stratum, given.from_state, to, weight, shape)
    return counts.reshape(shape).astype(np.float64, copy=False)


def _add_up(
    at: NDArray,
    first: int,
    stratum: NDArray | None,
    origin: NDArray | None,
    to: NDArray | None,
    weight: Floats | None,
    shape: tuple[int, int, int, int],
) -> NDArray:
    place, cells = at.astype(np.intp) - first, shape[3]
    for codes, size in zip((to, origin, stratum), shape[2::-1], strict=True):
        if codes is not None:
            place += codes.astype(np.intp) * cells
        cells *= size
    return np.bincount(place, weights=weight, minlength=cells)


def _add_up_compiled(
    at: NDArray,
    first: int,
    stratum: NDArray | None,
    origin: NDArray | None,
    to: NDArray | None,
    weight: Floats | None,
    shape: tuple[int, int, int, int],
) -> NDArray:
    counts = np.zeros(int(np.prod(shape)), np.int64 if weight is None else np.float64)
    _compiled().add_up(counts, at, first, stratum, origin, to, weight, shape)
    return counts


def _whole(time: NDArray) -> bool:
    if time.dtype.kind in "iu":
        return True
    if time.size >= COMPILE_FROM:
        return bool(_compiled().whole(time))
    return bool((np.floor(time) == time).all())


def _compiled():
    from osteon.estimate.tables import compiled  # imports numba: half a second few need

    return compiled
