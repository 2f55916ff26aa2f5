"""Compiled loops for large data, equal to the NumPy paths to rounding.

Only imported from `COMPILE_FROM` rows on: a study of one centre never waits for a compiler. The
number of threads is fixed, so that every machine adds up in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numba import njit

from osteon.contracts.history import Floats, Integers

THREADS = 2
_BLOCK = 512
_SUMS = {"reassoc", "contract", "nsz"}  # sums may be added up several at a time

Part = TypeVar("Part")
Result = TypeVar("Result")


def threaded(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Apply work to parts, in threads; results in the order of the parts."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, parts))


def counting_order(code: Integers, codes: int) -> Integers:
    """Stable order of whole numbers 0 to ``codes - 1``."""
    return _counting_order(code, codes)


def positions(time: Floats, grid: Floats) -> Integers:
    """How many of the ascending ``grid`` are at or before each time.

    A table of equally wide buckets says where in the grid to start looking.
    """
    width = (grid[-1] - grid[0]) / (2 * grid.size) or 1.0
    parts = [
        slice(b, e)
        for b, e in zip(
            *(np.linspace(0, time.size, THREADS + 1).astype(int)[i:][:THREADS] for i in (0, 1)),
            strict=True,
        )
    ]
    table = np.searchsorted(grid, grid[0] + width * np.arange(2 * grid.size + 1), side="right")
    found = np.empty(time.size, dtype=np.int64)
    threaded(lambda part: _positions(time[part], grid, grid[0], width, table, found[part]), parts)
    return found


def lower_and_tied(
    rank: Integers, weight: Floats, come: Integers, of: Integers
) -> tuple[Floats, Floats]:
    """Weight of the first ``come`` points that rank below ``of``, and that rank equal."""
    ranks = 1 + int(max(rank.max(initial=0), of.max(initial=0)))
    order = _counting_order(come, rank.size + 1)
    return _lower_and_tied(rank, weight, order, come, of, ranks)


def take_standardised(
    columns: Sequence[Floats], rows: Integers, centre: Floats, scale: Floats
) -> Floats:
    """``(column - centre) / scale`` of the rows, shape (m, p), columns contiguous."""
    x = np.empty((len(columns), rows.size))
    threaded(
        lambda j: _take_standardised(columns[j], rows, centre[j], scale[j], x[j]),
        range(len(columns)),
    )
    return x.T


@njit(nogil=True, cache=True)
def _counting_order(code, codes):
    begin = np.zeros(codes + 1, dtype=np.int64)
    for i in range(code.size):
        begin[code[i] + 1] += 1
    for c in range(codes):
        begin[c + 1] += begin[c]
    order = np.empty(code.size, dtype=np.int64)
    for i in range(code.size):
        order[begin[code[i]]] = i
        begin[code[i]] += 1
    return order


@njit(nogil=True, cache=True)
def _positions(time, grid, low, width, table, found):
    for i in range(time.size):
        t = time[i]
        if t < low:
            found[i] = 0
            continue
        bucket = (t - low) / width
        # Rounding may put a time one bucket too far: start one back, then walk.
        k = table[min(max(int(min(bucket, table.size)) - 1, 0), table.size - 1)]
        while k < grid.size and grid[k] <= t:
            k += 1
        while k > 0 and grid[k - 1] > t:
            k -= 1
        found[i] = k


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


@njit(nogil=True, cache=True)
def _take_standardised(column, rows, centre, scale, out):
    for i in range(rows.size):
        out[i] = (column[rows[i]] - centre) / scale


@njit(nogil=True, cache=True, fastmath=_SUMS)
def sum_cells(begin, end, start, deaths, x, risk, sums, dying):
    """Sums of risk and risk times x over the rows that leave at each cell, and over its deaths."""
    for c in range(begin, end):
        of_deaths = risk[start[c] : start[c] + deaths[c]]
        of_others = risk[start[c] + deaths[c] : start[c + 1]]
        dying[c, 0], sums[c, 0] = of_deaths.sum(), of_others.sum()
        for j in range(x.shape[0]):
            x_deaths = x[j, start[c] : start[c] + deaths[c]]
            x_others = x[j, start[c] + deaths[c] : start[c + 1]]
            at_death, rest = 0.0, 0.0
            for i in range(of_deaths.size):
                at_death += of_deaths[i] * x_deaths[i]
            for i in range(of_others.size):
                rest += of_others[i] * x_others[i]
            dying[c, j + 1], sums[c, j + 1] = at_death, rest
        for j in range(sums.shape[1]):
            sums[c, j] += dying[c, j]


@njit(nogil=True, cache=True)
def subtract_late(begin, end, entered, x, risk, sums):
    """Take rows that enter late out of the risk sets before."""
    for i in range(begin, end):
        c = entered[i]
        if c >= 0:
            sums[c, 0] -= risk[i]
            for j in range(x.shape[0]):
                sums[c, j + 1] -= risk[i] * x[j, i]


@njit(nogil=True, cache=True)
def run_back(sums, offset):
    """Running sums from the end, stratum by stratum, in place."""
    for s in range(offset.size - 1):
        for c in range(offset[s + 1] - 2, offset[s] - 1, -1):
            for j in range(sums.shape[1]):
                sums[c, j] += sums[c + 1, j]


@njit(nogil=True, cache=True)
def add_lingering(x, risk, row, key, weight, factor, offset, sums):
    """Add rows whose competing event is past, with each time's factor; sorted by key."""
    begun = np.zeros((factor.size, sums.shape[1]))
    cells = factor.shape[1]
    for m in range(row.size):
        i, k = row[m], key[m]
        r = risk[i] * weight[m]
        begun[k, 0] += r
        for j in range(x.shape[0]):
            begun[k, j + 1] += r * x[j, i]
    for g in range(factor.shape[0]):
        for s in range(offset.size - 1):
            running = np.zeros(sums.shape[1])
            for c in range(offset[s], offset[s + 1]):
                for j in range(running.size):
                    running[j] += begun[g * cells + c, j]
                    sums[c, j] += factor[g, c] * running[j]


