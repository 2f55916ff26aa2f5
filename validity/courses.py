"""Samples followed past the event: states passed through, events that come again, panels.

Everything happens on whole days, so one day's transition matrix is the whole truth.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.estimate import Panel
from osteon.estimate.multi_state.panel import UNSEEN
from validity.designs import (
    AFTER_HAZARD,
    AFTER_RATIO,
    CENSORED_FROM,
    CENSORED_TO,
    EVENT_HAZARD,
    HAZARD_RATIO,
    TIME,
    Design,
)
from validity.samples import Sample, deaths

EARLY_HAZARD, LATE_HAZARD = 1 / 250, 1 / 1000
"""Of death after an event before and after day `TIME`, in a course that is not Markov."""
FRAILTY_VARIANCE = 0.5
"""Of the gamma frailty that gives some patients more recurrent events than others."""
VISIT_DAYS = 180
"""Between the visits of a panel."""
ROUNDED_DAYS = 10
"""To which the ends of a panel are rounded: fewer exponentials, and next to no bias."""
STATES = ("free", "event", "dead")


def after_hazard(sample: Sample) -> Floats:
    """Hazard of death after the event, that of a Markov course; more for the exposed."""
    return np.asarray(AFTER_HAZARD * AFTER_RATIO**sample.exposed, dtype=np.float64)


def early_or_late(sample: Sample) -> Floats:
    """Hazard of death after the event that remembers when the event came."""
    return np.where(sample.exit <= TIME, EARLY_HAZARD, LATE_HAZARD)


def followed_on(sample: Sample, hazard: Floats) -> History:
    """The same subjects followed past the event, until death or censoring."""
    after = np.ceil(sample.rng.exponential(1 / hazard)).astype(np.int64)
    left = np.maximum(np.ceil(sample.censored).astype(np.int64) - sample.exit, 1)
    on = np.flatnonzero(sample.state == 1)
    rows = np.concatenate([np.arange(sample.design.n), on])
    return History.of(
        subject=rows,
        entry=np.concatenate([sample.entry, sample.exit[on]]),
        exit=np.concatenate([sample.exit, sample.exit[on] + np.minimum(after, left)[on]]),
        from_state=np.repeat([0, 1], [sample.design.n, on.size]),
        event=np.concatenate([sample.state, np.where(after <= left, 2, 0)[on]]),
        states=STATES,
        covariates={"exposed": sample.exposed[rows]},
    )


def day(design: Design, exposed: int = 0, *, ratios: bool = False) -> Floats:
    """Transition matrix of one day; with ``ratios`` that of (un)exposed patients."""
    event = EVENT_HAZARD * (HAZARD_RATIO if ratios and exposed else 1.0)
    after = AFTER_HAZARD * (AFTER_RATIO if ratios and exposed else 1.0)
    leave = event + design.death_hazard
    gone = -np.expm1(-leave)
    return np.array(
        [
            [1 - gone, gone * event / leave, gone * design.death_hazard / leave],
            [0, np.exp(-after), -np.expm1(-after)],
            [0, 0, 1],
        ]
    )


def occupied(one_day: Floats, time: int) -> Floats:
    """True probabilities of the states after so many days of such transitions, from each."""
    return np.linalg.matrix_power(one_day, time)


def stay(one_day: Floats, horizon: int) -> Floats:
    """True days in each state up to a horizon, from the first: a state lasts a whole day."""
    state, total = np.array([1.0, 0, 0]), np.zeros(3)
    for _ in range(horizon):
        total, state = total + state, state @ one_day
    return total


def recurring(sample: Sample, ratio: float = 1.0) -> History:
    """Events that come again at a hazard of the patient's own until death or censoring.

    Strata are by exposure; that of the exposed is multiplied by ``ratio``.
    """
    rng, n, most = sample.rng, sample.design.n, 60
    shape = 1 / FRAILTY_VARIANCE
    hazard = EVENT_HAZARD * rng.gamma(shape, 1 / shape, n) * ratio**sample.exposed
    dies = sample.entry + np.ceil(deaths(rng, sample.design))  # without memory
    end = np.minimum(np.ceil(rng.uniform(CENSORED_FROM, CENSORED_TO, n)), dies)
    gaps = np.ceil(rng.exponential(1 / hazard[:, None], (n, most)))
    until = sample.entry[:, None] + gaps.cumsum(axis=1)
    since = np.column_stack([sample.entry, until[:, :-1]])
    who, k = np.nonzero(since < end[:, None])
    assert k.max() < most - 1
    last = until[who, k] > end[who]
    return History.of(
        subject=who,
        entry=since[who, k],
        exit=np.minimum(until[who, k], end[who]),
        event=np.where(~last, 1, np.where(dies[who] <= end[who], 2, 0)),
        states=STATES,
        stratum=sample.exposed[who],
        strata=("unexposed", "exposed"),
    )


def daily_chance(ratio: float = 1.0) -> float:
    """True mean chance of a recurrent event on a day, the frailty averaged out."""
    return float(1 - (1 + FRAILTY_VARIANCE * EVENT_HAZARD * ratio) ** (-1 / FRAILTY_VARIANCE))


def mean_count(design: Design, time: int, ratio: float = 1.0) -> float:
    """True mean number of recurrent events by a day."""
    alive = np.exp(-design.death_hazard * np.arange(time))
    return float(daily_chance(ratio) * alive.sum())


def panel(sample: Sample) -> Panel:
    """The course as visits see it, `VISIT_DAYS` apart, and one in five missed; death to the day."""
    n = sample.design.n
    after = sample.rng.exponential(1 / after_hazard(sample))
    dies = np.where(sample.onset < sample.death, sample.onset + after, sample.death)
    followed = np.minimum(dies, sample.censored) - sample.entry
    end = sample.entry + np.maximum(np.rint(followed / ROUNDED_DAYS), 1) * ROUNDED_DAYS
    visits = sample.entry[:, None] + VISIT_DAYS * np.arange(CENSORED_TO // VISIT_DAYS + 1)
    seen = (visits < end[:, None]) & (sample.rng.random(visits.shape) > 0.2)
    seen[:, 0] = True
    who, k = np.nonzero(seen)
    subject = np.concatenate([who, np.arange(n)])
    return Panel.of(
        subject=subject,
        time=np.concatenate([visits[who, k], end]),
        state=np.concatenate(
            [visits[who, k] >= sample.onset[who], np.where(dies <= sample.censored, 2, UNSEEN)]
        ),
        states=STATES,
        possible=STATES[:2],
        covariates={"exposed": sample.exposed[subject]},
    )


def course_on_scans(sample: Sample) -> tuple[Bounds, Floats, NDArray[np.bool_]]:
    """The course as scans see it: bounds of the onset, the end of follow-up, and who died then.

    Scans end with death or censoring, not with the onset.
    """
    after = sample.rng.exponential(1 / AFTER_HAZARD, sample.design.n)
    dies = np.where(sample.onset < sample.death, sample.onset + after, sample.death)
    seen = replace(sample, death=dies)
    return seen.scanned(), np.minimum(dies, sample.censored), dies <= sample.censored


def living_with(design: Design, time: float, ratio: float = 1.0) -> float:
    """True probability of being alive after the event at a time that is no whole day's."""
    event, leave = EVENT_HAZARD * ratio, EVENT_HAZARD * ratio + design.death_hazard
    gone = np.exp(-AFTER_HAZARD * time) - np.exp(-leave * time)
    return float(event / (leave - AFTER_HAZARD) * gone)
