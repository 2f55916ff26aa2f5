"""How long: overall survival by bone metastasis (BM), against the declared comparator.

As published: curves from time zero, entry ignored, BM as if known from the start. Recommended:
patients count from their first visit (delayed entry), and BM is a state entered when detected.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, survival_history
from osteon.contracts.history import History
from osteon.contracts.results import Estimate, Style
from osteon.contracts.tables import SURVIVAL
from osteon.errors import EstimateError
from osteon.estimate import (
    Curve,
    earliest_start,
    intervals,
    kaplan_meier,
    log_rank,
    quantile,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
    symmetric_quantile,
)
from osteon.study.answer import Analysis, Answer, Rows
from osteon.study.curves import at_months, on_grid
from osteon.study.references import (
    AZZATO,
    BROOKMEYER,
    FEINSTEIN,
    KAPLAN_MEIER,
    ROYSTON,
)

QUESTION = "survival"
BM = "bone metastasis"
EVERYBODY = "all patients"

# How each side is drawn: style, delayed entry, from time zero whoever is at risk there.
_SIDES: tuple[tuple[Style, bool, bool], ...] = (
    ("as_published", False, True),
    ("recommended", True, False),
)
_UNCONDITIONAL: tuple[Style, bool, bool] = ("sensitivity", True, True)


def survival_median(cohort: Cohort, rows: Rows) -> Answer:
    """Median survival by BM: with the interval SPSS prints, and as recommended, with curves."""
    rows = rows.of(estimand=f"median survival since {_since(cohort)}")
    answer = Answer()
    for style, entry, whole in (*_SIDES, _UNCONDITIONAL):
        for followed, start in _followed(cohort, delayed_entry=entry, whole=whole):
            answer += _medians(cohort, rows, style, followed, start)
    sentence = (
        f"Survival since {_since(cohort)} was estimated by Kaplan-Meier with delayed entry at the "
        "first visit, from the first time with at least "
        f"{cohort.protocol.follow_up.smallest_risk_set} patients at risk, and is conditional on "
        "reaching it; medians carry Brookmeyer-Crowley limits on the log-log scale."
    )
    return answer + Answer(
        methods=(rows.method("recommended", sentence, KAPLAN_MEIER, BROOKMEYER, AZZATO),)
    )


def survival_log_rank(cohort: Cohort, rows: Rows) -> Answer:
    """Log-rank test of BM against the comparator."""
    estimates = []
    for style, entry, whole in _SIDES:
        for followed, start in _followed(cohort, delayed_entry=entry, whole=whole, together=False):
            if len(followed.history.strata) < 2:
                continue
            test = log_rank(risk_table(followed.history), start=start)
            row = rows.row(
                style,
                estimand="difference between survival curves",
                group=BM,
                contrast=comparator_name(cohort),
                unit="chi-squared",
                estimate=test.statistic,
                p_value=test.p_value,
                test="log-rank",
                at_risk=len(followed.history),
                events=int((followed.history.to_state == 1).sum()),
                method="delayed entry" if entry else "entry ignored",
            )
            estimates.append(row)
    return Answer(tuple(estimates))


def survival_at(cohort: Cohort, rows: Rows) -> Answer:
    """Survival at fixed times."""
    rows = rows.of(estimand=f"survival since {_since(cohort)}")
    estimates: tuple[Estimate, ...] = ()
    for style, entry, whole in _SIDES:
        for followed, start in _followed(cohort, delayed_entry=entry, whole=whole):
            for group, curve, part in _curves(followed, start):
                labelled = rows.of(
                    group=group,
                    at_risk=len(part),
                    note=_conditional(start),
                    method="Kaplan-Meier, delayed entry"
                    if entry
                    else "Kaplan-Meier, entry ignored",
                )
                estimates += at_months(
                    labelled, style, curve, cohort, cohort.protocol.survival.at_months
                )
    return Answer(estimates)


def survival_rmst(cohort: Cohort, rows: Rows) -> Answer:
    """Restricted mean survival to the protocol's horizon, and its difference."""
    month = cohort.protocol.follow_up.month_days
    horizon = cohort.protocol.survival.horizon_months * month
    rows = rows.of(
        estimand=f"mean survival within {cohort.protocol.survival.horizon_months:g} months",
        time_days=horizon,
    )
    estimates: list[Estimate] = []
    for followed, start in _followed(cohort, delayed_entry=True, whole=False, together=False):
        curves = {group: curve for group, curve, _ in _curves(followed, start)}
        for group, curve in curves.items():
            reach = _restricted(curve, horizon)
            estimates.append(
                rows.row(
                    "recommended", group=group, unit="months", note="not estimable to the horizon"
                )
                if reach is None
                else rows.months("recommended", reach, month, group=group, note=_conditional(start))
            )
        bone, other = curves.get(BM), curves.get(comparator_name(cohort))
        if bone and other and _restricted(bone, horizon) and _restricted(other, horizon):
            difference = restricted_mean_difference(bone, other, horizon)
            estimates.append(
                rows.months(
                    "recommended",
                    difference,
                    month,
                    group=BM,
                    contrast=comparator_name(cohort),
                    estimand="difference in mean survival",
                    p_value=difference.p_value,
                    test="Wald",
                    note=_conditional(start),
                )
            )
    sentence = (
        "Restricted mean survival summarises the curves up to a horizon without assuming "
        "proportional hazards or reaching a median."
    )
    return Answer(tuple(estimates), methods=(rows.method("recommended", sentence, ROYSTON),))


