"""Pattern of a patient: from the classes of the lesions on CT."""

title = "Pattern"

EXAMS = """
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        4          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        5          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | pattern
        1          | a       | L1        | positive    | present      | osteoblastic
        1          | a       | L2        | positive    | present      | osteoblastic
        1          | a       | L3        | positive    | present      | osteolytic
        2          | a       | L1        | positive    | present      | osteoblastic
        2          | a       | L2        | positive    | present      | osteoblastic
        2          | a       | L3        | positive    | present      | mixed
        3          | a       | L1        | positive    | present      | osteoblastic
        4          | a       | L1        | positive    | absent       | no_correlate
        5          | a       | L1        | positive    | absent       | not_assessable
"""


def test_any_lytic_makes_lytic(spec):
    """Default: any osteolytic lesion makes the patient osteolytic, else any mixed one mixed, else
    osteoblastic. Without a visible lesion there is no correlate, or nothing could be assessed."""
    spec(
        given=EXAMS,
        then="""
        patient_id | pattern
        1          | osteolytic
        2          | mixed
        3          | osteoblastic
        4          | no_correlate
        5          | not_assessable
        """,
    )


def test_majority(spec):
    """By majority of lesions; a tie is mixed."""
    spec(
        given=EXAMS,
        then="""
        patient_id | pattern
        1          | osteoblastic
        2          | osteoblastic
        3          | osteoblastic
        4          | no_correlate
        5          | not_assessable
        """,
        protocol="""
        [pattern]
        rule = "majority"
        """,
    )


def test_mixed_as_soon_as_classes_differ(spec):
    """Mixed as soon as the lesions are not all of one class."""
    spec(
        given=EXAMS,
        then="""
        patient_id | pattern
        1          | mixed
        2          | mixed
        3          | osteoblastic
        4          | no_correlate
        5          | not_assessable
        """,
        protocol="""
        [pattern]
        rule = "mixed_if_several"
        """,
    )


def test_latest_class_or_class_when_first_visible(spec):
    """A lesion's class may change. The latest counts by default."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 400  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | pattern
        1          | a       | L1        | positive    | present      | osteolytic
        1          | b       | L1        | positive    | present      | osteoblastic
        """,
        then="""
        patient_id | pattern
        1          | osteoblastic
        """,
    )


def test_class_when_first_visible(spec):
    """With `at = "first_visible"` later change, such as sclerosis under therapy, plays no part."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 400  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | pattern
        1          | a       | L1        | positive    | present      | osteolytic
        1          | b       | L1        | positive    | present      | osteoblastic
        """,
        then="""
        patient_id | pattern
        1          | osteolytic
        """,
        protocol="""
        [pattern]
        at = "first_visible"
        """,
    )
