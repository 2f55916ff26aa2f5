"""Other ways for events to come than at one hazard: the models that regressions assume.

Each is a `Times` for `draw`, or draws a history of its own, and has its truth beside it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from validity.designs import (
    CENSORED_FROM,
    CENSORED_TO,
    EVENT_HAZARD,
    HAZARD_RATIO,
    Design,
)
from validity.samples import Times, deaths, draw

TIME_RATIO, SPREAD = 1.5, 0.6
"""Of accelerated failure: how much later the exposed have the event, and sigma."""
SHARE, PACE, SUBDISTRIBUTION_RATIO = 0.6, 1 / 400, 0.6
"""Of Fine and Gray's model: how many unexposed have the event at last, how fast, and its ratio."""
OTHER_HAZARD = 1 / 600
"""Of the competing event in that model, among those who have it."""
FAMILY, STABILITY = 5, 0.6
"""Subjects to a family, and the index of its positive stable frailty: 1 is independence."""
CENTRES = {"north": 0.4, "east": 0.8, "south": 1.25, "west": 2.5}
"""Hazard of the event in four centres, as a multiple of `EVENT_HAZARD`."""
RISE_CUTS = np.arange(150.0, 1200.0, 150.0)
RISE = np.arange(0.4, 2.0, 0.2)
"""Hazard of the event in the pieces between these days, as a multiple of `EVENT_HAZARD`."""


def accelerated(distribution: str) -> Times:
    """log T = log median + exposed log `TIME_RATIO` + `SPREAD` error of median 0."""

    def times(rng: np.random.Generator, design: Design, exposed: Integers) -> tuple[Floats, Floats]:
        draw = rng.logistic if distribution == "log-logistic" else rng.normal
        error = SPREAD * draw(size=exposed.size)
        return accelerated_median(exposed) * np.exp(error), deaths(rng, design)

    return times


def accelerated_median(exposed: Integers | int) -> Floats:
    """True median of `accelerated`, in days."""
    return np.asarray(np.log(2) / EVENT_HAZARD * TIME_RATIO ** np.asarray(exposed))


def subdistribution(
    rng: np.random.Generator, design: Design, exposed: Integers
) -> tuple[Floats, Floats]:
    """Draw from proportional subdistribution hazards, as Fine and Gray (1999), section 5.

    The incidence of the event is 1 - (1 - p (1 - exp(-t `PACE`)))**r with p = `SHARE` and r the
    ratio; who never has it has the competing event, at `OTHER_HAZARD`.
    """
    ratio = np.where(exposed, SUBDISTRIBUTION_RATIO, 1.0)
    ever = 1 - (1 - SHARE) ** ratio
    u = rng.random(exposed.size)
    inside = 1 - (1 - (1 - np.minimum(u, ever)) ** (1 / ratio)) / SHARE
    with np.errstate(divide="ignore"):
        onset = np.where(u < ever, -np.log(np.maximum(inside, 0.0)) / PACE, np.inf)
    other = rng.exponential(1 / OTHER_HAZARD, exposed.size)
    return onset, np.where(u < ever, np.inf, other)


def subdistribution_incidence(time: float, exposed: int) -> float:
    """True cumulative incidence of the event in `subdistribution`."""
    return float(1 - (1 + SHARE * np.expm1(-PACE * time)) ** (SUBDISTRIBUTION_RATIO**exposed))


