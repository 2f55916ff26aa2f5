"""Adding up two risk tables: grids are united; strata, states and transitions go by their names."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.tables.contributions import (
    Contribution,
    refuse_alike,
    refuse_other_time_zero,
    refuse_repeated,
)

Name = TypeVar("Name")


class _Summand(Protocol):
    """What of a `RiskTable` is added up, by the names it has there."""

    @property
    def strata(self) -> tuple[str, ...]: ...
    @property
    def states(self) -> tuple[str, ...]: ...
    @property
    def transitions(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def time(self) -> Floats: ...
    @property
    def events(self) -> Floats: ...
    @property
    def time_zero(self) -> str: ...
    @property
    def contributions(self) -> tuple[Contribution, ...]: ...
    @property
    def told(self) -> tuple[Contribution, ...]: ...


def pooled(first: _Summand, second: _Summand) -> dict[str, Any]:
    """What the table of both tables' pooled histories has that either has not.

    Parameters
    ----------
    first, second : RiskTable
        Of different patients.

    Returns
    -------
    dict of str to object
        Attributes of the sum, by name.

    Raises
    ------
    EstimateError
        If names differ only in case or spaces, the tables start in different states or count from
        different time zeros, or a centre or a file is in both.
    """
    contributions = _contributions(first, second)
    strata = _union(first.strata, second.strata)
    states = _union(first.states, second.states)
    if states[0] != second.states[0]:
        raise EstimateError(
            f'the tables start in different states, "{states[0]}" and "{second.states[0]}"',
            "the first state is the initial one",
            "build both from histories with the same `states`",
        )
    transitions = _transitions(first, second, states)
    time = np.union1d(first.time, second.time)

    def total(name: str, names: tuple) -> Floats:
        added = np.zeros((len(strata), len(names), time.size))
        for table in (first, second):
            of_table = table.states if names is states else table.transitions
            rows = np.array([strata.index(stratum) for stratum in table.strata])
            kept = [j for j, x in enumerate(of_table) if x in names]
            columns = np.array([names.index(of_table[j]) for j in kept], dtype=np.intp)
            places = np.ix_(rows, columns, np.searchsorted(time, table.time))
            added[places] += getattr(table, name)[:, kept]
        return added

    return {
        "strata": strata,
        "states": states,
        "transitions": transitions,
        "time": time,
        "entries": total("entries", states),
        "exits": total("exits", states),
        "events": total("events", transitions),
        "events_squared": total("events_squared", transitions),
        "contributions": contributions,
    }


def possible_transitions(happened: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Those that happened, and one from the initial state to each state that nobody enters."""
    seen = {(int(a), int(b)) for a, b in zip(*np.nonzero(happened), strict=True) if b > 0}
    entered = {to for _, to in seen}
    never = {(0, to) for to in range(1, happened.shape[0]) if to not in entered}
    return sorted(seen | never)


def _contributions(first: _Summand, second: _Summand) -> tuple[Contribution, ...]:
    """Whose counts the sum holds; refuses what must not be added."""
    for kind in ("strata", "states"):
        a, b = getattr(first, kind), getattr(second, kind)
        refuse_alike(kind, [x for x in a if x not in b], [x for x in b if x not in a])
    refuse_other_time_zero(first.time_zero, second.time_zero)
    if not first.contributions and not second.contributions:
        return ()
    refuse_repeated(first.told, second.told)
    return first.told + second.told


def _transitions(
    first: _Summand, second: _Summand, states: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Transitions as `risk_table` of the pooled history would list them."""
    happened = np.zeros((len(states), len(states)), dtype=bool)
    for table in (first, second):
        for j, (origin, to) in enumerate(table.transitions):
            happened[states.index(origin), states.index(to)] |= table.events[:, j].any()
    return tuple((states[a], states[b]) for a, b in possible_transitions(happened))


def _union(first: tuple[Name, ...], second: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(first + second))
