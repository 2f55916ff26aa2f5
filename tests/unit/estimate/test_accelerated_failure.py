import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate import accelerated_failure, piecewise_exponential
from osteon.estimate.interval_censored.accelerated_failure_likelihood import (
    AcceleratedFailureLikelihood,
)
from osteon.estimate.interval_censored.location_scale import DISTRIBUTIONS, window_terms

INF = np.inf
ALL = sorted(DISTRIBUTIONS)


def study(seed=1, n=120, late=False):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, n).round(2), rng.integers(0, 2, n).astype(float)
    true = 300 * rng.weibull(1.5, n) * np.exp(0.4 * x - 0.3 * y)
    entry = rng.uniform(0, 60, n).round() if late else np.zeros(n)
    scans = entry[:, None] + rng.integers(20, 150, (n, 8)).cumsum(axis=1)
    keep = true > entry
    left = np.where(scans < true[:, None], scans, entry[:, None]).max(axis=1)
    right = np.where(scans >= true[:, None], scans, INF).min(axis=1)
    return Bounds.of(
        left=left[keep],
        right=right[keep],
        entry=entry[keep],
        covariates={"x": x[keep], "y": y[keep]},
    )


def test_two_scans_determine_a_weibull():
    """S(100) = 3/4 and S(200) = 1/4 at the maximum, as two parameters meet two shares."""
    bounds = Bounds.of(left=[0] + [100] * 2 + [200], right=[100] + [200] * 2 + [INF])
    fit = accelerated_failure(bounds)
    shape = np.log(np.log(4) / np.log(4 / 3)) / np.log(2)
    assert 1 / fit.scale == pytest.approx(shape, rel=1e-9)
    np.testing.assert_allclose(fit.survival([100, 200]).estimate, [0.75, 0.25], rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(2 * np.log(0.25) + 2 * np.log(0.5))
    assert fit.quantile(0.75).estimate == pytest.approx(200)


@pytest.mark.parametrize("distribution", ["log-logistic", "log-normal"])
def test_two_scans_determine_any_distribution_of_two_parameters(distribution):
    bounds = Bounds.of(left=[0] + [100] * 2 + [200], right=[100] + [200] * 2 + [INF])
    fit = accelerated_failure(bounds, distribution=distribution)
    np.testing.assert_allclose(fit.survival([100, 200]).estimate, [0.75, 0.25], rtol=1e-7)
    # By symmetry half have had the event at the geometric mean.
    assert fit.quantile(0.5).estimate == pytest.approx(np.sqrt(100 * 200))


def test_exponential_of_exact_times_is_events_over_days():
    bounds = Bounds.of(left=[10, 20, 30, 40], right=[10, 20, INF, INF])
    fit = accelerated_failure(bounds, distribution="exponential")
    assert np.exp(-fit.coefficients[0]) == pytest.approx(2 / 100)
    assert fit.std_error[0] == pytest.approx(1 / np.sqrt(2))
    assert fit.log_likelihood == pytest.approx(2 * np.log(0.02) - 2)
    assert fit.scale == 1


def test_late_entry_shortens_exponential_person_time():
    bounds = Bounds.of(left=[10, 20, 30, 40], right=[10, 20, INF, INF], entry=[0, 10, 10, 20])
    fit = accelerated_failure(bounds, distribution="exponential")
    assert np.exp(-fit.coefficients[0]) == pytest.approx(2 / 60)


def test_log_normal_of_exact_times_is_the_mean_and_spread_of_logs():
    time = np.array([3.0, 8, 20, 55, 70])
    fit = accelerated_failure(Bounds.of(left=time, right=time), distribution="log-normal")
    assert fit.coefficients[0] == pytest.approx(np.log(time).mean())
    assert fit.scale == pytest.approx(np.log(time).std())
    assert fit.std_error[0] == pytest.approx(np.log(time).std() / np.sqrt(5))
    assert fit.std_error[1] == pytest.approx(1 / np.sqrt(10))


@pytest.mark.parametrize("distribution", ALL)
@pytest.mark.parametrize("late", [False, True])
def test_score_and_information_are_the_derivatives(distribution, late):
    bounds = study(3, 30, late)
    exact = np.arange(len(bounds)) % 5 == 0
    right = np.where(exact & np.isfinite(bounds.right), bounds.left + 1, bounds.right)
    left = np.where(right == bounds.left + 1, right, bounds.left)
    bounds = Bounds.of(left=left, right=right, entry=bounds.entry)
    x = np.random.default_rng(0).normal(size=(len(bounds), 2))
    likelihood = AcceleratedFailureLikelihood.of(bounds, x, DISTRIBUTIONS[distribution])
    theta = np.array([0.3, -0.2, 0.4, 1.1])
    here, h = likelihood.evaluate(theta), 1e-6
    for i, step in enumerate(np.eye(4) * h):
        up, down = likelihood.evaluate(theta + step), likelihood.evaluate(theta - step)
        assert here.score[i] == pytest.approx((up.value - down.value) / (2 * h), rel=1e-5, abs=1e-5)
        np.testing.assert_allclose(
            here.information[i], (down.score - up.score) / (2 * h), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("distribution", ALL)
def test_windows_far_in_the_tails_keep_their_digits(distribution):
    spread = DISTRIBUTIONS[distribution]
    low, high = np.array([-30.0, 3.0, -INF, 2.0]), np.array([-29.0, 3.5, -20.0, INF])
    terms = window_terms(spread, low, high)
    assert np.isfinite(terms.value).all()
    assert np.isfinite([terms.by_low, terms.by_high, terms.low_low, terms.high_high]).all()
    assert terms.value[3] == pytest.approx(float(spread.log_above(np.array([2.0]))[0]))


def test_hazard_ratios_are_those_of_the_piecewise_model_when_hazards_are_constant():
    bounds = study(5)
    aft = accelerated_failure(bounds, ["x", "y"], distribution="exponential")
    pwe = piecewise_exponential(bounds, ["x", "y"])
    for name in ("x", "y"):
        a, b = aft.hazard_ratios[name], pwe.hazard_ratios[name]
        assert a.estimate == pytest.approx(b.estimate, rel=1e-7)
        assert a.conf_low == pytest.approx(b.conf_low, rel=1e-7)
        assert a.estimate == pytest.approx(1 / aft.time_ratios[name].estimate, rel=1e-9)


def test_weibull_hazard_ratio_is_the_time_ratio_to_the_power_of_minus_the_shape():
    fit = accelerated_failure(study(6), ["x"])
    assert fit.hazard_ratios["x"].estimate == pytest.approx(
        fit.time_ratios["x"].estimate ** (-1 / fit.scale)
    )
    early = fit.survival(200, {"x": 0}).estimate, fit.survival(200, {"x": 1}).estimate
    ratio = np.log(early[1]) / np.log(early[0])
    assert ratio[0] == pytest.approx(fit.hazard_ratios["x"].estimate)
    assert accelerated_failure(study(6), ["x"], distribution="log-normal").hazard_ratios == {}


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(ALL), st.floats(0.1, 20))
def test_units_of_time_and_covariates_do_not_matter(seed, distribution, unit):
    bounds = study(seed, 60)
    a = accelerated_failure(bounds, ["x"], distribution=distribution)
    scaled = Bounds.of(
        left=unit * bounds.left,
        right=unit * bounds.right,
        covariates={"x": 10 + 5 * bounds.covariates["x"]},
    )
    b = accelerated_failure(scaled, ["x"], distribution=distribution)
    assert b.coefficients[1] == pytest.approx(a.coefficients[1] / 5, rel=1e-5, abs=1e-7)
    assert b.scale == pytest.approx(a.scale, rel=1e-6)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-7)


