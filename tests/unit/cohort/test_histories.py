"""Histories of a few patients whose intervals can be told by hand."""

import numpy as np
import pandas as pd
import pytest

from osteon.cohort import build_cohort
from osteon.cohort.histories import (
    LOWER_BOUND,
    NO_ENTRY,
    NO_FOLLOW_UP,
    NO_SOURCE,
    PREVALENT,
    PREVALENT_USERS,
    UNORDERED,
    bone_incidence_history,
    bone_state_history,
    coverage_of_events,
    event_history,
    exam_history,
    exposed_event_history,
    survival_history,
    visibility_bounds,
)
from osteon.contracts.protocol import Protocol
from osteon.contracts.tables import EVENTS
from osteon.registry import Registry, delivery_of, import_delivery

REPORTED = """
[bone_metastasis]
evidence = ["reported"]
"""


def everybody(cohort):
    return pd.Series(True, index=cohort.people.index)


def intervals(history, *covariates):
    columns = [history.subject, history.entry, history.exit, history.to_state]
    columns += [history.covariates[name] for name in covariates]
    return [tuple(float(v) for v in row) for row in zip(*columns, strict=True)]


def test_delayed_entry_starts_at_the_first_visit(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact | death
        1          | 100         | 500          | 500
        2          | 0           | 400          |
        """,
        ["1", "2"],
    )
    late = survival_history(cohort, everybody(cohort), delayed_entry=True).history
    early = survival_history(cohort, everybody(cohort), delayed_entry=False).history
    assert intervals(late) == [(0, 100, 500, 1), (1, 0, 400, -1)]
    assert intervals(early) == [(0, 0, 500, 1), (1, 0, 400, -1)]


def test_days_with_an_exam(cohort_of):
    """Two exams of one day are one; one at the first visit is not under observation yet, one on the
    last day is; who is never examined has time all the same."""
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact
        1          | 100         | 500
        2          | 0           | 400
        3          | 400         | 400

        exams
        patient_id | exam_id | date | modality
        1          | A       | 100  | sstr_pet_ct
        1          | B       | 200  | sstr_pet_ct
        1          | C       | 200  | mri
        1          | D       | 500  | sstr_pet_ct
        3          | E       | 400  | sstr_pet_ct
        """,
        ["1", "2", "3"],
    )
    history = exam_history(cohort, everybody(cohort))
    assert intervals(history) == [(0, 100, 200, 1), (0, 200, 500, 1), (1, 0, 400, -1)]


def test_zero_length_follow_up_is_left_out_and_counted(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact
        1          | 100         | 100
        2          | 0           | 400
        """,
        ["1", "2"],
    )
    followed = survival_history(cohort, everybody(cohort), delayed_entry=True)
    assert intervals(followed.history) == [(1, 0, 400, -1)]
    assert followed.count(NO_FOLLOW_UP) == 1
    assert followed.told() == "1 without time under observation, left out"


def test_who_has_no_first_visit_is_not_under_observation_from_diagnosis(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact
        1          |             | 500
        2          | 0           | 400
        """,
        ["1", "2"],
    )
    followed = survival_history(cohort, everybody(cohort), delayed_entry=True)
    assert intervals(followed.history) == [(1, 0, 400, -1)]
    assert followed.count(NO_ENTRY) == 1


