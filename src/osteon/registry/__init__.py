"""The registry: a centre's facts in one DuckDB file, checked, with where each came from.

Written by imports alone, all or nothing; read through `Registry.table`.
"""

from osteon.registry.checks import CheckReport, NotRun, check, write_findings
from osteon.registry.example import delivery_of, marked
from osteon.registry.handbook import rules_markdown
from osteon.registry.imports import (
    ImportedSource,
    ImportReport,
    import_deliveries,
    import_delivery,
)
from osteon.registry.rules import RULES, Rule
from osteon.registry.store import Registry

__all__ = [
    "RULES",
    "CheckReport",
    "ImportReport",
    "ImportedSource",
    "NotRun",
    "Registry",
    "Rule",
    "check",
    "delivery_of",
    "import_deliveries",
    "import_delivery",
    "marked",
    "rules_markdown",
    "write_findings",
]
