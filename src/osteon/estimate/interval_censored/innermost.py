"""The intervals in which interval-censored times can have probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Windows:
    """Innermost intervals, and the run of them that each subject may have had the event in.

    Attributes
    ----------
    left, right : ndarray of float, shape (m,)
        Innermost intervals, ascending.
    first, last : ndarray of int, shape (n,)
        First and last interval in each subject's ``(left, right]``.
    entry : ndarray of int, shape (n,)
        First interval after each subject's entry.
    """

    left: Floats
    right: Floats
    first: Integers
    last: Integers
    entry: Integers


def innermost_intervals(left: Floats, right: Floats, entry: Floats | None = None) -> Windows:
    """Turnbull's intervals; with late entry those of Alioum and Commenges.

    On the line, ``t`` known exactly begins before a right bound ``t`` and that before a left
    bound ``t`` (which is just after t). So an interval is innermost if in this order a left
    bound is directly followed by a right bound, and a subject contains a run of them. An entry
    at ``t`` closes an interval as a right bound does: who entered is the likelier, the more
    probability lies at or before ``t``.
    """
    n = left.size
    ends = [left, right]
    if entry is not None and (entry > 0).any():
        ends.append(np.where(entry > 0, entry, -np.inf))
    value = np.concatenate(ends)
    rank = np.ones(value.size, dtype=np.int8)
    rank[:n] = np.where(left == right, 0, 2)
    order = np.lexsort((rank, value))
    position = np.empty(value.size, dtype=np.int64)
    position[order] = np.arange(value.size)
    is_left = order < n
    begins = np.flatnonzero(is_left[:-1] & ~is_left[1:])
    first = begins.searchsorted(position, side="left")
    return Windows(
        left=value[order[begins]],
        right=value[order[begins + 1]],
        first=first[:n],
        last=(begins + 1).searchsorted(position[n : 2 * n], side="right") - 1,
        entry=first[2 * n :] if len(ends) > 2 else np.zeros(n, dtype=np.int64),
    )


def fewest_intervals(windows: Windows) -> Integers:
    """Fewest innermost intervals such that every subject's window holds one, ascending."""
    latest_start = np.full(windows.left.size, -1)
    np.maximum.at(latest_start, windows.last, windows.first)
    chosen, last = [], -1
    for j, begins in enumerate(latest_start.tolist()):
        if begins > last:
            chosen.append(j)
            last = j
    return np.array(chosen)
