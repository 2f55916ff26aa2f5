"""The swimmer plot: one lane a patient. It shows single patients and never leaves the centre."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.contracts.results import SwimmerLane
from osteon.report.drawing import (
    GROUP_COLOURS,
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

_SHAPES = ("cross", "triangle-up", "circle", "diamond", "square", "triangle-down")
_LANE_PX = 7.0
_EDGE = 0.03
"""Share of the axis left of 0, where whatever was earlier is marked."""
_BEFORE = "; marks at the left edge are earlier, however long"


def swimmer_chart(
    lanes: Sequence[SwimmerLane], *, width_mm: float, month_days: float, mark: str = ""
) -> Spec:
    """Draw the lanes in their order, bars for states and marks for what happened."""
    ordered = sorted(lanes, key=lambda lane: lane.order)
    bars: Rows = [
        {
            "y": i - 0.28,
            "v": i + 0.28,
            "state": name,
            "t": start / month_days,
            "u": end / month_days,
        }
        for i, lane in enumerate(ordered)
        for name, start, end in lane.bars
    ]
    last = max((row["u"] for row in bars), default=1.0)
    earlier = -_EDGE * last
    marks: Rows = [
        {"y": i, "mark": name, "t": max(day / month_days, earlier)}
        for i, lane in enumerate(ordered)
        for name, day in lane.marks
    ]
    going: Rows = [
        {"y": i, "t": max(end for _, _, end in lane.bars) / month_days}
        for i, lane in enumerate(ordered)
        if lane.ongoing and lane.bars
    ]
    states = list(dict.fromkeys(row["state"] for row in bars))
    names = list(dict.fromkeys(row["mark"] for row in marks))
    height = _LANE_PX * max(len(ordered), 1)
    before = any(row["t"] == earlier for row in marks)
    title = f"Months since detection of bone metastasis{_BEFORE * before}"
    scale = {"domain": [earlier - 0.01 * last, 1.04 * last], "nice": False}
    axis = {"title": title, "grid": False, "labelExpr": "datum.value < 0 ? '' : datum.value"}
    x = field("t", axis=axis, scale=scale)
    y = field("y", axis=None, scale={"domain": [-0.7, len(ordered) - 0.3], "range": [0, height]})
    colour = field(
        "state", "nominal", title=None,
        scale={"domain": states, "range": _paler(len(states))},
        legend=_legend(width_mm),
    )  # fmt: skip
    shape = field(
        "mark", "nominal", title=None,
        scale={"domain": names, "range": [_SHAPES[i % len(_SHAPES)] for i in range(len(names))]},
        legend=_legend(width_mm),
    )  # fmt: skip
    layers = [
        layer("rect", bars, {"x": x, "x2": {"field": "u"}, "y": y, "y2": {"field": "v"}, "color": colour}),
        layer("point", going, {"x": x, "y": y}, shape="triangle-right", filled=True, size=16, color=SOFT, opacity=1, xOffset=4),
        layer("point", marks, {"x": x, "y": y, "shape": shape}, filled=True, size=20, color=INK, opacity=1),
    ]  # fmt: skip
    return finished({"layer": layers, "width": mm(width_mm) - 16, "height": height}, mark=mark)


def _legend(width_mm: float) -> Spec:
    columns = 1 if width_mm <= NARROW_MM else 3
    return {"orient": "bottom", "columns": columns, "labelFontSize": SIZE_PX, "symbolSize": 40}


def _paler(n: int) -> list[str]:
    tones = ("#8fb0d3", "#e9a874", *GROUP_COLOURS[2:])
    return [tones[i % len(tones)] for i in range(n)]
