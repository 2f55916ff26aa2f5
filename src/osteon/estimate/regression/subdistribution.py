"""Each subject's influence on Fine and Gray's score, through events and through censoring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import CENSORED, Floats, History, Integers
from osteon.estimate.regression.at_risk import COMPILE_FROM
from osteon.estimate.regression.censoring_weights import Censoring
from osteon.estimate.regression.partial_likelihood import Moments, PartialLikelihood


@dataclass(frozen=True, eq=False)
class Subdistribution:
    """A pseudo-likelihood of the subdistribution hazard, and the censoring its weights come from.

    Attributes
    ----------
    history : History
        One interval a subject.
    likelihood : PartialLikelihood
        With those at risk after a competing event.
    censoring : Censoring
        Distribution of censoring, by group.
    convention : {"crr", "finegray"}
        Order of what happens at tied times.
    estimated : bool
        Whether the influence through the distribution of censoring counts.
    """

    history: History
    likelihood: PartialLikelihood
    censoring: Censoring
    convention: str
    estimated: bool

    def score_influence(self, moments: Moments) -> Floats:
        """Weighted share of each subject in the standardised score, eta + psi, shape (n, p)."""
        likelihood = self.likelihood
        eta = likelihood.at_risk.expand(likelihood.score_residuals(moments))
        return eta + self.through_censoring(self._score_by_time(moments)) if self.estimated else eta

    def score_products(self, moments: Moments) -> Floats:
        """Sum of the products of `score_influence` with itself, shape (p, p)."""
        a = self.likelihood.at_risk
        if a.rows.size < COMPILE_FROM:
            influence = self.score_influence(moments)
            return np.asarray(influence.T @ influence)
        if not self.estimated:
            return self.likelihood.score_products(moments)
        by_time = self._score_by_time(moments)
        products = self.likelihood.score_products(moments, *self._met(by_time))
        outside = np.ones(a.size, dtype=bool)
        outside[a.rows] = False
        psi = self.through_censoring(by_time, np.flatnonzero(outside))
        return np.asarray(products + psi.T @ psi)

    def through_censoring(self, by_time: Floats, rows: Integers | slice = slice(None)) -> Floats:
        """What each subject's censoring, or not, did to a sum over those who linger, shape (n, k).

        ``by_time`` is q(u) / pi(u) at each time of censoring, to be integrated over dM_i^c(u).
        """
        table, places, weight = self._met(by_time)
        begin, end, own = places[rows].T
        return np.asarray(weight[rows, None] * (table[begin] - table[end] + table[own]))

    def still_to_come(self, moments: Moments, of_lingering: Floats, of_cells: Floats) -> Floats:
        """What those who linger at u are still to meet after u, over pi(u).

        Parameters
        ----------
        of_lingering : ndarray of float, shape (lingering, k)
            Something of each that lingers, to be weighted by its risk.
        of_cells : ndarray of float, shape (cells, k)
            Something of each event time.

        Returns
        -------
        ndarray of float, shape (times of censoring, k)
            :math:`q(u) / \\pi(u)`: minus the derivative of their sum of products by the cumulative
            hazard of censoring, for each that is at risk of it.
        """
        a, cells = self.likelihood.at_risk, self.censoring.cells
        q = np.zeros((cells.time.size, of_cells.shape[1]))
        if not a.lingers or cells.time.size == 0:
            return q
        share = (moments.risk[a.lingering_row] * a.lingering_weight)[:, None] * of_lingering
        rows = a.rows[a.lingering_row]
        began, stratum = self.history.exit[rows], self.history.stratum[rows]
        group = a.lingering_key // a.time.size
        for s, (begin, end) in enumerate(pairwise(a.offset)):
            for g, factor in enumerate(a.factor):
                here = (stratum == s) & (group == g)
                of_group = slice(cells.offset[g], cells.offset[g + 1])
                u = cells.time[of_group]
                begun = _begun(began[here], share[here], u, self._after)
                to_come = (factor[begin:end, None] * of_cells[begin:end])[::-1].cumsum(axis=0)[::-1]
                to_come = np.concatenate([to_come, np.zeros((1, q.shape[1]))])
                q[of_group] += begun * to_come[np.searchsorted(a.time[begin:end], u, self._before)]
        return q / self.censoring.at_risk[:, None]

    # At tied times crr counts who lingers before u, and what is met from u on.
    @property
    def _before(self) -> Literal["left", "right"]:
        return "left" if self.convention == "crr" else "right"

    @property
    def _after(self) -> Literal["left", "right"]:
        return "right" if self.convention == "crr" else "left"

    def _score_by_time(self, moments: Moments) -> Floats:
        a, x = self.likelihood.at_risk, self.likelihood.x
        hazard, p = moments.hazard[:, None], x.shape[1]
        of_lingering = np.ones((a.lingering_row.size if a.lingers else 0, 2 * p))
        if a.lingers:
            of_lingering[:, :p] = x[a.lingering_row]
        of_cells = np.column_stack([np.repeat(hazard, p, axis=1), hazard * moments.mean])
        parts = self.still_to_come(moments, of_lingering, a.per_cell(of_cells))
        return np.asarray(parts[:, :p] - parts[:, p:])

    def _met(self, by_time: Floats) -> tuple[Floats, NDArray[np.int32], Floats]:
        """Table of what can be met, each subject's places in it, and weight.

        Places are begin, less end, plus own, shape (n, 3).
        """
        zero = np.zeros((1, by_time.shape[1]))
        hazard = self.censoring.censored / self.censoring.at_risk
        by_hazard = by_time * hazard[:, None]
        table = np.concatenate([zero, np.cumsum(by_hazard, axis=0), by_time, by_hazard])
        weight = self.history.weight if self.convention == "crr" else np.ones(len(self.history))
        return table, self._places, weight

    @cached_property
    def _places(self) -> NDArray[np.int32]:
        cells, size = self.censoring.cells, self.censoring.cells.time.size
        usual = cells.first <= cells.last
        own = np.zeros(len(self.history), dtype=np.int64)
        lost = self.history.to_state == CENSORED
        own[lost] = cells.last[lost] + size + 1
        if self.convention == "finegray":  # an event at u came before the censorings at u
            gone = np.flatnonzero(~lost & usual)
            gone = gone[cells.time[cells.last[gone]] == self.history.exit[gone]]
            own[gone] = cells.last[gone] + 2 * size + 1
        # Side by side, so that one look at memory finds all three.
        places = (cells.first, np.maximum(cells.last + 1, cells.first), own)
        return np.column_stack(places).astype(np.int32)


def _begun(time: Floats, values: Floats, at: Floats, side: Literal["left", "right"]) -> Floats:
    """Sum of the values whose time is before ``at`` ("right"), or at and before it ("left")."""
    place = np.searchsorted(at, time, side)  # the first of ``at`` that counts it
    sums = np.column_stack(
        [np.bincount(place, weights=column, minlength=at.size)[: at.size] for column in values.T]
    )
    return np.cumsum(sums, axis=0)
