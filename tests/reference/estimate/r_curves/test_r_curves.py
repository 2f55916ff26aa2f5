"""Curves of veteran, pbc, colon, lung and mgus2, as shipped (MIT) by the greenwood package."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    nelson_aalen,
    quantile,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_cumulative_incidence,
)

STATES = ("free", "pcm", "death")


def survival(shipped, name, interval):
    rows = shipped("greenwood", name)
    died = rows["status"] == (2 if name in {"pbc", "lung"} else 1)
    history = History.of(exit=rows["time"], event=died)
    if name == "colon":
        history = history.where(rows["etype"] == 2)
    return kaplan_meier(risk_table(history), interval=interval)["all"]


@pytest.fixture
def mgus2(shipped):
    rows = shipped("greenwood", "mgus2")
    pcm = rows["pstat"] == 1
    exit_ = np.where(pcm, rows["ptime"], rows["futime"])
    event = np.where(pcm, 1, 2 * rows["death"])
    return rows, exit_, event


SURVIVAL = {
    "veteran": ("log", (30, 90, 180, 365)),
    "pbc": ("plain", (365, 1000, 2000, 3000)),
    "colon": ("logit", (365, 1000, 2000, 2500)),
    "lung": ("arcsine", (100, 300, 500, 800)),
}


@pytest.mark.parametrize("name", SURVIVAL)
def test_survival(shipped, expected, close, name):
    interval, times = SURVIVAL[name]
    points = survival(shipped, name, interval).at(times)
    for value, theirs in expected[name].items():
        close(getattr(points, value), theirs, at=times)


@pytest.mark.parametrize(
    ("name", "interval"),
    [("veteran", "log"), ("lung", "log-log"), ("pbc", "plain"), ("colon", "logit")],
)
def test_median(shipped, expected, close, name, interval):
    median = quantile(survival(shipped, name, interval), midpoint=True)
    for value, theirs in expected["medians"][name].items():
        close(getattr(median, value), theirs, na=np.inf)


def test_competing_risks_of_mgus2(mgus2, expected, close):
    _, exit_, event = mgus2
    history = History.of(exit=exit_, event=event, states=STATES)
    table = risk_table(history)
    delta, aalen = (
        cumulative_incidence(table, variance=variance)["all"] for variance in ("delta", "aalen")
    )
    robust = robust_cumulative_incidence(history)["all"]
    for cause in ("pcm", "death"):
        for curves, theirs in ((delta, "aj"), (robust, "aj"), (aalen, "cmprsk")):
            points = curves[cause].at(expected["times"])
            for value in ("estimate", "std_error"):
                close(getattr(points, value), expected[theirs][cause][value], at=expected["times"])


def test_mgus2_seen_from_two_years_on(mgus2, expected, close):
    _, exit_, event = mgus2
    late = exit_ > 24
    history = History.of(
        entry=np.full(late.sum(), 24), exit=exit_[late], event=event[late], states=STATES
    )
    for cause, curve in robust_cumulative_incidence(history)["all"].items():
        points = curve.at(expected["times"][1:])
        for value in ("estimate", "std_error"):
            theirs = expected["aj_late"][cause][value]
            close(getattr(points, value), theirs, at=expected["times"][1:])


def test_means_and_hazard_of_mgus2(mgus2, expected, close):
    rows, exit_, event = mgus2
    women_first = History.of(exit=exit_, event=event > 0, stratum=rows["sex"] == "M")
    means = [
        restricted_mean(curve, 120) for curve in kaplan_meier(risk_table(women_first)).values()
    ]
    for value, theirs in expected["rmst"].items():
        close([getattr(mean, value) for mean in means], theirs, at=("women", "men"))
    table = risk_table(History.of(exit=exit_, event=event, states=STATES))
    for cause, lost in restricted_mean_time_lost(table, 120)["all"].items():
        for value, theirs in expected["lost"][cause].items():
            close(getattr(lost, value), theirs)
    points = nelson_aalen(table)["all"].at(expected["times"])
    for value, theirs in expected["hazard"].items():
        close(getattr(points, value), theirs, at=expected["times"])
