"""Mean time lost by cause against survfit's restricted means of the states, and mets."""

import pytest

from osteon.estimate import restricted_mean_time_lost, risk_table

GROUPS = ("0", "1", "2")
BY_GROUP = [f"group {group}" for group in GROUPS]


HORIZONS = {
    "at_600": 600,
    "at_512.3": 512.3,
    "at_950": 950,
    "mets": 600,
}


@pytest.mark.parametrize("name", HORIZONS)
def test_time_lost(cohort, history_of, expected, close, name):
    horizon = HORIZONS[name]
    history = history_of(cohort, entry=None, stratum=cohort["group"], strata=GROUPS)
    lost = restricted_mean_time_lost(risk_table(history), horizon)
    for cause in ("first", "second"):
        for value, theirs in expected[name][cause].items():
            close([getattr(lost[group][cause], value) for group in GROUPS], theirs, at=BY_GROUP)
