"""The cards say of whom a number is, since when, and which group stands on which side of a "v"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from osteon.contracts.results import Card, Estimate
from osteon.report import printing
from osteon.report.answers import answers, answers_table

HAZARD = Estimate(
    "skeletal_events", "hazard", "recommended", "hazard ratio of a first event",
    population="bone metastasis", group="treated", contrast="untreated", unit="ratio",
    estimate=0.044,
)  # fmt: skip
TREATED = Estimate(
    "skeletal_events", "crude", "as_published", "share with an event",
    population="bone metastasis", group="treated", estimate=0.0, at_risk=57, events=0,
)  # fmt: skip
UNTREATED = replace(TREATED, group="untreated", estimate=13 / 48, at_risk=48, events=13)
SURVIVAL = Estimate(
    "survival", "median", "recommended", "median survival since diagnosis", group="all patients",
    unit="months", estimate=194.4,
)  # fmt: skip
PAIR = Card(
    "skeletal_events", "Hazard ratio, treated v untreated", "hazard", "treated",
    published_analysis="crude", published_groups=("treated", "untreated"),
)  # fmt: skip


@pytest.fixture
def told(results):
    alone = Card("survival", "Median survival", "median", "all patients")
    return replace(
        results, cards=(PAIR, alone), estimates=(UNTREATED, TREATED, HAZARD, SURVIVAL)
    )  # fmt: skip


def test_a_pair_carries_its_groups_in_the_order_of_the_title(told):
    pair, _ = answers(told)
    assert printing.plain(pair.published) == "treated 0.0 % v untreated 27.1 %"
    assert pair.published_of == "share with an event, among: bone metastasis"
    assert pair.whom == "Hazard ratio of a first event: treated v untreated, among: bone metastasis"


def test_a_card_says_since_when_and_of_whom(told):
    _, alone = answers(told)
    assert alone.whom == "Median survival since diagnosis, among: all patients"


def test_the_table_of_answers_says_the_same(told):
    pair, alone = (
        [printing.plain(" | ".join(c)) for c in r.cells] for r in answers_table(told).rows
    )
    assert "treated v untreated, among: bone metastasis" in pair[0]
    assert pair[2].index("treated; 0/57") < pair[2].index("untreated; 13/48")
    assert "since diagnosis, among: all patients" in alone[0]
