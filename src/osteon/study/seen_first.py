"""Seen first: on receptor imaging only, and how long until a correlate is visible on CT.

A correlate becomes visible between two exams, so its time is an interval; patients in whom it was
never seen stay in. *Visible is not progressing*: a lesion that turns sclerotic after PRRT or an
antiresorptive may be healing, so those are also shown apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import treatment_after_detection, visibility_bounds
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import YEAR_DAYS, History
from osteon.contracts.results import Count, Curve, Estimate, Style
from osteon.contracts.tables import CONVERSION
from osteon.estimate import (
    TurnbullCurve,
    kaplan_meier,
    median_of_values,
    quantile,
    risk_table,
    turnbull,
    turnbull_quantile,
)
from osteon.study.answer import Answer, Rows, analyses, together
from osteon.study.references import TURNBULL, WILSON, ZHANG_SUN

QUESTION = "seen_first"
TICK_DAYS = YEAR_DAYS


def sstr_only_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share first seen on receptor imaging only: of everybody with BM, and of the assessable."""
    seen = cohort.people.first_seen[cohort.has_bm]
    rows = rows.of(estimand="share first seen on receptor imaging only")
    if seen.empty:
        return rows.nothing("nobody with bone metastasis", population="bone metastasis")
    only, assessable = int((seen == "sstr_only").sum()), int((seen != "not_assessable").sum())
    sentence = (
        "Bone metastasis was called SSTR-only when, in the session of detection, no lesion had a "
        "correlate on an adequate morphological exam; patients without such an exam are not "
        "assessable and left out of the recommended denominator."
    )
    counts = tuple(
        Count(QUESTION, "first seen", label, "patients", int((seen == name).sum()))
        for name, label in _HOW.items()
    )
    return Answer(
        (
            rows.share("as_published", only, len(seen), population="bone metastasis"),
            rows.share(
                "recommended",
                only,
                assessable,
                population="bone metastasis, assessable",
                note=f"{len(seen) - assessable} not assessable, left out"
                if assessable < len(seen)
                else "",
            ),
        ),
        counts=counts,
        methods=(rows.method("recommended", sentence, WILSON),),
    )


def time_to_visible(cohort: Cohort, rows: Rows) -> Answer:
    """Months from SSTR-only detection to a visible correlate: of converters, and of everybody."""
    among = _sstr_only(cohort)
    rows = rows.of(
        estimand="median time from detection to a correlate visible on CT", unit="months"
    )
    if not among.any():
        return rows.nothing("nobody is first seen on receptor imaging only")
    bounds = visibility_bounds(cohort, among)
    converted = np.isfinite(bounds.right)
    estimates = [_converters(cohort, rows, bounds.right[converted])]
    estimates += [
        _npmle_median(cohort, rows, "recommended", bounds, "all SSTR-only patients"),
        _right_end(cohort, rows, bounds),
        _npmle_median(
            cohort,
            rows,
            "sensitivity",
            visibility_bounds(cohort, among, until_treatment=True),
            "all SSTR-only patients, followed until PRRT or antiresorptive",
        ),
    ]
    sentence = (
        "Time to a correlate was estimated by Turnbull's NPMLE on (last exam without, first exam "
        "with a correlate], all SSTR-only patients included; deaths are censored at the last exam "
        "(cause-specific). The interval of the median is a percentile bootstrap over patients."
    )
    return Answer(
        tuple(estimates),
        curves=(_drawn(rows, _outward(bounds, cohort.protocol.follow_up.month_days)),),
        steps=(_drawn(rows, bounds),),
        methods=(rows.method("recommended", sentence, TURNBULL, ZHANG_SUN),),
    )


def converted_share(cohort: Cohort, rows: Rows) -> Answer:
    """How many of the SSTR-only became visible, and how many of those after treatment began."""
    among = _sstr_only(cohort)
    p = cohort.people[among]
    visible = p.visible_by.notna()
    treated = (treatment_after_detection(cohort)[among] < p.visible_by)[visible]
    rows = rows.of(population="SSTR-only at detection")
    return Answer(
        (
            rows.share(
                "recommended",
                int(visible.sum()),
                len(p),
                group="visible during follow-up",
                estimand="share in whom a correlate was seen later",
            ),
            rows.share(
                "recommended",
                int(treated.sum()),
                int(visible.sum()),
                group="visible after treatment",
                population="SSTR-only at detection, visible later",
                estimand="share of these after the start of PRRT or an antiresorptive",
                note="visible is not progressing: sclerosis may be response",
            ),
        )
    )