@njit(nogil=True, cache=True, error_model="numpy")
def sum_terms(at_risk, dying, deaths, weight, efron):
    """Sums over the terms: log denominators, means, products of means; hazard of each cell.

    The mean of the k-th of d tied deaths is ``(A - k/d B) / (S - k/d D)``: linear in
    ``u = 1 / (S - k/d D)`` and ``v = k/d u``, so that vectors are only met once a cell.
    """
    cells, p = at_risk.shape[0], at_risk.shape[1] - 1
    value, means, products = 0.0, np.zeros(p), np.zeros((p, p))
    hazard, left = np.zeros(cells), np.zeros(cells)
    for c in range(cells):
        d = deaths[c] if efron else 1
        su, sv, suu, suv, svv = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(d):
            fraction = k / d
            denominator = at_risk[c, 0] - fraction * dying[c, 0] if k > 0 else at_risk[c, 0]
            value += weight[c] * np.log(denominator)
            u = 1 / denominator
            v = fraction * u
            su, sv = su + u, sv + v
            suu, suv, svv = suu + u * u, suv + u * v, svv + v * v
        hazard[c], left[c] = weight[c] * su, weight[c] * sv
        for i in range(p):
            a, b = weight[c] * at_risk[c, i + 1], weight[c] * dying[c, i + 1]
            means[i] += a * su - b * sv
            for j in range(i, p):
                e, f = at_risk[c, j + 1], dying[c, j + 1]
                products[i, j] += a * e * suu - (a * f + b * e) * suv + b * f * svv
    return value, means, products, hazard, left


@njit(nogil=True, cache=True, fastmath=_SUMS)
def sum_products(begin, end, x, risk, first, last, total, cell, event, left, later, products):
    """Sums of x x' times risk times the hazard that each row meets, upper triangle."""
    p = x.shape[0]
    met = np.empty(_BLOCK)
    for b in range(begin, end, _BLOCK):
        size = min(_BLOCK, end - b)
        for i in range(size):
            met[i] = risk[b + i] * (total[last[b + i]] - total[first[b + i]])
        if left.size:
            for i in range(size):
                if event[b + i]:
                    met[i] -= risk[b + i] * left[cell[b + i]]
        if later.size:
            for i in range(size):
                met[i] += risk[b + i] * later[b + i]
        for j in range(p):
            xj = x[j, b : b + size]
            for k in range(j, p):
                xk = x[k, b : b + size]
                of_block = 0.0
                for i in range(size):
                    of_block += met[i] * xj[i] * xk[i]
                products[j, k] += of_block


@njit(nogil=True, cache=True)
def sum_scores(
    begin, end, x, weight, risk, first, last, total, cell, event, mean, left, place, later,
    table, places, of_row, products,
):  # fmt: skip
    """Sums of s s', upper triangle, s being each row's score residual and its censoring's part."""
    p = x.shape[0]
    met, s = np.empty(p + 1), np.empty(p)
    for i in range(begin, end):
        for j in range(p + 1):
            met[j] = total[last[i], j] - total[first[i], j]
        if left.size and event[i]:
            for j in range(p + 1):
                met[j] -= left[cell[i], j]
        if place.size and place[i] >= 0:
            for j in range(p + 1):
                met[j] += later[place[i], j]
        for j in range(p):
            s[j] = risk[i] * (met[j + 1] - x[j, i] * met[0])
        if event[i]:
            for j in range(p):
                s[j] += weight[i] * (x[j, i] - mean[cell[i], j])
        if table.size:
            b, e, o = places[i, 0], places[i, 1], places[i, 2]
            for j in range(p):
                s[j] += of_row[i] * (table[b, j] - table[e, j] + table[o, j])
        for j in range(p):
            for k in range(j, p):
                products[j, k] += s[j] * s[k]
