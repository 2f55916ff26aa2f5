"""Score tests against coin, on scores from EM in R; exact times against survdiff."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import interval_score_test

SCORES = ("sun", "finkelstein", "wilcoxon")


def bounds_of(left, right, group):
    names = tuple("abc"[: int(max(group)) + 1])
    return Bounds.of(left=left, right=right, stratum=group, strata=names)


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize(("name", "column"), [("two", "male"), ("three", "group")])
def test_coin(name, column, scores, windows, expected, close):
    test = interval_score_test(
        bounds_of(windows["left"], windows["right"], windows[column]), scores=scores
    )
    r = expected[name][scores]
    close(test.statistic, r["statistic"], 1e-6)  # R's scores come from an iteration
    close(test.p_value, r["p_value"], 1e-6)
    close(test.score_sums, r["sums"], 1e-6, at=[f"group {name}" for name in test.groups])


@pytest.mark.parametrize("scores", SCORES)
def test_breast_cosmesis(scores, cosmesis, expected, close):
    arm = cosmesis["chemotherapy"].astype(int)
    test = interval_score_test(bounds_of(cosmesis["left"], cosmesis["right"], arm), scores=scores)
    r = expected["cosmesis"][scores]
    close(test.statistic, r["statistic"], 1e-6)
    close(test.p_value, r["p_value"], 1e-6)
    close(test.score_sums, r["sums"], 1e-6, at=[f"group {name}" for name in test.groups])


@pytest.mark.parametrize("scores", SCORES)
def test_trend(scores, windows, expected, close):
    bounds = bounds_of(windows["left"], windows["right"], windows["group"])
    test = interval_score_test(bounds, scores=scores, trend=[0, 1, 2])
    close(test.z, expected["trend"][scores], 1e-6)


@pytest.mark.parametrize("scores", SCORES)
def test_exact(scores, expected, close):
    bounds = bounds_of(*(expected[f"few_{name}"] for name in ("left", "right", "male")))
    test = interval_score_test(bounds, scores=scores, method="exact")
    close(test.p_value, expected["exact"][scores])


def test_exact_times_without_ties_are_observed_less_expected_events(cohort, expected, close):
    time = cohort["exit"] + np.arange(1, cohort["exit"].size + 1) / 1000
    right = np.where(cohort["cause"] > 0, time, np.inf)
    test = interval_score_test(bounds_of(time, right, cohort["group"].astype(int)))
    close(test.score_sums, expected["survdiff"], 1e-7, at=[f"group {name}" for name in test.groups])
