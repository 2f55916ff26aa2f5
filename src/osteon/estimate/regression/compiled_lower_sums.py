"""`lower_sums` by a compiled tree of partial sums."""

from __future__ import annotations

import numpy as np
from numba import njit

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.regression.compiled import counting_order


def lower_and_tied(
    rank: Integers, weight: Floats, come: Integers, of: Integers
) -> tuple[Floats, Floats]:
    """Weight of the first ``come`` points that rank below ``of``, and that rank equal."""
    ranks = 1 + int(max(rank.max(initial=0), of.max(initial=0)))
    order = counting_order(come, rank.size + 1)
    return _lower_and_tied(rank, weight, order, come, of, ranks)


@njit(nogil=True, cache=True)
def _lower_and_tied(rank, weight, order, come, of, ranks):
    tree, own = np.zeros(ranks + 1), np.zeros(ranks)
    lower, tied = np.empty(of.size), np.empty(of.size)
    added = 0
    for query in order:
        while added < come[query]:
            own[rank[added]] += weight[added]
            node = rank[added] + 1
            while node <= ranks:
                tree[node] += weight[added]
                node += node & -node
            added += 1
        total, node = 0.0, of[query]
        while node > 0:
            total += tree[node]
            node -= node & -node
        lower[query], tied[query] = total, own[of[query]]
    return lower, tied
