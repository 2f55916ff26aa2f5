"""A sandwich of one cluster is 0: that is no knowledge, and no answer is printed with it."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    bootstrap,
    concordance,
    cox,
    fine_gray,
    length_of_stay,
    mean_cumulative,
    mean_cumulative_test,
    robust_cumulative_incidence,
    robust_fixed_time_difference,
    robust_kaplan_meier,
    robust_nelson_aalen,
    robust_rate_ratio,
    robust_rates,
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_time_lost,
    state_occupation,
)

TWO_GROUPS = History.of(
    exit=[3, 5, 7, 9, 4, 6, 8, 10],
    event=[1, 0, 1, 2, 1, 2, 0, 1],
    stratum=["a"] * 4 + ["b"] * 4,
    states=("bm", "sre", "dead"),
    covariates={"x": [1, 4, 2, 5, 3, 6, 2, 0]},
)
ONE_IN_A = TWO_GROUPS.where(np.array([True, False, False, False, True, True, True, True]))

OF_CLUSTERS = {
    "kaplan_meier": lambda h, **by: robust_kaplan_meier(h, **by),
    "nelson_aalen": lambda h, **by: robust_nelson_aalen(h, **by),
    "incidence": lambda h, **by: robust_cumulative_incidence(h, **by),
    "difference": lambda h, **by: robust_fixed_time_difference(h, "a", "b", 5, **by),
    "mean": lambda h, **by: robust_restricted_mean(h, 5, **by),
    "lost": lambda h, **by: robust_restricted_mean_time_lost(h, 5, **by),
    "rates": lambda h, **by: robust_rates(h, "sre", **by),
    "ratio": lambda h, **by: robust_rate_ratio(h, "sre", **by),
    "count": lambda h, **by: mean_cumulative(h, "sre", **by),
    "test": lambda h, **by: mean_cumulative_test(h, "sre", **by),
    "states": lambda h, **by: state_occupation(h, variance="jackknife", **by),
    "stay": lambda h, **by: length_of_stay(h, 5, variance="jackknife", **by),
    "bootstrap": lambda h, **by: bootstrap(h, [5], seed=1, replicates=9, **by),
    "cox": lambda h, **by: cox(h, ["x"], **by),
    "concordance": lambda h, **by: concordance(h, h.covariates["x"], **by),
}


@pytest.mark.parametrize("of", OF_CLUSTERS.values(), ids=OF_CLUSTERS)
def test_all_in_one_cluster(of):
    with pytest.raises(EstimateError, match="one cluster"):
        of(TWO_GROUPS, cluster=np.full(8, 3))


def test_a_group_of_one_patient_has_no_robust_error():
    """From its event on; before it, the curve is what it is of any number without an event."""
    hazard = robust_nelson_aalen(ONE_IN_A)["a"]
    count = mean_cumulative(ONE_IN_A, "sre")["a"]
    occupied = state_occupation(ONE_IN_A, variance="jackknife")["a"]
    for error in (hazard.std_error, hazard.conf_low, count.std_error, occupied.std_error[1]):
        assert np.isnan(error).all()
    stay = length_of_stay(ONE_IN_A, 4, variance="jackknife")["a"]["sre"]
    assert stay.estimate == 1
    assert np.isnan(stay.std_error)
    mean = robust_restricted_mean(ONE_IN_A, 4)
    assert np.isnan(mean["a"].std_error)
    assert mean["b"].std_error >= 0
    lost = robust_restricted_mean_time_lost(ONE_IN_A, 4)["a"]["sre"]
    assert np.isnan([lost.std_error, lost.conf_low, lost.conf_high]).all()


def test_a_group_of_one_patient_is_not_compared():
    assert np.isnan(robust_restricted_mean_difference(ONE_IN_A, "a", "b", 4).p_value)
    test = mean_cumulative_test(ONE_IN_A, "sre")
    assert np.isnan([test.std_error, test.p_value]).all()
    with pytest.raises(EstimateError, match="a group is one subject"):
        robust_rate_ratio(ONE_IN_A, "sre")


def test_the_rate_of_one_patient():
    rate = robust_rates(ONE_IN_A, "sre")["a"]
    assert rate.estimate == pytest.approx(1 / 3)
    assert np.isnan(rate.std_error)
    assert (rate.conf_low, rate.conf_high) == (0, np.inf)


def test_nobody_moves_a_coefficient_where_all_die_at_the_end():
    """Every residual is 0: all still at risk have the event, at one time."""
    history = History.of(
        exit=[1, 2, 3, 6, 6, 6, 6],
        event=[0, 0, 0, 1, 1, 1, 1],
        states=("bm", "sre", "dead"),
        covariates={"x": [3, 1, 2, 5, 2, 8, 1]},
    )
    for fit in (cox(history, ["x"], robust=True), fine_gray(history, ["x"], "sre")):
        assert np.isnan(fit.std_error).all()
        assert np.isnan(fit.hazard_ratios["x"].conf_low)
        assert fit.model_covariance[0, 0] > 0
        assert any("no cluster moves the coefficient of x" in said for said in fit.cautions)
