"""The report as a Word document: real tables, captions that Word can list, figures at 300 dpi.

Tables are written as XML at once; cell by cell python-docx takes seconds for a report.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from osteon.report import printing
from osteon.report.audit_tables import ledger_words
from osteon.report.drawing import INK, RED, SOFT, STATUS_COLOURS, WIDE_MM
from osteon.report.story import (
    Block,
    Cards,
    Numbered,
    NumberedFigure,
    NumberedTable,
    Prose,
    Story,
    Threats,
)
from osteon.report.tables import Cell, Row, Table

_VERDICT_COLOURS = {
    "equal": STATUS_COLOURS["handled"],
    "differs": STATUS_COLOURS["open"],
    "not_obtained": STATUS_COLOURS["bounded"],
    "masked": STATUS_COLOURS["not_applicable"],
}
_COLOURS = {**STATUS_COLOURS, **_VERDICT_COLOURS}
_TOLD = {*printing.STATUSES.values(), *printing.VERDICTS.values(), "not done"}
_TWIPS_PER_MM = 1440 / 25.4
_FONT = "Calibri"


def write_docx(story: Story, folder: Path) -> Path:
    """Write the story into ``folder``, whose ``figures/`` hold its PNGs."""
    writer = _Writer(story, folder)
    writer.front()
    for section in story.sections:
        writer.section(section.title, section.new_page)
        for block in section.blocks:
            writer.block(block)
    target = folder / "report.docx"
    writer.document.save(str(target))
    return target


class _Writer:
    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.folder = story, folder
        self.document = Document()
        _set_page(self.document)
        _set_styles(self.document)
        _set_properties(self.document, story)
        self._running()

    def front(self) -> None:
        if self.story.mark:
            self._paragraph(self.story.mark.upper(), size=9, colour=RED, bold=True)
        self.document.add_heading(self.story.title, 0)
        self._paragraph(printing.full_sentence(self.story.results.population), size=11.5)
        for name, text in self.story.facts:
            paragraph = self._paragraph(f"{name}: ", size=8.5, colour=SOFT)
            paragraph.paragraph_format.space_after = Pt(0)
            _run(paragraph, text, size=8.5)
        for warning in self.story.warnings:
            self._paragraph(warning, size=9.5, colour=RED)

    def section(self, title: str, new_page: bool) -> None:
        heading = self.document.add_heading(title, 1)
        heading.paragraph_format.page_break_before = new_page

    def block(self, block: Block) -> None:
        match block:
            case Prose():
                paragraph = self._paragraph("")
                if block.lead:
                    _run(paragraph, f"{block.lead}. ", bold=True)
                _run(paragraph, block.text)
            case Cards() | NumberedTable():
                self._table(block.table, block.number)
            case NumberedFigure():
                self._figure(block)
            case Threats():
                self._threats(block)
            case Numbered():
                for i, item in enumerate(block.items, start=1):
                    self._paragraph(f"[{i}] {item}", size=9)

    def _paragraph(self, text: str, **look: Any) -> Paragraph:
        paragraph = self.document.add_paragraph()
        if text:
            _run(paragraph, text, **look)
        return paragraph

    def _table(self, table: Table, number: int) -> None:
        caption = self._caption("Table", number, table.title)
        caption.paragraph_format.keep_with_next = True
        self.document.element.body.insert_element_before(
            parse_xml(_table_xml(table)), "w:sectPr"
        )  # fmt: skip
        for note in table.notes:
            self._paragraph(note, size=7.5, colour=SOFT).paragraph_format.space_after = Pt(0)
        self._paragraph("").paragraph_format.space_after = Pt(2)

    def _figure(self, block: NumberedFigure) -> None:
        picture = self.folder / "figures" / f"{block.figure.name}_{WIDE_MM}mm.png"
        paragraph = self._paragraph("")
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(str(picture), width=Mm(WIDE_MM))
        properties = shape._inline.docPr
        properties.set("descr", block.figure.text)
        properties.set("title", f"Figure {block.number}")
        self._caption("Figure", block.number, block.figure.caption)

    def _threats(self, block: Threats) -> None:
        self.document.add_heading("Threats to this answer", 2)
        for entry in block.entries:
            words = printing.STATUSES[entry.status]
            paragraph = self._paragraph(
                f"{entry.number} {words} ", size=9, bold=True, colour=STATUS_COLOURS[entry.status]
            )
            paragraph.paragraph_format.space_after = Pt(2)
            _run(paragraph, f"{entry.threat}. ", size=9, bold=True)
            _run(paragraph, ledger_words(entry), size=9)

    def _caption(self, kind: str, number: int, text: str) -> Paragraph:
        """Write a caption with Word's own sequence field, so that Word can list and renumber."""
        paragraph = self.document.add_paragraph(style="Caption")
        _run(paragraph, f"{kind} ", bold=True)
        field = parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr=" SEQ {kind} \\* ARABIC "><w:r><w:rPr><w:b/></w:rPr>'
            f"<w:t>{number}</w:t></w:r></w:fldSimple>"
        )
        paragraph._p.append(field)
        _run(paragraph, ". ", bold=True)
        _run(paragraph, text)
        return paragraph

    def _running(self) -> None:
        section = self.document.sections[0]
        header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
        _run(header, self.story.title, size=8, colour=SOFT)
        if self.story.mark:
            _run(header, f"    {self.story.mark}", size=8, colour=RED, bold=True)
        p = self.story.results.provenance
        told = f"osteon {p.osteon_version} · {p.protocol_name} {p.protocol_hash[:12]} · page "
        _run(footer, told, size=8, colour=SOFT)
        footer._p.append(
            parse_xml(
                f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:rPr><w:color w:val="{SOFT[1:]}"/>'
                f'<w:sz w:val="16"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
            )
        )


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - WIDE_MM) / 2)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)


