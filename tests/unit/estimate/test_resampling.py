import sys

import numpy as np
import pytest
from hypothesis import given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    bootstrap,
    bootstrap_difference,
    bootstrap_estimate,
    bootstrap_limits,
    bootstrap_weights,
    cumulative_incidence,
    kaplan_meier,
    risk_table,
)
from osteon.estimate.bootstrap import replicates
from osteon.estimate.curves.pulls import incidence_at, pulls_of, survival_at

from .test_properties import STATES, columns, history_of


def sample(n=60, seed=2, **changes):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 10, n)
    data = {
        "entry": entry,
        "exit": entry + rng.integers(1, 40, n),
        "event": rng.integers(0, 3, n),
        "stratum": np.arange(n) % 2,
        "weight": rng.random(n) + 0.5,
    }
    return History.of(**(data | {"states": STATES, "strata": ("a", "b")} | changes))


def test_the_bits_are_the_same_on_every_machine():
    """Numbers written down once; a library or a processor that changes them is found out."""
    votes = bootstrap_weights(6, 4, seed=20250101)
    assert votes.tolist() == [
        [2, 1, 0, 2, 1, 0],
        [1, 1, 0, 3, 0, 1],
        [1, 0, 1, 1, 1, 2],
        [0, 0, 0, 0, 4, 2],
    ]
    # The same by hand: 32 bits a draw, the lower half of each word first, times 6, shifted.
    words = np.random.PCG64(20250101).random_raw(3).tolist()
    halves = [half for word in words for half in (word & 0xFFFFFFFF, word >> 32)]
    drawn = [half * 6 >> 32 for half in halves]
    assert votes[0].tolist() == [drawn.count(i) for i in range(6)]


@given(columns(min_size=3))
def test_a_replicate_is_the_estimate_of_the_reweighted_patients(data):
    """Whatever was drawn: ties, late entries, two causes; against the risk table."""
    history = history_of(data, stratum=None, strata=None)
    time = kaplan_meier(risk_table(history))["all"].end
    drawn = bootstrap(history, [time / 2, time], seed=5, replicates=8)
    for b, votes in enumerate(bootstrap_weights(len(history), 8, seed=5)):
        rows = votes > 0
        weighted = history_of(data, rows, stratum=None, strata=None, weight=votes[rows])
        table = risk_table(weighted)
        survival = kaplan_meier(table)["all"]
        for m, t in enumerate((time / 2, time)):
            at = min(t, survival.end)  # after the last one drawn a curve stays where it is
            np.testing.assert_allclose(
                drawn.survival[0, m, b], survival.at(at).estimate[0], atol=1e-12
            )
            for k, cause in enumerate(drawn.causes):
                curve = cumulative_incidence(table)["all"][cause]
                np.testing.assert_allclose(
                    drawn.incidence[0, k, m, b], curve.at(at).estimate[0], atol=1e-12
                )


def test_the_data_themselves():
    history = sample()
    drawn, table = bootstrap(history, [20, 10], seed=1, replicates=2), risk_table(history)
    for i, stratum in enumerate("ab"):
        at = kaplan_meier(table)[stratum].at([20, 10]).estimate
        np.testing.assert_allclose(drawn.observed_survival[i], at)
        for k, cause in enumerate(drawn.causes):
            at = cumulative_incidence(table)[stratum][cause].at([20, 10]).estimate
            np.testing.assert_allclose(drawn.observed_incidence[i, k], at)


@pytest.mark.parametrize("entry", [None, np.arange(60) % 7])
def test_the_compiled_loop_gives_the_same_bits(monkeypatch, entry):
    history = sample(exit=np.arange(60) % 30 + 8, entry=entry)
    by_numpy = bootstrap(history, [10, 25, 20], seed=3, replicates=50)
    monkeypatch.setattr(replicates, "COMPILE_FROM", 1)
    monkeypatch.setattr(replicates, "_COMPILE_CELLS", 1)
    compiled = bootstrap(history, [10, 25, 20], seed=3, replicates=50)
    assert compiled.survival.tobytes() == by_numpy.survival.tobytes()
    assert compiled.incidence.tobytes() == by_numpy.incidence.tobytes()


@pytest.mark.parametrize(("block", "chunk"), [(1, 2**21), (2**16, 1), (130, 700)])
def test_the_size_of_the_parts_does_not_matter(monkeypatch, block, chunk):
    whole = bootstrap(sample(), [20], seed=3, replicates=30)
    monkeypatch.setattr(replicates, "_BLOCK", block)
    monkeypatch.setattr(replicates, "_CHUNK", chunk)
    parts = bootstrap(sample(), [20], seed=3, replicates=30)
    assert parts.survival.tobytes() == whole.survival.tobytes()


def test_a_centre_never_waits_for_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "osteon.estimate.bootstrap.compiled", None)
    assert replicates.COMPILE_FROM >= 2_000
    bootstrap(sample(1_999), [20], seed=1, replicates=3_000)


