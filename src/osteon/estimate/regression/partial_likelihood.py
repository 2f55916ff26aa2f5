"""The partial likelihood of Cox, Fine & Gray and Firth, by sums over risk sets.

All its derivatives are built from the two sums of `AtRisk`. A pass costs O(n p^2) whatever the
number of event times, and sums of several hospitals would simply add.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.newton import Evaluation
from osteon.estimate.regression.at_risk import (
    COMPILE_FROM,
    AtRisk,
    EventTimes,
    Lingering,
    event_times,
    summed,
)
from osteon.estimate.regression.design_matrix import Design, design
from osteon.estimate.regression.moments import Moments

if TYPE_CHECKING:
    from osteon.estimate.regression.compiled_likelihood import CompiledLikelihood

_FAR_APART = 15.0  # log of a ratio of risks that leaves a difference of sums too few digits


def cox_likelihood(
    history: History,
    names: Sequence[str],
    event: NDArray[np.bool_],
    ties: str,
    *,
    cells: EventTimes | None = None,
    lingering: Lingering | None = None,
) -> tuple[PartialLikelihood, Design]:
    """Build the partial likelihood of standardised covariates, and the way back to their units."""
    cells = event_times(history, event) if cells is None else cells
    at_risk = AtRisk(cells, event, history.weight, efron=ties == "efron", lingering=lingering)
    rows = None if at_risk.everyone else at_risk.rows
    columns = design(history, names, rows)
    x = columns.standardised(rows)
    return PartialLikelihood(at_risk, x, at_risk.take(history.weight)), columns


class PartialLikelihood:
    """Log partial likelihood of the rows of `AtRisk`, and its derivatives.

    Parameters
    ----------
    at_risk : AtRisk
        Risk sets.
    x : ndarray of float, shape (m, p)
        Covariates of ``at_risk.rows``; centre and scale them first.
    weight : ndarray of float, shape (m,)
        Case weights of the same rows.
    """

    def __init__(self, at_risk: AtRisk, x: Floats, weight: Floats) -> None:
        self.at_risk, self.x, self.weight = at_risk, x, weight
        self._last: tuple[Floats, Moments] | None = None

    @cached_property
    def observed(self) -> Floats:
        """Weighted sum of the covariates of all deaths, shape (p,)."""
        return (self.weight * self.at_risk.event) @ self.x

    @cached_property
    def _one_and_x(self) -> Floats:
        return np.column_stack([np.ones(self.weight.size), self.x])

    @cached_property
    def _compiled(self) -> CompiledLikelihood:
        from osteon.estimate.regression.compiled_likelihood import CompiledLikelihood

        return CompiledLikelihood(self.at_risk, self.x, self.weight)

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log-likelihood, score and observed information, for Newton's method."""
        if self._compiles(beta):
            return self._compiled.evaluate(beta, self.observed)
        moments = self.moments(beta)
        return Evaluation(moments.value, self.score(moments), self.information(moments))

    def moments(self, beta: Floats) -> Moments:
        """Risks and means over the risk sets at ``beta``; kept for who asks again."""
        if self._last is None or not np.array_equal(beta, self._last[0]):
            self._last = beta.copy(), self._moments(beta)
        return self._last[1]

    def _moments(self, beta: Floats) -> Moments:
        risk, sums, shift = self._sums(beta)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = sums[:, 1:] / sums[:, :1]
            hazard = self.at_risk.weight / sums[:, 0]
            log_denominator = np.log(sums[:, 0]) + shift
        value = float(self.observed @ beta - self.at_risk.weight @ log_denominator)
        return Moments(risk, sums[:, 0], mean, hazard, shift, value)

    def _sums(self, beta: Floats) -> tuple[Floats, Floats, float]:
        """Risk of each row; its sum, and that of risk times x, over each risk set; the shift."""
        if self._compiles(beta):
            return self._compiled.risk_and_sums(beta)
        eta = self.x @ beta
        shift = float(eta.max())
        risk = self.weight * np.exp(eta - shift)
        return risk, self.at_risk.over(risk[:, None] * self._one_and_x), shift

    @cached_property
    def _subtracts(self) -> bool:
        """Whether compiled loops subtract: late entrants, and stratum from stratum."""
        return self.at_risk.late.size > 0 or self.at_risk.offset.size > 2

    @cached_property
    def _reach(self) -> Floats:
        return np.ptp(self.x, axis=0)

    def _compiles(self, beta: Floats) -> bool:
        """Whether compiled loops serve: where they subtract, only risks of like magnitude."""
        if self.weight.size < COMPILE_FROM:
            return False
        near = not self._subtracts or float(self._reach @ np.abs(beta)) < _FAR_APART
        return near or bool(np.ptp(self.x @ beta) < _FAR_APART)

    def compiles_at(self, moments: Moments) -> bool:
        """The same of risks that are known."""
        if self.weight.size < COMPILE_FROM:
            return False
        risk = moments.risk
        return not self._subtracts or bool(risk.max() < risk.min() * np.exp(_FAR_APART))

    def score(self, moments: Moments) -> Floats:
        """First derivative of the log-likelihood, shape (p,)."""
        return self.observed - self.at_risk.weight @ moments.mean

    def information(self, moments: Moments, factor: Floats | float = 1.0) -> Floats:
        """Sum of the terms' covariance matrices, times an optional factor a term, (p, p).

        .. math:: \\sum_t w_t f_t (\\overline{xx'}_t - \\bar x_t \\bar x_t')
            = \\sum_i r_i x_i x_i' \\sum_{t \\ni i} h_t f_t - \\sum_t w_t f_t \\bar x_t \\bar x_t'
        """
        # 0 * inf: nan, and the step that led here is halved.
        with np.errstate(over="ignore", invalid="ignore"):
            met = self.at_risk.met((moments.hazard * factor)[:, None])
            second = (self.x * (moments.risk[:, None] * met)).T @ self.x
        weight = self.at_risk.weight * factor
        return second - (weight[:, None] * moments.mean).T @ moments.mean

    def penalty_slope(self, moments: Moments, inverse: Floats) -> Floats:
        """Derivative of half the log determinant of the information, shape (p,).

        1/2 trace(I^-1 dI/db_r): third cumulants over the risk sets, contracted with the
        ``inverse`` information before they are summed, so that none is ever held.
        """
        x, mean, weight = self.x, moments.mean, self.at_risk.weight
        spread = np.einsum("ia,ab,ib->i", x, inverse, x)
        hazard = moments.hazard[:, None]
        met = self.at_risk.met(np.column_stack([hazard, hazard * mean]))
        mean_spread = self.at_risk.over((moments.risk * spread)[:, None])[:, 0]
        along = np.einsum("ia,ab,ib->i", x, inverse, met[:, 1:])
        around = np.einsum("ta,ab,tb->t", mean, inverse, mean)
        slope = (moments.risk * (met[:, 0] * spread - 2 * along)) @ x
        slope += (2 * weight * around - moments.hazard * mean_spread) @ mean
        return slope / 2

    def expected(self, moments: Moments) -> Floats:
        """Weighted number of events each row was to expect, shape (m,)."""
        return moments.risk * self.at_risk.met(moments.hazard[:, None])[:, 0]

    def score_residuals(self, moments: Moments) -> Floats:
        """Each row's share of the score, weighted, shape (m, p); they sum to the score."""
        hazard, dead = moments.hazard[:, None], self.at_risk.death_row
        met = self.at_risk.met(np.column_stack([hazard, hazard * moments.mean]))
        residuals = -moments.risk[:, None] * (self.x * met[:, :1] - met[:, 1:])
        residuals[dead] += self.weight[dead, None] * self.schoenfeld_residuals(moments)
        return residuals

    def lingering_sums(
        self, moments: Moments, mine: slice | NDArray[np.bool_], code: Integers, size: int
    ) -> Floats:
        """Sum risk and risk times x of some that linger by a code, (size, p + 1)."""
        a = self.at_risk
        row, weight = a.lingering_row[mine], a.lingering_weight[mine]
        if self.weight.size >= COMPILE_FROM:
            return self._compiled.lingering_sums(moments.risk, row, code, weight, size)
        share = (moments.risk[row] * weight)[:, None] * self._one_and_x[row]
        return summed(code, share, size)

    def score_products(self, moments: Moments, *censoring: NDArray) -> Floats:
        """Sum over the rows of the products of their score residuals, shape (p, p).

        With more arguments, those of `Subdistribution`, where it ``compiles_at`` the moments: each
        row's share is enlarged by what its censoring does (place of each interval in a table, the
        table, and weight of each).
        """
        if self.compiles_at(moments):
            return self._compiled.score_products(moments, self.mean_at_death(moments), *censoring)
        residuals = self.score_residuals(moments)
        return np.asarray(residuals.T @ residuals)

    def schoenfeld_residuals(self, moments: Moments) -> Floats:
        """Covariates of each of ``death_row`` less their mean over its risk set, (deaths, p)."""
        return self.x[self.at_risk.death_row] - self.mean_at_death(moments)[self.at_risk.death_cell]

    def mean_at_death(self, moments: Moments) -> Floats:
        """Mean of the covariates over the risk set of each event time, shape (cells, p)."""
        if not self.at_risk.tied:
            return moments.mean
        return self.at_risk.per_cell(moments.mean) / self.at_risk.deaths[:, None]
