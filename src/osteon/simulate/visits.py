"""Visits: laboratory, functional status, performance status, and the tumour board."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.simulate.course import Course
from osteon.simulate.draws import Draws
from osteon.simulate.records import Decision, Event, Labs, Status
from osteon.simulate.scenario import Scenario


@dataclass(frozen=True)
class Analyte:
    """A laboratory test; LOINC where it is verified. Values are log-logistic about the median."""

    name: str
    loinc: str
    unit: str
    upper_limit: float | None
    median: float
    spread: float
    decimals: int


ANALYTES = (
    Analyte("chromogranin_a", "9811-1", "ng/ml", 102.0, 70.0, 0.45, 0),
    Analyte("5_hiaa_urine", "1695-6", "mg/24h", 8.0, 4.5, 0.3, 1),
    Analyte("nse", "15060-7", "ng/ml", 16.3, 10.5, 0.15, 1),
    Analyte("calcium_corrected", "29265-6", "mmol/l", 2.55, 2.36, 0.016, 2),
    Analyte("vitamin_d_25_oh", "62292-8", "ng/ml", None, 21.0, 0.28, 0),
    Analyte("creatinine", "", "mg/dl", 1.2, 0.92, 0.12, 2),
    Analyte("alkaline_phosphatase", "", "U/l", 120.0, 82.0, 0.17, 0),
    Analyte("haemoglobin", "", "g/dl", None, 13.2, 0.05, 1),
)


def visit_days(scenario: Scenario, course: Course, end: int, draws: Draws) -> list[int]:
    """Visits every few months; the last one is the last contact of the living."""
    days, step = [course.first_visit], scenario.records.visit_interval_days
    while (day := days[-1] + int(draws.log_logistic(step, 0.15))) < end - 20:
        days.append(day)
    return days if end == days[-1] else [*days, end]


def statuses(
    scenario: Scenario, course: Course, days: list[int], draws: Draws
) -> tuple[Status, ...]:
    """ECOG at every second visit, functional status about once a year."""
    frail = draws.chance(0.2)
    rows = []
    for i, day in enumerate(days):
        unknown = draws.chance(scenario.records.status_unknown_share)
        ecog = _ecog(course, day, frail, draws)
        if i % 3 == 0 or day >= course.functioning_since > days[i - 1]:
            syndrome, biochemical = _functional(course, day, unknown and i > 0)
            rows.append(Status(day, ecog, syndrome, biochemical))
        elif i % 3 == 1:
            rows.append(Status(day, ecog, None, None))
    return tuple(rows)


def decisions(
    course: Course, bm: int | None, start: int | None, events: tuple[Event, ...], end: int
) -> tuple[Decision, ...]:
    """Decisions of the tumour board: first presentation, bone metastases, SRE, yearly review."""
    rows = [Decision(course.first_visit + 7, "Erstvorstellung", "Therapieplan erstellt", "")]
    if bm is not None:
        treat = start is not None and not any(e.day < start for e in events)
        decision = "Antiresorptivum empfohlen" if treat else "Verlaufskontrolle"
        rows.append(Decision(bm + 6, "Knochenmetastasen", decision, "Erstnachweis PET/CT"))
    rows += [Decision(e.day + 3, "Skelettereignis", "Lokaltherapie", e.site) for e in events]
    if start is not None and any(e.day < start for e in events):
        rows.append(
            Decision(start - 2, "Knochenmetastasen", "Antiresorptivum empfohlen", "nach Ereignis")
        )
    reviews = range(course.first_visit + 365, end, 420)
    rows += [Decision(d, "Verlauf", "Therapie fortsetzen", "") for d in reviews]
    unique = {(row.day, row.topic): row for row in rows if row.day <= end}
    return tuple(unique[key] for key in sorted(unique))


def labs(scenario: Scenario, course: Course, days: list[int], bm: int | None, draws: Draws) -> Labs:
    """All analytes at every visit, some missing; markers follow spread, syndrome and bone."""
    shape = (len(days), len(ANALYTES))
    u, missing = draws.uniforms(2 * shape[0] * shape[1]).reshape(2, *shape)
    person = np.array([draws.uniform() for _ in ANALYTES])
    spread = np.array([a.spread for a in ANALYTES])
    level = np.log([a.median for a in ANALYTES]) + spread * _logit(person)
    values = np.exp(level + 0.5 * spread * _logit(u) + np.log(_elevation(course, days, bm)))
    for j, analyte in enumerate(ANALYTES):
        values[:, j] = np.round(values[:, j], analyte.decimals)
    values[missing < scenario.records.lab_missing_share] = np.nan
    return Labs(np.array(days, dtype=np.int64), values)


def _ecog(course: Course, day: int, frail: bool, draws: Draws) -> int:
    left = course.death - day
    ecog = int(frail) + (left < 900) + (left < 300) + (left < 60)
    return min(ecog + draws.chance(0.15), 4)


def _functional(course: Course, day: int, unknown: bool) -> tuple[str, str]:
    begun = day >= course.functioning_since
    syndrome = begun and course.functioning in ("both", "syndrome")
    raised = begun and course.functioning in ("both", "biochemical")
    if unknown:
        return "unknown", "unknown"
    return "present" if syndrome else "absent", "raised" if raised else "normal"


def _elevation(course: Course, days: list[int], bm: int | None) -> NDArray[np.float64]:
    """By what factor disease raises each analyte at each visit."""
    factor = np.ones((len(days), len(ANALYTES)))
    when = np.array(days)
    late = when > course.death - 400
    factor[:, 0] *= (2.4 if course.stage_iv else 1.0) * (1.8 if course.extensive_liver else 1.0)
    if course.functioning in ("both", "biochemical"):
        factor[when >= course.functioning_since, 1] *= 5.0
        factor[when >= course.functioning_since, 0] *= 1.6
    if bm is not None:
        factor[when >= bm, 6] *= 1.35
    factor[late, 0] *= 2.5
    factor[late, 7] *= 0.85
    return factor


def _logit(u: NDArray[np.float64]) -> NDArray[np.float64]:
    u = np.clip(u, 1e-6, 1 - 1e-6)
    return np.log(u / (1 - u))
