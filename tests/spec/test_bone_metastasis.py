"""Bone metastasis (BM): who has it, since when, and how it was first seen."""

title = "Bone metastasis"


def test_detected_at_the_first_positive_exam(spec):
    """BM is detected at the first exam with a finding that counts; it appeared after the last
    adequate negative exam."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative
        1          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | negative
        1          | c       | 460  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads
        1          | c       | L1        | positive    | absent       | 4
        """,
        then="""
        patient_id | bone   | bm  | bm_after
        1          | yes    | 460 | 280
        2          | no     |     |
        """,
    )


def test_a_negative_exam_must_have_been_able_to_see_it(spec):
    """A CT that found nothing does not exclude a lesion that only receptor imaging can see; nor
    does an exam that did not cover the trunk, or one on which bone was not read."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative
        1          | b       | 200  | ct          | diagnostic  | trunk         | negative
        1          | c       | 300  | sstr_pet_ct | diagnostic  | partial       | negative
        1          | d       | 350  | sstr_pet_ct | diagnostic  | whole_body    | not_read
        1          | e       | 460  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | e       | L1        | positive    | absent
        """,
        then="""
        patient_id | bm  | bm_after
        1          | 460 | 100
        """,
    )


def test_findings_that_do_not_count(spec):
    """A rejected finding, a benign one (SSTR-RADS 1A, 1B, 2) and an equivocal one (3B) that nobody
    has accepted do not count; an equivocal one that a reader accepted does. Where the exam as a whole
    was still read positive, it is unclear whether the patient has BM."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        4          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        5          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads | status
        1          | a       | L1        | positive    | absent       | 4         | rejected
        2          | a       | L1        | positive    | absent       | 1B        |
        3          | a       | L1        | positive    | absent       | 3B        |
        4          | a       | L1        | positive    | absent       | 3B        | pending
        5          | a       | L1        | positive    | absent       | 3B        | accepted
        """,
        then="""
        patient_id | bone
        1          | unclear
        2          | no
        3          | no
        4          | no
        5          | yes
        """,
    )


def test_evidence_is_the_protocols_choice(spec):
    """A metastasis that is only reported counts if the protocol takes reports as evidence."""
    spec(
        given="""
        metastases
        patient_id | site   | date
        1          | bone   | 200
        2          | marrow | 200
        3          | liver  | 200
        """,
        then="""
        patient_id | bone   | bm
        1          | yes    | 200
        2          | no     |
        3          | no     |
        """,
        protocol="""
        [bone_metastasis]
        evidence = ["reported"]
        """,
    )


def test_a_report_alone_does_not_count_where_reads_are_asked_for(spec):
    """With imaging as evidence, a bare report makes nobody a patient with BM, nor one without."""
    spec(
        given="""
        metastases
        patient_id | site | date
        1          | bone | 200
        """,
        then="""
        patient_id | bone
        1          | unclear
        """,
        protocol="""
        [bone_metastasis]
        evidence = ["sstr_pet", "ct", "mri"]
        """,
    )


def test_at_stage_iv(spec):
    """`when = "at_stage_iv"` takes BM found within the window after stage IV only. BM
    found later makes a patient neither one with BM at stage IV nor one without BM."""
    spec(
        given="""
        metastases
        patient_id | site | date
        1          | bone | 90
        2          | bone | 400
        """,
        then="""
        patient_id | bone
        1          | yes
        2          | unclear
        """,
        protocol="""
        [bone_metastasis]
        when = "at_stage_iv"
        window_days = 120
        """,
    )


def test_sstr_only_needs_an_adequate_exam_without_correlate(spec):
    """SSTR-only: at detection no lesion has a correlate on a diagnostic CT. A low-dose CT cannot
    exclude one, so the patient is not assessable; one visible lesion makes it morphological."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        4          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        1          | a       | L2        | positive    | absent
        2          | a       | L1        | positive    | absent
        3          | a       | L1        | positive    | absent
        3          | a       | L2        | positive    | present
        4          | a       | L1        | positive    | present
        """,
        then="""
        patient_id | first_seen
        1          | sstr_only
        2          | not_assessable
        3          | morphological
        4          | morphological
        """,
    )


