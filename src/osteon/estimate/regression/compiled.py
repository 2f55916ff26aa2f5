"""Compiled loops for large data, equal to the NumPy paths to rounding.

Only imported from `COMPILE_FROM` rows on: a study of one centre never waits for a compiler.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.threads import slices, threaded

_BLOCK = 512
_CHUNK = 16_384
_FACTORS = 32  # the product of so many shares of up to 1e9 deaths is no underflow
_FEW_DAYS = 8  # days for each event time up to which every day has a bucket
_SUMS = {"reassoc", "contract", "nsz"}  # sums may be added up several at a time


def chunks(begin: int, end: int) -> list[slice]:
    """Rows in chunks whose covariates stay in the cache from one loop to the next."""
    return [slice(b, min(b + _CHUNK, end)) for b in range(begin, end, _CHUNK)]


def counting_order(code: Integers, codes: int) -> Integers:
    """Stable order of whole numbers 0 to ``codes - 1``."""
    return _counting_order(code, codes)


def whole_days(time: Floats, event: NDArray[np.bool_]) -> Floats | None:
    """Distinct times with an event, if times are whole days, fewer to count than to sort."""
    low, high = time.min(), time.max()
    if high - low >= time.size:
        return None
    days = np.zeros(int(high - low) + 1, dtype=np.bool_)
    return low + np.flatnonzero(days) if _event_days(time, event, low, days) else None


def positions(time: Floats, grid: Floats) -> Integers:
    """How many of the ascending ``grid`` are at or before each time.

    A table of equally wide buckets, of a day where the grid is of whole days, says where in the
    grid to start looking.
    """
    span = grid[-1] - grid[0]
    width = span / (2 * grid.size) or 1.0
    if span < _FEW_DAYS * grid.size and (grid == np.floor(grid)).all():
        width = 1.0
    table = np.searchsorted(grid, grid[0] + width * np.arange(span // width + 2), side="right")
    found = np.empty(time.size, dtype=np.int64)
    threaded(
        lambda part: _positions(time[part], grid, width, table, found[part]), slices(time.size)
    )
    return found


def centre_and_scale(columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column."""
    return tuple(np.array(threaded(_mean_and_deviation, columns)).T)


def standardised(
    columns: Sequence[Floats], rows: Integers | None, centre: Floats, scale: Floats
) -> Floats:
    """``(column - centre) / scale`` of some rows or all, shape (m, p), columns contiguous."""
    x = np.empty((len(columns), columns[0].size if rows is None else rows.size))
    chosen = np.empty(0, dtype=np.int64) if rows is None else rows

    def part(of_x: slice) -> None:
        for j, column in enumerate(columns):
            _standardise(column, chosen, centre[j], scale[j], of_x.start, of_x.stop, x[j])

    threaded(part, slices(x.shape[1]))
    return x.T


def reach(x: Floats) -> Floats:
    """Largest absolute value of each row of x, shape (p,)."""
    return np.array(threaded(lambda row: max(row.max(), -row.min()), list(x)))


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
def _positions(time, grid, width, table, found):
    low, top = grid[0], table.size - 1
    for i in range(time.size):
        t = time[i]
        if t < low:
            found[i] = 0
            continue
        k = table[np.uint64(min((t - low) / width, top))]
        while k < grid.size and grid[k] <= t:
            k += 1
        while k > 0 and grid[k - 1] > t:  # rounding put the time one bucket too far
            k -= 1
        found[i] = k


@njit(nogil=True, cache=True)
def _standardise(column, rows, centre, scale, begin, end, out):
    if rows.size:
        for i in range(begin, end):
            out[i] = (column[np.uint64(rows[i])] - centre) / scale
    else:
        for i in range(begin, end):
            out[i] = (column[i] - centre) / scale


@njit(nogil=True, cache=True, fastmath=_SUMS)
def _mean_and_deviation(column):
    total, squares = 0.0, 0.0
    for i in range(column.size):
        total += column[i]
    mean = total / column.size
    for i in range(column.size):
        squares += (column[i] - mean) ** 2
    return mean, np.sqrt(squares / column.size)


# Places are unsigned: an index that cannot be negative needs no test for it.


@njit(nogil=True, cache=True)
def add_up(begin, end, x, risk, place, entered, half, sums):
    """Add risk and risk times x where each row ends, and take it away where it entered.

    ``half`` is 1 to have the two places of each event time as one.
    """
    for i in range(begin, end):
        r, k = risk[i], np.uint64(place[i] >> half)
        sums[k, 0] += r
        for j in range(x.shape[0]):
            sums[k, j + 1] += r * x[j, i]
    if entered.size:
        for i in range(begin, end):
            r, k = risk[i], np.uint64(entered[i] >> half)
            sums[k, 0] -= r
            for j in range(x.shape[0]):
                sums[k, j + 1] -= r * x[j, i]


@njit(nogil=True, cache=True)
def add_up_lingering(begin, end, x, risk, row, key, weight, sums):
    """Add weighted risk and weighted risk times x of rows that linger, by key."""
    for m in range(begin, end):
        i, k = np.uint64(row[m]), np.uint64(key[m])
        r = risk[i] * weight[m]
        sums[k, 0] += r
        for j in range(x.shape[0]):
            sums[k, j + 1] += r * x[j, i]


@njit(nogil=True, cache=True)
def run_back(ended, offset, tied, sums, dying):
    """Sums over risk sets and deaths, from what the parts added up at each place."""
    parts, width = ended.shape[0], sums.shape[1]
    for s in range(offset.size - 1):
        for c in range(offset[s + 1] - 1, offset[s] - 1, -1):
            for j in range(width):
                sums[c, j] = sums[c + 1, j] if c + 1 < offset[s + 1] else 0.0
                if tied:
                    dying[c, j] = 0.0
            for t in range(parts):
                for j in range(width):
                    if tied:
                        dying[c, j] += ended[t, 2 * c + 2, j]
                        sums[c, j] += ended[t, 2 * c + 2, j] + ended[t, 2 * c + 3, j]
                    else:
                        sums[c, j] += ended[t, c + 1, j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_SUMS)
