"""Compiled loops that put what happens at any times in order, and count it.

Times are dealt into buckets of equal width, few enough for the processor's nearest memory to write
to all of them at once; each is then small enough to be dealt again where it lies, to more buckets
than times, and what is still out of place is moved there. Where times crowd, so that much is, they
are sorted. What is tied stays in the order of the rows.
"""

from __future__ import annotations

import numba
import numpy as np

_FINER = 2  # buckets a time in the second deal
_HUGE = 1e300  # in the place of infinity, of which nothing is no number
_MOVES = 8  # a time: beyond, a sort is quicker


@numba.njit(cache=True, nogil=True, error_model="numpy")
def buckets_a_day(buckets, low, high):
    """How many of them two days have, where so many reach from the lowest to the highest time."""
    return min(buckets / (0.5 * high - 0.5 * low), _HUGE)


@numba.njit(cache=True, nogil=True)
def fill(found, low, scale, column):
    """Add how many times each bucket is dealt; ``scale`` is in buckets a day from ``low`` on."""
    for i in range(column.size):
        found[_bucket(column[i], low, scale, found.size - 1)] += 1


@numba.njit(cache=True, nogil=True)
def deal(place, low, scale, what, where, weight, into):
    """Put every time, its code and its weight into the next ``place`` of its bucket.

    ``what`` is (times, first code, states, state entered), ``where`` (stratum, origins, origin),
    ``into`` (times, codes, weights); a code is twice
    first code + (stratum x origins + origin) x states + state entered.
    """
    column, first, states, entered = what
    stratum, origins, origin = where
    time, code, ordered = into
    for i in range(column.size):
        b = _bucket(column[i], low, scale, place.size - 1)
        at = np.uint64(place[b])
        place[b] += 1
        time[at] = column[i]
        cell = (_index(stratum, i) * origins + _index(origin, i)) * states + _index(entered, i)
        code[at] = 2 * (first + cell)
        if weight is not None:
            ordered[at] = weight[i]


@numba.njit(cache=True, nogil=True)
def order(bounds, time, code, weight):
    """Sort buckets, each between two neighbours of ``bounds``; return how many times differ.

    These are moved to the front. A code becomes odd where it is the first at its time.
    """
    most = 0
    for b in range(bounds.size - 1):
        most = max(most, bounds[b + 1] - bounds[b])
    place = np.empty(_FINER * most + 1, np.int64)
    times, codes = np.empty(most), np.empty(most, code.dtype)
    weights = None if weight is None else np.empty(most)
    front = bounds[0]
    for b in range(bounds.size - 1):
        begin, n = bounds[b], bounds[b + 1] - bounds[b]
        here = slice(begin, begin + n)
        dealt = times[:n], codes[:n], _part(weights, slice(n))
        _deal_again(place[: _FINER * n + 1], time[here], code[here], _part(weight, here), dealt)
        _settle(times[:n], codes[:n], _part(weights, slice(n)))
        for i in range(n):
            new = i == 0 or times[i] != times[i - 1]  # no time is in two buckets
            time[front] = times[i]
            front += new
            code[begin + i] = codes[i] + new
            if weights is not None:
                weight[begin + i] = weights[i]
    return front - bounds[0]


@numba.njit(cache=True, nogil=True)
def count(table, squared, row, row_of_square, before, code, weight):
    """Add what is in order to the ``row`` of its code, and its square to that of its square.

    ``table`` and ``squared`` have rows of times; ``before`` is the index of the last time
    before these. What has no square (-1) adds 0 to the first, sooner than it would be skipped.
    """
    k, at = table.shape[-1], before
    totals, squares = table.reshape(-1), squared.reshape(-1)
    for i in range(code.size):
        at += code[i] & 1
        kind = code[i] >> 1
        w = 1.0 if weight is None else weight[i]
        totals[np.uint64(row[kind] * k + at)] += w
        if weight is not None:
            has = row_of_square[kind] >= 0
            squares[np.uint64(max(row_of_square[kind], 0) * k + at)] += w * w if has else 0.0


@numba.njit(cache=True, nogil=True)
def _deal_again(place, time, code, weight, dealt):
    if time.size == 0:
        return
    times, codes, weights = dealt
    low = high = time[0]
    for i in range(time.size):
        low, high = min(low, time[i]), max(high, time[i])
    scale = buckets_a_day(place.size - 1, low, high)
    place[:] = 0
    fill(place[1:], low, scale, time)
    for b in range(1, place.size):
        place[b] += place[b - 1]
    for i in range(time.size):
        b = _bucket(time[i], low, scale, place.size - 2)
        at = np.uint64(place[b])
        place[b] += 1
        times[at], codes[at] = time[i], code[i]
        if weight is not None:
            weights[at] = weight[i]


@numba.njit(cache=True, nogil=True)
def _settle(times, codes, weights):
    """Move each time back to where it belongs; sort them where that takes long."""
    moves = 0
    for i in range(1, times.size):
        t, c, w, j = times[i], codes[i], 0.0 if weights is None else weights[i], i
        while j > 0 and times[j - 1] > t:
            times[j], codes[j] = times[j - 1], codes[j - 1]
            if weights is not None:
                weights[j] = weights[j - 1]
            j -= 1
        times[j], codes[j] = t, c
        if weights is not None:
            weights[j] = w
        moves += i - j
        if moves > _MOVES * times.size:
            ordered = np.argsort(times, kind="mergesort")
            times[:], codes[:] = times[ordered], codes[ordered]
            if weights is not None:
                weights[:] = weights[ordered]
            return


@numba.njit(cache=True, nogil=True)
def _bucket(t, low, scale, last):
    bucket = np.int64((0.5 * t - 0.5 * low) * scale)  # halves: their difference is finite
    inside: np.int64 = min(max(bucket, np.int64(0)), np.int64(last))
    return np.uint64(inside)  # unsigned: an index that cannot be negative needs no test for it


@numba.njit(cache=True, nogil=True)
def _index(codes, i):
    return np.int64(0) if codes is None else np.int64(codes[i])


@numba.njit(cache=True, nogil=True)
def _part(column, rows):
    return None if column is None else column[rows]
