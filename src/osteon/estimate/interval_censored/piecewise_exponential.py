"""Proportional hazards, constant between cuts, for times known to lie between two examinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.estimate.chi_squared import ChiSquared, chi_squared
from osteon.estimate.curves.curve import SURVIVAL
from osteon.estimate.interval_censored.indefinite import inverse, maximise_anyhow
from osteon.estimate.interval_censored.piecewise import LogHazards, Pieces, to_units
from osteon.estimate.interval_censored.predicted import (
    PredictedCurve,
    bounds_design,
    covariate_row,
    prediction_times,
)
from osteon.estimate.intervals import (
    Estimate,
    check_conf_level,
    probability_limits,
    wald_ratios,
)
from osteon.estimate.newton import Evaluation, Maximum
from osteon.estimate.regression.design_matrix import Design
from osteon.estimate.shown import percent, shown_ratios

_CURE = "join pieces in which nothing is known to happen, or leave the covariate out"


@dataclass(frozen=True, eq=False)
class PiecewiseExponentialFit:
    """A fitted piecewise-exponential proportional hazards model.

    Attributes
    ----------
    cuts : ndarray of float, shape (k - 1,)
        Where the hazard changes, in days.
    hazards : tuple of Estimate
        Hazard per day in each of the k pieces, at covariates 0; Wald on the log scale, no p.
    names : tuple of str
        Covariates.
    coefficients : ndarray of float, shape (k + p,)
        Log hazards at covariates 0, then log hazard ratios per unit.
    covariance : ndarray of float, shape (k + p, k + p)
        Theirs, by observed information.
    hazard_ratios : dict of str to Estimate
        By covariate; Wald.
    log_likelihood, log_likelihood_null : float
        Of the model, and of the one without covariates.
    likelihood_ratio_test : ChiSquared
        Of all covariates; df 0 without any.
    n : int
        Subjects.
    conf_level : float
        Two-sided confidence.
    """

    cuts: Floats
    hazards: tuple[Estimate, ...]
    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    hazard_ratios: dict[str, Estimate]
    log_likelihood: float
    log_likelihood_null: float
    likelihood_ratio_test: ChiSquared
    n: int
    conf_level: float
    _design: Design = field(repr=False)
    _theta: Floats = field(repr=False)
    _theta_covariance: Floats = field(repr=False)

    def __repr__(self) -> str:
        """Its size and its ratios."""
        facts = [
            f"{self.n} subjects",
            f"{self.cuts.size + 1} pieces",
            f"hazard ratios ({percent(self.conf_level)})",
        ]
        return shown_ratios("PiecewiseExponentialFit", facts, self.hazard_ratios, ())

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients, shape (k + p,)."""
        return np.sqrt(np.diag(self.covariance))

    def survival(
        self,
        times: ArrayLike,
        covariates: Mapping[str, float] = {},
        *,
        interval: str = "log-log",
    ) -> PredictedCurve:
        """Predicted probability of being free of the event.

        Parameters
        ----------
        times : array_like of float, shape (k,)
            In days. After the last day anybody was seen the last piece's hazard goes on.
        covariates : mapping of str to float
            A value for each covariate of the model.
        interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
            Scale of the limits, by the delta method.

        Returns
        -------
        PredictedCurve

        Raises
        ------
        EstimateError
            If a covariate has no value, or the interval is unknown.
        """
        t, x = prediction_times(times), covariate_row(self._design, covariates)
        pieces = Pieces.of(self.cuts)
        k = len(pieces)
        hazard = np.exp(self._theta[:k] + x @ self._theta[k:])
        parts = pieces.time_in(t) * hazard
        cumulative = parts.sum(axis=1)
        jacobian = np.column_stack([parts, cumulative[:, None] * x])
        variance = np.einsum("ki,ij,kj->k", jacobian, self._theta_covariance, jacobian)
        survival = np.exp(-cumulative)
        std_error = survival * np.sqrt(variance)
        low, high = probability_limits(survival, std_error, self.conf_level, interval)
        return PredictedCurve(
            t, survival, std_error, low, high, SURVIVAL, self.conf_level, interval
        )


