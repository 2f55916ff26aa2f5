import csv
import io
from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osteon.contracts.tables import TABLES
from osteon.errors import MappingError
from osteon.sources import deliver, parse_mapping

WIDE = """
[source]
time = { unit = "days", since = "diagnosis" }

[patients]
patient_id   = "PATIENT_ID"
sex          = { column = "MALE", values = { 1 = "male", 0 = "female" } }
first_visit  = { offset = "entry" }
death        = { offset = "stop", when = { dead = 1 } }
last_contact = { offset = "stop" }

[tumours]
diagnosis = { constant = 0 }
stage     = [ { constant = "I", when = { "STAGE 1" = true } }, { constant = "IV", when = { "STAGE 4" = true } } ]

[[metastases]]
when = { dead_BONE = 1 }
site = { constant = "bone" }
date = { offset = "stop_BONE" }

[[metastases]]
when = { dead_LIVER = 1 }
site = { constant = "liver" }
date = { offset = "stop_LIVER", unit = "months" }
"""
WIDE_CSV = """PATIENT_ID,MALE,entry,stop,dead,STAGE 1,STAGE 4,dead_BONE,stop_BONE,dead_LIVER,stop_LIVER
P1,1,42,3645,0,False,True,0,99,1,2
P2,0.0,10.5,500,1,True,False,1,-7,0,0
P3,0,1,200,1.0,False,False,TRUE,150,,
"""


def column(target, name):
    return target.rows[name].to_pylist()


def test_one_wide_sheet_feeds_several_tables(ingest):
    delivery = ingest(WIDE_CSV, WIDE)
    patients, tumours, bone, liver = delivery.targets
    assert (delivery.clock, delivery.rows_in) == ("diagnosis", 3)
    assert column(patients, "sex") == ["male", "female", "female"]
    assert column(patients, "first_visit") == [42, 10.5, 1]
    assert column(patients, "death") == [None, 500, 200]
    assert column(patients, "death_precision") == [None, "day", "day"]
    assert column(patients, "source_row") == [2, 3, 4]
    assert column(tumours, "diagnosis") == [0, 0, 0]
    assert column(tumours, "tumour_id") == ["1", "1", "1"]
    assert column(tumours, "stage") == ["IV", "I", None]
    assert (column(bone, "patient_id"), column(bone, "date")) == (["P2", "P3"], [-7, 150])
    assert (bone.block, bone.not_applicable) == (1, 1)
    assert (liver.block, column(liver, "date")) == (2, [2 * 30.4375])


def test_rows_have_exactly_the_schema_of_the_contract(ingest):
    for target in ingest(WIDE_CSV, WIDE).targets:
        assert target.rows.schema == TABLES[target.table].schema("diagnosis")
    [exams] = ingest(
        "id,e,d,m\n", '[exams]\npatient_id = "id"\nexam_id = "e"\ndate = "d"\nmodality = "m"'
    ).targets
    assert exams.rows.schema == TABLES["exams"].schema("calendar")
    assert len(exams.rows) == 0


def test_dates_carry_their_precision(ingest):
    mapping = """
    [source]
    dates = ["DD.MM.YYYY", "00.MM.YYYY", "YYYY"]
    [patients]
    patient_id = "id"
    birth = "b"
    death = { column = "d", precision_column = "p", precision_values = { E = "day", T = "month", V = "estimated" } }
    last_contact = { column = "l", precision = "estimated", dates = ["YYYY-MM-DD"] }
    """
    export = """id;b;d;p;l
P1;03.05.1950;17.06.2020;E;2020-01-09
P2;00.05.1950;17.06.2020;T;
P3;1950;00.06.2020;E;NA
P4;NULL;17.06.2020;V;2020-01-09
P5;;17.06.2020;;2020-01-09
"""
    [target] = ingest(export, mapping).targets
    day, may = date(2020, 6, 17), date(1950, 5, 1)
    assert column(target, "birth") == [date(1950, 5, 3), may, date(1950, 1, 1), None, None]
    assert column(target, "birth_precision") == ["day", "month", "year", None, None]
    assert column(target, "death") == [day, date(2020, 6, 1), date(2020, 6, 1), day, day]
    assert column(target, "death_precision") == ["day", "month", "month", "estimated", "day"]
    assert column(target, "last_contact_precision")[0] == "estimated"


def test_value_maps(ingest):
    mapping = """
    [tumours]
    patient_id = "id"
    grade = { column = "g", values = { 1 = "G1", U = "", "" = "GX" } }
    basis = { column = "b", values = { "7" = "histology" }, otherwise = "unknown" }
    """
    [target] = ingest("id,g,b\nP1,1.0,7\nP2,U,8\nP3,NA,\nP4,9,7\n", mapping).targets
    assert column(target, "grade") == ["G1", None, "GX", None]
    assert column(target, "basis") == ["histology", "unknown", None, "histology"]
    assert [(one.rule, one.source_row) for one in target.unreadable] == [("S010", 5)]


