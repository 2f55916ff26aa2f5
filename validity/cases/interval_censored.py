"""Times that only a scan finds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from osteon.estimate import (
    AcceleratedFailureFit,
    IllnessDeathFit,
    PiecewiseExponentialFit,
    accelerated_failure,
    illness_death,
    piecewise_exponential,
    turnbull_band,
    turnbull_quantile,
)
from validity.cases.case import BOOTSTRAPPED, ITERATIVE, VOTES, Case, Covered, of
from validity.courses import course_on_scans, living_with
from validity.designs import (
    AFTER_HAZARD,
    COURSE,
    DEATH_HAZARD,
    EVENT_HAZARD,
    HAZARD_RATIO,
    TIME,
    Design,
)
from validity.models import (
    RISE,
    RISE_CUTS,
    TIME_RATIO,
    accelerated,
    accelerated_median,
    cumulative_rise,
    risen,
    rising,
)
from validity.samples import compared, draw
from validity.truths import incidence, survival

CUT = 400
WEIGHTS = (1.0, 10.0, 100.0)
"""Of the penalty, among which cross-validation chooses."""
EVERY_DAYS, BAND = 240, (240.0, 480.0, 720.0)
"""Between scans on a schedule, and days of it, at which a Turnbull curve is known to a point."""


def weibull_models(design: Design, seed: int) -> Iterator[Covered]:
    """Weibull and piecewise-exponential models of constant hazards."""
    bounds, alone = draw(design, seed, compared).scanned(), Design(design.n)
    later = survival(alone, TIME, HAZARD_RATIO)
    for distribution in ("weibull", "exponential"):
        fit = accelerated_failure(bounds, ["exposed"], distribution=distribution)
        yield of(f"time ratio, {distribution}", fit.time_ratios["exposed"], 1 / HAZARD_RATIO)
        yield of(f"hazard ratio, {distribution}", fit.hazard_ratios["exposed"], HAZARD_RATIO)
        found = fit.quantile(0.5, {"exposed": 1})
        yield of(f"median, {distribution}", found, np.log(2) / EVENT_HAZARD / HAZARD_RATIO)
        yield _predicted(f"survival predicted at 1 year, {distribution}", fit, later)
    pieces = piecewise_exponential(bounds, ["exposed"], cuts=[CUT])
    yield of("hazard ratio, piecewise exponential", pieces.hazard_ratios["exposed"], HAZARD_RATIO)
    yield of("hazard before the cut, piecewise exponential", pieces.hazards[0], EVENT_HAZARD)
    yield of("hazard after the cut, piecewise exponential", pieces.hazards[1], EVENT_HAZARD)
    yield _predicted("survival predicted at 1 year, piecewise exponential", pieces, later)


def accelerated_models(design: Design, seed: int) -> Iterator[Covered]:
    """Log-logistic and log-normal models of times of these distributions."""
    for distribution in ("log-logistic", "log-normal"):
        bounds = draw(design, seed, accelerated(distribution)).scanned()
        fit = accelerated_failure(bounds, ["exposed"], distribution=distribution)
        yield of(f"time ratio, {distribution}", fit.time_ratios["exposed"], TIME_RATIO)
        median = float(accelerated_median(1))
        yield of(f"median, {distribution}", fit.quantile(0.5, {"exposed": 1}), median)
        curve = fit.survival(median, {"exposed": 1})
        name = f"survival predicted at the median, {distribution}"
        yield name, float(curve.conf_low[0]), float(curve.conf_high[0]), 0.5


def illness_death_models(design: Design, seed: int) -> Iterator[Covered]:
    """Onset between scans, death to the day, which may come unseen after the onset."""
    bounds, exit_, death = course_on_scans(draw(design, seed, compared))
    fit = illness_death(bounds, exit_, death, cuts=[CUT], covariates={"onset": ["exposed"]})
    name = "hazard ratio of the onset, illness-death"
    yield of(name, fit.hazard_ratios["onset"]["exposed"], HAZARD_RATIO)
    for transition, truth in (
        ("onset", EVENT_HAZARD),
        ("death without", DEATH_HAZARD),
        ("death with", AFTER_HAZARD),
    ):
        for when, hazard in zip(("before", "after"), fit.hazards[transition], strict=True):
            yield of(f"hazard of {transition} {when} the cut, illness-death", hazard, truth)
    living = living_with(design, COURSE, HAZARD_RATIO)
    for what, truth in (
        ("cumulative incidence", incidence(design, COURSE, HAZARD_RATIO)),
        ("affected", living),
        ("survival", survival(design, COURSE, HAZARD_RATIO) + living),
    ):
        curve = fit.predict(COURSE, {"exposed": 1}, of=what)
        name = f"{what} predicted at 2 years, illness-death"
        yield name, float(curve.conf_low[0]), float(curve.conf_high[0]), truth


def smoothed_illness_death(design: Design, seed: int) -> Iterator[Covered]:
    """An onset that grows likelier, in many pieces that a penalty holds together."""
    bounds, exit_, death = course_on_scans(draw(design, seed, rising))
    fits = [
        illness_death(
            bounds,
            exit_,
            death,
            cuts=RISE_CUTS,
            covariates={"onset": ["exposed"]},
            smoothness=weight,
        )
        for weight in WEIGHTS
    ]
    chosen = max(fits, key=lambda fit: fit.cross_validated)
    for name, fit in (("chosen", chosen), (f"{WEIGHTS[0]:g}", fits[0])):
        yield from _smoothed(f"illness-death, smoothness {name}", fit, design)


def _smoothed(name: str, fit: IllnessDeathFit, design: Design) -> Iterator[Covered]:
    ratio = fit.hazard_ratios["onset"]["exposed"]
    yield of(f"hazard ratio of the onset, {name}", ratio, HAZARD_RATIO)
    for day in (75, 375, 675):
        k = int(np.searchsorted(RISE_CUTS, day))
        truth = EVENT_HAZARD * RISE[k]
        yield of(f"hazard of onset on day {day}, {name}", fit.hazards["onset"][k], truth)
    ever = risen(design, COURSE, HAZARD_RATIO)
    living = risen(design, COURSE, HAZARD_RATIO, after=AFTER_HAZARD)
    free = float(np.exp(-HAZARD_RATIO * cumulative_rise(COURSE)[0] - design.death_hazard * COURSE))
    for what, truth in (
        ("cumulative incidence", ever),
        ("free", free),
        ("affected", living),
        ("dead", 1 - free - living),
        ("dead without", 1 - free - ever),
        ("survival", free + living),
    ):
        curve = fit.predict(COURSE, {"exposed": 1}, of=what)
        label = f"{what} predicted at 2 years, {name}"
        yield label, float(curve.conf_low[0]), float(curve.conf_high[0]), truth
    curve = fit.predict(COURSE, {"exposed": 1}, start=TIME)
    later = risen(design, COURSE, HAZARD_RATIO, start=TIME)
    label = f"cumulative incidence predicted from 1 to 2 years, {name}"
    yield label, float(curve.conf_low[0]), float(curve.conf_high[0]), later


def scanned_any_day(design: Design, seed: int) -> Iterator[Covered]:
    """Turnbull's median where scans may come on any day: the harder case."""
    limits = turnbull_quantile(draw(design, seed).scanned(), seed=seed, replicates=VOTES)["all"]
    truth = np.log(2) / EVENT_HAZARD
    yield "Turnbull median, scans on any day", limits.conf_low, limits.conf_high, truth


