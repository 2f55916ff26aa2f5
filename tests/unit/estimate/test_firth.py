import itertools

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize_scalar

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import firth_cox, firth_logistic
from osteon.estimate.regression.at_risk import AtRisk, event_times
from osteon.estimate.regression.firth import _logistic, _partial
from osteon.estimate.regression.partial_likelihood import PartialLikelihood, cox_likelihood


def test_a_2_by_2_table_has_one_half_added():
    x, event = np.repeat([1, 0], [9, 7]), np.repeat([1, 0, 1, 0], [4, 5, 0, 7])
    fit = firth_logistic(event, {"x": x})
    assert fit.ratios["x"].estimate == pytest.approx(4.5 * 7.5 / (5.5 * 0.5), rel=1e-9)
    assert fit.coefficients[0] == pytest.approx(np.log(0.5 / 7.5), rel=1e-9)
    assert fit.std_error[1] ** 2 == pytest.approx(1 / 4.5 + 1 / 5.5 + 1 / 0.5 + 1 / 7.5)


@pytest.mark.parametrize("n_0", range(1, 5))
@pytest.mark.parametrize("n_1", range(1, 5))
def test_no_table_is_too_small(n_1, n_0):
    """Where the information without the penalty is half the curvature, Newton's steps swing."""
    for a, b in itertools.product(range(n_1 + 1), range(n_0 + 1)):
        event = np.repeat([1, 0, 1, 0], [a, n_1 - a, b, n_0 - b])
        fit = firth_logistic(event, {"x": np.repeat([1, 0], [n_1, n_0])})
        odds = (a + 0.5) * (n_0 - b + 0.5) / ((n_1 - a + 0.5) * (b + 0.5))
        assert fit.ratios["x"].estimate == pytest.approx(odds, rel=1e-9)


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
    for w in (np.ones(30), rng.uniform(0.5, 3, 30)):
        gradient = approx_fprime(beta, lambda b, w=w: _logistic(y, x, w, b).value, 1e-7)
        np.testing.assert_allclose(_logistic(y, x, w, beta).score, gradient, rtol=1e-4, atol=1e-5)


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


def test_firth_cox_by_hand_tied_events_weights():
    """Two tied events, one in each arm, and nobody else: with Efron's ties and r = exp(b) the
    terms are r + 1 and (r + 1) / 2, so that p = r / (1 + r) twice, and b = 0 whatever the weight.
    With weight w on the exposed, p = w r / (1 + w r) and the deaths' mean weight is (1 + w) / 2:
    l* = w log r - (1 + w) log(1 + w r) + 1/2 log((1 + w) p (1 - p))."""
    w = 3.0
    history = History.of(exit=[1, 1], event=[1, 1], covariates={"x": [0, 1]})
    assert firth_cox(history, ["x"]).coefficients[0] == pytest.approx(0, abs=1e-9)
    weighted = History.of(exit=[1, 1], event=[1, 1], weight=[1, w], covariates={"x": [0, 1]})
    p = (w + 0.5) / (1 + w + 1)  # score: w - (1 + w) p + (1 - 2 p) / 2 = 0
    ratio = firth_cox(weighted, ["x"]).ratios["x"].estimate
    assert ratio == pytest.approx(p / (1 - p) / w)


@pytest.mark.parametrize("ties", ["breslow"])
def test_weights_count_as_rows(ties):
    rng = np.random.default_rng(8)
    n, copies = 40, rng.integers(1, 4, 40)
    entry = rng.integers(0, 4, n)
    columns = {
        "entry": entry, "exit": entry + rng.integers(1, 20, n), "event": rng.random(n) < 0.2,
        "stratum": rng.integers(0, 2, n),
    }  # fmt: skip
    x, z = rng.integers(0, 2, n), rng.normal(size=n)
    rows = np.repeat(np.arange(n), copies)
    a = firth_cox(
        History.of(**columns, weight=copies, covariates={"x": x, "z": z}), ["x", "z"], ties=ties
    )
    repeated = {name: values[rows] for name, values in columns.items()}
    b = firth_cox(
        History.of(**repeated, covariates={"x": x[rows], "z": z[rows]}), ["x", "z"], ties=ties
    )
    same_fits(a, b)
    event = columns["event"]
    a = firth_logistic(event, {"x": x, "z": z}, weight=copies)
    b = firth_logistic(event[rows], {"x": x[rows], "z": z[rows]})
    same_fits(a, b)


