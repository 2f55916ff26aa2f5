"""Where patients are over time: Aalen-Johansen on any graph of states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from osteon.contracts.history import Floats, History, Integers
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.curve import check_start
from osteon.estimate.intervals import Estimate, check_choice, wald
from osteon.estimate.occupation import Occupation, occupation
from osteon.estimate.occupation_influence import influence_of_start, influence_over_time
from osteon.estimate.product_integral import running_covariance, running_product
from osteon.estimate.risk_table import RiskTable, risk_table
from osteon.estimate.transition_hazards import (
    TransitionHazards,
    at_risk_after,
    transition_hazards,
)

OBSERVED = "observed"


def state_occupation(
    source: RiskTable | History,
    *,
    start: float = 0.0,
    initial: Mapping[str, float] | str | None = None,
    variance: str = "delta",
    cluster: Integers | None = None,
    conf_level: float = 0.95,
    interval: str = "log-log",
) -> dict[str, Occupation]:
    """Aalen-Johansen probability of being in each state by time *t*.

    On any graph of states: competing outcomes, illness and death, progressive chains, and states
    that are left and entered again. Without the Markov property the probabilities from time 0
    stay right where censoring is independent ([3]_); those from a later ``start`` and a chosen
    state do not: see `landmark_occupation` and `markov_test`.

    Parameters
    ----------
    source : RiskTable or History
        Delayed entry, weights and strata are in it. "jackknife" needs the history.
    start : float
        Only transitions after ``start`` enter, in days.
    initial : mapping of str to float, "observed" or None
        Distribution over the states at ``start``: stated, by state, adding up to 1; or
        "observed", the shares of the states among those at risk just after ``start``, whose
        sampling error then counts; or, by default, everybody in the first state.
    variance : {"delta", "jackknife"}
        "delta" is Greenwood's for multinomial transitions, as ``etm``; weights count patients.
        "jackknife" is the infinitesimal jackknife of ``survfit``: robust, right for weights that
        are not counts, and summed over subjects or over ``cluster``.
    cluster : ndarray of int, shape (n,), optional
        With "jackknife": what to sum the influence over instead of subjects.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log-log", "cloglog", "log", "plain", "logit"}
        Scale of the limits, see `cumulative_incidence`.

    Returns
    -------
    dict of str to Occupation
        By stratum.

    Raises
    ------
    EstimateError
        If ``initial`` is no distribution over the states, nobody is at risk where it is to be
        observed, or "jackknife" is asked of a risk table.

    Notes
    -----
    With :math:`dA_{hj}(u) = dN_{hj}(u) / Y_h(u)` and
    :math:`dA_{hh} = -\\sum_{j \\ne h} dA_{hj}` ([1]_; [2]_, section IV.4.1)

    .. math:: p(t) = p(s) \\prod_{s < u \\le t} (I + dA(u))

    The delta variance is a recursion ([2]_, section IV.4.1.3), with :math:`\\pi_h` row h of
    :math:`I + dA(u)`:

    .. math:: V(u) = (I + dA)' V(u^-) (I + dA) + \\sum_h \\frac{p_h(u^-)^2}{Y_h}
        \\left( \\mathrm{diag}(\\pi_h) - \\pi_h \\pi_h' \\right)

    R: ``etm(...)`` gives ``est`` and ``cov`` ("delta"); ``survfit(Surv(entry, exit, state) ~ 1,
    id = , istate = , p0 = )`` gives ``pstate`` and, as ``std.err``, "jackknife". R's default
    ``p0`` is "observed", at the time of the first event; survival 3.5 then takes it as known.
    Without weights, late entry or a state
    that is entered and left, the two variances are equal.

    References
    ----------
    .. [1] Aalen & Johansen (1978), Scand. J. Stat. 5:141-150.
    .. [2] Andersen, Borgan, Gill & Keiding (1993), Statistical Models Based on Counting
       Processes, doi:10.1007/978-1-4612-4348-9.
    .. [3] Datta & Satten (2001), Stat. Probab. Lett. 55:403-411,
       doi:10.1016/S0167-7152(01)00155-9.

    Examples
    --------
    Four patients: a skeletal event at day 2, death of it at day 5; death without at day 3;
    censored at day 4; a skeletal event at day 6, seen until day 8:

    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 3, 3], entry=[0, 2, 0, 0, 0, 6], exit=[2, 5, 3, 4, 6, 8],
    ...     from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("bm", "sre", "dead"),
    ... )
    >>> for state, points in state_occupation(risk_table(history))["all"].at([2, 3, 5, 6]).items():
    ...     print(state, points.estimate.tolist())
    bm [0.75, 0.5, 0.5, 0.0]
    sre [0.25, 0.25, 0.0, 0.5]
    dead [0.0, 0.25, 0.5, 0.5]
    """
    table = _check(source, start, variance, cluster)
    result = {}
    for stratum in table.strata:
        hazards = transition_hazards(table, stratum, start=start)
        p0, v0 = initial_distribution(table, stratum, start, initial)
        estimate = probabilities(p0, hazards.factors)
        if variance == "delta":
            covariance = _delta(p0, v0, estimate, hazards)
        else:
            assert isinstance(source, History)  # `_check` saw to it
            steps, first = _influence(
                source, stratum, hazards, estimate, p0, cluster, observed=initial == OBSERVED
            )
            covariance = np.array([u.T @ u for u in steps]).reshape(-1, p0.size, p0.size)
            v0 = first.T @ first
        result[stratum] = occupation(
            states=table.states,
            time=hazards.time,
            at_risk=hazards.at_risk,
            events=hazards.moved.sum(axis=1),
            estimate=estimate,
            covariance=covariance,
            initial=p0,
            initial_covariance=v0,
            start=start,
            conf_level=conf_level,
            interval=interval,
            variance=variance,
        )
    return result


def transition_probabilities(
    source: RiskTable | History, start: float = 0.0, **options: str | float | Integers
) -> dict[str, dict[str, Occupation]]:
    """Aalen-Johansen matrix P(s, t): by stratum, then by the state occupied at ``start``.

    Row h of P(s, t) is `state_occupation` from ``initial={h: 1}``; ``options`` are its
    ``variance``, ``cluster``, ``conf_level`` and ``interval``. R: ``etm(..., s = start)``.

    Right only where the process is Markov: see `markov_test`.

    Examples
    --------
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 3, 3], entry=[0, 2, 0, 0, 0, 6], exit=[2, 5, 3, 4, 6, 8],
    ...     from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("bm", "sre", "dead"),
    ... )
    >>> rows = transition_probabilities(risk_table(history), start=2)["all"]
    >>> {state: points.estimate.item() for state, points in rows["sre"].at(5).items()}
    {'bm': 0.0, 'sre': 0.0, 'dead': 1.0}
    """
    rows = {
        state: state_occupation(source, start=start, initial={state: 1.0}, **options)  # type: ignore[arg-type]
        for state in source.states
    }
    return {
        stratum: {state: rows[state][stratum] for state in source.states}
        for stratum in source.strata
    }


def length_of_stay(
    source: RiskTable | History,
    horizon: float,
    *,
    start: float = 0.0,
    initial: Mapping[str, float] | str | None = None,
    variance: str = "delta",
    cluster: Integers | None = None,
    conf_level: float = 0.95,
) -> dict[str, dict[str, Estimate]]:
    """Expected time spent in each state between ``start`` and a horizon.

    In the first state of a survival history it is the restricted mean survival time; in an
    absorbing state it is the time lost to it (years of life lost to a cause).

    Parameters
    ----------
    source, start, initial, variance, cluster, conf_level
        As in `state_occupation`.
    horizon : float
        In days, after ``start``, and not after the last time seen in any stratum, unless nobody
        can move any more.

    Returns
    -------
    dict of str to dict of str to Estimate
        By stratum, then by state, in days, with a Wald interval; no p.

    Raises
    ------
    EstimateError
        As `state_occupation`, or if the horizon lies outside follow-up.

    Notes
    -----
    .. math:: L_h = \\int_s^{\\tau} p_h(u)\\,du

    Its variance goes through the same recursion as that of p, the row vector (p, L) moving by
    :math:`(p, L) \\mapsto (p F, L + p F \\Delta)` with F = I + dA and :math:`\\Delta` the time to
    the next step ([1]_; the jackknife integrates the influence). R:
    ``summary(survfit(...), rmean = tau)$table`` gives ``rmean`` and ``se(rmean)`` with
    "jackknife"; with two states both are `restricted_mean`.

    References
    ----------
    .. [1] Beyersmann & Putter (2014), Biostatistics 15:370-381; the same by linearity in
       Andersen, Borgan, Gill & Keiding (1993), section IV.4.1.

    Examples
    --------
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 3, 3], entry=[0, 2, 0, 0, 0, 6], exit=[2, 5, 3, 4, 6, 8],
    ...     from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("bm", "sre", "dead"),
    ... )
    >>> stay = length_of_stay(risk_table(history), 8)["all"]
    >>> [(state, stay[state].estimate) for state in stay]   # 2 + 0.75 + 3 * 0.5 days without
    [('bm', 4.25), ('sre', 1.75), ('dead', 2.0)]
    """
    table = _check(source, start, variance, cluster)
    result = {}
    for stratum in table.strata:
        hazards = transition_hazards(table, stratum, start=start)
        p0, v0 = initial_distribution(table, stratum, start, initial)
        estimate = probabilities(p0, hazards.factors)
        _check_horizon(hazards, estimate, horizon)
        steps = hazards.time[hazards.time <= horizon].size
        wait = np.diff(np.concatenate([[start], hazards.time[:steps], [horizon]]))
        stay = wait @ np.vstack([p0, estimate[:steps]])
        if variance == "delta":
            squared = _delta_of_stay(p0, v0, estimate, hazards, wait)
        else:
            assert isinstance(source, History)
            influence, first = _influence(
                source, stratum, hazards, estimate, p0, cluster, observed=initial == OBSERVED
            )
            total = first * wait[0]
            for days, u in zip(wait[1:], influence, strict=False):
                total += days * u
            squared = (total**2).sum(axis=0)
        result[stratum] = {
            state: _plain(stay[j], squared[j], conf_level) for j, state in enumerate(table.states)
        }
    return result


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
    for state in stated:
        if state not in states:
            raise EstimateError(
                f'`initial` names "{state}"',
                f"states are {', '.join(states)}",
                did_you_mean(state, states),
            )
    shares = np.array([float(stated.get(state, 0.0)) for state in states])
    if not (shares >= 0).all() or not abs(shares.sum() - 1) < 1e-9:
        raise EstimateError(
            f"`initial` adds up to {shares.sum():g}",
            "shares of the states are 0 or more and add up to 1",
        )
    return shares


def probabilities(initial: Floats, factors: Floats) -> Floats:
    """Probabilities just after each time, shape (k, states): initial times the factors so far."""
    return initial @ running_product(factors)


def _delta(p0: Floats, v0: Floats, estimate: Floats, hazards: TransitionHazards) -> Floats:
    added = _added(p0, estimate, hazards)
    if added.size:
        added[0] += hazards.factors[0].T @ v0 @ hazards.factors[0]
    return running_covariance(hazards.factors, added)


def _added(p0: Floats, estimate: Floats, hazards: TransitionHazards) -> Floats:
    """Covariance that each time's transitions add, shape (k, states, states)."""
    safe = np.where(hazards.at_risk > 0, hazards.at_risk, np.inf)  # nobody at risk: no transition
    scale = _before(p0, estimate) ** 2 / safe
    factors = hazards.factors
    added = -np.swapaxes(factors, 1, 2) @ (scale[:, :, None] * factors)
    at = np.arange(p0.size)
    added[:, at, at] += np.einsum("kh,khj->kj", scale, factors)
    return added


