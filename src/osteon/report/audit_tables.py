"""The tables by which a reader audits the study: published against obtained, ledger, sources."""

from __future__ import annotations

import re
from dataclasses import asdict, fields

from osteon.contracts.results import Comparison, LedgerEntry, Results
from osteon.report import printing
from osteon.report.tables import Column, Row, Table, plain_row


def published_table(results: Results) -> Table:
    """Print each published figure beside what is obtained, judged to the printed digits."""
    return Table(
        "published",
        "Published and obtained",
        (
            Column("Figure", 1.5),
            Column("Published", 0.9),
            Column("Obtained the same way", 0.9),
            Column("Verdict", 0.7),
            Column("Recommended", 1.1),
            Column("Why they differ", 1.3),
        ),
        tuple(_published_row(c) for c in results.published),
        notes=(
            "Verdicts are judged to the digits that the publication prints. Counts worked out "
            "from printed percentages may be sets; any one of them counts as equal.",
            *_levels(results),
        ),
        records=tuple({**asdict(c), "derived": " or ".join(c.derived)} for c in results.published),
    )


def _levels(results: Results) -> tuple[str, ...]:
    told = dict.fromkeys(printing.level(e) for e in results.estimates if e.conf_level is not None)
    where = "their methods stand in the tables of the questions"
    return (f"In brackets: {' or '.join(told)}; {where}.",) if told else ()


def ledger_table(results: Results) -> Table:
    """List every threat, what was done about it and what that leaves."""
    return Table(
        "ledger",
        "Bias ledger",
        (
            Column("No.", 0.3, numeric=True),
            Column("Threat, and the accepted remedy", 1.9),
            Column("Status", 0.7),
            Column("What was done", 1.9),
            Column("Reference", 1.1),
        ),
        tuple(_ledger_row(entry) for entry in results.ledger),
        notes=(
            "Handled: the recommended answer takes account of it. Bounded: a sensitivity run says "
            "how much it could change. Open: nothing that ran addresses it. "
            "The status is computed from the analyses that ran.",
        ),
        records=tuple(
            {**asdict(e), "by": " ".join(e.by), "missing": " ".join(e.missing)}
            for e in results.ledger
        ),
    )


def findings_table(results: Results) -> Table:
    """List what the data rules found, with the cure."""
    masked = results.masked
    return Table(
        "findings",
        "Findings in the data",
        (
            Column("Rule", 0.5),
            Column("Severity", 0.6),
            Column("Table", 0.8),
            Column("Rows", 0.4, numeric=True),
            Column("Patients in the study", 0.7, numeric=True),
            Column("What was found, and the cure", 2.6),
            Column("Left out of", 1.0),
        ),
        tuple(
            Row(
                (
                    (f.rule,),
                    (f.severity,),
                    (f.table,),
                    (printing.count(f.count, masked),),
                    (printing.count(f.patients_in_study, masked),),
                    (f.reason, f.cure),
                    (_listed(f.excludes) or printing.NOTHING,),
                )
            )
            for f in results.findings
        ),
        notes=(
            "Reject: the row is kept aside and nothing uses it. Exclude: the row is left out of "
            "the analyses named. Warn: the row is used as it is.",
        ),
        records=tuple({**asdict(f), "excludes": " ".join(f.excludes)} for f in results.findings),
    )


def sources_table(results: Results) -> Table:
    """Account for every source row: stored, not applicable, set aside."""
    sources = results.provenance.sources
    return Table(
        "sources",
        "Source accounting",
        (
            Column("Source", 1.5),
            Column("Table", 1.2),
            *(Column(h, 0.8, numeric=True) for h in ("Rows in", "Stored", "Not applicable", "Set aside")),
        ),
        tuple(
            plain_row(
                s.source,
                s.table,
                *map(printing.count, (s.rows_in, s.stored, s.not_applicable, s.set_aside)),
            )
            for s in sources
        ),
        notes=("For each source and table: stored + not applicable + set aside = rows in.",),
        records=tuple(asdict(s) for s in sources),
    )  # fmt: skip


def settings_table(results: Results) -> Table:
    """Print the protocol in words: each definition, and whether it is stated or a default."""
    return Table(
        "definitions",
        "Definitions: the protocol in words",
        (
            Column("Setting", 1.75),
            Column("Value", 1.5),
            Column("Stated", 0.5),
            Column("Meaning", 1.8),
        ),
        tuple(
            plain_row(s.name, _whole(s.value), "stated" if s.stated else "default", s.meaning)
            for s in results.settings
        ),
        records=tuple(asdict(s) for s in results.settings),
    )


def _whole(value: str) -> str:
    """Print whole numbers without a decimal: ``12, 36`` of ``12.0, 36.0``."""
    return re.sub(r"\b(\d+)\.0\b", r"\1", value)


def provenance_table(results: Results) -> Table:
    """Print what is needed to make the numbers again."""
    rows = provenance_facts(results)
    return Table(
        "provenance",
        "Provenance",
        (Column("Of what", 1.0), Column("Value", 3.0)),
        tuple(plain_row(name, text) for name, text in rows),
        records=tuple({"name": name, "value": text} for name, text in rows),
    )


def provenance_facts(results: Results) -> tuple[tuple[str, str], ...]:
    """Name every field of the provenance and its value."""
    p = results.provenance
    named = [
        (printing.in_words(f.name), str(getattr(p, f.name)))
        for f in fields(p)
        if f.name not in ("sources", "synthetic")
    ]
    return (
        *((name, text) for name, text in named if text),
        ("Synthetic", "yes: no patient stands behind these numbers" if p.synthetic else "no"),
        ("Small cells", _masking(results)),
    )


def _masking(results: Results) -> str:
    below = f"counts below {results.small_cell_limit}"
    return f"{below} are masked" if results.masked else f"not masked (limit: {below})"


def _published_row(c: Comparison) -> Row:
    derived = f"derived: {' or '.join(c.derived)}" if c.derived else ""
    return Row(
        (
            (c.figure,),
            (c.printed, derived),
            (c.obtained or printing.NOTHING, c.obtained_count),
            (printing.VERDICTS[c.verdict],),
            (c.recommended or printing.NOTHING,),
            (c.why or printing.NOTHING,),
        ),
        status=c.verdict,
    )


def _ledger_row(entry: LedgerEntry) -> Row:
    told = all(name in entry.how for name in entry.by)
    by = "" if told else f"by: {_listed(entry.by)}"
    missing = f"did not run: {_listed(entry.missing)}" if entry.missing else ""
    return Row(
        (
            (str(entry.number),),
            (entry.threat, printing.prose(entry.remedy)),
            (printing.STATUSES[entry.status],),
            (ledger_words(entry) or printing.NOTHING, "; ".join(part for part in (by, missing) if part)),
            (entry.reference or printing.NOTHING,),
        ),
        anchor=f"ledger-{entry.number}",
        status=entry.status,
    )  # fmt: skip


def ledger_words(entry: LedgerEntry) -> str:
    """Say what was done about a threat, as a sentence."""
    return printing.full_sentence(printing.prose(entry.how))


def _listed(analyses: tuple[str, ...]) -> str:
    return ", ".join(printing.uncapitalised(printing.in_words(a)) for a in analyses)
