import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from osteon.report.html import to_html
from osteon.report.story import tell


@pytest.fixture(scope="module")
def text(written):
    return written["html"].read_text("utf-8")


@pytest.fixture(scope="module")
def page(text):
    return BeautifulSoup(text, "lxml")


def test_nothing_is_fetched(page):
    assert not page.select("[src], link, iframe, object, embed, base, form, img")
    assert all(a["href"].startswith("#") for a in page.select("a[href]"))
    assert "url(" not in page.style.text.replace("url(#", "")
    assert "@import" not in page.style.text


def test_the_policy_allows_these_scripts_and_no_request(page):
    policy = page.select_one("meta[http-equiv]")["content"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    scripts = [s for s in page.select("script") if s.get("type") != "application/json"]
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_library_is_embedded_once(text):
    assert text.count("vega-embed") < 40
    assert 500_000 < len(text) < 3_000_000


def test_every_figure_reads_without_script(page, results):
    figures = page.select("main figure")
    assert len(figures) == len(tell(results).figures)
    for figure in figures:
        assert len(figure.select(".still svg text")) > 2
        assert figure.select_one(".still")["aria-label"]
        assert figure.figcaption.text.startswith("Figure ")
    assert not page.select("noscript")


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for a in page.select("a[href]"):
        assert a["href"][1:] in ids


def test_clip_paths_stay_within_their_figure(text):
    for used in re.findall(r"url\(#([^)]+)\)", text.partition("<script")[0]):
        assert f'id="{used}"' in text


def test_headings_step_down_one_by_one(page):
    levels = [int(h.name[1]) for h in page.select("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_tables_are_named_and_scoped(page):
    for table in page.select("main table"):
        assert table.caption.text.strip().startswith("Table ")
        assert all(th["scope"] == "col" for th in table.select("thead th"))
        assert all(row.th["scope"] in ("row", "rowgroup") for row in table.select("tbody tr"))


def test_the_first_screen(page, results):
    assert page.h1.text == results.title
    assert results.population in page.select_one(".cohort").text
    facts = page.select_one(".facts").text
    for fact in (
        "essen_sinet_2025",
        "version 1",
        results.provenance.protocol_hash[:12],
        "2024-12-31",
    ):
        assert fact in facts
    assert [a.text.strip() for a in page.select(".card h3")] == [c.title for c in results.cards]
    warnings = " ".join(w.text for w in page.select(".warning"))
    assert "Synthetic" in warnings
    assert results.conditioned_on in warnings
    assert "Synthetic centre" in page.select_one(".mark").text


def test_the_ledger_strip_says_its_status_in_words_and_opens_its_row(page, results):
    cells = page.select(".strip li a")
    assert len(cells) == len(results.ledger) == 15
    for cell, entry in zip(cells, results.ledger, strict=True):
        assert cell.select_one(".word").text == entry.status
        assert cell.select_one("i").text in "✓≈!–"
        row = page.select_one(cell["href"])
        assert entry.threat in row.text
        assert entry.status in row.text


def test_a_question_is_figure_table_methods_ledger(page):
    section = page.select_one("#survival")
    order = [
        "figure" if child.name == "figure" else child["class"][0]
        for child in section.find_all(recursive=False)
        if child.name != "h2"
    ]
    assert list(dict.fromkeys(order)) == ["figure", "table", "methods", "threats"]


def test_references_are_numbered_as_they_are_cited(page, results):
    listed = [li.text for li in page.select("#references li")]
    assert set(listed) == {r for m in results.methods for r in m.references}
    cited = [
        int(n)
        for p in page.select("p.methods")
        for group in re.findall(r"\[([\d, ]+)\]", p.text)
        for n in group.split(",")
    ]
    assert list(dict.fromkeys(cited)) == list(range(1, len(listed) + 1))


def test_hostile_texts_stay_texts(results):
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    estimates = tuple(replace(e, estimand=hostile, group=hostile) for e in results.estimates[:4])
    curves = tuple(replace(c, group=hostile) for c in results.curves[:1])
    page = to_html(
        tell(
            replace(results, title=hostile, population=hostile, estimates=estimates, curves=curves)
        )
    )
    soup = BeautifulSoup(page, "lxml")
    assert not soup.select("img, [onerror]")
    assert not [s for s in soup.select("script") if s.string and s.string.startswith("alert")]
    assert soup.h1.text == hostile


def test_real_data_carry_no_synthetic_mark(results):
    real = replace(
        results, provenance=replace(results.provenance, synthetic=False), conditioned_on=""
    )
    page = to_html(tell(real))
    assert "Synthetic centre" not in page
    assert not BeautifulSoup(page, "lxml").select(".warning, .mark")
