import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import kaplan_meier, risk_table, turnbull, unbroken_entry
from osteon.estimate.interval_censored import npmle_step
from osteon.estimate.interval_censored.innermost import fewest_intervals, innermost_intervals

INF = np.inf


def curve_of(left, right, **more):
    return turnbull(Bounds.of(left=left, right=right, **more))["all"]


def log_likelihood(curve, left, right, entry, weight):
    """Written out for the masses of a curve, interval by interval."""
    a, b = curve.left, curve.right
    exact = a == b

    def inside(low, high, low_is_exact):
        begins = (a > low) | ((a == low) & (~exact | low_is_exact))
        return curve.mass[begins & (b <= high)].sum()

    seen = [inside(x, y, x == y) for x, y in zip(left, right, strict=True)]
    could = [inside(e, INF, False) for e in entry]
    return float(weight @ (np.log(seen) - np.log(could)))


@st.composite
def bounds_columns(draw, late=True):
    n = draw(st.integers(2, 12))
    entry = np.array([draw(st.integers(0, 6)) if late else 0 for _ in range(n)], dtype=float)
    left = entry + [draw(st.integers(0, 6)) for _ in range(n)]
    kind = [draw(st.sampled_from(["window", "exact", "never"])) for _ in range(n)]
    width = np.array([draw(st.integers(1, 5)) for _ in range(n)])
    left = np.where((np.array(kind) == "exact") & (left == entry), left + 1, left)
    right = np.where(
        np.array(kind) == "never", INF, left + np.where(np.array(kind) == "exact", 0, width)
    )
    weight = np.array([draw(st.integers(1, 3)) for _ in range(n)], dtype=float)
    return {"left": left, "right": right, "entry": entry, "weight": weight}


@settings(max_examples=150)
@given(bounds_columns())
def test_no_exchange_of_mass_gains(columns):
    """Of two intervals, none gives mass to the other with a gain; and the value is that written out."""
    try:
        curve = curve_of(**columns)
    except EstimateError:
        return
    value = log_likelihood(curve, **columns)
    assert curve.log_likelihood == pytest.approx(value, abs=1e-8)
    windows = innermost_intervals(columns["left"], columns["right"], columns["entry"])
    full = np.zeros(windows.left.size)
    for a, b, p in zip(curve.left, curve.right, curve.mass, strict=True):
        full[(windows.left == a) & (windows.right == b)] = p
    for giver in np.flatnonzero(full > 1e-4):
        for taker in range(full.size):
            moved = full.copy()
            moved[giver] -= 1e-4
            moved[taker] += 1e-4
            seen = [
                moved[f : t + 1].sum() for f, t in zip(windows.first, windows.last, strict=True)
            ]
            could = [moved[e:].sum() for e in windows.entry]
            tried = columns["weight"] @ (np.log(np.maximum(seen, 1e-300)) - np.log(could))
            assert tried <= value + 1e-9


@settings(max_examples=100)
@given(bounds_columns())
def test_weights_are_copies_and_rows_have_no_order(columns):
    weight = columns["weight"].astype(int)
    copied = {name: np.repeat(columns[name], weight) for name in ("left", "right", "entry")}
    turned = {name: values[::-1] for name, values in columns.items()}
    try:
        a = curve_of(**columns)
    except EstimateError:
        with pytest.raises(EstimateError, match="no maximum"):
            curve_of(**copied)
        return
    for other in (curve_of(**copied), curve_of(**turned)):
        assert other.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-8)
        if (columns["entry"] == 0).all():
            np.testing.assert_allclose(other.mass, a.mass, atol=1e-7)


@settings(max_examples=150)
@given(bounds_columns())
def test_exact_times_are_kaplan_meier_also_with_late_entry(columns):
    exact = columns["right"] < INF
    exit_ = np.where(exact, columns["left"], columns["left"] + 1)
    exit_ = np.maximum(exit_, columns["entry"] + 1)
    bounds = Bounds.of(
        left=exit_,
        right=np.where(exact, exit_, INF),
        entry=columns["entry"],
        weight=columns["weight"],
    )
    history = History.of(entry=columns["entry"], exit=exit_, event=exact, weight=columns["weight"])
    km = kaplan_meier(risk_table(history))["all"]
    try:
        curve = turnbull(bounds)["all"]
    except EstimateError:
        # Kaplan-Meier has fallen to 0 with others still to come, or has nobody at risk.
        start = unbroken_entry(bounds)["all"]
        assert start > columns["entry"].min()
        turnbull(bounds.where(columns["entry"] >= start))
        return
    low, high = curve.at(km.time)
    np.testing.assert_allclose(high, km.estimate, atol=1e-7)
    inside = km.time < exit_.max()
    np.testing.assert_allclose(low[inside], km.estimate[inside], atol=1e-7)


