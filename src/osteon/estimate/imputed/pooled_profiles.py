"""Penalised models of several imputed data sets: profile limits from all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.imputed.pooled_fits import same_names
from osteon.estimate.imputed.rubin import check_imputations
from osteon.estimate.intervals import Estimate
from osteon.estimate.regression.penalised import FirthFit


def pool_profiles(fits: Sequence[FirthFit]) -> dict[str, Estimate]:
    """Combine the profile likelihoods of a Firth model fitted to each imputed data set.

    Rubin's rules pool Wald variances, which say nothing where an arm has no events. Here each
    profile becomes a distribution of the coefficient, and the limits are quantiles of their mean.

    Parameters
    ----------
    fits : sequence of FirthFit
        Two or more, of the same covariates, at one confidence level.

    Returns
    -------
    dict of str to Estimate
        Odds or hazard ratio by covariate: of the mean coefficient, with combined profile limits
        and p. It has no standard error.

    Raises
    ------
    EstimateError
        If there are fewer than two, one is no penalised fit, or covariates or levels differ.

    Notes
    -----
    With :math:`l_k` the profile penalised log-likelihood of imputation k and :math:`b_k` its maximum,

    .. math:: F_k(b) = \\Phi\\left(\\operatorname{sign}(b - b_k)
        \\sqrt{2 (l_k(b_k) - l_k(b))}\\right), \\qquad \\bar F = \\tfrac1m \\sum_k F_k

    (CLIP, [1]_): limits where :math:`\\bar F` is 2.5% and 97.5%, p is twice the smaller of
    :math:`\\bar F(0)` and its complement. Of one data set, m times over, they are its own profile
    limits and p. The limits lie between the smallest and the largest of the imputations'; unlike
    Rubin's rules they do not widen for few imputations: take many. R:
    ``logistf::CLIP.confint(fits)``.

    References
    ----------
    .. [1] Heinze, Ploner & Beyea (2013), Stat. Med. 32:5062-5076, doi:10.1002/sim.5899.

    Examples
    --------
    One patient's arm is not known: nobody in it has the event, either way.

    >>> from osteon.estimate import firth_logistic
    >>> event = [1, 1, 1, 0, 0, 0, 0, 0, 0]
    >>> fits = [
    ...     firth_logistic(event, {"treated": [0, 0, 0, 0, 1, 1, 1, 1, x]}) for x in (0, 1, 1)
    ... ]
    >>> odds = pool_profiles(fits)["treated"]
    >>> f"{odds.estimate:.3f} ({odds.conf_low:.4f}-{odds.conf_high:.2f})"
    '0.049 (0.0003-0.95)'
    """
    expect(Sequence, fits=fits)
    check_imputations(len(fits))
    for fit in fits:
        expect(FirthFit, fit=fit)
    names = [name for name in same_names(fits) if name in fits[0].ratios]
    levels = {fit.conf_level for fit in fits}
    if len(levels) > 1:
        raise EstimateError(
            "the fits have different confidence levels", "they are combined at one level"
        )
    return {name: _combined(fits, name) for name in names}


def _combined(fits: Sequence[FirthFit], name: str) -> Estimate:
    ratios = [fit.ratios[name] for fit in fits]
    distribution, tail = _distribution(fits, name), (1 - fits[0].conf_level) / 2
    lows, highs = ([np.log(getattr(r, x)) for r in ratios] for x in ("conf_low", "conf_high"))
    below = distribution(0.0)
    return Estimate(
        estimate=float(np.exp(np.mean([np.log(r.estimate) for r in ratios]))),
        std_error=float("nan"),
        conf_low=float(np.exp(_quantile(distribution, tail, lows))),
        conf_high=float(np.exp(_quantile(distribution, 1 - tail, highs))),
        conf_level=fits[0].conf_level,
        interval="combined profiles",
        p_value=2 * min(below, 1 - below),
        error_scale="log",
    )


def _distribution(fits: Sequence[FirthFit], name: str) -> Callable[[float], float]:
    """Mean of the distributions that the profiles make of the coefficient."""
    best = [float(np.log(fit.ratios[name].estimate)) for fit in fits]

    def mean(b: float) -> float:
        roots = [
            np.sign(b - b_k) * np.sqrt(2 * fit.profile(name, b))
            for fit, b_k in zip(fits, best, strict=True)
        ]
        return float(np.mean(ndtr(roots)))

    return mean


def _quantile(
    distribution: Callable[[float], float], share: float, limits: Sequence[float]
) -> float:
    """Where the mean distribution reaches a share: between the limits at which each one does."""
    low, high = min(limits), max(limits)
    slack = 1e-9 * (1 + high - low)  # the limits are roots themselves, to rounding
    return float(
        brentq(lambda b: distribution(b) - share, low - slack, high + slack, xtol=1e-12, rtol=1e-13)
    )
