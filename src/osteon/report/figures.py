"""The figures of a question: which charts it gets, their captions and their words for the blind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from osteon.contracts.results import Card, Curve, Estimate, Results
from osteon.report import printing
from osteon.report.curve_frame import Panel
from osteon.report.curves import curve_chart, median_of
from osteon.report.drawing import NARROW_MM, WIDE_MM, Drawing, Spec
from osteon.report.flow import flow_chart
from osteon.report.intervals import interval_chart
from osteon.report.notes import MARK, caution

_PAIR = ("as_published", "recommended")
_CURVES = {"survival_median": "Survival"}
"""What the curves of an analysis show, where its name is that of a number read off them."""


_MARKS = {
    "as_published": "grey diamonds",
    "recommended": "dark squares",
    "sensitivity": "circles",
}


@dataclass(frozen=True)
class Figure:
    """A figure at both column widths.

    ``live`` is the chart that answers to the pointer; ``text`` says in words what is seen.
    """

    name: str
    caption: str
    text: str
    wide: Drawing
    narrow: Drawing
    live: Spec | None = None


def question_figures(results: Results, question: str) -> Iterator[Figure]:
    """Draw a question: flow diagram, curves, then shares, rates and ratios."""
    if question == "who" and results.attrition:
        yield flow_figure(results)
    yield from curve_figures(results, [c for c in results.curves if c.question == question])
    yield from _interval_figures(results, question)


def flow_figure(results: Results) -> Figure:
    """Draw the attrition as a flow diagram."""
    main = [s for s in results.attrition if not s.branch] or list(results.attrition)
    first, last, masked = main[0], main[-1], results.masked
    return _figure(
        "flow",
        "Flow of patients. Each criterion is asked of those who satisfy the ones before it; "
        "boxes below the last are the people that single analyses rest on.",
        f"From {printing.count(first.kept, masked)} to {printing.count(last.kept, masked)} patients "
        f"in {len(results.attrition)} steps; the attrition table holds the same numbers.",
        lambda width, live: flow_chart(
            results.attrition, width_mm=width, masked=masked, mark=mark_of(results)
        ),
        live=False,
    )


def curve_figures(results: Results, curves: Sequence[Curve]) -> Iterator[Figure]:
    """Draw the curves of each analysis: as published beside recommended, then sensitivity.

    Where a card compares two groups these are drawn first and alone, further groups after them.
    """
    for analysis in dict.fromkeys(c.analysis for c in curves):
        of = [c for c in curves if c.analysis == analysis]
        first = {g for card in results.cards for g in _compared(card, analysis)}
        named = [c for c in of if c.group in first]
        rest = [c for c in of if c.group not in first]
        for part, drawn in (("", named), ("_groups", rest)) if named and rest else (("", of),):
            yield from _styled_figures(results, analysis, drawn, part)


def _compared(card: Card, analysis: str) -> tuple[str, ...]:
    return (card.group, card.versus) if card.analysis == analysis and card.versus else ()


def _styled_figures(
    results: Results, analysis: str, curves: Sequence[Curve], part: str
) -> Iterator[Figure]:
    for styles, suffix in ((_PAIR, part), (("sensitivity",), f"{part}_sensitivity")):
        panels = [
            (printing.STYLES[style], tuple(c for c in curves if c.style == style))
            for style in styles
            if any(c.style == style for c in curves)
        ]
        if panels:
            yield _curve_figure(results, analysis, panels, suffix)


def mark_of(results: Results) -> str:
    """What every figure and every page carries: that data are synthetic, that cells are masked."""
    marks = (
        "Synthetic centre" if results.provenance.synthetic else "",
        "Small cells masked" if results.masked else "",
    )
    return " · ".join(mark for mark in marks if mark)


def _curve_figure(results: Results, analysis: str, panels: list[Panel], suffix: str) -> Figure:
    month_days = printing.month_days(results)
    curves = [c for _, of in panels for c in of]
    return _figure(
        f"curve_{analysis}{suffix}",
        _curve_caption(results, analysis, panels, month_days),
        _curve_text(curves, month_days),
        lambda width, live: curve_chart(
            panels,
            width_mm=width,
            month_days=month_days,
            axis_title=_axis_title(analysis, curves),
            mark=mark_of(results),
            live=live,
        ),
        live=True,
    )


def _curve_caption(results: Results, analysis: str, panels: list[Panel], month_days: float) -> str:
    curves = [c for _, of in panels for c in of]
    name = _CURVES.get(analysis) or printing.in_words(analysis)
    shown = " and ".join(title.lower() for title, _ in panels)
    parts = [f"{name}, {shown}."]
    if any(c.kind == "turnbull" for c in curves):
        parts.append("Where no scan divides the time the curve is undetermined: shaded.")
    if any(b is not None for c in curves if c.kind != "turnbull" for b in c.conf_low):
        bands = dict.fromkeys(printing.kind(c) for c in curves if c.conf_level is not None)
        parts.append(f"Shaded bands: {' or '.join(bands) or 'confidence intervals'}, pointwise.")
    if any(median_of(c, month_days) for c in curves):
        parts.append(f"Dots and bars at 50 %: medians with {_of_medians(results, curves)}.")
    parts += _starts(curves, month_days)
    parts += _notes(curves)
    parts += _cautions(curves)
    parts.append(f"Months of {month_days:g} days.")
    return " ".join(parts)


def _of_medians(results: Results, curves: list[Curve]) -> str:
    """Say which interval a median carries, on each side."""
    kinds: dict[str, list[str]] = {}
    for style in dict.fromkeys(c.style for c in curves):
        for e in results.find(curves[0].analysis, style):
            if e.unit in ("months", "days") and printing.kind(e):
                sides = kinds.setdefault(printing.kind(e), [])
                sides += [printing.STYLES[style].lower()] * (style not in sides)
    told = [f"{kind} ({' and '.join(dict.fromkeys(sides))})" for kind, sides in kinds.items()]
    return "; ".join(told) or "their intervals"


def _notes(curves: list[Curve]) -> Iterator[str]:
    """Print each note once; where curves differ in it, with whose it is."""
    noted = [c for c in curves if c.note]
    notes = list(dict.fromkeys(c.note for c in noted))
    for note in notes:
        whose = dict.fromkeys(_whose(c) for c in noted if c.note == note)
        named = f"{printing.sentence(' and '.join(whose))}: " if len(notes) > 1 else ""
        yield printing.full_sentence(f"{named}{note}")


def _cautions(curves: list[Curve]) -> Iterator[str]:
    """Print each caution of an estimator once, with whose curves it is about."""
    for said in dict.fromkeys(said for c in curves for said in c.cautions):
        whose = dict.fromkeys(_styled(c, curves) for c in curves if said in c.cautions)
        yield caution([said], " and ".join(whose))


def _styled(curve: Curve, beside: list[Curve]) -> str:
    """Whose a curve is, and on which side where both are drawn."""
    style = printing.STYLES[curve.style].lower()
    return f"{style}, {_whose(curve)}" if len({c.style for c in beside}) > 1 else _whose(curve)


def _starts(curves: list[Curve], month_days: float) -> Iterator[str]:
    """State what a delayed-entry curve is conditional on, once for all that start together."""
    late = [c for c in curves if c.start_days > 0]
    for start in dict.fromkeys(printing.months(c.start_days, month_days) for c in late):
        whose = [_whose(c) for c in late if printing.months(c.start_days, month_days) == start]
        yield (
            f"{printing.sentence(' and '.join(dict.fromkeys(whose)))}: conditional on reaching "
            f"{start} months, the first time with enough patients at risk."
        )


def _curve_text(curves: list[Curve], month_days: float) -> str:
    return " ".join(
        f"{printing.STYLES[c.style]}, {_whose(c)}: {_ends(c, month_days)}." for c in curves
    )


def _ends(curve: Curve, month_days: float) -> str:
    median = median_of(curve, month_days)
    if median:
        return f"median {median} months"
    if not curve.time_days:
        return "withheld"
    last = Estimate("", "", curve.style, "", estimate=curve.estimate[-1])
    time = printing.at_time(curve.time_days[-1], month_days)
    return f"{printing.value(last)} at {time}"


def _whose(curve: Curve) -> str:
    return curve.group or curve.population or "all"


def _axis_title(analysis: str, curves: list[Curve]) -> str:
    if curves[0].kind == "survival" and "survival" in analysis:
        return "Survival, %"
    if curves[0].kind == "turnbull" and len({c.group for c in curves}) == 1 and curves[0].group:
        return f"{printing.sentence(curves[0].group)}, %"
    return ""


def _interval_figures(results: Results, question: str) -> Iterator[Figure]:
    kinds = {"share": "Shares", "per_100_person_years": "Rates", "ratio": "Ratios"}
    for unit, title in kinds.items():
        drawn = [e for e in results.estimates if e.question == question and _drawn(e, unit)]
        if len(drawn) > len(_PAIR):
            yield _interval_figure(results, question, title, drawn)


def _drawn(e: Estimate, unit: str) -> bool:
    bounds = (e.estimate, e.conf_low, e.conf_high)
    return e.unit == unit and e.time_days is None and any(b is not None for b in bounds)


def _interval_figure(
    results: Results, question: str, title: str, estimates: list[Estimate]
) -> Figure:
    levels = dict.fromkeys(printing.level(e) for e in estimates if e.conf_level is not None)
    shown = f"bars: {' or '.join(levels)}" if levels else "bars: intervals"
    arrow = " An arrow leaves the scale." if estimates[0].unit == "ratio" else ""
    doubtful = any(e.cautions for e in estimates)
    marked = f" {MARK}{printing.NBSP}To be read with the cautions under the table." * doubtful
    return _figure(
        f"{title.lower()}_{question}",
        f"{printing.in_words(question)}: {title.lower()}. {_key(estimates)}; {shown}.{arrow}{marked}",
        " ".join(f"{e.estimand}, {e.group or 'all'}: {printing.value_and_interval(e)}." for e in estimates),
        lambda width, live: interval_chart(estimates, width_mm=width, mark=mark_of(results), live=live),
        live=True,
    )  # fmt: skip


def _key(estimates: list[Estimate]) -> str:
    """Say which mark stands for which of the styles that are drawn."""
    there = {e.style for e in estimates}
    named = (f"{mark}: {printing.STYLES[s].lower()}" for s, mark in _MARKS.items() if s in there)
    return printing.sentence("; ".join(named))


def _figure(
    name: str, caption: str, text: str, draw: Callable[[float, bool], Spec], *, live: bool
) -> Figure:
    return Figure(
        name,
        caption,
        text,
        wide=Drawing(draw(WIDE_MM, False), WIDE_MM),
        narrow=Drawing(draw(NARROW_MM, False), NARROW_MM),
        live=draw(WIDE_MM, True) if live else None,
    )