def sum_terms(at_risk, dying, deaths, weight, efron):
    """Sums over the terms: log denominators, means, products of means; hazard of each cell.

    The mean of the k-th of d tied deaths is ``(A - k/d B) / (S - k/d D)``: linear in
    ``u = 1 / (S - k/d D)`` and ``v = k/d u``, so that vectors are only met once a cell. The logs
    of d denominators are that of their product, some at a time.
    """
    cells, p = at_risk.shape[0], at_risk.shape[1] - 1
    value, means, products = 0.0, np.zeros(p), np.zeros((p, p))
    hazard, left = np.zeros(cells), np.zeros(cells)
    for c in range(cells):
        d = deaths[c] if efron else 1
        s = at_risk[c, 0]
        gone = dying[c, 0] / s / d if efron else 0.0
        logs = d * np.log(s)
        su, sv, suu, suv, svv = 0.0, 0.0, 0.0, 0.0, 0.0
        for some in range(0, d, _FACTORS):
            product = 1.0
            for k in range(some, min(some + _FACTORS, d)):
                remaining = 1.0 - gone * k
                product *= remaining
                u = 1.0 / remaining
                v = u * k
                su, sv = su + u, sv + v
                suu, suv, svv = suu + u * u, suv + u * v, svv + v * v
            if product < 1.0:
                logs += np.log(product)
        value += weight[c] * logs
        su, sv = su / s, sv / s / d
        suu, suv, svv = suu / s / s, suv / s / s / d, svv / s / s / d / d
        hazard[c], left[c] = weight[c] * su, weight[c] * sv
        for i in range(p):
            a, b = weight[c] * at_risk[c, i + 1], weight[c] * dying[c, i + 1] if efron else 0.0
            means[i] += a * su - b * sv
            for j in range(i, p):
                e, f = at_risk[c, j + 1], dying[c, j + 1] if efron else 0.0
                products[i, j] += a * e * suu - (a * f + b * e) * suv + b * f * svv
    return value, means, products, hazard, left


@njit(nogil=True, cache=True, fastmath=_SUMS)
def sum_products(
    begin, end, x, risk, place, entered, table, m, row, key, weight, to_come, products
):
    """Sums of x x' times risk times the hazard that each row meets, upper triangle."""
    p = x.shape[0]
    met = np.empty(_BLOCK)
    for b in range(begin, end, _BLOCK):
        size = min(_BLOCK, end - b)
        for i in range(size):
            met[i] = risk[b + i] * table[np.uint64(place[b + i])]
        if entered.size:
            for i in range(size):
                met[i] -= risk[b + i] * table[np.uint64(entered[b + i])]
        while m < row.size and row[m] < b + size:
            met[row[m] - b] += risk[row[m]] * weight[m] * to_come[np.uint64(key[m])]
            m += 1
        for j in range(p):
            xj = x[j, b : b + size]
            for k in range(j, p):
                xk = x[k, b : b + size]
                of_block = 0.0
                for i in range(size):
                    of_block += met[i] * xj[i] * xk[i]
                products[j, k] += of_block


@njit(nogil=True, cache=True, fastmath=_SUMS)
def sum_scores(
    begin, end, x, weight, risk, place, entered, table, mean,
    m, row, key, lingering_weight, to_come, of_censoring, censoring, censoring_weight, products,
):  # fmt: skip
    """Sums of s s', upper triangle, s being each row's score residual and its censoring's part."""
    p = x.shape[0]
    s = np.empty((p, _BLOCK))
    for b in range(begin, end, _BLOCK):
        size = min(_BLOCK, end - b)
        s[:] = 0.0
        for i in range(size):
            _meet(b, i, x, risk[b + i], table[np.uint64(place[b + i])], s)
        if entered.size:
            for i in range(size):
                _meet(b, i, x, -risk[b + i], table[np.uint64(entered[b + i])], s)
        while m < row.size and row[m] < b + size:
            weighted = risk[row[m]] * lingering_weight[m]
            _meet(b, row[m] - b, x, weighted, to_come[np.uint64(key[m])], s)
            m += 1
        for i in range(size):
            if place[b + i] % 2 == 0:
                cell = np.uint64(place[b + i] // 2 - 1)
                for j in range(p):
                    s[j, i] += weight[b + i] * (x[j, b + i] - mean[cell, j])
        if of_censoring.size:
            for i in range(size):
                own = np.uint64(of_censoring[b + i])
                for j in range(p):
                    s[j, i] += censoring_weight[b + i] * censoring[own, j]
        for j in range(p):
            for k in range(j, p):
                of_block = 0.0
                for i in range(size):
                    of_block += s[j, i] * s[k, i]
                products[j, k] += of_block


@njit(nogil=True, cache=True)
def _meet(b, i, x, risk, met, s):
    """Add to the score of a block's row what its risk met: of the hazard, and hazard times mean."""
    for j in range(x.shape[0]):
        s[j, i] += risk * (met[j + 1] - x[j, b + i] * met[0])


@njit(nogil=True, cache=True)
def _event_days(time, event, low, days):
    """Mark the whole days after ``low`` with an event; whether all times are whole days."""
    whole = True
    for i in range(time.size):
        day = np.floor(time[i])
        whole &= day == time[i]
        days[np.uint64(day - low)] |= event[i]
    return whole
