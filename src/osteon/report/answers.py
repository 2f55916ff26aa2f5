"""The cards of the first page: the recommended answer large, the published one small beside it."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.contracts.results import Card, Estimate, Results
from osteon.report import curves, intervals, printing
from osteon.report.drawing import Drawing
from osteon.report.tables import Column, Row, Table

_MOST = 3


@dataclass(frozen=True)
class Figures:
    """One number of a card: value, unit, interval, people, whose it is."""

    value: str
    unit: str
    interval: str
    people: str
    whose: str


@dataclass(frozen=True)
class Answer:
    """A card with its numbers printed and its small figure drawn."""

    question: str
    asked: str
    title: str
    recommended: tuple[Figures, ...]
    published: str
    why: str
    spark: Drawing | None


def answers(results: Results) -> tuple[Answer, ...]:
    """Print every card."""
    return tuple(_answer(results, card) for card in results.cards)


def answers_table(results: Results) -> Table:
    """Print the cards as a table, for Word, PDF and CSV."""
    rows = []
    for card in results.cards:
        recommended, published = _recommended(results, card), _published(results, card)
        rows.append(
            Row(
                (
                    (card.title, printing.in_words(card.question)),
                    _cell(recommended),
                    _cell(published),
                    (card.why or printing.NOTHING,),
                )
            )
        )
    return Table(
        "answers",
        "Answers",
        (
            Column("Question", 1.2),
            Column("Recommended", 1.3),
            Column("As published", 1.3),
            Column("Why they differ", 1.6),
        ),
        tuple(rows),
    )


def _answer(results: Results, card: Card) -> Answer:
    recommended = _recommended(results, card)
    return Answer(
        question=card.question,
        asked=printing.in_words(card.question),
        title=card.title,
        recommended=tuple(map(_figures, recommended)),
        published=" v ".join(dict.fromkeys(map(_short, _published(results, card)))),
        why=card.why,
        spark=_spark(results, card, recommended),
    )


def _recommended(results: Results, card: Card) -> list[Estimate]:
    return _of_groups(results, _groups(card), card.analysis, "recommended")


def _published(results: Results, card: Card) -> list[Estimate]:
    analysis = card.published_analysis or card.analysis
    return _of_groups(results, card.published_groups or _groups(card), analysis, "as_published")


def _groups(card: Card) -> tuple[str, ...]:
    return (card.group, card.versus) if card.versus else (card.group,)


def _of_groups(
    results: Results, groups: tuple[str, ...], analysis: str, style: str
) -> list[Estimate]:
    """The estimates of a card's groups; of two groups one each, so that "v" stands between."""
    if len(groups) == 1:
        return _alike(results.find(analysis, style, groups[0]))
    both = [_alike(results.find(analysis, style, g))[:1] for g in groups]
    return [e for found in both for e in found]


def _alike(estimates: tuple[Estimate, ...]) -> list[Estimate]:
    """Those that can stand beside each other: of one unit and time, contrasts only if alone."""
    if not estimates:
        return []
    first = next((e for e in estimates if not e.contrast), estimates[0])
    same = [
        e
        for e in estimates
        if (e.unit, e.time_days, bool(e.contrast))
        == (first.unit, first.time_days, bool(first.contrast))
    ]
    return same[:_MOST]


def _figures(e: Estimate) -> Figures:
    value, _, unit = printing.value(e).rpartition(printing.NBSP)
    whole = not value or e.unit not in printing.UNITS or not printing.UNITS[e.unit]
    if e.unit == "per_100_person_years" and e.estimate is not None:
        value, unit = printing.number(e.estimate, e.unit), printing.UNITS[e.unit]
        whole = False
    bounds = printing.interval(e)
    level = printing.level(e)
    return Figures(
        value=printing.value(e) if whole else value,
        unit="" if whole else unit,
        interval=f"{level} {bounds}".strip() if bounds else "",
        people=printing.events_of(e),
        whose=e.group,
    )


def _short(e: Estimate) -> str:
    return printing.value_and_interval(e)


def _cell(estimates: list[Estimate]) -> tuple[str, ...]:
    if not estimates:
        return (printing.NOTHING,)
    return tuple(
        line
        for e in estimates
        for line in (
            printing.value_and_interval(e),
            "; ".join(part for part in (e.group, printing.events_of(e)) if part),
        )
    )


def _spark(results: Results, card: Card, recommended: list[Estimate]) -> Drawing | None:
    """Curves where the answer is a time, dots with intervals where it is a number."""
    timed = bool(recommended) and recommended[0].unit in ("months", "days")
    drawn = [
        c
        for c in results.curves
        if c.analysis == card.analysis
        and c.style == "recommended"
        and c.time_days
        and (not card.versus or c.group in (card.group, card.versus))
    ]
    if timed and drawn:
        return Drawing(curves.sparkline(drawn, printing.month_days(results)))
    both = [*_published(results, card), *recommended]
    dots = [
        e for e in both if recommended and e.unit == recommended[0].unit and e.estimate is not None
    ]
    return Drawing(intervals.dots(dots)) if dots else None  # fmt: skip
