import time

import numpy as np
import pytest
from scipy.optimize import minimize

from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate import turnbull, turnbull_quantile
from osteon.estimate.interval_censored import npmle
from osteon.estimate.interval_censored.innermost import innermost_intervals

INF = np.inf


def curve_of(left, right):
    return turnbull(Bounds.of(left=left, right=right))["all"]


def scanned(seed, n):
    """Event times seen at scans every two to eight months."""
    rng = np.random.default_rng(seed)
    true = rng.weibull(1.2, n) * 600
    scans = np.cumsum(rng.integers(60, 250, (n, 8)), axis=1)
    left = np.where(scans < true[:, None], scans, 0).max(axis=1).astype(float)
    return left, np.where(scans >= true[:, None], scans, INF).min(axis=1)


def test_two_overlapping_intervals_share_their_common_part():
    curve = curve_of([0, 2], [3, 5])
    assert (curve.left.tolist(), curve.right.tolist(), curve.mass.tolist()) == ([2], [3], [1])


def test_touching_intervals_do_not_overlap():
    """(0, 2] and (2, 4]: t = 2 belongs to the first only."""
    curve = curve_of([0, 2], [2, 4])
    assert curve.left.tolist() == [0, 2]
    np.testing.assert_allclose(curve.mass, [0.5, 0.5])


def test_an_exact_time_at_a_bound():
    """2 lies in (0, 2] and not in (2, 4]."""
    curve = curve_of([0, 2, 2], [2, 2, 4])
    assert list(zip(curve.left, curve.right, strict=True)) == [(2, 2), (2, 4)]
    np.testing.assert_allclose(curve.mass, [2 / 3, 1 / 3])


def test_three_subjects_by_hand():
    """L = p1 (p1 + p2) p2 with p1 + p2 = 1: one half each; the wide interval tells nothing."""
    curve = curve_of([0, 0, 4], [1, 6, 6])
    np.testing.assert_allclose(curve.mass, [0.5, 0.5])
    assert curve.log_likelihood == pytest.approx(2 * np.log(0.5))


def test_a_chain_by_hand():
    """(0,2], (1,4], (3,6], (5,7]: masses only on (1,2] and (5,6] would give (3,6] all of one."""
    curve = curve_of([0, 1, 3, 5], [2, 4, 6, 7])
    np.testing.assert_allclose(curve.mass, [0.5, 0.5])
    assert curve.left.tolist() == [1, 5]


def test_survival_is_undetermined_inside_an_innermost_interval():
    curve = curve_of([0, 30, 30, 90], [60, 60, 90, INF])
    low, high = curve.at([30, 45, 60, 90, 100])
    np.testing.assert_allclose(low, [1, 0.25, 0.25, 0.25, 0])
    np.testing.assert_allclose(high, [1, 1, 0.25, 0.25, 0.25])
    assert curve.quantile(0.5) == (30, 60)
    assert curve.quantile(0.9) == (90, INF)


def test_exact_times_step_at_once():
    curve = curve_of([2, 4], [2, 4])
    low, high = curve.at([1, 2, 3, 4])
    assert low.tolist() == high.tolist() == [1, 0.5, 0.5, 0]


def test_nobody_converts():
    curve = curve_of([100, 200], [INF, INF])
    assert (curve.left.tolist(), curve.right.tolist()) == ([200], [INF])
    assert curve.quantile(0.5) == (200, INF)


@pytest.mark.parametrize("seed", range(5))
def test_a_general_optimiser_finds_nothing_better(seed):
    left, right = scanned(seed, 25)
    curve = curve_of(left, right)
    windows = innermost_intervals(left, right)
    first, last = windows.first, windows.last
    m = last.max() + 1
    contains = (np.arange(m) >= first[:, None]) & (np.arange(m) <= last[:, None])

    def loss(z):
        p = np.exp(z - z.max())
        return -np.log(contains @ (p / p.sum())).sum()

    best = minimize(loss, np.zeros(m), method="BFGS", options={"maxiter": 5000})
    assert curve.log_likelihood >= -best.fun - 1e-9
    assert curve.log_likelihood == pytest.approx(-best.fun, abs=1e-3)
    assert curve.certificate <= 1e-9


@pytest.mark.parametrize("n", [300, 1000])
def test_certified_when_larger(n):
    curve = curve_of(*scanned(n, n))
    assert curve.certificate <= 1e-9
    assert curve.mass.sum() == pytest.approx(1, abs=1e-12)


def test_what_cannot_be_certified_is_refused(monkeypatch):
    monkeypatch.setattr(npmle, "_MAX_STEPS", 0)
    with pytest.raises(EstimateError, match=r"certified to .* only"):
        curve_of(*scanned(1, 30))


def test_strata_apart():
    bounds = Bounds.of(
        left=[0, 5], right=[5, INF], stratum=[0, 2], strata=("here", "empty", "there")
    )
    curves = turnbull(bounds)
    assert list(curves) == ["here", "there"]
    assert curves["there"].quantile() == (5, INF)


def test_bootstrap_counts_what_is_not_reached_and_repeats_itself():
    left, right = [0, 30, 60, 90, 90, 90], [30, 60, 90, INF, INF, INF]
    bounds = Bounds.of(left=left, right=right)
    a, b = (turnbull_quantile(bounds, seed=7, replicates=300)["all"] for _ in range(2))
    assert a == b
    assert (a.low, a.high) == (60, 90)
    assert a.conf_high == INF
    # The median is not reached where more than half of a resample of 6 never converts: 22/64.
    assert a.not_reached / 300 == pytest.approx(22 / 64, abs=0.08)


def test_a_thousand_bootstraps_of_fifty_take_a_second_or_two():
    bounds = Bounds.of(**dict(zip(("left", "right"), scanned(3, 51), strict=True)))
    began = time.process_time()
    median = turnbull_quantile(bounds, seed=1)["all"]
    assert time.process_time() - began < 6  # 0.5 s where it was written
    assert median.conf_low <= median.low <= median.high <= median.conf_high


def test_mistakes():
    with pytest.raises(EstimateError, match=r"`probability` is 2"):
        curve_of([0], [1]).quantile(2)