def test_weights_are_copies():
    bounds = study(8, 60, late=True)
    copies = np.random.default_rng(1).integers(1, 4, len(bounds))
    weighted = Bounds.of(
        left=bounds.left,
        right=bounds.right,
        entry=bounds.entry,
        weight=copies,
        covariates=bounds.covariates,
    )
    a = accelerated_failure(weighted, ["x"])
    b = accelerated_failure(bounds.where(np.repeat(np.arange(len(bounds)), copies)), ["x"])
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-8)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6)


def test_limits_of_a_curve():
    fit = accelerated_failure(study(9), ["x"])
    curve = fit.survival([0, 100, 500], {"x": 1})
    assert curve.estimate[0] == curve.conf_low[0] == curve.conf_high[0] == 1
    assert (curve.conf_low <= curve.estimate).all()
    assert (curve.estimate <= curve.conf_high).all()
    # Delta method on the log(-log) scale, in which the limits are symmetric.
    z = np.log(-np.log(curve.estimate[1:]))
    low, high = np.log(-np.log(curve.conf_high[1:])), np.log(-np.log(curve.conf_low[1:]))
    np.testing.assert_allclose((low + high) / 2, z)
    slope = curve.estimate[1:] * -np.log(curve.estimate[1:])
    np.testing.assert_allclose(
        (high - low) / (2 * 1.959964) * slope, curve.std_error[1:], rtol=1e-6
    )


