"""Writing the report to a folder: all of it, or nothing that looks like it.

Everything is made in a hidden folder beside its place and moved there when all is done;
``results.json`` goes first when an old report gives way and comes last when the new one stands.
A folder without ``results.json`` holds no finished report.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from tempfile import mkdtemp

from osteon.contracts.results import PatientLevel, Results
from osteon.errors import InputError
from osteon.report.disclosure import mask as masked
from osteon.report.drawing import NARROW_MM, WIDE_MM
from osteon.report.html import to_html
from osteon.report.patients import write_patient_level
from osteon.report.pdf import write_pdf
from osteon.report.rendering import Helper
from osteon.report.story import Story, tell
from osteon.report.tables import to_csv
from osteon.report.word import write_docx

MEMBERS = {
    "results": "results.json",
    "html": "report.html",
    "docx": "report.docx",
    "pdf": "report.pdf",
    "tables": "tables",
    "figures": "figures",
    "patient_level": "patient_level",
}
"""What a report consists of; everything else in the folder is left alone."""

Progress = Callable[[str], None]


def write_report(
    results: Results,
    directory: str | Path,
    *,
    patient_level: PatientLevel | None = None,
    mask: bool = False,
    progress: Progress | None = None,
    helper: Helper | None = None,
) -> dict[str, Path]:
    """Write results as JSON, HTML, Word, PDF, tables and figures.

    Parameters
    ----------
    results
        What a study found.
    directory
        Where the report goes; made if need be. An older report there is replaced, other files
        are left alone.
    patient_level
        What shows single patients. It goes to its own folder, marked not releasable, and is left
        out of a masked report.
    mask
        Mask counts below ``results.small_cell_limit``, and what they could be worked out from,
        in every file.
    progress
        Called with a word on each step.
    helper
        A `Helper` begun earlier, which saves a second or two and stays its owner's to end; one is
        begun and ended here otherwise.

    Returns
    -------
    dict of str to Path
        Where each of `MEMBERS` that was written now is.

    Raises
    ------
    InputError
        If the folder holds ``tables``, ``figures`` or ``patient_level`` that no report wrote.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    _refuse_strangers(directory)
    work = Path(mkdtemp(prefix=".report-", dir=directory))
    try:
        with nullcontext(helper) if helper else Helper() as drawing:
            _make(
                masked(results) if mask else results,
                work,
                None if mask else patient_level,
                progress or _silent,
                drawing,
            )
        return _put_in_place(work, directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make(
    results: Results,
    work: Path,
    patient_level: PatientLevel | None,
    progress: Progress,
    helper: Helper,
) -> None:
    progress("figures")
    story = tell(results)
    for svg in _write_figures(story, work / "figures"):
        helper.rasterise(svg)
    if patient_level:
        for svg in write_patient_level(patient_level, results, work / "patient_level"):
            helper.rasterise(svg)
    progress("tables")
    _write_tables(story, work / "tables")
    progress("report.html")
    (work / "report.html").write_text(to_html(story, helper.library()), "utf-8")
    progress("report.pdf")
    write_pdf(story, work)
    progress("report.docx")
    helper.finish()
    write_docx(story, work)
    (work / "results.json").write_text(results.to_json(), "utf-8")


def _write_figures(story: Story, folder: Path) -> Iterator[Path]:
    folder.mkdir()
    (folder / "README.txt").write_text(_read_me(story, _FIGURES), "utf-8")
    for figure in story.figures:
        for width, drawing in ((WIDE_MM, figure.wide), (NARROW_MM, figure.narrow)):
            svg = folder / f"{figure.name}_{width}mm.svg"
            svg.write_text(drawing.svg, "utf-8")
            yield svg


def _write_tables(story: Story, folder: Path) -> None:
    folder.mkdir()
    for table in story.tables:
        (folder / f"{table.name}.csv").write_text(to_csv(table), "utf-8")
    (folder / "README.txt").write_text(_read_me(story, _TABLES), "utf-8")


_FIGURES = (
    "Figures of the report, each as SVG and as PNG at 300 dots per inch, at the width of one "
    "column (85 mm) and of two (175 mm)."
)
_TABLES = (
    "Tables of the report as CSV in UTF-8, numbers at full precision. Texts that a spreadsheet "
    "would run as a formula begin with an apostrophe."
)


def _read_me(story: Story, what: str) -> str:
    p = story.results.provenance
    made = f"Protocol {p.protocol_name}, hash {p.protocol_hash}; registry {p.registry_hash}."
    return "\n\n".join(part for part in (story.title, what, made, *story.warnings) if part) + "\n"


def _refuse_strangers(directory: Path) -> None:
    ours = any((directory / MEMBERS[name]).exists() for name in ("results", "html", "docx", "pdf"))
    folders = [MEMBERS[name] for name in ("tables", "figures", "patient_level")]
    strangers = [name for name in folders if (directory / name).exists()]
    if strangers and not ours:
        raise InputError(
            f"{directory} holds {', '.join(strangers)} but no report",
            "a report replaces only what a report wrote",
            "choose another folder, or move these away",
        )


def _put_in_place(work: Path, directory: Path) -> dict[str, Path]:
    old = work / "old"
    old.mkdir()
    names = sorted(MEMBERS.values(), key=lambda name: name != "results.json")
    for name in names:
        if (directory / name).exists():
            (directory / name).rename(old / name)
    for name in reversed(names):
        if (work / name).exists():
            (work / name).rename(directory / name)
    return {
        key: directory / name for key, name in MEMBERS.items() if (directory / name).exists()
    }  # fmt: skip


def _silent(step: str) -> None:
    pass
