"""Contrasts at fixed times, symmetric quantiles and earliest starts against arithmetic on survfit."""

import pytest

from osteon.estimate import (
    cumulative_incidence,
    earliest_start,
    fixed_time_difference,
    fixed_time_ratio,
    kaplan_meier,
    restricted_mean_difference,
    restricted_mean_ratio,
    risk_table,
    symmetric_quantile,
)

GROUPS = ("0", "1", "2")
PAIRS = (("0", "1"), ("0", "2"), ("1", "2"))


@pytest.fixture
def history(cohort, history_of):
    return lambda **changes: history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)


@pytest.fixture
def agree(close):
    def check(function, curves, time, theirs):
        for (a, b), values in zip(PAIRS, theirs, strict=True):
            ours = function(curves[a], curves[b], time)
            for field, value in values.items():
                close(getattr(ours, field), value, what=f"groups {a} and {b}")

    return check


@pytest.mark.parametrize("time", [300, 600])
def test_survival(history, expected, agree, time):
    curves, theirs = kaplan_meier(risk_table(history())), expected[f"km_{time}"]
    agree(fixed_time_difference, curves, time, theirs["difference"])
    agree(fixed_time_ratio, curves, time, theirs["ratio"])


@pytest.mark.parametrize(("cause", "time"), [("first", 300), ("second", 600)])
def test_incidence(history, expected, agree, cause, time):
    both = cumulative_incidence(risk_table(history(entry=None)))
    curves, theirs = {g: both[g][cause] for g in GROUPS}, expected[f"{cause}_{time}"]
    agree(fixed_time_difference, curves, time, theirs["difference"])
    agree(fixed_time_ratio, curves, time, theirs["ratio"])


def test_restricted_mean(history, expected, agree):
    curves, theirs = kaplan_meier(risk_table(history())), expected["mean_600"]
    agree(restricted_mean_difference, curves, 600, theirs["difference"])
    agree(restricted_mean_ratio, curves, 600, theirs["ratio"])


def test_symmetric_quantile(history, expected, close):
    curves = kaplan_meier(risk_table(history()))
    for curve, theirs in zip(curves.values(), expected["symmetric"], strict=True):
        for probability, values in zip((0.25, 0.5, 0.75), theirs, strict=True):
            ours = symmetric_quantile(curve, probability)
            for field, value in values.items():
                close(getattr(ours, field), value, what=f"quantile {probability}")


def test_earliest_start(history, expected, close):
    table = risk_table(history())
    for i, at_risk in enumerate(expected["at_risk"]):
        ours = earliest_start(table, at_risk=at_risk).by_stratum
        for group, theirs in zip(GROUPS, expected["earliest"], strict=True):
            close(ours[group], theirs[i], what=f"group {group}, {at_risk} at risk")