def same_fits(a, b):
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-7)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6)
    for name in a.ratios:
        for field in ("estimate", "conf_low", "conf_high", "p_value"):
            assert getattr(a.ratios[name], field) == pytest.approx(
                getattr(b.ratios[name], field), rel=1e-6
            )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_limits_lie_where_the_profile_has_fallen(seed, ties):
    """The outside proof: at a limit the profile's maximum, found without derivatives, is lower by
    half the chi-squared quantile; with entry, strata, weights and ties."""
    rng = np.random.default_rng(seed)
    n = 60
    entry = rng.integers(0, 4, n)
    history = History.of(
        entry=entry, exit=entry + rng.integers(1, 12, n), event=rng.random(n) < 0.3,
        stratum=rng.integers(0, 2, n), weight=rng.uniform(0.5, 2, n),
        covariates={"x": rng.integers(0, 2, n), "z": rng.normal(size=n)},
    )  # fmt: skip
    fit = firth_cox(history, ["x", "z"], ties=ties)
    likelihood, columns = cox_likelihood(history, ["x", "z"], history.to_state == 1, ties)
    constant = np.log(columns.scale).sum()

    def value(x, z):
        return _partial(likelihood, np.array([x, z]) * columns.scale).value + constant

    for limit in (fit.ratios["x"].conf_low, fit.ratios["x"].conf_high):
        profile = minimize_scalar(lambda z: -value(np.log(limit), z), bracket=(-1, 1), tol=1e-12)  # noqa: B023
        assert fit.log_likelihood + profile.fun == pytest.approx(3.841458820694124 / 2, rel=1e-7)


def test_separation_is_said():
    separated = firth_logistic([0, 0, 0, 1, 1, 1], {"x": [1, 2, 3, 4, 5, 6]})
    assert "x" in separated.separated
    assert "would be infinite" in separated.cautions[0]
    treated = np.repeat([0, 1], 10)
    event = np.repeat([1, 0], [4, 16])  # 4 of 10 untreated, none of 10 treated
    assert firth_logistic(event, {"treated": treated}).separated == ("treated",)
    assert firth_logistic(event, {"untreated": 1 - treated}).separated == ("intercept", "untreated")
    whole = firth_logistic(np.tile([0, 1], 20), {"x": np.tile([0, 0, 1, 1, 1], 8)})
    assert whole.separated == whole.cautions == ()
    history = History.of(
        exit=[2, 4, 6, 8, 5, 7, 9, 10],
        event=[1, 1, 1, 0, 0, 0, 0, 0],
        covariates={"treated": [0, 0, 0, 0, 1, 1, 1, 1]},
    )
    fit = firth_cox(history, ["treated"])
    assert fit.separated == ("treated",)
    assert "3 events for 1 coefficient" in fit.cautions[1]


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
    with pytest.raises(EstimateError, match="something else than one 0 or 1"):
        firth_logistic([0, 2], {"x": [0, 1]})
    with pytest.raises(EstimateError, match='"x" has shape'):
        firth_logistic([0, 1], {"x": [0, 1, 1]})
    with pytest.raises(EstimateError, match="weight is not positive"):
        firth_logistic([0, 1], {"x": [0, 1]}, weight=[1, 0])


def test_a_penalised_fit_needs_no_maximum_of_the_likelihood_without_its_penalty():
    """Ratios that run away together, by hundreds of standard deviations: the plain one overflows."""
    history = History.of(
        entry=[4, 4, 0, 0, 0, 0, 0, 4],
        exit=[5, 11, 1, 10, 6, 11, 3, 6],
        event=[0, 0, 0, 1, 0, 0, 1, 1],
        stratum=[0, 1, 0, 0, 0, 0, 1, 0],
        strata=("a", "b"),
        covariates={
            "x": [1.71, -0.58, -1.28, 0.64, -1.04, -0.02, -0.42, 0.17],
            "z": [0.68, -0.94, 2.36, 0.76, -0.64, -0.98, -0.2, -0.49],
        },
    )
    fit = firth_cox(history, ["x", "z"])
    assert 0.06 < fit.ratios["x"].conf_low < 1 < fit.ratios["x"].conf_high < 77
    assert "without the penalty no finite ratios were found" in fit.cautions


OF_FIVE_OR_SIX = [
    ([0, 0, 0, 0, 1], [1, 0, 1, 0, 1], [-0.573, 2.467, -1.322, -1.277, 1.076], [1, 1, 3, 3, 1]),
    ([0, 0, 0, 1, 1], [1, 0, 1, 1, 0], [0.17, -1.68, -1.016, -0.806, 0.907], None),
    ([0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0.805, -1.67, 0.23, -0.255, 1.18, 0.606], None),
]


@pytest.mark.parametrize(("event", "arm", "marker", "weight"), OF_FIVE_OR_SIX)
def test_so_few_that_the_penalty_bends_the_likelihood(event, arm, marker, weight):
    """The information is not the curvature of the penalised likelihood: steps are too short."""
    fit = firth_logistic(event, {"arm": arm, "marker": marker}, weight=weight)
    x = np.column_stack([np.ones(len(event)), arm, marker])
    w = np.ones(len(event)) if weight is None else np.array(weight)

    def penalised(beta):
        p = 1 / (1 + np.exp(-x @ beta))
        information = (x * (w * p * (1 - p))[:, None]).T @ x
        likelihood = w @ np.where(event, np.log(p), np.log(1 - p))
        return likelihood + np.linalg.slogdet(information)[1] / 2

    assert fit.log_likelihood == pytest.approx(penalised(fit.coefficients), abs=1e-10)
    for step in 1e-5 * np.eye(3):
        rise = penalised(fit.coefficients + step) - penalised(fit.coefficients - step)
        assert rise / 2e-5 == pytest.approx(0, abs=1e-8)
    for ratio in fit.ratios.values():
        assert 0 < ratio.conf_low < ratio.estimate < ratio.conf_high < np.inf
