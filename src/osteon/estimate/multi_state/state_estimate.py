"""The Aalen-Johansen estimate of one stratum, and the noise in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import check_left_once, expect
from osteon.estimate.clusters import clusters_of
from osteon.estimate.curves.curve import check_start
from osteon.estimate.intervals import check_choice
from osteon.estimate.multi_state.initial_distribution import OBSERVED, initial_distribution
from osteon.estimate.multi_state.occupation_influence import Influence, influence
from osteon.estimate.multi_state.product_integral import running_product
from osteon.estimate.multi_state.transition_hazards import TransitionHazards, transition_hazards
from osteon.estimate.tables.risk_table import RiskTable, risk_table

JACKKNIFE = '`variance="jackknife"`'
"""What to ask where weights are not counts."""


@dataclass(frozen=True, eq=False)
class StateEstimate:
    """Probabilities of the states in one stratum.

    Attributes
    ----------
    stratum : str
        Its name.
    hazards : TransitionHazards
        Increments and risk sets, with the k times.
    initial, initial_covariance : ndarray of float, shapes (states,), (states, states)
        Distribution at the start, and its covariance.
    observed : bool
        Whether that distribution was observed, not stated.
    probabilities : ndarray of float, shape (k, states)
        Just after each time.
    """

    stratum: str
    hazards: TransitionHazards
    initial: Floats
    initial_covariance: Floats
    observed: bool
    probabilities: Floats

    @property
    def before(self) -> Floats:
        """Probabilities just before each time, shape (k, states)."""
        return np.vstack([self.initial, self.probabilities])[:-1]

    @property
    def noise(self) -> Floats:
        """Multinomial covariance that each time's transitions add, shape (k, states, states)."""
        at_risk, factors = self.hazards.at_risk, self.hazards.factors
        scale = self.before**2 / np.where(at_risk > 0, at_risk, np.inf)
        noise = -np.swapaxes(factors, 1, 2) @ (scale[:, :, None] * factors)
        at = np.arange(self.initial.size)
        noise[:, at, at] += np.einsum("kh,khj->kj", scale, factors)
        return noise

    def influence(self, history: History, cluster: Integers | None) -> Influence:
        """Influence of each subject (or cluster) on the probabilities."""
        rows = history.stratum == history.strata.index(self.stratum)
        _, code = np.unique(clusters_of(history, cluster)[rows], return_inverse=True)
        start = self.initial if self.observed else None
        return influence(history.where(rows), code, self.hazards, self.before, start)


def state_estimate(
    table: RiskTable, stratum: str, start: float, initial: Mapping[str, float] | str | None
) -> StateEstimate:
    """Aalen-Johansen in one stratum; see `state_occupation`."""
    hazards = transition_hazards(table, stratum, start=start)
    p0, v0 = initial_distribution(table, stratum, start, initial)
    return StateEstimate(
        stratum, hazards, p0, v0, initial == OBSERVED, p0 @ running_product(hazards.factors)
    )


def checked_table(
    source: RiskTable | History, start: float, variance: str, cluster: Integers | None
) -> RiskTable:
    """The risk table of a source that has what the variance needs."""
    expect(RiskTable, History, source=source)
    check_start(start)
    check_choice("variance", variance, ("delta", "jackknife"))
    if variance == "delta" and cluster is not None:
        raise EstimateError(
            "clusters are given, and the delta variance",
            "it takes patients as independent",
            'use `variance="jackknife"`',
        )
    if isinstance(source, History):
        check_left_once(source)
        return risk_table(source)
    if variance == "jackknife":
        raise EstimateError(
            "the jackknife is asked of a risk table",
            "it needs each subject, a risk table holds none",
            'give the history, or use `variance="delta"`',
        )
    return source
