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


def test_events_at_or_before_detection_are_prevalent(spec):
    """A first event at or before detection of BM is prevalent, not incident: it is in the crude
    tables and out of the incidence. So is one before the first visit: nobody was watching yet. Days
    of incident events count from detection."""
    spec(
        given="""
        patients
        patient_id | first_visit | last_contact
        1          | 0           | 3650
        2          | 0           | 3650
        3          | 0           | 3650
        4          | 400         | 3650

        metastases
        patient_id | site | date
        1          | bone | 200
        2          | bone | 200
        3          | bone | 200
        4          | bone | 200

        skeletal_events
        patient_id | date | component             | site
        1          | 150  | pathological_fracture | L3
        2          | 200  | pathological_fracture | L3
        3          | 250  | pathological_fracture | L3
        4          | 250  | pathological_fracture | L3
        """,
        then="""
        patient_id | events | first event
        1          | 150    | prevalent
        2          | 200    | prevalent
        3          | 250    | day 50
        4          | 250    | prevalent
        """,
    )


def test_without_delayed_entry_the_first_visit_does_not_matter(spec):
    """With `entry = "none"` a centre says that it knows its patients' events from before their first
    visit: at risk from detection of BM on."""
    spec(
        protocol="""
        [follow_up]
        entry = "none"
        """,
        given="""
        patients
        patient_id | first_visit | last_contact
        1          | 400         | 3650
        2          | 400         | 3650

        metastases
        patient_id | site | date
        1          | bone | 200
        2          | bone | 200

        skeletal_events
        patient_id | date | component             | site
        1          | 250  | pathological_fracture | L3
        2          | 150  | pathological_fracture | L3
        """,
        then="""
        patient_id | events | first event
        1          | 250    | day 50
        2          | 150    | prevalent
        """,
    )


def test_an_imprecise_date_never_decides_the_order(spec):
    """An event of "2019-05" and BM detected on 2019-05-20: nobody knows which came first, so the
    event is neither prevalent nor incident, and the patient is counted as left out. The same where
    BM, or the first visit, is the one that is known to its month. A month before is before; a month
    later is after, and the middle of the month stands for its day."""
    spec(
        calendar=True,
        given="""
        patients
        patient_id | first_visit | last_contact
        1          | 2010-01-01  | 2020-01-01
        2          | 2010-01-01  | 2020-01-01
        3          | 2010-01-01  | 2020-01-01
        4          | 2010-01-01  | 2020-01-01
        5          | 2010-01-01  | 2020-01-01
        6          | 2019-05     | 2020-01-01

        metastases
        patient_id | site | date
        1          | bone | 2019-05-20
        2          | bone | 2019-05-10
        3          | bone | 2019-05
        4          | bone | 2019-05-20
        5          | bone | 2019-05-20
        6          | bone | 2019-05-01

        skeletal_events
        patient_id | date       | component         | site
        1          | 2019-05    | radiation_to_bone | L3
        2          | 2019-05    | radiation_to_bone | L3
        3          | 2019-05-25 | radiation_to_bone | L3
        4          | 2019-04    | radiation_to_bone | L3
        5          | 2019-06    | radiation_to_bone | L3
        6          | 2019-05-10 | radiation_to_bone | L3
        """,
        then="""
        patient_id | first event
        1          | order not known
        2          | order not known
        3          | order not known
        4          | prevalent
        5          | day 26
        6          | order not known
        """,
    )


def test_an_earlier_event_settles_the_order(spec):
    """Where one event was certainly before detection, a second of doubtful order changes nothing."""
    spec(
        calendar=True,
        given="""
        metastases
        patient_id | site | date
        1          | bone | 2019-05-20

        skeletal_events
        patient_id | date       | component         | site
        1          | 2018-03-02 | radiation_to_bone | L3
        1          | 2019-05    | radiation_to_bone | L4
        """,
        then="""
        patient_id | first event
        1          | prevalent
        """,
    )
