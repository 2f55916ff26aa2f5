"""`PartialLikelihood.evaluate` in compiled loops."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.newton import Evaluation
from osteon.estimate.regression import compiled
from osteon.estimate.regression.at_risk import AtRisk
from osteon.estimate.regression.moments import Moments
from osteon.estimate.threads import edges, threaded

_SAFE = 300.0  # exp(300) summed over any data overflows nothing
_NO_CENSORING = (np.empty(0, dtype=np.int64), np.empty((0, 0)), np.empty(0))

Part = tuple[int, int, int, int]
"""Begin and end of some rows, and of those of them that linger."""


class CompiledLikelihood:
    """The partial likelihood of the rows of `AtRisk`; no array of products is ever written."""

    def __init__(self, at_risk: AtRisk, x: Floats, weight: Floats) -> None:
        self.at_risk, self.weight = at_risk, weight
        self.x = np.ascontiguousarray(x.T)
        self.reach = compiled.reach(self.x)
        self.weighted = bool((weight != 1).any())
        self.place = at_risk.place.astype(np.int32)
        self.entered = at_risk.entered.astype(np.int32)
        self.lingering = _no_lingering()
        if at_risk.lingers:
            self.lingering = (
                at_risk.lingering_row, at_risk.lingering_key, at_risk.lingering_weight,
            )  # fmt: skip
        self.parts = _parts(weight.size, self.lingering[0])
        # Where tied deaths are not told from the others, one place an event time is enough.
        self.half = int(not at_risk.tied)
        cells, width = at_risk.time.size, self.x.shape[0] + 1
        self.ended = np.empty((len(self.parts), at_risk.places >> self.half, width))
        # Of the last evaluation, for who asks again at the same coefficients.
        self.beta, self.risk = np.full(width - 1, np.nan), np.empty(weight.size)
        self.sums = np.empty((cells, width))
        self.dying = np.empty((cells if at_risk.tied else 0, width))

    @cached_property
    def cell_weight(self) -> Floats:
        """Weight of one death of each event time, or of all where ties do not count."""
        a = self.at_risk
        return a.weight[np.cumsum(a.deaths) - a.deaths] if a.tied else a.weight

    def evaluate(self, beta: Floats, observed: Floats) -> Evaluation:
        """Log-likelihood, score and observed information."""
        a, shift = self.at_risk, self._add_up(beta)
        value, means, products, hazard, left = compiled.sum_terms(
            self.sums, self.dying, a.deaths, self.cell_weight, a.tied
        )
        second = self._second(hazard, left)
        return Evaluation(
            value=float(observed @ beta) - value - shift * float(a.weight.sum()),
            score=observed - means,
            information=_symmetric(second - products),
        )

    def risk_and_sums(self, beta: Floats) -> tuple[Floats, Floats, float]:
        """Risk of each row; its sum, and that of risk times x, over each risk set; the shift."""
        a, shift = self.at_risk, self._add_up(beta)
        if a.tied:
            sums = self.sums[a.cell] - a.fraction[:, None] * self.dying[a.cell]
        else:
            sums = self.sums.copy()
        return self.risk.copy(), sums, shift

    def lingering_sums(
        self, risk: Floats, row: Integers, code: Integers, weight: Floats, size: int
    ) -> Floats:
        """As `PartialLikelihood.lingering_sums`."""
        sums = np.zeros((size, self.x.shape[0] + 1))
        compiled.add_up_lingering(0, row.size, self.x, risk, row, code, weight, sums)
        return sums

    def score_products(
        self,
        moments: Moments,
        mean_at_death: Floats,
        *censoring: NDArray,
    ) -> Floats:
        """Sum over the rows of the products of their score residuals, shape (p, p)."""
        a, p = self.at_risk, self.x.shape[0]
        hazard = moments.hazard[:, None]
        terms = np.column_stack([hazard, hazard * moments.mean])
        per_cell = a.per_cell(terms)
        met = a.table(per_cell, a.left(terms))
        to_come = a.to_come(per_cell) if a.lingers else np.zeros((0, p + 1))
        place, of_places, of_row = censoring or _NO_CENSORING
        of_censoring, of_row = a.take(place), a.take(of_row)

        def part(rows: Part) -> Floats:
            products = np.zeros((p, p))
            compiled.sum_scores(
                *rows[:2], self.x, self.weight, moments.risk, self.place, self.entered, met,
                mean_at_death, rows[2], *self.lingering, to_come,
                of_censoring, of_places, of_row, products,
            )  # fmt: skip
            return products

        return _symmetric(np.asarray(sum(threaded(part, self.parts))))

    def _shift(self, beta: Floats) -> float:
        if np.abs(beta) @ self.reach < _SAFE:
            return 0.0
        return float((beta @ self.x).max())

    def _add_up(self, beta: Floats) -> float:
        """Each row's risk; sums of it and of it times x over each risk set and its deaths."""
        a, shift = self.at_risk, self._shift(beta)
        if np.array_equal(beta, self.beta):
            return shift

        def part(t: int) -> Floats:
            rows, ended = self.parts[t], self.ended[t]
            ended[:] = 0.0
            for chunk in compiled.chunks(*rows[:2]):
                risk = np.dot(beta, self.x[:, chunk], out=self.risk[chunk])
                if shift:
                    risk -= shift
                np.exp(risk, out=risk)
                if self.weighted:
                    risk *= self.weight[chunk]
                compiled.add_up(
                    chunk.start, chunk.stop, self.x, self.risk, self.place, self.entered,
                    self.half, ended,
                )  # fmt: skip
            begun = np.zeros((a.factor.size if a.lingers else 0, beta.size + 1))
            compiled.add_up_lingering(*rows[2:], self.x, self.risk, *self.lingering, begun)
            return begun

        begun = threaded(part, range(len(self.parts)))
        compiled.run_back(self.ended, a.offset, a.tied, self.sums, self.dying)
        if a.lingers:
            self.sums += a.lasting(np.asarray(sum(begun)))
        self.beta = beta.copy()
        return shift

    def _second(self, hazard: Floats, left: Floats) -> Floats:
        """Sum of x x' times risk times the hazard met, upper triangle."""
        a, p = self.at_risk, self.x.shape[0]
        table = a.table(hazard[:, None], left[:, None])[:, 0]
        to_come = a.to_come(hazard[:, None])[:, 0] if a.lingers else np.zeros(0)

        def part(rows: Part) -> Floats:
            products = np.zeros((p, p))
            compiled.sum_products(
                *rows[:2], self.x, self.risk, self.place, self.entered, table,
                rows[2], *self.lingering, to_come, products,
            )  # fmt: skip
            return products

        return np.asarray(sum(threaded(part, self.parts)))


def _parts(rows: int, lingering: Integers) -> list[Part]:
    begin = edges(rows)
    first = np.searchsorted(lingering, begin)
    columns = (begin[:-1], begin[1:], first[:-1], first[1:])
    return [(b, e, f, t) for b, e, f, t in np.column_stack(columns).tolist()]


def _no_lingering() -> tuple[Integers, Integers, Floats]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)


def _symmetric(upper: Floats) -> Floats:
    return np.asarray(upper + np.triu(upper, 1).T)
