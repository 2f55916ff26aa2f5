"""Rules about treatments, skeletal events and functional status."""

from __future__ import annotations

from osteon.contracts.tables import EXPOSURE
from osteon.registry.rules.rule import Rule, sql_list
from osteon.vocabulary.drugs import ANTIRESORPTIVES, OSTEOPOROSIS_DOSES_MG

NEEDS_METASTASIS = (
    "pathological_fracture",
    "radiation_to_bone",
    "surgery_to_bone",
    "spinal_cord_compression",
    "bone_seeking_radionuclide",
)
"""Skeletal events that cannot happen without a bone metastasis."""

_OSTEOPOROSIS_DOSE = " OR ".join(
    f"(atc = '{atc}' AND dose = {dose})" for atc, dose in OSTEOPOROSIS_DOSES_MG.items()
)

TREATMENT = (
    Rule(
        id="T050",
        title="Antiresorptive ends before it starts",
        tables=("treatments",),
        column="end",
        severity="exclude",
        excludes=(EXPOSURE,),
        reason="Nobody can say when the patient was under antiresorptive treatment",
        cure="Correct start or end in the export.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01
            2          | 2016-03-01

            treatments
            patient_id | kind | atc     | start      | end        | found
            1          | drug | M05BX04 | 2014-05-02 | 2015-05-02 |
            2          | drug | M05BX04 | 2015-05-02 | 2014-05-02 | yes
        """,
        sql=f"""
            SELECT row_id FROM treatments
            WHERE latest("end", end_precision) < earliest(start, start_precision)
              AND atc IN {sql_list(ANTIRESORPTIVES)}
        """,
    ),
    Rule(
        id="T051",
        title="Treatment ends before it starts",
        tables=("treatments",),
        column="end",
        severity="warn",
        reason="The treatment (not an antiresorptive) ends before it starts; only its start is used",
        cure="Correct start or end in the export.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | start      | end        | found
            1          | drug | H01CB02 | 2014-05-02 | 2015-05-02 |
            1          | drug | H01CB03 | 2015-05-02 | 2014-05-02 | yes
        """,
        sql=f"""
            SELECT row_id FROM treatments
            WHERE latest("end", end_precision) < earliest(start, start_precision)
              AND coalesce(atc, '') NOT IN {sql_list(ANTIRESORPTIVES)}
        """,
    ),
    Rule(
        id="T052",
        title="Antiresorptive at an osteoporosis dose",
        tables=("treatments",),
        column="dose",
        severity="warn",
        reason="Denosumab 60 mg and zoledronate 5 mg are given for osteoporosis; by default they do "
        "not count as exposure",
        cure="Correct the dose if it was given for metastases; otherwise leave it.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | dose | dose_unit | start      | found
            1          | drug | M05BX04 | 120  | mg        | 2014-05-02 |
            1          | drug | M05BX04 | 60   | mg        | 2015-05-02 | yes
        """,
        sql=f"""
            SELECT row_id FROM treatments
            WHERE coalesce(dose_unit, 'mg') = 'mg' AND ({_OSTEOPOROSIS_DOSE})
        """,
    ),
    Rule(
        id="T053",
        title="Drug without a usable ATC code",
        tables=("treatments",),
        column="atc",
        severity="warn",
        reason="A drug is told by its full ATC code, such as M05BX04; without one it counts as no "
        "drug of any list, an antiresorptive included",
        cure="Deliver the seven-character ATC code, or map the centre's names to codes.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | start      | found
            1          | drug | H01CB02 | 2014-05-02 |
            1          | drug | M05B    | 2014-06-02 | yes
            1          | drug |         | 2014-07-02 | yes
        """,
        sql="""
            SELECT row_id FROM treatments
            WHERE kind = 'drug'
              AND NOT coalesce(regexp_full_match(atc, '[A-Z][0-9][0-9][A-Z][A-Z][0-9][0-9]'), false)
        """,
    ),
    Rule(
        id="T054",
        title="Antiresorptives, but no source complete for them",
        tables=("treatments",),
        severity="warn",
        of_registry=True,
        reason="Antiresorptives are recorded, but no source is declared complete for them: in "
        "patients without a record exposure is unknown, not absent",
        cure="If a source holds every course, declare it in its mapping: "
        'complete_for = ["antiresorptives"].',
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | start
            1          | drug | M05BX04 | 2014-05-02
        """,
        sql=f"""
            SELECT NULL AS row_id
            WHERE EXISTS (FROM treatments WHERE atc IN {sql_list(ANTIRESORPTIVES)})
              AND NOT EXISTS (
                  FROM current_imports WHERE list_contains(complete_for, 'antiresorptives')
              )
        """,
    ),
    Rule(
        id="T060",
        title="Skeletal event without bone metastasis",
        tables=("skeletal_events",),
        column="component",
        severity="warn",
        reason="The event can only happen at a bone metastasis, and the patient has none: neither a "
        "reported metastasis nor a positive exam or finding",
        cure="Deliver the metastasis or the exam, or correct the component (a fracture without a "
        "metastasis at the site is fragility_fracture).",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            metastases
            patient_id | site | date
            1          | bone | 2014-05-02

            skeletal_events
            patient_id | date       | component         | found
            1          | 2014-09-01 | radiation_to_bone |
            2          | 2014-09-01 | radiation_to_bone | yes
        """,
        sql=f"""
            SELECT row_id
            FROM skeletal_events ANTI JOIN bone_evidence USING (patient_id)
            WHERE component IN {sql_list(NEEDS_METASTASIS)}
              AND coalesce(status, 'accepted') <> 'rejected'
        """,
    ),
    Rule(
        id="T061",
        title="Pathological fracture without a site",
        tables=("skeletal_events",),
        column="site",
        severity="warn",
        reason="Without the bone nobody can check that the fracture was at a metastasis",
        cure="Deliver the site, such as L3.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            skeletal_events
            patient_id | date       | component             | site | found
            1          | 2014-09-01 | pathological_fracture | L3   |
            1          | 2014-12-01 | pathological_fracture |      | yes
        """,
        sql="""
            SELECT row_id FROM skeletal_events
            WHERE component = 'pathological_fracture' AND site IS NULL AND lesion_id IS NULL
        """,
    ),
    Rule(
        id="T062",
        title="Same skeletal event twice on a day",
        tables=("skeletal_events",),
        column="date",
        severity="warn",
        reason="The same component is recorded more than once on one day; events within the "
        "protocol's window count as one, but reports of single events would count both",
        cure="If it is one event told twice, leave one out.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            skeletal_events
            patient_id | event_id | date       | component         | site | found
            1          | 1        | 2014-09-01 | radiation_to_bone | L3   |
            1          | 2        | 2014-09-01 | radiation_to_bone | L4   | yes
        """,
        sql="""
            SELECT row_id FROM skeletal_events
            QUALIFY row_number() OVER (
                PARTITION BY patient_id, date, component ORDER BY source, block, source_row
            ) > 1
        """,
    ),
    Rule(
        id="T070",
        title="Syndrome and biochemistry disagree",
        tables=("functional_status",),
        column="syndrome",
        severity="warn",
        reason="Amines are raised and nothing is said of the syndrome, or the syndrome is present "
        "and amines are normal: whether the tumour is functioning depends on the rule chosen",
        cure="Deliver both fields as judged on the same day.",
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            functional_status
            patient_id | date       | syndrome | biochemical | found
            1          | 2014-05-02 | present  | raised      |
            2          | 2014-05-02 |          | raised      | yes
            2          | 2014-09-02 | absent   | raised      |
        """,
        sql="""
            SELECT row_id FROM functional_status
            WHERE (biochemical = 'raised' AND coalesce(syndrome, 'unknown') = 'unknown')
               OR (syndrome = 'present' AND biochemical = 'normal')
        """,
    ),
)
