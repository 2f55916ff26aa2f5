"""Event histories: what ``cohort`` hands to ``estimate``.

A subject is a row number, never an identifier; time is in days since the protocol's time zero,
never a calendar date. Conventions, stated once:

- an interval is ``(entry, exit]``: a subject entering at *t* is not at risk for an event at *t*;
- at a tied time, events come before censorings;
- ``to_state == CENSORED`` says that the interval ended without a transition;
- what only a scan can find has no date: it lies in ``(left, right]``, ``right = inf`` where it
  was never found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.errors import EstimateError

CENSORED = -1
YEAR_DAYS = 365.25
"""Length of a year wherever days become years."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BLOCK = 2**16  # rows of a column that stay in the processor's cache between two questions


@dataclass(frozen=True, eq=False)
class Columns:
    """A history's columns as they were given: whole numbers stay whole, defaults stay unwritten.

    A million patients cost the bytes that were handed in, and no more. Estimators read the
    attributes of `History`, which are always 64 bits wide; what counts rows reads these.

    Attributes
    ----------
    exit : ndarray of int or float, shape (n,)
        As in `History`.
    event : ndarray of int, shape (n,)
        0 or ``CENSORED`` where the interval ended without a transition, else the state entered.
    entry, from_state, subject, weight, stratum : ndarray of shape (n,), or None
        As in `History`; None for the default.
    """

    exit: NDArray
    event: NDArray
    entry: NDArray | None = None
    from_state: NDArray | None = None
    subject: NDArray | None = None
    weight: NDArray | None = None
    stratum: NDArray | None = None

    def where(self, keep: NDArray[np.bool_]) -> Columns:
        """Return the chosen rows; a subject keeps the number of its row.

        Parameters
        ----------
        keep : ndarray of bool, shape (n,)
            Which rows.

        Returns
        -------
        Columns
        """
        _check_chosen(keep, self.exit.size)
        of_rows = {name: value for name, value in vars(self).items() if value is not None}
        of_rows.setdefault("subject", np.arange(self.exit.size))
        return Columns(**{name: value[keep] for name, value in of_rows.items()})


class _Column:
    """A field that is kept as it was given and read as 64-bit numbers."""

    def __init__(self, read: Callable[[Any, int], NDArray], required: bool = False) -> None:
        self.read, self.required = read, required

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, history: History | None, owner: type) -> Any:
        if history is None:  # asked by `dataclass` for the default
            if self.required:
                raise AttributeError(self.name)
            return None
        if self.name not in vars(history):
            given = vars(history)[f"{self.name} given"]
            vars(history)[self.name] = self.read(given, len(history))
        return vars(history)[self.name]

    def __set__(self, history: History, given: Any) -> None:
        vars(history)[f"{self.name} given"] = given


@dataclass(frozen=True, eq=False)
class _Event:
    """State entered at the end of an interval, 0 for none: as `History.of` takes it."""

    codes: NDArray


# The fields of `History`, by how each is read.
_EXIT: Any = _Column(lambda given, n: np.asarray(given, dtype=np.float64), required=True)
_TO_STATE: Any = _Column(lambda given, n: _to_state(given), required=True)
_ENTRY: Any = _Column(lambda given, n: _filled(given, n, 0.0, np.float64))
_FROM_STATE: Any = _Column(lambda given, n: _filled(given, n, 0, np.int64))
_SUBJECT: Any = _Column(lambda given, n: _subject(given, n))
_WEIGHT: Any = _Column(lambda given, n: _filled(given, n, 1.0, np.float64))
_STRATUM: Any = _Column(lambda given, n: _filled(given, n, 0, np.int64))


