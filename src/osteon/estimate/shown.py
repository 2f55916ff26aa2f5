"""What a result says of itself at a prompt: how much is in it, and no patient's value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from osteon.estimate.intervals import Estimate


def shown(kind: str, facts: Iterable[str], cautions: tuple[str, ...] = ()) -> str:
    """A result in one line, and a line for each caution.

    >>> print(shown("Curve", ["survival", "3 events"], ("few at risk",)))
    <Curve: survival, 3 events>
      ! few at risk
    """
    return "\n".join([f"<{kind}: {', '.join(facts)}>", *(f"  ! {said}" for said in cautions)])


def shown_ratios(
    kind: str, facts: Iterable[str], ratios: Mapping[str, Estimate], cautions: tuple[str, ...]
) -> str:
    """A model in one line, a line for each ratio, and one for each caution."""
    rows = {
        name: f"{r.estimate:.4g} ({r.conf_low:.4g} to {r.conf_high:.4g}), p = {r.p_value:.3g}"
        for name, r in ratios.items()
    }
    return shown_rows(kind, facts, rows, cautions)


def shown_rows(
    kind: str, facts: Iterable[str], rows: Mapping[str, str], cautions: tuple[str, ...] = ()
) -> str:
    """A result in one line, a line for each of its parts, and one for each caution.

    >>> print(shown_rows("LogRank", ["p = 0.1"], {"men": "2 observed", "women": "1 observed"}))
    <LogRank: p = 0.1>
      men    2 observed
      women  1 observed
    """
    width = max(map(len, rows), default=0)
    head, *said = shown(kind, facts, cautions).split("\n")
    return "\n".join([head, *(f"  {name:<{width}}  {row}" for name, row in rows.items()), *said])


def chi_squared_in_words(statistic: float, df: int, p_value: float) -> str:
    """A chi-squared test as it is printed: chi-squared 10.33 on 1 df, p = 0.00131."""
    return f"chi-squared {statistic:.4g} on {df} df, p = {p_value:.3g}"


def percent(conf_level: float) -> str:
    """A level of confidence as it is printed: 95%."""
    return f"{100 * conf_level:g}%"
