"""`PartialLikelihood.evaluate` in compiled loops, for large data.

The same sums in the same order of thought as the NumPy path, which it equals to rounding; each
row is read twice a pass and no array of products is ever written. Only imported above
`COMPILED_FROM` rows: a study of one centre never waits for a compiler. The number of threads is
fixed, so that every machine adds up in the same order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from osteon.contracts.history import Floats, Integers
from osteon.estimate.at_risk import AtRisk
from osteon.estimate.newton import Evaluation

_THREADS = 2
_SAFE = 300.0  # exp(300) summed over any data overflows nothing


class CompiledLikelihood:
    """The partial likelihood of `PartialLikelihood`, evaluated by compiled loops."""

    def __init__(self, at_risk: AtRisk, x: Floats, weight: Floats) -> None:
        self.at_risk, self.x, self.weight = at_risk, np.ascontiguousarray(x), weight
        self.reach = np.abs(x).max(axis=0)
        self.entered = np.full(weight.size, -1)
        self.entered[at_risk.late] = at_risk.first[at_risk.late] - 1
        self.begin = np.maximum(at_risk.first, 0)
        self.end = np.maximum(at_risk.last + 1, at_risk.first)
        edges = np.linspace(0, weight.size, _THREADS + 1).astype(np.int64)
        self.parts = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))

    def evaluate(self, beta: Floats, observed: Floats) -> Evaluation:
        """Log-likelihood, score and observed information."""
        a = self.at_risk
        shift = self._shift(beta)
        risk, at_risk, dying = self._cell_sums(beta, shift)
        value, weighted_mean, products, hazard, left = _over_terms(
            at_risk, dying, a.deaths, _cell_weight(a), a.tied
        )
        second = self._second(risk, hazard, left)
        return Evaluation(
            value=float(observed @ beta) - value - shift * float(a.weight.sum()),
            score=observed - weighted_mean,
            information=_symmetric(second) - _symmetric(products),
        )

    def _shift(self, beta: Floats) -> float:
        if np.abs(beta) @ self.reach < _SAFE:
            return 0.0
        return float((self.x @ beta).max())

    def _cell_sums(self, beta: Floats, shift: float) -> tuple[Floats, Floats, Floats]:
        """Each row's risk, and sums of risk and risk times x over each cell's risk set."""
        a, shape = self.at_risk, (self.at_risk.time.size, beta.size + 1)
        risk = np.empty(self.weight.size)
        dying = np.zeros(shape if a.tied else (1, 1))

        def part(edges: tuple[int, int]) -> Floats:
            sums = np.zeros(shape)
            _sum_rows(
                *edges, self.x, self.weight, beta, shift, a.first, a.last, self.entered,
                a.event, a.tied, risk, sums, dying,
            )  # fmt: skip
            return sums

        first, *rest = self._threaded(part)
        for sums in rest:
            first += sums
        _run_back(first, a.offset)
        if a.lingers:
            begun = np.zeros((a.factor.shape[0], *shape))
            _sum_lingering(
                self.x, risk, a.lingering_row, a.lingering_key, a.lingering_weight, begun
            )
            _add_lingering(first, begun, a.factor, a.offset)
        return risk, first, dying

    def _second(self, risk: Floats, hazard: Floats, left: Floats) -> Floats:
        """Sum of x x' times risk times the hazard met, upper triangle."""
        a, p = self.at_risk, self.x.shape[1]
        total = np.concatenate([[0.0], np.cumsum(hazard)])
        later = np.zeros(self.weight.size if a.lingers else 0)
        if a.lingers:
            later[a.lingering_row] = a._met_lingering(hazard[:, None])[:, 0]

        def part(edges: tuple[int, int]) -> Floats:
            sums = np.zeros((p, p))
            _gram(
                *edges, self.x, risk, self.begin, self.end, total, a.last, a.event, a.tied,
                left, later, sums,
            )  # fmt: skip
            return sums

        return np.asarray(sum(self._threaded(part)))

    def _threaded(self, part) -> list[Floats]:
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(part, self.parts))


