"""Identities of the tests, the mean cumulative count and the exact answers, for any data."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats import fisher_exact as scipy_fisher

from osteon.contracts.history import History
from osteon.estimate import (
    Estimate,
    exact_log_rank,
    fisher_exact,
    gray,
    holm,
    log_rank,
    log_rank_trend,
    mean_cumulative,
    pool,
    proportion,
    proportion_difference,
    rate_ratio,
    risk_table,
    robust_rates,
)

STATES = ("free", "sre", "dead")


@st.composite
def columns(draw, delayed=False, groups=3, min_size=2, max_size=25):
    n = draw(st.integers(min_size, max_size))

    def whole(low, high):
        return np.array(draw(st.lists(st.integers(low, high), min_size=n, max_size=n)))

    entry = whole(0, 8) * int(delayed)
    return {
        "entry": entry,
        "exit": entry + whole(1, 12),
        "event": whole(0, 2),
        "stratum": whole(0, groups - 1),
    }


def history_of(data, rows=slice(None), **changes):
    strata = tuple("abc"[: max(3, int(data["stratum"].max(initial=0)) + 1)])
    arguments = {name: values[rows] for name, values in data.items()}
    return History.of(**(arguments | {"states": STATES, "strata": strata} | changes))


def same_test(a, b):
    assert a.statistic == pytest.approx(b.statistic, abs=1e-8)
    assert a.df == b.df


WEIGHTS = [{}, {"rho": 1}, {"gamma": 1}, {"rho": 0.5, "gamma": 2}, {"weights": "gehan"}]


@given(columns(delayed=True), st.sampled_from(WEIGHTS))
def test_log_rank_adds_up_and_its_variance_is_one(data, weights):
    test = log_rank(risk_table(history_of(data)), **weights)
    np.testing.assert_allclose(test.observed.sum(), test.expected.sum())
    np.testing.assert_allclose(test.variance.sum(axis=1), 0, atol=1e-9)
    assert np.linalg.eigvalsh(test.variance).min() > -1e-9
    assert test.statistic >= -1e-9


@given(columns(delayed=True), st.permutations([0, 1, 2]), st.sampled_from(WEIGHTS))
def test_log_rank_names_do_not_matter(data, order, weights):
    renamed = data | {"stratum": np.array(order)[data["stratum"]]}
    tables = (risk_table(history_of(d)) for d in (data, renamed))
    same_test(*(log_rank(table, **weights) for table in tables))


@given(columns(delayed=True), st.sampled_from([{}, {"rho": 1}, {"gamma": 1}]))
def test_log_rank_weight_two_is_two_rows(data, weights):
    twice = np.repeat(np.arange(data["exit"].size), 2)
    weighted = risk_table(history_of(data, weight=np.full(data["exit"].size, 2)))
    same_test(
        log_rank(weighted, **weights), log_rank(risk_table(history_of(data, twice)), **weights)
    )


@given(columns(delayed=True))
def test_trend_is_part_of_the_test_of_any_difference(data):
    test = log_rank(risk_table(history_of(data)))
    trend = log_rank_trend(test)
    assert np.isnan(trend.z) or trend.statistic <= test.statistic + 1e-7


@given(columns(), st.sampled_from([0.0, 1.0]))
def test_gray_adds_up_and_needs_no_names(data, rho):
    test = gray(risk_table(history_of(data)), cause="sre", rho=rho)
    np.testing.assert_allclose(test.scores.sum(), 0, atol=1e-9)
    np.testing.assert_allclose(test.variance.sum(axis=1), 0, atol=1e-9)
    renamed = data | {"stratum": 2 - data["stratum"]}
    other = gray(risk_table(history_of(renamed)), cause="sre", rho=rho)
    np.testing.assert_allclose(other.scores[::-1], test.scores, atol=1e-12)
    np.testing.assert_allclose(other.variance[::-1, ::-1], test.variance, atol=1e-12)


@given(columns(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_gray_of_merged_centres_and_shuffled_rows(data, random, sites):
    rows = list(range(data["exit"].size))
    random.shuffle(rows)
    site = np.arange(len(rows)) % sites
    parts = [risk_table(history_of(data, np.flatnonzero(site == s))) for s in np.unique(site)]
    merged = parts[0]
    for part in parts[1:]:
        merged = merged + part
    whole = gray(risk_table(history_of(data, rows)), cause="sre")
    same_test(gray(merged, cause="sre"), whole)


@given(columns())
def test_gray_weight_two_is_two_rows(data):
    twice = np.repeat(np.arange(data["exit"].size), 2)
    weighted = risk_table(history_of(data, weight=np.full(data["exit"].size, 2)))
    doubled = gray(risk_table(history_of(data, twice)), cause="sre")
    same_test(gray(weighted, cause="sre"), doubled)


@given(columns())
def test_gray_without_competition_scores_as_the_log_rank_test(data):
    table = risk_table(history_of(data, event=np.minimum(data["event"], 1)))
    test = log_rank(table, causes=["sre"])
    np.testing.assert_allclose(
        gray(table, cause="sre").scores, test.observed - test.expected, atol=1e-9
    )


def by_definition(data, at):
    """Mean and robust standard error at one time, from Ghosh and Lin's formulae, subject by subject."""
    times = np.unique(data["exit"][(data["event"] > 0) & (data["exit"] <= at)])
    survival, mean, steps = 1.0, 0.0, []
    for t in times:
        here = data["exit"] == t
        n = ((data["entry"] < t) & (t <= data["exit"])).sum()
        d, deaths = (here & (data["event"] == 1)).sum(), (here & (data["event"] == 2)).sum()
        mean += survival * d / n
        steps.append((t, n, d, deaths, survival, mean))
        survival *= 1 - deaths / n
    psi = np.zeros(data["exit"].size)
    for t, n, d, deaths, survival, so_far in steps:
        here, risk = data["exit"] == t, (data["entry"] < t) & (t <= data["exit"])
        psi += survival / n * ((here & (data["event"] == 1)) - risk * d / n)
        psi -= (mean - so_far) / n * ((here & (data["event"] == 2)) - risk * deaths / n)
    return mean, np.sqrt((np.bincount(data["subject"], weights=psi) ** 2).sum())


