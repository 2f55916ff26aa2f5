"""A curve rests on those seen after its start, and ends where nobody is left at risk in between."""

from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import cumulative_incidence, kaplan_meier, quantile, risk_table
from osteon.study import run_study
from osteon.study.answer import Rows
from osteon.study.curves import _at, behind, behind_curve, unbroken


def test_behind_a_curve_are_those_seen_after_its_start():
    """One dies on day 5 and is not behind a curve from day 10; one who enters on day 20 is."""
    history = History.of(entry=[0, 0, 0, 20], exit=[5, 30, 40, 50], event=[1, 1, 0, 1])
    found = behind(history, 10)
    assert (found.people, found.events, found.note) == (3, 2, "rests on 3/4 patients")
    assert behind(history).note == ""


def test_a_patient_in_two_states_counts_once():
    history = History.of(entry=[0, 10], exit=[10, 30], event=[0, 1], subject=[7, 7])
    assert (behind(history, 5).people, behind(history, 5).events) == (1, 1)


DEPARTED = History.of(entry=[0, 0, 0, 80, 85], exit=[10, 20, 60, 100, 120], event=[1, 1, 1, 1, 0])
"""Three die on days 10, 20 and 60; two come under observation on days 80 and 85 only."""


def shown(history, start=0.0):
    curve = kaplan_meier(risk_table(history), start=start)["all"]
    return curve, unbroken({"all": curve})["all"]


def test_survival_ends_before_the_last_one_at_risk_dies_while_others_come_later():
    curve, ended = shown(DEPARTED)
    assert curve.at(70).estimate[0] == 0
    assert ended.at([20, 59]).estimate == pytest.approx([1 / 3, 1 / 3])
    assert np.isnan(ended.at([60, 70, 110]).estimate).all()
    assert ended.end == pytest.approx(60)
    assert ended.events.sum() == 2


def test_a_median_reached_before_stays_and_what_lies_beyond_is_not_claimed():
    curve, ended = shown(DEPARTED)
    before, after = quantile(curve), quantile(ended)
    assert (before.estimate, before.conf_low, before.conf_high) == (
        after.estimate,
        after.conf_low,
        after.conf_high,
    )
    assert quantile(curve, 0.9).estimate == 60
    assert quantile(ended, 0.9).estimate == np.inf


def test_its_note_says_why_and_its_numbers_are_of_those_before():
    _, ended = shown(DEPARTED)
    found = behind_curve(DEPARTED, ended)
    assert (found.people, found.events) == (3, 2)
    assert "ends at day 60: nobody was then left at risk (seen only later: 2)" in found.note


def test_a_gap_after_a_censoring_ends_the_curve_at_the_censoring():
    history = History.of(entry=[0, 0, 80, 80], exit=[10, 60, 100, 120], event=[1, 0, 1, 0])
    _, ended = shown(history)
    assert ended.end == 60
    assert ended.at(60).estimate[0] == 0.5
    assert behind_curve(history, ended).people == 2


def test_somebody_who_enters_on_the_day_of_the_last_death_comes_too_late():
    history = History.of(entry=[0, 0, 60], exit=[10, 60, 100], event=[1, 1, 0])
    _, ended = shown(history)
    assert np.isnan(ended.at(60).estimate[0])
    assert ended.at(59).estimate[0] == 0.5


@pytest.mark.parametrize(
    "history",
    [
        History.of(exit=[10, 20, 60], event=[1, 1, 1]),
        History.of(entry=[0, 5, 30], exit=[20, 60, 70], event=[1, 1, 0]),
        History.of(entry=[40, 50, 55], exit=[60, 70, 80], event=[1, 0, 0]),
    ],
)
def test_a_curve_without_interruption_is_left_alone(history):
    """Nor is the time before the first one enters an interruption."""
    curve, same = shown(history)
    assert same is curve


def test_incidences_end_together_where_death_takes_the_last_one():
    history = History.of(
        entry=[0, 0, 80, 80],
        exit=[10, 60, 100, 120],
        event=[1, 2, 1, 0],
        states=("free", "event", "dead"),
    )
    curves = unbroken(cumulative_incidence(risk_table(history))["all"])
    assert [c.end for c in curves.values()] == pytest.approx([60, 60])
    assert [c.at(59).estimate[0] for c in curves.values()] == [0.5, 0.0]
    assert np.isnan(curves["event"].at(110).estimate[0])


GIVEN = """
    patients
    patient_id | first_visit | last_contact | death
    1          | 0           | 100          | 100
    2          | 0           | 2000         | 2000
    3          | 200         | 2500         |
    4          | 300         | 1800         | 1800
    5          | 4000        | 5000         |
"""


def test_recommended_survival_prints_who_is_behind_it(cohort_of):
    """From day 300 on three are at risk: 1 has died by then, and the last of them leaves on day
    2500, before 5 comes under observation."""
    cohort = cohort_of(GIVEN, list("12345"), "[follow_up]\nsmallest_risk_set = 3\n")
    protocol = cohort.protocol.model_copy(update={"questions": ("survival",)})
    results, _ = run_study(replace(cohort, protocol=protocol))
    found = [e for e in results.find("survival_median", "recommended") if e.group == "all patients"]
    assert [(e.at_risk, e.events) for e in found] == [(3, 2)]
    assert "rests on 3/5 patients" in found[0].note
    assert "seen only later: 1" in found[0].note
    crude = [e for e in results.find("survival_median", "as_published")]
    assert (5, 3) in {(e.at_risk, e.events) for e in crude}


def printed(history, days):
    """The row of a curve at a day."""
    curve = kaplan_meier(risk_table(history))["all"]
    rows = Rows("survival", "survival_at", {"estimand": "survival"})
    return _at(rows, "recommended", curve, days)


def test_no_event_so_far_is_as_sure_as_the_fewest_at_risk_make_it():
    """Three are followed for 1,000 days, fifty come on day 999: they say nothing of the time before."""
    history = History.of(entry=[0] * 3 + [999] * 50, exit=[2000] * 53, event=[1] + [0] * 52)
    row = printed(history, 1000.0)
    assert (row.estimate, row.at_risk, row.events) == (1.0, 53, 0)
    assert row.conf_low == pytest.approx(0.025 ** (1 / 3))
    assert "fewest at risk" in row.note
    together = printed(History.of(exit=[2000] * 53, event=[1] + [0] * 52), 1000.0)
    assert together.conf_low == pytest.approx(0.025 ** (1 / 53))


def test_the_day_on_which_all_have_died_is_not_one_without_an_event():
    row = printed(History.of(exit=[300, 400], event=[1, 1]), 400.0)
    assert (row.estimate, row.events) == (0.0, 2)
    assert "no event" not in row.note
