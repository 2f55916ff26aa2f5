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

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.errors import EstimateError

CENSORED = -1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class History:
    """Intervals that subjects spend in one state, and the transition that ends each.

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

    entry: Floats
    exit: Floats
    to_state: Integers
    from_state: Integers
    subject: Integers
    weight: Floats
    stratum: Integers
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
            or a state or stratum has no name.
        """
        exit_ = np.asarray(exit, dtype=np.float64)
        n = exit_.size
        event_ = np.asarray(event).astype(np.int64)
        stratum_ = _column(stratum, n, 0, np.int64)
        if strata is None:
            strata = (
                tuple(str(i) for i in range(int(stratum_.max(initial=0)) + 1))
                if stratum is not None
                else ("all",)
            )
        history = cls(
            entry=_column(entry, n, 0.0, np.float64),
            exit=exit_,
            to_state=np.where(event_ == 0, CENSORED, event_),
            from_state=_column(from_state, n, 0, np.int64),
            subject=np.arange(n) if subject is None else np.asarray(subject, dtype=np.int64),
            weight=_column(weight, n, 1.0, np.float64),
            stratum=stratum_,
            states=states,
            strata=strata,
            covariates={
                name: np.asarray(values, dtype=np.float64)
                for name, values in (covariates or {}).items()
            },
        )
        history._check()
        return history

    def __len__(self) -> int:
        return self.exit.size

    def where(self, keep: NDArray[np.bool_]) -> History:
        """Return the intervals for which ``keep`` is true; states and strata keep their names."""
        return History(
            **{name: getattr(self, name)[keep] for name in _PER_INTERVAL},
            states=self.states,
            strata=self.strata,
            covariates={name: values[keep] for name, values in self.covariates.items()},
        )

    def _check(self) -> None:
        for name in (*_PER_INTERVAL, *self.covariates):
            column = self.covariates[name] if name in self.covariates else getattr(self, name)
            if column.shape != self.exit.shape:
                raise EstimateError(
                    f"`{name}` has shape {column.shape}, `exit` has {self.exit.shape}",
                    "every column has one value an interval",
                )
        times = np.isfinite(self.entry) & np.isfinite(self.exit)
        _refuse(
            ~times, "have a time that is not finite", "give every interval an entry and an exit"
        )
        _refuse(
            self.entry >= self.exit,
            "end at or before they start",
            "leave them out and list them in the attrition; do not stretch them",
        )
        _refuse(~(self.weight > 0), "have a weight that is not positive", "leave out weight 0")
        for name, codes, names in (
            ("from_state", self.from_state, self.states),
            ("event", np.maximum(self.to_state, 0), self.states),
            ("stratum", self.stratum, self.strata),
        ):
            unnamed = (codes < 0) | (codes >= len(names))
            _refuse(unnamed, f"have a `{name}` outside {names}", "name every state and stratum")


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
        Left truncation: the subject could be seen only because its time is after ``entry``;
        ``entry <= left``, and ``entry < right``. Default 0, which is none.
    weight : ndarray of float, shape (n,)
        Case weight, positive. Default 1.
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
        left_ = np.asarray(left, dtype=np.float64)
        bounds = cls(
            left=left_,
            right=np.asarray(right, dtype=np.float64),
            stratum=_column(stratum, left_.size, 0, np.int64),
            entry=_column(entry, left_.size, 0.0, np.float64),
            weight=_column(weight, left_.size, 1.0, np.float64),
            strata=strata,
            covariates={
                name: np.asarray(values, dtype=np.float64)
                for name, values in (covariates or {}).items()
            },
        )
        bounds._check()
        return bounds

    def __len__(self) -> int:
        return self.left.size

    def where(self, keep: NDArray[np.bool_] | Integers) -> Bounds:
        """Return the subjects for which ``keep`` is true, or whose rows it lists."""
        return Bounds(
            **{name: getattr(self, name)[keep] for name in _PER_BOUND},
            strata=self.strata,
            covariates={name: values[keep] for name, values in self.covariates.items()},
        )

    def _check(self) -> None:
        for name in (*_PER_BOUND, *self.covariates):
            column = self.covariates[name] if name in self.covariates else getattr(self, name)
            if column.shape != self.left.shape:
                raise EstimateError(
                    f"`{name}` has shape {column.shape}, `left` has {self.left.shape}",
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
        _refuse(~(self.weight > 0), "have a weight that is not positive", "leave out weight 0")
        unnamed = (self.stratum < 0) | (self.stratum >= len(self.strata))
        _refuse(unnamed, f"have a `stratum` outside {self.strata}", "name every stratum")


_PER_BOUND = ("left", "right", "stratum", "entry", "weight")
_PER_INTERVAL = ("entry", "exit", "to_state", "from_state", "subject", "weight", "stratum")


def _column(values: ArrayLike | None, n: int, default: float, dtype: type) -> NDArray:
    if values is None:
        return np.full(n, default, dtype=dtype)
    return np.asarray(values).astype(dtype)


def _refuse(bad: NDArray[np.bool_], what: str, do: str) -> None:
    if bad.any():
        raise EstimateError(f"{int(bad.sum())} of {bad.size} rows {what}", do=do)
