"""The cards of the first page: the recommended answer large, the published one small beside it."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.contracts.results import Card, Estimate, Results
from osteon.report import curves, intervals, printing
from osteon.report.drawing import Drawing
from osteon.report.notes import caution
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
    """A card with its numbers printed and its small figure drawn.

    ``whom`` says what is measured, since when and in whom; ``published_of`` says so of the
    published side where it is something else. ``cautions`` are what the estimators find doubtful
    about the numbers, a sentence a side.
    """

    question: str
    asked: str
    title: str
    recommended: tuple[Figures, ...]
    published: str
    why: str
    whom: str
    published_of: str
    cautions: tuple[str, ...]
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
                    (card.title, _whom(recommended), "", printing.in_words(card.question)),
                    _cell(recommended),
                    (*_cell(published), "", _published_of(recommended, published)),
                    (card.why or printing.NOTHING, " ".join(_cautions(recommended, published))),
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
    recommended, published = _recommended(results, card), _published(results, card)
    return Answer(
        question=card.question,
        asked=printing.in_words(card.question),
        title=card.title,
        recommended=tuple(_figures(e, recommended) for e in recommended),
        published=_side_by_side(published),
        why=card.why,
        whom=_whom(recommended),
        published_of=_published_of(recommended, published),
        cautions=_cautions(recommended, published),
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


def _figures(e: Estimate, beside: list[Estimate]) -> Figures:
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
        whose=_whose(e, beside),
    )


def _side_by_side(estimates: list[Estimate]) -> str:
    """Print estimates beside each other, of several each with the group it is of."""
    if len(estimates) == 1 and not estimates[0].contrast:
        return _levelled(estimates[0])
    told = (f"{_whose(e, estimates)} {_levelled(e)}".strip() for e in estimates)
    apart = any(e.contrast for e in estimates) or not all(e.group for e in estimates)
    return ("; " if apart else " v ").join(dict.fromkeys(told))


def _levelled(e: Estimate) -> str:
    """Print an estimate and its interval with its level."""
    bounds = " ".join(_lines(printing.level(e), printing.interval(e)))
    return f"{printing.value(e)} ({bounds})" if printing.interval(e) else printing.value(e)


def _whom(estimates: list[Estimate]) -> str:
    """What is measured, since when, in whom, as far as all the estimates have it in common."""
    if not estimates:
        return ""
    whose = _whose(estimates[0], estimates) if len(estimates) == 1 else ""
    among = _common_population(estimates)
    measured = printing.sentence(_only({e.estimand for e in estimates}))
    if whose and (among or estimates[0].contrast):
        measured = f"{measured}: {whose}"
    among = among or (whose if not estimates[0].contrast else "")
    return f"{measured}, among: {among}" if among else measured


def _published_of(recommended: list[Estimate], published: list[Estimate]) -> str:
    """What the published side measures, and in whom, where the recommended does not."""
    if not published:
        return ""
    parts = []
    if {e.estimand for e in published} != {e.estimand for e in recommended}:
        parts.append(_only({e.estimand for e in published}))
    among = _common_population(published)
    if among and (parts or among != _common_population(recommended)):
        parts.append(f"among: {among}")
    return ", ".join(part for part in parts if part)


def _cautions(recommended: list[Estimate], published: list[Estimate]) -> tuple[str, ...]:
    """What the estimators find doubtful; of the published side what is not said already."""
    better = list(dict.fromkeys(said for e in recommended for said in e.cautions))
    other = [said for e in published for said in e.cautions if said not in better]
    return _lines(caution(better), caution(other, "as published"))


def _common_population(estimates: list[Estimate]) -> str:
    return _only({e.population for e in estimates})


def _only(texts: set[str]) -> str:
    """The text, if it is the only one."""
    return next(iter(texts)) if len(texts) == 1 else ""


def _whose(e: Estimate, beside: list[Estimate]) -> str:
    """The group of an estimate, against which other, and among whom where that is its own."""
    group = f"{e.group} v {e.contrast}" if e.contrast else e.group
    own = "" if _common_population(beside) or not e.population else f"among: {e.population}"
    return ", ".join(part for part in (group, own) if part)


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _cell(estimates: list[Estimate]) -> tuple[str, ...]:
    if not estimates:
        return printing.NOTHING, ""
    return tuple(
        line
        for e in estimates
        for line in (
            printing.value_and_interval(e),
            "; ".join(_lines(_whose(e, estimates), printing.events_of(e), printing.kind(e))),
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
