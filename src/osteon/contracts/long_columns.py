"""Questions to very long columns, each answered in one compiled pass.

Imported only from `arrays.COMPILE_FROM` rows on: importing numba alone takes half a second. Loops
go by index, since only then does the compiler take several values at a time.
"""

from __future__ import annotations

import numba
import numpy as np

_ALL_BUT_THE_SIGN = np.int64(2**63 - 1)
_MOVES = 32  # a row: beyond, a sort is quicker


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


@numba.njit(cache=True, nogil=True)
def courses(course, least, kinds, entry):
    """Rows in the order of course and entry, and which of them the next one follows.

    Also whether that could be done: not where courses are very long and out of order. There are
    ``kinds`` courses, numbered from ``least`` on.
    """
    place = np.zeros(kinds + 1, np.int64)
    for i in range(course.size):
        place[course[i] - least + 1] += 1
    for c in range(1, kinds + 1):
        place[c] += place[c - 1]
    order, follows = np.empty(course.size, np.int64), np.ones(course.size - 1, np.bool_)
    begins = None if entry is None else np.empty(course.size, entry.dtype)
    for c in range(1, kinds):
        if 0 < place[c] < course.size:
            follows[place[c] - 1] = False
    for i in range(course.size):
        at = place[course[i] - least]
        place[course[i] - least] += 1
        order[at] = i
        if begins is not None:
            begins[at] = entry[i]
    return order, follows, entry is None or _settle(order, follows, begins)


@numba.njit(cache=True, nogil=True)
def _settle(order, follows, begins):
    """Move each row back to where its entry belongs in its course; False where that takes long."""
    moves = 0
    for i in range(1, order.size):
        row, t, j = order[i], begins[i], i
        while j > 0 and follows[j - 1] and begins[j - 1] > t:
            order[j], begins[j] = order[j - 1], begins[j - 1]
            j -= 1
        order[j], begins[j] = row, t
        moves += i - j
        if moves > _MOVES * order.size:
            return False
    return True
