"""The ledger's cells follow from the analyses that ran."""

import pytest

from osteon.study.ledger import THREATS, ledger
from osteon.study.run import ANALYSES, FAMILIES

QUESTIONS = ("who", "how_often", "seen_first", "pattern", "skeletal_events", "survival")
EVERYTHING = {*ANALYSES, FAMILIES}


def entry(number, ran, questions=QUESTIONS):
    return next(e for e in ledger(questions, ran, ran) if e.number == number)


def test_fifteen_threats_in_order():
    assert [e.number for e in ledger(QUESTIONS, EVERYTHING, EVERYTHING)] == list(range(1, 16))


def test_nothing_is_open_when_everything_ran():
    assert not [e for e in ledger(QUESTIONS, EVERYTHING, EVERYTHING) if e.status == "open"]


@pytest.mark.parametrize("threat", THREATS, ids=lambda t: str(t.number))
def test_switching_off_all_that_answers_it_opens_the_cell(threat):
    answers = {*threat.handled_by, *threat.bounded_by}
    opened = entry(threat.number, EVERYTHING - answers)
    assert opened.status == "open"
    assert set(opened.missing) <= answers


def test_a_bound_remains_where_the_remedy_is_switched_off():
    assert entry(1, EVERYTHING - {"sre_hazard_ratio"}).status == "bounded"


def test_only_a_recommended_number_handles():
    [entry_7] = [e for e in ledger(QUESTIONS, set(), EVERYTHING) if e.number == 7]
    assert entry_7.status == "bounded"


def test_a_question_not_asked_has_no_threat():
    assert entry(3, EVERYTHING, questions=("who",)).status == "not_applicable"


def test_every_analysis_that_the_ledger_names_exists():
    named = {a for t in THREATS for a in (*t.handled_by, *t.bounded_by)}
    assert named <= EVERYTHING
