"""Rates as they would be if two groups had the same make-up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError
from osteon.estimate.arguments import check_positive
from osteon.estimate.intervals import Estimate, check_conf_level


def standardised_rate(
    events: ArrayLike,
    person_time: ArrayLike,
    standard: ArrayLike,
    *,
    per: float = 1.0,
    conf_level: float = 0.95,
) -> Estimate:
    """Directly standardised rate, with Fay and Feuer's limits for few events.

    Parameters
    ----------
    events : array_like of float, shape (k,)
        Events by class (of age, grade, ...), 0 or more.
    person_time : array_like of float, shape (k,)
        Their time at risk, > 0, in days (or another unit: the rate is per that unit, times
        ``per``).
    standard : array_like of float, shape (k,)
        The make-up to standardise to, 0 or more: person-time, people or shares.
    per : float
        The rate is given per so much person-time.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    Estimate
        No p. With one class it is `rate`, with Garwood's limits.

    Raises
    ------
    EstimateError
        If shapes differ, a number is negative, or a class of the standard has no person-time.

    Notes
    -----
    With weights :math:`w_k = c_k / (T_k \\sum c)`, :math:`y = \\sum w_k d_k`,
    :math:`v = \\sum w_k^2 d_k` and :math:`w_M` the largest weight, limits are those of a gamma
    distribution ([1]_):

    .. math:: \\frac{v}{2y} \\chi^2_{2y^2/v,\\, \\alpha/2}, \\qquad
        \\frac{v + w_M^2}{2 (y + w_M)} \\chi^2_{2 (y + w_M)^2 / (v + w_M^2),\\, 1 - \\alpha/2}

    R: ``epitools::ageadjust.direct(events, person_time, stdpop = standard)``.

    References
    ----------
    .. [1] Fay & Feuer (1997), Stat. Med. 16:791-801,
       doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#.

    Examples
    --------
    >>> r = standardised_rate([2, 8], [100, 100], [3, 1], per=100)
    >>> round(r.estimate, 3), round(r.conf_low, 3), round(r.conf_high, 3)  # 3/4 * 2 + 1/4 * 8
    (3.5, 1.465, 7.602)
    """
    check_conf_level(conf_level)
    check_positive("per", per)
    d, t = numbers("events", events), numbers("person_time", person_time)
    c = numbers("standard", standard)
    _check(d, t, c)
    weight = np.divide(c, t * c.sum(), out=np.zeros_like(c), where=c > 0)
    y, v, w = float(weight @ d), float(weight**2 @ d), float(weight.max())
    tail = (1 - conf_level) / 2
    low = v / y * gammaincinv(y**2 / v, tail) if y > 0 else 0.0
    far, spread = y + w, v + w**2
    high = spread / far * gammaincinv(far**2 / spread, 1 - tail)
    return Estimate(
        y * per, v**0.5 * per, float(low) * per, float(high) * per, conf_level, "fay-feuer"
    )


def _check(events: Floats, person_time: Floats, standard: Floats) -> None:
    shapes = {x.shape for x in (events, person_time, standard)}
    if len(shapes) > 1 or events.ndim != 1:
        raise EstimateError(
            f"events, person-time and standard have shapes {events.shape}, {person_time.shape} "
            f"and {standard.shape}",
            "one number a class each",
        )
    if not all((np.isfinite(x) & (x >= 0)).all() for x in (events, person_time, standard)):
        raise EstimateError("a number is negative or not finite", "all are 0 or more")
    empty = (person_time == 0) & ((standard > 0) | (events > 0))
    if empty.any() or not standard.any():
        raise EstimateError(
            f"{int(empty.sum())} of {events.size} classes of the standard were never observed",
            "every class that counts has person-time",
            "merge classes, or choose a standard of those that were observed",
        )