def survival_by_detection(cohort: Cohort, rows: Rows) -> Answer:
    """Survival since detection of BM, first seen on receptor imaging only or with a correlate.

    Silent disease found early lives longer from its discovery even if nothing is gained: the two
    are shown apart so that lead time and stage migration can be seen.
    """
    seen = cohort.people.first_seen.where(cohort.people.first_seen != "not_assessable")
    labels = {"sstr_only": "SSTR only", "morphological": "with correlate"}
    followed = survival_history(
        cohort,
        cohort.has_bm & cohort.usable(SURVIVAL),
        delayed_entry=True,
        groups=seen.map(labels),
        origin="bone_metastasis",
    )
    if len(followed.history) == 0 or len(followed.history.strata) < 2:
        return Answer()
    month = cohort.protocol.follow_up.month_days
    rows = rows.of(estimand="median survival since detection of bone metastasis")
    estimates = [
        rows.months(
            "sensitivity",
            quantile(curve),
            month,
            group=f"first seen {group}",
            at_risk=len(part),
            events=int((part.to_state == 1).sum()),
        )
        for group, curve, part in _curves(followed, 0.0)
    ]
    sentence = (
        "Survival since detection is shown apart for metastases first seen on receptor imaging "
        "only, because earlier detection lengthens it without changing the date of death."
    )
    return Answer(tuple(estimates), methods=(rows.method("sensitivity", sentence, FEINSTEIN),))


def comparator_name(cohort: Cohort) -> str:
    """Those that BM is compared with, in words."""
    if cohort.protocol.survival.comparator == "all_others":
        return "no bone metastasis"
    return "other distant metastases"


def compared(cohort: Cohort) -> pd.Series:
    """Patients with BM and those it is compared with."""
    usable = cohort.usable(SURVIVAL)
    if cohort.protocol.survival.comparator == "all_others":
        return usable & (cohort.has_bm | ~cohort.people.has_bm)
    return usable & (
        cohort.has_bm | (cohort.people.stage_iv.notna() & ~cohort.people.has_bm & cohort.studied)
    )


def bone_groups(cohort: Cohort) -> pd.Series:
    """BM or comparator, one label a patient."""
    return cohort.has_bm.map({True: BM, False: comparator_name(cohort)})


def _since(cohort: Cohort) -> str:
    return cohort.protocol.follow_up.time_zero.replace("_", " ")


def _followed(
    cohort: Cohort, *, delayed_entry: bool, whole: bool, together: bool = True
) -> Iterator[tuple[Followed, float]]:
    """Histories to draw: BM against comparator, and everybody; with the start of the curves.

    ``whole`` starts the curves at time zero whoever is at risk there.
    """
    if cohort.protocol.follow_up.entry == "none":
        delayed_entry = False
    choices: list[tuple[pd.Series, pd.Series]] = []
    if cohort.has_bm.any():
        choices.append((compared(cohort), bone_groups(cohort)))
    if together:
        choices += _whole_groups(cohort)
    outcome = cohort.protocol.survival.outcome
    for among, groups in choices:
        followed = survival_history(
            cohort, among, delayed_entry=delayed_entry, groups=groups, outcome=outcome
        )
        start = 0.0
        if delayed_entry and not whole and len(followed.history):
            k = cohort.protocol.follow_up.smallest_risk_set
            start = earliest_start(risk_table(followed.history), at_risk=k).jointly
        if len(followed.history) and np.isfinite(start):
            yield followed, start


def _whole_groups(cohort: Cohort) -> list[tuple[pd.Series, pd.Series]]:
    """Everybody, and, where BM is studied in stage IV, everybody of that stage."""
    usable, index = cohort.usable(SURVIVAL), cohort.people.index
    groups = [(usable, pd.Series(EVERYBODY, index=index))]
    if cohort.protocol.bone_metastasis.among == "stage_iv_at_diagnosis":
        groups.append((usable & cohort.studied, pd.Series("stage IV at diagnosis", index=index)))
    return groups


def _curves(followed: Followed, start: float) -> Iterator[tuple[str, Curve, History]]:
    curves = kaplan_meier(risk_table(followed.history), start=start)
    for i, (group, curve) in enumerate(curves.items()):
        part = followed.history.where(followed.history.stratum == i)
        if len(part):
            yield group, curve, part


def _medians(cohort: Cohort, rows: Rows, style: Style, followed: Followed, start: float) -> Answer:
    month = cohort.protocol.follow_up.month_days
    answer = Answer()
    for group, curve, part in _curves(followed, start):
        left_out = (
            f"{followed.no_follow_up} without follow-up left out" if followed.no_follow_up else ""
        )
        note = "; ".join(n for n in (_conditional(start), left_out) if n)
        labelled = rows.of(
            group=group,
            at_risk=len(part),
            events=int((part.to_state == 1).sum()),
            note=note,
            method=_MEDIAN_METHOD[style],
        )
        find = symmetric_quantile if style == "as_published" else quantile
        row = labelled.months(style, find(curve), month)
        answer += Answer((row,))
        if style != "sensitivity":
            drawn, steps = on_grid(rows, style, curve, cohort, group=group, median=row, note=note)
            answer += Answer(curves=(drawn,), steps=(steps,))
    return answer


_MEDIAN_METHOD = {
    "as_published": "Kaplan-Meier, entry ignored, symmetric interval",
    "recommended": "Kaplan-Meier, delayed entry, Brookmeyer-Crowley",
    "sensitivity": "Kaplan-Meier, delayed entry, from day 0 whoever is at risk",
}


def _conditional(start: float) -> str:
    return f"conditional on being alive at day {start:g}" if start else ""


def _restricted(curve: Curve, horizon: float) -> intervals.Estimate | None:
    try:
        return restricted_mean(curve, horizon)
    except EstimateError:
        return None


ANALYSES = tuple(
    Analysis(f.__name__, QUESTION, f)
    for f in (
        survival_median,
        survival_log_rank,
        survival_at,
        survival_rmst,
        survival_by_detection,
    )
)
