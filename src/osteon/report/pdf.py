"""The report as PDF: typeset by Typst, archival (PDF/A-2a) and accessible (PDF/UA-1).

The template reads the story as JSON: texts are data there, never markup. The typeface comes with
Typst, so pages break at the same places on every machine.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from osteon.report import printing
from osteon.report.audit_tables import ledger_words
from osteon.report.story import (
    Block,
    Cards,
    Numbered,
    NumberedFigure,
    NumberedTable,
    Prose,
    Section,
    Story,
    Threats,
)
from osteon.report.tables import Table


def write_pdf(story: Story, folder: Path) -> Path:
    """Typeset the story into ``folder``, whose ``figures/`` hold its drawings."""
    work = folder / ".pdf"
    work.mkdir()
    (work / "story.json").write_text(json.dumps(_story(story)), "utf-8")
    source = work / "report.typ"
    template = resources.files("osteon.report") / "templates" / "report.typ"
    source.write_bytes(template.read_bytes())
    target = folder / "report.pdf"
    typst.compile(
        str(source),
        output=str(target),
        root=str(folder),
        pdf_standards=["a-2a", "ua-1"],
        timestamp=_made(story),
    )
    for file in work.iterdir():
        file.unlink()
    work.rmdir()
    return target


def _made(story: Story) -> datetime | None:
    """Date the file as the study is dated, so that the same results give the same file."""
    try:
        made = datetime.fromisoformat(story.results.provenance.clock)
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _story(story: Story) -> dict[str, Any]:
    p = story.results.provenance
    return {
        "title": story.title,
        "population": printing.full_sentence(story.results.population),
        "mark": story.mark,
        "facts": story.facts,
        "warnings": story.warnings,
        "footer": f"osteon {p.osteon_version} · {p.protocol_name} {p.protocol_hash[:12]}",
        "sections": [_section(s) for s in story.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "new_page": section.new_page,
        "blocks": [_block(block) for block in section.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Prose():
            return {"kind": "prose", "text": block.text, "lead": block.lead}
        case Cards():
            return _table(block.table, block.number)
        case NumberedTable():
            return _table(block.table, block.number)
        case NumberedFigure(number, figure):
            return {
                "kind": "figure",
                "number": number,
                "file": f"{figure.name}_175mm.svg",
                "caption": figure.caption,
                "alt": figure.text,
            }
        case Threats():
            return {"kind": "threats", "entries": [_threat(e) for e in block.entries]}
        case Numbered():
            return {"kind": "numbered", "items": block.items}


def _table(table: Table, number: int) -> dict[str, Any]:
    return {
        "kind": "table",
        "number": number,
        "title": table.title,
        "columns": [asdict(column) for column in table.columns],
        "rows": [asdict(row) for row in table.rows],
        "notes": table.notes,
    }


def _threat(entry: Any) -> dict[str, str]:
    mark = f"{entry.number} {printing.STATUSES[entry.status]}"
    return {
        "mark": mark,
        "status": entry.status,
        "threat": entry.threat,
        "how": ledger_words(entry),
    }
