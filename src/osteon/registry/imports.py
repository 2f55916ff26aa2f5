"""Import: whole or not at all, and the same file twice changes nothing.

One transaction holds the new rows, the mark on the rows they supersede, the findings of the reader,
and the data rules run anew over everything current. A kill at any moment leaves the registry as it
was. Nothing is ever overwritten: a corrected file of the same source supersedes the earlier one,
whose rows stay under their own ``import_id``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from osteon import __version__
from osteon.contracts.results import SourceCount
from osteon.contracts.tables import TABLES, Delivery, SetAside, TargetRows
from osteon.registry.checks import CheckReport, check, checks_are_stale, run_checks
from osteon.registry.deliveries import refuse_faulty
from osteon.registry.schema import tables_of_rows
from osteon.registry.store import Registry

Progress = Callable[[str, float], None]
Outcome = Literal["new", "corrected", "unchanged"]


@dataclass(frozen=True)
class ImportedSource:
    """What became of one delivery.

    ``unchanged``: the same bytes under the same mapping are current already; nothing was written.
    """

    source: str
    file: str
    outcome: Outcome
    rows_in: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    sources : tuple of ImportedSource
        One entry a delivery, in the order given.
    counts : tuple of SourceCount
        Accounting of every current source of the registry, after the data rules.
    checks : CheckReport
        What is wrong with the current data, counted.
    fingerprint_before, fingerprint : str
        Of the registry, before and after.
    """

    sources: tuple[ImportedSource, ...]
    counts: tuple[SourceCount, ...]
    checks: CheckReport
    fingerprint_before: str
    fingerprint: str

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return any(source.outcome != "unchanged" for source in self.sources)


def import_delivery(
    registry: Registry | str | Path, delivery: Delivery, *, progress: Progress | None = None
) -> ImportReport:
    """Import one file. See `import_deliveries`."""
    return import_deliveries(registry, [delivery], progress=progress)


def import_deliveries(
    registry: Registry | str | Path,
    deliveries: Iterable[Delivery],
    *,
    progress: Progress | None = None,
) -> ImportReport:
    """Import several files, all or none.

    Parameters
    ----------
    registry : Registry or path
        An open registry, or the path of one; a registry that is not there yet is made, and taken
        away again should the import fail.
    deliveries : iterable of Delivery
        One a source. The first import decides the registry's clock.
    progress : callable, optional
        Is called with the stage in words and the share done, 0 to 1.

    Raises
    ------
    RegistryError
        If a delivery does not keep the contract or has another clock than the registry, the
        registry cannot be written, or the disk is full. The registry is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> from osteon.registry import delivery_of
    >>> folder = tempfile.TemporaryDirectory()
    >>> delivery = delivery_of('''
    ...     patients
    ...     patient_id | last_contact
    ...     1          | 2015-03-01
    ... ''')
    >>> path = Path(folder.name) / "centre.duckdb"
    >>> [import_delivery(path, delivery).sources[0].outcome for _ in range(2)]
    ['new', 'unchanged']
    >>> folder.cleanup()
    """
    deliveries = list(deliveries)
    if isinstance(registry, Registry):
        return _import(registry, deliveries, progress or _silent)
    with _opened(Path(registry)) as opened:
        return _import(opened, deliveries, progress or _silent)


def _import(registry: Registry, deliveries: Sequence[Delivery], progress: Progress) -> ImportReport:
    refuse_faulty(deliveries, None if registry.empty else registry.clock)
    before = registry.fingerprint
    outcomes = [_outcome(registry, delivery) for delivery in deliveries]
    fresh = [d for d, outcome in zip(deliveries, outcomes, strict=True) if outcome != "unchanged"]
    if fresh or (not registry.empty and checks_are_stale(registry)):
        _write(registry, fresh, progress)
    progress("done", 1.0)
    return ImportReport(
        sources=tuple(
            ImportedSource(delivery.source, delivery.file, outcome, delivery.rows_in)
            for delivery, outcome in zip(deliveries, outcomes, strict=True)
        ),
        counts=tuple(registry.sources()),
        checks=check(registry),
        fingerprint_before=before,
        fingerprint=registry.fingerprint,
    )


