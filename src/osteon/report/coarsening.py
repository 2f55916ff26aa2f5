"""Curves that may leave the centre: cut where few are at risk, steps joined until they hold enough.

A step of a curve times the people at risk is the number of events in it, and two numbers at risk
tell how many left between them. So a masked curve keeps only those of the times under its axis
between which nobody or at least `limit` people had the event, and nobody or at least `limit` left
without one; events that a table prints for the same people count as neighbours too. It also
keeps the fixed times at which the tables print it. Curves of the same people in other styles keep
the same times: what one hides the other must not tell. The curve of a group that holds others
that are drawn is left out: the difference would draw the one that is missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from osteon.contracts.results import Curve, Estimate
from osteon.report.suppression import is_small

WHOLE = ("", "all", "total", "overall", "any", "all patients", "whole cohort")
"""Names of a group that holds the others; `is_whole` knows more."""
_JOINED = "Small cells are masked: steps are joined so that none tells of a few patients."
_NEAR = 1e-6


def is_whole(group: str) -> bool:
    """Whether a group holds the others: by one of those names, or "all who ..."."""
    return group.lower() in WHOLE or group.lower().startswith("all ")


def coarsened(
    curves: Sequence[Curve], estimates: Sequence[Estimate], limit: int
) -> tuple[Curve, ...]:
    """Coarsen every curve, given the estimates that are printed; one that keeps nothing is left out."""
    parts = [c for c in curves if not _holds_others(c, curves)]
    families: dict[tuple[str, str], list[Curve]] = {}
    for c in parts:
        families.setdefault((c.question, c.group), []).append(c)
    kept = {key: _kept_days(family, estimates, limit) for key, family in families.items()}
    coarse = (_coarse(c, kept[c.question, c.group], estimates, limit) for c in parts)
    return tuple(c for c in coarse if c.time_days)


def _holds_others(curve: Curve, curves: Sequence[Curve]) -> bool:
    """Whether the group is the whole, or two others together, judged by the people at risk."""
    others = [
        c
        for c in curves
        if (c.question, c.style) == (curve.question, curve.style) and c.group != curve.group
    ]
    if others and is_whole(curve.group):
        return True
    return any(_add_up(a, b, curve) for a, b in combinations(others, 2) if a.group != b.group)


def _add_up(a: Curve, b: Curve, whole: Curve) -> bool:
    days = set(a.risk_days) & set(b.risk_days) & set(whole.risk_days)
    at_risk = [(_at(a, d)[0], _at(b, d)[0], _at(whole, d)[0]) for d in days]
    known = [(x, y, z) for x, y, z in at_risk if x and y and z]
    return bool(known) and all(x + y == z for x, y, z in known)


def _kept_days(curves: list[Curve], estimates: Sequence[Estimate], limit: int) -> list[float]:
    """Choose the days common to all curves between which enough happens, or nothing."""
    drawn = [c for c in curves if max((n or 0 for n in c.at_risk), default=0) >= limit]
    days = sorted(set.intersection(*(set(c.risk_days) for c in drawn))) if drawn else []
    beside = {id(c): _printed_beside(c, estimates) for c in drawn}
    kept: list[float] = []
    for day in days:
        last = kept[-1] if kept else None
        if all(_tells_enough(c, last, day, beside[id(c)], limit) for c in drawn):
            kept.append(day)
    return kept


def _printed_beside(curve: Curve, estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates of the same group: their counts must not tell a step by a small difference."""
    return [e for e in estimates if e.question == curve.question and e.group == curve.group]


def _tells_enough(
    curve: Curve, last: float | None, day: float, beside: list[Estimate], limit: int
) -> bool:
    at_risk, events = _at(curve, day)
    if at_risk is None or events is None or at_risk < limit:
        return False
    gaps = [e.events - events for e in beside if e.events is not None]
    before, events_before = _at(curve, last) if last is not None else (None, 0)
    happened = events - (events_before or 0)
    if before is None:
        gaps += [e.at_risk - at_risk - events for e in beside if e.at_risk is not None]
    else:
        gaps.append(before - at_risk - happened)
    return not any(is_small(abs(gap), limit) for gap in (*gaps, happened))


def _at(curve: Curve, day: float) -> tuple[int | None, int | None]:
    i = curve.risk_days.index(day)
    return curve.at_risk[i], curve.events[i]


def _coarse(curve: Curve, kept: list[float], estimates: Sequence[Estimate], limit: int) -> Curve:
    fixed = _fixed_times(curve, estimates)
    if max((n or 0 for n in curve.at_risk), default=0) < limit or not (kept or fixed):
        return replace(curve, time_days=())
    counts = [_at(curve, day) for day in kept]
    days = sorted({*kept, *fixed})
    curve = replace(
        _median_kept(curve, days[-1]),
        note=f"{curve.note} {_JOINED}".strip(),
        risk_days=tuple(kept),
        at_risk=tuple(n for n, _ in counts),
        events=tuple(d for _, d in counts),
    )
    return _joined(curve, days[-1], limit) if curve.kind == "turnbull" else _stepped(curve, days)


def _fixed_times(curve: Curve, estimates: Sequence[Estimate]) -> list[float]:
    """Times at which a table prints this very curve."""
    return [
        e.time_days
        for e in _printed_beside(curve, estimates)
        if e.time_days is not None
        and e.estimate is not None
        and e.style == curve.style
        and curve.time_days
        and curve.time_days[0] <= e.time_days <= curve.time_days[-1]
        and abs(_value_at(curve, e.time_days)[0] - e.estimate) < _NEAR
    ]


def _value_at(curve: Curve, day: float) -> tuple[float, float | None, float | None]:
    """Value of a step curve; before its first point it has not begun."""
    i = bisect_right(curve.time_days, day) - 1
    if i < 0:
        return (0.0 if curve.rises else 1.0), None, None
    return curve.estimate[i], curve.conf_low[i], curve.conf_high[i]


def _stepped(curve: Curve, days: list[float]) -> Curve:
    """Keep the curve only at these days."""
    at = [_value_at(curve, day) for day in days]
    return replace(
        curve,
        time_days=tuple(days),
        estimate=tuple(estimate for estimate, _, _ in at),
        conf_low=tuple(low for _, low, _ in at),
        conf_high=tuple(high for _, _, high in at),
    )


def _joined(curve: Curve, last: float, limit: int) -> Curve:
    """Join the intervals of a Turnbull curve until the mass in each is that of enough people."""
    people = max((n or 0 for n in curve.at_risk), default=0)
    joined: list[tuple[float, float, float]] = []
    level, since = (0.0 if curve.rises else 1.0), None
    for t, u, s in zip(curve.time_days, curve.until_days, curve.estimate, strict=True):
        if u > last:
            break
        since = t if since is None else since
        if abs(level - s) * people >= limit:
            joined.append((since, u, s))
            level, since = s, None
    return replace(
        curve,
        time_days=tuple(t for t, _, _ in joined),
        until_days=tuple(u for _, u, _ in joined),
        estimate=tuple(s for _, _, s in joined),
        conf_low=(None,) * len(joined),
        conf_high=(None,) * len(joined),
    )


def _median_kept(curve: Curve, last: float) -> Curve:
    """Keep a median only where the curve is still shown."""
    bounds = (curve.median_days, curve.median_low_days)
    if any(b is not None and b > last for b in bounds):
        return replace(curve, median_days=None, median_low_days=None, median_high_days=None)
    return curve
