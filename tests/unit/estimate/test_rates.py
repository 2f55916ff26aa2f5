import numpy as np
import pytest
from scipy.stats import binom, poisson

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    event_rates,
    rate,
    rate_ratio,
    rate_upper_bound,
    risk_table,
    standardised_rate,
)


def test_no_event_has_the_closed_form_limit():
    r = rate(0, 154, per=100)
    assert (r.estimate, r.conf_low) == (0, 0)
    assert r.conf_high == pytest.approx(-np.log(0.025) / 154 * 100)


def test_rates_of_a_table_by_stratum():
    table = risk_table(
        History.of(
            entry=[0, 10, 0],
            exit=[10, 30, 25],
            event=[0, 1, 2],
            subject=[0, 0, 1],
            stratum=[0, 1, 0],
            strata=("untreated", "treated", "unknown"),
            states=("bm", "sre", "dead"),
        )
    )
    rates = event_rates(table, "sre", per=100)
    assert rates["untreated"].estimate == 0
    assert rates["treated"].estimate == 5
    assert np.isnan(rates["unknown"].estimate)
    assert (rates["unknown"].conf_low, rates["unknown"].conf_high) == (0, np.inf)


def test_ratio_with_no_event_in_either_arm():
    none = rate_ratio(0, 10, 0, 20)
    assert np.isnan(none.estimate)
    assert (none.conf_low, none.conf_high, none.p_value) == (0, np.inf, 1)


def test_ratio_to_no_event_is_infinite_with_a_lower_limit():
    ratio = rate_ratio(13, 165, 0, 154)
    assert (ratio.estimate, ratio.conf_high) == (np.inf, np.inf)
    assert ratio.conf_low == pytest.approx(1 / rate_ratio(0, 154, 13, 165).conf_high)


def test_mid_p_is_less_conservative_and_solves_its_equations():
    exact, mid = rate_ratio(3, 100, 9, 90), rate_ratio(3, 100, 9, 90, convention="mid-p")
    assert exact.conf_low < mid.conf_low < mid.conf_high < exact.conf_high
    for limit, tail in ((mid.conf_low, 0.975), (mid.conf_high, 0.025)):
        share = 100 * limit / (100 * limit + 90)
        lower = binom.cdf(2, 12, share) + binom.pmf(3, 12, share) / 2
        assert lower == pytest.approx(tail)
    assert mid.p_value < exact.p_value


def test_mid_p_with_no_event():
    ratio = rate_ratio(0, 100, 2, 100, convention="mid-p")
    assert ratio.conf_low == 0
    assert ratio.p_value == pytest.approx(2 * 0.5 * 0.25)


def test_central_doubles_the_smaller_tail():
    """2 against 0 in equal times: 1/4 in one tail."""
    assert rate_ratio(2, 10, 0, 10, convention="central").p_value == pytest.approx(0.5)
    assert rate_ratio(1, 10, 1, 10, convention="central").p_value == 1


def test_mid_p_limits_of_a_rate():
    r = rate(3, 10, interval="mid-p")
    for limit, tail in ((r.conf_low, 0.975), (r.conf_high, 0.025)):
        assert poisson.cdf(2, 10 * limit) + poisson.pmf(3, 10 * limit) / 2 == pytest.approx(tail)
    assert rate(0, 10, interval="mid-p").conf_high == pytest.approx(-np.log(0.05) / 10)


def test_one_sided_bound_of_no_event():
    assert rate_upper_bound(0, 154) == pytest.approx(-np.log(0.05) / 154)


def test_mistakes():
    with pytest.raises(EstimateError, match="person-time of 0"):
        rate(1, 0)
    with pytest.raises(EstimateError, match=r"events number 1.5.*robust"):
        rate(1.5, 10, interval="mid-p")
    with pytest.raises(EstimateError, match=r"events number 1.5 and 2.*robust"):
        rate_ratio(1.5, 10, 2, 10)


def test_a_standardised_rate_of_one_class_is_the_rate():
    one, plain = standardised_rate([13], [165], [7], per=100), rate(13, 165, per=100)
    for field in ("estimate", "std_error", "conf_low", "conf_high"):
        assert getattr(one, field) == pytest.approx(getattr(plain, field))
    none = standardised_rate([0], [154], [1])
    assert none.conf_high == pytest.approx(rate(0, 154).conf_high)


def test_a_standard_like_the_groups_own_gives_the_crude_rate():
    r = standardised_rate([3, 9, 2], [100, 150, 50], [100, 150, 50])
    assert r.estimate == pytest.approx(14 / 300)
    assert r.conf_low == pytest.approx(rate(14, 300).conf_low)


def test_a_class_outside_the_standard_does_not_count():
    r = standardised_rate([3, 9], [100, 0.5], [1, 0])
    assert r.estimate == pytest.approx(0.03)


def test_mistakes_of_standards():
    with pytest.raises(EstimateError, match="1 of 2 classes of the standard were never observed"):
        standardised_rate([3, 0], [100, 0], [1, 1])
    with pytest.raises(EstimateError, match="one number a class"):
        standardised_rate([3], [100, 10], [1, 1])
    with pytest.raises(EstimateError, match="negative or not finite"):
        standardised_rate([-3], [100], [1])
