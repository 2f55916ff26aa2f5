"""Limits for a Turnbull curve and its quantiles, by bootstrap of subjects."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate.arguments import check_probability, chosen_times, whole_number
from osteon.estimate.interval_censored.turnbull import (
    TurnbullCurve,
    reached,
    turnbull,
    turnbull_curve,
)
from osteon.estimate.intervals import check_conf_level

_DIGITS = 10


@dataclass(frozen=True)
class QuantileLimits:
    """A quantile of a Turnbull curve with bootstrap limits.

    Attributes
    ----------
    low, high : float
        The interval (low, high] in which the quantile lies, in days.
    conf_low, conf_high : float
        Percentile limits: of the replicates' ``low`` and ``high``, so that they hold wherever in
        its interval the quantile lies. inf where the quantile is not reached.
    conf_level : float
        Two-sided confidence.
    replicates, not_reached : int
        Bootstrap samples, and those in which the quantile was not reached (``high`` is inf);
        none is dropped.
    seed : int
        Seed of the bootstrap.
    """

    low: float
    high: float
    conf_low: float
    conf_high: float
    conf_level: float
    replicates: int
    not_reached: int
    seed: int


def turnbull_quantile(
    bounds: Bounds,
    probability: float = 0.5,
    *,
    seed: int,
    replicates: int = 1000,
    conf_level: float = 0.95,
) -> dict[str, QuantileLimits]:
    """Quantile of each stratum's Turnbull curve, with limits by bootstrap of subjects.

    Parameters
    ----------
    bounds : Bounds
        As in `turnbull`.
    probability : float
        Share of subjects with the event; 0.5 for the median.
    seed : int
        Of the bootstrap; the same seed gives the same numbers.
    replicates : int
        Bootstrap samples.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    dict of str to QuantileLimits

    Raises
    ------
    EstimateError
        As `turnbull`, for the data and for every replicate.

    Notes
    -----
    The NPMLE converges at the rate :math:`n^{1/3}`, for which the bootstrap is known to be only
    approximately right when scans may fall at any time ([1]_); on a fixed scan schedule it is
    right. Read the limits as a range. R: no call; resample the rows and ``survfit`` each, which
    stops short of the maximum.

    References
    ----------
    .. [1] Sen & Xu (2015), Comput. Stat. Data Anal. 81:121-129.

    Examples
    --------
    >>> bounds = Bounds.of(left=[0, 30, 30, 60, 90], right=[30, 60, 60, 90, np.inf])
    >>> median = turnbull_quantile(bounds, seed=1, replicates=200)["all"]
    >>> median.low, median.high, median.conf_low, median.conf_high
    (30.0, 60.0, 0.0, inf)
    """
    check_probability(probability)
    result = {}
    for name, curve, samples in _bootstrapped(bounds, seed, replicates, conf_level):
        reach = [reached(sample.mass, probability) for sample in samples]
        low = np.array([sample.left[j] for sample, j in zip(samples, reach, strict=True)])
        high = np.array([sample.right[j] for sample, j in zip(samples, reach, strict=True)])
        result[name] = QuantileLimits(
            *curve.quantile(probability),
            conf_low=float(_lower(low, conf_level)),
            conf_high=float(_upper(high, conf_level)),
            conf_level=conf_level,
            replicates=replicates,
            not_reached=int(np.isinf(high).sum()),
            seed=seed,
        )
    return result


@dataclass(frozen=True, eq=False)
class TurnbullBand:
    """Survival at chosen times, with bootstrap limits of each time and of all together.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        In days.
    low, high : ndarray of float, shape (k,)
        Lowest and highest survival that the estimate allows.
    conf_low, conf_high : ndarray of float, shape (k,)
        Pointwise percentile limits: of the replicates' ``low`` and ``high``.
    band_low, band_high : ndarray of float, shape (k,)
        Simultaneous band: ``conf_level`` of the replicates lie in it at all times.
    conf_level : float
        Two-sided confidence.
    replicates, seed : int
        Bootstrap samples and their seed.
    """

    time: Floats
    low: Floats
    high: Floats
    conf_low: Floats
    conf_high: Floats
    band_low: Floats
    band_high: Floats
    conf_level: float
    replicates: int
    seed: int

    @property
    def columns(self) -> dict[str, Floats]:
        """Its arrays by name, each of shape (k,): ``pandas.DataFrame(band.columns)``."""
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}


def turnbull_band(
    bounds: Bounds,
    times: ArrayLike,
    *,
    seed: int,
    replicates: int = 1000,
    conf_level: float = 0.95,
) -> dict[str, TurnbullBand]:
    """Each stratum's Turnbull curve at chosen times, with limits by bootstrap of subjects.

    Parameters
    ----------
    bounds : Bounds
        As in `turnbull`; weights stay with their subjects.
    times : array_like of float, shape (k,)
        In days, from the curve's start on.
    seed, replicates, conf_level
        As in `turnbull_quantile`.

    Returns
    -------
    dict of str to TurnbullBand

    Raises
    ------
    EstimateError
        As `turnbull`, for the data and for every replicate. With late entry a replicate has no
        estimate where it lacks the few who were under observation early: none is dropped, the
        band is refused.

    Notes
    -----
    The simultaneous band cuts the same number of replicates' values off at every time and side,
    the largest at which ``conf_level`` of the replicates stay within everywhere (with few
    distinct values, no more than the pointwise limits cut):

    .. math:: \\#\\{b : \\text{band}_{low}(t) \\le S^*_b(t) \\le \\text{band}_{high}(t)
        \\text{ for all } t\\} \\ge (1 - \\alpha) B

    What is said of the bootstrap in `turnbull_quantile` holds here ([1]_). R: no call; resample
    the rows and ``survfit`` each, which stops short of the maximum.

    References
    ----------
    .. [1] Sen & Xu (2015), Comput. Stat. Data Anal. 81:121-129.

    Examples
    --------
    >>> bounds = Bounds.of(left=[0, 30, 30, 60, 90], right=[30, 60, 60, 90, np.inf])
    >>> band = turnbull_band(bounds, [60, 90], seed=1, replicates=200)["all"]
    >>> band.low.round(2).tolist(), band.conf_high.round(2).tolist()
    ([0.4, 0.2], [0.8, 0.6])
    """
    t = chosen_times(times)
    if not t.size:
        raise EstimateError("no time is named", "one or more days at which to read the curve")
    result = {}
    for name, curve, samples in _bootstrapped(bounds, seed, replicates, conf_level):
        low, high = (np.array(side) for side in zip(*(s.at(t) for s in samples), strict=True))
        conf_low, conf_high = _lower(low, conf_level), _upper(high, conf_level)
        band_low, band_high = _envelope(low, high, conf_level)
        result[name] = TurnbullBand(
            t,
            *curve.at(t),
            conf_low=conf_low,
            conf_high=conf_high,
            band_low=np.minimum(band_low, conf_low),
            band_high=np.maximum(band_high, conf_high),
            conf_level=conf_level,
            replicates=replicates,
            seed=seed,
        )
    return result


def _bootstrapped(
    bounds: Bounds, seed: int, replicates: int, conf_level: float
) -> Iterator[tuple[str, TurnbullCurve, list[TurnbullCurve]]]:
    """Each stratum's curve, and those of its samples of subjects with replacement."""
    check_conf_level(conf_level)
    whole_number("replicates", replicates, 2)
    whole_number("seed", seed, 0)
    rng = np.random.default_rng(seed)
    for name, curve in turnbull(bounds).items():
        rows = bounds.where(bounds.stratum == bounds.strata.index(name))
        n = len(rows)
        yield (
            name,
            curve,
            [_sample(rows.where(rng.integers(n, size=n)), curve) for _ in range(replicates)],
        )


