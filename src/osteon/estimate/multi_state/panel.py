"""States seen at visits only: what a panel of exams knows, link by link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import (
    Floats,
    Integers,
    check_same_rows,
    columns_by_name,
    covariates_of,
    days_of,
    distinct,
    is_missing,
    numbers,
)
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.shown import shown

UNSEEN = -1


@dataclass(frozen=True, eq=False)
class Panel:
    """Visits at which a subject's state was seen; between them anything may have happened.

    Attributes
    ----------
    subject : ndarray of int, shape (n,)
        Row number of the subject.
    time : ndarray of float, shape (n,)
        Of the visit, in days or another unit, the same for all: intensities are per that unit.
        Ascending within a subject.
    state : ndarray of int, shape (n,)
        Index into ``states``; `UNSEEN` (-1) where the subject is only known to be in one of
        ``possible``, e.g. alive.
    states : tuple of str
        Names.
    possible : tuple of str
        Where a subject in an unseen state may be; empty: in any state that can be left.
    covariates : mapping of str to ndarray of float, shape (n,)
        Values that hold from this visit to the next.

    Examples
    --------
    Two patients; the second dies at 2.5 and the first is alive at 4, state not seen:

    >>> panel = Panel.of(
    ...     subject=[0, 0, 0, 1, 1], time=[0, 1, 4, 0, 2.5], state=[0, 1, -1, 0, 2],
    ...     states=("no bm", "bm", "dead"),
    ... )
    >>> len(panel)
    5
    """

    subject: Integers
    time: Floats
    state: Integers
    states: tuple[str, ...]
    possible: tuple[str, ...] = ()
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        """How much is in it: no subject, and no value of a covariate."""
        facts = [
            f"{len(self)} visits of {distinct(self.subject)} subjects",
            f"states {', '.join(self.states)}",
            *([f"covariates {', '.join(self.covariates)}"] if self.covariates else []),
        ]
        return shown("Panel", facts)

    @classmethod
    def of(
        cls,
        *,
        subject: ArrayLike,
        time: ArrayLike,
        state: ArrayLike,
        states: Sequence[str],
        possible: Sequence[str] = (),
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> Panel:
        """Sort by subject and time, and check.

        Parameters
        ----------
        subject, time, state, states, possible, covariates
            As the attributes, in any order of the visits.

        Returns
        -------
        Panel

        Raises
        ------
        EstimateError
            If shapes differ, a time is not finite, a subject has two visits at one time, a state
            has no name, or a subject's first state is unseen.
        """
        labels = np.asarray(subject)
        if any(map(is_missing, labels.ravel().tolist())):
            raise EstimateError("`subject` misses a value", "every visit is somebody's")
        code = np.unique(labels, return_inverse=True)[1]
        time_, state_ = days_of("time", time), numbers("state", state)
        by_name = columns_by_name(covariates)
        check_same_rows({"subject": subject, "time": time, "state": state, **by_name})
        columns = covariates_of(by_name)
        for name, values in {"subject": code, "state": state_, **columns}.items():
            if values.shape != time_.shape:
                raise EstimateError(
                    f"`{name}` has shape {values.shape}, `time` has {time_.shape}",
                    "every column has one value a visit",
                )
        if not np.isfinite(state_).all() or (state_ != np.trunc(state_)).any():
            raise EstimateError(
                "a `state` is not a whole number",
                f"it must be the index of a name, or {UNSEEN} where it was not seen",
            )
        order = np.lexsort([time_, code])
        panel = cls(
            code[order],
            time_[order],
            state_[order].astype(np.int64),
            tuple(states),
            tuple(possible),
            {name: values[order] for name, values in columns.items()},
        )
        panel._check()
        return panel

    def __len__(self) -> int:
        return self.time.size

    def _check(self) -> None:
        same = self.subject[1:] == self.subject[:-1]
        first = np.concatenate([[True], ~same])[: len(self)]
        for bad, what, do in (
            (~np.isfinite(self.time), "have a time that is not finite", "leave them out"),
            (
                (self.state < UNSEEN) | (self.state >= len(self.states)),
                f"have a state outside {self.states}",
                f"use the index of a state, or {UNSEEN} where it was not seen",
            ),
            (
                same & (self.time[1:] == self.time[:-1]),
                "are at the same time as the subject's visit before",
                "keep one state a time",
            ),
            (
                first & (self.state == UNSEEN),
                "are a subject's first and their state is unseen",
                "let each subject start at the first visit that shows the state",
            ),
        ):
            if bad.any():
                raise EstimateError(f"{int(bad.sum())} visits {what}", do=do)
        for name in self.possible:
            if name not in self.states:
                raise EstimateError(
                    f'`possible` names "{name}"',
                    f"states are {', '.join(self.states)}",
                    did_you_mean(name, self.states),
                )


@dataclass(frozen=True, eq=False)
class Links:
    """Steps from one visit (or cut of time) to the next of the same subject.

    Attributes
    ----------
    row : ndarray of int, shape (links,)
        Row of the panel whose covariates hold during the link.
    begin, wait : ndarray of float, shape (links,)
        When it starts and how long it takes.
    origin, to : ndarray of int, shape (links,)
        States at its ends; `UNSEEN` where not known.
    anywhere : ndarray of bool, shape (links,)
        Ends at a cut of time, where nothing at all was seen.
    depth : ndarray of int, shape (links,)
        How many links lie between its start and the last known state.
    last : ndarray of bool, shape (links,)
        Ends in a known state, or is the subject's last.
    """

    row: Integers
    begin: Floats
    wait: Floats
    origin: Integers
    to: Integers
    anywhere: NDArray[np.bool_]
    depth: Integers
    last: NDArray[np.bool_]


def links(panel: Panel, cuts: Sequence[float]) -> Links:
    """Join consecutive visits; a cut of time inside a link splits it."""
    row = np.flatnonzero(panel.subject[1:] == panel.subject[:-1])
    begin, end = panel.time[row], panel.time[row + 1]
    pieces = [(begin, np.arange(row.size))]
    for cut in cuts:
        crossed = np.flatnonzero((begin < cut) & (cut < end))
        pieces.append((np.full(crossed.size, float(cut)), crossed))
    starts = np.concatenate([piece[0] for piece in pieces])
    of = np.concatenate([piece[1] for piece in pieces])
    order = np.lexsort([starts, of])
    starts, of = starts[order], of[order]
    is_first = np.concatenate([[True], of[1:] != of[:-1]])[: of.size]
    is_last = np.concatenate([of[1:] != of[:-1], [True]])[-of.size :] if of.size else is_first
    ends = np.where(is_last, end[of], np.concatenate([starts[1:], [np.inf]])[: of.size])
    origin = np.where(is_first, panel.state[row[of]], UNSEEN)
    to = np.where(is_last, panel.state[row[of] + 1], UNSEEN)
    known = np.where(origin != UNSEEN, np.arange(of.size), 0)
    ends_subject = np.append(panel.subject[row[of]][1:] != panel.subject[row[of]][:-1], True)
    return Links(
        row=row[of],
        begin=starts,
        wait=ends - starts,
        origin=origin,
        to=to,
        anywhere=~is_last,
        depth=np.arange(of.size) - np.maximum.accumulate(known),
        last=(to != UNSEEN) | ends_subject[: of.size],
    )
