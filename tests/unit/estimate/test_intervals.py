import numpy as np
import pytest

from osteon.errors import EstimateError
from osteon.estimate import Estimate, difference, ratio
from osteon.estimate.intervals import INTERVALS, positive_limits, probability_limits, wald_ratios


@pytest.mark.parametrize("interval", INTERVALS)
def test_limits_stay_within_0_and_1_and_around_the_estimate(interval):
    p, se = np.array([0.02, 0.3, 0.5, 0.9, 0.99]), np.full(5, 0.05)
    low, high = probability_limits(p, se, 0.95, interval)
    assert ((low >= 0) & (low < p) & (p < high) & (high <= 1)).all()


@pytest.mark.parametrize("interval", INTERVALS)
def test_certainty_has_no_width(interval):
    low, high = probability_limits(np.array([0.0, 1, 0.4]), np.zeros(3), 0.95, interval)
    assert low.tolist() == high.tolist() == [0, 1, 0.4]


def test_cloglog_is_log_log_turned_round():
    p, se = np.array([0.2, 0.7]), np.array([0.1, 0.05])
    low, high = probability_limits(p, se, 0.9, "cloglog")
    other_low, other_high = probability_limits(1 - p, se, 0.9, "log-log")
    np.testing.assert_allclose([low, high], [1 - other_high, 1 - other_low])


def test_difference_of_different_levels_is_refused():
    a = Estimate(1, 1, 0, 2, 0.95, "wald")
    with pytest.raises(EstimateError, match=r"levels 0.95 and 0.9"):
        difference(a, Estimate(1, 1, 0, 2, 0.9, "wald"))


def test_ratio_by_hand():
    r = ratio(Estimate(0.3, 0.03, 0, 1, 0.95, "plain"), Estimate(0.6, 0.06, 0, 1, 0.95, "plain"))
    assert r.estimate == pytest.approx(0.5)
    assert r.std_error == pytest.approx(np.sqrt(2) / 10)
    assert r.conf_low * r.conf_high == pytest.approx(0.25)
    assert r.conf_high == pytest.approx(0.5 * np.exp(1.959963984540054 * np.sqrt(2) / 10))
    assert ratio(
        Estimate(2, 0.1, 0, 1, 0.95, ""), Estimate(2, 0.1, 0, 1, 0.95, "")
    ).p_value == pytest.approx(1)


def test_ratio_refuses_nought_and_different_levels():
    nought, one = Estimate(0, 0.1, 0, 1, 0.95, "plain"), Estimate(0.1, 0.1, 0, 1, 0.9, "plain")
    with pytest.raises(EstimateError, match="values above 0"):
        ratio(nought, nought)
    with pytest.raises(EstimateError, match="one level"):
        ratio(nought, one)


def test_positive_limits():
    estimate, std_error = np.array([0.0, 0.2, 3.0]), np.array([0.0, 0.5, 0.3])
    low, high = positive_limits(estimate, std_error, 0.95, "log")
    np.testing.assert_allclose(low * high, estimate**2)
    low, high = positive_limits(estimate, std_error, 0.95, "plain")
    assert low[:2].tolist() == [0, 0]
    with pytest.raises(EstimateError, match='allowed are "log", "plain"'):
        positive_limits(estimate, std_error, 0.95, "logit")


@pytest.mark.parametrize("contrast", [difference, ratio])
def test_the_error_of_a_logarithm_is_not_taken_for_that_of_a_ratio(contrast):
    men, women = wald_ratios(["m", "w"], np.array([0.5, 0.1]), np.array([0.2, 0.3]), 0.95).values()
    with pytest.raises(EstimateError, match="on the log scale, not the estimate's own"):
        contrast(men, women)
    mean_count = Estimate(2.0, 0.4, 2 / np.exp(0.392), 2 * np.exp(0.392), 0.95, "log")
    assert contrast(mean_count, mean_count).std_error > 0


@pytest.mark.parametrize("interval", ["plain", "log", "log-log", "logit", "arcsine", "cloglog"])
def test_limits_of_what_a_model_takes_for_certain(interval):
    """A predicted probability of 0 or 1 has a standard error: two limits, or none."""
    low, high = probability_limits(np.array([0.0, 1.0]), np.array([0.4, 4.2]), 0.95, interval)
    np.testing.assert_array_equal(np.isnan(low), np.isnan(high))
