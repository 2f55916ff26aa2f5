"""The course of each subject: intervals that follow each other, and what nobody can do.

A subject's course is told stratum by stratum: each has risk sets of its own, so that a patient
may be in two of them at once (the arms of an emulated trial, the kinds of event of a marginal
model), though never twice in one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import COMPILE_FROM, Integers, counted, distinct, range_of
from osteon.errors import EstimateError


@dataclass(frozen=True, eq=False)
class Succession:
    """Intervals that another one of their subject (and stratum) follows, and these.

    Attributes
    ----------
    order : ndarray of int, shape (n,), or None
        Rows, course after course, each in the order of its entries; None: as they stand.
    follows : ndarray of bool, shape (n - 1,)
        Whether the next row in that order is the next of the same course.
    """

    order: Integers | None
    follows: NDArray[np.bool_]

    def neighbours(self, column: NDArray) -> tuple[NDArray, NDArray]:
        """A column's values in each row but the last, and in the next, in that order."""
        ordered = column if self.order is None else column[self.order]
        return ordered[:-1], ordered[1:]


def succession(
    subject: NDArray | None, entry: NDArray | None, stratum: NDArray | None
) -> Succession | None:
    """Which interval follows which, of a history's columns.

    Parameters
    ----------
    subject, entry, stratum : ndarray of shape (n,), or None
        As in `History`; None for the default.

    Returns
    -------
    Succession or None
        None where every subject has one interval: nothing is sorted then.

    Examples
    --------
    >>> found = succession(np.array([7, 8, 7]), np.array([30, 0, 0]), None)
    >>> earlier, later = found.neighbours(np.arange(3))
    >>> earlier[found.follows].tolist(), later[found.follows].tolist()
    ([2], [0])
    """
    if subject is None or distinct(subject) == subject.size:
        return None
    course = subject if stratum is None or not stratum.any() else _courses(subject, stratum)
    follows = _follows_as_they_stand(course, entry)
    return _in_order(course, entry) if follows is None else Succession(None, follows)


def check_overlap(
    found: Succession, subject: NDArray, entry: NDArray | None, exit_: NDArray
) -> None:
    """Refuse intervals that begin before the subject's one before has ended.

    Raises
    ------
    EstimateError
        Saying how many there are, and of how many subjects.
    """
    overlaps = found.follows & (_begins(found, entry) < found.neighbours(exit_)[0])
    if overlaps.any():
        raise EstimateError(
            f"{counted_intervals(found, overlaps, subject)} overlap the one before of the same "
            "subject (and stratum)",
            "a subject is in one interval `(entry, exit]` at a time",
            "let each begin where the one before ended, or later; give clones, and rows of other "
            "patients, subjects of their own, and name what belongs together by `cluster`",
        )


def check_states(
    found: Succession,
    subject: NDArray,
    entry: NDArray | None,
    exit_: NDArray,
    from_state: NDArray,
    event: NDArray,
) -> None:
    """Refuse intervals in a state that the subject's interval before did not lead to.

    After a gap a subject may come back in another state, but not from one that nobody is ever seen
    in, as death is.

    Parameters
    ----------
    found : Succession
        Of these columns.
    subject, entry, exit_, from_state, event : ndarray of shape (n,)
        As in `Columns`.

    Raises
    ------
    EstimateError
        Saying how many there are, and of how many subjects.
    """
    entered = found.neighbours(event)[0]
    before, then = found.neighbours(from_state)
    seen = np.zeros(max(int(event.max()), int(from_state.max())) + 1, dtype=bool)
    seen[from_state] = True
    moved = found.follows & (entered > 0)
    last = moved & ~seen[entered]
    if last.any():
        raise EstimateError(
            f"{counted_intervals(found, last, subject)} come after the subject entered a state in "
            "which nobody is ever seen",
            "nothing follows death",
            "leave them out, or let them begin in the state that was entered (`from_state`); for "
            "events that recur without a change of state, leave `from_state` out",
        )
    touches = found.follows & (_begins(found, entry) == found.neighbours(exit_)[0])
    jumps = touches & (then != np.where(moved, entered, before))
    if jumps.any():
        raise EstimateError(
            f"{counted_intervals(found, jumps, subject)} are in another state than the one in which "
            "the subject's interval before ended",
            "a subject moves by an event: `from_state` is the state that was entered last",
            "give the interval before the `event` that was missed, or correct `from_state`",
        )


def counted_intervals(found: Succession, bad: NDArray[np.bool_], subject: NDArray) -> str:
    """How many intervals, of how many subjects, follow another one as they cannot."""
    of = found.neighbours(subject)[1][bad]
    return f"{counted(of.size, 'interval')} of {counted(distinct(of), 'subject')}"


def _begins(found: Succession, entry: NDArray | None) -> NDArray | int:
    """When each row but the first, in order, begins."""
    return 0 if entry is None else found.neighbours(entry)[1]


def _courses(subject: NDArray, stratum: NDArray) -> Integers:
    """One number a subject and stratum."""
    least, most = int(subject.min()), int(subject.max())
    kinds = int(stratum.max()) + 1
    if max(most, most - least + 1) * kinds >= 2**62:
        subject, least = np.unique(subject, return_inverse=True)[1], 0
    return (subject.astype(np.int64) - least) * kinds + stratum


def _follows_as_they_stand(course: NDArray, entry: NDArray | None) -> NDArray[np.bool_] | None:
    """Which rows the next one follows; None if courses are torn or not in order of entry."""
    if (course[1:] < course[:-1]).any():
        return None
    same = course[1:] == course[:-1]
    torn = entry is not None and bool((same & (entry[1:] < entry[:-1])).any())
    return None if torn else same


def _in_order(course: NDArray, entry: NDArray | None) -> Succession:
    """Course after course, each in the order of its entries, those alike as they stand."""
    if course.size >= COMPILE_FROM:
        found = _counted_out(course, entry)
        if found is not None:
            return found
    order = np.lexsort((course,) if entry is None else (entry, course))
    return Succession(order, course[order[1:]] == course[order[:-1]])


def _counted_out(course: NDArray, entry: NDArray | None) -> Succession | None:
    """The same by counting rows a course, which is no sort; None where a course is very long."""
    from osteon.contracts import long_columns  # imports numba: half a second few need

    number = course.astype(np.int64, copy=False)
    least, most = range_of(number)
    if most - least >= 4 * number.size:
        number, least = np.unique(number, return_inverse=True)[1], 0
        most = int(number.max())
    order, follows, sorted_ = long_columns.courses(number, least, most - least + 1, entry)
    return Succession(order, follows) if sorted_ else None
