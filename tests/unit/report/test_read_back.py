"""Numbers are read back out of what a person sees and compared with ``results.json``.

HTML is judged against the JSON by parsing; Word must hold the same cells as HTML; the PDF's text
must hold the same lines.
"""

from __future__ import annotations

import csv
import re

import pytest
from bs4 import BeautifulSoup
from docx import Document
from pypdf import PdfReader

from osteon.contracts.results import Results

STYLES = ("as_published", "recommended", "sensitivity")
NUMBER = re.compile(r"(?:[<>]\s)?−?\d+(?:\s\d{3})*(?:\.\d+)?")
WORDS = {"not reached": None, "no upper bound": None, "not estimable": None}


@pytest.fixture(scope="module")
def found(written) -> Results:
    return Results.from_json(written["results"].read_text("utf-8"))


@pytest.fixture(scope="module")
def page(written) -> BeautifulSoup:
    return BeautifulSoup(written["html"].read_text("utf-8"), "lxml")


@pytest.fixture(scope="module")
def html_tables(page) -> dict[str, list[list[list[str]]]]:
    """Visible lines of each cell, by caption."""
    return {
        _text(table.caption): [
            [[_text(line) for line in cell.select("span.v, span.d")] for cell in row.select("th, td")]
            for row in table.select("tbody tr")
        ]
        for table in page.select("main table")
    }  # fmt: skip


@pytest.fixture(scope="module")
def word(written):
    return Document(str(written["docx"]))


@pytest.fixture(scope="module")
def pdf_text(written) -> str:
    pages = PdfReader(written["pdf"]).pages
    return _squeezed(" ".join(page.extract_text() for page in pages))


def test_results_read_back_as_they_were(found, results):
    assert found == results


def test_every_estimate_stands_in_exactly_one_cell_of_its_style(found, html_tables):
    for question in found.questions:
        cells = _estimate_cells(html_tables, question)
        for style in STYLES:
            estimates = [e for e in found.estimates if (e.question, e.style) == (question, style)]
            left = list(cells[style])
            for e in estimates:
                match = next((c for c in left if _shows(c, e)), None)
                assert match is not None, (question, style, e.analysis, e.group, left)
                left.remove(match)
            assert left == []


def test_the_reading_can_fail(found, html_tables):
    """A digit off is noticed."""
    from dataclasses import replace

    e = next(e for e in found.estimates if e.analysis == "bone_metastases")
    cells = _estimate_cells(html_tables, "how_often")["as_published"]
    assert any(_shows(c, e) for c in cells)
    assert not any(_shows(c, replace(e, estimate=e.estimate + 0.001)) for c in cells)
    assert not any(_shows(c, replace(e, conf_low=e.conf_low - 0.001)) for c in cells)
    assert not any(_shows(c, replace(e, events=e.events + 1)) for c in cells)


def test_counts_read_back(found, html_tables):
    for question, title in dict.fromkeys((c.question, c.table) for c in found.counts):
        columns = {c.column for c in found.counts if (c.question, c.table) == (question, title)}
        whom = "" if columns == {"patients"} else ": number of patients"
        rows = _table(html_tables, f"{title}{whom}")
        expected = [c for c in found.counts if (c.question, c.table) == (question, title)]
        names = list(dict.fromkeys(c.row for c in expected))
        columns = list(dict.fromkeys(c.column for c in expected))
        at = {(c.row, c.column): c.count for c in expected}
        assert [row[0][0] for row in rows] == names
        for row in rows:
            assert [int(cell[0]) for cell in row[1:]] == [at[row[0][0], c] for c in columns]


def test_baseline_reads_back(found, html_tables):
    groups = list(dict.fromkeys(s.group for s in found.baseline))
    variable = ""
    seen = 0
    for row in _table(html_tables, "Characteristics at baseline"):
        if len(row) == 1:
            variable = row[0][0].lower()
            continue
        label = row[0][0]
        for group, cell in zip(groups, row[1:], strict=True):
            of = [s for s in found.baseline if s.group == group]
            match = [s for s in of if (s.variable.lower(), s.level) == (variable, label)] or [
                s for s in of if not s.level and label.lower().startswith(s.variable.lower())
            ]
            (s,) = match
            numbers = _numbers(cell[0])
            wanted = (
                [s.median, s.q1, s.q3]
                if s.median is not None
                else [s.count, 100 * s.count / s.total]
            )
            assert len(numbers) == len(wanted)
            for (printed, unit), value in zip(numbers, wanted, strict=True):
                assert printed == pytest.approx(value, abs=unit / 2 + 1e-9)
            seen += 1
    assert seen == len(found.baseline)


