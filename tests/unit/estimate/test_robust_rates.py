import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import robust_rate_ratio, robust_rates

STATES = ("bm", "sre")


def history(**columns):
    return History.of(**({"states": STATES} | columns))


def test_by_hand():
    """2 events in 100 days, 0 in 50: the rate 2/150, residuals 2 - 4/3 and -2/3."""
    data = history(subject=[0, 0, 1], entry=[0, 40, 0], exit=[40, 100, 50], event=[1, 1, 0])
    rate = robust_rates(data, "sre", per=150)["all"]
    assert rate.estimate == pytest.approx(2)
    assert rate.std_error == pytest.approx(np.sqrt(2) * 2 / 3)
    assert rate.conf_low * rate.conf_high == pytest.approx(4)
    assert rate.conf_high == pytest.approx(2 * np.exp(1.959963984540054 * np.sqrt(2) / 3))


def test_events_in_one_patient_tell_less_than_in_many():
    one = history(
        subject=[0, 0, 0, 1, 2], entry=[0, 1, 2, 0, 0], exit=[1, 2, 9, 9, 9], event=[1, 1, 1, 0, 0]
    )
    many = history(subject=[0, 0, 1, 1, 2, 2], entry=[0, 1] * 3, exit=[1, 9] * 3, event=[1, 0] * 3)
    assert robust_rates(one, "sre")["all"].std_error > robust_rates(many, "sre")["all"].std_error
    # Patients with the same events in the same time do not differ: no spread at all.
    assert robust_rates(many, "sre")["all"].std_error == pytest.approx(0, abs=1e-12)


def test_a_stratum_without_events_or_time():
    rates = robust_rates(history(exit=[5], event=[0], strata=("a", "b"), stratum=[0]), "sre")
    assert rates["a"].estimate == 0
    assert (rates["a"].conf_low, rates["a"].conf_high) == (0, np.inf)
    assert np.isnan(rates["b"].estimate)


def test_a_patient_in_both_groups_is_one_cluster():
    columns = {
        "subject": [0, 0, 1, 1],
        "entry": [0, 50, 0, 50],
        "exit": [50, 100, 50, 100],
        "event": [1, 1, 0, 0],
        "stratum": [0, 1, 0, 1],
        "strata": ("before", "after"),
    }
    # Each patient has as many events before as after: their ratio is sure to be 1.
    together = robust_rate_ratio(history(**columns), "sre")
    apart = robust_rate_ratio(history(**(columns | {"subject": [0, 1, 2, 3]})), "sre")
    assert together.estimate == apart.estimate == 1
    assert together.std_error == pytest.approx(0, abs=1e-12)
    assert apart.std_error == pytest.approx(1)


def test_groups_by_name():
    data = history(
        exit=[6, 4, 20, 30, 40, 35],
        event=[1, 0, 0, 1, 0, 1],
        stratum=[0, 0, 1, 1, 2, 2],
        strata=("a", "b", "c"),
    )
    a_b = robust_rate_ratio(data, "sre", groups=("a", "b"))
    assert a_b.estimate == pytest.approx((1 / 10) / (1 / 50))
    assert a_b.estimate == pytest.approx(
        1 / robust_rate_ratio(data, "sre", groups=("b", "a")).estimate
    )


def test_mistakes():
    data = history(exit=[10, 20], event=[1, 0], stratum=[0, 1], strata=("a", "b"))
    with pytest.raises(EstimateError, match=r"no event.*rate_ratio"):
        robust_rate_ratio(data, "sre")
    with pytest.raises(EstimateError, match="two strata are compared"):
        robust_rate_ratio(data, "sre", groups=("a", "z"))
    with pytest.raises(EstimateError, match='"sra" is no state'):
        robust_rates(data, "sra")
    with pytest.raises(EstimateError, match="`cluster` has shape"):
        robust_rates(data, "sre", cluster=[1])
