"""What the panels of a figure of curves share: scales, ticks, colours and dashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osteon.contracts.results import Curve
from osteon.report.drawing import GROUP_COLOURS, GROUP_DASHES, Spec, field

Panel = tuple[str, tuple[Curve, ...]]
"""A panel's title and its curves."""

AXIS_PX = 40
"""Room for the vertical axis, the same in every panel."""
_AXIS_TITLES = {
    "survival": "Event-free, %",
    "cumulative_incidence": "Cumulative incidence, %",
    "turnbull": "Found so far, %",
}


class Frame:
    """What the panels share: scales, ticks, colours."""

    def __init__(
        self, panels: Sequence[Panel], plot_px: float, month_days: float, axis_title: str
    ) -> None:
        curves = [c for _, of in panels for c in of]
        self.plot_px, self.month_days = plot_px, month_days
        self.last = self.months(max(last_day(c) for c in curves)) or 1.0
        self.ticks = _ticks(curves, self)
        rising = all(c.kind == "cumulative_incidence" for c in curves)
        self.top = _nice_top(curves) if rising else 100.0
        self.groups = list(dict.fromkeys(c.group for c in curves))
        self.x_scale = {"domain": [0, self.last], "nice": False}
        self.x_axis: Any = {"values": self.ticks, "title": "Months", "grid": False}
        self.x_axis |= {"labelExpr": "format(datum.value, '.1~f')", "labelOverlap": False}
        self.y_axis: Any = {
            "title": axis_title or _AXIS_TITLES[curves[0].kind],
            "tickCount": 5, "minExtent": AXIS_PX, "maxExtent": AXIS_PX,
        }  # fmt: skip

    def bare(self) -> None:
        """Drop the axes."""
        self.x_axis = self.y_axis = None

    def months(self, days: float) -> float:
        """Turn days into the months of the axis."""
        return round(days / self.month_days, 3)

    def across(self, name: str) -> Spec:
        """Encode a field as time."""
        return field(name, scale=self.x_scale, axis=self.x_axis)

    def up(self, name: str) -> Spec:
        """Encode a field as per cent."""
        return field(name, scale={"domain": [0, self.top], "nice": False}, axis=self.y_axis)

    def coloured(self) -> Spec:
        """Encode the group as colour."""
        scale = {"domain": self.groups, "range": _repeat(GROUP_COLOURS, len(self.groups))}
        return field("g", "nominal", scale=scale, legend=None)

    def dashed(self) -> Spec:
        """Encode the group as dash, so that grey print tells groups apart."""
        dashes = [list(dash) for dash in _repeat(GROUP_DASHES, len(self.groups))]
        scale = {"domain": self.groups, "range": dashes}
        return field("g", "nominal", scale=scale, legend=None)


def last_day(curve: Curve) -> float:
    """Day at which a curve ends: its last step, or the last time that anyone is still at risk."""
    followed = (t for t, n in zip(curve.risk_days, curve.at_risk, strict=True) if n)
    return max((*curve.time_days, *curve.until_days, *followed), default=0.0)


def _ticks(curves: Sequence[Curve], frame: Frame) -> list[float]:
    """Tick where the numbers at risk stand, thinned evenly until they have room.

    A late start is no tick: it would throw the others out of step.
    """
    late = {frame.months(c.start_days) for c in curves if c.start_days > 0}
    times = {frame.months(t) for c in curves for t in c.risk_days} - late
    ordered = sorted(t for t in times | {0.0} if t <= frame.last * 1.001)
    room = max(1, frame.plot_px / 44)
    every = next(n for n in range(1, 1000) if len(ordered) / n <= room)
    return ordered[::every]


def _nice_top(curves: Sequence[Curve]) -> float:
    highs = [h for c in curves for h in (*c.estimate, *c.conf_high) if h is not None]
    return next(
        (t for t in (5.0, 10, 20, 30, 40, 50, 60, 80) if 100 * max(highs, default=1.0) <= t), 100.0
    )


def _repeat(values: Sequence[Any], n: int) -> list[Any]:
    return [values[i % len(values)] for i in range(n)]
