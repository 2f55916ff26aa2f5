"""Find out how an export is written: encoding, header row, sheet, decimal sign, dates."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from osteon.errors import InputError
from osteon.sources.conditions import is_missing
from osteon.sources.dates import DEFAULT_DATES, date_reader
from osteon.sources.delimited import decode, split
from osteon.sources.mapping import Source
from osteon.sources.read import format_of, read_bytes, what_is
from osteon.sources.rules import Fault
from osteon.sources.sheet import Raw, plain_name
from osteon.sources.values import Numerals, as_text
from osteon.sources.xlsx import first_rows, sheet_names

_LOOK_AT = 15  # rows in which a header is looked for

OTHER_DATES = (
    "DD.MM.YYYY",
    "00.MM.YYYY",
    "00.00.YYYY",
    "DD.MM.YYYY hh:mm",
    "DD.MM.YYYY hh:mm:ss",
    "MM.YYYY",
    "YYYYMMDD",
    "YYYY/MM/DD",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD-MM-YYYY",
    "MM/YYYY",
)


def sniff_source(path: Path) -> Source:
    """Find out how a file is written, its values apart."""
    content = read_bytes(path)
    format = what_is(content)[1] or format_of(path, None)
    if format == "csv" and path.suffix.lower() in (".tsv", ".tab"):
        format = "tsv"
    found: dict[str, object] = {"format": format}
    if format in ("csv", "tsv"):
        found["encoding"] = _encoding(content)
        source = Source.model_validate(found)
        text = decode(content, source.encoding, path.name)
        rows: Sequence[Sequence[Raw]] = [fields for _, fields in split(text, source, "", _LOOK_AT)]
        found["header_row"] = 1
    elif format == "xlsx":
        names = sheet_names(content, path.name)
        if len(names) > 1:
            found["sheet"] = names[0]
        rows = first_rows(content, Source.model_validate(found), path.name, _LOOK_AT)
        found["header_row"] = _header_row(rows)
    return Source.model_validate(found)


def sniff_decimal(columns: Iterable[Sequence[Raw]]) -> str:
    """Return "," where numbers are written with a decimal comma and none with a point."""
    texts = [raw.strip() for column in columns for raw in set(column) if isinstance(raw, str)]
    comma = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", text)) for text in texts)
    point = sum(bool(re.fullmatch(r"[+-]?\d+\.\d+", text)) for text in texts)
    return "," if comma > point else "."


def sniff_dates(cells: Iterable[Raw], missing: frozenset[str]) -> tuple[list[str], bool]:
    """Return the formats that read a column's dates, and whether the order of day and month is sure.

    An empty list says that the column does not hold dates.

    >>> sniff_dates(["03.05.2019", "00.07.2020"], frozenset())
    (['DD.MM.YYYY', '00.MM.YYYY'], True)
    """
    texts = {as_text(raw) for raw in cells if not is_missing(raw, missing)}
    left, formats, sure = texts, [], True
    for candidate in (*DEFAULT_DATES, *OTHER_DATES):
        if not left:
            break
        read = date_reader((candidate,))
        unread = {text for text in left if isinstance(read(text), Fault)}
        if candidate == "DD/MM/YYYY" and unread < left:
            american = date_reader(("MM/DD/YYYY",))
            if {text for text in left if isinstance(american(text), Fault)} < unread:
                continue
            sure = unread != {text for text in left if isinstance(american(text), Fault)}
        if len(unread) < len(left):
            formats.append(candidate)
            left = unread
    return (formats, sure) if len(left) * 2 < len(texts) else ([], True)


def are_numbers(cells: Iterable[Raw], missing: frozenset[str], numerals: Numerals) -> bool:
    """Say whether a column holds numbers, and not only years."""
    present = [raw for raw in cells if not is_missing(raw, missing)]
    numbers = [numerals.read(raw) for raw in present]
    if not numbers or any(isinstance(number, Fault) for number in numbers):
        return False
    texts = {as_text(raw) for raw in present}
    return not all(re.fullmatch(r"(19|20)\d\d", text) for text in texts) and not all(
        re.fullmatch(r"(19|20)\d{6}", text) for text in texts
    )


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _header_row(rows: Sequence[Sequence[Raw]]) -> int:
    # A title above the table fills one cell; the header is the first row with the most names.
    widths = [len({plain_name(cell) for cell in row if isinstance(cell, str)}) for row in rows]
    if not widths or not max(widths):
        raise InputError("no row looks like a header", do="write the mapping by hand")
    return next(place for place, width in enumerate(widths, 1) if width * 2 > max(widths))