@dataclass(frozen=True, eq=False, kw_only=True)
class History:
    """Intervals that subjects spend in one state, and the transition that ends each.

    Build one with `History.of`, which checks it. Read, every column is 64 bits wide; `columns`
    has them as they were given.

    Attributes
    ----------
    entry, exit : ndarray of float, shape (n,)
        Interval ``(entry, exit]`` in days since time zero; ``entry < exit``.
    to_state : ndarray of int, shape (n,)
        Index into ``states`` of the state entered at ``exit``, or ``CENSORED``.
    from_state : ndarray of int, shape (n,)
        Index into ``states`` of the state the interval is spent in. Default 0.
    subject : ndarray of int, shape (n,)
        Row number of the subject; several intervals may share one. Default ``0..n-1``.
    weight : ndarray of float, shape (n,)
        Case weight, positive. Default 1.
    stratum : ndarray of int, shape (n,)
        Index into ``strata``. Default 0.
    states, strata : tuple of str
        Names, in the order of their indices.
    covariates : mapping of str to ndarray of float, shape (n,)
        Values that hold during the interval.

    Examples
    --------
    Three patients, the second enters late at day 30, the third is censored:

    >>> h = History.of(entry=[0, 30, 0], exit=[90, 60, 120], event=[1, 1, 0])
    >>> h.states, h.to_state.tolist()
    (('alive', 'dead'), [1, 1, -1])
    """

    exit: Floats = _EXIT
    to_state: Integers = _TO_STATE
    entry: Floats = _ENTRY
    from_state: Integers = _FROM_STATE
    subject: Integers = _SUBJECT
    weight: Floats = _WEIGHT
    stratum: Integers = _STRATUM
    states: tuple[str, ...] = ("alive", "dead")
    strata: tuple[str, ...] = ("all",)
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        exit: ArrayLike,
        event: ArrayLike,
        entry: ArrayLike | None = None,
        from_state: ArrayLike | None = None,
        subject: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        stratum: ArrayLike | None = None,
        states: tuple[str, ...] = ("alive", "dead"),
        strata: tuple[str, ...] | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> History:
        """Build and check a history; ``event`` is 0 for censored, else the state entered.

        Parameters
        ----------
        exit, entry, from_state, subject, weight, stratum, states, strata, covariates
            As the attributes; what is left out takes the default named there.
        event : array_like of int, shape (n,)
            0 where follow-up ended without an event, otherwise the index of the state entered.

        Raises
        ------
        EstimateError
            If shapes differ, a time is not finite, ``entry >= exit``, a weight is not positive,
            a code is not a whole number, or a state or stratum has no name.

        Notes
        -----
        Columns of whole or 64-bit numbers are kept as they are, not copied: do not write into
        them afterwards. Each is read once, for its extremes.
        """
        strata_ = None if stratum is None else _codes("stratum", stratum)
        if strata is None:
            strata = ("all",) if strata_ is None else _numbered(strata_)
        optional: dict[str, Any] = {
            "entry": None if entry is None else _times("entry", entry),
            "from_state": None if from_state is None else _codes("from_state", from_state),
            "subject": None if subject is None else _codes("subject", subject),
            "weight": None if weight is None else numbers("weight", weight),
            "stratum": strata_,
        }
        history = cls(
            exit=cast(Floats, _times("exit", exit)),
            to_state=cast(Integers, _Event(_codes("event", event))),
            states=_names("states", states),
            strata=_names("strata", strata),
            covariates=_covariates(covariates),
            **optional,
        )
        history._check()
        return history

    @cached_property
    def columns(self) -> Columns:
        """The columns as they were given."""
        given = {name: vars(self)[f"{name} given"] for name in _OPTIONAL}
        ended = vars(self)["to_state given"]
        event = ended.codes if isinstance(ended, _Event) else np.maximum(ended, 0)
        return Columns(exit=vars(self)["exit given"], event=event, **given)

    @cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of each column but ``subject`` that was given."""
        given = {name: getattr(self.columns, name) for name in _RANGED}
        return {name: _range(column) for name, column in given.items() if column is not None}

    def __len__(self) -> int:
        return vars(self)["exit given"].size

    def where(self, keep: NDArray[np.bool_]) -> History:
        """Return the intervals for which ``keep`` is true; states and strata keep their names.

        Parameters
        ----------
        keep : ndarray of bool, shape (n,)
            Which intervals.

        Returns
        -------
        History
        """
        kept = vars(self.columns.where(keep)).copy()
        return History(
            to_state=cast(Integers, _Event(kept.pop("event"))),
            states=self.states,
            strata=self.strata,
            covariates={name: values[keep] for name, values in self.covariates.items()},
            **kept,
        )

    def _check(self) -> None:
        given = self.columns
        for name, column in (vars(given) | dict(self.covariates)).items():
            if column is not None and column.shape != (len(self),):
                raise EstimateError(
                    f"`{name}` has shape {column.shape}, `exit` has {len(self)} values",
                    "every column has one value an interval",
                )
        if len(self):
            self._check_times()
            self._check_weight()
            self._check_codes("from_state", self.states)
            self._check_codes("event", self.states, lowest=CENSORED)
            self._check_codes("stratum", self.strata)

    def _check_times(self) -> None:
        entry, exit_ = self.columns.entry, self.columns.exit
        extremes = (*self.ranges["exit"], *self.ranges.get("entry", ()))
        if not np.isfinite(extremes).all():
            bad = (
                ~np.isfinite(exit_) if entry is None else ~(np.isfinite(exit_) & np.isfinite(entry))
            )
            _refuse(
                bad, "have a time that is not finite", "give every interval an entry and an exit"
            )
        if _in_order(entry, exit_) if entry is not None else self.ranges["exit"][0] > 0:
            return
        _refuse(
            (0 if entry is None else entry) >= exit_,
            "end at or before they start",
            "leave them out and list them in the attrition; do not stretch them",
        )

    def _check_weight(self) -> None:
        weight = self.columns.weight
        if weight is None or 0 < self.ranges["weight"][0] <= self.ranges["weight"][1] < np.inf:
            return
        _refuse(
            ~((weight > 0) & (weight < np.inf)),
            "have a weight that is not positive and finite",
            "leave out weight 0",
        )

    def _check_codes(self, name: str, names: tuple[str, ...], lowest: int = 0) -> None:
        least, most = self.ranges.get(name, (0, 0))
        if not lowest <= least <= most < len(names):
            codes = getattr(self.columns, name)
            _refuse(
                (codes < lowest) | (codes >= len(names)),
                f"have a `{name}` outside {names}",
                "name every state and stratum",
            )


@dataclass(frozen=True, eq=False)
class Bounds:
    """Times known only to lie in ``(left, right]``.

    Attributes
    ----------
    left, right : ndarray of float, shape (n,)
        Days since time zero, ``left < right`` or, for a time known exactly, ``left == right``;
        ``right = inf`` where the event was not yet found when last looked for.
    stratum : ndarray of int, shape (n,)
        Index into ``strata``. Default 0.
    entry : ndarray of float, shape (n,)
        Left truncation, in days: the subject could be seen only because its time is after
        ``entry``; ``entry <= left``, and ``entry < right``. Default 0, which is none.
    weight : ndarray of float, shape (n,)
        Case weight, positive. Default 1.
    strata : tuple of str
        Names, in the order of their indices.
    covariates : mapping of str to ndarray of float, shape (n,)
        Values at time zero.

    Examples
    --------
    Seen on the scan of day 90 and not on that of day 30; never seen until day 400:

    >>> Bounds.of(left=[30, 400], right=[90, np.inf]).right.tolist()
    [90.0, inf]
    """

    left: Floats
    right: Floats
    stratum: Integers
    entry: Floats
    weight: Floats
    strata: tuple[str, ...] = ("all",)
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        left: ArrayLike,
        right: ArrayLike,
        stratum: ArrayLike | None = None,
        strata: tuple[str, ...] = ("all",),
        entry: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> Bounds:
        """Build and check bounds.

        Parameters
        ----------
        left, right, stratum, strata, entry, weight, covariates
            As the attributes; what is left out takes the default named there.

        Raises
        ------
        EstimateError
            If shapes differ, ``left > right``, a left bound or an entry is negative or not
            finite, an entry is after the left bound (or at an exact time), a weight is not
            positive, or a stratum has no name.
        """
        left_ = numbers("left", left)
        bounds = cls(
            left=left_,
            right=numbers("right", right),
            stratum=_filled(
                None if stratum is None else _codes("stratum", stratum), left_.size, 0, np.int64
            ),
            entry=_filled(
                None if entry is None else numbers("entry", entry), left_.size, 0.0, np.float64
            ),
            weight=_filled(
                None if weight is None else numbers("weight", weight), left_.size, 1.0, np.float64
            ),
            strata=_names("strata", strata),
            covariates=_covariates(covariates),
        )
        bounds._check()
        return bounds

    def __len__(self) -> int:
        return self.left.size

    def where(self, keep: NDArray[np.bool_] | Integers) -> Bounds:
        """Return the subjects for which ``keep`` is true, or whose rows it lists.

        Parameters
        ----------
        keep : ndarray of bool, shape (n,), or of int, shape (m,)
            Which subjects.

        Returns
        -------
        Bounds
        """
        _check_chosen(keep, len(self))
        return Bounds(
            **{name: getattr(self, name)[keep] for name in _PER_BOUND},
            strata=self.strata,
            covariates={name: values[keep] for name, values in self.covariates.items()},
        )

    def _check(self) -> None:
        for name in (*_PER_BOUND, *self.covariates):
            column = self.covariates[name] if name in self.covariates else getattr(self, name)
            if column.shape != (len(self),):
                raise EstimateError(
                    f"`{name}` has shape {column.shape}, `left` has {len(self)} values",
                    "every column has one value a subject",
                )
        _refuse(
            ~(self.left >= 0) | ~np.isfinite(self.left),
            "have a left bound that is negative or not finite",
            "measure time from a point at which nobody could have had the event",
        )
        _refuse(~(self.left <= self.right), "end before they start", "swap or drop them")
        _refuse(
            ~(self.entry >= 0) | ~np.isfinite(self.entry),
            "have an entry that is negative or not finite",
            "leave `entry` out where nobody enters late",
        )
        _refuse(
            ~((self.entry <= self.left) & ((self.entry < self.right) | (self.entry == 0))),
            "may have had the event before they entered",
            "who enters late is known to be free of it then: an exam without it is the entry",
        )
        _refuse(
            ~((self.weight > 0) & (self.weight < np.inf)),
            "have a weight that is not positive and finite",
            "leave out weight 0",
        )
        unnamed = (self.stratum < 0) | (self.stratum >= len(self.strata))
        _refuse(unnamed, f"have a `stratum` outside {self.strata}", "name every stratum")


_PER_BOUND = ("left", "right", "stratum", "entry", "weight")
_OPTIONAL = ("entry", "from_state", "subject", "weight", "stratum")
_RANGED = ("exit", "event", "entry", "from_state", "weight", "stratum")


def numbers(name: str, values: ArrayLike) -> Floats:
    """Values as 64-bit floats; a missing one is nan.

    Raises
    ------
    EstimateError
        If they are no numbers, or rows of different lengths.

    Examples
    --------
    >>> numbers("times", [30, None]).tolist()
    [30.0, nan]
    """
    return np.asarray(_numeric(name, values), dtype=np.float64)


def _numeric(name: str, values: ArrayLike) -> NDArray:
    """Numbers of whatever type they have; objects as floats."""
    try:
        given = np.asarray(values)
        if given.dtype.kind == "O":
            given = given.astype(np.float64)
    except (TypeError, ValueError):
        raise _no_numbers(name) from None
    if values is None or given.dtype.kind not in "biuf":
        raise _no_numbers(name)
    return given


def _no_numbers(name: str) -> EstimateError:
    return EstimateError(
        f"`{name}` does not hold numbers",
        "texts and calendar dates are none",
        "count dates in days since time zero, and give names as their indices",
    )


def _covariates(given: Mapping[str, ArrayLike] | None) -> dict[str, Floats]:
    if not isinstance(given, Mapping | None):
        raise EstimateError(
            f"`covariates` is a {type(given).__name__}",
            "it is a mapping of names to one value a row",
            'write `covariates={"age": [61, 70, 58]}`',
        )
    return {name: numbers(name, values) for name, values in (given or {}).items()}


def _names(what: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """Names as a tuple; each once."""
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else ()
    if len(set(names)) < len(names) or not names:
        raise EstimateError(
            f"`{what}` is {given!r}",
            "it is one or more names, each once",
            f'write `{what}=("a", "b")`',
        )
    return names


def _times(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, anything else as 64-bit floats."""
    given = _numeric(name, values)
    return given if given.dtype.kind in "iu" else np.asarray(given, dtype=np.float64)


