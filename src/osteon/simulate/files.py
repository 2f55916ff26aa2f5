"""Sheets to files: each in its format, every byte the same on every run."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from osteon.simulate.sheets import Sheet

BANNER = "SYNTHETISCHE DATEN - erfundene Patienten, kein Bezug zu lebenden Personen"

_BEGINNING = (1980, 1, 1, 0, 0, 0)
_WRITTEN = datetime(2024, 1, 15)
_ENCODING = {"stammdaten": "cp1252", "therapien": "cp1252"}


def write_sheet(sheet: Sheet, directory: Path) -> Path:
    """Write a sheet as the format that its file's ending names; formats with room get a banner."""
    path = directory / sheet.file
    path.write_bytes(_WRITERS[path.suffix](sheet))
    return path


def _delimited(sheet: Sheet, delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    text.write(f"{BANNER}\r\n")
    writer.writerow(sheet.columns)
    writer.writerows(sheet.rows)
    return text.getvalue().encode(_ENCODING.get(sheet.name, "utf-8"))


def _xlsx(sheet: Sheet) -> bytes:
    workbook = Workbook(write_only=True)
    workbook.properties.created = _WRITTEN
    page = workbook.create_sheet("Beschluesse")
    page.append([BANNER])
    page.append(list(sheet.columns))
    for row in sheet.rows:
        page.append(row)
    written = io.BytesIO()
    workbook.save(written)
    return _timeless(written.getvalue())


def _timeless(content: bytes) -> bytes:
    """Rewrite a workbook without the moment of writing.

    Members are stored, not compressed: compressors differ between machines.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-01-15T00:00:00Z", data
                )
            new.writestr(zipfile.ZipInfo(name, _BEGINNING), data)
    return out.getvalue()


def _parquet(sheet: Sheet) -> bytes:
    columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.columns)
    table = pa.table({name: pa.array(c) for name, c in zip(sheet.columns, columns, strict=True)})
    table = table.replace_schema_metadata({"note": BANNER})
    out = io.BytesIO()
    pq.write_table(table, out, compression="NONE")
    return out.getvalue()


_WRITERS = {
    ".csv": lambda sheet: _delimited(sheet, ";"),
    ".tsv": lambda sheet: _delimited(sheet, "\t"),
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
