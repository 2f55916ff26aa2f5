"""Strata as they are given, by name or by index: read as indices of names."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import codes_of, names_of, refuse
from osteon.errors import EstimateError


def strata_of(
    stratum: ArrayLike | None, names: tuple[str, ...] | None
) -> tuple[NDArray | None, tuple[str, ...]]:
    """Indices of strata and their names; texts are names, in sorted order if none are given.

    Raises
    ------
    EstimateError
        If a stratum is neither a whole number nor a text, or a text that is no name.

    Examples
    --------
    >>> codes, names = strata_of(["women", "men", "women"], None)
    >>> codes.tolist(), names
    ([1, 0, 1], ('men', 'women'))
    """
    if names is not None:
        names = names_of("strata", names)
    if stratum is None:
        return None, names or ("all",)
    texts = _texts(stratum)
    if texts is None:
        codes = codes_of("stratum", stratum)
        return codes, names or _numbered(codes)
    found, codes = np.unique(texts, return_inverse=True)
    if names is None:
        return codes.reshape(texts.shape), tuple(found.tolist())
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place.get(name, -1) for name in found.tolist()], dtype=np.int64)
    refuse(
        index[codes.reshape(-1)] < 0,
        f"have a `stratum` that is none of {names}",
        "name every stratum in `strata`",
    )
    return index[codes.reshape(texts.shape)], names


def _texts(values: ArrayLike) -> NDArray | None:
    """Values that are texts, every one of them; None for anything else."""
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
            f"`stratum` is no text in {len(texts) - sum(texts)} of {len(texts)} rows",
            "every row has the name of its stratum, or every row its index",
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


def _numbered(codes: NDArray) -> tuple[str, ...]:
    """Names for codes that were given none."""
    most = int(codes.max(initial=0))
    if most > 1000 + codes.size:
        raise EstimateError(
            "the highest `stratum` is far above the number of rows",
            "it is an index from 0 on, or a text",
            "number the strata, or give their names",
        )
    return tuple(str(i) for i in range(most + 1))
