"""The compiled path equals the NumPy path to rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.estimate import cox
from osteon.estimate.regression import at_risk, design_matrix, partial_likelihood
from osteon.estimate.regression.design_matrix import design
from osteon.estimate.regression.partial_likelihood import cox_likelihood

pytest.importorskip("numba")
from osteon.estimate import threads
from osteon.estimate.regression import compiled as loops


def history(seed, *, delayed, continuous, strata, weighted, n=3000):
    rng = np.random.default_rng(seed)
    exit_ = rng.exponential(400, n) + 1
    entry = rng.uniform(0, 0.9, n) * exit_ * (rng.random(n) < 0.5) * delayed
    if not continuous:
        exit_, entry = np.ceil(exit_), np.floor(entry)
    return History.of(
        entry=entry,
        exit=exit_,
        event=rng.random(n) < 0.4,
        weight=rng.uniform(0.3, 3, n) if weighted else None,
        stratum=rng.integers(0, strata, n),
        covariates={
            "x": rng.normal(60, 10, n),
            "z": rng.integers(0, 2, n),
            "u": rng.normal(size=n),
        },
    )


@pytest.fixture
def compiled(monkeypatch):
    for module in (at_risk, design_matrix, partial_likelihood):
        monkeypatch.setattr(module, "COMPILE_FROM", 0)


@pytest.mark.parametrize("in_cache", [0, 20_000], ids=["in order of time", "as they come"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(
    "how",
    [
        {"delayed": False, "continuous": False, "strata": 1, "weighted": False},
        {"delayed": True, "continuous": False, "strata": 1, "weighted": True},
        {"delayed": True, "continuous": True, "strata": 3, "weighted": True},
        {"delayed": False, "continuous": True, "strata": 2, "weighted": False},
    ],
)
def test_equal(request, monkeypatch, how, ties, in_cache):
    data = history(1, **how)
    beta = np.array([0.3, -0.2, 0.5])
    event = data.to_state == 1
    slow = cox_likelihood(data, ["x", "z", "u"], event, ties)[0].evaluate(beta)
    fit = cox(data, ["x", "z", "u"], ties=ties, robust=True)
    request.getfixturevalue("compiled")
    monkeypatch.setattr(at_risk, "_IN_CACHE", in_cache)
    fast = cox_likelihood(data, ["x", "z", "u"], event, ties)[0].evaluate(beta)
    assert fast.value == pytest.approx(slow.value, rel=1e-13)
    np.testing.assert_allclose(fast.score, slow.score, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(fast.information, slow.information, rtol=1e-11)
    again = cox(data, ["x", "z", "u"], ties=ties, robust=True)
    np.testing.assert_allclose(again.coefficients, fit.coefficients, rtol=1e-9)
    np.testing.assert_allclose(again.covariance, fit.covariance, rtol=1e-9)


def test_two_threads_are_as_good_as_one(monkeypatch, compiled):
    data = history(4, delayed=True, continuous=False, strata=2, weighted=True)
    event, beta = data.to_state == 1, np.array([0.3, -0.2, 0.5])
    one = cox_likelihood(data, ["x", "z", "u"], event, "efron")[0].evaluate(beta)
    monkeypatch.setattr(threads, "SPLIT_FROM", 0)
    two = cox_likelihood(data, ["x", "z", "u"], event, "efron")[0].evaluate(beta)
    assert two.value == pytest.approx(one.value, rel=1e-14)
    np.testing.assert_allclose(two.information, one.information, rtol=1e-12)
    again = cox_likelihood(data, ["x", "z", "u"], event, "efron")[0].evaluate(beta)
    np.testing.assert_array_equal(two.information, again.information)  # to the last bit


def test_hundreds_of_deaths_at_a_time(compiled):
    """All die on one of two days, all tied: the product of their shares must not underflow."""
    rng = np.random.default_rng(5)
    n = 4000
    x = rng.normal(size=n)
    data = History.of(exit=rng.integers(1, 3, n), event=np.ones(n), covariates={"x": x})
    beta = np.array([0.4])
    likelihood, _ = cox_likelihood(data, ["x"], data.to_state == 1, "efron")
    risk = np.exp(0.4 * (x - x.mean()) / x.std())
    second = risk[data.exit == 2]
    value = 0.4 * ((x - x.mean()) / x.std()).sum()
    for at_risk_, dying in ((risk.sum(), risk[data.exit == 1]), (second.sum(), second)):
        value -= np.log(at_risk_ - np.arange(dying.size) / dying.size * dying.sum()).sum()
    assert likelihood.evaluate(beta).value == pytest.approx(value, rel=1e-12)


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 0.5, 7.0, 1e-6, np.pi]))
def test_positions_are_those_of_a_search(seed, unit):
    rng = np.random.default_rng(seed)
    grid = unit * np.unique(rng.integers(-20, 400, rng.integers(1, 60)))
    between = rng.uniform(grid[0] - unit, grid[-1] + unit, 50)
    time = np.concatenate([grid, between, np.nextafter(grid, np.inf), np.nextafter(grid, -np.inf)])
    expected = np.searchsorted(grid, time, side="right")
    np.testing.assert_array_equal(loops.positions(time, grid), expected)


@pytest.mark.parametrize("shift", [0.0, 0.5, -7.0])
def test_whole_days_are_the_distinct_times(shift):
    rng = np.random.default_rng(6)
    time, event = rng.integers(-30, 60, 200) + shift, rng.random(200) < 0.2
    days = loops.whole_days(time, event)
    if shift == 0.5:
        assert days is None
    else:
        np.testing.assert_array_equal(days, np.unique(time[event]))


def test_far_away_nothing_overflows(compiled):
    data = history(2, delayed=False, continuous=False, strata=1, weighted=False)
    likelihood, _ = cox_likelihood(data, ["x", "z", "u"], data.to_state == 1, "efron")
    there = likelihood.evaluate(np.array([110.0, 0.0, 0.0]))
    assert np.isfinite(there.value)
    moments = likelihood.moments(np.array([110.0, 0.0, 0.0]))
    assert there.value == pytest.approx(moments.value)


def test_event_times_and_designs_are_the_same(request):
    data = history(3, delayed=True, continuous=True, strata=1, weighted=False)
    event = data.to_state == 1
    cells, rows = at_risk.event_times(data, event), np.arange(len(data))[::-1]
    x = design(data, ["x", "u"], rows).standardised(rows)
    request.getfixturevalue("compiled")
    again = at_risk.event_times(data, event)
    np.testing.assert_array_equal(cells.first, again.first)
    np.testing.assert_array_equal(cells.last, again.last)
    np.testing.assert_allclose(design(data, ["x", "u"], rows).standardised(rows), x, atol=1e-13)


def test_small_data_never_load_a_compiler():
    import subprocess
    import sys

    code = """
import sys
import numpy as np
from osteon.contracts.history import History
from osteon.estimate import cox
rng = np.random.default_rng(1)
cox(History.of(exit=rng.integers(1, 900, 1999), event=rng.integers(0, 2, 1999),
    covariates={"x": rng.normal(size=1999)}), ["x"])
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("strata", [1, 2])
def test_risks_that_differ_by_many_orders_are_not_subtracted(compiled, strata):
    """Deaths 1-4 while nobody is exposed; afterwards all exposed die, and nobody else."""
    exposed = np.repeat([0, 1, 0], [4, 4, 8])
    late = History.of(
        entry=[0] * 4 + [10, 11, 12, 13] + [0] * 8,
        exit=[1, 2, 3, 4] + [21, 22, 23, 24] + [10, 11, 12, 13] + [40] * 4,
        event=[1] * 8 + [0] * 8,
        stratum=np.repeat([0, strata - 1], [4, 12]),
        strata=("a", "b")[:strata],
        covariates={"x": exposed},
    )
    assert cox(late, ["x"]).infinite == ("x",)