def test_units_missing_codes_and_decimal_commas(ingest):
    mapping = """
    [source]
    decimal = ","
    thousands = "."
    missing = ["k.A."]
    [exams]
    patient_id = "id"
    exam_id = "e"
    date = { constant = "2020-02" }
    modality = { constant = "sstr_pet_ct" }
    injected_mbq = { column = "a", unit = "GBq", missing = ["-9"] }
    """
    [target] = ingest(
        "id;e;a\nP1;1;0,152\nP1;2;k.A.\nP1;3;-9\nP1;4;1.000\n", mapping.replace("GBq", "MBq")
    ).targets
    assert column(target, "injected_mbq") == [0.152, None, None, 1000]
    [target] = ingest("id;e;a\nP1;1;0,152\n", mapping).targets
    assert column(target, "injected_mbq") == [152]


def test_a_constant_is_never_missing(ingest):
    mapping = """
    [source]
    missing = ["0"]
    time = { unit = "days", since = "diagnosis" }
    [tumours]
    patient_id = { column = "id", prefix = "A-" }
    diagnosis = { constant = 0 }
    ki67_percent = { constant = 0 }
    mitoses_per_2mm2 = "m"
    """
    [target] = ingest("id,m\nP1,0\n", mapping).targets
    [row] = target.rows.to_pylist()
    assert (row["patient_id"], row["diagnosis"], row["ki67_percent"]) == ("A-P1", 0, 0)
    assert row["mitoses_per_2mm2"] is None


def test_a_row_number_stands_in_for_an_identifier(ingest):
    mapping = '[patients]\npatient_id = { row_number = true, prefix = "A-" }'
    [target] = ingest("time\n\n1.5\n2.5\n", mapping).targets
    assert column(target, "patient_id") == ["A-3", "A-4"]


def test_keys_with_empty_parts_are_equal(ingest):
    mapping = '[metastases]\npatient_id = "id"\nsite = "s"\ndate = "d"\nstatus = "x"'
    export = "id,s,d,x\nP1,bone,,\nP1,bone,,\nP1,bone,,pending\nP1,bone,2020,\n"
    [target] = ingest(export, mapping).targets
    assert column(target, "source_row") == [2, 5]
    assert [(a.source_row, a.rule) for a in target.set_aside] == [(3, "S004"), (4, "S005")]


def test_the_first_usable_row_of_a_key_is_kept(ingest):
    mapping = '[performance_status]\npatient_id = "id"\ndate = "d"\necog = "e"'
    [target] = ingest("id,d,e\nP1,2020,x\nP1,2020,1\nP1,2020,2\n", mapping).targets
    assert column(target, "source_row") == [3]
    assert [a.rule for a in target.set_aside] == ["S003", "S005"]


def test_rows_set_aside_name_the_patient_where_it_can_be_read(ingest):
    mapping = '[performance_status]\npatient_id = "id"\ndate = "d"\necog = "e"'
    [target] = ingest("id,d,e\nP1,,1\n,2020,1\nP3\n", mapping).targets
    assert [a.patient_id for a in target.set_aside] == ["P1", None, None]


@pytest.mark.parametrize(
    ("cells", "field", "told"),
    [
        (["2,5", "3,5"] * 3, 'ki67_percent = "x"', 'set `decimal` (and `thousands`) in [source]'),
        (["03.05.2020"] * 5, 'diagnosis = "x"', 'They look like "99.99.9999"'),
        (["M"] * 5, 'm_category = "x"', "Allowed are M0, M1"),
        (["1"] * 5, 'grade = { column = "x", values = { 2 = "G2" } }', "add it to `values`"),
    ],
)  # fmt: skip
def test_a_column_of_which_nothing_can_be_read_is_a_mistake_of_the_mapping(
    ingest, cells, field, told
):
    export = "id;x\n" + "".join(f"P{i};{cell}\n" for i, cell in enumerate(cells))
    mapping = f'[tumours]\npatient_id = "id"\n{field}'
    with pytest.raises(MappingError) as refused:
        ingest(export, mapping)
    assert told in str(refused.value)
    assert 'column "x"' in str(refused.value)
    [target] = ingest("".join(export.splitlines(keepends=True)[:5]), mapping).targets
    assert len(target.unreadable) == 4


def test_a_mistake_of_the_mapping_is_told_without_any_value(ingest):
    export = "id,x\n" + "".join(f"P{i},Mustermann 1951\n" for i in range(5))
    with pytest.raises(MappingError) as refused:
        ingest(export, '[tumours]\npatient_id = "id"\ndiagnosis = "x"')
    assert 'They look like "aaaa 9999"' in str(refused.value)
    assert "Mustermann" not in str(refused.value)


def test_what_the_file_lacks_is_told_at_once_with_the_nearest_name(ingest):
    with pytest.raises(MappingError) as refused:
        ingest("PATID,SEXX,dead\nP1,m,1\n", '[patients]\npatient_id = "PATIDS"\nsex = "SEX"')
    assert '`patients.patient_id`: the file has no column "PATIDS". Did you mean "PATID"?' in str(
        refused.value
    )
    assert 'Did you mean "SEXX"?' in str(refused.value)


