"""Each subject's influence on Fine and Gray's score, through events and through censoring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.regression.at_risk import running
from osteon.estimate.regression.censoring_weights import (
    CENSORED_AT_IT,
    GONE_AT_IT,
    KINDS,
    Censoring,
)
from osteon.estimate.regression.moments import Moments
from osteon.estimate.regression.partial_likelihood import PartialLikelihood


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
        if not self.likelihood.compiles_at(moments):
            influence = self.score_influence(moments)
            return np.asarray(influence.T @ influence)
        if not self.estimated:
            return self.likelihood.score_products(moments)
        by_time = self._score_by_time(moments)
        place, table, weight = self.censoring.place, self._table(by_time), self._weight
        products = self.likelihood.score_products(moments, place, table, weight)
        if a.rows.size == a.size:
            return products
        outside = np.ones(a.size, dtype=bool)
        outside[a.rows] = False
        psi = self.through_censoring(by_time, np.flatnonzero(outside))
        return np.asarray(products + psi.T @ psi)

    def through_censoring(self, by_time: Floats, rows: Integers | slice = slice(None)) -> Floats:
        """What each subject's censoring, or not, did to a sum over those who linger, shape (n, k).

        ``by_time`` is q(u) / pi(u) at each time of censoring, to be integrated over dM_i^c(u).
        """
        met = self._table(by_time)[self.censoring.place[rows]]
        return np.asarray(self._weight[rows, None] * met)

    def still_to_come(self, moments: Moments, of_cells: Floats) -> Floats:
        """What those who linger at u are still to meet after u, over pi(u).

        Parameters
        ----------
        of_cells : ndarray of float, shape (cells, k)
            Something of each event time.

        Returns
        -------
        ndarray of float, shape (slots, k)
            :math:`q(u) / \\pi(u)`: minus the derivative of their sum of products by the cumulative
            hazard of censoring, for each that is at risk of it.
        """
        q = np.zeros((self.censoring.time.size, of_cells.shape[1]))
        for cells, begun in self._begun(moments):
            q += begun[:, :1] * self._to_come(of_cells, cells)
        return self._over_at_risk(q)

    def _score_by_time(self, moments: Moments) -> Floats:
        a, hazard = self.likelihood.at_risk, moments.hazard[:, None]
        of_cells = a.per_cell(np.column_stack([hazard, hazard * moments.mean]))
        q = np.zeros((self.censoring.time.size, moments.mean.shape[1]))
        for cells, begun in self._begun(moments):
            to_come = self._to_come(of_cells, cells)
            q += begun[:, 1:] * to_come[:, :1] - begun[:, :1] * to_come[:, 1:]
        return self._over_at_risk(q)

    def _over_at_risk(self, q: Floats) -> Floats:
        return q / np.where(self.censoring.censored > 0, self.censoring.at_risk, 1.0)[:, None]

    # At tied times crr counts who lingers before u, and what is met from u on; finegray counts
    # who lingers at u, and what is met after it.
    def _begun(self, moments: Moments) -> Iterator[tuple[slice, Floats]]:
        """Of each stratum: its event times; risk and risk times x of who lingers, (slots, p + 1)."""
        a, offset = self.likelihood.at_risk, self.censoring.offset
        if not a.lingers or offset[-1] == offset.size - 1:
            return
        rows = a.rows[a.lingering_row]
        slot = self.censoring.slot(rows, before_exit=self.convention == "finegray")
        for s, (begin, end) in enumerate(pairwise(a.offset)):
            mine = slice(None) if a.offset.size == 2 else self.history.stratum[rows] == s
            sums = self.likelihood.lingering_sums(moments, mine, slot[mine], offset[-1])
            begun = np.roll(running(sums, offset), 1, axis=0)
            begun[offset[:-1]] = 0.0
            yield slice(begin, end), begun

    def _to_come(self, of_cells: Floats, cells: slice) -> Floats:
        """What is met of some event times from each time of censoring on, shape (slots, k)."""
        a, censoring = self.likelihood.at_risk, self.censoring
        side: Literal["left", "right"] = "left" if self.convention == "crr" else "right"
        to_come = np.empty((censoring.time.size, of_cells.shape[1]))
        for factor, (begin, end) in zip(a.factor, pairwise(censoring.offset), strict=True):
            met = (factor[cells, None] * of_cells[cells])[::-1].cumsum(axis=0)[::-1]
            met = np.concatenate([met, np.zeros((1, met.shape[1]))])
            to_come[begin:end] = met[
                np.searchsorted(a.time[cells], censoring.time[begin:end], side)
            ]
        return to_come

    def _table(self, by_time: Floats) -> Floats:
        """What each place of `Censoring.place` meets, shape (3 slots, k)."""
        of_hazard = by_time * self.censoring.hazard[:, None]
        table = np.repeat(-running(of_hazard, self.censoring.offset), KINDS, axis=0)
        table[CENSORED_AT_IT::KINDS] += by_time
        if self.convention == "finegray":  # an event at u came before the censorings at u
            table[GONE_AT_IT::KINDS] += of_hazard
        return table

    @cached_property
    def _weight(self) -> Floats:
        return self.history.weight if self.convention == "crr" else np.ones(len(self.history))
