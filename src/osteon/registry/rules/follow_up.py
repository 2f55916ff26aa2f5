"""Rules about time: birth, diagnosis, first visit, last contact, death, and what lies between."""

from __future__ import annotations

from osteon.contracts.tables import ANALYSES, BONE, EVENTS, EXPOSURE
from osteon.registry.rules.rule import FOLLOW_UP, Rule, sql_list
from osteon.vocabulary.drugs import ANTIRESORPTIVES

DENOSUMAB = "M05BX04"

FOLLOW_UP_RULES = (
    Rule(
        id="T010",
        title="Last contact after death",
        tables=("patients",),
        column="death",
        severity="exclude",
        excludes=FOLLOW_UP,
        reason="The patient was in contact after the day of death; one of the days is wrong, and "
        "nobody can say which",
        cure="Correct the day of death or of last contact in the export.",
        example="""
            patients
            patient_id | death      | last_contact | found
            1          | 2014-05-02 | 2014-05-02   |
            2          | 2014-05-02 | 2015-01-30   | yes
            3          | 2014-05    | 2014-05-28   |
        """,
        sql="""
            SELECT row_id FROM patients
            WHERE earliest(last_contact, last_contact_precision) > latest(death, death_precision)
        """,
    ),
    Rule(
        id="T011",
        title="Neither death nor last contact",
        tables=("patients",),
        column="last_contact",
        severity="exclude",
        excludes=FOLLOW_UP,
        reason="Nobody knows how long the patient was observed",
        cure="Deliver the day of last contact, or of death.",
        example="""
            patients
            patient_id | death      | last_contact | found
            1          |            | 2014-05-02   |
            2          |            |              | yes
            3          | 2014-05-02 |              |
        """,
        sql="SELECT row_id FROM patients WHERE death IS NULL AND last_contact IS NULL",
    ),
    Rule(
        id="T012",
        title="Cause of death without a day of death",
        tables=("patients",),
        column="death",
        severity="exclude",
        excludes=FOLLOW_UP,
        reason="The patient is known to be dead but would count as alive",
        cure="Deliver the day of death; its month or year is enough.",
        example="""
            patients
            patient_id | death      | cause_of_death | last_contact | found
            1          | 2014-05-02 | tumour         | 2014-05-02   |
            2          |            | tumour         | 2014-05-02   | yes
            3          |            |                | 2014-05-02   |
        """,
        sql="""
            SELECT row_id FROM patients
            WHERE death IS NULL AND cause_of_death IN ('tumour', 'other')
        """,
    ),
    Rule(
        id="T013",
        title="Last contact after the day of import",
        tables=("patients",),
        column="last_contact",
        severity="exclude",
        excludes=FOLLOW_UP,
        needs_calendar=True,
        reason="The day of last contact or death lay in the future when the file was imported",
        cure="Correct the day in the export (a typing error in the year, or a planned visit).",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2015-03-01   |
            2          | 2205-03-01   | yes
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN current_imports USING (import_id)
            WHERE greatest(
                earliest(last_contact, last_contact_precision), earliest(death, death_precision)
            ) > imported_at::DATE
        """,
    ),
    Rule(
        id="T014",
        title="No time under observation",
        tables=("patients",),
        column="last_contact",
        severity="warn",
        reason="Last contact, or death, is at or before the first visit; the patient adds no time at risk and "
        "is listed in the attrition",
        cure="Correct the days, or leave it: such patients are counted, never stretched.",
        example="""
            patients
            patient_id | first_visit | last_contact | found
            1          | 2014-05-02  | 2014-05-03   |
            2          | 2014-05-02  | 2014-05-02   | yes
        """,
        sql="""
            SELECT row_id FROM patients
            WHERE greatest(last_contact, death) <= first_visit
        """,
    ),
    Rule(
        id="T015",
        title="First visit long before diagnosis",
        tables=("patients",),
        column="first_visit",
        severity="warn",
        reason="The first visit lies more than a year before the diagnosis",
        cure="Check both days; perhaps the visit was for another disease.",
        example="""
            patients
            patient_id | first_visit | last_contact | found
            1          | 2011-02-01  | 2015-03-01   | yes
            2          | 2014-02-01  | 2015-03-01   |

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN diagnoses USING (patient_id)
            WHERE latest(first_visit, first_visit_precision) < diagnoses.earliest - 365
        """,
    ),
    Rule(
        id="T016",
        title="Diagnosis before birth",
        tables=("patients",),
        column="birth",
        severity="exclude",
        excludes=ANALYSES,
        reason="The tumour was diagnosed before the patient was born; one of the days is wrong",
        cure="Correct the day of birth or of diagnosis in the export.",
        example="""
            patients
            patient_id | birth      | last_contact | found
            1          | 1950-07-03 | 2015-03-01   |
            2          | 2050-07-03 | 2015-03-01   | yes

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN diagnoses USING (patient_id)
            WHERE earliest(birth, birth_precision) > diagnoses.latest
        """,
    ),
    Rule(
        id="T017",
        title="Diagnosis after the end of follow-up",
        tables=("patients",),
        column="last_contact",
        severity="exclude",
        excludes=ANALYSES,
        reason="The tumour was diagnosed after the last day the patient was known to be alive",
        cure="Correct the day of diagnosis, of last contact or of death in the export.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2015-03-01   |
            2          | 2013-03-01   | yes

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN diagnoses USING (patient_id) JOIN ends USING (patient_id)
            WHERE diagnoses.earliest > ends.latest
        """,
    ),
    Rule(
        id="T018",
        title="Age that cannot be",
        tables=("patients",),
        column="birth",
        severity="warn",
        reason="Age at diagnosis is over 110 years, or the age given is more than a year off the "
        "one that follows from birth",
        cure="Correct the day of birth, the age or the day of diagnosis.",
        example="""
            patients
            patient_id | birth      | age_years | last_contact | found
            1          | 1950-07-03 | 63        | 2015-03-01   |
            2          | 1850-07-03 |           | 2015-03-01   | yes
            3          | 1950-07-03 | 36        | 2015-03-01   | yes

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02
            3          | 1         | 2014-05-02
        """,
        sql="""
            SELECT row_id
            FROM patients JOIN diagnoses USING (patient_id)
            WHERE (diagnoses.earliest - latest(birth, birth_precision)) / 365.25 > 110
               OR age_years < (diagnoses.earliest - latest(birth, birth_precision)) / 365.25 - 2
               OR age_years > (diagnoses.latest - earliest(birth, birth_precision)) / 365.25 + 1
        """,
    ),
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
        id="T023",
        title="Death or last contact less precise than a month",
        tables=("patients",),
        column="last_contact",
        severity="warn",
        reason="Survival is counted in months; this one is known to a year, or is a guess",
        cure="Deliver at least the month.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2014-05      |
            2          | 2014         | yes
        """,
        sql="""
            SELECT row_id FROM patients
            WHERE (death IS NOT NULL AND death_precision IN ('year', 'estimated'))
               OR (last_contact IS NOT NULL AND last_contact_precision IN ('year', 'estimated'))
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
        id="T026",
        title="Not heard of for a year",
        tables=("patients",),
        column="last_contact",
        severity="warn",
        needs_calendar=True,
        reason="Not known to be dead, and last heard of more than 12 months before the newest day "
        "in the registry: patients lost to follow-up bias survival and skeletal events",
        cure="Ask the registration office or the family doctor for vital status.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2015-03-01   |
            2          | 2013-03-01   | yes
        """,
        sql="""
            SELECT row_id
            FROM patients
            WHERE death IS NULL
              AND latest(last_contact, last_contact_precision) < (SELECT day FROM data_cut) - 365
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
