"""Events that come again, more often to some patients than to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from osteon.estimate import (
    event_rates,
    fixed_time,
    fixed_time_difference,
    fixed_time_ratio,
    mean_cumulative,
    rate_ratio,
    risk_table,
    robust_rate_ratio,
    robust_rates,
)
from validity.cases.case import CLOSED_FORM, Case, Covered, of
from validity.cases.curves import START
from validity.courses import daily_chance, mean_count, recurring
from validity.designs import COURSE, HAZARD_RATIO, Design
from validity.samples import draw, until


def mean_counts(design: Design, seed: int) -> Iterator[Covered]:
    """Mean cumulative count at two years, and rates, in one group."""
    history = until(recurring(draw(design, seed)), COURSE)
    truth = mean_count(design, COURSE)
    history = replace(history, stratum=0 * history.stratum, strata=("all",))
    for variance in ("ghosh-lin", "jackknife"):
        for scale in ("log", "plain"):
            curve = mean_cumulative(history, "event", variance=variance, interval=scale)["all"]
            name = f"mean cumulative count at 2 years, {variance}, {scale}"
            yield of(name, fixed_time(curve, COURSE), truth)
    living = mean_cumulative(history, "event", terminal=())["all"]
    name = "mean cumulative count at 2 years, deaths censored"
    yield of(name, fixed_time(living, COURSE), COURSE * daily_chance())
    yield of(
        "rate of recurrent events, robust", robust_rates(history, "event")["all"], daily_chance()
    )
    poisson = event_rates(risk_table(history), "event")["all"]
    yield of("rate of recurrent events, Garwood", poisson, daily_chance())


def counts_from_a_day(design: Design, seed: int) -> Iterator[Covered]:
    """Mean cumulative count since a later day, of those alive on it."""
    history = until(recurring(draw(design, seed)), COURSE)
    history = replace(history, stratum=0 * history.stratum, strata=("all",))
    truth = mean_count(design, COURSE - START)
    for variance in ("ghosh-lin", "jackknife"):
        curve = mean_cumulative(history, "event", start=START, variance=variance)["all"]
        name = f"mean cumulative count at 2 years from day {START} on, {variance}, log"
        yield of(name, fixed_time(curve, COURSE), truth)


def compared_counts(design: Design, seed: int) -> Iterator[Covered]:
    """The same in two groups."""
    history = until(recurring(draw(design, seed), HAZARD_RATIO), COURSE)
    a, b = mean_cumulative(history, "event").values()
    truths = mean_count(design, COURSE), mean_count(design, COURSE, HAZARD_RATIO)
    found = fixed_time_difference(a, b, COURSE)
    yield of("difference of mean cumulative counts at 2 years", found, truths[0] - truths[1])
    found = fixed_time_ratio(a, b, COURSE)
    yield of("ratio of mean cumulative counts at 2 years", found, truths[0] / truths[1])
    truth = daily_chance(HAZARD_RATIO) / daily_chance()
    yield of(
        "ratio of rates of recurrent events, robust", robust_rate_ratio(history, "event"), truth
    )
    table = risk_table(history)
    events = table.events[:, table.causes(["event"])[0]].sum(axis=-1).astype(int)
    time = table.person_time[:, 0]
    exact = rate_ratio(events[1], time[1], events[0], time[0], convention="mid-p")
    yield of("ratio of rates of recurrent events, exact mid-p", exact, truth)


CASES = (
    Case(mean_counts, CLOSED_FORM),
    Case(counts_from_a_day, CLOSED_FORM),
    Case(compared_counts, CLOSED_FORM),
)
