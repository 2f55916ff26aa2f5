"""What kinds of samples there are, and the hazards behind them."""

from __future__ import annotations

from dataclasses import dataclass

EVENT_HAZARD, DEATH_HAZARD = 1 / 700, 1 / 1500
"""Per day, of the event and of the death that competes with it."""
AFTER_HAZARD = 1 / 600
"""Of death after the event, where patients are followed past it."""
HAZARD_RATIO, AFTER_RATIO = 0.6, 1.5
"""Exposed against unexposed in samples that compare: of the event, and of death after it."""
LAST_ENTRY_DAYS = 300
CENSORED_FROM, CENSORED_TO = 500, 1800
"""Administrative censoring, uniform between these days."""
TIME, HORIZON, COURSE = 365, 500, 730
"""Days at which curves are read, to which means run, and at which courses are read."""
SEED = 20251023
"""Of the first replicate; each has the next one."""


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

    @property
    def death_hazard(self) -> float:
        """Hazard of the competing death."""
        return DEATH_HAZARD if self.competing_death else 0.0


DESIGNS = [
    Design(n, late, death) for n in (100, 500) for late in (False, True) for death in (False, True)
]
