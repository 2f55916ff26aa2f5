"""Figures as papers print them, agreed with to the printed digit."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    boschloo,
    firth_logistic,
    fisher_exact,
    kaplan_meier,
    proportion,
    proportion_difference,
    rate,
    risk_table,
    symmetric_quantile,
)

PUBLISHED = tomllib.loads((Path(__file__).parent / "published.toml").read_text())


def limits(estimate):
    return estimate.conf_low, estimate.conf_high


def told(counts):
    a, n_1, c, n_0 = counts
    return f"{a}/{n_1} against {c}/{n_0}"


def of(case):
    return told(case["counts"])


def both_limits(printed, estimate, texts, what, case):
    sides = zip(limits(estimate), texts, ("low", "high"), strict=True)
    return all(printed(x, text, f"{what}, {side}", case["citation"]) for x, text, side in sides)


def test_proportions(printed):
    for case in PUBLISHED["proportion"]:
        for i, counts in enumerate(zip(case["events"], case["n"], strict=True)):
            wilson = proportion(*counts)
            exact = proportion(*counts, interval="clopper-pearson")
            what = f"{counts[0]} of {counts[1]}, %"
            assert printed(100 * wilson.estimate, case["percent"][i], what, case["citation"])
            for ours, theirs in ((wilson, "wilson"), (exact, "clopper_pearson")):
                for limit, text in zip(limits(ours), case[theirs][i], strict=True):
                    assert printed(100 * limit, text, f"{what}, {theirs}")


def test_upper_bounds_behind_nought(printed):
    (case,) = PUBLISHED["upper_bound"]
    for n, text in zip(case["n"], case["percent"], strict=True):
        high = proportion(0, n, interval="clopper-pearson").conf_high
        assert printed(100 * high, text, f"0 of {n}, %, high", case["citation"])


@pytest.mark.parametrize("case", PUBLISHED["fisher"], ids=of)
def test_fisher(case, printed):
    test = fisher_exact(*case["counts"])
    assert printed(test.p_value, case["p_value"], "p", case["citation"])
    if "odds_ratio" in case:
        assert printed(test.sample_odds_ratio, case["odds_ratio"], "odds ratio")


@pytest.mark.parametrize("case", PUBLISHED["firth"], ids=of)
def test_firth(case, printed):
    a, n_1, c, n_0 = case["counts"]
    untreated = np.repeat([1, 0], [n_1, n_0])
    event = np.repeat([1, 0, 1, 0], [a, n_1 - a, c, n_0 - c])
    fit = firth_logistic(event, {"untreated": untreated})
    ratio, wald = fit.ratios["untreated"], fit.wald_ratios["untreated"]
    assert printed(ratio.estimate, case["odds_ratio"], "odds ratio", case["citation"])
    assert ratio.estimate == pytest.approx(
        (a + 0.5) * (n_0 - c + 0.5) / ((n_1 - a + 0.5) * (c + 0.5))
    )
    assert both_limits(printed, ratio, case["profile"], "profile likelihood", case)
    assert both_limits(printed, wald, case["wald"], "Wald", case)
    assert ratio.p_value == pytest.approx(1e-5, rel=0.4)


def test_newcombe(printed):
    (case,) = PUBLISHED["newcombe"]
    for counts, texts in zip(case["counts"], case["limits"], strict=True):
        assert both_limits(printed, proportion_difference(*counts), texts, told(counts), case)


def test_single_proportions(printed):
    (case,) = PUBLISHED["single_proportion"]
    for i, counts in enumerate(case["counts"]):
        for interval in ("wilson", "clopper-pearson", "mid-p"):
            p = proportion(*counts, interval=interval)
            texts = case[interval.replace("-", "_")][i]
            assert both_limits(printed, p, texts, f"{counts[0]} of {counts[1]}, {interval}", case)


def test_tea(printed):
    (case,) = PUBLISHED["tea"]
    minlike, mid_p = (
        fisher_exact(*case["counts"], convention=convention) for convention in ("minlike", "mid-p")
    )
    assert printed(minlike.p_value, case["p_value"], "p, minlike", case["citation"])
    assert printed(mid_p.p_value, case["mid_p_value"], "p, mid-p")
    assert printed(minlike.odds_ratio.estimate, case["conditional"], "conditional odds ratio")


def test_garwood(printed):
    (case,) = PUBLISHED["garwood"]
    assert both_limits(printed, rate(case["events"], 1), case["limits"], "10 events", case)


def test_miettinen_nurminen(printed):
    (case,) = PUBLISHED["miettinen_nurminen"]
    for counts, texts in zip(case["counts"], case["limits"], strict=True):
        d = proportion_difference(*counts, interval="miettinen-nurminen")
        assert both_limits(printed, d, texts, told(counts), case)


def test_boschloo(printed):
    (case,) = PUBLISHED["boschloo"]
    p = boschloo(*case["counts"]) / 2
    assert printed(p, case["one_sided"], f"{told(case['counts'])}, one-sided p", case["citation"])


def test_symmetric_median(printed):
    (case,) = PUBLISHED["symmetric_median"]
    curve = kaplan_meier(risk_table(History.of(exit=case["exit"], event=case["event"])))["all"]
    median = symmetric_quantile(curve)
    assert printed(median.estimate, case["median"], "median", case["citation"])
    assert printed(median.std_error, case["std_error"], "its standard error")
    assert both_limits(printed, median, case["limits"], "symmetric limits", case)
