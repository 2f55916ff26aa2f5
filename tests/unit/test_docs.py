"""The generated pages are those that the code and the specs say."""

from __future__ import annotations

import doctest
import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _pages() -> list[tuple[Path, str]]:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.pages())


@pytest.mark.parametrize(("path", "text"), _pages(), ids=lambda value: getattr(value, "name", ""))
def test_committed_page_is_up_to_date(path, text):
    assert path.read_text(encoding="utf-8") == text, "run `make docs` and commit the pages"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.stem)
def test_examples_on_a_page_run(page):
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text)
    assert not [(link, anchor) for link, anchor in links if not _leads(page, link, anchor)]


def _leads(page: Path, link: str, anchor: str) -> bool:
    target = page.parent / link if link else page
    return target.exists() and (not anchor or anchor in _anchors(target))


@cache
def _anchors(page: Path) -> set[str]:
    """Where a link into a page can lead: as it says itself, or as GitHub names a heading."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", re.sub(r"<[^>]+>", "", text), re.M)
    named = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
    return named | set(re.findall(r'<a id="([^"]+)">', text))


def test_a_link_to_no_page_or_no_place_on_it_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('# Kaplan-Meier: `S(t)`\n\n| <a id="row"></a>row |\n')
    assert _leads(page, "", "row")
    assert _leads(page, "page.md", "kaplan-meier-st")
    assert not _leads(page, "", "kaplan")
    assert not _leads(page, "other.md", "")


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "validation").rglob("*.md")))
def test_an_anchor_is_one_place(page):
    anchors = re.findall(r'<a id="([^"]+)">', page.read_text(encoding="utf-8"))
    assert len(anchors) == len(set(anchors))
