"""Expected time in each state: restricted means, and time lost to each cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import number
from osteon.estimate.clusters import few_clusters
from osteon.estimate.intervals import Estimate, wald
from osteon.estimate.multi_state.multi_state_cox import MultiStateCox, Transition
from osteon.estimate.multi_state.predicted_occupation import (
    Prediction,
    convention_of,
    prediction,
)
from osteon.estimate.multi_state.product_integral import running_covariance
from osteon.estimate.multi_state.state_estimate import (
    JACKKNIFE,
    StateEstimate,
    checked_table,
    state_estimate,
)
from osteon.estimate.tables.risk_table import RiskTable
from osteon.estimate.weights import weight_caution


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
    the next step (by linearity from [1]_, equation 4.4.19; the jackknife integrates the
    influence). R:
    ``summary(survfit(...), rmean = tau)$table`` gives ``rmean`` and ``se(rmean)`` with
    "jackknife"; with two states both are `restricted_mean`.

    References
    ----------
    .. [1] Andersen, Borgan, Gill & Keiding (1993), Statistical Models Based on Counting
       Processes, doi:10.1007/978-1-4612-4348-9.

    Examples
    --------
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 3, 3], entry=[0, 2, 0, 0, 0, 6], exit=[2, 5, 3, 4, 6, 8],
    ...     from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("bm", "sre", "dead"),
    ... )
    >>> stay = length_of_stay(risk_table(history), 8)["all"]
    >>> [(state, stay[state].estimate) for state in stay]   # 2 + 0.75 + 3 * 0.5 days without
    [('bm', 4.25), ('sre', 1.75), ('dead', 2.0)]
    """
    table = checked_table(source, start, variance, cluster)
    result = {}
    for stratum in table.strata:
        estimate = state_estimate(table, stratum, start, initial)
        hazards = estimate.hazards
        _check_horizon(estimate.probabilities, hazards.at_risk, hazards.time, start, horizon)
        wait = _waits(hazards.time, start, horizon)
        if variance == "delta":
            squared, said = _delta(estimate, wait), weight_caution(table.whole, JACKKNIFE)
        else:
            assert isinstance(source, History)  # `checked_table` saw to it
            influence = estimate.influence(source, cluster)
            squared, said = influence.squared_stay(wait), few_clusters(len(influence.first))
        stay = _stay(estimate.initial, estimate.probabilities, wait)
        result[stratum] = _estimates(table.states, stay, squared, conf_level, said)
    return result


def predicted_length_of_stay(
    model: MultiStateCox,
    covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    horizon: float,
    *,
    stratum: str | None = None,
    start: float = 0.0,
    initial: Mapping[str, float] | None = None,
    factors: str = "product",
    variance: str | None = None,
    conf_level: float = 0.95,
) -> dict[str, Estimate]:
    """Expected time in each state up to a horizon, of somebody with given covariates.

    Parameters
    ----------
    model, covariates, stratum, start, initial, factors, variance, conf_level
        As in `predicted_occupation`.
    horizon : float
        As in `length_of_stay`, in days.

    Returns
    -------
    dict of str to Estimate
        By state, in days, with a Wald interval; no p.

    Raises
    ------
    EstimateError
        As `predicted_occupation`, or if the horizon lies outside follow-up.

    Notes
    -----
    .. math:: L_h = \\int_s^{\\tau} p_h(u)\\,du

    with p that of `predicted_occupation` ([1]_), by the same delta method. R:
    ``ELOS(probtrans(msfit, predt = start), tau = horizon)`` of mstate, which gives no standard
    error.

    References
    ----------
    .. [1] Andersen, Hansen & Keiding (1991), Scand. J. Stat. 18:153-167.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import multi_state_cox
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 2, 3, 4, 5, 5], entry=[0, 2, 0, 0, 6, 0, 0, 0, 3],
    ...     exit=[2, 5, 3, 6, 9, 4, 9, 3, 7], from_state=[0, 1, 0, 0, 1, 0, 0, 0, 1],
    ...     event=[1, 2, 2, 1, 2, 0, 2, 1, 0], states=("bm", "sre", "dead"),
    ...     covariates={"ki67": [9, 9, 3, 2, 2, 8, 12, 4, 4]},
    ... )
    >>> model = multi_state_cox(history, {("bm", "sre"): ["ki67"]})
    >>> stay = predicted_length_of_stay(model, {"ki67": 5}, 8)
    >>> round(sum(e.estimate for e in stay.values()), 9)
    8.0
    """
    convention = convention_of(model, variance, ("delta", "jackknife"))
    predicted = prediction(model, covariates, stratum, start, initial, factors)
    hazards = predicted.hazards
    _check_horizon(predicted.probabilities, hazards.at_risk, hazards.time, start, horizon)
    wait = _waits(hazards.time, start, horizon)
    squared = (_predicted_delta if convention == "delta" else _predicted_jackknife)(predicted, wait)
    stay = _stay(predicted.initial, predicted.probabilities, wait)
    return _estimates(model.states, stay, squared, conf_level)


