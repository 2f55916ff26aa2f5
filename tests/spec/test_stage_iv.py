"""Stage IV at diagnosis: as recorded, or by an early metastasis; and liver metastases at diagnosis.

1. Stage IV, or M1 of any kind, as recorded of the tumour that is studied, decides.
2. Where neither stage nor M is recorded (MX is not), a distant metastasis within 120 days of diagnosis
   (`follow_up.stage_iv_window_days`), or before it, makes stage IV. Bone metastasis found on imaging is
   one.
3. Liver metastasis at diagnosis: reported within the same window, or before. Not known where it is
   reported without a day, or without saying of which of several tumours it is.
4. Who becomes stage IV later does so at the first distant metastasis.
"""

title = "Stage IV at diagnosis"


def test_recorded_stage_or_m_decides(spec):
    """Stage IV, or M1 of any kind. Where neither is recorded, a distant metastasis within 120 days
    of diagnosis makes stage IV; where stage is recorded, a later one changes nothing."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | basis     | stage | m_category
        1          | 1         | 0         | histology | IV    |
        2          | 1         | 0         | histology |       | M1c
        3          | 1         | 0         | histology | III   | M0
        4          | 1         | 0         | histology |       |
        5          | 1         | 0         | histology |       |
        6          | 1         | 0         | histology |       | MX

        metastases
        patient_id | site  | date
        3          | liver | 20
        4          | liver | 100
        5          | liver | 200
        6          | bone  | 10
        """,
        then="""
        patient_id | stage_iv_at_diagnosis | liver_at_diagnosis | stage_iv
        1          | yes                   | no                 | 0
        2          | yes                   | no                 | 0
        3          | no                    | yes                | 20
        4          | yes                   | yes                | 0
        5          | no                    | no                 | 200
        6          | yes                   | no                 | 0
        """,
    )


def test_bone_metastasis_on_imaging_is_a_distant_metastasis_too(spec):
    """Where neither stage nor M is recorded, BM found within the window makes stage IV."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | basis
        1          | 1         | 0         | histology

        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 10   | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        """,
        then="""
        patient_id | stage_iv_at_diagnosis | stage_iv
        1          | yes                   | 0
        """,
    )
