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
            theirs = np.array(values, dtype=float)
            # Before the first event R prints no log-log limits; ours are S = 1.
            theirs = np.where(np.isnan(theirs) & (points.estimate == 1), 1.0, theirs)
            close(getattr(points, name)[inside], theirs[inside])


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
            close(getattr(value, name), theirs[name][at])


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
        close(at_risk, expected["at_risk"][group])
        close(weight_at_risk, expected["weight_at_risk"][group])


def test_fractional_weights(cohort, history_of, expected, close):
    table = risk_table(
        history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["weight"])
    )
    agree(kaplan_meier(table, interval="log"), expected["fractional"], expected["times"], close)


def test_conditional_curve(table, expected, close):
    curves = kaplan_meier(table, start=120)
    for group in GROUPS:
        later = np.array(expected["times"]) >= 120
        points = curves[group].at(np.array(expected["times"])[later])
        inside = ~np.isnan(points.estimate)
        assert np.isnan(curves[group].at(60).estimate[0])
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            values = np.array(expected["started"][group][name], dtype=float)
            close(getattr(points, name)[inside], values[later][inside])


@pytest.mark.parametrize(("where", "start"), [("at", 79.5), ("after", 80)])
def test_start_time_at_a_death(cohort, history_of, expected, close, where, start):
    """R's ``start.time = 80`` lets the three deaths of day 80 in; ``(80, ...]`` does not."""
    points = kaplan_meier(risk_table(history_of(cohort)), start=start)["all"].at(
        [100, 300, 500, 800]
    )
    close(points.estimate, expected["start_80"][where]["estimate"])
    close(points.std_error, expected["start_80"][where]["std_error"])
    both = [expected["start_80"][name]["estimate"][0] for name in ("at", "after")]
    assert both[0] < both[1] - 1e-3


def test_confidence_level(table, expected, close):
    agree(kaplan_meier(table, conf_level=0.9), expected["level_90"], expected["times"], close)


def test_one_cause_with_the_other_censored(table, expected, close):
    agree(kaplan_meier(table, causes=["first"]), expected["cause_1"], expected["times"], close)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain", "logit", "arcsine"])
def test_quantiles(table, expected, close, interval):
    everywhere = {"log-log": expected["quantiles"], **expected["quantiles_at"]}
    for i, curve in enumerate(kaplan_meier(table, interval=interval).values()):
        for j, probability in enumerate((0.25, 0.5, 0.75)):
            q = quantile(curve, probability, midpoint=True)
            for ours, rs in (
                (q.estimate, "quantile"),
                (q.conf_low, "lower"),
                (q.conf_high, "upper"),
            ):
                theirs = list(everywhere[interval][rs][i].values())[j]
                close(ours, np.inf if np.isnan(theirs) else theirs)  # R: NA is "not reached"


@pytest.mark.parametrize(
    ("name", "exit_", "event"),
    [
        ("flat", [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 1, 1, 0]),
        ("flat_to_the_end", [1, 2, 3, 4], [1, 1, 0, 0]),
    ],
)
def test_plateau_at_one_half(expected, close, name, exit_, event):
    curve = kaplan_meier(risk_table(History.of(exit=exit_, event=event)))["all"]
    q = quantile(curve, midpoint=True)
    theirs = np.array(expected[name], dtype=float)
    close([q.estimate, q.conf_low, q.conf_high], np.where(np.isnan(theirs), np.inf, theirs))


def test_reverse_kaplan_meier(cohort, history_of, expected, close):
    history = follow_up(history_of(cohort, stratum=cohort["group"], strata=GROUPS))
    agree(kaplan_meier(risk_table(history)), expected["follow_up"], expected["times"], close)
