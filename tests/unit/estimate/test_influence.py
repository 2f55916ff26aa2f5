import numpy as np
import pytest
from hypothesis import assume, given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    nelson_aalen,
    risk_table,
    robust_cumulative_incidence,
    robust_kaplan_meier,
    robust_nelson_aalen,
)
from osteon.estimate.curves import influence

from .test_properties import STATES, columns, history_of

FOUR = {"exit": [2, 3, 5, 7], "event": [1, 1, 0, 1]}


def test_four_subjects_by_hand():
    """S = 3/4 after day 2: the first pulls it by -S (1 - 1/4) / 3, each other by S (1/4) / 3."""
    history = History.of(**FOUR)
    curve = robust_kaplan_meier(history)["all"]
    pulls = np.array([-0.1875, 0.0625, 0.0625, 0.0625])
    np.testing.assert_allclose(curve.std_error[0] ** 2, np.sum(pulls**2))
    together = robust_kaplan_meier(history, cluster=["a", "b", "c", "a"])["all"]
    np.testing.assert_allclose(together.std_error[0] ** 2, 0.125**2 + 2 * 0.0625**2)
    assert together.variance == "jackknife"


def numerical(history, estimate, at):
    """The same pulls by differences: every weight moved a little, one after the other."""
    step = 1e-6
    squares = 0.0
    for i in range(len(history)):
        moved = []
        for sign in (1, -1):
            weight = history.weight.copy()
            weight[i] += sign * step
            moved.append(estimate(reweighted(history, weight)).at(at).estimate)
        squares = squares + (history.weight[i] * (moved[0] - moved[1]) / (2 * step)) ** 2
    return np.sqrt(squares)


def reweighted(history, weight):
    return History.of(
        entry=history.entry,
        exit=history.exit,
        event=history.to_state,
        weight=weight,
        states=history.states,
    )


@pytest.fixture
def weighted():
    rng = np.random.default_rng(3)
    entry = rng.integers(0, 4, 30)
    return History.of(
        entry=entry,
        exit=entry + rng.integers(1, 9, 30),
        event=rng.integers(0, 3, 30),
        weight=rng.random(30) + 0.5,
        states=("free", "sre", "dead"),
    )


def test_pulls_are_derivatives(weighted):
    at = [2, 4, 6, 8]
    for robust, plain in (
        (robust_kaplan_meier, kaplan_meier),
        (robust_nelson_aalen, nelson_aalen),
        (robust_cumulative_incidence, cumulative_incidence),
    ):
        causes = ("sre", "dead") if plain is cumulative_incidence else (None,)
        for cause in causes:
            ours = robust(weighted)["all"]
            ours = ours if cause is None else ours[cause]

            def estimate(history, plain=plain, cause=cause):
                curves = plain(risk_table(history))["all"]
                return curves if cause is None else curves[cause]

            theirs = numerical(weighted, estimate, at)
            np.testing.assert_allclose(ours.at(at).std_error, theirs, rtol=1e-6)


@given(columns(delayed=False))
def test_without_weights_and_late_entry_it_is_greenwoods(data):
    history = history_of(data)
    seen = np.bincount(history.stratum, minlength=len(history.strata))
    assume((seen != 1).all())  # of one patient alone the robust error is nan
    table = risk_table(history)
    for name, curve in robust_kaplan_meier(history).items():
        plain = kaplan_meier(table)[name]
        np.testing.assert_allclose(curve.std_error, plain.std_error, rtol=1e-9, atol=1e-12)
    klein = nelson_aalen(table, variance="klein")
    for name, curve in robust_nelson_aalen(history).items():
        np.testing.assert_allclose(curve.std_error, klein[name].std_error, rtol=1e-9, atol=1e-12)
    for name, curves in robust_cumulative_incidence(history).items():
        for cause, curve in curves.items():
            delta = cumulative_incidence(table)[name][cause]
            np.testing.assert_allclose(curve.std_error, delta.std_error, rtol=1e-6, atol=1e-7)


@given(columns())
def test_a_scale_of_the_weights_does_not_matter(data):
    once, thrice = (history_of(data, weight=w * (1.0 + data["event"])) for w in (1, 3))
    for robust in (robust_kaplan_meier, robust_nelson_aalen, robust_cumulative_incidence):
        for name, curve in robust(once).items():
            for cause in STATES[1:] if isinstance(curve, dict) else (None,):
                a, b = (
                    curves if cause is None else curves[cause]
                    for curves in (curve, robust(thrice)[name])
                )
                np.testing.assert_allclose(a.std_error, b.std_error, rtol=1e-9, atol=1e-12)


def test_small_parts_give_the_same_sum(weighted, monkeypatch):
    clusters = np.arange(30) % 11
    whole = robust_kaplan_meier(weighted, cluster=clusters)["all"].std_error
    monkeypatch.setattr(influence, "_CELLS", 1)
    parts = robust_kaplan_meier(weighted, cluster=clusters)["all"].std_error
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_a_patient_cut_in_two_is_one_patient(weighted):
    cut = weighted.exit - weighted.entry > 3
    pieces = History.of(
        entry=np.concatenate([weighted.entry, weighted.entry[cut] + 2]),
        exit=np.concatenate([np.where(cut, weighted.entry + 2, weighted.exit), weighted.exit[cut]]),
        event=np.concatenate([np.where(cut, 0, weighted.to_state), weighted.to_state[cut]]),
        weight=np.concatenate([weighted.weight, weighted.weight[cut]]),
        subject=np.concatenate([weighted.subject, weighted.subject[cut]]),
        states=weighted.states,
    )
    at = [3, 5, 7]
    for robust in (robust_kaplan_meier, robust_nelson_aalen):
        a, b = robust(weighted)["all"].at(at), robust(pieces)["all"].at(at)
        np.testing.assert_allclose(a.std_error, b.std_error, rtol=1e-12)


def test_mistakes():
    history = History.of(**FOUR)
    with pytest.raises(EstimateError, match=r"`cluster` has shape \(3,\)"):
        robust_kaplan_meier(history, cluster=[1, 2, 3])
    with pytest.raises(EstimateError, match="`cluster` misses a value"):
        robust_kaplan_meier(history, cluster=[1, 2, None, 3])
    with pytest.raises(EstimateError, match="`cluster` misses a value"):
        robust_kaplan_meier(history, cluster=[1, 2, np.nan, 3])
