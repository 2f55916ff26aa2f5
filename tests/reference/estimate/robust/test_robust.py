"""Infinitesimal-jackknife variances against survfit(robust = TRUE, cluster =)."""

import numpy as np
import pytest

from osteon.estimate import (
    robust_cumulative_incidence,
    robust_kaplan_meier,
    robust_nelson_aalen,
)

GROUPS = ("0", "1", "2")
VALUES = ("estimate", "std_error", "conf_low", "conf_high")


def options(cohort, name):
    """Weights and clusters of each case of make.R."""
    weight = {"weighted": "weight", "copies": "copies", "both": "weight", "started": "weight"}
    clusters = cohort["id"] // 3
    return (
        {"weight": cohort[weight[name]]} if name in weight else {},
        {"cluster": clusters} if name in {"clustered", "both"} else {},
    )


@pytest.mark.parametrize(
    ("name", "interval"),
    [
        ("plain", "log-log"),
        ("weighted", "log"),
        ("copies", "plain"),
        ("clustered", "logit"),
        ("both", "log-log"),
    ],
)
def test_kaplan_meier(cohort, history_of, expected, close, name, interval):
    weight, cluster = options(cohort, name)
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **weight)
    curves = robust_kaplan_meier(history, interval=interval, **cluster)
    for group in GROUPS:
        points = curves[group].at(expected["times"])
        inside = ~np.isnan(points.estimate) & (points.estimate < 1)
        assert inside.sum() >= 3
        for value in VALUES:
            theirs = expected[name][group][value]
            close(getattr(points, value), theirs, at=expected["times"], where=inside)


def test_a_later_start(cohort, history_of, expected, close):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["weight"])
    curves = robust_kaplan_meier(history, start=120, cluster=cohort["id"] // 3)
    for group in GROUPS:
        points = curves[group].at(expected["times"])
        inside = ~np.isnan(points.estimate) & (points.estimate < 1)
        for value in VALUES:
            theirs = expected["started"][group][value]
            close(getattr(points, value), theirs, at=expected["times"], where=inside)


def test_a_patient_in_pieces(cohort, history_of, expected, close):
    whole = {name: cohort[name] for name in cohort}
    late = (whole["entry"] < 200) & (whole["exit"] > 200)
    first = {name: values.copy() for name, values in whole.items()}
    first["exit"][late], first["cause"][late] = 200, 0
    second = {name: values[late].copy() for name, values in whole.items()}
    second["entry"][:] = 200
    pieces = {name: np.concatenate([first[name], second[name]]) for name in whole}
    points = robust_kaplan_meier(history_of(pieces, weight=pieces["weight"]))["all"]
    for value in VALUES:
        ours, theirs = getattr(points.at(expected["times"]), value), expected["pieces"][value]
        close(ours, theirs, at=expected["times"])


@pytest.mark.parametrize("name", ["plain", "weighted", "both"])
def test_nelson_aalen(cohort, history_of, expected, close, name):
    weight, cluster = options(cohort, name)
    points = robust_nelson_aalen(history_of(cohort, **weight), **cluster)["all"]
    for value in ("estimate", "std_error"):
        ours = getattr(points.at(expected["times"]), value)
        close(ours, expected["hazard"][name][value], at=expected["times"])


@pytest.mark.parametrize("name", ["plain", "weighted", "started"])
def test_cumulative_incidence(cohort, history_of, expected, close, name):
    weight, cluster = options(cohort, name)
    start = {"start": 120} if name == "started" else {}
    curves = robust_cumulative_incidence(history_of(cohort, **weight), **cluster, **start)["all"]
    times = expected["times"]
    for cause in ("first", "second"):
        for value in VALUES:
            theirs, started = expected["cif"][name][cause][value], np.array(times) > 120
            ours = getattr(curves[cause].at(times), value)
            close(ours, theirs, at=times, where=started if start else True)


@pytest.mark.parametrize("name", ["clustered", "both"])
def test_cumulative_incidence_in_clusters(cohort, history_of, expected, close, name):
    weight, cluster = options(cohort, name)
    history = history_of(cohort, entry=None, **weight)
    for cause, curve in robust_cumulative_incidence(history, **cluster)["all"].items():
        for value in ("estimate", "std_error"):
            points = curve.at(expected["times"])
            theirs = expected["family"][name][cause][value]
            close(getattr(points, value), theirs, at=expected["times"])
