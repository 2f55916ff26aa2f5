"""Loops that are compiled, for data so large that NumPy's temporary arrays cost more.

Imported only from where it is needed: importing numba alone takes half a second. The machine
code is kept beside the module, so that it is made once an installation.
"""

from __future__ import annotations

import numba
import numpy as np

_A_BUCKET = 4  # times, were they spread evenly
_FEW = 32  # times that are sorted soonest by putting each in its place


@numba.njit(cache=True, nogil=True)
def count_days(entered, ended, day, exit_, entry, event, origin, stratum):
    """Add every row to the cell of its exit, and to that of its entry.

    ``entered`` is of shape (strata, origins, days from ``day`` on), ``ended`` of shape
    (strata, origins, states, days): by the state that is entered, 0 for none.
    """
    states, k = ended.shape[2], ended.shape[3]
    entering, leaving = entered.reshape(-1), ended.reshape(-1)
    for i in range(exit_.size):
        place = _place(stratum, origin, i, ended.shape[1])
        # Unsigned: an index that cannot be negative needs no test for it.
        leaving[np.uint64(_cell(place * states + np.int64(event[i]), k, exit_[i], day))] += 1.0
        if entry is not None:
            entering[np.uint64(_cell(place, k, entry[i], day))] += 1.0


@numba.njit(cache=True, nogil=True)
def weigh_days(entered, ended, day, exit_, entry, event, origin, stratum, weight):
    """The same with weights; ``ended`` has their squares too, on a last axis.

    In an array of their own the squares might lie a multiple of the processor's pages away, and
    wait for the weights; here both are read before either is written.
    """
    states, k = ended.shape[2], ended.shape[3]
    entering, leaving = entered.reshape(-1), ended.reshape(-1)
    for i in range(exit_.size):
        place, w = _place(stratum, origin, i, ended.shape[1]), weight[i]
        cell = np.uint64(2 * _cell(place * states + np.int64(event[i]), k, exit_[i], day))
        squared = cell + np.uint64(1)
        total, total_squared = leaving[cell] + w, leaving[squared] + w * w
        leaving[cell], leaving[squared] = total, total_squared
        if entry is not None:
            entering[np.uint64(_cell(place, k, entry[i], day))] += w


@numba.njit(cache=True, nogil=True)
def _place(stratum, origin, i, origins):
    return _index(stratum, i) * origins + _index(origin, i)


@numba.njit(cache=True, nogil=True)
def _cell(row, k, t, day):
    return row * k + np.int64(t) - day


@numba.njit(cache=True, nogil=True)
def sort_ends(code, low, high, exit_, entry, event, origin, stratum, weight, states, rows, cells):
    """Times of exits and entries in order, the weights that go with them, and how many differ.

    What happens at a time goes to ``code``: the row of `count_sorted`'s ``ended``, whose ``rows`` a
    stratum make ``cells`` in all, or, after those, that of ``entered``. The first place is left
    to ``low``, before which nothing happens. Times are dealt into many buckets of equal width, and
    each bucket is sorted, ties in the order of the rows; where times crowd into few buckets that
    comes to a sort.
    """
    last = code.size // _A_BUCKET
    scale = (last + 1) / (high - low)
    begins = np.zeros(last + 3, np.int64)
    for i in range(exit_.size):
        begins[_bucket(exit_[i], low, scale, last) + 2] += 1
        if entry is not None:
            begins[_bucket(entry[i], low, scale, last) + 2] += 1
    begins[:2] = 1
    for b in range(2, begins.size):
        begins[b] += begins[b - 1]
    time, ordered = np.empty(code.size), np.empty(0 if weight is None else code.size)
    time[0] = low
    for i in range(exit_.size):
        s, h = _index(stratum, i), _index(origin, i)
        b = _bucket(exit_[i], low, scale, last) + 1
        time[begins[b]] = exit_[i]
        code[begins[b]] = s * rows + _row(h, np.int64(event[i]), states)
        if weight is not None:
            ordered[begins[b]] = weight[i]
        begins[b] += 1
        if entry is not None:
            b = _bucket(entry[i], low, scale, last) + 1
            time[begins[b]] = entry[i]
            code[begins[b]] = cells + s * states + h
            if weight is not None:
                ordered[begins[b]] = weight[i]
            begins[b] += 1
    distinct = 1
    for b in range(last + 1):
        here = slice(begins[b], begins[b + 1])
        _sort(time[here], code[here], None if weight is None else ordered[here])
        for i in range(begins[b], begins[b + 1]):
            distinct += time[i] != time[i - 1]
    return time, ordered, distinct


