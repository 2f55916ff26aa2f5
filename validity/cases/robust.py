"""Variances over patients where rows are not patients: weights, and arms that share patients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.history import History
from osteon.estimate import (
    Concordance,
    concordance,
    concordance_difference,
    kaplan_meier,
    risk_table,
    robust_fixed_time_difference,
    robust_fixed_time_ratio,
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_ratio,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
)
from validity.cases.case import CLOSED_FORM, Case, Covered, of
from validity.designs import (
    CENSORED_FROM,
    CENSORED_TO,
    EVENT_HAZARD,
    HAZARD_RATIO,
    HORIZON,
    LAST_ENTRY_DAYS,
    TIME,
    Design,
)
from validity.samples import compared, draw
from validity.truths import mean_time, time_lost

DEVIATES_DAYS = 1500.0
"""Mean time until a clone leaves the second arm."""


def weighted_means(design: Design, seed: int) -> Iterator[Covered]:
    """Half of the patients stand for four."""
    history = draw(design, seed).weighted
    mean = robust_restricted_mean(history, HORIZON)["all"]
    yield of("weighted restricted mean, robust", mean, mean_time(design, HORIZON))
    lost = robust_restricted_mean_time_lost(history, HORIZON)["all"]["event"]
    yield of("weighted time lost to the event, robust", lost, time_lost(design, HORIZON))


def clones(design: Design, seed: int) -> Iterator[Covered]:
    """Two arms without a difference in which every patient is twice, as in an emulated trial."""
    history = cloned(design, seed)
    for name, cause in (("survival", None), ("incidence", "event")):
        gap = robust_fixed_time_difference(history, "stay", "leave", TIME, cause=cause)
        yield of(f"difference in {name} at 1 year, clones, robust", gap, 0.0)
    ratio = robust_fixed_time_ratio(history, "stay", "leave", TIME)
    yield of("ratio of survival at 1 year, clones, robust", ratio, 1.0)
    if min(curve.end for curve in kaplan_meier(risk_table(history)).values()) >= HORIZON:
        gap = robust_restricted_mean_difference(history, "stay", "leave", HORIZON)
        yield of("difference in restricted mean, clones, robust", gap, 0.0)
        ratio = robust_restricted_mean_ratio(history, "stay", "leave", HORIZON)
        yield of("ratio of restricted means, clones, robust", ratio, 1.0)
        lost = robust_restricted_mean_time_lost_difference(
            history, "stay", "leave", "event", HORIZON
        )
        yield of("difference in time lost to the event, clones, robust", lost, 0.0)


def cloned(design: Design, seed: int) -> History:
    """Every patient in two arms; from the second each leaves some day, whatever happens to them."""
    sample = draw(design, seed)
    n = design.n
    gone = sample.entry + np.ceil(sample.rng.exponential(DEVIATES_DAYS, n)).astype(np.int64)
    stays = sample.exit <= gone
    return History.of(
        subject=np.tile(np.arange(n), 2),
        entry=np.tile(sample.entry, 2),
        exit=np.concatenate([sample.exit, np.minimum(sample.exit, gone)]),
        event=np.concatenate([sample.state, np.where(stays, sample.state, 0)]),
        stratum=np.repeat([0, 1], n),
        states=("free", "event", "dead"),
        strata=("stay", "leave"),
    )


def concordances(design: Design, seed: int) -> Iterator[Covered]:
    """How often the unexposed have the event first, of pairs with an event by one year."""
    sample, truth = draw(design, seed, compared), concordance_of_exposure(TIME)
    noise = sample.rng.normal(size=design.n)

    def of_score(score: ArrayLike, interval: str = "logit") -> Concordance:
        return concordance(
            sample.history,
            score,
            weighting="uno",
            horizon=TIME,
            causes=["event"],
            interval=interval,
        )

    for scale in ("logit", "plain"):
        found = of_score(-sample.exposed, scale).estimate
        yield of(f"concordance by 1 year, Uno, {scale}", found, truth)
    gap = concordance_difference(of_score(-sample.exposed), of_score(noise))
    yield of("difference in concordance by 1 year, Uno", gap, truth - 0.5)


def harrells_concordance(design: Design, seed: int) -> Iterator[Covered]:
    """The same of all pairs that were seen in order, each alike: Harrell's."""
    sample = draw(design, seed, compared)
    found = concordance(sample.history, -sample.exposed, causes=["event"]).estimate
    yield of("concordance, Harrell, logit", found, concordance_as_seen(design))


def concordance_as_seen(design: Design) -> float:
    """Harrell's limit: pairs count as often as both are followed when the first has the event.

    On day u that is the square of the chance to have entered, to be alive and not to be censored.
    """
    u = np.arange(CENSORED_TO) + 0.5
    entered = np.minimum((np.floor(u) + 1) / (LAST_ENTRY_DAYS + 1), 1.0)
    followed = np.clip((CENSORED_TO - u) / (CENSORED_TO - CENSORED_FROM), 0, 1)
    followed = followed * ((1 + entered) / 2 if design.late_entry else 1.0)
    hazards = EVENT_HAZARD * np.array([1, HAZARD_RATIO])
    both = hazards[:, None] + hazards
    leave = both[..., None] + 2 * design.death_hazard
    pairs = hazards[:, None] * (np.exp(-leave * u) * followed**2).sum(axis=-1)
    return float((pairs[0, 1] + np.trace(pairs) / 2) / pairs.sum())


def concordance_of_exposure(horizon: float) -> float:
    """The share of pairs with an event by the horizon in which the unexposed have it first."""
    hazards = EVENT_HAZARD * np.array([1, HAZARD_RATIO])
    both = hazards[:, None] + hazards
    pairs = hazards[:, None] / both * -np.expm1(-both * horizon)  # [first, second] of a pair
    return float((pairs[0, 1] + np.trace(pairs) / 2) / pairs.sum())


CASES = (
    Case(weighted_means, CLOSED_FORM),
    Case(clones, CLOSED_FORM),
    Case(
        concordances,
        CLOSED_FORM,
        lambda design: not design.late_entry,
        "Uno's weights need patients who are all seen from the start",
    ),
    Case(harrells_concordance, CLOSED_FORM),
)
