"""Two groups: differences and ratios of curves, of means and of time lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from osteon.estimate import (
    cumulative_incidence,
    difference,
    fixed_time_difference,
    fixed_time_ratio,
    kaplan_meier,
    nelson_aalen,
    ratio,
    restricted_mean_difference,
    restricted_mean_ratio,
    restricted_mean_time_lost,
    risk_table,
)
from validity.cases.case import CLOSED_FORM, Case, Covered, of
from validity.designs import HAZARD_RATIO, HORIZON, TIME, Design
from validity.samples import compared, draw
from validity.truths import hazard, incidence, mean_time, survival, time_lost


def compared_curves(design: Design, seed: int) -> Iterator[Covered]:
    """Survival and hazard at one year, and restricted means."""
    table = risk_table(draw(design, seed, compared).by_exposure)
    a, b = kaplan_meier(table).values()
    s, r = _both(survival, design, TIME)
    yield of("difference in survival at 1 year", fixed_time_difference(a, b, TIME), s - r)
    yield of("ratio of survival at 1 year", fixed_time_ratio(a, b, TIME), s / r)
    if min(a.end, b.end) >= HORIZON:
        s, r = _both(mean_time, design, HORIZON)
        found = restricted_mean_difference(a, b, HORIZON)
        yield of("difference in restricted mean", found, s - r)
        yield of("ratio of restricted means", restricted_mean_ratio(a, b, HORIZON), s / r)
    a, b = nelson_aalen(table).values()
    s, r = hazard(design), hazard(design, HAZARD_RATIO)
    found = fixed_time_ratio(a, b, TIME)
    yield of("ratio of cumulative hazards at 1 year", found, s / r)


def compared_incidence(design: Design, seed: int) -> Iterator[Covered]:
    """Incidence of the event at one year, and the time lost to it."""
    table = risk_table(draw(design, seed, compared).by_exposure)
    a, b = (cifs["event"] for cifs in cumulative_incidence(table).values())
    f, g = _both(incidence, design, TIME)
    found = fixed_time_difference(a, b, TIME)
    yield of("difference in cumulative incidence at 1 year", found, f - g)
    if a.at(TIME).estimate[0] > 0 and b.at(TIME).estimate[0] > 0:
        found = fixed_time_ratio(a, b, TIME)
        yield of("ratio of cumulative incidences at 1 year", found, f / g)
    lost, also = (by["event"] for by in restricted_mean_time_lost(table, HORIZON).values())
    f, g = _both(time_lost, design, HORIZON)
    yield of("difference in time lost to the event", difference(lost, also), f - g)
    yield of("ratio of time lost to the event", ratio(lost, also), f / g)


def _both(truth: Callable[..., float], design: Design, time: float) -> tuple[float, float]:
    return truth(design, time), truth(design, time, HAZARD_RATIO)


CASES = (Case(compared_curves, CLOSED_FORM), Case(compared_incidence, CLOSED_FORM))
