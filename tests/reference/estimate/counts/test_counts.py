"""Proportions, 2 x 2 tables and rates against prop.test, binom.test, fisher.test, poisson.test."""

import numpy as np

from osteon.estimate import fisher_exact, proportion, rate, rate_ratio


def test_proportions(expected, close):
    for case in expected["proportions"]:
        counts = case["events"], case["n"]
        exact = {"interval": "clopper-pearson"}
        close(limits(proportion(*counts)), case["wilson"])
        close(limits(proportion(*counts, **exact)), case["exact"])
        close(limits(proportion(*counts, **exact, conf_level=0.9)), case["exact_90"])


def test_fisher(expected, close):
    for case in expected["fisher"]:
        test = fisher_exact(*case["counts"])
        close(test.p_value, case["p_value"])
        if sum(case["counts"][::2]) == 0:  # R prints an odds ratio of 0 for a table without events
            assert np.isnan(test.odds_ratio.estimate)
        else:
            # R's uniroot() stops at 1e-4 of the odds ratio or of its inverse
            close(test.odds_ratio.estimate, case["odds_ratio"], 2e-4)
        close(limits(test.odds_ratio), case["limits"], 2e-3)


def test_rates(expected, close):
    for case in expected["rates"]:
        close(limits(rate(case["events"], case["time"])), case["limits"])


def test_rate_ratios(expected, close):
    for case in expected["ratios"]:
        ratio = rate_ratio(*case["counts"])
        close(ratio.p_value, case["p_value"])
        close(ratio.estimate, case["ratio"])
        close(limits(ratio), case["limits"])


def limits(estimate):
    return [estimate.conf_low, estimate.conf_high]
