"""Restricted means against summary(survfit(), rmean =)."""

import pytest

from osteon.estimate import (
    kaplan_meier,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
)

GROUPS = ("0", "1", "2")


@pytest.mark.parametrize(
    ("name", "horizon", "changes"),
    [
        ("right_censored", 600, {"entry": None}),
        ("entry", 600, {}),
        ("between_times", 512.3, {}),
    ],
)
def test_survfit(cohort, history_of, expected, close, name, horizon, changes):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)
    means = [restricted_mean(c, horizon) for c in kaplan_meier(risk_table(history)).values()]
    close([m.estimate for m in means], expected[name]["estimate"])
    close([m.std_error for m in means], expected[name]["std_error"])


def test_difference(cohort, history_of, expected, close):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS)
    curves = kaplan_meier(risk_table(history))
    gap = restricted_mean_difference(curves["0"], curves["1"], 600)
    means, errors = expected["entry"]["estimate"], expected["entry"]["std_error"]
    close(gap.estimate, means[0] - means[1])
    close(gap.std_error**2, errors[0] ** 2 + errors[1] ** 2)
