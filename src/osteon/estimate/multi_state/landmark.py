"""Where patients go from a state they are in at a landmark, Markov or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.clusters import clusters_of
from osteon.estimate.curves.curve import check_start
from osteon.estimate.multi_state.occupation import Occupation
from osteon.estimate.multi_state.state_occupation import state_occupation
from osteon.estimate.tables.risk_table import index_of


def landmark_occupation(
    history: History, landmark: float, state: str, **options: Any
) -> dict[str, Occupation]:
    """Landmark Aalen-Johansen probabilities from a state occupied at a landmark.

    Aalen-Johansen on those alone who are in ``state`` at the landmark. The plain estimate of
    P(s, t) borrows later transitions from patients who were elsewhere at s, which is right only
    for a Markov process (a metastasis found early must then do as one found late); this one
    needs no Markov property, and pays with fewer patients.

    Parameters
    ----------
    history : History
        Multi-state intervals.
    landmark : float
        s, in days.
    state : str
        State occupied just after the landmark.
    **options
        ``variance``, ``cluster`` (one value an interval of ``history``), ``conf_level`` and
        ``interval``, as in `state_occupation`.

    Returns
    -------
    dict of str to Occupation
        By stratum; strata in which nobody is in the state then are left out.

    Raises
    ------
    EstimateError
        If the state is unknown, or nobody is in it, under observation, at the landmark.

    Notes
    -----
    Consistent for :math:`P(X(t) = j \\mid X(s) = h)` where censoring is independent given the
    state at s ([1]_). Who enters observation after s is left out. R: ``survfit(...,
    start.time = s, p0 =)`` on those in the state at s; ``LMAJ(msdata, s, from)`` of mstate.

    References
    ----------
    .. [1] Putter & Spitoni (2018), Stat. Methods Med. Res. 27:2081-2092,
       doi:10.1177/0962280216674497.

    Examples
    --------
    At day 4 two are ill: one dies at day 5, the other is still ill at day 8:

    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 2, 3, 3], entry=[0, 2, 0, 0, 3, 0, 6], exit=[2, 5, 3, 3, 8, 6, 7],
    ...     from_state=[0, 1, 0, 0, 1, 0, 1], event=[1, 2, 2, 1, 0, 1, 2],
    ...     states=("bm", "sre", "dead"),
    ... )
    >>> landmark_occupation(history, 4, "sre")["all"].at(7)["dead"].estimate.tolist()
    [0.5]
    >>> state_occupation(history, start=4, initial={"sre": 1.0})["all"].at(7)["dead"].estimate.tolist()
    [0.75]
    """
    expect(History, history=history)
    check_start(landmark)
    there = in_state(history, landmark, state)
    if not there.any():
        raise EstimateError(
            f'nobody under observation is in "{state}" at day {landmark:g}',
            "a landmark estimate follows those who are",
            "choose another landmark",
        )
    chosen = np.isin(history.subject, history.subject[there])
    if options.get("cluster") is not None:
        options = {**options, "cluster": clusters_of(history, options["cluster"])[chosen]}
    initial: Mapping[str, float] = {state: 1.0}
    occupied = state_occupation(history.where(chosen), start=landmark, initial=initial, **options)
    present = {history.strata[code] for code in np.unique(history.stratum[there])}
    return {stratum: curve for stratum, curve in occupied.items() if stratum in present}


def in_state(history: History, time: float, state: str) -> NDArray[np.bool_]:
    """Intervals spent in a state, under observation, just after a time, shape (n,)."""
    index_of("state", state, history.states)
    here = (history.entry <= time) & (time < history.exit)
    return here & (history.from_state == history.states.index(state))
