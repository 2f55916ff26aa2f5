"""Samples with a known truth: constant hazards, days, late entry, death competing.

Times are rounded up to whole days, so that they tie; the curves at whole days stay exactly those of
the continuous times. Half of the late-entry samples enter between day 0 and `LAST_ENTRY_DAYS`,
and whoever has left before entering is never seen (drawn again): delayed entry as a referral
centre has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osteon.contracts.history import Bounds, Floats, History, Integers

EVENT_HAZARD, DEATH_HAZARD = 1 / 700, 1 / 1500
"""Per day, of the event and of the death that competes with it."""
HAZARD_RATIO = 0.6
"""Of the event, exposed against unexposed, in samples that compare."""
AFTER_HAZARD = 1 / 600
"""Of death after the event, where patients are followed past it."""
LAST_ENTRY_DAYS = 300
CENSORED_FROM, CENSORED_TO = 500, 1800
"""Administrative censoring, uniform between these days."""


@dataclass(frozen=True)
class Design:
    """What kind of sample: how many subjects, and which complications."""

    n: int
    late_entry: bool = False
    competing_death: bool = False

    def __str__(self) -> str:
        """Words for the page."""
        late = "late entry" if self.late_entry else "all from day 0"
        return f"n {self.n}, {late}, {'death competing' if self.competing_death else 'no death'}"


DESIGNS = [
    Design(n, late, death) for n in (100, 500) for late in (False, True) for death in (False, True)
]


@dataclass(frozen=True)
class Sample:
    """One replicate: the same subjects as a history, by exposure, and as seen by scans."""

    design: Design
    entry: Integers
    exit: Integers
    state: Integers
    exposed: Integers
    onset: Floats
    rng: np.random.Generator

    @cached_property
    def history(self) -> History:
        """All subjects as one group; state 1 is the event, 2 death."""
        return self._history()

    @cached_property
    def by_exposure(self) -> History:
        """The same subjects in two strata, with ``exposed`` as covariate."""
        return self._history(
            stratum=self.exposed,
            strata=("unexposed", "exposed"),
            covariates={"exposed": self.exposed},
        )

    def cloned(self) -> History:
        """Every subject twice, in two arms without a difference; the second arm loses some early.

        As when a trial is emulated: a patient compatible with both arms is in both, until they
        deviate.
        """
        n = self.design.n
        gone = self.entry + np.ceil(self.rng.exponential(1500, n)).astype(np.int64)
        stays = self.exit <= gone
        return History.of(
            subject=np.tile(np.arange(n), 2),
            entry=np.tile(self.entry, 2),
            exit=np.concatenate([self.exit, np.where(stays, self.exit, gone)]),
            event=np.concatenate([self.state, np.where(stays, self.state, 0)]),
            stratum=np.repeat([0, 1], n),
            states=("free", "event", "dead"),
            strata=("one", "other"),
        )

    def scanned(self, gap_days: float = 150.0) -> Bounds:
        """The event as scans find it: between the last scan without and the first scan with it."""
        n = self.design.n
        first = self.rng.uniform(30, gap_days, n)
        gaps = self.rng.uniform(0.5 * gap_days, 1.5 * gap_days, (n, 20))
        scans = np.concatenate([np.zeros((n, 1)), first[:, None] + gaps.cumsum(axis=1)], axis=1)
        seen = (scans <= CENSORED_TO) & (scans < self.onset[:, None])
        left = np.where(seen, scans, 0.0).max(axis=1)
        later = np.where((scans >= self.onset[:, None]) & (scans <= CENSORED_TO), scans, np.inf)
        return Bounds.of(left=left, right=later.min(axis=1))

    def with_course(self) -> History:
        """The same subjects followed past the event, until death `AFTER_HAZARD` brings on."""
        after = np.ceil(self.rng.exponential(1 / AFTER_HAZARD, self.design.n)).astype(np.int64)
        until = np.ceil(self.rng.uniform(CENSORED_FROM, CENSORED_TO, self.design.n))
        left = np.maximum(until.astype(np.int64) - self.exit, 1)
        goes_on = np.flatnonzero(self.state == 1)
        stay = np.minimum(after, left)[goes_on]
        rows = np.concatenate([np.arange(self.design.n), goes_on])
        ill = np.repeat([0, 1], [self.design.n, goes_on.size])
        return History.of(
            subject=rows,
            entry=np.concatenate([self.entry, self.exit[goes_on]]),
            exit=np.concatenate([self.exit, self.exit[goes_on] + stay]),
            from_state=ill,
            event=np.concatenate([self.state, np.where(after <= left, 2, 0)[goes_on]]),
            states=("free", "event", "dead"),
        )

    def recurring(self) -> History:
        """Events that come again at `EVENT_HAZARD` until death or censoring."""
        n, rows = self.design.n, []
        censored = np.ceil(self.rng.uniform(CENSORED_FROM, CENSORED_TO, n))
        dies = self.entry + np.ceil(self.rng.exponential(1 / DEATH_HAZARD, n))  # without memory
        if not self.design.competing_death:
            dies = np.full(n, np.inf)
        end = np.minimum(censored, dies)
        for i in range(n):
            since = self.entry[i]
            while since < end[i]:
                until = since + np.ceil(self.rng.exponential(1 / EVENT_HAZARD))
                if until <= end[i]:
                    rows.append((i, since, until, 1))
                else:
                    rows.append((i, since, end[i], 2 if dies[i] <= censored[i] else 0))
                since = until
        subject, entry, exit_, event = np.array(rows).T
        return History.of(
            subject=subject, entry=entry, exit=exit_, event=event, states=("free", "event", "dead")
        )

    def _history(self, **more: object) -> History:
        return History.of(
            entry=self.entry,
            exit=self.exit,
            event=self.state,
            states=("free", "event", "dead"),
            **more,  # type: ignore[arg-type]
        )


def draw(design: Design, seed: int, hazard_ratio: float = 1.0) -> Sample:
    """Draw a sample; the same seed draws the same one."""
    rng = np.random.default_rng(seed)
    wanted = [_candidates(design, rng, hazard_ratio) for _ in range(2 + design.late_entry)]
    columns = [np.concatenate(c) for c in zip(*wanted, strict=True)]
    seen = np.flatnonzero(columns[1] > columns[0])[: design.n]
    assert seen.size == design.n
    entry, exit_, state, exposed, onset = (c[seen] for c in columns)
    return Sample(design, entry, exit_, state, exposed, onset, rng)


def _candidates(
    design: Design, rng: np.random.Generator, hazard_ratio: float
) -> tuple[Integers, Integers, Integers, Integers, Floats]:
    n = design.n
    exposed = np.arange(n) % 2
    onset = rng.exponential(1 / (EVENT_HAZARD * np.where(exposed, hazard_ratio, 1.0)))
    death = rng.exponential(1 / DEATH_HAZARD, n) if design.competing_death else np.full(n, np.inf)
    censored = rng.uniform(CENSORED_FROM, CENSORED_TO, n)
    late = rng.random(n) < 0.5 if design.late_entry else np.zeros(n, dtype=bool)
    entry = np.where(late, rng.integers(0, LAST_ENTRY_DAYS + 1, n), 0)
    exit_ = np.ceil(np.minimum(np.minimum(onset, death), censored)).astype(np.int64)
    state = np.where(onset <= np.minimum(death, censored), 1, np.where(death <= censored, 2, 0))
    return entry, exit_, state, exposed, onset


def death_hazard(design: Design) -> float:
    """Hazard of the competing death in a design."""
    return DEATH_HAZARD if design.competing_death else 0.0


def survival(design: Design, hazard_ratio: float = 1.0) -> Callable[[float], float]:
    """True probability of neither event nor death by a time."""
    hazard = EVENT_HAZARD * hazard_ratio + death_hazard(design)
    return lambda time: float(np.exp(-hazard * time))


def incidence(design: Design) -> Callable[[float], float]:
    """True cumulative incidence of the event with death competing."""
    hazard = EVENT_HAZARD + death_hazard(design)
    return lambda time: float(EVENT_HAZARD / hazard * -np.expm1(-hazard * time))


def with_event(design: Design) -> Callable[[float], float]:
    """True probability of being alive after the event at a time (`Sample.with_course`)."""
    leave = EVENT_HAZARD + death_hazard(design)
    share = EVENT_HAZARD / (leave - AFTER_HAZARD)
    return lambda time: float(share * (np.exp(-AFTER_HAZARD * time) - np.exp(-leave * time)))


def mean_count(design: Design) -> Callable[[float], float]:
    """True mean number of recurrent events by a time (`Sample.recurring`)."""
    death = death_hazard(design)
    if not death:
        return lambda time: EVENT_HAZARD * time
    return lambda time: float(EVENT_HAZARD / death * -np.expm1(-death * time))
