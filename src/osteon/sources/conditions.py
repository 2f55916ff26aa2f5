"""``when``: which source rows a block or a field of a mapping is meant for.

    when = { dead = 1 }                          equals; 1, "1", 1.0 and TRUE are the same
    when = { STAGE = ["III", "IV"] }             one of
    when = { GRADE = { at_least = 2 } }          at_least, at_most: as numbers
    when = { STATUS = { not = "X" } }            something else is there
    when = { SCAN_DATE = { present = true } }    anything is there

Several columns must all agree. An empty cell meets nothing but ``present = false``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from osteon.contracts.settings import Settings
from osteon.sources.rules import BROKEN_CELL, Fault
from osteon.sources.sheet import Broken, Raw, plain_name
from osteon.sources.values import Numerals, as_text, memoised, shape, token

Scalar = str | int | float | bool
ColumnName = Annotated[str, AfterValidator(plain_name)]
Missing = frozenset[str]


def _tokens(value: Any) -> Any:
    values = value if isinstance(value, list | tuple) else [value]
    if all(isinstance(one, Scalar) for one in values):
        return tuple(token(one) for one in values)
    raise ValueError("write a value or a list of values")


Tokens = Annotated[tuple[str, ...], BeforeValidator(_tokens)]


class Test(Settings):
    """What one source column has to hold; a bare value or list means ``equals``."""

    __test__ = False  # not a test case, whatever pytest thinks

    equals: Tokens = ()
    """one of these"""
    not_: Tokens = Field(default=(), alias="not")
    """present and none of these"""
    at_least: float | None = None
    """a number, and at least this"""
    at_most: float | None = None
    """a number, and at most this"""
    present: bool | None = None
    """anything there, or nothing"""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return value if isinstance(value, dict | cls) else {"equals": value}

    @model_validator(mode="after")
    def _asks_something(self) -> Test:
        if not self.model_fields_set:
            raise ValueError(
                "asks for nothing; write a value, a list, or one of not, at_least, at_most, present"
            )
        return self

    def reader(self, missing: Missing, numerals: Numerals) -> Callable[[Raw], bool | Fault]:
        """Return what says of a raw cell whether it passes, or why that cannot be told."""

        def passes(raw: Raw) -> bool | Fault:
            if isinstance(raw, Broken):
                return Fault(BROKEN_CELL)
            if is_missing(raw, missing):
                return self.present is False and len(self.model_fields_set) == 1
            if self.present is False:
                return False
            text = token(raw)
            if (self.equals and text not in self.equals) or text in self.not_:
                return False
            return self._within(raw, numerals)

        return passes

    def _within(self, raw: Raw, numerals: Numerals) -> bool | Fault:
        if self.at_least is None and self.at_most is None:
            return True
        number = numerals.read(raw)
        if isinstance(number, Fault):
            return number
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= number <= high


When = dict[ColumnName, Test]


def is_missing(raw: Raw, missing: Missing) -> bool:
    """Say whether a cell counts as empty; ``missing`` holds case-folded text."""
    return raw is None or as_text(raw).casefold() in missing


def rows_meant(
    when: Mapping[str, Test],
    columns: Mapping[str, Sequence[Raw]],
    rows: int,
    missing: Missing,
    numerals: Numerals,
) -> list[bool | Fault]:
    """Say of every row whether all tests pass; a failed test outweighs one that cannot be told."""
    meant: list[bool | Fault] = [True] * rows
    for column, test in when.items():
        passed = memoised(test.reader(missing, numerals), columns[column])
        meant = [_both(one, other) for one, other in zip(meant, passed, strict=True)]
    return meant


def never_holds(test: Test, cells: Sequence[Raw], missing: Missing) -> str:
    """Say what a column looks like if no cell can ever equal what a test asks for, else nothing.

    A column of 0 and 1 asked for "yes" makes every death disappear without a word. A column of
    zeros asked for 1 is fine: nobody has died yet.
    """
    present = {token(raw) for raw in cells if not is_missing(raw, missing)}
    if not test.equals or len(present) == 0 or present & set(test.equals):
        return ""
    asked = {_kind(text) for text in test.equals}
    seen = {_kind(text) for text in present}
    return "" if asked & seen else ", ".join(sorted({shape(text) for text in present})[:3])


def _both(one: bool | Fault, other: bool | Fault) -> bool | Fault:
    if one is False or other is False:
        return False
    return one if isinstance(one, Fault) else other


def _kind(text: str) -> str:
    return "number" if not isinstance(Numerals().read(text), Fault) else "text"
