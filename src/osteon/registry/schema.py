"""The registry's tables as SQL: `schema.sql`, and one table and view for each of the contract.

``stored.exams`` keeps every exam ever imported; the view ``exams`` shows the current ones: not
superseded by a corrected file and not rejected by a data rule. A time is a ``DATE`` on the
calendar clock and a ``DOUBLE`` on the diagnosis clock, so these are made with the first import.
"""

from __future__ import annotations

import hashlib
from importlib import resources

import pyarrow as pa

from osteon.contracts.tables import TABLES, Clock, Table

FORMAT = 1
"""Version of the registry's own tables. Raise it with every change of `schema.sql` or here."""


def contract_digest() -> str:
    """SHA-256 over names and types of the contract's tables: a registry keeps exactly one.

    >>> len(contract_digest())
    64
    """
    schemas = [f"{name}\n{table.schema('calendar')}" for name, table in TABLES.items()]
    return hashlib.sha256("\n".join(schemas).encode()).hexdigest()


def own_tables() -> str:
    """SQL of the tables that every registry has."""
    return resources.files(__package__).joinpath("schema.sql").read_text("utf-8")


def tables_of_rows(clock: Clock) -> str:
    """SQL of the tables of rows and the views of what is current, for a clock."""
    return "\n".join(_stored(table, clock) + _current(table, clock) for table in TABLES.values())


def _stored(table: Table, clock: Clock) -> str:
    required = {column.name for column in table.columns if column.required}
    columns = "".join(
        f',\n    "{field.name}" {_SQL[field.type]}{" NOT NULL" * (field.name in required)}'
        for field in table.schema(clock)
    )
    return f"""
CREATE TABLE stored.{table.name} (
    row_id BIGINT NOT NULL,
    import_id INTEGER NOT NULL,
    block INTEGER NOT NULL{columns}
);"""


def _current(table: Table, clock: Clock) -> str:
    columns = ", ".join(f'stored_row."{name}"' for name in table.schema(clock).names)
    return f"""
CREATE VIEW {table.name} AS
SELECT {columns}, row_id, import_id, block, source, file
FROM stored.{table.name} AS stored_row
JOIN current_imports USING (import_id)
ANTI JOIN stored.rejected USING (row_id);"""


_SQL = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}