def test_attrition_findings_and_sources_read_back(found, html_tables):
    attrition = _table(html_tables, "Attrition")
    assert [(r[0][0], int(r[2][0]), int(r[3][0])) for r in attrition] == [
        (s.criterion, s.kept, s.removed) for s in found.attrition
    ]
    findings = _table(html_tables, "Findings in the data")
    assert [(r[0][0], int(r[3][0]), int(r[4][0])) for r in findings] == [
        (f.rule, f.count, f.patients_in_study) for f in found.findings
    ]
    sources = _table(html_tables, "Source accounting")
    assert [tuple(int(c[0].replace(" ", "")) for c in r[2:]) for r in sources] == [
        (s.rows_in, s.stored, s.not_applicable, s.set_aside) for s in found.provenance.sources
    ]


def test_published_figures_are_printed_as_they_are(found, html_tables):
    rows = _table(html_tables, "Published and obtained")
    assert [(r[0][0], r[1][0], r[2][0], r[3][0]) for r in rows] == [
        (c.figure, c.printed, c.obtained or "–", c.verdict.replace("_", " ")) for c in found.published
    ]  # fmt: skip


def test_every_card_shows_its_recommended_answer(found, page):
    cards = page.select("article.card")
    assert [_text(card.select_one("h3")) for card in cards] == [c.title for c in found.cards]
    for card, shown in zip(found.cards, cards, strict=True):
        groups = [g for g in (card.group, card.versus) if g] or [""]
        estimates = [e for g in groups for e in found.find(card.analysis, "recommended", g)]
        assert estimates
        text = _text(shown.select_one(".recommended"))
        for e in estimates:
            for middle in (b for b in (e.estimate, e.estimate_high) if b is not None):
                wanted = 100 * middle if e.unit == "share" else middle
                assert any(abs(n - wanted) <= unit / 2 + 1e-9 for n, unit in _numbers(text))


def test_numbers_at_risk_stand_under_the_curves(found, page):
    for c in found.curves:
        figure = page.select_one(
            f"#figure-curve_{c.analysis}{'_sensitivity' if c.style == 'sensitivity' else ''} .still"
        )
        texts = [_text(t) for t in figure.select("text")]
        shown = [f"{n} ({d})" for n, d in zip(c.at_risk, c.events, strict=True)]
        assert shown[0] in texts
        assert sum(text in shown for text in texts) >= min(5, len(shown))


def test_word_holds_the_same_cells_as_html(word, html_tables):
    from_word = _word_tables(word)
    shared = {caption: rows for caption, rows in html_tables.items() if caption in from_word}
    assert shared == html_tables
    for caption, rows in html_tables.items():
        assert from_word[caption] == rows, caption


def test_pdf_holds_the_same_lines_as_html(pdf_text, html_tables):
    for caption, rows in html_tables.items():
        assert _squeezed(caption) in pdf_text
        for row in rows:
            for cell in row:
                for line in cell:
                    assert _squeezed(line) in pdf_text, (caption, line)


def test_word_and_pdf_hold_the_answers_of_the_cards(word, pdf_text, page):
    told = _squeezed(" ".join(c.text for t in word.tables for r in t.rows for c in r.cells))
    for value in page.select("article.card .value"):
        assert _squeezed(value.text) in told
        assert _squeezed(value.text) in pdf_text


def test_prose_is_the_same_everywhere(word, pdf_text, page):
    told = _squeezed(" ".join(p.text for p in word.paragraphs))
    for paragraph in page.select("main section > p, .warning, .cohort"):
        assert _squeezed(paragraph.text) in told
        assert _squeezed(paragraph.text) in pdf_text


def test_a_caution_is_said_once_under_its_table_and_marked_at_every_number(found, page):
    for question in found.questions:
        table = page.select_one(f"#table-estimates_{question}").parent
        notes = [_text(note) for note in table.select(".note")]
        of = [e for e in found.estimates if e.question == question]
        cells = [_text(cell) for cell in table.select("td .d")]
        for said in {said for e in of for said in e.cautions}:
            (note,) = (n for n in notes if said in n)
            mark = note.partition(" ")[0]
            assert note == f"{mark} Caution: {said}."
            assert sum(mark in cell for cell in cells) == sum(said in e.cautions for e in of)


def test_word_and_pdf_hold_the_same_notes_and_captions_as_html(word, pdf_text, page):
    told = _squeezed(" ".join(p.text for p in word.paragraphs))
    for tag in page.select("main .note, main figcaption"):
        text = tag.text if tag.name == "p" else tag.text.partition(". ")[2]
        assert _squeezed(text) in told
        assert _squeezed(text) in pdf_text


def test_a_card_says_what_is_doubtful_about_its_number(found, page, word, pdf_text):
    shown = {_text(card.h3): card for card in page.select("article.card")}
    cautious = shown["Median survival, bone v other metastases"].select(".caution")
    [median] = (e for e in found.find("overall_survival", "recommended") if e.cautions)
    assert [_text(p) for p in cautious] == [f"Caution: {median.cautions[0]}."]
    assert len(page.select("article.card .caution")) == 1
    cells = _squeezed(" ".join(c.text for t in word.tables for r in t.rows for c in r.cells))
    assert _squeezed(cautious[0].text) in cells
    assert _squeezed(cautious[0].text) in pdf_text