def _sstr_only(cohort: Cohort) -> pd.Series:
    return cohort.has_bm & (cohort.people.first_seen == "sstr_only") & cohort.usable(CONVERSION)


def _converters(cohort: Cohort, rows: Rows, right: np.ndarray) -> Estimate:
    month = cohort.protocol.follow_up.month_days
    if not right.size:
        return rows.row("as_published", note="not estimable: in nobody was it seen later")
    found = median_of_values(right)
    return rows.row(
        "as_published",
        estimate=found.median / month,
        at_risk=found.n,
        events=found.n,
        population="SSTR-only patients who became visible",
        method="median of the converters' scan dates",
        note="leaves out everybody who did not convert, and takes a scan's date for the event's",
    )


def _npmle_median(
    cohort: Cohort, rows: Rows, style: Style, bounds: Bounds, population: str
) -> Estimate:
    month, boot = cohort.protocol.follow_up.month_days, cohort.protocol.bootstrap
    found = turnbull_quantile(bounds, 0.5, seed=boot.seed, replicates=boot.replicates)["all"]
    note = ["the median lies somewhere in this interval"] if found.high > found.low else []
    if found.not_reached:
        note.append(f"not reached in {found.not_reached} of {found.replicates} resamples")
    return rows.row(
        style,
        population=population,
        method="Turnbull NPMLE",
        estimate=found.low / month,
        estimate_high=found.high / month if found.high > found.low else None,
        conf_low=found.conf_low / month,
        conf_high=found.conf_high / month,
        conf_level=found.conf_level,
        interval_method=f"bootstrap, {found.replicates} resamples",
        seed=found.seed,
        at_risk=len(bounds),
        events=int(np.isfinite(bounds.right).sum()),
        note="; ".join(note),
    )


def _right_end(cohort: Cohort, rows: Rows, bounds: Bounds) -> Estimate:
    """Kaplan-Meier as if the event happened at the scan that found it: for comparison only."""
    seen = np.isfinite(bounds.right)
    last = np.where(seen, bounds.right, bounds.left)
    keep = last > 0
    again = f"{int((~keep).sum())} not imaged again, left out" if not keep.all() else ""
    if not keep.any():
        return rows.row("sensitivity", note="not estimable: nobody was imaged again")
    curve = kaplan_meier(risk_table(History.of(exit=last[keep], event=seen[keep])))["all"]
    return rows.months(
        "sensitivity",
        quantile(curve),
        cohort.protocol.follow_up.month_days,
        population="all SSTR-only patients",
        at_risk=int(keep.sum()),
        events=int(seen.sum()),
        method="Kaplan-Meier on the scan's date",
        note=together("later than the truth by up to one gap between scans", again),
    )


def _drawn(rows: Rows, bounds: Bounds) -> Curve:
    """Share with a visible correlate; undetermined within each innermost interval."""
    npmle: TurnbullCurve = turnbull(bounds)["all"]
    known = np.isfinite(npmle.right)
    last = np.where(np.isfinite(bounds.right), bounds.right, bounds.left)
    ticks = np.arange(0.0, last.max() + 1, TICK_DAYS)
    none = (None,) * int(known.sum())
    return Curve(
        question=QUESTION,
        analysis=rows.analysis,
        style="recommended",
        kind="turnbull",
        group="visible on CT",
        population="all SSTR-only patients",
        time_days=tuple(npmle.left[known].tolist()),
        until_days=tuple(npmle.right[known].tolist()),
        estimate=tuple(np.cumsum(npmle.mass)[known].tolist()),
        conf_low=none,
        conf_high=none,
        risk_days=tuple(ticks.tolist()),
        at_risk=tuple(int((last >= t).sum()) for t in ticks),
        events=tuple(int((bounds.right <= t).sum()) for t in ticks),
    )


def _outward(bounds: Bounds, month: float) -> Bounds:
    """Bounds widened to whole months, so that a drawing shows no patient's scan dates."""
    return Bounds.of(
        left=np.floor(bounds.left / month) * month, right=np.ceil(bounds.right / month) * month
    )


_HOW = {
    "sstr_only": "on receptor imaging only",
    "morphological": "with a morphological correlate",
    "not_assessable": "not assessable",
}

ANALYSES = analyses(
    QUESTION,
    sstr_only_share,
    time_to_visible,
    converted_share,
    alone={
        "converted_share": "papers print the median of those who converted, not how many did",
    },
)
