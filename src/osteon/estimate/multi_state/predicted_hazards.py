"""Cumulative hazards of every transition for one covariate pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import covariate_value, expect
from osteon.estimate.curves.curve import check_start
from osteon.estimate.multi_state.multi_state_cox import MultiStateCox, Transition, check_transition
from osteon.estimate.multi_state.prediction_influence import (
    at_each,
    baseline_pulls,
    coefficient_pulls,
)
from osteon.estimate.multi_state.transition_hazards import transition_hazards
from osteon.estimate.regression.predicted_path import stratum_index
from osteon.estimate.tables.risk_table import risk_table


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
    model : MultiStateCox
        Whose prediction it is.
    stratum : str
        Of the history, whose baselines these are.
    start : float
        Only times after it count, in days.
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
    model: MultiStateCox = field(repr=False)
    stratum: str
    start: float

    @property
    def cumulative(self) -> Floats:
        """Cumulative hazards, shape (k, transitions)."""
        return np.cumsum(self.increments, axis=0)

    @property
    def covariance(self) -> Floats:
        """Covariance of the cumulative hazards at each time, shape (k, transitions, transitions).

        Of a robust model the sum over its groups of the squares and products of their pulls.
        Else R's ``survfit(coxph, newdata)$std.chaz`` is the root of its diagonal; ``msfit`` of
        mstate is equal (``vartype = "aalen"``).
        """
        if self.model.fit.robust:
            summed = np.zeros((self.model.groups.max() + 1, len(self.transitions)))
            squares = np.zeros((self.time.size, *summed.shape[1:] * 2))
            for i, pulls in enumerate(self.pulls()):
                summed += pulls
                squares[i] = summed.T @ summed
            return squares
        given = np.einsum(
            "kg,ga,gb->kab", np.cumsum(self.noise, axis=0), self.loadings, self.loadings
        )
        slopes = np.cumsum(self.slopes, axis=0)
        return given + slopes @ self.coefficient_covariance @ np.swapaxes(slopes, 1, 2)

    def pulls(self) -> Iterator[Floats]:
        """How far each group pulls the increments, at each time, shape (groups, transitions).

        The derivatives by the group's weight, times the weight: by the baseline hazards, given
        the coefficients, and by the coefficients.

        Returns
        -------
        iterator of ndarray of float, shape (groups, transitions)
            One array for each of ``time``; groups are the model's clusters, else its subjects.
        """
        of_coefficients = coefficient_pulls(self.model)
        place = self.model.history.strata.index(self.stratum)
        sweeps = [
            at_each(self.time, pulls) for pulls in baseline_pulls(self.model, place, self.start)
        ]
        for slopes, *of_baselines in zip(self.slopes, *sweeps, strict=True):
            pulls = of_coefficients @ slopes.T
            for loadings, of_baseline in zip(self.loadings, of_baselines, strict=True):
                if of_baseline is not None:
                    pulls += of_baseline[:, None] * loadings
            yield pulls


def predicted_hazards(
    model: MultiStateCox,
    covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    *,
    stratum: str | None = None,
    start: float = 0.0,
) -> PredictedHazards:
    """Cumulative hazard of each transition for one covariate pattern.

    Parameters
    ----------
    model, covariates, stratum, start
        As in `predicted_occupation`.

    Returns
    -------
    PredictedHazards
        For its ``cumulative`` hazards and their ``covariance``.

    Raises
    ------
    EstimateError
        As `predicted_occupation`.

    Notes
    -----
    Breslow's estimate, or with Efron's ties the one that fits them (as `baseline_hazard` of each
    transition), with the covariance between transitions that share coefficients or a baseline:

    .. math:: A_a(t) = e^{\\beta' z_a} \\sum_{u \\le t} \\frac{d_g(u)}{S^{(0)}_g(u)}, \\quad
        \\operatorname{cov}_{ab} = 1(g_a = g_b) \\, e^{\\beta' (z_a + z_b)}
        \\sum_{u \\le t} \\frac{d_g(u)}{S^{(0) 2}_g(u)} + q_a' V q_b, \\quad
        q_a = \\sum_{u \\le t} (z_a - \\bar x_g(u)) \\, dA_a(u)

    with g the transition's baseline ([1]_). R: ``survfit(coxph, newdata)`` of each transition
    gives ``cumhaz`` and ``std.chaz``; ``msfit(coxph, newdata, vartype = "aalen")`` of mstate.

    References
    ----------
    .. [1] de Wreede, Fiocco & Putter (2010), Comput. Methods Programs Biomed. 99:261-274,
       doi:10.1016/j.cmpb.2010.01.001.

    Examples
    --------
    A transition without covariates has its Nelson-Aalen estimate; at day 3 one of five without a
    skeletal event dies:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import multi_state_cox
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 2, 3, 4, 5, 5], entry=[0, 2, 0, 0, 6, 0, 0, 0, 3],
    ...     exit=[2, 5, 3, 6, 9, 4, 9, 3, 7], from_state=[0, 1, 0, 0, 1, 0, 0, 0, 1],
    ...     event=[1, 2, 2, 1, 2, 0, 2, 1, 0], states=("bm", "sre", "dead"),
    ...     covariates={"ki67": [9, 9, 3, 2, 2, 8, 12, 4, 4]},
    ... )
    >>> hazards = predicted_hazards(multi_state_cox(history, {("bm", "sre"): ["ki67"]}), {"ki67": 5})
    >>> a = hazards.transitions.index(("bm", "dead"))
    >>> hazards.cumulative[hazards.time == 3, a].round(4).tolist()
    [0.2]
    """
    _refuse(model)
    expect(Mapping, covariates=covariates)
    check_start(start)
    name = model.history.strata[stratum_index(model.history.strata, stratum)]
    table = transition_hazards(risk_table(model.history), name, start=start)
    z = np.array([_row(model, transition, covariates) for transition in model.transitions])
    _refuse_unknown(model, covariates)
    terms = _baseline_terms(model)
    risk = np.exp((z - model.fit.design.centre) @ model.fit.coefficients)
    k, size = table.time.size, len(model.transitions)
    increments, slopes = np.zeros((k, size)), np.zeros((k, size, z.shape[1]))
    noise = np.zeros((k, len(model.baselines)))
    loadings = np.zeros((len(model.baselines), size))
    place = model.history.strata.index(name)
    for a, transition in enumerate(model.transitions):
        g = model.baseline_of(transition)
        mine = (terms.stratum == g * len(model.history.strata) + place) & (terms.time > start)
        rows, within = np.flatnonzero(mine), np.searchsorted(table.time, terms.time[mine])
        hazard, mean = risk[a] * terms.hazard[rows], terms.mean[rows]
        loadings[g, a] = risk[a]
        np.add.at(increments[:, a], within, hazard)
        np.add.at(slopes[:, a], within, hazard[:, None] * (z[a] - mean))
        if transition == model.baselines[g][0]:
            np.add.at(noise[:, g], within, terms.variance[rows])
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
        model=model,
        stratum=name,
        start=start,
    )


@dataclass(frozen=True, eq=False)
class _BaselineTerms:
    """Terms of the partial likelihood: a death (Efron) or an event time (Breslow) each.

    The hazard is that of somebody with all covariates at the design's centre, ``variance`` its
    Poisson variance given the coefficients, ``mean`` the risk set's covariates in their own units.
    """

    time: Floats
    stratum: Integers
    hazard: Floats
    variance: Floats
    mean: Floats


def _baseline_terms(model: MultiStateCox) -> _BaselineTerms:
    design, at_risk = model.fit.design, model.fit.likelihood.at_risk
    moments = model.fit.likelihood.moments(model.fit.coefficients * design.scale)
    hazard = moments.hazard * np.exp(-moments.shift)
    return _BaselineTerms(
        time=at_risk.time[at_risk.cell],
        stratum=at_risk.stratum[at_risk.cell],
        hazard=hazard,
        variance=hazard**2 / at_risk.weight,
        mean=moments.mean * design.scale + design.centre,
    )


def _row(
    model: MultiStateCox,
    transition: Transition,
    covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
) -> Floats:
    own = cast(Mapping[str, float], cast(dict, covariates).get(transition, covariates))
    values = dict.fromkeys(model.fit.names, 0.0)
    for name, column in model.columns[transition].items():
        if name == "baseline":
            values[column] = 1.0
        elif name in own:
            values[column] = covariate_value(name, own[name])
        else:
            raise EstimateError(
                f'`covariates` has no value of "{name}" for {" to ".join(transition)}',
                "a prediction needs every covariate of the model",
                did_you_mean(name, filter(lambda key: isinstance(key, str), own)),
            )
    return np.array([values[name] for name in model.fit.names])


def _refuse_unknown(
    model: MultiStateCox, covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]]
) -> None:
    known = {name for columns in model.columns.values() for name in columns} - {"baseline"}
    for key, value in cast(dict, covariates).items():
        if isinstance(key, tuple):
            check_transition(key, model.transitions)
            expect(Mapping, covariates=value)
        for name in value if isinstance(key, tuple) else (key,):
            if name not in known:
                raise EstimateError(
                    f'`covariates` names "{name}"',
                    f"the model's covariates are {', '.join(sorted(known))}",
                    did_you_mean(name, known),
                )


def _refuse(model: MultiStateCox) -> None:
    expect(MultiStateCox, model=model)
    if model.clock == "reset":
        raise EstimateError(
            "the clock was reset at each transition",
            "hazards that depend on the time since a state was entered make no Markov process, and "
            "the probabilities no product integral",
            'fit with `clock="forward"`, or use `landmark_occupation`',
        )
    if model.fit.infinite:
        raise EstimateError(
            f"the hazard ratio of {', '.join(model.fit.infinite)} is infinite",
            "a prediction needs finite coefficients",
            "leave the covariate out of that transition",
        )
