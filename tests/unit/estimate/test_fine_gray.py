import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import CENSORED, History
from osteon.errors import EstimateError
from osteon.estimate import (
    baseline_hazard,
    cox,
    cumulative_incidence,
    fine_gray,
    predicted_incidence,
    risk_table,
)
from osteon.estimate.regression import (
    at_risk,
    design_matrix,
    partial_likelihood,
)

STATES = ("free", "sre", "dead")
FIVE = {"exit": [1, 2, 3, 4, 5], "event": [1, 2, 0, 1, 1], "x": [1, 0, 1, 0, 1]}


def history_of(exit, event, x, **changes):
    return History.of(exit=exit, event=event, states=STATES, covariates={"x": x}, **changes)


def simulated(seed, n=80, days=40, **changes):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.integers(0, 2, n)
    columns = {
        "exit": rng.integers(2, days, n),
        "event": rng.choice(3, n, p=[0.4, 0.35, 0.25]),
        "states": STATES,
        "covariates": {"x": x, "z": z},
    }
    return History.of(**(columns | changes))


def changed(history, **changes):
    columns = {
        "entry": history.entry, "exit": history.exit, "event": np.maximum(history.to_state, 0),
        "states": history.states, "weight": history.weight, "stratum": history.stratum,
        "strata": history.strata, "covariates": history.covariates,
    }  # fmt: skip
    return History.of(**(columns | changes))


def test_by_hand():
    """G falls by 1/3 on day 3 (the two with an event before are no longer at risk of censoring):
    l(b) = 2b - log(3r + 2) - log(r + 5/3) - log(r + 2/3), at its maximum r = (1 + sqrt 21) / 3."""
    fit = fine_gray(history_of(**FIVE), ["x"], "sre", variance="model")
    r = (1 + np.sqrt(21)) / 3
    assert fit.coefficients[0] == pytest.approx(np.log(r), rel=1e-12)
    by_hand = 2 * np.log(r) - np.log(3 * r + 2) - np.log(r + 5 / 3) - np.log(r + 2 / 3)
    assert fit.log_likelihood == pytest.approx(by_hand)
    terms = [(3 * r, 2), (r, 5 / 3), (r, 2 / 3)]
    information = sum(a * b / (a + b) ** 2 for a, b in terms)
    assert fit.std_error[0] == pytest.approx(information**-0.5)
    hazard = np.cumsum([1 / (a + b) for a, b in terms])
    points = predicted_incidence(fit, {"x": 1})
    np.testing.assert_allclose(points.estimate, 1 - np.exp(-r * hazard), rtol=1e-10)
    np.testing.assert_array_equal(points.at_risk, [5, 2, 1])
    np.testing.assert_array_equal(points.events, [1, 2, 3])


def test_conventions_by_hand():
    """Censored and died on day 2: of 4 still followed then under crr, of 3 under finegray."""
    columns = {"exit": [1, 2, 2, 3, 4], "event": [2, 1, 0, 1, 1], "x": [0, 1, 0, 0, 1]}
    for convention, g in (("crr", 3 / 4), ("finegray", 2 / 3)):
        fit = fine_gray(history_of(**columns), ["x"], "sre", convention=convention)
        b = fit.coefficients[0]
        r = np.exp(b)
        by_hand = 2 * b - np.log(2 * r + 3) - np.log(r + 1 + g) - np.log(r + g)
        assert fit.log_likelihood == pytest.approx(by_hand)
        assert 2 - 2 * r / (2 * r + 3) - r / (r + 1 + g) - r / (r + g) == pytest.approx(0)


def test_no_competing_event_is_cox():
    history = simulated(1)
    alone = changed(history, event=np.maximum(history.to_state, 0) % 2)
    a = fine_gray(alone, ["x", "z"], "sre")
    b = cox(alone, ["x", "z"], ties="breslow", robust=True)
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-12)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-12)
    who = {"x": 0.3, "z": 1}
    time = baseline_hazard(b, who).time
    robust = fine_gray(alone, ["x", "z"], "sre", variance="robust")
    for fit in (a, robust):
        points = predicted_incidence(fit, who, time)
        np.testing.assert_allclose(points.estimate, 1 - np.exp(-baseline_hazard(b, who).hazard))


