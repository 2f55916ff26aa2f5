"""Rubin's rules: one answer from several imputed data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, number
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level


@dataclass(frozen=True)
class Pooled:
    """An estimate pooled over imputations.

    Attributes
    ----------
    estimate : Estimate
        On its own scale, with limits and p (that it is 0; a ratio, that it is 1) by Student's t;
        ``interval`` is "rubin". ``std_error`` is that of the scale it was pooled on.
    within, between, total : float
        Mean variance within imputations, variance between them, and total variance, on the
        scale it was pooled on.
    df : float
        Degrees of freedom; inf where the imputations agree and the data are large.
    relative_increase : float
        Of the variance, because values are missing.
    missing_information : float
        Fraction of the information that is missing.
    imputations : int
        How many there were.
    """

    estimate: Estimate
    within: float
    between: float
    total: float
    df: float
    relative_increase: float
    missing_information: float
    imputations: int


def pool(
    estimates: Sequence[Estimate], *, scale: str = "plain", df_complete: float = np.inf
) -> Pooled:
    """Pool one estimate over imputed data sets.

    Parameters
    ----------
    estimates : sequence of Estimate
        Two or more, one an imputed data set, at one confidence level.
    scale : {"plain", "ratio", "log", "logit", "log-log", "cloglog"}
        Where to average. "plain": a difference or a mean. "ratio": the logarithm, for estimates
        whose ``std_error`` is that of their logarithm already. For estimates with a standard
        error of their own: "log" for rates and mean counts, and for probabilities "logit",
        "log-log" (log(-log p), a survival) or "cloglog" (log(-log(1 - p)), an incidence).
    df_complete : float
        Degrees of freedom if nothing were missing: patients (in a Cox model, events) less
        parameters. inf takes the sample as large.

    Returns
    -------
    Pooled

    Raises
    ------
    EstimateError
        If there are fewer than two, levels differ, a value or its standard error is not finite
        on the scale (an exact method has none: refit by one that does), standard errors are of
        logarithms (a ratio's) and the scale is another than "ratio" or the other way round, or
        ``df_complete`` is not positive.

    Notes
    -----
    With m estimates Q and variances U ([1]_, section 3.1)

    .. math:: \\bar Q = \\tfrac1m \\sum Q, \\quad T = \\bar U + (1 + \\tfrac1m) B, \\quad
        r = (1 + \\tfrac1m) B / \\bar U, \\quad \\lambda = (1 + \\tfrac1m) B / T

    and degrees of freedom (those of [2]_)

    .. math:: \\frac1\\nu = \\frac{\\lambda^2}{m - 1}
        + \\left[ \\frac{\\nu_c + 1}{\\nu_c + 3} \\nu_c (1 - \\lambda) \\right]^{-1}

    The fraction of missing information is :math:`(r + 2 / (\\nu + 3)) / (1 + r)`.
    R: ``mice::pool.scalar(Q, U, n = df_complete + 1)``; ``mice::pool(fits)``, which takes
    events less parameters for ``coxph``. (mice lets lambda be no less than 1e-4.)

    References
    ----------
    .. [1] Rubin (1987), Multiple Imputation for Nonresponse in Surveys,
       doi:10.1002/9780470316696.
    .. [2] Barnard & Rubin (1999), Biometrika 86:948-955, doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> from osteon.estimate.intervals import wald
    >>> pooled = pool([wald(q, 0.2, 0.95) for q in (0.4, 0.5, 0.6)], df_complete=50)
    >>> round(pooled.total, 4), round(pooled.df, 2)      # 0.04 + 4/3 * 0.01
    (0.0533, 16.96)
    >>> e = pooled.estimate
    >>> round(e.estimate, 3), round(e.conf_low, 3), round(e.conf_high, 3), round(e.p_value, 4)
    (0.5, 0.013, 0.987, 0.0449)
    """
    check_choice("scale", scale, SCALES)
    check_df(df_complete)
    conf_level = _one_level(estimates)
    _check_errors(estimates, scale)
    value = np.array([e.estimate for e in estimates])
    std_error = np.array([e.std_error for e in estimates])
    forward, slope, back = SCALES[scale]
    with np.errstate(divide="ignore", invalid="ignore"):
        q, u = forward(value), (std_error * slope(value)) ** 2
    if not (np.isfinite(q).all() and np.isfinite(u).all()):
        raise EstimateError(
            f"{int((~np.isfinite(q) | ~np.isfinite(u)).sum())} of {len(estimates)} imputations "
            f'give no finite estimate and standard error on the "{scale}" scale',
            "Rubin's rules average estimates that all have both",
            "pool on another scale, or fit by a method whose estimates are finite (`firth_cox`)",
        )
    parts = combine(q, u, df_complete)
    middle, std = float(parts.mean), float(np.sqrt(parts.total))
    half = float(student_quantile(parts.df, conf_level)) * std
    ends = sorted(float(back(np.array(x))) for x in (middle - half, middle + half))
    p_value = float(student_p(parts.mean, parts.total, parts.df)) if scale in _TESTED else np.nan
    return Pooled(
        Estimate(
            float(back(parts.mean)),
            std,
            ends[0],
            ends[1],
            conf_level,
            "rubin",
            p_value,
            error_scale="log" if scale == "ratio" else scale,
        ),
        float(parts.within),
        float(parts.between),
        float(parts.total),
        float(parts.df),
        float(parts.relative_increase),
        float(parts.missing_information),
        len(estimates),
    )


@dataclass(frozen=True, eq=False)
class Parts:
    """What Rubin's rules make of estimates and variances, each of shape (...)."""

    mean: Floats
    within: Floats
    between: Floats
    total: Floats
    df: Floats
    relative_increase: Floats
    missing_information: Floats


def combine(q: Floats, u: Floats, df_complete: float) -> Parts:
    """Combine estimates and variances, shape (imputations, ...), by Rubin's rules."""
    m = q.shape[0]
    mean, within, between = q.mean(axis=0), u.mean(axis=0), q.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    total = within + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, extra / total, 0.0)
        inverse = share**2 / (m - 1)
        if np.isfinite(df_complete):
            seen = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
            inverse = inverse + 1 / seen
        df = 1 / inverse
        r = extra / within
        missing = (r + 2 / (df + 3)) / (1 + r)
    return Parts(mean, within, between, total, df, r, missing)


