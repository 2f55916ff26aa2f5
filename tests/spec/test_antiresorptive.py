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


def test_regimens_for_osteoporosis_do_not_count(spec):
    """Regimens for osteoporosis share the ATC codes of those for bone metastases. Dose and interval
    tell them apart: none of these counts."""
    spec(
        given="""
        treatments
        patient_id               | kind | atc     | dose | dose_unit | interval_days | start
        clodronate 400           | drug | M05BA02 | 400  | mg        | 1             | 300
        clodronate 800 once      | drug | M05BA02 | 800  | mg        | 1             | 300
        clodronate i.m.          | drug | M05BA02 | 100  | mg        | 7             | 300
        denosumab 60             | drug | M05BX04 | 60   | mg        | 182           | 300
        denosumab 60, no unit    | drug | M05BX04 | 60   |           |               | 300
        denosumab, half-yearly   | drug | M05BX04 |      |           | 182           | 300
        ibandronate 150 monthly  | drug | M05BA06 | 150  | mg        | 30            | 300
        ibandronate 2.5 daily    | drug | M05BA06 | 2.5  | mg        | 1             | 300
        ibandronate 3 i.v.       | drug | M05BA06 | 3    | mg        | 91            | 300
        pamidronate 30           | drug | M05BA03 | 30   | mg        | 91            | 300
        pamidronate 60 12-weekly | drug | M05BA03 | 60   | mg        | 91            | 300
        zoledronate 4, yearly    | drug | M05BA08 | 4    | mg        | 365           | 300
        zoledronate 5            | drug | M05BA08 | 5    | mg        | 365           | 300
        """,
        then="""
        patient_id               | antiresorptive
        clodronate 400           |
        clodronate 800 once      |
        clodronate i.m.          |
        denosumab 60             |
        denosumab 60, no unit    |
        denosumab, half-yearly   |
        ibandronate 150 monthly  |
        ibandronate 2.5 daily    |
        ibandronate 3 i.v.       |
        pamidronate 30           |
        pamidronate 60 12-weekly |
        zoledronate 4, yearly    |
        zoledronate 5            |
        """,
    )


def test_regimens_for_bone_metastases_count(spec):
    """At the doses for bone metastases every agent counts, reduced for the kidney or stretched to 12
    weeks too. A course without a dose counts: at a centre for neuroendocrine tumours it is more
    likely one for metastases (finding T055 counts those)."""
    spec(
        given="""
        treatments
        patient_id             | kind | atc     | dose | dose_unit | interval_days | start
        clodronate 1.6 g       | drug | M05BA02 | 1.6  | g         | 1             | 300
        clodronate 1600        | drug | M05BA02 | 1600 | mg        | 1             | 300
        clodronate 800 twice   | drug | M05BA02 | 800  | mg        | 0.5           | 300
        denosumab 120          | drug | M05BX04 | 120  | mg        | 28            | 300
        denosumab 120, 12 w    | drug | M05BX04 | 120  | mg        | 84            | 300
        ibandronate 2, kidney  | drug | M05BA06 | 2    | mg        | 28            | 300
        ibandronate 50 daily   | drug | M05BA06 | 50   | mg        | 1             | 300
        ibandronate 6 i.v.     | drug | M05BA06 | 6    | mg        | 28            | 300
        no dose                | drug | M05BX04 |      |           |               | 300
        pamidronate 90         | drug | M05BA03 | 90   | mg        | 28            | 300
        zoledronate 3, kidney  | drug | M05BA08 | 3    | mg        | 28            | 300
        zoledronate 4, 12 w    | drug | M05BA08 | 4    | mg        | 84            | 300
        """,
        then="""
        patient_id             | antiresorptive
        clodronate 1.6 g       | 300
        clodronate 1600        | 300
        clodronate 800 twice   | 300
        denosumab 120          | 300
        denosumab 120, 12 w    | 300
        ibandronate 2, kidney  | 300
        ibandronate 50 daily   | 300
        ibandronate 6 i.v.     | 300
        no dose                | 300
        pamidronate 90         | 300
        zoledronate 3, kidney  | 300
        zoledronate 4, 12 w    | 300
        """,
    )


def test_osteoporosis_may_count_by_protocol(spec):
    """A protocol may take every dose of an agent for exposure."""
    spec(
        given="""
        treatments
        patient_id | kind | atc     | dose | dose_unit | interval_days | start
        1          | drug | M05BX04 | 60   | mg        | 182           | 300
        """,
        then="""
        patient_id | antiresorptive
        1          | 300
        """,
        protocol="""
        [antiresorptive]
        exclude_osteoporosis_doses = false
        """,
    )


_PREVALENT_USERS = """
        metastases
        patient_id | site | date
        1          | bone | 500
        2          | bone | 500
        3          | bone | 500

        treatments
        patient_id | kind | atc     | dose | dose_unit | interval_days | start | end
        1          | drug | M05BX04 | 120  | mg        | 28            | 300   |
        2          | drug | M05BX04 | 120  | mg        | 28            | 100   | 200
        3          | drug | M05BX04 | 120  | mg        | 28            | 700   |
        """


def test_who_began_before_detection_is_treated_from_detection_on(spec):
    """A prevalent user, who began before BM was detected, is treated throughout, even if the course
    had ended by then (patient 2): with the default model exposure is for good. Days since detection."""
    spec(
        given=_PREVALENT_USERS,
        then="""
        patient_id | antiresorptive | days treated
        1          | 300            | 0-3150
        2          | 100            | 0-3150
        3          | 700            | 200-3150
        """,
    )


def test_on_treatment_a_course_that_ended_before_detection_is_none(spec):
    """With `model = "on_treatment"` only an episode that still runs at detection treats from then."""
    spec(
        given=_PREVALENT_USERS,
        then="""
        patient_id | days treated
        1          | 0-3150
        2          |
        3          | 200-3150
        """,
        protocol="""
        [antiresorptive]
        model = "on_treatment"
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
