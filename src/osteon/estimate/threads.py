"""Large data in parts, one a thread: always as many, so that every machine adds up in one order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

from osteon.contracts.arrays import Integers

THREADS = 2
SPLIT_FROM = 100_000
"""Rows that pay for a second thread."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def threaded(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Apply work to parts, in threads; results in the order of the parts."""
    if len(parts) == 1:
        return [work(parts[0])]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, parts))


def edges(rows: int) -> Integers:
    """Where to cut rows into parts, one a thread."""
    parts = THREADS if rows >= SPLIT_FROM else 1
    return np.linspace(0, rows, parts + 1).astype(np.int64)


def slices(rows: int) -> list[slice]:
    """Rows in parts, one a thread."""
    return [slice(begin, end) for begin, end in pairwise(edges(rows).tolist())]
