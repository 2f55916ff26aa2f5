from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.tables import TABLES
from osteon.sources.rules import Fault
from osteon.sources.sheet import Broken, Percent
from osteon.sources.values import Numerals, memoised, shape, token, value_reader


def read(table, column, raw, **how):
    return value_reader(TABLES[table].column(column), Numerals(**how))(raw)


@pytest.mark.parametrize("yes", [1, 1.0, "1", "1.0", True, "TRUE", "true", " True "])
def test_one_has_many_spellings_and_one_token(yes):
    assert token(yes) == "1"


def test_codes_with_leading_zeros_stay_apart():
    assert token("01") == "01" != token("1")


@given(st.floats(-1e6, 1e6), st.sampled_from([(".", ""), (",", ""), (",", "."), (".", ",")]))
def test_a_number_is_read_as_it_is_written(number, signs):
    decimal, thousands = signs
    text = f"{number:{',' if thousands else ''}.3f}"
    text = text.translate(str.maketrans({".": decimal, ",": thousands or None}))
    assert Numerals(decimal, thousands).read(text) == pytest.approx(round(number, 3))


@pytest.mark.parametrize(
    ("text", "decimal", "rule"),
    [
        ("2,5", ".", "S013"),
        ("2.5", ",", "S013"),
        ("1,234", ".", "S013"),
        ("< 2", ".", "S012"),
        ("2-5", ".", "S012"),
        ("1e999", ".", "S012"),
        ("nan", ".", "S012"),
        ("²", ".", "S012"),
        (float("inf"), ".", "S012"),
        (True, ".", "S012"),
        (date(2020, 1, 1), ".", "S012"),
    ],
)
def test_what_is_no_number_has_its_rule(text, decimal, rule):
    assert Numerals(decimal).read(text).rule.id == rule


def test_a_category_may_differ_in_case_only():
    assert read("patients", "sex", "Male") == "male"
    assert read("tumours", "m_category", "M1A") == "M1a"
    assert read("bone_findings", "sstr_rads", 4.0) == "4"
    assert read("patients", "sex", "M").rule.id == "S011"


def test_flags():
    flags = [read("skeletal_events", "prophylactic", raw) for raw in ("ja", 0, True, "No")]
    assert flags == [True, False, True, False]
    assert read("skeletal_events", "prophylactic", "x").rule.id == "S020"


def test_whole_numbers():
    assert read("performance_status", "ecog", "1.0") == 1
    assert read("performance_status", "ecog", "1.5").rule.id == "S022"
    assert read("performance_status", "ecog", "5").rule.id == "S014"


def test_a_percentage_is_meant_as_it_is_shown():
    assert read("tumours", "ki67_percent", Percent(0.07)) == 7
    assert read("tumours", "ki67_percent", "7 %") == 7
    fraction = value_reader(TABLES["tumours"].column("ki67_percent"), Numerals(), scale=100.0)
    assert fraction(Percent(0.07)) == pytest.approx(7)


def test_identifiers_from_spreadsheets():
    assert read("patients", "patient_id", 1234.0) == "1234"
    assert read("patients", "patient_id", 1.2345678901234567e18).rule.id == "S023"
    assert read("patients", "patient_id", Broken()).rule.id == "S019"


def test_distinct_cells_are_read_once_and_never_mixed_up():
    calls = []

    def note(raw):
        calls.append(raw)
        return repr(raw)

    cells = [1, True, 1.0, "1", 1, None, "1"]
    assert memoised(note, cells) == [repr(cell) for cell in cells]
    assert len(calls) == 5
    assert memoised(note, ["a", "b", "a"]) == ["'a'", "'b'", "'a'"]
    assert len(calls) == 7


@given(st.text(max_size=30))
def test_a_shape_shows_no_digit_but_9_and_no_letter_but_a(text):
    assert all(sign in "a9" or not sign.isalnum() or sign.isnumeric() for sign in shape(text))
    assert not any(sign.isdigit() and sign != "9" for sign in shape(text))


@given(st.text(max_size=12))
def test_any_text_is_read_or_has_a_fault_without_the_value(text):
    for table in TABLES.values():
        for column in table.columns:
            if column.kind != "time":
                value = value_reader(column, Numerals())(text)
                if isinstance(value, Fault) and len(text.strip()) > 6:
                    assert text.strip() not in value.reason
