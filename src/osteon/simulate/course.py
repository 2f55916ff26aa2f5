"""The true course of a patient's disease, before anybody has looked.

Days are ordinals (``date.toordinal``). A patient who dies before the first visit never reaches the
centre: `draw_course` returns None, as reality does. That is the left truncation which the
recommended analyses respect and the published ones ignore.
"""

from __future__ import annotations

from dataclasses import dataclass

from osteon.contracts.history import YEAR_DAYS
from osteon.simulate.draws import LN2, Draws
from osteon.simulate.model import Bone, Mortality, Tumour
from osteon.simulate.scenario import Scenario
from osteon.vocabulary.tumour import grade_from_ki67


@dataclass(frozen=True)
class Lesion:
    """A bone lesion: from when receptor imaging, and from when a CT, can show it.

    ``sstr_visible`` is None for a lesion that never takes up the tracer.
    """

    name: str
    site: str
    onset: int
    sstr_visible: int | None
    ct_visible: int
    pattern: str


@dataclass(frozen=True)
class Course:
    """What is true of one patient; ``lost`` is the day from which the centre knows no more."""

    number: int
    sex: str
    birth: int
    diagnosis: int
    first_visit: int
    topography: str
    morphology: str
    basis: str
    grade: str
    ki67: float
    mitoses: float
    stage: str
    sites: tuple[str, ...]
    extensive_liver: bool
    functioning: str
    functioning_since: int
    bone_onset: int | None
    lesions: tuple[Lesion, ...]
    death: int
    cause_of_death: str
    lost: int

    @property
    def stage_iv(self) -> bool:
        """Distant metastases at diagnosis."""
        return self.stage == "IV"

    @property
    def age_years(self) -> float:
        """Age at diagnosis."""
        return (self.diagnosis - self.birth) / YEAR_DAYS


def draw_course(scenario: Scenario, number: int) -> Course | None:
    """Draw the true course of patient ``number``; None if the patient never reaches the centre."""
    draws = Draws(scenario.seed, number, "course")
    diagnosis, first_visit = _diagnosis_and_first_visit(scenario, draws)
    who = _person_and_tumour(scenario.tumour, draws, diagnosis)
    functioning, since = _functioning(scenario, draws, first_visit, who)
    bone = Draws(scenario.seed, number, "bone")
    onset = _bone_onset(scenario.bone, bone, diagnosis, who, functioning == "both")
    death = diagnosis + _days_to_death(scenario.mortality, draws, diagnosis, onset, who)
    lost = _lost(scenario, draws, first_visit)
    opened, cut = (
        d.toordinal() for d in (scenario.referral.centre_from, scenario.referral.data_cut)
    )
    if death <= first_visit or not opened <= first_visit <= cut:
        return None
    tumour = draws.chance(scenario.mortality.tumour_share if who["stage"] == "IV" else 0.3)
    return Course(
        number=number,
        diagnosis=diagnosis,
        first_visit=first_visit,
        functioning=functioning,
        functioning_since=since,
        bone_onset=onset,
        lesions=() if onset is None else _lesions(scenario.bone, bone, onset),
        death=death,
        cause_of_death="tumour" if tumour else "other",
        lost=lost,
        **who,
    )


def _diagnosis_and_first_visit(scenario: Scenario, draws: Draws) -> tuple[int, int]:
    rule = scenario.referral
    start, cut = rule.diagnosed_from.toordinal(), rule.data_cut.toordinal()
    diagnosis = start + int((cut - start) * draws.uniform() ** rule.recency)
    prompt = draws.days(0, rule.prompt_days)
    late = rule.prompt_days + int(draws.log_logistic(rule.late_median_days, rule.late_spread))
    return diagnosis, diagnosis + (prompt if draws.chance(rule.prompt_share) else late)


def _person_and_tumour(rule: Tumour, draws: Draws, diagnosis: int) -> dict:
    """Sex, birth and everything about the tumour at diagnosis, by the names of `Course`."""
    sex = "male" if draws.chance(rule.male_share) else "female"
    age = min(max(draws.logistic(rule.age_median_years, rule.age_scale_years), 19.0), 91.0)
    grade = draws.pick(rule.grade)
    stage = draws.pick(rule.stage)
    return {
        "sex": sex,
        "birth": diagnosis - int(age * YEAR_DAYS),
        "topography": draws.pick(rule.topography),
        "morphology": draws.pick(rule.morphology[grade]),
        "basis": draws.pick(rule.basis),
        "grade": grade,
        **_proliferation(grade, draws),
        "stage": stage,
        **_spread(rule, draws, stage),
    }


def _proliferation(grade: str, draws: Draws) -> dict[str, float]:
    """Ki-67 within its grade, and a mitotic count that does not contradict it."""
    low, high = {"G1": (1, 3), "G2": (3, 20), "G3": (21, 50), "NEC": (40, 95)}[grade]
    ki67 = round(low + (high - low) * draws.uniform() ** 2, 1)
    if grade == "G1":
        ki67 = min(ki67, 2.9)
    assert grade == "NEC" or grade_from_ki67(ki67) == grade
    mitoses = {"G1": draws.days(0, 1), "G2": draws.days(0, 12)}.get(grade, draws.days(8, 40))
    return {"ki67": ki67, "mitoses": float(mitoses)}


