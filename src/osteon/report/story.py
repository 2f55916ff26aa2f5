"""The report as a story: which section follows which, told once for HTML, Word and PDF.

The three formats render the same blocks in the same order, so no number can stand in one of them
and be missing in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from osteon.contracts.results import LedgerEntry, Method, Results
from osteon.report import printing
from osteon.report.answers import Answer, answers, answers_table
from osteon.report.audit_tables import (
    findings_table,
    ledger_table,
    provenance_table,
    published_table,
    settings_table,
    sources_table,
)
from osteon.report.checklists import checklist_table, ledger_summary
from osteon.report.cohort_tables import attrition_table, baseline_table, missingness_table
from osteon.report.estimate_tables import count_tables, estimate_table
from osteon.report.figures import Figure, flow_figure, mark_of, question_figures
from osteon.report.tables import Table


@dataclass(frozen=True)
class Prose:
    """A paragraph; ``kind`` is ``plain``, ``small``, ``warning`` or ``methods``."""

    text: str
    kind: str = "plain"
    lead: str = ""


@dataclass(frozen=True)
class Cards:
    """The first page's cards, and the same as a table for formats without cards."""

    number: int
    answers: tuple[Answer, ...]
    table: Table


@dataclass(frozen=True)
class Threats:
    """Ledger rows that concern a question."""

    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True)