def _delta_of_stay(
    p0: Floats, v0: Floats, estimate: Floats, hazards: TransitionHazards, wait: Floats
) -> Floats:
    """Variance of the time in each state: the covariance recursion of (p, L)."""
    size, steps = p0.size, wait.size - 1
    identity = np.eye(size)
    spread = np.zeros((steps + 1, size, 2 * size))  # noise in p is noise in (p, L)
    spread[:, :, :size], spread[:, :, size:] = identity, wait[:, None, None] * identity
    moved = np.concatenate([v0[None], _added(p0, estimate, hazards)[:steps]])
    factors = np.zeros((steps + 1, 2 * size, 2 * size))
    factors[:, size:, size:] = identity
    factors[1:, :size] = hazards.factors[:steps] @ spread[1:]
    added = np.swapaxes(spread, 1, 2) @ moved @ spread
    return np.diag(running_covariance(factors, added)[-1])[size:]


def _influence(
    history: History,
    stratum: str,
    hazards: TransitionHazards,
    estimate: Floats,
    p0: Floats,
    cluster: Integers | None,
    *,
    observed: bool,
) -> tuple[Iterator[Floats], Floats]:
    """Influence of each subject (or cluster) over time, and at the start."""
    rows = history.stratum == history.strata.index(stratum)
    groups = history.subject if cluster is None else np.asarray(cluster)
    _, code = np.unique(groups[rows], return_inverse=True)
    one = history.where(rows)
    first = influence_of_start(one, code, p0, hazards.start, observed=observed)
    return influence_over_time(one, code, hazards, _before(p0, estimate), first), first


