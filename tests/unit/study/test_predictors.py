"""Predictors of bone metastasis: nothing that follows it, and those who have it already apart."""

from dataclasses import replace

import pytest

from osteon.study import run_study

ARRIVED, LATER, FREE = ("1", "2"), ("3", "4", "5"), ("6", "7", "8", "9")
EVERYBODY = [*ARRIVED, *LATER, *FREE]


def given() -> str:
    """Nine patients: two with bone metastasis on arrival, three found later, four never.

    Patients 3 and 6 function from the start; 4 is found functioning after its bone metastasis.
    """
    status = [f"{p} | 0 | {'present' if p in '36' else 'absent'}" for p in EVERYBODY]
    found = [*((p, 30 + int(p)) for p in ARRIVED), *((p, 500 + 10 * int(p)) for p in LATER)]
    return "\n".join(
        [
            "functional_status\npatient_id | date | syndrome",
            *status,
            "4 | 900 | present",
            "\nmetastases\npatient_id | date | site",
            *(f"{p} | {day} | bone" for p, day in found),
        ]
    )


@pytest.fixture
def found(cohort_of):
    cohort = cohort_of(given(), EVERYBODY, '[functioning]\nrule = "syndrome"')
    cohort = _asking(cohort)
    results, _ = run_study(cohort)
    return [e for e in results.find("bone_predictors") if e.group.startswith("functioning tumour")]


def _asking(cohort):
    protocol = cohort.protocol.model_copy(update={"questions": ("how_often",)})
    return replace(cohort, protocol=protocol)


def test_the_published_odds_count_what_was_found_after_bone_metastasis(found):
    """3 and 4 function and have it, 6 functions without: as if functioning had come first."""
    [crude] = [e for e in found if e.style == "as_published" and "ever" in e.estimand]
    assert (crude.estimand, crude.events, crude.at_risk) == (
        "odds ratio of bone metastasis ever",
        5,
        9,
    )
    assert crude.estimate > 1
    assert "ignores how long each was followed" in crude.note
    assert "found functioning after bone metastasis counts as before it" in crude.note


def test_recommended_are_those_who_get_it_and_those_who_have_it_apart(found):
    later, arrival = (e for e in found if e.style == "recommended")
    assert later.estimand == "hazard ratio of bone metastasis found later"
    assert (later.events, later.at_risk) == (3, 7)
    assert "at risk from the end of the work-up" in later.method
    assert arrival.estimand == "odds ratio of bone metastasis on arrival"
    assert (arrival.events, arrival.at_risk) == (2, 9)
    assert "not what came first" in arrival.note


def test_the_hazard_ratio_reads_functioning_at_the_end_of_the_work_up(found):
    """3 (event at 530) and 6 (none) function; 4 and 5 do not, found later, and 7 to 9 never.

    Firth's score by hand is awkward; that 4 counts as not functioning shows in the sign: with it
    as functioning two of three events would be on the functioning side.
    """
    later = next(e for e in found if e.estimand.startswith("hazard ratio"))
    assert later.conf_low < 1 < later.conf_high
    assert 1.5 < later.estimate < 3.5


def test_what_a_source_does_not_record_says_so(cohort_of):
    """Nobody's grade is known: told on both sides, and the other predictors are still studied."""
    results, _ = run_study(
        _asking(cohort_of(given(), EVERYBODY, '[functioning]\nrule = "syndrome"'))
    )
    grade = [e for e in results.find("bone_predictors") if e.group == "grade G2 or G3"]
    assert {e.style for e in grade} == {"as_published", "recommended", "sensitivity"}
    assert all(e.estimate is None for e in grade)
    assert {e.note for e in grade} == {"not estimable: not recorded, or the same in all of them"}