def test_any_ct_may_be_enough_by_protocol(spec):
    """A protocol may accept a low-dose CT as able to exclude a correlate."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        """,
        then="""
        patient_id | first_seen
        1          | sstr_only
        """,
        protocol="""
        [sstr_only]
        requires = "any_ct"
        """,
    )


def test_a_diagnostic_ct_of_the_same_session_counts(spec):
    """A diagnostic CT within 30 days of a low-dose receptor exam belongs to the same session:
    negative for bone it makes SSTR-only, with the lesion on it morphological."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive
        1          | b       | 110  | ct          | diagnostic  | trunk         | negative
        2          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive
        2          | b       | 110  | ct          | diagnostic  | trunk         | positive
        3          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive
        3          | b       | 200  | ct          | diagnostic  | trunk         | negative

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake  | ct_correlate
        1          | a       | L1        | positive     | absent
        2          | a       | L1        | positive     | absent
        2          | b       | L1        | not_assessed | present
        3          | a       | L1        | positive     | absent
        """,
        then="""
        patient_id | first_seen
        1          | sstr_only
        2          | morphological
        3          | not_assessable
        """,
    )


def test_conversion_lies_between_two_exams(spec):
    """The correlate appeared after the last adequate exam without one and by the first with one,
    in days since detection. Never seen: no upper bound. A low-dose CT is no negative exam."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 300  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | c       | 400  | sstr_pet_ct | low_dose    | whole_body    | positive
        1          | d       | 500  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | b       | 300  | sstr_pet_ct | diagnostic  | whole_body    | positive
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        1          | b       | L1        | positive    | absent
        1          | c       | L1        | positive    | absent
        1          | d       | L1        | positive    | present
        2          | a       | L1        | positive    | absent
        2          | b       | L1        | positive    | absent
        3          | a       | L1        | positive    | absent
        """,
        then="""
        patient_id | visible_after | visible_by
        1          | 200           | 400
        2          | 200           |
        3          | 0             |
        """,
    )


def test_same_lesion_or_any_lesion(spec):
    """By default the lesion seen on receptor imaging must itself become visible; another lesion
    that turns up with a correlate is not its conversion."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 300  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        1          | b       | L1        | positive    | absent
        1          | b       | L2        | positive    | present
        """,
        then="""
        patient_id | visible_after | visible_by
        1          | 200           |
        """,
    )


def test_any_lesion_by_protocol(spec):
    """With `conversion = "any_lesion"` a new lesion with a correlate counts as conversion."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 300  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        1          | b       | L2        | positive    | present
        """,
        then="""
        patient_id | visible_after | visible_by
        1          | 0             | 200
        """,
        protocol="""
        [sstr_only]
        conversion = "any_lesion"
        """,
    )


def test_every_lesion_of_the_session_counts(spec):
    """A lesion that receptor imaging missed and the CT of the session shows is a correlate too."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | low_dose    | whole_body    | positive
        1          | b       | 110  | ct          | diagnostic  | trunk         | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake  | ct_correlate | pattern
        1          | a       | L1        | positive     | absent       |
        1          | b       | L1        | not_assessed | absent       |
        1          | b       | L2        | not_assessed | present      | osteolytic
        """,
        then="""
        patient_id | first_seen
        1          | morphological
        """,
    )


def test_a_correlate_on_mr_is_never_sstr_only(spec):
    """Whatever exam the protocol asks for, a lesion that MR shows was not seen on receptor imaging
    only."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 110  | mri         |             | trunk         | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake  | ct_correlate | mr_correlate
        1          | a       | L1        | positive     | absent       |
        1          | b       | L1        | not_assessed |              | present
        """,
        then="""
        patient_id | first_seen
        1          | morphological
        """,
    )


