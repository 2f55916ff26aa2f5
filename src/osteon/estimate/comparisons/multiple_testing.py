"""Several tests, one error rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p-values: the chance of any false finding stays below them.

    Parameters
    ----------
    p_values : array_like of float, shape (m,)
        nan for a test that could not be made; it stays nan and is not counted.

    Returns
    -------
    ndarray of float, shape (m,)

    Raises
    ------
    EstimateError
        If a p does not lie between 0 and 1.

    Notes
    -----
    With the p in ascending order ([1]_),

    .. math:: \\tilde p_{(i)} = \\max_{j \\le i} \\min\\{1, (m - j + 1) p_{(j)}\\}

    R: ``p.adjust(p, "holm")``.

    References
    ----------
    .. [1] Holm (1979), Scand. J. Stat. 6:65-70, jstor:4615733.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    return _stepped(p_values, ascending=True)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Benjamini and Hochberg's adjusted p-values: the share of false findings stays below them.

    Parameters
    ----------
    p_values : array_like of float, shape (m,)
        nan for a test that could not be made; it stays nan and is not counted.

    Returns
    -------
    ndarray of float, shape (m,)

    Raises
    ------
    EstimateError
        If a p does not lie between 0 and 1.

    Notes
    -----
    With the p in ascending order ([1]_),

    .. math:: \\tilde p_{(i)} = \\min_{j \\ge i} \\min\\{1, \\tfrac{m}{j} p_{(j)}\\}

    R: ``p.adjust(p, "BH")``.

    References
    ----------
    .. [1] Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300,
       doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    return _stepped(p_values, ascending=False)


def _stepped(p_values: ArrayLike, *, ascending: bool) -> Floats:
    """Holm steps up from the smallest p, Benjamini and Hochberg down from the largest."""
    p = np.atleast_1d(numbers("p_values", p_values))
    if p.ndim > 1:
        raise EstimateError("the p-values are a table", "they are a list of one family of tests")
    if (outside := (p < 0) | (p > 1)).any():
        raise EstimateError(
            f"{int(outside.sum())} of {p.size} p-values lie outside 0 to 1",
            "nan stands for a test that could not be made",
            "give the tests' p, not their statistics",
        )
    made = np.flatnonzero(~np.isnan(p))
    order = made[np.argsort(p[made], kind="stable")]
    rank, m = np.arange(1, order.size + 1), order.size
    adjusted = np.full(p.size, np.nan)
    if ascending:
        steps = np.maximum.accumulate((m - rank + 1) * p[order])
    else:
        steps = np.minimum.accumulate((m / rank * p[order])[::-1])[::-1]
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
