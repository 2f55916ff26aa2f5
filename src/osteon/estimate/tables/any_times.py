"""Counting a very long history at any times: its ends are put in order, and then counted.

An *end* is an exit or an entry. What happens at it has a number: at an exit, (stratum x origins +
origin) x states + state entered, 0 for none; at an entry, after all these, stratum x origins +
origin. Two threads work on parts of the rows, then on parts of the buckets that these are dealt
into; ties stay in the order of the rows, so that weights are added in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import Columns
from osteon.estimate.threads import edges, slices, threaded

_BUCKETS = 128  # of times, codes and weights: a processor's nearest memory holds 512 lines


@dataclass(frozen=True, eq=False)
class _Ends:
    """Memory for exits and entries, in order of time.

    Attributes
    ----------
    first : int
        Place of the first; 1 where nobody enters late: the first time is 0 then, without an end.
    time : ndarray of float, shape (first + ends,)
        When they happen; in the end the distinct times, at the front.
    code : ndarray of int, shape (first + ends,)
        Twice what happens, and 1 more where it is the first at its time.
    weight : ndarray of float, shape (first + ends,), or None
    """

    first: int
    time: Floats
    code: NDArray
    weight: Floats | None


def count_times(
    columns: Columns, to: NDArray, span: tuple[float, float], shape: tuple[int, int, int]
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Count exits and entries at each distinct time.

    Parameters
    ----------
    columns : Columns
        Of the history.
    to : ndarray of int, shape (n,)
        State entered at each exit, 0 for none.
    span : (float, float)
        First and last time; the first is 0 where nobody enters late.
    shape : (int, int, int)
        Strata, origins and states.

    Returns
    -------
    time, entered, left, moved, moved_squared : ndarray of float
        As in `counting.Counts`. Memory that nobody writes to is not taken: the row of a state that
        nobody leaves costs nothing.
    """
    strata, origins, states = shape
    moves = origins * (states - 1)
    ends = _room(columns, shape)
    ends.time[: ends.first] = span[0]
    bounds = _deal(ends, columns, to, span, shape)
    runs, k = _sort(ends, bounds)
    row, row_of_square = _rows(shape)
    table = np.zeros((strata, 2 * states + moves, k))
    squared = np.zeros((strata, 0 if columns.weight is None else max(moves, 1), k))

    def count(run: tuple[slice, int]) -> None:
        here, before = run
        weight = _part(ends.weight, here)
        _compiled().count(table, squared, row, row_of_square, before, ends.code[here], weight)

    threaded(count, runs)
    entered, left, moved = np.split(table, [states, 2 * states], axis=1)
    for j in range(moves):
        if moved[:, j].any():
            left[:, j // (states - 1)] += moved[:, j]
    moved = moved.reshape(strata, origins, states - 1, k)
    moved_squared = moved if columns.weight is None else squared[:, :moves].reshape(moved.shape)
    few = 2 * k < ends.time.size  # of many ties; a view would keep the memory of all ends
    time = ends.time[:k].copy() if few else ends.time[:k]
    return time, entered, left, moved, moved_squared


def _room(columns: Columns, shape: tuple[int, int, int]) -> _Ends:
    strata, origins, states = shape
    n, first = columns.exit.size, 1 if columns.entry is None else 0
    size = first + n * (2 - first)
    few = strata * origins * (states + 1) <= 128
    return _Ends(
        first,
        np.empty(size),
        np.empty(size, np.uint8 if few else np.uint32),
        None if columns.weight is None else np.empty(size),
    )


def _deal(
    ends: _Ends,
    columns: Columns,
    to: NDArray,
    span: tuple[float, float],
    shape: tuple[int, int, int],
) -> Integers:
    """Deal ends into buckets; returns where each begins, and where the last ends."""
    strata, origins, states = shape
    low, scale = span[0], _compiled().buckets_a_day(_BUCKETS, *span)
    kinds: list[tuple[NDArray, int, int, NDArray | None]] = [(columns.exit, 0, states, to)]
    if columns.entry is not None:
        kinds.append((columns.entry, strata * origins * states, 1, None))
    parts = slices(columns.exit.size)
    found = np.zeros((len(parts), _BUCKETS), dtype=np.int64)

    def fill(part: int) -> None:
        for time, *_ in kinds:
            _compiled().fill(found[part], low, scale, time[parts[part]])

    def deal(part: int) -> None:
        of_part = partial(_part, rows=parts[part])
        where = of_part(columns.stratum), origins, of_part(columns.from_state)
        into, weight = (ends.time, ends.code, ends.weight), of_part(columns.weight)
        for time, first, states_, to_ in kinds:
            what = of_part(time), first, states_, of_part(to_)
            _compiled().deal(place[part], low, scale, what, where, weight, into)

    threaded(fill, range(len(parts)))
    # Bucket after bucket, and of each bucket part after part.
    last = ends.first + np.cumsum(found.T).reshape(found.T.shape).T
    place = last - found
    bounds = np.append(place[0], ends.time.size)
    threaded(deal, range(len(parts)))
    return bounds


def _sort(ends: _Ends, bounds: Integers) -> tuple[list[tuple[slice, int]], int]:
    """Sort the buckets, and move distinct times to the front.

    Returns parts of the ends that share no time, each with the index of the last time before it,
    and how many times there are.
    """
    cuts = np.searchsorted(bounds, edges(ends.time.size)).tolist()
    buckets = [bounds[a : b + 1] for a, b in pairwise(cuts)]
    found = threaded(lambda b: _compiled().order(b, ends.time, ends.code, ends.weight), buckets)
    runs, k = [], ends.first
    for of_part, new in zip(buckets, found, strict=True):
        begin = int(of_part[0])
        runs.append((slice(begin, int(of_part[-1])), k - 1))
        if k < begin:
            ends.time[k : k + new] = ends.time[begin : begin + new]
        k += new
    return runs, k


def _rows(shape: tuple[int, int, int]) -> tuple[Integers, Integers]:
    """Where each thing that happens is added, and its square; -1 if that is nowhere.

    Rows of the table are, stratum by stratum, states that are entered, states that are left
    without a transition, and transitions.
    """
    strata, origins, states = shape
    moves = origins * (states - 1)
    rows = np.arange(strata * (2 * states + moves)).reshape(strata, -1)
    entered, left, moved = np.split(rows, [states, 2 * states], axis=1)
    to = moved.reshape(strata, origins, states - 1)
    exits = np.concatenate([left[:, :origins, np.newaxis], to], axis=2)
    squares = np.full(exits.shape, -1)
    squares[..., 1:] = np.arange(strata * moves).reshape(to.shape)
    entries = entered[:, :origins].ravel()
    none = np.full(entries.size, -1)
    return np.concatenate([exits.ravel(), entries]), np.concatenate([squares.ravel(), none])


def _part(column: NDArray | None, rows: slice) -> Any:
    return None if column is None else column[rows]


def _compiled() -> Any:
    from osteon.estimate.tables import compiled_times  # imports numba: half a second few need

    return compiled_times
