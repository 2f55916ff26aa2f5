"""Firth's penalised likelihood: profile limits and likelihood ratio tests for any model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.intervals import Estimate, normal_quantile, wald_ratios
from osteon.estimate.newton import RUNAWAY, Evaluation, Maximum, maximise, runaway_maximum, solve
from osteon.estimate.regression.cautions import cautions
from osteon.estimate.shown import percent, shown_ratios

_MAX_STEP = 5.0  # standard deviations; as logistf
_TOLERANCE = 1e-20  # of the decrement, at the estimate
_PROFILED = 1e-13  # along a profile, where only the value counts
_FARTHEST = 1e4  # standard errors within which a profile limit is sought

Evaluate = Callable[[Floats], Evaluation]


@dataclass(frozen=True, eq=False)
class FirthFit:
    """A fit by Firth's penalised likelihood, finite whatever the data.

    Attributes
    ----------
    names : tuple of str
        Terms; "intercept" first in a logistic model.
    coefficients : ndarray of float, shape (p,)
        Log odds ratios or log hazard ratios per unit.
    covariance : ndarray of float, shape (p, p)
        Their covariance; of use to Wald's method only.
    ratios : dict of str to Estimate
        Odds or hazard ratio by covariate, with profile penalised-likelihood limits and the
        penalised likelihood ratio p. ``std_error`` is that of the log ratio.
    wald_ratios : dict of str to Estimate
        The same ratios with Wald limits and p, to show what they would have said.
    log_likelihood, log_likelihood_null : float
        Penalised log-likelihood at ``coefficients``, and with every covariate's coefficient 0.
    n, events : int
        Rows, and rows with the event.
    conf_level : float
        Two-sided confidence.
    separated : tuple of str
        Terms whose ratio would be infinite without the penalty.
    cautions : tuple of str
        What a reader must know: few events, near collinearity, separation.
    profile : callable
        From a covariate's name and a value of its coefficient to how far the profile penalised
        log-likelihood has fallen there from its maximum; `pool_profiles` combines it.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    ratios: dict[str, Estimate]
    wald_ratios: dict[str, Estimate]
    log_likelihood: float
    log_likelihood_null: float
    n: int
    events: int
    conf_level: float
    separated: tuple[str, ...]
    cautions: tuple[str, ...]
    profile: Callable[[str, float], float] = field(repr=False)

    def __repr__(self) -> str:
        """Its size, its ratios and its cautions."""
        facts = [
            f"{self.n} rows",
            f"{self.events} events",
            f"ratios (profile, {percent(self.conf_level)})",
        ]
        return shown_ratios("FirthFit", facts, self.ratios, self.cautions)

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def likelihood_ratio_p(self) -> float:
        """p of the penalised likelihood ratio test that no covariate matters."""
        return float(chdtrc(len(self.ratios), 2 * (self.log_likelihood - self.log_likelihood_null)))

    @property
    def events_per_parameter(self) -> float:
        """Events per covariate."""
        return self.events / len(self.ratios)


def penalised(value: float, score: Floats, information: Floats, slope: Floats) -> Evaluation:
    """Add Firth's penalty, half the log determinant of the information.

    Parameters
    ----------
    value, score, information
        Log-likelihood and its derivatives.
    slope : ndarray of float, shape (p,)
        Derivative of the penalty, 1/2 trace(I^-1 dI/db_r).
    """
    with np.errstate(invalid="ignore"):  # nan is not above 0: the step is halved
        sign, log_determinant = np.linalg.slogdet(information)
    penalty = log_determinant / 2 if sign > 0 else -np.inf
    return Evaluation(value + penalty, score + slope, information)


@dataclass(frozen=True, eq=False)
class PenalisedModel:
    """A penalised likelihood of standardised coefficients, and what they mean.

    Attributes
    ----------
    evaluate : callable
        From standardised coefficients, shape (p,), to the penalised `Evaluation`.
    error_information : callable
        From standardised coefficients to the information that standard errors come from.
    names : tuple of str
        Terms.
    tested : list of int
        Terms that are covariates (not the intercept).
    to_units : ndarray of float, shape (p, p)
        Takes standardised coefficients to coefficients per unit; a covariate's row is diagonal.
    n, events : int
        Rows, and rows with the event.
    informing : int
        Events to weigh against the number of coefficients; in a logistic model those without
        the event, if they are fewer.
    unpenalised : callable
        As ``evaluate``, without the penalty.
    whole : bool
        Whether weights are whole numbers.
    robust : str
        What to ask where they are not.
    """

    evaluate: Evaluate
    error_information: Callable[[Floats], Floats]
    names: tuple[str, ...]
    tested: list[int]
    to_units: Floats
    n: int
    events: int
    informing: int
    unpenalised: Evaluate
    whole: bool
    robust: str