def test_what_was_reported_before_was_not_seen_first_now(spec):
    """BM reported long before the first exam here: how it was first seen is not assessable."""
    spec(
        given="""
        metastases
        patient_id | site | date
        1          | bone | 100

        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 500  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        """,
        then="""
        patient_id | bm  | first_seen
        1          | 100 | not_assessable
        """,
    )


def test_a_later_clear_exam_is_a_look_without_correlate(spec):
    """A later diagnostic exam that found bone clear had no correlate either."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        1          | b       | 800  | sstr_pet_ct | diagnostic  | whole_body    | negative

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate
        1          | a       | L1        | positive    | absent
        """,
        then="""
        patient_id | visible_after | visible_by
        1          | 700           |
        """,
    )


def test_undecided_findings_count_by_protocol_only(spec):
    """An equivocal finding without a status (3B, faint uptake) is undecided, like a pending one:
    neither counts unless the protocol says `count_pending`. A clear finding needs no status."""
    given = """
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads | status
        1          | a       | L1        | positive    | absent       | 3B        |
        2          | a       | L1        | equivocal   | absent       |           |
        3          | a       | L1        | positive    | absent       | 4         | pending
        """
    spec(
        given=given,
        then="""
        patient_id | bone
        1          | yes
        2          | yes
        3          | yes
        """,
        protocol="""
        [bone_metastasis]
        count_pending = true
        """,
    )


def test_a_finding_counts_from_the_day_it_was_decided(spec):
    """A focus that was decided on after its exam makes BM known from that day (`adjudicated`), not
    from the exam: before it nobody knew, and only who lived to be decided on could be. It appeared
    before the exam all the same, and how it was first seen is read there."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative
        1          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        1          | c       | 300  | sstr_pet_ct | diagnostic  | whole_body    | negative
        2          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads | status   | adjudicated
        1          | b       | L1        | positive    | absent       | 3B        | accepted | 350
        2          | b       | L1        | positive    | absent       | 4         | accepted |
        """,
        then="""
        patient_id | bone | bm  | bm_exam | bm_after | first_seen
        1          | yes  | 350 | 280     | 100      | sstr_only
        2          | yes  | 280 | 280     |          | sstr_only
        """,
    )


def test_a_clear_lesion_on_the_next_scan_comes_before_a_late_decision(spec):
    """Of two findings the one that counts first detects BM, and is where it was first seen."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        1          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | positive

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads | status   | adjudicated
        1          | a       | L1        | positive    | absent       | 3B        | accepted | 400
        1          | b       | L2        | positive    | present      | 5         | accepted |
        """,
        then="""
        patient_id | bm  | bm_exam | first_seen
        1          | 280 | 280     | morphological
        """,
    )


def test_each_read_stands_for_its_own_exam(spec):
    """No later read changes an earlier one. Pending on one scan and accepted on the next: detected on
    the next (patient 1). Accepted, and taken back on the next: detected where it was accepted
    (patient 2; finding T047). Rejected in its own exam: never BM (patient 3)."""
    spec(
        given="""
        exams
        patient_id | exam_id | date | modality    | ct_protocol | field_of_view | bone_read
        1          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | equivocal
        1          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | positive
        2          | b       | 280  | sstr_pet_ct | diagnostic  | whole_body    | negative
        3          | a       | 100  | sstr_pet_ct | diagnostic  | whole_body    | negative

        bone_findings
        patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | sstr_rads | status
        1          | a       | L1        | positive    | absent       | 3B        | pending
        1          | b       | L1        | positive    | absent       | 4         | accepted
        2          | a       | L1        | positive    | absent       | 4         | accepted
        2          | b       | L1        | positive    | absent       | 1B        | rejected
        3          | a       | L1        | positive    | absent       | 4         | rejected
        """,
        then="""
        patient_id | bone | bm
        1          | yes  | 280
        2          | yes  | 100
        3          | no   |
        """,
    )
