"""Prove a calibration: exports written, ingested, studied; figures beside their targets.

    python -m calibration.check essen_sinet_2025

Two things are checked. The cohort that the real stages derive from the export files agrees with
the search's own reading of every patient (``calibration.endpoints``); and every figure meets its
target.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from calibration import figures
from calibration.endpoints import Endpoints, endpoints
from osteon.cohort import Cohort, build_cohort
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry, import_deliveries
from osteon.simulate import Scenario, draw_centre, simulate
from osteon.sources import deliver, read_mapping

AGREE = (
    "stage_iv",
    "male",
    "functioning",
    "bm",
    "first_seen",
    "visible_after",
    "conversion_days",
    "pattern",
    "event",
    "start",
    "entry",
    "exit",
    "dead",
)


def main() -> None:
    """Run the command line."""
    scenario = Scenario.load(sys.argv[1])
    protocol = Protocol.load(sys.argv[2] if len(sys.argv) > 2 else scenario.protocol)
    with tempfile.TemporaryDirectory() as folder:
        cohort = ingested(scenario, protocol, Path(folder))
    truth = [endpoints(p, protocol) for p in draw_centre(scenario).values()]
    fit = [e for e in truth if not e.excluded_by]
    disagree = disagreements(fit, cohort)
    print(f"{len(cohort.people)} patients; disagreements: {disagree or 'none'}")
    found = {**figures.counts(figures.columns(fit)), **figures.times(figures.columns(fit))}
    missed = [t.figure for t in scenario.targets if not t.low <= found[t.figure] <= t.high]
    for t in scenario.targets:
        print(f"{t.figure:40}{found[t.figure]:12.5g}   {t.low:g} to {t.high:g}   {t.printed}")
    print(f"Fisher {figures.fisher(figures.columns(fit)):.3g}; missed: {missed or 'none'}")
    sys.exit(bool(missed or disagree))


def ingested(scenario: Scenario, protocol: Protocol, folder: Path) -> Cohort:
    """Simulate, ingest and derive, by the real stages."""
    begun = time.perf_counter()
    centre = simulate(scenario, folder / "centre")
    print(f"simulated {centre.rows} rows in {time.perf_counter() - begun:.1f} s: {centre.faults}")
    deliveries = [deliver(e.path, read_mapping(e.mapping)) for e in centre.exports]
    with Registry.create(folder / "centre.duckdb") as registry:
        import_deliveries(registry, deliveries)
        return build_cohort(registry, protocol)


def disagreements(people: list[Endpoints], cohort: Cohort) -> dict[str, int]:
    """Count, by endpoint, the patients in whom the search and the cohort differ."""
    mine = figures.columns(people)
    theirs = _of(cohort.people)
    if len(people) != len(cohort.people):
        return {"patients": abs(len(people) - len(cohort.people))}
    return {name: n for name in AGREE if (n := int((~_same(mine[name], theirs[name])).sum()))}


def _of(people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns of the cohort under the names of `Endpoints`."""
    bm = people.bm.notna()
    named = {
        "stage_iv": people.stage_iv_at_diagnosis,
        "male": people.sex == "male",
        "functioning": people.functioning.fillna(False).astype(bool),
        "bm": people.bm,
        "first_seen": people.first_seen.where(bm).fillna(""),
        "visible_after": people.visible_after,
        "conversion_days": people.visible_by,
        "pattern": people.pattern.where(bm).fillna(""),
        "event": people.first_event,
        "start": people.antiresorptive,
        "entry": people.first_visit,
        "exit": people.exit,
        "dead": people.dead,
    }
    return {name: column.to_numpy() for name, column in named.items()}


def _same(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    if mine.dtype.kind == "f":
        theirs = theirs.astype(float)
        return (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    return mine == theirs


if __name__ == "__main__":
    main()
