import numpy as np
import pytest
from scipy.optimize import approx_fprime

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import firth_cox, firth_logistic
from osteon.estimate.at_risk import AtRisk, event_times
from osteon.estimate.firth import _logistic, _partial
from osteon.estimate.partial_likelihood import PartialLikelihood


def test_a_2_by_2_table_has_one_half_added():
    x, event = np.repeat([1, 0], [9, 7]), np.repeat([1, 0, 1, 0], [4, 5, 0, 7])
    fit = firth_logistic(event, {"x": x})
    assert fit.ratios["x"].estimate == pytest.approx(4.5 * 7.5 / (5.5 * 0.5), rel=1e-9)
    assert fit.coefficients[0] == pytest.approx(np.log(0.5 / 7.5), rel=1e-9)
    assert fit.std_error[1] ** 2 == pytest.approx(1 / 4.5 + 1 / 5.5 + 1 / 0.5 + 1 / 7.5)


def test_everything_stays_finite_under_complete_separation():
    fit = firth_logistic([0, 0, 0, 1, 1, 1], {"x": [1, 2, 3, 4, 5, 6]})
    ratio = fit.ratios["x"]
    assert 1 < ratio.estimate < 100
    assert 0 < ratio.conf_low < ratio.estimate < ratio.conf_high < np.inf


def test_profile_limits_and_the_test_agree():
    """At the level 1 - p a limit of the log ratio is 0."""
    x = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1]
    event = [0, 0, 1, 1, 0, 1, 0, 1, 1, 1]
    p = firth_logistic(event, {"x": x}).ratios["x"].p_value
    assert firth_logistic(event, {"x": x}, conf_level=1 - p).ratios["x"].conf_low == pytest.approx(
        1
    )


def test_units_of_a_covariate_do_not_matter():
    rng = np.random.default_rng(3)
    x, event = rng.normal(50, 10, 40), rng.integers(0, 2, 40)
    a, b = (firth_logistic(event, {"x": x / unit}) for unit in (1, 100))
    assert b.ratios["x"].p_value == pytest.approx(a.ratios["x"].p_value)
    assert np.log(b.ratios["x"].conf_high) == pytest.approx(100 * np.log(a.ratios["x"].conf_high))
    assert b.coefficients[0] == pytest.approx(a.coefficients[0])
    # The penalty holds the information's determinant, in the covariate's units.
    assert b.log_likelihood == pytest.approx(a.log_likelihood + np.log(1 / 100))
    assert b.likelihood_ratio_p == pytest.approx(a.likelihood_ratio_p)


def test_the_penalised_score_is_the_gradient_logistic():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    y, beta = rng.integers(0, 2, 30).astype(float), np.array([0.2, -0.5, 0.9])
    gradient = approx_fprime(beta, lambda b: _logistic(y, x, b).value, 1e-7)
    np.testing.assert_allclose(_logistic(y, x, beta).score, gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("efron", [True, False])
def test_the_penalised_score_is_the_gradient_cox(efron):
    """Third cumulants, with ties, delayed entry, weights and strata, against differences."""
    rng = np.random.default_rng(5)
    n = 50
    exit_, entry = rng.integers(3, 9, n).astype(float), rng.integers(0, 3, n).astype(float)
    history = History.of(
        entry=entry,
        exit=exit_,
        event=rng.random(n) < 0.7,
        weight=rng.uniform(0.5, 2, n),
        stratum=rng.integers(0, 2, n),
    )
    event = history.to_state == 1
    at_risk = AtRisk(event_times(history, event), event, history.weight, efron=efron)
    x = rng.normal(size=(n, 3))[at_risk.rows]
    likelihood = PartialLikelihood(at_risk, x, history.weight[at_risk.rows])
    beta = np.array([0.3, -0.7, 0.5])
    gradient = approx_fprime(beta, lambda b: _partial(likelihood, b).value, 1e-7)
    np.testing.assert_allclose(_partial(likelihood, beta).score, gradient, rtol=1e-4, atol=1e-5)


def test_exposure_under_which_nothing_happens():
    """Start-stop: four patients become exposed; all three events precede exposure."""
    history = History.of(
        entry=[0, 3, 0, 2, 0, 0, 1, 0, 0, 4],
        exit=[3, 9, 2, 8, 5, 1, 7, 6, 4, 9],
        event=[0, 0, 0, 0, 1, 0, 0, 1, 0, 0],
        subject=[0, 0, 1, 1, 2, 3, 3, 4, 5, 5],
        covariates={"exposed": [0, 1, 0, 1, 0, 0, 1, 0, 0, 1]},
    )
    ratio = firth_cox(history, ["exposed"]).ratios["exposed"]
    assert 0 < ratio.conf_low < ratio.estimate < ratio.conf_high < 1
    assert 0 < ratio.p_value < 0.05


def test_firth_cox_by_hand_one_event():
    """One event, unexposed, one at risk in each arm: p = r / (1 + r), so that
    l* = log(1 - p) + 1/2 log(p (1 - p)); its maximum is at p = 1/4."""
    history = History.of(exit=[1, 2], event=[1, 0], covariates={"x": [0, 1]})
    ratio = firth_cox(history, ["x"]).ratios["x"]
    assert ratio.estimate == pytest.approx(1 / 3)


def test_events_per_parameter():
    history = History.of(exit=[1, 2, 3], event=[1, 1, 0], covariates={"x": [0, 1, 1]})
    assert firth_cox(history, ["x"]).events_per_parameter == 2


def test_mistakes():
    with pytest.raises(EstimateError, match="no covariate is named"):
        firth_logistic([0, 1], {})
    with pytest.raises(EstimateError, match='"x" has one value only'):
        firth_logistic([0, 1], {"x": [1, 1]})
    with pytest.raises(EstimateError, match='"x", "y" are collinear'):
        firth_logistic([0, 1, 1, 0], {"x": [0, 1, 1, 0], "y": [1, 0, 0, 1]})
