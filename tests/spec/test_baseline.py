"""Baseline: what was known when the first work-up was done, for predictors of bone metastasis."""

title = "Baseline of predictors"

GIVEN = """
        patients
        patient_id | first_visit | last_contact
        1          | 0           | 3650
        2          | 0           | 3650
        3          | 1000        | 3650
        4          |             | 3650

        functional_status
        patient_id | date | syndrome
        1          | 90   | present
        2          | 0    | absent
        2          | 91   | present
        3          | 1050 | present

        metastases
        patient_id | date | site
        1          | 90   | liver
        2          | 91   | liver
        3          | 1090 | liver
"""


def test_the_work_up_ends_90_days_after_coming_under_observation(spec):
    """What is found on the last day of the work-up is known at baseline, a day later it is not.

    A patient counts from the first visit on; without one there is no baseline.
    """
    spec(
        given=GIVEN,
        then="""
        patient_id | baseline | functioning_at_baseline | liver_at_baseline | functioning
        1          | 90       | yes                     | 1                 | yes
        2          | 90       | no                      | 0                 | yes
        3          | 1090     | yes                     | 1                 | yes
        4          |          |                         |                   |
        """,
    )


def test_the_work_up_may_be_shorter_and_entry_ignored(spec):
    """Without delayed entry everybody comes under observation at time zero."""
    spec(
        given=GIVEN,
        protocol="""
        [follow_up]
        entry = "none"
        [bone_incidence]
        work_up_days = 30
        """,
        then="""
        patient_id | baseline | functioning_at_baseline | liver_at_baseline
        1          | 30       |                         | 0
        2          | 30       | no                      | 0
        3          | 30       |                         | 0
        4          | 30       |                         | 0
        """,
    )
