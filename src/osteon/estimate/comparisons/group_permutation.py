"""Sums of scores of several groups under permutation: all counted where feasible, drawn where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.comparisons.permutation import CELLS, LISTED, SLACK, TIED

_FLAT = 1e-10  # share of the largest eigenvalue below which a covariance has none


@dataclass(frozen=True)
class GroupTails:
    """Permutation probability of a quadratic form of the groups' sums.

    Attributes
    ----------
    p_value, mid_p_value : float
        Of a form as large as the one seen, or larger; with half of "as large".
    monte_carlo_error : float
        Standard error of ``p_value`` from drawing; 0 where all were counted.
    permutations : float
        How many were counted, or drawn.
    method : {"exact", "monte-carlo"}
        Whether all were counted.
    """

    p_value: float
    mid_p_value: float
    monte_carlo_error: float
    permutations: float
    method: str


class GroupBlock:
    """Scores of subjects whose labels may be exchanged, and the group of each."""

    def __init__(self, scores: Floats, group: Integers, groups: int) -> None:
        self.scores, self.group = scores, group
        self.sizes = np.bincount(group, minlength=groups)

    @property
    def centred(self) -> Floats:
        """Scores less their mean, shape (n,)."""
        return self.scores - self.scores.mean()

    @property
    def seen(self) -> Floats:
        """Sum of each group's centred scores, shape (groups,)."""
        sums = np.zeros(self.sizes.size)
        np.add.at(sums, self.group, self.centred)
        return sums

    @property
    def covariance(self) -> Floats:
        """Covariance of those sums under permutation, shape (groups, groups)."""
        n, sizes = self.scores.size, self.sizes
        if n < 2:
            return np.zeros((sizes.size, sizes.size))
        spread = float(self.centred @ self.centred) / (n * (n - 1))
        return np.asarray(spread * (n * np.diag(sizes) - np.multiply.outer(sizes, sizes)))


@dataclass(frozen=True, eq=False)
class Form:
    """Quadratic form of the groups' sums in the inverse of their covariance, and its rank."""

    root: Floats
    rank: int

    def of(self, sums: Floats) -> Floats:
        """Value for each row of sums, shape (m,)."""
        return np.einsum("mr,mr->m", sums @ self.root, sums @ self.root)


def form_of(blocks: Sequence[GroupBlock]) -> Form:
    """The form of the blocks' summed covariance; of rank 0 where the sums do not vary."""
    values, vectors = np.linalg.eigh(sum(block.covariance for block in blocks))
    some = values > _FLAT * max(values[-1], 0.0)
    return Form(vectors[:, some] / np.sqrt(values[some]), int(some.sum()))


def count_groups(blocks: Sequence[GroupBlock], form: Form) -> GroupTails | None:
    """Count all ways to share the blocks' scores out among the groups; None if there are too many.

    Score after score, equal ones at once, is given to the groups that have room: every way to do
    so is held with its sums, and with the number of permutations that it stands for ([1]_).

    References
    ----------
    .. [1] Mehta & Patel (1983), J. Am. Stat. Assoc. 78:427-434 (network of the tables with given
       margins), doi:10.1080/01621459.1983.10477989.
    """
    sums, ways = np.zeros((1, form.root.shape[0])), np.ones(1)
    for block in blocks:
        values, copies = _values(block)
        room = np.tile(block.sizes, (sums.shape[0], 1))
        for value, copy in zip(values, copies, strict=True):
            shared = _shared(int(copy), block.sizes.size)
            if sums.shape[0] * shared.shape[0] > 8 * LISTED:
                return None
            left = room[:, None] - shared
            fits = np.flatnonzero((left >= 0).all(axis=2).ravel())
            if fits.size > LISTED:
                return None
            before, how = np.divmod(fits, shared.shape[0])
            room = left.reshape(-1, block.sizes.size)[fits]
            sums = sums[before] + value * shared[how]
            ways = ways[before] * _ways(shared)[how]
    far, equal = _reached(form.of(sums), _value(blocks, form))
    total = float(ways.sum())
    p = float(ways @ far) / total
    return GroupTails(p, p - float(ways @ equal) / total / 2, 0.0, total, "exact")


def draw_groups(blocks: Sequence[GroupBlock], form: Form, draws: int, seed: int) -> GroupTails:
    """Draw permutations within blocks; p-values are (1 + hits) / (1 + draws), never 0."""
    seen, rng = _value(blocks, form), np.random.default_rng(seed)
    far = equal = 0
    for sums in _batches(blocks, draws, rng):
        of_batch = _reached(form.of(sums), seen)
        far, equal = far + int(of_batch[0].sum()), equal + int(of_batch[1].sum())
    p = (1 + far) / (1 + draws)
    error = float(np.sqrt(p * (1 - p) / draws))
    return GroupTails(p, p - equal / (1 + draws) / 2, error, float(draws), "monte-carlo")


def _values(block: GroupBlock) -> tuple[Floats, Integers]:
    """The block's distinct scores, and how many have each."""
    ascending = np.sort(block.centred)
    starts = np.flatnonzero(np.diff(ascending, prepend=-np.inf) > TIED)
    return ascending[starts], np.diff(np.append(starts, ascending.size))


def _value(blocks: Sequence[GroupBlock], form: Form) -> float:
    return float(form.of(np.sum([block.seen for block in blocks], axis=0)[None, :])[0])


def _reached(values: Floats, seen: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values are as large as the one seen, and which equal it, but for rounding."""
    slack = SLACK * max(seen, 1.0)
    return values >= seen - slack, np.abs(values - seen) <= slack


def _shared(copies: int, groups: int) -> Integers:
    """All ways to share so many equal scores out among the groups, shape (ways, groups)."""
    if groups == 1:
        return np.array([[copies]])
    parts = []
    for first in range(copies + 1):
        rest = _shared(copies - first, groups - 1)
        parts.append(np.column_stack([np.full(rest.shape[0], first), rest]))
    return np.concatenate(parts)


def _ways(shared: Integers) -> Floats:
    """Permutations that each way stands for: a multinomial coefficient."""
    factorials = np.array([float(factorial(i)) for i in range(int(shared.max()) + 1)])
    return factorial(int(shared[0].sum())) / np.prod(factorials[shared], axis=1)


def _batches(
    blocks: Sequence[GroupBlock], draws: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Sums of the groups under drawn permutations, shape (rows, groups), part by part."""
    size = max(1, CELLS // max(block.scores.size for block in blocks))
    for begin in range(0, draws, size):
        rows = min(size, draws - begin)
        sums = np.zeros((rows, blocks[0].sizes.size))
        for block in blocks:
            shuffled = rng.permuted(np.tile(block.centred, (rows, 1)), axis=1)
            running = np.cumsum(shuffled, axis=1)
            ends = np.concatenate([np.zeros((rows, 1)), running], axis=1)[
                :, np.concatenate([[0], np.cumsum(block.sizes)])
            ]
            sums += np.diff(ends, axis=1)
        yield sums
