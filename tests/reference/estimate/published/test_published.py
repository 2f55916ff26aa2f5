"""Figures as papers print them, agreed with to the printed digit."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from osteon.contracts.history import Bounds, History
from osteon.estimate import (
    firth_logistic,
    fisher_exact,
    interval_score_test,
    kaplan_meier,
    proportion,
    proportion_difference,
    risk_table,
    symmetric_quantile,
    turnbull,
)

PUBLISHED = tomllib.loads((Path(__file__).parent / "published.toml").read_text())


def printed(value, text):
    """Round the value to the digits of the text, and compare."""
    if "e" in text:
        digits = len(text.split("e")[0].replace(".", "")) - 1
        return f"{value:.{digits}e}" == text
    decimals = len(text.split(".")[1]) if "." in text else 0
    return f"{value:.{decimals}f}" == text


def limits(estimate):
    return estimate.conf_low, estimate.conf_high


def test_proportions():
    for case in PUBLISHED["proportion"]:
        for i, counts in enumerate(zip(case["events"], case["n"], strict=True)):
            wilson = proportion(*counts)
            exact = proportion(*counts, interval="clopper-pearson")
            assert printed(100 * wilson.estimate, case["percent"][i])
            for ours, theirs in ((wilson, "wilson"), (exact, "clopper_pearson")):
                for limit, text in zip(limits(ours), case[theirs][i], strict=True):
                    assert printed(100 * limit, text)


def test_upper_bounds_behind_nought():
    (case,) = PUBLISHED["upper_bound"]
    for n, text in zip(case["n"], case["percent"], strict=True):
        assert printed(100 * proportion(0, n, interval="clopper-pearson").conf_high, text)


@pytest.mark.parametrize("case", PUBLISHED["fisher"])
def test_fisher(case):
    test = fisher_exact(*case["counts"])
    assert printed(test.p_value, case["p_value"])
    if "odds_ratio" in case:
        assert printed(test.sample_odds_ratio, case["odds_ratio"])


@pytest.mark.parametrize("case", PUBLISHED["firth"])
def test_firth(case):
    a, n_1, c, n_0 = case["counts"]
    untreated = np.repeat([1, 0], [n_1, n_0])
    event = np.repeat([1, 0, 1, 0], [a, n_1 - a, c, n_0 - c])
    fit = firth_logistic(event, {"untreated": untreated})
    ratio, wald = fit.ratios["untreated"], fit.wald_ratios["untreated"]
    assert printed(ratio.estimate, case["odds_ratio"])
    assert ratio.estimate == pytest.approx(
        (a + 0.5) * (n_0 - c + 0.5) / ((n_1 - a + 0.5) * (c + 0.5))
    )
    assert [printed(x, t) for x, t in zip(limits(ratio), case["profile"], strict=True)] == [
        True
    ] * 2
    assert [printed(x, t) for x, t in zip(limits(wald), case["wald"], strict=True)] == [True] * 2
    assert ratio.p_value == pytest.approx(1e-5, rel=0.4)


def test_newcombe():
    (case,) = PUBLISHED["newcombe"]
    for counts, texts in zip(case["counts"], case["limits"], strict=True):
        for limit, text in zip(limits(proportion_difference(*counts)), texts, strict=True):
            assert printed(limit, text)


def test_symmetric_median():
    (case,) = PUBLISHED["symmetric_median"]
    curve = kaplan_meier(risk_table(History.of(exit=case["exit"], event=case["event"])))["all"]
    median = symmetric_quantile(curve)
    assert printed(median.estimate, case["median"])
    assert printed(median.std_error, case["std_error"])
    for limit, text in zip(limits(median), case["limits"], strict=True):
        assert printed(limit, text)


def test_turnbull():
    (case,) = PUBLISHED["turnbull"]
    curve = turnbull(Bounds.of(left=case["left"], right=case["right"]))["all"]
    intervals = np.array(case["intervals"])
    assert curve.left.tolist() == intervals[:, 0].tolist()
    # The last interval's mass lies in (46, 48]: those after 46 months without retraction share it.
    assert curve.right.tolist() == intervals[:, 1].tolist()
    assert all(printed(m, text) for m, text in zip(curve.mass, case["mass"], strict=True))


def test_interval_score_test():
    (alone,), (case,) = PUBLISHED["turnbull"], PUBLISHED["interval_test"]
    bounds = Bounds.of(
        left=alone["left"] + case["left"],
        right=alone["right"] + case["right"],
        stratum=np.repeat([0, 1], [46, 48]),
        strata=("alone", "with chemotherapy"),
    )
    curve = turnbull(bounds)["with chemotherapy"]
    assert [list(pair) for pair in zip(curve.left, curve.right, strict=True)] == case["intervals"]
    assert all(printed(m, text) for m, text in zip(curve.mass, case["mass"], strict=True))
    for i, scores in enumerate(case["scores"]):
        test = interval_score_test(bounds, scores=scores)
        assert printed(test.z, case["z"][i])
        assert f"{test.p_value:.4g}" == f"{float(case['p_value'][i]):.4g}"
        assert printed(test.score_sums[1], case["score_sum"][i])
