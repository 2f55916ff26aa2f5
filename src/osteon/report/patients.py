"""What shows single patients: swimmer plot and exact step curves, apart and marked.

The folder is for the centre's own eyes. Every figure carries the mark in the drawing and in the file, the folder
says so in its README, and no other part of the report shows any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osteon.contracts.results import PatientLevel, Results
from osteon.report import printing
from osteon.report.curves import curve_chart
from osteon.report.drawing import NARROW_MM, WIDE_MM, Drawing, Spec
from osteon.report.figures import mark_of
from osteon.report.swimmer import swimmer_chart

MARK = "NOT RELEASABLE: shows single patients"
_READ_ME = """NOT RELEASABLE

Everything in this folder shows single patients: the course of each (swimmer plot) or each day on
which something happened (exact step curves). It stays in the centre. Masking small cells does not
make it releasable; a masked report leaves this folder out.
"""


def write_patient_level(
    patient_level: PatientLevel, results: Results, folder: Path
) -> Iterator[Path]:
    """Draw what shows single patients into ``folder`` and tell each SVG as it is written."""
    folder.mkdir()
    (folder / "README.txt").write_text(_READ_ME, "utf-8")
    for width in (WIDE_MM, NARROW_MM):
        for name, spec in _charts(patient_level, results, width).items():
            svg = folder / f"{name}_NOT_RELEASABLE_{width}mm.svg"
            svg.write_text(_marked(Drawing(spec, width).svg), "utf-8")
            yield svg


def _charts(patient_level: PatientLevel, results: Results, width: int) -> dict[str, Spec]:
    mark = " · ".join(part for part in (MARK, mark_of(results)) if part)
    month_days = printing.month_days(results)
    charts: dict[str, Spec] = {}
    if patient_level.swimmer:
        charts["swimmer"] = swimmer_chart(
            patient_level.swimmer, width_mm=width, month_days=month_days, mark=mark
        )
    for analysis in dict.fromkeys(c.analysis for c in patient_level.steps):
        panels = [
            (words, tuple(c for c in patient_level.steps if (c.analysis, c.style) == (analysis, style)))
            for style, words in printing.STYLES.items()
        ]  # fmt: skip
        charts[f"steps_{analysis}"] = curve_chart(
            [panel for panel in panels if panel[1]],
            width_mm=width,
            month_days=month_days,
            mark=mark,
        )
    return charts


def _marked(svg: str) -> str:
    """Write the mark into the file as well, for whoever opens it as text."""
    return svg.replace(">", f"><title>{MARK}</title><desc>{MARK}</desc>", 1)