def centres(design: Design, seed: int) -> History:
    """Patients of four centres, as strata; in each the exposed have `HAZARD_RATIO` times its hazard."""
    part = replace(design, n=design.n // len(CENTRES))
    samples = [
        draw(part, seed + 1_000_000 * k, _times_the(multiple))
        for k, multiple in enumerate(CENTRES.values())
    ]
    return History.of(
        entry=np.concatenate([s.entry for s in samples]),
        exit=np.concatenate([s.exit for s in samples]),
        event=np.concatenate([s.state for s in samples]),
        stratum=np.repeat(np.arange(len(CENTRES)), part.n),
        states=("free", "event", "dead"),
        strata=tuple(CENTRES),
        covariates={"exposed": np.concatenate([s.exposed for s in samples])},
    )


def _times_the(multiple: float) -> Times:
    def times(rng: np.random.Generator, design: Design, exposed: Integers) -> tuple[Floats, Floats]:
        hazard = EVENT_HAZARD * multiple * np.where(exposed, HAZARD_RATIO, 1.0)
        return rng.exponential(1 / hazard), deaths(rng, design)

    return times


def rising(rng: np.random.Generator, design: Design, exposed: Integers) -> tuple[Floats, Floats]:
    """Draw events at a hazard that rises from piece to piece, `HAZARD_RATIO` times it if exposed."""
    edges = np.append(0.0, RISE_CUTS)
    met = cumulative_rise(edges)
    wanted = rng.exponential(size=exposed.size) / np.where(exposed, HAZARD_RATIO, 1.0)
    k = np.searchsorted(met, wanted, side="right") - 1
    return edges[k] + (wanted - met[k]) / (EVENT_HAZARD * RISE[k]), deaths(rng, design)


def cumulative_rise(time: Floats | float) -> Floats:
    """True cumulative hazard of the unexposed in `rising`."""
    edges = np.concatenate([[0.0], RISE_CUTS, [np.inf]])
    spent = np.clip(np.atleast_1d(time)[:, None] - edges[:-1], 0.0, np.diff(edges))
    return np.asarray(EVENT_HAZARD * (spent * RISE).sum(axis=1))


def risen(
    design: Design, time: float, ratio: float, *, start: float = 0.0, after: float = 0.0
) -> float:
    """True probability of the event by a time in `rising`, of who is free of it at ``start``.

    With a hazard of death ``after`` the event: of being alive with it then. It is the integral of
    a(u) exp(-A(u) - b u - after (t - u)), with b the hazard of death before, in closed form within
    every piece.
    """
    inner = RISE_CUTS[(start < RISE_CUTS) & (time > RISE_CUTS)]
    edges = np.concatenate([[start], inner, [time]])
    a = ratio * EVENT_HAZARD * RISE[np.searchsorted(RISE_CUTS, edges[:-1], side="right")]
    met = ratio * (cumulative_rise(edges[:-1]) - cumulative_rise(start))
    free = np.exp(-met - design.death_hazard * (edges[:-1] - start) - after * (time - edges[:-1]))
    leaves = a + design.death_hazard - after
    return float((free * a * -np.expm1(-leaves * np.diff(edges)) / leaves).sum())


def families(design: Design, seed: int) -> tuple[History, Integers]:
    """Families of which all or none are exposed, and who of them belong together.

    A positive stable frailty of index a, Z, multiplies the cumulative hazard (ratio x h t)**(1/a);
    as E exp(-Z s) = exp(-s**a), every subject by itself has the hazard ratio x h of `compared`,
    and proportional hazards hold among all (Hougaard 1986, Biometrika 73:387-396).
    """
    rng, n, a = np.random.default_rng(seed), design.n, STABILITY
    family = np.arange(n) // FAMILY
    exposed = family % 2
    frailty = _positive_stable(rng, a, int(family[-1]) + 1)[family]
    hazard = EVENT_HAZARD * np.where(exposed, HAZARD_RATIO, 1.0)
    onset = (rng.exponential(size=n) / frailty) ** a / hazard
    death, censored = deaths(rng, design), rng.uniform(CENSORED_FROM, CENSORED_TO, n)
    first = np.minimum(death, censored)
    history = History.of(
        exit=np.ceil(np.minimum(onset, first)).astype(np.int64),
        event=np.where(onset <= first, 1, np.where(death <= censored, 2, 0)),
        states=("free", "event", "dead"),
        covariates={"exposed": exposed},
    )
    return history, family


def _positive_stable(rng: np.random.Generator, a: float, size: int) -> Floats:
    """Draw Z with E exp(-Z s) = exp(-s**a), by Chambers, Mallows and Stuck (1976)."""
    angle, spread = rng.uniform(0, np.pi, size), rng.exponential(size=size)
    return np.asarray(
        np.sin(a * angle)
        / np.sin(angle) ** (1 / a)
        * (np.sin((1 - a) * angle) / spread) ** ((1 - a) / a)
    )
