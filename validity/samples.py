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
