"""Median and quartiles of plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError
from osteon.estimate.intervals import check_choice, check_conf_level

_QUARTILES: dict[str, Literal["linear", "weibull"]] = {"r": "linear", "spss": "weibull"}


@dataclass(frozen=True)
class Median:
    """Median, quartiles and range of values.

    Attributes
    ----------
    n, missing : int
        Values used, and values that were nan.
    median, quartile_1, quartile_3, minimum, maximum : float
        nan if there is no value.
    conf_low, conf_high : float
        Order-statistic limits of the median; -inf and inf where there are too few values.
    conf_level : float
        Two-sided confidence, at least.
    """

    n: int
    missing: int
    median: float
    quartile_1: float
    quartile_3: float
    minimum: float
    maximum: float
    conf_low: float
    conf_high: float
    conf_level: float


def median_of_values(
    values: ArrayLike, *, conf_level: float = 0.95, quartiles: str = "r"
) -> Median:
    """Median with quartiles, and an interval that assumes no distribution.

    For values all of which are known. A time that some subjects have not reached yet is not
    such a value: use a `Curve` and `quantile`.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        nan for a missing value.
    conf_level : float
        Two-sided confidence of the median's limits.
    quartiles : {"r", "spss"}
        R's default (type 7 of [1]_) or SPSS's (type 6, "weighted average").

    Returns
    -------
    Median

    Raises
    ------
    EstimateError
        If a value is infinite or no number, or a choice is unknown.

    Notes
    -----
    Limits are the order statistics :math:`x_{(d)}` and :math:`x_{(n + 1 - d)}` with the largest d
    for which :math:`P(\\text{Bin}(n, 1/2) < d) \\le \\alpha / 2` ([2]_, section 3.2); they cover
    the median at least as often as they say. R: ``quantile(x, type = 7)``; ``qbinom`` gives d.

    References
    ----------
    .. [1] Hyndman & Fan (1996), Am. Stat. 50:361-365, doi:10.2307/2684934.
    .. [2] Conover (1999), Practical Nonparametric Statistics, 3rd ed., isbn:978-0-471-16068-7.

    Examples
    --------
    >>> m = median_of_values([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    >>> m.median, m.quartile_1, m.quartile_3, m.conf_low, m.conf_high
    (3.5, 2.25, 5.0, 1.0, 6.0)
    """
    check_conf_level(conf_level)
    check_choice("quartiles", quartiles, _QUARTILES)
    everything = numbers("values", values).ravel()
    x = np.sort(everything[~np.isnan(everything)])
    if np.isinf(x).any():
        raise EstimateError(
            "a value is infinite", "values are numbers or nan", "use `quantile` of a curve"
        )
    q = np.quantile(x, [0, 0.25, 0.5, 0.75, 1], method=_QUARTILES[quartiles]) if x.size else _NONE
    low, high = _order_statistics(x, conf_level)
    return Median(
        n=x.size,
        missing=everything.size - x.size,
        median=float(q[2]),
        quartile_1=float(q[1]),
        quartile_3=float(q[3]),
        minimum=float(q[0]),
        maximum=float(q[4]),
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
    )


def _order_statistics(x: Floats, conf_level: float) -> tuple[float, float]:
    tails = bdtr(np.arange(x.size // 2 + 1, dtype=np.float64), x.size, 0.5)
    d = int((tails <= (1 - conf_level) / 2).sum())
    return (float(x[d - 1]), float(x[-d])) if d else (-np.inf, np.inf)


_NONE = np.full(5, np.nan)
