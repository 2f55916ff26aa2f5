"""Skeletal-related events (SRE): which recorded events count, and which are one and the same."""

title = "Skeletal-related events"


def test_components_of_the_regulatory_variant(spec):
    """Fracture at a metastasis, radiation to bone, surgery to bone and cord compression count."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component              | site
        1          | 100  | pathological_fracture  | L3
        2          | 100  | radiation_to_bone      | L3
        3          | 100  | surgery_to_bone        | L3
        4          | 100  | spinal_cord_compression| L3
        5          | 100  | hypercalcaemia         |
        6          | 100  | fragility_fracture     | L3
        """,
        then="""
        patient_id | events
        1          | 100
        2          | 100
        3          | 100
        4          | 100
        5          |
        6          |
        """,
    )


def test_hypercalcaemia_counts_in_the_wider_variant_only(spec):
    """Literature differs on hypercalcaemia: it counts in `sre_plus_hypercalcaemia` only."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component
        1          | 100  | hypercalcaemia
        """,
        then="""
        patient_id | events
        1          | 100
        """,
        protocol="""
        [skeletal_event]
        variant = "sre_plus_hypercalcaemia"
        """,
    )


def test_narrow_variant(spec):
    """The narrow variant takes fracture and cord compression, as one meta-analysis does."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component              | site
        1          | 100  | radiation_to_bone      | L3
        2          | 100  | spinal_cord_compression| L3
        """,
        then="""
        patient_id | events
        1          |
        2          | 100
        """,
        protocol="""
        [skeletal_event]
        variant = "sre_narrow"
        """,
    )


def test_symptomatic_events(spec):
    """A symptomatic skeletal event was found because of symptoms, not on a planned exam."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component             | site | trigger
        1          | 100  | pathological_fracture | L3   | symptom
        2          | 100  | pathological_fracture | L3   | scheduled_imaging
        3          | 100  | pathological_fracture | L3   |
        """,
        then="""
        patient_id | events
        1          | 100
        2          |
        3          |
        """,
        protocol="""
        [skeletal_event]
        variant = "sse"
        """,
    )


def test_events_close_together_are_one(spec):
    """Events within 21 days of the one before are one event, dated at the first; day 22 is new."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component             | site
        1          | 100  | pathological_fracture | L3
        1          | 110  | surgery_to_bone       | L3
        1          | 131  | radiation_to_bone     | L3
        1          | 153  | radiation_to_bone     | L4
        """,
        then="""
        patient_id | events   | component
        1          | 100, 153 | pathological_fracture, radiation_to_bone
        """,
    )


def test_adjudication(spec):
    """An event that was rejected, or waits for adjudication, does not count."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component             | site | status
        1          | 100  | pathological_fracture | L3   | accepted
        2          | 100  | pathological_fracture | L3   |
        3          | 100  | pathological_fracture | L3   | pending
        4          | 100  | pathological_fracture | L3   | rejected
        """,
        then="""
        patient_id | events
        1          | 100
        2          | 100
        3          |
        4          |
        """,
    )


def test_events_done_to_prevent(spec):
    """Radiation or surgery to prevent is a decision, not a failure: it counts by a setting."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component       | site  | prophylactic
        1          | 100  | surgery_to_bone | femur | yes
        2          | 100  | surgery_to_bone | femur | no
        """,
        then="""
        patient_id | events
        1          |
        2          | 100
        """,
        protocol="""
        [skeletal_event]
        prophylactic_counts = false
        """,
    )


def test_bone_seeking_radionuclides(spec):
    """Ra-223, Sr-89 and Sm-153 count as radiation to bone unless the protocol says otherwise."""
    spec(
        given="""
        skeletal_events
        patient_id | date | component
        1          | 100  | bone_seeking_radionuclide
        """,
        then="""
        patient_id | events
        1          |
        """,
        protocol="""
        [skeletal_event]
        bone_seeking_counts = false
        """,
    )
