import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import concordance, concordance_difference, cox
from osteon.estimate.regression import at_risk, lower_sums
from osteon.estimate.regression.lower_sums import lower_and_tied

from .test_properties import columns, history_of

FIVE = {"exit": [1, 2, 3, 4, 5], "event": [1, 0, 1, 1, 0]}


def test_five_by_hand():
    """First: 2 for, 1 against, 1 alike; third: 1 for, 1 against; fourth: 1 for."""
    found = concordance(History.of(**FIVE), [3, 3, 1, 4, 0], interval="plain")
    assert (found.concordant, found.discordant, found.tied_score) == (4, 2, 1)
    assert (found.tied_time, found.tied_both) == (0, 0)
    # Pairs of each: (for, against, alike); C - 1/2 is 1/7 of somer's 2/7.
    pairs = np.array([[2, 1, 1], [0, 0, 1], [2, 1, 0], [1, 2, 0], [3, 0, 0]])
    pulls = (pairs[:, 0] - pairs[:, 1] - 2 / 7 * pairs.sum(axis=1)) / 14
    np.testing.assert_allclose(found.pulls, pulls)
    np.testing.assert_allclose(found.estimate.std_error**2, np.sum(pulls**2))
    low = 4.5 / 7 - 1.959964 * np.sqrt(np.sum(pulls**2))
    np.testing.assert_allclose((found.estimate.conf_low, found.estimate.conf_high), (low, 1.0))


def test_ties_of_time_by_hand():
    """Two events on day 2 are not compared; who is censored that day was still there; who enters
    that day was not."""
    history = History.of(entry=[0, 0, 0, 0, 2], exit=[2, 2, 2, 3, 9], event=[1, 1, 0, 0, 0])
    found = concordance(history, [2, 1, 1, 1, 0])
    assert (found.concordant, found.tied_score, found.discordant) == (2, 2, 0)
    assert (found.tied_time, found.tied_both) == (1, 0)
    alike = concordance(history, [1, 1, 2, 1, 0])
    assert (alike.tied_time, alike.tied_both) == (0, 1)


def test_uno_by_hand():
    """After the censoring of one of four on day 2, G = 3/4: later events weigh 16/9."""
    found = concordance(History.of(**FIVE), [3, 3, 1, 4, 0], weighting="uno")
    np.testing.assert_allclose(
        (found.concordant, found.discordant, found.tied_score), (2 + 2 * 16 / 9, 1 + 16 / 9, 1)
    )
    until = concordance(History.of(**FIVE), [3, 3, 1, 4, 0], weighting="uno", horizon=3)
    np.testing.assert_allclose(until.concordant, 2 + 16 / 9)


def one_by_one(history, score, event, horizon=np.inf):
    """Every pair looked at: concordant, discordant, tied in score, in time, in both."""
    sums = dict.fromkeys(("more", "less", "score", "time", "both"), 0.0)
    for i in np.flatnonzero(event & (history.exit <= horizon)):
        t = history.exit[i]
        there = (history.stratum == history.stratum[i]) & (history.entry < t) & (history.exit >= t)
        for j in np.flatnonzero(there & (np.arange(len(history)) != i)):
            weight = history.weight[i] * history.weight[j]
            gap = np.sign(score[i] - score[j])
            if event[j] and history.exit[j] == t:  # met twice
                sums["time" if gap else "both"] += weight / 2
            else:
                sums[{1: "more", -1: "less", 0: "score"}[gap]] += weight
    return list(sums.values())


@st.composite
def scored(draw):
    data = draw(columns(min_size=4))
    n = data["exit"].size
    return data, np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float)


def told(found):
    return [
        found.concordant,
        found.discordant,
        found.tied_score,
        found.tied_time,
        found.tied_both,
    ]


@given(scored(), st.sampled_from([None, 8]))
def test_every_pair_is_counted(drawn, horizon):
    data, score = drawn
    history = history_of(data, weight=1.0 + data["x"] ** 2)
    sums = one_by_one(history, score, history.to_state > 0, horizon or np.inf)
    if sum(sums[:3]) == 0:
        return
    found = concordance(history, score, horizon=horizon)
    np.testing.assert_allclose(told(found), sums, atol=1e-9)
    np.testing.assert_allclose(found.pulls.sum(), 0, atol=1e-12)


@given(scored())
def test_turning_the_score_round_turns_the_concordance(drawn):
    data, score = drawn
    history = history_of(data)
    try:
        found, back = concordance(history, score), concordance(history, -score)
    except EstimateError:
        return
    np.testing.assert_allclose(back.estimate.estimate, 1 - found.estimate.estimate)
    np.testing.assert_allclose(back.pulls, -found.pulls, atol=1e-12)
    stretched = concordance(history, np.exp(score))
    np.testing.assert_array_equal(stretched.pulls, found.pulls)


@given(scored(), st.randoms(use_true_random=False))
def test_rows_have_no_order_and_weights_no_scale(drawn, random):
    data, score = drawn
    rows = list(range(score.size))
    random.shuffle(rows)
    weight = 1.0 + data["event"]
    try:
        found = concordance(history_of(data, weight=weight), score)
    except EstimateError:
        return
    other = concordance(history_of(data, rows, weight=3 * weight[rows]), score[rows])
    np.testing.assert_allclose(
        (other.estimate.estimate, other.estimate.std_error),
        (found.estimate.estimate, found.estimate.std_error),
        rtol=1e-9,
        atol=1e-12,
    )


