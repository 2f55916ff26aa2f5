import numpy as np
import pytest
from hypothesis import given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    fixed_time_difference,
    kaplan_meier,
    length_of_stay,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_cumulative_incidence,
    robust_fixed_time_difference,
    robust_fixed_time_ratio,
    robust_kaplan_meier,
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_ratio,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
)

from .test_properties import STATES, columns, history_of

FOUR = {"exit": [2, 4, 6, 12], "event": [1, 0, 1, 0]}


def test_four_subjects_by_hand():
    """Areas to come of 4.5 and 1.5 days: the first pulls by -4.5 (3/4) / 3, the third by
    +4.5 (1/4) / 3 - 1.5 (1/2)."""
    history = History.of(**FOUR)
    alone = robust_restricted_mean(history, 10)["all"]
    np.testing.assert_allclose(alone.std_error**2, 2 * 1.125**2 + 2 * 0.375**2)
    pair = robust_restricted_mean(history, 10, cluster=["a", "b", "a", "c"])["all"]
    np.testing.assert_allclose(pair.std_error**2, 1.5**2 + 0.375**2 + 1.125**2)
    assert np.isnan(pair.p_value)


def test_a_weight_counts_as_one_patient_by_hand():
    """One of weight 2 dies at day 1 among a weight of 4: S = 1/2, pulls -1/2 * 2/4 and +1/8 * 2."""
    history = History.of(exit=[1, 3, 3], event=[1, 0, 0], weight=[2, 1, 1])
    gap = robust_restricted_mean(history, 3)["all"]
    assert gap.estimate == 2.0
    np.testing.assert_allclose(gap.std_error**2, (2 * 0.5) ** 2 / 4 + 2 * (2 * 0.125) ** 2)


def test_pairs_by_hand():
    """A pair that dies in both groups pulls the difference by -3/16 + 2/16, and so on."""
    history = History.of(
        exit=[1, 5, 5, 5, 1, 2, 5, 5],
        event=[1, 0, 0, 0, 1, 1, 0, 0],
        stratum=[0, 0, 0, 0, 1, 1, 1, 1],
        strata=("a", "b"),
    )
    pairs = [1, 2, 3, 4] * 2
    gap = robust_fixed_time_difference(history, "a", "b", 4, cluster=pairs)
    pulls = np.array([-3, 1, 1, 1]) / 16 - np.array([-2, -2, 2, 2]) / 16
    np.testing.assert_allclose(gap.std_error**2, np.sum(pulls**2))
    ratio = robust_fixed_time_ratio(history, "a", "b", 4, cluster=pairs)
    on_log = np.array([-3, 1, 1, 1]) / 12 - np.array([-2, -2, 2, 2]) / 8
    np.testing.assert_allclose(ratio.std_error**2, np.sum(on_log**2))
    assert ratio.estimate == 1.5


@given(columns(delayed=False, min_size=4))
def test_without_weights_and_late_entry_it_is_the_tables(data):
    history = history_of(data, stratum=None, strata=None)
    table = risk_table(history)
    curve = kaplan_meier(table)["all"]
    for horizon in (curve.end, curve.end / 2):
        plain = restricted_mean(curve, horizon)
        robust = robust_restricted_mean(history, horizon)["all"]
        assert robust.estimate == plain.estimate
        np.testing.assert_allclose(robust.std_error, plain.std_error, rtol=1e-9, atol=1e-9)
        lost = restricted_mean_time_lost(table, horizon)["all"]
        for cause, ours in robust_restricted_mean_time_lost(history, horizon)["all"].items():
            np.testing.assert_allclose(ours.std_error, lost[cause].std_error, rtol=1e-6, atol=1e-6)


@given(columns(min_size=4))
def test_it_is_the_jackknife_of_the_length_of_stay(data):
    """The multi-state recursion, which shares no code with these pulls, has the same answer."""
    history = history_of(data, weight=1.0 + data["event"], stratum=None, strata=None)
    cluster = np.arange(data["exit"].size) // 2
    horizon = float(data["exit"].max())
    stay = length_of_stay(history, horizon, variance="jackknife", cluster=cluster)["all"]
    lost = robust_restricted_mean_time_lost(history, horizon, cluster=cluster)["all"]
    mean = robust_restricted_mean(history, horizon, cluster=cluster)["all"]
    for state, ours in (lost | {STATES[0]: mean}).items():
        np.testing.assert_allclose(ours.estimate, stay[state].estimate, atol=1e-9)
        np.testing.assert_allclose(ours.std_error, stay[state].std_error, rtol=1e-7, atol=1e-7)


