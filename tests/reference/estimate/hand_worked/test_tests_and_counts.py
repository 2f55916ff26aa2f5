"""Log-rank tests, rates, proportions and Rubin's rules worked out by hand."""

import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    Estimate,
    benjamini_hochberg,
    bootstrap_limits,
    boschloo,
    event_rates,
    exact_log_rank,
    exact_log_rank_groups,
    fisher_exact,
    gray,
    holm,
    log_rank,
    log_rank_trend,
    median_of_values,
    pool,
    proportion,
    proportion_difference,
    proportion_upper_bound,
    rate,
    rate_ratio,
    rate_upper_bound,
    risk_table,
    robust_rates,
    standardised_rate,
)

Z = 1.959963984540054


@pytest.fixture
def two_groups():
    return History.of(exit=[1, 3, 2, 4], event=[1] * 4, stratum=[0, 0, 1, 1], strata=("a", "b"))


def test_log_rank(two_groups, by_hand):
    """At risk in a and b: 2 and 2, 1 and 2, 1 and 1, 0 and 1; observed in a 2, expected 4/3.

    Log-rank scores 3/4, 5/12, -1/12, -13/12: four of the six choices of two are as far out.
    """
    table = risk_table(two_groups)
    test = log_rank(table)
    by_hand("expected in a", test.expected[0], "2/4 + 1/3 + 1/2")
    by_hand("variance", test.variance[0, 0], "1/4 + 2/9 + 1/4")
    by_hand("chi-squared", test.statistic, "(2/3)**2 / (1/4 + 2/9 + 1/4)")
    early = log_rank(table, rho=1)
    by_hand("G-rho 1, variance", early.variance[0, 0], "1/4 + (3/4)**2 * 2/9 + (1/2)**2 * 1/4")
    by_hand("G-rho 1, chi-squared", early.statistic, "(1/2 - 3/4 * 1/3 + 1/2 * 1/2)**2 / (7/16)")
    late = log_rank(table, gamma=1)
    by_hand(
        "gamma 1, chi-squared", late.statistic,
        "(-1/4 * 1/3 + 1/2 * 1/2)**2 / ((1/4)**2 * 2/9 + (1/2)**2 * 1/4)",
    )  # fmt: skip
    gehan = log_rank(table, weights="gehan")
    by_hand(
        "Gehan, chi-squared", gehan.statistic,
        "(4 * 1/2 - 3 * 1/3 + 2 * 1/2)**2 / (16 * 1/4 + 9 * 2/9 + 4 * 1/4)",
    )  # fmt: skip
    twice = log_rank(table, table)
    by_hand("two strata alike, chi-squared", twice.statistic, "2 * (2/3)**2 / (13/18)")
    by_hand("trend of two groups, z squared", log_rank_trend(test).z ** 2, "(2/3)**2 / (13/18)")
    exact = exact_log_rank(two_groups, method="exact")
    by_hand("exact p", exact.p_value, "4/6")
    by_hand("exact one-sided p", min(exact.tails.p_greater, exact.tails.p_less), "2/6")


def test_exact_log_rank_of_three_groups(by_hand):
    """Scores in twelfths are 9, 5, -1 and -13; the sums of a, b and c are 14, -1 and -13.

    Pairs in a have sums of squares 268, 226, 34, 258, 114 and 204, twice each.
    """
    history = History.of(
        exit=[1, 2, 3, 4], event=[1] * 4, stratum=[0, 0, 1, 2], strata=("a", "b", "c")
    )
    test = exact_log_rank_groups(history, method="exact")
    squares = "(9**2 + 5**2 + 1**2 + 13**2)"
    by_hand("three groups, Q", test.statistic, f"3 * (14**2 / 2 + 1**2 + 13**2) / {squares}")
    by_hand("three groups, p", test.p_value, "2 / 12")


def test_multiple_testing(by_hand):
    first, second, third = holm([0.01, 0.03, 0.02])
    by_hand("Holm, the smallest of three", first, "3 * 0.01")
    by_hand("Holm, the second", third, "2 * 0.02")
    by_hand("Holm, the largest, not below the second", second, "max(0.03, 2 * 0.02)")
    first, second, third = benjamini_hochberg([0.01, 0.03, 0.02])
    by_hand("BH, the largest of three", second, "0.03")
    by_hand("BH, the second, not above the largest", third, "min(3 * 0.02 / 2, 0.03)")
    by_hand("BH, the smallest, not above the second", first, "min(3 * 0.01, 0.03)")