def _codes(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, true and false as 1 and 0, floats if they are whole."""
    given = _numeric(name, values)
    if given.dtype.kind == "b":
        return given.view(np.int8)
    if given.dtype.kind in "iu":
        return given
    whole = np.asarray(given, dtype=np.float64)
    _refuse(
        ~np.isfinite(whole) | (whole != np.trunc(whole)),
        f"have a `{name}` that is not a whole number",
        "give the index of a name",
    )
    return whole.astype(np.int64)


def _numbered(codes: NDArray) -> tuple[str, ...]:
    return tuple(str(i) for i in range(int(codes.max(initial=0)) + 1))


def _to_state(given: Any) -> Integers:
    if isinstance(given, _Event):
        return np.where(given.codes == 0, CENSORED, given.codes).astype(np.int64, copy=False)
    return np.asarray(given, dtype=np.int64)


def _subject(given: NDArray | None, n: int) -> Integers:
    return np.arange(n) if given is None else np.asarray(given, dtype=np.int64)


def _filled(values: NDArray | None, n: int, default: float, dtype: type) -> NDArray:
    return np.full(n, default, dtype=dtype) if values is None else np.asarray(values, dtype=dtype)


def _check_chosen(keep: NDArray, n: int) -> None:
    if np.asarray(keep).dtype == bool and np.shape(keep) != (n,):
        raise EstimateError(
            f"`keep` has shape {np.shape(keep)}, there are {n} rows", "it has one value a row"
        )


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, n, _BLOCK))


def _range(column: NDArray) -> tuple[float, float]:
    """Lowest and highest value, nan if there is one; read from memory once."""
    if column.size <= _BLOCK:
        return column.min().item(), column.max().item()
    blocks = [column[block] for block in _blocks(column.size)]
    lowest = np.array([block.min() for block in blocks], dtype=column.dtype)
    highest = np.array([block.max() for block in blocks], dtype=column.dtype)
    return lowest.min().item(), highest.max().item()


def _in_order(entry: NDArray, exit_: NDArray) -> bool:
    return all(bool((entry[block] < exit_[block]).all()) for block in _blocks(exit_.size))


def _refuse(bad: NDArray[np.bool_], what: str, do: str) -> None:
    if bad.any():
        raise EstimateError(f"{int(bad.sum())} of {bad.size} rows {what}", do=do)
