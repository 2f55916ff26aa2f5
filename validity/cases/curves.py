"""One group: survival, cumulative incidence and hazard, their quantiles and means."""

from __future__ import annotations

from collections.abc import Iterator

from osteon.estimate import (
    cumulative_incidence,
    fixed_time,
    fleming_harrington,
    follow_up,
    kaplan_meier,
    nelson_aalen,
    quantile,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_cumulative_incidence,
    robust_kaplan_meier,
    robust_nelson_aalen,
    symmetric_quantile,
)
from osteon.estimate.intervals import INTERVALS
from validity.cases.case import CLOSED_FORM, Case, Covered, of
from validity.designs import CENSORED_FROM, CENSORED_TO, HORIZON, TIME, Design
from validity.models import families
from validity.samples import draw, until
from validity.truths import (
    hazard,
    incidence,
    incidence_quantile,
    mean_time,
    median,
    survival,
    time_lost,
    time_lost_from,
)

SURVIVAL_SCALES = ("log-log", "logit", "arcsine", "log", "plain")
EARLY_DAY = 60
"""Day by which few have had the event."""
START = 120
"""Day from which curves are conditional."""


def survival_curves(design: Design, seed: int) -> Iterator[Covered]:
    """Kaplan-Meier on every scale, its median and its mean."""
    table = risk_table(draw(design, seed).history)
    for scale in SURVIVAL_SCALES:
        curve = kaplan_meier(table, interval=scale)["all"]
        truth = survival(design, TIME)
        yield of(f"survival at 1 year, {scale}", fixed_time(curve, TIME), truth)
        early = survival(design, EARLY_DAY)
        yield of(f"survival at day 60, {scale}", fixed_time(curve, EARLY_DAY), early)
        yield of(f"median survival, {scale}", quantile(curve), median(design))
    yield of("median survival, symmetric (SPSS)", symmetric_quantile(curve), median(design))
    free = restricted_mean(curve, HORIZON)
    yield of("restricted mean survival", free, mean_time(design, HORIZON))
    smooth = fleming_harrington(table)["all"]
    yield of("survival at 1 year, Fleming-Harrington", fixed_time(smooth, TIME), truth)


def followed_up(design: Design, seed: int) -> Iterator[Covered]:
    """Median follow-up by the reverse Kaplan-Meier curve."""
    table = risk_table(follow_up(draw(design, seed).history))
    middle = (CENSORED_FROM + CENSORED_TO) / 2
    found = quantile(kaplan_meier(table)["all"])
    yield of("median follow-up, reverse Kaplan-Meier", found, middle)


def incidence_curves(design: Design, seed: int) -> Iterator[Covered]:
    """Aalen-Johansen by variance and scale, its quantile, and the time lost."""
    table, truth = risk_table(draw(design, seed).history), incidence(design, TIME)
    for variance in ("delta", "aalen"):
        for scale in INTERVALS if variance == "delta" else ("log-log", "cloglog", "plain"):
            cif = cumulative_incidence(table, variance=variance, interval=scale)["all"]["event"]
            name = f"cumulative incidence at 1 year, {variance}, {scale}"
            yield of(name, fixed_time(cif, TIME), truth)
            if scale in ("log-log", "cloglog") and variance == "delta":
                found, day = quantile(cif, 0.25), incidence_quantile(design, 0.25)
                yield of(f"day by which 25 % had the event, {scale}", found, day)
    lost = restricted_mean_time_lost(table, HORIZON)["all"]["event"]
    yield of("time lost to the event", lost, time_lost(design, HORIZON))


def hazards(design: Design, seed: int) -> Iterator[Covered]:
    """Nelson-Aalen by variance, scale and ties."""
    table, truth = risk_table(draw(design, seed).history), hazard(design) * TIME
    for variance, scale in (
        ("aalen", "log"),
        ("aalen", "plain"),
        ("klein", "log"),
        ("klein", "plain"),
        ("tied", "log"),
    ):
        curve = nelson_aalen(table, variance=variance, interval=scale)["all"]
        name = f"cumulative hazard at 1 year, {variance}, {scale}"
        yield of(name, fixed_time(curve, TIME), truth)
    broken = nelson_aalen(table, ties="fleming-harrington")["all"]
    name = "cumulative hazard at 1 year, Fleming-Harrington's ties, log"
    yield of(name, fixed_time(broken, TIME), truth)


def conditional_curves(design: Design, seed: int) -> Iterator[Covered]:
    """Curves that start later, as those of referred patients should."""
    table = risk_table(draw(design, seed).history)
    curve = kaplan_meier(table, start=START)["all"]
    before = survival(design, START)
    truth = survival(design, TIME) / before
    name = f"survival at 1 year from day {START} on, log-log"
    yield of(name, fixed_time(curve, TIME), truth)
    free = (mean_time(design, HORIZON) - mean_time(design, START)) / before
    yield of(f"restricted mean from day {START} on", restricted_mean(curve, HORIZON), free)
    cif = cumulative_incidence(table, start=START)["all"]["event"]
    truth = (incidence(design, TIME) - incidence(design, START)) / before
    name = f"cumulative incidence at 1 year from day {START} on, log-log"
    yield of(name, fixed_time(cif, TIME), truth)


