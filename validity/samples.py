"""Samples with a known truth: days, late entry, death competing.

Times are rounded up to whole days, so that they tie; the curves at whole days stay exactly those of
the continuous times. Half of the late-entry samples enter between day 0 and `LAST_ENTRY_DAYS`,
and whoever has left before entering is never seen (drawn again): delayed entry as a referral
centre has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import CENSORED, History
from validity.designs import (
    CENSORED_FROM,
    CENSORED_TO,
    EVENT_HAZARD,
    HAZARD_RATIO,
    LAST_ENTRY_DAYS,
    Design,
)

Times = Callable[[np.random.Generator, Design, Integers], tuple[Floats, Floats]]
"""Draws the days of event and of death, inf where there is none, for 0/1 exposures."""

SAMPLING_WEIGHTS = (1.0, 4.0)
"""Half of the subjects stand for themselves, half for four, whatever happens to them."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One replicate: the same subjects as a history, by exposure, and as seen by scans."""

    design: Design
    entry: Integers
    exposed: Integers
    onset: Floats
    death: Floats
    censored: Floats
    rng: np.random.Generator

    @cached_property
    def exit(self) -> Integers:
        """Day on which the first of event, death and censoring falls."""
        first = np.minimum(np.minimum(self.onset, self.death), self.censored)
        return np.ceil(first).astype(np.int64)

    @cached_property
    def state(self) -> Integers:
        """1 for the event, 2 for death, 0 for neither."""
        event = self.onset <= np.minimum(self.death, self.censored)
        return np.where(event, 1, np.where(self.death <= self.censored, 2, 0))

    @cached_property
    def history(self) -> History:
        """All subjects as one group; state 1 is the event, 2 death."""
        return self._history()

    @cached_property
    def by_exposure(self) -> History:
        """The same subjects in two strata."""
        return self._history(stratum=self.exposed, strata=("unexposed", "exposed"))

    @cached_property
    def with_exposure(self) -> History:
        """The same subjects as one group, with ``exposed`` as covariate."""
        return self._history(covariates={"exposed": self.exposed})

    @cached_property
    def weighted(self) -> History:
        """The same subjects, drawn with unequal shares and weighted back."""
        weight = self.rng.choice(SAMPLING_WEIGHTS, self.design.n)
        return self._history(weight=weight, covariates={"exposed": self.exposed})

    def scanned(self, gap_days: float = 150.0) -> Bounds:
        """The event as scans find it, which come at any time, ``gap_days`` apart on average."""
        n = self.design.n
        first = self.rng.uniform(0.2 * gap_days, gap_days, n)
        gaps = self.rng.uniform(0.5 * gap_days, 1.5 * gap_days, (n, 20))
        return self._seen(self.entry[:, None] + first[:, None] + gaps.cumsum(axis=1) - gaps[:, :1])

    def on_schedule(self, every_days: int = 120) -> Bounds:
        """The event as scans on a schedule find it, three in ten of which are missed."""
        days = np.arange(every_days, CENSORED_TO + 1, every_days, dtype=np.float64)
        missed = self.rng.random((self.design.n, days.size)) < 0.3
        return self._seen(np.where(missed, np.inf, days))

    def _seen(self, scans: Floats) -> Bounds:
        """Bounds of the event by scans, shape (n, scans), of who enters free of it."""
        done = (scans <= np.minimum(self.death, self.censored)[:, None]) & (
            scans > self.entry[:, None]
        )
        clear = done & (scans < self.onset[:, None])
        found = done & (scans >= self.onset[:, None])
        return Bounds.of(
            left=np.where(clear, scans, self.entry[:, None]).max(axis=1),
            right=np.where(found, scans, np.inf).min(axis=1),
            entry=self.entry,
            covariates={"exposed": self.exposed.astype(np.float64)},
        )

    def _history(self, **more: object) -> History:
        return History.of(
            entry=self.entry,
            exit=self.exit,
            event=self.state,
            states=("free", "event", "dead"),
            **more,  # type: ignore[arg-type]
        )


def homogeneous(
    rng: np.random.Generator, design: Design, exposed: Integers
) -> tuple[Floats, Floats]:
    """Draw events at `EVENT_HAZARD` for everybody, deaths at the design's hazard."""
    return rng.exponential(1 / EVENT_HAZARD, exposed.size), deaths(rng, design)


def compared(rng: np.random.Generator, design: Design, exposed: Integers) -> tuple[Floats, Floats]:
    """Draw events at `HAZARD_RATIO` times that hazard for the exposed."""
    hazard = EVENT_HAZARD * np.where(exposed, HAZARD_RATIO, 1.0)
    return rng.exponential(1 / hazard), deaths(rng, design)


def deaths(rng: np.random.Generator, design: Design) -> Floats:
    """Draw days of the competing death; inf where the design has none."""
    if not design.competing_death:
        return np.full(design.n, np.inf)
    return rng.exponential(1 / design.death_hazard, design.n)


def draw(design: Design, seed: int, times: Times = homogeneous) -> Sample:
    """Draw a sample; the same seed draws the same one."""
    rng = np.random.default_rng(seed)
    wanted = [_candidates(design, rng, times) for _ in range(2 + design.late_entry)]
    columns = [np.concatenate(c) for c in zip(*wanted, strict=True)]
    entry, _exposed, onset, death, censored = columns
    seen = np.flatnonzero(np.ceil(np.minimum(np.minimum(onset, death), censored)) > entry)
    seen = seen[: design.n]
    assert seen.size == design.n
    entry, exposed, onset, death, censored = (column[seen] for column in columns)
    return Sample(design, entry, exposed, onset, death, censored, rng)


def until(history: History, day: int) -> History:
    """Follow everybody to a day and no longer: curves are the same up to it."""
    seen = history.where(history.entry < day)
    ended = np.where(seen.exit > day, CENSORED, seen.to_state)
    return replace(seen, exit=np.minimum(seen.exit, day), to_state=ended)


def _candidates(
    design: Design, rng: np.random.Generator, times: Times
) -> tuple[Integers, Integers, Floats, Floats, Floats]:
    n = design.n
    exposed = np.arange(n) % 2
    onset, death = times(rng, design, exposed)
    censored = rng.uniform(CENSORED_FROM, CENSORED_TO, n)
    late = rng.random(n) < 0.5 if design.late_entry else np.zeros(n, dtype=bool)
    entry = np.where(late, rng.integers(0, LAST_ENTRY_DAYS + 1, n), 0)
    return entry, exposed, onset, death, censored
