"""Questions to very long columns, each answered in one compiled pass.

Imported only from `arrays.COMPILE_FROM` rows on: importing numba alone takes half a second. Loops
go by index, since only then does the compiler take several values at a time.
"""

from __future__ import annotations

import numba
import numpy as np

_ALL_BUT_THE_SIGN = np.int64(2**63 - 1)


@numba.njit(cache=True, nogil=True)
def extremes(column):
    """Lowest and highest of whole numbers."""
    lowest = highest = column[0]
    for i in range(column.size):
        lowest, highest = min(lowest, column[i]), max(highest, column[i])
    return lowest, highest


@numba.njit(cache=True, nogil=True)
def extremes_of_floats(bits):
    """Bits of the lowest and the highest 64-bit float.

    Read as a whole number, a float's bits are in the order of its values, once those of negative
    ones are turned round; what is not a number lies beyond the infinities, on either side.
    """
    lowest = highest = in_order_of_values(bits[0])
    for i in range(bits.size):
        value = in_order_of_values(bits[i])
        lowest, highest = min(lowest, value), max(highest, value)
    return in_order_of_values(lowest), in_order_of_values(highest)


@numba.njit(cache=True, nogil=True)
def in_order_of_values(bits):
    """The bits of a float as a number that rises with its value, and back again."""
    return bits ^ ((bits >> 63) & _ALL_BUT_THE_SIGN)


@numba.njit(cache=True, nogil=True)
def in_order(first, second):
    """Whether every value is below the other column's; one that is not a number is not."""
    broken = 0
    for i in range(first.size):
        broken += not (first[i] < second[i])
    return broken == 0


@numba.njit(cache=True, nogil=True)
def whole(time):
    """Whether every time is a whole number of days."""
    broken = 0
    for i in range(time.size):
        broken += time[i] != np.floor(time[i])
    return broken == 0
