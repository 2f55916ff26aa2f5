"""Who moves from which state to which, at each time: the raw matter of a multi-state estimate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.estimate.tables.risk_table import RiskTable

_ROUNDING = 1e-10  # of those at risk: a remainder so small is nobody


@dataclass(frozen=True, eq=False)
class TransitionHazards:
    """Nelson-Aalen increments of one stratum.

    Attributes
    ----------
    states : tuple of str
        Names; the columns of the arrays.
    time : ndarray of float, shape (k,)
        Times after ``start`` at which anybody enters or leaves a risk set, in days.
    at_risk : ndarray of float, shape (k, states)
        Weight at risk in each state at (just before) each time.
    moved : ndarray of float, shape (k, states, states)
        Weight that moves from the row's state to the column's at each time.
    start : float
        In days.
    """

    states: tuple[str, ...]
    time: Floats
    at_risk: Floats
    moved: Floats
    start: float

    @cached_property
    def factors(self) -> Floats:
        """I + dA, shape (k, states, states): row h tells where those in state h go."""
        safe = np.where(self.at_risk > 0, self.at_risk, 1.0)
        factors = self.moved / safe[:, :, None]
        stay = 1 - factors.sum(axis=2)
        at = np.arange(len(self.states))
        factors[:, at, at] = np.where(stay > _ROUNDING, stay, 0.0)
        return factors


def transition_hazards(table: RiskTable, stratum: str, *, start: float = 0.0) -> TransitionHazards:
    """Read one stratum's increments off a risk table; only times after ``start`` are kept."""
    i, states = table.strata.index(stratum), table.states
    seen = (table.entries[i] > 0).any(axis=0) | (table.exits[i] > 0).any(axis=0)
    keep = (table.time > start) & seen
    moved = np.zeros((int(keep.sum()), len(states), len(states)))
    for j, (origin, to) in enumerate(table.transitions):
        moved[:, states.index(origin), states.index(to)] = table.events[i, j, keep]
    return TransitionHazards(
        states, table.time[keep], table.at_risk[i][:, keep].T.copy(), moved, start
    )


def at_risk_after(table: RiskTable, stratum: str, start: float) -> Floats:
    """Weight at risk in each state just after ``start``, shape (states,)."""
    later = table.time > start
    i = table.strata.index(stratum)
    there = (table.exits[i][:, later] - table.entries[i][:, later]).sum(axis=1)
    # Weights that are not whole leave a rest of what all leave who enter later.
    return np.where(there > _ROUNDING * table.exits[i].sum(), there, 0.0)
