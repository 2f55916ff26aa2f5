"""The tables of a question: every estimate as published, recommended and sensitivity, side by side.

No estimate is left out: what is in the results stands in exactly one cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from osteon.contracts.results import NO_COUNTERPART, Count, Estimate, Results
from osteon.report import printing
from osteon.report.notes import Notes
from osteon.report.tables import Cell, Column, Record, Row, Table, heading_row

_SIZE = re.compile(r" \((n = \d+)\)")
_COLUMNS = (
    Column("", 1.35),
    Column("As published", 1.0),
    Column("Recommended", 1.0),
    Column("Sensitivity", 1.15),
)


def estimate_table(results: Results, question: str) -> Table:
    """Lay out the estimates of a question, one row for what is compared with one another."""
    estimates = [e for e in results.estimates if e.question == question]
    notes = Notes()
    month_days = printing.month_days(results)
    by_analysis = {
        name: [e for e in estimates if e.analysis == name]
        for name in dict.fromkeys(e.analysis for e in estimates)
    }
    headings: set[str] = set()
    rows = [
        row
        for of in by_analysis.values()
        for row in _analysis_rows(of, notes, month_days, headings)
    ]
    return Table(
        name=f"estimates_{question}",
        title=f"{printing.in_words(question)}: estimates",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=tuple(notes.texts),
        records=tuple(_record(e) for e in estimates),
    )


def count_tables(results: Results, question: str) -> tuple[Table, ...]:
    """Lay out the tables of counts of a question."""
    cells = [c for c in results.counts if c.question == question]
    tables = dict.fromkeys((c.table, c.style) for c in cells)
    return tuple(
        _count_table(title, style, [c for c in cells if (c.table, c.style) == (title, style)], results)
        for title, style in tables
    )  # fmt: skip


def _record(e: Estimate) -> Record:
    return {**asdict(e), "cautions": "; ".join(e.cautions)}


def _analysis_rows(
    estimates: list[Estimate], notes: Notes, month_days: float, headings: set[str]
) -> Iterator[Row]:
    keys = dict.fromkeys(_key(e) for e in estimates)
    grouped = len(keys) > 1 or any(e.group for e in estimates)
    lead = _lead(estimates)
    if grouped:
        heading = _heading(lead)
        again = f" ({printing.uncapitalised(printing.in_words(lead.analysis))})"
        yield heading_row(f"{heading}{again if heading in headings else ''}")
        headings.add(heading)
    for key in keys:
        of_row = [e for e in estimates if _key(e) == key]
        yield _row(of_row, lead, grouped, notes, month_days)


def _key(estimate: Estimate) -> tuple[str, str, float | None]:
    """What stands side by side: the same people at the same time, in whatever unit."""
    return estimate.group, estimate.contrast, estimate.time_days


def _lead(estimates: Sequence[Estimate]) -> Estimate:
    """Name rows as the recommended analysis does, where there is one."""
    return next((e for e in estimates if e.style == "recommended"), estimates[0])


def _heading(lead: Estimate) -> str:
    estimand = printing.sentence(lead.estimand)
    return f"{estimand}, among: {lead.population}" if lead.population else estimand


def _row(
    estimates: list[Estimate], lead: Estimate, grouped: bool, notes: Notes, month_days: float
) -> Row:
    named = _lead(estimates)
    if not grouped:
        lead = named
    cells = [
        tuple(
            line
            for e in estimates
            if e.style == style
            for line in _lines(e, lead, named.population or lead.population, notes)
        )
        for style in printing.STYLES
    ]
    return Row(
        (_label(named, lead, grouped, month_days), *(c or (printing.NOTHING,) for c in cells))
    )


def _label(named: Estimate, lead: Estimate, grouped: bool, month_days: float) -> Cell:
    time = _time(named, month_days)
    if not grouped:
        estimand = printing.sentence(named.estimand)
        return f"{estimand}{time}", (f"among: {named.population}" if named.population else "")
    contrast = f" v {named.contrast}" if named.contrast else ""
    label = f"{named.group}{contrast}{time}".removeprefix(", ") or "all"
    population = named.population if named.population != lead.population else ""
    return label, (f"among: {population}" if population else "")


def _time(estimate: Estimate, month_days: float) -> str:
    if estimate.time_days is None:
        return ""
    preposition = "within" if estimate.unit in ("months", "days") else "at"
    return f", {preposition} {printing.at_time(estimate.time_days, month_days)}"


def _lines(e: Estimate, lead: Estimate, among: str, notes: Notes) -> tuple[str, str]:
    """Value and detail; ``among`` is the population that the row or its heading names."""
    if e.note.startswith(NO_COUNTERPART):
        return printing.value(e), notes.mark(e.note)
    years = (
        "" if e.person_years is None else f"{printing.grouped(e.person_years, 1)} person-years"
    ).replace(" person", f"{printing.NBSP}person")
    parts = (
        e.estimand if e.estimand != lead.estimand else "",
        _among(e.population, among),
        printing.events_of(e),
        years,
        printing.kind(e),
        _test(e),
        e.method,
        "" if e.seed is None else f"seed{printing.NBSP}{e.seed}",
        notes.marks(e.note, e.cautions),
    )
    return printing.value_and_interval(e), "; ".join(part for part in parts if part)


def _among(population: str, named: str) -> str:
    """Name a population that differs from the one the row names; if only by its size, the size."""
    if not population or population == named:
        return ""
    whom, size = _SIZE.sub("", population), _SIZE.search(population)
    if whom != _SIZE.sub("", named):
        return f"among: {population}"
    return f"{size[1]} in all" if size else ""


def _test(e: Estimate) -> str:
    if e.p_value is None:
        return ""
    adjusted = ""
    if e.p_adjusted is not None:
        how = f" ({e.adjustment})" if e.adjustment else ""
        adjusted = f"adjusted {printing.p_value(e.p_adjusted)}{how}"
    return ", ".join(part for part in (printing.p_value(e.p_value), e.test, adjusted) if part)


def _count_table(title: str, style: str, cells: list[Count], results: Results) -> Table:
    columns = tuple(dict.fromkeys(c.column for c in cells))
    at = {(c.row, c.column): c.count for c in cells}
    rows = tuple(
        Row(
            (
                (name,),
                *(
                    (printing.count(at.get((name, c)), results.masked and (name, c) in at),)
                    for c in columns
                ),
            )
        )
        for name in dict.fromkeys(c.row for c in cells)
    )
    return Table(
        name=_file_name(
            f"counts_{cells[0].question}_{title}" + ("" if style == "as_published" else f"_{style}")
        ),
        title=printing.sentence(title)
        + ("" if columns == ("patients",) else ": number of patients")
        + ("" if style == "as_published" else f", {printing.STYLES[style].lower()}"),
        columns=(Column("", 1.6), *(Column(c, 1.0, numeric=True) for c in columns)),
        rows=rows,
        records=tuple(asdict(c) for c in cells),
    )


def _file_name(text: str) -> str:
    words = "".join(ch if ch.isalnum() and ch.isascii() else " " for ch in text.lower()).split()
    return "_".join(words)[:100].rstrip("_")
