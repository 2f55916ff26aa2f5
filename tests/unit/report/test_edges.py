"""Results that are thin, odd or very large: the report prints them rather than fail."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.results import (
    AttritionStep,
    Card,
    Count,
    Curve,
    Estimate,
    Provenance,
    Results,
    Summary,
)
from osteon.report import mask
from osteon.report.html import to_html
from osteon.report.story import tell

PROVENANCE = Provenance("0", "r", "p", "1", "h", 1, "", synthetic=False)
THIN = Results("A title", "", PROVENANCE, "", ("survival", "a_new_question"))
CURVE = Curve(
    "survival", "os", "recommended", "survival", "g", "p", (10.0, 20.0), (0.9, 0.8),
    (None, None), (None, None), (0.0,), (30,), (0,),
)  # fmt: skip


def page(results):
    return BeautifulSoup(to_html(tell(results), library="//"), "lxml")


@pytest.mark.parametrize("kind", ["survival", "cumulative_incidence", "turnbull"])
@pytest.mark.parametrize(
    "change",
    [
        {"time_days": (), "estimate": (), "conf_low": (), "conf_high": (), "until_days": ()},
        {"time_days": (10.0,), "estimate": (1.0,), "conf_low": (None,), "conf_high": (None,)},
        {"risk_days": (), "at_risk": (), "events": ()},
        {"at_risk": (None,), "events": (None,)},
        {"start_days": 15.0},
        {"median_days": 15.0},
        {"median_low_days": 12.0},
        {"median_days": 15.0, "median_low_days": 12.0, "median_high_days": 900.0},
        {"group": "", "population": ""},
        {"group": "a group with a name that goes on and on and would not end " * 3},
        {"until_days": (15.0, 25.0)},
    ],
)
def test_any_curve_is_drawn(kind, change):
    curve = replace(CURVE, kind=kind, **change)
    figures = tell(replace(THIN, curves=(curve,))).figures
    assert len(figures) == 1
    assert "<svg" in figures[0].wide.svg
    assert "<svg" in figures[0].narrow.svg
    assert figures[0].text


def test_many_groups_are_told_apart():
    curves = tuple(replace(CURVE, group=f"arm {i}") for i in range(8))
    svg = tell(replace(THIN, curves=curves)).figures[0].wide.svg
    assert all(f"arm {i}" in svg for i in range(8))


@st.composite
def estimates(draw):
    number = st.none() | st.floats(0, 1e5)
    return Estimate(
        draw(st.sampled_from(["survival", "a_new_question"])),
        draw(st.sampled_from(["one", "two"])),
        draw(st.sampled_from(["as_published", "recommended", "sensitivity"])),
        draw(st.sampled_from(["", "what is estimated"])),
        group=draw(st.sampled_from(["", "g", "<b>&"])),
        contrast=draw(st.sampled_from(["", "h"])),
        unit=draw(
            st.sampled_from(
                ["share", "months", "days", "ratio", "per_100_person_years", "count", "furlongs"]
            )
        ),
        estimate=draw(number), conf_low=draw(number), conf_high=draw(number),
        conf_level=draw(st.sampled_from([None, 0.95, 0.9])),
        p_value=draw(st.none() | st.floats(0, 1)),
        at_risk=draw(st.none() | st.integers(0, 10**6)),
        events=draw(st.none() | st.integers(0, 10**6)),
        time_days=draw(st.sampled_from([None, 365.25])),
        note=draw(st.sampled_from(["", "a note", "not estimable"])),
    )  # fmt: skip


@given(st.lists(estimates(), min_size=1, max_size=12))
@settings(max_examples=25)
def test_any_estimates_are_printed_masked_or_not(drawn):
    results = replace(
        THIN, estimates=tuple(drawn), cards=(Card("survival", "A card", "one"),)
    )  # fmt: skip
    for each in (results, mask(results)):
        told = page(each)
        printed = [
            td for t in told.select("table.sides") for td in t.select("tbody td") if td.text != "–"
        ]
        assert sum(len(td.select(".v")) for td in printed) == len(each.estimates)


def test_attrition_of_branches_only():
    steps = (AttritionStep("a criterion", 10, 20, branch="an analysis"),)
    results = replace(THIN, questions=("who",), attrition=steps)
    assert tell(results).figures[0].name == "flow"


def test_a_criterion_that_fills_a_page():
    steps = (AttritionStep("all", 100, 0), AttritionStep("C17.1, " * 60, 90, 10))
    assert "n = 90" in tell(replace(THIN, attrition=steps)).figures[0].narrow.svg.replace(
        "\u00a0", " "
    )


def test_a_table_with_holes():
    counts = (Count("survival", "t", "a", "x", 1), Count("survival", "t", "b", "y", None))
    cells = [td.text for td in page(replace(THIN, counts=counts)).select("#survival tbody td")]
    assert cells == ["1", "–", "–", "–"]


def test_a_baseline_with_holes():
    rows = (
        Summary("age", "", "all", 0, 10, unit="years"),
        Summary("sex", "male", "all", None, None, count=None),
        Summary("sex", "male", "BM", 10, 0, count=4),
    )
    told = page(replace(THIN, baseline=rows)).select_one("#table-baseline").text
    assert "4 (40.0" in told


def test_a_question_nobody_has_heard_of_is_named_in_words():
    told = page(replace(THIN, estimates=(Estimate("a_new_question", "a", "recommended", "x"),)))
    assert told.select_one("#a_new_question h2").text == "A new question"


def test_a_card_without_its_estimate():
    assert page(replace(THIN, cards=(Card("survival", "A card", "nothing"),))).select(".card")


def test_curves_without_estimates_are_masked_too():
    assert mask(replace(THIN, curves=(CURVE,))).curves[0].at_risk == (30,)
    assert mask(replace(THIN, curves=(replace(CURVE, at_risk=(3,)),))).curves == ()
