"""Parametric regression of times known to lie between two examinations: accelerated failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.estimate.arguments import check_probability
from osteon.estimate.chi_squared import ChiSquared, chi_squared
from osteon.estimate.curves.curve import SURVIVAL
from osteon.estimate.interval_censored.accelerated_failure_likelihood import (
    AcceleratedFailureLikelihood,
)
from osteon.estimate.interval_censored.indefinite import inverse
from osteon.estimate.interval_censored.location_scale import DISTRIBUTIONS, LocationScale
from osteon.estimate.interval_censored.predicted import (
    PredictedCurve,
    bounds_design,
    covariate_row,
    prediction_times,
)
from osteon.estimate.intervals import (
    Estimate,
    check_choice,
    check_conf_level,
    normal_quantile,
    wald_ratios,
)
from osteon.estimate.regression.design_matrix import Design
from osteon.estimate.shown import percent, shown_ratios


@dataclass(frozen=True, eq=False)
class AcceleratedFailureFit:
    """A fitted accelerated failure time model, log T = x'beta + sigma * error.

    Attributes
    ----------
    distribution : {"weibull", "exponential", "log-logistic", "log-normal"}
        Of T.
    names : tuple of str
        "intercept", then the covariates.
    coefficients : ndarray of float, shape (1 + p,)
        beta, per unit.
    scale : float
        sigma; 1 for the exponential. A Weibull distribution's shape is 1 / sigma.
    covariance : ndarray of float, shape (p + 2, p + 2)
        Of the coefficients and log sigma, by observed information; 0 for a fixed scale.
    time_ratios : dict of str to Estimate
        exp(beta): how many times longer it takes per unit of the covariate. Wald.
    hazard_ratios : dict of str to Estimate
        exp(-beta / sigma), by covariate; Weibull and exponential only, in which covariates
        multiply the hazard too. Empty otherwise.
    log_likelihood, log_likelihood_null : float
        Of the model, and of the one without covariates. Exact times count by their density.
    likelihood_ratio_test : ChiSquared
        Of all covariates; df 0 without any.
    n : int
        Subjects.
    conf_level : float
        Two-sided confidence.
    """

    distribution: str
    names: tuple[str, ...]
    coefficients: Floats
    scale: float
    covariance: Floats
    time_ratios: dict[str, Estimate]
    hazard_ratios: dict[str, Estimate]
    log_likelihood: float
    log_likelihood_null: float
    likelihood_ratio_test: ChiSquared
    n: int
    conf_level: float
    _design: Design = field(repr=False)
    _linear: _Linear = field(repr=False)

    def __repr__(self) -> str:
        """Its size and its ratios."""
        facts = [
            f"{self.n} subjects",
            self.distribution,
            f"time ratios ({percent(self.conf_level)})",
        ]
        return shown_ratios("AcceleratedFailureFit", facts, self.time_ratios, ())

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients and of log sigma, shape (p + 2,)."""
        return np.sqrt(np.diag(self.covariance))

    def survival(self, times: ArrayLike, covariates: Mapping[str, float] = {}) -> PredictedCurve:
        """Predicted probability of being free of the event.

        Parameters
        ----------
        times : array_like of float, shape (k,)
            In days.
        covariates : mapping of str to float
            A value for each covariate of the model.

        Returns
        -------
        PredictedCurve
            Limits are symmetric in z = (log t - x'beta) / sigma, which is log(-log S) for the
            Weibull, -logit S for the log-logistic, -probit S for the log-normal distribution.
        """
        t = prediction_times(times)
        spread, x = DISTRIBUTIONS[self.distribution], covariate_row(self._design, covariates)
        with np.errstate(divide="ignore"):
            z, error = self._linear.standardised(np.log(t), x)
        half = normal_quantile(self.conf_level) * error
        survival = np.exp(spread.log_above(z))
        with np.errstate(over="ignore"):
            density = np.where(np.isfinite(z), np.exp(spread.log_density(np.maximum(z, -700))), 0)
        return PredictedCurve(
            time=t,
            estimate=survival,
            std_error=density * error,
            conf_low=np.exp(spread.log_above(z + half)),
            conf_high=np.exp(spread.log_above(z - half)),
            estimand=SURVIVAL,
            conf_level=self.conf_level,
            interval="linear predictor",
        )

    def quantile(
        self,
        probability: float = 0.5,
        covariates: Mapping[str, float] = {},
    ) -> Estimate:
        """Time by which a share has had the event, in days, with limits made on the log scale.

        Parameters
        ----------
        probability : float
            The share; 0.5 for the median.
        covariates : mapping of str to float
            A value for each covariate of the model.

        Returns
        -------
        Estimate

        Raises
        ------
        EstimateError
            If ``probability`` does not lie between 0 and 1, or a covariate has no value.

        Notes
        -----
        R: ``predict(fit, type = "uquantile", p =, se.fit = TRUE)`` gives its log and that
        one's standard error, which is ``std_error`` here.
        """
        check_probability(probability)
        x = covariate_row(self._design, covariates)
        z = float(DISTRIBUTIONS[self.distribution].quantile(np.array([probability]))[0])
        log_time, error = self._linear.log_time(z, x)
        half = normal_quantile(self.conf_level) * error
        low, middle, high = np.exp([log_time - half, log_time, log_time + half])
        return Estimate(
            float(middle),
            float(error),
            float(low),
            float(high),
            self.conf_level,
            "wald",
            error_scale="log",
        )


