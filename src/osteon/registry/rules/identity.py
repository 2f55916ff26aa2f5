"""Rules about who a row belongs to, and whether it is told twice."""

from __future__ import annotations

from osteon.contracts.tables import TABLES
from osteon.registry.rules.rule import Rule

ALL_TABLES = tuple(TABLES)
ABOUT_PATIENTS = tuple(name for name in TABLES if name != "patients")

# Of several sources the first by name counts, not the first imported: the same files in any order
# must give the same registry.
SECOND_OF_A_KEY = """
    SELECT row_id FROM $table
    QUALIFY row_number() OVER (PARTITION BY $key ORDER BY source, block, source_row) > 1
"""

IDENTITY = (
    Rule(
        id="T001",
        title="Row told twice",
        tables=ALL_TABLES,
        severity="reject",
        reason="The row repeats another in every column; the first is kept",
        cure="Nothing is lost. If the row was meant to be another, correct it in the export.",
        example="""
            patients
            patient_id | sex    | last_contact | found
            1          | female | 2015-03-01   |
            1          | female | 2015-03-01   | yes
        """,
        sql="""
            SELECT row_id FROM $table
            QUALIFY row_number() OVER (
                PARTITION BY $columns ORDER BY source, block, source_row
            ) > 1
        """,
    ),
    Rule(
        id="T002",
        title="Patient listed twice with different facts",
        tables=("patients",),
        column="patient_id",
        severity="reject",
        reason="The patient is listed again with other facts; the first is kept (of several "
        "sources, the first by name)",
        cure="Settle in the export which row is right and leave out the other. If these are two "
        "people, give each an identifier.",
        example="""
            patients
            patient_id | sex    | last_contact | found
            1          | female | 2015-03-01   |
            1          | female | 2016-08-01   | yes
        """,
        sql=SECOND_OF_A_KEY,
    ),
    Rule(
        id="T003",
        title="Identifier used twice",
        tables=("tumours", "exams", "bone_findings", "assignments", "outcomes"),
        severity="reject",
        reason="Another row has the same identifier and other facts; the first is kept",
        cure="Settle in the export which row is right, or give each its own identifier (two "
        "readers of one lesion: one exam_id a read).",
        example="""
            patients
            patient_id
            1

            exams
            patient_id | exam_id | date       | modality    | found
            1          | E1      | 2014-05-02 | sstr_pet_ct |
            1          | E1      | 2014-06-02 | sstr_pet_ct | yes
        """,
        sql=SECOND_OF_A_KEY,
    ),
    Rule(
        id="T004",
        title="Row of a patient who is not listed",
        tables=ABOUT_PATIENTS,
        column="patient_id",
        severity="reject",
        reason="No row of `patients` has this patient, so nobody knows how long there was to look",
        cure="Deliver the patient's row, or correct the identifier. Rows set aside in `patients` "
        "cause this too: look at those first.",
        example="""
            patients
            patient_id
            1

            metastases
            patient_id | site  | date       | found
            1          | liver | 2014-05-02 |
            2          | bone  | 2014-05-02 | yes
        """,
        sql="SELECT row_id FROM $table ANTI JOIN patients USING (patient_id)",
    ),
    Rule(
        id="T005",
        title="Same thing told twice on a day, differently",
        tables=("metastases", "treatments", "labs", "performance_status", "board_decisions"),
        severity="warn",
        reason="Another row tells the same thing of the same day with other facts; both are kept",
        cure="Leave out the row that is wrong, or tell them apart (treatments: treatment_id).",
        example="""
            patients
            patient_id
            1

            labs
            patient_id | date       | analyte        | value | unit  | found
            1          | 2014-05-02 | chromogranin_a | 90    | ng/ml |
            1          | 2014-05-02 | chromogranin_a | 900   | ng/ml | yes
        """,
        sql=SECOND_OF_A_KEY,
    ),
    Rule(
        id="T006",
        title="Probably one person under two identifiers",
        tables=("patients",),
        severity="warn",
        needs_calendar=True,
        reason="Birth, sex and day of diagnosis are the same as those of another patient",
        cure="Ask the source. If it is one person, use one identifier; both count until then.",
        example="""
            patients
            patient_id | sex    | birth      | found
            1          | female | 1950-07-03 | yes
            2          | female | 1950-07-03 | yes
            3          | male   | 1950-07-03 |

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2010-01-15
            2          | 1         | 2010-01-15
            3          | 1         | 2010-01-15
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN diagnoses USING (patient_id)
            WHERE birth IS NOT NULL
              AND coalesce(birth_precision, 'day') = 'day'
              AND diagnoses.earliest = diagnoses.latest
            QUALIFY count(*) OVER (PARTITION BY birth, sex, diagnoses.earliest) > 1
        """,
    ),
)
