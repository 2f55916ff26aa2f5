"""Confidence limits of an estimate from its bootstrap replicates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError
from osteon.estimate.arguments import number
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level

LIMITS = ("percentile", "bca", "normal")


def bootstrap_limits(
    estimate: float,
    replicates: ArrayLike,
    *,
    conf_level: float = 0.95,
    limits: str = "percentile",
    influence: ArrayLike | None = None,
) -> Estimate:
    """Limits of any estimate from its bootstrap replicates.

    Parameters
    ----------
    estimate : float
        From the data.
    replicates : array_like of float, shape (B,)
        The same in each replicate; nan, where a replicate had no answer, is left out.
    conf_level : float
        Two-sided confidence.
    limits : {"percentile", "bca", "normal"}
        "percentile" takes quantiles of the replicates; "bca" corrects them for bias and for
        acceleration; "normal" is estimate - bias +/- z standard deviations.
    influence : array_like of float, shape (clusters,)
        For "bca": how far each cluster pulls the estimate (derivative by its weight).

    Returns
    -------
    Estimate
        ``std_error`` is the standard deviation of the replicates.

    Raises
    ------
    EstimateError
        If fewer than 2 replicates are left, too few for the confidence asked, or "bca" has no
        ``influence``, or the estimate lies beyond all replicates.

    Notes
    -----
    Quantiles lie at (B + 1) p, interpolated on the normal scale between order statistics. With
    :math:`z_0 = \\Phi^{-1}(\\#\\{t^* < t\\} / B)` and
    :math:`a = \\sum l_i^3 / (6 (\\sum l_i^2)^{3/2})`, "bca" takes p at
    :math:`\\Phi(z_0 + (z_0 + z_p) / (1 - a (z_0 + z_p)))` ([1]_, chapter 5). R: ``boot.ci(type =
    c("perc", "bca", "norm"), L =)`` gives the same from the same replicates.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods and their Application,
       doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> found = bootstrap_limits(50, range(1, 100), conf_level=0.9)
    >>> round(found.conf_low, 6), round(found.conf_high, 6)
    (5.0, 95.0)
    """
    check_conf_level(conf_level)
    check_choice("limits", limits, LIMITS)
    values = np.sort(numbers("replicates", replicates), axis=None)
    values = values[~np.isnan(values)]
    if not np.isfinite(number("estimate", estimate)) or np.isinf(values).any():
        raise EstimateError(
            "the estimate or a replicate is infinite",
            "limits are made of finite numbers",
            "bootstrap what every replicate reaches, such as survival at a time",
        )
    if values.size < 2:
        raise EstimateError(
            f"{values.size} replicates have an answer", "limits need many, 1000 or more"
        )
    std_error = float(values.std(ddof=1))
    z = ndtri((1 + conf_level) / 2)
    if limits == "normal":
        centre = 2 * estimate - float(values.mean())
        low, high = centre - z * std_error, centre + z * std_error
    else:
        p = ndtr(np.array([-z, z]))
        if limits == "bca" and values[0] != values[-1]:
            p = _bias_corrected(p, estimate, values, influence)
        low, high = (_order_statistic(values, x) for x in p)
    return Estimate(
        float(estimate), std_error, float(low), float(high), conf_level, f"bootstrap {limits}"
    )


def _bias_corrected(
    p: Floats, estimate: float, values: Floats, influence: ArrayLike | None
) -> Floats:
    if influence is None:
        raise EstimateError(
            '"bca" needs the `influence` of each cluster', "without it there is no acceleration"
        )
    pulls = numbers("influence", influence)
    if not np.isfinite(pulls).all() or not pulls.any():
        raise EstimateError(
            "an influence is not finite, or all are 0", "each cluster pulls the estimate somewhere"
        )
    squares = float(np.sum(pulls**2))
    acceleration = float(np.sum(pulls**3)) / (6 * squares**1.5) if squares > 0 else 0.0
    below = float(np.mean(values < estimate))
    if not 0 < below < 1:
        raise EstimateError(
            "the estimate lies beyond all replicates",
            '"bca" cannot say how far it is biased',
            'ask for `limits="percentile"`',
        )
    shifted = ndtri(below) + ndtri(p)
    return ndtr(ndtri(below) + shifted / (1 - acceleration * shifted))


def _order_statistic(values: Floats, p: float) -> float:
    """Quantile at (B + 1) p, between order statistics on the normal scale."""
    rank = (values.size + 1) * float(p)
    k = int(rank + 1e-9)  # 25.000000000001 and 24.999999999999 are both the 25th
    if not 1 <= k <= values.size:
        raise EstimateError(
            f"{values.size} replicates are too few for these limits",
            "the limits lie between the smallest and the largest replicate",
            "ask for more `replicates`",
        )
    if k == values.size or abs(rank - k) < 1e-9:
        return float(values[k - 1])
    z, low, high = (ndtri(x) for x in (p, k / (values.size + 1), (k + 1) / (values.size + 1)))
    return float(values[k - 1] + (z - low) / (high - low) * (values[k] - values[k - 1]))
