"""Every interval that osteon prints, with the truth it should cover.

A case is a function of one sample; it yields ``(interval, low, high, truth)``. An interval whose
estimate does not exist in a sample (a median that is not reached) yields infinite limits as the
estimator gives them, and counts as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from osteon.contracts.history import Bounds
from osteon.estimate import (
    Estimate,
    accelerated_failure,
    bootstrap,
    bootstrap_difference,
    concordance,
    cox,
    cumulative_incidence,
    event_rates,
    firth_cox,
    firth_logistic,
    fisher_exact,
    fixed_time,
    fixed_time_difference,
    follow_up,
    kaplan_meier,
    mean_cumulative,
    median_of_values,
    nelson_aalen,
    piecewise_exponential,
    proportion,
    proportion_difference,
    quantile,
    rate_ratio,
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_time_lost,
    risk_table,
    robust_cumulative_incidence,
    robust_fixed_time_difference,
    robust_kaplan_meier,
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
    state_occupation,
    symmetric_quantile,
    turnbull_quantile,
)
from validity.samples import (
    CENSORED_FROM,
    CENSORED_TO,
    EVENT_HAZARD,
    HAZARD_RATIO,
    Design,
    death_hazard,
    draw,
    incidence,
    mean_count,
    survival,
    with_event,
)

Covered = tuple[str, float, float, float]
Case = Callable[[Design, int], Iterator[Covered]]

TIME, HORIZON, COURSE = 365, 500, 730
"""Days at which curves are read, and to which restricted means run."""


def curves(design: Design, seed: int) -> Iterator[Covered]:
    """Survival, its median, restricted mean; cumulative incidence; rate; follow-up."""
    sample, truth = draw(design, seed), survival(design)
    table = risk_table(sample.history)
    median = np.log(2) / (EVENT_HAZARD + death_hazard(design))
    for scale in ("plain", "log", "log-log", "logit"):
        curve = kaplan_meier(table, interval=scale)["all"]
        yield _of(f"Kaplan-Meier at 1 year, {scale}", fixed_time(curve, TIME), truth(TIME))
        yield _of(f"median survival, {scale}", quantile(curve), median)
    yield _of("median survival, symmetric (SPSS)", symmetric_quantile(curve), median)
    area = (1 - truth(HORIZON)) / (EVENT_HAZARD + death_hazard(design))
    yield _of("restricted mean survival", restricted_mean(curve, HORIZON), area)
    for variance in ("delta", "aalen"):
        for scale in ("plain", "log-log"):
            cif = cumulative_incidence(table, variance=variance, interval=scale)["all"]["event"]
            name = f"cumulative incidence at 1 year, {variance}, {scale}"
            yield _of(name, fixed_time(cif, TIME), incidence(design)(TIME))
    yield _of("rate, Garwood", event_rates(table, "event")["all"], EVENT_HAZARD)
    if not design.late_entry:
        reverse = quantile(kaplan_meier(risk_table(follow_up(sample.history)))["all"])
        yield _of(
            "median follow-up, reverse Kaplan-Meier", reverse, (CENSORED_FROM + CENSORED_TO) / 2
        )


def hazards(design: Design, seed: int) -> Iterator[Covered]:
    """Cumulative hazard, time lost by cause, and the variances that assume no model."""
    history = draw(design, seed).history
    table, total = risk_table(history), EVENT_HAZARD + death_hazard(design)
    for variance, scale in (("aalen", "plain"), ("aalen", "log"), ("klein", "log")):
        curve = nelson_aalen(table, variance=variance, interval=scale)["all"]
        name = f"cumulative hazard at 1 year, {variance}, {scale}"
        yield _of(name, fixed_time(curve, TIME), total * TIME)
    robust = robust_kaplan_meier(history)["all"]
    yield _of("Kaplan-Meier at 1 year, robust", fixed_time(robust, TIME), survival(design)(TIME))
    cif = robust_cumulative_incidence(history)["all"]["event"]
    yield _of(
        "cumulative incidence at 1 year, robust", fixed_time(cif, TIME), incidence(design)(TIME)
    )
    lost = restricted_mean_time_lost(table, HORIZON)["all"]["event"]
    truth = EVENT_HAZARD / total * (HORIZON + np.expm1(-total * HORIZON) / total)
    yield _of("time lost to the event", lost, float(truth))
    lost = robust_restricted_mean_time_lost(history, HORIZON)["all"]["event"]
    yield _of("time lost to the event, robust", lost, float(truth))
    mean = robust_restricted_mean(history, HORIZON)["all"]
    yield _of("restricted mean survival, robust", mean, -np.expm1(-total * HORIZON) / total)


def courses(design: Design, seed: int) -> Iterator[Covered]:
    """States passed through, and events that come again."""
    sample = draw(design, seed)
    table = risk_table(sample.with_course())
    for variance, source in (("delta", table), ("jackknife", sample.with_course())):
        truth = with_event(design)(COURSE)
        points = state_occupation(source, variance=variance)["all"].at(COURSE)["event"]
        low, high = float(points.conf_low[0]), float(points.conf_high[0])
        yield f"state occupation at 2 years, {variance}", low, high, truth
    for variance in ("ghosh-lin", "jackknife"):
        curve = mean_cumulative(sample.recurring(), "event", variance=variance)["all"]
        name = f"mean cumulative count at 2 years, {variance}"
        yield _of(name, fixed_time(curve, COURSE), mean_count(design)(COURSE))


def resampled(design: Design, seed: int) -> Iterator[Covered]:
    """Bootstrap of 199 replicates: differences of survival and of incidence."""
    history = draw(design, seed, HAZARD_RATIO).by_exposure
    drawn = bootstrap(history, [TIME], seed=seed, replicates=199)
    gap = survival(design)(TIME) - survival(design, HAZARD_RATIO)(TIME)
    for limits in ("percentile", "bca", "normal"):
        found = bootstrap_difference(drawn, "unexposed", "exposed", TIME, limits=limits)
        yield _of(f"difference in survival at 1 year, bootstrap {limits}", found, gap)


def comparisons(design: Design, seed: int) -> Iterator[Covered]:
    """Two groups: differences of curves and means, ratio of rates."""
    sample = draw(design, seed, HAZARD_RATIO)
    table = risk_table(sample.by_exposure)
    a, b = kaplan_meier(table, interval="plain").values()
    truths = survival(design), survival(design, HAZARD_RATIO)
    gap = truths[0](TIME) - truths[1](TIME)
    yield _of("difference in survival at 1 year", fixed_time_difference(a, b, TIME), gap)
    hazards = [EVENT_HAZARD * r + death_hazard(design) for r in (1, HAZARD_RATIO)]
    means = [-np.expm1(-h * HORIZON) / h for h in hazards]
    if min(a.end, b.end) >= HORIZON:
        of_means = restricted_mean_difference(a, b, HORIZON)
        yield _of("difference in restricted mean", of_means, means[0] - means[1])
    if not design.late_entry:
        for scale in ("logit", "plain"):
            found = concordance(
                sample.history,
                -sample.exposed,
                weighting="uno",
                horizon=TIME,
                causes=["event"],
                interval=scale,
            )
            name = f"concordance by 1 year, Uno, {scale}"
            yield _of(name, found.estimate, _concordance(TIME))
    events = table.events[:, table.causes(["event"])[0]].sum(axis=-1).astype(int)
    time = table.person_time[:, 0]
    for convention in ("central", "mid-p"):
        ratio = rate_ratio(events[1], time[1], events[0], time[0], convention=convention)
        yield _of(f"ratio of rates, {convention}", ratio, HAZARD_RATIO)


def _concordance(horizon: float) -> float:
    """Of being unexposed, with the earlier event, in pairs of which one has it by the horizon."""
    hazards = EVENT_HAZARD * np.array([1, HAZARD_RATIO])
    both = hazards[:, None] + hazards
    pairs = hazards[:, None] / both * -np.expm1(-both * horizon)  # [first, second] of a pair
    return float((pairs[0, 1] + np.trace(pairs) / 2) / pairs.sum())


def clones(design: Design, seed: int) -> Iterator[Covered]:
    """Arms that share their patients, with the variance over patients."""
    history = draw(design, seed).cloned()
    gap = robust_fixed_time_difference(history, "one", "other", TIME)
    yield _of("difference in survival at 1 year, clones, robust", gap, 0.0)
    gap = robust_fixed_time_difference(history, "one", "other", TIME, cause="event")
    yield _of("difference in incidence at 1 year, clones, robust", gap, 0.0)
    if min(curve.end for curve in kaplan_meier(risk_table(history)).values()) >= HORIZON:
        gap = robust_restricted_mean_difference(history, "one", "other", HORIZON)
        yield _of("difference in restricted mean, clones, robust", gap, 0.0)
        lost = robust_restricted_mean_time_lost_difference(
            history, "one", "other", "event", HORIZON
        )
        yield _of("difference in time lost to the event, clones, robust", lost, 0.0)


def regressions(design: Design, seed: int) -> Iterator[Covered]:
    """Hazard and odds ratios."""
    history = draw(design, seed, HAZARD_RATIO).by_exposure
    one = replace(history, stratum=0 * history.stratum, strata=("all",))
    for name, fit in (
        ("Cox, Efron, Wald", cox(one, ["exposed"], causes=["event"])),
        ("Cox, Efron, robust", cox(one, ["exposed"], causes=["event"], robust=True)),
    ):
        yield _of(f"hazard ratio, {name}", fit.hazard_ratios["exposed"], HAZARD_RATIO)
    firth = firth_cox(one, ["exposed"], causes=["event"])
    yield _of("hazard ratio, Firth, profile", firth.ratios["exposed"], HAZARD_RATIO)


def shapes(design: Design, seed: int) -> Iterator[Covered]:
    """Models of times that only a scan finds."""
    if design.late_entry or design.competing_death:
        return
    sample = draw(design, seed, HAZARD_RATIO)
    seen = sample.scanned()
    bounds = Bounds.of(
        left=seen.left, right=seen.right, covariates={"exposed": sample.exposed.astype(float)}
    )
    weibull = accelerated_failure(bounds, ["exposed"])
    yield _of("time ratio, Weibull, Wald", weibull.time_ratios["exposed"], 1 / HAZARD_RATIO)
    pieces = piecewise_exponential(bounds, ["exposed"], cuts=[400])
    found = pieces.hazard_ratios["exposed"]
    yield _of("hazard ratio, piecewise exponential, Wald", found, HAZARD_RATIO)


def counts(design: Design, seed: int) -> Iterator[Covered]:
    """Proportions and 2 x 2 tables; only n matters."""
    if design.late_entry or design.competing_death:
        return
    rng, n, (p, q) = np.random.default_rng(seed), design.n, (0.25, 0.06)
    a, b = int(rng.binomial(n // 2, p)), int(rng.binomial(n // 2, q))
    for method in ("wilson", "clopper-pearson", "mid-p"):
        yield _of(f"proportion 25 %, {method}", proportion(a, n // 2, interval=method), p)
        yield _of(f"proportion 6 %, {method}", proportion(b, n // 2, interval=method), q)
    for method in ("newcombe", "miettinen-nurminen"):
        gap = proportion_difference(a, n // 2, b, n // 2, interval=method)
        yield _of(f"difference of proportions, {method}", gap, p - q)
    odds = p / (1 - p) / (q / (1 - q))
    yield _of("odds ratio, Fisher's exact", fisher_exact(a, n // 2, b, n // 2).odds_ratio, odds)
    group = np.repeat([1, 1, 0, 0], [a, n // 2 - a, b, n // 2 - b])
    event = np.repeat([1, 0, 1, 0], [a, n // 2 - a, b, n // 2 - b])
    firth = firth_logistic(event, {"group": group}).ratios["group"]
    yield _of("odds ratio, Firth, profile", firth, odds)
    m = median_of_values(rng.exponential(size=n))
    yield "median of values, order statistics", m.conf_low, m.conf_high, float(np.log(2))


def scanned(design: Design, seed: int) -> Iterator[Covered]:
    """What only a scan finds: the median of the Turnbull curve."""
    if design.late_entry or design.competing_death:
        return
    limits = turnbull_quantile(draw(design, seed).scanned(), seed=seed, replicates=199)["all"]
    truth = np.log(2) / EVENT_HAZARD
    yield "Turnbull median, bootstrap of 199", limits.conf_low, limits.conf_high, truth


CASES: dict[Case, int] = {
    curves: 2000,
    hazards: 2000,
    courses: 2000,
    comparisons: 2000,
    clones: 2000,
    regressions: 500,
    counts: 2000,
    shapes: 500,
    resampled: 300,
    scanned: 300,
}
"""Replicates of each case: 2,000 where the interval is a closed form, fewer where it iterates."""


def _of(name: str, e: Estimate, truth: float) -> Covered:
    return name, e.conf_low, e.conf_high, truth
