from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    Estimate,
    cox,
    cumulative_incidence,
    firth_cox,
    firth_logistic,
    kaplan_meier,
    nelson_aalen,
    pool,
    pool_curves,
    pool_fits,
    pooled_chi_squared,
    pooled_likelihood_ratio,
    pooled_wald,
    risk_table,
)
from osteon.estimate.intervals import wald_ratios


def ratio(value, std_error):
    return replace(estimate(value, std_error), error_scale="log")


def estimate(value, std_error, conf_level=0.95):
    return Estimate(value, std_error, np.nan, np.nan, conf_level, "wald")


def test_by_hand():
    """Q 1, 3 and U 1, 1: T = 1 + 3/2 * 2 = 4, lambda 3/4, nu = 1 / (9/16) for a large sample."""
    pooled = pool([estimate(1, 1), estimate(3, 1)])
    assert (pooled.estimate.estimate, pooled.within, pooled.between, pooled.total) == (2, 1, 2, 4)
    assert pooled.df == pytest.approx(16 / 9)
    assert pooled.relative_increase == pytest.approx(3)
    assert pooled.missing_information == pytest.approx((3 + 2 / (16 / 9 + 3)) / 4)


def test_a_small_sample_by_hand():
    """nu_c = 10: the observed part is 11/13 * 10 * 1/4."""
    pooled = pool([estimate(1, 1), estimate(3, 1)], df_complete=10)
    assert pooled.df == pytest.approx(1 / (9 / 16 + 1 / (11 / 13 * 10 / 4)))


def test_imputations_that_agree_miss_nothing():
    pooled = pool([estimate(0.5, 0.2)] * 4)
    assert pooled.df == np.inf
    assert pooled.missing_information == 0
    assert pooled.estimate.conf_high == pytest.approx(0.5 + 1.959963984540054 * 0.2)
    assert pooled.estimate.p_value == pytest.approx(0.012419330651552318)
    assert pool([estimate(0.5, 0.2)] * 4, df_complete=10).df == pytest.approx(11 / 13 * 10)


@pytest.mark.parametrize("scale", ["log", "logit", "log-log", "cloglog"])
def test_a_scale_bends_the_limits_not_an_agreed_estimate(scale):
    pooled = pool([estimate(0.3, 0.1)] * 3, scale=scale).estimate
    assert pooled.estimate == pytest.approx(0.3)
    assert 0 < pooled.conf_low < 0.3 < pooled.conf_high
    assert np.isnan(pooled.p_value)


def test_limits_of_survival_are_those_of_the_curve():
    curve = kaplan_meier(risk_table(History.of(exit=[2, 4, 6, 8], event=[1, 1, 0, 1])))["all"]
    points = curve.at(5)
    one = estimate(float(points.estimate[0]), float(points.std_error[0]))
    pooled = pool([one, one], scale="log-log").estimate
    assert pooled.conf_low == pytest.approx(float(points.conf_low[0]))
    assert pooled.conf_high == pytest.approx(float(points.conf_high[0]))


def test_ratios_are_averaged_as_logarithms():
    pooled = pool([ratio(2, 0.3), ratio(8, 0.3)], scale="ratio").estimate
    assert pooled.estimate == pytest.approx(4)
    assert pooled.conf_low * pooled.conf_high == pytest.approx(16)
    assert 0 < pooled.p_value < 1


@pytest.mark.parametrize("scale", ["plain", "log"])
def test_hazard_ratios_are_pooled_as_ratios_or_not_at_all(scale):
    """Around 1 with an error of 0.2: taken for its own, it would make p < 0.001 out of nothing."""
    one, other = wald_ratios(["a", "b"], np.log([1.1, 0.9]), np.array([0.2, 0.2]), 0.95).values()
    assert pool([one, other], scale="ratio").estimate.p_value > 0.9
    with pytest.raises(EstimateError, match=r'2 of 2 estimates have.*write `scale="ratio"`'):
        pool([one, other], scale=scale)
    fit = firth_logistic(np.repeat([1, 0], [4, 16]), {"treated": np.repeat([0, 1], 10)})
    with pytest.raises(
        EstimateError, match="2 of 2 estimates have a standard error on the log scale"
    ):
        pool([fit.ratios["treated"]] * 2, scale=scale)


def test_incidence_and_survival_mirror_each_other():
    tables = [
        risk_table(History.of(exit=np.arange(1, 9) * k, event=[1, 1, 0, 1, 1, 0, 1, 0]))
        for k in (1, 1.3, 0.9)
    ]
    s = pool_curves([kaplan_meier(t)["all"] for t in tables], [1, 2.5, 4])
    f = pool_curves([cumulative_incidence(t)["all"]["dead"] for t in tables], [1, 2.5, 4])
    np.testing.assert_allclose(f.estimate, 1 - s.estimate)
    np.testing.assert_allclose(f.conf_low, 1 - s.conf_high)
    np.testing.assert_allclose(f.std_error, s.std_error)


