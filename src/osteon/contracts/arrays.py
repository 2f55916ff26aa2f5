"""Columns of numbers as they are given: read, checked, refused in words without a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.errors import EstimateError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COMPILE_FROM = 100_000  # rows; below, NumPy takes less time than loading the compiler


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


def numeric(name: str, values: ArrayLike) -> NDArray:
    """Numbers of whatever type they have; objects as floats."""
    try:
        given = np.asarray(values)
        if given.dtype.kind == "O":
            given = given.astype(np.float64)
    except (TypeError, ValueError):
        raise _no_numbers(name) from None
    if values is None or given.dtype.kind not in "biuf":
        raise _no_numbers(name)
    return given if given.dtype.isnative else given.astype(given.dtype.newbyteorder("="))


def _no_numbers(name: str) -> EstimateError:
    return EstimateError(
        f"`{name}` does not hold numbers",
        "texts and calendar dates are none",
        "count dates in days since time zero, and give names as their indices",
    )


def covariates_of(given: Mapping[str, ArrayLike] | None) -> dict[str, Floats]:
    """Covariates by name, as floats."""
    if not isinstance(given, Mapping | None):
        raise EstimateError(
            f"`covariates` is a {type(given).__name__}",
            "it is a mapping of names to one value a row",
            'write `covariates={"age": [61, 70, 58]}`',
        )
    return {name: numbers(name, values) for name, values in (given or {}).items()}


def names_of(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Names as a tuple; each once."""
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else ()
    texts = all(isinstance(name, str) for name in names)
    if not texts or len(set(names)) < len(names) or not names:
        raise EstimateError(
            f'`{what}` is the text "{given}"'
            if isinstance(given, str)
            else f"`{what}` does not hold names, or one of them twice",
            "it is one or more names, each once",
            f'write `{what}=("a", "b")`',
        )
    return names


def times_of(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, anything else as 64-bit floats."""
    given = numeric(name, values)
    return given if given.dtype.kind in "iu" else np.asarray(given, dtype=np.float64)


def codes_of(name: str, values: ArrayLike) -> NDArray:
    """Whole numbers as they are, true and false as 1 and 0, floats if they are whole."""
    given = numeric(name, values)
    if given.dtype.kind == "b":
        return given.view(np.int8)
    if given.dtype.kind in "iu":
        return given
    whole = np.asarray(given, dtype=np.float64)
    refuse(
        ~np.isfinite(whole) | (whole != np.trunc(whole)),
        f"have a `{name}` that is not a whole number",
        "give the index of a name",
    )
    refuse(
        np.abs(whole) > 2**53,
        f"have a `{name}` so large that decimal numbers do not tell it from the next",
        "give whole numbers of a whole type, or number what they stand for from 0 on",
    )
    return whole.astype(np.int64)


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
