"""Does it matter where a patient was before? A test of the Markov property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import chosen_times, expect, pairs_of_states, whole_number
from osteon.estimate.chi_squared import ChiSquared, chi_squared
from osteon.estimate.clusters import clusters_of
from osteon.estimate.tables.risk_table import index_of


@dataclass(frozen=True, eq=False)
class MarkovTest:
    """Log-rank tests of one transition's hazard by the state at each landmark.

    Attributes
    ----------
    transition : tuple of (str, str)
        Whose hazard is tested.
    landmarks : ndarray of float, shape (m,)
        In days.
    states : tuple of str
        Qualifying states: those somebody was in at a landmark.
    statistic : ndarray of float, shape (states, m)
        Standardised log-rank statistic Z of those in the state at the landmark against all
        others; positive where they move more often. nan where no event tells.
    supremum : float
        Largest absolute Z.
    p_value : float
        Of the supremum, by the wild bootstrap.
    replicates, seed : int
        Of the bootstrap.
    """

    transition: tuple[str, str]
    landmarks: Floats
    states: tuple[str, ...]
    statistic: Floats
    supremum: float
    p_value: float
    replicates: int
    seed: int

    def at(self, state: str, landmark: float) -> ChiSquared:
        """The test of one state at one landmark alone, Z squared on one degree of freedom.

        Parameters
        ----------
        state : str
            One of ``states``.
        landmark : float
            One of ``landmarks``, in days.

        Returns
        -------
        ChiSquared

        Raises
        ------
        EstimateError
            If the state was not tested at that landmark.
        """
        place = np.flatnonzero(self.landmarks == landmark)
        if state not in self.states or place.size == 0:
            raise EstimateError(
                f'"{state}" at day {landmark:g} was not tested',
                f"states are {', '.join(self.states)}",
                did_you_mean(state, self.states),
            )
        return chi_squared(float(self.statistic[self.states.index(state), place[0]] ** 2), 1)


def markov_test(
    history: History,
    transition: tuple[str, str],
    landmarks: Sequence[float],
    *,
    replicates: int = 999,
    seed: int = 0,
) -> MarkovTest:
    """Test that a transition's hazard does not depend on the state at earlier times.

    Parameters
    ----------
    history : History
        Multi-state intervals without weights; a stratum's subjects are compared with each other.
    transition : (str, str)
        From-state and to-state.
    landmarks : sequence of float
        Times s, in days, at each of which the subjects then under observation are grouped by
        their state. Choose them before seeing the answer.
    replicates : int
        Of the wild bootstrap.
    seed : int
        Of its random signs; the same numbers on every machine.

    Returns
    -------
    MarkovTest

    Raises
    ------
    EstimateError
        If nobody makes the transition, the history has weights, or no landmark splits those
        at risk at any later event.

    Notes
    -----
    For transition l to m, landmark s and qualifying state j, with the indicator
    :math:`\\delta_i = 1(X_i(s) = j)` and :math:`\\bar\\delta(t)` its mean over those at risk in l
    at t and observed at s ([1]_):

    .. math:: U_j(s) = \\sum_{t_k > s} \\delta_{i_k} - \\bar\\delta(t_k), \\qquad
        V_j(s) = \\sum_{t_k > s} \\bar\\delta(t_k) (1 - \\bar\\delta(t_k)), \\qquad
        Z = U / \\sqrt{V}

    Under the Markov property Z is standard normal. R: the score test of
    ``coxph(Surv(pmax(entry, s), exit, event) ~ delta, ties = "breslow")`` on the intervals in l is
    Z squared; ``MarkovTest`` of mstate. The supremum over s and j is compared with that of
    :math:`\\sum_k G_k (\\delta_{i_k} - \\bar\\delta(t_k))` with random signs G (a wild bootstrap;
    mstate draws normal or Poisson G).

    References
    ----------
    .. [1] Titman & Putter (2022), Biostatistics 23:380-396, doi:10.1093/biostatistics/kxaa030.

    Examples
    --------
    Who was ill early dies soon, who was well at day 3 and fell ill later does not:

    >>> n = 8
    >>> entry = [1, 1, 1, 1, 4, 4, 4, 4]
    >>> history = History.of(
    ...     subject=[*range(n), *range(n)], entry=[0] * n + entry,
    ...     exit=[*entry, 5, 6, 7, 8, 20, 21, 22, 23], from_state=[0] * n + [1] * n,
    ...     event=[1] * n + [2] * n, states=("bm", "sre", "dead"),
    ... )
    >>> test = markov_test(history, ("sre", "dead"), [3])
    >>> test.at("sre", 3).p_value < 0.05
    True
    """
    expect(History, history=history)
    event = _events(history, transition)
    times = chosen_times(landmarks)
    if not times.size:
        raise EstimateError("no landmark is named", "one or more days at which to group subjects")
    whole_number("replicates", replicates, 1)
    whole_number("seed", seed, 0)
    qualifying = sorted(set(history.from_state.tolist()))
    scores = np.stack(
        [_scores(history, event, s, qualifying, transition[0]) for s in times], axis=1
    )
    shares = scores[..., 1]
    variance = (shares * (1 - shares)).sum(axis=2)
    contribution = scores[..., 0]
    root = np.sqrt(np.where(variance > 1e-12, variance, np.nan))
    statistic = contribution.sum(axis=2) / root
    if np.isnan(statistic).all():
        raise EstimateError(
            "no landmark splits those at risk at a later event",
            "some are in one state at the landmark, some in another",
            "choose landmarks within the time in which the first state is left",
        )
    supremum = float(np.nanmax(np.abs(statistic)))
    signs = np.random.default_rng(seed).integers(0, 2, (replicates, event.size)) * 2.0 - 1
    wild = np.einsum("re,jse->rjs", signs, contribution) / root
    as_large = np.nanmax(np.abs(wild), axis=(1, 2)) >= supremum - 1e-12
    return MarkovTest(
        transition=transition,
        landmarks=times,
        states=tuple(history.states[j] for j in qualifying),
        statistic=statistic,
        supremum=supremum,
        p_value=float((1 + as_large.sum()) / (1 + replicates)),
        replicates=replicates,
        seed=seed,
    )


def _events(history: History, transition: tuple[str, str]) -> Integers:
    """Intervals that end in the transition."""
    (transition,) = pairs_of_states("transition", [transition])
    origin, to = (index_of("state", state, history.states) for state in transition)
    event = np.flatnonzero((history.from_state == origin) & (history.to_state == to))
    if event.size == 0:
        raise EstimateError(
            f"nobody goes from {' to '.join(transition)}", "a transition that happens is tested"
        )
    if np.ptp(history.weight) > 0 or history.weight[0] != 1:
        raise EstimateError(
            "the history has weights",
            "the test counts subjects",
            "use `landmark_occupation` beside `state_occupation` to see what weights do",
        )
    return event


def _scores(
    history: History, event: Integers, landmark: float, qualifying: list[int], origin: str
) -> NDArray[np.float64]:
    """delta - its mean, and its mean, at each event after the landmark; shape (states, events, 2)."""
    now = np.flatnonzero((history.entry <= landmark) & (landmark < history.exit))
    subject = clusters_of(history, None)
    state_then = np.full(subject.max() + 1, -1)
    state_then[subject[now]] = history.from_state[now]
    then = state_then[subject]  # -1: not under observation at the landmark
    rows = np.flatnonzero((history.from_state == history.states.index(origin)) & (then >= 0))
    result = np.zeros((len(qualifying), event.size, 2))
    after = np.flatnonzero((history.exit[event] > landmark) & (then[event] >= 0))
    for k in after:
        t, stratum = history.exit[event[k]], history.stratum[event[k]]
        at_risk = rows[
            (history.entry[rows] < t)
            & (t <= history.exit[rows])
            & (history.stratum[rows] == stratum)
        ]
        for j, state in enumerate(qualifying):
            mean = np.mean(then[at_risk] == state)
            result[j, k] = (then[event[k]] == state) - mean, mean
    return result
