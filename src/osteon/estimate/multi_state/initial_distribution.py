"""Where patients are when an occupation curve starts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, number
from osteon.estimate.intervals import check_choice
from osteon.estimate.multi_state.transition_hazards import at_risk_after
from osteon.estimate.tables.risk_table import RiskTable

OBSERVED = "observed"


def initial_distribution(
    table: RiskTable, stratum: str, start: float, initial: Mapping[str, float] | str | None
) -> tuple[Floats, Floats]:
    """Distribution over the states at ``start`` and its covariance; see `state_occupation`."""
    size = len(table.states)
    if isinstance(initial, str):
        check_choice("initial", initial, (OBSERVED,))
        there = at_risk_after(table, stratum, start)
        if not there.sum() > 0:
            raise EstimateError(
                f'nobody in stratum "{stratum}" is at risk just after day {start:g}',
                "an observed distribution needs patients",
                "state `initial`, or choose a later `start`",
            )
        shares = there / there.sum()
        return shares, (np.diag(shares) - np.outer(shares, shares)) / there.sum()
    return stated_distribution(table.states, initial), np.zeros((size, size))


def stated_distribution(states: tuple[str, ...], initial: Mapping[str, float] | None) -> Floats:
    """A distribution by state as an array; by default everybody is in the first state."""
    stated = {states[0]: 1.0} if initial is None else initial
    expect(Mapping, initial=stated)
    for state in stated:
        if state not in states:
            raise EstimateError(
                f'`initial` names "{state}"',
                f"states are {', '.join(states)}",
                did_you_mean(state, states),
            )
    shares = np.array([number(state, stated.get(state, 0.0)) for state in states])
    if not (shares >= 0).all() or not abs(shares.sum() - 1) < 1e-9:
        raise EstimateError(
            f"`initial` adds up to {shares.sum():g}",
            "shares of the states are 0 or more and add up to 1",
        )
    return shares
