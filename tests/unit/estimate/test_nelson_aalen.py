import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    fixed_time_difference,
    fleming_harrington,
    kaplan_meier,
    nelson_aalen,
    quantile,
    restricted_mean,
    risk_table,
)

SIX = risk_table(History.of(exit=[9, 1, 1, 6, 6, 8], event=[1, 1, 0, 1, 1, 0]))


@pytest.mark.parametrize(
    ("variance", "squares"),
    [
        # n = 6, 4, 2, 1 and d = 1, 2, 0, 1
        ("aalen", [1 / 36, 2 / 16, 0, 1]),
        ("klein", [5 / 216, 2 * 2 / 64, 0, 0]),
        ("tied", [1 * 5 / (36 * 5), 2 * 2 / (16 * 3), 0, 0]),
    ],
)
def test_six_subjects_by_hand(variance, squares):
    curve = nelson_aalen(SIX, variance=variance)["all"]
    np.testing.assert_allclose(curve.estimate, np.cumsum([1 / 6, 2 / 4, 0, 1]))
    np.testing.assert_allclose(curve.std_error, np.sqrt(np.cumsum(squares)))
    assert curve.estimand == "cumulative hazard"
    assert curve.variance == variance


def test_ties_one_after_the_other_by_hand():
    curve = nelson_aalen(SIX, ties="fleming-harrington")["all"]
    np.testing.assert_allclose(curve.estimate, np.cumsum([1 / 6, 1 / 4 + 1 / 3, 0, 1]))
    np.testing.assert_allclose(curve.std_error**2, np.cumsum([1 / 36, 1 / 16 + 1 / 9, 0, 1]))


def test_limits_by_hand():
    z, se = 1.959963984540054, 1 / 6
    log, plain = (nelson_aalen(SIX, interval=i)["all"] for i in ("log", "plain"))
    np.testing.assert_allclose(log.conf_high[0], np.exp(z * se / (1 / 6)) / 6)
    np.testing.assert_allclose(log.conf_low[0], np.exp(-z) / 6)
    np.testing.assert_allclose(plain.conf_high[0], 1 / 6 + z * se)
    assert plain.conf_low[0] == 0


def test_survival_is_the_exponential():
    hazard, survival = nelson_aalen(SIX)["all"], fleming_harrington(SIX)["all"]
    np.testing.assert_allclose(survival.estimate, np.exp(-hazard.estimate))
    np.testing.assert_allclose(survival.std_error, survival.estimate * hazard.std_error)
    assert (survival.estimate >= kaplan_meier(SIX)["all"].estimate).all()


def test_no_event_is_no_hazard_for_certain():
    curve = nelson_aalen(risk_table(History.of(exit=[1, 2], event=[0, 0])))["all"]
    assert curve.estimate.tolist() == curve.conf_low.tolist() == curve.conf_high.tolist() == [0, 0]


def test_what_is_of_survival_refuses_a_hazard_and_another_variance():
    hazard, survival = nelson_aalen(SIX)["all"], fleming_harrington(SIX)["all"]
    with pytest.raises(EstimateError, match="the curve is one of cumulative hazard"):
        quantile(hazard)
    with pytest.raises(EstimateError, match="the curve is one of cumulative hazard"):
        restricted_mean(hazard, 8)
    with pytest.raises(EstimateError, match="the curve has the aalen variance"):
        restricted_mean(survival, 8)
    with pytest.raises(EstimateError, match="survival and cumulative hazard"):
        fixed_time_difference(survival, hazard, 6)


def test_mistakes():
    with pytest.raises(EstimateError, match=r'`variance` is "klien".*Did you mean "klein"'):
        nelson_aalen(SIX, variance="klien")
    with pytest.raises(EstimateError, match='no "klein" variance'):
        nelson_aalen(SIX, variance="klein", ties="fleming-harrington")
    with pytest.raises(EstimateError, match="`interval`"):
        nelson_aalen(SIX, interval="log-log")
    halves = risk_table(History.of(exit=[1, 2], event=[1, 1], weight=[0.5, 1]))
    with pytest.raises(EstimateError, match="not whole numbers"):
        nelson_aalen(halves, ties="fleming-harrington")
