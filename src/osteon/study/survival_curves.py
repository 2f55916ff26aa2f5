"""How long: survival by bone metastasis (BM), against the declared comparator.

As published: curves from time zero, entry ignored, BM as if known from the start: who is found to
have BM in year five owns the five years before. Recommended: patients count from their first visit
(delayed entry), and BM is a state entered when it is detected, so that a patient's time before it
belongs to the comparator (Simon & Makuch). Such a curve starts with enough at risk, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, bone_state_history, survival_history
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
from osteon.study.answer import Analysis, Answer, Rows, together
from osteon.study.curves import at_months, on_grid
from osteon.study.references import (
    AZZATO,
    BROOKMEYER,
    FEINSTEIN,
    KAPLAN_MEIER,
    ROYSTON,
    SIMON_MAKUCH,
)

QUESTION = "survival"
BM = "bone metastasis"
EVERYBODY = "all patients"


@dataclass(frozen=True, eq=False)
class Drawing:
    """Curves of groups that are drawn together.

    ``start`` is the day from which they run; inf where too few were ever at risk together.
    """

    style: Style
    followed: Followed
    start: float
    method: str

    @property
    def history(self) -> History:
        """What they are drawn from."""
        return self.followed.history

    @property
    def note(self) -> str:
        """From when on, and who is not in it."""
        since = f"conditional on being alive at day {self.start:g}" if self.start else ""
        return together(since, self.followed.told())


def survival_median(cohort: Cohort, rows: Rows) -> Answer:
    """Median survival by BM: with the interval SPSS prints, and as recommended, with curves."""
    rows = rows.of(estimand=f"median {_what(cohort)}")
    answer = Answer()
    for style in ("as_published", "recommended", "sensitivity"):
        for drawing in _drawings(cohort, style):
            answer += _medians(cohort, rows, drawing)
    sentence = (
        f"{_what(cohort).capitalize()} was estimated by Kaplan-Meier, "
        + _observed(cohort)
        + "bone metastasis a state that patients enter when it is detected, from the first time with "
        f"at least {cohort.protocol.follow_up.smallest_risk_set} at risk in each group, and is "
        "conditional on reaching it; medians carry Brookmeyer-Crowley limits on the log-log scale."
    )
    references = (KAPLAN_MEIER, SIMON_MAKUCH, BROOKMEYER, AZZATO)
    return answer + Answer(methods=(rows.method("recommended", sentence, *references),))


def survival_log_rank(cohort: Cohort, rows: Rows) -> Answer:
    """Log-rank test of BM against the comparator."""
    rows = rows.of(
        estimand="difference between survival curves",
        group=BM,
        contrast=comparator_name(cohort),
        unit="chi-squared",
    )
    estimates = []
    for style in ("as_published", "recommended"):
        for drawing in _by_bone(cohort, style):
            history = drawing.history
            if len(history.strata) < 2 or not np.isfinite(drawing.start):
                estimates.append(rows.row(style, note=_too_few(cohort)))
                continue
            test = log_rank(risk_table(history), start=drawing.start)
            row = rows.row(
                style,
                estimate=test.statistic,
                p_value=test.p_value,
                test="log-rank",
                at_risk=len(np.unique(history.subject)),
                events=int((history.to_state == 1).sum()),
                method=drawing.method,
                note=drawing.note,
            )
            estimates.append(row)
    return Answer(tuple(estimates))


def survival_at(cohort: Cohort, rows: Rows) -> Answer:
    """Survival at fixed times."""
    rows = rows.of(estimand=_what(cohort))
    months = cohort.protocol.survival.at_months
    estimates: tuple[Estimate, ...] = ()
    for style in ("as_published", "recommended"):
        for drawing in _drawings(cohort, style):
            for group, curve, _ in _by_group(drawing.history, drawing.start):
                of_group = rows.of(group=group, note=drawing.note, method=drawing.method)
                estimates += at_months(of_group, style, curve, cohort, months)
    return Answer(estimates)


def survival_rmst(cohort: Cohort, rows: Rows) -> Answer:
    """Restricted mean survival to the protocol's horizon, and its difference."""
    answer = Answer()
    for drawing in _by_bone(cohort, "recommended"):
        answer += _restricted_means(cohort, rows, drawing)
    sentence = (
        "Restricted mean survival summarises the curves up to a horizon without assuming "
        "proportional hazards or reaching a median."
    )
    return answer + Answer(methods=(rows.method("recommended", sentence, ROYSTON),))


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
            note=followed.told(),
        )
        for group, curve, part in _by_group(followed.history, 0.0)
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
    """Patients with BM and those it is compared with; who is unclear is in neither."""
    usable = cohort.usable(SURVIVAL)
    if cohort.protocol.survival.comparator == "all_others":
        return usable & (cohort.has_bm | (cohort.people.bone == "no"))
    return usable & cohort.bone_known & cohort.people.stage_iv.notna()


def starts_at_stage_iv(cohort: Cohort) -> bool:
    """Whether the comparator begins with stage IV, so that time before it is nobody's."""
    return cohort.protocol.survival.comparator == "other_distant_metastases"


def _what(cohort: Cohort) -> str:
    outcome = cohort.protocol.survival.outcome
    what = "survival" if outcome == "death" else f"time to {outcome.replace('_', ' ')}"
    return f"{what} since {cohort.protocol.follow_up.time_zero.replace('_', ' ')}"


def _observed(cohort: Cohort) -> str:
    return "with delayed entry at the first visit, " if cohort.delayed_entry else ""


def _too_few(cohort: Cohort) -> str:
    k = cohort.protocol.follow_up.smallest_risk_set
    return f"never {k} at risk in every group, or one group only: no curve"


