import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.errors import InputError
from osteon.sources.delimited import read_delimited
from osteon.sources.mapping import Source


def read(content, **source):
    content = content if isinstance(content, bytes) else content.encode()
    return read_delimited(content, Source(**source), "export.csv")


def refusal(content, **source):
    with pytest.raises(InputError) as refused:
        read(content, **source)
    return str(refused.value)


def test_rows_have_the_line_a_person_sees():
    grid = read('id,note\r\nP1,"two\r\nlines"\r\n\r\nP2,x\r\n , \r\nP3,y')
    assert list(grid.row_numbers) == [2, 5, 7]
    assert grid.columns[1] == ("two\r\nlines", "x", "y")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_sign_that_splits_the_header(delimiter):
    grid = read(delimiter.join(["id", '"sex, as; recorded"', "birth"]) + "\n")
    assert grid.header == ["id", "sex, as; recorded", "birth"]
    assert list(grid.row_numbers) == []


def test_a_header_further_down():
    grid = read('An "export", made today\n\nid;sex\nP1;m\n', header_row=3)
    assert grid.header == ["id", "sex"]
    assert list(grid.row_numbers) == [4]


def test_encodings():
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        said = {} if encoding == "utf-8" else {"encoding": encoding}
        assert read("id,größe\nP1,groß\n".encode(encoding), **said).header == ["id", "größe"]


def test_a_wrong_encoding_is_told_with_line_byte_and_the_right_one():
    told = refusal("id,ort\nP1,Essen\nP2,Köln\n".encode("cp1252"))
    assert "byte 20 of export.csv (line 3) is not utf-8" in told
    assert 'encoding = "cp1252"' in told
    assert "is UTF-8 text, not cp1252" in refusal("id,ort\nP2,Köln\n", encoding="cp1252")
    assert "is UTF-16 text, not UTF-8" in refusal("id\nP1\n".encode("utf-16"))


def test_nul_bytes_are_told_with_their_line():
    assert "NUL bytes (first on line 2)" in refusal("id,sex\nP1,\0\n")
    assert 'encoding = "utf-16"' in refusal("id\n1\n".encode("utf-16-le"))


def test_a_row_of_another_width_is_a_misfit_wherever_it_stands():
    grid = read("id,sex\nP1\nP2,m\nP3,f,x\nP4,m,,\n")
    assert list(grid.misfits) == [2, 4]
    assert list(grid.row_numbers) == [3, 5]


def test_a_record_cut_off_at_the_end_is_a_half_written_file():
    told = refusal("id,sex,birth\nP1,m,1950\nP2,m")
    assert "stops in the middle of line 3: 2 of 3 fields" in told
    assert list(read("id,sex\nP1,m\nP2,f").row_numbers) == [2, 3]


@pytest.mark.parametrize(
    "broken",
    ['id,note\nP1,"open\nP2,x\n', 'id,note\nP1,"a"b\n', 'id,note\nP1,"open'],
)
def test_a_quote_that_is_not_closed_is_told_with_its_line(broken):
    assert "record that starts on line 2" in refusal(broken)


def test_a_stray_quote_that_swallows_rows_is_not_one_bad_row():
    swallowed = 'id,note,site\nP1,"a\nP2,b,liver\nP3,c",x,y,z\nP4,d,bone\n'
    assert "may have swallowed rows" in refusal(swallowed)


def test_no_header():
    assert "has no row 9" in refusal("id\n1\n", header_row=9)
    assert "has no row 1" in refusal("\nid\n1\n")


def test_a_delimiter_that_is_not_the_rows_is_a_mistake_of_the_mapping():
    told = refusal("id;sex;x\n" + "P,m,y\n" * 5)
    assert "no row of export.csv has as many fields as its header (3)" in told


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8), st.sampled_from(",;\t|"))
def test_what_csv_writes_is_read_back(rows, delimiter):
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["a", "b", "c"], *rows])
    grid = read(text.getvalue(), delimiter=delimiter)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert list(zip(*grid.columns, strict=True)) == [tuple(row) for row in kept]
    assert not grid.misfits
