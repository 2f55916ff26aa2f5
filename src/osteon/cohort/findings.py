"""What the data rules found, and how many of the studied patients it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from osteon.contracts.results import FindingCount
from osteon.registry import Registry, check


def finding_counts(
    registry: Registry, patient_ids: Iterable[str], cures: Mapping[str, str]
) -> tuple[FindingCount, ...]:
    """Counts of the registry's findings, each with the number of studied patients behind it."""
    found = registry.findings().select("rule", "table_name", "reason", "patient_id").to_pandas()
    found = found[found.patient_id.isin(list(patient_ids))]
    touched = found.groupby(["rule", "table_name", "reason"]).patient_id.nunique().to_dict()
    return tuple(
        replace(
            count, patients_in_study=int(touched.get((count.rule, count.table, count.reason), 0))
        )
        for count in check(registry, cures=cures).findings
    )
