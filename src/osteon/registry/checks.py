"""Running the data rules, and telling what they and the readers found.

The rules run inside the import's transaction, over the rows that are then current. A fault in the
data never raises: it becomes a finding, with file and row, rule and reason, never with a value.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from osteon.contracts.results import FindingCount
from osteon.contracts.tables import TABLES
from osteon.errors import RegistryError
from osteon.registry.rules import RULES, Rule, helpers, rules_digest
from osteon.registry.store import Registry


@dataclass(frozen=True)
class NotRun:
    """A rule that this registry cannot answer, and why."""

    rule: str
    title: str
    why: str


@dataclass(frozen=True)
class CheckReport:
    """What is wrong with the current data, counted.

    Attributes
    ----------
    findings : tuple of FindingCount
        One entry a rule, table and reason; readers' rules first (S), then data rules (T).
    rows : mapping of str to int
        Current rows of each table, what was rejected left out.
    not_run : tuple of NotRun
        Rules that this registry cannot answer.
    stale : bool
        The rules were last run by another version of osteon, and the registry is open for reading
        only.
    """

    findings: tuple[FindingCount, ...]
    rows: Mapping[str, int]
    not_run: tuple[NotRun, ...] = ()
    stale: bool = False

    def count(self, severity: str) -> int:
        """Findings of a severity."""
        return sum(f.count or 0 for f in self.findings if f.severity == severity)

    def sentences(self) -> list[str]:
        """The report in words: what, how many, what follows, what to do; a sentence a finding."""
        return [_sentence(finding, self.rows) for finding in self.findings] + [
            f"{rule.rule} {rule.title}: not run, {rule.why}." for rule in self.not_run
        ]


def check(registry: Registry, *, cures: Mapping[str, str] | None = None) -> CheckReport:
    """Count what is wrong with a registry's current data.

    Parameters
    ----------
    registry : Registry
        Open for writing, its rules run again if an older osteon ran them last.
    cures : mapping of str to str, optional
        Cures of the readers' rules by id; those of the data rules are known here.
    """
    if registry.empty:
        return CheckReport((), {})
    stale = checks_are_stale(registry)
    if stale and not registry.read_only:
        with registry.transaction():
            run_checks(registry)
        stale = False
    return CheckReport(
        findings=tuple(_counted(registry, cures or {})),
        rows=_rows(registry),
        not_run=tuple(
            NotRun(rule.id, rule.title, "it needs calendar dates") for rule in _unasked(registry)
        ),
        stale=stale,
    )


def write_findings(registry: Registry, path: str | Path) -> int:
    """Write where to look to a CSV file for the data manager; return the number of findings.

    Columns: file, row, table, column, rule, severity, reason. It holds no value and no identifier.

    Raises
    ------
    RegistryError
        If the file cannot be written.
    """
    rows = registry.connection.execute(
        """
        SELECT file, source_row, table_name, column_name, rule, severity, reason
        FROM findings
        ORDER BY file, source_row, table_name, rule, column_name, reason
        """
    ).fetchall()
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "row", "table", "column", "rule", "severity", "reason"))
            writer.writerows([_harmless(cell) for cell in row] for row in rows)
    except OSError as fault:
        raise RegistryError(
            f"{path} cannot be written ({fault.strerror})", do="check the folder and its room"
        ) from None
    return len(rows)


def checks_are_stale(registry: Registry) -> bool:
    """Whether other rules than today's were run last."""
    row = registry.connection.execute("SELECT rules FROM stored.registry").fetchone()
    return row != (rules_digest(),)


def run_checks(registry: Registry, progress: Callable[[str, float], None] | None = None) -> None:
    """Run every rule anew over the current rows; part of somebody's transaction."""
    connection = registry.connection
    connection.execute("DELETE FROM stored.check_findings")
    connection.execute(helpers(registry.clock))
    rows = _rows(registry)
    asked = [(rule, table) for rule in _in_order(registry) for table in rule.tables if rows[table]]
    for number, (rule, table) in enumerate(asked):
        if progress:
            progress(f"checking {table}: {rule.title.lower()}", number / len(asked))
        _run(connection, rule, table)
    connection.execute(
        "UPDATE stored.registry SET rules = ?, fingerprint = (" + _FINGERPRINT + ")",
        [rules_digest()],
    )


