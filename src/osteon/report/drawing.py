"""How figures look, and how a chart becomes SVG.

One grammar (Vega-Lite) and one renderer (vl-convert) for every figure. Charts are written in the
grammar itself: building them through Altair's classes took ten times as long as drawing them. Sizes are those of journal
columns: 85 mm and 175 mm. Colours are told apart by colour-blind readers and, having different
lightness, in grey print; dashes and marker shapes say the same again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from osteon.report.rendering import to_svg

Spec = dict[str, Any]
"""A Vega-Lite chart, or a part of one."""
Rows = list[dict[str, Any]]

NARROW_MM, WIDE_MM = 85, 175
PX_PER_MM = 96 / 25.4

INK, SOFT, FAINT, PAPER = "#1c2430", "#5d6673", "#d9dde3", "#ffffff"
RED = "#b3261e"
GROUP_COLOURS = ("#123f6d", "#d9772b", "#4f9d92", "#8c4f8f", "#8a8f98", "#c2a23a")
GROUP_DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 2), (1, 2))
STYLE_COLOURS = {"as_published": "#8a8f98", "recommended": "#123f6d", "sensitivity": "#d9772b"}
STYLE_SHAPES = {"as_published": "diamond", "recommended": "square", "sensitivity": "circle"}
STATUS_COLOURS = {
    "handled": "#1d7a4c",
    "bounded": "#b8730f",
    "open": "#b3261e",
    "not_applicable": "#8a8f98",
}
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
SIZE_PX = 9.4
"""7 points: what journals ask for in figures at their final size."""


@dataclass(frozen=True)
class Drawing:
    """A chart at its final width; drawn once, when first asked for."""

    spec: Spec
    width_mm: float | None = None

    @cached_property
    def svg(self) -> str:
        """The chart as SVG, sized in millimetres, its text as text."""
        return to_svg(self.spec, self.width_mm)


def mm(width: float) -> float:
    """Turn millimetres into the pixels of a chart."""
    return width * PX_PER_MM


def layer(
    mark: str, rows: Rows, encoding: Spec, transform: Sequence[Spec] = (), **style: Any
) -> Spec:
    """Draw rows with one mark.

    >>> layer("rule", [{"y": 50}], {"y": field("y")}, strokeWidth=0.5)["mark"]
    {'type': 'rule', 'strokeWidth': 0.5}
    """
    drawn: Spec = {
        "data": {"values": rows},
        "mark": {"type": mark, **style},
        "encoding": encoding,
    }
    return {**drawn, "transform": list(transform)} if transform else drawn


def field(name: str, kind: str = "quantitative", **more: Any) -> Spec:
    """Encode a field of the rows."""
    return {"field": name, "type": kind, **more}


def finished(chart: Spec, *, mark: str = "") -> Spec:
    """Give a chart the house look; ``mark`` is printed small under it."""
    under = {
        "text": mark,
        "orient": "bottom",
        "anchor": "end",
        "color": RED,
        "fontSize": 7.5,
        "fontWeight": "normal",
        "offset": 2,
    }
    marked = {"title": under} if mark else {}
    named: dict[str, Rows] = {}
    body = _by_name({**chart, **marked}, named)
    return {"$schema": _SCHEMA, **body, "config": _LOOK, "datasets": named}


def _by_name(part: Any, named: dict[str, Rows]) -> Any:
    """Hold rows that several layers draw once, under a name."""
    if isinstance(part, list):
        return [_by_name(each, named) for each in part]
    if not isinstance(part, dict):
        return part
    if "values" not in part.get("data", {}):
        return {key: _by_name(value, named) for key, value in part.items()}
    rows = part["data"]["values"]
    name = next((name for name, known in named.items() if known is rows), f"rows{len(named)}")
    named[name] = rows
    return {**part, "data": {"name": name}}


_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_LOOK = {
    "font": FONT,
    "background": PAPER,
    "padding": 2,
    "view": {"stroke": None},
    "concat": {"spacing": 6},
    "text": {"font": FONT, "fontSize": SIZE_PX, "color": INK},
    "title": {"font": FONT},
    "axis": {
        "labelFontSize": SIZE_PX,
        "titleFontSize": SIZE_PX,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "domainWidth": 0.6,
        "tickWidth": 0.6,
        "tickSize": 3,
        "labelPadding": 3,
        "labelFlush": False,
        "titlePadding": 5,
        "gridColor": "#eceff2",
        "gridWidth": 0.6,
    },
}


def inline(svg: str, prefix: str) -> str:
    """Make an SVG ready to stand in a page among others: own ids, size left to the page."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    return re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r"\1", svg, count=1)
