"""Every rule has its smallest file: what produces it, and what it costs."""

import io

import pytest
from openpyxl import Workbook

from osteon.contracts.tables import TABLES
from osteon.sources.rules import RULES

PATIENTS = '[patients]\npatient_id = "id"\n'

ROWS = {
    "S001": ("id,sex\nP1,male\nP2\n", PATIENTS),
    "S002": ("id,sex\nP1,male\n,female\n", PATIENTS),
    "S003": (
        "id,e,d,m\nP1,1,2020-02-01,ct\nP1,2,spring,ct\n",
        '[exams]\npatient_id = "id"\nexam_id = "e"\ndate = "d"\nmodality = "m"',
    ),
    "S004": ("id,sex\nP1,male\nP1,male\n", PATIENTS + 'sex = "sex"'),
    "S005": ("id,sex\nP1,male\nP1,female\n", PATIENTS + 'sex = "sex"'),
    "S006": ("id,g\nP1,2\nP2,?\n", PATIENTS + "when = { g = { at_least = 2 } }"),
}

CELLS = {
    "S010": ("id,x\nP1,M\nP2,Q\n", PATIENTS + 'sex = { column = "x", values = { M = "male" } }'),
    "S011": ("id,x\nP1,male\nP2,M\n", PATIENTS + 'sex = "x"'),
    "S012": ("id,x\nP1,60\nP2,old\n", PATIENTS + 'age_years = "x"'),
    "S013": ("id;x\nP1;60.5\nP2;60,5\n", PATIENTS + 'age_years = "x"'),
    "S014": ("id,x\nP1,60\nP2,-50\n", PATIENTS + 'age_years = "x"'),
    "S015": ("id,x\nP1,2020-02-01\nP2,01.02.2020\n", PATIENTS + 'death = "x"'),
    "S016": ("id,x\nP1,2020-02-01\nP2,2020-02-31\n", PATIENTS + 'death = "x"'),
    "S017": (
        "id,x\nP1,13/02/2020\nP2,01/02/2020\n",
        PATIENTS + 'death = { column = "x", dates = ["DD/MM/YYYY", "MM/DD/YYYY"] }',
    ),
    "S018": ("id,x\nP1,2020-02-01\nP2,9999-12-31\n", PATIENTS + 'death = "x"'),
    "S020": (
        "id,d,c,x\nP1,2020,hypercalcaemia,no\nP2,2020,hypercalcaemia,maybe\n",
        '[skeletal_events]\npatient_id = "id"\ndate = "d"\ncomponent = "c"\nprophylactic = "x"',
    ),
    "S021": (
        "id,x,p\nP1,2020-02-01,E\nP2,2020-02-01,Z\n",
        PATIENTS
        + 'death = { column = "x", precision_column = "p", precision_values = { E = "day" } }',
    ),
    "S024": (
        "id,x,n\nP1,2020-02-01,1\nP2,2020-02-01,?\n",
        PATIENTS + 'death = { column = "x", when = { n = { at_least = 1 } } }',
    ),
}


@pytest.mark.parametrize(("rule", "export", "mapping"), [(r, *case) for r, case in ROWS.items()])
def test_a_row_that_cannot_be_used_is_set_aside(ingest, rule, export, mapping):
    [target] = ingest(export, mapping).targets
    [aside] = target.set_aside
    assert (aside.rule, aside.source_row, aside.column) == (rule, 3, "")
    assert len(target.rows) == 1
    assert RULES[rule].severity() == "reject_row"


@pytest.mark.parametrize(("rule", "export", "mapping"), [(r, *case) for r, case in CELLS.items()])
def test_a_cell_that_cannot_be_read_is_empty_and_listed(ingest, rule, export, mapping):
    [target] = ingest(export, mapping).targets
    [cell] = target.unreadable
    assert (cell.rule, cell.source_row, cell.patient_id) == (rule, 3, "P2")
    assert target.rows[cell.column].to_pylist()[1] is None
    assert target.rows[cell.column].to_pylist()[0] is not None
    assert not target.set_aside


def xlsx(*rows):
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_s019_a_spreadsheet_error(ingest):
    export = xlsx(["id", "x"], ["P1", 60], ["P2", "#REF!"])
    [target] = ingest(export, PATIENTS + 'age_years = "x"', "a.xlsx").targets
    assert [(one.rule, one.source_row) for one in target.unreadable] == [("S019", 3)]
    broken_condition = PATIENTS + "when = { x = 60 }"
    [target] = ingest(export, broken_condition, "a.xlsx").targets
    assert [one.rule for one in target.set_aside] == ["S006"]


def test_s022_not_a_whole_number(ingest):
    mapping = '[performance_status]\npatient_id = "id"\ndate = { constant = "2020" }\necog = "x"'
    [target] = ingest("id,x\nP1,1\nP2,1.5\n", mapping).targets
    [aside] = target.set_aside
    assert (aside.rule, aside.reason) == (
        "S003",
        "required `ecog` is not a whole number",
    )


def test_s023_an_identifier_that_lost_its_digits(ingest):
    export = xlsx(["id", "t"], ["P1", "T1"], ["P2", 1234567890123456789])
    [target] = ingest(export, '[tumours]\npatient_id = "id"\ntopography = "t"', "a.xlsx").targets
    assert [(one.rule, one.column) for one in target.unreadable] == [("S023", "topography")]


def test_every_rule_has_its_test():
    in_their_own_tests = {"S019", "S022", "S023"}
    assert set(ROWS) | set(CELLS) | in_their_own_tests == set(RULES)


def test_rules_say_what_to_do():
    for id, rule in RULES.items():
        assert rule.id == id
        assert all((rule.title, rule.reason, rule.example, rule.cure))


def test_an_unreadable_date_of_death_excludes_and_an_unreadable_birth_warns():
    patients = TABLES["patients"]
    assert RULES["S015"].severity(patients.column("death")) == "exclude"
    assert RULES["S015"].severity(patients.column("birth")) == "warn"
