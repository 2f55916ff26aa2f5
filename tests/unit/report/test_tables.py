import csv
import io

import pytest

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
