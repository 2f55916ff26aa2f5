"""Figures as papers print them, agreed with to the printed digit."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from osteon.contracts.history import Bounds, History
from osteon.estimate import (
    boschloo,
    firth_logistic,
    fisher_exact,
    interval_score_test,
    kaplan_meier,
    proportion,
    proportion_difference,
    rate,
    risk_table,
    symmetric_quantile,
    turnbull,
)

PUBLISHED = tomllib.loads((Path(__file__).parent / "published.toml").read_text())


def limits(estimate):
    return estimate.conf_low, estimate.conf_high


def test_proportions(printed):
    for case in PUBLISHED["proportion"]:
        for i, counts in enumerate(zip(case["events"], case["n"], strict=True)):
            wilson = proportion(*counts)
            exact = proportion(*counts, interval="clopper-pearson")
            assert printed(100 * wilson.estimate, case["percent"][i], case["citation"])
            for ours, theirs in ((wilson, "wilson"), (exact, "clopper_pearson")):
                for limit, text in zip(limits(ours), case[theirs][i], strict=True):
                    assert printed(100 * limit, text, case["citation"])


def test_upper_bounds_behind_nought(printed):
    (case,) = PUBLISHED["upper_bound"]
    for n, text in zip(case["n"], case["percent"], strict=True):
        assert printed(
            100 * proportion(0, n, interval="clopper-pearson").conf_high, text, case["citation"]
        )


@pytest.mark.parametrize("case", PUBLISHED["fisher"])
def test_fisher(case, printed):
    test = fisher_exact(*case["counts"])
    assert printed(test.p_value, case["p_value"], case["citation"])
    if "odds_ratio" in case:
        assert printed(test.sample_odds_ratio, case["odds_ratio"], case["citation"])


@pytest.mark.parametrize("case", PUBLISHED["firth"])
def test_firth(case, printed):
    a, n_1, c, n_0 = case["counts"]
    untreated = np.repeat([1, 0], [n_1, n_0])
    event = np.repeat([1, 0, 1, 0], [a, n_1 - a, c, n_0 - c])
    fit = firth_logistic(event, {"untreated": untreated})
    ratio, wald = fit.ratios["untreated"], fit.wald_ratios["untreated"]
    assert printed(ratio.estimate, case["odds_ratio"], case["citation"])
    assert ratio.estimate == pytest.approx(
        (a + 0.5) * (n_0 - c + 0.5) / ((n_1 - a + 0.5) * (c + 0.5))
    )
    for odds, texts in ((ratio, case["profile"]), (wald, case["wald"])):
        for limit, text in zip(limits(odds), texts, strict=True):
            assert printed(limit, text, case["citation"])
    assert ratio.p_value == pytest.approx(1e-5, rel=0.4)


def test_newcombe(printed):
    (case,) = PUBLISHED["newcombe"]
    for counts, texts in zip(case["counts"], case["limits"], strict=True):
        for limit, text in zip(limits(proportion_difference(*counts)), texts, strict=True):
            assert printed(limit, text, case["citation"])


def test_single_proportions(printed):
    (case,) = PUBLISHED["single_proportion"]
    for i, counts in enumerate(case["counts"]):
        for interval in ("wilson", "clopper-pearson", "mid-p"):
            p = proportion(*counts, interval=interval)
            for limit, text in zip(limits(p), case[interval.replace("-", "_")][i], strict=True):
                assert printed(limit, text, case["citation"])


def test_tea(printed):
    (case,) = PUBLISHED["tea"]
    minlike, mid_p = (
        fisher_exact(*case["counts"], convention=convention) for convention in ("minlike", "mid-p")
    )
    assert printed(minlike.p_value, case["p_value"], case["citation"])
    assert printed(mid_p.p_value, case["mid_p_value"], case["citation"])
    assert printed(minlike.odds_ratio.estimate, case["conditional"], case["citation"])


def test_garwood(printed):
    (case,) = PUBLISHED["garwood"]
    for limit, text in zip(limits(rate(case["events"], 1)), case["limits"], strict=True):
        assert printed(limit, text, case["citation"])


def test_miettinen_nurminen(printed):
    (case,) = PUBLISHED["miettinen_nurminen"]
    for counts, texts in zip(case["counts"], case["limits"], strict=True):
        d = proportion_difference(*counts, interval="miettinen-nurminen")
        for limit, text in zip(limits(d), texts, strict=True):
            assert printed(limit, text, case["citation"])


def test_boschloo(printed):
    (case,) = PUBLISHED["boschloo"]
    assert printed(boschloo(*case["counts"]) / 2, case["one_sided"], case["citation"])


def test_symmetric_median(printed):
    (case,) = PUBLISHED["symmetric_median"]
    curve = kaplan_meier(risk_table(History.of(exit=case["exit"], event=case["event"])))["all"]
    median = symmetric_quantile(curve)
    assert printed(median.estimate, case["median"], case["citation"])
    assert printed(median.std_error, case["std_error"], case["citation"])
    for limit, text in zip(limits(median), case["limits"], strict=True):
        assert printed(limit, text, case["citation"])


def test_turnbull(printed):
    (case,) = PUBLISHED["turnbull"]
    curve = turnbull(Bounds.of(left=case["left"], right=case["right"]))["all"]
    intervals = np.array(case["intervals"])
    assert curve.left.tolist() == intervals[:, 0].tolist()
    # The last interval's mass lies in (46, 48]: those after 46 months without retraction share it.
    assert curve.right.tolist() == intervals[:, 1].tolist()
    assert all(
        printed(m, text, case["citation"]) for m, text in zip(curve.mass, case["mass"], strict=True)
    )


def test_interval_score_test(printed):
    (alone,), (case,) = PUBLISHED["turnbull"], PUBLISHED["interval_test"]
    bounds = Bounds.of(
        left=alone["left"] + case["left"],
        right=alone["right"] + case["right"],
        stratum=np.repeat([0, 1], [46, 48]),
        strata=("alone", "with chemotherapy"),
    )
    curve = turnbull(bounds)["with chemotherapy"]
    assert [list(pair) for pair in zip(curve.left, curve.right, strict=True)] == case["intervals"]
    assert all(
        printed(m, text, case["citation"]) for m, text in zip(curve.mass, case["mass"], strict=True)
    )
    for i, scores in enumerate(case["scores"]):
        test = interval_score_test(bounds, scores=scores)
        assert printed(test.z, case["z"][i], case["citation"])
        assert f"{test.p_value:.4g}" == f"{float(case['p_value'][i]):.4g}"
        assert printed(test.score_sums[1], case["score_sum"][i], case["citation"])