def test_a_protocol_without_entry_observes_from_time_zero(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact
        1          | 100         | 500
        """,
        ["1"],
        '[follow_up]\nentry = "none"\n',
    )
    followed = survival_history(cohort, everybody(cohort), delayed_entry=True)
    assert intervals(followed.history) == [(0, 0, 500, -1)]


def test_time_before_stage_iv_is_not_the_comparators(cohort_of):
    cohort = cohort_of(
        """
        tumours
        patient_id | tumour_id | diagnosis | stage
        1          | 1         | 0         | III

        metastases
        patient_id | site  | date
        1          | liver | 300
        """,
        ["1"],
    )
    history = bone_state_history(
        cohort, everybody(cohort), delayed_entry=True, from_stage_iv=True
    ).history
    assert intervals(history, "bm") == [(0, 300, 3650, -1, 0)]


def test_an_event_known_to_its_month_is_not_after_an_exact_death(tmp_path):
    text = """
        patients
        patient_id | first_visit | last_contact | death
        1          | 2010-01-01  | 2014-05-10   | 2014-05-10

        tumours
        patient_id | tumour_id | diagnosis  | stage
        1          | 1         | 2010-01-01 | IV

        metastases
        patient_id | site | date
        1          | bone | 2012-01-01

        skeletal_events
        patient_id | date    | component             | site
        1          | 2014-05 | pathological_fracture | L3
    """
    with Registry.create(tmp_path / "r.duckdb") as registry:
        import_delivery(registry, delivery_of(text))
        cohort = build_cohort(
            registry, Protocol.parse('name="p"\ntitle="p"\nquestions=["who"]\n' + REPORTED)
        )
    assert cohort.people.first_event[0] == cohort.people.exit[0]


def test_a_death_known_to_its_month_is_not_before_the_last_contact(tmp_path):
    text = """
        patients
        patient_id | first_visit | last_contact | death
        1          | 2010-01-01  | 2014-05-28   | 2014-05

        tumours
        patient_id | tumour_id | diagnosis  | stage
        1          | 1         | 2014-05-18 | IV
    """
    with Registry.create(tmp_path / "r.duckdb") as registry:
        import_delivery(registry, delivery_of(text))
        cohort = build_cohort(registry, Protocol.parse('name="p"\ntitle="p"\nquestions=["who"]\n'))
    assert cohort.people.exit[0] == 10


def test_fractional_times_stay_fractional(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact | death
        1          | 0           | 13.744       | 13.744
        """,
        ["1"],
    )
    history = survival_history(cohort, everybody(cohort), delayed_entry=False).history
    assert history.exit.tolist() == [13.744]


