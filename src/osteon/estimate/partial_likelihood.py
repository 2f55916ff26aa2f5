"""Cox's partial likelihood by sums per event time.

Everything Cox, Firth-Cox and their tests need is a moment of the covariates over the risk set of
an event, weighted by exp(x'b). The moments are differences of running sums over event times, so
a pass costs O(n p^2) whatever the number of event times, and risk sets of several hospitals
would simply add.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from osteon.contracts.history import Floats, History, Integers
from osteon.estimate.newton import Evaluation


@dataclass(frozen=True, eq=False)
class Moments:
    """Covariate moments over the risk set of each event, at one coefficient vector.

    One row is one *term* of the likelihood: a death (Efron) or an event time (Breslow).

    Attributes
    ----------
    denominator : ndarray of float, shape (terms,)
        Sum of weighted risks, tied deaths reduced as Efron says.
    mean : ndarray of float, shape (terms, p)
        Mean of the covariates.
    second : ndarray of float, shape (terms, p, p)
        Mean of x x'.
    third : ndarray of float, shape (terms, p, p, p) or (0, p, p, p)
        Mean of x x' x, where it was asked for.
    risk : ndarray of float, shape (n,)
        Weighted exp(x'b) of each interval, times a common factor that is also in ``denominator``.
    value : float
        Log partial likelihood.
    """

    denominator: Floats
    mean: Floats
    second: Floats
    third: Floats
    risk: Floats
    value: float


class PartialLikelihood:
    """The partial likelihood of intervals ``(entry, exit]``, with strata, weights and ties.

    Parameters
    ----------
    entry, exit : ndarray of float, shape (n,)
        Intervals in days.
    event : ndarray of bool, shape (n,)
        Whether the interval ends in the event.
    weight : ndarray of float, shape (n,)
        Case weights.
    stratum : ndarray of int, shape (n,)
        Risk sets do not mix strata.
    x : ndarray of float, shape (n, p)
        Covariates; centre and scale them first.
    efron : bool
        Efron's approximation for tied deaths ([1]_), else Breslow's ([2]_).

    Notes
    -----
    With *d* deaths tied at t and l = 0..d-1, Efron's denominators are
    :math:`\\sum_R r_i - \\frac{l}{d} \\sum_D r_i`, each with the deaths' mean weight; Breslow's
    are all :math:`\\sum_R r_i`.

    References
    ----------
    .. [1] Efron (1977), J. Am. Stat. Assoc. 72:557-565, doi:10.1080/01621459.1977.10480613.
    .. [2] Breslow (1974), Biometrics 30:89-99, doi:10.2307/2529620.
    """

    def __init__(
        self,
        entry: Floats,
        exit: Floats,
        event: NDArray[np.bool_],
        weight: Floats,
        stratum: Integers,
        x: Floats,
        *,
        efron: bool,
    ) -> None:
        self.x, self.weight, self.event = x, weight, event
        self.first, self.last, self.time = _cells(entry, exit, event, stratum)
        # An interval that no event time falls into says nothing, and must not overflow exp().
        self.informs = self.first <= self.last
        self._upper = np.triu_indices(x.shape[1])
        self._terms(efron)
        self._sums()

    def _terms(self, efron: bool) -> None:
        cell = self.last[self.event]
        deaths = np.bincount(cell, minlength=self.time.size)
        total = np.bincount(cell, weights=self.weight[self.event], minlength=self.time.size)
        self.death_cell, self.deaths = cell, deaths
        if efron:
            self.cell = np.repeat(np.arange(deaths.size), deaths)
            rank = np.arange(self.cell.size) - np.repeat(np.cumsum(deaths) - deaths, deaths)
            self.fraction = rank / deaths[self.cell]
            self.term_weight = np.asarray(total / deaths)[self.cell]
        else:
            self.cell = np.arange(deaths.size)
            self.fraction = np.zeros(deaths.size)
            self.term_weight = np.asarray(total, dtype=np.float64)

    def _sums(self) -> None:
        """Matrices that sum intervals: into last event times less first, and into deaths."""
        rows, late = np.flatnonzero(self.informs), np.flatnonzero(self.informs & (self.first > 0))
        shape = (self.time.size, self.event.size)
        ones = np.concatenate([np.ones(rows.size), -np.ones(late.size)])
        cells = np.concatenate([self.last[rows], self.first[late] - 1])
        self._enter_leave = csr_array((ones, (cells, np.concatenate([rows, late]))), shape=shape)
        dead = np.flatnonzero(self.event)
        self._die = csr_array((np.ones(dead.size), (self.death_cell, dead)), shape=shape)

    @cached_property
    def _columns(self) -> Floats:
        """1, the covariates and their products, shape (n, 1 + p + p (p + 1) / 2)."""
        a, b = self._upper
        return np.column_stack([np.ones(self.event.size), self.x, self.x[:, a] * self.x[:, b]])

    @cached_property
    def _third_columns(self) -> Floats:
        """`_columns` and each product times each covariate."""
        products = self._columns[:, 1 + self.x.shape[1] :, None] * self.x[:, None, :]
        return np.column_stack([self._columns, products.reshape(self.event.size, -1)])

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log-likelihood, score and observed information, for Newton's method."""
        moments = self.moments(beta)
        return Evaluation(moments.value, self.score(moments), self.information(moments))

    def moments(self, beta: Floats, *, third: bool = False) -> Moments:
        """All moments at ``beta``; the third ones only if asked for."""
        eta = np.where(self.informs, self.x @ beta, -np.inf)
        shift = eta.max()
        risk = self.weight * np.exp(eta - shift)
        p, (a, b) = self.x.shape[1], self._upper
        columns = self._third_columns if third else self._columns
        sums = self._over_risk_sets(risk[:, None] * columns)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            means = sums[:, 1:] / sums[:, :1]
            log_denominator = np.log(sums[:, 0]) + shift
        value = self.weight[self.event] @ eta[self.event] - self.term_weight @ log_denominator
        symmetric = np.empty((p, p), dtype=np.int64)
        symmetric[a, b] = symmetric[b, a] = np.arange(a.size)
        second, rest = means[:, p : p + a.size], means[:, p + a.size :]
        return Moments(
            denominator=sums[:, 0],
            mean=means[:, :p],
            second=second[:, symmetric],
            third=rest.reshape(-1, a.size, p)[:, symmetric] if third else np.empty((0, p, p, p)),
            risk=risk,
            value=float(value),
        )

    def score(self, moments: Moments) -> Floats:
        """First derivative of the log-likelihood, shape (p,)."""
        observed = self.weight[self.event] @ self.x[self.event]
        return observed - self.term_weight @ moments.mean

    def information(self, moments: Moments, factor: Floats | float = 1.0) -> Floats:
        """Sum of the terms' covariance matrices, times an optional factor a term, (p, p)."""
        weight = self.term_weight * factor
        central = np.tensordot(weight, moments.second, axes=1)
        return central - (weight[:, None] * moments.mean).T @ moments.mean

    def information_derivative(self, moments: Moments) -> Floats:
        """Derivative of the information by each coefficient, shape (p, p, p): third cumulants."""
        m, m2, weight = moments.mean, moments.second, self.term_weight
        crossed = np.einsum("t,tab,tr->abr", weight, m2, m)
        return (
            np.tensordot(weight, moments.third, axes=1)
            - crossed
            - crossed.transpose(0, 2, 1)
            - crossed.transpose(2, 1, 0)
            + 2 * np.einsum("t,ta,tb,tr->abr", weight, m, m, m)
        )

    def score_residuals(self, moments: Moments) -> Floats:
        """Each interval's share of the score, weighted, shape (n, p); they sum to the score.

        With Efron's ties a death meets the hazard of its own time in the measure in which it is
        still in the denominators, as in R's ``residuals(type = "score")``.
        """
        hazard = self.term_weight / moments.denominator
        alive = self._hazard_sums(hazard, moments.mean)
        dying = self._hazard_sums(hazard * (1 - self.fraction), moments.mean)
        mean_at_death = self._per_cell(moments.mean) / self._terms_per_cell()[:, None]
        total = np.concatenate([np.zeros((1, alive.shape[1])), np.cumsum(alive, axis=0)])
        first, last = self.first, np.maximum(self.last + 1, self.first)
        met = total[last] - total[first]
        met[self.event] += (dying - alive)[self.death_cell]
        residuals = -moments.risk[:, None] * (self.x * met[:, :1] - met[:, 1:])
        own = self.x[self.event] - mean_at_death[self.death_cell]
        residuals[self.event] += self.weight[self.event, None] * own
        return residuals

    def schoenfeld_residuals(self, moments: Moments) -> Floats:
        """Covariates of each death less their mean over its risk set, shape (deaths, p)."""
        mean = self._per_cell(moments.mean) / self._terms_per_cell()[:, None]
        return self.x[self.event] - mean[self.death_cell]

    def _over_risk_sets(self, weighted: Floats) -> Floats:
        """Sum the rows of ``weighted`` over the risk set of each term, shape (terms, columns)."""
        # From the end: without delayed entry nothing is subtracted, so nothing is lost.
        at_risk = np.cumsum((self._enter_leave @ weighted)[::-1], axis=0)[::-1]
        dying = self._die @ weighted
        return at_risk[self.cell] - self.fraction[:, None] * dying[self.cell]

    def _hazard_sums(self, hazard: Floats, mean: Floats) -> Floats:
        """Per event time: sum of the terms' hazards, and of hazards times means, (cells, 1+p)."""
        return self._per_cell(hazard[:, None] * np.column_stack([np.ones(hazard.size), mean]))

    def _per_cell(self, values: Floats) -> Floats:
        sums = np.zeros((self.time.size, values.shape[1]))
        np.add.at(sums, self.cell, values)
        return sums

    def _terms_per_cell(self) -> Integers:
        return np.bincount(self.cell, minlength=self.time.size)


def informative(history: History, event: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which intervals are at risk at some event time, shape (n,)."""
    first, last, _ = _cells(history.entry, history.exit, event, history.stratum)
    return first <= last


def _cells(
    entry: Floats, exit: Floats, event: NDArray[np.bool_], stratum: Integers
) -> tuple[Integers, Integers, Floats]:
    """Number the event times stratum by stratum, and find who is at risk at which.

    Returns the first and the last event time in each interval (none if first > last), as
    indices, and the event times. An interval that starts in the first cell of a later stratum
    counts as ``late`` too: what it adds to the running sums must not spill into the stratum
    before.
    """
    first, last = np.zeros(entry.size, dtype=np.int64), np.zeros(entry.size, dtype=np.int64)
    times, offset = [np.empty(0)], 0
    for s in np.unique(stratum):
        rows = np.flatnonzero(stratum == s)
        time = np.unique(exit[rows][event[rows]])
        first[rows] = offset + np.searchsorted(time, entry[rows], side="right")
        last[rows] = offset + np.searchsorted(time, exit[rows], side="right") - 1
        times.append(time)
        offset += time.size
    return first, last, np.concatenate(times)
