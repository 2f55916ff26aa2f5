"""Rules about exams and what was read in them."""

from __future__ import annotations

from osteon.registry.rules.rule import Rule, sql_list
from osteon.vocabulary.bone import BENIGN_RADS, EQUIVOCAL_RADS, SSTR_MODALITIES

IMAGING = (
    Rule(
        id="T040",
        title="Bone finding without its exam",
        tables=("bone_findings",),
        column="exam_id",
        severity="reject",
        reason="No exam of the patient has this exam_id, so the finding has no day and no modality",
        cure="Deliver the exam, or correct exam_id. An exam that was set aside causes this too.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | found
            1          | E1      | L1        |
            1          | E7      | L1        | yes
        """,
        sql="SELECT row_id FROM bone_findings ANTI JOIN exams USING (patient_id, exam_id)",
    ),
    Rule(
        id="T041",
        title="Finding that its exam cannot show",
        tables=("bone_findings",),
        column="exam_id",
        severity="warn",
        reason="A CT correlate is read on an exam without CT, an MR correlate on one without MR, or "
        "receptor uptake on an exam that does not show receptors",
        cure="Correct modality or CT protocol of the exam, or say not_assessable (uptake: "
        "not_assessed). Absent means: looked for and not seen.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality    | ct_protocol
            1          | E1      | 2014-05-02 | sstr_pet_ct | diagnostic
            1          | E2      | 2014-11-02 | mri         | none

            bone_findings
            patient_id | exam_id | lesion_id | ct_correlate | mr_correlate | found
            1          | E1      | L1        | absent       |              |
            1          | E2      | L1        | absent       | present      | yes
        """,
        sql=f"""
            SELECT finding.row_id
            FROM bone_findings AS finding JOIN exams USING (patient_id, exam_id)
            WHERE (ct_correlate IN ('present', 'absent')
                   AND (modality IN ('sstr_pet_mr', 'mri', 'bone_scintigraphy')
                        OR ct_protocol = 'none'))
               OR (mr_correlate IN ('present', 'absent') AND modality NOT IN ('sstr_pet_mr', 'mri'))
               OR (sstr_uptake IN ('positive', 'equivocal', 'negative')
                   AND modality NOT IN {sql_list(SSTR_MODALITIES)})
        """,
    ),
    Rule(
        id="T042",
        title="Pattern against CT correlate",
        tables=("bone_findings",),
        column="pattern",
        severity="warn",
        reason="The lesion is osteolytic, osteoblastic or mixed on CT, and CT shows no correlate; or "
        "CT shows one, and the pattern says there is none",
        cure="Correct pattern or ct_correlate: whether a lesion is seen on receptor imaging only "
        "hangs on it.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | ct_correlate | pattern      | found
            1          | E1      | L1        | present      | osteoblastic |
            1          | E1      | L2        | absent       | osteoblastic | yes
            1          | E1      | L3        | absent       | no_correlate |
        """,
        sql="""
            SELECT row_id FROM bone_findings
            WHERE (ct_correlate = 'absent' AND pattern IN ('osteolytic', 'osteoblastic', 'mixed'))
               OR (ct_correlate = 'present' AND pattern = 'no_correlate')
        """,
    ),
    Rule(
        id="T043",
        title="SSTR-RADS 5 without a correlate",
        tables=("bone_findings",),
        column="sstr_rads",
        severity="warn",
        reason="SSTR-RADS 5 means uptake and an anatomic finding; CT shows none and MR does not "
        "either",
        cure="Correct sstr_rads (4: no definitive anatomic finding) or the correlate.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | ct_correlate | sstr_rads | found
            1          | E1      | L1        | absent       | 4         |
            1          | E1      | L2        | absent       | 5         | yes
        """,
        sql="""
            SELECT row_id FROM bone_findings
            WHERE sstr_rads = '5' AND ct_correlate = 'absent'
              AND coalesce(mr_correlate, 'absent') <> 'present'
        """,
    ),
    Rule(
        id="T044",
        title="Equivocal finding that nobody decided on",
        tables=("bone_findings",),
        column="status",
        severity="warn",
        reason="An equivocal bone focus (SSTR-RADS 3B, or faint uptake) has no status; until a "
        "reader has accepted it, it does not count as a metastasis",
        cure="Say accepted or rejected once the work-up is done, with the day of the decision in "
        "`adjudicated`; pending says that it is known to wait.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | sstr_rads | status  | found
            1          | E1      | L1        | 3B        | pending |
            1          | E1      | L2        | 3B        |         | yes
        """,
        sql=f"""
            SELECT row_id FROM bone_findings
            WHERE (sstr_rads = '{EQUIVOCAL_RADS}' OR sstr_uptake = 'equivocal') AND status IS NULL
              AND coalesce(sstr_rads, '') NOT IN {sql_list(BENIGN_RADS)}
        """,
    ),
    Rule(
        id="T045",
        title="Negative exam with a positive finding",
        tables=("exams",),
        column="bone_read",
        severity="warn",
        reason="The skeleton is read as negative, but an accepted lesion is positive in this exam",
        cure="Correct bone_read, or the finding. A wrong negative exam moves the day from which a "
        "metastasis can have been there.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality    | bone_read | found
            1          | E1      | 2014-05-02 | sstr_pet_ct | negative  | yes
            1          | E2      | 2014-11-02 | sstr_pet_ct | negative  |

            bone_findings
            patient_id | exam_id | lesion_id | sstr_uptake
            1          | E1      | L1        | positive
            1          | E2      | L1        | negative
        """,
        sql="""
            SELECT row_id
            FROM exams SEMI JOIN positive_findings USING (patient_id, exam_id)
            WHERE bone_read = 'negative'
        """,
    ),
    Rule(
        id="T046",
        title="PRRT without receptor imaging before it",
        tables=("treatments",),
        column="start",
        severity="warn",
        reason="Nobody starts PRRT without having seen receptors: an exam is missing, and with it a "
        "chance to have seen bone",
        cure="Deliver the exam, also one from elsewhere. (Not looked for in a registry that holds "
        "no exams at all.)",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct

            treatments
            patient_id | kind | start      | found
            1          | prrt | 2014-06-01 |
            2          | prrt | 2014-06-01 | yes
        """,
        sql=f"""
            SELECT row_id
            FROM treatments
            WHERE kind = 'prrt' AND EXISTS (FROM exams) AND NOT EXISTS (
                FROM exams
                WHERE exams.patient_id = treatments.patient_id
                  AND exams.modality IN {sql_list(SSTR_MODALITIES)}
                  AND earliest(exams.date, exams.date_precision)
                    <= latest(treatments.start, treatments.start_precision)
            )
        """,
    ),
    Rule(
        id="T047",
        title="Metastasis that a later exam takes back",
        tables=("bone_findings",),
        column="status",
        severity="warn",
        reason="The lesion counted as a metastasis in an earlier exam and is rejected, or read as "
        "benign, in this one; each read stands for its own day, so bone metastasis stays detected at "
        "the earlier exam",
        cure="If the lesion never was a metastasis, reject the earlier finding too.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct
            1          | E2      | 2014-11-02 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | sstr_uptake | status   | found
            1          | E1      | L1        | positive    | accepted |
            1          | E2      | L1        | positive    | rejected | yes
        """,
        sql=f"""
            SELECT later.row_id
            FROM bone_findings AS later JOIN exams USING (patient_id, exam_id)
            WHERE (later.status = 'rejected' OR later.sstr_rads IN {sql_list(BENIGN_RADS)})
              AND EXISTS (
                  FROM positive_findings AS earlier
                  JOIN exams AS earlier_exam USING (patient_id, exam_id)
                  WHERE earlier.patient_id = later.patient_id
                    AND earlier.lesion_id = later.lesion_id
                    AND latest(earlier_exam.date, earlier_exam.date_precision)
                      < earliest(exams.date, exams.date_precision)
              )
        """,
    ),
)
