"""Risk tables, curves and means worked out by hand for eight patients or fewer."""

import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    cumulative_incidence,
    earliest_start,
    fixed_time_difference,
    fixed_time_ratio,
    fleming_harrington,
    follow_up,
    kaplan_meier,
    landmark_occupation,
    length_of_stay,
    mean_cumulative,
    nelson_aalen,
    quantile,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_kaplan_meier,
    robust_nelson_aalen,
    state_occupation,
    symmetric_quantile,
)


@pytest.fixture
def six():
    """Six patients: a tied death, a death tied with a censoring, and one of each alone."""
    return History.of(exit=[9, 1, 1, 6, 6, 8], event=[1, 1, 0, 1, 1, 0])


def test_risk_table(six, by_hand):
    table = risk_table(six)
    at_risk, events = table.at_risk[0, 0], table.events[0, 0]
    for day, n, d in ((1, "6", "1"), (6, "4", "2"), (8, "2", "0"), (9, "1", "1")):
        i = table.time.tolist().index(day)
        by_hand(f"at risk on day {day}", at_risk[i], n)
        by_hand(f"deaths on day {day}", events[i], d)
    by_hand("person-days", table.person_time[0, 0], "9 + 1 + 1 + 6 + 6 + 8")
    both = table + table
    by_hand("two sites added up, at risk on day 6", both.at_risk[0, 0, 2], "2 * 4")


def test_kaplan_meier(six, by_hand):
    """At risk are 6 on day 1, where 1 dies, 4 on day 6, where 2 die, and 1 on day 9, who dies."""
    at = kaplan_meier(risk_table(six))["all"].at([1, 6, 8, 9])
    for i, text in enumerate(("5/6", "5/6 * 2/4", "5/6 * 2/4", "0")):
        by_hand(f"S({at.time[i]:g})", at.estimate[i], text)
    by_hand("SE of S(1), Greenwood", at.std_error[0], "5/6 * sqrt(1 / (6 * 5))")
    by_hand("SE of S(6), Greenwood", at.std_error[1], "5/12 * sqrt(1 / (6 * 5) + 2 / (4 * 2))")
    spread = "z * sqrt(1/30 + 1/4)"
    limits = {
        "plain": (f"max(0, 5/12 * (1 - {spread}))", f"min(1, 5/12 * (1 + {spread}))"),
        "log": (f"5/12 * exp(-{spread})", f"min(1, 5/12 * exp({spread}))"),
        "log-log": (
            f"(5/12) ** exp({spread} / -log(5/12))",
            f"(5/12) ** exp(-{spread} / -log(5/12))",
        ),
        "logit": (
            f"1 / (1 + 7/5 * exp({spread} / (7/12)))",
            f"1 / (1 + 7/5 * exp(-{spread} / (7/12)))",
        ),
    }
    for interval, (low, high) in limits.items():
        at = kaplan_meier(risk_table(six), interval=interval)["all"].at(6)
        by_hand(f"S(6), {interval}, low", at.conf_low[0], low)
        by_hand(f"S(6), {interval}, high", at.conf_high[0], high)


def test_robust_kaplan_meier(six, by_hand):
    """Pulls on S(1) = 5/6: 1/36 of each of the five who live on and -5/36 of the one who dies.

    A cluster's pulls are added up: in one are the first and the third, who both live on.
    """
    robust = robust_kaplan_meier(six)["all"].at([1, 6])
    by_hand("robust SE of S(1)", robust.std_error[0], "sqrt((5/36)**2 + 5 * (1/36)**2)")
    text = "5/12 * sqrt(1/30 + 1/4)"
    by_hand("robust SE of S(6), weights of 1: Greenwood's", robust.std_error[1], text)
    pair = robust_kaplan_meier(six, cluster=[0, 1, 0, 2, 3, 4])["all"].at(1)
    text = "sqrt((5/36)**2 + (2/36)**2 + 3 * (1/36)**2)"
    by_hand("SE of S(1) with two in one cluster", pair.std_error[0], text)


