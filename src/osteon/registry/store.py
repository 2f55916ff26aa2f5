"""The registry: one DuckDB file that holds a centre's facts, where they came from, and their faults.

A registry is written by imports alone (`osteon.registry.imports`); everybody else reads its current
rows through `Registry.table`. Several programs may read at once, or one may write.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from osteon.contracts.results import SourceCount
from osteon.contracts.tables import TABLES, Clock
from osteon.errors import RegistryError, did_you_mean
from osteon.registry.faults import damaged, not_a_registry, told_plainly
from osteon.registry.schema import FORMAT, contract_digest, own_tables

if TYPE_CHECKING:
    import ibis.backends.duckdb
    import ibis.expr.types as ir

EMPTY_FINGERPRINT = hashlib.sha256(b"").hexdigest()

_HEADERS_BYTES = 3 * 4096
"""What comes before the blocks of a DuckDB file: its header, and two of the database."""

# Nothing is ever fetched from the network, and a file of another database is not tried as one.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class Registry:
    """An open registry. Use it in a ``with`` block, or `close` it.

    Build one with `Registry.create` or `Registry.open`.

    Attributes
    ----------
    path : Path
        The file.
    read_only : bool
        Whether it was opened for reading only.
    connection : duckdb.DuckDBPyConnection
        The open database, for the modules of this package.

    Examples
    --------
    >>> import tempfile
    >>> from osteon.registry import delivery_of, import_delivery
    >>> folder = tempfile.TemporaryDirectory()
    >>> delivery = delivery_of('''
    ...     patients
    ...     patient_id | sex    | last_contact
    ...     1          | female | 2015-03-01
    ...     2          | male   | 2014-07
    ... ''')
    >>> with Registry.create(Path(folder.name) / "centre.duckdb") as registry:
    ...     report = import_delivery(registry, delivery)
    ...     patients = registry.table("patients")
    ...     registry.clock, patients.count().execute()
    ('calendar', 2)
    >>> folder.cleanup()
    """

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, *, read_only: bool
    ) -> None:
        self.path, self.connection, self.read_only = path, connection, read_only

    @classmethod
    def create(cls, path: str | Path) -> Registry:
        """Make an empty registry and open it for writing.

        Raises
        ------
        RegistryError
            If something is already there, or the folder is missing or may not be written.
        """
        path = Path(path)
        _refuse_taken(path)
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            with told_plainly(path):
                _write_empty(draft)
            draft.rename(path)  # in one step: a kill leaves no half-made registry
        finally:
            draft.unlink(missing_ok=True)
            _log_of(draft).unlink(missing_ok=True)
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False) -> Registry:
        """Open a registry that exists.

        Raises
        ------
        RegistryError
            If there is none, it is something else, of another version, or in use.
        """
        path = Path(path)
        _refuse_absent(path)
        with told_plainly(path):
            connection = duckdb.connect(path, read_only=read_only, config=_CONFIG)
        registry = cls(path, connection, read_only=read_only)
        try:
            registry._refuse_missing_blocks()
            registry._refuse_other_versions()
        except BaseException:
            connection.close()
            raise
        return registry

    def close(self) -> None:
        """Close the file; tables taken from this registry can be read no more."""
        self.connection.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def empty(self) -> bool:
        """Whether nothing was imported yet."""
        return self._value("SELECT clock FROM stored.registry") is None

    @property
    def clock(self) -> Clock:
        """How this registry tells time; the first import decides.

        Raises
        ------
        RegistryError
            If nothing was imported yet.
        """
        clock = self._value("SELECT clock FROM stored.registry")
        if clock is None:
            raise RegistryError(
                f"{self.path} is empty", do="import a centre's files with `osteon ingest`"
            )
        return clock

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the current files and what the data rules found in them.

        The same files under the same mappings, in whatever order they were imported, give the
        same fingerprint; whatever changes a row or an exclusion changes it.
        """
        return self._value("SELECT fingerprint FROM stored.registry")

    @property
    def synthetic(self) -> bool:
        """Whether any of the current files holds made-up patients."""
        return bool(self._value("SELECT bool_or(synthetic) FROM current_imports"))

    @property
    def conditioned_on(self) -> str:
        """What made-up patients of the current files were selected for; empty if nothing."""
        texts = "SELECT DISTINCT conditioned_on FROM current_imports WHERE conditioned_on <> '' ORDER BY 1"
        return "; ".join(text for (text,) in self.connection.execute(texts).fetchall())

    @property
    def complete_for(self) -> tuple[str, ...]:
        """Topics that a current source is declared complete for."""
        topics = "SELECT DISTINCT unnest(complete_for) AS topic FROM current_imports ORDER BY topic"
        return tuple(topic for (topic,) in self.connection.execute(topics).fetchall())

    def table(self, name: str) -> ir.Table:
        """Return the current rows of a table of the contract.

        Beside the contract's columns a row has ``source_row``, ``source`` and ``file`` (where it
        came from) and ``row_id``.

        Raises
        ------
        RegistryError
            If there is no such table, or nothing was imported yet.
        """
        if name not in TABLES:
            raise RegistryError(
                f'there is no table "{name}"',
                f"tables are {', '.join(TABLES)}",
                did_you_mean(name, TABLES),
            )
        _ = self.clock  # an empty registry has no tables yet, and says so
        return self._ibis.table(name).drop("import_id", "block")

    def findings(self) -> ir.Table:
        """Everything found wrong with the current data, one row a finding.

        Columns: ``rule, severity, table_name, column_name, source, file, source_row, row_id,
        import_id, patient_id, reason, excludes``. Holds identifiers: it stays in the centre.
        """
        return self._ibis.table("findings")

    def excluded(self) -> ir.Table:
        """Patients to be left out of analyses: ``patient_id, analysis, rule``, each once."""
        return self._ibis.table("excluded")

    def imports(self) -> ir.Table:
        """Every file ever imported, superseded ones too: the audit trail."""
        return self._ibis.table("imports", database="stored")

    def sources(self) -> list[SourceCount]:
        """What each current file gave to each table, one entry a block of its mapping.

        For every entry stored + not applicable + set aside = rows in; rows that a data rule
        rejects are set aside.
        """
        counts = """
            SELECT source, table_name, rows_in, stored, not_applicable, set_aside
            FROM source_counts
            ORDER BY source, table_name, block
        """
        return [SourceCount(*row) for row in self.connection.execute(counts).fetchall()]

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All of what is written inside, or nothing."""
        if self.read_only:
            raise RegistryError(
                f"{self.path} was opened for reading only", do="open it for writing"
            )
        with told_plainly(self.path):
            self.connection.begin()
            try:
                yield self.connection
                self.connection.commit()
            except BaseException:
                self._roll_back()
                raise

    @cached_property
    def _ibis(self) -> ibis.backends.duckdb.Backend:
        import ibis  # a second of imports that opening and importing need not wait for

        return ibis.duckdb.from_connection(self.connection)

    def _roll_back(self) -> None:
        with suppress(duckdb.Error):  # a failed commit has rolled back already
            self.connection.rollback()

    def _value(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None

    def _refuse_missing_blocks(self) -> None:
        """DuckDB reads a block when it needs it, so a file cut short may open all the same."""
        row = self.connection.execute(
            "SELECT block_size * total_blocks FROM pragma_database_size()"
        ).fetchone()
        if row and self.path.stat().st_size < _HEADERS_BYTES + row[0]:
            raise damaged(self.path)

    def _refuse_other_versions(self) -> None:
        try:
            row = self.connection.execute("SELECT format, contract FROM stored.registry").fetchone()
        except duckdb.Error:
            raise not_a_registry(self.path) from None
        if row != (FORMAT, contract_digest()):
            raise RegistryError(
                f"{self.path} is a registry of another version of osteon",
                f"this osteon reads format {FORMAT} with its own tables",
                "import the centre's files again into a new registry",
            )


def _write_empty(path: Path) -> None:
    with duckdb.connect(path, config=_CONFIG) as connection:
        connection.begin()
        connection.execute(own_tables())
        connection.execute(
            "INSERT INTO stored.registry VALUES (?, ?, NULL, NULL, ?)",
            [FORMAT, contract_digest(), EMPTY_FINGERPRINT],
        )
        connection.commit()
        connection.execute("CHECKPOINT")  # all of it into the one file that is moved into place


def _log_of(path: Path) -> Path:
    """Return where DuckDB keeps what is committed but not yet in the file itself."""
    return path.with_name(f"{path.name}.wal")


def _refuse_taken(path: Path) -> None:
    if path.exists():
        raise RegistryError(f"{path} exists already", do="open it, or choose another name")
    if not path.parent.is_dir():
        raise RegistryError(f"there is no folder {path.parent}", do="make it first")
    if _log_of(path).exists():
        raise RegistryError(
            f"{_log_of(path)} is left over from another registry of this name",
            do="put that registry back, or remove the file",
        )


def _refuse_absent(path: Path) -> None:
    if path.is_dir():
        raise RegistryError(f"{path} is a folder", "a registry is one file", "name the file")
    if not path.exists():
        raise RegistryError(
            f"there is no registry {path}", do="check the path, or make one with `osteon ingest`"
        )
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except PermissionError:
        raise RegistryError(
            f"{path} may not be read", do="check the permissions of file and folder"
        ) from None
    if head[8:12] != b"DUCK":
        raise not_a_registry(path)
