"""Antiresorptive therapy: who was treated, since when."""

title = "Antiresorptive therapy"


def test_first_administration_starts_exposure(spec):
    """Exposure starts with the first administration of an agent the protocol names."""
    spec(
        given="""
        treatments
        patient_id | kind | atc     | dose | dose_unit | interval_days | start | end
        1          | drug | M05BX04 | 120  | mg        | 28            | 300   | 900
        1          | drug | M05BA08 | 4    | mg        | 28            | 200   | 250
        2          | drug | H01CB03 | 120  | mg        | 28            | 300   |
        """,
        then="""
        patient_id | antiresorptive
        1          | 200
        2          |
        """,
    )


def test_osteoporosis_doses_do_not_count(spec):
    """Denosumab 60 mg and zoledronate 5 mg are given for osteoporosis and share the ATC codes."""
    spec(
        given="""
        treatments
        patient_id | kind | atc     | dose | dose_unit | interval_days | start | end
        1          | drug | M05BX04 | 60   | mg        | 182           | 300   |
        2          | drug | M05BA08 | 5    | mg        | 365           | 300   | 300
        3          | drug | M05BX04 | 120  | mg        | 28            | 300   |
        """,
        then="""
        patient_id | antiresorptive
        1          |
        2          |
        3          | 300
        """,
    )


def test_episodes_run_on_for_a_grace_period(spec):
    """An episode ends 1.5 dosing intervals after the last administration; one without an end
    goes on."""
    spec(
        given="""
        treatments
        patient_id | kind | atc     | dose | dose_unit | interval_days | start | end
        1          | drug | M05BA08 | 4    | mg        | 28            | 300   | 400
        2          | drug | M05BA08 | 4    | mg        | 84            | 300   | 400
        3          | drug | M05BA08 | 4    | mg        | 28            | 300   |
        """,
        then="""
        patient_id | episodes
        1          | 300-442
        2          | 300-526
        3          | 300-
        """,
    )


def test_prrt_is_not_an_antiresorptive(spec):
    """PRRT is kept apart: it can turn a lesion sclerotic, and it is not radiation to bone."""
    spec(
        given="""
        treatments
        patient_id | kind | atc     | start | end
        1          | prrt | V10XX04 | 300   | 300
        """,
        then="""
        patient_id | antiresorptive | prrt
        1          |                | 300
        """,
    )
