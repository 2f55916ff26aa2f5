"""The distributions of accelerated failure: how a standardised log time is spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, log_ndtr, ndtri

from osteon.contracts.arrays import Floats

Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class LocationScale:
    """Distribution of z = (log t - x'beta) / sigma, with a log-concave density f.

    Attributes
    ----------
    log_density, log_below, log_above : callable
        log f(z), log F(z) and log(1 - F(z)).
    slope, bend : callable
        First and second derivative of log f.
    quantile : callable
        Inverse of F.
    fixed_scale : bool
        Whether sigma is 1 by definition.
    proportional_hazards : bool
        Whether covariates multiply the hazard as well as the time.
    """

    log_density: Function
    log_below: Function
    log_above: Function
    slope: Function
    bend: Function
    quantile: Function
    fixed_scale: bool = False
    proportional_hazards: bool = False


def _weibull(*, fixed_scale: bool) -> LocationScale:
    """Smallest extreme value: 1 - F(z) = exp(-e^z)."""
    return LocationScale(
        log_density=lambda z: z - np.exp(z),
        log_below=lambda z: np.log(-np.expm1(-np.exp(z))),
        log_above=lambda z: -np.exp(z),
        slope=lambda z: 1 - np.exp(z),
        bend=lambda z: -np.exp(z),
        quantile=lambda p: np.log(-np.log1p(-p)),
        fixed_scale=fixed_scale,
        proportional_hazards=True,
    )


DISTRIBUTIONS = {
    "weibull": _weibull(fixed_scale=False),
    "exponential": _weibull(fixed_scale=True),
    "log-logistic": LocationScale(
        log_density=lambda z: log_expit(z) + log_expit(-z),
        log_below=log_expit,
        log_above=lambda z: log_expit(-z),
        slope=lambda z: -np.tanh(z / 2),
        bend=lambda z: -0.5 / np.cosh(z / 2) ** 2,
        quantile=lambda p: np.log(p / (1 - p)),
    ),
    "log-normal": LocationScale(
        log_density=lambda z: -(z**2 + np.log(2 * np.pi)) / 2,
        log_below=log_ndtr,
        log_above=lambda z: log_ndtr(-z),
        slope=lambda z: -z,
        bend=lambda z: -np.ones_like(z),
        quantile=ndtri,
    ),
}


@dataclass(frozen=True, eq=False)
class WindowTerms:
    """log(F(high) - F(low)) and its derivatives by low and high, shape (n,) each."""

    value: Floats
    by_low: Floats
    by_high: Floats
    low_low: Floats
    high_high: Floats
    low_high: Floats


def window_terms(spread: LocationScale, low: Floats, high: Floats) -> WindowTerms:
    """Log-probability of windows ``low < z <= high``, which may be -inf or inf.

    In the upper tail as a difference of survival, in the lower of distribution: never 1 - 1.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        above = _log_difference(spread.log_above(low), spread.log_above(high))
        below = _log_difference(spread.log_below(high), spread.log_below(low))
        value = np.where(low > 0, above, below)
    at_low, slope_low = _relative_density(spread, low, value)
    at_high, slope_high = _relative_density(spread, high, value)
    return WindowTerms(
        value=value,
        by_low=-at_low,
        by_high=at_high,
        low_low=-slope_low * at_low - at_low**2,
        high_high=slope_high * at_high - at_high**2,
        low_high=at_low * at_high,
    )


def _log_difference(larger: Floats, smaller: Floats) -> Floats:
    """log(e^larger - e^smaller)."""
    return larger + np.log(-np.expm1(smaller - larger))


def _relative_density(spread: LocationScale, z: Floats, value: Floats) -> tuple[Floats, Floats]:
    """f(z) / P and the derivative of log f; 0 where z is infinite."""
    finite = np.isfinite(z)
    z = np.where(finite, z, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        density = np.where(finite, np.exp(spread.log_density(z) - value), 0.0)
        return density, np.where(finite, spread.slope(z), 0.0)
