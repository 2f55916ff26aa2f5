"""Subjects and strata as they are given, by name or by number: read as whole numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import codes_of, names_of, refuse, uncovered
from osteon.errors import EstimateError


def strata_of(
    stratum: ArrayLike | None, names: tuple[str, ...] | None
) -> tuple[NDArray | None, tuple[str, ...]]:
    """Indices of strata and their names; what is given no names is called by its own.

    Texts then stand in the order of their categories, where the column has some, else sorted.

    Raises
    ------
    EstimateError
        If a stratum is neither a whole number nor a text, or a text that is no name.

    Examples
    --------
    >>> codes, names = strata_of(["women", "men", "women"], None)
    >>> codes.tolist(), names
    ([1, 0, 1], ('men', 'women'))

    Numbers are names as well; sex as 1 and 2 makes two strata:

    >>> codes, names = strata_of([1, 2, 1], None)
    >>> codes.tolist(), names
    ([0, 1, 0], ('1', '2'))
    """
    if names is not None:
        names = names_of("strata", names)
    if stratum is None:
        return None, names or ("all",)
    texts = _texts("stratum", stratum)
    if texts is None:
        codes = codes_of("stratum", stratum)
        return (codes, names) if names else _numbered(codes)
    found, codes = np.unique(texts, return_inverse=True)
    if names is None:
        names = _in_their_order(found.tolist(), stratum)
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place.get(name, -1) for name in found.tolist()], dtype=np.int64)
    refuse(
        index[codes.reshape(-1)] < 0,
        f"have a `stratum` that is none of {names}",
        "name every stratum in `strata`",
    )
    return index[codes.reshape(texts.shape)], names


def subjects_of(values: ArrayLike) -> NDArray:
    """Numbers of subjects; texts are numbered, and not kept.

    >>> subjects_of(["B", "A", "B"]).tolist()
    [1, 0, 1]
    """
    texts = _texts("subject", values)
    if texts is None:
        return codes_of("subject", values)
    return np.unique(texts, return_inverse=True)[1].reshape(texts.shape)


def _texts(name: str, values: ArrayLike) -> NDArray | None:
    """Values that are texts, every one of them; None for anything else."""
    values = uncovered(values)
    given = np.asarray(values) if isinstance(values, np.ndarray) else _as_objects(values)
    if given.dtype.kind == "U":
        return given
    if given.dtype.kind != "O" or not given.size:
        return None
    texts = [isinstance(value, str) for value in given.flat]
    if all(texts):
        return given.astype(str)
    if any(texts):
        raise EstimateError(
            f"`{name}` is missing or no text in {len(texts) - sum(texts)} of {len(texts)} rows",
            f"every row has the name of its {name}, or every row its index",
            "leave out who belongs to none",
        )
    return None


def _as_objects(values: ArrayLike) -> NDArray:
    """A list or another library's column, where what is missing is not yet a text."""
    own = np.asarray(values) if hasattr(values, "dtype") else np.empty(0, dtype=object)
    if own.dtype.kind in "biuf":
        return own
    try:
        return np.asarray(values, dtype=object)
    except ValueError:  # rows of different lengths: `codes_of` will say so
        return own


def _in_their_order(found: list[str], values: ArrayLike) -> tuple[str, ...]:
    """Names in the order of a column's categories; sorted, as they are, where it has none."""
    categories = getattr(getattr(values, "dtype", None), "categories", None)
    order = list(categories) if isinstance(categories, Iterable) else []
    return tuple(name for name in order if name in found) if set(found) <= {*order} else (*found,)


def _numbered(codes: NDArray) -> tuple[NDArray, tuple[str, ...]]:
    """Codes that were given no names: each is called by its number, and those that occur count."""
    least, most = (int(codes.min()), int(codes.max())) if codes.size else (0, 0)
    if most > 1000 + codes.size:
        raise EstimateError(
            "the highest `stratum` is far above the number of rows",
            "it must be an index from 0 on, or a text",
            "number the strata, or give their names",
        )
    if least < 0:
        refuse(codes < 0, "have a `stratum` below 0", "number the strata from 0 on, or name them")
    if least == 0 and most <= 1:
        return codes, tuple(str(i) for i in range(most + 1))
    found = np.flatnonzero(np.bincount(codes.ravel()))
    told = codes if found[-1] == found.size - 1 else np.searchsorted(found, codes)
    return told, tuple(str(i) for i in found)