def test_bone_metastasis_splits_time_at_detection(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact | death
        1          | 50          | 500          | 500
        2          | 300         | 600          |
        3          | 0           | 400          |

        metastases
        patient_id | site | date
        1          | bone | 200
        2          | bone | 100
        """,
        ["1", "2", "3"],
        REPORTED,
    )
    history = bone_state_history(cohort, everybody(cohort), delayed_entry=True).history
    assert intervals(history, "bm") == [
        (0, 50, 200, -1, 0),
        (0, 200, 500, 1, 1),
        (1, 300, 600, -1, 1),
        (2, 0, 400, -1, 0),
    ]


def test_bone_metastasis_before_entry_is_prevalent_not_incident(cohort_of):
    cohort = cohort_of(
        """
        patients
        patient_id | first_visit | last_contact | death
        1          | 50          | 500          | 500
        2          | 300         | 600          |
        3          | 0           | 400          | 400

        metastases
        patient_id | site | date
        1          | bone | 200
        2          | bone | 100
        """,
        ["1", "2", "3"],
        REPORTED,
    )
    followed = bone_incidence_history(cohort, everybody(cohort), delayed_entry=True)
    assert intervals(followed.history) == [(0, 50, 200, 1), (2, 0, 400, 2)]
    assert followed.count(PREVALENT) == 1


SRE = """
patients
patient_id | first_visit | last_contact | death
1          | 0           | 1000         |
2          | 0           | 1000         | 1000
3          | 0           | 1000         |
4          | 0           | 900          |

metastases
patient_id | site | date
1          | bone | 100
2          | bone | 100
3          | bone | 100
4          | bone | 100

skeletal_events
patient_id | date | component             | site
1          | 300  | pathological_fracture | L3
3          | 90   | pathological_fracture | L3

treatments
patient_id | kind | atc     | dose | dose_unit | interval_days | start | end
1          | drug | M05BX04 | 120  | mg        | 28            | 350   |
2          | drug | M05BX04 | 120  | mg        | 28            | 250   | 400
4          | drug | M05BX04 | 120  | mg        | 28            | 50    |
"""


def test_events_before_detection_are_prevalent(cohort_of):
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED)
    followed = event_history(cohort, everybody(cohort))
    assert intervals(followed.history) == [(0, 0, 200, 1), (1, 0, 900, 2), (3, 0, 800, -1)]
    assert followed.count(PREVALENT) == 1


def test_exposure_counts_from_when_it_began(cohort_of):
    """Patient 1 is untreated at the event: treatment began after it. Patient 2 brings 150 days of
    untreated time. Patient 4 was treated before detection and is treated throughout."""
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED)
    history = exposed_event_history(cohort, everybody(cohort)).history
    assert intervals(history, "treated") == [
        (0, 0, 200, 1, 0),
        (1, 0, 150, -1, 0),
        (1, 150, 900, 2, 1),
        (3, 0, 800, -1, 1),
    ]


def test_on_treatment_exposure_ends_after_the_grace_period(cohort_of):
    protocol = REPORTED + '\n[antiresorptive]\nmodel = "on_treatment"\n'
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], protocol)
    history = exposed_event_history(cohort, everybody(cohort)).history
    of_second = [row for row in intervals(history, "treated") if row[0] == 1]
    assert of_second == [(1, 0, 150, -1, 0), (1, 150, 342, -1, 1), (1, 342, 900, 2, 0)]


def test_lag_moves_the_start_of_exposure(cohort_of):
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED)
    history = exposed_event_history(cohort, everybody(cohort), lag_days=60).history
    of_second = [row for row in intervals(history, "treated") if row[0] == 1]
    assert of_second == [(1, 0, 210, -1, 0), (1, 210, 900, 2, 1)]


@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_splitting_exposure_loses_no_time(cohort_of, lag):
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED)
    whole = event_history(cohort, everybody(cohort)).history
    split = exposed_event_history(cohort, everybody(cohort), lag_days=lag).history
    for subject in whole.subject:
        time = (whole.exit - whole.entry)[whole.subject == subject].sum()
        assert (split.exit - split.entry)[split.subject == subject].sum() == time


def test_who_was_treated_before_detection_is_told(cohort_of):
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED)
    followed = exposed_event_history(cohort, everybody(cohort))
    assert followed.marked[PREVALENT_USERS].tolist() == [3]
    assert followed.told() == (
        "1 prevalent at entry, left out; 1 treated before entry already (prevalent users), kept"
    )


def test_an_event_of_unknown_order_is_left_out_and_told(cohort_of):
    cohort = cohort_of(
        """
        metastases
        patient_id | site | date
        1          | bone | 2019-05-20
        2          | bone | 2019-05-20

        skeletal_events
        patient_id | date    | component         | site
        1          | 2019-05 | radiation_to_bone | L3
        """,
        ["1", "2"],
        REPORTED,
        calendar=True,
    )
    followed = event_history(cohort, everybody(cohort))
    assert followed.history.subject.tolist() == [1]
    assert followed.left_out[UNORDERED].tolist() == [0]
    assert followed.told() == f"1 {UNORDERED}, left out"
    assert cohort.people.first_event.notna().tolist() == [True, False]


def test_without_a_complete_source_incidence_of_events_is_a_lower_bound(cohort_of):
    cohort = cohort_of(SRE, ["1", "2", "3", "4"], REPORTED, complete_for=())
    assert LOWER_BOUND in event_history(cohort, everybody(cohort)).told()
    assert cohort.usable(EVENTS).all()


@pytest.mark.parametrize(("complete_for", "usable"), [((), False), (("skeletal_events",), True)])
def test_where_no_event_was_ever_recorded_only_a_complete_source_means_none(
    cohort_of, complete_for, usable
):
    given = "metastases\npatient_id | site | date\n1 | bone | 100"
    cohort = cohort_of(given, ["1"], REPORTED, complete_for=complete_for)
    assert cohort.usable(EVENTS).tolist() == [usable]
    assert coverage_of_events(cohort) == ("" if usable else NO_SOURCE)


CONVERSION = """
exams
patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
1          | b       | 300  | sstr_pet_ct | diagnostic  | whole_body    | positive
1          | c       | 500  | sstr_pet_ct | diagnostic  | whole_body    | positive

bone_findings
patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
1          | a       | L1        | positive    | absent
1          | b       | L1        | positive    | absent
1          | c       | L1        | positive    | present

treatments
patient_id | kind | atc     | start | end
1          | prrt | V10XX04 | {start} | {start}
"""


@pytest.mark.parametrize(
    ("prrt", "left", "right"),
    [(600, 200, 400), (350, 200, np.inf), (150, 50, np.inf), (50, 0, np.inf)],
)
def test_following_until_treatment_cuts_the_bounds(cohort_of, prrt, left, right):
    """Not visible at a later exam means not visible at the start of treatment."""
    cohort = cohort_of(CONVERSION.format(start=prrt), ["1"])
    bounds = visibility_bounds(cohort, everybody(cohort), until_treatment=True)
    assert (bounds.left.tolist(), bounds.right.tolist()) == ([left], [right])
