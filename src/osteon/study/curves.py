"""From an estimator's exact steps to what a report draws and prints.

The exact steps show single patients: they go to `PatientLevel`. A report draws the same curve on
a grid of whole months, with the numbers at risk under it.
"""

from __future__ import annotations

import math

import numpy as np

from osteon import estimate
from osteon.cohort import Cohort
from osteon.contracts.history import History
from osteon.contracts.results import Curve, Estimate, Style
from osteon.study.answer import Rows, finite, interval_of, together

GRID_MONTHS = 1.0
RISK_TICKS = 8
KINDS = {"survival": "survival", "cumulative incidence": "cumulative_incidence"}


def enters_late(cohort: Cohort) -> bool:
    """Whether patients come under observation after the protocol's time zero."""
    return cohort.delayed_entry and cohort.protocol.follow_up.time_zero != "first_visit"


def curve_start(cohort: Cohort, history: History) -> float:
    """Day from which curves with late entries run; inf if too few were ever at risk together.

    One early event among a few can take a curve down for good, so it starts where each group has
    enough at risk, and is conditional on reaching that day. Where nobody enters late it is day 0.
    """
    if not (history.entry > 0).any():
        return 0.0
    enough = cohort.protocol.follow_up.smallest_risk_set
    return estimate.earliest_start(estimate.risk_table(history), at_risk=enough).jointly


def too_few(cohort: Cohort) -> str:
    """Why a curve with late entries never starts."""
    enough = cohort.protocol.follow_up.smallest_risk_set
    return f"never {enough} at risk at once in each group, so no curve is started"


def below_zero(median: estimate.intervals.Estimate) -> str:
    """What a reader of a symmetric interval has to be told; it is printed as SPSS prints it."""
    below = median.conf_low < 0
    return "a symmetric interval may begin below 0; it is not cut, as SPSS does not" * bool(below)


def at_months(
    rows: Rows, style: Style, curve: estimate.Curve, cohort: Cohort, months: tuple[float, ...]
) -> tuple[Estimate, ...]:
    """The curve's value at fixed times, with people at risk and events so far."""
    month = cohort.protocol.follow_up.month_days
    return tuple(_at(rows, style, curve, m * month) for m in months)


def _at(rows: Rows, style: Style, curve: estimate.Curve, days: float) -> Estimate:
    point = curve.at(days)
    value, n = float(point.estimate[0]), _whole(point.at_risk[0])
    row = dict(time_days=days, events=_whole(point.events[0]), at_risk=n, unit="share")
    note = str(rows.labels.get("note", ""))
    if math.isnan(value):
        where = "before the curve starts" if days < curve.start else "after the last follow-up"
        return rows.row(style, **{**row, "note": together(where, note)})
    found = estimate.fixed_time(curve, days)
    if found.std_error > 0 or not n:
        return rows.row(style, **{**row, **interval_of(found)})
    # No event so far: the curve's own interval would be a point.
    exact = estimate.proportion(round(value) * n, n, interval="clopper-pearson")
    why = together("no event so far: exact limits from those at risk", note)
    return rows.row(style, **{**row, **interval_of(exact), "note": why})


def on_grid(
    rows: Rows,
    style: Style,
    curve: estimate.Curve,
    cohort: Cohort,
    *,
    group: str,
    median: Estimate | None = None,
    note: str = "",
    until_days: float | None = None,
) -> tuple[Curve, Curve]:
    """The curve for a report, on whole months, and its exact steps, which are patient-level.

    Curves that stand in one figure share the times under its axis: ``until_days`` is the end of
    the longest of them.
    """
    month = cohort.protocol.follow_up.month_days
    grid = np.arange(curve.start, curve.end + 1e-9, GRID_MONTHS * month)
    ticks = _ticks(curve, month, until_days or curve.end)
    points, risk = curve.at(grid), curve.at(ticks)
    labels = dict(
        question=rows.question,
        analysis=rows.analysis,
        style=style,
        kind=KINDS[curve.estimand],
        group=group,
        population=rows.labels.get("population", ""),
        risk_days=_numbers(ticks),
        at_risk=tuple(_whole(n) for n in risk.at_risk),
        events=tuple(_whole(n) for n in risk.events),
        start_days=curve.start,
        note=note,
        **_median(median, month),
    )
    drawn = Curve(
        time_days=_numbers(points.time),
        estimate=_numbers(points.estimate),
        conf_low=_limits(points.conf_low),
        conf_high=_limits(points.conf_high),
        **labels,
    )
    moves = curve.events > 0
    steps = Curve(
        time_days=_numbers(curve.time[moves]),
        estimate=_numbers(curve.estimate[moves]),
        conf_low=_limits(curve.conf_low[moves]),
        conf_high=_limits(curve.conf_high[moves]),
        **labels,
    )
    return drawn, steps


def _ticks(curve: estimate.Curve, month: float, until_days: float) -> np.ndarray:
    """Round times under the axis: 3 to 60 months apart, eight of them at most."""
    span = until_days / month
    step = next((s for s in (3, 6, 12, 24, 36, 48, 60) if span / s <= RISK_TICKS), 120)
    ticks = np.arange(0.0, curve.end / month + 1e-9, step) * month
    return np.unique(np.concatenate([[curve.start], ticks[ticks > curve.start]]))


def _median(row: Estimate | None, month: float) -> dict[str, float | None]:
    if row is None or row.estimate is None:
        return {}
    return {
        "median_days": row.estimate * month,
        "median_low_days": None if row.conf_low is None else row.conf_low * month,
        "median_high_days": None if row.conf_high is None else row.conf_high * month,
    }


def _numbers(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _limits(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(finite(float(v)) for v in values)


def _whole(n: float) -> int | None:
    return None if math.isnan(n) else round(float(n))
