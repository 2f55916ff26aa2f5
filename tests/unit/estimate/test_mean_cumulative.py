import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    fixed_time,
    fixed_time_difference,
    kaplan_meier,
    mean_cumulative,
    mean_cumulative_test,
    ratio,
    risk_table,
)

STATES = ("bm", "sre", "dead")


def history(**columns):
    return History.of(**({"states": STATES} | columns))


def four_patients(**changes):
    """Events at 1 and 3, death at 5; death at 2; an event at 4, seen until 6; seen until 6."""
    columns = {
        "subject": [0, 0, 0, 1, 2, 2, 3],
        "entry": [0, 1, 3, 0, 0, 4, 0],
        "exit": [1, 3, 5, 2, 4, 6, 6],
        "event": [1, 1, 2, 2, 1, 0, 0],
    }
    return history(**(columns | changes))


def simulated(seed, n=40):
    """Tied times, late entry, deaths, weights: whole histories of n patients."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        entry = int(rng.integers(0, 6)) * int(rng.random() < 0.4)
        end = entry + int(rng.integers(1, 20))
        events = [t for t in range(entry + 1, end) if rng.random() < 0.15]
        for since, until in zip([entry, *events], [*events, end], strict=True):
            kind = 1 if until < end else 2 * int(rng.random() < 0.5)
            rows.append((i, since, until, kind))
    names = ("subject", "entry", "exit", "event")
    return dict(zip(names, np.array(rows).T, strict=True))


def test_by_hand():
    curve = mean_cumulative(four_patients(), "sre")["all"]
    assert curve.at_risk.tolist() == [4, 4, 3, 3, 3, 2]
    np.testing.assert_allclose(curve.estimate, [1 / 4, 1 / 4, 1 / 2, 3 / 4, 3 / 4, 3 / 4])
    assert curve.events.tolist() == [1, 0, 1, 1, 0, 0]
    assert curve.censored.tolist() == [0, 0, 0, 0, 0, 2]


@pytest.mark.parametrize("variance", ["ghosh-lin", "jackknife"])
def test_a_curve_names_its_variance(variance):
    assert mean_cumulative(four_patients(), "sre", variance=variance)["all"].variance == variance


def test_variance_by_hand():
    """At 1, one event of four: dM is 3/4 and -1/4 thrice, over Y = 4."""
    curve = mean_cumulative(four_patients(), "sre")["all"]
    assert curve.std_error[0] == pytest.approx(np.sqrt((9 + 3) / 16) / 4)
    # At 3: the death at 2 has changed S from 1 to 3/4, and the events at 3 count for less.
    at_1 = np.array([3, -1, -1, -1]) / 16
    at_3 = 3 / 4 * np.array([2, 0, -1, -1]) / 9
    death = 1 / 4 * np.array([-1, 3, -1, -1]) / 16  # mu(3) - mu(2) = 1/4
    psi = at_1 + at_3 - death
    assert curve.std_error[2] == pytest.approx(np.sqrt(psi @ psi))


def test_deaths_as_censoring_are_the_nelson_aalen_estimate():
    curve = mean_cumulative(four_patients(), "sre", terminal=())["all"]
    np.testing.assert_allclose(curve.estimate, [1 / 4, 1 / 4 + 1 / 3, 1 / 4 + 2 / 3, 1 / 4 + 2 / 3])


def test_an_event_on_the_day_of_a_death_counts_before_it():
    curve = mean_cumulative(history(exit=[3, 3], event=[1, 2]), "sre")["all"]
    assert curve.estimate.tolist() == [0.5]


def test_nobody_left_no_more_events():
    curve = mean_cumulative(history(exit=[1, 2], event=[2, 2]), "sre", variance="jackknife")["all"]
    assert curve.estimate.tolist() == [0, 0]
    assert curve.std_error.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_the_jackknife_is_a_derivative(seed):
    columns = simulated(seed)

    def mean(weight):
        curve = mean_cumulative(history(**columns, weight=weight), "sre")["all"]
        return curve.estimate

    slopes = []
    for subject in np.unique(columns["subject"]):
        nudge = 1e-5 * (columns["subject"] == subject)
        slopes.append((mean(1 + nudge) - mean(1 - nudge)) / 2e-5)
    curve = mean_cumulative(history(**columns), "sre", variance="jackknife")["all"]
    np.testing.assert_allclose(curve.std_error, np.linalg.norm(slopes, axis=0), rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_first_events_that_end_all_give_their_incidence(seed):
    """Where every subject's first event is the last, it counts who had one: 1 - Kaplan-Meier."""
    rng = np.random.default_rng(seed)
    event = rng.random(50) < 0.6
    exit_ = rng.integers(1, 15, 50) + np.where(event, 0, 0.75)
    curve = mean_cumulative(
        history(
            subject=np.concatenate([np.arange(50), np.arange(50)[event]]),
            entry=np.concatenate([np.zeros(50), exit_[event]]),
            exit=np.concatenate([exit_, exit_[event] + 0.5]),
            event=np.concatenate([event, np.full(event.sum(), 2)]),
        ),
        "sre",
    )["all"]
    # Death follows at once: nobody who had an event is at risk of another one.
    survival = kaplan_meier(risk_table(History.of(exit=exit_, event=event)))["all"]
    at = survival.time[survival.events > 0]
    np.testing.assert_allclose(curve.at(at).estimate, 1 - survival.at(at).estimate)