class Numbered:
    """A list whose items are referred to by number."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class NumberedTable:
    """A table with its number in the report."""

    number: int
    table: Table


@dataclass(frozen=True)
class NumberedFigure:
    """A figure with its number in the report."""

    number: int
    figure: Figure


Block = Prose | Cards | Threats | Numbered | NumberedTable | NumberedFigure


@dataclass(frozen=True)
class Section:
    """A section: its anchor, its heading, its short name in the navigation, its blocks.

    On paper it begins a page where ``new_page`` says so.
    """

    anchor: str
    title: str
    short: str
    blocks: tuple[Block, ...]
    appendix: bool = False
    new_page: bool = True


@dataclass(frozen=True)
class Story:
    """The whole report, before it takes a format."""

    results: Results
    title: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    mark: str
    ledger_summary: str
    sections: tuple[Section, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of the report."""
        return tuple(
            block.table for block in self._blocks() if isinstance(block, NumberedTable | Cards)
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the report."""
        return tuple(b.figure for b in self._blocks() if isinstance(b, NumberedFigure))

    def _blocks(self) -> Iterator[Block]:
        return (block for section in self.sections for block in section.blocks)


def tell(results: Results) -> Story:
    """Lay out the report."""
    teller = _Teller(results)
    sections = (
        teller.answers(),
        teller.published(),
        teller.ledger(),
        *(teller.question(q) for q in results.questions),
        *teller.appendices(),
    )
    return Story(
        results=results,
        title=results.title,
        facts=_facts(results),
        warnings=_warnings(results),
        mark=mark_of(results),
        ledger_summary=ledger_summary(results),
        sections=tuple(s for s in sections if s.blocks),
    )


def _facts(results: Results) -> tuple[tuple[str, str], ...]:
    p = results.provenance
    facts = (
        ("Protocol", f"{p.protocol_name}, version {p.protocol_version}"),
        ("Protocol hash", p.protocol_hash[:12]),
        ("Registry hash", p.registry_hash[:12]),
        ("Data cut", p.data_cut),
        ("Made by", f"osteon {p.osteon_version}, seed {p.seed}"),
        ("After", results.citation),
    )
    return tuple((name, text) for name, text in facts if text)


def _warnings(results: Results) -> tuple[str, ...]:
    told = []
    if results.provenance.synthetic:
        told.append("Synthetic: no patient stands behind these numbers.")
    if results.conditioned_on:
        told.append(f"Conditioned on {results.conditioned_on}.")
    if results.masked:
        told.append(
            f"Counts below {results.small_cell_limit} are masked, and with them every number "
            "from which they could be worked out."
        )
    return tuple(told)


@dataclass
class _Teller:
    """Numbers tables, figures and references as the story goes on."""

    results: Results
    tables: int = 0
    figures: int = 0
    references: list[str] = field(default_factory=list)

    def answers(self) -> Section:
        if not self.results.cards:
            return Section("answers", "Answers", "Answers", (), new_page=False)
        table = self._table(answers_table(self.results))
        cards = Cards(table.number, answers(self.results), table.table)
        return Section("answers", "Answers", "Answers", (cards,), new_page=False)

    def published(self) -> Section:
        found = self.results.published
        blocks = (self._table(published_table(self.results)),) if found else ()
        return Section("published", "Published and obtained", "Published", blocks, new_page=False)

    def ledger(self) -> Section:
        blocks: tuple[Block, ...] = ()
        if self.results.ledger:
            blocks = (
                Prose(f"{printing.sentence(ledger_summary(self.results))}."),
                self._table(ledger_table(self.results)),
            )
        return Section("ledger", "Bias ledger", "Ledger", blocks)

    def question(self, question: str) -> Section:
        """A page a question: figure first, table second, methods third, ledger rows fourth."""
        blocks: list[Block] = [self._figure(f) for f in question_figures(self.results, question)]
        if question == "who" and self.results.baseline:
            blocks.append(self._table(baseline_table(self.results)))
        estimates = estimate_table(self.results, question)
        if estimates.rows:
            blocks.append(self._table(estimates))
        blocks += [self._table(t) for t in count_tables(self.results, question)]
        blocks += self._methods(question)
        threats = tuple(e for e in self.results.ledger if e.question == question)
        if threats:
            blocks.append(Threats(threats))
        title = printing.in_words(question)
        return Section(question, title, title, tuple(blocks))

    def appendices(self) -> Iterator[Section]:
        yield self._appendix("attrition", "Attrition", self._attrition())
        yield self._appendix(
            "missing", "Not known", self._optional(self.results.baseline, missingness_table)
        )
        yield self._appendix(
            "findings",
            "Findings in the data",
            self._optional(self.results.findings, findings_table),
        )
        yield self._appendix("sources", "Source accounting", self._sources())
        yield self._appendix(
            "checklists",
            "Reporting checklists",
            [self._table(checklist_table(self.results, n)) for n in ("strobe", "record")],
        )
        yield self._appendix(
            "definitions", "Definitions", self._optional(self.results.settings, settings_table)
        )
        yield self._appendix(
            "references",
            "References",
            [Numbered(tuple(self.references))] if self.references else [],
        )
        yield self._appendix("citing", "How to cite", self._citing())
        yield self._appendix("provenance", "Provenance", [self._table(provenance_table(self.results))])  # fmt: skip

    def _attrition(self) -> list[Block]:
        blocks: list[Block] = []
        if "who" not in self.results.questions:
            blocks += [self._figure(flow_figure(self.results))] if self.results.attrition else []
            blocks += self._optional(self.results.baseline, baseline_table)
        return blocks + self._optional(self.results.attrition, attrition_table)

    def _sources(self) -> list[Block]:
        if self.results.masked:
            return [Prose("Rows of the sources are not released: they count single patients.")]
        return self._optional(self.results.provenance.sources, sources_table)

    def _citing(self) -> list[Block]:
        p = self.results.provenance
        study = (
            f"{self.results.title}. Protocol {p.protocol_name}, version {p.protocol_version} "
            f"({p.protocol_hash[:12]}); data cut {p.data_cut or 'not stated'}; registry "
            f"{p.registry_hash[:12]}."
        )
        software = f"osteon, version {p.osteon_version}. An audited study of bone metastases from a centre's records."
        after = f"The protocol follows {self.results.citation}." if self.results.citation else ""
        return [Prose(text) for text in (study, software, after) if text]

    def _methods(self, question: str) -> Iterator[Prose]:
        """Sentences ready for a manuscript: recommended, then as published, then sensitivity."""
        analyses = {
            row.analysis
            for rows in (self.results.estimates, self.results.curves)
            for row in rows
            if row.question == question
        } | {question}
        for style, words in printing.STYLES.items():
            if style == "as_published":
                continue
            yield from self._paragraph(style, words, analyses)
        yield from self._paragraph("as_published", printing.STYLES["as_published"], analyses)

    def _paragraph(self, style: str, words: str, analyses: set[str]) -> Iterator[Prose]:
        of = [m for m in self.results.methods if m.analysis in analyses and m.style == style]
        sentences = dict.fromkeys(self._cited(m) for m in of)
        if sentences:
            yield Prose(" ".join(sentences), "methods", f"Methods, {words.lower()}")

    def _cited(self, method: Method) -> str:
        for reference in method.references:
            if reference not in self.references:
                self.references.append(reference)
        numbers = sorted(self.references.index(r) + 1 for r in method.references)
        if not numbers:
            return method.sentence
        cited = f"{printing.NBSP}[{', '.join(map(str, numbers))}]"
        stem = method.sentence.rstrip()
        return f"{stem[:-1]}{cited}." if stem.endswith(".") else f"{stem}{cited}"

    def _appendix(self, anchor: str, title: str, blocks: list[Block]) -> Section:
        return Section(anchor, title, title, tuple(blocks), appendix=True, new_page=False)

    def _optional(self, present: object, make) -> list[Block]:
        return [self._table(make(self.results))] if present else []

    def _table(self, table: Table) -> NumberedTable:
        self.tables += 1
        return NumberedTable(self.tables, table)

    def _figure(self, figure: Figure) -> NumberedFigure:
        self.figures += 1
        return NumberedFigure(self.figures, figure)
