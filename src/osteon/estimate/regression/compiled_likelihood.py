"""`PartialLikelihood.evaluate` in compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import Floats, Integers
from osteon.estimate.newton import Evaluation
from osteon.estimate.regression import compiled
from osteon.estimate.regression.at_risk import AtRisk

if TYPE_CHECKING:
    from osteon.estimate.regression.partial_likelihood import Moments

_SAFE = 300.0  # exp(300) summed over any data overflows nothing


class CompiledLikelihood:
    """The partial likelihood of the rows of `AtRisk`; no array of products is ever written."""

    def __init__(self, at_risk: AtRisk, x: Floats, weight: Floats) -> None:
        self.at_risk, self.weight = at_risk, weight
        self.x = np.ascontiguousarray(x.T)
        self.reach = np.array([max(column.max(), -column.min()) for column in self.x])
        self.risk = np.empty(weight.size)  # written anew by each evaluation
        self.start = np.append(at_risk.start, weight.size)
        self.end = np.maximum(at_risk.last + 1, at_risk.first)
        self.entered = np.empty(0, dtype=np.int64)
        if at_risk.late.size:
            self.entered = np.full(weight.size, -1)
            self.entered[at_risk.late] = at_risk.first[at_risk.late] - 1
        self.deaths = at_risk.deaths if at_risk.tied else np.zeros_like(at_risk.deaths)
        self.cell_weight = (
            at_risk.weight[np.cumsum(at_risk.deaths) - at_risk.deaths]
            if at_risk.tied
            else at_risk.weight
        )
        # Parts of about equally many rows, cut between cells.
        cuts = np.linspace(0, weight.size, compiled.THREADS + 1)[1:-1]
        cells = np.array([0, *np.searchsorted(self.start, cuts), at_risk.time.size])
        rows = np.append(0, self.start[cells[1:]])
        self.parts = list(zip(_pairs(cells), _pairs(rows), strict=True))

    def evaluate(self, beta: Floats, observed: Floats) -> Evaluation:
        """Log-likelihood, score and observed information."""
        a = self.at_risk
        shift = self._shift(beta)
        risk, sums, dying = self._sums(beta, shift)
        value, means, products, hazard, left = compiled.sum_terms(
            sums, dying, a.deaths, self.cell_weight, a.tied
        )
        second = self._second(risk, hazard, left if a.tied else left[:0])
        return Evaluation(
            value=float(observed @ beta) - value - shift * float(a.weight.sum()),
            score=observed - means,
            information=_symmetric(second - products),
        )

    def sums(self, beta: Floats) -> tuple[Floats, Floats, float]:
        """Risk of each row; its sum, and that of risk times x, over each risk set; the shift."""
        a, shift = self.at_risk, self._shift(beta)
        risk, sums, dying = self._sums(beta, shift)
        if a.tied:
            sums = sums[a.cell] - a.fraction[:, None] * dying[a.cell]
        return risk.copy(), sums, shift

    def score_products(
        self,
        moments: Moments,
        mean_at_death: Floats,
        table: Floats | None = None,
        places: NDArray[np.int32] | None = None,
        weight: Floats | None = None,
    ) -> Floats:
        """Sum over the rows of the products of their score residuals, shape (p, p)."""
        a, p = self.at_risk, self.x.shape[0]
        hazard = moments.hazard[:, None]
        met = np.column_stack([hazard, hazard * moments.mean])
        per_cell = a.per_cell(met)
        total = np.concatenate([np.zeros((1, p + 1)), np.cumsum(per_cell, axis=0)])
        left = a.per_cell(met * a.fraction[:, None]) if a.tied else np.zeros((0, p + 1))
        later, place = np.zeros((0, p + 1)), np.zeros(0, dtype=np.int64)
        if a.lingers:
            later, place = a.met_lingering(per_cell), np.full(self.weight.size, -1)
            place[a.lingering_row] = np.arange(a.lingering_row.size)
        table = np.zeros((0, p)) if table is None else table
        places = np.zeros((0, 3), dtype=np.int32) if places is None else places
        # Found in one go: within the loop each would wait for memory.
        places = places[a.rows] if places.size else places
        of_row = np.zeros(0) if weight is None else weight[a.rows]

        def part(edges: tuple[tuple[int, int], tuple[int, int]]) -> Floats:
            products = np.zeros((p, p))
            compiled.sum_scores(
                *edges[1], self.x, self.weight, moments.risk, a.first, self.end, total, a.last,
                a.event, mean_at_death, left, place, later,
                table, places, of_row, products,
            )  # fmt: skip
            return products

        return _symmetric(np.asarray(sum(compiled.threaded(part, self.parts))))

    def _shift(self, beta: Floats) -> float:
        if np.abs(beta) @ self.reach < _SAFE:
            return 0.0
        return float((beta @ self.x).max())

    def _sums(self, beta: Floats, shift: float) -> tuple[Floats, Floats, Floats]:
        """Each row's risk; sums of risk and risk times x over each cell's risk set and deaths."""
        a, shape = self.at_risk, (self.at_risk.time.size, beta.size + 1)
        risk = self.risk
        sums, dying = np.empty(shape), np.empty(shape)

        def part(edges: tuple[tuple[int, int], tuple[int, int]]) -> Floats | float:
            cells, (begin, end) = edges
            of_part = np.dot(beta, self.x[:, begin:end], out=risk[begin:end])
            if shift:
                of_part -= shift
            np.exp(of_part, out=of_part)
            of_part *= self.weight[begin:end]
            compiled.sum_cells(*cells, self.start, self.deaths, self.x, risk, sums, dying)
            if not self.entered.size:
                return 0.0
            late = np.zeros(shape)
            compiled.subtract_late(begin, end, self.entered, self.x, risk, late)
            return late

        late = compiled.threaded(part, self.parts)
        if self.entered.size:
            for before_entry in late:
                sums += before_entry
        compiled.run_back(sums, a.offset)
        if a.lingers:
            compiled.add_lingering(
                self.x, risk, a.lingering_row, a.lingering_key, a.lingering_weight, a.factor,
                a.offset, sums,
            )  # fmt: skip
        return risk, sums, dying

    def _second(self, risk: Floats, hazard: Floats, left: Floats) -> Floats:
        """Sum of x x' times risk times the hazard met, upper triangle."""
        a, p = self.at_risk, self.x.shape[0]
        total = np.concatenate([[0.0], np.cumsum(hazard)])
        later = np.zeros(self.weight.size if a.lingers else 0)
        if a.lingers:
            later[a.lingering_row] = a.met_lingering(hazard[:, None])[:, 0]

        def part(edges: tuple[tuple[int, int], tuple[int, int]]) -> Floats:
            products = np.zeros((p, p))
            compiled.sum_products(
                *edges[1], self.x, risk, a.first, self.end, total, a.last, a.event, left, later,
                products,
            )  # fmt: skip
            return products

        return np.asarray(sum(compiled.threaded(part, self.parts)))


def _pairs(edges: Integers) -> list[tuple[int, int]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _symmetric(upper: Floats) -> Floats:
    return np.asarray(upper + np.triu(upper, 1).T)