def test_kaplan_meier_with_late_entry_and_weights(by_hand):
    columns = {"exit": [9, 8, 1, 1, 6, 6], "event": [1, 0, 1, 0, 1, 1]}
    late = risk_table(History.of(entry=[0, 3, 0, 0, 0, 0], **columns))
    at = kaplan_meier(late)["all"].at([1, 6])
    by_hand("one enters on day 3: S(1)", at.estimate[0], "4/5")
    by_hand("one enters on day 3: S(6)", at.estimate[1], "4/5 * 2/4")
    by_hand("its SE", at.std_error[1], "2/5 * sqrt(1 / (5 * 4) + 2 / (4 * 2))")
    heavy = risk_table(History.of(weight=[1, 1, 2, 1, 1, 1], **columns))
    by_hand("one of weight 2 dies first: S(1)", kaplan_meier(heavy)["all"].estimate[0], "5/7")
    by_hand("first day with 4 at risk", earliest_start(late, at_risk=4).jointly, "0")
    start = kaplan_meier(late, start=1)["all"].at(6)
    by_hand("from day 1 on: S(6)", start.estimate[0], "2/4")


def test_death_exactly_at_the_start(six, competing, by_hand):
    """``(start, ...]``: the death on day 1 does not enter a curve from day 1, that on day 6 does."""
    table = risk_table(six)
    curve = kaplan_meier(table, start=1)["all"]
    by_hand("survival, start = 1: S(6)", curve.at(6).estimate[0], "2/4")
    by_hand("survival, start = 1: at risk on day 6", curve.at(6).at_risk[0], "4")
    before = kaplan_meier(table, start=0.5)["all"].at([1, 6])
    by_hand("survival, start = 0.5: S(1)", before.estimate[0], "5/6")
    by_hand("survival, start = 0.5: S(6)", before.estimate[1], "5/6 * 2/4")
    later = kaplan_meier(table, start=6)["all"]
    by_hand("survival, start = 6: S(6)", later.at(6).estimate[0], "1")
    hazard = nelson_aalen(table, start=1)["all"].at(6)
    by_hand("hazard, start = 1: H(6)", hazard.estimate[0], "2/4")
    curves = cumulative_incidence(risk_table(competing), start=1)["all"]
    by_hand("incidence, start = 1: F1(3)", curves["bone"].at(3).estimate[0], "2/3 * 1/2")
    by_hand("incidence, start = 1: F2(2)", curves["dead"].at(2).estimate[0], "1/3")


def test_midpoint_of_a_flat_half(by_hand):
    for exit_, event, midpoint in (
        ([1, 2, 3, 4], [1, 1, 0, 0], "(2 + 4) / 2"),
        ([1, 2, 3, 4], [1, 1, 1, 1], "(2 + 3) / 2"),
        ([2, 4, 6, 8], [1, 1, 1, 0], "(4 + 6) / 2"),
        ([1, 2, 3, 7], [1, 1, 0, 1], "(2 + 7) / 2"),
    ):
        curve = kaplan_meier(risk_table(History.of(exit=exit_, event=event)))["all"]
        told = f"median of {exit_}, events {event}"
        by_hand(f"{told}, as R", quantile(curve, midpoint=True).estimate, midpoint)
        by_hand(f"{told}, first day", quantile(curve).estimate, str(exit_[1]))


def test_symmetric_median(by_hand):
    """SE(S(4)) / f, where f is the slope from day u = 3, S = 5/8, to day l = 5, S = 3/8."""
    curve = kaplan_meier(risk_table(History.of(exit=list(range(1, 9)), event=[1] * 8)))["all"]
    median = symmetric_quantile(curve)
    by_hand("eight deaths, median", median.estimate, "4")
    by_hand("its SE", median.std_error, "sqrt(1/2 * 1/2 / 8) / ((5/8 - 3/8) / (5 - 3))")


