"""Tests over several imputed data sets: of coefficients, of likelihoods, of statistics alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, listed, whole_number
from osteon.estimate.imputed.pooled_fits import PooledFit, same_names
from osteon.estimate.imputed.rubin import check_imputations
from osteon.estimate.regression.cox import CoxFit


@dataclass(frozen=True)
class PooledTest:
    """An F test pooled over imputations.

    Attributes
    ----------
    statistic : float
        F.
    df, df_error : float
        Degrees of freedom of numerator and denominator.
    p_value : float
        Upper tail of F.
    relative_increase : float
        Of the variance, because values are missing, averaged over the coefficients.
    method : {"D1", "D2", "D3"}
        Wald test of pooled coefficients, pooled chi-squared statistics, or pooled likelihoods.
    """

    statistic: float
    df: int
    df_error: float
    p_value: float
    relative_increase: float
    method: str


def pooled_wald(fit: PooledFit, names: Sequence[str] | None = None) -> PooledTest:
    """Test that several pooled coefficients are all 0 (D1).

    Parameters
    ----------
    fit : PooledFit
        From `pool_fits`.
    names : sequence of str, optional
        Covariates to test together. Default: all.

    Returns
    -------
    PooledTest

    Raises
    ------
    EstimateError
        If a name is not one of the covariates.

    Notes
    -----
    (the test of [1]_)

    .. math:: D_1 = \\frac{\\bar Q' \\bar U^{-1} \\bar Q}{k (1 + r)}, \\qquad
        r = (1 + \\tfrac1m) \\, \\mathrm{tr}(B \\bar U^{-1}) / k

    Every coefficient is taken to miss the same fraction of information. Denominator degrees of
    freedom are Reiter's ([2]_), or with ``df_complete = inf``, or k (m - 1) <= 4, those of [1]_.
    R: ``mice::D1(fits, fits0)``.

    References
    ----------
    .. [1] Li, Raghunathan & Rubin (1991), J. Am. Stat. Assoc. 86:1065-1073,
       doi:10.1080/01621459.1991.10475152.
    .. [2] Reiter (2007), Biometrika 94:502-508, doi:10.1093/biomet/asm028.

    Examples
    --------
    One coefficient, where F is t squared but for its degrees of freedom:

    >>> from osteon.estimate import PooledFit
    >>> fit = PooledFit(("x",), np.array([0.5]), np.array([[0.04]]), np.array([[0.01]]),
    ...     np.array([[0.04 + 4 / 300]]), {}, np.inf, 3)
    >>> test = pooled_wald(fit)
    >>> round(test.statistic, 4), round(test.df_error, 2)      # 0.5**2 / 0.0533; t <= 4
    (4.6875, 32.0)
    """
    expect(PooledFit, fit=fit)
    columns = _columns(fit.names, names)
    if not columns:
        raise EstimateError("no covariate is named", "one or more are tested together")
    block = np.ix_(columns, columns)
    q, within, between = fit.coefficients[columns], fit.within[block], fit.between[block]
    k, m = len(columns), fit.imputations
    r = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(q @ np.linalg.solve(within, q)) / (k * (1 + r))
    return _f_test(statistic, k, _error_df(k, m, r, fit.df_complete), r, "D1")


def pooled_chi_squared(statistics: ArrayLike, df: int) -> PooledTest:
    """Pool chi-squared statistics alone (D2): for a test whose estimates cannot be pooled.

    Parameters
    ----------
    statistics : array_like of float, shape (m,)
        Of the same test in two or more imputed data sets, e.g. `log_rank` or `gray`.
    df : int
        Its degrees of freedom, 1 or more.

    Returns
    -------
    PooledTest
        A rough one: its p is good to within a factor of about two.

    Raises
    ------
    EstimateError
        If there are fewer than two, one is negative or not finite, or ``df < 1``.

    Notes
    -----
    (the test of [1]_)

    .. math:: D_2 = \\frac{\\bar d / k - \\frac{m + 1}{m - 1} r}{1 + r}, \\qquad
        r = (1 + \\tfrac1m) \\, \\mathrm{var}(\\sqrt d), \\qquad
        \\nu = k^{-3/m} (m - 1) (1 + 1/r)^2

    R: ``mitml:::.D2(d, k)``; ``miceadds::micombine.chisquare(d, k)``.

    References
    ----------
    .. [1] Li, Meng, Raghunathan & Rubin (1991), Stat. Sin. 1:65-92.

    Examples
    --------
    >>> test = pooled_chi_squared([5.2, 4.1, 6.3], df=2)
    >>> round(test.statistic, 3), round(test.p_value, 3)
    (2.265, 0.107)
    """
    d = numbers("statistics", statistics)
    whole_number("df", df, 1)
    check_imputations(d.size)
    if d.ndim != 1 or not (np.isfinite(d) & (d >= 0)).all():
        raise EstimateError(
            f"the statistics have shape {d.shape}, or one is negative or not finite",
            "one finite number of 0 or more an imputation",
        )
    m = d.size
    r = (1 + 1 / m) * float(np.sqrt(d).var(ddof=1))
    statistic = (float(d.mean()) / df - (m + 1) / (m - 1) * r) / (1 + r)
    df_error = df ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2 if r > 0 else np.inf
    return _f_test(max(statistic, 0.0), df, df_error, r, "D2")


def pooled_likelihood_ratio(
    fits: Sequence[CoxFit], smaller: Sequence[CoxFit] | None = None
) -> PooledTest:
    """Likelihood ratio test of nested Cox models over imputations (D3).

    Parameters
    ----------
    fits : sequence of CoxFit
        The larger model, in each imputed data set.
    smaller : sequence of CoxFit, optional
        The model with some of its covariates, in the same data sets in the same order. Default:
        the model without covariates.

    Returns
    -------
    PooledTest

    Raises
    ------
    EstimateError
        If there are fewer than two, numbers differ, the models are not nested, or a coefficient
        is infinite.

    Notes
    -----
    With d the mean likelihood ratio statistic at each data set's own coefficients and d' that at
    the pooled ones ([1]_)

    .. math:: D_3 = \\frac{d'}{k (1 + r)}, \\qquad r = \\frac{m + 1}{k (m - 1)} (d - d')

    Denominator degrees of freedom are those of Li, Raghunathan and Rubin. R: ``mice::D3``
    (which has no ``coxph``; the same formula with ``coxph(init = , iter.max = 0)``).

    References
    ----------
    .. [1] Meng & Rubin (1992), Biometrika 79:103-111, doi:10.1093/biomet/79.1.103.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fits = [
    ...     cox(History.of(exit=[1, 2, 3, 4, 5, 6, 7, 8], event=[1, 1, 0, 1, 1, 1, 0, 1],
    ...         covariates={"x": [1, x, 1, 0, 1, 0, 0, 0]}), ["x"])
    ...     for x in (0, 1, 0)
    ... ]
    >>> test = pooled_likelihood_ratio(fits)
    >>> test.df, round(test.statistic, 3)
    (1, 1.108)
    """
    expect(Sequence, fits=fits)
    check_imputations(len(fits))
    names = same_names(fits)
    null_names: tuple[str, ...] = ()
    if smaller is not None:
        expect(list, tuple, smaller=smaller)
        null_names = same_names(smaller)
    unpaired = smaller is not None and len(smaller) != len(fits)
    if unpaired or not set(null_names) < set(names):
        raise EstimateError(
            f"{', '.join(null_names)} is not nested in {', '.join(names)}",
            "the smaller model has some of the larger one's covariates, in as many imputations",
        )
    k, m = len(names) - len(null_names), len(fits)
    own = np.array([fit.log_likelihood for fit in fits])
    if smaller is None:
        own_null = pooled_null = np.array([fit.log_likelihood_null for fit in fits])
    else:
        own_null = np.array([fit.log_likelihood for fit in smaller])
        pooled_null = _at_mean(smaller)
    d = float(2 * (own - own_null).mean())
    d_pooled = float(2 * (_at_mean(fits) - pooled_null).mean())
    r = max((m + 1) / (k * (m - 1)) * (d - d_pooled), 0.0)
    statistic = max(d_pooled, 0.0) / (k * (1 + r))
    return _f_test(statistic, k, _error_df(k, m, r, np.inf), r, "D3")


def _at_mean(fits: Sequence[CoxFit]) -> Floats:
    """Log-likelihoods of the data sets at the mean of their coefficients."""
    mean = np.mean([fit.coefficients for fit in fits], axis=0)
    if not np.isfinite(mean).all():
        raise EstimateError(
            "a coefficient is infinite in one of the imputations",
            "likelihoods are compared at the mean of the coefficients",
            "leave the covariate out, or pool penalised fits (`firth_cox`) by `pooled_wald`",
        )
    return np.array([fit.likelihood.moments(mean * fit.design.scale).value for fit in fits])


def _error_df(k: int, m: int, r: float, df_complete: float) -> float:
    t = k * (m - 1)
    if r <= 0:
        return df_complete
    if t <= 4:
        return t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2
    if np.isinf(df_complete):
        return 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    a = r * t / (t - 2)
    v = (df_complete + 1) / (df_complete + 3) * df_complete
    c_0, c_1, c_2 = 1 / (t - 4), v - 2 * (1 + a), v - 4 * (1 + a)
    z = (
        1 / c_2
        + c_0 * a**2 * c_1 / ((1 + a) ** 2 * c_2)
        + c_0 * (8 * a**2 * c_1 / ((1 + a) * c_2**2) + 4 * a**2 / ((1 + a) * c_2))
        + c_0 * (4 * a**2 / (c_2 * c_1) + 16 * a**2 * c_1 / c_2**3)
        + c_0 * 8 * a**2 / c_2**2
    )
    return 4 + 1 / z


def _f_test(statistic: float, df: int, df_error: float, r: float, method: str) -> PooledTest:
    large = min(df_error, 1e12)  # F with so many is chi-squared over its degrees of freedom
    p_value = float(fdtrc(df, large, statistic))
    return PooledTest(statistic, df, float(df_error), p_value, r, method)


def _columns(all_names: tuple[str, ...], names: Sequence[str] | None) -> list[int]:
    names = None if names is None else listed("names", names)
    for name in names or ():
        if name not in all_names:
            raise EstimateError(
                f'the model has no "{name}"',
                f"covariates are {', '.join(all_names)}",
                did_you_mean(name, all_names),
            )
    return [all_names.index(name) for name in (all_names if names is None else names)]
