from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate import turnbull, turnbull_band, turnbull_quantile

BOUNDS = Bounds.of(left=[0, 0, 30, 30, 60, 90, 90, 90], right=[30, 60, 60, 90, 90] + [np.inf] * 3)
TIMES = [30, 60, 90]


def test_the_band_holds_the_curve_and_the_pointwise_limits():
    band = turnbull_band(BOUNDS, TIMES, seed=3, replicates=400)["all"]
    low, high = turnbull(BOUNDS)["all"].at(TIMES)
    np.testing.assert_array_equal(band.low, low)
    np.testing.assert_array_equal(band.high, high)
    assert (band.band_low <= band.conf_low + 1e-12).all()
    assert (band.conf_low <= low + 1e-12).all()
    assert (high <= band.conf_high + 1e-12).all()
    assert (band.conf_high <= band.band_high + 1e-12).all()


def test_limits_are_those_of_all_resamples():
    """Four subjects have 256 resamples: 3,000 drawn ones have the same quantiles."""
    left, right = np.array([0.0, 30, 30, 60]), np.array([30, 60, 90, np.inf])
    times = [30, 45, 60, 90]
    every = np.array(list(product(range(4), repeat=4)))
    distinct, times_drawn = np.unique(np.sort(every, axis=1), axis=0, return_counts=True)
    low, high = (
        np.repeat(side, times_drawn, axis=0)
        for side in np.array(
            [
                turnbull(Bounds.of(left=left[rows], right=right[rows]))["all"].at(times)
                for rows in distinct
            ]
        ).swapaxes(0, 1)
    )
    for level in (0.6, 0.8):
        band = turnbull_band(
            Bounds.of(left=left, right=right), times, seed=1, replicates=3_000, conf_level=level
        )["all"]
        tail = (1 - level) / 2
        np.testing.assert_allclose(
            band.conf_low, np.quantile(low, tail, axis=0, method="lower"), atol=1e-7
        )
        np.testing.assert_allclose(
            band.conf_high, np.quantile(high, 1 - tail, axis=0, method="higher"), atol=1e-7
        )
        inside = ((low >= band.band_low - 1e-9) & (high <= band.band_high + 1e-9)).all(axis=1)
        assert inside.mean() >= level - 0.01


def test_it_repeats_itself_and_agrees_with_the_quantile():
    a, b = (turnbull_band(BOUNDS, TIMES, seed=5, replicates=200)["all"] for _ in range(2))
    np.testing.assert_array_equal(a.band_low, b.band_low)
    median = turnbull_quantile(BOUNDS, seed=5, replicates=200)["all"]
    # Where the lower limit of S has not fallen to 1/2 the median's lower limit is later.
    falls = np.array(TIMES)[a.conf_low <= 0.5]
    assert median.conf_low <= falls[0]


def test_a_binomial_proportion_by_bootstrap():
    """All scanned once on day 30: S(30) is a share, its limits are binomial quantiles."""
    bounds = Bounds.of(left=[0] * 40 + [30] * 60, right=[30] * 40 + [np.inf] * 60)
    band = turnbull_band(bounds, [30], seed=1, replicates=2000)["all"]
    expected = binom.ppf([0.025, 0.975], 100, 0.6) / 100
    np.testing.assert_allclose([band.conf_low[0], band.conf_high[0]], expected, atol=0.0101)
    np.testing.assert_allclose(band.band_low, band.conf_low, atol=0.0101)


def test_a_simultaneous_band_is_as_deep_as_it_can_be():
    """Two times that vary apart: the joint level is the product of two, about 0.9747 each."""
    left = [0] * 20 + [30] * 20 + [60] * 20
    right = [30] * 20 + [60] * 20 + [np.inf] * 20
    band = turnbull_band(Bounds.of(left=left, right=right), [30, 60], seed=2, replicates=800)["all"]
    wide = band.band_high - band.band_low
    narrow = band.conf_high - band.conf_low
    assert (wide >= narrow).all()
    assert (wide > narrow).any()
    assert (wide < 1.5 * narrow).all()
    seen = np.random.default_rng(0).multinomial(60, [1 / 3] * 3, 20_000)
    survival = np.column_stack([60 - seen[:, 0], seen[:, 2]]) / 60
    inside = (survival > band.band_low - 1e-9) & (survival < band.band_high + 1e-9)
    assert 0.95 <= inside.all(axis=1).mean() < 0.975


def test_strata_apart():
    bounds = Bounds.of(
        left=[0, 30, 0, 30], right=[30, 60, 30, 60], stratum=[0, 0, 1, 1], strata=("a", "b")
    )
    bands = turnbull_band(bounds, [30], seed=1, replicates=50)
    assert list(bands) == ["a", "b"]


def test_replicates_without_an_estimate_are_not_dropped():
    """Only one of six is followed to where the last two enter: most samples lack him."""
    bounds = Bounds.of(
        left=[10, 10, 10, 70, 80, 90],
        right=[30, 30, 30, np.inf, 100, np.inf],
        entry=[0, 0, 0, 0, 50, 50],
    )
    with pytest.raises(EstimateError, match="no maximum"):
        turnbull_band(bounds, [30], seed=1, replicates=50)