def test_without_censoring_who_competes_stays_with_weight_1():
    history = simulated(2, event=np.random.default_rng(2).integers(1, 3, 80))
    stays = changed(
        history,
        exit=np.where(history.to_state == 2, 1000, history.exit),
        event=history.to_state == 1,
    )
    for variance in ("sandwich", "robust"):
        a = fine_gray(history, ["x", "z"], "sre", variance=variance)
        b = cox(stays, ["x", "z"], ties="breslow", robust=True)
        np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-12)
        np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-10)


def test_no_covariate_effect_predicts_nearly_the_aalen_johansen_curve():
    """At b = 0 the Breslow sum is the subdistribution's Nelson-Aalen estimate."""
    history = simulated(3, n=400, days=300)
    fit = fine_gray(history, ["x"], "sre")
    curve = cumulative_incidence(risk_table(history))["all"]["sre"]
    time = np.array([50, 100, 200])
    ours = predicted_incidence(fit, {"x": float(history.covariates["x"].mean())}, time)
    np.testing.assert_allclose(ours.estimate, curve.at(time).estimate, atol=0.01)
    np.testing.assert_allclose(ours.std_error, curve.at(time).std_error, rtol=0.1)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(["crr", "finegray"]))
def test_order_does_not_matter(seed, convention):
    history = simulated(seed)
    rows = np.random.default_rng(seed).permutation(80)
    moved = history.where(np.ones(80, dtype=bool))
    moved = changed(
        moved, exit=history.exit[rows], event=np.maximum(history.to_state, 0)[rows],
        entry=history.entry[rows], weight=history.weight[rows], stratum=history.stratum[rows],
        covariates={k: v[rows] for k, v in history.covariates.items()},
    )  # fmt: skip
    a, b = (fine_gray(h, ["x", "z"], "sre", convention=convention) for h in (history, moved))
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_weights_count_as_rows(seed):
    history = simulated(seed)
    copies = np.random.default_rng(seed).integers(1, 4, 80)
    rows = np.repeat(np.arange(80), copies)
    doubled = changed(
        history, exit=history.exit[rows], event=np.maximum(history.to_state, 0)[rows], entry=None,
        weight=None, stratum=None,
        covariates={k: v[rows] for k, v in history.covariates.items()}, strata=None,
    )  # fmt: skip
    a = fine_gray(changed(history, weight=copies), ["x", "z"], "sre", variance="model")
    b = fine_gray(doubled, ["x", "z"], "sre", variance="model")
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-9)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-9)
    who = {"x": 0.2, "z": 1}
    np.testing.assert_allclose(
        predicted_incidence(a, who).std_error, predicted_incidence(b, who).std_error, rtol=1e-9
    )


