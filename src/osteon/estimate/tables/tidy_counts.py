"""A risk table as a tidy list of counts: what `counts_sql` returns, and what a file holds."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers, names_of, numbers
from osteon.contracts.labels import strata_of
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect
from osteon.estimate.tables.contributions import refuse_alike
from osteon.estimate.tables.pooling import possible_transitions
from osteon.estimate.tables.risk_table import RiskTable

_ROUNDING = 1e-9  # of all that entered: what sums of weights that are not whole may be off by


def risk_table_of_counts(
    counts: Any,
    *,
    states: Sequence[str] = ("alive", "dead"),
    strata: Sequence[str] | None = None,
) -> RiskTable:
    """Risk table of counts that were made elsewhere.

    Parameters
    ----------
    counts : mapping of str to array_like of shape (rows,), pandas.DataFrame or pyarrow.Table
        Columns ``time`` (days since time zero), ``entries``, ``exits``, ``events``,
        ``events_squared`` (weights, and for the last squared weights, summed) and ``to_state``;
        optionally ``from_state`` (default:
        the initial state), ``stratum`` (default: one) and ``faults``. States and strata are names
        or indices; ``to_state`` is 0 or missing for entries and for exits without a transition.
        Rows may repeat: they add up.
    states : sequence of str
        Names of the states, the initial one first.
    strata : sequence of str, optional
        Names of the strata, in order. Default: the names found, sorted, which must not differ in
        case or spaces alone; for indices their numbers; "all" without the column.

    Returns
    -------
    RiskTable
        Equal to ``risk_table(history)`` to the bit where weights are whole numbers.

    Raises
    ------
    EstimateError
        If a column is missing, a name unknown or like another, a count negative or not finite, a
        row was at
        fault, or more leave a state than have entered it.

    Examples
    --------
    Two enter at 0; one dies on day 3, one is censored on day 5:

    >>> table = risk_table_of_counts({
    ...     "time": [0, 3, 5], "to_state": [None, "dead", None], "entries": [2, 0, 0],
    ...     "exits": [0, 1, 1], "events": [0, 1, 0], "events_squared": [0, 1, 0],
    ... })
    >>> table.at_risk[0, 0].tolist(), table.events[0, 0].tolist()
    ([0.0, 2.0, 1.0], [0.0, 1.0, 0.0])
    """
    states = names_of("states", states)
    _refuse_faults(counts)
    entries, exits, events, squared = (
        _amounts(counts, name) for name in ("entries", "exits", "events", "events_squared")
    )
    stratum, strata = _strata(counts, strata, entries.size)
    origin = _indices("from_state", _column(counts, "from_state", optional=True), states)
    origin = np.zeros(entries.size, dtype=np.intp) if origin is None else origin
    to = _indices("to_state", _column(counts, "to_state"), states, missing=0)
    time = _amounts(counts, "time", signed=True)
    if len({x.shape for x in (time, entries, exits, events, squared, stratum, origin, to)}) > 1:
        raise EstimateError("the columns of the counts differ in length", "one value a row each")
    used = entries + exits > 0
    used |= (events > 0) & (to > 0)
    if not used.any():
        raise EstimateError("the counts are of nobody", do="look at the attrition")
    time, place = np.unique(time[used], return_inverse=True)
    at = (stratum[used], origin[used], to[used], place)

    def summed(amounts: Floats, *index: int) -> Floats:
        shape = (len(strata), *(len(states) for _ in index[1:-1]), time.size)
        flat = np.ravel_multi_index(tuple(at[i] for i in index), shape)
        total = np.bincount(flat, amounts[used], minlength=int(np.prod(shape)))
        return total.reshape(shape).astype(np.float64, copy=False)

    left = summed(events, 0, 1, 2, 3)
    transitions = possible_transitions(left.sum(axis=(0, 3)) > 0)
    a, b = np.array(transitions, dtype=np.intp).reshape(-1, 2).T
    table = RiskTable(
        strata=strata,
        states=states,
        transitions=tuple((states[i], states[j]) for i, j in transitions),
        time=time,
        entries=summed(entries, 0, 1, 3),
        exits=summed(exits, 0, 1, 3),
        events=left[:, a, b],
        events_squared=summed(squared, 0, 1, 2, 3)[:, a, b],
    )
    _refuse_imbalance(table)
    return table


def tidy_counts(table: RiskTable) -> dict[str, NDArray]:
    """The table's counts that are not 0, one row each: the inverse of `risk_table_of_counts`.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`, or a sum of such.

    Returns
    -------
    dict of str to ndarray, shape (rows,)
        ``stratum``, ``from_state``, ``to_state`` (indices; ``to_state`` 0 for entries and exits),
        ``time`` in days, ``entries``, ``exits``, ``events``, ``events_squared``.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[3, 5, 5], event=[1, 0, 1]))
    >>> counts = tidy_counts(table)
    >>> counts["time"].tolist(), counts["exits"].tolist(), counts["events"].tolist()
    ([0.0, 3.0, 5.0, 3.0, 5.0], [0.0, 1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0])
    """
    expect(RiskTable, table=table)
    moves = (table.entries != 0) | (table.exits != 0)
    stratum, state, at = np.nonzero(moves)
    stratum_e, transition, at_e = np.nonzero(table.events)
    ends = np.array([[table.states.index(x) for x in pair] for pair in table.transitions])
    ends = ends.reshape(-1, 2)
    nothing, none = np.zeros(stratum.size), np.zeros(stratum_e.size)
    return {
        "stratum": np.concatenate([stratum, stratum_e]),
        "from_state": np.concatenate([state, ends[transition, 0]]),
        "to_state": np.concatenate([np.zeros_like(state), ends[transition, 1]]),
        "time": table.time[np.concatenate([at, at_e])],
        "entries": np.concatenate([table.entries[moves], none]),
        "exits": np.concatenate([table.exits[moves], none]),
        "events": np.concatenate([nothing, table.events[stratum_e, transition, at_e]]),
        "events_squared": np.concatenate(
            [nothing, table.events_squared[stratum_e, transition, at_e]]
        ),
    }


def _column(counts: Any, name: str, optional: bool = False) -> Any:
    try:
        values = counts[name]
    except (KeyError, ValueError, TypeError, IndexError):
        if optional:
            return None
        raise EstimateError(
            f"the counts have no column `{name}`",
            "they are the result of `counts_sql`, or of `tidy_counts`",
        ) from None
    if isinstance(values, np.ma.MaskedArray):  # as DuckDB's fetchnumpy() marks what is missing
        return np.array(values.tolist(), dtype=object)
    return np.asarray(values)


def _amounts(counts: Any, name: str, signed: bool = False) -> Floats:
    amounts = numbers(name, _column(counts, name))
    bad = ~np.isfinite(amounts) | (not signed and amounts < 0)
    if np.any(bad):
        raise EstimateError(
            f"{int(np.sum(bad))} of {amounts.size} rows of the counts have a `{name}` that is "
            + ("not finite" if signed else "negative or not finite"),
            do="look for missing values in the history that was counted",
        )
    return amounts


def _strata(counts: Any, strata: Sequence[str] | None, n: int) -> tuple[Integers, tuple[str, ...]]:
    given = _column(counts, "stratum", optional=True)
    if given is None:
        names = ("all",) if strata is None else names_of("strata", strata)
        return np.zeros(n, dtype=np.intp), names
    if strata is None and given.dtype.kind in "iuf":
        codes, found = strata_of(given, None)
        return np.asarray(codes, dtype=np.intp), found
    names = names_of("strata", strata) if strata is not None else _found(given)
    return _indices("stratum", given, names), names


def _found(strata: NDArray) -> tuple[str, ...]:
    found = sorted({str(name) for name in strata if not _is_missing(name)})
    refuse_alike("strata", *([name] for name in found))
    return tuple(found)


def _indices(
    name: str, values: NDArray | None, names: tuple[str, ...], missing: int | None = None
) -> Any:
    """Indices into ``names`` of names or indices."""
    if values is None:
        return None
    place: dict[Any, int] = {x: i for i, x in enumerate(names)}
    place |= dict(enumerate(range(len(names))))
    kinds, where = _distinct(values)
    unknown = [k for k in kinds if k not in place and (missing is None or not _is_missing(k))]
    if unknown:
        raise EstimateError(
            f"the counts have a `{name}` {unknown[0]!r} without a name",
            f"names are {', '.join(names)}",
            did_you_mean(str(unknown[0]), names),
        )
    return np.array([place.get(kind, missing) for kind in kinds], dtype=np.intp)[where]


def _distinct(values: NDArray) -> tuple[list[Any], Integers]:
    if values.dtype.kind in "iufU":
        kinds, where = np.unique(values, return_inverse=True)
        return kinds.tolist(), where
    first: dict[Any, int] = {}
    present = [None if _is_missing(value) else value for value in values]
    where = np.array([first.setdefault(value, len(first)) for value in present], dtype=np.intp)
    return list(first), where


def _is_missing(value: Any) -> bool:
    """None, nan, and what pandas and others put in their place."""
    return not isinstance(value, str | Number) or value != value


def _refuse_faults(counts: Any) -> None:
    faults = _column(counts, "faults", optional=True)
    bad = 0 if faults is None else int(np.nansum(np.asarray(faults, dtype=np.float64)))
    if bad:
        raise EstimateError(
            f"{bad} rows of the history that was counted end at or before they start, have a "
            "weight that is not positive, or miss a value",
            do="leave them out and list them in the attrition; do not stretch them",
        )


def _refuse_imbalance(table: RiskTable) -> None:
    entered, left = np.cumsum(table.entries, axis=-1), np.cumsum(table.exits, axis=-1)
    # Who leaves at t entered before t.
    before = np.concatenate([np.zeros_like(entered[..., :1]), entered[..., :-1]], axis=-1)
    tolerance = _ROUNDING * max(float(entered.max()), 1.0)
    events = np.zeros_like(table.exits)
    for j, (origin, _) in enumerate(table.transitions):
        events[:, table.states.index(origin)] += table.events[:, j]
    if (
        (left > before + tolerance).any()
        or (entered[..., -1] > left[..., -1] + tolerance).any()
        or (events > table.exits + tolerance).any()
    ):
        raise EstimateError(
            "the counts do not balance: in some state more leave than have entered, or fewer",
            "every interval is counted once as it starts and once as it ends",
            "count both ends of the same rows, as `counts_sql` does",
        )
