"""Rules about the days of what happened: before diagnosis, after death, in the future, unknown."""

from __future__ import annotations

from osteon.contracts.tables import BONE, EVENTS, EXPOSURE
from osteon.registry.rules.rule import Rule, sql_list
from osteon.vocabulary.drugs import ANTIRESORPTIVES

DENOSUMAB = "M05BX04"

EVENT_DAYS = (
    Rule(
        id="T019",
        title="Event long before diagnosis",
        tables=("metastases", "skeletal_events", "exams", "treatments"),
        column="$time",
        severity="reject",
        reason="The day lies more than ten years (3,650 days) before the diagnosis",
        cure="Correct the day, or the day of diagnosis.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02

            metastases
            patient_id | site  | date       | found
            1          | liver | 2014-05-02 |
            1          | bone  | 1914-05-02 | yes
        """,
        sql="""
            SELECT row_id
            FROM $table AS event JOIN diagnoses USING (patient_id)
            WHERE latest(event.$time, event.$precision) < diagnoses.earliest - 3650
        """,
    ),
    Rule(
        id="T020",
        title="Event after death",
        tables=("exams", "treatments", "metastases", "skeletal_events"),
        column="$time",
        severity="reject",
        reason="The day lies after the patient's death (a death that a later contact contradicts "
        "is not believed: see T010)",
        cure="Correct the day, or the day of death.",
        example="""
            patients
            patient_id | death      | last_contact
            1          | 2014-05-02 | 2014-05-02
            2          | 2014-05-02 | 2015-05-02

            exams
            patient_id | exam_id | date       | modality    | found
            1          | E1      | 2014-05-02 | sstr_pet_ct |
            1          | E2      | 2014-05-03 | sstr_pet_ct | yes
            2          | E1      | 2014-05-03 | sstr_pet_ct |
        """,
        sql="""
            SELECT row_id
            FROM $table AS event JOIN deaths USING (patient_id)
            WHERE earliest(event.$time, event.$precision) > deaths.latest
        """,
    ),
    Rule(
        id="T080",
        title="Exam, treatment or sample after the day of import",
        tables=("exams", "treatments", "labs", "performance_status"),
        column="$time",
        severity="reject",
        needs_calendar=True,
        reason="The day lay in the future when the file was imported: it is planned, or mistyped, and "
        "tells nothing of the patient",
        cure="Correct the day (a typing error in the year), or deliver it once it has happened.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality    | found
            1          | E1      | 2014-05-02 | sstr_pet_ct |
            1          | E2      | 2204-05-02 | sstr_pet_ct | yes
        """,
        sql="""
            SELECT row_id
            FROM $table AS event JOIN current_imports USING (import_id)
            WHERE earliest(event.$time, event.$precision) > imported_at::DATE
        """,
    ),
    Rule(
        id="T021",
        title="Metastasis or skeletal event after last contact",
        tables=("metastases", "skeletal_events"),
        column="$time",
        severity="reject",
        reason="The day lies after the last day the patient was known to be alive (an exam or a "
        "treatment tells so too: see T022): it would be an event outside the time at risk",
        cure="Bring last contact up to date, or correct the day of the event.",
        example="""
            patients
            patient_id | last_contact
            1          | 2014-05-02

            metastases
            patient_id | site  | date       | found
            1          | liver | 2014-05-02 |
            1          | bone  | 2014-09-01 | yes
        """,
        sql="""
            SELECT row_id
            FROM $table AS event JOIN ends USING (patient_id)
            WHERE earliest(event.$time, event.$precision) > ends.latest
        """,
    ),
    Rule(
        id="T022",
        title="Seen after last contact",
        tables=("exams", "treatments", "labs", "performance_status"),
        column="$time",
        severity="warn",
        reason="The patient was examined or treated, or gave blood, after the day given as last contact, and so "
        "was alive: follow-up runs to this day",
        cure="Bring last contact up to date, or correct the day.",
        example="""
            patients
            patient_id | last_contact
            1          | 2014-05-02

            exams
            patient_id | exam_id | date       | modality    | found
            1          | E1      | 2014-05-02 | sstr_pet_ct |
            1          | E2      | 2014-09-01 | sstr_pet_ct | yes
        """,
        sql="""
            SELECT event.row_id
            FROM $table AS event
            JOIN told_ends USING (patient_id)
            JOIN patients USING (patient_id)
            WHERE patients.death IS NULL
              AND earliest(event.$time, event.$precision) > told_ends.latest
        """,
    ),
    Rule(
        id="T024",
        title="Metastasis or skeletal event dated less precisely than a month",
        tables=("metastases", "skeletal_events"),
        column="$time",
        severity="warn",
        reason="The day is known to a year, or is a guess; analyses take it as an interval",
        cure="Deliver at least the month.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            metastases
            patient_id | site  | date    | found
            1          | liver | 2014-05 |
            1          | bone  | 2015    | yes
        """,
        sql="""
            SELECT row_id FROM $table
            WHERE $time IS NOT NULL AND $precision IN ('year', 'estimated')
        """,
    ),
    Rule(
        id="T025",
        title="Bone metastasis without a day",
        tables=("metastases",),
        column="date",
        severity="exclude",
        excludes=(BONE,),
        reason="The patient has bone metastases but nothing tells since when",
        cure="Deliver the day it was first reported; month or year is enough.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            metastases
            patient_id | site | date       | found
            1          | bone | 2014-05-02 |
            2          | bone |            | yes
        """,
        sql="""
            SELECT row_id
            FROM metastases
            ANTI JOIN (SELECT patient_id FROM bone_evidence WHERE earliest IS NOT NULL)
            USING (patient_id)
            WHERE site = 'bone' AND date IS NULL AND coalesce(status, 'accepted') <> 'rejected'
        """,
    ),
    Rule(
        id="T027",
        title="Bone metastasis on an impossible day",
        tables=("patients",),
        severity="exclude",
        excludes=(BONE,),
        reason="The only report of a bone metastasis was set aside because of its day (T019, T020, "
        "T021): whether and since when bone is involved is not known",
        cure="Correct the day of the metastasis.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2014-05-02   | yes
            2          | 2014-05-02   |

            metastases
            patient_id | site | date
            1          | bone | 2014-09-01
            2          | bone | 2014-04-01
            2          | bone | 2014-09-01
        """,
        sql="""
            SELECT patients.row_id
            FROM patients
            SEMI JOIN (
                SELECT patient_id FROM stored.metastases SEMI JOIN impossible_days USING (row_id)
                WHERE site = 'bone'
            ) USING (patient_id)
            ANTI JOIN (SELECT patient_id FROM metastases WHERE site = 'bone') USING (patient_id)
        """,
    ),
    Rule(
        id="T028",
        title="Skeletal event on an impossible day",
        tables=("patients",),
        severity="exclude",
        excludes=(EVENTS,),
        reason="A skeletal event was set aside because of its day (T019, T020, T021): when the first "
        "one happened is not known",
        cure="Correct the day of the event.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2014-05-02   | yes
            2          | 2014-05-02   |

            skeletal_events
            patient_id | date       | component             | site
            1          | 2014-09-01 | pathological_fracture | L3
            2          | 2014-04-01 | pathological_fracture | L3
        """,
        sql="""
            SELECT patients.row_id
            FROM patients
            SEMI JOIN (
                SELECT patient_id FROM stored.skeletal_events
                SEMI JOIN impossible_days USING (row_id)
            ) USING (patient_id)
        """,
    ),
    Rule(
        id="T029",
        title="Antiresorptive on an impossible day",
        tables=("patients",),
        severity="exclude",
        excludes=(EXPOSURE,),
        reason="An antiresorptive course was set aside because of its day (T019, T020, T080): since when "
        "the patient was treated is not known",
        cure="Correct the start of the course.",
        example=f"""
            patients
            patient_id | death      | last_contact | found
            1          | 2014-05-02 | 2014-05-02   | yes
            2          | 2014-05-02 | 2014-05-02   |

            treatments
            patient_id | kind | atc     | start
            1          | drug | {DENOSUMAB} | 2014-09-01
            2          | drug | {DENOSUMAB} | 2014-04-01
        """,
        sql=f"""
            SELECT patients.row_id
            FROM patients
            SEMI JOIN (
                SELECT patient_id FROM stored.treatments SEMI JOIN impossible_days USING (row_id)
                WHERE atc IN {sql_list(ANTIRESORPTIVES)}
            ) USING (patient_id)
        """,
    ),
)
