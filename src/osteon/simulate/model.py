"""What is assumed of disease and centre: every number of the natural-history model, with defaults.

The defaults describe small intestinal tumours at a referral centre. Medians and shares are of what
truly happens, not of what is seen; who dies before the first visit is never seen at all.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from osteon.contracts.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Weights = dict[str, Annotated[float, Field(ge=0)]]


class Referral(Settings):
    """How patients come to the centre, and how it loses them."""

    diagnosed_from: date = date(1990, 1, 1)
    """earliest diagnosis; the centre's window may open long after"""
    centre_from: date = date(2001, 7, 1)
    """earliest first visit that the exports hold"""
    data_cut: date = date(2023, 12, 31)
    """last day of observation"""
    recency: Positive = 0.68
    """below 1: recent years of diagnosis are more frequent"""
    prompt_share: Share = 0.5
    """share seen within `prompt_days` of diagnosis"""
    prompt_days: int = 70
    late_median_days: Positive = 1300
    """median delay of the others (log-logistic)"""
    late_spread: Positive = 0.6
    single_visit_share: Share = 0.03
    """second opinions: seen once and never again"""
    loss_per_year: Positive = 0.08
    """hazard of being lost to follow-up"""
    last_seen_within_days: int = 220
    """patients in care were last seen at most so many days before the data cut"""


class Tumour(Settings):
    """Who the patients are, and their tumours at diagnosis."""

    male_share: Share = 0.54
    age_median_years: Positive = 58.5
    age_scale_years: Positive = 7.0
    topography: Weights
    """ICD-O-3 codes, those outside the study's population too"""
    basis: Weights = Field(
        default={"histology": 0.955, "cytology": 0.02, "clinical": 0.02, "unknown": 0.005}
    )
    """how the diagnosis was made"""
    grade: Weights = Field(default={"G1": 0.6, "G2": 0.36, "G3": 0.025, "NEC": 0.015})
    morphology: dict[str, Weights] = Field(
        default={
            "G1": {"8240/3": 0.85, "8241/3": 0.15},
            "G2": {"8249/3": 0.8, "8240/3": 0.2},
            "G3": {"8249/3": 1.0},
            "NEC": {"8246/3": 0.8, "8013/3": 0.2},
        }
    )
    """ICD-O-3 codes by grade"""
    stage: Weights = Field(default={"I": 0.07, "II": 0.06, "III": 0.18, "IV": 0.69})
    extensive_liver_share: Share = 0.45
    """of stage IV: liver spread that amines can escape from"""
    sites: Weights = Field(
        default={"liver": 0.85, "lymph_node": 0.6, "peritoneum": 0.22, "lung": 0.05}
    )
    """share of stage IV with distant metastases there; somebody without any gets the first"""


class FunctioningTumour(Settings):
    """Syndrome and raised amines; both together make a tumour functioning."""

    share_extensive_liver: Share = 0.72
    share_other_stage_iv: Share = 0.4
    share_not_stage_iv: Share = 0.17
    later_share: Share = 0.12
    """of these: not yet at the first visit"""
    later_median_days: Positive = 700
    syndrome_only_share: Share = 0.06
    """of the others: flushing or diarrhoea with normal amines"""
    biochemical_only_share: Share = 0.12
    """of the others: raised amines without a syndrome"""


class Mortality(Settings):
    """Time from diagnosis to death: Weibull, proportional hazards."""

    median_days: Positive = 7100
    """of a stage IV G1 tumour, age 58, limited liver spread, no bone metastasis"""
    shape: Positive = 1.6
    hazard_ratio_per_decade: Positive = 1.35
    hazard_ratio_grade: Weights = Field(default={"G1": 1.0, "G2": 1.5, "G3": 4.0, "NEC": 12.0})
    hazard_ratio_extensive_liver: Positive = 1.3
    hazard_ratio_not_stage_iv: Positive = 0.4
    hazard_ratio_bone: Positive = 3.2
    """from the onset of the first bone metastasis"""
    tumour_share: Share = 0.78
    """deaths of the tumour"""


class Bone(Settings):
    """Bone metastases: true onset, when each lesion can be seen, and with what pattern."""

    synchronous_share: Share = 0.095
    """of stage IV: bone metastasis there at diagnosis, seen or not"""
    later_median_days: Positive = 7000
    """of stage IV: time to bone metastasis (exponential)"""
    later_median_days_not_stage_iv: Positive = 50_000
    hazard_ratio_functioning: Positive = 2.8
    hazard_ratio_extensive_liver: Positive = 1.3
    lesions_median_gap_days: Positive = 420
    """between the onsets of one lesion and the next"""
    most_lesions: int = 6
    sstr_median_days: Positive = 70
    """from onset to receptor-visible (exponential)"""
    sstr_negative_share: Share = 0.04
    """lesions that never take up the tracer"""
    slow_share: Share = 0.88
    """patients whose lesions are receptor-visible before they can be seen on CT"""
    conversion_median_days: Positive = 620
    """in these: from receptor-visible to CT-visible (Weibull)"""
    conversion_shape: Positive = 1.8
    lesion_spread: Share = 0.25
    """lesions of one patient convert within so much of the patient's delay"""
    pattern: Weights = Field(default={"osteoblastic": 0.65, "osteolytic": 0.19, "mixed": 0.16})
    """predominant pattern of a patient"""
    pattern_fidelity: Share = 0.93
    """lesions that have their patient's pattern"""
    sites: Weights = Field(
        default={
            "T-spine": 0.24,
            "L-spine": 0.22,
            "pelvis": 0.22,
            "rib": 0.13,
            "sacrum": 0.06,
            "femur": 0.05,
            "C-spine": 0.04,
            "skull": 0.04,
        }
    )


