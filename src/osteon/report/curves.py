"""Survival, cumulative incidence and Turnbull curves with the numbers at risk under them.

The panels of a figure stand beside each other on a page and under each other in a column:
as published and recommended are never drawn apart. Curves are drawn on the common grid of times
that the results hold; exact steps are patient-level and drawn elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osteon.contracts.results import Curve, Estimate
from osteon.report import printing
from osteon.report.curve_frame import AXIS_PX, Frame, Panel, last_day
from osteon.report.curve_rows import band_rows, box_rows, line_rows, tell_rows
from osteon.report.drawing import (
    INK,
    NARROW_MM,
    SIZE_PX,
    SOFT,
    Rows,
    Spec,
    field,
    finished,
    layer,
    mm,
)

_LINE_PX = 12
_GROUP_PX = 2.25 * _LINE_PX
_CELL_PX = 44.0
_COUNTED = {
    "survival": "At risk (events so far)",
    "cumulative_incidence": "At risk (events so far)",
    "turnbull": "Followed, not yet found (found so far)",
}


def curve_chart(
    panels: Sequence[Panel],
    *,
    width_mm: float,
    month_days: float,
    axis_title: str = "",
    mark: str = "",
    live: bool = False,
) -> Spec:
    """Draw panels of curves; ``live`` lets the pointer ask for the values.

    Parameters
    ----------
    panels
        Title and curves of each panel; all share their scales.
    width_mm
        Final width; a column's width puts the panels under each other.
    month_days
        Length of the months on the axis.
    axis_title
        What the vertical axis shows; by default what the kind of curve says.
    mark
        A word printed under the figure, such as that the data are synthetic.
    """
    beside = width_mm > NARROW_MM and len(panels) > 1
    frame = Frame(panels, _plot_px(width_mm, len(panels) if beside else 1), month_days, axis_title)
    late = any(c.start_days > 0 for _, curves in panels for c in curves)
    drawn = [
        {"vconcat": _panel(title, curves, frame, live, late and beside), "spacing": 4}
        for title, curves in panels
    ]
    if beside:
        return finished({"hconcat": drawn, "spacing": 12}, mark=mark)
    return finished({"vconcat": drawn, "spacing": 16}, mark=mark)


def sparkline(curves: Sequence[Curve], month_days: float) -> Spec:
    """Draw curves as a word-sized figure; of its axes only the ends of time are named."""
    frame = Frame([("", tuple(curves))], 150, month_days, "")
    frame.bare()
    start, end = {"x": 0, "name": "0"}, {"x": frame.last, "name": f"{frame.last:.0f} months"}
    place = {"x": frame.across("x"), "y": {"value": 58}, "text": field("name", "nominal")}
    layers = [
        *_shades(curves, frame),
        _lines(curves, frame),
        layer("text", [start], place, color=SOFT, fontSize=12, align="left"),
        layer("text", [end], place, color=SOFT, fontSize=12, align="right"),
    ]
    return finished({"layer": layers, "width": 150, "height": 46})


def _plot_px(width_mm: float, across: int) -> float:
    around = AXIS_PX + 15
    return (mm(width_mm) - 6 - across * around - (across - 1) * 10) / across


def _panel(
    title: str, curves: Sequence[Curve], frame: Frame, live: bool, subtitled: bool
) -> list[Spec]:
    """Draw a panel; ``subtitled`` keeps its title on the height of a neighbour with two lines."""
    layers = [*_shades(curves, frame), _lines(curves, frame), *_medians(curves, frame)]
    if live:
        layers += _pointer(curves, frame, title)
    top: Spec = {
        "layer": layers,
        "width": frame.plot_px,
        "height": min(mm(58), frame.plot_px * 0.72),
    }
    if title:
        subtitle = _starts(curves, frame) or (printing.NBSP if subtitled else "")
        top["title"] = {
            "text": title, "subtitle": subtitle, "subtitleFontSize": SIZE_PX - 0.6,
            "subtitleColor": SOFT, "anchor": "start", "fontSize": SIZE_PX + 0.6, "color": INK,
            "offset": 7,
        }  # fmt: skip
    return [top, _risk_table(curves, frame)]


def _starts(curves: Sequence[Curve], frame: Frame) -> str:
    """Say from when a delayed-entry curve runs: it is conditional on reaching that time."""
    starts = {printing.months(c.start_days, frame.month_days) for c in curves if c.start_days > 0}
    return f"conditional on reaching {' and '.join(sorted(starts))} months" if starts else ""


def _lines(curves: Sequence[Curve], frame: Frame) -> Spec:
    rows = [row for c in curves for row in line_rows(c, frame)]
    encoding = {
        "x": frame.across("t"), "y": frame.up("s"), "color": frame.coloured(),
        "strokeDash": frame.dashed(), "detail": field("piece", "nominal"),
    }  # fmt: skip
    return layer("line", rows, encoding, interpolate="step-after", strokeWidth=1.3)


def _shades(curves: Sequence[Curve], frame: Frame) -> list[Spec]:
    """Shade intervals under curves, and for Turnbull the rectangles where it is undetermined."""
    bands = [row for c in curves if c.kind != "turnbull" for row in band_rows(c, frame)]
    boxes = [row for c in curves if c.kind == "turnbull" for row in box_rows(c, frame)]
    span = {"y": frame.up("lo"), "y2": {"field": "hi"}, "color": frame.coloured()}
    band = {**span, "x": frame.across("t"), "detail": field("piece", "nominal")}
    box = {**span, "x": frame.across("t"), "x2": {"field": "u"}}
    shades = []
    if bands:
        shades.append(layer("area", bands, band, interpolate="step-after", opacity=0.16))
    if boxes:
        shades.append(layer("rect", boxes, box, opacity=0.3))
    return shades


def _medians(curves: Sequence[Curve], frame: Frame) -> list[Spec]:
    """Mark each median on the 50 % line, with its interval; where two meet, one above the other."""
    marked = [c for c in curves if _median_bounds(c) and c.kind != "cumulative_incidence"]
    rows = [_median_row(c, 2.2 * (i - (len(marked) - 1) / 2), frame) for i, c in enumerate(marked)]
    if not rows:
        return []
    y, colour = frame.up("y"), frame.coloured()
    bar = {"x": frame.across("lo"), "x2": {"field": "hi"}, "y": y, "color": colour}
    point = {"x": frame.across("m"), "y": y, "color": colour}
    points = [row for row in rows if row["m"] is not None]
    return [
        layer("rule", [{"y": 50}], {"y": y}, strokeDash=[2, 2], strokeWidth=0.5, color=SOFT),
        layer("rule", rows, bar, strokeWidth=1.1),
        layer("point", points, point, filled=True, size=22, opacity=1),
    ]


def _median_row(curve: Curve, offset: float, frame: Frame) -> dict[str, Any]:
    low, high = _median_bounds(curve) or (0.0, 0.0)
    return {
        "g": curve.group,
        "m": None if curve.median_days is None else frame.months(curve.median_days),
        "lo": max(frame.months(low), 0.0),
        "hi": min(frame.months(high), frame.last),
        "y": 50 + offset,
    }


def _pointer(curves: Sequence[Curve], frame: Frame, title: str) -> list[Spec]:
    """Let the nearest point tell its values.

    Vega-Lite 6 asks the drawn mark, not its row, for the fields of a tooltip when the nearest
    mark is wanted; a field called ``tooltip`` is the one that both have.
    """
    rows = [row for c in curves for row in tell_rows(c, frame)]
    name = "near_" + "".join(ch for ch in title.lower() if ch.isalpha())
    nearest = {
        "name": name,
        "select": {
            "type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout",
            "fields": ["t", "g"],
        },
    }  # fmt: skip
    place = {"x": frame.across("t"), "y": frame.up("s"), "color": frame.coloured()}
    catcher = layer(
        "point", rows, {**place, "tooltip": field("tooltip", "nominal")}, opacity=0, size=30
    )
    shown = {"condition": {"param": name, "empty": False, "value": 1}, "value": 0}
    dot = layer("point", rows, {**place, "opacity": shown}, filled=True, size=40)
    return [{**catcher, "params": [nearest]}, dot]


def _risk_table(curves: Sequence[Curve], frame: Frame) -> Spec:
    """Numbers at risk and events on the ticks of the axis; a group's name is also its legend."""
    names: Rows = []
    cells: Rows = []
    for i, curve in enumerate(curves):
        y = i * _GROUP_PX + 1.6 * _LINE_PX
        names.append({"g": curve.group, "y": y, "name": _name_line(curve, frame)})
        at = {frame.months(t): _at_risk(curve, j) for j, t in enumerate(curve.risk_days)}
        shown = [*_start_if_free(curve, frame), *frame.ticks]
        cells += [{"t": t, "y": y + _LINE_PX, "n": at[t]} for t in shown if at.get(t)]
    height = len(curves) * _GROUP_PX + _LINE_PX
    y_ = field("y", scale={"domain": [0, height], "range": [0, height], "nice": False}, axis=None)
    key = {"x": {"value": 6 - AXIS_PX}, "x2": {"value": -12}, "y": y_}
    name = {"x": {"value": -8}, "y": y_, "text": field("name", "nominal")}
    cell = {
        "x": field("t", scale=frame.x_scale, axis=None), "y": y_, "text": field("n", "nominal"),
    }  # fmt: skip
    told = [{"y": 0.4 * _LINE_PX, "name": _COUNTED[curves[0].kind]}]
    return {
        "layer": [
            layer("text", told, name, align="left", baseline="middle", color=SOFT),
            layer("rule", names, {**key, "color": frame.coloured(), "strokeDash": frame.dashed()}, strokeWidth=1.6),
            layer("text", names, name, align="left", baseline="middle", fontWeight="bold"),
            layer("text", cells, cell, align="center", baseline="middle"),
        ],
        "width": frame.plot_px,
        "height": height,
    }  # fmt: skip