def _set_styles(document: Any) -> None:
    for name, size, before in (
        ("Normal", 10, 0),
        ("Title", 20, 0),
        ("Heading 1", 15, 14),
        ("Heading 2", 11, 8),
        ("Caption", 9, 6),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        style.font.color.rgb = RGBColor.from_string(INK[1:].upper())
        style.font.bold = name.startswith(("Heading", "Title"))
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(5)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
    title = document.styles["Title"].element
    for border in title.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _set_properties(document: Any, story: Story) -> None:
    properties = document.core_properties
    properties.title, properties.author = story.title, "osteon"
    properties.comments = story.mark
    properties.language = "en-GB"
    try:
        made = datetime.fromisoformat(story.results.provenance.clock)
    except ValueError:
        return
    properties.created = properties.modified = made


def _run(
    paragraph: Paragraph, text: str, *, size: float = 0, colour: str = "", bold: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour[1:].upper())


def _table_xml(table: Table) -> str:
    whole = sum(column.width for column in table.columns)
    widths = [round(WIDE_MM * c.width / whole * _TWIPS_PER_MM) for c in table.columns]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = [_header_xml(table, widths)]
    rows += [
        _row_xml(row, table, widths, i == len(table.rows) - 1) for i, row in enumerate(table.rows)
    ]
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f"<w:tblCaption w:val={_attribute(table.title)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )  # fmt: skip


def _header_xml(table: Table, widths: list[int]) -> str:
    cells = [
        _cell_xml((c.heading,), w, numeric=c.numeric, top=8, bottom=6, bold=True, kept=True)
        for c, w in zip(table.columns, widths, strict=True)
    ]
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _row_xml(row: Row, table: Table, widths: list[int], last: bool) -> str:
    bottom = 8 if last else 2
    if row.heading:
        cells = [
            _cell_xml(
                row.cells[0], sum(widths), span=len(widths), bottom=bottom, bold=True, kept=True
            )
        ]
    else:
        cells = [
            _cell_xml(cell, width, numeric=column.numeric, bottom=bottom, status=row.status)
            for cell, column, width in zip(row.cells, table.columns, widths, strict=True)
        ]
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _cell_xml(
    cell: Cell,
    width: int,
    *,
    numeric: bool = False,
    span: int = 1,
    top: int = 0,
    bottom: int = 0,
    bold: bool = False,
    status: str = "",
    kept: bool = False,
) -> str:
    """A cell; ``kept`` keeps its row on the page of the row below."""
    colour = _COLOURS.get(status, INK) if cell and cell[0] in _TOLD else INK
    lines = [(line, i % 2 == 0) for i, line in enumerate(cell) if line] or [("", True)]
    paragraphs = "".join(
        _line_xml(line, value, numeric, bold, kept, colour if value else SOFT)
        for line, value in lines
    )
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:color="{INK[1:] if size > 2 else "C3C9D1"}"/>'
        for side, size in (("top", top), ("bottom", bottom))
        if size
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}'
        f"<w:tcBorders>{borders}</w:tcBorders></w:tcPr>{paragraphs}</w:tc>"
    )


def _line_xml(line: str, value: bool, numeric: bool, bold: bool, kept: bool, colour: str) -> str:
    stay = "<w:keepNext/>" if kept else ""
    side = '<w:jc w:val="right"/>' if numeric else ""
    weight = "<w:b/>" if bold else ""
    half_points = 16 if value else 14
    return (
        f'<w:p><w:pPr>{stay}<w:spacing w:before="20" w:after="10"/>{side}</w:pPr><w:r><w:rPr>{weight}'
        f'<w:color w:val="{colour[1:].upper()}"/><w:sz w:val="{half_points}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
    )


def _attribute(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'
