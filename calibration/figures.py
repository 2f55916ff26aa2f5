"""The figures that a centre is conditioned on, computed from its patients' endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from calibration.endpoints import Endpoints
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.estimate import (
    fisher_exact,
    kaplan_meier,
    log_rank,
    risk_table,
    symmetric_quantile,
    turnbull,
)

MONTH_DAYS = 30.4375
AT_MONTHS = (36, 60, 96, 144, 180, 216)

Columns = dict[str, NDArray]
"""Endpoints by name, one value a patient; nan or "" where there is none."""

_DERIVED = ("bm_follow_up", "treated", "started_after_event")


def columns(people: Sequence[Endpoints]) -> Columns:
    """Turn endpoints into columns."""
    names = [*(f.name for f in fields(Endpoints)), *_DERIVED]
    return {name: _column([getattr(e, name) for e in people]) for name in names}


def counts(c: Columns) -> dict[str, float]:
    """Figures that count, and medians of plain values."""
    bm = c["stage_iv"] & np.isfinite(c["bm"])
    had, treated = np.isfinite(c["event"]), c["treated"]
    converted = c["conversion_days"][bm]
    n = {
        "patients": c["male"].size,
        "male": c["male"].sum(),
        "age": np.median(c["age_years"]),
        "stage IV at diagnosis": c["stage_iv"].sum(),
        "bone metastasis": bm.sum(),
        "bone metastasis outside stage IV": (~c["stage_iv"] & np.isfinite(c["bm"])).sum(),
        "functioning": c["functioning"].sum(),
        "functioning with bone metastasis": c["functioning"][bm].sum(),
        "visible later": np.isfinite(converted).sum(),
        "months until visible": _median(converted) / MONTH_DAYS,
        "follow-up with bone metastasis": _median(c["bm_follow_up"][bm]) / MONTH_DAYS,
        "SRE": had[bm].sum(),
        "SRE in osteolytic disease": (had & bm & (c["pattern"] == "osteolytic")).sum(),
        "SRE in mixed disease": (had & bm & (c["pattern"] == "mixed")).sum(),
        "SRE in osteoblastic disease": (had & bm & (c["pattern"] == "osteoblastic")).sum(),
        "SRE prevalent": c["event_prevalent"][bm].sum(),
        "treated": treated[bm].sum(),
        "SRE when treated": (had & treated & bm).sum(),
        "treated after SRE": c["started_after_event"][bm].sum(),
        "osteoporosis dose only": (c["osteoporosis_dose"] & bm & ~np.isfinite(c["start"])).sum(),
        "no follow-up": (c["entry"] == c["exit"]).sum(),
    }
    for name in ("sstr_only", "not_assessable"):
        n[f"first seen {name}"] = (c["first_seen"][bm] == name).sum()
    for name in ("osteoblastic", "osteolytic", "mixed"):
        n[name] = (c["pattern"][bm] == name).sum()
    return {name: float(value) for name, value in n.items()}


def times(c: Columns) -> dict[str, float]:
    """Figures that take an estimator."""
    return {**survival(c), **visibility(c)}


def visibility(c: Columns) -> dict[str, float]:
    """Median time until an SSTR-only lesion is visible, those who never convert in it."""
    among = c["stage_iv"] & (c["first_seen"] == "sstr_only")
    right = np.nan_to_num(c["conversion_days"][among], nan=np.inf)
    npmle = turnbull(Bounds.of(left=c["visible_after"][among], right=right))["all"]
    low, high = npmle.quantile(0.5)
    return {"months until visible, of all": (low + high) / 2 / MONTH_DAYS}


def survival(c: Columns) -> dict[str, float]:
    """Medians from diagnosis, delayed entry ignored, with the interval that SPSS prints."""
    iv = c["stage_iv"]
    bm = np.isfinite(c["bm"][iv])
    exit_, dead = c["exit"][iv], c["dead"][iv]
    by_bm = risk_table(History.of(exit=exit_, event=dead, stratum=bm, strata=("other", "bone")))
    together = risk_table(History.of(exit=exit_, event=dead))
    found = {"log-rank p": log_rank(by_bm).p_value}
    curves = {**kaplan_meier(by_bm), **kaplan_meier(together)}
    for group, curve in curves.items():
        median = symmetric_quantile(curve)
        found[f"survival {group}"] = median.estimate / MONTH_DAYS
        for months in AT_MONTHS:
            place = np.searchsorted(curve.time, months * MONTH_DAYS, side="right") - 1
            found[f"survival {group} at {months} months"] = float(curve.estimate[max(place, 0)])
        found[f"survival {group} lower"] = median.conf_low / MONTH_DAYS
        found[f"survival {group} upper"] = median.conf_high / MONTH_DAYS
        found[f"at risk at the median {group}"] = float(
            curve.at_risk[np.searchsorted(curve.time, median.estimate)]
            if np.isfinite(median.estimate)
            else 0
        )
    return found


def fisher(c: Columns) -> float:
    """Return Fisher's p of SRE by antiresorptive before the first SRE."""
    n = counts(c)
    untreated = int(n["bone metastasis"] - n["treated"])
    events = int(n["SRE"] - n["SRE when treated"])
    return fisher_exact(events, untreated, int(n["SRE when treated"]), int(n["treated"])).p_value


def _column(values: list) -> NDArray:
    if isinstance(values[0], bool | str):
        return np.array(values)
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def _median(values: NDArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.inf
