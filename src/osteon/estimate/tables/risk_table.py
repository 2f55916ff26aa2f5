"""The risk table: all that a non-parametric estimator needs to know, in a form that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, listed
from osteon.estimate.tables.contributions import (
    NOT_SAID,
    Contribution,
    check_label,
    digest_of,
)
from osteon.estimate.tables.counting import Counts, count
from osteon.estimate.tables.pooling import pooled, possible_transitions

_ROUNDING = 1e-12  # of the largest risk set: what is left when weights that are not whole cancel


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Weighted counts of who enters, who leaves and what happens, at each distinct time.

    The table holds no subject. Tables of several hospitals add up (``a + b``) to the table of
    their pooled histories, exactly where weights are whole numbers.

    Attributes
    ----------
    strata, states : tuple of str
        Names; the first state is the initial one.
    transitions : tuple of (str, str)
        ``(from_state, to_state)`` of each kind of event.
    time : ndarray of float, shape (k,)
        Distinct times at which anybody enters or leaves, ascending, in days.
    entries, exits : ndarray of float, shape (strata, states, k)
        Weight that enters the state's risk set just after, and leaves it just after, each time.
        An exit with an event is an exit too.
    events, events_squared : ndarray of float, shape (strata, transitions, k)
        Sum of weights, and of squared weights, of those who make the transition.
    time_zero : str
        The event from which days are counted; "not said" unless `labelled`.
    contributions : tuple of Contribution
        The centres whose counts these are; empty unless labelled or read from a file.

    Examples
    --------
    Six subjects, the second enters at day 3; tables of halves add up to the whole:

    >>> h = History.of(entry=[0, 3, 0, 0, 0, 0], exit=[9, 8, 1, 1, 6, 6], event=[1, 0, 1, 0, 1, 1])
    >>> table = risk_table(h)
    >>> table
    <RiskTable: 6 enter; 4 alive to dead; strata all; 6 times, days 0 to 9>
    >>> table.time.tolist()
    [0.0, 1.0, 3.0, 6.0, 8.0, 9.0]
    >>> table.at_risk[0, 0].tolist()
    [0.0, 5.0, 3.0, 4.0, 2.0, 1.0]
    >>> halves = [risk_table(h.where(np.arange(6) % 2 == i)) for i in (0, 1)]
    >>> (halves[0] + halves[1]).at_risk[0, 0].tolist()
    [0.0, 5.0, 3.0, 4.0, 2.0, 1.0]
    """

    strata: tuple[str, ...]
    states: tuple[str, ...]
    transitions: tuple[tuple[str, str], ...]
    time: Floats
    entries: Floats
    exits: Floats
    events: Floats
    events_squared: Floats
    time_zero: str = NOT_SAID
    contributions: tuple[Contribution, ...] = ()

    @cached_property
    def at_risk(self) -> Floats:
        """Weight at risk at each time, shape (strata, states, k).

        Those with ``entry < t <= exit``: who enters at *t* is not yet at risk, who is censored
        at *t* still is.
        """
        # Counted from the end: without delayed entry nothing is subtracted, so nothing is lost.
        at_risk = np.zeros_like(self.exits)
        left = self.exits.any(axis=(0, 2))
        at_risk[:, left] = _from_here_on(self.exits[:, left]) - _from_here_on(self.entries[:, left])
        at_risk[at_risk <= _ROUNDING * at_risk.max(initial=0.0)] = 0.0
        return at_risk

    @cached_property
    def whole(self) -> bool:
        """Whether every weight is a whole number, so that the table counts patients."""
        # Halves may add up to a whole; their squares do not.
        return self.events_squared is self.events or all(
            np.array_equal(counts, np.rint(counts))
            for counts in (self.entries, self.exits, self.events, self.events_squared)
        )

    @property
    def person_time(self) -> Floats:
        """Time at risk in days, shape (strata, states)."""
        return (self.exits - self.entries) @ self.time

    def risk_sets(
        self, stratum: str, *, causes: Sequence[str] | None = None, start: float = 0.0
    ) -> RiskSets:
        """Risk sets of the initial state in one stratum, after ``start``.

        Parameters
        ----------
        stratum : str
            Name of the stratum.
        causes : sequence of str, optional
            States whose entry is an event; all others count as censoring. Default: all.
        start : float
            Only times after ``start`` are kept, in days.

        Returns
        -------
        RiskSets

        Raises
        ------
        EstimateError
            If the stratum or a cause is unknown.
        """
        i = index_of("stratum", stratum, self.strata)
        which = self.causes(causes)
        after = slice(int(np.searchsorted(self.time, start, side="right")), None)
        exits = self.exits[i, 0, after]
        busy = self.entries[i, 0, after] + exits > 0
        keep = slice(None) if busy.all() else busy  # a view rather than a copy, where it serves
        return RiskSets(
            time=self.time[after][keep],
            at_risk=self.at_risk[i, 0, after][keep],
            exits=exits[keep],
            events=self.events[i, which, after][:, keep],
            causes=tuple(self.transitions[j][1] for j in which),
        )

    def causes(self, causes: Sequence[str] | None) -> list[int]:
        """Indices into ``transitions`` of those from the initial state to ``causes``.

        Parameters
        ----------
        causes : sequence of str or None
            States; None for all that the initial state leads to.

        Returns
        -------
        list of int

        Raises
        ------
        EstimateError
            If the initial state does not lead to one of them, or none is named.
        """
        initial = self.states[0]
        out = {to: j for j, (origin, to) in enumerate(self.transitions) if origin == initial}
        for cause in () if causes is None else some_causes(causes):
            if cause not in out:
                raise EstimateError(
                    f'nothing leads from "{initial}" to "{cause}"',
                    f"causes are {', '.join(out)}",
                    did_you_mean(cause, out),
                )
        return list(out.values()) if causes is None else [out[cause] for cause in causes]

    def __repr__(self) -> str:
        """How much is in it."""
        happened = self.events.sum(axis=(0, 2))
        moves = (f"{d:g} {a} to {b}" for d, (a, b) in zip(happened, self.transitions, strict=True))
        entered = self.entries.sum()
        facts = [f"{entered:g} enter", *moves, f"strata {', '.join(self.strata)}"]
        if self.time.size:
            facts.append(f"{self.time.size} times, days {self.time[0]:g} to {self.time[-1]:g}")
        return f"<RiskTable: {'; '.join(facts)}>"

    def labelled(self, *, centre: str, time_zero: str) -> RiskTable:
        """Say whose counts these are, and from which event their days are counted.

        Tables that say so are not added twice, and not to tables of another time zero.

        Parameters
        ----------
        centre : str
            The centre's label; each centre of a sum has its own.
        time_zero : str
            The event at day 0, by the protocol's name for it: the same text in every centre.

        Returns
        -------
        RiskTable
            The same counts with their labels.

        Raises
        ------
        EstimateError
            If a label is empty, or the table has labels already.
        """
        check_label("centre", centre)
        check_label("time_zero", time_zero)
        if self.time_zero != NOT_SAID:
            raise EstimateError(
                f'the table has a time zero already, "{self.time_zero}"',
                "counts are labelled once, by the centre that made them",
                "add it as it is",
            )
        parts = tuple(Contribution(centre, part.digest) for part in self.told)
        return replace(self, time_zero=time_zero, contributions=parts)

    @property
    def told(self) -> tuple[Contribution, ...]:
        """Its ``contributions``; of a table without any, itself as one of no name."""
        return self.contributions or (Contribution(NOT_SAID, self._digest),)

    @property
    def _digest(self) -> str:
        counts = (self.time, self.entries, self.exits, self.events, self.events_squared)
        return digest_of((self.strata, self.states, self.transitions), counts)

    def __add__(self, other: RiskTable) -> RiskTable:
        """Pool two tables: grids are united, strata, states and transitions matched by name.

        Names that differ only in case or spaces, different time zeros, and a centre or a file that
        is in both are refused.
        """
        expect(RiskTable, other=other)
        return replace(self, **pooled(self, other))

    def __radd__(self, nothing: object) -> RiskTable:
        """Let ``sum(tables)`` begin, as it does, with 0."""
        return self if nothing == 0 else NotImplemented


