"""The template's example: one made-up patient, told through every table.

Small-intestinal tumour with liver metastases; bone metastasis first seen on receptor imaging only,
visible on CT 16 months later, then zoledronate, then radiation to the lumbar spine.
"""

from __future__ import annotations

_WHO = {"patient_id": "EXAMPLE-1"}
_LESION = _WHO | {"lesion_id": "b1", "site": "L3", "sstr_uptake": "positive", "reader": "reader-1"}
_PET_CT = _WHO | {
    "modality": "sstr_pet_ct",
    "tracer": "68Ga-DOTATOC",
    "ct_protocol": "diagnostic",
    "field_of_view": "whole_body",
    "reader": "reader-1",
}

EXAMPLE: dict[str, list[dict[str, str]]] = {
    "patients": [
        _WHO
        | {
            "sex": "female",
            "birth": "1956-04",
            "first_visit": "2018-03-12",
            "last_contact": "2023-11-20",
        }
    ],
    "tumours": [
        _WHO
        | {
            "tumour_id": "1",
            "diagnosis": "2017-11-06",
            "topography": "C17.2",
            "morphology": "8249/3",
            "basis": "histology",
            "grade": "G2",
            "ki67_percent": "5",
            "mitoses_per_2mm2": "3",
            "differentiation": "well",
            "grade_edition": "2019",
            "m_category": "M1a",
            "stage": "IV",
            "stage_edition": "8",
        }
    ],
    "metastases": [
        _WHO | {"site": "liver", "date": "2017-11-20", "status": "accepted"},
        _WHO | {"site": "bone", "date": "2019-02-20", "status": "accepted"},
    ],
    "exams": [
        _PET_CT
        | {"exam_id": "e1", "date": "2018-03-14", "bone_read": "negative", "injected_mbq": "152"},
        _PET_CT
        | {"exam_id": "e2", "date": "2019-02-20", "bone_read": "positive", "injected_mbq": "147"},
        _PET_CT
        | {"exam_id": "e3", "date": "2020-06-17", "bone_read": "positive", "injected_mbq": "155"},
    ],
    "bone_findings": [
        _LESION
        | {
            "exam_id": "e2",
            "ct_correlate": "absent",
            "pattern": "no_correlate",
            "sstr_rads": "4",
            "suv_max": "14.2",
            "hu_mean": "180",
            "status": "accepted",
        },
        _LESION
        | {
            "exam_id": "e3",
            "ct_correlate": "present",
            "pattern": "osteoblastic",
            "sstr_rads": "5",
            "suv_max": "16.8",
            "hu_mean": "420",
            "status": "accepted",
        },
    ],
    "treatments": [
        _WHO
        | {
            "treatment_id": "t1",
            "kind": "drug",
            "atc": "H01CB03",
            "dose": "120",
            "dose_unit": "mg",
            "interval_days": "28",
            "start": "2018-04-03",
        },
        _WHO
        | {
            "treatment_id": "t2",
            "kind": "drug",
            "atc": "M05BA08",
            "dose": "4",
            "dose_unit": "mg",
            "interval_days": "28",
            "start": "2020-07-08",
            "end": "2022-07-06",
            "end_reason": "completed",
        },
    ],
    "skeletal_events": [
        _WHO
        | {
            "event_id": "s1",
            "date": "2021-05-11",
            "component": "radiation_to_bone",
            "site": "L3",
            "lesion_id": "b1",
            "trigger": "symptom",
            "prophylactic": "false",
            "status": "accepted",
        }
    ],
    "labs": [
        _WHO
        | {
            "date": "2018-03-12",
            "analyte": "chromogranin_a",
            "loinc": "9811-1",
            "value": "412",
            "unit": "ng/ml",
            "upper_limit_normal": "102",
        },
        _WHO
        | {
            "date": "2020-07-01",
            "analyte": "calcium_corrected",
            "loinc": "29265-6",
            "value": "2.31",
            "unit": "mmol/l",
            "upper_limit_normal": "2.6",
        },
    ],
    "functional_status": [
        _WHO
        | {
            "date": "2018-03-12",
            "syndrome": "present",
            "biochemical": "raised",
            "syndrome_name": "carcinoid",
        }
    ],
    "performance_status": [_WHO | {"date": "2018-03-12", "ecog": "1"}],
    "board_decisions": [
        _WHO
        | {
            "date": "2020-06-24",
            "topic": "antiresorptive",
            "decision": "start zoledronate",
            "reason": "bone metastasis visible on CT",
        }
    ],
    "assignments": [_WHO | {"name": "referral", "value": "external"}],
    "outcomes": [_WHO | {"name": "progression_or_death", "date": "2019-02-20"}],
}