def test_the_wrong_delimiter_is_suspected_where_there_is_one_column(ingest):
    with pytest.raises(MappingError, match="is `delimiter` in"):
        ingest("id:sex\nP1:m\n", '[patients]\npatient_id = "id"')


def test_a_condition_that_can_never_hold_does_not_make_everybody_immortal(ingest):
    with pytest.raises(MappingError, match=r"`patients\.death\.when` can never hold"):
        ingest(WIDE_CSV, WIDE.replace("dead = 1 }", 'dead = "yes" }'))


def test_the_delivery_says_where_it_comes_from(ingest):
    mapping = """
    [source]
    name = "sheet"
    complete_for = ["deaths"]
    synthetic = true
    [patients]
    patient_id = "id"
    """
    delivery = ingest("id\nP1\n", mapping)
    assert (delivery.source, delivery.file, delivery.synthetic) == ("sheet", "export.csv", True)
    assert delivery.complete_for == ("deaths",)
    assert delivery.mapping == parse_mapping(mapping).digest
    assert ingest("id\nP1\n", '[patients]\npatient_id = "id"').source == "export.csv"
    corrected = ingest("id\nP2\n", mapping)
    assert (corrected.source, corrected.mapping) == (delivery.source, delivery.mapping)
    assert corrected.content != delivery.content


def test_progress_is_told(tmp_path):
    (tmp_path / "a.csv").write_text(WIDE_CSV)
    told = []
    deliver(tmp_path / "a.csv", parse_mapping(WIDE), progress=lambda *step: told.append(step))
    assert told[0] == ("map patients", 0, 4)
    assert told[-1] == ("map a.csv", 4, 4)


MAPPING = parse_mapping("""
[source]
dates = ["YYYY-MM-DD", "DD.MM.YYYY", "YYYY"]
[patients]
patient_id = "id"
sex = { column = "sex", values = { m = "male", f = "female", "?" = "" } }
age_years = "n"
death = { column = "d", when = { flag = { not = 0 } } }
[[metastases]]
when = { flag = 1 }
site = { column = "sex", values = { m = "bone" } }
date = "d"
[[metastases]]
when = { n = { at_least = 10 } }
site = { constant = "liver" }
date = "d"
[performance_status]
date = "d"
ecog = "n"
""")
DIRT = st.sampled_from(
    ["", "NA", " ", "x", "m", "f", "?", "1", "1.0", "0", "2,5", "-3", "150", "TRUE"]
)
CELL = {
    "id": st.sampled_from(["P1", "P2", "P3", "P4", ""]),
    "sex": st.one_of(st.sampled_from(["m", "f"]), DIRT),
    "n": st.one_of(st.integers(0, 130).map(str), DIRT),
    "d": st.one_of(st.sampled_from(["2020-02-01", "31.02.2020", "2019", "01.03.2020"]), DIRT),
    "flag": DIRT,
}
ROW = st.one_of(
    st.tuples(*CELL.values()).map(list), st.lists(DIRT, min_size=1, max_size=7)
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=25))
def test_every_row_is_in_exactly_one_place(tmp_path, rows):
    good = [["G1", "m", "10", "2020-01-01", "1"], ["G2", "f", "1", "2020-01-01", "0"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(CELL), *good, *rows])
    (tmp_path / "dirty.csv").write_text(text.getvalue(), newline="")
    delivery = deliver(tmp_path / "dirty.csv", MAPPING)
    present = [row for row in good + rows if any(cell.strip() for cell in row)]
    assert delivery.rows_in == len(present)
    lines = None
    for target in delivery.targets:
        stored = target.rows["source_row"].to_pylist()
        aside = [one.source_row for one in target.set_aside]
        places = Counter(stored + aside)
        assert len(stored) + target.not_applicable + len(aside) == delivery.rows_in
        assert all(count == 1 for count in places.values())
        assert {one.source_row for one in target.unreadable} <= set(stored)
        key = TABLES[target.table].key
        keys = list(zip(*(target.rows[name].to_pylist() for name in key), strict=True))
        assert len(set(keys)) == len(keys)
        if not target.not_applicable:
            lines = lines or set(places)
            assert set(places) == lines
        for column in TABLES[target.table].columns:
            if column.required:
                assert target.rows[column.name].null_count == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*CELL.values()).map(list), max_size=12), st.randoms())
def test_no_reason_holds_a_value(tmp_path, rows, random):
    secret = "Zebra77"
    dirty = [[secret if random.random() < 0.3 else cell for cell in row] for row in rows]
    good = [["G1", "m", "10", "2020-01-01", "1"], ["G2", "f", "1", "2020-01-01", "0"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(CELL), *good, *dirty])
    (tmp_path / "dirty.csv").write_text(text.getvalue(), newline="")
    for target in deliver(tmp_path / "dirty.csv", MAPPING).targets:
        for one in (*target.set_aside, *target.unreadable):
            assert secret not in one.reason
