"""Compiled loops that count whole days, for histories so long that NumPy's temporary arrays cost more.

Imported only from where it is needed: importing numba alone takes half a second. The machine
code is kept beside the module, so that it is made once an installation.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def count_days(cells, first, day, stratum, origin, entered, weight):
    """Add every row, or its weight, to its cell.

    ``cells`` is of shape (strata, origins, states, days from ``first`` on): by the state that is
    entered, 0 for none.
    """
    added = cells.reshape(-1)
    for i in range(day.size):
        at = _cell(cells, first, day, stratum, origin, entered, i)
        added[at] += 1.0 if weight is None else weight[i]


@numba.njit(cache=True, nogil=True)
def weigh_days(cells, first, day, stratum, origin, entered, weight):
    """Add weights and their squares, which ``cells`` has side by side on a last axis.

    In an array of their own the squares might lie a multiple of the processor's pages away, and
    wait for the weights; here both are read before either is written.
    """
    added = cells.reshape(-1)
    for i in range(day.size):
        at = np.uint64(2) * _cell(cells, first, day, stratum, origin, entered, i)
        squared, w = at + np.uint64(1), weight[i]
        total, total_squared = added[at] + w, added[squared] + w * w
        added[at], added[squared] = total, total_squared


@numba.njit(cache=True, nogil=True)
def _cell(cells, first, day, stratum, origin, entered, i):
    row = _index(stratum, i) * cells.shape[1] + _index(origin, i)
    row = row * cells.shape[2] + _index(entered, i)
    # Unsigned: an index that cannot be negative needs no test for it.
    return np.uint64(row * cells.shape[3] + np.int64(day[i]) - first)


@numba.njit(cache=True, nogil=True)
def _index(codes, i):
    return np.int64(0) if codes is None else np.int64(codes[i])