def test_late_entry_by_hand():
    """A (0, 2] from 0, B (4, 6] from 0, C (5, 8] from 3.

    Masses a on (0, 2], b on (5, 6]: a * b * b / b, as C came from after 3: a = b = 1/2.
    """
    curve = curve_of([0, 4, 5], [2, 6, 8], entry=[0, 0, 3])
    assert list(zip(curve.left, curve.right, strict=True)) == [(0, 2), (5, 6)]
    np.testing.assert_allclose(curve.mass, [0.5, 0.5])
    assert curve.log_likelihood == pytest.approx(2 * np.log(0.5))


def test_an_entry_closes_an_interval():
    """A (0, 5] from 0, B never after 9 from 4, C (5, 8] from 4, D never after 6 from 0.

    A's mass is best at or before day 4, where it also makes B and C likelier: (0, 4], not (0, 5].
    With s in (6, 8] and s after 9, L = (1 - 2 s) (1/2)^2 2 s, so s = 1/4.
    """
    curve = curve_of([0, 9, 5, 6], [5, INF, 8, INF], entry=[0, 4, 4, 0])
    assert list(zip(curve.left, curve.right, strict=True)) == [(0, 4), (6, 8), (9, INF)]
    np.testing.assert_allclose(curve.mass, [0.5, 0.25, 0.25], atol=1e-8)


def test_who_enters_late_is_seen_only_after():
    """Four of eight died by day 10; of those entering on day 10, half die by day 20: S = 1/4."""
    left = [0] * 4 + [10] * 4 + [10] * 3 + [20] * 3
    right = [10] * 4 + [INF] * 4 + [20] * 3 + [INF] * 3
    entry = [0] * 8 + [10] * 6
    low, high = curve_of(left, right, entry=entry).at([10, 20])
    np.testing.assert_allclose(low, high)
    np.testing.assert_allclose(high, [0.5, 0.25])


def test_the_curve_starts_at_the_first_entry():
    curve = curve_of([50, 70, 90], [60, 80, INF], entry=[40, 40, 55])
    assert curve.start == 40
    assert np.isnan(curve.at([39])[0][0])
    assert curve.at([40])[1][0] == 1


def test_non_existence_is_refused_with_its_cure():
    """A is last seen free at 20 and affected at 60; B and C enter at 50: P(T > 50) -> 0 is best."""
    bounds = Bounds.of(left=[20, 80, 90], right=[60, 120, INF], entry=[0, 50, 50])
    with pytest.raises(EstimateError, match=r"2 of 3 subjects enter.*unbroken_entry"):
        turnbull(bounds)
    assert unbroken_entry(bounds) == {"all": 50}
    curve = turnbull(bounds.where(bounds.entry >= 50))["all"]
    assert curve.start == 50


def test_somebody_followed_across_an_entry_is_enough():
    bounds = Bounds.of(left=[20, 80, 90, 55], right=[60, 120, INF, INF], entry=[0, 50, 50, 0])
    assert turnbull(bounds)["all"].certificate <= 1e-9
    assert unbroken_entry(bounds) == {"all": 0}


def test_several_starts_find_one_maximum_or_say_how_many():
    rng = np.random.default_rng(8)
    entry = rng.uniform(0, 200, 60) * (rng.random(60) < 0.5)
    true = entry + rng.weibull(1.2, 60) * 300
    scans = entry[:, None] + rng.uniform(20, 150, (60, 9)).cumsum(axis=1)
    left = np.where(scans < true[:, None], scans, entry[:, None]).max(axis=1)
    right = np.where(scans >= true[:, None], scans, INF).min(axis=1)
    bounds = Bounds.of(left=left, right=right, entry=entry)
    one, many = (turnbull(bounds, starts=k)["all"] for k in (1, 12))
    assert many.log_likelihood >= one.log_likelihood - 1e-9
    assert many.maxima >= 1


def test_the_same_entry_for_all_changes_nothing():
    left, right = np.array([10.0, 30, 20, 60]), np.array([40.0, 50, 60, INF])
    a, b = curve_of(left, right), curve_of(left, right, entry=[5] * 4)
    np.testing.assert_allclose(a.mass, b.mass)
    assert a.log_likelihood == pytest.approx(b.log_likelihood)