def test_reverse_kaplan_meier(six, by_hand):
    """Being censored is the event, dying is not: 1 of 6 on day 1, 1 of 2 on day 8."""
    at = kaplan_meier(risk_table(follow_up(six)))["all"].at([1, 8])
    by_hand("still followed after day 1", at.estimate[0], "5/6")
    by_hand("still followed after day 8", at.estimate[1], "5/6 * 1/2")


def test_fixed_times(by_hand):
    """Nobody is censored before day 4: the variance of S(4) is that of a proportion of four."""
    history = History.of(
        exit=[1, 5, 6, 7, 1, 2, 7, 8], event=[1, 0, 0, 1, 1, 1, 1, 1],
        stratum=[0] * 4 + [1] * 4, strata=("a", "b"),
    )  # fmt: skip
    curves = kaplan_meier(risk_table(history))
    gap = fixed_time_difference(curves["a"], curves["b"], 4)
    by_hand("difference of S(4)", gap.estimate, "3/4 - 2/4")
    by_hand("its SE", gap.std_error, "sqrt(3/4 * 1/4 / 4 + 1/2 * 1/2 / 4)")
    ratio = fixed_time_ratio(curves["a"], curves["b"], 4)
    by_hand("ratio of S(4)", ratio.estimate, "3/4 / (2/4)")
    by_hand("SE of its log", ratio.std_error, "sqrt(1/4 / (4 * 3/4) + 1/2 / (4 * 1/2))")


def test_nelson_aalen(six, by_hand):
    """Pulls on H(1) = 1/6: -1/36 of each of six, and 1/6 of the one who dies; one cluster has two."""
    at = nelson_aalen(risk_table(six))["all"].at([1, 6])
    by_hand("H(1)", at.estimate[0], "1/6")
    by_hand("H(6)", at.estimate[1], "1/6 + 2/4")
    by_hand("its SE", at.std_error[1], "sqrt(1/6**2 + 2/4**2)")
    hazard = nelson_aalen(risk_table(six), ties="fleming-harrington")["all"].at(6)
    by_hand("H(6), Fleming-Harrington", hazard.estimate[0], "1/6 + 1/4 + 1/3")
    survival = fleming_harrington(risk_table(six))["all"].at(6)
    by_hand("S(6), exp(-H)", survival.estimate[0], "exp(-(1/6 + 2/4))")
    robust = robust_nelson_aalen(six)["all"].at(1)
    by_hand("robust SE of H(1)", robust.std_error[0], "sqrt((1/6 - 1/36)**2 + 5 * (1/36)**2)")
    pair = robust_nelson_aalen(six, cluster=[0, 1, 0, 2, 3, 4])["all"].at(1)
    by_hand(
        "with two in one cluster", pair.std_error[0],
        "sqrt((5/36)**2 + (2/36)**2 + 3 * (1/36)**2)",
    )  # fmt: skip


@pytest.fixture
def competing():
    return History.of(exit=[1, 2, 3, 4], event=[1, 2, 1, 0], states=("free", "bone", "dead"))


def test_aalen_johansen(competing, by_hand):
    curves = cumulative_incidence(risk_table(competing))["all"]
    bone, dead = curves["bone"].at([1, 3]), curves["dead"].at([2, 3])
    by_hand("F1(1)", bone.estimate[0], "1/4")
    by_hand("F1(3)", bone.estimate[1], "1/4 + 1/2 * 1/2")
    by_hand("F2(2)", dead.estimate[0], "3/4 * 1/3")
    by_hand("SE of F1(1), nobody censored", bone.std_error[0], "sqrt(1/4 * 3/4 / 4)")
    by_hand("SE of F1(3)", bone.std_error[1], "sqrt(1/2 * 1/2 / 4)")
    by_hand("SE of F2(3)", dead.std_error[1], "sqrt(1/4 * 3/4 / 4)")
    tied = History.of(exit=[1, 1, 1, 2], event=[1, 2, 0, 1], states=("free", "bone", "dead"))
    bone = cumulative_incidence(risk_table(tied))["all"]["bone"].at([1, 2])
    by_hand("both causes on one day: F1(1)", bone.estimate[0], "1/4")
    by_hand("both causes on one day: F1(2)", bone.estimate[1], "1/4 + 2/4 * 1/1")


