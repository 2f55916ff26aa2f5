"""What one analysis hands over, and the few ways an estimator's numbers become results rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from osteon.cohort import Cohort
from osteon.contracts.results import Count, Curve, Estimate, Method, Style, Summary
from osteon.estimate import intervals, proportion

PER_YEARS = 100.0
YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Answer:
    """Everything one analysis found; two answers add up."""

    estimates: tuple[Estimate, ...] = ()
    curves: tuple[Curve, ...] = ()
    steps: tuple[Curve, ...] = ()
    counts: tuple[Count, ...] = ()
    baseline: tuple[Summary, ...] = ()
    methods: tuple[Method, ...] = ()

    def __add__(self, other: Answer) -> Answer:
        return Answer(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


@dataclass(frozen=True)
class Analysis:
    """One analysis of a question: the name that protocols, ledger and report know it by."""

    name: str
    question: str
    run: Callable[[Cohort, Rows], Answer]


@dataclass(frozen=True)
class Rows:
    """Makes results rows of one analysis, so that no row forgets which analysis it belongs to."""

    question: str
    analysis: str
    labels: dict[str, Any] = field(default_factory=dict)

    def of(self, **labels: Any) -> Rows:
        """Return rows that all carry these labels."""
        return replace(self, labels={**self.labels, **labels})

    def row(self, style: Style, **fields: Any) -> Estimate:
        """One row, numbers as they are; what is not finite becomes None."""
        known = {**self.labels, **fields}
        numbers: dict[str, Any] = {
            k: finite(v) if isinstance(v, float) else v for k, v in known.items()
        }
        return Estimate(question=self.question, analysis=self.analysis, style=style, **numbers)

    def share(
        self, style: Style, events: int, n: int, *, interval: str = "wilson", **fields: Any
    ) -> Estimate:
        """Share ``events / n`` with its interval; no number where ``n`` is 0."""
        known = {"unit": "share", "events": events, "at_risk": n, **fields}
        if n == 0:
            return self.row(style, **{**known, "note": together("nobody", known.get("note", ""))})
        found = proportion(events, n, interval=interval)
        return self.row(style, **interval_of(found), **known)

    def months(
        self, style: Style, found: intervals.Estimate, month_days: float, **fields: Any
    ) -> Estimate:
        """A time in days, printed in months."""
        scaled = {k: v / month_days if k in _NUMBERS else v for k, v in interval_of(found).items()}
        note = together(self.labels.get("note", ""), fields.pop("note", ""))
        if math.isinf(found.estimate) or math.isnan(found.estimate):
            note = together("not reached", note)
        return self.row(style, unit="months", note=note, **{**scaled, **fields})

    def method(self, style: Style, sentence: str, *references: str) -> Method:
        """Return the sentence for a manuscript that says how it was done."""
        return Method(self.analysis, style, sentence, references)


def together(*notes: str) -> str:
    """Join notes, leaving out empty and repeated ones."""
    return "; ".join(dict.fromkeys(n for n in notes if n))


def interval_of(found: intervals.Estimate) -> dict[str, Any]:
    """The fields of an estimator's estimate under the names of a results row."""
    return {
        "estimate": float(found.estimate),
        "conf_low": float(found.conf_low),
        "conf_high": float(found.conf_high),
        "conf_level": found.conf_level,
        "interval_method": found.interval,
    }


def finite(value: float | None) -> float | None:
    """None for what is not a finite number: not reached, or without limit."""
    return None if value is None or not math.isfinite(value) else float(value)


_NUMBERS = ("estimate", "conf_low", "conf_high")