def test_gray(by_hand):
    """One of a has a bone event on day 1, one of b dies on day 2, one has a bone event on day 3.

    Still at risk are those who died: 2 and 2 on day 1; 1 and 2 on day 3, of whom one is free of bone
    events. h = 2 in each group always, so dF0 is 1/4 each time, and a = 1, -1; what is to come, c, is
    a * (1/4) / (3/4) up to day 3; 1 - b = (1 - F0) / S is 3/2 and 3/4 on day 1, 3/2 on day 2. With
    rho = 1 day 3 weighs 1 - F0 = 3/4, and with it what is to come.
    """
    history = History.of(
        exit=[1, 4, 2, 3], event=[1, 0, 2, 1], stratum=[0, 0, 1, 1], strata=("a", "b"),
        states=("free", "bone", "dead"),
    )  # fmt: skip
    table = risk_table(history)
    test = gray(table, cause="bone")
    by_hand("excess in a", test.scores[0], "1 - 2/4 - 1/3")
    variance = "((1 - 1/2 * 1/3)**2 + (1 + 1/4 * 1/3)**2) / 8 + (3/2 * 1/3)**2 / 4 + 2 / 8"
    by_hand("variance", test.variance[0, 0], variance)
    by_hand("chi-squared", test.statistic, "(1/6)**2 / (629 / 1152)")
    by_hand("excess in b", test.scores[1], "-(1 - 2/4 - 1/3)")
    by_hand("covariance of a and b", test.variance[0, 1], f"-({variance})")
    twice = gray(table, table, cause="bone")
    by_hand("two strata alike, chi-squared", twice.statistic, "2 * (1/6)**2 / (629 / 1152)")
    early = gray(table, cause="bone", rho=1)
    by_hand("rho 1, excess in a", early.scores[0], "1 - 2/4 - 3/4 * 1/3")
    variance = (
        "((1 - 1/2 * 1/4)**2 + (1 + 1/4 * 1/4)**2) / 8 + (3/2 * 1/4)**2 / 4 + (3/4)**2 * 2 / 8"
    )
    by_hand("rho 1, variance", early.variance[0, 0], variance)


def test_rates(by_hand):
    table = risk_table(History.of(exit=[1, 2, 3], event=[1, 0, 1]))
    by_hand("2 events in 6 days", event_rates(table, "dead")["all"].estimate, "2/6")
    by_hand("0 events in 10 years, high", rate(0, 10).conf_high, "-log(0.025) / 10", 1e-9)
    by_hand("0 events in 10 years, one-sided", rate_upper_bound(0, 10), "-log(0.05) / 10", 1e-9)
    by_hand("1 event in 10 years, low", rate(1, 10).conf_low, "-log(0.975) / 10", 1e-9)
    ratio = rate_ratio(3, 5, 0, 5)
    by_hand("3 against 0 in equal time, p", ratio.p_value, "2 * (1/2)**3")
    by_hand("6 in 5 against 2 in 5, ratio", rate_ratio(6, 5, 2, 5).estimate, "6/2")


def test_robust_and_standardised_rates(by_hand):
    """3, 1 and 0 events in 100 days each; then 2 and 8 in 100, three quarters of the first kind."""
    history = History.of(
        subject=[0, 0, 0, 1, 2], entry=[0, 30, 50, 0, 0], exit=[30, 50, 100, 100, 100],
        event=[1, 1, 1, 1, 0], states=("bm", "sre"),
    )  # fmt: skip
    robust = robust_rates(history, "sre")["all"]
    by_hand("robust: 4 events in 300 days", robust.estimate, "4/300")
    spread = "sqrt((3 - 4/3)**2 + (1 - 4/3)**2 + (4/3)**2) / 300"
    by_hand("robust: its SE", robust.std_error, spread)
    standard = standardised_rate([2, 8], [100, 100], [3, 1])
    by_hand("standardised: 2 and 8 in 100", standard.estimate, "3/4 * 2/100 + 1/4 * 8/100")
    spread = "sqrt((3/4)**2 * 2 + (1/4)**2 * 8) / 100"
    by_hand("standardised: its SE", standard.std_error, spread)
    none = standardised_rate([0], [10], [1])
    by_hand("standardised: 0 in 10, high", none.conf_high, "-log(0.025) / 10", 1e-9)
    one = standardised_rate([1], [10], [1])
    by_hand("standardised: 1 in 10, low", one.conf_low, "-log(0.975) / 10", 1e-9)


def test_bootstrap_limits(by_hand):
    limits = bootstrap_limits(50, range(1, 100), conf_level=0.9)
    by_hand("replicates 1 to 99: 90 %, low", limits.conf_low, "(99 + 1) * 0.05")
    by_hand("replicates 1 to 99: 90 %, high", limits.conf_high, "(99 + 1) * 0.95")


