"""Rules about a patient's own time: birth, diagnosis, first visit, last contact, death."""

from __future__ import annotations

from osteon.contracts.tables import ANALYSES
from osteon.registry.rules.rule import FOLLOW_UP, Rule

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
)
