import csv
import io
from dataclasses import replace

import pytest

from osteon.contracts.results import Setting
from osteon.report.answers import answers_table
from osteon.report.audit_tables import settings_table
from osteon.report.estimate_tables import estimate_table
from osteon.report.story import tell
from osteon.report.tables import Column, Table, plain_row, to_csv


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"]
)
def test_a_formula_is_disarmed(formula):
    table = Table("t", "T", (Column("what"),), (), records=({"what": formula},))
    assert read(to_csv(table))[0]["what"] == f"'{formula}"


def test_a_negative_number_stays_a_number():
    table = Table("t", "T", (Column("x"),), (), records=({"x": -13.4989},))
    assert read(to_csv(table))[0]["x"] == "-13.4989"


def test_rows_without_records_are_written_as_printed():
    table = Table("t", "T", (Column("what"), Column("n")), (plain_row("a, b", "3"),))
    assert read(to_csv(table)) == [{"what": "a, b", "n": "3"}]


def test_estimates_keep_full_precision(results, written):
    rows = [
        row
        for file in sorted(written["tables"].glob("estimates_*.csv"))
        for row in read(file.read_text("utf-8"))
    ]
    assert len(rows) == len(results.estimates)
    by_key = {_key(vars(e)): e for e in results.estimates}
    for row in rows:
        e = by_key[_key(row)]
        assert (row["estimate"] and float(row["estimate"])) == (
            "" if e.estimate is None else e.estimate
        )
        assert (row["p_value"] and float(row["p_value"])) == (
            "" if e.p_value is None else e.p_value
        )


def _key(row):
    names = (
        "question",
        "analysis",
        "style",
        "group",
        "contrast",
        "time_days",
        "interval_method",
        "method",
        "population",
    )
    return tuple("" if row[name] is None else str(row[name]) for name in names)


def test_every_table_has_its_file(results, written):
    names = {table.name for table in tell(results).tables}
    assert {file.stem for file in written["tables"].glob("*.csv")} == names


def test_table_names_are_unique(results):
    names = [table.name for table in tell(results).tables]
    assert len(names) == len(set(names))


def test_notes_are_marked_where_they_belong(results):
    table = next(t for t in tell(results).tables if t.name == "estimates_seen_first")
    told = next(note for note in table.notes if "not assessable" in note)
    mark = told.split()[0]
    assert sum(mark in line for line in table.strings) == 1


def test_a_second_analysis_of_the_same_name_says_which_it_is(results):
    hazard = next(e for e in results.estimates if e.analysis == "hazard")
    again = replace(hazard, analysis="survival_missing_grade", style="sensitivity")
    table = estimate_table(replace(results, estimates=(hazard, again)), "survival")
    first, second = (row.cells[0][0] for row in table.rows if row.heading)
    assert second == f"{first} (hazard ratio with missing values kept)"


def test_settings_are_whole_where_they_are(results):
    months = Setting("survival.at_months", "36.0, 60.0, 30.4375", "times", True)
    table = settings_table(replace(results, settings=(months,)))
    assert table.rows[0].cells[1] == ("36, 60, 30.4375",)


def test_values_and_details_alternate_in_the_answers(results):
    """What is measured, whose and how stand small under each number, never large."""
    for row in answers_table(results).rows:
        for value in (*row.cells[1][::2], *row.cells[2][::2]):
            assert not value or value[0].isdigit() or value.startswith(("between", "not", "–"))
        assert all("95" in detail for detail in row.cells[1][1::2])