def accelerated_failure(
    bounds: Bounds,
    names: Sequence[str] = (),
    *,
    distribution: str = "weibull",
    conf_level: float = 0.95,
) -> AcceleratedFailureFit:
    """Fit a parametric model to times known only to lie in ``(left, right]``.

    Parameters
    ----------
    bounds : Bounds
        Windows, exact times (``left == right``) and times not reached (``right = inf``), with
        covariates, of one stratum; late entry and weights are in it.
    names : sequence of str
        Covariates of the model; categories as 0/1 columns.
    distribution : {"weibull", "exponential", "log-logistic", "log-normal"}
        Of the time.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    AcceleratedFailureFit

    Raises
    ------
    EstimateError
        If covariates are unknown, missing, constant or collinear, an exact time is 0, there are
        several strata, or the data do not determine the model.

    Notes
    -----
    With :math:`\\log T = x'\\beta + \\sigma \\varepsilon`, z the standardised log time, F the
    distribution of :math:`\\varepsilon` and e the entry, maximises ([1]_, chapter 3)

    .. math:: \\ell = \\sum_i w_i \\left\\{ \\log[F(z(r_i)) - F(z(l_i))] - \\log[1 - F(z(e_i))] \\right\\}

    in which an exact time has :math:`\\log f(z(t)) - \\log(\\sigma t)` for the first term. Newton
    steps in :math:`(\\beta / \\sigma, 1 / \\sigma)`, in which the likelihood without late entry is
    concave ([2]_); standard errors by the observed information. R:
    ``survreg(Surv(left, right, type = "interval2") ~ x, dist =)`` has the same
    coefficients, log(scale) and log-likelihood (its left bound 0 is NA, and its default tolerance
    stops at 1e-9 of the log-likelihood: ``rel.tolerance = 1e-14`` agrees further); it takes no late entry.
    The Weibull's hazard ratio is :math:`\\exp(-\\beta / \\sigma)`; its standard error is that of
    :math:`-\\beta / \\sigma`.

    References
    ----------
    .. [1] Kalbfleisch & Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd
       ed., doi:10.1002/9781118032985.
    .. [2] Burridge (1981), J. R. Stat. Soc. B 43:41-45, doi:10.1111/j.2517-6161.1981.tb01148.x.

    Examples
    --------
    An exponential distribution seen only at one scan on day 100, at which 3 of 4 have
    converted: S(100) = 1/4, so the rate is log(4) / 100 and the mean 72.13 days:

    >>> bounds = Bounds.of(left=[0, 0, 0, 100], right=[100, 100, 100, np.inf])
    >>> fit = accelerated_failure(bounds, distribution="exponential")
    >>> round(float(np.exp(fit.coefficients[0])), 2), round(float(100 / np.log(4)), 2)
    (72.13, 72.13)
    >>> round(fit.quantile(0.75).estimate, 6)
    100.0
    """
    check_choice("distribution", distribution, DISTRIBUTIONS)
    check_conf_level(conf_level)
    spread, columns = DISTRIBUTIONS[distribution], bounds_design(bounds, names)
    null = _fit(bounds, np.empty((len(bounds), 0)), spread, ())
    x = columns.standardised(np.arange(len(bounds)))
    linear = _fit(bounds, x, spread, columns.names) if columns.names else null
    beta, scale, covariance = linear.in_units(columns)
    std_error = np.sqrt(np.diag(covariance))[1:-1]
    ratios, error = linear.hazards(columns)
    return AcceleratedFailureFit(
        distribution=distribution,
        names=("intercept", *columns.names),
        coefficients=beta,
        scale=scale,
        covariance=covariance,
        time_ratios=wald_ratios(columns.names, beta[1:], std_error, conf_level),
        hazard_ratios=wald_ratios(columns.names, ratios, error, conf_level)
        if spread.proportional_hazards
        else {},
        log_likelihood=linear.value,
        log_likelihood_null=null.value,
        likelihood_ratio_test=chi_squared(2 * (linear.value - null.value), len(columns.names)),
        n=len(bounds),
        conf_level=conf_level,
        _design=columns,
        _linear=linear,
    )


