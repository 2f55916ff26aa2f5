"""Restricted means against summary(survfit(), rmean =)."""

import pytest

from osteon.estimate import (
    kaplan_meier,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
)

GROUPS = ("0", "1", "2")
BY_GROUP = [f"group {group}" for group in GROUPS]


HORIZONS = {
    "right_censored": (600, {"entry": None}),
    "entry": (600, {}),
    "between_times": (512.3, {}),
}


@pytest.mark.parametrize("name", HORIZONS)
def test_survfit(cohort, history_of, expected, close, name):
    horizon, changes = HORIZONS[name]
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)
    means = [restricted_mean(c, horizon) for c in kaplan_meier(risk_table(history)).values()]
    close([m.estimate for m in means], expected[name]["estimate"], at=BY_GROUP)
    close([m.std_error for m in means], expected[name]["std_error"], at=BY_GROUP)


def test_difference(cohort, history_of, expected, close):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS)
    curves = kaplan_meier(risk_table(history))
    gap = restricted_mean_difference(curves["0"], curves["1"], 600)
    means, errors = expected["entry"]["estimate"], expected["entry"]["std_error"]
    close(gap.estimate, means[0] - means[1], what="entry.estimate, group 0 less group 1")
    squares = errors[0] ** 2 + errors[1] ** 2
    close(gap.std_error**2, squares, what="entry.std_error squared, groups 0 and 1 added")
