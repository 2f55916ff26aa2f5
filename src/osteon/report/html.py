"""The report as one self-contained HTML page.

Every text, table and figure is in the page and reads without JavaScript. The script only lets
figures answer to the pointer. A content-security policy in the page forbids every request.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from osteon.report import printing
from osteon.report.answers import Answer
from osteon.report.audit_tables import ledger_words
from osteon.report.drawing import inline
from osteon.report.rendering import chart_library
from osteon.report.story import NumberedFigure, Story

_SYMBOLS = {"handled": "✓", "bounded": "≈", "open": "!", "not_applicable": "–"}
_SHORT = {**printing.STATUSES, "not_applicable": "n.a."}


def to_html(story: Story, library: str = "") -> str:
    """Render the story as one page; ``library`` is the chart library, if it is packed already."""
    live = [
        block
        for section in story.sections
        for block in section.blocks
        if isinstance(block, NumberedFigure) and block.figure.live
    ]
    own = _template("report.js")
    scripts = (
        [(library or chart_library()).replace("</script", "<\\/script"), own] if live else [own]
    )
    page = _environment().from_string(_template("report.html.j2"))
    return page.render(
        story=story,
        results=story.results,
        style=Markup(_template("report.css")),
        scripts=[Markup(script) for script in scripts],
        script_hashes=Markup(" ".join(_hash(script) for script in scripts)),
        symbols=_SYMBOLS,
        short=_SHORT,
        statuses=printing.STATUSES,
        population=printing.full_sentence(story.results.population),
        how=ledger_words,
        still=_still,
        narrow=_narrow,
        together=_together,
        spark=_spark,
        spec=_spec,
        live=live,
    )


def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined)


def _template(name: str) -> str:
    return (resources.files("osteon.report") / "templates" / name).read_text("utf-8")


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _together(text: str) -> Markup:
    """Keep an interval on one line."""
    return Markup(
        re.sub(r"\(?[\d.]+–[\d.]+\)?", r'<span class="nb">\g<0></span>', str(escape(text)))
    )


def _still(block: NumberedFigure) -> Markup:
    return Markup(inline(block.figure.wide.svg, f"f{block.number}"))


def _narrow(block: NumberedFigure) -> Markup:
    """The same figure at a column's width, for screens that are no wider."""
    return Markup(inline(block.figure.narrow.svg, f"n{block.number}"))


def _spark(answer: Answer) -> Markup:
    assert answer.spark is not None
    return Markup(inline(answer.spark.svg, f"s-{answer.question}"))


def _spec(block: NumberedFigure) -> Markup:
    """Make JSON that cannot end its script element."""
    text = json.dumps(block.figure.live, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))
