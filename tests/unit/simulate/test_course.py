from __future__ import annotations

import numpy as np
import pytest

from osteon.simulate import Scenario
from osteon.simulate.course import Course, draw_course

NUMBERS = range(1500)


def courses(scenario: Scenario, **changes: dict) -> list[Course]:
    parts = {
        part: getattr(scenario, part).model_copy(update=settings)
        for part, settings in changes.items()
    }
    changed = scenario.model_copy(update=parts)
    return [c for n in NUMBERS if (c := draw_course(changed, n)) is not None]


@pytest.fixture(scope="module")
def drawn(scenario):
    return courses(scenario)


def test_the_same_number_is_the_same_patient(scenario):
    assert draw_course(scenario, 5) == draw_course(scenario, 5)


def test_who_dies_before_the_first_visit_never_reaches_the_centre(scenario, drawn):
    assert len(drawn) < len(NUMBERS)
    cut = scenario.referral.data_cut.toordinal()
    for c in drawn:
        assert c.birth < c.diagnosis <= c.first_visit < c.death
        assert c.first_visit <= c.lost <= cut


def test_stage_spread_and_grade_agree(drawn):
    for c in drawn:
        assert bool(c.sites) == c.stage_iv
        assert not c.extensive_liver or "liver" in c.sites
        assert (c.grade == "G1") == (c.ki67 < 3 and c.mitoses < 2)


def test_shares_are_those_of_the_scenario(scenario, drawn):
    assert np.mean([c.sex == "male" for c in drawn]) == pytest.approx(0.54, abs=0.04)
    age = [c.age_years for c in drawn]
    assert np.median(age) == pytest.approx(scenario.tumour.age_median_years, abs=1)


def test_functioning_tumours_come_with_extensive_liver_spread_and_get_more_bone(drawn):
    def bone(functioning: bool) -> float:
        iv = [c for c in drawn if c.stage_iv and (c.functioning == "both") == functioning]
        return np.mean([c.bone_onset is not None and c.bone_onset < c.lost for c in iv])

    both = [c.functioning == "both" for c in drawn if c.extensive_liver]
    assert np.mean(both) > np.mean([c.functioning == "both" for c in drawn])
    assert bone(True) > 1.3 * bone(False)


def test_lesions_follow_one_another_and_are_seen_after_they_began(drawn):
    for c in drawn:
        onsets = [lesion.onset for lesion in c.lesions]
        assert onsets == sorted(onsets)
        assert bool(c.lesions) == (c.bone_onset is not None)
        for lesion in c.lesions:
            assert lesion.ct_visible >= lesion.onset
            assert lesion.sstr_visible is None or lesion.sstr_visible >= lesion.onset


def test_the_known_conversion_time_comes_out(scenario):
    slow = courses(
        scenario,
        bone={"slow_share": 1.0, "lesion_spread": 0.0, "sstr_negative_share": 0.0},
    )
    delays = [c.lesions[0].ct_visible - c.lesions[0].sstr_visible for c in slow if c.lesions]
    assert np.median(delays) == pytest.approx(scenario.bone.conversion_median_days, rel=0.08)


def test_bone_metastasis_shortens_life_only_after_its_onset(scenario, drawn):
    harmless = {c.number: c for c in courses(scenario, mortality={"hazard_ratio_bone": 1.0})}
    shorter = 0
    for c in drawn:
        other = harmless[c.number]
        if c.bone_onset is None or other.death <= max(c.bone_onset, c.diagnosis):
            assert c.death == other.death
        else:
            assert c.death <= other.death
            shorter += c.death < other.death
    assert shorter > 100
