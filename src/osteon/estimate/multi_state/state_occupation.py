"""Where patients are over time: Aalen-Johansen on any graph of states."""

from __future__ import annotations

from collections.abc import Mapping

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.arguments import expect
from osteon.estimate.clusters import few_clusters
from osteon.estimate.multi_state.occupation import Occupation, occupation
from osteon.estimate.multi_state.product_integral import running_covariance
from osteon.estimate.multi_state.state_estimate import (
    JACKKNIFE,
    StateEstimate,
    checked_table,
    state_estimate,
)
from osteon.estimate.tables.risk_table import RiskTable
from osteon.estimate.weights import weight_caution


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

    A state entered and left on one day (progression and death) has no time at risk: `History.of`
    refuses the interval, and the probability of the state, and the hazard of leaving it, are those
    of the convention that is chosen. R's vignette "compete" moves such a progression a tenth of a
    month back (it was there before death); the other choice is death alone. Say which, and how
    many.

    Parameters
    ----------
    source : RiskTable or History
        Delayed entry, weights and strata are in it. "jackknife" needs the history.
    start : float
        Only transitions after ``start`` enter, in days.
    initial : mapping of str to float, "observed" or None
        Distribution over the states at ``start``: stated, by state, adding up to 1; or
        "observed", the shares of the states among those at risk just after ``start``, whose
        sampling error then counts; or, by default, everybody in the first state. (`History.of`
        reads event 0 as censored: a state that is entered again must not be the first; put one
        before it that nobody is in, and state ``initial``.)
    variance : {"delta", "jackknife"}
        "delta" is Greenwood's for multinomial transitions, as ``etm``; weights count patients.
        "jackknife" is the (infinitesimal) one of ``survfit``: robust, right for weights that are
        not counts, and summed over subjects or over ``cluster``.
    cluster : ndarray of int, shape (n,), optional
        With "jackknife": what to sum the influence over instead of subjects.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
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
    :math:`dA_{hh} = -\\sum_{j \\ne h} dA_{hj}` ([1]_; [2]_, section IV.4)

    .. math:: p(t) = p(s) \\prod_{s < u \\le t} (I + dA(u))

    The delta variance is a recursion ([2]_, equation 4.4.19), with :math:`\\pi_h` row h of
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
    .. [1] Aalen & Johansen (1978), Scand. J. Stat. 5:141-150, jstor:4615704.
    .. [2] Andersen, Borgan, Gill & Keiding (1993), Statistical Models Based on Counting
       Processes, doi:10.1007/978-1-4612-4348-9.
    .. [3] Datta & Satten (2001), Stat. Probab. Lett. 55:403-411,
       doi:10.1016/S0167-7152(01)00155-9.

    Examples
    --------
    Four patients: a skeletal event at day 2, death of it at day 5; death without at day 3;
    censored at day 4; a skeletal event at day 6, seen until day 8:

    >>> from osteon.estimate import risk_table
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
    table = checked_table(source, start, variance, cluster)
    result = {}
    for stratum in table.strata:
        estimate = state_estimate(table, stratum, start, initial)
        if variance == "delta":
            first, covariance = estimate.initial_covariance, _delta(estimate)
            said = weight_caution(table.whole, JACKKNIFE)
        else:
            assert isinstance(source, History)  # `checked_table` saw to it
            influence = estimate.influence(source, cluster)
            first, covariance = influence.first.T @ influence.first, influence.covariance()
            said = few_clusters(len(influence.first))
        result[stratum] = occupation(
            states=table.states,
            time=estimate.hazards.time,
            at_risk=estimate.hazards.at_risk,
            events=estimate.hazards.moved.sum(axis=1),
            estimate=estimate.probabilities,
            covariance=covariance,
            initial=estimate.initial,
            initial_covariance=first,
            start=start,
            conf_level=conf_level,
            interval=interval,
            variance=variance,
            cautions=said,
        )
    return result


def transition_probabilities(
    source: RiskTable | History, start: float = 0.0, **options: str | float | Integers
) -> dict[str, dict[str, Occupation]]:
    """Aalen-Johansen matrix P(s, t): by stratum, then by the state occupied at ``start``.

    Right only where the process is Markov: see `markov_test`.

    Parameters
    ----------
    source, start
        As in `state_occupation`.
    **options
        ``variance``, ``cluster``, ``conf_level`` and ``interval`` of `state_occupation`.

    Returns
    -------
    dict of str to dict of str to Occupation
        By stratum, then by the state occupied at ``start``.

    Raises
    ------
    EstimateError
        As `state_occupation`.

    Notes
    -----
    .. math:: P(s, t) = \\prod_{s < u \\le t} (I + dA(u))

    ([1]_); row h is `state_occupation` from ``initial={h: 1}``. R: ``etm(..., s = start)``.

    References
    ----------
    .. [1] Aalen & Johansen (1978), Scand. J. Stat. 5:141-150, jstor:4615704.

    Examples
    --------
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 3, 3], entry=[0, 2, 0, 0, 0, 6], exit=[2, 5, 3, 4, 6, 8],
    ...     from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("bm", "sre", "dead"),
    ... )
    >>> rows = transition_probabilities(risk_table(history), start=2)["all"]
    >>> {state: points.estimate.item() for state, points in rows["sre"].at(5).items()}
    {'bm': 0.0, 'sre': 0.0, 'dead': 1.0}
    """
    expect(RiskTable, History, source=source)
    rows = {
        state: state_occupation(source, start=start, initial={state: 1.0}, **options)  # type: ignore[arg-type]
        for state in source.states
    }
    return {
        stratum: {state: rows[state][stratum] for state in source.states}
        for stratum in source.strata
    }


def _delta(estimate: StateEstimate) -> Floats:
    factors, noise = estimate.hazards.factors, estimate.noise
    if noise.size:
        noise[0] += factors[0].T @ estimate.initial_covariance @ factors[0]
    return running_covariance(factors, noise)