@given(scored())
def test_a_weight_of_two_is_two_rows_of_one_cluster(drawn):
    data, score = drawn
    n = score.size
    weighted = history_of(data, weight=np.full(n, 2.0))
    twice = np.repeat(np.arange(n), 2)
    try:
        once = concordance(weighted, score)
    except EstimateError:
        return
    doubled = concordance(history_of(data, twice), score[twice], cluster=twice)
    np.testing.assert_allclose(doubled.concordant, once.concordant)
    np.testing.assert_allclose(doubled.estimate.std_error, once.estimate.std_error, atol=1e-12)


def sample(n=40, seed=4):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 5, n)
    return {
        "entry": entry,
        "exit": entry + rng.integers(1, 15, n),
        "event": rng.integers(0, 2, n),
        "stratum": rng.integers(0, 2, n),
        "weight": rng.uniform(0.5, 2, n),
    }, rng.integers(0, 6, n).astype(float)


def test_pulls_are_derivatives():
    data, score = sample()
    found = concordance(History.of(**data), score)
    for i in range(0, score.size, 5):
        values = []
        for step in (1e-6, -1e-6):
            weight = data["weight"].copy()
            weight[i] += step
            values.append(concordance(History.of(**(data | {"weight": weight})), score))
        slope = (values[0].estimate.estimate - values[1].estimate.estimate) / 2e-6
        np.testing.assert_allclose(found.pulls[i], data["weight"][i] * slope, rtol=1e-6, atol=1e-9)


def test_no_censoring_makes_uno_harrell():
    rng = np.random.default_rng(1)
    history = History.of(exit=rng.integers(1, 30, 50), event=np.ones(50, dtype=int))
    score = rng.normal(size=50)
    a, b = (concordance(history, score, weighting=w) for w in ("harrell", "uno"))
    assert told(a) == told(b)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_sums_are_the_same(seed, monkeypatch):
    pytest.importorskip("numba")
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 30, 200), rng.integers(0, 20, 200), rng.integers(1, 9, 200) * 1.0
    queries = rng.integers(0, 32, 150), rng.integers(0, 25, 150)
    slow = lower_and_tied(*points, *queries)
    by_hand = [
        sum(w for p, r, w in zip(*points, strict=True) if p < at and r < of)
        for at, of in zip(*queries, strict=True)
    ]
    np.testing.assert_array_equal(slow[0], by_hand)
    for module in (at_risk, lower_sums):
        monkeypatch.setattr(module, "COMPILE_FROM", 0)
    for fast, other in zip(lower_and_tied(*points, *queries), slow, strict=True):
        np.testing.assert_array_equal(fast, other)


def test_a_model_scores_as_its_linear_predictor():
    data, score = sample()
    history = History.of(**data, covariates={"x": score, "z": np.arange(score.size) % 3})
    fit = cox(history, ["x", "z"])
    linear = history.covariates["x"] * fit.coefficients[0]
    linear = linear + history.covariates["z"] * fit.coefficients[1]
    assert told(concordance(history, fit)) == told(concordance(history, linear))


def test_a_difference_of_scores_of_the_same_patients():
    data, score = sample()
    history, noise = History.of(**data), np.random.default_rng(2).normal(size=score.size)
    a, b = concordance(history, score), concordance(history, score + noise)
    gap = concordance_difference(a, b)
    np.testing.assert_allclose(gap.estimate, a.estimate.estimate - b.estimate.estimate)
    apart = np.hypot(a.estimate.std_error, b.estimate.std_error)
    assert 0 < gap.std_error < apart
    together = np.cov(a.pulls, b.pulls, ddof=0)[0, 1] * a.pulls.size
    np.testing.assert_allclose(gap.std_error**2, apart**2 - 2 * together)


def test_mistakes():
    history = History.of(**FIVE)
    with pytest.raises(EstimateError, match=r"`score` has shape \(4,\)"):
        concordance(history, [1, 2, 3, 4])
    with pytest.raises(EstimateError, match=r"missing or infinite in 1 of 5 rows"):
        concordance(history, [1, 2, np.nan, 4, 5])
    with pytest.raises(EstimateError, match="no two intervals"):
        concordance(History.of(exit=[1, 1], event=[1, 1]), [1, 2])
    with pytest.raises(EstimateError, match="no event happens"):
        concordance(History.of(exit=[1, 2], event=[0, 0]), [1, 2])
    with pytest.raises(EstimateError, match='Did you mean "uno"'):
        concordance(history, [1, 2, 3, 4, 5], weighting="un")
    late = History.of(**FIVE, entry=[0, 1, 0, 0, 0])
    with pytest.raises(EstimateError, match="delayed entry or several intervals"):
        concordance(late, [1, 2, 3, 4, 5], weighting="uno")
    fit = cox(History.of(**FIVE, covariates={"x": [1, 2, 1, 0, 2]}), ["x"])
    with pytest.raises(EstimateError, match='no covariate "x"'):
        concordance(history, fit)
    alone = concordance(history, [1, 2, 3, 4, 5])
    pairs = concordance(history, [1, 2, 3, 4, 5], cluster=[1, 1, 2, 3, 3])
    with pytest.raises(EstimateError, match="differ in clusters"):
        concordance_difference(alone, pairs)
