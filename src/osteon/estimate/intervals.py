"""A number with its interval, and the scales on which limits are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtr, ndtri

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, number

INTERVALS = ("log-log", "log", "plain", "logit", "arcsine", "cloglog")


@dataclass(frozen=True)
class Estimate:
    """One number, how sure it is, and by which method.

    Attributes
    ----------
    estimate : float
        The estimate; ``inf`` for a time that is not reached within follow-up.
    std_error : float
        Its standard error, on ``error_scale``; nan where the method has none.
    conf_low, conf_high : float
        Confidence limits; ``inf`` where the data set no upper limit.
    conf_level : float
        Two-sided confidence, e.g. 0.95.
    interval : str
        Name of the method of the limits, as a paper would print it.
    p_value : float
        Two-sided p of the null hypothesis named by the function; nan where none is tested.
    cautions : tuple of str
        What a reader must know; those of the curve that it was read off.
    error_scale : str
        What ``std_error`` is the error of: "plain", the estimate itself; "log", its logarithm (a
        ratio); else the scale on which it was pooled.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    conf_level: float
    interval: str
    p_value: float = float("nan")
    cautions: tuple[str, ...] = ()
    error_scale: str = field(default="plain", repr=False)


def difference(a: Estimate, b: Estimate) -> Estimate:
    """Difference ``a - b`` of two independent estimates, with a Wald interval and p.

    Parameters
    ----------
    a, b : Estimate
        From different subjects, at the same confidence level, on the same scale.

    Returns
    -------
    Estimate
        ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        If the confidence levels differ, or a standard error is not the estimate's own.

    Notes
    -----
    .. math:: (a - b) \\pm z \\sqrt{SE_a^2 + SE_b^2}

    ([1]_.) R: no call; ``a - b + c(-1, 1) * qnorm(0.975) * sqrt(se_a^2 + se_b^2)``.

    References
    ----------
    .. [1] Altman & Bland (2003), Br. Med. J. 326:219, doi:10.1136/bmj.326.7382.219.

    Examples
    --------
    >>> a = Estimate(0.8, 0.03, 0.74, 0.86, 0.95, "plain")
    >>> b = Estimate(0.7, 0.04, 0.62, 0.78, 0.95, "plain")
    >>> d = difference(a, b)
    >>> round(d.estimate, 3), round(d.conf_low, 3), round(d.conf_high, 3), round(d.p_value, 4)
    (0.1, 0.002, 0.198, 0.0455)
    """
    expect(Estimate, a=a, b=b)
    _same_level(a, b, "difference")
    _own_errors(a, b)
    contrast = wald(
        a.estimate - b.estimate, float(np.hypot(a.std_error, b.std_error)), a.conf_level
    )
    return replace(contrast, cautions=_together(a, b))


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """Ratio ``a / b`` of two independent estimates, with a Wald interval on the log scale.

    Parameters
    ----------
    a, b : Estimate
        From different subjects, at the same confidence level: probabilities, means or rates
        above 0, whose standard errors are their own, not those of their logarithms.

    Returns
    -------
    Estimate
        ``std_error`` is that of the log ratio; ``p_value`` tests that the ratio is 1.

    Raises
    ------
    EstimateError
        If the confidence levels differ, an estimate is not above 0, or a standard error is not
        the estimate's own.

    Notes
    -----
    .. math:: \\frac{a}{b} \\exp\\left(\\pm z \\sqrt{(SE_a / a)^2 + (SE_b / b)^2}\\right)

    ([1]_, of log a and log b.) R: no call;
    ``a / b * exp(c(-1, 1) * qnorm(0.975) * sqrt((se_a / a)^2 + (se_b / b)^2))``.

    References
    ----------
    .. [1] Altman & Bland (2003), Br. Med. J. 326:219, doi:10.1136/bmj.326.7382.219.

    Examples
    --------
    >>> a = Estimate(0.8, 0.04, 0.72, 0.88, 0.95, "plain")
    >>> b = Estimate(0.4, 0.04, 0.32, 0.48, 0.95, "plain")
    >>> r = ratio(a, b)
    >>> round(r.estimate, 3), round(r.conf_low, 3), round(r.conf_high, 3)
    (2.0, 1.606, 2.49)
    """
    expect(Estimate, a=a, b=b)
    _same_level(a, b, "ratio")
    _own_errors(a, b)
    if not (a.estimate > 0 and b.estimate > 0):
        raise EstimateError(
            f"the estimates are {a.estimate:g} and {b.estimate:g}",
            "a ratio on the log scale is of values above 0",
            "give their difference, or an exact ratio of counts or rates",
        )
    std_error = float(np.hypot(a.std_error / a.estimate, b.std_error / b.estimate))
    middle = a.estimate / b.estimate
    factor = float(np.exp(normal_quantile(a.conf_level) * std_error))
    p_value = wald_p(float(np.log(middle)), std_error)
    return Estimate(
        middle,
        std_error,
        middle / factor,
        middle * factor,
        a.conf_level,
        "log",
        p_value,
        _together(a, b),
        error_scale="log",
    )