def _spread(rule: Tumour, draws: Draws, stage: str) -> dict:
    sites = tuple(site for site, share in rule.sites.items() if draws.chance(share))
    extensive = draws.chance(rule.extensive_liver_share)
    if stage != "IV":
        return {"sites": (), "extensive_liver": False}
    sites = sites or (next(iter(rule.sites)),)
    return {"sites": sites, "extensive_liver": extensive and "liver" in sites}


def _functioning(scenario: Scenario, draws: Draws, first_visit: int, who: dict) -> tuple[str, int]:
    """Return "both", "syndrome", "biochemical" or "none", and since when."""
    rule = scenario.functioning
    share = rule.share_other_stage_iv if who["stage"] == "IV" else rule.share_not_stage_iv
    if who["extensive_liver"]:
        share = rule.share_extensive_liver
    delay = int(draws.weibull(rule.later_median_days, 1.0))
    since = first_visit + (delay if draws.chance(rule.later_share) else 0)
    both, one = draws.chance(share), draws.uniform()
    if both:
        return "both", since
    if one < rule.syndrome_only_share:
        return "syndrome", since
    return ("biochemical" if one > 1 - rule.biochemical_only_share else "none"), since


def _bone_onset(
    rule: Bone, draws: Draws, diagnosis: int, who: dict, functioning: bool
) -> int | None:
    """Day of the first bone lesion's onset; None if it lies beyond any lifetime."""
    hazard_ratio = rule.hazard_ratio_functioning if functioning else 1.0
    hazard_ratio *= rule.hazard_ratio_extensive_liver if who["extensive_liver"] else 1.0
    stage_iv = who["stage"] == "IV"
    synchronous = draws.chance(min(rule.synchronous_share * hazard_ratio, 1.0))
    before, exponential = draws.days(20, 700), draws.exponential()
    if stage_iv and synchronous:
        return diagnosis - before
    median = rule.later_median_days if stage_iv else rule.later_median_days_not_stage_iv
    after = median / LN2 * exponential / hazard_ratio
    return diagnosis + int(after) if after < 40 * YEAR_DAYS else None


def _lesions(rule: Bone, draws: Draws, onset: int) -> tuple[Lesion, ...]:
    slow = draws.chance(rule.slow_share)
    delay = draws.weibull(rule.conversion_median_days, rule.conversion_shape)
    pattern = draws.pick(rule.pattern)
    lesions = []
    for i in range(rule.most_lesions):
        sstr = onset + int(draws.weibull(rule.sstr_median_days, 1.0))
        spread = 1 + rule.lesion_spread * (2 * draws.uniform() - 1)
        late = int(delay * spread) if slow else -draws.days(0, 180)
        other = draws.pick(rule.pattern)
        lesions.append(
            Lesion(
                name=f"L{i + 1}",
                site=draws.pick(rule.sites),
                onset=onset,
                sstr_visible=None if draws.chance(rule.sstr_negative_share) else sstr,
                ct_visible=max(sstr + late, onset),
                pattern=pattern if draws.chance(rule.pattern_fidelity) else other,
            )
        )
        onset += int(draws.weibull(rule.lesions_median_gap_days, 0.8))
    return tuple(lesions)


def _days_to_death(
    rule: Mortality, draws: Draws, diagnosis: int, bone_onset: int | None, who: dict
) -> int:
    """Invert the cumulative hazard, which steepens at the onset of bone metastasis."""
    decades = ((diagnosis - who["birth"]) / YEAR_DAYS - 58) / 10
    hazard_ratio = rule.hazard_ratio_per_decade**decades * rule.hazard_ratio_grade[who["grade"]]
    hazard_ratio *= rule.hazard_ratio_extensive_liver if who["extensive_liver"] else 1.0
    hazard_ratio *= 1.0 if who["stage"] == "IV" else rule.hazard_ratio_not_stage_iv
    scale = LN2 * hazard_ratio
    at_death = draws.exponential()
    if bone_onset is not None:
        at_bone = scale * (max(bone_onset - diagnosis, 0) / rule.median_days) ** rule.shape
        if at_death > at_bone:
            at_death = at_bone + (at_death - at_bone) / rule.hazard_ratio_bone
    return 1 + int(rule.median_days * (at_death / scale) ** (1 / rule.shape))


def _lost(scenario: Scenario, draws: Draws, first_visit: int) -> int:
    """Last day the centre hears of the patient, if alive."""
    rule = scenario.referral
    last_seen = rule.data_cut.toordinal() - draws.days(0, rule.last_seen_within_days)
    once = draws.chance(rule.single_visit_share)
    lost = first_visit + int(draws.exponential() / rule.loss_per_year * YEAR_DAYS)
    return first_visit if once else max(first_visit, min(lost, last_seen))
