"""The course of each subject: intervals that follow each other, and what nobody can do.

A subject's course is told stratum by stratum: each has risk sets of its own, so that a patient
may be in two of them at once (the arms of an emulated trial, the kinds of event of a marginal
model), though never twice in one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Integers, counted, distinct
from osteon.errors import EstimateError


def successive(
    subject: NDArray | None, entry: NDArray | None, stratum: NDArray | None
) -> tuple[Integers, Integers]:
    """Rows of each interval that another one of its subject follows, and of that one.

    Parameters
    ----------
    subject, entry, stratum : ndarray of shape (n,), or None
        As in `History`; None for the default.

    Returns
    -------
    earlier, later : ndarray of int, shape (pairs,)
        Neighbours in the order of their entries, within subject and stratum. No pair where every
        subject has one interval: nothing is sorted then.

    Examples
    --------
    >>> earlier, later = successive(np.array([7, 8, 7]), np.array([30, 0, 0]), None)
    >>> earlier.tolist(), later.tolist()
    ([2], [0])
    """
    if subject is None or distinct(subject) == subject.size:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    course = subject if stratum is None or not stratum.any() else _courses(subject, stratum)
    starts = np.zeros(subject.size, dtype=np.int8) if entry is None else entry
    if _in_order(course, starts):
        earlier = np.flatnonzero(course[1:] == course[:-1])
        return earlier, earlier + 1
    order = np.argsort(course, kind="stable")
    if not _in_order(course[order], starts[order]):
        order = np.lexsort((starts, course))
    follows = course[order[1:]] == course[order[:-1]]
    return order[:-1][follows], order[1:][follows]


def check_overlap(
    subject: NDArray, earlier: Integers, later: Integers, entry: NDArray | None, exit_: NDArray
) -> None:
    """Refuse intervals that begin before the subject's one before has ended.

    Raises
    ------
    EstimateError
        Saying how many there are, and of how many subjects.
    """
    overlaps = (0 if entry is None else entry[later]) < exit_[earlier]
    if overlaps.any():
        raise EstimateError(
            f"{_counted(overlaps, subject[later])} overlap the one before of the same subject "
            "(and stratum)",
            "a subject is in one interval `(entry, exit]` at a time",
            "let each begin where the one before ended, or later; give clones, and rows of other "
            "patients, subjects of their own, and name what belongs together by `cluster`",
        )


def check_states(
    subject: NDArray,
    earlier: Integers,
    later: Integers,
    touches: NDArray[np.bool_],
    from_state: Integers,
    event: Integers,
) -> None:
    """Refuse intervals in a state that the subject's interval before did not lead to.

    Parameters
    ----------
    subject : ndarray of int, shape (n,)
        Of each interval.
    earlier, later : ndarray of int, shape (pairs,)
        As `successive` returns them.
    touches : ndarray of bool, shape (pairs,)
        Whether the later one begins where the earlier one ends. After a gap a subject may come
        back in another state, but not from one that nobody is ever seen in, as death is.
    from_state, event : ndarray of int, shape (n,)
        State of each interval, and the one entered at its end; 0 or less for none.

    Raises
    ------
    EstimateError
        Saying how many there are, and of how many subjects.
    """
    entered, then = event[earlier], from_state[later]
    expected = np.where(entered > 0, entered, from_state[earlier])
    last = (entered > 0) & ~np.isin(entered, from_state)
    if last.any():
        raise EstimateError(
            f"{_counted(last, subject[later])} come after the subject entered a state in which "
            "nobody is ever seen",
            "nothing follows death",
            "leave them out, or let them begin in the state that was entered (`from_state`); for "
            "events that recur without a change of state, leave `from_state` out",
        )
    jumps = touches & (then != expected)
    if jumps.any():
        raise EstimateError(
            f"{_counted(jumps, subject[later])} are in another state than the one in which the "
            "subject's interval before ended",
            "a subject moves by an event: `from_state` is the state that was entered last",
            "give the interval before the `event` that was missed, or correct `from_state`",
        )


def _courses(subject: NDArray, stratum: NDArray) -> Integers:
    """One number a subject and stratum."""
    least, most = int(subject.min()), int(subject.max())
    kinds = int(stratum.max()) + 1
    if (most - least + 1) * kinds >= 2**62:
        subject, least = np.unique(subject, return_inverse=True)[1], 0
    return (subject.astype(np.int64) - least) * kinds + stratum


def _in_order(course: NDArray, starts: NDArray) -> bool:
    """Whether courses stand one after the other, each in the order of its entries."""
    before, after = course[:-1], course[1:]
    return bool(((before < after) | ((before == after) & (starts[:-1] <= starts[1:]))).all())


def _counted(bad: NDArray[np.bool_], subject: NDArray) -> str:
    return f"{counted(bad.sum(), 'interval')} of {counted(distinct(subject[bad]), 'subject')}"