@pytest.mark.parametrize("convention", ["crr", "finegray"])
@pytest.mark.parametrize("groups", [False, True])
def test_the_sandwich_is_the_slope_by_each_weight(convention, groups):
    """The outside proof: refit with a subject's weight changed a little, G estimated anew.

    Few tied censorings, so that the slope of the product-limit G is that of its hazard.
    """
    rng = np.random.default_rng(5)
    exit_ = rng.permutation(150) + 1.0
    event = rng.choice(3, 150, p=[0.35, 0.35, 0.3])
    history = simulated(5, n=150, exit=exit_, event=event)
    options = {"censoring_group": rng.integers(0, 2, 150)} if groups else {}
    who, at = {"x": 0.5, "z": 1}, [40.0, 90.0]
    fit = fine_gray(history, ["x", "z"], "sre", convention=convention, **options)
    moments = fit.likelihood.moments(fit.coefficients * fit.design.scale)
    model = fit.model_covariance * np.outer(fit.design.scale, fit.design.scale)
    ours = fit.subdistribution.score_influence(moments) @ model / fit.design.scale
    slopes, of_hazard = np.empty((150, 2)), np.empty((150, 2))
    for i in range(150):
        ends = []
        for step in (1e-4, -1e-4):
            weight = np.ones(150)
            weight[i] += step
            moved = changed(history, weight=weight)  # without ties the conventions agree
            refit = fine_gray(moved, ["x", "z"], "sre", variance="model", **options)
            incidence = predicted_incidence(refit, who, at).estimate
            ends.append(np.append(refit.coefficients, -np.log1p(-incidence)))
        slopes[i], of_hazard[i] = np.split((ends[0] - ends[1]) / 2e-4, 2)
    np.testing.assert_allclose(ours, slopes, atol=0.02 * np.abs(slopes).max())
    exact = np.sqrt((slopes**2).sum(axis=0))
    np.testing.assert_allclose(fit.std_error, exact, rtol=0.01)
    points = predicted_incidence(fit, who, at)
    exact = np.sqrt((of_hazard**2).sum(axis=0))
    np.testing.assert_allclose(points.std_error / (1 - points.estimate), exact, rtol=0.02)


def test_delayed_entry_is_right_on_average():
    """Entry independent of the outcome: the truncated fit finds the coefficient of the whole."""
    rng = np.random.default_rng(6)
    n = 6000
    x = rng.integers(0, 2, n)
    # A proportional subdistribution hazard: F(t | x) = 1 - (1 - p (1 - exp(-t)))^exp(b x)
    p, b = 0.5, 0.7
    u = rng.random(n)
    p_x = 1 - (1 - p) ** np.exp(b * x)
    first = u < p_x
    inner = (1 - (1 - np.where(first, u, 0)) ** np.exp(-b * x)) / p
    time = np.where(first, -np.log1p(-inner), rng.exponential(1, n))
    censored = rng.uniform(0.5, 4, n)
    entry = np.where(rng.random(n) < 0.5, 0, rng.uniform(0, 0.8, n))
    exit_ = np.minimum(time, censored)
    event = np.where(time <= censored, np.where(first, 1, 2), 0)
    seen = entry < exit_
    history = History.of(
        entry=entry[seen], exit=exit_[seen], event=event[seen], states=STATES,
        covariates={"x": x[seen]},
    )  # fmt: skip
    for convention in ("crr", "finegray"):
        fit = fine_gray(history, ["x"], "sre", convention=convention)
        assert fit.variance == "robust"
        assert abs(fit.coefficients[0] - b) < 2.5 * fit.std_error[0]


@pytest.mark.parametrize("in_cache", [0, 20_000], ids=["in order of time", "as they come"])
@pytest.mark.parametrize("convention", ["crr", "finegray"])
def test_the_compiled_sandwich_is_the_same(monkeypatch, convention, in_cache):
    """Through events and through censoring, and of those who leave before any event."""
    rng = np.random.default_rng(8)
    n = 2500
    data = simulated(
        8, n=n, exit=rng.integers(1, 300, n), stratum=rng.integers(0, 2, n),
        weight=rng.uniform(0.5, 2, n),
    )  # fmt: skip
    data = data.where((data.to_state == CENSORED) | (data.exit > 5))
    options = {"convention": convention, "censoring_group": rng.integers(0, 3, len(data))}
    slow = fine_gray(data, ["x", "z"], "sre", **options)
    for module in (at_risk, design_matrix, partial_likelihood):
        monkeypatch.setattr(module, "COMPILE_FROM", 0)
    monkeypatch.setattr(at_risk, "_IN_CACHE", in_cache)
    fast = fine_gray(data, ["x", "z"], "sre", **options)
    assert fast.likelihood.at_risk.rows.size < len(data)
    np.testing.assert_allclose(fast.coefficients, slow.coefficients, rtol=1e-9)
    np.testing.assert_allclose(fast.covariance, slow.covariance, rtol=1e-9)


