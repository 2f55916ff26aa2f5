"""Who was studied: attrition, baseline and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from osteon.contracts.results import Results, Summary
from osteon.report import printing
from osteon.report.tables import Column, Row, Table, heading_row, plain_row


def attrition_table(results: Results) -> Table:
    """List the criteria in their order, who stays and who leaves."""
    rows = [
        plain_row(
            step.criterion,
            step.branch or "everything below",
            printing.count(step.kept, results.masked),
            printing.count(step.removed, results.masked),
        )
        for step in results.attrition
    ]
    return Table(
        "attrition",
        "Attrition",
        (
            Column("Criterion", 2.6),
            Column("Holds for", 1.5),
            Column("Kept", 0.6, numeric=True),
            Column("Left out", 0.6, numeric=True),
        ),
        tuple(rows),
        notes=("Each criterion is asked of those who satisfy the ones before it.",),
        records=tuple(asdict(step) for step in results.attrition),
    )


def baseline_table(results: Results) -> Table:
    """Lay out the characteristics of the groups side by side."""
    groups = tuple(dict.fromkeys(s.group for s in results.baseline))
    cells = _by_cell(results)
    return Table(
        "baseline",
        "Characteristics at baseline",
        (
            Column("", 1.5),
            *(Column(_group_heading(cells, group), 1.0, numeric=True) for group in groups),
        ),
        tuple(_baseline_rows(results, groups, cells)),
        notes=(
            "Number (per cent of those in whom it is known), or median (first to third quartile).",
        ),
        records=tuple(asdict(s) for s in results.baseline),
    )


def missingness_table(results: Results) -> Table:
    """Print in how many each characteristic is not known."""
    groups = tuple(dict.fromkeys(s.group for s in results.baseline))
    variables = tuple(dict.fromkeys(s.variable for s in results.baseline))
    cells = {(s.variable, s.group): s for s in results.baseline}
    rows = [
        plain_row(v, *(_missing(cells.get((v, g)), results.masked) for g in groups))
        for v in variables
    ]
    return Table(
        "missingness",
        "Not known",
        (Column("", 1.5), *(Column(g, 1.0, numeric=True) for g in groups)),
        tuple(rows),
        notes=("Number (per cent of the group) in whom the characteristic is not known.",),
        records=tuple(
            {"variable": s.variable, "group": s.group, "known": s.total, "not_known": s.missing}
            for s in cells.values()
        ),
    )


Cells = dict[tuple[str, str, str], Summary]


def _by_cell(results: Results) -> Cells:
    return {(s.variable, s.level, s.group): s for s in results.baseline}


def _group_heading(cells: Cells, group: str) -> str:
    first = next(s for (_, _, g), s in cells.items() if g == group)
    if first.total is None or first.missing is None:
        return group
    return (
        f"{group} (n{printing.NBSP}={printing.NBSP}{printing.count(first.total + first.missing)})"
    )


def _baseline_rows(results: Results, groups: tuple[str, ...], cells: Cells) -> Iterator[Row]:
    for variable in dict.fromkeys(s.variable for s in results.baseline):
        levels = dict.fromkeys(s.level for s in results.baseline if s.variable == variable)
        if any(levels):
            yield heading_row(printing.sentence(variable))
        for level in levels:
            of = [cells.get((variable, level, g)) for g in groups]
            yield plain_row(_label(variable, level, of), *(_cell(s, results.masked) for s in of))


def _label(variable: str, level: str, cells: list[Summary | None]) -> str:
    if level:
        return level
    unit = next((s.unit for s in cells if s and s.unit), "")
    name = printing.sentence(variable)
    return f"{name}, {unit}" if unit and unit != "year" else name


def _cell(summary: Summary | None, masked: bool) -> str:
    if summary is None:
        return printing.NOTHING
    if summary.median is not None:
        return _median(summary)
    if summary.level:
        return printing.count_of(summary.count, summary.total, masked)
    return printing.MASKED if masked else printing.NOTHING


def _median(summary: Summary) -> str:
    assert summary.median is not None
    decimals = 0 if summary.unit == "year" else 1
    middle = printing.grouped(summary.median, decimals)
    if summary.q1 is None or summary.q3 is None:
        return middle
    low, high = printing.grouped(summary.q1, decimals), printing.grouped(summary.q3, decimals)
    return f"{middle} ({low}{printing.DASH if summary.q1 >= 0 else ' to '}{high})"


def _missing(summary: Summary | None, masked: bool) -> str:
    if summary is None:
        return printing.NOTHING
    if summary.missing is None or summary.total is None:
        return printing.count(summary.missing, masked)
    return printing.count_of(summary.missing, summary.total + summary.missing, masked)
