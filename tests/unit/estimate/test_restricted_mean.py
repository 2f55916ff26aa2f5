import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
)


def curve_of(**columns):
    start = columns.pop("start", 0.0)
    return kaplan_meier(risk_table(History.of(**columns)), start=start)["all"]


def test_without_censoring_it_is_the_mean_of_the_restricted_times():
    times = np.array([1.0, 3, 4, 8, 9])
    mean = restricted_mean(curve_of(exit=times, event=[1] * 5), 6)
    restricted = np.minimum(times, 6)
    assert mean.estimate == pytest.approx(restricted.mean())
    assert mean.std_error == pytest.approx(restricted.std() / np.sqrt(5))


def test_before_the_first_event_all_time_is_spent_free():
    mean = restricted_mean(curve_of(exit=[5, 9], event=[1, 0]), 4)
    assert (mean.estimate, mean.std_error) == (4, 0)


def test_from_the_curves_start():
    curve = curve_of(exit=[2, 4, 6, 12], event=[1, 1, 0, 0], start=3)
    assert restricted_mean(curve, 8).estimate == pytest.approx(1 + 4 * 2 / 3)


def test_a_horizon_beyond_the_end_of_a_curve_at_nought():
    mean = restricted_mean(curve_of(exit=[2, 4], event=[1, 1]), 100)
    assert mean.estimate == 3


def test_difference():
    a = curve_of(exit=[2, 4, 6, 9], event=[1, 0, 1, 0])
    b = curve_of(exit=[3, 5, 8, 9], event=[1, 0, 1, 0])
    gap = restricted_mean_difference(a, b, 8)
    assert gap.estimate == pytest.approx(
        restricted_mean(a, 8).estimate - restricted_mean(b, 8).estimate
    )
    assert 0 < gap.p_value < 1


def test_mistakes():
    with pytest.raises(EstimateError, match=r"horizon is day 10.*day 0 to day 9"):
        restricted_mean(curve_of(exit=[2, 9], event=[1, 0]), 10)
    table = risk_table(History.of(exit=[1], event=[1]))
    with pytest.raises(EstimateError, match="cumulative incidence"):
        restricted_mean(cumulative_incidence(table)["all"]["dead"], 1)
