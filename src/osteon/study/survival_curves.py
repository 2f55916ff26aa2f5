"""How long: survival by bone metastasis (BM), against the declared comparator.

Who is drawn against whom, and from when on, is told in `osteon.study.compared`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from osteon.cohort import Cohort
from osteon.cohort.histories import survival_history
from osteon.contracts.tables import SURVIVAL
from osteon.errors import EstimateError
from osteon.estimate import (
    Curve,
    intervals,
    log_rank,
    quantile,
    restricted_mean,
    restricted_mean_difference,
    risk_table,
    symmetric_quantile,
)
from osteon.study.answer import PAIR, TIME_ZEROS, Answer, Rows, analyses, together
from osteon.study.compared import (
    BM,
    Drawing,
    by_bone,
    comparator_name,
    compared_population,
    drawings,
)
from osteon.study.curves import (
    at_months,
    behind,
    below_zero,
    curve_start,
    enters_late,
    on_grid,
    read_off,
    read_until,
    too_few,
)
from osteon.study.references import (
    AZZATO,
    BROOKMEYER,
    FEINSTEIN,
    KAPLAN_MEIER,
    ROYSTON,
    SIMON_MAKUCH,
)

QUESTION = "survival"


def survival_median(cohort: Cohort, rows: Rows) -> Answer:
    """Median survival by BM: with the interval SPSS prints, and as recommended, with curves."""
    rows = rows.of(estimand=f"median {_what(cohort)}", unit="months")
    answer = Answer()
    for style in (*PAIR, "sensitivity"):
        for drawing in drawings(cohort, style):
            answer += _medians(cohort, rows, drawing)
    what, enough = _what(cohort), cohort.protocol.follow_up.smallest_risk_set
    sentence = (
        f"{what[:1].upper()}{what[1:]} was estimated by Kaplan-Meier, "
        + ("with delayed entry at the first visit, " if enters_late(cohort) else "")
        + "bone metastasis a state that patients enter when it is detected, from the first time "
        f"with at least {enough} at risk in each group, and is conditional on reaching it; medians "
        "carry Brookmeyer-Crowley limits on the log-log scale."
    )
    references = (KAPLAN_MEIER, SIMON_MAKUCH, BROOKMEYER, AZZATO)
    method = Answer(methods=(rows.method("recommended", sentence, *references),))
    return answer + _undrawn(cohort, rows, answer) + method


def survival_log_rank(cohort: Cohort, rows: Rows) -> Answer:
    """Log-rank test of BM against the comparator."""
    rows = rows.of(
        estimand="difference between survival curves",
        group=BM,
        contrast=comparator_name(cohort),
        unit="chi-squared",
        population=compared_population(cohort),
    )
    answer = Answer()
    for style in PAIR:
        drawing = by_bone(cohort, style)
        history = drawing.history
        if len(history.strata) < 2 or not np.isfinite(drawing.start):
            answer += rows.nothing(drawing.why_not(cohort), style)
            continue
        test = log_rank(risk_table(history), start=drawing.start)
        rests_on = behind(history, drawing.start)
        row = rows.row(
            style,
            estimate=test.statistic,
            p_value=test.p_value,
            test=f"log-rank, {test.df} df",
            at_risk=rests_on.people,
            events=rests_on.events,
            method=drawing.method,
            note=together(drawing.note, rests_on.note),
        )
        answer += Answer((row,))
    return answer


def survival_at(cohort: Cohort, rows: Rows) -> Answer:
    """Survival at fixed times."""
    rows = rows.of(estimand=_still(cohort))
    months, month = cohort.protocol.survival.at_months, cohort.protocol.follow_up.month_days
    times = [m * month for m in months]
    answer = Answer()
    for style in PAIR:
        for drawing in drawings(cohort, style):
            answer += _unstarted(cohort, rows, drawing, times)
            for group, curve, rests_on in drawing.by_group():
                note = together(drawing.note, rests_on.note)
                of_group = rows.of(group=group, note=note, method=drawing.method)
                answer += Answer(at_months(of_group, style, curve, cohort, months))
    return answer + _undrawn(cohort, rows, answer, times)


def survival_rmst(cohort: Cohort, rows: Rows) -> Answer:
    """Restricted mean survival to the protocol's horizon, and its difference."""
    answer = sum((_restricted_means(cohort, rows, by_bone(cohort, s)) for s in PAIR), Answer())
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
    followed = survival_history(
        cohort,
        cohort.has_bm & cohort.usable(SURVIVAL),
        delayed_entry=True,
        groups=cohort.people.first_seen.map(_FIRST_SEEN),
        origin="bone_metastasis",
    )
    rows = rows.of(
        estimand="median survival since detection of bone metastasis",
        population="bone metastasis, assessable how it was first seen",
        unit="months",
    )
    method = f"Kaplan-Meier{', delayed entry' if cohort.delayed_entry else ''}"
    start = curve_start(cohort, followed.history)
    drawing = Drawing("sensitivity", followed, start, method)
    if len(followed.history.strata) < 2 or not np.isfinite(start):
        return rows.nothing(drawing.why_not(cohort), "sensitivity")
    month = cohort.protocol.follow_up.month_days
    estimates = tuple(
        rows.months(
            "sensitivity",
            read_off(curve, quantile)[0],
            month,
            group=group,
            at_risk=rests_on.people,
            events=rests_on.events,
            method=method,
            note=together(drawing.note, rests_on.note),
        )
        for group, curve, rests_on in drawing.by_group()
    )
    sentence = (
        "Survival since detection is shown apart for metastases first seen on receptor imaging "
        "only, because earlier detection lengthens it without changing the date of death."
    )
    return Answer(estimates, methods=(rows.method("sensitivity", sentence, FEINSTEIN),))