@dataclass(frozen=True, eq=False)
class RiskSets:
    """One stratum's initial state: who is at risk and what happens, at each time.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Times at which anybody enters or leaves, in days.
    at_risk, exits : ndarray of float, shape (k,)
        Weight at risk at, and leaving after, each time.
    events : ndarray of float, shape (causes, k)
        Weight with the event of each cause.
    causes : tuple of str
        State entered by each kind of event.
    """

    time: Floats
    at_risk: Floats
    exits: Floats
    events: Floats
    causes: tuple[str, ...]

    @property
    def all_events(self) -> Floats:
        """Events of any cause, shape (k,)."""
        return self.events.sum(axis=0)

    @property
    def censored(self) -> Floats:
        """Weight that leaves without one of the events, shape (k,)."""
        return self.exits - self.all_events

    @property
    def survivors(self) -> Floats:
        """At risk and without an event, shape (k,); exactly 0 when nobody is left."""
        left = self.at_risk - self.all_events
        return np.where(left > 1e-10 * self.at_risk, left, 0.0)


def risk_table(history: History) -> RiskTable:
    """Count a history into a risk table.

    Parameters
    ----------
    history : History
        Intervals ``(entry, exit]``; several intervals of one subject may follow each other.

    Returns
    -------
    RiskTable
        Its transitions are those that happen, and one from the initial state to each state that
        nobody enters, so that an outcome without events has a curve too: at 0.

    Raises
    ------
    EstimateError
        If the history is empty.

    Notes
    -----
    Whole days are counted on a grid of days where that is smaller than the data, other times are
    sorted; either way the table lists the distinct times observed. The counts could as well come
    from SQL (`counts_sql`) or from another hospital (`read_risk_table`). Weights are added in the
    order of the rows: whole ones exactly, others to rounding.

    Examples
    --------
    Three patients, the second seen from day 2 on, the third of weight 2:

    >>> table = risk_table(History.of(entry=[0, 2, 0], exit=[3, 5, 5], event=[1, 1, 0],
    ...                               weight=[1, 1, 2]))
    >>> table.time.tolist(), table.at_risk[0, 0].tolist(), table.events[0, 0].tolist()
    ([0.0, 2.0, 3.0, 5.0], [0.0, 3.0, 4.0, 3.0], [0.0, 0.0, 1.0, 1.0])
    """
    expect(History, history=history)
    if len(history) == 0:
        raise EstimateError("the history has no interval", do="look at the attrition")
    return table_of(count(history), history.strata, history.states)


