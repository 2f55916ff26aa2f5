import io
import re
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from osteon.errors import InputError, MappingError
from osteon.sources.mapping import Source
from osteon.sources.sheet import Broken, Percent
from osteon.sources.xlsx import read_xlsx


def workbook(*rows, sheets=("Table",), formats=None):
    book = Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book.active.append(row)
    for place, number_format in (formats or {}).items():
        book.active[place].number_format = number_format
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rewrite(content, name, change):
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.namelist():
            data = source.read(entry)
            archive.writestr(entry, change(data.decode()) if entry == name else data)
    return target.getvalue()


def read(content, **source):
    return read_xlsx(content, Source(**source), "export.xlsx")


def column(*cells, **how):
    return list(
        read(workbook(["id", "x"], *([str(i), c] for i, c in enumerate(cells)), **how)).columns[1]
    )


def test_cells_come_as_what_they_are():
    cells = column(1, 2.5, True, "text", " ", None, datetime(2020, 5, 3, 12, 30), date(2020, 5, 3))
    assert cells == [1, 2.5, True, "text", None, None, date(2020, 5, 3), date(2020, 5, 3)]
    assert type(cells[2]) is bool
    assert type(cells[6]) is date
    assert column(time(8, 30)) == ["08:30:00"]


def test_errors_and_formulas_without_an_answer_are_broken():
    assert column("#REF!", "=1+1") == [Broken(), Broken()]


def test_a_formula_counts_with_its_stored_answer_and_an_empty_text_is_empty():
    content = workbook(["id", "x"], ["1", "=1+1"], ["2", '=IF(A1="",1,"")'], ["3", 5])
    answered = rewrite(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>").replace(
            '<c r="B3">', '<c r="B3" t="str">'
        ),
    )
    assert list(read(answered).columns[1]) == [2, None, 5]


def test_percentages_and_long_numbers_are_told_apart():
    percent, long = column(0.07, 1234567890123456789, formats={"B2": "0.0%"})
    assert isinstance(percent, Percent)
    assert not isinstance(column(7, formats={"B2": '0"%"'})[0], Percent)
    assert isinstance(long, float)


def test_rows_have_the_number_a_person_sees():
    grid = read(
        workbook(["Title"], [], ["id", "x", None], [], ["1", "a", "note"], [], ["2"]), header_row=3
    )
    assert grid.header == ("id", "x")
    assert list(grid.row_numbers) == [5, 7]
    assert list(grid.columns[1]) == ["a", None]


def test_a_wrong_dimension_does_not_hide_rows():
    content = rewrite(
        workbook(["id", "x"], ["1", "a"], ["2", "b"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="B2:B2"', xml),
    )
    assert list(read(content).columns[0]) == ["1", "2"]
    assert list(read(content).row_numbers) == [2, 3]


def test_several_sheets_need_a_name():
    content = workbook(["id"], ["1"], sheets=("Patients", "Notes"))
    assert list(read(content, sheet="Patients").columns[0]) == ["1"]
    with pytest.raises(MappingError, match=r'"Patients", "Notes"'):
        read(content)
    with pytest.raises(MappingError, match='Did you mean "Patients"'):
        read(content, sheet="Patient")
    with pytest.raises(InputError, match=r"row 1 of export\.xlsx is empty"):
        read(content, sheet="Notes")


def test_a_damaged_workbook():
    content = workbook(["id"], ["1"])
    for broken in (
        content[: len(content) // 2],
        rewrite(content, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2]),
        rewrite(content, "xl/workbook.xml", lambda xml: "<workbook/>"),
    ):
        with pytest.raises(InputError, match="not a whole workbook"):
            read(broken)


def test_reading_many_rows_shows_progress():
    told = []
    content = workbook(["id"], *([str(i)] for i in range(4100)))
    read_xlsx(content, Source(), "export.xlsx", told.append)
    assert told == [2000, 4000]
