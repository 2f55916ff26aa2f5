"""Fixtures for every test: a small cohort from a few rows of text, through a real registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

from osteon.cohort import Cohort, build_cohort
from osteon.contracts.protocol import Protocol
from osteon.contracts.tables import Clock
from osteon.registry import Registry, delivery_of, import_delivery

# The same examples every time, and as slowly as a busy machine likes: a red run is one that another
# machine sees too. `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, max_examples=1_000)
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

PROTOCOL = """
[protocol]
name = "spec"
title = "spec"
questions = ["who"]
"""


@pytest.fixture
def cohort_of(tmp_path: Path) -> Callable[..., Cohort]:
    """Build the cohort of a few patients; what a text leaves out is filled in.

    Times are days since diagnosis, or dates (``calendar``). Filled in: stage IV at diagnosis (on
    2010-01-01), first visit on the same day, alive at day 3650 (on 2020-01-01), every antiresorptive and skeletal event recorded.
    """

    def build(
        given: str,
        patients: list[str],
        protocol: str = "",
        complete_for: tuple[str, ...] = ("antiresorptives", "skeletal_events"),
        calendar: bool = False,
    ) -> Cohort:
        start, end = ("2010-01-01", "2020-01-01") if calendar else ("0", "3650")
        text = _filled(dedent(given), sorted(patients), start, end)
        clock: Clock = "calendar" if calendar else "diagnosis"
        with Registry.create(tmp_path / "small.duckdb") as registry:
            import_delivery(registry, delivery_of(text, clock=clock, complete_for=complete_for))
            return build_cohort(registry, Protocol.parse(PROTOCOL + dedent(protocol)))

    return build


def _filled(text: str, patients: list[str], start: str, end: str) -> str:
    """Add patients and tumours where a spec leaves them out."""
    blocks = [text.strip()]
    starts = {
        block.strip().splitlines()[0].strip() for block in text.split("\n\n") if block.strip()
    }
    if "patients" not in starts:
        rows = "\n".join(f"{p} | {start} | {end}" for p in patients)
        blocks.append(f"patients\npatient_id | first_visit | last_contact\n{rows}")
    if "tumours" not in starts:
        rows = "\n".join(f"{p} | 1 | {start} | histology | IV | M1" for p in patients)
        blocks.append(
            f"tumours\npatient_id | tumour_id | diagnosis | basis | stage | m_category\n{rows}"
        )
    return "\n\n".join(blocks)