def table_of(counts: Counts, strata: tuple[str, ...], states: tuple[str, ...]) -> RiskTable:
    """Risk table of counts by stratum and state."""
    happened = np.zeros((len(states), len(states)), dtype=bool)
    happened[: counts.moved.shape[1], 1:] = counts.moved.any(axis=(0, 3))
    transitions = possible_transitions(happened)
    events = _of_transitions(counts.moved, transitions)
    unweighted = counts.moved_squared is counts.moved
    return RiskTable(
        strata=strata,
        states=states,
        transitions=tuple((states[a], states[b]) for a, b in transitions),
        time=counts.time,
        entries=counts.entered,
        exits=counts.left,
        events=events,
        events_squared=events if unweighted else _of_transitions(counts.moved_squared, transitions),
    )


def _of_transitions(moved: Floats, transitions: list[tuple[int, int]]) -> Floats:
    """Rows of the transitions, shape (strata, transitions, k); not copied where it is all rows."""
    strata, origins, kinds, k = moved.shape
    rows = [origin * kinds + to - 1 for origin, to in transitions]
    moved = moved.reshape(strata, origins * kinds, k)
    return moved if rows == list(range(origins * kinds)) else moved[:, rows]


def index_of(kind: str, name: str, names: Sequence[str]) -> int:
    """Index of a name; `EstimateError` with the nearest name if there is none."""
    if not isinstance(name, str) or name not in names:
        raise EstimateError(
            f'there is no {kind} "{name}"' if isinstance(name, str) else f"the {kind} is no name",
            f"{kind} names are {', '.join(names)}",
            did_you_mean(name, names),
        )
    return list(names).index(name)


def some_causes(causes: object) -> tuple[str, ...]:
    """Names of one or more causes."""
    if isinstance(causes, list | tuple) and not all(isinstance(cause, str) for cause in causes):
        raise EstimateError("a cause is no text", "it must be the name of a state, one of `states`")
    named = listed("causes", causes)
    if not named:
        raise EstimateError(
            "`causes` names none", "an event has one or more", "leave it out for all of them"
        )
    return named


def _from_here_on(counts: Floats) -> Floats:
    return np.add.accumulate(counts[..., ::-1], axis=-1)[..., ::-1]
