"""The intervals in which interval-censored times can have probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.history import Floats, Integers


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
    entry = np.full(n, -np.inf) if entry is None else np.where(entry > 0, entry, -np.inf)
    value = np.concatenate([left, right, entry])
    rank = np.ones(3 * n, dtype=np.int64)
    rank[:n] = np.where(left == right, 0, 2)
    order = np.lexsort((rank, value))
    position = np.empty(3 * n, dtype=np.int64)
    position[order] = np.arange(3 * n)
    is_left = order < n
    begins = np.flatnonzero(is_left[:-1] & ~is_left[1:])
    return Windows(
        left=value[order[begins]],
        right=value[order[begins + 1]],
        first=np.searchsorted(begins, position[:n], side="left"),
        last=np.searchsorted(begins + 1, position[n : 2 * n], side="right") - 1,
        entry=np.searchsorted(begins, position[2 * n :], side="left"),
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
