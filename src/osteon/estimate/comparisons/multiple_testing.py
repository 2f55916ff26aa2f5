"""Several tests, one error rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.history import Floats


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p-values: the chance of any false finding stays below them.

    Parameters
    ----------
    p_values : array_like of float, shape (m,)
        nan for a test that could not be made; it stays nan and is not counted.

    Returns
    -------
    ndarray of float, shape (m,)

    Notes
    -----
    With the p in ascending order ([1]_),

    .. math:: \\tilde p_{(i)} = \\max_{j \\le i} \\min\\{1, (m - j + 1) p_{(j)}\\}

    R: ``p.adjust(p, "holm")``.

    References
    ----------
    .. [1] Holm (1979), Scand. J. Stat. 6:65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    made = np.flatnonzero(~np.isnan(p))
    order = made[np.argsort(p[made], kind="stable")]
    adjusted = np.full(p.size, np.nan)
    steps = order.size - np.arange(order.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps * p[order]), 1.0)
    return adjusted
