"""Directly standardised rates and mid-p answers against R's epitools, another code than our roots."""

from osteon.estimate import fisher_exact, rate_ratio, standardised_rate

SIDES = ("low", "high")
UNIROOT = 1e-3
"""epitools leaves uniroot() at its default, a quarter of the digits."""


def limits(estimate):
    return estimate.conf_low, estimate.conf_high


def test_standardised_rates(expected, close):
    for case in expected["rates"]:
        what = f"{sum(case['events'])} events, {len(case['events'])} ages, {case['level']:.0%}"
        columns = case["events"], case["time"], case["standard"]
        ours = standardised_rate(*columns, conf_level=case["level"])
        close(ours.estimate, case["rate"], what=what)
        close(limits(ours), case["limits"], what=what, at=SIDES)


def test_mid_p_of_tables(expected, close):
    for case in expected["tables"]:
        a, n, b, m = case["counts"]
        test = fisher_exact(a, n, b, m, convention="mid-p")
        what = f"{a} of {n} against {b} of {m}"
        close(test.p_value, case["p_value"], what=what)
        close(limits(test.odds_ratio), case["limits"], UNIROOT, what=what, at=SIDES)


def test_mid_p_of_rates(expected, close):
    for case in expected["ratios"]:
        a, t, b, s = case["counts"]
        ratio = rate_ratio(a, t, b, s, convention="mid-p")
        what = f"{a} in {t} against {b} in {s}"
        close(ratio.p_value, case["p_value"], what=what)
        close(limits(ratio), case["limits"], UNIROOT, what=what, at=SIDES)
