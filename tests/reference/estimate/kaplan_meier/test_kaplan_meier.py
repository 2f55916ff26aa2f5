"""Kaplan-Meier, its quantiles and the reverse curve against R's survfit."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import fixed_time, follow_up, kaplan_meier, quantile, risk_table

GROUPS = ("0", "1", "2")


@pytest.fixture
def table(cohort, history_of):
    return risk_table(history_of(cohort, stratum=cohort["group"], strata=GROUPS))


def agree(curves, expected, times, close):
    for group in GROUPS:
        points = curves[group].at(times)
        inside = ~np.isnan(points.estimate)  # R's extend=TRUE carries the last value on; we do not
        assert inside.sum() >= 5
        for name, values in expected[group].items():
            # Before the first event R prints no log-log limits; ours are S = 1.
            whole = np.where(points.estimate == 1, 1.0, np.nan)
            close(getattr(points, name), values, at=times, where=inside, na=whole)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain", "logit", "arcsine"])
def test_delayed_entry_at_every_scale_of_the_interval(table, expected, close, interval):
    agree(kaplan_meier(table, interval=interval), expected[interval], expected["times"], close)


@pytest.mark.parametrize("interval", ["log-log", "plain"])
def test_at_a_fixed_time(table, expected, close, interval):
    curves = kaplan_meier(table, interval=interval)
    at = list(expected["times"]).index(300)
    for group in GROUPS:
        value, theirs = fixed_time(curves[group], 300), expected[interval][group]
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            close(getattr(value, name), theirs[name][at], what="day 300")


def test_whole_weights(cohort, history_of, expected, close):
    table = risk_table(
        history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["copies"])
    )
    agree(kaplan_meier(table), expected["weighted"], expected["times"], close)


def test_numbers_at_risk(table, cohort, history_of, expected, close):
    weighted = risk_table(
        history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["copies"])
    )
    for group in GROUPS:
        at_risk = kaplan_meier(table)[group].at(expected["times"]).at_risk
        weight_at_risk = kaplan_meier(weighted)[group].at(expected["times"][1:]).at_risk
        close(at_risk, expected["at_risk"][group], at=expected["times"])
        close(weight_at_risk, expected["weight_at_risk"][group], at=expected["times"][1:])


def test_fractional_weights(cohort, history_of, expected, close):
    table = risk_table(
        history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["weight"])
    )
    agree(kaplan_meier(table, interval="log"), expected["fractional"], expected["times"], close)


def test_conditional_curve(table, expected, close):
    curves = kaplan_meier(table, start=120)
    times = expected["times"]
    for group in GROUPS:
        points = curves[group].at(times)
        inside = ~np.isnan(points.estimate) & (np.array(times) >= 120)
        assert np.isnan(curves[group].at(60).estimate[0])
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            theirs = expected["started"][group][name]
            close(getattr(points, name), theirs, at=times, where=inside)


@pytest.mark.parametrize(("where", "start"), [("at", 79.5), ("after", 80)])
def test_start_time_at_a_death(cohort, history_of, expected, close, where, start):
    """R's ``start.time = 80`` lets the three deaths of day 80 in; ``(80, ...]`` does not."""
    times = [100, 300, 500, 800]
    points = kaplan_meier(risk_table(history_of(cohort)), start=start)["all"].at(times)
    close(points.estimate, expected["start_80"][where]["estimate"], at=times)
    close(points.std_error, expected["start_80"][where]["std_error"], at=times)
    both = [expected["start_80"][name]["estimate"][0] for name in ("at", "after")]
    assert both[0] < both[1] - 1e-3


def test_confidence_level(table, expected, close):
    agree(kaplan_meier(table, conf_level=0.9), expected["level_90"], expected["times"], close)


def test_one_cause_with_the_other_censored(table, expected, close):
    agree(kaplan_meier(table, causes=["first"]), expected["cause_1"], expected["times"], close)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain", "logit", "arcsine"])
def test_quantiles(table, expected, close, interval):
    everywhere = {"log-log": expected["quantiles"], **expected["quantiles_at"]}
    for i, (group, curve) in enumerate(kaplan_meier(table, interval=interval).items()):
        for j, probability in enumerate((0.25, 0.5, 0.75)):
            q = quantile(curve, probability, midpoint=True)
            for ours, rs in (
                (q.estimate, "quantile"),
                (q.conf_low, "lower"),
                (q.conf_high, "upper"),
            ):
                theirs = list(everywhere[interval][rs][i].values())[j]
                close(ours, theirs, what=f"group {group}", na=np.inf)  # R: NA is "not reached"


PLATEAUS = {
    "flat": ([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 1, 1, 0]),
    "flat_to_the_end": ([1, 2, 3, 4], [1, 1, 0, 0]),
}


@pytest.mark.parametrize("name", PLATEAUS)
def test_plateau_at_one_half(expected, close, name):
    exit_, event = PLATEAUS[name]
    curve = kaplan_meier(risk_table(History.of(exit=exit_, event=event)))["all"]
    q = quantile(curve, midpoint=True)
    ours = [q.estimate, q.conf_low, q.conf_high]
    close(ours, expected[name], at=("median", "low", "high"), na=np.inf)


def test_reverse_kaplan_meier(cohort, history_of, expected, close):
    history = follow_up(history_of(cohort, stratum=cohort["group"], strata=GROUPS))
    agree(kaplan_meier(risk_table(history)), expected["follow_up"], expected["times"], close)