def student_quantile(df: Floats, conf_level: float) -> Floats:
    """Two-sided quantile of Student's t; of the normal distribution where df is inf."""
    tail = (1 + conf_level) / 2
    return np.where(np.isinf(df), ndtri(tail), stdtrit(np.where(np.isinf(df), 1.0, df), tail))


def student_p(mean: Floats, variance: Floats, df: Floats) -> Floats:
    """Two-sided p of a mean being 0; nan where its variance is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(variance > 0, -np.abs(mean) / np.sqrt(variance), np.nan)
    return 2 * np.where(np.isinf(df), ndtr(t), stdtr(np.where(np.isinf(df), 1.0, df), t))


def check_df(df_complete: float) -> None:
    """Refuse degrees of freedom that are not positive."""
    if not number("df_complete", df_complete) > 0:
        raise EstimateError(
            f"`df_complete` is {df_complete}",
            "it must be the number of patients or events less that of parameters, above 0",
            "leave it out to take the sample as large",
        )


def check_imputations(m: int) -> None:
    """Refuse fewer than two imputations."""
    if m < 2:
        raise EstimateError(
            f"there are {m} imputations", "two or more tell how far they differ", "impute again"
        )


def _one_level(estimates: Sequence[Estimate]) -> float:
    expect(Sequence, estimates=estimates)
    check_imputations(len(estimates))
    for estimate in estimates:
        expect(Estimate, estimate=estimate)
    levels = {e.conf_level for e in estimates}
    if len(levels) > 1:
        raise EstimateError(
            f"the estimates have confidence levels {', '.join(map(str, sorted(levels)))}",
            "they are pooled at one level",
        )
    (level,) = levels
    check_conf_level(level)
    return level


def _check_errors(estimates: Sequence[Estimate], scale: str) -> None:
    """Refuse an error of a logarithm that would be taken for the estimate's own, and vice versa."""
    needed = "log" if scale == "ratio" else "plain"
    others = [e for e in estimates if e.error_scale != needed]
    if others:
        raise EstimateError(
            f"{len(others)} of {len(estimates)} estimates have a standard error on the "
            f'{others[0].error_scale} scale, and `scale` is "{scale}"',
            'ratios, whose error is that of their logarithm, are pooled as "ratio", all else on '
            "another scale",
            'write `scale="ratio"` for ratios, or pool the models by `pool_fits`',
        )


def _reciprocal(p: Floats) -> Floats:
    return 1 / p


_Function = Callable[[Floats], Floats]
_TESTED = ("plain", "ratio")  # scales on which 0 means something
SCALES: dict[str, tuple[_Function, _Function, _Function]] = {
    # to the scale, the slope there, and back
    "plain": (lambda q: q, np.ones_like, lambda q: q),
    "ratio": (np.log, np.ones_like, np.exp),
    "log": (np.log, _reciprocal, np.exp),
    "logit": (
        lambda p: np.log(p / (1 - p)),
        lambda p: 1 / (p * (1 - p)),
        lambda q: 1 / (1 + np.exp(-q)),
    ),
    "log-log": (
        lambda p: np.log(-np.log(p)),
        lambda p: 1 / (p * np.log(p)),
        lambda q: np.exp(-np.exp(q)),
    ),
    "cloglog": (
        lambda p: np.log(-np.log1p(-p)),
        lambda p: -1 / ((1 - p) * np.log1p(-p)),
        lambda q: -np.expm1(-np.exp(q)),
    ),
}
