"""What each subject adds to the probabilities of the states: the infinitesimal jackknife."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import CENSORED, Floats, History, Integers
from osteon.estimate.transition_hazards import TransitionHazards


def influence_of_start(
    history: History, groups: Integers, initial: Floats, start: float, *, observed: bool
) -> Floats:
    """Influence of each group on the distribution at ``start``, shape (groups, states).

    0 where the distribution was stated, not observed.
    """
    influence = np.zeros((groups.max(initial=-1) + 1, initial.size))
    if observed:
        there = (history.entry <= start) & (start < history.exit)
        weight, state = history.weight[there], history.from_state[there]
        np.add.at(influence, (groups[there], state), weight)
        influence -= influence.sum(axis=1, keepdims=True) * initial
        influence /= weight.sum()
    return influence


def influence_over_time(
    history: History, groups: Integers, hazards: TransitionHazards, before: Floats, first: Floats
) -> Iterator[Floats]:
    """Influence of each group on the probabilities, just after each time.

    Parameters
    ----------
    history : History
        Of one stratum.
    groups : ndarray of int, shape (n,)
        Number of the group (subject or cluster) of each interval, from 0.
    hazards : TransitionHazards
        Of that stratum.
    before : ndarray of float, shape (k, states)
        Probabilities just before each time.
    first : ndarray of float, shape (groups, states)
        Influence on the distribution at the start.

    Yields
    ------
    ndarray of float, shape (groups, states)
        At each of the k times; the array is used again for the next.

    Notes
    -----
    The derivative of p(t) by the weight of subject i, times that weight (survival's vignette
    "methods", section on the Aalen-Johansen estimate):

    .. math:: U_i(u) = U_i(u^-) (I + dA(u))
        + w_i \\frac{p_h(u^-)}{Y_h(u)} \\left( dN_i(u) - dA_{h \\cdot}(u) \\right)

    for a subject at risk in state h, dN_i = e_j - e_h where it moves to j, else 0.
    """
    moment = _Moments(history, hazards)
    u = first.copy()
    weight = np.zeros_like(first)
    identity = np.eye(first.shape[1])
    for i, (entering, leaving) in enumerate(moment):
        np.add.at(
            weight, (groups[entering], history.from_state[entering]), history.weight[entering]
        )
        if hazards.moved[i].any():
            safe = np.where(hazards.at_risk[i] > 0, hazards.at_risk[i], 1.0)
            share = before[i] / safe
            u = u @ hazards.factors[i] - (weight * share) @ (hazards.factors[i] - identity)
            moving = leaving[history.to_state[leaving] != CENSORED]
            origin, to = history.from_state[moving], history.to_state[moving]
            add = history.weight[moving] * share[origin]
            np.add.at(u, (groups[moving], to), add)
            np.add.at(u, (groups[moving], origin), -add)
        yield u
        np.add.at(weight, (groups[leaving], history.from_state[leaving]), -history.weight[leaving])


class _Moments:
    """Which intervals come under risk just before, and leave just after, each time."""

    def __init__(self, history: History, hazards: TransitionHazards) -> None:
        first = np.searchsorted(hazards.time, history.entry, side="right")
        last = np.searchsorted(hazards.time, history.exit, side="left")
        seen = np.flatnonzero(history.exit > hazards.start)
        self.k = hazards.time.size
        self.entering = _split(seen, first[seen], self.k)
        self.leaving = _split(seen, last[seen], self.k)

    def __iter__(self) -> Iterator[tuple[NDArray, NDArray]]:
        return iter(zip(self.entering, self.leaving, strict=True))


def _split(rows: NDArray, at: NDArray, k: int) -> list[NDArray]:
    order = np.argsort(at, kind="stable")
    return np.split(rows[order], np.searchsorted(at[order], np.arange(1, k)))[:k] if k else []
