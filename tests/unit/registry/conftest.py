"""Healthy patients, and a registry to put them in."""

from pathlib import Path

import pytest

from osteon.contracts.tables import Delivery
from osteon.registry import Registry, delivery_of

HEALTHY = """
    patients
    patient_id | sex    | birth      | age_years | first_visit | last_contact | death      | cause_of_death
    1          | female | 1950-07-03 | 63        | 2014-05-20  | 2018-02-01   |            |
    2          | male   | 1948-02    |           | 2014-07-01  | 2017-11-30   | 2017-11-30 | tumour
    3          | male   | 1961       | 54        | 2015-02-10  | 2018-01      |            |
    4          | female | 1950-07-03 |           | 2014-06-01  | 2017-12-24   |            | unknown

    tumours
    patient_id | tumour_id | diagnosis  | topography | morphology | basis     | grade | ki67_percent | mitoses_per_2mm2 | differentiation | grade_edition | m_category | stage
    1          | 1         | 2014-05-02 | C17.2      | 8240/3     | histology | G1    | 1            | 1                | well            | 2019          | M1c        | IV
    2          | 1         | 2014-06    | C17.2      | 8249/3     | histology | G2    | 2            | 5                | well            | 2019          | M0         | III
    3          | 1         | 2015-01-20 | C34.1      | 8246/3     | histology | G1    | 60           |                  | poor            |               | M1a        | IV
    4          | 1         | 2014-05-30 | C17.1      | 8240/3     | cytology  | G2    | 2.5          |                  | well            | 2010          | MX         |

    metastases
    patient_id | site  | date       | status
    1          | liver | 2014-05-02 |
    1          | bone  | 2014-06    | accepted
    2          | bone  | 2016-01-15 |
    3          | liver | 2015-01-20 |
    4          | bone  | 2014-06-01 | rejected

    exams
    patient_id | exam_id | date       | modality    | ct_protocol | bone_read
    1          | E1      | 2014-05-01 | sstr_pet_ct | diagnostic  | negative
    1          | E2      | 2014-06-12 | sstr_pet_ct | diagnostic  | positive
    1          | E3      | 2015-06-12 | mri         | none        | positive
    2          | E1      | 2016-01-15 | sstr_pet_mr | none        | positive
    2          | E2      | 2017-11-30 | ct          | diagnostic  | equivocal

    bone_findings
    patient_id | exam_id | lesion_id | sstr_uptake  | ct_correlate   | mr_correlate | pattern      | sstr_rads | status
    1          | E1      | L1        | negative     | absent         |              |              | 1A        |
    1          | E2      | L1        | positive     | absent         |              | no_correlate | 4         |
    1          | E2      | L2        | positive     | present        |              | osteoblastic | 5         |
    1          | E2      | L3        | equivocal    | absent         |              |              | 3B        | pending
    1          | E3      | L1        | not_assessed | not_assessable | present      |              |           |
    2          | E1      | L1        | positive     | not_assessable | present      |              | 5         |

    treatments
    patient_id | treatment_id | kind         | atc     | dose | dose_unit | start      | end
    1          | 1            | prrt         |         | 7400 | MBq       | 2014-06-12 | 2014-06-12
    1          | 2            | drug         | M05BX04 | 120  | mg        | 2014-07    | 2014-07-20
    2          | 1            | drug         | H01CB02 | 30   | mg        | 2014-07-01 |
    2          | 2            | radiotherapy |         |      |           | 2016-03-01 | 2016-03-10

    skeletal_events
    patient_id | event_id | date       | component             | site | status
    2          | 1        | 2016-03-01 | radiation_to_bone     | L3   |
    2          | 2        | 2017-11-30 | pathological_fracture | L3   |
    3          | 1        | 2017-01    | fragility_fracture    |      |
    4          | 1        | 2016-05-05 | radiation_to_bone     |      | rejected

    labs
    patient_id | date       | analyte        | value | unit
    1          | 2014-05-02 | chromogranin_a | 90    | ng/ml
    1          | 2014-05-02 | calcium        | 2.3   | mmol/l

    functional_status
    patient_id | date       | syndrome | biochemical
    1          | 2014-05-02 | present  | raised
    2          | 2014-07-01 | absent   | raised
    3          | 2015-02-10 | absent   | unknown

    performance_status
    patient_id | date       | ecog
    1          | 2014-05-20 | 0
    1          | 2016-05-20 | 1
"""
"""Four patients near many limits, and over none: a death on the last exam's day, a month-old birth."""


@pytest.fixture
def healthy() -> Delivery:
    return delivery_of(
        HEALTHY, source="healthy", complete_for=("antiresorptives", "skeletal_events")
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "centre.duckdb"


@pytest.fixture
def registry(path: Path):
    with Registry.create(path) as registry:
        yield registry
