"""Charts to SVG, SVG to PNG, and the script that makes charts answer to the pointer.

Packing the script and rasterising take seconds and hold Python's lock, so threads would not help:
a `Helper` process does both while the report is written. It runs this file as a script, and so
this module imports nothing of osteon.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import vl_convert

PRINT_DPI = 300
_SVG_DPI, _PDF_DPI = 96, 72


def to_svg(spec: dict[str, Any], width_mm: float | None = None) -> str:
    """Draw a chart; with a width, the file opens at that width in a journal's tools."""
    svg = vl_convert.vegalite_to_svg(spec)
    size = re.search(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"', svg)
    if size is None or width_mm is None:
        return svg
    height_mm = width_mm * float(size[2]) / float(size[1])
    sized = f'width="{width_mm:g}mm" height="{height_mm:.2f}mm"'
    return svg.replace(f'width="{size[1]}" height="{size[2]}"', sized, 1)


def to_png(svg: str) -> bytes:
    """Rasterise at 300 dots per inch of the size that the SVG states."""
    return vl_convert.svg_to_png(svg, scale=_PDF_DPI / _SVG_DPI, ppi=PRINT_DPI)


def chart_library() -> str:
    """Pack Vega, Vega-Lite and Vega-Embed into one script that needs no network."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


class Helper:
    """A process that packs the chart library and rasterises drawings as they are made.

    Begun before the study runs, it has packed the library by the time the report is written.
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="osteon-")
        self._library = Path(self._folder.name) / "chart_library.js"
        self._drawings: list[Path] = []
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(self._library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Helper:
        return self

    def __exit__(self, *failure: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)
        self._folder.cleanup()

    def library(self) -> str:
        """Wait for the chart library."""
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            return chart_library()
        return self._library.read_text("utf-8")

    def rasterise(self, svg: Path) -> None:
        """Have a PNG made beside an SVG."""
        self._drawings.append(svg)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            print(svg, file=self._process.stdin, flush=True)

    def finish(self) -> None:
        """Wait for the PNGs; what the process could not do is done here, or fails here."""
        _close(self._process.stdin)
        self._process.wait()
        for svg in self._drawings:
            if not svg.with_suffix(".png").exists():
                _rasterise(svg)


def _close(pipe: IO[str] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()


def _rasterise(svg: Path) -> None:
    svg.with_suffix(".png").write_bytes(to_png(svg.read_text("utf-8")))


def _help(library: Path) -> None:
    library.write_text(chart_library(), "utf-8")
    print("packed", flush=True)
    for line in sys.stdin:
        _rasterise(Path(line.rstrip("\n")))


if __name__ == "__main__":
    _help(Path(sys.argv[1]))
