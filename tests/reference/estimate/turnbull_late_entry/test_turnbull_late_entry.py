"""The Turnbull estimate with late entry and weights against EM in R; exact times against survfit."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import turnbull

COLUMNS = {
    "plain": {"entry": "entry"},
    "weighted": {"entry": "entry", "weight": "copies"},
    "no_entry": {"weight": "copies"},
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_slow_way_arrives_at_the_same_masses(name, windows, expected, close):
    more = {key: windows[column] for key, column in COLUMNS[name].items()}
    curve = turnbull(Bounds.of(left=windows["left"], right=windows["right"], **more))["all"]
    np.testing.assert_array_equal(curve.left, expected[name]["left"])
    np.testing.assert_array_equal(curve.right, expected[name]["right"])
    close(curve.mass, expected[name]["mass"], 1e-6)
    close(curve.log_likelihood, expected[name]["log_likelihood"], 1e-11)
    assert curve.certificate <= 1e-9
    assert curve.maxima == 1


@pytest.mark.parametrize("group", [0, 1], ids="group_{}".format)
def test_groups_arrive_there_too(group, windows, expected, close):
    own = windows["group"] == group
    bounds = Bounds.of(**{name: windows[name][own] for name in ("left", "right", "entry")})
    curve = turnbull(bounds)["all"]
    theirs = expected[f"group_{group}"]
    np.testing.assert_array_equal(curve.left, theirs["left"])
    np.testing.assert_array_equal(curve.right, theirs["right"])
    close(curve.mass, theirs["mass"], 1e-6)
    close(curve.log_likelihood, theirs["log_likelihood"], 1e-11)
    assert curve.certificate <= 1e-9


@pytest.mark.parametrize("group", [0, 1, 2], ids="group_{}".format)
def test_exact_times_of_groups_give_kaplan_meier(group, cohort, expected, close):
    own = cohort["group"] == group
    exit_ = cohort["exit"][own]
    right = np.where(cohort["cause"][own] > 0, exit_, np.inf)
    curve = turnbull(Bounds.of(left=exit_, right=right, entry=cohort["entry"][own]))["all"]
    theirs = expected["by_group"][str(group)]
    close(curve.at(theirs["time"])[1], theirs["surv"], at=theirs["time"])


def test_exact_times_give_kaplan_meier_with_late_entry_and_weights(cohort, expected, close):
    exit_ = cohort["exit"]
    bounds = Bounds.of(
        left=exit_,
        right=np.where(cohort["cause"] > 0, exit_, np.inf),
        entry=cohort["entry"],
        weight=cohort["copies"],
    )
    times = expected["km_time"]
    low, high = turnbull(bounds)["all"].at(times)
    close(high, expected["km_surv"], at=times)
    before_last = np.array(times) < exit_.max()
    close(low, expected["km_surv"], what="low", at=times, where=before_last)
