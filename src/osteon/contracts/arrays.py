"""Columns of numbers as they are given: read, checked, refused in words without a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.errors import EstimateError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COMPILE_FROM = 100_000  # rows; below, NumPy takes less time than loading the compiler


_DAYS = "count dates in days since time zero, as `(date - time_zero).dt.days` of pandas does"
_CATEGORIES = "give a covariate of categories a column of 0 and 1 for each category but one"
_CURES = {
    "exit": _DAYS,
    "entry": _DAYS,
    "left": _DAYS,
    "right": _DAYS,
    "event": "write 0 where nothing happened, else the index in `states` of the state entered",
    "from_state": "give the index in `states` of the state",
}


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
    return np.asarray(numeric(name, values), dtype=np.float64)


def numeric(name: str, values: ArrayLike, *, spans: bool = False, do: str = "") -> NDArray:
    """Numbers of whatever type they have; objects, and what is masked, as floats.

    Parameters
    ----------
    name : str
        Of the column, for a message.
    values : array_like
        A list, an array, or another library's column.
    spans : bool
        Whether spans of time are taken, as days.
    do : str
        What to do where they are no numbers.
    """
    try:
        given = np.asarray(uncovered(values))
        if given.dtype.kind == "O":
            given = _of_objects(given)
        elif given.dtype.kind == "m" and spans:
            given = given / np.timedelta64(1, "D")
    except (TypeError, ValueError):
        raise _no_numbers(name, do) from None
    if values is None or given.dtype.kind not in "biuf":
        raise _no_numbers(name, do)
    return given if given.dtype.isnative else given.astype(given.dtype.newbyteorder("="))


def uncovered(values: ArrayLike) -> ArrayLike:
    """Values whose masked ones are missing: `np.asarray` would bring up what lies under the mask."""
    if not isinstance(values, np.ma.MaskedArray) or not np.ma.is_masked(values):
        return values
    told = values.data.astype(object)
    told[np.ma.getmaskarray(values)] = None
    return told


def _of_objects(given: NDArray) -> Floats:
    """Numbers among objects as floats, and what is missing among them as nan."""
    if any(isinstance(value, str) for value in given.flat):
        raise TypeError
    told = [np.nan if is_missing(value) else value for value in given.flat]
    return np.array(told, dtype=np.float64).reshape(given.shape)


def is_missing(value: object) -> bool:
    """None, nan, and what pandas puts in their place.

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _no_numbers(name: str, do: str) -> EstimateError:
    return EstimateError(
        f"`{name}` does not hold numbers",
        "texts and calendar dates are none",
        do or _CURES.get(name, "give numbers"),
    )


def covariates_of(given: Mapping[str, ArrayLike] | None) -> dict[str, Floats]:
    """Covariates by name, as floats; a data frame is one of columns by name.

    >>> covariates_of({"age": [61, 70], "male": [True, None]})
    {'age': array([61., 70.]), 'male': array([ 1., nan])}
    """
    return {
        name: np.asarray(numeric(name, values, do=_CATEGORIES), dtype=np.float64)
        for name, values in columns_by_name(given).items()
    }


def columns_by_name(given: Any) -> dict[str, Any]:
    """Columns of a mapping, or of a data frame of pandas, Polars or Arrow; none of None."""
    if given is None or isinstance(given, Mapping):
        return dict(given or {})
    names = getattr(given, "column_names", None) or getattr(given, "columns", None)
    if names is None:
        raise EstimateError(
            f"`covariates` is a {type(given).__name__}",
            "it must be a mapping of names to one value a row, or a data frame",
            'write `covariates={"age": [61, 70, 58]}`',
        )
    return {name: given[name] for name in names}