@pytest.mark.parametrize("seed", range(4))
def test_current_status_is_isotonic_regression(seed):
    """One scan each: F at the scans is the least-squares monotone fit (Ayer et al. 1955)."""
    from scipy.optimize import isotonic_regression

    rng = np.random.default_rng(seed)
    scan = np.sort(rng.permutation(500)[:200] + 1.0)
    found = rng.random(200) < 1 - np.exp(-scan / 250)
    curve = curve_of(np.where(found, 0, scan), np.where(found, scan, INF))
    _, high = curve.at(scan)
    low, _ = curve.at(scan)
    fitted = 1 - isotonic_regression(found.astype(float)).x
    np.testing.assert_allclose(np.where(found, high, low), fitted, atol=1e-8)


def test_fewest_intervals_meet_every_window():
    windows = innermost_intervals(np.array([0.0, 1, 4, 6]), np.array([3.0, 5, 9, 7]))
    chosen = fewest_intervals(windows)
    assert all(
        ((chosen >= f) & (chosen <= t)).any()
        for f, t in zip(windows.first, windows.last, strict=True)
    )
    assert chosen.size == 2


def scanned(seed, n):
    rng = np.random.default_rng(seed)
    true = rng.weibull(1.2, n) * 600
    scans = np.cumsum(rng.uniform(60, 250, (n, 8)), axis=1)
    left = np.where(scans < true[:, None], scans, 0).max(axis=1)
    return left, np.where(scans >= true[:, None], scans, INF).min(axis=1)


@pytest.mark.parametrize(("n", "seconds"), [(1_000, 10), (20_000, 60)])
def test_certified_in_time(n, seconds):
    left, right = scanned(n, n)
    began = time.process_time()
    curve = curve_of(left, right)
    assert time.process_time() - began < seconds  # 0.005 and 0.04 s where it was written
    assert curve.certificate <= 1e-9


def test_many_exact_times_are_no_burden():
    rng = np.random.default_rng(2)
    exit_, censor = rng.weibull(1.2, 5_000) * 600, rng.uniform(0, 1500, 5_000)
    curve = curve_of(np.minimum(exit_, censor), np.where(exit_ <= censor, exit_, INF))
    history = History.of(exit=np.minimum(exit_, censor), event=exit_ <= censor)
    km = kaplan_meier(risk_table(history))["all"]
    np.testing.assert_allclose(curve.at(km.time)[1], km.estimate, atol=1e-8)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"entry": [3.0, 0]}, "may have had the event before they entered"),
        ({"entry": [-1.0, 0]}, "entry that is negative"),
        ({"weight": [0.0, 1]}, "weight that is not positive"),
        ({"weight": [1.0]}, "has shape"),
        ({"stratum": [0, 4], "strata": ("a", "b")}, "outside"),
        ({"covariates": {"x": [1.0]}}, "has shape"),
    ],
)
def test_bounds_are_checked(columns, message):
    with pytest.raises(EstimateError, match=message):
        Bounds.of(left=[1, 2], right=[3, 4], **columns)


@pytest.mark.parametrize("late", [False, True])
def test_the_long_way_round_a_wide_band_arrives_at_the_same_masses(monkeypatch, late):
    """Half exact times, half wide windows: conjugate gradients instead of a factorisation."""
    rng = np.random.default_rng(6)
    true, exact = rng.weibull(1.2, 400) * 600 + 1, rng.random(400) < 0.5
    entry = np.where(late, rng.uniform(0, 60, 400) * (true > 60), 0.0)
    left = np.where(exact, true, np.maximum(true - rng.uniform(0, 200, 400), entry))
    columns = {"left": left, "right": np.where(exact, true, left + 200), "entry": entry}
    direct = curve_of(**columns)
    monkeypatch.setattr(npmle_step, "_WIDE", 0)
    round_about = curve_of(**columns)
    np.testing.assert_allclose(round_about.mass, direct.mass, atol=1e-7)
    assert round_about.certificate <= 1e-9


def test_half_exact_times_and_half_wide_windows_in_time():
    rng = np.random.default_rng(1)
    true, exact = rng.weibull(1.2, 6_000) * 600, rng.random(6_000) < 0.5
    left = np.where(exact, true, np.maximum(true - rng.uniform(0, 200, 6_000), 0))
    began = time.process_time()
    curve = curve_of(left, np.where(exact, true, left + 200))
    assert time.process_time() - began < 20  # 0.2 s where it was written
    assert curve.certificate <= 1e-9
