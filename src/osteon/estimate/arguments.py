"""What an estimator is given: a thing of the right kind, and numbers where numbers belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers, is_missing, numbers
from osteon.contracts.courses import counted_intervals
from osteon.contracts.history import History
from osteon.errors import EstimateError

_CURES = {
    "RiskTable": "make one with `risk_table(history)`",
    "History": "make one with `History.of`",
    "Bounds": "make one with `Bounds.of`",
    "Panel": "make one with `Panel.of`",
    "Curve": "estimators return a curve a stratum: take one of them by its name",
    "Points": "read them off a curve with `at`",
    "Estimate": "give what an estimator returned",
    "CoxFit": "fit one with `cox`",
    "FineGrayFit": "fit one with `fine_gray`",
    "MultiStateCox": "fit one with `multi_state_cox`",
    "FirthFit": "fit one with `firth_cox` or `firth_logistic`",
    "Concordance": "make one with `concordance`",
    "PooledFit": "pool fits with `pool_fits`",
    "LogRank": "test with `log_rank`",
    "Bootstrap": "draw with `bootstrap`",
    "Mapping": 'write a value for each name: `{"age": 61}`',
}


def expect(*kinds: type, **given: object) -> None:
    """Refuse an argument of another kind, and say how to come by the right one.

    >>> expect(dict, at=[1])
    Traceback (most recent call last):
    osteon.errors.EstimateError: `at` is a list. it must be a dict.
    """
    for name, value in given.items():
        if not isinstance(value, kinds):
            raise EstimateError(
                f"`{name}` is a {type(value).__name__}",
                f"it must be a {' or a '.join(kind.__name__ for kind in kinds)}",
                _CURES.get(kinds[0].__name__, ""),
            )


def check_left_once(history: History, causes: Sequence[str] | None = None) -> None:
    """Refuse subjects who are back in the first state after an event (of ``causes``).

    A probability of still being there, or of having left, is of leaving once.

    >>> check_left_once(History.of(subject=[1, 1], entry=[0, 5], exit=[5, 9], event=[1, 1]))
    Traceback (most recent call last):
    osteon.errors.EstimateError: 1 interval of 1 subject are back in "alive" after an event. it is left once. end follow-up with the first event; count events that recur by `mean_cumulative`.
    """
    found = history.succession
    if found is None:
        return
    names = history.states[1:] if causes is None else causes  # which the curve has checked
    codes = [history.states.index(name) for name in names]
    ends = np.isin(found.neighbours(history.columns.event)[0], codes)
    back = found.follows & ends & (found.neighbours(history.from_state)[1] == 0)
    if back.any():
        raise EstimateError(
            f"{counted_intervals(found, back, history.subject)} are back in "
            f'"{history.states[0]}" after an event',
            "it is left once",
            "end follow-up with the first event; count events that recur by `mean_cumulative`",
        )


def listed(what: str, names: object) -> tuple[str, ...]:
    """Names as a tuple; refuse one text where a list belongs, and what is no name.

    >>> listed("names", "age")
    Traceback (most recent call last):
    osteon.errors.EstimateError: `names` is the text "age". it must be a list of names. write `names=["age"]`.
    >>> listed("names", "age + sex")
    Traceback (most recent call last):
    osteon.errors.EstimateError: `names` is the text "age + sex". it must be a list of names. write `names=["age", "sex"]`.
    """
    if isinstance(names, str):
        each = ", ".join(f'"{name.strip()}"' for name in names.split("+"))  # a formula of R
        raise EstimateError(
            f'`{what}` is the text "{names}"',
            "it must be a list of names",
            f"write `{what}=[{each}]`",
        )
    found = tuple(names) if isinstance(names, Iterable) else (None,)
    if not all(isinstance(name, str) for name in found):
        raise EstimateError(
            f"`{what}` does not hold names",
            "it must be a list of them, each a text, not a number",
            f'write `{what}=["a", "b"]`',
        )
    return found


def pairs_of_states(what: str, given: object) -> tuple[tuple[str, str], ...]:
    """Transitions, each from a state to a state; refuse what is no list of such pairs.

    >>> pairs_of_states("transitions", [("bm", "dead")])
    (('bm', 'dead'),)
    """
    found = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (None,)
    pairs = [tuple(x) if isinstance(x, tuple | list) else () for x in found]
    if not all(len(p) == 2 and all(isinstance(x, str) for x in p) for p in pairs):
        raise EstimateError(
            f"`{what}` does not hold pairs of states",
            "a transition leads from one state to another, each named by a text",
            f'write `{what}=[("bm", "dead")]`',
        )
    return tuple(pairs)


def number(name: str, value: object) -> float:
    """One number, which may be nan: the caller says what is allowed."""
    if not isinstance(value, Real):
        raise EstimateError(f"`{name}` is a {type(value).__name__}", "it must be a number")
    return float(value)


def flag(name: str, value: object) -> bool:
    """Yes or no; refuses what is merely true, such as a column of clusters.

    >>> flag("robust", "clinic")
    Traceback (most recent call last):
    osteon.errors.EstimateError: `robust` is a str. it must be True or False.
    """
    if not isinstance(value, bool | np.bool_):
        raise EstimateError(f"`{name}` is a {type(value).__name__}", "it must be True or False")
    return bool(value)


def group_codes(name: str, labels: ArrayLike, size: int) -> Integers:
    """Number from 0 the groups that rows belong to, in the order of their labels, shape (size,).

    >>> group_codes("blocks", ["b", "a", "b"], 3).tolist()
    [1, 0, 1]
    >>> group_codes("blocks", [1, float("nan"), 1], 3)
    Traceback (most recent call last):
    osteon.errors.EstimateError: `blocks` misses a value. every interval belongs to one.
    """
    values = np.asarray(labels)
    if values.shape != (size,):
        raise EstimateError(
            f"`{name}` has shape {values.shape}, the history has {size} intervals",
            "it has one value an interval",
        )
    told = () if values.dtype.kind in "biu" else values.tolist()  # whole numbers miss nothing
    if any(map(is_missing, told)):
        raise EstimateError(f"`{name}` misses a value", "every interval belongs to one")
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def covariate_value(name: str, value: object) -> float:
    """A patient's value of a covariate: a finite number, which no message repeats."""
    if not np.isfinite(number(name, value)):
        raise EstimateError(f"the value of {name} is not finite", "a prediction is for one patient")
    return number(name, value)


def whole_number(name: str, value: object, least: int) -> int:
    """One whole number from ``least`` on."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise EstimateError(f"`{name}` is {value}", f"it must be a whole number from {least} on")
    return int(value)


def check_positive(name: str, value: object) -> None:
    """Refuse what is not a finite number above 0."""
    if not 0 < number(name, value) < np.inf:
        raise EstimateError(f"`{name}` is {value}", "it must be a finite number above 0")


def check_probability(probability: object) -> None:
    """Refuse a share that is not between 0 and 1."""
    if not 0 < number("probability", probability) < 1:
        raise EstimateError(
            f"`probability` is {probability}", "it must lie between 0 and 1", "0.5 is the median"
        )


def chosen_times(times: ArrayLike) -> Floats:
    """Times to read a curve at, shape (m,); refuses what is no time."""
    t = np.atleast_1d(numbers("times", times))
    if t.ndim > 1 or np.isnan(t).any():
        raise EstimateError("a time is missing, or times are a table", "times are a list of days")
    return t