class Imaging(Settings):
    """When patients are scanned, how, and what else is seen in bone."""

    interval_days: Positive = 165
    """between exams of stage IV patients (log-logistic)"""
    interval_days_not_stage_iv: Positive = 330
    interval_spread: Positive = 0.12
    gap_share: Share = 0.07
    """intervals stretched by a year or two"""
    pet_from: date = date(2005, 1, 1)
    """receptor scintigraphy with SPECT before, PET/CT since"""
    pet_share: Share = 0.72
    """of exams; the others are CT alone"""
    tracer: str = "68Ga-DOTATOC"
    low_dose_share: Share = 0.18
    """PET/CT with low-dose CT"""
    companion_ct_share: Share = 0.5
    """of these: a diagnostic CT within three weeks"""
    whole_body_share: Share = 0.3
    """of PET/CT; the others end at skull base and mid-thigh"""
    abdominal_mri_share: Share = 0.12
    """exams followed by an MRI of the liver, which does not look at bone"""
    external_share: Share = 0.3
    """late referrals who bring an exam from elsewhere"""
    equivocal_share: Share = 0.09
    """patients without bone metastasis with a focus SSTR-RADS 3B"""
    enostosis_share: Share = 0.07
    """patients with a bone island: dense, no uptake, rejected"""
    accepted_3b_share: Share = 0.06
    """first lesions faint when found, accepted after adjudication"""


class SkeletalEvent(Settings):
    """Skeletal-related events (SRE), from when the first lesion can be seen on CT."""

    median_days: Positive = 15_000
    """untreated, osteoblastic (Weibull)"""
    shape: Positive = 0.7
    """below 1: front-loaded"""
    hazard_ratio_pattern: Weights = Field(
        default={"osteoblastic": 1.0, "mixed": 2.0, "osteolytic": 4.0}
    )
    component: Weights = Field(
        default={
            "radiation_to_bone": 0.5,
            "pathological_fracture": 0.24,
            "surgery_to_bone": 0.12,
            "spinal_cord_compression": 0.14,
        }
    )
    clustered_share: Share = 0.3
    """followed by a second component within two weeks: one SRE"""
    recurrent_share: Share = 0.25
    fragility_share: Share = 0.04
    """patients with a fracture away from any metastasis"""
    not_counted_share: Share = 0.05
    """bone patients with an event that is pending, rejected, or an SRE in some definitions only"""


class Antiresorptive(Settings):
    """Who gets an antiresorptive, when, and what it truly does."""

    treated_share: Share = 0.75
    """of patients with bone metastasis, offered it"""
    start_median_days: Positive = 150
    """from detection to start (Weibull)"""
    start_shape: Positive = 0.8
    after_event_share: Share = 0.6
    """untreated patients started because of an SRE"""
    hazard_ratio: Positive = 0.25
    """true effect on SRE; 1 is a drug without effect"""
    denosumab_share: Share = 0.65
    """the others get zoledronate"""
    stop_median_days: Positive = 2200
    osteoporosis_share: Share = 0.05
    """patients on osteoporosis doses, which must not count"""


class Treatment(Settings):
    """Treatment of the tumour."""

    ssa_share: Share = 0.85
    """stage IV patients on a somatostatin analogue; functioning ones always"""
    prrt_share: Share = 0.35
    """of stage IV"""
    prrt_median_days: Positive = 900
    surgery_share: Share = 0.75
    """primary resected"""
    everolimus_share: Share = 0.1
    """of stage IV"""
    sirt_share: Share = 0.05
    """of patients with liver metastases"""


class Records(Settings):
    """How well the centre writes things down."""

    grade_missing_share: Share = 0.04
    ki67_missing_share: Share = 0.13
    stage_missing_share: Share = 0.02
    """only M is recorded"""
    month_precision_share: Share = 0.12
    """of diagnoses made elsewhere long before the first visit"""
    year_precision_share: Share = 0.04
    status_unknown_share: Share = 0.1
    """functional status judged without laboratory or history"""
    visit_interval_days: Positive = 150
    lab_missing_share: Share = 0.12