def test_curves_where_nothing_or_only_something_has_happened():
    curves = [
        kaplan_meier(risk_table(History.of(exit=exit_, event=[1, 1, 0])))["all"]
        for exit_ in ([2, 4, 6], [3, 5, 6])
    ]
    points = pool_curves(curves, [1, 2.5, 4.5, 7])
    assert points.estimate[0] == points.conf_low[0] == points.conf_high[0] == 1
    assert points.std_error[0] == 0
    assert np.isnan(points.estimate[1])  # in one of them somebody has died, in the other nobody
    assert 0 < points.estimate[2] < 1
    assert np.isnan(points.estimate[3])
    assert points.events.tolist()[:3] == [0, 0.5, 1.5]


def history(x):
    return History.of(
        exit=[1, 2, 3, 4, 5, 6, 7, 8],
        event=[1, 1, 0, 1, 1, 1, 0, 1],
        covariates={"x": x, "y": [0, 1, 1, 0, 0, 1, 0, 1]},
    )


SETS = [history([1, x, 1, 0, 1, 0, 0, 0]) for x in (0, 1, 0)]


def test_one_coefficient_is_tested_by_t_squared():
    pooled = pool_fits([cox(h, ["x"]) for h in SETS], df_complete=np.inf)
    t = np.log(pooled.ratios["x"].estimate.estimate) / pooled.ratios["x"].estimate.std_error
    assert pooled_wald(pooled).statistic == pytest.approx(t**2)
    assert pooled.total[0, 0] == pytest.approx(pooled.ratios["x"].total)


def test_penalised_fits_are_pooled_too():
    fits = [firth_cox(h, ["x"]) for h in SETS]
    pooled = pool_fits(fits)
    assert pooled.df_complete == 5
    assert pooled.coefficients[0] == pytest.approx(np.mean([f.coefficients[0] for f in fits]))


def test_imputations_that_agree_give_the_test_of_one():
    fit = cox(SETS[0], ["x", "y"])
    lr = pooled_likelihood_ratio([fit, fit, fit])
    assert 2 * lr.statistic == pytest.approx(fit.likelihood_ratio_test.statistic)
    assert lr.p_value == pytest.approx(fit.likelihood_ratio_test.p_value)
    d2 = pooled_chi_squared([5.0, 5.0], df=2)
    assert (d2.statistic, d2.df_error) == (2.5, np.inf)
    assert d2.p_value == pytest.approx(np.exp(-2.5))
    assert pooled_wald(pool_fits([fit, fit], df_complete=30)).df_error == 30


def test_mistakes():
    with pytest.raises(EstimateError, match="there are 1 imputations"):
        pool([estimate(1, 1)])
    with pytest.raises(EstimateError, match=r"confidence levels 0.9, 0.95"):
        pool([estimate(1, 1), estimate(1, 1, 0.9)])
    with pytest.raises(EstimateError, match="1 of 2 imputations give no finite estimate"):
        pool([estimate(1, 1), estimate(1, np.nan)])
    with pytest.raises(EstimateError, match='on the "log-log" scale'):
        pool([estimate(1, 0), estimate(0.9, 0.1)], scale="log-log")
    with pytest.raises(EstimateError, match="`df_complete` is 0"):
        pool([estimate(1, 1)] * 2, df_complete=0)
    with pytest.raises(EstimateError, match='Did you mean "cloglog"'):
        pool([estimate(1, 1)] * 2, scale="cloglg")
    table = risk_table(History.of(exit=[1, 2], event=[1, 0]))
    with pytest.raises(EstimateError, match=r"the curves have `start` 0.0, 1"):
        pool_curves([kaplan_meier(table)["all"], kaplan_meier(table, start=1)["all"]], [1])
    with pytest.raises(EstimateError, match="2 different sets of covariates"):
        pool_fits([cox(SETS[0], ["x"]), cox(SETS[1], ["y"])])
    with pytest.raises(EstimateError, match="x, y is not nested in x"):
        pooled_likelihood_ratio([cox(h, ["x"]) for h in SETS], [cox(h, ["x", "y"]) for h in SETS])
    with pytest.raises(EstimateError, match='the model has no "z"'):
        pooled_wald(pool_fits([cox(h, ["x"]) for h in SETS]), ["z"])
    with pytest.raises(EstimateError, match="0 or more"):
        pooled_chi_squared([1, -1], 1)


def test_a_cumulative_hazard_is_not_pooled_as_if_it_were_a_probability():
    tables = [risk_table(History.of(exit=x, event=[1, 1, 0])) for x in ([1, 2, 3], [1, 3, 4])]
    with pytest.raises(EstimateError, match="the curves are of cumulative hazard"):
        pool_curves([nelson_aalen(t)["all"] for t in tables], [2])
