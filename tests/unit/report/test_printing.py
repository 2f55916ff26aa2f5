import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.results import Estimate
from osteon.report import printing

NBSP = printing.NBSP
SHARE = Estimate("q", "a", "recommended", "share", estimate=105 / 305)


def printed(text):
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (105 / 305, "share", "34.4"),
        (1.0, "share", "100.0"),
        (0.0, "share", "0.0"),
        (0.0004, "share", "< 0.1"),
        (0.9999, "share", "> 99.9"),
        (16.0, "months", "16.0"),
        (-13.4989, "months", "−13.5"),
        (-0.04, "months", "0.0"),
        (3.06, "ratio", "3.06"),
        (43.72, "ratio", "43.7"),
        (5660.12, "ratio", "5660"),
        (0.0421, "ratio", "0.042"),
        (0.0001, "ratio", "< 0.001"),
        (0.0, "per_100_person_years", "0.00"),
        (9.996, "ratio", "10.0"),
        (61204, "count", "61 204"),
        (9412, "count", "9412"),
        (1234567, "count", "1 234 567"),
    ],
)
def test_number(value, unit, expected):
    assert printed(printing.number(value, unit)) == expected


@given(
    st.floats(min_value=1e-3, max_value=1e6), st.sampled_from(["share", "months", "ratio", "count"])
)
def test_a_printed_number_reads_back_to_its_last_digit(value, unit):
    value = min(value, 0.999) if unit == "share" else value
    text = printing.number(value, unit).replace(NBSP, "")
    digits = len(text.partition(".")[2])
    scaled = 100 * value if unit == "share" else value
    assert float(text) == pytest.approx(scaled, abs=0.5 * 10**-digits * 1.0001)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.0232, "p = 0.023"),
        (0.0054463, "p = 0.0054"),
        (0.2449, "p = 0.24"),
        (0.0996, "p = 0.10"),
        (0.00996, "p = 0.010"),
        (0.0001, "p = 0.0001"),
        (0.00009, "p < 0.0001"),
        (1.0, "p > 0.99"),
        (None, ""),
    ],
)
def test_p_value(p, expected):
    assert printed(printing.p_value(p)) == expected


def test_value_with_interval():
    e = replace(SHARE, conf_low=0.29316, conf_high=0.39923)
    assert printed(printing.value_and_interval(e)) == "34.4 % (29.3–39.9)"


def test_a_negative_bound_is_not_joined_by_a_dash():
    e = replace(SHARE, unit="months", estimate=-13.5, conf_low=-24.1, conf_high=2.9)
    assert printed(printing.value_and_interval(e)) == "−13.5 months (−24.1 to 2.9)"


def test_median_not_reached():
    e = replace(SHARE, unit="months", estimate=None, conf_low=128.6)
    assert printed(printing.value_and_interval(e)) == "not reached (128.6 to not reached)"


def test_a_value_known_only_to_lie_between_two_others():
    e = replace(SHARE, unit="months", estimate=19.41, estimate_high=22.82)
    assert printed(printing.value(e)) == "between 19.4 and 22.8 months"
    wide = replace(e, conf_low=13.07, conf_high=28.11)
    assert printed(printing.value_and_interval(wide)) == "between 19.4 and 22.8 months (13.1–28.1)"


def test_odds_ratio_without_upper_bound():
    e = replace(SHARE, unit="ratio", estimate=None, conf_low=4.0211)
    assert printing.value_and_interval(e) == "not estimable (4.02 to no upper bound)"


def test_masked_is_said():
    e = replace(SHARE, estimate=None, note="masked: too few people")
    assert printing.value_and_interval(e) == "masked"


def test_an_arm_without_events_keeps_its_fraction_and_its_bound():
    e = replace(SHARE, estimate=0.0, conf_low=0.0, conf_high=0.06275, at_risk=57, events=0)
    assert printed(printing.value_and_interval(e)) == "0.0 % (0.0–6.3)"
    assert printing.events_of(e) == "0/57"


def test_month_days_follow_the_protocol(results):
    settings = tuple(
        replace(s, value="30") if s.name == "follow_up.month_days" else s for s in results.settings
    )
    assert printing.month_days(replace(results, settings=settings)) == 30.0
    assert printing.month_days(replace(results, settings=())) == 30.4375


def test_no_printed_number_can_break_over_a_line():
    told = printing.value(replace(SHARE, unit="per_100_person_years", estimate=7.9))
    assert not re.search(r"[ \n]", told)
