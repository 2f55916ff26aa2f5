"""Reading patients from a small text table."""

from datetime import date

import pytest

from osteon.registry import delivery_of, marked

TEXT = """
    patients
    patient_id | birth       | death   | last_contact | found
    1          | ~1950-07-03 |         | 2015-03-01   |
    2          | 1950        | 2015-03 | 2015-03-01   | yes

    skeletal_events
    patient_id | date       | component         | prophylactic
    1          | 2014-01-01 | radiation_to_bone | yes
    1          | 2014-01-02 | radiation_to_bone | no
    1          | 2014-01-03 | radiation_to_bone |
"""


def test_a_date_shows_its_precision():
    rows = delivery_of(TEXT).targets[0].rows.to_pylist()
    assert [(row["birth"], row["birth_precision"]) for row in rows] == [
        (date(1950, 7, 3), "estimated"),
        (date(1950, 1, 1), "year"),
    ]
    assert [(row["death"], row["death_precision"]) for row in rows] == [
        (None, None),
        (date(2015, 3, 1), "month"),
    ]


def test_a_flag_is_yes_or_no_or_missing():
    rows = delivery_of(TEXT).targets[1].rows
    assert rows["prophylactic"].to_pylist() == [True, False, None]


def test_every_line_is_one_row_of_the_file():
    delivery = delivery_of(TEXT)
    assert delivery.rows_in == 5
    for target in delivery.targets:
        assert target.rows.num_rows + target.not_applicable == 5
    assert delivery.targets[1].rows["source_row"].to_pylist() == [3, 4, 5]


def test_the_mark_is_not_data():
    assert marked(TEXT) == [("patients", 2)]
    assert "found" not in delivery_of(TEXT).targets[0].rows.schema.names


def test_a_misspelt_column_is_not_passed_over():
    with pytest.raises(ValueError, match="patients has no column births"):
        delivery_of(TEXT.replace("birth ", "births"))
