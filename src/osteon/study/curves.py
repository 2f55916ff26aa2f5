"""From an estimator's exact steps to what a report draws and prints.

The exact steps show single patients: they go to `PatientLevel`. A report draws the same curve on
a grid of whole months, with the numbers at risk under it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from osteon import estimate
from osteon.cohort import Cohort
from osteon.contracts.history import History
from osteon.contracts.results import Curve, Estimate, Style
from osteon.estimate.curves.curve_cautions import early_event
from osteon.study.answer import Rows, finite, in_plain_words, interval_of, together

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


@dataclass(frozen=True)
class Behind:
    """People and events that a figure rests on, and what to say where they are not everybody."""

    people: int
    events: int
    note: str = ""


def behind(history: History, start: float = 0.0, end: float = math.inf) -> Behind:
    """Those who contribute time after ``start`` and before ``end``, and their events till then."""
    seen = (history.exit > start) & (history.entry < end)
    people, everybody = np.unique(history.subject[seen]).size, np.unique(history.subject).size
    events = seen & (history.exit <= end) & (history.to_state == 1)
    note = f"rests on {people}/{everybody} patients" if people < everybody else ""
    return Behind(people, int(events.sum()), note)


def behind_curve(history: History, curve: estimate.Curve) -> Behind:
    """Those whom a curve of this history rests on, and why it ends before the last is seen."""
    found = behind(history, curve.start, curve.end)
    later = history.entry >= curve.end
    only_later = np.setdiff1d(history.subject[later], history.subject[~later]).size
    if not later.any():
        return found
    ends = (
        f"ends at day {math.ceil(curve.end)}: nobody was then left at risk "
        f"(seen only later: {only_later})"
    )
    return replace(found, note=together(ends, found.note))


def unbroken(curves: Mapping[str, estimate.Curve]) -> dict[str, estimate.Curve]:
    """Curves of one risk set, as long as somebody is at risk without interruption.

    With late entries the last one at risk can die, or leave, before others come under observation.
    Survival would stay at 0 from there on although they live: the curve ends just before that
    death. ``curves`` is survival alone, or the cumulative incidences of all causes.
    """
    one = next(iter(curves.values()))
    fallen = sum((abs(c.estimate - c.initial) for c in curves.values()), np.zeros(one.time.size))
    exhausted = fallen >= 1 - _ROUNDING
    left_alone = np.append(one.at_risk[1:] == 0, True) & (one.at_risk.cumsum() > 0)
    stops = np.flatnonzero(exhausted | left_alone)
    if not stops.size or stops[0] == one.time.size - 1:
        return dict(curves)
    row = int(stops[0])
    ended = {name: _until(c, row, bool(exhausted[row])) for name, c in curves.items()}
    # What happens beyond its end a curve no longer hangs on.
    beyond, said = _early_event(curves), _early_event(ended)
    return {
        name: replace(c, cautions=(*(x for x in c.cautions if x not in beyond), *said))
        for name, c in ended.items()
    }


def read_until(curve: estimate.Curve, days: float) -> estimate.Curve:
    """The curve with the doubts that concern what is read off it up to a day.

    Few at risk and more later is no harm to a number from before. Of a cumulative incidence it is
    told only where the event in doubt is one of its own cause.
    """
    beyond = early_event(curve.at_risk, curve.events)
    if not set(beyond) & set(curve.cautions):
        return curve
    until = early_event(curve.at_risk, np.where(curve.time <= days, curve.events, 0.0))
    return replace(curve, cautions=(*(x for x in curve.cautions if x not in beyond), *until))


def read_off(
    curve: estimate.Curve, find: Callable[[estimate.Curve], estimate.Estimate]
) -> tuple[estimate.Estimate, estimate.Curve]:
    """A time read off a curve, and the curve, with the doubts up to its upper limit."""
    found = find(curve)
    last = max(found.estimate, found.conf_high)
    known = read_until(curve, last if math.isfinite(last) else math.inf)
    return find(known), known


def _early_event(curves: Mapping[str, estimate.Curve]) -> tuple[str, ...]:
    """What the engine says of an early event of any of these causes."""
    of = list(curves.values())
    return early_event(of[0].at_risk, np.sum([c.events for c in of], axis=0))


def _until(curve: estimate.Curve, row: int, exhausted: bool) -> estimate.Curve:
    """The curve up to a row; where nothing is left of it there, up to just before."""
    kept = {name: getattr(curve, name)[: row + 1].copy() for name in _COLUMNS}
    if exhausted:
        before = curve.at(np.nextafter(curve.time[row], -np.inf))
        kept["time"][row] = before.time[0]
        kept["events"][row] = kept["censored"][row] = 0.0
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            kept[name][row] = getattr(before, name)[0]
    return replace(curve, **kept)


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
    point, curve = curve.at(days), read_until(curve, days)
    value, ended = float(point.estimate[0]), days > curve.end
    row = dict(time_days=days, events=_whole(point.events[0]), unit="share")
    n = row["at_risk"] = None if ended and math.isnan(value) else _whole(point.at_risk[0])
    note = str(rows.labels.get("note", ""))
    if math.isnan(value):
        where = "after the curve ends" if ended else "before the curve starts"
        return rows.row(style, **{**row, "note": together(where, note)})
    found = estimate.fixed_time(curve, days)
    if point.events[0] or not n:
        return rows.row(style, **{**row, **interval_of(found)})
    # No event so far: the curve's own interval would be a point.
    few = _fewest(curve, days)
    exact = estimate.proportion(round(value) * few, few, interval="clopper-pearson")
    why = together("no event so far: exact limits from the fewest at risk until then", note)
    known = {**row, **interval_of(exact), "cautions": in_plain_words(curve.cautions)}
    return rows.row(style, **known, note=why)


def _fewest(curve: estimate.Curve, days: float) -> int:
    """Smallest number at risk up to a day, once there is anybody.

    Who came under observation yesterday says nothing of the years before: with so many at risk at
    least, no event has the probability of so many who are all followed, or less.
    """
    at_risk = curve.at_risk[: int(np.searchsorted(curve.time, days)) + 1]
    return round(float(at_risk[at_risk > 0].min()))


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
        conf_level=curve.conf_level,
        interval_method=curve.interval,
        note=note,
        cautions=in_plain_words(curve.cautions),
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
    """Round times under the axis: 3 months to 10 years apart, eight of them at most."""
    span = until_days / month
    step = next((s for s in (3, 6, 12, 24, 60) if span / s <= RISK_TICKS), 120)
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


_ROUNDING = 1e-9
_COLUMNS = (
    "time",
    "at_risk",
    "events",
    "censored",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
)


def _whole(n: float) -> int | None:
    return None if math.isnan(n) else round(float(n))
