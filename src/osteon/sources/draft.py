"""Propose a mapping for a file nobody has mapped yet: a draft to be read, corrected and kept.

What a header or a value *probably* means is marked ``# check``. No identifier and no free text
gets into a draft: values are shown only for columns guessed to be categories, and then only
those that any centre uses (M, W, G1, ...) or that many patients share.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from osteon.contracts.tables import Column
from osteon.sources.conditions import is_missing
from osteon.sources.dates import DEFAULT_DATES
from osteon.sources.guess import Guess, guess_tables
from osteon.sources.mapping import Source
from osteon.sources.read import read_source
from osteon.sources.sheet import Sheet
from osteon.sources.sniff import are_numbers, sniff_dates, sniff_decimal, sniff_source
from osteon.sources.synonyms import VALUES, plain
from osteon.sources.values import NO, YES, Numerals, as_text, token
from osteon.sources.xlsx import sheet_names

_FEW = 12  # distinct values a category may have to be shown
_SHORT = 20  # letters of a value that may be shown
_SHARED = 5  # rows that must share a value that is not a common code


def draft_mapping(path: Path) -> str:
    """Propose a mapping as TOML text.

    The draft loads as a mapping if the columns were found that the contract requires; where they
    were not, its first lines say so.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    source = sniff_source(path)
    others = _other_sheets(path, source)
    return "\n".join(_Draft(read_source(path, source), source, others).lines()) + "\n"


def _other_sheets(path: Path, source: Source) -> list[str]:
    if source.format != "xlsx":
        return []
    return [name for name in sheet_names(path.read_bytes(), path.name) if name != source.sheet]