@numba.njit(cache=True, nogil=True)
def count_sorted(entered, ended, squared, time, code, weight):
    """The counts of what `sort_ends` returns; distinct times go to the front.

    Of shape (strata, rows, distinct times); the rows of ``ended`` are one a state, for who leaves
    it without a transition, and then one a transition.
    """
    states, rows, k = entered.shape[1], ended.shape[1], entered.shape[2]
    entering, leaving, moving = entered.reshape(-1), ended.reshape(-1), squared.reshape(-1)
    cells, at = ended.shape[0] * rows, 0
    for i in range(1, time.size):
        if time[i] != time[at]:
            at += 1
            time[at] = time[i]
        cell, w = np.int64(code[i]), weight[i] if weight.size else 1.0
        if cell >= cells:
            entering[(cell - cells) * k + at] += w
            continue
        leaving[cell * k + at] += w
        row = cell % rows - states
        if weight.size and row >= 0:
            moving[(cell // rows * (rows - states) + row) * k + at] += w * w


@numba.njit(cache=True, nogil=True)
def _index(codes, i):
    return np.int64(0) if codes is None else np.int64(codes[i])


@numba.njit(cache=True, nogil=True)
def _row(origin, to, states):
    return states + origin * (states - 1) + to - 1 if to > 0 else origin


@numba.njit(cache=True, nogil=True)
def _bucket(t, low, scale, last):
    b = (t - low) * scale
    return np.int64(b) if b < last else np.int64(last)  # there also if b is not a number


@numba.njit(cache=True, nogil=True)
def _sort(time, code, weight):
    if time.size > _FEW:
        order = np.argsort(time, kind="mergesort")
        time[:], code[:] = time[order], code[order]
        if weight is not None:
            weight[:] = weight[order]
        return
    for i in range(1, time.size):
        t, c, w, j = time[i], code[i], 0.0 if weight is None else weight[i], i
        while j > 0 and time[j - 1] > t:
            time[j], code[j] = time[j - 1], code[j - 1]
            if weight is not None:
                weight[j] = weight[j - 1]
            j -= 1
        time[j], code[j] = t, c
        if weight is not None:
            weight[j] = w


@numba.njit(cache=True, nogil=True)
def curves(counts, cluster, weight, event, cause, by_entry, entered_later, delayed, until, found):
    """Survival and incidences of every replicate, as `replicates.Plan.curves` makes them."""
    events, causes = event.size, found.shape[0] - 1
    at_risk, incidence = np.empty(events), np.empty(causes)
    for b in range(counts.shape[0]):
        votes = counts[b]
        running, row = 0.0, 0
        for e in range(events - 1, -1, -1):
            while row <= event[e]:
                running += votes[cluster[row]] * weight[row]
                row += 1
            at_risk[e] = running
        while row < cluster.size:
            running += votes[cluster[row]] * weight[row]
            row += 1
        if running == 0.0:
            found[:, :, b] = np.nan
            continue
        if delayed:
            running, row = 0.0, 0
            for e in range(events - 1, -1, -1):
                while row < entered_later[e]:
                    running += votes[cluster[by_entry[row]]] * weight[by_entry[row]]
                    row += 1
                at_risk[e] -= running
        survival = 1.0
        incidence[:] = 0.0
        e = 0
        for m in np.argsort(until):
            while e < until[m]:
                happened = votes[cluster[event[e]]] * weight[event[e]]
                if happened > 0.0:
                    share = happened / at_risk[e]
                    incidence[cause[e]] += survival * share
                    survival *= max(1.0 - share, 0.0)
                e += 1
            found[0, m, b] = survival
            found[1:, m, b] = incidence
