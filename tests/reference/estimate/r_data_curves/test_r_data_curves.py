"""Late entry, robust errors, reverse curves, trends and stays on R's data, as shipped by greenwood (MIT)."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    fleming_harrington,
    follow_up,
    kaplan_meier,
    length_of_stay,
    log_rank,
    log_rank_trend,
    nelson_aalen,
    risk_table,
    robust_kaplan_meier,
)

LIMITS = ("estimate", "std_error", "conf_low", "conf_high")


@pytest.fixture
def agree(close):
    def check(curve, theirs, times, what=""):
        points = curve.at(times)
        for field, values in theirs.items():
            close(getattr(points, field), values, what=what, at=times)

    return check


@pytest.fixture
def lung(shipped):
    return {name: column.astype(float) for name, column in shipped("greenwood", "lung").items()}


@pytest.fixture
def mgus2(shipped):
    return shipped("greenwood", "mgus2")


def test_age_as_the_time_scale(mgus2, expected, agree):
    """Everybody enters at the age of diagnosis, in months; survival from the age of sixty on."""
    entry = 12 * mgus2["age"]
    history = History.of(
        entry=entry,
        exit=entry + mgus2["futime"],
        event=mgus2["death"],
        stratum=mgus2["sex"].astype(str) == "M",
        strata=("F", "M"),
    )
    for sex, curve in kaplan_meier(risk_table(history), start=720).items():
        agree(curve, expected["age"][sex], expected["ages"])


def test_robust_errors(lung, expected, agree):
    whole = History.of(exit=lung["time"], event=lung["status"] == 2)
    agree(robust_kaplan_meier(whole)["all"], expected["robust"], expected["days"])
    known = np.isfinite(lung["inst"])
    clusters = lung["inst"][known].astype(int)
    curve = robust_kaplan_meier(whole.where(known), cluster=clusters)["all"]
    agree(curve, expected["institutions"], expected["days"])


def test_follow_up_of_veteran(shipped, expected, agree):
    rows = shipped("greenwood", "veteran")
    followed = follow_up(History.of(exit=rows["time"], event=rows["status"]))
    agree(kaplan_meier(risk_table(followed))["all"], expected["followed"], [100, 200])


def test_level_of_90_percent(shipped, expected, agree):
    rows = shipped("greenwood", "pbc")
    table = risk_table(History.of(exit=rows["time"], event=rows["status"] == 2))
    agree(kaplan_meier(table, conf_level=0.9)["all"], expected["level_90"], [365, 1000, 2000, 3000])


@pytest.mark.parametrize("ties", ["nelson-aalen", "fleming-harrington"])
def test_hazards_of_lung(lung, expected, agree, ties):
    table = risk_table(History.of(exit=lung["time"], event=lung["status"] == 2))
    theirs = expected[ties.replace("-", "_")]
    agree(nelson_aalen(table, ties=ties)["all"], theirs["hazard"], expected["days"])
    curve = fleming_harrington(table, ties=ties, interval="log")["all"]
    agree(curve, theirs["survival"], expected["days"])


@pytest.mark.parametrize("rho", [0, 1], ids="rho_{}".format)
def test_performance_status_of_lung(lung, expected, close, rho):
    kept = lung["ph.ecog"] < 3
    history = History.of(
        exit=lung["time"][kept],
        event=lung["status"][kept] == 2,
        stratum=lung["ph.ecog"][kept].astype(int),
    )
    test = log_rank(risk_table(history), rho=rho)
    close(test.statistic, expected["ecog"][f"rho_{rho}"])
    close(log_rank_trend(test).z, expected["trend"][f"rho_{rho}"])


def test_months_in_each_state_of_mgus2(course_of_mgus2, expected, close):
    """Free, with a malignancy, and lost to death by month 240."""
    stay = length_of_stay(course_of_mgus2, 240, variance="jackknife")["all"]
    for field, values in expected["stay"].items():
        close([getattr(stay[state], field) for state in stay], values, at=list(stay))
