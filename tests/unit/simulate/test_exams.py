"""What an exam shows of a lesion with known times; days are plain numbers here."""

from __future__ import annotations

import pytest

from osteon.simulate.course import Lesion
from osteon.simulate.exams import CT, MRI, PET, SPECT, detected, mri_for_event, read_exams
from osteon.simulate.records import Event, Exam

NO_BYSTANDERS = {"equivocal_share": 0.0, "enostosis_share": 0.0, "accepted_3b_share": 0.0}


def lesion(site: str = "T-spine", sstr: int | None = 100, ct: int = 700, name: str = "L1"):
    return Lesion(name, site, 50, sstr, ct, "osteoblastic")


@pytest.fixture
def read(scenario):
    imaging = scenario.imaging.model_copy(update=NO_BYSTANDERS)
    quiet = scenario.model_copy(update={"imaging": imaging})
    return lambda exams, *lesions: read_exams(quiet, 1, exams, lesions)


def pet(day: int, ct: str = "diagnostic", field: str = "trunk") -> Exam:
    return Exam(day, PET, ct, field, tracer="68Ga-DOTATOC")


def test_first_on_receptors_then_on_ct(read):
    exams = read([pet(90), pet(200), pet(800)], lesion())
    assert [e.bone_read for e in exams] == ["negative", "positive", "positive"]
    assert [(r.uptake, r.ct, r.rads, r.pattern) for e in exams for r in e.reads] == [
        ("positive", "absent", "4", "no_correlate"),
        ("positive", "present", "5", "osteoblastic"),
    ]
    assert detected(exams) == 200


def test_ct_looks_for_a_known_lesion_and_says_that_it_is_not_there(read):
    known, unknown = (
        read([pet(200), Exam(210, CT, "diagnostic", "trunk")], lesion()),
        read([Exam(210, CT, "diagnostic", "trunk")], lesion()),
    )
    assert [(r.uptake, r.ct) for r in known[1].reads] == [("not_assessed", "absent")]
    assert known[1].bone_read == "negative"
    assert unknown[0].reads == ()


def test_ct_alone_can_find_it_once_visible(read):
    [exam] = read([Exam(700, CT, "diagnostic", "trunk")], lesion())
    assert exam.bone_read == "positive"


def test_low_dose_ct_never_converts_a_known_lesion(read):
    exams = read([pet(200), pet(701, "low_dose"), pet(1500, "low_dose")], lesion())
    assert {r.ct for e in exams[1:] for r in e.reads} <= {"absent", "not_assessable"}


def test_low_dose_ct_shows_what_a_diagnostic_one_has_shown(read):
    exams = read([pet(800), pet(900, "low_dose")], lesion())
    assert exams[1].reads[0].ct == "present"


def test_the_skull_lies_outside_the_trunk(read):
    exams = read([pet(200), pet(300, field="whole_body")], lesion("skull"))
    assert [len(e.reads) for e in exams] == [0, 1]


def test_scintigraphy_sees_late(read):
    exams = read([Exam(d, SPECT, "low_dose", "trunk") for d in (500, 640)], lesion())
    assert [e.bone_read for e in exams] == ["negative", "positive"]


def test_a_lesion_without_receptors_waits_for_ct(read):
    exams = read([pet(600), pet(700)], lesion(sstr=None))
    assert [[(r.uptake, r.rads) for r in e.reads] for e in exams] == [[], [("negative", "3D")]]


def test_mri_of_the_liver_says_nothing_of_bone(read):
    [exam] = read([Exam(800, MRI, "none", "partial", bone_read="not_read")], lesion())
    assert (exam.bone_read, exam.reads) == ("not_read", ())


def test_mri_of_a_fracture_shows_its_site_only(read):
    exam = mri_for_event(Event(799, "pathological_fracture", "T-spine", "L1", "symptom"))
    [seen] = read([exam], lesion(), lesion("pelvis", name="L2"))
    assert [(r.lesion, r.mr, r.ct) for r in seen.reads] == [("L1", "present", "not_assessable")]
    assert mri_for_event(Event(799, "radiation_to_bone", "T-spine", "L1", "symptom")) is None


def test_foci_that_are_no_metastasis_do_not_count(scenario):
    imaging = scenario.imaging.model_copy(update={"equivocal_share": 1.0, "enostosis_share": 1.0})
    with_foci = scenario.model_copy(update={"imaging": imaging})
    statuses = set()
    for number in range(30):
        exams = read_exams(with_foci, number, [pet(100), Exam(200, CT, "diagnostic", "trunk")], ())
        assert detected(exams) is None
        assert {e.bone_read for e in exams} <= {"negative", "equivocal"}
        statuses |= {(r.rads, r.status) for r in exams[0].reads}
    assert statuses == {("3B", "pending"), ("3B", "rejected"), ("1A", "rejected")}


def test_a_faint_first_lesion_is_3b_and_accepted_in_so_many_words(scenario):
    imaging = scenario.imaging.model_copy(update={"accepted_3b_share": 1.0})
    faint = scenario.model_copy(update={"imaging": imaging})
    exams = read_exams(faint, 1, [pet(200), pet(300)], (lesion(),))
    [first], [second] = ([r for r in e.reads if r.lesion == "L1"] for e in exams)
    assert (first.rads, first.uptake, first.status) == ("3B", "equivocal", "accepted")
    assert second.rads == "4"
    assert detected(exams) == 200