def _start_if_free(curve: Curve, frame: Frame) -> list[float]:
    """The late start of a curve, where no other number stands in the way of its own."""
    start = frame.months(curve.start_days)
    beside = [abs(t - start) for t in frame.ticks if t >= start]
    far = min(beside, default=frame.last) * frame.plot_px / frame.last
    return [start] if curve.start_days > 0 and far >= _CELL_PX else []


def _name_line(curve: Curve, frame: Frame) -> str:
    name = curve.group or curve.population or "all"
    median = median_of(curve, frame.month_days)
    return f"{name}: median {median}" if median else name


def median_of(curve: Curve, month_days: float) -> str:
    """Print a curve's median in months with its interval, or nothing where it has none."""
    bounds = (curve.median_days, curve.median_low_days, curve.median_high_days)
    if all(b is None for b in bounds):
        return ""
    middle, low, high = (None if b is None else b / month_days for b in bounds)
    as_estimate = Estimate("", "", curve.style, "", unit="months", estimate=middle, conf_low=low, conf_high=high)  # fmt: skip
    return printing.value_and_interval(as_estimate).replace(f"{printing.NBSP}months", "")


def _at_risk(curve: Curve, j: int) -> str | None:
    at_risk, events = curve.at_risk[j], curve.events[j]
    if at_risk is None and events is None:
        return None
    return f"{printing.count(at_risk)} ({printing.count(events)})"


def _median_bounds(curve: Curve) -> tuple[float, float] | None:
    low, middle, high = curve.median_low_days, curve.median_days, curve.median_high_days
    known = [b for b in (low, middle, high) if b is not None]
    if middle is None and len(known) < 2:
        return None
    return known[0], last_day(curve) if high is None and low is not None else known[-1]