@pytest.mark.parametrize("distribution", ["weibull", "log-logistic", "log-normal"])
def test_the_truth_is_found_with_late_entry(distribution):
    rng = np.random.default_rng(4)
    n, x = 6000, rng.integers(0, 2, 6000)
    error = DISTRIBUTIONS[distribution].quantile(rng.random(n))
    true = np.exp(6 - 0.5 * x + 0.6 * error)
    entry = rng.uniform(0, 200, n)
    scans = entry[:, None] + rng.uniform(30, 150, (n, 12)).cumsum(axis=1)
    left = np.where(scans < true[:, None], scans, entry[:, None]).max(axis=1)
    right = np.where(scans >= true[:, None], scans, INF).min(axis=1)
    k = true > entry
    fit = accelerated_failure(
        Bounds.of(left=left[k], right=right[k], entry=entry[k], covariates={"x": x[k]}),
        ["x"],
        distribution=distribution,
    )
    found = np.array([*fit.coefficients, np.log(fit.scale)])
    assert (np.abs(found - [6, -0.5, np.log(0.6)]) < 3.5 * fit.std_error).all()


def test_separation_is_refused():
    bounds = Bounds.of(
        left=[0, 0, 0, 50, 50, 50],
        right=[50, 50, 50, INF, INF, INF],
        covariates={"x": [0, 0, 0, 1, 1, 1]},
    )
    with pytest.raises(EstimateError, match="do not determine"):
        accelerated_failure(bounds, ["x"], distribution="exponential")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": ["z"]}, 'no covariate "z"'),
        ({"distribution": "weibul"}, "Did you mean"),
        ({"conf_level": 2}, "conf_level"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(EstimateError, match=message):
        accelerated_failure(study(), **arguments)


@pytest.mark.parametrize("fit", [accelerated_failure, piecewise_exponential])
def test_strata_are_not_forgotten_in_silence(fit):
    bounds = Bounds.of(left=[1, 2], right=[3, 4], stratum=[0, 1], strata=("a", "b"))
    with pytest.raises(EstimateError, match="several strata"):
        fit(bounds)


def test_more_mistakes():
    with pytest.raises(EstimateError, match="event at time 0"):
        accelerated_failure(Bounds.of(left=[0, 1], right=[0, 2]))
    x = study().covariates["x"]
    double = Bounds.of(left=study().left, right=study().right, covariates={"x": x, "w": 2 * x})
    with pytest.raises(EstimateError, match="collinear"):
        accelerated_failure(double, ["x", "w"])
    fit = accelerated_failure(study(), ["x"])
    with pytest.raises(EstimateError, match="x have no value"):
        fit.survival([1])
    with pytest.raises(EstimateError, match="z are not in the model"):
        fit.survival([1], {"x": 1, "z": 2})
    with pytest.raises(EstimateError, match="negative"):
        fit.survival([-1], {"x": 1})
    with pytest.raises(EstimateError, match="`probability` is 1"):
        fit.quantile(1, {"x": 1})
