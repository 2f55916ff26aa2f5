"""One finding, one death, one treatment changed in the export: exactly what should change does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from osteon.cohort import build_cohort
from osteon.cohort.bone_metastasis import detection, exams_seen, lesion_reads
from osteon.cohort.population import eligible, everybody
from osteon.cohort.tumour import reported_metastases
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import Results
from osteon.registry import Registry, import_deliveries
from osteon.simulate import SimulatedCentre
from osteon.sources import deliver, read_mapping
from osteon.study import run_study

PROTOCOL = "essen_sinet_2025"
BANNER_LINES = 1  # "synthetic data" stands above the header of every export


@pytest.fixture(scope="module")
def registry(centre: SimulatedCentre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ingested(centre.directory, tmp_path_factory.mktemp("unchanged"))


@pytest.fixture(scope="module")
def detected(registry: Path) -> pd.DataFrame:
    """The study's patients with bone metastasis: when it was detected, how it was first seen."""
    protocol = Protocol.load(PROTOCOL)
    with Registry.open(registry, read_only=True) as opened:
        exams = exams_seen(opened, protocol)
        reads = lesion_reads(exams, opened, protocol)
        reported = reported_metastases(opened, protocol)
        found = detection(reads, exams, reported, protocol).to_pandas()
        people, _ = eligible(everybody(reported, opened, protocol), protocol)
        with_event = opened.table("skeletal_events").patient_id.to_pandas()
    found["event"] = found.patient_id.isin(with_event)
    stage_iv = people.patient_id[people.stage == "IV"]
    return found[found.patient_id.isin(stage_iv)].sort_values("patient_id")


def ingested(exports: Path, folder: Path) -> Path:
    registry = folder / "centre.duckdb"
    Registry.create(registry).close()
    files = sorted(
        p for p in exports.iterdir() if p.suffix in {".csv", ".tsv", ".xlsx", ".parquet"}
    )
    import_deliveries(registry, [deliver(p, read_mapping(p.with_suffix(".toml"))) for p in files])
    return registry


def studied(registry: Path) -> Results:
    with Registry.open(registry, read_only=True) as opened:
        return run_study(build_cohort(opened, Protocol.load(PROTOCOL)))[0]


def changed(before: Results, after: Results) -> set[str]:
    """Analyses of which any number changed."""
    names = {e.analysis for e in (*before.estimates, *after.estimates)}
    return {name for name in names if before.find(name) != after.find(name)}


@pytest.fixture
def flip(centre: SimulatedCentre, tmp_path: Path) -> Callable[[Callable[[Path], None]], Results]:
    """Copy the exports, change them, and study the centre again."""

    def run(change: Callable[[Path], None]) -> Results:
        exports = tmp_path / "exports"
        shutil.copytree(centre.directory, exports)
        change(exports)
        return studied(ingested(exports, tmp_path))

    return run


def edit_lines(
    path: Path, keep: Callable[[dict[str, str]], dict[str, str] | None], encoding: str = "cp1252"
) -> int:
    """Edit the rows of a semicolon file; a row that becomes None is deleted. Counts the edits."""
    lines = path.read_text(encoding=encoding).splitlines()
    names = lines[BANNER_LINES].split(";")
    edited, edits = lines[: BANNER_LINES + 1], 0
    for line in lines[BANNER_LINES + 1 :]:
        row = dict(zip(names, line.split(";"), strict=False))
        new = keep(dict(row))
        edits += new != row
        if new is not None:
            edited.append(";".join(new.values()) if new != row else line)
    path.write_text("\n".join(edited) + "\n", encoding=encoding)
    return edits


def test_one_finding(demo, flip, detected):
    """The first SSTR-only patient gets a correlate at detection: no more SSTR-only, no conversion."""
    patient = detected[detected.first_seen == "sstr_only"].iloc[0]
    day = date(1970, 1, 1) + timedelta(days=int(patient.bm_exam))

    done: list[str] = []

    def gets_a_correlate(row: dict[str, str]) -> dict[str, str]:
        there = row["Pat_ID"] == patient.patient_id and row["Datum"] == f"{day:%d.%m.%Y}"
        if there and row["Laesion"] and not done:
            done.append(row["Laesion"])
            row["CT_Korrelat"], row["Muster"] = "ja", "osteoblastisch"
        return row

    def give_a_correlate(exports: Path) -> None:
        edit_lines(exports / "petct_befunde.csv", gets_a_correlate, "utf-8")

    after = flip(give_a_correlate)
    assert len(done) == 1
    was, now = (r.find("sstr_only_share", "as_published")[0].events for r in (demo, after))
    assert now == was - 1
    assert {"sstr_only_share", "time_to_visible", "converted_share"} <= changed(demo, after)
    assert changed(demo, after) <= {
        "sstr_only_share",
        "time_to_visible",
        "converted_share",
        "pattern_share",
        "sre_by_pattern",
        "survival_by_detection",
    }


def test_one_death(demo, flip, detected):
    """A patient with bone metastasis who was alive at last contact died on that day."""
    with_bm = set(detected.patient_id)
    done: list[str] = []

    def dies(row: dict[str, str]) -> dict[str, str]:
        alive = not row["Sterbedatum"] and len(row["Letzter_Kontakt"]) == len("01.01.2000")
        if row["Pat_ID"] in with_bm and alive and not done:
            done.append(row["Pat_ID"])
            row["Sterbedatum"] = row["Letzter_Kontakt"]
        return row

    after = flip(lambda exports: edit_lines(exports / "stammdaten.csv", dies))
    assert len(done) == 1
    deaths = [
        r.find("survival_median", "as_published", "bone metastasis")[0].events
        for r in (demo, after)
    ]
    assert deaths[1] == deaths[0] + 1
    assert {"survival_median", "survival_hazard_ratio", "survival_log_rank"} <= changed(demo, after)
    assert {name for name in changed(demo, after) if not name.startswith("survival_")} <= {
        "follow_up_median",
        "sre_incidence",
    }


def test_one_treatment(demo, flip, detected):
    """The antiresorptive courses of one patient without event are gone from the export."""
    eligible_ones = (detected.first_seen != "sstr_only") & ~detected.event
    candidates = set(detected.patient_id[eligible_ones])
    done: set[str] = set()

    def untreated(row: dict[str, str]) -> dict[str, str] | None:
        antiresorptive = row["ATC"].startswith("M05B") and not row["Dosis"].startswith("60")
        if row["Pat_ID"] in candidates and antiresorptive and (not done or row["Pat_ID"] in done):
            done.add(row["Pat_ID"])
            return None
        return row

    after = flip(lambda exports: edit_lines(exports / "therapien.csv", untreated))
    assert len(done) == 1
    treated = [
        r.find("sre_by_antiresorptive", "as_published", "antiresorptive")[0].at_risk
        for r in (demo, after)
    ]
    assert treated[1] == treated[0] - 1
    assert {"sre_by_antiresorptive", "sre_rate", "sre_odds_ratio"} <= changed(demo, after)
    assert changed(demo, after) <= {
        "sre_by_antiresorptive",
        "sre_odds_ratio",
        "sre_rate",
        "sre_hazard_ratio",
        "sre_landmark",
        "sre_lag",
        "sre_triggered_starts",
    }


def test_the_same_exports_give_the_same_results(demo, registry):
    again = studied(registry)
    assert again == demo
