"""How a cell is declared: `@cell("Kaplan-Meier", "lifelines")` above a function of the data.

The function gets the columns of `bench.cohort`, imports its package and brings the columns into
the form the package likes best; none of that is timed. What it returns is timed: a function
without arguments that does the work and returns one number, the same for every package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Columns = dict[str, np.ndarray]
Work = Callable[[], float]
AT_DAY = 1825
"""Where the curves are read: five years."""


@dataclass(frozen=True)
class Cell:
    """One operation by one package."""

    operation: str
    peer: str
    prepare: Callable[[Columns], Work]
    sizes: list[int] | None = None


CELLS: list[Cell] = []


def cell(
    operation: str, peer: str, sizes: Sequence[int] | None = None
) -> Callable[[Callable[[Columns], Work]], Callable[[Columns], Work]]:
    """Register a cell; ``sizes`` for an operation that is not run at the usual ones."""

    def register(prepare: Callable[[Columns], Work]) -> Callable[[Columns], Work]:
        CELLS.append(Cell(operation, peer, prepare, None if sizes is None else list(sizes)))
        return prepare

    return register


def last_at(time: np.ndarray, values: np.ndarray, day: float = AT_DAY) -> float:
    """Value of a step curve at a day."""
    return float(np.asarray(values)[np.searchsorted(np.asarray(time), day, side="right") - 1])