@pytest.mark.parametrize("seed", range(5))
def test_how_follow_up_is_cut_and_ordered_does_not_matter(seed):
    columns = simulated(seed)
    whole = mean_cumulative(history(**columns), "sre")["all"]
    middle = (columns["entry"] + columns["exit"]) / 2
    halves = {
        "subject": np.tile(columns["subject"], 2),
        "entry": np.concatenate([columns["entry"], middle]),
        "exit": np.concatenate([middle, columns["exit"]]),
        "event": np.concatenate([0 * columns["event"], columns["event"]]),
    }
    order = np.random.default_rng(seed).permutation(halves["exit"].size)
    cut = mean_cumulative(history(**{k: v[order] for k, v in halves.items()}), "sre")["all"]
    for name in ("time", "at_risk", "events", "censored", "estimate", "std_error"):
        np.testing.assert_allclose(getattr(cut, name), getattr(whole, name), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_two_copies_of_everyone_halve_the_variance(seed):
    columns = simulated(seed)
    n = int(columns["subject"].max()) + 1
    twice = {k: np.tile(v, 2) for k, v in columns.items()}
    twice["subject"][columns["subject"].size :] += n
    one, two = (mean_cumulative(history(**c), "sre")["all"] for c in (columns, twice))
    np.testing.assert_allclose(two.estimate, one.estimate)
    np.testing.assert_allclose(two.std_error, one.std_error / np.sqrt(2))
    # A weight of 2 is no second patient: the influence doubles, and nothing is learnt.
    weighted = mean_cumulative(history(**columns, weight=np.full(len(columns["exit"]), 2)), "sre")
    np.testing.assert_allclose(weighted["all"].std_error, one.std_error)


def test_start():
    """From day 2 the death at 2 is past; later entry is the same as an earlier one."""
    curve = mean_cumulative(four_patients(), "sre", start=2)["all"]
    np.testing.assert_allclose(curve.estimate, [1 / 3, 2 / 3, 2 / 3, 2 / 3])
    entered = mean_cumulative(
        history(subject=[0, 0, 2, 2, 3], entry=[2, 3, 2, 4, 2], exit=[3, 5, 4, 6, 6],
                event=[1, 2, 1, 0, 0]),
        "sre",
    )["all"]  # fmt: skip
    np.testing.assert_allclose(curve.std_error, entered.std_error)


def test_limits():
    logs = mean_cumulative(four_patients(), "sre")["all"]
    plain = mean_cumulative(four_patients(), "sre", interval="plain", conf_level=0.9)["all"]
    np.testing.assert_allclose(logs.conf_low * logs.conf_high, logs.estimate**2)
    np.testing.assert_allclose(
        plain.conf_high - plain.estimate, 1.6448536269514722 * plain.std_error
    )
    assert (plain.conf_low >= 0).all()


def test_strata():
    curves = mean_cumulative(four_patients(stratum=[0, 0, 0, 1, 0, 0, 1], strata=("a", "b")), "sre")
    np.testing.assert_allclose(curves["a"].at(4).estimate, 1.5)
    assert curves["b"].estimate.tolist() == [0, 0]


def test_means_at_a_time_are_compared_as_other_curves_are():
    columns = simulated(2)
    group = columns["subject"] % 2
    curves = mean_cumulative(history(**columns, stratum=group, strata=("a", "b")), "sre")
    a, b = (fixed_time(curves[name], 12) for name in ("a", "b"))
    difference = fixed_time_difference(curves["a"], curves["b"], 12)
    assert difference.estimate == pytest.approx(a.estimate - b.estimate)
    assert difference.std_error == pytest.approx(np.hypot(a.std_error, b.std_error))
    assert ratio(a, b).estimate == pytest.approx(a.estimate / b.estimate)


def test_the_two_sample_test_by_hand():
    """Each group one event of two at risk, at 1 and at 2: K = 2 * 2 / 4, then 1 * 2 / 3."""
    test = mean_cumulative_test(
        history(
            subject=[0, 1, 2, 3, 3], entry=[0, 0, 0, 0, 2], exit=[1, 4, 4, 2, 4],
            event=[2, 0, 0, 1, 0], stratum=[0, 0, 1, 1, 1], strata=("a", "b"),
        ),
        "sre",
    )  # fmt: skip
    assert test.difference == pytest.approx(-(2 / 3) * (1 / 2))
    assert test.std_error == pytest.approx(2 / 3 * np.sqrt(2) / 4)
    assert test.z == pytest.approx(-1 / np.sqrt(2) * np.sqrt(2) * np.sqrt(2))
    assert test.p_value == pytest.approx(0.15729920705028513)


def test_groups_exchanged_change_the_sign():
    columns = simulated(1)
    group = columns["subject"] % 2
    a, b = (
        mean_cumulative_test(history(**columns, stratum=g, strata=("a", "b")), "sre")
        for g in (group, 1 - group)
    )
    assert a.z == pytest.approx(-b.z)


def test_no_event_no_evidence():
    test = mean_cumulative_test(
        history(exit=[1, 2], event=[2, 2], stratum=[0, 1], strata=("a", "b")), "sre"
    )
    assert test.difference == 0
    assert np.isnan(test.p_value)


def test_mistakes():
    with pytest.raises(EstimateError, match='"sra" is no state that can be entered'):
        mean_cumulative(four_patients(), "sra")
    with pytest.raises(EstimateError, match="2 subjects are still seen after a terminal event"):
        mean_cumulative(four_patients(), "dead", terminal=["sre"])
    with pytest.raises(EstimateError, match="1 interval of 1 subject overlap"):
        mean_cumulative(history(exit=[1, 2], event=[0, 0], subject=[0, 0]), "sre")
    with pytest.raises(EstimateError, match='nobody is under observation in "all" after day 6'):
        mean_cumulative(four_patients(), "sre", start=6)
    with pytest.raises(EstimateError, match="`cluster` has shape"):
        mean_cumulative(four_patients(), "sre", cluster=[1, 2])
    with pytest.raises(EstimateError, match='Did you mean "jackknife"'):
        mean_cumulative(four_patients(), "sre", variance="jacknife")
    with pytest.raises(EstimateError, match="1 groups to compare"):
        mean_cumulative_test(four_patients(), "sre")
