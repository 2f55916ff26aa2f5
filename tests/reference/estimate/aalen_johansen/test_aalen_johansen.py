"""Cumulative incidence against survfit, etm, cmprsk and prodlim."""

import numpy as np
import pytest

from osteon.estimate import cumulative_incidence, risk_table

OUTCOMES = ("first", "second")


def agree(curves, expected, times, close, names=("estimate", "std_error")):
    for outcome in OUTCOMES:
        points = curves["all"][outcome].at(times)
        for name in names:
            close(getattr(points, name), expected[outcome][name], at=times)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_intervals_of_survfit(cohort, history_of, expected, close, interval):
    table = risk_table(history_of(cohort, entry=None))
    curves = cumulative_incidence(table, interval=interval)
    names = ("estimate", "std_error", "conf_low", "conf_high")
    agree(curves, expected[interval], expected["times"], close, names)


def test_delayed_entry_in_survfit(cohort, history_of, expected, close):
    curves = cumulative_incidence(risk_table(history_of(cohort)))
    agree(curves, expected["entry"], expected["times"], close, ["estimate"])


def test_delta_variance_of_etm_with_delayed_entry(cohort, history_of, expected, close):
    curves = cumulative_incidence(risk_table(history_of(cohort)), interval="cloglog")
    agree(curves, expected["etm"], expected["times"], close)
    agree(curves, expected["etm_cloglog"], expected["times"], close, ("conf_low", "conf_high"))


def test_conditional_on_a_later_start(cohort, history_of, expected, close):
    curves = cumulative_incidence(risk_table(history_of(cohort, entry=None)), start=120)
    agree(curves, expected["started"], expected["started_times"], close)


def test_start_of_etm_at_a_death(cohort, history_of, expected, close):
    """Three die on day 80; ``etm(s = 80)`` counts from after it, as ``(80, ...]`` does."""
    table = risk_table(history_of(cohort))
    agree(cumulative_incidence(table, start=80), expected["etm_80"], expected["death_times"], close)
    let_in = cumulative_incidence(table, start=79.5)["all"]["first"].at(100).estimate[0]
    assert let_in > expected["etm_80"]["first"]["estimate"][0] + 1e-3


def test_aalen_variance_of_cmprsk(cohort, history_of, expected, close):
    table = risk_table(history_of(cohort, entry=None))
    curves = cumulative_incidence(table, variance="aalen")
    agree(curves, expected["cmprsk"], expected["times"], close)


def test_delta_variance_of_prodlim(cohort, history_of, expected, close):
    curves = cumulative_incidence(risk_table(history_of(cohort, entry=None)))
    agree(curves, expected["prodlim"], expected["times"], close)
    assert not np.allclose(  # the two conventions differ, and are named
        curves["all"]["first"].at(800).std_error, expected["cmprsk"]["first"]["std_error"][4]
    )
