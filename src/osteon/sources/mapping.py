"""The mapping file: which column of an export means what.

A mapping is TOML: ``[source]`` says how the file is written, and one block a target table says
how each contract column is filled. Where one wide row tells several rows of the same table, the
block is an array, ``[[metastases]]``. A block without ``patient_id`` takes that of
``[patients]``; ``tumour_id`` is "1" unless said otherwise.

>>> mapping = parse_mapping('''
...     [patients]
...     patient_id = "ID"
...     sex        = { column = "MALE", values = { 1 = "male", 0 = "female" } }
... ''')
>>> [block.name for block in mapping.blocks()]
['patients']

A key that does not belong is refused, all faults at once:

>>> parse_mapping('[patients]\\npatient_id = "ID"\\nsexx = "MALE"')  # doctest: +ELLIPSIS
Traceback (most recent call last):
osteon.errors.MappingError: the mapping does not fit its contract:
  `patients.sexx` is not a setting. Did you mean "sex"? Allowed are when, patient_id, sex, ...
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from osteon.contracts.settings import Settings, parse_settings, read_settings
from osteon.contracts.tables import COVERAGE_TOPICS, TABLES, Clock, Table
from osteon.errors import MappingError, did_you_mean
from osteon.sources.conditions import When
from osteon.sources.dates import DEFAULT_DATES, date_reader
from osteon.sources.fillings import (
    DateFormats,
    Filling,
    NumberFilling,
    TextFilling,
    TimeFilling,
    TimeUnit,
    field_type,
)
from osteon.sources.rules import Fault
from osteon.sources.units import contract_unit, factor
from osteon.sources.values import Numerals

Format = Literal["csv", "tsv", "xlsx", "parquet"]
_GENERATED = ConfigDict(use_attribute_docstrings=False)  # generated models have no source text
DEFAULT_MISSING = ("", "NA", "N/A", "NULL", "NaN")


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f'"{name}" is not an encoding; common are utf-8, cp1252, utf-16') from None
    return name


def _known_topic(topic: str) -> str:
    if topic not in COVERAGE_TOPICS:
        hint = did_you_mean(topic, COVERAGE_TOPICS)
        raise ValueError(
            f'"{topic}" is not a topic. {hint} Allowed are {", ".join(COVERAGE_TOPICS)}'
        )
    return topic


class Time(Settings):
    """A source without calendar dates: every time counts from an anchor."""

    unit: TimeUnit
    """unit of the offsets; a month is 30.4375 days, a year 365.25; fractions are kept"""
    since: Literal["diagnosis"]
    """the anchor"""


class Source(Settings):
    """How the export is written."""

    name: str | None = None
    """which export this is; a corrected file of the same name supersedes the earlier one. Default: the file's name"""
    format: Format | None = None
    """default: by the file's ending"""
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    """of a text file; a byte-order mark is fine"""
    delimiter: str | None = Field(default=None, pattern=r"^[^\w\r\n\"]$")
    """of a text file; default: tab for tsv, else whichever of , ; tab | splits the header most"""
    decimal: Literal[".", ","] = "."
    """decimal sign"""
    thousands: Literal["", ".", ",", " ", "'"] = ""
    """sign between thousands"""
    sheet: str | None = None
    """of a workbook that has several"""
    header_row: int = Field(default=1, ge=1)
    """row that holds the names, as a person counts"""
    missing: tuple[str, ...] = DEFAULT_MISSING
    """texts that mean "empty", upper or lower case; a cell without anything always does"""
    dates: DateFormats = DEFAULT_DATES
    """formats of dates, such as "DD.MM.YYYY"; the precision follows from the format"""
    time: Time | None = None
    """for data without calendar dates"""
    complete_for: tuple[Annotated[str, AfterValidator(_known_topic)], ...] = ()
    """what this source is complete for: without it, no record is not "no" """
    synthetic: bool = False
    """these patients are made up"""
    conditioned_on: str = ""
    """what made-up patients were selected for, in words that every report prints"""

    @model_validator(mode="after")
    def _signs_differ(self) -> Source:
        if self.thousands == self.decimal:
            raise ValueError("`thousands` and `decimal` are the same sign")
        return self

    @property
    def clock(self) -> Clock:
        """Which clock the source's times are on."""
        return "calendar" if self.time is None else "diagnosis"

    @property
    def numerals(self) -> Numerals:
        """How it writes numbers."""
        return Numerals(self.decimal, self.thousands)

    def missing_texts(self, more: tuple[str, ...] = ()) -> frozenset[str]:
        """Texts that mean "empty", case-folded."""
        return frozenset(text.strip().casefold() for text in ("", *self.missing, *more))


class Block(Settings):
    """What a source row tells one table."""

    model_config = _GENERATED

    when: When = Field(default={}, description="rows the block is meant for")


