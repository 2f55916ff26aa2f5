"""Which counts to mask so that no small one can be seen or worked out.

Rule. A count of people from 1 to limit - 1 is small and is masked; 0 is shown, because that
nobody had an event is a result (0/57). A small count could come back by subtraction, so others
are masked with it: counts are tied by sums (rows and columns of a table, people with and without
an event, kept and left out), the sums of a table are treated as printed even where they are not,
because a reader may have them from elsewhere, and a linear programme asks how narrowly a reader can pin each masked count down.
As long as a small count can be told more closely than "from 1 to limit - 1", or any masked count
can be told exactly, one more count is masked. A number that is masked in
one place is masked wherever it stands.

Reference: Cox 1980, J Am Stat Assoc 75:377 (complementary suppression); Fischetti & Salazar 2001,
Manage Sci 47:1008 (protection intervals by linear programming).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

Cell = Hashable
"""Names one count; the same count printed twice is one cell."""

_NEAR = 1e-6


@dataclass(frozen=True)
class Sum:
    """``parts`` add up to ``total``."""

    parts: tuple[Cell, ...]
    total: Cell


@dataclass
class Counts:
    """Counts and the sums that tie them.

    Attributes
    ----------
    printed
        Value of each count that a reader would see, or may know from elsewhere.
    hidden
        Value of each count that nobody prints and that follows from others, such as the people
        without an event.
    sums
        What adds up to what.
    """

    printed: dict[Cell, int] = field(default_factory=dict)
    hidden: dict[Cell, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)

    def value(self, cell: Cell) -> int:
        """Value of a cell, printed or hidden."""
        return self.printed[cell] if cell in self.printed else self.hidden[cell]


def suppressed(counts: Counts, limit: int) -> set[Cell]:
    """Choose the printed cells to mask.

    Examples
    --------
    3 is small, and 49 - 37 - 9 would give it away; 9 is the cheaper of the two to mask:

    >>> numbers = {"men": 3, "women": 37, "unknown": 9, "all": 49}
    >>> sums = [Sum(("men", "women", "unknown"), "all")]
    >>> sorted(suppressed(Counts(numbers, {}, sums), limit=5))
    ['men', 'unknown']
    """
    masked = {cell for cell, n in counts.printed.items() if is_small(n, limit)}
    parts = [_Part(counts, sums) for sums in _connected(counts.sums)]
    while True:
        masked |= _same_numbers(counts, masked)
        more = {cell for part in parts for cell in part.to_mask(masked, limit)}
        if more <= masked:
            return masked
        masked |= more


def is_small(n: int, limit: int) -> bool:
    """Whether a count has to be masked for itself."""
    return 0 < n < limit


def feasible(
    cell: Cell, sums: Iterable[Sum], known: Mapping[Cell, int]
) -> tuple[float, float]:  # fmt: skip
    """Range in which a reader can place a cell, from the sums and the cells that are known.

    >>> feasible("a", [Sum(("a", "b"), "x"), Sum(("b", "c"), "y")], {"x": 10, "y": 4})
    (6.0, 10.0)
    """
    sums = list(sums)
    unknown = sorted(
        {c for s in sums for c in _cells(s) if c not in known} | {cell}, key=repr
    )  # fmt: skip
    column = {c: j for j, c in enumerate(unknown)}
    matrix, constants = _equations(sums, known, column)
    aim = np.zeros(len(unknown))
    aim[column[cell]] = 1.0
    low, high = (_extreme(sign * aim, matrix, constants) for sign in (1.0, -1.0))
    return low, -high


class _Part:
    """Sums that share cells, looked at together; most of them never hold a small count."""

    def __init__(self, counts: Counts, sums: list[Sum]) -> None:
        self.counts, self.sums = counts, sums
        self.cells = list(dict.fromkeys(c for s in sums for c in _cells(s)))
        self.seen: frozenset[Cell] | None = None

    def to_mask(self, masked: set[Cell], limit: int) -> set[Cell]:
        """Say which one cell more to mask, none if all are safe."""
        mine = frozenset(c for c in self.cells if c in masked)
        if mine == self.seen:
            return set()
        shown = {c: n for c, n in self.counts.printed.items() if c in self.cells and c not in mine}
        for cell in self._at_stake(mine, limit):
            if not self._safe(cell, shown, limit):
                helper = self._helper(cell, shown)
                if helper is not None:
                    return {helper}
        self.seen = mine
        return set()

    def _at_stake(self, mine: frozenset[Cell], limit: int) -> list[Cell]:
        hidden = [
            c
            for c in self.cells
            if c in self.counts.hidden and is_small(self.counts.hidden[c], limit)
        ]
        return [*(c for c in self.cells if c in mine), *hidden]  # fmt: skip

    def _safe(self, cell: Cell, shown: Mapping[Cell, int], limit: int) -> bool:
        low, high = feasible(cell, self.sums, shown)
        if is_small(self.counts.value(cell), limit):
            return low <= 1 + _NEAR and high >= limit - 1 - _NEAR
        return high - low >= 1 - _NEAR

    def _helper(self, cell: Cell, shown: Mapping[Cell, int]) -> Cell | None:
        """Find the shown cell to mask next.

        It stands in as many bare sums as possible, and masking it costs little: it is small and
        its number is printed in few places, all of which are masked with it.
        """
        near = _within_reach(cell, self.sums, shown)
        bare = [s for s in near if sum(c not in shown for c in _cells(s)) == 1] or near
        candidates = {c for s in bare for c in _cells(s) if c in shown} or {
            c for s in near for c in _cells(s) if c in shown
        }
        if not candidates:
            return None
        times = Counter(self.counts.printed.values())
        return min(
            candidates,
            key=lambda c: (
                -sum(c in _cells(s) for s in bare),
                shown[c] == 0,
                shown[c] * times[shown[c]],
                repr(c),
            ),
        )


def _within_reach(cell: Cell, sums: list[Sum], shown: Mapping[Cell, int]) -> list[Sum]:
    """Sums tied to a cell through cells that are not shown."""
    reached: set[Cell] = {cell}
    found: list[Sum] = []
    rest = list(sums)
    while True:
        now = [s for s in rest if any(c in reached for c in _cells(s))]
        if not now:
            return found
        found += now
        rest = [s for s in rest if s not in now]
        reached |= {c for s in now for c in _cells(s) if c not in shown}


def _same_numbers(counts: Counts, masked: set[Cell]) -> set[Cell]:
    numbers = {counts.printed[c] for c in masked} - {0}
    return {c for c, n in counts.printed.items() if n in numbers}


def _connected(sums: list[Sum]) -> list[list[Sum]]:
    """Split the sums where they share no cell."""
    groups: list[tuple[set[Cell], list[Sum]]] = []
    for s in sums:
        cells, members = set(_cells(s)), [s]
        apart = []
        for other_cells, others in groups:
            if other_cells & cells:
                cells |= other_cells
                members = others + members
            else:
                apart.append((other_cells, others))
        groups = [*apart, (cells, members)]
    return [members for _, members in groups]


def _cells(s: Sum) -> tuple[Cell, ...]:
    return (*s.parts, s.total)


def _equations(
    sums: list[Sum], known: Mapping[Cell, int], column: Mapping[Cell, int]
) -> tuple[np.ndarray, np.ndarray]:
    matrix = np.zeros((len(sums), len(column)))
    constants = np.zeros(len(sums))
    for i, s in enumerate(sums):
        for c, sign in (*((part, 1.0) for part in s.parts), (s.total, -1.0)):
            if c in known:
                constants[i] -= sign * known[c]
            else:
                matrix[i, column[c]] += sign
    told = np.abs(matrix).any(axis=1)
    return matrix[told], constants[told]


def _extreme(aim: np.ndarray, matrix: np.ndarray, constants: np.ndarray) -> float:
    if not len(matrix):
        return 0.0 if aim.sum() > 0 else -np.inf
    solved = linprog(aim, A_eq=matrix, b_eq=constants, bounds=(0, None), method="highs")
    if solved.status == 3:
        return -np.inf
    return float(solved.fun)
