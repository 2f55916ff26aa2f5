import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from osteon.errors import MappingError
from osteon.sources import deliver, draft_mapping, parse_mapping
from osteon.sources.synonyms import COLUMNS

GERMAN = """PatNr;Nachname;Geschlecht;Geburtsdatum;Erstdiagnose;Sterbedatum;Grading;Ki-67 (%);UICC-Stadium;Primärlokalisation
A-77;Zebra;w;03.05.1950;07.11.2010;;1;2,5;IV;Ileum
A-78;Yak;m;00.05.1951;08.2010;05.06.2015;2;5,0;IIIA;Ileum
A-79;Xerus;x;00.00.1951;08.12.2011;05.06.2016;3;5,5;unklar;Jejunum
"""


@pytest.fixture
def draft(tmp_path):
    def write_and_draft(export, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(export if isinstance(export, bytes) else export.encode())
        text = draft_mapping(path)
        return text, path

    return write_and_draft


def test_a_german_export(draft):
    text, path = draft(GERMAN.encode("cp1252"))
    mapping = parse_mapping(text)
    assert (mapping.source.encoding, mapping.source.decimal) == ("cp1252", ",")
    assert mapping.source.dates == ("DD.MM.YYYY", "00.MM.YYYY", "00.00.YYYY", "MM.YYYY")
    patients, tumours = deliver(path, mapping).targets
    assert patients.rows["sex"].to_pylist() == ["female", "male", "unknown"]
    assert patients.rows["birth_precision"].to_pylist() == ["day", "month", "year"]
    assert tumours.rows["grade"].to_pylist() == ["G1", "G2", "G3"]
    assert tumours.rows["ki67_percent"].to_pylist() == [2.5, 5.0, 5.5]
    assert tumours.rows["stage"].to_pylist() == ["IV", "III", None]


def test_guesses_are_marked_and_what_is_not_mapped_is_listed(draft):
    text, _ = draft(GERMAN)
    assert 'death = "Sterbedatum"  # check' in text
    assert '#   "Nachname"' in text
    assert "still to translate: 1 not shown" in text


def test_no_identifier_name_or_rare_value_gets_into_a_draft(draft):
    text, _ = draft(GERMAN)
    for secret in ("A-77", "Zebra", "Yak", "unklar", "1950", "2010"):
        assert secret not in text


def test_a_file_without_a_header_does_not_tell_its_first_patient(draft):
    text, _ = draft("P1,Zebra,1950-05-03,w\nP2,Zebra,1951-05-03,m\nP1,Yak,1951-05-03,m\n")
    assert "NOT YET A MAPPING" in text
    assert "1950-05-03" not in text
    assert '"Zebra"' not in text
    assert "whose names look like values: has the file a header?" in text


def test_times_since_diagnosis(draft):
    text, path = draft("PATIENT_ID,MALE,entry,stop\nP1,1,42,3645\nP2,0,108,515\n")
    assert 'time = { unit = "days", since = "diagnosis" }  # check' in text
    [patients] = deliver(path, parse_mapping(text)).targets
    assert patients.rows["sex"].to_pylist() == ["male", "female"]
    assert patients.rows["first_visit"].to_pylist() == [42, 108]


def test_what_is_lacking_is_said_at_the_top(draft):
    text, _ = draft("time,event,arm\n1.5,1,a\n2.5,0,b\n")
    assert text.splitlines()[1].startswith("# NOT YET A MAPPING")
    assert "# [assignments] lacks patient_id: see below." in text
    with pytest.raises(MappingError):
        parse_mapping(text)


def test_a_required_time_that_does_not_read_makes_a_table_incomplete(draft):
    text, _ = draft("patient_id,sex,date,ecog\nP1,male,spring,1\nP2,male,summer,2\n")
    assert "# [performance_status] lacks date: see below." in text
    assert [block.name for block in parse_mapping(text).blocks()] == ["patients"]


def test_day_and_month_that_cannot_be_told_apart_are_marked(draft):
    text, _ = draft("id,dob\nP1,01/02/1950\nP2,03/04/1950\n")
    assert 'dates = ["DD/MM/YYYY"]  # check: day or month first?' in text
    text, _ = draft("id,dob\nP1,01/02/1950\nP2,03/24/1950\n")
    assert 'dates = ["MM/DD/YYYY"]\n' in text


def test_a_workbook_with_a_title_and_several_sheets(draft):
    book, content = Workbook(), io.BytesIO()
    book.active.title = "Patienten"
    for row in (["Unsere Patienten"], [], ["Pat-ID", "Geschlecht"], ["P1", "w"], ["P2", "m"]):
        book.active.append(row)
    book.create_sheet("Notizen")
    book.save(content)
    text, path = draft(content.getvalue(), "a.xlsx")
    assert "header_row = 3" in text
    assert 'sheet = "Patienten"' in text
    assert 'a mapping of its own: "Notizen"' in text
    assert "everybody would count as alive" in text
    assert 'name = "a"' in text
    [patients] = deliver(path, parse_mapping(text)).targets
    assert patients.rows["sex"].to_pylist() == ["female", "male"]


NAMES = st.sampled_from(
    ["PatID", *sorted({name for table in COLUMNS.values() for names in table.values() for name in names.split()})]
)  # fmt: skip
CELLS = st.sampled_from(
    ["", "1", "2.5", "2,5", "2020-02-01", "03.05.2020", "w", "bone", "G1", "xy"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_a_draft_loads_or_says_that_it_does_not(tmp_path, data):
    header = [
        "PatID",
        *data.draw(
            st.lists(NAMES.filter(lambda n: n != "PatID"), unique=True, min_size=1, max_size=8)
        ),
    ]
    rows = data.draw(
        st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), max_size=6)
    )
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    (tmp_path / "a.csv").write_text(text.getvalue(), newline="")
    drafted = draft_mapping(tmp_path / "a.csv")
    if "NOT YET A MAPPING" in drafted:
        with pytest.raises(MappingError):
            parse_mapping(drafted)
    else:
        parse_mapping(drafted)