def _sample(bounds: Bounds, near: TurnbullCurve) -> TurnbullCurve:
    """The curve of a sample, looked for from that of all subjects."""
    return turnbull_curve(bounds, starts=1, seed=0, near=near)


def _envelope(low: Floats, high: Floats, conf_level: float) -> tuple[Floats, Floats]:
    """Rank envelope of replicates, shape (replicates, k)."""
    replicates = low.shape[0]
    depth = np.minimum(_depth(low), _depth(-high))
    rank = int(np.sort(depth)[replicates - math.ceil(conf_level * replicates)])
    return np.sort(low, axis=0)[rank - 1], np.sort(high, axis=0)[replicates - rank]


def _depth(values: Floats) -> Integers:
    """Lowest rank over the times of each replicate; a tied value takes the highest rank.

    Tied is what is equal but for rounding, finer than the certificate knows.
    """
    columns = [np.searchsorted(np.sort(v), v, side="right") for v in values.T.round(_DIGITS)]
    return np.min(columns, axis=0)


def _lower(values: Floats, conf_level: float) -> Floats:
    return np.quantile(values, (1 - conf_level) / 2, axis=0, method="lower")


def _upper(values: Floats, conf_level: float) -> Floats:
    return np.quantile(values, (1 + conf_level) / 2, axis=0, method="higher")
