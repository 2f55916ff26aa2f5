"""Proportions, 2 x 2 tables and rates against R's exact tests, and tight roots of its densities."""

from functools import partial

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

SIDES = ("low", "high")


def test_proportions(expected, close):
    for case in expected["proportions"]:
        same = partial(close, what=told(case["events"], case["n"]), at=SIDES)
        counts = case["events"], case["n"]
        exact = {"interval": "clopper-pearson"}
        same(limits(proportion(*counts)), case["wilson"])
        same(limits(proportion(*counts, **exact)), case["exact"])
        same(limits(proportion(*counts, **exact, conf_level=0.9)), case["exact_90"])
        same(limits(proportion(*counts, interval="mid-p")), case["mid_p"])
        same(proportion_upper_bound(*counts), case["upper"])


def test_differences(expected, close):
    for case in expected["newcombe"]:
        same = partial(close, what=against(case), at=SIDES)
        same(limits(proportion_difference(*case["counts"])), case["limits"])
    for case in expected["miettinen_nurminen"]:
        same = partial(close, what=against(case), at=SIDES)
        score = proportion_difference(*case["counts"], interval="miettinen-nurminen")
        same(limits(score), case["limits"])


def test_fisher(expected, close):
    for case in expected["fisher"]:
        same = partial(close, what=against(case), at=SIDES)
        test = fisher_exact(*case["counts"])
        same(test.p_value, case["p_value"])
        same(limits(test.odds_ratio), case["tight"])
        same(test.odds_ratio.estimate, case["conditional"])
        # R's uniroot() stops at 1e-4 of the odds ratio or of its inverse
        same(limits(test.odds_ratio), case["limits"], 2e-3)
        if sum(case["counts"][::2]):  # R prints an odds ratio of 0 for a table without events
            same(test.odds_ratio.estimate, case["odds_ratio"], 2e-4)


def test_conventions_of_two_sided(expected, close):
    for case in expected["fisher"]:
        same = partial(close, what=against(case), at=SIDES)
        central = fisher_exact(*case["counts"], convention="central")
        mid_p = fisher_exact(*case["counts"], convention="mid-p")
        same(central.p_value, case["central"])
        same(limits(central.odds_ratio), case["tight"])
        same(mid_p.p_value, case["mid_p"])
        same(limits(mid_p.odds_ratio), case["mid_p_limits"])


def test_boschloo(expected, close):
    for case in expected["boschloo"]:
        same = partial(close, what=against(case), at=SIDES)
        # scipy maximises over the nuisance parameter from a few starts, R here over a fine grid
        same(boschloo(*case["counts"]), case["p_value"], 1e-6)


def test_rates(expected, close):
    for case in expected["rates"]:
        same = partial(close, what=f"{case['events']} in {case['time']:g}", at=SIDES)
        counts = case["events"], case["time"]
        same(limits(rate(*counts)), case["limits"])
        same(limits(rate(*counts, interval="mid-p")), case["mid_p"])
        same(rate_upper_bound(*counts), case["upper"])


def test_standardised_rates(expected, close):
    for case in expected["standardised"]:
        same = partial(
            close, what=f"{sum(case['events'])} events, {len(case['time'])} ages", at=SIDES
        )
        columns = case["events"], case["time"], case["standard"]
        r = standardised_rate(*columns, conf_level=case["level"])
        same(r.estimate, case["rate"])
        same(r.std_error, case["std_error"])
        same(limits(r), case["limits"])


def test_rate_ratios(expected, close):
    for case in expected["ratios"]:
        same = partial(close, what=against(case, "in"), at=SIDES)
        ratio = rate_ratio(*case["counts"])
        same(ratio.p_value, case["p_value"])
        same(ratio.estimate, case["ratio"])
        same(limits(ratio), case["limits"])
        central = rate_ratio(*case["counts"], convention="central")
        same(central.p_value, case["central"])
        same(limits(central), case["limits"])
        mid_p = rate_ratio(*case["counts"], convention="mid-p")
        same(mid_p.p_value, case["mid_p"])
        same(limits(mid_p), case["mid_p_limits"])


def told(events, n, word="of"):
    return f"{events} {word} {n:g}"


def against(case, word="of"):
    events, n, others, n_others = case["counts"]
    return f"{told(events, n, word)} against {told(others, n_others, word)}"


def limits(estimate):
    return [estimate.conf_low, estimate.conf_high]
