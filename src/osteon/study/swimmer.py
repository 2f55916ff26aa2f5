"""One lane a patient with bone metastasis: for the centre only, never releasable."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from osteon.cohort import Cohort
from osteon.contracts.results import SwimmerLane


def swimmer(cohort: Cohort) -> tuple[SwimmerLane, ...]:
    """Courses since detection of BM, longest first."""
    p = cohort.people[cohort.has_bm & (cohort.people.exit > cohort.people.bm)]
    longest = (p.exit - p.bm).sort_values(ascending=False, kind="stable").index
    return tuple(
        SwimmerLane(
            order=i,
            bars=tuple(_bars(cohort, p.loc[subject])),
            marks=tuple(_marks(cohort, p.loc[subject])),
            ongoing=not bool(p.dead[subject]),
        )
        for i, subject in enumerate(longest)
    )


def _bars(cohort: Cohort, patient: pd.Series) -> Iterator[tuple[str, float, float]]:
    end = float(patient.exit - patient.bm)
    visible = patient.bm_exam + patient.visible_by - patient.bm
    if patient.first_seen == "sstr_only":
        until = min(float(visible), end) if pd.notna(visible) else end
        yield "SSTR only", 0.0, until
        if until < end:
            yield "visible on CT", until, end
    else:
        yield (
            "visible on CT" if patient.first_seen == "morphological" else "not assessable",
            0.0,
            end,
        )
    courses = cohort.episodes[cohort.episodes.subject == patient.name]
    for course in courses.itertuples():
        stop = end if pd.isna(course.end) else min(float(course.end - patient.bm), end)
        start = max(float(course.start - patient.bm), 0.0)
        if stop > start:
            yield "antiresorptive", start, stop


def _marks(cohort: Cohort, patient: pd.Series) -> Iterator[tuple[str, float]]:
    own = cohort.events[cohort.events.subject == patient.name]
    for time in own.time:
        yield "skeletal-related event", float(time - patient.bm)
    if pd.notna(patient.prrt):
        yield "PRRT", float(patient.prrt - patient.bm)
    if patient.dead:
        yield "death", float(patient.exit - patient.bm)
