"""Robust means, time lost and fixed-time contrasts against the influence values of survfit."""

import pytest

from osteon.estimate import (
    robust_fixed_time_difference,
    robust_fixed_time_ratio,
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_ratio,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
)

GROUPS = ("0", "1", "2")
BY_GROUP = [f"group {group}" for group in GROUPS]
CASES = ("plain", "weighted", "clustered", "both")


@pytest.fixture
def case(cohort, history_of):
    """A history and the cluster option of each case of make.R."""

    def build(name, **changes):
        if name in {"weighted", "both"}:
            changes["weight"] = cohort["weight"]
        history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)
        return history, {"cluster": cohort["id"] // 3} if name in {"clustered", "both"} else {}

    return build


@pytest.mark.parametrize("name", CASES)
def test_restricted_mean(case, expected, close, name):
    history, cluster = case(name)
    r = expected["mean"]
    means = robust_restricted_mean(history, 600, **cluster)
    close([means[g].std_error for g in GROUPS], r["std_error"][name]["groups"][0], at=BY_GROUP)
    if name in r["estimate"]:
        close([means[g].estimate for g in GROUPS], r["estimate"][name], at=BY_GROUP)
    gap = robust_restricted_mean_difference(history, "0", "1", 600, **cluster)
    close(gap.std_error, r["std_error"][name]["difference"])


@pytest.mark.parametrize("name", CASES)
def test_a_horizon_between_event_times(case, expected, close, name):
    history, cluster = case(name)
    horizon, r = expected["odd_horizon"], expected["mean"]["odd"][name]
    means = robust_restricted_mean(history, horizon, **cluster)
    close([means[g].std_error for g in GROUPS], r["groups"][0], at=BY_GROUP)
    gap = robust_restricted_mean_difference(history, "0", "1", horizon, **cluster)
    close(gap.std_error, r["difference"])


def test_ratios(case, expected, close):
    history, cluster = case("both")
    mean = robust_restricted_mean_ratio(history, "0", "1", 600, **cluster)
    close(mean.std_error, expected["mean"]["log_ratio"])
    survival = robust_fixed_time_ratio(history, "0", "1", 500, **cluster)
    close(survival.std_error, expected["fixed"]["survival"]["log_ratio"])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("entry", ["entry", "right"])
def test_time_lost(case, expected, close, name, entry):
    history, cluster = case(name, **({} if entry == "entry" else {"entry": None}))
    r = expected["lost"][entry][name]
    lost = robust_restricted_mean_time_lost(history, 600, **cluster)
    for k, cause in enumerate(("first", "second"), start=1):
        close([lost[g][cause].std_error for g in GROUPS], r["groups"][k], at=BY_GROUP)
        gap = robust_restricted_mean_time_lost_difference(history, "0", "1", cause, 600, **cluster)
        close(gap.std_error, r["difference"][k])


@pytest.mark.parametrize("name", CASES)
def test_fixed_time(case, expected, close, name):
    history, cluster = case(name)
    r = expected["fixed"]
    survival = robust_fixed_time_difference(history, "0", "1", 500, **cluster)
    close(survival.std_error, r["survival"]["std_error"][name]["difference"])
    for k, cause in enumerate(("first", "second"), start=1):
        gap = robust_fixed_time_difference(history, "0", "1", 500, cause=cause, **cluster)
        close(gap.std_error, r["incidence"]["std_error"][name]["difference"][k])
        if name == "weighted":
            theirs = r["incidence"]["estimate"][0][k] - r["incidence"]["estimate"][1][k]
            close(gap.estimate, theirs, what=f"{cause}, incidence of 0 less that of 1, day 500")
    if name == "weighted":
        theirs = r["survival"]["estimate"][0] - r["survival"]["estimate"][1]
        close(survival.estimate, theirs, what="survival of 0 less that of 1, day 500")