@dataclass(frozen=True)
class TableBlock:
    """A block in use: its table, its number (from 1) among the table's blocks, its fillings."""

    table: Table
    number: int
    when: When
    fillings: dict[str, tuple[Filling, ...]]

    @property
    def name(self) -> str:
        """How the block is called in messages."""
        return self.table.name if self.number == 1 else f"{self.table.name}[{self.number}]"

    def scale(self, column: str, filling: Filling) -> float | None:
        """Factor into the contract's unit; None if the mapping names no unit."""
        if not isinstance(filling, NumberFilling) or filling.unit is None:
            return None
        into = contract_unit(column) or self._constant(_UNIT_COLUMNS.get(column, ""))
        if into is None:
            beside = _UNIT_COLUMNS.get(column)
            hint = f"; give `{beside}` as a constant" if beside in self.fillings else ""
            raise ValueError(f"`{column}` has no unit to convert into{hint}")
        return factor(filling.unit, into, self._constant("analyte"))

    def _constant(self, column: str) -> str | None:
        fillings = self.fillings.get(column, ())
        constant = fillings[0].constant if len(fillings) == 1 else None
        return None if constant is None else str(constant)


class Mapping(Settings):
    """A mapping file. Its blocks have the names of the contract's tables."""

    model_config = _GENERATED

    source: Source = Field(default=Source(), description="how the export is written")

    def blocks(self) -> Iterator[TableBlock]:
        """Blocks in the order of the contract's tables, with what they take for granted."""
        patients = getattr(self, "patients", ())
        identifier = patients[0].patient_id if patients else ()
        for table in TABLES.values():
            for number, block in enumerate(getattr(self, table.name, ()), start=1):
                fillings = {c.name: getattr(block, c.name) for c in table.columns}
                fillings["patient_id"] = fillings["patient_id"] or identifier
                fillings = {name: filling for name, filling in fillings.items() if filling}
                yield TableBlock(table, number, block.when, fillings)

    @property
    def digest(self) -> str:
        """SHA-256 of what the mapping sets; comments, order and layout do not matter."""
        meaning = json.dumps(
            self.model_dump(mode="json", by_alias=True, exclude_defaults=True), sort_keys=True
        )
        return hashlib.sha256(meaning.encode()).hexdigest()

    @model_validator(mode="after")
    def _hangs_together(self) -> Mapping:
        faults = list(self._faults())
        if faults:
            raise ValidationError.from_exception_data("mapping", faults)
        return self

    def _faults(self) -> Iterator[InitErrorDetails]:
        if not any(True for _ in self.blocks()):
            yield _fault((), f"it maps no table; allowed are {', '.join(TABLES)}")
        for block in self.blocks():
            several = len(getattr(self, block.table.name)) > 1
            place = (block.table.name, block.number - 1) if several else (block.table.name,)
            if "patient_id" not in block.fillings:
                yield _fault((*place, "patient_id"), "is missing: set it here or in [patients]")
            for column, fillings in block.fillings.items():
                for filling in fillings:
                    try:
                        block.scale(column, filling)
                        if isinstance(filling, TimeFilling):
                            _check_time(filling, self.source)
                    except ValueError as fault:
                        yield _fault((*place, column), str(fault))


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file; raises `MappingError` telling all its faults at once."""
    return read_settings(path, _MappingFile, MappingError)


def parse_mapping(text: str, where: str = "the mapping") -> Mapping:
    """Read the text of a mapping; raises `MappingError` telling all its faults at once."""
    return parse_settings(text, _MappingFile, where, MappingError)


_UNIT_COLUMNS = {"value": "unit", "upper_limit_normal": "unit", "dose": "dose_unit"}


def _fault(where: tuple[str | int, ...], told: str) -> InitErrorDetails:
    error = PydanticCustomError("mapping", "{told}", {"told": told.rstrip(". ")})
    return InitErrorDetails(type=error, loc=where, input=None)


def _check_time(filling: TimeFilling, source: Source) -> None:
    if source.time is None:
        if filling.offset or filling.unit:
            raise ValueError(
                'counts from an anchor; [source] needs time = { unit = "days", since = "diagnosis" }'
            )
        if isinstance(filling.constant, str):
            dated = date_reader(filling.dates or source.dates)(filling.constant)
            if isinstance(dated, Fault):
                raise ValueError(f"the constant {dated.reason}")
        elif isinstance(filling.constant, int | float):
            raise ValueError("the constant is a number; the source's times are dates")
    elif filling.column or filling.dates:
        raise ValueError(
            "reads a date, but [source] has no calendar: write offset in place of column"
        )
    elif filling.constant is not None and isinstance(filling.constant, str | bool):
        raise ValueError("the constant has to be a number of time units since diagnosis")


def _one_or_more(block: type[Block]) -> Any:
    def parse(value: Any, parse_several: ValidatorFunctionWrapHandler) -> tuple[Block, ...]:
        return parse_several(value) if isinstance(value, list) else (block.model_validate(value),)

    return Annotated[tuple[block, ...], WrapValidator(parse)]  # type: ignore[valid-type]


def _block_model(table: Table) -> Any:
    fields: dict[str, Any] = {}
    for column in table.columns:
        assumed: Any = () if column.name == "patient_id" or not column.required else ...
        if column.name == "tumour_id":
            assumed = (TextFilling(constant="1"),)
        fields[column.name] = (field_type(column), Field(default=assumed, description=column.doc))
    return create_model(f"{table.name}_block", __base__=Block, **fields)


_MappingFile: type[Mapping] = create_model(
    "MappingFile",
    __base__=Mapping,
    **{  # type: ignore[call-overload]
        table.name: (_one_or_more(_block_model(table)), Field(default=(), description=table.doc))
        for table in TABLES.values()
    },
)
