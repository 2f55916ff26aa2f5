"""Disclosure control: results that may leave the centre.

`mask` returns results from which no count below the limit can be read or worked out. Reports are
rendered from masked results only, so nothing that a file shows or embeds knows more. What is done:

- counts are masked, small ones and those that would give them away (`suppression`);
- an estimate from which its own masked counts could be worked out is withheld whole, interval
  and person-years with it, and so is one of too few people; a hazard ratio or a median only loses
  the counts; contrasts and tests of groups whose counts are masked are withheld in the same way;
- curves are coarsened and cut (`coarsening`); medians beyond the cut are withheld;
- texts that were made from results lose masked numbers; a published figure stays, what was
  obtained is withheld where its estimate is;
- source accounting and estimates marked not releasable stay in the centre.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from osteon.contracts.results import (
    COUNTS,
    Comparison,
    Count,
    Curve,
    Estimate,
    Results,
    Summary,
)
from osteon.report import printing
from osteon.report.coarsening import coarsened
from osteon.report.printing import MASKED
from osteon.report.suppression import Cell, is_small, suppressed
from osteon.report.tied_counts import Book, tied_counts

WITHHELD = f"{MASKED}: too few people"
_LISTS = ("estimates", "counts", "baseline", "attrition", "findings")


def mask(results: Results) -> Results:
    """Mask counts below ``results.small_cell_limit`` and whatever would give them away.

    Results that are masked already are returned as they are.
    """
    if results.masked:
        return results
    limit = results.small_cell_limit
    results = replace(
        results,
        estimates=tuple(e for e in results.estimates if e.releasable),
        provenance=replace(results.provenance, sources=()),
    )
    book = tied_counts(results)
    masked = suppressed(book.counts, limit)
    hidden = {book.counts.printed[cell] for cell in masked} - {0}
    return _Masking(results, book, masked, hidden, limit).apply()


@dataclass
class _Masking:
    """Takes masked counts, and what follows from them, out of the results."""

    results: Results
    book: Book
    masked: set[Cell]
    hidden: set[int]
    limit: int

    def apply(self) -> Results:
        blanked = self._without_counts()
        estimates = self._estimates(blanked["estimates"])
        before = zip(estimates, self.results.estimates, strict=True)
        lost = [was for e, was in before if e.note == WITHHELD]
        withheld = {e.analysis for e in lost}
        curves = coarsened(self.results.curves, estimates, self.limit)
        return replace(
            self.results,
            estimates=estimates,
            counts=blanked["counts"],
            baseline=blanked["baseline"],
            attrition=blanked["attrition"],
            findings=blanked["findings"],
            curves=tuple(self._curve(c, estimates) for c in curves),
            published=tuple(self._comparison(c, lost, estimates) for c in self.results.published),
            cards=tuple(
                replace(c, why="" if c.analysis in withheld else self.scrub(c.why))
                for c in self.results.cards
            ),
            ledger=tuple(
                replace(e, how=self.scrub(e.how, every=bool(withheld & set(e.by))))
                for e in self.results.ledger
            ),
            methods=tuple(
                replace(m, sentence=self.scrub(m.sentence, people_only=True))
                for m in self.results.methods
            ),
            population=self._headline(),
            masked=True,
        )

    def _headline(self) -> str:
        """The population, without the clauses whose counts are masked."""
        clauses = re.split(r"(?<=[;,]) ", self.results.population)
        told = [c for c in clauses if MASKED not in self.scrub(c)]
        if len(told) == len(clauses):
            return self.results.population
        few = f"fewer than {self.limit} patients, and numbers that would tell them"
        masked = f"Counts are masked in this report: {few}."
        return f"{' '.join(told).rstrip('.,;')}. {masked}" if told else masked

    def scrub(self, text: str, *, every: bool = False, people_only: bool = False) -> str:
        """Take masked numbers out of a text: fractions, and whole numbers that may count people."""

        def told(found: re.Match[str]) -> str:
            numbers = [int(n) for n in re.findall(r"\d+", found[0])]
            pair = [*numbers, abs(numbers[0] - numbers[-1])] if len(numbers) > 1 else numbers
            secret = any(n in self.hidden or is_small(n, self.limit) for n in pair)
            return MASKED if every or secret else found[0]

        return re.sub(_PEOPLE if people_only else _NUMBER, told, text)

    def _without_counts(self) -> dict[str, tuple[Any, ...]]:
        blank: dict[tuple[str, int], dict[str, None]] = {}
        for cell in self.masked:
            for name, i, attribute in self.book.places.get(cell, ()):
                blank.setdefault((name, i), {})[attribute] = None
        lists = {
            name: tuple(
                replace(row, **blank.get((name, i), {}))
                for i, row in enumerate(getattr(self.results, name))
            )
            for name in _LISTS
        }
        lists["baseline"] = tuple(map(self._summary, lists["baseline"], self.results.baseline))
        lists["findings"] = tuple(
            replace(f, reason=self.scrub(f.reason), cure=self.scrub(f.cure))
            for f in lists["findings"]
        )
        return lists

    def _summary(self, masked: Summary, before: Summary) -> Summary:
        """Withhold the quartiles of a few; of many whose number is masked they tell nobody."""
        few = before.total is not None and before.total < self.limit
        return replace(masked, median=None, q1=None, q3=None) if few else masked

    def _estimates(self, blanked: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
        lost = {
            i
            for i, (e, before) in enumerate(zip(blanked, self.results.estimates, strict=True))
            if _changed(e, before) and (before.tells_counts or self._of_few(before) or _flat(e))
        }
        whole = [blanked[i] for i in lost if blanked[i].time_days is None]
        few = [blanked[i] for i in lost if self._of_few(self.results.estimates[i])]
        labels = {(e.question, e.group) for e in whole if e.group}
        labels |= {
            (c.question, label) for c in self._masked_counts() for label in (c.row, c.column)
        }
        small = {(e.question, e.group) for e in few if e.group and e.time_days is None}
        analyses = {(e.question, e.analysis) for e in whole}
        flat = {(blanked[i].analysis, blanked[i].group) for i in lost if _flat(blanked[i])}
        kept = (
            _withheld(e)
            if i in lost
            or _told_by(e, labels if e.tells_counts else small, analyses)
            or (e.contrast and flat & {(e.analysis, e.group), (e.analysis, e.contrast)})
            else self._noted(e)
            for i, e in enumerate(blanked)
        )
        return tuple(replace(e, population=self._unnumbered(e.population)) for e in kept)

    def _of_few(self, e: Estimate) -> bool:
        """Whether the number rests on few people or events: masking only the counts would not do."""
        return any(n is not None and is_small(n, self.limit) for n in (e.at_risk, e.events))

    def _masked_counts(self) -> list[Count]:
        return [c for i, c in enumerate(self.results.counts) if ("count", i) in self.masked]

    def _noted(self, e: Estimate) -> Estimate:
        cautions = tuple(map(self.scrub, e.cautions))
        return replace(e, note=self.scrub(e.note), cautions=cautions)

    def _unnumbered(self, population: str) -> str:
        """Whom a number is about, without how many: the difference of two tells who is left out."""
        return _SIZE.sub("", population)

    def _curve(self, curve: Curve, estimates: tuple[Estimate, ...]) -> Curve:
        same = [
            e.note == WITHHELD
            for e in estimates
            if (e.analysis, e.style, e.group) == (curve.analysis, curve.style, curve.group)
        ]
        if same and all(same):
            curve = replace(curve, median_days=None, median_low_days=None, median_high_days=None)

        def shown(n: int | None) -> int | None:
            return None if n is None or n in self.hidden or is_small(n, self.limit) else n

        return replace(
            curve,
            population=self._unnumbered(curve.population),
            at_risk=tuple(map(shown, curve.at_risk)),
            events=tuple(map(shown, curve.events)),
            note=self.scrub(curve.note),
            cautions=tuple(map(self.scrub, curve.cautions)),
        )

    def _comparison(
        self, c: Comparison, lost: list[Estimate], estimates: tuple[Estimate, ...]
    ) -> Comparison:
        """Withhold each side whose estimate is withheld; the published figure is public."""
        better = _behind(c, lost, "recommended") or not self._unquoted(c.recommended, lost)
        if self._obtained_shows(c, lost, estimates):
            return replace(
                c,
                recommended="" if better else self._counted(c.recommended),
                obtained=self._counted(c.obtained),
                why=self.scrub(c.why),
            )
        better = better or not _behind(c, estimates, "recommended")
        return replace(
            c,
            obtained="",
            obtained_count="",
            verdict="masked" if c.obtained else c.verdict,
            recommended="" if better else self._counted(c.recommended),
            why=WITHHELD if better else self.scrub(c.why),
        )

    def _obtained_shows(
        self, c: Comparison, lost: list[Estimate], estimates: tuple[Estimate, ...]
    ) -> bool:
        """Whether the as-published side may be printed: its counts stand beside its estimate."""
        shown = {f"{e.events}/{e.at_risk}" for e in _behind(c, estimates, "as_published")}
        secret = MASKED in self.scrub(c.obtained_count) or _behind(c, lost, "as_published")
        return c.obtained_count in shown or not secret

    def _unquoted(self, text: str, lost: list[Estimate]) -> bool:
        """Whether a text quotes no number of an estimate that is withheld."""
        quoted = set(_DECIMALS.findall(text))
        return not any(quoted & _numbers(e) for e in lost)

    def _counted(self, text: str) -> str:
        """Scrub what is nothing but a count; "58 years (57 to 60)" counts nobody."""
        return self.scrub(text) if text.replace(printing.NBSP, "").isdigit() else text


def _behind(c: Comparison, estimates: Sequence[Estimate], style: str) -> list[Estimate]:
    """The estimates that a side of a comparison may have been read from."""
    of = [e for e in estimates if (e.analysis, e.style) == (c.analysis, style)]
    return [e for e in of if c.group in ("", e.group)]


def _flat(e: Estimate) -> bool:
    """Whether an interval has no width: nothing happened to anybody."""
    return e.conf_low is not None and e.conf_low == e.conf_high


def _changed(e: Estimate, before: Estimate) -> bool:
    return any(getattr(e, f) != getattr(before, f) for f in (*COUNTS[Estimate], "estimate"))


def _numbers(e: Estimate) -> set[str]:
    """Numbers by which a comparison could quote a withheld estimate."""
    return set(_DECIMALS.findall(f"{printing.value_and_interval(e)} {printing.p_value(e.p_value)}"))


def _withheld(e: Estimate) -> Estimate:
    return replace(
        e,
        estimate=None,
        estimate_high=None,
        conf_low=None,
        conf_high=None,
        p_value=None,
        p_adjusted=None,
        person_years=None,
        at_risk=None,
        events=None,
        note=WITHHELD,
        cautions=(),
    )


def _told_by(
    e: Estimate, labels: set[tuple[str, str]], analyses: set[tuple[str, str]]
) -> bool:  # fmt: skip
    """Whether a contrast or a test would give away the counts of groups that are masked."""
    if not e.contrast and e.p_value is None:
        return False
    named = {(e.question, e.group), (e.question, e.contrast)}
    return bool(named & labels) or (e.question, e.analysis) in analyses


_UNIT = (
    r"(?:\s|-|\u00a0)*(?:%|per|days?|months?|years?|weeks?|mg|mm|ml|MBq|HU|times|covariates?|"
    r"coefficients?|or more|runs?|lags?|intervals?|decimals?)"
)
_FREE = r"(?<![\w.,/:–-])(?<!\bday )(?<!\bday\u00a0)"
_SIZE = re.compile(r"\s*\(n\s=\s[\d\s]+\)")
_NUMBER = re.compile(rf"{_FREE}\d+(?:\s?/\s?\d+)?(?![\w/]|[.,:–-]\d)(?!{_UNIT})")
_DECIMALS = re.compile(r"\d+(?:\.\d+)?")
_PEOPLE = re.compile(
    rf"{_FREE}\d+(?:\s?/\s?\d+)?(?=\s+(?:of|patients?|people|persons?|events?|deaths?|men|women|"
    r"cases?|were|was|had|died)\b)"
)
