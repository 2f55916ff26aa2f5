"""How one contract column is filled: a column, a constant, a time since diagnosis, a row number.

In a mapping a field is a column's name, a table with settings, or a list of such tables, of
which the first that has something to say decides:

    sex   = "SEX"
    sex   = { column = "MALE", values = { 1 = "male", 0 = "female" } }
    stage = [ { constant = "IV", when = { M1 = true } }, { column = "STAGE" } ]
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from osteon.contracts.settings import Settings
from osteon.contracts.tables import PRECISIONS, Column
from osteon.errors import did_you_mean
from osteon.sources.conditions import ColumnName, Scalar, When
from osteon.sources.dates import date_format
from osteon.sources.units import UNITS
from osteon.sources.values import check_value, token

Precision = Literal["day", "month", "year", "estimated"]
TimeUnit = Literal["days", "weeks", "months", "years"]


def _known_format(text: str) -> str:
    return date_format(text).text


def _known_unit(unit: str) -> str:
    if unit not in UNITS:
        raise ValueError(
            f'"{unit}" is not a unit. {did_you_mean(unit, UNITS)} Known are {", ".join(UNITS)}'
        )
    return unit


DateFormats = tuple[Annotated[str, AfterValidator(_known_format)], ...]
Unit = Annotated[str, AfterValidator(_known_unit)]


def _by_token(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    known: dict[str, Any] = {}
    for key, value in values.items():
        if known.setdefault(token(key), value) != value:
            raise ValueError(f'two keys mean "{token(key)}" (1 and true are the same)')
    return known


_SAME_NAMES: dict[str, Any] = {name: name for name in PRECISIONS}


class Filling(Settings):
    """One way to fill a contract column; exactly one of its origins is set."""

    column: ColumnName | None = None
    """source column"""
    constant: Scalar | date | None = None
    """the same value in every row"""
    missing: tuple[str, ...] = ()
    """texts that mean "empty" in this field, besides those of [source]"""
    when: When = Field(default={})
    """rows the field is meant for; elsewhere the cell is empty"""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return value if isinstance(value, dict | cls) else {"column": value}

    @model_validator(mode="after")
    def _one_origin(self) -> Filling:
        origins = [name for name in _ORIGINS if getattr(self, name, None) is not None]
        if len(origins) != 1:
            told = " and ".join(origins) if origins else "none of them"
            allowed = ", ".join(name for name in _ORIGINS if name in type(self).model_fields)
            raise ValueError(f"needs one of {allowed}; it has {told}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Source columns it reads."""
        own = (self.column, getattr(self, "offset", None), getattr(self, "precision_column", None))
        return (*(name for name in own if name), *self.when)


class TranslatedFilling(Filling):
    """A text, category or flag: its values can be translated."""

    values: Annotated[dict[str, Scalar], BeforeValidator(_by_token)] = Field(default={})
    """source value = contract value; "" = ... says what an empty cell means, ... = "" leaves empty"""
    otherwise: Scalar | None = None
    """contract value of every source value that `values` does not name; without it they are unreadable"""

    @model_validator(mode="after")
    def _translates(self) -> TranslatedFilling:
        if self.otherwise is not None and not self.values:
            raise ValueError("`otherwise` needs `values` beside it")
        return self


class TextFilling(TranslatedFilling):
    """A text, such as an identifier."""

    row_number: Literal[True] | None = None
    """number of the source row, where a source has no identifier"""
    prefix: str = ""
    """put before it, to keep the identifiers of two sources apart"""


class NumberFilling(TranslatedFilling):
    """A number."""

    unit: Unit | None = None
    """unit in the source; converted into the contract's"""


class TimeFilling(Filling):
    """A time: a date, or a time since diagnosis."""

    offset: ColumnName | None = None
    """source column that holds a time since the anchor"""
    unit: TimeUnit | None = None
    """unit of the offset, where it differs from that of [source]"""
    dates: DateFormats = ()
    """formats of this column, in place of those of [source]"""
    precision: Precision = "day"
    """how precise these times are at best, such as "estimated" """
    precision_column: ColumnName | None = None
    """source column that says how precise each is"""
    precision_values: dict[str, Precision] = Field(default=_SAME_NAMES)
    """its codes, such as E = "day", T = "month" """


_ORIGINS = ("column", "offset", "constant", "row_number")
_KINDS: dict[str, type[Filling]] = {
    "text": TextFilling,
    "category": TranslatedFilling,
    "flag": TranslatedFilling,
    "number": NumberFilling,
    "integer": NumberFilling,
    "time": TimeFilling,
}


def field_type(column: Column) -> Any:
    """Return the type of a mapping's field for a contract column: one filling, or several."""
    kind = _KINDS[column.kind]

    def parse(value: Any, parse_several: ValidatorFunctionWrapHandler) -> tuple[Filling, ...]:
        if isinstance(value, list) and not value:
            raise ValueError("an empty list fills nothing")
        many = isinstance(value, list)
        fillings = parse_several(value) if many else (kind.model_validate(value),)
        for filling in fillings:
            _check_written_values(column, filling)
        return fillings

    return Annotated[tuple[kind, ...], WrapValidator(parse)]  # type: ignore[valid-type]


def _check_written_values(column: Column, filling: Filling) -> None:
    if isinstance(filling, TranslatedFilling):
        written = [filling.constant, filling.otherwise, *filling.values.values()]
        for value in written:
            if value not in (None, ""):
                check_value(column, value)