def test_the_compiled_path_is_the_same(monkeypatch):
    rng = np.random.default_rng(7)
    n = 2500
    entry = np.floor(rng.uniform(0, 60, n)) * (rng.random(n) < 0.4)
    data = simulated(
        7, n=n, entry=entry, exit=entry + rng.integers(1, 300, n), stratum=rng.integers(0, 2, n),
        weight=rng.uniform(0.5, 2, n),
    )  # fmt: skip
    options = {"convention": "finegray", "censoring_group": rng.integers(0, 3, n)}
    for ties in ("breslow", "efron"):
        slow = fine_gray(data, ["x", "z"], "sre", ties=ties, **options)
        with monkeypatch.context() as patched:
            for module in (at_risk, design_matrix, partial_likelihood):
                patched.setattr(module, "COMPILE_FROM", 0)
            fast = fine_gray(data, ["x", "z"], "sre", ties=ties, **options)
        np.testing.assert_allclose(fast.coefficients, slow.coefficients, rtol=1e-9)
        np.testing.assert_allclose(fast.covariance, slow.covariance, rtol=1e-9)


def test_the_compiled_sandwich_knows_censoring_where_risks_lie_far_apart(monkeypatch):
    """Compiled loops would subtract stratum from stratum there; what sums instead must not forget."""
    data = simulated(5, n=400, stratum=np.arange(400) % 2, strata=("a", "b"))
    slow = fine_gray(data, ["x", "z"], "sre", variance="sandwich")
    for module in (at_risk, design_matrix, partial_likelihood):
        monkeypatch.setattr(module, "COMPILE_FROM", 0)
    monkeypatch.setattr(partial_likelihood, "_FAR_APART", 0.01)
    fast = fine_gray(data, ["x", "z"], "sre", variance="sandwich")
    np.testing.assert_allclose(fast.covariance, slow.covariance, rtol=1e-9)


def test_an_arm_without_the_event_is_flagged():
    columns = {"exit": [5, 7, 9, 10, 2, 4, 6, 8], "event": [2, 0, 2, 0, 1, 1, 1, 0]}
    fit = fine_gray(history_of(**columns, x=[1, 1, 1, 1, 0, 0, 0, 0]), ["x"], "sre")
    assert fit.infinite == ("x",)
    assert np.isnan(fit.std_error[0])
    assert any("rises for ever" in caution for caution in fit.cautions)
    with pytest.raises(EstimateError, match="x is infinite"):
        predicted_incidence(fit, {"x": 1})


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, {"convention": "mets"}, '"mets".*"crr", "finegray"'),
        ({}, {"ties": "efron"}, '`ties` is "efron".*"breslow"'),
        (
            {"subject": [0, 0, 1, 2, 3], "entry": [0, 1, 0, 0, 0]},
            {},
            "5 intervals belong to 4 subjects",
        ),
        ({"entry": [0, 1, 0, 0, 0]}, {"variance": "sandwich"}, "not known for delayed entry"),
        ({}, {"censoring_group": [0, 1]}, "shape"),
        ({}, {"variance": "jackknife"}, '"jackknife"'),
        ({"entry": [0, 0, 2, 2, 2]}, {}, "late entrants"),
    ],
)
def test_mistakes(columns, options, message):
    with pytest.raises(EstimateError, match=message):
        fine_gray(history_of(**(FIVE | columns)), ["x"], "sre", **options)


def test_no_such_cause():
    with pytest.raises(EstimateError, match=r'no state "sree".*Did you mean "sre"'):
        fine_gray(history_of(**FIVE), ["x"], "sree")


def test_predictions_need_every_covariate():
    fit = fine_gray(history_of(**FIVE), ["x"], "sre")
    with pytest.raises(EstimateError, match="no value for x"):
        predicted_incidence(fit, {})
    with pytest.raises(EstimateError, match='"y" is no covariate'):
        predicted_incidence(fit, {"x": 1, "y": 2})
    assert np.isnan(predicted_incidence(fit, {"x": 0}, [9]).estimate[0])
