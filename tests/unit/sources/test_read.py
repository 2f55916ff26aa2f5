import gzip
import hashlib
import io

import pytest
from openpyxl import Workbook

from osteon.errors import InputError, MappingError
from osteon.sources.mapping import Source
from osteon.sources.read import read_source

CSV = b"id,sex\nP1,m\n"


def workbook(*rows):
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, name="export.csv", **source):
        (tmp_path / name).write_bytes(content)
        return read_source(tmp_path / name, Source(**source))

    return write_and_read


def refusal(read, content, name, **source):
    with pytest.raises(InputError) as refused:
        read(content, name, **source)
    return str(refused.value)


def test_the_bytes_hashed_are_the_bytes_read(read):
    sheet = read(CSV)
    assert sheet.content == hashlib.sha256(CSV).hexdigest()
    assert sheet.columns == {"id": ("P1",), "sex": ("m",)}


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (workbook(["id"]), "a.csv", 'is an Excel workbook, not CSV. CSV, TSV, XLSX and Parquet can be read. rename it or set format = "xlsx"'),
        (CSV, "a.xlsx", 'is a text file, not an Excel workbook'),
        (CSV, "a.parquet", 'is a text file, not Parquet'),
        (b"PAR1....PAR1", "a.csv", 'is a Parquet file, not CSV'),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx", "save it as .xlsx without a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.csv", "an old Excel workbook"),
        (gzip.compress(CSV, mtime=0), "a.csv", "is a gzip archive, not CSV"),
        (b"PK\x03\x04 other things", "a.csv", "is a ZIP archive"),
        (b"%PDF-1.7", "a.csv", "is a PDF"),
        (b"<?xml version='1.0'?><oBDS/>", "a.csv", "is a web page or XML file"),
        (b"<html><table>", "a.xlsx", "is a web page or XML file"),
        (CSV, "a.dat", "the ending of a.dat does not say what it is"),
        (b"", "a.csv", "a.csv is empty"),
        (b" \n\n", "a.csv", "a.csv is empty"),
        (b"", "a.xlsx", "a.xlsx is empty"),
        (b"id,x,id\n1,2,3\n", "a.csv", "columns 1 and 3 of a.csv have the same name"),
        (b",\n1,2\n", "a.csv", "has no row 1"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_is_said_to_be(read, content, name, told):
    assert told in refusal(read, content, name)


def test_names_of_columns_are_not_told_because_they_may_be_a_patients(read):
    assert "Mustermann" not in refusal(read, b"P1,Mustermann,Mustermann\n", "a.csv")


def test_a_text_that_only_looks_like_an_archive_is_a_text(read):
    assert list(read(b"PK,id\n1,2\n").columns) == ["PK", "id"]


def test_a_cut_off_workbook_is_told_as_one(read):
    content = workbook(["id"], ["1"])
    assert "not a whole workbook" in refusal(read, content[:-100], "a.xlsx")


def test_a_format_can_be_set_against_the_ending(read):
    assert list(read(CSV, "a.dat", format="csv").columns) == ["id", "sex"]
    assert list(read(b"a\tb\n1\t2\n", "a.tsv").columns) == ["a", "b"]


def test_settings_of_another_format_are_refused(read):
    with pytest.raises(MappingError, match=r"`sheet`, but export\.csv is read as csv"):
        read(CSV, sheet="Table")
    with pytest.raises(MappingError, match="`encoding`"):
        read(workbook(["id"]), "a.xlsx", encoding="utf-8")


def test_a_header_alone_is_an_empty_delivery(read):
    assert read(b"id,sex\n").rows_in == 0
    assert read(workbook(["id"]), "a.xlsx").rows_in == 0


def test_a_path_without_a_file(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        read_source(tmp_path / "none.csv", Source())
    with pytest.raises(InputError, match="is a folder"):
        read_source(tmp_path, Source())
