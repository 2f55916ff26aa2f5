"""Fixtures for every test: a small cohort from a few rows of text, through a real registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from osteon.cohort import Cohort, build_cohort
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry, delivery_of, import_delivery

PROTOCOL = """
[protocol]
name = "spec"
title = "spec"
questions = ["who"]
"""


@pytest.fixture
def cohort_of(tmp_path: Path) -> Callable[..., Cohort]:
    """Build the cohort of a few patients; what a text leaves out is filled in.

    Times are days since diagnosis. Filled in: stage IV at diagnosis, first visit on day 0, alive at
    day 3650, every antiresorptive recorded.
    """

    def build(
        given: str,
        patients: list[str],
        protocol: str = "",
        complete_for: tuple[str, ...] = ("antiresorptives",),
    ) -> Cohort:
        text = _filled(dedent(given), sorted(patients))
        with Registry.create(tmp_path / "small.duckdb") as registry:
            import_delivery(
                registry, delivery_of(text, clock="diagnosis", complete_for=complete_for)
            )
            return build_cohort(registry, Protocol.parse(PROTOCOL + dedent(protocol)))

    return build


def _filled(text: str, patients: list[str]) -> str:
    """Add patients and tumours where a spec leaves them out."""
    blocks = [text.strip()]
    starts = {
        block.strip().splitlines()[0].strip() for block in text.split("\n\n") if block.strip()
    }
    if "patients" not in starts:
        rows = "\n".join(f"{p} | 0 | 3650" for p in patients)
        blocks.append(f"patients\npatient_id | first_visit | last_contact\n{rows}")
    if "tumours" not in starts:
        rows = "\n".join(f"{p} | 1 | 0 | histology | IV | M1" for p in patients)
        blocks.append(
            f"tumours\npatient_id | tumour_id | diagnosis | basis | stage | m_category\n{rows}"
        )
    return "\n\n".join(blocks)
