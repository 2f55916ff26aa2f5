"""Curves with late entries start where enough are at risk, and say so; others start at once."""

from dataclasses import replace

import pytest

from osteon.contracts.history import History
from osteon.estimate import kaplan_meier, risk_table, symmetric_quantile
from osteon.study import run_study
from osteon.study.curves import below_zero, curve_start

GIVEN = """
    patients
    patient_id | first_visit | last_contact | death
    1          | 0           | 2000         |
    2          | 0           | 1500         | 1500
    3          | 400         | 2000         |
    4          | 500         | 1800         | 1800

    metastases
    patient_id | date | site
    1          | 100  | bone
    2          | 100  | bone
    3          | 100  | bone
    4          | 100  | bone

    skeletal_events
    patient_id | date | component
    1          | 150  | pathological_fracture
    2          | 700  | radiation_to_bone
"""
"""Detection on day 100; 3 and 4 are under observation 300 and 400 days after it."""


def studied(cohort_of, question, enough):
    cohort = cohort_of(GIVEN, ["1", "2", "3", "4"], f"[follow_up]\nsmallest_risk_set = {enough}\n")
    protocol = cohort.protocol.model_copy(update={"questions": (question,)})
    return run_study(replace(cohort, protocol=protocol))[0]


@pytest.mark.parametrize(("enough", "start"), [(2, 0.0), (3, 400.0)])
def test_the_incidence_of_events_starts_with_enough_at_risk(cohort_of, enough, start):
    """Two are at risk from day 0; the event on day 50 leaves one, so three are there on day 400."""
    curves = studied(cohort_of, "skeletal_events", enough).curves
    assert {c.start_days for c in curves} == {start}


def test_it_says_what_it_is_conditional_on(cohort_of):
    found = studied(cohort_of, "skeletal_events", 3).find("sre_incidence", "recommended")
    assert found
    assert all(
        "conditional on being alive without a skeletal-related event at day 400" in e.note
        for e in found
    )


def test_with_too_few_there_is_no_curve_and_words_say_why(cohort_of):
    results = studied(cohort_of, "skeletal_events", 4)
    assert results.curves == ()
    found = results.find("sre_incidence", "recommended")
    assert {e.estimate for e in found} == {None}
    assert all("never 4 at risk at once" in e.note for e in found)
    assert results.find("sre_incidence", "as_published")


@pytest.mark.parametrize(("enough", "start"), [(1, 0.0), (2, 5.0), (3, float("inf"))])
def test_every_group_needs_enough(cohort_of, enough, start):
    cohort = cohort_of(GIVEN, ["1"], f"[follow_up]\nsmallest_risk_set = {enough}\n")
    history = History.of(entry=[0, 0, 5, 0], exit=[9, 9, 9, 9], event=[0] * 4, stratum=[0, 0, 1, 1])
    assert curve_start(cohort, history) == start


def test_where_nobody_enters_late_a_small_group_has_its_curve(cohort_of):
    cohort = cohort_of(GIVEN, ["1"], "[follow_up]\nsmallest_risk_set = 20\n")
    assert curve_start(cohort, History.of(exit=[5, 6], event=[1, 0])) == 0.0


def test_a_symmetric_interval_below_0_is_printed_as_computed_with_a_note():
    """Half of six die early: SE(median) by Collett is larger than the median itself."""
    exit_, event = [10, 20, 30, 1000, 2000, 3000], [1, 1, 1, 1, 0, 0]
    median = symmetric_quantile(
        kaplan_meier(risk_table(History.of(exit=exit_, event=event)))["all"]
    )
    assert median.conf_low < 0
    assert "not cut" in below_zero(median)
    assert below_zero(replace(median, conf_low=1.0)) == ""
