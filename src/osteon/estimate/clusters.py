"""What varies independently: clusters of intervals, and whether there are enough of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import group_codes

FEW_CLUSTERS = 40
"""Clusters below which a variance that is summed over them is too small."""


def clusters_of(history: History, cluster: ArrayLike | None) -> Integers:
    """Number each interval's cluster from 0, in the order of their labels; None: the subject."""
    if cluster is None:
        return np.unique(history.subject, return_inverse=True)[1]
    codes = group_codes("cluster", cluster, len(history))
    if alone(codes):
        raise EstimateError(
            "all intervals belong to one cluster",
            "a robust variance is told by how clusters differ",
            "leave `cluster` out: subjects then vary independently",
        )
    return codes


def alone(cluster: Integers) -> bool:
    """Whether there is but one cluster: what it pulls sums to 0, and tells of no variance.

    >>> alone(np.array([3, 3])), alone(np.array([3, 4])), alone(np.array([], dtype=int))
    (True, False, False)
    """
    return cluster.size > 0 and bool(cluster.min() == cluster.max())


def few_clusters(clusters: int) -> tuple[str, ...]:
    """What to say of a robust variance that is summed over so many clusters.

    It is too small with few, noticeably below about 40 (Angrist & Pischke 2009, Mostly Harmless
    Econometrics, section 8.2.3, doi:10.2307/j.ctvcm4j72).

    >>> few_clusters(12)
    ('12 clusters: a robust variance is too small with fewer than about 40',)
    >>> few_clusters(40)
    ()
    """
    if clusters >= FEW_CLUSTERS:
        return ()
    return (
        f"{clusters} cluster{'s' if clusters != 1 else ''}: a robust variance is too small with "
        f"fewer than about {FEW_CLUSTERS}",
    )
