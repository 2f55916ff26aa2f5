"""What one analysis hands over, and the few ways an estimator's numbers become results rows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from osteon.cohort import Cohort
from osteon.contracts.results import (
    NO_COUNTERPART,
    Count,
    Curve,
    Estimate,
    Method,
    Style,
    Summary,
)
from osteon.estimate import CoxFit, FirthFit, intervals, proportion
from osteon.estimate.regression.cautions import FEW_EVENTS

PER_YEARS = 100.0
PAIR: tuple[Style, Style] = ("as_published", "recommended")
"""No figure is printed alone: these two stand beside each other, or words say why one does not."""
TIME_ZEROS = {
    "diagnosis": "diagnosis",
    "first_visit": "first visit",
    "stage_iv": "stage IV",
    "bone_metastasis": "detection of bone metastasis",
}
"""The protocol's time zeros in words: survival *since* each of them."""


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
    """One analysis of a question: the name that protocols, ledger and report know it by.

    ``alone`` says why some of its figures have one side of the pair only; it is printed in the
    place of the other.
    """

    name: str
    question: str
    run: Callable[[Cohort, Rows], Answer]
    alone: str = ""


def analyses(
    question: str, *runs: Callable[[Cohort, Rows], Answer], alone: Mapping[str, str] | None = None
) -> tuple[Analysis, ...]:
    """The analyses of a question, named as their functions are."""
    why = alone or {}
    return tuple(Analysis(f.__name__, question, f, why.get(f.__name__, "")) for f in runs)


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

    def nothing(self, why: str, *styles: Style, **fields: Any) -> Answer:
        """Say in the place of a number, of both sides by default, why there is none."""
        note = f"not estimable: {why}"
        return Answer(tuple(self.row(s, **{**fields, "note": note}) for s in styles or PAIR))

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


def paired(answer: Answer, why: str) -> Answer:
    """Put words where a figure of the answer has one side of the pair only."""
    sides: dict[tuple, dict[str, Estimate]] = {}
    for e in answer.estimates:
        sides.setdefault((e.group, e.contrast, e.time_days), {}).setdefault(e.style, e)
    return Answer(tuple(e for of in sides.values() for e in _absent(of, why)))


def _absent(of: Mapping[str, Estimate], why: str) -> Iterable[Estimate]:
    there = [style for style in PAIR if style in of]
    if len(there) != 1:
        return
    known = of[there[0]]
    [missing] = (style for style in PAIR if style not in of)
    yield Estimate(
        question=known.question,
        analysis=known.analysis,
        style=missing,
        estimand=known.estimand,
        population=known.population,
        group=known.group,
        contrast=known.contrast,
        unit=known.unit,
        time_days=known.time_days,
        note=f"{NO_COUNTERPART}: {why}",
    )


def together(*notes: str) -> str:
    """Join notes, leaving out empty and repeated ones."""
    return "; ".join(dict.fromkeys(n for n in notes if n))


def interval_of(found: intervals.Estimate) -> dict[str, Any]:
    """The fields of an estimator's estimate under the names of a results row, cautions included."""
    return {
        "estimate": float(found.estimate),
        "conf_low": float(found.conf_low),
        "conf_high": float(found.conf_high),
        "conf_level": found.conf_level,
        "interval_method": found.interval,
        "cautions": in_plain_words(found.cautions),
    }


def ratio_of(fit: CoxFit | FirthFit, name: str) -> dict[str, Any]:
    """A model's ratio and its test, with all that the model finds doubtful about itself."""
    wald = isinstance(fit, CoxFit)
    ratio = fit.hazard_ratios[name] if isinstance(fit, CoxFit) else fit.ratios[name]
    return {
        **interval_of(ratio),
        "p_value": ratio.p_value,
        "test": "Wald" if wald else "penalised likelihood ratio",
        "cautions": in_plain_words(fit.cautions),
    }


def in_plain_words(cautions: tuple[str, ...]) -> tuple[str, ...]:
    """An estimator's cautions for somebody who reads a report, each once.

    What to call instead is for who calls it, and is left out.

    >>> in_plain_words(("few at risk: begin later, see `earliest_start`", "few at risk"))
    ('few at risk: begin later', 'few at risk')
    """
    return tuple(dict.fromkeys(_CALL_INSTEAD.sub("", said) for said in cautions))


def per_parameter(fit: CoxFit | FirthFit) -> str:
    """How many events inform a coefficient; where they are few the model's own caution says so."""
    events = fit.events_per_parameter
    return f"{events:.0f} events a parameter" if events >= FEW_EVENTS else ""


def finite(value: float | None) -> float | None:
    """None for what is not a finite number: not reached, or without limit."""
    return None if value is None or not math.isfinite(value) else float(value)


_NUMBERS = ("estimate", "conf_low", "conf_high")
_CALL_INSTEAD = re.compile(r"[:;,] (?:use|see) [^:;]*$")
