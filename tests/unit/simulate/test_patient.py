from __future__ import annotations

import numpy as np


def test_nothing_is_written_down_after_the_last_contact(people):
    for p in people.values():
        end = p.last_contact
        assert p.course.first_visit <= end == min(p.course.death, p.course.lost)
        days = [
            *(e.day for e in p.exams),
            *(e.day for e in p.events),
            *(t.start for t in p.treatments),
            *(t.end for t in p.treatments if t.end is not None),
            *(s.day for s in p.statuses),
            *(d.day for d in p.decisions),
            *(m.day for m in p.metastases),
            *p.labs.days.tolist(),
        ]
        assert max(days) <= end


def test_a_death_is_known_only_while_the_patient_is_followed(people):
    for p in people.values():
        assert (p.death is not None) == (p.course.death <= p.course.lost)
        assert p.death in (None, p.last_contact)


def test_treatments_do_not_end_before_they_start(people):
    treatments = [t for p in people.values() for t in p.treatments if t.end is not None]
    assert treatments
    assert all(t.start <= t.end for t in treatments)


def test_prrt_comes_after_receptors_were_seen(people):
    given = 0
    for p in people.values():
        prrt = [t.start for t in p.treatments if t.kind == "prrt"]
        receptors = [e.day for e in p.exams if e.modality.startswith("sstr")]
        given += bool(prrt)
        assert not prrt or min(receptors) < min(prrt)
    assert given > 5


def test_m_category_holds_bone_found_in_the_first_months(people):
    for p in people.values():
        early = any(m.site == "bone" and m.day <= p.course.diagnosis + 120 for m in p.metastases)
        assert not (early and p.course.stage_iv and p.m_category == "M1a")
        assert (p.m_category == "M0") == (not p.course.stage_iv)


def test_functioning_is_written_down_on_one_day_for_both_signs(people):
    seen = set()
    for p in people.values():
        rows = {(s.syndrome, s.biochemical) for s in p.statuses}
        seen.add(p.course.functioning)
        if p.course.functioning == "both" and p.course.functioning_since <= p.last_contact:
            assert ("present", "raised") in rows
        else:
            assert ("present", "raised") not in rows
    assert seen == {"both", "syndrome", "biochemical", "none"}


def test_imprecise_dates_are_old_ones(people):
    coarse = [p for p in people.values() if p.diagnosis_precision != "day"]
    assert coarse
    for p in coarse:
        long = {"month": 31, "year": 366}[p.diagnosis_precision]
        assert p.course.first_visit - p.course.diagnosis > long


def test_some_values_are_missing(people):
    patients = list(people.values())
    assert 0 < sum(p.ki67 is None for p in patients) < len(patients) / 3
    assert 0 < sum(p.grade is None for p in patients) < len(patients) / 5
    assert 0.05 < np.mean([np.isnan(p.labs.values).mean() for p in patients]) < 0.2
