"""Shares, rates and ratios as dots with their intervals; ratios make the forest plot.

Every line stands for one estimate, named at the left and printed at the right; what belongs
together stands under one heading, as published first. An interval that leaves the scale ends in
an arrow, and its bounds stand in print beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from osteon.contracts.results import Estimate
from osteon.report import printing
from osteon.report.drawing import (
    FAINT,
    NARROW_MM,
    SIZE_PX,
    SOFT,
    STYLE_COLOURS,
    STYLE_SHAPES,
    Rows,
    Spec,
    field,
    finished,
    layer,
    mm,
)
from osteon.report.notes import MARK

AXES = {
    "share": "Patients, %",
    "ratio": "Ratio, logarithmic scale",
    "per_100_person_years": "Per 100 person-years",
}
"""Units that can be drawn so, with the title of their axis."""

_LINE_PX = 14.0
_HEAD_PX = 13.0
_TURN_PX = 10.5
_GAP_PX = 5.0
_CHAR_PX = 0.5 * SIZE_PX


def interval_chart(
    estimates: Sequence[Estimate], *, width_mm: float, mark: str = "", live: bool = False
) -> Spec:
    """Draw estimates of one unit, under headings that say what each estimates."""
    sheet = _Sheet(estimates, width_mm, live)
    layers = [
        layer("rect", [{}], sheet.whole(), opacity=0),
        layer("text", sheet.headings, sheet.text(-sheet.left), align="left", fontWeight="bold"),
        layer("text", sheet.names, sheet.text(-sheet.left + 8), align="left", color=SOFT),
        layer("text", sheet.lines, sheet.text(sheet.plot + 8, "printed"), align="left"),
        *_null_line(sheet),
        *_marks(sheet),
    ]
    return finished({"layer": layers, "width": sheet.plot, "height": sheet.height}, mark=mark)


def dots(estimates: Sequence[Estimate]) -> Spec:
    """Draw a few estimates as a word-sized figure; of its scale only the ends are named."""
    sheet = _Sheet(estimates, NARROW_MM, live=False)
    sheet.bare(width=150, height=46)
    low, high = sheet.domain
    ways = [{"lo": low, "hi": high, "y": line["y"]} for line in sheet.lines]
    way = {"x": sheet.across("lo"), "x2": {"field": "hi"}, "y": sheet.down()}
    end = {"x": sheet.across("x"), "y": {"value": 56}, "text": field("name", "nominal")}
    layers = [
        layer("rule", ways, way, color=FAINT, strokeWidth=0.8),
        *_null_line(sheet),
        *_marks(sheet),
        layer("text", _ends(sheet), end, color=SOFT, fontSize=12),
    ]
    return finished({"layer": layers, "width": 150, "height": 64})


def _ends(sheet: _Sheet) -> Rows:
    """The ends of a scale; of ratios, which have no end, the 1 of no difference."""
    low, high = sheet.domain
    if sheet.unit == "ratio":
        return [{"x": 1, "name": "1"}] if low <= 1 <= high else []
    unit = " %" if sheet.unit == "share" else ""
    return [{"x": low, "name": f"{low:g}"}, {"x": high, "name": f"{high:g}{unit}"}]


class _Sheet:
    """Lines of the figure and their places."""

    def __init__(self, estimates: Sequence[Estimate], width_mm: float, live: bool) -> None:
        self.unit, self.live = estimates[0].unit, live
        self.wide = width_mm > NARROW_MM
        self.left = 215.0 if self.wide else 84.0
        self.right = 12 + _CHAR_PX * max(len(_printed(e)) for e in estimates)
        self.plot = mm(width_mm) - self.left - self.right - 5
        self.columns = int((mm(width_mm) - 10) / (_CHAR_PX * 1.16))
        self.name_columns = int((self.left - 12) / (0.93 * _CHAR_PX))
        self.domain = _domain(estimates)
        self.headings: Rows = []
        self.names: Rows = []
        self.lines: Rows = []
        self.height = 4.0
        headed = [(self._heading(e), e) for e in estimates]
        for heading in dict.fromkeys(heading for heading, _ in headed):
            self._add(heading, _sorted([e for h, e in headed if h == heading]))
        self.axis: Any = {
            "title": AXES.get(self.unit, self.unit),
            "tickCount": 5,
            "grid": False,
            "orient": "bottom",
            "offset": 4,
        }
        if self.unit == "ratio":
            self.axis |= {"values": _ratio_ticks(self.domain), "labelExpr": "datum.value"}

    def bare(self, width: float, height: float) -> None:
        self.axis = None
        self.plot = width
        for i, line in enumerate(self.lines):
            line["y"] = height * (i + 0.5) / len(self.lines)
        self.height = height

    def _add(self, heading: str, estimates: list[Estimate]) -> None:
        if self.headings:
            self.height += _GAP_PX
        for text in wrap(heading, self.columns):
            self.height += _HEAD_PX
            self.headings.append({"y": self.height - _HEAD_PX / 2, "name": text})
        for e in estimates:
            self.height += _LINE_PX
            self.lines.append(self._line(e, self.height - _LINE_PX / 2))
            self._add_name(_name(e, estimates, self.wide))

    def _add_name(self, name: str) -> None:
        """Name the last line, in as many lines of print as it takes: nothing is cut off."""
        y = self.height - _LINE_PX / 2
        for turn, text in enumerate(wrap(name, self.name_columns)):
            self.height += _TURN_PX if turn else 0.0
            self.names.append({"y": y + turn * _TURN_PX, "name": text})

    def _heading(self, e: Estimate) -> str:
        """Say what the lines under it share; in a column's width that takes in the group."""
        estimand = printing.sentence(e.estimand)
        if e.contrast:
            return f"{estimand}: {e.group} v {e.contrast}"
        return f"{estimand}: {e.group}" if e.group and not self.wide else estimand

    def _line(self, e: Estimate, y: float) -> dict[str, Any]:
        low, high = self.domain
        scaled = 100 if e.unit == "share" else 1
        bounds = [None if b is None else b * scaled for b in (e.conf_low, e.estimate, e.conf_high)]
        lo, middle, hi = bounds
        start = None if lo is None and hi is None else max(low, low if lo is None else lo)
        end = None if start is None else min(high, high if hi is None else hi)
        return {
            "y": y,
            "style": e.style,
            "printed": _printed(e),
            "m": None if middle is None or not low <= middle <= high else middle,
            "lo": start,
            "hi": end,
            "less": low if start is not None and (lo is None or lo < low) else None,
            "more": high if end is not None and (hi is None or hi > high) else None,
            "told": f"{e.estimand}: {printing.value_and_interval(e)}",
        }

    def across(self, name: str) -> Spec:
        kind = "log" if self.unit == "ratio" else "linear"
        scale = {"type": kind, "domain": list(self.domain), "nice": False}
        return field(name, scale=scale, axis=self.axis)

    def whole(self) -> Spec:
        """Span the figure, so that its width does not hang on its texts."""
        return {
            "x": {"value": -self.left},
            "x2": {"value": self.plot + self.right},
            "y": {"value": 0},
            "y2": {"value": self.height},
        }

    def down(self) -> Spec:
        scale = {"domain": [0, self.height], "range": [0, self.height], "nice": False}
        return field("y", scale=scale, axis=None)

    def text(self, x: float, name: str = "name") -> Spec:
        return {"x": {"value": x}, "y": self.down(), "text": field(name, "nominal")}