def _before(p0: Floats, estimate: Floats) -> Floats:
    return np.vstack([p0, estimate])[:-1]


def _plain(stay: float, squared: float, conf_level: float) -> Estimate:
    mean = wald(float(stay), float(np.sqrt(max(squared, 0.0))), conf_level)
    return Estimate(
        mean.estimate, mean.std_error, mean.conf_low, mean.conf_high, conf_level, "plain"
    )


def _check(
    source: RiskTable | History, start: float, variance: str, cluster: Integers | None
) -> RiskTable:
    check_start(start)
    check_choice("variance", variance, ("delta", "jackknife"))
    if variance == "delta" and cluster is not None:
        raise EstimateError(
            "clusters are given, and the delta variance",
            "it takes patients as independent",
            'use `variance="jackknife"`',
        )
    if isinstance(source, History):
        return risk_table(source)
    if variance == "jackknife":
        raise EstimateError(
            "the jackknife is asked of a risk table",
            "it needs each subject, a risk table holds none",
            'give the history, or use `variance="delta"`',
        )
    return source


def _check_horizon(hazards: TransitionHazards, estimate: Floats, horizon: float) -> None:
    end = float(hazards.time[-1]) if hazards.time.size else hazards.start
    # Who is in a state that nobody is ever at risk in stays there.
    settled = estimate.size > 0 and not (estimate[-1] * (hazards.at_risk > 0).any(axis=0)).any()
    if not hazards.start < horizon < np.inf or (horizon > end and not settled):
        raise EstimateError(
            f"the horizon is day {horizon:g}",
            f"follow-up runs from day {hazards.start:g} to day {end:g}",
            "choose a horizon that every stratum's follow-up reaches",
        )
