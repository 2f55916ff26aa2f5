"""Follow-up: how long a patient was observed.

Follow-up ends at death; else at last contact, or later if an exam, a treatment, a blood sample or a
performance status after it proves that the patient was alive (finding T022). A report of a metastasis
or a skeletal event after all of these is set aside (T021): counting the time of those in whom
something happened, and not of the others, would make it look frequent. A day in the future proves
nothing (T080). Nobody's follow-up is stretched beyond such a proof.
"""

title = "Follow-up"


def test_a_scan_proves_that_the_patient_was_alive(spec):
    """An exam, a treatment, a sample or a performance status after last contact extends follow-up."""
    spec(
        given="""
        patients
        patient_id | first_visit | last_contact
        1          | 0           | 1000
        2          | 0           | 1000
        3          | 0           | 1000
        4          | 0           | 1000
        5          | 0           | 1000

        exams
        patient_id | exam_id | date | modality    | bone_read
        1          | a       | 1200 | sstr_pet_ct | negative
        5          | a       | 900  | sstr_pet_ct | negative

        treatments
        patient_id | kind | atc     | start | end
        2          | drug | H01CB03 | 1300  | 1900

        labs
        patient_id | date | analyte        | value | unit
        3          | 1400 | chromogranin_a | 90    | ng/ml

        performance_status
        patient_id | date | ecog
        4          | 1500 | 1
        """,
        then="""
        patient_id | exit
        1          | 1200
        2          | 1300
        3          | 1400
        4          | 1500
        5          | 1000
        """,
    )


def test_what_such_a_scan_finds_was_found_under_observation(spec):
    """BM on a scan after last contact is detected at the very end of follow-up, not after it. A
    skeletal event between last contact and that scan counts; one after it is set aside."""
    spec(
        given="""
        patients
        patient_id | first_visit | last_contact
        1          | 0           | 1000
        2          | 0           | 1000

        exams
        patient_id | exam_id | date | modality    | ct_protocol | bone_read
        1          | a       | 1200 | sstr_pet_ct | diagnostic  | positive
        2          | a       | 500  | sstr_pet_ct | diagnostic  | positive
        2          | b       | 1200 | sstr_pet_ct | diagnostic  | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        2          | a       | L1        | positive    | absent

        skeletal_events
        patient_id | date | component         | site
        2          | 1100 | radiation_to_bone | L3
        2          | 1300 | radiation_to_bone | L3
        """,
        then="""
        patient_id | bm   | exit | events
        1          | 1200 | 1200 |
        2          | 500  | 1200 | 1100
        """,
    )


def test_death_ends_follow_up(spec):
    """After a day of death nothing extends follow-up; an exam dated after it is set aside (T020). A
    death known to its month is not before the scan of that month."""
    spec(
        calendar=True,
        given="""
        patients
        patient_id | first_visit | last_contact | death
        1          | 2010-01-01  | 2012-03-01   | 2012-05-10
        2          | 2010-01-01  | 2012-03-01   | 2012-05

        exams
        patient_id | exam_id | date       | modality    | bone_read
        1          | a       | 2012-05-20 | sstr_pet_ct | negative
        2          | a       | 2012-05-20 | sstr_pet_ct | negative
        """,
        then="""
        patient_id | exit | dead
        1          | 860  | yes
        2          | 870  | yes
        """,
    )