def wald(estimate: float, std_error: float, conf_level: float) -> Estimate:
    """Estimate +/- z standard errors; ``p_value`` tests that the estimate is 0."""
    half = normal_quantile(conf_level) * std_error
    p_value = wald_p(estimate, std_error)
    return Estimate(
        estimate, std_error, estimate - half, estimate + half, conf_level, "wald", p_value
    )


def wald_p(estimate: float, std_error: float) -> float:
    """Two-sided p of ``estimate / std_error`` as a standard normal deviate."""
    if not std_error > 0:
        return float("nan")
    return float(2 * ndtr(-abs(estimate / std_error)))


def wald_ratios(
    names: Sequence[str],
    coefficients: Floats,
    std_error: Floats,
    conf_level: float,
    *,
    tested: bool = True,
) -> dict[str, Estimate]:
    """Exponentiated coefficients with Wald intervals and p.

    Where they are rates, not ratios, nothing is ``tested``: that a rate is 1 a day is no hypothesis.
    """
    z = normal_quantile(conf_level)
    with np.errstate(over="ignore"):
        return {
            name: Estimate(
                float(np.exp(b)),
                float(se),
                float(np.exp(b - z * se)),
                float(np.exp(b + z * se)),
                conf_level,
                "wald",
                wald_p(float(b), float(se)) if tested else float("nan"),
                error_scale="log",
            )
            for name, b, se in zip(names, coefficients, std_error, strict=True)
        }


