"""The generated pages are those that the code and the specs say."""

from __future__ import annotations

import doctest
import importlib.util
import re
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
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert not [link for link in links if not (page.parent / link).exists()]
