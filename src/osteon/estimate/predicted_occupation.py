"""Probabilities of the states for one covariate pattern, from Cox models of the transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from scipy.linalg import expm

from osteon.contracts.history import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.curve import check_start
from osteon.estimate.initial_distribution import stated_distribution
from osteon.estimate.intervals import check_choice
from osteon.estimate.multi_state_cox import MultiStateCox, Transition
from osteon.estimate.occupation import Occupation, occupation
from osteon.estimate.product_integral import running_covariance, running_product
from osteon.estimate.risk_table import risk_table
from osteon.estimate.transition_hazards import transition_hazards


def predicted_occupation(
    model: MultiStateCox,
    at: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    *,
    stratum: str | None = None,
    start: float = 0.0,
    initial: Mapping[str, float] | None = None,
    factors: str = "product",
    variance: str = "delta",
    conf_level: float = 0.95,
    interval: str = "log-log",
) -> Occupation:
    """Probability of being in each state by time *t*, of somebody with given covariates.

    Parameters
    ----------
    model : MultiStateCox
        With the clock forward, and a covariance that is not robust.
    at : mapping of str to float, or of (str, str) to such a mapping
        Every covariate of the model, the same for all transitions or by transition.
    stratum : str, optional
        Stratum of the history; needed where it has several.
    start : float
        Only transitions after ``start`` enter, in days.
    initial : mapping of str to float, optional
        Distribution over the states at ``start``. Default: all in the first state.
    factors : {"product", "exponential"}
        "product" multiplies I + dA, as ``mstate::probtrans``; "exponential" exp(dA), as
        ``survfit`` of R's multi-state ``coxph``, which stays within [0, 1] where few are at risk.
    variance : {"delta", "increments"}
        "delta" is the functional delta method: the error of the coefficients is shared by all
        times. "increments" takes the increments of the estimated hazards as independent of each
        other, each with what it adds to their variance ([2]_; ``mstate::probtrans``).
    conf_level : float
        Two-sided confidence.
    interval : {"log-log", "cloglog", "log", "plain", "logit"}
        Scale of the limits.

    Returns
    -------
    Occupation
        ``at_risk`` and ``events`` are those of the whole stratum, whatever their covariates.

    Raises
    ------
    EstimateError
        If the clock was reset: then the hazards depend on the time since the last transition, the
        states are no Markov process in time, and their probabilities no product integral
        (simulate, or use `landmark_occupation`); if the covariance is robust, which holds no part
        for the baseline hazards; if a coefficient is infinite; if a covariate is missing; or if
        with "product" more than everybody would leave a state at once.

    Notes
    -----
    With increments :math:`dA_{hj}(u) = e^{\\beta' z_{hj}} d_{hj}(u) / S^{(0)}_{hj}(u)` (Efron's
    where the model is), [1]_ and [3]_:

    .. math:: p(t) = p(s) \\prod_{s < u \\le t} (I + dA(u)), \\quad
        V(t) = M(t) + D(t)\\, I^{-1} D(t)'

    M is the recursion of `state_occupation` with the hazards' Poisson variance
    :math:`e^{2 \\beta' z} d / S^{(0) 2}` given the coefficients, and D the derivative of p by the
    coefficients, :math:`\\partial dA = e^{\\beta' z} (z - \\bar x(u))\\, d / S^{(0)}`.

    References
    ----------
    .. [1] Andersen, Hansen & Keiding (1991), Scand. J. Stat. 18:153-167.
    .. [2] de Wreede, Fiocco & Putter (2010), Comput. Methods Programs Biomed. 99:261-274,
       doi:10.1016/j.cmpb.2010.01.001.
    .. [3] Andersen, Borgan, Gill & Keiding (1993), section VII.2.3.

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
    >>> points = predicted_occupation(model, {"ki67": 5}).at(5)
    >>> round(sum(p.estimate.item() for p in points.values()), 12)
    1.0
    """
    check_choice("variance", variance, ("delta", "increments"))
    predicted = prediction(model, at, stratum, start, initial, factors)
    hazards = predicted.hazards
    return occupation(
        states=model.states,
        time=hazards.time,
        at_risk=hazards.at_risk,
        events=hazards.entered,
        estimate=predicted.probabilities,
        covariance=_delta(predicted) if variance == "delta" else _increments(predicted),
        initial=predicted.initial,
        initial_covariance=np.zeros((len(model.states),) * 2),
        start=start,
        conf_level=conf_level,
        interval=interval,
        variance=variance,
    )


@dataclass(frozen=True, eq=False)
class PredictedHazards:
    """Increments of the transitions' cumulative hazards for one covariate pattern.

    Attributes
    ----------
    transitions : tuple of (str, str)
        Columns of ``increments``; ``codes`` are their states' indices.
    codes : ndarray of int, shape (transitions, 2)
        From-state and to-state.
    time : ndarray of float, shape (k,)
        Times after ``start`` at which anybody enters or leaves a risk set, in days.
    at_risk, entered : ndarray of float, shape (k, states)
        Weight at risk in, and entering, each state at each time.
    increments : ndarray of float, shape (k, transitions)
        dA of each transition.
    slopes : ndarray of float, shape (k, transitions, coefficients)
        Derivative of ``increments`` by the coefficients.
    noise : ndarray of float, shape (k, baselines)
        Variance of each baseline's increment, given the coefficients.
    loadings : ndarray of float, shape (baselines, transitions)
        exp(beta' z) of the transitions that have the baseline, else 0.
    coefficient_covariance : ndarray of float, shape (coefficients, coefficients)
        Of the Cox model.
    """

    transitions: tuple[Transition, ...]
    codes: np.ndarray
    time: Floats
    at_risk: Floats
    entered: Floats
    increments: Floats
    slopes: Floats
    noise: Floats
    loadings: Floats
    coefficient_covariance: Floats

    @property
    def cumulative(self) -> Floats:
        """Cumulative hazards, shape (k, transitions)."""
        return np.cumsum(self.increments, axis=0)

    @property
    def covariance(self) -> Floats:
        """Covariance of the cumulative hazards at each time, shape (k, transitions, transitions).

        R: ``survfit(coxph, newdata)$std.chaz`` is the root of its diagonal; ``msfit`` of mstate
        is equal (``vartype = "aalen"``).
        """
        given = np.einsum(
            "kg,ga,gb->kab", np.cumsum(self.noise, axis=0), self.loadings, self.loadings
        )
        slopes = np.cumsum(self.slopes, axis=0)
        return given + slopes @ self.coefficient_covariance @ np.swapaxes(slopes, 1, 2)


def predicted_hazards(
    model: MultiStateCox,
    at: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    *,
    stratum: str | None = None,
    start: float = 0.0,
) -> PredictedHazards:
    """Cumulative hazard of each transition for one covariate pattern; see `predicted_occupation`."""
    name = _stratum(model, stratum)
    table = transition_hazards(risk_table(model.history), name, start=start)
    z = np.array([_row(model, transition, at) for transition in model.transitions])
    likelihood, design = model.fit.likelihood, model.fit.design
    beta = model.fit.coefficients * design.scale
    moments = likelihood.moments(beta)
    shift = (likelihood.x @ beta)[likelihood.informs].max()  # taken out of the denominators
    risk = np.exp((z - design.centre) / design.scale @ beta - shift)
    term = likelihood.term_weight / moments.denominator
    time, stratum_of = likelihood.time[likelihood.cell], _strata_of_terms(model)
    within = np.searchsorted(table.time, time)
    k, size = table.time.size, len(model.baselines)
    increments = np.zeros((k, len(model.transitions)))
    slopes = np.zeros((k, len(model.transitions), beta.size))
    noise = np.zeros((k, size))
    loadings = np.zeros((size, len(model.transitions)))
    place = model.history.strata.index(name)
    for a, transition in enumerate(model.transitions):
        g = model.baseline_of(transition)
        rows = (stratum_of == g * len(model.history.strata) + place) & (time > start)
        loadings[g, a] = risk[a]
        mean = moments.mean[rows] * design.scale + design.centre
        np.add.at(increments[:, a], within[rows], risk[a] * term[rows])
        np.add.at(slopes[:, a], within[rows], risk[a] * term[rows, None] * (z[a] - mean))
        if transition == model.baselines[g][0]:
            np.add.at(noise[:, g], within[rows], term[rows] ** 2 / likelihood.term_weight[rows])
    codes = np.array([[model.states.index(s) for s in t] for t in model.transitions])
    return PredictedHazards(
        transitions=model.transitions,
        codes=codes,
        time=table.time,
        at_risk=table.at_risk,
        entered=table.moved.sum(axis=1),
        increments=increments,
        slopes=slopes,
        noise=noise,
        loadings=loadings,
        coefficient_covariance=model.fit.covariance,
    )


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities for one covariate pattern, and what they depend on.

    Attributes
    ----------
    hazards : PredictedHazards
        Increments, with the k times.
    initial : ndarray of float, shape (states,)
        Distribution at the start.
    factors : ndarray of float, shape (k, states, states)
        I + dA or exp(dA).
    slopes : ndarray of float, shape (k, transitions, states, states)
        Derivative of each factor by each transition's increment.
    probabilities : ndarray of float, shape (k, states)
        Just after each time.
    """

    hazards: PredictedHazards
    initial: Floats
    factors: Floats
    slopes: Floats
    probabilities: Floats

    @cached_property
    def _moved(self) -> Floats:
        """Derivative of p by each increment, just after it, shape (k, transitions, states)."""
        before = np.vstack([self.initial, self.probabilities])[:-1]
        return np.einsum("kh,kahj->kaj", before, self.slopes)

    @property
    def noise(self) -> Floats:
        """Covariance that each time adds, given the coefficients, shape (k, states, states)."""
        by_baseline = np.einsum("ga,kaj->kgj", self.hazards.loadings, self._moved)
        return np.einsum("kg,kgi,kgj->kij", self.hazards.noise, by_baseline, by_baseline)

    @cached_property
    def coefficient_slopes(self) -> Floats:
        """Derivative of p by the coefficients, shape (k, coefficients, states)."""
        slopes = np.einsum("kab,kaj->kbj", self.hazards.slopes, self._moved)
        for i in range(1, slopes.shape[0]):
            slopes[i] += slopes[i - 1] @ self.factors[i]
        return slopes


def prediction(
    model: MultiStateCox,
    at: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    stratum: str | None,
    start: float,
    initial: Mapping[str, float] | None,
    factors: str,
) -> Prediction:
    """Everything that `predicted_occupation` and `predicted_length_of_stay` start from."""
    check_start(start)
    check_choice("factors", factors, ("product", "exponential"))
    _refuse(model)
    hazards = predicted_hazards(model, at, stratum=stratum, start=start)
    p0 = stated_distribution(model.states, initial)
    steps, slopes = _factors(hazards, factors)
    return Prediction(hazards, p0, steps, slopes, p0 @ running_product(steps))


def _factors(hazards: PredictedHazards, kind: str) -> tuple[Floats, Floats]:
    """F at each time, and its derivative by each transition's increment.

    Shapes (k, states, states) and (k, transitions, states, states).
    """
    size = hazards.at_risk.shape[1]
    units = np.zeros((len(hazards.transitions), size, size))
    for unit, (a, b) in zip(units, hazards.codes, strict=True):
        unit[a, b], unit[a, a] = 1.0, -1.0
    changes = np.tensordot(hazards.increments, units, axes=1)
    if kind == "product":
        factors = np.eye(size) + changes
        if (np.diagonal(factors, axis1=1, axis2=2) < -1e-10).any():
            raise EstimateError(
                "for these covariates more than everybody would leave a state at once",
                "with few at risk and a high hazard ratio I + dA is no probability",
                'use `factors="exponential"`, or covariates nearer to those observed',
            )
        return factors, np.broadcast_to(units, (changes.shape[0], *units.shape))
    block = np.zeros((*changes.shape[:1], units.shape[0], 2 * size, 2 * size))
    block[..., :size, :size] = block[..., size:, size:] = changes[:, None]
    block[..., :size, size:] = units
    both = np.tile(np.eye(2 * size), (*block.shape[:2], 1, 1))
    both[..., :size, size:] = units
    some = changes.any(axis=(1, 2))
    both[some] = expm(block[some])
    return both[:, 0, :size, :size], both[..., :size, size:]


def _delta(predicted: Prediction) -> Floats:
    """Functional delta method: noise of the baselines, and of the coefficients for all times."""
    given = running_covariance(predicted.factors, predicted.noise)
    slopes = predicted.coefficient_slopes
    shared = np.swapaxes(slopes, 1, 2) @ predicted.hazards.coefficient_covariance @ slopes
    return given + shared


def _increments(predicted: Prediction) -> Floats:
    """De Wreede's recursion: each time adds the growth of the hazards' covariance, seen from p(t)."""
    growth = np.diff(predicted.hazards.covariance, axis=0, prepend=0)
    moved = np.einsum("kh,kahj->kaj", predicted.probabilities, predicted.slopes)
    added = np.einsum("kab,kai,kbj->kij", growth, moved, moved)
    return running_covariance(predicted.factors, added)


def _strata_of_terms(model: MultiStateCox) -> np.ndarray:
    likelihood, stacked = model.fit.likelihood, model.fit.history
    of_cell = np.zeros(likelihood.time.size, dtype=np.int64)
    of_cell[likelihood.death_cell] = stacked.stratum[likelihood.event]
    return of_cell[likelihood.cell]


def _row(
    model: MultiStateCox,
    transition: Transition,
    at: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
) -> Floats:
    own = cast(Mapping[str, float], cast(dict, at).get(transition, at))
    values = dict.fromkeys(model.fit.names, 0.0)
    for name, column in model.columns[transition].items():
        if name == "baseline":
            values[column] = 1.0
        elif name in own:
            values[column] = float(own[name])
        else:
            raise EstimateError(
                f'`at` has no value of "{name}" for {" to ".join(transition)}',
                "a prediction needs every covariate of the model",
                did_you_mean(name, filter(lambda key: isinstance(key, str), own)),
            )
    return np.array([values[name] for name in model.fit.names])


def _stratum(model: MultiStateCox, stratum: str | None) -> str:
    strata = model.history.strata
    if stratum is None and len(strata) == 1:
        return strata[0]
    if stratum not in strata:
        raise EstimateError(
            "no stratum is named" if stratum is None else f'there is no stratum "{stratum}"',
            f"strata are {', '.join(strata)}",
            did_you_mean(stratum or "", strata),
        )
    return stratum


def _refuse(model: MultiStateCox) -> None:
    if model.clock == "reset":
        raise EstimateError(
            "the clock was reset at each transition",
            "hazards that depend on the time since a state was entered make no Markov process, and "
            "the probabilities no product integral",
            'fit with `clock="forward"`, or use `landmark_occupation`',
        )
    if model.fit.robust:
        raise EstimateError(
            "the model's covariance is robust",
            "the variance of a prediction needs the baseline hazards' part too",
            "fit without `robust`, or bootstrap over subjects",
        )
    if model.fit.infinite:
        raise EstimateError(
            f"the hazard ratio of {', '.join(model.fit.infinite)} is infinite",
            "a prediction needs finite coefficients",
            "leave the covariate out of that transition",
        )