def test_clusters_move_together():
    """Two rows of every patient: the draws of the halves must be equal."""
    history = sample(60, entry=None)
    double = sample(
        120,
        entry=None,
        **{name: np.repeat(getattr(history, name), 2) for name in ("exit", "stratum", "weight")},
        event=np.repeat(np.maximum(history.to_state, 0), 2),
    )
    once = bootstrap(history, [20], seed=4, replicates=20)
    twice = bootstrap(double, [20], seed=4, replicates=20, cluster=np.repeat(np.arange(60), 2))
    np.testing.assert_allclose(once.survival, twice.survival, rtol=1e-12)


def test_strata_keep_their_size_or_not():
    history = sample(40, weight=None, exit=np.full(40, 30), entry=None, event=np.full(40, 1))
    votes = bootstrap_weights(40, 5, seed=1)
    assert (votes.sum(axis=1) == 40).all()
    assert votes.std() == pytest.approx(1.0, abs=0.2)
    within = bootstrap(history, [29], seed=1, replicates=5)
    assert (within.survival == 1).all()
    across = sample(cluster := 60, subject=np.arange(cluster) // 2)
    with pytest.raises(EstimateError, match="a cluster lies in two strata"):
        bootstrap(across, [20], seed=1, replicates=5)
    assert bootstrap(across, [20], seed=1, replicates=5, within_strata=False).replicates == 5


def test_a_stratum_that_was_not_drawn_has_no_answer():
    history = History.of(exit=[9] * 8, event=[1, 0] * 4, stratum=[0, 0] + [1] * 6)
    drawn = bootstrap(history, [9], seed=1, replicates=300, within_strata=False)
    empty = np.isnan(drawn.survival[0, 0])
    assert 0 < empty.mean() < 0.3
    assert np.isfinite(bootstrap_estimate(drawn, "0", 9).std_error)


def test_the_spread_is_near_greenwoods():
    history = sample(400, weight=None)
    drawn = bootstrap(history, [20], seed=1, replicates=2000)
    for stratum in "ab":
        ours = bootstrap_estimate(drawn, stratum, 20).std_error
        theirs = kaplan_meier(risk_table(history))[stratum].at(20).std_error[0]
        assert ours == pytest.approx(theirs, rel=0.06)


def test_pulls_add_up_to_nothing():
    history = sample()
    for pull in (survival_at(20), incidence_at("sre", 20)):
        pulls = pulls_of(history, pull)["a"]
        assert np.abs(pulls).max() > 1e-3
        assert abs(pulls.sum()) < 1e-12


@pytest.mark.parametrize("limits", ["percentile", "bca", "normal"])
def test_a_difference_is_antisymmetric(limits):
    drawn = bootstrap(sample(), [20], seed=1, replicates=999)
    for cause in (None, "dead"):
        ab = bootstrap_difference(drawn, "a", "b", 20, cause=cause, limits=limits)
        ba = bootstrap_difference(drawn, "b", "a", 20, cause=cause, limits=limits)
        np.testing.assert_allclose(
            [ab.estimate, ab.conf_low, ab.conf_high], [-ba.estimate, -ba.conf_high, -ba.conf_low]
        )
        assert ab.conf_low < ab.estimate < ab.conf_high


def test_replicates_without_spread():
    found = bootstrap_limits(1.0, np.ones(100), limits="bca")
    assert (found.conf_low, found.conf_high, found.std_error) == (1, 1, 0)


def test_mistakes():
    history = sample()
    for change, message in (
        ({"seed": -1}, "`seed` is -1"),
        ({"seed": 1.5}, "`seed` is 1.5"),
        ({"replicates": 1}, "`replicates` is 1"),
        ({"times": [0]}, "a time lies outside the curves"),
        ({"times": [20, 1e6]}, "a time lies outside the curves"),
    ):
        with pytest.raises(EstimateError, match=message):
            bootstrap(**({"history": history, "times": [20], "seed": 1} | change))
    drawn = bootstrap(history, [20], seed=1, replicates=30)
    with pytest.raises(EstimateError, match="day 21 was not resampled"):
        bootstrap_estimate(drawn, "a", 21)
    with pytest.raises(EstimateError, match='no stratum "c"'):
        bootstrap_estimate(drawn, "c", 20)
    with pytest.raises(EstimateError, match=r'no cause "dad".*Did you mean "dead"'):
        bootstrap_estimate(drawn, "a", 20, cause="dad")
    with pytest.raises(EstimateError, match="30 replicates are too few"):
        bootstrap_estimate(drawn, "a", 20)
    with pytest.raises(EstimateError, match='"bca" needs the `influence`'):
        bootstrap_limits(0.5, np.linspace(0, 1, 999), limits="bca")
    with pytest.raises(EstimateError, match="lies beyond all replicates"):
        bootstrap_limits(2, np.linspace(0, 1, 999), limits="bca", influence=[1, -1])
    with pytest.raises(EstimateError, match="1 replicates have an answer"):
        bootstrap_limits(2, [np.nan, 1])
