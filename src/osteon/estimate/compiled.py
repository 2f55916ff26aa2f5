"""Loops that are compiled, for data so large that NumPy's temporary arrays cost more.

Imported only from where it is needed: importing numba alone takes half a second. The machine
code is kept beside the module, so that it is made once an installation.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_up(counts, at, first, stratum, origin, to, weight, shape):
    """Add weights, or rows where there are none, into a flat array of ``shape``, row by row."""
    for i in range(at.size):
        cell = np.int64(0)
        if stratum is not None:
            cell += np.int64(stratum[i])
        cell *= shape[1]
        if origin is not None:
            cell += np.int64(origin[i])
        cell *= shape[2]
        if to is not None:
            cell += np.int64(to[i])
        # Unsigned: an index that cannot be negative needs no test for it.
        place = np.uint64(cell * shape[3] + np.int64(at[i]) - first)
        counts[place] += 1 if weight is None else weight[i]


@numba.njit(cache=True, nogil=True)
def whole(time):
    """Whether every time is a whole number of days."""
    broken = 0
    for t in time:
        broken += t != np.floor(t)
    return broken == 0
