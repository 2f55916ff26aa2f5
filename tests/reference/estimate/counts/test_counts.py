"""Proportions, 2 x 2 tables and rates against R's exact tests, and tight roots of its densities."""

from osteon.estimate import (
    boschloo,
    fisher_exact,
    proportion,
    proportion_difference,
    proportion_upper_bound,
    rate,
    rate_ratio,
    rate_upper_bound,
    standardised_rate,
)


def test_proportions(expected, close):
    for case in expected["proportions"]:
        counts = case["events"], case["n"]
        exact = {"interval": "clopper-pearson"}
        close(limits(proportion(*counts)), case["wilson"])
        close(limits(proportion(*counts, **exact)), case["exact"])
        close(limits(proportion(*counts, **exact, conf_level=0.9)), case["exact_90"])
        close(limits(proportion(*counts, interval="mid-p")), case["mid_p"])
        close(proportion_upper_bound(*counts), case["upper"])


def test_differences(expected, close):
    for case in expected["newcombe"]:
        close(limits(proportion_difference(*case["counts"])), case["limits"])
    for case in expected["miettinen_nurminen"]:
        score = proportion_difference(*case["counts"], interval="miettinen-nurminen")
        close(limits(score), case["limits"])


def test_fisher(expected, close):
    for case in expected["fisher"]:
        test = fisher_exact(*case["counts"])
        close(test.p_value, case["p_value"])
        close(limits(test.odds_ratio), case["tight"])
        close(test.odds_ratio.estimate, case["conditional"])
        # R's uniroot() stops at 1e-4 of the odds ratio or of its inverse
        close(limits(test.odds_ratio), case["limits"], 2e-3)
        if sum(case["counts"][::2]):  # R prints an odds ratio of 0 for a table without events
            close(test.odds_ratio.estimate, case["odds_ratio"], 2e-4)


def test_conventions_of_two_sided(expected, close):
    for case in expected["fisher"]:
        central = fisher_exact(*case["counts"], convention="central")
        mid_p = fisher_exact(*case["counts"], convention="mid-p")
        close(central.p_value, case["central"])
        close(limits(central.odds_ratio), case["tight"])
        close(mid_p.p_value, case["mid_p"])
        close(limits(mid_p.odds_ratio), case["mid_p_limits"])


def test_boschloo(expected, close):
    for case in expected["boschloo"]:
        # scipy maximises over the nuisance parameter from a few starts, R here over a fine grid
        close(boschloo(*case["counts"]), case["p_value"], 1e-6)


def test_rates(expected, close):
    for case in expected["rates"]:
        counts = case["events"], case["time"]
        close(limits(rate(*counts)), case["limits"])
        close(limits(rate(*counts, interval="mid-p")), case["mid_p"])
        close(rate_upper_bound(*counts), case["upper"])


def test_standardised_rates(expected, close):
    for case in expected["standardised"]:
        columns = case["events"], case["time"], case["standard"]
        r = standardised_rate(*columns, conf_level=case["level"])
        close(r.estimate, case["rate"])
        close(r.std_error, case["std_error"])
        close(limits(r), case["limits"])


def test_rate_ratios(expected, close):
    for case in expected["ratios"]:
        ratio = rate_ratio(*case["counts"])
        close(ratio.p_value, case["p_value"])
        close(ratio.estimate, case["ratio"])
        close(limits(ratio), case["limits"])
        central = rate_ratio(*case["counts"], convention="central")
        close(central.p_value, case["central"])
        close(limits(central), case["limits"])
        mid_p = rate_ratio(*case["counts"], convention="mid-p")
        close(mid_p.p_value, case["mid_p"])
        close(limits(mid_p), case["mid_p_limits"])


def limits(estimate):
    return [estimate.conf_low, estimate.conf_high]
