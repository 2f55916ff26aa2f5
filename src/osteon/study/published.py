"""Published beside obtained, judged to the printed digits.

A printed figure is a string, and its digits say how exact it is: "34.4%" is met by anything that
prints as 34.4%, "p < 0.0001" by any smaller p. Counts worked out from a printed percentage are
marked derived and may be a set: 27% of an unprinted group is 13/48 or 13/49.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from osteon.contracts.protocol import Published
from osteon.contracts.results import NO_COUNTERPART, Comparison, Estimate, Verdict
from osteon.errors import ProtocolError
from osteon.study.answer import together

_NUMBER = re.compile(r"(?:(?P<sign>[<>])\s*)?(?P<number>\d+(?:\.\d+)?)(?P<percent>\s?%)?")


@dataclass(frozen=True)
class Printed:
    """A printed figure taken apart: text before, sign, digits, percent sign, text after."""

    before: str
    sign: str
    number: str
    percent: str
    after: str

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return len(self.number.partition(".")[2])

    def like_this(self, value: float) -> str:
        """Print a value as the paper would have printed it.

        >>> parse("34.4%").like_this(105 / 305)
        '34.4%'
        >>> parse("p < 0.0001").like_this(1.4e-5), parse("p < 0.0001").like_this(0.0054)
        ('p < 0.0001', 'p = 0.0054')
        """
        if self.sign and self.holds(value):
            return self.text
        equals = "= " if self.sign else ""
        return f"{self.before}{equals}{self._digits(value)}{self.percent}{self.after}".strip()

    def holds(self, value: float) -> bool:
        """Whether a value meets the printed inequality, or prints as the same digits."""
        shown = value * 100 if self.percent else value
        if self.sign == "<":
            return shown < float(self.number)
        if self.sign == ">":
            return shown > float(self.number)
        return self._digits(value) == self.number

    def _digits(self, value: float) -> str:
        """The value to the printed digits, halves rounded up as papers do."""
        shown = Decimal(repr(value)) * (100 if self.percent else 1)
        return str(shown.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))

    @property
    def text(self) -> str:
        """The figure as printed."""
        sign = f"{self.sign} " if self.sign else ""
        return f"{self.before}{sign}{self.number}{self.percent}{self.after}"


def parse(printed: str) -> Printed:
    """Take a printed figure apart.

    >>> parse("127 months").after, parse("p = 0.023").before
    (' months', 'p = ')
    """
    match = _NUMBER.search(printed)
    if match is None:
        raise ProtocolError(
            f'published figure "{printed}" holds no number',
            "a figure is a printed number, such as 34.4% or p < 0.0001",
            "copy it exactly as the paper prints it",
        )
    return Printed(
        printed[: match.start()],
        match["sign"] or "",
        match["number"],
        match["percent"] or "",
        printed[match.end() :],
    )


def compare(
    published: Sequence[Published], estimates: Sequence[Estimate]
) -> tuple[Comparison, ...]:
    """Set every published figure beside what this study obtained."""
    return tuple(_compare(figure, estimates) for figure in published)


def _compare(figure: Published, estimates: Sequence[Estimate]) -> Comparison:
    printed = parse(figure.value)
    found = _find(figure, estimates, "as_published")
    value = getattr(found, figure.quantity) if found else None
    recommended = _find(figure, estimates, "recommended")
    words = next((e.note for e in estimates if _stands_alone(e, figure)), "")
    words = words.removeprefix(f"{NO_COUNTERPART}: ")
    better = getattr(recommended, figure.quantity) if recommended else None
    count = _count(found) if found and figure.derived else ""
    return Comparison(
        figure=figure.figure,
        printed=figure.value,
        obtained="" if value is None else printed.like_this(value),
        verdict=_verdict(printed, figure, value, count),
        recommended="" if better is None else _recommended(printed, figure, recommended, better),
        why=_why(recommended) if recommended else words,
        derived=figure.derived,
        obtained_count=count,
        analysis=figure.analysis,
        group=figure.group,
    )


def _why(recommended: Estimate) -> str:
    """How the recommended answer was reached, and what its estimator finds doubtful about it."""
    doubts = (f"caution: {said}" for said in recommended.cautions)
    return together(recommended.method or recommended.note, *doubts)


def _verdict(printed: Printed, figure: Published, value: float | None, count: str) -> Verdict:
    if value is None:
        return "not_obtained"
    same = printed.holds(value) and (not figure.derived or count in figure.derived)
    return "equal" if same else "differs"


def _find(figure: Published, estimates: Sequence[Estimate], style: str) -> Estimate | None:
    for e in estimates:
        wanted = e.analysis == figure.analysis and e.style == style
        if wanted and figure.group in ("", e.group) and getattr(e, figure.quantity) is not None:
            return e
    return None


def _stands_alone(e: Estimate, figure: Published) -> bool:
    """Whether an estimate says in words why a figure has no recommended answer."""
    same = (e.analysis, e.style) == (figure.analysis, "recommended")
    return same and figure.group in ("", e.group) and e.note.startswith(NO_COUNTERPART)


def _count(e: Estimate) -> str:
    return f"{e.events}/{e.at_risk}"


def _recommended(printed: Printed, figure: Published, e: Estimate | None, value: float) -> str:
    if figure.quantity == "p_value":
        return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"
    plain = Printed("", "", printed.number, printed.percent, printed.after)
    text = plain.like_this(value)
    if figure.quantity != "estimate" or e is None:
        return text
    if e.estimate_high is not None and plain.like_this(e.estimate_high) != text:
        text = f"{text.removesuffix(printed.after)} to {plain.like_this(e.estimate_high)}"
    if e.conf_low is None and e.conf_high is None:
        return text
    never = "not reached" if e.unit in ("months", "days") else "no limit"
    low, high = (
        never if v is None else plain.like_this(v).removesuffix(printed.after)
        for v in (e.conf_low, e.conf_high)
    )
    return f"{text} ({low} to {high})"
