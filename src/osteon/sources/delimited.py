"""CSV and TSV: text, lines, fields. What is broken is told, with its line; nothing is guessed.

Row numbers are lines as an editor counts them; a record that runs over several lines (quoted
free text) has the number of its first.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence

from osteon.errors import InputError
from osteon.sources.mapping import Source
from osteon.sources.sheet import Grid

DELIMITERS = (",", ";", "\t", "|")

Record = tuple[int, list[str]]
"""Line a record starts on, and its fields."""


def read_delimited(content: bytes, source: Source, file: str) -> Grid:
    """Read a text file of delimited fields.

    A record in the middle with another number of fields than the header is a misfit; surplus
    fields at its end that are empty hold nothing and do not count.

    Raises
    ------
    InputError
        If the text cannot be decoded or holds NUL bytes, a quote is never closed, a quote swallows
        lines, the last record is cut off, or there is no header.
    """
    text = decode(content, source.encoding, file)
    records = split(text, source, file)
    if not records:
        raise InputError(
            f"{file} has no row {source.header_row} to read names from",
            do="check that the export is complete and that `header_row` is right",
        )
    header = records[0][1]
    while len(header) > 1 and not header[-1].strip():
        header = header[:-1]
    width = len(header)
    _refuse_cut_off(text, records, width, file)
    rows, numbers, misfits = _fitting(records[1:], width, file)
    columns: Sequence[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [[]] * width
    return Grid(header, columns, numbers, misfits)


def decode(content: bytes, encoding: str, file: str) -> str:
    """Decode a file's bytes, or say where that fails and which encoding would read them."""
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    if is_utf8 and content.startswith(_UTF16_MARKS):
        raise InputError(
            f"{file} is UTF-16 text, not UTF-8", do='set encoding = "utf-16" in [source]'
        )
    if not is_utf8 and _is_utf8_beyond_ascii(content):
        raise InputError(
            f"{file} is UTF-8 text, not {encoding}",
            do="remove `encoding` from [source], or letters with accents are read as two others",
        )
    try:
        text = content.decode("utf-8-sig" if is_utf8 else encoding)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise InputError(
            f"byte {fault.start} of {file} (line {line}) is not {encoding}",
            do=f'set encoding = "{_readable_as(content)}" in [source] if that is what wrote it',
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            f"{file} holds NUL bytes (first on line {line})",
            "a text export has none; a write that was broken off, UTF-16 or a binary file has",
            'export it again, or set encoding = "utf-16"',
        )
    return text


def split(text: str, source: Source, file: str, most: int | None = None) -> list[Record]:
    """Split text into records from the header on, at most ``most``; blank ones are left out."""
    lines = io.StringIO(text, newline="")
    for _ in range(source.header_row - 1):
        lines.readline()
    delimiter = source.delimiter or delimiter_of(
        text, source.header_row, tab=source.format == "tsv"
    )
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[Record] = []
    start = source.header_row
    try:
        for fields in reader:
            if any(map(str.strip, fields)):
                records.append((start, fields))
            elif not records:
                break  # the header row is blank
            start = source.header_row + reader.line_num
            if most is not None and len(records) >= most:
                break
    except csv.Error as fault:
        raise InputError(
            f"a quote in the record that starts on line {start} of {file} is not closed, "
            f"or stands in the middle of a field ({fault})",
            "quotes enclose whole fields; a quote inside is doubled",
            "check that the export is complete, and repair that line",
        ) from None
    return records


def delimiter_of(text: str, header_row: int = 1, *, tab: bool = False) -> str:
    r"""Return the sign that splits the header into most names.

    >>> delimiter_of("id;sex, as recorded;birth\n1;2;3")
    ';'
    """
    if tab:
        return "\t"
    lines = io.StringIO(text[:_FIRST_LINES], newline="")
    header = [lines.readline() for _ in range(header_row)][-1]
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=unquoted.count)


_FIRST_LINES = 1_000_000  # letters among which the header is
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _is_utf8_beyond_ascii(content: bytes) -> bool:
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _readable_as(content: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _refuse_cut_off(text: str, records: list[Record], width: int, file: str) -> None:
    line, last = records[-1]
    if len(records) > 1 and len(last) < width and not text.endswith(("\n", "\r")):
        raise InputError(
            f"{file} stops in the middle of line {line}: {len(last)} of {width} fields, no line end",
            "a complete export ends with a complete line",
            "export it again; the transfer or the disk may have broken off",
        )


def _fitting(
    records: list[Record], width: int, file: str
) -> tuple[list[list[str]], list[int], list[int]]:
    rows, numbers, misfits = [], [], []
    for line, fields in records:
        if len(fields) > width and not any(fields[width:]):
            fields = fields[:width]
        if len(fields) == width:
            rows.append(fields)
            numbers.append(line)
        elif any("\n" in field or "\r" in field for field in fields):
            raise InputError(
                f"the record that starts on line {line} of {file} runs over several lines and has "
                f"{len(fields)} fields where the header has {width}",
                "a stray quote may have swallowed rows, so nobody can say how many",
                "repair the quotes on that line",
            )
        else:
            misfits.append(line)
    if len(misfits) >= _MANY and not rows:
        raise InputError(
            f"no row of {file} has as many fields as its header ({width})",
            do="check `delimiter` and `header_row` in [source]",
        )
    return rows, numbers, misfits


_MANY = 5  # rows; fewer may each be wrong, so many are a mistake in the mapping