def _write(registry: Registry, deliveries: Sequence[Delivery], progress: Progress) -> None:
    new = registry.empty
    with registry.transaction() as connection:
        if new:
            clock = deliveries[0].clock
            connection.execute(tables_of_rows(clock))
            connection.execute("UPDATE stored.registry SET clock = ?", [clock])
        for number, delivery in enumerate(deliveries):
            progress(f"storing {delivery.file}", _STORED * number / len(deliveries))
            _store(connection, delivery)
        run_checks(registry, lambda stage, done: progress(stage, _STORED + _CHECKED * done))
        progress("writing to disk", _STORED + _CHECKED)


_STORED, _CHECKED = 0.4, 0.55
"""Share of the work that storing rows and running the data rules take, roughly."""


def _outcome(registry: Registry, delivery: Delivery) -> Outcome:
    current = registry.connection.execute(
        """
        SELECT content, mapping, reader, complete_for, synthetic
        FROM current_imports WHERE source = ?
        """,
        [delivery.source],
    ).fetchone()
    if current is None:
        return "new"
    return "unchanged" if current == _identity(delivery) else "corrected"


def _identity(delivery: Delivery) -> tuple[str, str, str, list[str], bool]:
    """Return what makes two deliveries of a source the same; a newer osteon may read differently."""
    topics = sorted(set(delivery.complete_for))
    return delivery.content, delivery.mapping, __version__, topics, delivery.synthetic


def _store(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    ((import_id,),) = connection.execute("SELECT nextval('stored.import_ids')").fetchall()
    connection.execute(
        "UPDATE stored.imports SET superseded_by = ? WHERE source = ? AND superseded_by IS NULL",
        [import_id, delivery.source],
    )
    connection.execute(
        "INSERT INTO stored.imports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        [
            import_id,
            delivery.source,
            delivery.file,
            *_identity(delivery),
            delivery.conditioned_on,
            delivery.rows_in,
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )
    for target in delivery.targets:
        _store_rows(connection, import_id, target)
        _store_account(connection, import_id, delivery.rows_in, target)
        _store_findings(connection, import_id, target)


def _store_rows(connection: duckdb.DuckDBPyConnection, import_id: int, target: TargetRows) -> None:
    with _registered(connection, target.rows):
        connection.execute(
            f"INSERT INTO stored.{target.table} "
            "SELECT nextval('stored.row_ids'), ?, ?, * FROM delivered",
            [import_id, target.block],
        )


def _store_account(
    connection: duckdb.DuckDBPyConnection, import_id: int, rows_in: int, target: TargetRows
) -> None:
    connection.execute(
        "INSERT INTO stored.accounting VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            import_id,
            target.table,
            target.block,
            rows_in,
            target.rows.num_rows,
            target.not_applicable,
            len(target.set_aside),
        ],
    )


def _store_findings(
    connection: duckdb.DuckDBPyConnection, import_id: int, target: TargetRows
) -> None:
    told = [_finding(target.table, aside, "reject") for aside in target.set_aside]
    told += [_finding(target.table, cell, "warn") for cell in target.unreadable]
    if not told:
        return
    with _registered(connection, pa.Table.from_pylist(told, schema=_FINDING)):
        connection.execute(
            """
            INSERT INTO stored.read_findings
            SELECT ?, ?, ?, rule, severity, excludes, column_name, source_row, patient_id, reason
            FROM delivered
            """,
            [import_id, target.table, target.block],
        )


def _finding(table: str, aside: SetAside, severity: str) -> dict[str, object]:
    """Return a finding's row; what cannot be read leaves the patient out of what the column blocks."""
    blocks = next((c.blocks for c in TABLES[table].columns if c.name == aside.column), ())
    return {
        "rule": aside.rule,
        "severity": "exclude" if blocks and severity == "warn" else severity,
        "excludes": list(blocks),
        "column_name": aside.column,
        "source_row": aside.source_row,
        "patient_id": aside.patient_id,
        "reason": aside.reason,
    }


_FINDING = pa.schema(
    [
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("excludes", pa.list_(pa.string())),
        ("column_name", pa.string()),
        ("source_row", pa.int64()),
        ("patient_id", pa.string()),
        ("reason", pa.string()),
    ]
)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[None]:
    connection.register("delivered", rows)
    try:
        yield
    finally:
        connection.unregister("delivered")


@contextmanager
def _opened(path: Path) -> Iterator[Registry]:
    new = not path.exists()
    registry = Registry.create(path) if new else Registry.open(path)
    try:
        with registry:
            yield registry
    except BaseException:
        if new:
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        raise


def _silent(stage: str, done: float) -> None:
    """Show nothing."""
