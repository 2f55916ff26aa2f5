"""Rules about the primary tumour: is there one, and do stage, grade and metastases agree."""

from __future__ import annotations

from osteon.contracts.tables import ANALYSES
from osteon.registry.rules.rule import STAGE_WINDOW_DAYS, Rule, sql_list
from osteon.vocabulary.tumour import M1

TUMOUR = (
    Rule(
        id="T030",
        title="Patient without a tumour",
        tables=("patients",),
        severity="exclude",
        excludes=ANALYSES,
        needs_calendar=True,
        reason="No tumour is delivered, so there is no diagnosis to count from",
        cure="Deliver the patient's row of `tumours`.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2015-03-01   |
            2          | 2015-03-01   | yes

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
        """,
        sql="SELECT row_id FROM patients ANTI JOIN tumours USING (patient_id)",
    ),
    Rule(
        id="T031",
        title="Tumour without a day of diagnosis",
        tables=("tumours",),
        column="diagnosis",
        severity="exclude",
        excludes=ANALYSES,
        needs_calendar=True,
        reason="None of the patient's tumours has a day of diagnosis to count from",
        cure="Deliver the day of diagnosis; month or year is enough.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | found
            1          | 1         | 2014-05-02 |
            2          | 1         |            | yes
        """,
        sql="SELECT row_id FROM tumours ANTI JOIN diagnoses USING (patient_id)",
    ),
    Rule(
        id="T032",
        title="Two primary tumours",
        tables=("patients",),
        severity="warn",
        reason="The patient has more than one primary tumour: a reported metastasis that does not "
        "say whose it is makes nobody stage IV, and bone involvement unclear",
        cure="If it is one tumour told twice, leave one out. Otherwise say in `metastases` of which "
        "tumour each is (`tumour_id`), and reject findings on imaging that are of the other.",
        example="""
            patients
            patient_id | last_contact | found
            1          | 2015-03-01   |
            2          | 2015-03-01   | yes

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02
            2          | 2         | 2014-09-30
        """,
        sql="""
            SELECT row_id
            FROM patients
            SEMI JOIN (SELECT patient_id FROM tumours GROUP BY patient_id HAVING count(*) > 1)
            USING (patient_id)
        """,
    ),
    Rule(
        id="T033",
        title="Histology missing",
        tables=("tumours",),
        column="morphology",
        severity="warn",
        reason="Morphology, or how the diagnosis was made, is not known; a protocol that asks for "
        "histological confirmation leaves the patient out",
        cure="Deliver morphology (ICD-O-3) and basis of diagnosis.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | morphology | basis     | found
            1          | 1         | 2014-05-02 | 8240/3     | histology |
            2          | 1         | 2014-05-02 |            | unknown   | yes
        """,
        sql="""
            SELECT row_id FROM tumours
            WHERE morphology IS NULL OR coalesce(basis, 'unknown') = 'unknown'
        """,
    ),
    Rule(
        id="T034",
        title="Bone metastasis with M0 or M1a",
        tables=("tumours",),
        column="m_category",
        severity="warn",
        reason="Bone is involved at diagnosis, but M says no distant metastasis (M0) or liver only "
        "(M1a)",
        cure="Correct M, or the day of the bone metastasis if it came later.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | m_category | found
            1          | 1         | 2014-05-02 | M1a        | yes
            2          | 1         | 2014-05-02 | M0         |

            metastases
            patient_id | site | date
            1          | bone | 2014-06-01
            2          | bone | 2015-02-01
        """,
        sql=f"""
            SELECT row_id
            FROM tumours JOIN diagnoses USING (patient_id)
            WHERE m_category IN ('M0', 'M1a') AND EXISTS (
                FROM bone_evidence AS bone
                WHERE bone.patient_id = tumours.patient_id
                  AND coalesce(bone.tumour_id, tumours.tumour_id) = tumours.tumour_id
                  AND bone.latest <= diagnoses.earliest + {STAGE_WINDOW_DAYS}
            )
        """,
    ),
    Rule(
        id="T035",
        title="Distant metastasis with stage I to III",
        tables=("tumours",),
        column="stage",
        severity="warn",
        reason=f"A distant metastasis within {STAGE_WINDOW_DAYS} days of diagnosis makes stage IV, "
        "but a lower stage is recorded",
        cure="Correct the stage, or the day of the metastasis; lymph nodes count only if distant.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | stage | found
            1          | 1         | 2014-05-02 | III   | yes
            2          | 1         | 2014-05-02 | III   |

            metastases
            patient_id | site  | date
            1          | liver | 2014-06-01
            2          | liver | 2015-02-01
        """,
        sql=f"""
            SELECT row_id
            FROM tumours JOIN diagnoses USING (patient_id)
            WHERE stage IN ('I', 'II', 'III') AND EXISTS (
                FROM metastases
                WHERE metastases.patient_id = tumours.patient_id
                  AND coalesce(metastases.tumour_id, tumours.tumour_id) = tumours.tumour_id
                  AND coalesce(metastases.status, 'accepted') = 'accepted'
                  AND latest(metastases.date, metastases.date_precision)
                    <= diagnoses.earliest + {STAGE_WINDOW_DAYS}
            )
        """,
    ),
    Rule(
        id="T036",
        title="Stage and M disagree",
        tables=("tumours",),
        column="stage",
        severity="warn",
        reason="Any M1 is stage IV and stage IV is M1; here one says so and the other does not",
        cure="Correct stage or M at diagnosis.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | stage | m_category | found
            1          | 1         | 2014-05-02 | IV    | M1b        |
            2          | 1         | 2014-05-02 | II    | M1b        | yes
        """,
        sql=f"""
            SELECT row_id FROM tumours
            WHERE (stage = 'IV' AND m_category = 'M0')
               OR (stage IN ('I', 'II', 'III') AND m_category IN {sql_list(M1)})
        """,
    ),
    Rule(
        id="T037",
        title="Grade against Ki-67",
        tables=("tumours",),
        column="grade",
        severity="warn",
        reason="The grade is not the one that Ki-67 and mitoses make under WHO 2019 (the higher of "
        "the two decides); Ki-67 of 2.0-2.9 % may be G2 in editions before 2017 and is let pass "
        "unless the edition is newer. Lung has another grading and is not looked at",
        cure="Correct grade or Ki-67, add the mitotic count if it decided, and the edition.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01
            3          | 2015-03-01
            4          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis  | grade | ki67_percent | grade_edition | found
            1          | 1         | 2014-05-02 | G1    | 2            |               |
            2          | 1         | 2014-05-02 | G1    | 8            |               | yes
            3          | 1         | 2014-05-02 | G2    | 2.5          | 2010          |
            4          | 1         | 2014-05-02 | G2    | 2.5          | 2019          | yes
        """,
        sql="""
            WITH graded AS (
                SELECT
                    *,
                    CASE grade WHEN 'G1' THEN 1 WHEN 'G2' THEN 2 WHEN 'G3' THEN 3 END AS recorded,
                    greatest(
                        CASE WHEN ki67_percent < 3 THEN 1 WHEN ki67_percent <= 20 THEN 2 ELSE 3 END,
                        CASE WHEN mitoses_per_2mm2 IS NULL THEN NULL
                             WHEN mitoses_per_2mm2 < 2 THEN 1
                             WHEN mitoses_per_2mm2 <= 20 THEN 2 ELSE 3 END
                    ) AS implied,
                    coalesce(TRY_CAST(regexp_extract(grade_edition, '[0-9]+') AS INTEGER), 0)
                        AS edition
                FROM tumours
                WHERE ki67_percent IS NOT NULL AND coalesce(topography, '') NOT LIKE 'C34%'
            )
            SELECT row_id FROM graded
            WHERE (grade = 'NEC' AND ki67_percent <= 20)
               OR (coalesce(differentiation, 'well') <> 'poor'
                   AND recorded <> implied
                   AND NOT (edition < 2017 AND recorded = 2
                            AND ki67_percent >= 2 AND ki67_percent < 3))
        """,
    ),
    Rule(
        id="T038",
        title="Metastasis of a tumour that is not listed",
        tables=("metastases",),
        column="tumour_id",
        severity="warn",
        reason="The patient has no tumour of this tumour_id, so the metastasis is of none that is "
        "studied and does not count",
        cure="Correct tumour_id, or deliver the tumour.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02

            metastases
            patient_id | site  | date       | tumour_id | found
            1          | liver | 2014-05-02 | 1         |
            1          | bone  | 2014-05-02 | 2         | yes
        """,
        sql="""
            SELECT row_id
            FROM metastases ANTI JOIN tumours USING (patient_id, tumour_id)
            WHERE tumour_id IS NOT NULL
        """,
    ),
    Rule(
        id="T039",
        title="Metastasis long before its tumour",
        tables=("metastases",),
        column="date",
        severity="warn",
        reason=f"The day lies more than {STAGE_WINDOW_DAYS} days before the diagnosis of its tumour; "
        "it counts as there from the start, and may be of another tumour",
        cure="Correct the day, or the day of diagnosis; deliver the other tumour and say of which "
        "one the metastasis is (`tumour_id`).",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            2          | 1         | 2014-05-02

            metastases
            patient_id | site | date       | found
            1          | bone | 2014-03-02 |
            2          | bone | 2011-03-02 | yes
        """,
        sql=f"""
            SELECT metastases.row_id
            FROM metastases
            JOIN diagnoses USING (patient_id)
            LEFT JOIN tumours USING (patient_id, tumour_id)
            WHERE latest(metastases.date, metastases.date_precision) < coalesce(
                earliest(tumours.diagnosis, tumours.diagnosis_precision), diagnoses.earliest
            ) - {STAGE_WINDOW_DAYS}
        """,
    ),
)
