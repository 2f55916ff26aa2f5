"""Identities that hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.estimate import (
    cox,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    risk_table,
    turnbull,
)

STATES = ("free", "sre", "dead")

FIELDS = ("entries", "exits", "events", "events_squared", "at_risk")


@st.composite
def columns(draw, delayed=True, min_size=2):
    n = draw(st.integers(min_size, 25))
    whole = st.integers(0, 12)
    entry = np.array(draw(st.lists(whole, min_size=n, max_size=n))) * int(delayed)
    stay = np.array(draw(st.lists(st.integers(1, 12), min_size=n, max_size=n)))
    event = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    stratum = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    x = np.array(draw(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=n, max_size=n)))
    return {"entry": entry, "exit": entry + stay, "event": event, "stratum": stratum, "x": x}


def history_of(columns, rows=slice(None), **changes):
    arguments = {name: values[rows] for name, values in columns.items() if name != "x"}
    arguments["covariates"] = {"x": columns["x"][rows]}
    return History.of(**(arguments | {"states": STATES, "strata": ("a", "b")} | changes))


def same_tables(a, b):
    np.testing.assert_array_equal(a.time, b.time)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def same_curves(a, b):
    for name in ("time", "at_risk", "estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-9, atol=1e-12)


@given(columns(), st.randoms(use_true_random=False))
def test_order_does_not_matter(data, random):
    rows = list(range(data["exit"].size))
    random.shuffle(rows)
    same_tables(risk_table(history_of(data)), risk_table(history_of(data, rows)))


@given(columns(min_size=3), st.integers(1, 3))
def test_merged_tables_are_the_pooled_table(data, sites):
    site = np.arange(data["exit"].size) % sites
    tables = [risk_table(history_of(data, site == s)) for s in range(sites)]
    pooled = tables[0]
    for table in tables[1:]:
        pooled = pooled + table
    whole = risk_table(history_of(data))
    assert set(pooled.transitions) == set(whole.transitions)
    same_tables(pooled, whole)


@given(columns())
def test_a_weight_of_two_is_two_rows(data):
    twice = np.repeat(np.arange(data["exit"].size), 2)
    weighted = risk_table(history_of(data, weight=np.full(data["exit"].size, 2)))
    doubled = risk_table(history_of(data, twice))
    for stratum in ("a", "b"):
        same_curves(kaplan_meier(weighted)[stratum], kaplan_meier(doubled)[stratum])
        for cause in ("sre", "dead"):
            for variance in ("delta", "aalen"):
                a, b = (
                    cumulative_incidence(t, variance=variance)[stratum][cause]
                    for t in (weighted, doubled)
                )
                same_curves(a, b)
    assert log_rank(weighted).statistic == pytest.approx(log_rank(doubled).statistic, abs=1e-9)


@given(columns(delayed=False))
def test_entry_at_nought_is_no_delayed_entry(data):
    same_tables(risk_table(history_of(data)), risk_table(history_of(data, entry=None)))


@given(columns())
def test_one_cause_is_one_minus_kaplan_meier(data):
    table = risk_table(history_of(data, event=data["event"] > 0, states=("free", "dead")))
    for stratum in ("a", "b"):
        survival = kaplan_meier(table)[stratum]
        incidence = cumulative_incidence(table, interval="cloglog")[stratum]["dead"]
        np.testing.assert_allclose(incidence.estimate, 1 - survival.estimate, atol=1e-12)
        left = survival.estimate > 0
        for ours, theirs in (
            (incidence.std_error, survival.std_error),
            (incidence.conf_low, 1 - survival.conf_high),
            (incidence.conf_high, 1 - survival.conf_low),
        ):
            np.testing.assert_allclose(ours[left], theirs[left], rtol=1e-6, atol=1e-7)


@given(columns())
def test_incidences_and_survival_add_up_to_one(data):
    table = risk_table(history_of(data))
    for stratum, curves in cumulative_incidence(table).items():
        total = sum(curve.estimate for curve in curves.values())
        np.testing.assert_allclose(total + kaplan_meier(table)[stratum].estimate, 1, atol=1e-12)


@given(columns())
def test_time_is_only_an_order(data):
    """Stretching time stretches the curves and changes no probability and no test."""
    table = risk_table(history_of(data))
    later = risk_table(history_of(data, entry=3 * data["entry"] + 1, exit=3 * data["exit"] + 1))
    for stratum in ("a", "b"):
        a, b = kaplan_meier(table)[stratum], kaplan_meier(later)[stratum]
        after = a.time > 0
        np.testing.assert_allclose(a.estimate[after][-1:], b.estimate[-1:])
    assert log_rank(table).statistic == pytest.approx(log_rank(later).statistic)


@given(columns(delayed=False, min_size=1))
def test_turnbull_of_exact_and_censored_times_is_kaplan_meier(data):
    died = data["event"] > 0
    exit_ = data["exit"].astype(float)
    curve = turnbull(Bounds.of(left=exit_, right=np.where(died, exit_, np.inf)))["all"]
    survival = kaplan_meier(risk_table(History.of(exit=exit_, event=died)))["all"]
    _, high = curve.at(survival.time)
    np.testing.assert_allclose(high, survival.estimate, atol=1e-7)
    assert curve.certificate <= 1e-9


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 8), st.booleans()), min_size=1))
def test_turnbull_is_always_certified(rows):
    left = np.array([r[0] for r in rows], dtype=float)
    right = np.array([np.inf if r[2] else r[0] + r[1] for r in rows])
    curve = turnbull(Bounds.of(left=left, right=right))["all"]
    assert curve.certificate <= 1e-9
    assert (curve.mass > 0).all()
    low, high = curve.at(np.arange(0, 25))
    assert (low <= high + 1e-12).all()
    assert (np.diff(low) <= 1e-12).all()


def fitted(data, rows=slice(None), event=None, **options):
    changes = {"states": ("free", "dead")}
    changes["event"] = (data["event"] > 0)[rows] if event is None else event
    weight = options.pop("weight", None)
    return cox(history_of(data, rows, **changes, weight=weight), ["x"], **options)


def estimable(data):
    """Seeded data large enough that every model has a finite fit."""
    rng = np.random.default_rng(data)
    n = 60
    entry = rng.integers(0, 5, n)
    return {
        "entry": entry,
        "exit": entry + rng.integers(1, 15, n),
        "event": rng.integers(0, 3, n),
        "stratum": rng.integers(0, 2, n),
        "x": rng.normal(size=n),
    }


@pytest.mark.parametrize("seed", range(5))
def test_cox_with_breslow_counts_weights_as_rows(seed):
    data = estimable(seed)
    copies = np.random.default_rng(seed).integers(1, 4, 60)
    weighted = fitted(data, weight=copies, ties="breslow")
    repeated = fitted(data, np.repeat(np.arange(60), copies), ties="breslow")
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-9)
    np.testing.assert_allclose(weighted.std_error, repeated.std_error, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_cox_ties_do_not_matter_without_ties(seed):
    data = estimable(seed)
    data["exit"] = data["exit"] + np.random.default_rng(seed).permutation(60) / 100
    efron, breslow = (fitted(data, ties=ties) for ties in ("efron", "breslow"))
    np.testing.assert_allclose(efron.coefficients, breslow.coefficients, rtol=1e-12)
    assert efron.log_likelihood == pytest.approx(breslow.log_likelihood)


@pytest.mark.parametrize("seed", range(5))
def test_cox_order_does_not_matter(seed):
    data = estimable(seed)
    rows = np.random.default_rng(seed).permutation(60)
    a, b = fitted(data, robust=True), fitted(data, rows, robust=True)
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-9)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_log_rank_is_coxs_score_test_without_ties(seed):
    data = estimable(seed)
    data["exit"] = data["exit"] + np.random.default_rng(seed).permutation(60) / 100
    group = data["stratum"]
    test = log_rank(risk_table(history_of(data, event=data["event"] > 0, states=("free", "dead"))))
    history = History.of(
        entry=data["entry"], exit=data["exit"], event=data["event"] > 0, covariates={"g": group}
    )
    assert cox(history, ["g"]).score_test.statistic == pytest.approx(test.statistic)


@given(columns(min_size=7))
def test_seven_sites_are_the_pooled_history_to_the_bit(data):
    site = np.arange(data["exit"].size) % 7
    weight = 1.0 + data["event"]
    tables = [risk_table(history_of(data, site == s, weight=weight[site == s])) for s in range(7)]
    pooled, whole = sum(tables), risk_table(history_of(data, weight=weight))
    assert pooled.transitions == whole.transitions
    same_tables(pooled, whole)


@given(columns(min_size=3))
def test_sites_with_fractional_weights_add_up_to_rounding(data):
    site, weight = np.arange(data["exit"].size) % 3, 0.1 + data["event"] / 3
    pooled = sum(
        risk_table(history_of(data, site == s, weight=weight[site == s])) for s in range(3)
    )
    whole = risk_table(history_of(data, weight=weight))
    for name in FIELDS:
        np.testing.assert_allclose(getattr(pooled, name), getattr(whole, name), atol=1e-12)


@given(columns())
def test_days_and_sorted_times_give_the_same_counts(data):
    """Half a day later nothing is a whole day any more, and the times are sorted instead."""
    days = risk_table(history_of(data, weight=0.1 + data["event"]))
    half = {"entry": data["entry"] + 0.5, "exit": data["exit"] + 0.5}
    sorted_ = risk_table(history_of(data, weight=0.1 + data["event"], **half))
    np.testing.assert_array_equal(days.time + 0.5, sorted_.time)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(days, name), getattr(sorted_, name))


@given(columns(), st.sampled_from([np.int16, np.int32, np.int64, np.uint32, np.float64]))
def test_the_type_of_a_column_does_not_matter(data, dtype):
    typed = {name: data[name].astype(dtype) for name in ("entry", "exit", "event", "stratum")}
    same_tables(risk_table(history_of(data)), risk_table(history_of(data, **typed)))
