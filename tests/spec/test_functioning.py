"""Functioning tumours: hormonal syndrome and raised amines."""

title = "Functioning tumour"

GIVEN = """
        functional_status
        patient_id | date | syndrome | biochemical
        1          | 100  | present  | raised
        2          | 100  | present  | normal
        3          | 100  | absent   | raised
        4          | 100  | present  |
        5          | 100  | unknown  | unknown
        6          | 100  | absent   |
"""


def test_syndrome_alone(spec):
    """Default: a hormonal syndrome makes the tumour functioning. Nothing recorded is unknown."""
    spec(
        given=GIVEN,
        then="""
        patient_id | functioning
        1          | yes
        2          | yes
        3          | no
        4          | yes
        5          |
        6          | no
        7          |
        """,
    )


def test_syndrome_and_raised_amines(spec):
    """Both are needed: one clear "no" is an answer, one "yes" alone is not."""
    spec(
        given=GIVEN,
        then="""
        patient_id | functioning
        1          | yes
        2          | no
        3          | no
        4          |
        5          |
        6          | no
        7          |
        """,
        protocol="""
        [functioning]
        rule = "syndrome_and_biochemical"
        """,
    )


def test_at_diagnosis(spec):
    """`when = "at_diagnosis"` takes judgements within the window around diagnosis only."""
    spec(
        given="""
        functional_status
        patient_id | date | syndrome | biochemical
        1          | 100  | present  | raised
        2          | 900  | present  | raised
        """,
        then="""
        patient_id | functioning
        1          | yes
        2          |
        """,
        protocol="""
        [functioning]
        when = "at_diagnosis"
        window_days = 183
        """,
    )
