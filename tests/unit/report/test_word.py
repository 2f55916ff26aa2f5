import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from osteon.report.story import tell


@pytest.fixture(scope="module")
def document(written):
    return Document(str(written["docx"]))


def test_tables_are_tables_and_repeat_their_heading(document, results):
    assert len(document.tables) == len(tell(results).tables)
    for table in document.tables:
        first = table.rows[0]._tr.trPr
        assert first.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_tables_fill_the_width_of_the_page(document):
    section = document.sections[0]
    text_width = section.page_width - section.left_margin - section.right_margin
    assert abs(text_width - Mm(175)) < Mm(0.5)
    for table in document.tables:
        width = sum(int(g.get(qn("w:w"))) for g in table._tbl.tblGrid.findall(qn("w:gridCol")))
        assert abs(width * 635 - text_width) < Mm(0.5)


def test_captions_are_fields_that_word_can_list(document, results):
    told = tell(results)
    for kind, n in (("Table", len(told.tables)), ("Figure", len(told.figures))):
        fields = [
            f for f in document.element.iter(qn("w:fldSimple")) if f" SEQ {kind} " in f.get(qn("w:instr"))
        ]  # fmt: skip
        numbers = ["".join(t.text for t in f.iter(qn("w:t"))) for f in fields]
        assert numbers == [str(i) for i in range(1, n + 1)]


def test_figures_say_what_they_show(document, results):
    shapes = document.inline_shapes
    assert len(shapes) == len(tell(results).figures)
    for shape, figure in zip(shapes, tell(results).figures, strict=True):
        assert shape._inline.docPr.get("descr") == figure.text
        assert abs(shape.width - Mm(175)) < Mm(0.1)


def test_every_page_carries_the_mark(document):
    header = " ".join(p.text for p in document.sections[0].header.paragraphs)
    assert "Synthetic centre" in header
    assert not document.sections[0].different_first_page_header_footer


def test_properties(document, results):
    assert document.core_properties.title == results.title
    assert document.core_properties.created.isoformat().startswith("2025-11-03")


def test_every_part_is_well_formed(written):
    from lxml import etree

    with zipfile.ZipFile(written["docx"]) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