def _predicted_delta(predicted: Prediction, wait: Floats) -> Floats:
    """Variance of the time in each state, shape (states,)."""
    nothing = np.zeros((predicted.initial.size,) * 2)
    given = _variance(nothing, predicted.noise, predicted.factors, wait)
    slopes = predicted.coefficient_slopes[: wait.size - 1]
    by_coefficient = np.einsum("k,kbj->bj", wait[1:], slopes)
    covariance = predicted.hazards.coefficient_covariance
    return np.asarray(given + np.diag(by_coefficient.T @ covariance @ by_coefficient))


def _predicted_jackknife(predicted: Prediction, wait: Floats) -> Floats:
    days = zip(wait[1:], predicted.pulls(), strict=False)
    total = sum((stay * pulls for stay, pulls in days), np.zeros((1, predicted.initial.size)))
    return np.asarray((total**2).sum(axis=0))


def _waits(time: Floats, start: float, horizon: float) -> Floats:
    """Days from the start, and from each time up to the horizon, to the next of them."""
    return np.diff(np.concatenate([[start], time[time <= horizon], [horizon]]))


def _stay(initial: Floats, probabilities: Floats, wait: Floats) -> Floats:
    return np.asarray(wait @ np.vstack([initial, probabilities[: wait.size - 1]]))


def _delta(estimate: StateEstimate, wait: Floats) -> Floats:
    return _variance(estimate.initial_covariance, estimate.noise, estimate.hazards.factors, wait)


def _variance(first: Floats, noise: Floats, factors: Floats, wait: Floats) -> Floats:
    """Variance of the time in each state: the covariance recursion of (p, L), shape (states,)."""
    size, steps = first.shape[0], wait.size - 1
    identity = np.eye(size)
    spread = np.zeros((steps + 1, size, 2 * size))  # noise in p is noise in (p, L)
    spread[:, :, :size], spread[:, :, size:] = identity, wait[:, None, None] * identity
    moves = np.zeros((steps + 1, 2 * size, 2 * size))
    moves[:, size:, size:] = identity
    moves[1:, :size] = factors[:steps] @ spread[1:]
    added = np.swapaxes(spread, 1, 2) @ np.concatenate([first[None], noise[:steps]]) @ spread
    return np.diag(running_covariance(moves, added)[-1])[size:]


def _estimates(
    states: tuple[str, ...],
    stay: Floats,
    squared: Floats,
    conf_level: float,
    cautions: tuple[str, ...] = (),
) -> dict[str, Estimate]:
    result = {}
    for state, days, variance in zip(states, stay, squared, strict=True):
        mean = wald(float(days), float(np.sqrt(np.maximum(variance, 0.0))), conf_level)
        result[state] = replace(mean, interval="plain", p_value=float("nan"), cautions=cautions)
    return result


def _check_horizon(
    probabilities: Floats, at_risk: Floats, time: Floats, start: float, horizon: float
) -> None:
    end = float(time[-1]) if time.size else start
    # Who is in a state that nobody is ever at risk in stays there.
    settled = time.size > 0 and not (probabilities[-1] * (at_risk > 0).any(axis=0)).any()
    if not start < number("horizon", horizon) < np.inf or (horizon > end and not settled):
        raise EstimateError(
            f"the horizon is day {horizon:g}",
            f"follow-up runs from day {start:g} to day {end:g}",
            "choose a horizon that every stratum's follow-up reaches",
        )
