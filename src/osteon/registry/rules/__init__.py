"""The data rules, by subject, in the order in which they run.

Rules that reject run first and in this order: a row that one of them sets aside is gone for all
that follow. So an exam after death goes before findings are asked for their exam.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from osteon.contracts.tables import Clock
from osteon.registry.rules.event_days import EVENT_DAYS
from osteon.registry.rules.follow_up import FOLLOW_UP_RULES
from osteon.registry.rules.identity import IDENTITY
from osteon.registry.rules.imaging import IMAGING
from osteon.registry.rules.rule import FOLLOW_UP, STAGE_WINDOW_DAYS, Rule, Severity
from osteon.registry.rules.treatment import TREATMENT
from osteon.registry.rules.tumour import TUMOUR

RULES: tuple[Rule, ...] = (
    *IDENTITY,
    *FOLLOW_UP_RULES,
    *EVENT_DAYS,
    *TUMOUR,
    *IMAGING,
    *TREATMENT,
)
"""Every data rule that a registry checks."""

__all__ = [
    "FOLLOW_UP",
    "RULES",
    "STAGE_WINDOW_DAYS",
    "Rule",
    "Severity",
    "helpers",
    "rules_digest",
]


def helpers(clock: Clock) -> str:
    """Return the SQL that gives the rules their common words, for a clock."""
    return _sql(f"clock_{clock}.sql") + _sql("helpers.sql")


@cache
def rules_digest() -> str:
    """SHA-256 over everything that decides what the rules find."""
    parts = [*map(repr, RULES), helpers("calendar"), helpers("diagnosis")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sql(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
