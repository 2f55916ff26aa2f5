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
    width = max(map(len, ratios), default=0)
    rows = [
        f"  {name:<{width}}  {r.estimate:.4g} ({r.conf_low:.4g} to {r.conf_high:.4g}), "
        f"p = {r.p_value:.3g}"
        for name, r in ratios.items()
    ]
    head, *said = shown(kind, facts, cautions).split("\n")
    return "\n".join([head, *rows, *said])


def percent(conf_level: float) -> str:
    """A level of confidence as it is printed: 95%."""
    return f"{100 * conf_level:g}%"