def test_proportions(by_hand):
    exact = {"interval": "clopper-pearson"}
    by_hand(
        "0 of 8, Clopper-Pearson, high",
        proportion(0, 8, **exact).conf_high,
        "1 - 0.025**(1/8)",
        1e-9,
    )
    by_hand(
        "8 of 8, Clopper-Pearson, low", proportion(8, 8, **exact).conf_low, "0.025**(1/8)", 1e-9
    )
    by_hand("0 of 8, one-sided", proportion_upper_bound(0, 8), "1 - 0.05**(1/8)", 1e-9)
    by_hand(
        "0 of 8, mid-p, high", proportion(0, 8, interval="mid-p").conf_high, "1 - 0.05**(1/8)", 1e-9
    )
    by_hand("0 of 8, Wilson, high", proportion(0, 8).conf_high, "z**2 / (8 + z**2)")
    half = "z / (1 + z**2 / 8) * sqrt(1/4 / 8 + z**2 / (4 * 64))"
    by_hand("4 of 8, Wilson, low", proportion(4, 8).conf_low, f"1/2 - {half}")
    by_hand("4 of 8, Wilson, high", proportion(4, 8).conf_high, f"1/2 + {half}")
    gap = proportion_difference(4, 4, 0, 4)
    by_hand("4 of 4 against 0 of 4, Newcombe, low", gap.conf_low, "1 - sqrt(2) * z**2 / (4 + z**2)")


def test_fisher(by_hand):
    """Fisher's tea taster: 3 of 4 against 1 of 4."""
    by_hand("p, minlike", fisher_exact(3, 4, 1, 4).p_value, "(16 + 1 + 16 + 1) / 70")
    mid_p = fisher_exact(3, 4, 1, 4, convention="mid-p")
    by_hand("p, mid-p", mid_p.p_value, "2 * (1 + 16 / 2) / 70")
    by_hand("sample odds ratio", mid_p.sample_odds_ratio, "3 * 3 / (1 * 1)")


def test_boschloo(by_hand):
    """Twice the most that the tables as far out can have together, for a common share p = 1 - q.

    Only the table seen: (p q)**n has its maximum at p = 1/2, p**m q at p = m / (m + 1). 1 of 2 against
    0 of 2 (Fisher's p is 1/2): also 2 against 0 and 2 against 1: 2 m - 3 m**2, m = p q = 1/4. 2 of 3
    against 0 of 3 (1/5): also 3 against 0 and 3 against 1: m**2 (3 - 5 m).
    """
    by_hand("1 of 1 against 0 of 1", boschloo(1, 1, 0, 1), "2 * (1/4)")
    by_hand("2 of 2 against 0 of 2", boschloo(2, 2, 0, 2), "2 * (1/4)**2")
    by_hand("3 of 3 against 0 of 3", boschloo(3, 3, 0, 3), "2 * (1/4)**3")
    by_hand("4 of 4 against 0 of 4", boschloo(4, 4, 0, 4), "2 * (1/4)**4")
    by_hand("2 of 2 against 0 of 1", boschloo(2, 2, 0, 1), "2 * (2/3)**2 * 1/3", 1e-8)
    by_hand("3 of 3 against 0 of 1", boschloo(3, 3, 0, 1), "2 * (3/4)**3 * 1/4", 1e-8)
    by_hand("1 of 2 against 0 of 2", boschloo(1, 2, 0, 2), "2 * (2 * 1/4 - 3 * (1/4)**2)", 1e-8)
    by_hand("2 of 3 against 0 of 3", boschloo(2, 3, 0, 3), "2 * (1/4)**2 * (3 - 5/4)", 1e-8)
    by_hand("one event of 1 against 1 of 1", boschloo(1, 1, 1, 1), "1")


def test_median_of_values(by_hand):
    """P(Bin(8, 1/2) < 1) = 1/256 <= 0.025 < 9/256: the limits are the first and the last value."""
    for quartiles, low, high in (("r", "2.75", "6.25"), ("spss", "2.25", "6.75")):
        m = median_of_values(range(1, 9), quartiles=quartiles)
        by_hand(f"1 to 8, {quartiles}: median", m.median, "(4 + 5) / 2")
        by_hand(f"1 to 8, {quartiles}: first quartile", m.quartile_1, low)
        by_hand(f"1 to 8, {quartiles}: third quartile", m.quartile_3, high)
    by_hand("1 to 8: limits of the median, low", m.conf_low, "1")
    by_hand("1 to 8: limits of the median, high", m.conf_high, "8")


def test_rubin(by_hand):
    three = [Estimate(b, 1.0, b - Z, b + Z, 0.95, "wald") for b in (1.0, 2.0, 3.0)]
    pooled = pool(three)
    by_hand("1, 2, 3 with SE 1: estimate", pooled.estimate.estimate, "(1 + 2 + 3) / 3")
    by_hand("within", pooled.within, "1")
    by_hand("between", pooled.between, "(1 + 0 + 1) / 2")
    by_hand("total variance", pooled.total, "1 + (1 + 1/3) * 1")
    by_hand("relative increase", pooled.relative_increase, "(1 + 1/3) * 1 / 1")
    by_hand("degrees of freedom", pooled.df, "2 * (1 + 1 / (4/3))**2")