def test_a_curve_says_whose_it_is_in_its_caption_and_a_drawn_ratio_carries_a_mark(found, page):
    [curve] = (c for c in found.curves if c.cautions)
    caption = _text(page.select_one("#figure-curve_overall_survival figcaption"))
    assert f"Caution, recommended, {curve.group}: {curve.cautions[0]}." in caption
    ratios = page.select_one("#figure-ratios_skeletal_events")
    assert "† To be read with the cautions" in _text(ratios.figcaption)
    doubted = [
        e for e in found.estimates
        if e.question == "skeletal_events" and e.unit == "ratio" and e.cautions
    ]  # fmt: skip
    assert sum("†" in _text(t) for t in ratios.select(".still text")) == len(doubted) == 2


def test_csv_holds_the_cautions(written, found):
    for question in found.questions:
        with (written["tables"] / f"estimates_{question}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        of = [e for e in found.estimates if e.question == question]
        assert [r["cautions"] for r in rows] == ["; ".join(e.cautions) for e in of]


def _estimate_cells(tables, question):
    from osteon.report.printing import in_words

    cells = {style: [] for style in STYLES}
    for row in _table(tables, f"{in_words(question)}: estimates"):
        if len(row) == 1:
            continue
        for style, lines in zip(STYLES, row[1:], strict=True):
            if lines == ["–"]:
                continue
            for value, detail in _pairs(lines):
                cells[style].append((value, detail))
    return cells


def _pairs(lines):
    """Values are followed by their detail."""
    return list(zip(lines[::2], lines[1::2], strict=True))


def _shows(cell, e) -> bool:
    value, detail = cell
    return _same_interval(value, e) and _same_people(detail, e) and _same_p(detail, e)


def _same_interval(text, e) -> bool:
    wanted = [b for b in (e.estimate, e.estimate_high, e.conf_low, e.conf_high) if b is not None]
    text = re.sub(r"per 100 person-years", "", text)
    printed = _numbers(text)
    scale = 100 if e.unit == "share" else 1
    return len(printed) == len(wanted) and all(
        _agrees(number, unit, scale * value, text)
        for (number, unit), value in zip(printed, wanted, strict=True)
    )


def _agrees(number, unit, value, text) -> bool:
    if f"< {number:g}" in text and value < number:
        return True
    return abs(number - value) <= unit / 2 * 1.0001


def _same_people(detail, e) -> bool:
    fraction = re.search(r"(\d+)/(\d+)", detail)
    if fraction:
        return (int(fraction[1]), int(fraction[2])) == (e.events, e.at_risk)
    n = re.search(r"n = (\d+)", detail) or re.search(r"(\d+) still at risk", detail)
    events = re.search(r"(\d+) events?", detail)
    return (n and int(n[1])) == e.at_risk and (events and int(events[1])) == e.events


def _same_p(detail, e) -> bool:
    """The p-value, and after it the one adjusted within its family."""
    printed = re.findall(r"p ([=<>]) (0\.\d+)", detail)
    wanted = [p for p in (e.p_value, e.p_adjusted) if p is not None]
    return len(printed) == len(wanted) and all(
        p < float(text) if sign == "<" else abs(float(text) - p) <= 0.5001 * 10 ** (2 - len(text))
        for (sign, text), p in zip(printed, wanted, strict=True)
    )


def _numbers(text) -> list[tuple[float, float]]:
    """Numbers in a text, each with the unit of its last printed digit."""
    found = []
    for token in NUMBER.findall(text):
        plain = token.lstrip("<> ").replace(" ", "").replace("−", "-")
        found.append((float(plain), 10.0 ** -len(plain.partition(".")[2])))
    return found


def _table(tables, title):
    return next(rows for caption, rows in tables.items() if caption.endswith(f". {title}"))


def _word_tables(document):
    """Cells of each table by the caption above it, lines without the empty ones."""
    tables, caption = {}, ""
    for element in document.element.body:
        if element.tag.endswith("}p"):
            text = _text_of(element)
            caption = text if text.startswith("Table ") else caption
        elif element.tag.endswith("}tbl"):
            tables[caption] = [
                [
                    [t for p in cell.findall(f"{W}p") if (t := _text_of(p))]
                    for cell in row.findall(f"{W}tc")
                ]
                for row in element.findall(f"{W}tr")[1:]
            ]
    return tables


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _text_of(element) -> str:
    return " ".join("".join(t.text or "" for t in element.iter(f"{W}t")).split())


def _text(tag) -> str:
    return " ".join(tag.get_text(" " if tag.name == "div" else "").split())


def _squeezed(text) -> str:
    return re.sub(r"\s|\u00ad", "", text)
