"""What each subject adds to the probabilities of the states: the jackknife of ``survfit``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import CENSORED, Floats, History, Integers
from osteon.estimate.multi_state.transition_hazards import TransitionHazards


def influence_of_start(
    history: History, groups: Integers, initial: Floats, start: float, *, observed: bool
) -> Floats:
    """Influence of each group on the distribution at ``start``, shape (states, groups).

    0 where the distribution was stated, not observed.
    """
    influence = np.zeros((initial.size, groups.max(initial=-1) + 1))
    if observed:
        there = (history.entry <= start) & (start < history.exit)
        weight = history.weight[there]
        np.add.at(influence, (history.from_state[there], groups[there]), weight)
        influence -= initial[:, None] * influence.sum(axis=0)
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
    first : ndarray of float, shape (states, groups)
        Influence on the distribution at the start.

    Yields
    ------
    ndarray of float, shape (states, groups)
        At each of the k times; the array is used again for the next.

    Notes
    -----
    The derivative of p(t) by the weight of subject i, times that weight (survival's vignette
    "methods", section on the Aalen-Johansen estimate):

    .. math:: U_i(u) = U_i(u^-) (I + dA(u))
        + w_i \\frac{p_h(u^-)}{Y_h(u)} \\left( dN_i(u) - dA_{h \\cdot}(u) \\right)

    for a subject at risk in state h, dN_i = e_j - e_h where it moves to j, else 0. A time at
    which only state h is left changes few rows, which is all that is computed.
    """
    u, at_risk = first.copy(), np.zeros_like(first)
    place = np.ravel_multi_index((history.from_state, groups), u.shape)
    target = np.ravel_multi_index((np.maximum(history.to_state, 0), groups), u.shape)
    share = before / np.where(hazards.at_risk > 0, hazards.at_risk, np.inf)
    changes = hazards.factors - np.eye(first.shape[0])
    left = [np.flatnonzero(moved) for moved in np.asarray(hazards.moved.any(axis=2))]
    for i, (entering, leaving) in enumerate(_moments(history, hazards)):
        np.add.at(at_risk.reshape(-1), place[entering], history.weight[entering])
        staying = [(h, u[h] - share[i, h] * at_risk[h]) for h in left[i]]
        for h, of_h in staying:
            for j in np.flatnonzero(changes[i, h]):
                u[j] += changes[i, h, j] * of_h
        if staying:
            moving = leaving[history.to_state[leaving] != CENSORED]
            add = history.weight[moving] * share[i, history.from_state[moving]]
            np.add.at(u.reshape(-1), target[moving], add)
            np.add.at(u.reshape(-1), place[moving], -add)
        yield u
        np.add.at(at_risk.reshape(-1), place[leaving], -history.weight[leaving])


def _moments(history: History, hazards: TransitionHazards) -> Iterator[tuple[NDArray, NDArray]]:
    """Which intervals come under risk just before, and leave just after, each time."""
    first = np.searchsorted(hazards.time, history.entry, side="right")
    last = np.searchsorted(hazards.time, history.exit, side="left")
    seen = np.flatnonzero(history.exit > hazards.start)
    k = hazards.time.size
    return zip(_split(seen, first[seen], k), _split(seen, last[seen], k), strict=True)


def _split(rows: NDArray, at: NDArray, k: int) -> list[NDArray]:
    order = np.argsort(at, kind="stable")
    return np.split(rows[order], np.searchsorted(at[order], np.arange(1, k)))[:k] if k else []
