import pytest

from osteon.contracts.tables import TABLES
from osteon.errors import MappingError
from osteon.sources import parse_mapping, read_mapping

WIDE = """
[source]
time = { unit = "days", since = "diagnosis" }

[patients]
patient_id   = "PATIENT_ID"
sex          = { column = "MALE", values = { 1 = "male", 0 = "female" } }
first_visit  = { offset = "entry" }
death        = { offset = "stop", when = { dead = 1 } }

[[metastases]]
when = { dead_DMETS_DX_BONE = 1 }
site = { constant = "bone" }
date = { offset = "stop_DMETS_DX_BONE" }

[[metastases]]
when = { dead_DMETS_DX_LIVER = 1 }
site = { constant = "liver" }
"""


def refusal(text):
    with pytest.raises(MappingError) as refused:
        parse_mapping(text)
    return str(refused.value)


def test_every_table_of_the_contract_can_be_mapped():
    for table in TABLES.values():
        fields = "\n".join(f'{column.name} = "X"' for column in table.columns)
        [block] = parse_mapping(f"[{table.name}]\n{fields}").blocks()
        assert list(block.fillings) == [column.name for column in table.columns]


def test_blocks_come_in_the_order_of_the_contract_and_are_numbered_from_one():
    blocks = list(parse_mapping(WIDE).blocks())
    assert [(b.table.name, b.number) for b in blocks] == [
        ("patients", 1),
        ("metastases", 1),
        ("metastases", 2),
    ]


def test_a_block_without_patient_id_takes_that_of_patients():
    *_, liver = parse_mapping(WIDE).blocks()
    assert liver.fillings["patient_id"][0].column == "PATIENT_ID"


def test_tumour_id_is_1_unless_said_otherwise():
    [tumours] = parse_mapping('[tumours]\npatient_id = "ID"').blocks()
    assert tumours.fillings["tumour_id"][0].constant == "1"


def test_comments_and_order_do_not_change_the_hash_and_a_value_does():
    same = parse_mapping("# remark\n" + WIDE).digest
    other = parse_mapping(WIDE.replace('1 = "male", 0 = "female"', '0 = "female", 1 = "male"'))
    changed = parse_mapping(WIDE.replace("dead = 1", "dead = 2"))
    assert parse_mapping(WIDE).digest == same == other.digest != changed.digest


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('[patients]\npatient_id = "ID"\nsexx = "X"', '`patients.sexx` is not a setting. Did you mean "sex"?'),
        ('[patient]\npatient_id = "ID"', 'Did you mean "patients"?'),
        ('[source]\nencodin = "utf-8"', 'Did you mean "encoding"?'),
        ('[source]\nencoding = "utf-9"', "is not an encoding"),
        ('[source]\ncomplete_for = ["death"]', 'Did you mean "deaths"?'),
        ('[source]\ndecimal = ","\nthousands = ","', "are the same sign"),
        ('[source]\ndates = ["DD.MM.YY"]', "with YYYY (all four)"),
        ('[source]\ndates = ["DD.MM"]', "needs YYYY once"),
        ('[source]\ndates = ["DD.YYYY"]', "a day without a month"),
        ('[source]\ndates = ["DD-MON-YYYY"]', "is not a date format"),
        ('[source]\ntime = { unit = "hours", since = "diagnosis" }', '"days", "weeks"'),
        ("", "it maps no table"),
        ('[tumours]\ngrade = "G"', "`tumours.patient_id`: is missing: set it here or in [patients]"),
        ('[exams]\npatient_id = "ID"\ndate = "D"\nexam_id = "E"', "`exams.modality` is missing"),
        ('[patients]\npatient_id = "ID"\nsex = {}', "needs one of column, constant"),
        ('[patients]\npatient_id = "ID"\nsex = []', "an empty list fills nothing"),
        ('[patients]\npatient_id = "ID"\nsex = { column = "A", constant = "male" }', "it has column and constant"),
        ('[patients]\npatient_id = "ID"\nsex = { column = "A", otherwise = "male" }', "needs `values`"),
        ('[patients]\npatient_id = "ID"\nsex = { constant = "mal" }', 'Did you mean "male"?'),
        ('[patients]\npatient_id = "ID"\nsex = { column = "S", values = { M = "man" } }', "Allowed are female, male"),
        ('[patients]\npatient_id = "ID"\nsex = { column = "S", values = { 1 = "male", true = "female" } }', "two keys mean"),
        ('[patients]\npatient_id = "ID"\nsex = { column = "S", dates = ["YYYY"] }', "`patients.sex.dates` is not a setting"),
        ('[patients]\npatient_id = "ID"\nbirth = { offset = "B" }', "counts from an anchor"),
        ('[patients]\npatient_id = "ID"\nbirth = { constant = 0 }', "the constant is a number"),
        ('[patients]\npatient_id = "ID"\nbirth = { constant = "1950-02-30" }', "a day that does not exist"),
        ('[patients]\npatient_id = "ID"\nbirth = { column = "B", precision = "weeks" }', '"day", "month"'),
        ('[patients]\npatient_id = "ID"\nwhen = { A = { at_leest = 2 } }', 'Did you mean "at_least"?'),
        ('[patients]\npatient_id = "ID"\nwhen = { A = {} }', "asks for nothing"),
        ('[patients]\npatient_id = "ID"\nage_years = { column = "A", unit = "month" }', 'Did you mean "months"?'),
        ('[patients]\npatient_id = "ID"\nage_years = { column = "A", unit = "MBq" }', "cannot be converted"),
        ("[patients\n", "is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_cure(wrong, told):
    assert told in refusal(wrong)


def test_all_faults_are_told_at_once_with_their_place():
    told = refusal(
        WIDE.replace('"male"', '"man"')
        .replace("unit =", "units =")
        .replace('"liver"', '"livr"')
        .replace('offset = "entry"', 'ofset = "entry"')
    )
    for place in ("source.time.units", "patients.sex", "patients.first_visit.ofset"):
        assert f"`{place}`" in told
    assert "`metastases 2.site`" in told


def test_a_source_without_calendar_refuses_dates():
    told = refusal(WIDE.replace('{ offset = "entry" }', '"FIRST"'))
    assert "`patients.first_visit`: reads a date, but [source] has no calendar" in told


def test_a_lab_value_is_converted_into_the_unit_its_block_names():
    text = """
    [labs]
    patient_id = "ID"
    date       = "D"
    analyte    = { constant = "calcium" }
    value      = { column = "CA", unit = "mg/dl" }
    unit       = { constant = "mmol/l" }
    """
    [block] = parse_mapping(text).blocks()
    [value] = block.fillings["value"]
    assert block.scale("value", value) == pytest.approx(10 / 40.078)
    assert "cannot be converted" in refusal(text.replace('"calcium"', '"chromogranin_a"'))
    assert "give `unit` as a constant" in refusal(text.replace('{ constant = "mmol/l" }', '"U"'))


def test_a_file_that_is_not_there_or_not_utf8(tmp_path):
    with pytest.raises(MappingError, match="there is no file"):
        read_mapping(tmp_path / "m.toml")
    (tmp_path / "m.toml").write_bytes('name = "für"'.encode("cp1252"))
    with pytest.raises(MappingError, match="not UTF-8"):
        read_mapping(tmp_path / "m.toml")
