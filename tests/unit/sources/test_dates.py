from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.sources.dates import DEFAULT_DATES, date_reader
from osteon.sources.rules import Fault

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
SEPARATORS = st.sampled_from([".", "-", "/", " ", ""])
ORDERS = st.sampled_from([("YYYY", "MM", "DD"), ("DD", "MM", "YYYY"), ("MM", "DD", "YYYY")])


def written(day, format):
    for part, digits in (("YYYY", f"{day:%Y}"), ("MM", f"{day:%m}"), ("DD", f"{day:%d}")):
        format = format.replace(part, digits)
    return format


@given(DAYS, ORDERS, SEPARATORS)
def test_what_a_format_writes_it_reads(day, order, separator):
    format = separator.join(order)
    assert date_reader((format,))(written(day, format)) == (day, "day")


@given(DAYS, SEPARATORS)
def test_the_precision_follows_from_the_format(day, separator):
    month = separator.join(("MM", "YYYY"))
    assert date_reader((month,))(written(day, month)) == (day.replace(day=1), "month")
    assert date_reader(("YYYY",))(f"{day:%Y}") == (date(day.year, 1, 1), "year")
    assert date_reader(("00.00.YYYY",))(f"00.00.{day:%Y}") == (date(day.year, 1, 1), "year")


@given(DAYS)
def test_a_date_that_reads_in_two_ways_is_unreadable_and_no_other(day):
    read = date_reader(("DD/MM/YYYY", "MM/DD/YYYY"))(f"{day:%d/%m/%Y}")
    if day.day <= 12 and day.day != day.month:
        assert read.rule.id == "S017"
    else:
        assert read == (day, "day")


@given(st.text(max_size=12))
def test_any_text_gives_a_date_or_a_fault(text):
    read = date_reader(DEFAULT_DATES)(text)
    assert isinstance(read, Fault) or (1900 <= read[0].year <= 2100)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("31.02.2020", "S016"),
        ("29.02.2019", "S016"),
        ("12.13.2020", "S016"),
        ("2020-02-01", "S015"),
        ("1.2.20", "S015"),
        ("01.02.1899", "S018"),
        ("01.02.2101", "S018"),
        ("٠١.٠٢.٢٠٢٠", "S015"),
    ],
)
def test_what_cannot_be_read_has_its_rule(text, rule):
    assert date_reader(("DD.MM.YYYY",))(text).rule.id == rule


def test_single_digits_are_read_where_signs_separate_them_and_nowhere_else():
    assert date_reader(("DD.MM.YYYY",))("3.5.2019") == (date(2019, 5, 3), "day")
    assert date_reader(("YYYYMMDD",))("2019503").rule.id == "S015"


@given(DAYS, st.integers(0, 86399))
def test_the_time_of_day_is_dropped(day, seconds):
    stamp = f"{day} {timedelta(seconds=seconds)}"
    assert date_reader(DEFAULT_DATES)(stamp) == (day, "day")
