"""Made-up centres in which nothing has an effect: the recommended answers must say so.

The published-style answers do not: that is what the pairs and the ledger are about. True values are
known by construction; a ratio counts as 1 if it lies within three standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from osteon.cohort import build_cohort
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import Results
from osteon.contracts.tables import TABLES, Delivery, TargetRows
from osteon.registry import Registry, import_delivery
from osteon.study import run_study

PROTOCOL = """
[protocol]
name = "null"
title = "null"
questions = ["skeletal_events", "survival"]

[bone_metastasis]
evidence = ["reported"]

[bootstrap]
replicates = 1
"""
END = 4000.0


@pytest.fixture
def studied(tmp_path: Path) -> Callable[..., Results]:
    """Run the study on columns of times in days since diagnosis."""

    def run(complete: bool, **tables: dict[str, list]) -> Results:
        targets = tuple(
            TargetRows(name, i, rows_of(name, columns))
            for i, (name, columns) in enumerate(tables.items())
        )
        n = max(t.rows.num_rows for t in targets)
        targets = tuple(
            TargetRows(t.table, t.block, t.rows, not_applicable=n - t.rows.num_rows)
            for t in targets
        )
        topics = ("antiresorptives",) if complete else ()
        delivery = Delivery("null", "null", "0", "0", "diagnosis", n, targets, topics, True)
        with Registry.create(tmp_path / "null.duckdb") as registry:
            import_delivery(registry, delivery)
            return run_study(build_cohort(registry, Protocol.parse(PROTOCOL)))[0]

    return run


def rows_of(name: str, columns: dict[str, list]) -> pa.Table:
    schema = TABLES[name].schema("diagnosis")
    n = len(columns["patient_id"])
    filled = {f.name: columns.get(f.name, [None] * n) for f in schema}
    for time in TABLES[name].times:
        filled[f"{time}_precision"] = [None if v is None else "day" for v in filled[time]]
    filled["source_row"] = list(range(n))
    return pa.table({f.name: pa.array(filled[f.name], f.type) for f in schema}, schema=schema)


def people(ids: list[str], entry: np.ndarray, exit_: np.ndarray, dead: np.ndarray) -> dict:
    return {
        "patients": {
            "patient_id": ids,
            "first_visit": entry.tolist(),
            "last_contact": exit_.tolist(),
            "death": [t if d else None for t, d in zip(exit_.tolist(), dead, strict=True)],
        },
        "tumours": {
            "patient_id": ids,
            "tumour_id": ["1"] * len(ids),
            "diagnosis": [0.0] * len(ids),
            "stage": ["IV"] * len(ids),
        },
    }


def some(ids: list[str], times: np.ndarray, which: np.ndarray) -> dict[str, list]:
    return {
        "patient_id": [i for i, w in zip(ids, which, strict=True) if w],
        "date": times[which].tolist(),
    }


def near_one(e) -> bool:
    """Whether the ratio is within three standard errors of 1, on the log scale."""
    se = np.log(e.conf_high / e.conf_low) / (2 * 1.96)
    return abs(np.log(e.estimate)) < 3 * se


def null_drug(seed: int, n: int = 1500) -> dict[str, dict[str, list]]:
    """BM at day 10, events that cluster early, a drug that starts at some time and does nothing."""
    rng = np.random.default_rng(seed)
    ids = [f"{i:05d}" for i in range(n)]
    bm = np.full(n, 10.0)
    exit_ = bm + rng.exponential(1100, n).round() + 1
    event = bm + (4000 * rng.exponential(1, n) ** 2).round() + 1  # Weibull, shape 0.5
    start = bm + rng.exponential(365, n).round() + 1
    happened, treated = event <= exit_, (start <= exit_) & (rng.random(n) < 0.7)
    k = int(treated.sum())
    return {
        **people(ids, np.zeros(n), exit_, rng.random(n) < 0.5),
        "metastases": {**some(ids, bm, bm > 0), "site": ["bone"] * n},
        "skeletal_events": {
            **some(ids, event, happened),
            "component": ["radiation_to_bone"] * int(happened.sum()),
        },
        "treatments": {
            "patient_id": some(ids, start, treated)["patient_id"],
            "start": start[treated].tolist(),
            "kind": ["drug"] * k,
            "atc": ["M05BX04"] * k,
            "dose": [120.0] * k,
            "dose_unit": ["mg"] * k,
        },
    }


def test_a_drug_without_effect(studied):
    results = studied(True, **null_drug(seed=1))
    [crude] = results.find("sre_odds_ratio", "sensitivity")
    assert crude.conf_low > 1.5, "the crude table should make the null drug look good"
    [rate_ratio] = [e for e in results.find("sre_rate", "sensitivity") if e.unit == "ratio"]
    assert rate_ratio.conf_high < 0.8, "so should rates, where events cluster early"
    [recommended] = results.find("sre_hazard_ratio", "recommended")
    assert near_one(recommended)
    for lagged in results.find("sre_lag"):
        assert near_one(lagged)


def test_an_undeclared_source_compares_nobody(studied):
    results = studied(False, **null_drug(seed=2, n=300))
    for analysis in ("sre_by_antiresorptive", "sre_odds_ratio", "sre_rate", "sre_hazard_ratio"):
        told = [e for e in results.find(analysis) if e.style in ("as_published", "recommended")]
        assert told
        assert all(e.estimate is None for e in told)
        assert any("no record is not 'no'" in e.note for e in told)
    by_number = {e.number: e.status for e in results.ledger}
    assert (by_number[1], by_number[9]) == ("open", "open")


def test_bone_metastasis_without_effect(studied):
    """Death at a constant rate, BM found at any time: ever-against-never owns immortal time."""
    rng = np.random.default_rng(3)
    n = 1500
    ids = [f"{i:05d}" for i in range(n)]
    death, bm = rng.exponential(1500, n).round() + 1, rng.exponential(2000, n).round() + 1
    entry = (rng.random(n) * 400).round()
    seen = death > entry
    exit_, dead = np.minimum(death, END), death <= END
    found = (bm < exit_) & seen
    kept = [i for i, s in zip(ids, seen, strict=True) if s]
    liver = {"patient_id": kept, "date": [0.0] * len(kept), "site": ["liver"] * len(kept)}
    bone = {**some(ids, bm, found), "site": ["bone"] * int(found.sum())}
    results = studied(
        True,
        **people(kept, entry[seen], exit_[seen], dead[seen]),
        metastases={name: liver[name] + bone[name] for name in liver},
    )
    published = {e.group: e.estimate for e in results.find("survival_median", "as_published")}
    assert published["bone metastasis"] > 1.3 * published["other distant metastases"]
    [hazard_ratio] = results.find("survival_hazard_ratio", "recommended")
    # Nobody's age, sex or grade is known: the unadjusted run stands for the adjusted one.
    unadjusted = [
        e
        for e in results.find("survival_hazard_ratio", "sensitivity")
        if "not adjusted" in e.method
    ]
    assert hazard_ratio.estimate is None
    assert "missing" in hazard_ratio.note or "nothing happens" in hazard_ratio.note
    assert near_one(unadjusted[0])
    [log_rank] = results.find("survival_log_rank", "recommended")
    assert log_rank.p_value > 0.01
    [difference] = [e for e in results.find("survival_rmst", "recommended") if e.contrast]
    assert abs(difference.estimate) < 3 * (difference.conf_high - difference.conf_low) / 3.92
