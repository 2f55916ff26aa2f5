"""What the results mean for whoever prints a number."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """Which interval to use for a question, and the row of the tables that shows how it does."""

    question: str
    use: str
    row: str
    rather_than: str = ""


CHOICES: tuple[Choice, ...] = ()
"""Opens the page."""

INSTEAD: dict[str, str] = {}
"""What to use where an interval is too short, by the beginning of its name."""


def reason_for_length(name: str) -> str:
    """Why an interval is longer than it says."""
    return ""
