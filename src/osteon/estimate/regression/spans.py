"""Sums over spans of event times by additions alone.

A late entrant's share in a sum could be had by subtraction: the running sum at its exit less that
at its entry. Where risks differ by many orders (a likelihood that rises for ever) nothing would be
left of the difference but rounding. Here a span is put together from blocks whose lengths are
powers of two, few for each span, and nothing is subtracted.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from osteon.contracts.arrays import Floats, Integers


class Spans:
    """Spans ``first, ..., last`` of cells, each a union of dyadic blocks.

    Block 1 holds all cells, blocks 2i and 2i + 1 the halves of block i; the last ones are single
    cells.

    Parameters
    ----------
    first, last : ndarray of int, shape (m,)
        First and last cell of each span; ``first <= last``.
    size : int
        Number of cells.

    Examples
    --------
    >>> spans = Spans(np.array([0, 1]), np.array([2, 3]), 4)
    >>> spans.within(np.array([[1.0], [2.0], [3.0], [4.0]])).ravel().tolist()
    [6.0, 9.0]
    >>> spans.over(np.array([[10.0], [1.0]])).ravel().tolist()
    [10.0, 11.0, 11.0, 1.0]
    """

    def __init__(self, first: Integers, last: Integers, size: int) -> None:
        self.size, self.width = size, 1 << max(size - 1, 0).bit_length()
        span, block = _blocks(first + self.width, last + 1 + self.width)
        shape = (first.size, 2 * self.width)
        self.blocks = csr_array((np.ones(span.size), (span, block)), shape=shape)
        self.transposed = self.blocks.T.tocsr()

    def within(self, values: Floats) -> Floats:
        """Sum cells over each span: (size, k) -> (m, k)."""
        tree = np.zeros((2 * self.width, values.shape[1]))
        tree[self.width : self.width + self.size] = values
        half = self.width // 2
        while half:
            tree[half : 2 * half] = (
                tree[2 * half : 4 * half : 2] + tree[2 * half + 1 : 4 * half : 2]
            )
            half //= 2
        return np.asarray(self.blocks @ tree)

    def over(self, values: Floats) -> Floats:
        """Sum spans over each cell: (m, k) -> (size, k)."""
        tree = np.asarray(self.transposed @ values)
        half = 1
        while half < self.width:
            tree[2 * half : 4 * half] += np.repeat(tree[half : 2 * half], 2, axis=0)
            half *= 2
        return tree[self.width : self.width + self.size]


def _blocks(begin: Integers, end: Integers) -> tuple[Integers, Integers]:
    """Number of the span and of the block, for each block of each span ``begin, ..., end - 1``."""
    span, block = [], []
    while (open_ := begin < end).any():
        left = open_ & (begin % 2 == 1)
        right = open_ & (end % 2 == 1)
        span += [np.flatnonzero(left), np.flatnonzero(right)]
        block += [begin[left], end[right] - 1]
        begin, end = (begin + left) // 2, (end - right) // 2
    nothing = np.zeros(0, dtype=np.int64)
    return np.concatenate([nothing, *span]), np.concatenate([nothing, *block])
