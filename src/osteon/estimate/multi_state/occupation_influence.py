"""What each subject adds to the probabilities of the states: the jackknife of ``survfit``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import CENSORED, History
from osteon.estimate.multi_state.product_integral import (
    carried,
    product_tree,
    running_covariance,
)
from osteon.estimate.multi_state.transition_hazards import TransitionHazards


@dataclass(frozen=True, eq=False)
class Influence:
    """Influence of each group (subject or cluster) on the probabilities, and where it jumps.

    Attributes
    ----------
    first : ndarray of float, shape (groups, states)
        Influence on the distribution at the start.
    moves : ndarray of float, shape (k, 2 states, 2 states)
        What each time does to a group's influence u and to the weight a that it has at risk in
        each state, as a row (u, a).
    group, step : ndarray of int, shape (jumps,)
        Whose (u, a) jumps just after which time; -1 is the start. Sorted by both.
    jump : ndarray of float, shape (jumps, 2 states)
        By how much.

    Notes
    -----
    The influence is the derivative of p(t) by the weight of subject i, times that weight
    (Therneau 2024, "Further documentation on code and methods in the survival package",
    vignettes/methods.Rnw of R's survival, chapter "Survival Curves", section "Influence"):

    .. math:: U_i(u) = U_i(u^-) (I + dA(u))
        + w_i \\frac{p_h(u^-)}{Y_h(u)} \\left( dN_i(u) - dA_{h \\cdot}(u) \\right)

    for a subject at risk in state h, dN_i = e_j - e_h where it moves to j, else 0. But for its own
    entries, exits and moves that is one linear map for everybody, so the sum over subjects of
    products goes through the maps as a covariance does, and only who jumps is looked at: it takes
    O(jumps log(times) + times), not subjects times times.
    """

    first: Floats
    moves: Floats
    group: Integers
    step: Integers
    jump: Floats

    def covariance(self) -> Floats:
        """Sum over groups of products of the influence just after each time.

        Shape (k, states, states). Of one group alone it is nan from the first transition on.
        """
        states = self.first.shape[1]
        summed = self._summed(self.moves)[:, :states, :states]
        if self.first.shape[0] == 1:
            summed[self._moved(self.moves.shape[0])] = np.nan
        return summed

    def squared_stay(self, wait: Floats) -> Floats:
        """Sum over groups of the squared influence on the time spent in each state.

        Parameters
        ----------
        wait : ndarray of float, shape (steps + 1,)
            Days from the start to the first time, from each time to the next, and from the last
            but one step to the horizon.

        Returns
        -------
        ndarray of float, shape (states,)
        """
        states, steps = self.first.shape[1], wait.size - 1
        moves = np.zeros((steps + 1, 3 * states, 3 * states))
        moves[:] = np.eye(3 * states)
        moves[:steps, : 2 * states, : 2 * states] = self.moves[:steps]
        at = np.arange(states)
        moves[:, at, 2 * states + at] = wait[:, None]
        if self.first.shape[0] == 1 and self._moved(steps).any():
            return np.full(states, np.nan)
        return np.diag(self._summed(moves)[-1])[2 * states :]

    def _moved(self, times: int) -> NDArray[np.bool_]:
        """Whether there was a transition up to each time, shape (times,)."""
        states = self.first.shape[1]
        still = (self.moves[:times, :states, :states] == np.eye(states)).all(axis=(1, 2))
        return np.logical_or.accumulate(~still)

    def _summed(self, moves: Floats) -> Floats:
        """Sum over groups of products of all that the moves carry, after each of them."""
        k, size = moves.shape[:2]
        seen = self.step < k
        group, step = self.group[seen], self.step[seen]
        before, after = self._around(moves, group, step, self.jump[seen])
        start = np.zeros((size, size))
        states = self.first.shape[1]
        start[:states, :states] = self.first.T @ self.first
        added = np.empty((size, size, k + 1))
        for i in range(size):
            for j in range(i + 1):
                grown = after[:, i] * after[:, j] - before[:, i] * before[:, j]
                added[i, j] = added[j, i] = np.bincount(step + 1, grown, minlength=k + 1)
        added[..., 0] += start
        through = np.concatenate([np.eye(size)[None], moves])
        return running_covariance(through, np.moveaxis(added, 2, 0).copy())[1:]

    def _around(
        self, moves: Floats, group: Integers, step: Integers, jump: Floats
    ) -> tuple[Floats, Floats]:
        """All that the moves carry of each group just before and after its jumps."""
        before, after = np.zeros((2, group.size, moves.shape[1]))
        tree = product_tree(moves)
        begins = np.flatnonzero(np.diff(group, prepend=-1))
        number = np.diff(begins, append=group.size)
        for nth in range(number.max(initial=0)):
            at = begins[number > nth] + nth
            since = step[at - 1] + 1 if nth else np.zeros_like(at)
            rows = after[at - 1] if nth else before[at]
            if nth == 0:
                rows[:, : self.first.shape[1]] = self.first[group[at]]
            before[at] = carried(rows, tree, since, step[at] + 1)
            after[at] = before[at]
            after[at, : jump.shape[1]] += jump[at]
        return before, after


def influence(
    history: History,
    groups: Integers,
    hazards: TransitionHazards,
    before: Floats,
    initial: Floats | None,
) -> Influence:
    """Influence of each group in one stratum.

    Parameters
    ----------
    history : History
        Of one stratum.
    groups : ndarray of int, shape (n,)
        Number of the group of each interval, from 0.
    hazards : TransitionHazards
        Of that stratum.
    before : ndarray of float, shape (k, states)
        Probabilities just before each time.
    initial : ndarray of float, shape (states,), or None
        Distribution at the start if it was observed; None if it was stated.
    """
    states = len(hazards.states)
    first = np.zeros((groups.max(initial=-1) + 1, states))
    if initial is not None:
        first = _influence_of_start(history, groups, initial, hazards.start, first)
    share = before / np.where(hazards.at_risk > 0, hazards.at_risk, np.inf)
    moves = np.zeros((share.shape[0], 2 * states, 2 * states))
    moves[:, :states, :states] = hazards.factors
    moves[:, states:, :states] = share[:, :, None] * (np.eye(states) - hazards.factors)
    moves[:, states:, states:] = np.eye(states)
    return Influence(first, moves, *_jumps(history, groups, hazards, share))


def _influence_of_start(
    history: History, groups: Integers, initial: Floats, start: float, first: Floats
) -> Floats:
    there = (history.entry <= start) & (start < history.exit)
    weight = history.weight[there]
    np.add.at(first, (groups[there], history.from_state[there]), weight)
    first -= initial * first.sum(axis=1, keepdims=True)
    return first / weight.sum()


def _jumps(
    history: History, groups: Integers, hazards: TransitionHazards, share: Floats
) -> tuple[Integers, Integers, Floats]:
    """Who comes under risk, leaves, and moves: groups, steps and jumps of (u, a)."""
    seen = history.exit > hazards.start
    group, origin, to = groups[seen], history.from_state[seen], history.to_state[seen]
    weight, states = history.weight[seen], share.shape[1]
    enters = np.searchsorted(hazards.time, history.entry[seen], side="right") - 1
    leaves = np.searchsorted(hazards.time, history.exit[seen], side="left")
    k = hazards.time.size
    code, where = np.unique(
        np.concatenate([group * (k + 1) + enters, group * (k + 1) + leaves]) + 1,
        return_inverse=True,
    )
    entered, left = where[: group.size], where[group.size :]
    moved = to != CENSORED
    pull = (weight * share[leaves, origin])[moved]
    cell = 2 * states * np.concatenate([left[moved], left[moved], entered, left])
    cell += np.concatenate([to[moved], origin[moved], states + origin, states + origin])
    change = np.concatenate([pull, -pull, weight, -weight])
    jump = np.bincount(cell, change, minlength=2 * states * code.size).astype(np.float64)
    return code // (k + 1), code % (k + 1) - 1, jump.reshape(-1, 2 * states)