def piecewise_exponential(
    bounds: Bounds,
    names: Sequence[str] = (),
    *,
    cuts: ArrayLike = (),
    conf_level: float = 0.95,
) -> PiecewiseExponentialFit:
    """Fit hazards that are constant between cuts, with proportional covariate effects.

    Parameters
    ----------
    bounds : Bounds
        Windows, exact times (``left == right``) and times not reached (``right = inf``), with
        covariates, of one stratum; late entry and weights are in it.
    names : sequence of str
        Covariates of the model; categories as 0/1 columns.
    cuts : array_like of float, shape (k - 1,)
        Days at which the hazard may change; a piece is ``(cut, next cut]``. Default: none.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    PiecewiseExponentialFit

    Raises
    ------
    EstimateError
        If covariates are unknown, missing, constant or collinear, cuts are not ascending, an
        exact time is 0, there are several strata, or the data do not determine the model, as in a
        piece in which nothing happens.

    Notes
    -----
    With :math:`H(t) = e^{x'\\gamma} \\sum_k \\lambda_k t_k`, t_k the time spent in piece k, and
    the entry e, maximises

    .. math:: \\ell = \\sum_i w_i \\{ H(e_i) - H(l_i) + \\log(1 - e^{H(l_i) - H(r_i)}) \\}

    in which an exact time has its log hazard for the last term, and one not reached has none
    ([1]_, chapter 3). Newton steps; standard errors by the observed information. R: on
    windows a two-state ``msm(state ~ time, subject, covariates = ~ x + piece)`` with a row at
    every cut, of a state that may be either (``censor = 99, censor.states = 1:2``; its ``pci =``
    holds that nobody had the event before a cut inside a window); on exact times ``glm(event ~ piece + x + offset(log(time)), poisson)`` of the
    split data; without cuts ``survreg(dist = "exponential")``.

    References
    ----------
    .. [1] Kalbfleisch & Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd
       ed., doi:10.1002/9781118032985.

    Examples
    --------
    All scanned on days 100 and 200: 5 of 10 convert by the first, 2 of the rest by the second;
    the hazards are log(2) / 100 and log(5 / 3) / 100:

    >>> bounds = Bounds.of(left=[0] * 5 + [100] * 2 + [200] * 3,
    ...                    right=[100] * 5 + [200] * 2 + [np.inf] * 3)
    >>> fit = piecewise_exponential(bounds, cuts=[100])
    >>> [round(h.estimate, 6) for h in fit.hazards]
    [0.006931, 0.005108]
    >>> curve = fit.survival([100, 200])
    >>> curve.estimate.round(4).tolist(), curve.conf_low.round(3).tolist()
    ([0.5, 0.3], [0.184, 0.071])
    """
    check_conf_level(conf_level)
    pieces, columns = Pieces.of(cuts), bounds_design(bounds, names)
    null, _ = _fit(bounds, pieces, bounds_design(bounds, ()))
    best, log_hazards = _fit(bounds, pieces, columns)
    units = to_units(log_hazards, [columns])
    theta, theta_covariance = best.coefficients, inverse(best.last.information)
    coefficients, covariance = units @ theta, units @ theta_covariance @ units.T
    std_error, k = np.sqrt(np.diag(covariance)), len(pieces)
    hazards = wald_ratios(pieces.names(), coefficients[:k], std_error[:k], conf_level, tested=False)
    return PiecewiseExponentialFit(
        cuts=pieces.edges[1:-1],
        hazards=tuple(hazards.values()),
        names=columns.names,
        coefficients=coefficients,
        covariance=covariance,
        hazard_ratios=wald_ratios(columns.names, coefficients[k:], std_error[k:], conf_level),
        log_likelihood=best.last.value,
        log_likelihood_null=null.last.value,
        likelihood_ratio_test=chi_squared(
            2 * (best.last.value - null.last.value), len(columns.names)
        ),
        n=len(bounds),
        conf_level=conf_level,
        _design=columns,
        _theta=theta,
        _theta_covariance=theta_covariance,
    )


def _fit(bounds: Bounds, pieces: Pieces, design: Design) -> tuple[Maximum, LogHazards]:
    log_hazards = LogHazards(len(pieces), (design.standardised(np.arange(len(bounds))),))
    exact, found = bounds.left == bounds.right, np.isfinite(bounds.right)
    until = pieces.time_in(bounds.left)
    free = (until - pieces.time_in(bounds.entry))[:, None, :]
    window = (pieces.time_in(np.where(found, bounds.right, bounds.left)) - until)[:, None, :]
    happened = np.zeros_like(free)
    happened[exact, 0, pieces.piece(bounds.left[exact])] = 1.0
    between = np.flatnonzero(found & ~exact)
    everyone, weight = np.arange(len(bounds)), bounds.weight

    def evaluate(theta: Floats) -> Evaluation:
        hazard = log_hazards.hazards(theta)
        risk = free * hazard
        step = window[between] * hazard[between]
        total = step.sum(axis=(1, 2))
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            odds = 1 / np.expm1(total)  # P(not in the window) / P(in it), of those free before
            value = -weight @ risk.sum(axis=(1, 2)) + weight[between] @ np.log(-np.expm1(-total))
            value += weight[exact] @ np.log((happened * hazard)[exact].sum(axis=(1, 2)))
        curvature = -risk
        curvature[between] += odds[:, None, None] * step
        slopes = happened + curvature
        steep = log_hazards.pull(step, between)
        bend = weight[between] * odds * (1 + odds)
        return Evaluation(
            float(value),
            weight @ log_hazards.pull(slopes, everyone),
            (steep * bend[:, None]).T @ steep
            - log_hazards.pull_diagonal(weight[:, None, None] * curvature, everyone),
        )

    names = [f"the hazard of {name}" for name in pieces.names()]
    names += [f'the effect of "{name}"' for name in design.names]
    start = np.zeros(log_hazards.size)
    events = weight[found].sum() + 0.5
    start[: len(pieces)] = np.log(events / (weight @ (free + window).sum(axis=(1, 2)) + 1e-9))
    return maximise_anyhow(evaluate, start, names, _CURE), log_hazards
