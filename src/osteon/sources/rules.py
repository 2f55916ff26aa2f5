"""What can be wrong with one row or one cell of an export, and the cure.

A rule either sets the whole row aside or leaves one cell empty. What an empty cell costs is said
by its contract column: where ``Column.blocks`` names analyses, the patient is left out of these
(a date of death that cannot be read must not become "alive"); elsewhere it is a warning.
Nothing is repaired, nothing goes uncounted, and no reason holds a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osteon.contracts.tables import Column

Scope = Literal["row", "cell"]
Severity = Literal["reject_row", "exclude", "warn"]


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong: what it is, the smallest example, the cure."""

    id: str
    title: str
    scope: Scope
    reason: str
    example: str
    cure: str

    def severity(self, column: Column | None = None) -> Severity:
        """Say what breaking the rule costs, in a contract column where it concerns a cell.

        >>> from osteon.contracts.tables import PATIENTS
        >>> NOT_A_DATE.severity(PATIENTS.column("death")), NOT_A_DATE.severity()
        ('exclude', 'warn')
        """
        if self.scope == "row":
            return "reject_row"
        return "exclude" if column is not None and column.blocks else "warn"


WRONG_WIDTH = Rule(
    "S001",
    "another number of fields than the header",
    "row",
    "the row has another number of fields than the header",
    "header `id,sex`, row `P1,male,7`",
    "quote the fields that hold the delimiter, or export the file again",
)
REQUIRED_EMPTY = Rule(
    "S002",
    "a required value is empty",
    "row",
    "a required value is empty",
    "an exam without a date",
    "fill it in, or give the block a `when` that names the rows it is meant for",
)
REQUIRED_UNREADABLE = Rule(
    "S003",
    "a required value cannot be read",
    "row",
    "a required value cannot be read",
    "an exam dated `spring 2019`",
    "correct the value, or tell the mapping how to read it",
)
REPEATED = Rule(
    "S004",
    "repeats an earlier row",
    "row",
    "says the same as an earlier row of the file",
    "the same line twice",
    "nothing is lost; export without duplicates to be rid of the note",
)
CONTRADICTED = Rule(
    "S005",
    "same key, other values",
    "row",
    "has the key of an earlier row but other values; the earlier row is kept",
    "patient P1 twice, once female and once male",
    "decide which row is right and remove the other",
)
CONDITION_UNREADABLE = Rule(
    "S006",
    "whether the row applies cannot be told",
    "row",
    "a value that the block's `when` depends on cannot be read",
    "`when = { GRADE = { at_least = 2 } }` and a grade of `?`",
    "correct the value in the file",
)
NOT_IN_MAP = Rule(
    "S010",
    "a value without translation",
    "cell",
    "is not among the keys of the field's `values`",
    '`values = { M = "male" }` and a cell `W`',
    "add it to `values`, or set `otherwise`",
)
NOT_IN_VOCABULARY = Rule(
    "S011",
    "not in the vocabulary",
    "cell",
    "is none of the allowed values",
    "sex `M`, allowed are female, male, diverse, unknown",
    "translate it with `values`",
)
NOT_A_NUMBER = Rule(
    "S012",
    "not a number",
    "cell",
    "is not a number",
    "Ki-67 `< 2`",
    "give a number, or list the text under `missing`",
)
OTHER_DECIMAL = Rule(
    "S013",
    "another decimal sign",
    "cell",
    "is a number with another decimal or thousands sign than the mapping says",
    "`2,5` where decimal is `.`",
    "set `decimal` (and `thousands`) in [source]",
)
OUT_OF_RANGE = Rule(
    "S014",
    "an impossible number",
    "cell",
    "is outside what is possible",
    "age -50",
    "correct the value; check `unit` in the mapping",
)
NOT_A_DATE = Rule(
    "S015",
    "not a date in the formats given",
    "cell",
    "is not a date in any of the mapping's formats",
    '`3/5/19` where dates = ["YYYY-MM-DD"]',
    "add the format to `dates`",
)
NO_SUCH_DAY = Rule(
    "S016",
    "a day that does not exist",
    "cell",
    "is a day that does not exist",
    "31.02.2020",
    "correct the date; if only month or year is known, write it so (`YYYY-MM`)",
)
AMBIGUOUS_DATE = Rule(
    "S017",
    "a date that reads in two ways",
    "cell",
    "reads as two different days in the mapping's formats",
    '`01/02/2020` where dates = ["DD/MM/YYYY", "MM/DD/YYYY"]',
    "leave one of the two formats in `dates`, per field where they differ",
)
IMPOSSIBLE_TIME = Rule(
    "S018",
    "a time outside living memory",
    "cell",
    "lies outside the years 1900 to 2100, or more than 200 years from the anchor",
    "9999-12-31",
    "correct it, or list the code under `missing`",
)
BROKEN_CELL = Rule(
    "S019",
    "a broken spreadsheet cell",
    "cell",
    "holds a spreadsheet error, a formula that was never computed, or a nested value",
    "#REF!",
    "repair the cell and save the workbook in the spreadsheet program",
)
NOT_A_FLAG = Rule(
    "S020",
    "neither yes nor no",
    "cell",
    "is neither yes nor no",
    "prophylactic `maybe`",
    'translate it: values = { X = true, O = false }, or "" for unknown',
)
UNKNOWN_PRECISION = Rule(
    "S021",
    "a precision without meaning",
    "cell",
    "has a precision code that `precision_values` does not translate",
    "Datumsgenauigkeit `Z`",
    "add the code to `precision_values`",
)
NOT_WHOLE = Rule(
    "S022",
    "not a whole number",
    "cell",
    "is not a whole number",
    "ECOG 1.5",
    "correct the value",
)
LOST_DIGITS = Rule(
    "S023",
    "an identifier that lost its digits",
    "cell",
    "is an identifier stored as a number too long for a spreadsheet, so its last digits are lost",
    "a 19-digit patient number in a numeric cell",
    "store identifiers as text and export again",
)
FIELD_CONDITION_UNREADABLE = Rule(
    "S024",
    "whether the value applies cannot be told",
    "cell",
    "depends, through the field's `when`, on a value that cannot be read",
    "`death = { column = ..., when = { DEAD = 1 } }` and #REF! under DEAD",
    "correct the value that `when` looks at",
)

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        WRONG_WIDTH,
        REQUIRED_EMPTY,
        REQUIRED_UNREADABLE,
        REPEATED,
        CONTRADICTED,
        CONDITION_UNREADABLE,
        NOT_IN_MAP,
        NOT_IN_VOCABULARY,
        NOT_A_NUMBER,
        OTHER_DECIMAL,
        OUT_OF_RANGE,
        NOT_A_DATE,
        NO_SUCH_DAY,
        AMBIGUOUS_DATE,
        IMPOSSIBLE_TIME,
        BROKEN_CELL,
        NOT_A_FLAG,
        UNKNOWN_PRECISION,
        NOT_WHOLE,
        LOST_DIGITS,
        FIELD_CONDITION_UNREADABLE,
    )
}
"""Every rule, by id."""


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be used, in place of its value."""

    rule: Rule
    detail: str = ""

    @property
    def reason(self) -> str:
        """Say why, without the value."""
        return f"{self.rule.reason} ({self.detail})" if self.detail else self.rule.reason
