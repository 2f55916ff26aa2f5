"""Mean cumulative counts against mets, survfit, and Ghosh and Lin's formulae in a plain R loop."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import mean_cumulative, mean_cumulative_test

STATES = ("bm", "sre", "dead")


def history(recurrent, late=True, untied=False, weighted=False, **changes):
    first = np.concatenate([[True], np.diff(recurrent["id"]) != 0])
    shift = recurrent["id"] / 1000 if untied else 0.0
    entry = np.where(first, recurrent["entry"] * late, recurrent["entry"] + shift)
    arguments = {
        "entry": entry,
        "exit": recurrent["exit"] + shift,
        "event": recurrent["event"],
        "subject": recurrent["id"],
        "weight": recurrent["weight"] if weighted else None,
        "states": STATES,
    }
    return History.of(**(arguments | changes))


def same(curve, expected, close):
    points = curve.at(expected["days"])
    close(points.estimate, expected["estimate"], at=expected["days"])
    close(points.std_error, expected["std_error"], at=expected["days"])


WITH_DEATHS = {
    "untied": {"late": False, "untied": True},
    "untied_late": {"untied": True},
    "tied": {"late": False},
    "tied_late": {},
    "weighted": {"weighted": True},
}


@pytest.mark.parametrize("name", WITH_DEATHS)
def test_with_deaths(recurrent, expected, close, name):
    data = WITH_DEATHS[name]
    curve = mean_cumulative(history(recurrent, **data), "sre")["all"]
    same(curve, expected[name] | {"days": expected["days"]}, close)


DEATHS_CENSORED = {
    "nelson_aalen": {"late": False},
    "nelson_aalen_late": {},
    "nelson_aalen_weighted": {"weighted": True},
}


@pytest.mark.parametrize("name", DEATHS_CENSORED)
def test_deaths_as_censoring(recurrent, expected, close, name):
    data = DEATHS_CENSORED[name]
    curve = mean_cumulative(history(recurrent, **data), "sre", terminal=())["all"]
    same(curve, expected[name] | {"days": expected["days"]}, close)


CLUSTERED = {
    "centres": (True, None),
    "nelson_aalen_centres": (False, ()),
}


@pytest.mark.parametrize("name", CLUSTERED)
def test_clusters(recurrent, expected, close, name):
    weighted, terminal = CLUSTERED[name]
    data = history(recurrent, weighted=weighted)
    curve = mean_cumulative(data, "sre", terminal=terminal, cluster=recurrent["centre"])["all"]
    same(curve, expected[name] | {"days": expected["days"]}, close)


def test_jackknife(recurrent, expected, close):
    curve = mean_cumulative(history(recurrent), "sre", variance="jackknife")["all"]
    same(curve, expected["jackknife"] | {"days": expected["days"]}, close)
    # and R's numerical derivatives in the patients' weights
    errors = curve.at(expected["days"]).std_error
    close(errors, expected["jackknife_numerical"], 1e-7, at=expected["days"])


TWO_GROUPS = {
    "test": ({"late": False}, {}),
    "test_late": ({}, {}),
    "test_weighted": ({"weighted": True}, {}),
    "test_centres": ({}, {"cluster": "centre"}),
}


@pytest.mark.parametrize("name", TWO_GROUPS)
def test_two_groups(recurrent, expected, close, name):
    data, options = TWO_GROUPS[name]
    groups = history(recurrent, stratum=recurrent["treated"], strata=("no", "yes"), **data)
    clusters = {key: recurrent[column] for key, column in options.items()}
    test = mean_cumulative_test(groups, "sre", **clusters)
    for field, value in expected[name].items():
        close(getattr(test, field), value)


def test_a_patient_in_both_groups(recurrent, expected, close):
    first = np.concatenate([[True], np.diff(recurrent["id"]) != 0])
    now = np.where(first, recurrent["treated"], 1 - recurrent["treated"])
    groups = history(recurrent, stratum=now, strata=("no", "yes"))
    test = mean_cumulative_test(groups, "sre")
    for field, value in expected["test_switched"].items():
        close(getattr(test, field), value)


def test_without_deaths_it_is_the_log_ranks_excess(recurrent, expected, close):
    groups = history(recurrent, stratum=recurrent["treated"], strata=("no", "yes"))
    test = mean_cumulative_test(groups, "sre", terminal=())
    close(test.difference, expected["excess"])
    for field, value in expected["test_without_deaths"].items():
        close(getattr(test, field), value)


def test_infections_of_cgd(r_data, expected, close):
    rows = r_data("survival", "cgd")
    data = History.of(
        entry=rows["tstart"],
        exit=rows["tstop"],
        event=rows["status"],
        subject=rows["id"],
        stratum=rows["treat"] - 1,
        strata=("placebo", "gamma interferon"),
        states=("free", "infection"),
    )
    curves = mean_cumulative(data, "infection")
    for field in ("estimate", "std_error"):
        ours = [getattr(curve.at(300), field)[0] for curve in curves.values()]
        close(ours, expected["cgd"][field], at=[f"{arm}, day 300" for arm in curves])


def test_recurrences_of_bladder_tumours_before_death(r_data, expected, close):
    rows = r_data("survival", "bladder1")
    rows = {name: values[rows["start"] < rows["stop"]] for name, values in rows.items()}

    def those(keep, **changes):
        return History.of(
            entry=rows["start"][keep],
            exit=rows["stop"][keep],
            event=np.minimum(rows["status"], 2)[keep],
            subject=rows["id"][keep],
            states=("free", "recurrence", "dead"),
            **changes,
        )

    months = [6, 12, 24, 36]
    for i, case in enumerate(expected["bladder"]):
        curve = mean_cumulative(those(rows["treatment"] == i + 1), "recurrence")["all"]
        points = curve.at(months)
        close(points.estimate, case["estimate"], at=months)
        close(points.std_error, case["std_error"], at=months)
    two = rows["treatment"] != 2
    groups = {"stratum": rows["treatment"][two] == 3, "strata": ("placebo", "thiotepa")}
    test = mean_cumulative_test(those(two, **groups), "recurrence")
    for field, value in expected["bladder_test"].items():
        close(getattr(test, field), value)
    lost = mean_cumulative_test(those(two, **groups), "recurrence", terminal=())
    close(lost.difference, expected["bladder_excess"])