def test_restricted_means(six, competing, by_hand):
    curve = kaplan_meier(risk_table(six))["all"]
    by_hand("mean to day 6", restricted_mean(curve, 6).estimate, "1 + 5/6 * 5")
    mean = restricted_mean(curve, 8)
    by_hand("mean to day 8", mean.estimate, "1 + 5/6 * 5 + 5/12 * 2")
    by_hand(
        "its SE", mean.std_error,
        "sqrt((5/6 * 5 + 5/12 * 2)**2 / (6 * 5) + (5/12 * 2)**2 * 2 / (4 * 2))",
    )  # fmt: skip
    lost = restricted_mean_time_lost(risk_table(competing), 4)["all"]
    by_hand("days lost to bone by day 4", lost["bone"].estimate, "1/4 * 2 + 1/2 * 1")
    by_hand("days lost to death by day 4", lost["dead"].estimate, "1/4 * 2")


@pytest.fixture
def course():
    """1 ill on day 1, dead on day 3; 2 dead on day 2; 3 well to day 4; 4 ill on day 3."""
    return History.of(
        subject=[0, 0, 1, 2, 3, 3], entry=[0, 1, 0, 0, 0, 3], exit=[1, 3, 2, 4, 3, 4],
        from_state=[0, 1, 0, 0, 0, 1], event=[1, 2, 2, 0, 1, 0], states=("well", "ill", "dead"),
    )  # fmt: skip


def test_multi_state(course, by_hand):
    """Nobody is censored before day 4: shares of four patients."""
    points = state_occupation(course, variance="jackknife")["all"].at([1, 2, 3])
    for state, shares in {
        "well": ("3/4", "2/4", "1/4"),
        "ill": ("1/4", "1/4", "1/4"),
        "dead": ("0", "1/4", "2/4"),
    }.items():
        for i, text in enumerate(shares):
            by_hand(f"{state} on day {i + 1}", points[state].estimate[i], text)
    by_hand("SE of well on day 2", points["well"].std_error[1], "sqrt(1/2 * 1/2 / 4)")
    stay = length_of_stay(risk_table(course), 3)["all"]
    by_hand("days well by day 3", stay["well"].estimate, "1 + 3/4 + 2/4")
    by_hand("days ill by day 3", stay["ill"].estimate, "1/4 + 1/4")
    later = landmark_occupation(course, 2, "well")["all"].at(3)
    by_hand("well on day 2: ill on day 3", later["ill"].estimate[0], "1/2")


def test_mean_cumulative(by_hand):
    """One has an event on days 1 and 3 and is seen to day 4, one on day 2 and dies on day 2.5."""
    columns = {
        "subject": [0, 0, 0, 1, 1], "entry": [0, 1, 3, 0, 2], "exit": [1, 3, 4, 2, 2.5],
        "event": [1, 1, 0, 1, 2], "states": ("free", "sre", "dead"),
    }  # fmt: skip
    history = History.of(**columns)
    at = mean_cumulative(history, "sre")["all"].at([1, 2, 3])
    by_hand("events by day 1", at.estimate[0], "1/2")
    by_hand("events by day 2", at.estimate[1], "1/2 + 1/2")
    by_hand("events by day 3, half are dead", at.estimate[2], "1/2 + 1/2 + 1/2 * 1")
    alive = mean_cumulative(history, "sre", terminal=())["all"].at(3)
    by_hand("were nobody to die", alive.estimate[0], "1/2 + 1/2 + 1")
