"""The flow diagram: who was considered, who stayed, who left at which criterion."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from osteon.contracts.results import AttritionStep
from osteon.report import printing
from osteon.report.drawing import INK, SIZE_PX, SOFT, Rows, Spec, field, finished, layer, mm

_LINE_PX = 12.0
_PAD_PX = 7.0
_GAP_PX = 16.0
_CHAR_PX = 0.53 * SIZE_PX


def flow_chart(
    steps: Sequence[AttritionStep], *, width_mm: float, masked: bool = False, mark: str = ""
) -> Spec:
    """Draw the main way downwards, who leaves to the right, and the side branches at the end."""
    sheet = _Sheet(mm(width_mm) - 6, masked)
    main = [s for s in steps if not s.branch]
    branches = [s for s in steps if s.branch]
    for i, step in enumerate(main):
        sheet.step(step, first=i == 0)
    if branches:
        sheet.fork(branches)
    return finished(sheet.chart(), mark=mark)


class _Sheet:
    """A page of boxes in pixels, filled from the top."""

    def __init__(self, width: float, masked: bool) -> None:
        self.width, self.masked = width, masked
        self.main_width = 0.54 * width
        self.side_left = 0.62 * width
        self.y = 1.0
        self.boxes: Rows = []
        self.texts: Rows = []
        self.lines: Rows = []
        self.heads: Rows = []

    def step(self, step: AttritionStep, first: bool) -> None:
        middle = self.main_width / 2
        if not first:
            top = self.y
            self.y += _GAP_PX / 2
            if step.removed != 0:
                self._leaving(step, middle)
            self.y += _GAP_PX / 2
            self._arrow_down(middle, top, self.y)
        self.y = self._box(0, self.main_width, self.y, self._kept(step), bold=True)

    def fork(self, branches: Sequence[AttritionStep]) -> None:
        """Hang the side branches under the last box, like twigs."""
        stem, twig, top = 10.0, 24.0, self.y
        for step in branches:
            self.y += 7
            told = [f"{printing.sentence(step.branch)}: {step.criterion}", self._both(step)]
            bottom = self._box(twig, self.width - 1, self.y, told, bold=False)
            half = (self.y + bottom) / 2
            self.lines.append({"x": stem, "u": twig, "y": half, "v": half})
            self._head(twig - 2, half, "triangle-right")
            self.y = bottom
        self.lines.append({"x": stem, "u": stem, "y": top, "v": half})

    def _both(self, step: AttritionStep) -> str:
        kept = printing.count(step.kept, self.masked)
        removed = printing.count(step.removed, self.masked)
        n = f"n{printing.NBSP}={printing.NBSP}"
        return f"{n}{kept}, left out {n}{removed}"

    def chart(self) -> Spec:
        x = field("x", scale={"domain": [0, self.width], "nice": False}, axis=None)
        down = {"domain": [0, self.y + 2], "range": [0, self.y + 2], "nice": False}
        y = field("y", scale=down, axis=None)
        edges = {"x": x, "x2": {"field": "u"}, "y": y, "y2": {"field": "v"}}
        text = {"x": x, "y": y, "text": field("text", "nominal")}
        bold = [t for t in self.texts if t["bold"]]
        plain = [t for t in self.texts if not t["bold"]]
        layers = [
            layer("rule", self.lines, edges, color=INK, strokeWidth=0.7),
            layer("point", self.heads, {"x": x, "y": y, "shape": field("shape", "nominal", scale=None)}, filled=True, size=26, color=INK, opacity=1),
            layer("rect", self.boxes, edges, fill="#ffffff", stroke=SOFT, strokeWidth=0.7),
            layer("text", plain, text, align="left", baseline="middle"),
            layer("text", bold, text, align="left", baseline="middle", fontWeight="bold"),
        ]  # fmt: skip
        return {"layer": layers, "width": self.width, "height": self.y + 2}

    def _kept(self, step: AttritionStep) -> list[str]:
        kept = printing.count(step.kept, self.masked)
        return [printing.sentence(step.criterion), f"n{printing.NBSP}={printing.NBSP}{kept}"]

    def _leaving(self, step: AttritionStep, middle: float) -> None:
        removed = printing.count(step.removed, self.masked)
        told = [f"Left out: n{printing.NBSP}={printing.NBSP}{removed}"]
        bottom = self._box(self.side_left, self.width - 1, self.y, told, bold=False)
        half = (self.y + bottom) / 2
        self.lines.append({"x": middle, "u": self.side_left, "y": half, "v": half})
        self._head(self.side_left - 2, half, "triangle-right")
        self.y = bottom

    def _arrow_down(self, x: float, top: float, bottom: float) -> None:
        self.lines.append({"x": x, "u": x, "y": top, "v": bottom})
        self._head(x, bottom - 2, "triangle-down")

    def _head(self, x: float, y: float, shape: str) -> None:
        self.heads.append({"x": x, "y": y, "shape": shape})

    def _box(self, left: float, right: float, top: float, told: list[str], bold: bool) -> float:
        columns = int((right - left - 2 * _PAD_PX) / _CHAR_PX)
        lines = [(line, i) for i, text in enumerate(told) for line in wrap(text, columns)]
        bottom = top + 2 * _PAD_PX + _LINE_PX * len(lines) - 3
        self.boxes.append({"x": left, "u": right, "y": top, "v": bottom})
        for k, (line, i) in enumerate(lines):
            y = top + _PAD_PX + _LINE_PX * (k + 0.4)
            row: dict[str, Any] = {"x": left + _PAD_PX, "y": y, "text": line}
            self.texts.append({**row, "bold": bold and i == len(told) - 1})
        return bottom