def _drawings(cohort: Cohort, style: Style) -> Iterator[Drawing]:
    """BM against its comparator, everybody, and everybody of the stage in which BM is studied."""
    yield from _by_bone(cohort, style)
    usable, index = cohort.usable(SURVIVAL), cohort.people.index
    yield _one_group(cohort, style, usable, pd.Series(EVERYBODY, index=index))
    if cohort.protocol.bone_metastasis.among == "stage_iv_at_diagnosis":
        stage_iv = pd.Series("stage IV at diagnosis", index=index)
        yield _one_group(cohort, style, usable & cohort.among, stage_iv)


def _by_bone(cohort: Cohort, style: Style) -> Iterator[Drawing]:
    """BM against its comparator: ever against never as published, else as a state."""
    if not cohort.has_bm.any():
        return
    outcome = cohort.protocol.survival.outcome
    if style == "as_published":
        groups = cohort.has_bm.map({True: BM, False: comparator_name(cohort)})
        yield _one_group(cohort, style, compared(cohort), groups)
        return
    followed = bone_state_history(
        cohort,
        compared(cohort),
        delayed_entry=True,
        outcome=outcome,
        from_stage_iv=starts_at_stage_iv(cohort),
    )
    by_state = replace(
        followed.history,
        stratum=1 - followed.history.covariates["bm"].astype(int),
        strata=(BM, comparator_name(cohort)),
    )
    how = f"Kaplan-Meier, bone metastasis from when it is detected{_entered(cohort)}"
    yield _started(cohort, style, replace(followed, history=by_state), how)


def _one_group(cohort: Cohort, style: Style, among: pd.Series, groups: pd.Series) -> Drawing:
    followed = survival_history(
        cohort,
        among,
        delayed_entry=style != "as_published",
        groups=groups,
        outcome=cohort.protocol.survival.outcome,
    )
    if style == "as_published":
        return Drawing(style, followed, 0.0, "Kaplan-Meier, entry ignored")
    return _started(cohort, style, followed, f"Kaplan-Meier{_entered(cohort)}")


def _entered(cohort: Cohort) -> str:
    return ", delayed entry" if cohort.delayed_entry else ""


def _started(cohort: Cohort, style: Style, followed: Followed, method: str) -> Drawing:
    """Start a curve with late entries where enough are at risk; a sensitivity run does not wait."""
    start = 0.0
    if style == "sensitivity":
        method += ", from day 0 whoever is at risk"
    elif len(followed.history):
        k = cohort.protocol.follow_up.smallest_risk_set
        start = earliest_start(risk_table(followed.history), at_risk=k).jointly
    return Drawing(style, followed, start, method)


def _by_group(history: History, start: float) -> Iterator[tuple[str, Curve, History]]:
    """Curve and history of each group; none where the curves never start."""
    if not len(history) or not np.isfinite(start):
        return
    for i, (group, curve) in enumerate(kaplan_meier(risk_table(history), start=start).items()):
        part = history.where(history.stratum == i)
        if len(part):
            yield group, curve, part


def _medians(cohort: Cohort, rows: Rows, drawing: Drawing) -> Answer:
    if not np.isfinite(drawing.start):
        too_few = rows.of(note=_too_few(cohort))
        return Answer(tuple(too_few.row(drawing.style, group=g) for g in drawing.history.strata))
    month, answer = cohort.protocol.follow_up.month_days, Answer()
    published = drawing.style == "as_published"
    find, interval = (symmetric_quantile, "symmetric") if published else (quantile, "log-log")
    groups = list(_by_group(drawing.history, drawing.start))
    longest = max((curve.end for _, curve, _ in groups), default=0.0)
    for group, curve, part in groups:
        row = rows.of(
            group=group,
            at_risk=len(np.unique(part.subject)),
            events=int((part.to_state == 1).sum()),
            note=drawing.note,
            method=f"{drawing.method}; {interval} interval",
        ).months(drawing.style, find(curve), month)
        answer += Answer((row,))
        if drawing.style != "sensitivity":
            drawn, steps = on_grid(
                rows,
                drawing.style,
                curve,
                cohort,
                group=group,
                median=row,
                note=drawing.note,
                until_days=longest,
            )
            answer += Answer(curves=(drawn,), steps=(steps,))
    return answer


def _restricted_means(cohort: Cohort, rows: Rows, drawing: Drawing) -> Answer:
    settings, month = cohort.protocol.survival, cohort.protocol.follow_up.month_days
    horizon = settings.horizon_months * month
    since = f"between day {drawing.start:g} and" if drawing.start else "within"
    rows = rows.of(
        estimand=f"mean time alive {since} month {settings.horizon_months:g}",
        time_days=horizon,
        method=drawing.method,
        note=drawing.note,
    )
    curves = {group: curve for group, curve, _ in _by_group(drawing.history, drawing.start)}
    means = {group: _restricted(curve, horizon) for group, curve in curves.items()}
    unreached = rows.of(unit="months", note=together("not estimable to the horizon", drawing.note))
    estimates = [
        unreached.row("recommended", group=group)
        if mean is None
        else rows.months("recommended", mean, month, group=group)
        for group, mean in means.items()
    ]
    if len(means) == 2 and all(mean is not None for mean in means.values()):
        found = restricted_mean_difference(curves[BM], curves[comparator_name(cohort)], horizon)
        estimates.append(
            rows.months(
                "recommended",
                found,
                month,
                group=BM,
                contrast=comparator_name(cohort),
                p_value=found.p_value,
                test="Wald",
            )
        )
    return Answer(tuple(estimates))


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
