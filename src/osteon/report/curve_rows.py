"""Curves as the rows that a chart draws: lines, bands, rectangles, and what the pointer is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from osteon.contracts.results import Curve, Estimate
from osteon.report import printing
from osteon.report.curve_frame import Frame
from osteon.report.drawing import Rows


def line_rows(curve: Curve, frame: Frame) -> Rows:
    """Draw a step curve; a Turnbull curve only where it is determined, between the intervals."""
    if curve.kind == "turnbull":
        return _turnbull_rows(curve, frame)
    first = 100 * _beginning(curve)
    steps = [(frame.months(t), 100 * s) for t, s in _steps(curve)]
    points = [(frame.months(curve.start_days), first), *steps]
    return [_point(curve, t, s) for t, s in _corners(points)]


def _turnbull_rows(curve: Curve, frame: Frame) -> Rows:
    edges = [(0.0, frame.months(curve.start_days), _beginning(curve)), *_intervals(curve, frame)]
    edges.append((max(frame.last, edges[-1][1]), 0.0, 0.0))
    return [
        _point(curve, t, 100 * level, piece)
        for piece, ((_, since, level), (left, _, _)) in enumerate(pairwise(edges))
        for t in (since, left)
    ]


def box_rows(curve: Curve, frame: Frame) -> Rows:
    """Shade where a Turnbull curve is undetermined: from level to level, between two scans."""
    steps = [(0.0, 0.0, _beginning(curve)), *_intervals(curve, frame)]
    return [
        {"t": t, "u": u, "hi": round(100 * before, 3), "lo": round(100 * s, 3), "g": curve.group}
        for (_, _, before), (t, u, s) in pairwise(steps)
    ]


def _beginning(curve: Curve) -> float:
    return 0.0 if curve.rises else 1.0


def _intervals(curve: Curve, frame: Frame) -> list[tuple[float, float, float]]:
    until = curve.until_days or curve.time_days
    return [
        (frame.months(t), frame.months(u), s)
        for t, u, s in zip(curve.time_days, until, curve.estimate, strict=True)
    ]


def _point(curve: Curve, t: float, s: float, piece: int = 0) -> dict[str, Any]:
    return {"t": t, "s": round(s, 3), "g": curve.group, "piece": piece}


def _steps(curve: Curve) -> list[tuple[float, float]]:
    pairs = zip(curve.time_days, curve.estimate, strict=True)
    return [(t, s) for t, s in pairs if t >= curve.start_days]


def _corners(points: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Drop points of a step function at which nothing changes, but for the last."""
    kept = [b for a, b in pairwise(points) if b[1:] != a[1:]]
    return [*points[:1], *kept, *points[-1:]]


def band_rows(curve: Curve, frame: Frame) -> Rows:
    """Shade the interval; where it is not known the band breaks."""
    rows: Rows = []
    run: list[tuple[float, ...]] = []
    steps = zip(curve.time_days, curve.conf_low, curve.conf_high, strict=True)
    for t, lo, hi in [*steps, (0.0, None, None)]:
        if lo is not None and hi is not None and t >= curve.start_days:
            low, high = round(100 * lo, 3), round(min(100 * hi, frame.top), 3)
            run.append((frame.months(t), low, high))
        elif run:
            band = {"g": curve.group, "piece": run[0][0]}
            rows += [{"t": t, "lo": lo, "hi": hi, **band} for t, lo, hi in _corners(run)]
            run = []
    return rows


def tell_rows(curve: Curve, frame: Frame) -> Rows:
    """Print what the pointer may ask for at each point."""
    return [
        {"t": frame.months(t), "s": round(100 * s, 3), "g": curve.group, "tooltip": told}
        for t, s, told in _told(curve, frame)
    ]


def _told(curve: Curve, frame: Frame) -> Iterator[tuple[float, float, str]]:
    """Say what the pointer asks for: ``bone metastases, 60 months: 72.2 % (61.1–80.7)``."""
    bounds = zip(curve.conf_low, curve.conf_high, strict=True)
    points = zip(curve.time_days, curve.estimate, bounds, strict=True)
    for t, s, (low, high) in points:
        here = Estimate("", "", curve.style, "", estimate=s, conf_low=low, conf_high=high)
        whose = curve.group or curve.population
        time = printing.at_time(t, frame.month_days)
        yield t, s, f"{whose}, {time}: {printing.value_and_interval(here)}"