def fit_penalised(model: PenalisedModel, conf_level: float) -> FirthFit:
    """Maximise a penalised likelihood, then profile each tested coefficient."""
    everything = np.ones(len(model.names), dtype=bool)
    best = _maximise(model.evaluate, np.zeros(everything.size), everything)
    coefficients = model.to_units @ best.coefficients
    inverse = np.linalg.inv(model.error_information(best.coefficients))
    covariance = np.asarray(model.to_units @ inverse @ model.to_units.T, dtype=np.float64)
    std_error = np.sqrt(np.diag(covariance))
    separated, unknown = _separated(model)
    where, tested = model.tested, [model.names[r] for r in model.tested]
    # Standardising adds a constant to the log determinant; take it back.
    constant = -float(np.linalg.slogdet(model.to_units)[1])
    return FirthFit(
        names=model.names,
        coefficients=coefficients,
        covariance=covariance,
        ratios={
            model.names[r]: _profiled(model, best, r, std_error[r], conf_level)
            for r in model.tested
        },
        wald_ratios=wald_ratios(
            tested,
            coefficients[model.tested],
            std_error[model.tested],
            conf_level,
        ),
        log_likelihood=best.last.value + constant,
        log_likelihood_null=_null(model) + constant,
        n=model.n,
        events=model.events,
        conf_level=conf_level,
        separated=separated,
        cautions=(
            *(
                f"the ratio of {name} would be infinite or 0 without the penalty"
                for name in separated
                if name in tested
            ),
            *unknown,
            *cautions(
                tested,
                model.informing,
                best.last.information[np.ix_(where, where)],
                whole=model.whole,
                robust=model.robust,
            ),
        ),
        profile=lambda name, b: _fallen(model, best, model.names.index(name), b),
    )


def _fallen(model: PenalisedModel, best: Maximum, r: int, coefficient: float) -> float:
    """How far the profile has fallen where a coefficient (per unit) is held."""
    held = _profile(model.evaluate, best, r, coefficient / model.to_units[r, r])
    return max(best.last.value - held.last.value, 0.0)


def _separated(model: PenalisedModel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Terms along which the likelihood without its penalty rises for ever; or that nobody knows.

    The intercept of standardised covariates runs with them; that of the covariates as they were
    given runs only if nobody, or everybody, has the event where all of them are 0.
    """
    start = model.unpenalised(np.zeros(len(model.names)))
    try:
        best, heading = runaway_maximum(model.unpenalised, start, max(model.informing, 1))
    except EstimateError:
        return (), ("without the penalty no finite ratios were found",)
    moves = np.abs(model.to_units @ best.step) > RUNAWAY * np.diag(model.to_units)
    slope = np.count_nonzero(model.to_units, axis=1) == 1
    away = moves | ((heading != 0) & slope)
    return tuple(name for name, gone in zip(model.names, away, strict=True) if gone), ()


def _null(model: PenalisedModel) -> float:
    """Penalised log-likelihood with every covariate's coefficient held at 0."""
    start, free = np.zeros(len(model.names)), np.ones(len(model.names), dtype=bool)
    free[model.tested] = False
    return _maximise(model.evaluate, start, free).last.value


def _profiled(
    model: PenalisedModel, best: Maximum, r: int, std_error: float, conf_level: float
) -> Estimate:
    unit = model.to_units[r, r]
    low, high = _limits(model.evaluate, best, r, std_error / unit, conf_level)
    return Estimate(
        estimate=float(np.exp(unit * best.coefficients[r])),
        std_error=float(std_error),
        conf_low=float(np.exp(unit * low)),
        conf_high=float(np.exp(unit * high)),
        conf_level=conf_level,
        interval="profile",
        p_value=_p(model.evaluate, best, r),
        error_scale="log",
    )


def _limits(
    evaluate: Evaluate, best: Maximum, r: int, std_error: float, conf_level: float
) -> tuple[float, float]:
    """Where the profile penalised likelihood has fallen by half a chi-squared quantile."""
    allowed = float(chdtri(1, 1 - conf_level)) / 2

    def excess(b: float) -> float:
        return best.last.value - _profile(evaluate, best, r, b).last.value - allowed

    centre, reach = float(best.coefficients[r]), normal_quantile(conf_level) * std_error
    return _crossing(excess, centre, -reach), _crossing(excess, centre, reach)


def _crossing(excess: Callable[[float], float], centre: float, reach: float) -> float:
    inner, outer = 0.0, 1.0
    while excess(centre + outer * reach) < 0:
        inner, outer = outer, 2 * outer
        if outer > _FARTHEST:
            raise EstimateError(
                "the profile of the penalised likelihood has no limit",
                do="look for covariates that are nearly collinear",
            )
    root = brentq(lambda k: excess(centre + k * reach), inner, outer, xtol=1e-12, rtol=1e-13)
    return centre + float(root) * reach


def _p(evaluate: Evaluate, best: Maximum, r: int) -> float:
    profile = _profile(evaluate, best, r, 0.0)
    return float(chdtrc(1, max(2 * (best.last.value - profile.last.value), 0.0)))


def _profile(evaluate: Evaluate, best: Maximum, r: int, b: float) -> Maximum:
    """Maximum over the other coefficients with coefficient r held at b.

    The penalty keeps the information of the whole model, as in Heinze & Schemper.
    """
    free = np.arange(best.coefficients.size) != r
    across = best.coefficients.copy()
    across[r] = b
    # Along the ridge of the quadratic approximation; which may end far off, where nothing is known.
    ridge = solve(best.last.information[np.ix_(free, free)], best.last.information[free, r])
    along = across.copy()
    along[free] -= ridge * (b - best.coefficients[r])
    start = max(along, across, key=lambda beta: evaluate(beta).value)
    return _maximise(evaluate, start, free, _PROFILED)


def _maximise(
    evaluate: Evaluate, start: Floats, free: np.ndarray, tolerance: float = _TOLERANCE
) -> Maximum:
    return maximise(evaluate, start, free=free, tolerance=tolerance, max_step=_MAX_STEP)
