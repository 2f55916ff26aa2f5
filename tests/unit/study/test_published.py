"""Judging a figure by the digits that a paper prints."""

import pytest

from osteon.contracts.protocol import Published
from osteon.contracts.results import Estimate
from osteon.errors import ProtocolError
from osteon.study.published import compare, parse


@pytest.mark.parametrize(
    ("printed", "value", "holds"),
    [
        ("34.4%", 105 / 305, True),
        ("34.4%", 106 / 305, False),
        ("27%", 13 / 48, True),
        ("27%", 13 / 49, True),
        ("27%", 13 / 47, False),
        ("16 months", 16.4, True),
        ("16 months", 16.6, False),
        ("p = 0.023", 0.0234, True),
        ("p = 0.023", 0.0236, False),
        ("p < 0.0001", 1.4e-5, True),
        ("p < 0.0001", 1.1e-4, False),
        ("9.0", 9.04, True),
        ("0%", 0.0, True),
    ],
)
def test_printed_digits_decide(printed, value, holds):
    assert parse(printed).holds(value) is holds


@pytest.mark.parametrize("printed", ["34.4%", "34.4 %", "p < 0.0001", "p = 0.023", "127 months"])
def test_a_figure_prints_as_it_was(printed):
    assert parse(printed).text == printed


def test_a_figure_without_a_number_is_refused():
    with pytest.raises(ProtocolError, match="holds no number"):
        parse("many")


def figure(**more):
    return Published(figure="SRE", value="27%", analysis="a", **more)


def estimate(events, n, **more):
    return Estimate(
        "q", "a", "as_published", "share", estimate=events / n, events=events, at_risk=n, **more
    )


def test_derived_counts_may_be_a_set():
    both = figure(derived=("13/48", "13/49"))
    assert compare([both], [estimate(13, 48)])[0].verdict == "equal"
    assert compare([both], [estimate(13, 49)])[0].verdict == "equal"


def test_another_count_with_the_same_digits_differs():
    [comparison] = compare([figure(derived=("13/48",))], [estimate(26, 96)])
    assert (comparison.verdict, comparison.obtained, comparison.obtained_count) == (
        "differs",
        "27%",
        "26/96",
    )


def test_what_was_not_obtained_says_so():
    assert compare([figure()], [])[0].verdict == "not_obtained"


def test_the_recommended_answer_stands_beside_it():
    better = Estimate(
        "q", "a", "recommended", "share", estimate=0.2, conf_low=0.1, conf_high=0.4, method="exact"
    )
    [comparison] = compare([figure()], [estimate(13, 48), better])
    assert (comparison.recommended, comparison.why) == ("20% (10% to 40%)", "exact")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (131.6, 170.2, "150 months (132 to 170)"),
        (131.6, None, "150 months (132 to not reached)"),
        (None, None, "150 months"),
    ],
)
def test_a_limit_that_is_not_reached_is_said(low, high, expected):
    median = Estimate(
        "q",
        "a",
        "recommended",
        "median",
        unit="months",
        estimate=150.0,
        conf_low=low,
        conf_high=high,
    )
    [comparison] = compare([Published(figure="median", value="127 months", analysis="a")], [median])
    assert comparison.recommended == expected


def test_what_is_doubtful_about_the_recommended_answer_stands_beside_it():
    median = Estimate(
        "q", "a", "recommended", "median", estimate=0.2, method="Firth", cautions=("few events",)
    )
    assert compare([figure()], [median])[0].why == "Firth; caution: few events"
