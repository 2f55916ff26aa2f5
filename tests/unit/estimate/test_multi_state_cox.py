import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    multi_state_cox,
    predicted_hazards,
    predicted_length_of_stay,
    predicted_occupation,
    state_occupation,
)

STATES = ("well", "ill", "dead")
ILL, DIRECT, AFTER = ("well", "ill"), ("well", "dead"), ("ill", "dead")


def six(**changes):
    """Six patients; falling ill is data set E1 of Therneau & Grambsch (2000), x = 1 in the first.

    Ill at 1, 6, 6, 9; censored for illness by death at 1 and 8; deaths after illness at 5, 9, 7, 12.
    """
    columns = {
        "subject": [0, 0, 1, 2, 2, 3, 3, 4, 5, 5],
        "entry": [0, 1, 0, 0, 6, 0, 6, 0, 0, 9],
        "exit": [1, 5, 1, 6, 9, 6, 7, 8, 9, 12],
        "from_state": [0, 1, 0, 0, 1, 0, 1, 0, 0, 1],
        "event": [1, 2, 2, 1, 2, 1, 2, 2, 1, 2],
        "covariates": {
            "x": [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
            "z": [6, 6, 5, 4, 4, 3, 3, 2, 1, 1],
        },
    }
    return History.of(**(columns | {"states": STATES} | changes))


def many(seed=4, n=150):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        x, age, group = rng.integers(0, 2), rng.normal(60, 8), rng.integers(0, 2)
        ill, dead = rng.exponential(300 * np.exp(0.4 * x)), rng.exponential(900)
        end, shared = rng.uniform(200, 1500), (x, age, group)
        first = np.ceil(min(ill, dead, end))
        rows.append((i, 0, first, 0, (first < end) * (1 + (dead < ill)), *shared))
        if ill < min(dead, end):
            last = np.ceil(first + min(rng.exponential(400), end))
            rows.append((i, first, last, 1, 2 * (rng.random() < 0.7), *shared))
    subject, entry, exit_, origin, event, x, age, group = np.array(rows).T
    return History.of(
        subject=subject,
        entry=entry,
        exit=exit_,
        from_state=origin,
        event=event,
        stratum=group,
        strata=("a", "b"),
        states=STATES,
        covariates={"x": x, "age": age},
    )


def test_six_patients_by_hand():
    """Breslow: exp(beta) = r = (3 + sqrt(33)) / 2; increments for x = 0 are 1/(3r+3), 2/(r+3), 1."""
    model = multi_state_cox(six(), {ILL: ["x"]}, ties="breslow")
    r = (3 + np.sqrt(33)) / 2
    assert model.hazard_ratios[ILL]["x"].estimate == pytest.approx(r)
    hazards = predicted_hazards(model, {"x": 0})
    to_ill = hazards.increments[np.searchsorted(hazards.time, [1, 6, 9]), 0]
    np.testing.assert_allclose(to_ill, [1 / (3 * r + 3), 2 / (r + 3), 1])
    points = predicted_occupation(model, {"x": 0}).at([1, 5, 6])
    well = 1 - 1 / 6 - 1 / (3 * r + 3)  # one of six dies at once
    np.testing.assert_allclose(points["well"].estimate, [well, well, well * (1 - 2 / (r + 3))])
    np.testing.assert_allclose(points["ill"].estimate[:2], [1 / (3 * r + 3), 0], atol=1e-15)
    np.testing.assert_allclose(points["dead"].estimate[1:], 1 / 6 + 1 / (3 * r + 3))


def test_variance_of_one_increment_by_hand():
    """At the first time Var dA = (1/S0)^2 + (dA (z - mean))^2 / I; direct death adds 1/36."""
    model = multi_state_cox(six(), {ILL: ["x"]}, ties="breslow")
    r = (3 + np.sqrt(33)) / 2
    s0, mean = 3 * r + 3, 3 * r / (3 * r + 3)
    hazard = (1 / s0) ** 2 + (mean / s0) ** 2 * model.fit.covariance[0, 0]
    points = predicted_occupation(model, {"x": 0}).at(1)
    np.testing.assert_allclose(points["ill"].std_error ** 2, hazard)
    np.testing.assert_allclose(points["dead"].std_error ** 2, 1 / 36)
    np.testing.assert_allclose(points["well"].std_error ** 2, hazard + 1 / 36)


@pytest.mark.parametrize("factors", ["product", "exponential"])
@pytest.mark.parametrize("variance", ["delta", "increments"])
def test_states_add_up_to_one(factors, variance):
    model = multi_state_cox(many(), ["x", "age"])
    at = {"x": 1, "age": 60}
    occupied = predicted_occupation(model, at, stratum="a", factors=factors, variance=variance)
    np.testing.assert_allclose(occupied.estimate.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(occupied.covariance.sum(axis=2), 0, atol=1e-12)
    assert (np.diff(occupied.estimate[2]) >= -1e-12).all()


def test_a_covariate_without_effect_leaves_aalen_johansen():
    """The same patients under x = 0 and x = 1: the coefficient is 0, and the curve everybody's."""
    plain, n = six(), len(six())
    twice = {k: np.tile(getattr(plain, k), 2) for k in ("entry", "exit", "from_state")}
    both = History.of(
        **twice,
        subject=np.concatenate([plain.subject, plain.subject + 10]),
        event=np.tile(np.maximum(plain.to_state, 0), 2),
        states=STATES,
        covariates={"x": np.repeat([0, 1], n)},
    )
    model = multi_state_cox(both, {ILL: ["x"], AFTER: ["x"]}, ties="breslow")
    np.testing.assert_allclose(model.fit.coefficients, 0, atol=1e-12)
    predicted = predicted_occupation(model, {"x": 0.5})
    occupied = state_occupation(both)["all"]
    np.testing.assert_allclose(predicted.estimate, occupied.estimate, atol=1e-12)
    assert (predicted.at_risk == occupied.at_risk).all()
    assert (predicted.events == occupied.events).all()


def test_covariates_by_transition_and_a_later_start():
    model = multi_state_cox(many(), ["x"])
    same = predicted_occupation(model, {"x": 1}, stratum="b", start=200, initial={"ill": 1.0})
    each = {transition: {"x": 1} for transition in model.transitions}
    apart = predicted_occupation(model, each, stratum="b", start=200, initial={"ill": 1.0})
    np.testing.assert_array_equal(same.estimate, apart.estimate)
    assert same.estimate[0].max() == 0
    each[AFTER] = {"x": 0}
    assert (predicted_occupation(model, each, stratum="b").estimate != same.estimate[:, :1]).any()


def test_a_shared_baseline_makes_proportional_increments():
    model = multi_state_cox(many(), ["x"], shared_baselines=[(DIRECT, AFTER)])
    hazards = predicted_hazards(model, {"x": 0}, stratum="a")
    ratio = model.hazard_ratios[AFTER]["baseline"].estimate
    np.testing.assert_allclose(hazards.increments[:, 2], ratio * hazards.increments[:, 1])
    assert hazards.noise.shape[1] == 2
    occupied = predicted_occupation(model, {"x": 0}, stratum="a")
    np.testing.assert_allclose(occupied.estimate.sum(axis=0), 1, atol=1e-12)


def test_the_clock_restarts_on_entering_a_state():
    """Two rows of one stay keep one clock."""
    history = six(
        entry=[0, 1, 0, 0, 6, 0, 6, 0, 0, 9],
        exit=[1, 5, 1, 6, 9, 6, 7, 8, 9, 12],
    )
    split = History.of(
        subject=np.append(history.subject, 0),
        entry=np.append(history.entry, 3),
        exit=np.append(np.where(history.exit == 5, 3, history.exit), 5),
        from_state=np.append(history.from_state, 1),
        event=np.append(np.where(history.exit == 5, 0, history.to_state), 2),
        states=STATES,
        covariates={k: np.append(v, v[0]) for k, v in history.covariates.items()},
    )
    whole, parts = (
        multi_state_cox(h, {ILL: ["x"], AFTER: ["z"]}, clock="reset") for h in (history, split)
    )
    np.testing.assert_allclose(whole.fit.coefficients, parts.fit.coefficients)
    assert whole.fit.history.exit.max() == 9  # the longest stay, not day 12


def test_order_of_rows_does_not_matter():
    history = many()
    rows = np.random.default_rng(1).permutation(len(history))
    a, b = (multi_state_cox(h, ["x", "age"]) for h in (history, history.where(rows)))
    np.testing.assert_allclose(a.fit.coefficients, b.fit.coefficients, rtol=1e-9)
    at = {"x": 0, "age": 55}
    pair = [predicted_occupation(m, at, stratum="a") for m in (a, b)]
    np.testing.assert_allclose(pair[0].std_error, pair[1].std_error, rtol=1e-8, atol=1e-12)


def test_mistakes():
    history = six()
    for covariates, options, message in (
        ({ILL: ["y"]}, {}, 'no covariate "y"'),
        ({("ill", "well"): ["x"]}, {}, "nobody goes from ill to well"),
        ({}, {}, "use `state_occupation`"),
        ({ILL: ["x"]}, {"clock": "back"}, '"forward", "reset"'),
        ({ILL: ["x"]}, {"shared_baselines": [(DIRECT, AFTER), (AFTER,)]}, "two shared baselines"),
    ):
        with pytest.raises(EstimateError, match=message):
            multi_state_cox(history, covariates, **options)
    late = history.where(np.arange(len(history)) != 0)
    with pytest.raises(EstimateError, match="1 subjects are first seen"):
        multi_state_cox(late, {AFTER: ["x"]}, clock="reset")
    model = multi_state_cox(history, {ILL: ["x"]})
    for at, options, message in (
        ({"y": 1}, {}, 'no value of "x" for well to ill'),
        ({"x": 0}, {"stratum": "b"}, 'no stratum "b"'),
        ({"x": 0}, {"variance": "aalen"}, '"delta", "increments"'),
        ({"x": 0}, {"factors": "log"}, '"product", "exponential"'),
        ({"x": 9}, {}, "more than everybody would leave"),
    ):
        with pytest.raises(EstimateError, match=message):
            predicted_occupation(model, at, **options)
    with pytest.raises(EstimateError, match="the model has several strata"):
        predicted_occupation(multi_state_cox(many(), ["x"]), {"x": 0})
    with pytest.raises(EstimateError, match="the clock was reset"):
        predicted_occupation(multi_state_cox(history, {ILL: ["x"]}, clock="reset"), {"x": 0})
    robust = multi_state_cox(history, {ILL: ["x"]}, robust=True)
    for variance in ("delta", "increments"):
        with pytest.raises(EstimateError, match="the model is robust"):
            predicted_occupation(robust, {"x": 0}, variance=variance)
    with pytest.raises(EstimateError, match="the model is robust"):
        predicted_length_of_stay(robust, {"x": 0}, 5, variance="delta")
    with pytest.raises(EstimateError, match='"delta", "jackknife"'):
        predicted_length_of_stay(robust, {"x": 0}, 5, variance="increments")
