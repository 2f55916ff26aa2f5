"""Event histories: what ``cohort`` hands to ``estimate``.

A subject is a row number, never an identifier; time is in days since the protocol's time zero,
never a calendar date. Conventions, stated once:

- an interval is ``(entry, exit]``: a subject entering at *t* is not at risk for an event at *t*;
- at a tied time, events come before censorings;
- ``to_state == CENSORED`` says that the interval ended without a transition.

What only a scan can find has no date: see `bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import (
    Floats,
    Integers,
    check_chosen,
    check_same_rows,
    codes_of,
    columns_by_name,
    counted,
    covariates_of,
    distinct,
    filled,
    in_order,
    names_of,
    numbers,
    range_of,
    refuse,
    times_of,
)
from osteon.contracts.courses import Succession, check_overlap, check_states, succession
from osteon.contracts.labels import strata_of, subjects_of
from osteon.errors import EstimateError

CENSORED = -1
YEAR_DAYS = 365.25
"""Length of a year wherever days become years."""


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
        check_chosen(keep, self.exit.size)
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
_ENTRY: Any = _Column(lambda given, n: filled(given, n, 0.0, np.float64))
_FROM_STATE: Any = _Column(lambda given, n: filled(given, n, 0, np.int64))
_SUBJECT: Any = _Column(lambda given, n: _subject(given, n))
_WEIGHT: Any = _Column(lambda given, n: filled(given, n, 1.0, np.float64))
_STRATUM: Any = _Column(lambda given, n: filled(given, n, 0, np.int64))


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
    >>> h
    <History: 3 intervals of 3 subjects; 2 to dead; strata all; days 0 to 120>
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
            As the attributes; what is left out takes the default named there. ``stratum`` may
            hold names instead of indices. Without ``strata`` the strata are what occurs in it:
            names, sorted or in the order of a categorical column, or numbers. ``exit`` and
            ``entry`` may be spans of time, as differences of dates are: they are taken in days.
            ``subject`` may hold texts, which are numbered and not kept. ``covariates`` may be a
            data frame (pandas, Polars, Arrow); categories are columns of 0 and 1.
        event : array_like of int, shape (n,)
            0 (or ``CENSORED``) where follow-up ended without an event, otherwise the index of the
            state entered.

        Raises
        ------
        EstimateError
            If shapes differ, a time is not finite, ``entry >= exit``, a weight is not positive,
            a code is not a whole number, or a state or stratum has no name; or if intervals of
            one subject overlap within a stratum or, where ``from_state`` tells of more states
            than the first, one is in another state than the one before led to.

        Notes
        -----
        Columns of whole or 64-bit numbers are kept as they are, not copied: do not write into
        them afterwards. Each is read once, for its extremes; ``subject``, where it is given and
        repeats, once more for the order of the intervals.

        A subject's intervals are checked as R's ``survcheck`` does, stratum by stratum: a patient
        may be in two strata at once, as a clone of an emulated trial is. "overlap" (and
        "duplicate") and "teleport" are refused, and so is an interval after a state in which
        nobody is ever seen, such as death. A "gap" is allowed: nobody is at risk unseen. A "jump",
        another state after a gap, is taken as late entry into it, which is right where being
        seen does not depend on the change. Events that recur without a change of state
        (``from_state`` left out) may follow each other as they like.

        Where a state is entered and left on one day, such as progression and death, an interval
        between them would have no length: give the patient the later event alone, or date the
        earlier one a stated fraction of a day before; what depends on it (the share ever in the
        state between, its hazard of death) is then that convention's.
        """
        by_name = columns_by_name(covariates)
        check_same_rows(
            {"exit": exit, "event": event, "entry": entry, "from_state": from_state}
            | {"subject": subject, "weight": weight, "stratum": stratum, **by_name}
        )
        strata_, names = strata_of(stratum, strata)
        optional: dict[str, Any] = {
            "entry": None if entry is None else times_of("entry", entry),
            "from_state": None if from_state is None else codes_of("from_state", from_state),
            "subject": None if subject is None else subjects_of(subject),
            "weight": None if weight is None else numbers("weight", weight),
            "stratum": strata_,
        }
        history = cls(
            exit=cast(Floats, times_of("exit", exit)),
            to_state=cast(Integers, _Event(codes_of("event", event))),
            states=names_of("states", states),
            strata=names,
            covariates=covariates_of(by_name),
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
        return {name: range_of(column) for name, column in given.items() if column is not None}

    @cached_property
    def succession(self) -> Succession | None:
        """Which interval of a subject follows which; None where every subject has one."""
        given = self.columns
        return succession(given.subject, given.entry, given.stratum)

    def __len__(self) -> int:
        return vars(self)["exit given"].size

    def __repr__(self) -> str:
        """How much is in it: no subject, and no value of a covariate."""
        given = self.columns
        n = len(self)
        subjects = n if given.subject is None else distinct(given.subject)
        into = [np.count_nonzero(given.event == code) for code in range(1, len(self.states))]
        moves = (f"{many} to {name}" for many, name in zip(into, self.states[1:], strict=True))
        facts = [
            f"{counted(n, 'interval')} of {counted(subjects, 'subject')}",
            ", ".join(moves),
            f"strata {', '.join(self.strata)}",
        ]
        if n:
            begin = self.ranges["entry"][0] if given.entry is not None else 0
            facts.append(f"days {begin:g} to {self.ranges['exit'][1]:g}")
        if given.weight is not None:
            facts.append("weighted")
        if self.covariates:
            facts.append(f"covariates {', '.join(self.covariates)}")
        return f"<History: {'; '.join(facts)}>"

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
                    f"`{name}` has shape {column.shape}"
                    + (f", `exit` has {len(self)} values" if name != "exit" else ""),
                    "every column has one value an interval",
                )
        if len(self):
            self._check_times()
            self._check_weight()
            self._check_codes("from_state", self.states)
            self._check_codes("event", self.states, lowest=CENSORED)
            self._check_codes("stratum", self.strata)
            self._check_courses()

    def _check_times(self) -> None:
        entry, exit_ = self.columns.entry, self.columns.exit
        extremes = (*self.ranges["exit"], *self.ranges.get("entry", ()))
        if not np.isfinite(extremes).all():
            bad = (
                ~np.isfinite(exit_) if entry is None else ~(np.isfinite(exit_) & np.isfinite(entry))
            )
            refuse(
                bad,
                "have a time that is missing or not finite",
                "give every interval an entry and an exit",
            )
        if in_order(entry, exit_) if entry is not None else self.ranges["exit"][0] > 0:
            return
        refuse(
            (0 if entry is None else entry) >= exit_,
            "end at or before they start",
            "leave them out and list them in the attrition; do not stretch them",
        )

    def _check_courses(self) -> None:
        given, found = self.columns, self.succession
        if found is None or given.subject is None:
            return
        check_overlap(found, given.subject, given.entry, given.exit)
        if given.from_state is not None and self.ranges["from_state"][1] > 0:
            check_states(
                found, given.subject, given.entry, given.exit, given.from_state, given.event
            )

    def _check_weight(self) -> None:
        weight = self.columns.weight
        if weight is None or 0 < self.ranges["weight"][0] <= self.ranges["weight"][1] < np.inf:
            return
        refuse(
            ~((weight > 0) & (weight < np.inf)),
            "have a weight that is not positive and finite",
            "leave out weight 0",
        )

    def _check_codes(self, name: str, names: tuple[str, ...], lowest: int = 0) -> None:
        least, most = self.ranges.get(name, (0, 0))
        if not lowest <= least <= most < len(names):
            codes = getattr(self.columns, name)
            of_names = "strata" if name == "stratum" else "states"
            from_one = name == "event" and least >= 1 and most == len(names) == 2
            refuse(
                (codes < lowest) | (codes >= len(names)),
                f"have a code in `{name}` that names none of {names}",
                "where 1 means censored and 2 dead, as `Surv` of R allows, give `status - 1`"
                if from_one
                else f"name them all, in order: `{of_names}=`",
            )


_OPTIONAL = ("entry", "from_state", "subject", "weight", "stratum")
_RANGED = ("exit", "event", "entry", "from_state", "weight", "stratum")


def _to_state(given: Any) -> Integers:
    if isinstance(given, _Event):
        return np.where(given.codes == 0, CENSORED, given.codes).astype(np.int64, copy=False)
    return np.asarray(given, dtype=np.int64)


def _subject(given: NDArray | None, n: int) -> Integers:
    return np.arange(n) if given is None else np.asarray(given, dtype=np.int64)
