"""An export file, read: find out what it is, hold it against what it is said to be, read it.

The file is read from disk once; the bytes hashed are the bytes parsed, so a file that is being
rewritten meanwhile cannot give two answers.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from osteon.errors import InputError, MappingError
from osteon.sources.delimited import read_delimited
from osteon.sources.mapping import Format, Source
from osteon.sources.parquet import read_parquet
from osteon.sources.sheet import Grid, Sheet, name_columns
from osteon.sources.xlsx import read_xlsx

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""Format by a file's ending, where the mapping names none."""


def read_source(path: Path, source: Source, progress: Callable[[int], None] | None = None) -> Sheet:
    """Read an export file.

    Parameters
    ----------
    path : Path
        The file.
    source : Source
        How it is written.
    progress : callable, optional
        Told how many rows of a workbook are read.

    Raises
    ------
    InputError
        If the file is missing, empty, cut off, wrongly encoded, or not what it is said to be.
    MappingError
        If a setting of ``source`` does not fit the format.
    """
    content = read_bytes(path)
    format = format_of(path, source.format)
    _check_is(format, content, path.name)
    _check_settings(source, format, path.name)
    grid = _read_grid(content, source.model_copy(update={"format": format}), path.name, progress)
    return Sheet(
        file=path.name,
        content=hashlib.sha256(content).hexdigest(),
        columns=name_columns(grid, path.name),
        row_numbers=grid.row_numbers,
        misfits=tuple(grid.misfits),
    )


def read_bytes(path: Path) -> bytes:
    """Read a file's bytes; an absent, unreadable or empty one raises `InputError`."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"there is no file {path}", do="check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", "a mapping reads one file", "name it") from None
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}") from None
    if not content.strip():
        raise InputError(f"{path.name} is empty", do="check that the export has run")
    return content


def format_of(path: Path, said: Format | None) -> Format:
    """Return the format the mapping names, else the one the file's ending stands for."""
    found = said or ENDINGS.get(path.suffix.lower())
    if found:
        return found
    raise InputError(
        f"the ending of {path.name} does not say what it is",
        f"known are {', '.join(ENDINGS)}",
        "set `format` in [source]",
    )


def what_is(content: bytes) -> tuple[str, Format | None]:
    """Say what a file is by its first bytes: in words, and as a format we read."""
    for start, words, format in _SIGNATURES:
        if content.startswith(start):
            return words, format
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ("an Excel workbook", "xlsx") if _is_workbook(content) else ("a ZIP archive", None)
    if content.lstrip()[:9].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        return "a web page or XML file", None
    return "a text file", "csv"


_SIGNATURES: tuple[tuple[bytes, str, Format | None], ...] = (
    (b"PAR1", "a Parquet file", "parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one with a password", None),
    (b"\x1f\x8b", "a gzip archive", None),
    (b"BZh91AY", "a bzip2 archive", None),
    (b"\xfd7zXZ", "an xz archive", None),
    (b"7z\xbc\xaf", "a 7-Zip archive", None),
    (b"%PDF", "a PDF", None),
    (b"$FL2@(#)", "an SPSS file", None),
)
_CURES = {
    "an old": "open it in the spreadsheet program and save it as .xlsx without a password",
    "a gzip": "unpack it",
    "a bzip2": "unpack it",
    "an xz": "unpack it",
    "a 7-Zip": "unpack it",
    "a ZIP": "unpack it",
}


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except zipfile.BadZipFile:  # its directory is at the end: cut off, but once a workbook
        return b"xl/" in content or b"[Content_Types].xml" in content


def _check_is(format: Format, content: bytes, file: str) -> None:
    words, found = what_is(content)
    if found == format or (found == "csv" and format == "tsv"):
        return
    said = {"csv": "CSV", "tsv": "TSV", "xlsx": "an Excel workbook", "parquet": "Parquet"}[format]
    cure = f'rename it or set format = "{found}" in [source]' if found else None
    cure = cure or next((c for start, c in _CURES.items() if words.startswith(start)), None)
    raise InputError(
        f"{file} is {words}, not {said}",
        "CSV, TSV, XLSX and Parquet can be read",
        cure or "export it as CSV",
    )


_BELONGS_TO: dict[str, tuple[Format, ...]] = {
    "encoding": ("csv", "tsv"),
    "delimiter": ("csv", "tsv"),
    "sheet": ("xlsx",),
    "header_row": ("csv", "tsv", "xlsx"),
}


def _check_settings(source: Source, format: Format, file: str) -> None:
    for setting, formats in _BELONGS_TO.items():
        if setting in source.model_fields_set and format not in formats:
            raise MappingError(
                f"[source] sets `{setting}`, but {file} is read as {format}",
                f"`{setting}` is for {', '.join(formats)}",
                "remove it",
            )


def _read_grid(
    content: bytes, source: Source, file: str, progress: Callable[[int], None] | None
) -> Grid:
    if source.format == "xlsx":
        return read_xlsx(content, source, file, progress)
    if source.format == "parquet":
        return read_parquet(content, file)
    return read_delimited(content, source, file)