@st.composite
def recurring(draw):
    """2 to 12 subjects with up to 4 events each, late entry, and a death or none."""
    rows = []
    for subject in range(draw(st.integers(2, 12))):
        entry = draw(st.integers(0, 5))
        gaps = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
        ends = entry + np.cumsum(gaps)
        last = draw(st.sampled_from([0, 2]))
        for since, until in zip([entry, *ends], ends, strict=False):
            rows.append((subject, since, until, last if until == ends[-1] else 1))
    return dict(zip(("subject", "entry", "exit", "event"), np.array(rows).T, strict=True))


@given(recurring())
def test_mean_cumulative_is_its_definition(data):
    curve = mean_cumulative(History.of(**data, states=STATES), "sre")["all"]
    for t, mean, std_error in zip(curve.time, curve.estimate, curve.std_error, strict=True):
        expected = by_definition(data, t)
        assert mean == pytest.approx(expected[0], abs=1e-12)
        assert std_error**2 == pytest.approx(expected[1] ** 2, abs=1e-12)


@given(recurring())
def test_death_lowers_the_mean(data):
    history = History.of(**data, states=STATES)
    with_deaths = mean_cumulative(history, "sre")["all"]
    without = mean_cumulative(history, "sre", terminal=())["all"]
    assert (with_deaths.at(without.time).estimate <= without.estimate + 1e-12).all()


@given(recurring())
def test_one_subject_each_and_robust_rates_have_the_same_rate(data):
    history = History.of(**data, states=STATES)
    rate = robust_rates(history, "sre")["all"]
    assert rate.estimate == pytest.approx(
        (data["event"] == 1).sum() / (data["exit"] - data["entry"]).sum()
    )


@settings(max_examples=40)
@given(columns(groups=2, min_size=3, max_size=14, delayed=True))
def test_exact_log_rank_probabilities(data):
    assume(np.unique(data["stratum"]).size == 2)
    assume((data["event"] > 0).any())
    history = History.of(**data, states=STATES, strata=("a", "b"))
    test = exact_log_rank(history)
    tails = test.tails
    assert 0 <= tails.mid_p_value <= test.p_value <= 1 + 1e-12
    assert tails.p_greater + tails.p_less >= 1 - 1e-12
    assert test.p_value >= min(tails.p_greater, tails.p_less) - 1e-12
    plain = log_rank(risk_table(history))
    assert test.excess == pytest.approx(plain.observed[1] - plain.expected[1], abs=1e-9)


@st.composite
def tables(draw):
    n_1, n_0 = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    return draw(st.integers(0, n_1)), n_1, draw(st.integers(0, n_0)), n_0


@given(tables())
def test_fisher_as_scipy(table):
    a, n_1, c, n_0 = table
    theirs = scipy_fisher([[a, n_1 - a], [c, n_0 - c]]).pvalue
    assert fisher_exact(*table).p_value == pytest.approx(theirs, rel=1e-7)
    central, mid_p = (fisher_exact(*table, convention=c).p_value for c in ("central", "mid-p"))
    assert mid_p <= central + 1e-12


@given(tables(), st.sampled_from(["newcombe", "miettinen-nurminen"]))
def test_a_difference_is_antisymmetric_and_inside(table, interval):
    d = proportion_difference(*table, interval=interval)
    swapped = proportion_difference(*table[2:], *table[:2], interval=interval)
    assert -1 <= d.conf_low <= d.estimate <= d.conf_high <= 1
    assert d.conf_low == pytest.approx(-swapped.conf_high, abs=1e-7)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.1, 10))
def test_conventions_of_rate_ratios(a, c, times):
    minlike, central, mid_p = (
        rate_ratio(a, times, c, 1, convention=name) for name in ("minlike", "central", "mid-p")
    )
    if a + c:
        theirs = binomtest(a, a + c, times / (times + 1)).pvalue
        assert minlike.p_value == pytest.approx(theirs)
    assert mid_p.p_value <= central.p_value + 1e-12
    assert central.conf_low <= mid_p.conf_low <= mid_p.conf_high <= central.conf_high


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_of_a_share_hold_it(counts):
    limits = {name: proportion(*counts, interval=name) for name in ("wilson", "mid-p")}
    exact = proportion(*counts, interval="clopper-pearson")
    for p in (*limits.values(), exact):
        assert 0 <= p.conf_low <= p.estimate <= p.conf_high <= 1
    assert exact.conf_low <= limits["mid-p"].conf_low + 1e-12
    assert exact.conf_high >= limits["mid-p"].conf_high - 1e-12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_is_no_smaller(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.1, 2)), min_size=2, max_size=6),
    st.sampled_from([5.0, 50.0, np.inf]),
)
def test_pooling_never_gains_information(pairs, df_complete):
    pooled = pool(
        [Estimate(q, se, np.nan, np.nan, 0.95, "wald") for q, se in pairs], df_complete=df_complete
    )
    assert pooled.total >= pooled.within
    assert 0 <= pooled.missing_information <= 1
    assert pooled.df <= df_complete
    assert pooled.estimate.conf_low <= pooled.estimate.estimate <= pooled.estimate.conf_high
