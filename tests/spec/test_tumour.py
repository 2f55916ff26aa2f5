"""Whose metastasis: of which of several tumours, and what if it is older than the tumour."""

title = "Whose metastasis"


def test_a_metastasis_before_diagnosis_was_there_from_the_start(spec):
    """With one tumour, what is reported before its diagnosis is of it: often the metastasis is
    found first. BM is prevalent at time zero; where neither stage nor M is recorded, stage is IV."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | basis
        1          | 1         | 0         | histology

        metastases
        patient_id | site | date
        1          | bone | -300
        """,
        then="""
        patient_id | bone | bm   | stage_iv_at_diagnosis
        1          | yes  | -300 | yes
        """,
    )


def test_a_metastasis_of_another_tumour_does_not_count(spec):
    """A metastasis that names its tumour counts for that one only: patient 1 has a neuroendocrine
    tumour of the ileum and BM of a prostate cancer. Stage and M are those of the tumour that is
    studied."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | topography | morphology | basis     | stage | m_category
        1          | net       | 0         | C17.2      | 8240/3     | histology | II    | M0
        1          | prostate  | -900      | C61.9      | 8140/3     | histology | IV    | M1b
        2          | net       | 0         | C17.2      | 8240/3     | histology | IV    | M1
        2          | prostate  | -900      | C61.9      | 8140/3     | histology | I     | M0

        metastases
        patient_id | site  | date | tumour_id
        1          | bone  | 200  | prostate
        1          | liver | 20   | prostate
        2          | bone  | 200  | net
        """,
        then="""
        patient_id | bone | bm  | stage_iv_at_diagnosis | liver_at_diagnosis
        1          | no   |     | no                    | no
        2          | yes  | 200 | yes                   | no
        """,
        protocol="""
        [population]
        topography = ["C17.2"]
        """,
    )


def test_nobody_knows_whose_it_is(spec):
    """A report that names no tumour, in a patient with several: it is unclear whether bone is
    involved, not known whether liver is, and it makes no stage IV."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | topography | basis
        1          | net       | 0         | C17.2      | histology
        1          | prostate  | 900       | C61.9      | histology
        2          | net       | 0         | C17.2      | histology
        2          | prostate  | 900       | C61.9      | histology

        metastases
        patient_id | site  | date
        1          | bone  | 20
        2          | liver | 20
        """,
        then="""
        patient_id | bone    | bm | stage_iv_at_diagnosis | liver_at_diagnosis
        1          | unclear |    | no                    | no
        2          | no      |    | no                    |
        """,
        protocol="""
        [population]
        topography = ["C17.2"]
        """,
    )


def test_an_accepted_finding_on_imaging_is_of_the_tumour_studied(spec):
    """A finding that a reader accepted counts, whatever other tumours there are; one that a reader
    thinks is of another tumour is rejected."""
    spec(
        given="""
        tumours
        patient_id | tumour_id | diagnosis | topography | basis     | stage
        1          | net       | 0         | C17.2      | histology | IV
        1          | prostate  | -900      | C61.9      | histology | I

        exams
        patient_id | exam_id | date | modality    | ct_protocol | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | status
        1          | a       | L1        | positive    | absent       | accepted
        """,
        then="""
        patient_id | bone | bm
        1          | yes  | 100
        """,
        protocol="""
        [population]
        topography = ["C17.2"]
        """,
    )
