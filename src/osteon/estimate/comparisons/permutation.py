"""Sums of some of many scores under permutation: all counted where feasible, drawn where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats

LISTED = 1 << 21
"""Distinct sums that are listed before giving up on counting all permutations."""
TIED = 1e-9  # sums that differ by less are the same sum; scores are of the order of 1
CELLS = 200_000  # scores shuffled at a time
SLACK = 1e-8  # a sum that is less than this short of the one seen reaches it


@dataclass(frozen=True)
class Tails:
    """Permutation probabilities of a sum of centred scores.

    Attributes
    ----------
    p_value, mid_p_value : float
        As far from 0 as the sum seen, or farther; with half of "as far".
    p_greater, p_less : float
        At least, at most, the sum seen.
    monte_carlo_error : float
        Standard error of ``p_value`` from drawing; 0 where all were counted.
    permutations : float
        How many were counted, or drawn.
    method : {"exact", "monte-carlo"}
        Whether all were counted.
    """

    p_value: float
    mid_p_value: float
    p_greater: float
    p_less: float
    monte_carlo_error: float
    permutations: float
    method: str


class Block:
    """Scores of subjects whose labels may be exchanged, and who is in the second group."""

    def __init__(self, scores: Floats, second: NDArray[np.bool_]) -> None:
        self.scores, self.second = scores, second
        self.n, self.n_second = scores.size, int(second.sum())

    @property
    def centred(self) -> Floats:
        """Scores less their mean, shape (n,)."""
        return self.scores - self.scores.mean()

    @property
    def chosen(self) -> int:
        """Size of the smaller group: so many of ``pool`` are chosen."""
        return min(self.n_second, self.n - self.n_second)

    @property
    def pool(self) -> Floats:
        """Scores whose sum over the smaller group is that of the centred ones over the second."""
        return self.centred if self.chosen == self.n_second else -self.centred

    @property
    def seen(self) -> float:
        """Sum of the second group's centred scores."""
        return float(self.centred[self.second].sum())

    @property
    def variance(self) -> float:
        """Variance of that sum under permutation."""
        if self.n < 2:
            return 0.0
        share = self.n_second * (self.n - self.n_second) / (self.n * (self.n - 1))
        return share * float(self.centred @ self.centred)


_Sums = tuple[Floats, Floats]  # distinct sums, ascending, and in how many ways each is made
_Pairs = list[tuple[_Sums, _Sums]]


def count_all(blocks: Sequence[Block]) -> Tails | None:
    """Count the sums of all permutations within blocks; None if there are too many.

    The sums of two halves of the scores are listed ([1]_), equal ones once. For each of one half
    it is looked up how many of the other reach the tails.

    References
    ----------
    .. [1] van de Wiel (2001), Comput. Stat. 16:519-538, doi:10.1007/s180-001-8328-6.
    """
    pairs = _halves(blocks)
    return None if pairs is None else _counted(pairs, sum(block.seen for block in blocks))


def draw(blocks: Sequence[Block], draws: int, seed: int) -> Tails:
    """Draw permutations within blocks; p-values are (1 + hits) / (1 + draws), never 0."""
    away = sum(block.seen for block in blocks)
    sums = np.concatenate(list(_batches(blocks, draws, np.random.default_rng(seed))))
    far = int((np.abs(sums) >= abs(away) - SLACK).sum())
    equal = int((np.abs(np.abs(sums) - abs(away)) <= SLACK).sum())
    greater, less = int((sums >= away - SLACK).sum()), int((sums <= away + SLACK).sum())
    p, p_greater, p_less = ((1 + hits) / (1 + draws) for hits in (far, greater, less))
    error = float(np.sqrt(p * (1 - p) / draws))
    mid_p = p - equal / (1 + draws) / 2
    return Tails(p, mid_p, p_greater, p_less, error, float(draws), "monte-carlo")


