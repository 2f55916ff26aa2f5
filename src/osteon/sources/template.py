"""A CSV template set: for centres that fill in a spreadsheet rather than export from a system.

One CSV a contract table, holding one made-up patient to be replaced, the mapping that reads it,
and a README that describes every column. All of it is written from the contract, so that none of
it can drift away from it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from osteon.contracts.tables import COVERAGE_TOPICS, PRECISIONS, TABLES, Clock, Column, Table
from osteon.errors import InputError
from osteon.sources.example import EXAMPLE
from osteon.sources.mapping import Mapping, parse_mapping


def write_template(directory: Path) -> list[Path]:
    """Write the template set into a folder, which is made if need be.

    Returns
    -------
    list of Path
        The files written: ``<table>.csv`` and ``<table>.toml`` for every table, ``README.md``.

    Raises
    ------
    InputError
        If one of them exists: it may hold patients.
    """
    texts = {"README.md": readme()}
    for table in TABLES.values():
        texts[f"{table.name}.csv"] = example_csv(table)
        texts[f"{table.name}.toml"] = identity_toml(table, example=True)
    present = [name for name in texts if (directory / name).exists()]
    if present:
        raise InputError(
            f"{directory} already holds {', '.join(present)}",
            "a template never overwrites what may hold patients",
            "choose an empty folder",
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8", newline="")
    return [directory / name for name in texts]


def identity_mapping(table: str, *, clock: Clock = "calendar") -> Mapping:
    """Return the mapping of a file whose columns are named as the contract's.

    >>> [block] = identity_mapping("exams").blocks()
    >>> block.fillings["modality"][0].column
    'modality'
    """
    return parse_mapping(identity_toml(TABLES[table], clock=clock), where=f"{table}.toml")


def identity_toml(table: Table, *, clock: Clock = "calendar", example: bool = False) -> str:
    """Write the mapping of a file whose columns are named as the contract's.

    >>> print(identity_toml(TABLES["assignments"]))
    [source]
    name = "assignments"
    <BLANKLINE>
    [assignments]
    patient_id = "patient_id"
    name = "name"
    value = "value"
    <BLANKLINE>
    """
    lines = ["[source]", f'name = "{table.name}"']
    if clock == "diagnosis":
        lines.append('time = { unit = "days", since = "diagnosis" }')
    if example:
        lines += [
            "synthetic = true  # remove together with the example patient",
            f"# complete_for = []  # {', '.join(COVERAGE_TOPICS)}: no record is not no",
        ]
    lines += ["", f"[{table.name}]"]
    lines += [f"{column.name} = {_identity(column, clock)}" for column in table.columns]
    return "\n".join(lines) + "\n"


def example_csv(table: Table) -> str:
    """Write a table's CSV: its header and the example patient."""
    names = list(_csv_columns(table))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(EXAMPLE[table.name])
    return text.getvalue()


def readme() -> str:
    """Describe every column of every table, as the contract has it."""
    lines = [_INTRODUCTION.format(precisions=", ".join(PRECISIONS), topics=_topics())]
    for table in TABLES.values():
        required = ", ".join(f"`{name}`" for name in table.key)
        lines += [
            f"## {table.name}",
            "",
            f"{table.doc} Two rows with the same {required} repeat each other.",
            "",
            "| column | what to write | required | meaning |",
            "|---|---|---|---|",
            *(_described(column) for column in table.columns),
            "",
        ]
    return "\n".join(lines)


def _csv_columns(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield column.name
        if column.kind == "time":
            yield f"{column.name}_precision"


def _identity(column: Column, clock: Clock) -> str:
    if column.kind != "time":
        return json.dumps(column.name)
    origin = "column" if clock == "calendar" else "offset"
    return f'{{ {origin} = "{column.name}", precision_column = "{column.name}_precision" }}'


def _described(column: Column) -> str:
    required = "yes" if column.required else ""
    return f"| `{column.name}` | {_written(column)} | {required} | {column.doc} |"


def _written(column: Column) -> str:
    if column.allowed:
        return ", ".join(f"`{value}`" for value in column.allowed)
    if column.kind == "time":
        return f"date, as `2019-05-03`, `2019-05` or `2019`; `{column.name}_precision` if it is coarser"
    if column.kind == "flag":
        return "`true` or `false`"
    kind = {"number": "number", "integer": "whole number", "text": "text"}[column.kind]
    if column.minimum is None or column.maximum is None:
        return kind
    return f"{kind}, {column.minimum:g} to {column.maximum:g}"


def _topics() -> str:
    return "\n".join(f"- `{topic}`: {meaning}" for topic, meaning in COVERAGE_TOPICS.items())


_INTRODUCTION = """# Template

One CSV file a table, one TOML file beside it that tells osteon how to read it. The one patient in
them is made up. To use them:

1. Fill in your patients; remove the example patient and the line `synthetic = true`.
   Files you do not need can be deleted. Leave empty what is not known: an empty cell is
   "not known", never "no".
2. In the TOML file, say with `complete_for` what the file is complete for (below).
3. `osteon ingest patients.csv --mapping patients.toml --registry centre.duckdb`, and so on.

Use pseudonyms for `patient_id`, the same ones in all files. Save as CSV in UTF-8 with commas, or
set `delimiter`, `decimal`, `dates` and `encoding` in the TOML file to what your program writes.

A date that is known only to the month or year is written so: `2019-05`, `2019`. Where a full date
is written but not meant to the day, its precision column says so: {precisions}.

What a file can be declared complete for:

{topics}
"""