def names_of(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Names as a tuple; each once."""
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else ()
    texts = all(isinstance(name, str) for name in names)
    if not texts or len(set(names)) < len(names) or not names:
        raise EstimateError(
            f'`{what}` is the text "{given}"'
            if isinstance(given, str)
            else f"`{what}` does not hold names, or one of them twice",
            "it must be one or more names, each once",
            f'write `{what}=("a", "b")`',
        )
    return names


def times_of(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, anything else as 64-bit floats; spans of time are days.

    >>> times_of("exit", np.array([48, 36], dtype="timedelta64[h]")).tolist()
    [2.0, 1.5]
    """
    given = numeric(name, values, spans=True)
    return given if given.dtype.kind in "iu" else np.asarray(given, dtype=np.float64)


def days_of(name: str, values: ArrayLike) -> Floats:
    """Times as `times_of` reads them, as 64-bit floats."""
    return np.asarray(times_of(name, values), dtype=np.float64)


def codes_of(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, true and false as 1 and 0, floats if they are whole."""
    given = numeric(name, values)
    if given.dtype.kind == "b":
        return given.view(np.int8)
    if given.dtype.kind in "iu":
        return given
    whole = np.asarray(given, dtype=np.float64)
    refuse(
        np.isnan(whole),
        f"have no `{name}`",
        "leave them out, and count them in the attrition",
    )
    refuse(
        ~np.isfinite(whole) | (whole != np.trunc(whole)),
        f"have in `{name}` what is not a whole number",
        _CURES.get(name, "give the index of a name"),
    )
    refuse(
        np.abs(whole) > 2**53,
        f"have a `{name}` so large that decimal numbers do not tell it from the next",
        "give whole numbers of a whole type, or number what they stand for from 0 on",
    )
    return whole.astype(np.int64)


def check_same_rows(columns: Mapping[str, Any]) -> None:
    """Refuse pandas columns whose rows stand in another order than those of the first.

    Columns are taken row by row, whatever their index; a patient's event must not be another's.
    """
    indexed = {
        name: column.index
        for name, column in columns.items()
        if hasattr(getattr(column, "index", None), "equals")
    }
    for name, index in indexed.items():
        first, order = next(iter(indexed.items()))
        if len(index) == len(order) and not index.equals(order) and set(index) == set(order):
            raise EstimateError(
                f"the index of `{name}` has the rows in another order than that of `{first}`",
                "columns are taken row by row, and are not matched by their index",
                "take them from one frame; where they do belong together, give `.to_numpy()` of each",
            )


def filled(values: NDArray | None, n: int, default: float, dtype: type) -> NDArray:
    """A column, or the default in every row."""
    return np.full(n, default, dtype=dtype) if values is None else np.asarray(values, dtype=dtype)


def check_chosen(keep: NDArray, n: int) -> None:
    """Refuse a mask of another length than the rows it chooses from."""
    if np.asarray(keep).dtype == bool and np.shape(keep) != (n,):
        raise EstimateError(
            f"`keep` has shape {np.shape(keep)}, there are {n} rows", "it has one value a row"
        )


def range_of(column: NDArray) -> tuple[float, float]:
    """Lowest and highest value; nan if there is one."""
    if column.size < COMPILE_FROM:
        return column.min().item(), column.max().item()
    if column.dtype.kind in "iu":
        lowest, highest = _compiled().extremes(column)
        return int(lowest), int(highest)
    bits = np.array(_compiled().extremes_of_floats(column.view(np.int64)))
    extremes = bits.view(np.float64)
    return (np.nan, np.nan) if np.isnan(extremes).any() else tuple(extremes.tolist())


def in_order(entry: NDArray, exit_: NDArray) -> bool:
    """Whether every entry is before its exit."""
    if exit_.size < COMPILE_FROM:
        return bool((entry < exit_).all())
    return _compiled().in_order(entry, exit_)


def are_whole(time: NDArray) -> bool:
    """Whether every time is a whole number of days."""
    if time.dtype.kind in "iu":
        return True
    if time.size < COMPILE_FROM:
        return bool((np.floor(time) == time).all())
    return _compiled().whole(time)


def _compiled() -> ModuleType:
    from osteon.contracts import long_columns  # imports numba: half a second few need

    return long_columns


def distinct(codes: NDArray) -> int:
    """How many codes there are."""
    if codes.size and codes.min() >= 0 and codes.max() < 4 * codes.size:
        return int(np.count_nonzero(np.bincount(codes.astype(np.int64, copy=False))))
    return int(np.unique(codes).size)


def counted(number: float, what: str) -> str:
    """A number of things, in words.

    >>> counted(1, "event"), counted(2, "event")
    ('1 event', '2 events')
    """
    return f"{number:g} {what}" if number == 1 else f"{number:g} {what}s"


def refuse(bad: NDArray[np.bool_], what: str, do: str) -> None:
    """Say how many rows are bad, if any, and what to do."""
    if bad.any():
        raise EstimateError(f"{int(bad.sum())} of {bad.size} rows {what}", do=do)