@dataclass
class _Draft:
    sheet: Sheet
    source: Source
    other_sheets: list[str]
    guesses: list[Guess] = field(init=False)

    def __post_init__(self) -> None:
        self.guesses = guess_tables(self.sheet.columns)
        self.missing = self.source.missing_texts()
        self.decimal = sniff_decimal(self.sheet.columns.values())
        times = [name for guess in self.guesses for name in _times(guess)]
        self.numeric = {name for name in times if self._numbers(name)}
        dated = {name: sniff_dates(self.sheet.columns[name], self.missing) for name in times}
        self.dates = {name: d for name, d in dated.items() if d[0] and name not in self.numeric}
        self.offsets = bool(self.numeric) and not self.dates
        of_this_clock = self.numeric if self.offsets else self.dates
        self.no_times = {n for n in times if n not in of_this_clock and self._has_values(n)}

    def lines(self) -> Iterator[str]:
        complete = [guess for guess in self.guesses if not self._lacking(guess)]
        yield f"# Draft of a mapping for {self.sheet.file}: read every line, above all # check."
        if not complete:
            yield "# NOT YET A MAPPING: no table has all the columns it requires."
        for guess in self.guesses:
            if lacking := self._lacking(guess):
                yield f"# [{guess.table.name}] lacks {', '.join(lacking)}: see below."
        yield ""
        yield from self._source()
        for guess in self.guesses:
            yield ""
            yield from (self._incomplete(guess) if self._lacking(guess) else self._block(guess))
        yield from self._unused()

    def _lacking(self, guess: Guess) -> list[str]:
        """Required columns not found, or found and not readable as the times they have to be."""
        unusable = (c for c, name in guess.columns.items() if name in self.no_times)
        return guess.lacking + [c for c in unusable if guess.table.column(c).required]

    def _source(self) -> Iterator[str]:
        yield "[source]"
        name = _quoted(Path(self.sheet.file).stem)
        yield f"name = {name}  # keep it: a corrected file of this name supersedes, another adds"
        for setting in ("format", "encoding", "sheet", "header_row"):
            value = getattr(self.source, setting)
            if setting in self.source.model_fields_set and value not in ("utf-8", 1):
                yield f"{setting} = {_quoted(value)}"
        if self.source.sheet and self.other_sheets:
            others = ", ".join(_quoted(name) for name in self.other_sheets)
            yield f"# The workbook has other sheets, each needs a mapping of its own: {others}"
        if self.decimal != ".":
            yield f"decimal = {_quoted(self.decimal)}"
        if self.offsets:
            yield 'time = { unit = "days", since = "diagnosis" }  # check'
        formats = list(dict.fromkeys(f for found, _ in self.dates.values() for f in found))
        if set(formats) - set(DEFAULT_DATES):
            sure = all(sure for _, sure in self.dates.values())
            doubt = "" if sure else "  # check: day or month first?"
            yield f"dates = {_quoted(formats)}{doubt}"
        yield "# complete_for = []  # what this export is complete for; no record is not no"

    def _block(self, guess: Guess) -> Iterator[str]:
        yield f"[{guess.table.name}]"
        if guess.table.name == "patients" and "death" not in guess.columns:
            yield "# check: no column was taken for `death`: everybody would count as alive"
        if guess.table.name == "assignments":
            yield 'name = { constant = "arm" }'
        for contract, name in guess.columns.items():
            yield self._field(guess.table.column(contract), name)

    def _field(self, column: Column, name: str) -> str:
        doubt = "" if plain(column.name) == plain(name) else "  # check"
        if column.kind == "time":
            if name in self.no_times:
                return f"# {column.name} = {_quoted(name)}  # its values do not read as times"
            if self.offsets:
                return f"{column.name} = {{ offset = {_quoted(name)} }}{doubt}"
        values, untold = self._values(column, name)
        if not values and not untold:
            return f"{column.name} = {_quoted(name)}{doubt}"
        listed = ", ".join(f"{_quoted(code)} = {_quoted(value)}" for code, value in values.items())
        allowed = ", ".join(column.allowed) or "true, false"
        still = f"; still to translate: {untold}" if untold else ""
        if not values:
            return f"{column.name} = {_quoted(name)}  # check; allowed: {allowed}{still}"
        return (
            f"{column.name} = {{ column = {_quoted(name)}, values = {{ {listed} }} }}"
            f"  # check; allowed: {allowed}{still}"
        )

    def _values(self, column: Column, name: str) -> tuple[dict[str, str | bool], str]:
        """Translate the values of a category; those without translation are told in words."""
        if column.kind not in ("category", "flag"):
            return {}, ""
        cells = (raw for raw in self.sheet.columns[name] if not is_missing(raw, self.missing))
        counts = Counter(token(raw) for raw in cells)
        spoken = _spoken(column, name)
        known = {code: spoken[plain(code)] for code in counts if plain(code) in spoken}
        unknown = [code for code in counts if code not in known]
        if len(counts) > _FEW:
            return {}, f"{len(counts)} different values"
        shown = [c for c in unknown if len(c) <= _SHORT and counts[c] >= _SHARED]
        hidden = len(unknown) - len(shown)
        told = [json.dumps(code, ensure_ascii=False) for code in shown]
        told += [f"{hidden} not shown"] if hidden else []
        if not unknown and all(str(value) == code for code, value in known.items()):
            return {}, ""
        return known, ", ".join(told)

    def _incomplete(self, guess: Guess) -> Iterator[str]:
        yield f"# [{guess.table.name}]  # lacks {', '.join(self._lacking(guess))}"
        if "patient_id" in guess.lacking:
            yield "# patient_id = { row_number = true }  # only if every row is another patient"
        for contract, name in guess.columns.items():
            yield f"# {contract} = {_quoted(name)}"

    def _unused(self) -> Iterator[str]:
        used = {name for guess in self.guesses for name in guess.columns.values()}
        unused = [name for name in self.sheet.columns if name not in used]
        told = [name for name in unused if not self._looks_like_a_value(name)]
        if unused:
            yield ""
            yield "# Columns not mapped:"
            yield from (f"#   {_quoted(name)}" for name in told)
        if len(told) < len(unused):
            yield f"#   {len(unused) - len(told)} whose names look like values: has the file a header?"

    def _looks_like_a_value(self, name: str) -> bool:
        return any(sign.isdigit() for sign in name[:1]) or any(
            as_text(raw) == name for raw in self.sheet.columns[name]
        )

    def _has_values(self, name: str) -> bool:
        return any(not is_missing(raw, self.missing) for raw in self.sheet.columns[name])

    def _numbers(self, name: str) -> bool:
        return are_numbers(self.sheet.columns[name], self.missing, Numerals(self.decimal))


def _times(guess: Guess) -> Iterator[str]:
    for contract, name in guess.columns.items():
        if guess.table.column(contract).kind == "time":
            yield name


def _spoken(column: Column, name: str) -> dict[str, str | bool]:
    if column.kind == "flag":
        return {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    if column.name == "sex" and plain(name) in ("male", "maennlich"):
        return {"1": "male", "0": "female"}
    spoken: dict[str, str | bool] = {plain(value): value for value in column.allowed}
    for value, codes in VALUES.get(column.name, {}).items():
        if value in column.allowed:
            spoken |= {code: value for code in codes.split() if code not in spoken}
    return spoken


def _quoted(value: object) -> str:
    # JSON's strings, numbers and lists are TOML's too.
    return json.dumps(value, ensure_ascii=False)
