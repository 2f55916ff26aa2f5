"""Robust variances of what multi-state Cox models predict."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    multi_state_cox,
    predicted_hazards,
    predicted_length_of_stay,
    predicted_occupation,
    state_occupation,
)
from osteon.estimate.multi_state.prediction_influence import coefficient_pulls

from .test_multi_state_cox import AFTER, DIRECT, ILL, many, six


def reweighted(history, weight, **changes):
    given = {
        name: getattr(history, name)
        for name in ("entry", "exit", "from_state", "subject", "stratum")
    }
    names = {name: getattr(history, name) for name in ("states", "strata", "covariates")}
    event = np.maximum(history.to_state, 0)
    return History.of(**(given | names | {"event": event, "weight": weight} | changes))


def test_six_patients_by_hand():
    """One of six dies on day 1 without being ill: pulls of (1 - 1/6) / 6 and five of -1/36."""
    model = multi_state_cox(six(), {ILL: ["x"]}, ties="breslow", robust=True)
    hazards = predicted_hazards(model, {"x": 0})
    np.testing.assert_allclose(hazards.covariance[0, 1, 1], (25 + 5) / 36**2)
    # Two with the same event of two clusters' members: (5 - 1) / 36, twice -2/36.
    pairs = multi_state_cox(
        six(),
        {ILL: ["x"]},
        ties="breslow",
        cluster=["a", "a", "a", "b", "b", "b", "b", "c", "c", "c"],
    )
    hazards = predicted_hazards(pairs, {"x": 0})
    np.testing.assert_allclose(hazards.covariance[0, 1, 1], (16 + 4 + 4) / 36**2)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("factors", ["product", "exponential"])
@pytest.mark.parametrize("shared", [(), ((DIRECT, AFTER),)])
def test_pulls_are_derivatives(ties, factors, shared):
    """Refits with one patient's weight moved; strata, weights, a later start and tied days."""
    history = many(n=60)
    exit_ = np.floor(history.exit / 20) + 1
    entry = np.floor(history.entry / 20) + (history.from_state > 0)  # ill from that day's end on
    history = reweighted(
        history,
        np.random.default_rng(3).uniform(0.5, 2, len(history)),
        entry=entry,
        exit=np.maximum(np.minimum(exit_, 30), entry + 1),
        event=np.where(exit_ <= 30, np.maximum(history.to_state, 0), 0),
    ).where(entry < 30)
    who, days = {"x": 0, "age": 55}, [6, 15, 25]
    how = {"stratum": "b", "start": 2, "factors": factors}

    def fit(weight, **robust):
        return multi_state_cox(
            reweighted(history, weight), ["x", "age"], ties=ties, shared_baselines=shared, **robust
        )

    def numbers(weight):
        model = fit(weight)
        points = predicted_occupation(model, who, **how).at(days)
        stay = predicted_length_of_stay(model, who, 28, **how)
        return np.array([[*points[state].estimate, stay[state].estimate] for state in model.states])

    pulls = []
    for subject in np.unique(history.subject):
        mine = history.subject == subject
        moved = [numbers(history.weight * np.where(mine, 1 + e, 1)) for e in (1e-4, -1e-4)]
        pulls.append((moved[0] - moved[1]) / 2e-4)
    error = np.sqrt(np.sum(np.square(pulls), axis=0))
    model = fit(history.weight, robust=True)
    points = predicted_occupation(model, who, **how)
    assert points.variance == "jackknife"
    stay = predicted_length_of_stay(model, who, 28, **how)
    for state, theirs in zip(model.states, error, strict=True):
        ours = [*points.at(days)[state].std_error, stay[state].std_error]
        np.testing.assert_allclose(ours, theirs, rtol=2e-5)


def test_without_covariates_it_is_the_jackknife_of_aalen_and_johansen():
    """From being ill only the transition without covariates goes on."""
    history = many()
    weight = np.random.default_rng(1).uniform(0.5, 2, len(history))
    history = reweighted(history, weight, stratum=np.zeros(len(history)), strata=("all",))
    model = multi_state_cox(history, {ILL: ["x", "age"]}, ties="breslow", robust=True)
    ill = {"initial": {"ill": 1.0}}
    ours = predicted_occupation(model, {"x": 0, "age": 60}, **ill).at([200, 500, 900])
    theirs = state_occupation(history, variance="jackknife", **ill)["all"].at([200, 500, 900])
    for state in model.states:
        np.testing.assert_allclose(ours[state].std_error, theirs[state].std_error, atol=1e-12)
    assert ours["dead"].std_error.min() > 0.01


def test_pulls_add_up_to_nothing_and_to_the_covariance():
    model = multi_state_cox(many(), ["x", "age"], robust=True)
    pulls = coefficient_pulls(model)
    np.testing.assert_allclose(pulls.T @ pulls, model.fit.covariance, rtol=1e-9)
    hazards = predicted_hazards(model, {"x": 1, "age": 60}, stratum="a")
    for increments in hazards.pulls():
        np.testing.assert_allclose(increments.sum(axis=0), 0, atol=1e-10)


def test_rows_doubled_within_their_cluster_change_nothing():
    """Clones of one patient are one patient; the delta method takes them for two."""
    history = many(n=80)
    rows = np.repeat(np.arange(len(history)), 2)
    doubled = History.of(
        entry=history.entry[rows],
        exit=history.exit[rows],
        event=np.maximum(history.to_state, 0)[rows],
        from_state=history.from_state[rows],
        subject=2 * history.subject[rows] + np.arange(rows.size) % 2,
        stratum=history.stratum[rows],
        strata=history.strata,
        states=history.states,
        covariates={name: values[rows] for name, values in history.covariates.items()},
    )
    patients = {"once": history.subject, "twice": history.subject[rows]}
    who, errors = {"x": 1, "age": 60}, {}
    for name, data in (("once", history), ("twice", doubled)):
        for robust in (True, False):
            together = patients[name] if robust else None
            model = multi_state_cox(data, ["x", "age"], ties="breslow", cluster=together)
            found = predicted_occupation(model, who, stratum="a", factors="exponential").at(400)
            errors[name, robust] = [points.std_error.item() for points in found.values()]
    np.testing.assert_allclose(errors["twice", True], errors["once", True], rtol=1e-8)
    np.testing.assert_allclose(
        errors["twice", False], np.array(errors["once", False]) / np.sqrt(2), rtol=1e-8
    )


def test_where_the_model_holds_both_variances_are_alike():
    model = multi_state_cox(many(n=600), ["x", "age"])
    who = {"x": 0, "age": 60}
    for state in model.states:
        delta, jackknife = (
            predicted_occupation(model, who, stratum="a", variance=v).at(400)[state].std_error[0]
            for v in ("delta", "jackknife")
        )
        assert jackknife == pytest.approx(delta, rel=0.1)