def as_sentence(text: str) -> str:
    """Begin with a capital, end with a stop: rules are written by several hands.

    >>> as_sentence("a required value is empty")
    'A required value is empty.'
    """
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", ".)", "?", "!")) else f"{text}."


def _run(connection: duckdb.DuckDBPyConnection, rule: Rule, table: str) -> None:
    found = f"SELECT DISTINCT row_id FROM ({rule.query(table)})"
    join = "LEFT JOIN" if rule.of_registry else "JOIN"
    connection.execute(
        f"""
        INSERT INTO stored.check_findings
        SELECT import_id, ?, block, ?, ?, ?, ?, source_row, patient_id, ?, row_id
        FROM ({found}) AS found {join} stored.{table} USING (row_id)
        """,
        [
            table,
            rule.id,
            rule.severity,
            list(rule.excludes),
            rule.column_of(table),
            rule.reason,
        ],
    )


def _in_order(registry: Registry) -> list[Rule]:
    unasked = _unasked(registry)
    asked = [rule for rule in RULES if rule not in unasked]
    return sorted(asked, key=lambda rule: rule.severity != "reject")


def _unasked(registry: Registry) -> list[Rule]:
    return [rule for rule in RULES if rule.needs_calendar and registry.clock != "calendar"]


def _counted(registry: Registry, cures: Mapping[str, str]) -> list[FindingCount]:
    known = {**cures, **{rule.id: rule.cure for rule in RULES}}
    counts = registry.connection.execute(
        """
        SELECT rule, severity, table_name, count(*), reason, excludes
        FROM findings
        GROUP BY ALL
        ORDER BY rule, table_name, severity, reason
        """
    ).fetchall()
    return [
        FindingCount(
            rule=rule,
            severity=severity,
            table=table,
            count=count,
            patients_in_study=None,
            reason=reason,
            cure=known.get(rule, ""),
            excludes=tuple(excludes),
        )
        for rule, severity, table, count, reason, excludes in counts
    ]


def _rows(registry: Registry) -> dict[str, int]:
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in TABLES)
    return dict(registry.connection.execute(query).fetchall())


def _sentence(finding: FindingCount, rows: Mapping[str, int]) -> str:
    follows = {
        "reject": "Set aside.",
        "exclude": f"Their patients are left out of: {', '.join(finding.excludes)}.",
        "warn": "Kept as they are.",
    }[finding.severity]
    parts = (
        f"{finding.rule} {finding.table}: {_how_many(finding, rows)}{as_sentence(finding.reason)}",
        follows,
        as_sentence(finding.cure),
        f"See docs/how-to/findings.md#{finding.rule.lower()}",
    )
    return " ".join(part for part in parts if part)


def _how_many(finding: FindingCount, rows: Mapping[str, int]) -> str:
    if any(rule.of_registry and rule.id == finding.rule for rule in RULES):
        return ""
    of = "" if finding.severity == "reject" else f" of {rows[finding.table]:,}"
    return f"{finding.count:,}{of} {'row' if finding.count == 1 and not of else 'rows'}. "


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from taking text (a file's name) for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" and cell else cell


_FINGERPRINT = """
    SELECT sha256(string_agg(line, chr(10) ORDER BY line))
    FROM (
        SELECT concat_ws('|', source, content, mapping, reader, complete_for, synthetic) AS line
        FROM current_imports
        UNION ALL
        SELECT concat_ws('|', rule, severity, excludes, table_name, source, block, source_row)
        FROM stored.check_findings LEFT JOIN current_imports USING (import_id)
    )
"""
"""Files and findings in one order, whatever order they came in."""
