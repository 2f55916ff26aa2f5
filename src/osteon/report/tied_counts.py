"""Counts of people in the results, and the sums that tie them.

What a reader can add and subtract: rows and columns of a table with their sums, people with and
without an event, groups of an analysis, levels of a characteristic with those in whom it is not
known, kept and left out, events until an earlier and a later time, people in one analysis and in
another that leaves a few of them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, pairwise, permutations

from osteon.contracts.results import Estimate, Results
from osteon.report.coarsening import is_whole
from osteon.report.suppression import Cell, Counts, Sum, is_small


@dataclass
class Book:
    """Counts of the results by cell, and the places where each is printed."""

    counts: Counts = field(default_factory=Counts)
    places: dict[Cell, list[tuple[str, int, str]]] = field(default_factory=dict)

    def enter(self, cell: Cell, n: int | None, *places: tuple[str, int, str]) -> Cell | None:
        """Enter a count that is printed in these places; nothing if there is none."""
        if n is None:
            return None
        self.counts.printed[cell] = n
        self.places.setdefault(cell, []).extend(places)
        return cell

    def infer(self, cell: Cell, n: int) -> Cell:
        """Enter a count that nobody prints but that a reader could work out."""
        self.counts.hidden[cell] = n
        return cell

    def add(self, parts: Iterable[Cell | None], total: Cell | None) -> Cell | None:
        """Tie cells by their sum; one that is not printed is made, as a reader may know it."""
        known = tuple(part for part in parts if part is not None)
        n = sum(self.counts.value(part) for part in known)
        if total is not None and self.counts.value(total) != n:
            total = None
        if not known or (total is None and len(known) < 2):
            return total
        if total is None:
            total = ("sum", *known)
            self.counts.printed[total] = n
        self.counts.sums.append(Sum(known, total))
        return total


def tied_counts(results: Results) -> Book:
    """Enter every count of the results, and every sum that a reader could use."""
    book = Book()
    _enter_estimates(book, results)
    _enter_fixed_times(book, results)
    _enter_left_out(book, results)
    _enter_counts(book, results)
    _enter_baseline(book, results)
    _enter_attrition(book, results)
    for i, finding in enumerate(results.findings):
        for name in ("count", "patients_in_study"):
            book.enter(("finding", i, name), getattr(finding, name), ("findings", i, name))
    for i, curve in enumerate(results.curves):
        for name in ("at_risk", "events"):
            for j, n in enumerate(getattr(curve, name)):
                book.enter(("curve", i, name, j), n)
    return book


def _enter_estimates(book: Book, results: Results) -> None:
    families: dict[tuple, list[int]] = {}
    for i, e in enumerate(results.estimates):
        if e.unit == "count" and e.estimate is not None:
            book.enter(("estimate", i), round(e.estimate), ("estimates", i, "estimate"))
        at_risk = book.enter(("estimate", i, "at_risk"), e.at_risk, ("estimates", i, "at_risk"))
        events = book.enter(("estimate", i, "events"), e.events, ("estimates", i, "events"))
        if at_risk and events and e.time_days is None and (e.at_risk or 0) >= (e.events or 0):
            others = book.infer(("estimate", i, "others"), (e.at_risk or 0) - (e.events or 0))
            book.add((events, others), at_risk)
        if not e.contrast:
            key = (e.question, e.analysis, e.style, e.estimand, e.unit, e.time_days, e.method)
            families.setdefault(key, []).append(i)
    for members in families.values():
        unions = _unions(results, members)
        wholes = [i for i in members if is_whole(results.estimates[i].group)]
        parts = [i for i in members if i not in wholes and i not in {u for *_, u in unions}]
        apart = not _overlap(results, parts)
        for name in ("at_risk", "events"):
            cells = [_known(book, ("estimate", i, name)) for i in parts]
            total = _known(book, ("estimate", wholes[0], name)) if len(wholes) == 1 else None
            if apart:
                book.add(cells, total)
            for *pair, union in unions:
                both = [_known(book, ("estimate", i, name)) for i in pair]
                book.add(both, _known(book, ("estimate", union, name)))


def _overlap(results: Results, parts: list[int]) -> bool:
    """Whether groups share people, as treated and untreated time do: they have no sum."""
    question = results.estimates[parts[0]].question if parts else ""
    most = max((e.at_risk or 0 for e in results.estimates if e.question == question), default=0)
    return sum(results.estimates[i].at_risk or 0 for i in parts) > most


def _unions(results: Results, members: list[int]) -> list[tuple[int, int, int]]:
    """Groups that hold two others, as stage IV holds those with and without bone metastasis."""
    of, found = results.estimates, []
    for a, b, whole in permutations(members, 3):
        pairs = [
            (of[a].at_risk, of[b].at_risk, of[whole].at_risk),
            (of[a].events, of[b].events, of[whole].events),
        ]
        known = [p for p in pairs if None not in p]
        if a < b and known and all(x + y == z for x, y, z in known):  # type: ignore[operator]
            found.append((a, b, whole))
    return found


def _enter_fixed_times(book: Book, results: Results) -> None:
    """Events until a later time are those until an earlier one and those in between."""
    series: dict[tuple, list[int]] = {}
    for i, e in enumerate(results.estimates):
        if e.events is not None and not e.contrast:
            series.setdefault((e.question, e.analysis, e.style, e.estimand, e.group), []).append(i)
    for members in series.values():
        timed = [i for i in members if results.estimates[i].time_days is not None]
        ordered = sorted(timed, key=lambda i: results.estimates[i].time_days or 0.0)
        for before, after in pairwise(ordered):
            _enter_between(book, ("estimate", before, "events"), ("estimate", after, "events"))


def _enter_left_out(book: Book, results: Results) -> None:
    """Two analyses of the same people tell by their difference of the few that one leaves out."""
    nested: dict[tuple[str, ...], dict[int, Cell]] = {}
    for i, e in enumerate(results.estimates):
        for name in ("at_risk", "events"):
            n = getattr(e, name)
            if n and e.time_days is None:
                nested.setdefault((e.question, name, *_whose(e)), {})[n] = ("estimate", i, name)
    for of in nested.values():
        for fewer, more in combinations(sorted(of), 2):
            if is_small(more - fewer, results.small_cell_limit):
                left = book.infer(("left", of[fewer], of[more]), more - fewer)
                book.add((of[fewer], left), of[more])


def _whose(e: Estimate) -> tuple[str, ...]:
    """One group, or everybody that an analysis is about: a test or model holds all its groups."""
    return () if e.contrast or not e.group else (e.group,)


def _enter_between(book: Book, before: Cell, after: Cell) -> None:
    happened = book.counts.value(after) - book.counts.value(before)
    if happened >= 0:
        book.add((before, book.infer(("between", before, after), happened)), after)


def _enter_counts(book: Book, results: Results) -> None:
    tables: dict[tuple, dict[tuple[str, str], int]] = {}
    for i, c in enumerate(results.counts):
        book.enter(("count", i), c.count, ("counts", i, "count"))
        tables.setdefault((c.question, c.table, c.style), {})[c.row, c.column] = i
    for cells in tables.values():
        rows = list(dict.fromkeys(row for row, _ in cells))
        columns = list(dict.fromkeys(column for _, column in cells))
        at = {key: _known(book, ("count", i)) for key, i in cells.items()}
        _enter_table(book, [[at.get((r, c)) for c in columns] for r in rows], rows, columns)


def _enter_table(
    book: Book, cells: list[list[Cell | None]], rows: list[str], columns: list[str]
) -> None:
    """Rows, columns and their sums add up, whether the sums are printed or not."""
    down, across = _whole_index(rows), _whole_index(columns)
    row_sums = [_enter_line(book, line, across) for i, line in enumerate(cells) if i != down]
    column_sums = [
        _enter_line(book, [line[j] for line in cells], down)
        for j in range(len(columns))
        if j != across
    ]
    whole = None if down is None or across is None else cells[down][across]
    whole = book.add(row_sums, whole)
    book.add(column_sums, whole)


def _enter_line(book: Book, line: list[Cell | None], whole: int | None) -> Cell | None:
    parts = [cell for k, cell in enumerate(line) if k != whole]
    total = book.add(parts, line[whole] if whole is not None else None)
    return total or next((part for part in parts if part is not None), None)


def _enter_baseline(book: Book, results: Results) -> None:
    groups = list(dict.fromkeys(s.group for s in results.baseline))
    lines: dict[tuple[str, ...], dict[str, Cell]] = {}
    for i, s in enumerate(results.baseline):
        for name in ("total", "missing"):
            cell = (name, s.variable, s.group)
            if book.enter(cell, getattr(s, name), ("baseline", i, name)):
                lines.setdefault((name, s.variable), {})[s.group] = cell
        level = ("level", s.variable, s.level, s.group)
        if book.enter(level, s.count, ("baseline", i, "count")):
            lines.setdefault(("level", s.variable, s.level), {})[s.group] = level
    for variable in dict.fromkeys(s.variable for s in results.baseline):
        for group in groups:
            _enter_column(book, results, variable, group)
    whole = _whole_index(groups)
    for of in lines.values():
        _enter_line(book, [of.get(g) for g in groups], whole)


def _enter_column(book: Book, results: Results, variable: str, group: str) -> None:
    """Levels make the total, total and missing make the group; what levels leave out counts too."""
    total = _known(book, ("total", variable, group))
    missing = _known(book, ("missing", variable, group))
    book.add((total, missing), None)
    levels = [
        _known(book, ("level", variable, s.level, group))
        for s in results.baseline
        if s.variable == variable and s.group == group and s.count is not None
    ]
    if total is None or not levels:
        return
    left = book.counts.value(total) - sum(book.counts.value(c) for c in levels if c is not None)
    if left >= 0:
        others = [book.infer(("others", variable, group), left)] if left else []
        book.add((*levels, *others), total)


def _enter_attrition(book: Book, results: Results) -> None:
    """Kept before = kept + left out; a branch starts from a step of as many people."""
    before: list[Cell] = []
    for i, step in enumerate(results.attrition):
        kept = book.enter(("kept", i), step.kept, ("attrition", i, "kept"))
        removed = book.enter(("removed", i), step.removed, ("attrition", i, "removed"))
        if kept is None or removed is None:
            continue
        size = book.counts.value(kept) + book.counts.value(removed)
        origin = [cell for cell in before if book.counts.value(cell) == size]
        book.add((kept, removed), origin[-1] if origin else None)
        before.append(kept)


def _known(book: Book, cell: Cell) -> Cell | None:
    return cell if cell in book.counts.printed else None


def _whole_index(names: list[str]) -> int | None:
    return next((i for i, name in enumerate(names) if is_whole(name)), None)