def scanned_on_schedule(design: Design, seed: int) -> Iterator[Covered]:
    """Turnbull's bands where scans keep to a schedule and some are missed."""
    bounds = draw(design, seed).on_schedule(EVERY_DAYS)
    band = turnbull_band(bounds, BAND, seed=seed, replicates=VOTES)["all"]
    truths = np.exp(-EVENT_HAZARD * np.array(BAND))
    for day, low, high, truth in zip(BAND, band.conf_low, band.conf_high, truths, strict=True):
        name = f"Turnbull survival at day {day:g}, scans on schedule"
        yield name, float(low), float(high), float(truth)
    outside = (truths < band.band_low) | (truths > band.band_high)
    worst = int(np.argmax(outside))
    name = "Turnbull survival at all three, simultaneous band"
    yield name, float(band.band_low[worst]), float(band.band_high[worst]), float(truths[worst])


def _predicted(
    name: str, fit: AcceleratedFailureFit | PiecewiseExponentialFit, truth: float
) -> Covered:
    curve = fit.survival(TIME, {"exposed": 1})
    return name, float(curve.conf_low[0]), float(curve.conf_high[0]), truth


_NO_LATE_TURNBULL = (
    "with late entry a bootstrap sample may lack the few seen early, and the limits are refused"
)

CASES = (
    Case(weibull_models, ITERATIVE),
    Case(accelerated_models, ITERATIVE),
    Case(
        illness_death_models,
        ITERATIVE,
        lambda d: d.competing_death,
        "without death before the onset there is no such hazard",
    ),
    Case(
        smoothed_illness_death,
        ITERATIVE,
        lambda d: d.competing_death,
        "without death before the onset there is no such hazard",
    ),
    Case(scanned_on_schedule, BOOTSTRAPPED, lambda d: not d.late_entry, _NO_LATE_TURNBULL),
    Case(
        scanned_any_day,
        BOOTSTRAPPED,
        lambda d: not d.late_entry and not d.competing_death,
        "late entry is refused too, and death would do no more than end the scans",
    ),
)