def _marks(sheet: _Sheet) -> list[Spec]:
    styles = list(STYLE_COLOURS)
    colour = field(
        "style", "nominal", legend=None,
        scale={"domain": styles, "range": [STYLE_COLOURS[s] for s in styles]},
    )  # fmt: skip
    shape = field(
        "style", "nominal", legend=None,
        scale={"domain": styles, "range": [STYLE_SHAPES[s] for s in styles]},
    )  # fmt: skip
    y = sheet.down()
    known = [line for line in sheet.lines if line["m"] is not None]
    bars = [line for line in sheet.lines if line["lo"] is not None]
    bar = {"x": sheet.across("lo"), "x2": {"field": "hi"}, "y": y, "color": colour}
    point = {"x": sheet.across("m"), "y": y, "color": colour, "shape": shape}
    if sheet.live:
        point["tooltip"] = field("told", "nominal", title=" ")
    arrows = [
        layer(
            "point", [line for line in sheet.lines if line[end] is not None],
            {"x": sheet.across(end), "y": y, "color": colour},
            shape=shape_, filled=True, size=22, opacity=1,
        )
        for end, shape_ in (("less", "triangle-left"), ("more", "triangle-right"))
    ]  # fmt: skip
    return [
        layer("rule", bars, bar, strokeWidth=1.2),
        *arrows,
        layer("point", known, point, filled=True, size=38, opacity=1),
    ]


