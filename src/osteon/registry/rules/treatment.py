"""Rules about treatments, skeletal events and functional status."""

from __future__ import annotations

from osteon.contracts.tables import EXPOSURE
from osteon.registry.rules.rule import Rule, sql_list
from osteon.vocabulary.drugs import ANTIRESORPTIVES, ANY, MG_PER_UNIT, OSTEOPOROSIS_REGIMENS

NEEDS_METASTASIS = (
    "pathological_fracture",
    "radiation_to_bone",
    "surgery_to_bone",
    "spinal_cord_compression",
    "bone_seeking_radionuclide",
)
"""Skeletal events that cannot happen without a bone metastasis."""


def _told(column: str, limits: tuple[float, float]) -> str:
    """SQL of a number between limits; limits that leave out nothing need no number."""
    return "true" if limits == ANY else f"{column} BETWEEN {limits[0]} AND {min(limits[1], 1e9)}"


_DOSE_MG = "dose * CASE lower(coalesce(dose_unit, 'mg')) " + (
    " ".join(f"WHEN '{unit}' THEN {mg}" for unit, mg in MG_PER_UNIT.items()) + " END"
)
_OSTEOPOROSIS = " OR ".join(
    f"(atc = '{r.atc}' AND {_told(_DOSE_MG, r.dose_mg)} AND {_told('interval_days', r.interval_days)})"
    for r in OSTEOPOROSIS_REGIMENS
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
        title="Antiresorptive in a regimen for osteoporosis",
        tables=("treatments",),
        column="dose",
        severity="warn",
        reason="Dose or interval is one for osteoporosis (denosumab 60 mg, zoledronate 5 mg, "
        "ibandronate 150 mg by mouth, and others); by default the course does not count as exposure",
        cure="Correct dose or interval if it was given for metastases; otherwise leave it.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | dose | dose_unit | interval_days | start      | found
            1          | drug | M05BX04 | 120  | mg        | 28            | 2014-05-02 |
            1          | drug | M05BX04 | 60   | mg        | 182           | 2015-05-02 | yes
        """,
        sql=f"SELECT row_id FROM treatments WHERE {_OSTEOPOROSIS}",
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
        id="T055",
        title="Antiresorptive whose regimen is not told",
        tables=("treatments",),
        column="dose",
        severity="warn",
        reason="Without a dose (and, for clodronate 800 mg, an interval) a course for osteoporosis "
        "cannot be told from one for metastases; it counts as given for metastases",
        cure="Deliver the dose of one administration, its unit, and the interval.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01

            treatments
            patient_id | kind | atc     | dose | dose_unit | start      | found
            1          | drug | M05BX04 | 120  | mg        | 2014-05-02 |
            1          | drug | M05BA08 |      |           | 2015-05-02 | yes
        """,
        sql=f"""
            SELECT row_id FROM treatments
            WHERE atc IN {sql_list(ANTIRESORPTIVES)} AND NOT coalesce({_OSTEOPOROSIS}, false)
              AND ({_DOSE_MG} IS NULL
                   OR (atc = 'M05BA02' AND {_DOSE_MG} <= 800 AND interval_days IS NULL))
        """,
    ),
    Rule(
        id="T056",
        title="Antiresorptive before bone metastasis",
        tables=("treatments",),
        column="start",
        severity="warn",
        reason="A course for metastases began before anything tells of bone metastasis; its patient "
        "counts as treated from detection on, having survived the first months of treatment unseen",
        cure="Deliver the earlier exam or report; correct dose or interval if it was for osteoporosis.",
        example="""
            patients
            patient_id | last_contact
            1          | 2016-03-01
            2          | 2016-03-01

            metastases
            patient_id | site | date
            1          | bone | 2014-05-02
            2          | bone | 2014-05-02

            treatments
            patient_id | kind | atc     | dose | dose_unit | start      | found
            1          | drug | M05BX04 | 120  | mg        | 2014-05-20 |
            2          | drug | M05BX04 | 120  | mg        | 2013-09-20 | yes
        """,
        sql=f"""
            SELECT row_id
            FROM treatments
            JOIN (SELECT patient_id, min(earliest) AS bone FROM bone_evidence GROUP BY patient_id)
            USING (patient_id)
            WHERE atc IN {sql_list(ANTIRESORPTIVES)} AND NOT coalesce({_OSTEOPOROSIS}, false)
              AND latest(start, start_precision) < bone
        """,
    ),
    Rule(
        id="T057",
        title="Skeletal events, but no source complete for them",
        tables=("skeletal_events",),
        severity="warn",
        of_registry=True,
        reason="Skeletal events are recorded, but no source is declared complete for them: in "
        "patients without a record nobody knows that there was none, so shares, rates and incidence "
        "are lower bounds",
        cure="If a source holds every skeletal event, declare it in its mapping: "
        'complete_for = ["skeletal_events"].',
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01

            skeletal_events
            patient_id | date       | component         | site
            1          | 2014-09-01 | radiation_to_bone | L3
        """,
        sql="""
            SELECT NULL AS row_id
            WHERE EXISTS (FROM skeletal_events)
              AND NOT EXISTS (
                  FROM current_imports WHERE list_contains(complete_for, 'skeletal_events')
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
        id="T063",
        title="Skeletal event and bone metastasis in one imprecise time",
        tables=("skeletal_events",),
        column="date",
        severity="warn",
        reason="The event, or the first sign of bone metastasis, is dated so coarsely that either may "
        "have come first: a patient whose first event this is has one in the crude table and is left "
        "out of its incidence",
        cure="Deliver the day of both.",
        example="""
            patients
            patient_id | last_contact
            1          | 2020-03-01
            2          | 2020-03-01

            metastases
            patient_id | site | date
            1          | bone | 2019-05-20
            2          | bone | 2019-05-20

            skeletal_events
            patient_id | date    | component         | site | found
            1          | 2019-05 | radiation_to_bone | L3   | yes
            2          | 2019-06 | radiation_to_bone | L3   |
        """,
        sql="""
            WITH first AS (
                SELECT patient_id, min(earliest) AS earliest, min(latest) AS latest
                FROM bone_evidence
                GROUP BY patient_id
            )
            SELECT row_id
            FROM skeletal_events AS event JOIN first USING (patient_id)
            WHERE coalesce(status, 'accepted') <> 'rejected'
              AND component <> 'fragility_fracture'
              AND earliest(event.date, event.date_precision) <= first.latest
              AND latest(event.date, event.date_precision) > first.earliest
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
    Rule(
        id="T071",
        title="Syndrome without biochemistry",
        tables=("functional_status",),
        column="biochemical",
        severity="warn",
        reason="The syndrome is present and amines were never judged in this patient: under the "
        "rule that asks for both, whether the tumour is functioning stays unknown; where that is "
        "so in every patient with a syndrome, the share of functioning tumours can only be 0",
        cure='Deliver the biochemistry, or choose `functioning.rule` = "syndrome".',
        example="""
            patients
            patient_id | last_contact
            1          | 2015-03-01
            2          | 2015-03-01

            functional_status
            patient_id | date       | syndrome | biochemical | found
            1          | 2014-05-02 | present  |             | yes
            2          | 2014-05-02 | present  |             |
            2          | 2014-09-02 | absent   | raised      |
        """,
        sql="""
            SELECT row_id FROM functional_status AS f
            WHERE syndrome = 'present' AND NOT EXISTS (
                SELECT 1 FROM functional_status AS other
                WHERE other.patient_id = f.patient_id
                  AND other.biochemical IN ('raised', 'normal')
            )
        """,
    ),
)