def _cell_weight(a: AtRisk) -> Floats:
    """Mean weight of the deaths of each cell (Efron), or their total (Breslow)."""
    return a.weight[np.cumsum(a.deaths) - a.deaths] if a.tied else a.weight


def _symmetric(upper: Floats) -> Floats:
    return np.asarray(upper + np.triu(upper, 1).T)


@njit(nogil=True, cache=True)
def _sum_rows(
    begin, end, x, weight, beta, shift, first, last, entered, event, tied, risk, sums, dying
):  # fmt: skip
    p = x.shape[1]
    for i in range(begin, end):
        eta = -shift
        for j in range(p):
            eta += x[i, j] * beta[j]
        r = weight[i] * np.exp(eta)
        risk[i] = r
        c = last[i]
        if first[i] > c:
            continue
        sums[c, 0] += r
        for j in range(p):
            sums[c, j + 1] += r * x[i, j]
        if entered[i] >= 0:
            e = entered[i]
            sums[e, 0] -= r
            for j in range(p):
                sums[e, j + 1] -= r * x[i, j]
        if tied and event[i]:
            dying[c, 0] += r
            for j in range(p):
                dying[c, j + 1] += r * x[i, j]


@njit(nogil=True, cache=True)
def _run_back(sums, offset):
    for s in range(offset.size - 1):
        for c in range(offset[s + 1] - 2, offset[s] - 1, -1):
            for j in range(sums.shape[1]):
                sums[c, j] += sums[c + 1, j]


@njit(nogil=True, cache=True)
def _sum_lingering(x, risk, row, key, weight, begun):
    cells = begun.shape[1]
    for m in range(row.size):
        i = row[m]
        g, c = divmod(key[m], cells)
        r = risk[i] * weight[m]
        begun[g, c, 0] += r
        for j in range(x.shape[1]):
            begun[g, c, j + 1] += r * x[i, j]


@njit(nogil=True, cache=True)
def _add_lingering(sums, begun, factor, offset):
    for g in range(factor.shape[0]):
        for s in range(offset.size - 1):
            running = np.zeros(sums.shape[1])
            for c in range(offset[s], offset[s + 1]):
                for j in range(running.size):
                    running[j] += begun[g, c, j]
                    sums[c, j] += factor[g, c] * running[j]


@njit(nogil=True, cache=True)
def _over_terms(at_risk, dying, deaths, weight, tied):
    """Sums over the terms: log denominators, means, products of means; hazard of each cell."""
    cells, p = at_risk.shape[0], at_risk.shape[1] - 1
    value = 0.0
    weighted_mean, products, mean = np.zeros(p), np.zeros((p, p)), np.zeros(p)
    hazard, left = np.zeros(cells), np.zeros(cells if tied else 1)
    for c in range(cells):
        d = deaths[c] if tied else 1
        for k in range(d):
            fraction = k / d
            denominator = at_risk[c, 0]
            if k > 0:
                denominator -= fraction * dying[c, 0]
            value += weight[c] * np.log(denominator)
            h = weight[c] / denominator
            hazard[c] += h
            if tied:
                left[c] += h * fraction
            for j in range(p):
                mean[j] = at_risk[c, j + 1]
                if k > 0:
                    mean[j] -= fraction * dying[c, j + 1]
                mean[j] /= denominator
                weighted_mean[j] += weight[c] * mean[j]
            for i in range(p):
                for j in range(i, p):
                    products[i, j] += weight[c] * mean[i] * mean[j]
    return value, weighted_mean, products, hazard, left


@njit(nogil=True, cache=True)
def _gram(begin, end, x, risk, first, last, total, cell, event, tied, left, later, sums):
    p = x.shape[1]
    for i in range(begin, end):
        met = total[last[i]] - total[first[i]]
        if tied and event[i]:
            met -= left[cell[i]]
        if later.size > 0:
            met += later[i]
        r = risk[i] * met
        for j in range(p):
            rx = r * x[i, j]
            for k in range(j, p):
                sums[j, k] += rx * x[i, k]