def _null_line(sheet: _Sheet) -> list[Spec]:
    if sheet.unit != "ratio" or not sheet.domain[0] <= 1 <= sheet.domain[1]:
        return []
    half = _LINE_PX / 2
    pieces = [{"x": 1, "y": line["y"] - half, "u": line["y"] + half} for line in sheet.lines]
    encoding = {"x": sheet.across("x"), "y": sheet.down(), "y2": {"field": "u"}}
    return [layer("rule", pieces, encoding, color=SOFT, strokeWidth=0.7)]


def _sorted(estimates: list[Estimate]) -> list[Estimate]:
    """Put the styles of a group under each other, as published first."""
    groups = list(dict.fromkeys(e.group for e in estimates))
    styles = list(STYLE_COLOURS)
    return sorted(estimates, key=lambda e: (groups.index(e.group), styles.index(e.style)))


def _name(e: Estimate, beside: Sequence[Estimate], wide: bool) -> str:
    """Name a line among those under its heading: whose it is, and what sets it apart."""
    style = printing.STYLES[e.style].lower()
    if not wide:
        return style
    if e.style == "sensitivity" and (apart := _set_apart(e, beside)):
        style = f"{style}: {apart}"
    if e.contrast or not any(other.group for other in beside):
        return style
    return f"{e.group or 'all'}, {style}"


def _set_apart(e: Estimate, beside: Sequence[Estimate]) -> str:
    """What the method of a sensitivity run has that the recommended one has not."""
    recommended = {
        part
        for other in beside
        if other.style == "recommended" and other.group == e.group
        for part in other.method.split(", ")
    }
    return ", ".join(part for part in e.method.split(", ") if part not in recommended)


def _printed(e: Estimate) -> str:
    """Print the numbers without the unit, which stands at the axis."""
    if e.estimate is None and e.conf_low is not None and e.conf_high is None:
        return f"at least {printing.number(e.conf_low, e.unit)}"
    unit = "%" if e.unit == "share" else printing.UNITS.get(e.unit, "")
    printed = f"{printing.value_and_interval(e)}{f' {MARK}' if e.cautions else ''}"
    return printed.replace(f"{printing.NBSP}{unit}", "") if unit else printed


def _domain(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Show every estimate and as much of the intervals as leaves them readable."""
    unit = estimates[0].unit
    bounds = [b for e in estimates for b in (e.estimate, e.conf_low, e.conf_high) if b is not None]
    if unit == "ratio":
        return _ratio_domain([e.estimate for e in estimates if e.estimate], bounds)
    if unit == "share":
        highest = 100 * max(bounds, default=1.0)
        return 0.0, next((t for t in (5.0, 10, 20, 30, 40, 50, 60, 80) if highest <= t), 100.0)
    middle = max((e.estimate for e in estimates if e.estimate), default=1.0)
    highest = min(max(bounds, default=1.0), 4 * middle)
    return 0.0, _round_up(highest)


def _ratio_domain(middles: list[float], bounds: list[float]) -> tuple[float, float]:
    positive = [b for b in bounds if b > 0] or [1.0]
    lowest = max(min(positive), min([*middles, 1.0]) / 12)
    highest = min(max(positive), max([*middles, 1.0]) * 12)
    return min(lowest * 0.9, 0.8), max(highest * 1.1, 1.25)


def _ratio_ticks(domain: tuple[float, float]) -> list[float]:
    decades = math.log10(domain[1] / domain[0])
    steps = (1, 2, 5) if decades < 2.5 else (1,)
    candidates = [round(s * 10.0**k, 6) for k in range(-4, 5) for s in steps]
    return [t for t in candidates if domain[0] <= t <= domain[1]]


def _round_up(value: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(m * magnitude for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * magnitude >= value)