@given(columns(min_size=6))
def test_a_fixed_time_is_a_point_of_the_robust_curve(data):
    """Clusters within groups: the variances of the two curves add up."""
    history = history_of(data, weight=1.0 + data["event"])
    if np.unique(data["stratum"]).size < 2:
        return
    cluster = 100 * data["stratum"] + np.arange(data["exit"].size) // 2
    curves = robust_kaplan_meier(history, cluster=cluster)
    time = min(curve.end for curve in curves.values())
    at = {name: curve.at(time) for name, curve in curves.items()}
    if all(points.estimate[0] > 0 for points in at.values()):
        gap = robust_fixed_time_difference(history, "a", "b", time, cluster=cluster)
        apart = fixed_time_difference(curves["a"], curves["b"], time)
        np.testing.assert_allclose(
            (gap.estimate, gap.std_error), (apart.estimate, apart.std_error), rtol=1e-9, atol=1e-12
        )
    for cause in ("sre", "dead"):
        incidence = robust_cumulative_incidence(history, cluster=cluster)
        gap = robust_fixed_time_difference(history, "b", "a", time, cause=cause, cluster=cluster)
        errors = [incidence[name][cause].at(time).std_error[0] for name in "ab"]
        if all(incidence[name][cause].at(time).estimate[0] < 1 for name in "ab"):
            np.testing.assert_allclose(gap.std_error, np.hypot(*errors), rtol=1e-7, atol=1e-9)


@given(columns(min_size=4))
def test_a_scale_of_the_weights_and_the_order_of_rows_do_not_matter(data):
    once, thrice = (history_of(data, weight=w * (1.0 + data["event"])) for w in (1, 3))
    back = history_of(data, slice(None, None, -1), weight=1.0 + data["event"][::-1])
    tables = kaplan_meier(risk_table(once))
    horizon = min(curve.end for curve in tables.values())
    if horizon == 0:
        return
    means = [robust_restricted_mean(h, horizon) for h in (once, thrice, back)]
    for name in once.strata:
        errors = [mean[name].std_error for mean in means]
        np.testing.assert_allclose(errors, errors[0], rtol=1e-9, atol=1e-9)


def test_twins_in_both_groups_differ_by_nothing():
    """Every patient cloned into both arms, alike: the difference is 0, without error."""
    twice = {name: np.tile(values, 2) for name, values in FOUR.items()}
    history = History.of(
        **twice, stratum=np.repeat([0, 1], 4), strata=("a", "b"), states=("free", "dead")
    )
    clones = np.tile(np.arange(4), 2)
    for gap in (
        robust_restricted_mean_difference(history, "a", "b", 10, cluster=clones),
        robust_restricted_mean_time_lost_difference(history, "a", "b", "dead", 10, cluster=clones),
        robust_fixed_time_difference(history, "a", "b", 7, cluster=clones),
        robust_fixed_time_difference(history, "a", "b", 7, cause="dead", cluster=clones),
    ):
        assert (gap.estimate, gap.std_error) == (0.0, 0.0)
    ratio = robust_restricted_mean_ratio(history, "a", "b", 10, cluster=clones)
    assert (ratio.estimate, ratio.std_error) == (1.0, 0.0)
    apart = robust_restricted_mean_difference(history, "a", "b", 10)
    np.testing.assert_allclose(apart.std_error, np.sqrt(2 * 2.8125))


def test_one_cause_among_two():
    """Bone counts and death censors: as the history in which death does censor."""
    exit_, event = [2, 3, 5, 7, 9], np.array([1, 2, 1, 2, 0])
    both = History.of(exit=exit_, event=event, states=("free", "bone", "dead"))
    bone = History.of(exit=exit_, event=event == 1, states=("free", "bone"))
    ours = robust_restricted_mean(both, 8, causes=["bone"])["all"]
    theirs = robust_restricted_mean(bone, 8)["all"]
    assert (ours.estimate, ours.std_error) == (theirs.estimate, theirs.std_error)


def test_a_later_start_is_as_if_they_had_entered_then():
    history = History.of(exit=[1, 4, 6, 9, 12], event=[1, 1, 0, 1, 0])
    late = History.of(entry=[3] * 4, exit=[4, 6, 9, 12], event=[1, 0, 1, 0])
    ours, theirs = (robust_restricted_mean(h, 10, start=3)["all"] for h in (history, late))
    np.testing.assert_allclose(ours.std_error, theirs.std_error)
    assert ours.estimate == theirs.estimate


def test_mistakes():
    history = History.of(**FOUR, stratum=[0, 1, 0, 1], strata=("a", "b"))
    with pytest.raises(EstimateError, match=r"horizon is day 10.*day 0 to day 6") as refused:
        robust_restricted_mean(History.of(exit=[2, 6], event=[1, 0]), 10)
    assert "patient" not in str(refused.value)
    with pytest.raises(EstimateError, match='no stratum "c"'):
        robust_restricted_mean_difference(history, "a", "c", 4)
    with pytest.raises(EstimateError, match='no stratum "c"'):
        robust_fixed_time_difference(history, "a", "c", 4)
    with pytest.raises(EstimateError, match='no cause "sre"'):
        robust_fixed_time_difference(history, "a", "b", 4, cause="sre")
    with pytest.raises(EstimateError, match='no cause "sre"'):
        robust_restricted_mean_time_lost_difference(history, "a", "b", "sre", 4)
    with pytest.raises(EstimateError, match=r"`cluster` has shape \(3,\)"):
        robust_restricted_mean(history, 4, cluster=[1, 2, 3])
    with pytest.raises(EstimateError, match="no value at day 20"):
        robust_fixed_time_difference(history, "b", "a", 20)