def later_starts(design: Design, seed: int) -> Iterator[Covered]:
    """What else may start later: hazards, time lost, and the same by the jackknife."""
    history = draw(design, seed).history
    table, before = risk_table(history), survival(design, START)
    curve = nelson_aalen(table, start=START)["all"]
    met = hazard(design) * (TIME - START)
    yield of(f"cumulative hazard at 1 year from day {START} on", fixed_time(curve, TIME), met)
    lost = restricted_mean_time_lost(table, HORIZON, start=START)["all"]["event"]
    truth = time_lost_from(design, START, HORIZON)
    yield of(f"time lost to the event from day {START} on", lost, truth)
    curve = robust_kaplan_meier(history, start=START)["all"]
    name = f"survival at 1 year from day {START} on, robust"
    yield of(name, fixed_time(curve, TIME), survival(design, TIME) / before)


def other_readings(design: Design, seed: int) -> Iterator[Covered]:
    """The median as R and SAS read it off a plateau, and a curve of the event in a world without death."""
    table = risk_table(draw(design, seed).history)
    median_of_r = quantile(kaplan_meier(table)["all"], midpoint=True)
    yield of("median survival, log-log, middle of a plateau", median_of_r, median(design))
    alone = kaplan_meier(table, causes=["event"])["all"]
    truth = survival(Design(design.n), TIME)
    yield of("survival at 1 year, log-log, deaths censored", fixed_time(alone, TIME), truth)


def robust_curves(design: Design, seed: int) -> Iterator[Covered]:
    """The infinitesimal jackknife, without weights: needed nowhere, and wrong nowhere."""
    history = until(draw(design, seed).history, TIME)
    yield of(
        "survival at 1 year, robust",
        fixed_time(robust_kaplan_meier(history)["all"], TIME),
        survival(design, TIME),
    )
    yield of(
        "cumulative hazard at 1 year, robust",
        fixed_time(robust_nelson_aalen(history)["all"], TIME),
        hazard(design) * TIME,
    )
    cif = robust_cumulative_incidence(history)["all"]["event"]
    yield of(
        "cumulative incidence at 1 year, robust", fixed_time(cif, TIME), incidence(design, TIME)
    )


def weighted_curves(design: Design, seed: int) -> Iterator[Covered]:
    """Half of the patients stand for four: weights that are not counts of patients."""
    history, truth = until(draw(design, seed).weighted, TIME), survival(design, TIME)
    greenwood = kaplan_meier(risk_table(history))["all"]
    yield of("weighted survival at 1 year, Greenwood", fixed_time(greenwood, TIME), truth)
    robust = robust_kaplan_meier(history)["all"]
    yield of("weighted survival at 1 year, robust", fixed_time(robust, TIME), truth)


def weighted_hazards(design: Design, seed: int) -> Iterator[Covered]:
    """Cumulative hazard and incidence with the same weights."""
    history = until(draw(design, seed).weighted, TIME)
    curve = robust_nelson_aalen(history)["all"]
    name = "weighted cumulative hazard at 1 year, robust"
    yield of(name, fixed_time(curve, TIME), hazard(design) * TIME)
    cif = robust_cumulative_incidence(history)["all"]["event"]
    name = "weighted cumulative incidence at 1 year, robust"
    yield of(name, fixed_time(cif, TIME), incidence(design, TIME))


def curves_of_families(design: Design, seed: int) -> Iterator[Covered]:
    """Patients of one family resemble each other."""
    history, family = families(design, seed)
    unexposed = history.covariates["exposed"] == 0
    history, family = history.where(unexposed), family[unexposed]
    only = Design(design.n)
    for name, cluster in (("robust by patient", None), ("robust by family", family)):
        curve = robust_kaplan_meier(history, cluster=cluster, causes=["event"])["all"]
        found, truth = fixed_time(curve, TIME), survival(only, TIME)
        yield of(f"survival at 1 year in families, {name}", found, truth)


NO_LATE_FAMILIES = "whoever enters late comes from a stronger family, and the truth is another one"

CASES = (
    Case(survival_curves, CLOSED_FORM),
    Case(
        followed_up,
        CLOSED_FORM,
        lambda design: not design.late_entry,
        "the median follow-up is of patients followed from day 0",
    ),
    Case(incidence_curves, CLOSED_FORM),
    Case(hazards, CLOSED_FORM),
    Case(conditional_curves, CLOSED_FORM),
    Case(later_starts, CLOSED_FORM),
    Case(other_readings, CLOSED_FORM),
    Case(robust_curves, CLOSED_FORM),
    Case(weighted_curves, CLOSED_FORM),
    Case(weighted_hazards, CLOSED_FORM),
    Case(curves_of_families, CLOSED_FORM, lambda d: not d.late_entry, NO_LATE_FAMILIES),
)