@dataclass(frozen=True, eq=False)
class _Linear:
    """The maximum in (b, a): z = a (log t - centre) - (1, x)'b, x standardised.

    ``covariance`` has shape (p + 2, p + 2), a last.
    """

    b: Floats
    a: float
    centre: float
    covariance: Floats
    value: float

    def standardised(self, log_time: Floats, x: Floats) -> tuple[Floats, Floats]:
        """z and its standard error at one person's covariates."""
        row, y = np.append(1.0, x), log_time - self.centre
        finite = np.where(np.isfinite(y), y, 0.0)
        jacobian = np.column_stack([np.tile(-row, (y.size, 1)), finite])
        variance = np.einsum("ki,ij,kj->k", jacobian, self.covariance, jacobian)
        return self.a * y - row @ self.b, np.where(np.isfinite(y), np.sqrt(variance), 0.0)

    def log_time(self, z: float, x: Floats) -> tuple[float, float]:
        """Log time of a standardised one, and its standard error."""
        row = np.append(1.0, x)
        y = (z + row @ self.b) / self.a
        jacobian = np.append(row, -y) / self.a
        return float(self.centre + y), float(np.sqrt(jacobian @ self.covariance @ jacobian))

    def in_units(self, design: Design) -> tuple[Floats, float, Floats]:
        """beta per unit, sigma, and the covariance of beta and log sigma."""
        p = self.b.size
        beta = self.b / self.a
        jacobian = np.zeros((p + 1, p + 1))
        jacobian[:p, :p] = np.eye(p) / self.a
        jacobian[:p, p] = -beta / self.a
        jacobian[p, p] = -1 / self.a
        units = np.eye(p + 1)
        units[0, 1:p] = -design.centre / design.scale
        units[np.arange(1, p), np.arange(1, p)] = 1 / design.scale
        jacobian = units @ jacobian
        beta = units[:p, :p] @ beta
        beta[0] += self.centre
        return beta, 1 / self.a, jacobian @ self.covariance @ jacobian.T

    def hazards(self, design: Design) -> tuple[Floats, Floats]:
        """Log hazard ratios per unit and their standard errors, for the Weibull."""
        error = np.sqrt(np.diag(self.covariance))[1:-1]
        return -self.b[1:] / design.scale, error / design.scale


def _fit(bounds: Bounds, x: Floats, spread: LocationScale, names: tuple[str, ...]) -> _Linear:
    likelihood = AcceleratedFailureLikelihood.of(bounds, x, spread)
    labels = ("the intercept", *(f'"{name}"' for name in names), "the scale")
    best = likelihood.maximum(labels)
    covariance = np.zeros((x.shape[1] + 2,) * 2)
    covariance[np.ix_(likelihood.free, likelihood.free)] = inverse(best.last.information)
    theta = likelihood.start()
    theta[likelihood.free] = best.coefficients
    return _Linear(theta[:-1], float(theta[-1]), likelihood.centre, covariance, best.last.value)