def _halves(blocks: Sequence[Block]) -> _Pairs | None:
    """Pairs of lists whose sums, one of each, are all the permutations' sums; None if too many.

    All blocks but the largest are listed whole; the largest is cut into two halves, and for every
    number of the second group in the first half there is a pair.
    """
    ordered = sorted(blocks, key=lambda block: block.n)
    whole: _Sums | None = (np.zeros(1), np.ones(1))
    for block in ordered[:-1]:
        listed = _lists(*_values(block), block.chosen)
        whole = None if listed is None or whole is None else _sum(whole, listed[block.chosen])
    last = ordered[-1]
    values, copies = _values(last)
    one = _half(copies)
    first = _lists(values[one], copies[one], last.chosen)
    rest = _lists(values[~one], copies[~one], last.chosen)
    if whole is None or first is None or rest is None:
        return None
    pairs: _Pairs = []
    for k, sums in enumerate(first):
        if 0 <= last.chosen - k < len(rest):
            joined = _sum(whole, sums)
            if joined is None:
                return None
            pairs.append((joined, rest[last.chosen - k]))
    return pairs


def _values(block: Block) -> _Sums:
    """The block's distinct scores, and how many have each."""
    return _distinct(np.sort(block.pool), np.ones(block.n))


def _half(copies: Floats) -> NDArray[np.bool_]:
    """Values of one half, so that both have about as many sums; equal scores stay together."""
    half, sizes = np.zeros(copies.size, dtype=bool), [0.0, 0.0]
    for i in np.argsort(-copies, kind="stable"):
        smaller = int(sizes[1] < sizes[0])
        half[i], sizes[smaller] = bool(smaller), sizes[smaller] + np.log(copies[i] + 1)
    return half


def _lists(values: Floats, copies: Floats, most: int) -> list[_Sums] | None:
    """Distinct sums of k of the scores and in how many ways, for k = 0, ..., most."""
    lists: list[_Sums] = [(np.zeros(1), np.ones(1))]
    for value, copy in zip(values.tolist(), copies.astype(int).tolist(), strict=True):
        ways = [comb(copy, j) for j in range(copy + 1)]
        grown: list[list[_Sums]] = [[] for _ in range(min(len(lists) + copy, most + 1))]
        for k, (sums, count) in enumerate(lists):
            for j in range(min(copy, most - k) + 1):
                grown[k + j].append((sums + j * value, count * ways[j]))
        lists = [_merged(together) for together in grown]
        if sum(sums.size for sums, _ in lists) > LISTED:
            return None
    return lists


def _sum(a: _Sums, b: _Sums) -> _Sums | None:
    if a[0].size * b[0].size > LISTED:
        return None
    sums, count = np.add.outer(a[0], b[0]).ravel(), np.multiply.outer(a[1], b[1]).ravel()
    return _merged([(sums, count)])


def _merged(together: Sequence[_Sums]) -> _Sums:
    sums = np.concatenate([s for s, _ in together])
    count = np.concatenate([c for _, c in together])
    order = np.argsort(sums, kind="stable")
    return _distinct(sums[order], count[order])


def _distinct(ascending: Floats, count: Floats) -> _Sums:
    if ascending.size == 0:
        return ascending, count
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ascending) > TIED]))
    return ascending[starts], np.add.reduceat(count, starts)


def _counted(pairs: _Pairs, away: float) -> Tails:
    total = greater = less = far = equal = 0.0
    distance = abs(away)
    for (a, ways_a), (b, ways_b) in pairs:
        below = np.concatenate([[0.0], np.cumsum(ways_b)])

        def under(limit: Floats, below: Floats = below, b: Floats = b) -> Floats:
            return below[np.searchsorted(b, limit, side="left")]

        total += float(ways_a.sum() * below[-1])
        greater += float(ways_a @ (below[-1] - under(away - a - SLACK)))
        less += float(ways_a @ under(away - a + SLACK))
        beyond = under(-distance - a - SLACK) + below[-1] - under(distance - a + SLACK)
        reach = under(-distance - a + SLACK) + below[-1] - under(distance - a - SLACK)
        reach = np.minimum(reach, below[-1])  # at no distance both tails hold everything
        far += float(ways_a @ reach)
        equal += float(ways_a @ (reach - beyond))
    p = far / total
    return Tails(p, p - equal / total / 2, greater / total, less / total, 0.0, total, "exact")


def _batches(blocks: Sequence[Block], draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    size = max(1, CELLS // max(block.n for block in blocks))
    for begin in range(0, draws, size):
        rows = min(size, draws - begin)
        sums = np.zeros(rows)
        for block in blocks:
            if block.chosen:
                shuffled = rng.permuted(np.tile(block.pool, (rows, 1)), axis=1)
                sums += shuffled[:, : block.chosen].sum(axis=1)
        yield sums