def _what(cohort: Cohort) -> str:
    outcome = cohort.protocol.survival.outcome
    what = "survival" if outcome == "death" else f"time to {outcome.replace('_', ' ')}"
    return f"{what} since {TIME_ZEROS[cohort.protocol.follow_up.time_zero]}"


def _still(cohort: Cohort) -> str:
    outcome = cohort.protocol.survival.outcome
    if outcome == "death":
        return _what(cohort)
    since = TIME_ZEROS[cohort.protocol.follow_up.time_zero]
    return f"share free of {outcome.replace('_', ' ')} since {since}"


def _medians(cohort: Cohort, rows: Rows, drawing: Drawing) -> Answer:
    month, answer = cohort.protocol.follow_up.month_days, _unstarted(cohort, rows, drawing)
    published = drawing.style == "as_published"
    find = symmetric_quantile if published else quantile
    groups = list(drawing.by_group())
    longest = max((curve.end for _, curve, _ in groups), default=0.0)
    for group, curve, rests_on in groups:
        found, known = read_off(curve, find)
        row = rows.of(
            group=group,
            at_risk=rests_on.people,
            events=rests_on.events,
            note=together(below_zero(found), drawing.note, rests_on.note),
            method=drawing.method,
        ).months(drawing.style, found, month)
        answer += Answer((row,))
        if drawing.style != "sensitivity":
            drawn, steps = on_grid(
                rows,
                drawing.style,
                known,
                cohort,
                group=group,
                median=row,
                note=together(drawing.told, rests_on.note),
                until_days=longest,
            )
            answer += Answer(curves=(drawn,), steps=(steps,))
    return answer


def _unstarted(
    cohort: Cohort, rows: Rows, drawing: Drawing, times: Sequence[float | None] = (None,)
) -> Answer:
    """Words for each group of curves that never start."""
    groups = () if np.isfinite(drawing.start) else drawing.history.strata
    absent = (
        rows.nothing(too_few(cohort), drawing.style, group=group, time_days=time)
        for group in groups
        for time in times
    )
    return sum(absent, Answer())


def _undrawn(
    cohort: Cohort, rows: Rows, answer: Answer, times: Sequence[float | None] = (None,)
) -> Answer:
    """Words in the place of BM or its comparator, where nobody of them could be drawn."""
    drawn = {(e.style, e.group) for e in answer.estimates}
    since = TIME_ZEROS[cohort.protocol.follow_up.time_zero]
    why = f"nobody of this group is under observation after {since}"
    absent = (
        rows.nothing(why, style, group=group, time_days=time)
        for style in PAIR
        for group in (BM, comparator_name(cohort))
        if (style, group) not in drawn
        for time in times
    )
    return sum(absent, Answer())


def _restricted_means(cohort: Cohort, rows: Rows, drawing: Drawing) -> Answer:
    settings, month = cohort.protocol.survival, cohort.protocol.follow_up.month_days
    horizon = settings.horizon_months * month
    rows = rows.of(
        estimand=f"mean time {_free(cohort)} {_span(drawing.start / month, settings.horizon_months)}",
        unit="months",
        time_days=horizon,
        method=drawing.method,
        note=drawing.note,
    )
    curves = {
        group: (read_until(curve, horizon), rests_on)
        for group, curve, rests_on in drawing.by_group()
    }
    answer, means = Answer(), {}
    for group in (BM, comparator_name(cohort)):
        if group not in curves:
            answer += rows.nothing(drawing.why_not(cohort), drawing.style, group=group)
            continue
        curve, rests_on = curves[group]
        means[group] = _restricted(curve, horizon)
        note = together(drawing.note, rests_on.note)
        of_group = rows.of(group=group, at_risk=rests_on.people, note=note)
        answer += _mean(of_group, drawing, means[group], month)
    return answer + _difference(cohort, rows, drawing, {g: curves[g][0] for g in means if means[g]})


def _mean(
    rows: Rows, drawing: Drawing, mean: intervals.Estimate | None, month_days: float
) -> Answer:
    if mean is None:
        why = together("followed for less than the horizon", str(rows.labels["note"]))
        return rows.nothing(why, drawing.style)
    return Answer((rows.months(drawing.style, mean, month_days),))


def _difference(cohort: Cohort, rows: Rows, drawing: Drawing, curves: dict[str, Curve]) -> Answer:
    rows = rows.of(group=BM, contrast=comparator_name(cohort))
    if len(curves) < 2:
        return rows.nothing("a group without a mean up to the horizon", drawing.style)
    horizon = float(rows.labels["time_days"])
    found = restricted_mean_difference(curves[BM], curves[comparator_name(cohort)], horizon)
    month = cohort.protocol.follow_up.month_days
    row = rows.months(drawing.style, found, month, p_value=found.p_value, test="Wald")
    return Answer((row,))


def _restricted(curve: Curve, horizon: float) -> intervals.Estimate | None:
    try:
        return restricted_mean(curve, horizon)
    except EstimateError:
        return None


def _free(cohort: Cohort) -> str:
    outcome = cohort.protocol.survival.outcome
    return "alive" if outcome == "death" else f"free of {outcome.replace('_', ' ')}"


def _span(start_months: float, horizon_months: float) -> str:
    if start_months:
        return f"between {start_months:.1f} and {horizon_months:g} months"
    return f"within {horizon_months:g} months"


_FIRST_SEEN = {
    "sstr_only": "first seen on receptor imaging only",
    "morphological": "first seen with a correlate",
}

ANALYSES = analyses(
    QUESTION,
    survival_median,
    survival_log_rank,
    survival_at,
    survival_rmst,
    survival_by_detection,
)