def normal_quantile(conf_level: float) -> float:
    """Two-sided standard normal quantile: 1.95996... for 0.95.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    check_conf_level(conf_level)
    return float(ndtri((1 + conf_level) / 2))


def check_conf_level(conf_level: float) -> None:
    """Refuse a confidence level outside (0, 1)."""
    if not 0 < number("conf_level", conf_level) < 1:
        raise EstimateError(
            f"`conf_level` is {conf_level}", "it must lie between 0 and 1", "write 0.95 for 95%"
        )


def check_choice(name: str, value: str, allowed: Iterable[str]) -> None:
    """Refuse a value that is not one of the allowed words, and suggest the nearest."""
    choices = tuple(allowed)
    if not isinstance(value, str) or value not in choices:
        raise EstimateError(
            f'`{name}` is "{value}"' if isinstance(value, str) else f"`{name}` is no text",
            "allowed are " + ", ".join(f'"{choice}"' for choice in choices),
            did_you_mean(value, choices),
        )


def check_variance(variance: str, allowed: Iterable[str], robust: str) -> None:
    """As `check_choice`, for an estimator on risk tables whose ``robust`` twin takes histories."""
    if isinstance(variance, str) and variance == "jackknife":
        raise EstimateError(
            "the jackknife is asked of a risk table",
            "it needs each subject, a risk table holds none",
            f"give the history to `{robust}`",
        )
    check_choice("variance", variance, allowed)


def probability_limits(
    estimate: Floats, std_error: Floats, conf_level: float, interval: str
) -> tuple[Floats, Floats]:
    """Confidence limits of probabilities, symmetric on the named scale.

    Parameters
    ----------
    estimate, std_error : ndarray of float, shape (k,)
        Probabilities and their standard errors on the plain scale.
    conf_level : float
        Two-sided confidence.
    interval : {"log-log", "log", "plain", "logit", "arcsine", "cloglog"}
        Scale: log(-log p), log p, p, log(p / (1 - p)), arcsin(sqrt p), log(-log(1 - p)).

    Returns
    -------
    conf_low, conf_high : ndarray of float, shape (k,)
        Within [0, 1]. Where the standard error is 0 both equal the estimate; where it is nan
        (a survival curve that has reached 0, an incidence that has reached 1), and where the
        scale has no value (a model predicts 0 or 1), both are nan.

    Notes
    -----
    "plain", "log", "log-log", "logit" and "arcsine" ("arcsin") are R's ``survfit(conf.type=)``,
    "plain", "log" and "arcsine" cut at 0 and 1 as there. "cloglog" is "log-log" of ``1 - p`` turned round; ``etm`` calls it
    by this name, and for one cause of failure it makes the limits of the cumulative incidence
    those of the survival curve.
    """
    check_choice("interval", interval, INTERVALS)
    z = normal_quantile(conf_level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low, high = _SCALES[interval](estimate, std_error, z)
    certain, unknown = std_error == 0, np.isnan(low + high)
    low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    return np.where(certain, estimate, low), np.where(certain, estimate, high)


def positive_limits(
    estimate: Floats, std_error: Floats, conf_level: float, interval: str
) -> tuple[Floats, Floats]:
    """Confidence limits of means or rates, symmetric on the named scale.

    Parameters
    ----------
    estimate, std_error : ndarray of float, shape (k,)
        Values of 0 or more and their standard errors, on the plain scale.
    conf_level : float
        Two-sided confidence.
    interval : {"log", "plain"}
        ``estimate * exp(+/- z se / estimate)``, or ``estimate +/- z se`` cut at 0.

    Returns
    -------
    conf_low, conf_high : ndarray of float, shape (k,)
        0 or more. Where the standard error is 0 both equal the estimate.

    Examples
    --------
    >>> low, high = positive_limits(np.array([2.0]), np.array([0.5]), 0.95, "log")
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([1.225], [3.265])
    """
    check_choice("interval", interval, ("log", "plain"))
    z = normal_quantile(conf_level)
    if interval == "plain":
        return np.maximum(estimate - z * std_error, 0.0), estimate + z * std_error
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.where(std_error == 0, 1.0, np.exp(z * std_error / estimate))
    return estimate / factor, estimate * factor


def _together(a: Estimate, b: Estimate) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.cautions + b.cautions))


def _same_level(a: Estimate, b: Estimate, what: str) -> None:
    if a.conf_level != b.conf_level:
        raise EstimateError(
            f"the estimates have confidence levels {a.conf_level} and {b.conf_level}",
            f"a {what} is taken at one level",
        )


def _own_errors(a: Estimate, b: Estimate) -> None:
    scales = {each.error_scale for each in (a, b)} - {"plain"}
    if scales:
        raise EstimateError(
            f"a standard error is on the {min(scales)} scale, not the estimate's own",
            "probabilities, means and rates are contrasted, with standard errors of their own",
            "ask whether a ratio differs between groups by the product of two covariates in one "
            "model",
        )


def _plain(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    return np.maximum(p - z * se, 0), np.minimum(p + z * se, 1)


def _log(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    factor = np.exp(z * se / p)
    return p / factor, np.minimum(p * factor, 1)


def _log_log(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    log_p = np.log(p)
    power = np.exp(-z * se / (p * log_p))  # > 1, as log p < 0
    return np.exp(log_p * power), np.exp(log_p / power)  # p**power, several times as fast


def _logit(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    odds, factor = p / (1 - p), np.exp(z * se / (p * (1 - p)))
    return 1 - 1 / (1 + odds / factor), 1 - 1 / (1 + odds * factor)


def _arcsine(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    angle, half = np.arcsin(np.sqrt(p)), z * se / (2 * np.sqrt(p * (1 - p)))
    low, high = np.maximum(angle - half, 0), np.minimum(angle + half, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def _cloglog(p: Floats, se: Floats, z: float) -> tuple[Floats, Floats]:
    low, high = _log_log(1 - p, se, z)
    return 1 - high, 1 - low


_SCALES = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsine": _arcsine,
    "cloglog": _cloglog,
}
