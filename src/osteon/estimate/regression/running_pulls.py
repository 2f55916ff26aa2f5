"""Robust variance of a predicted cumulative hazard at every time, without a pull at each of them.

With G the running sum of the baseline's steps, each over its risk set, a row pulls the baseline by
-risk (G - G at its entry) while it is at risk, and afterwards by what it had at its end. So a
cluster's pull is alpha + beta G, and both change only where one of its rows enters or leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.regression.predicted_path import Path


@dataclass(frozen=True, eq=False)
class _Changes:
    """Where a row enters and where it leaves, two of each row.

    ``row`` is its number, ``cell`` the event time, counted from the first that is met, and
    ``alpha`` and ``beta`` are what its part of the cluster's pull gains just there.
    """

    row: Integers
    cell: Integers
    alpha: Floats
    beta: Floats


def running_squares(path: Path, cluster: Integers, of_coefficients: Floats) -> Floats:
    """Sum of the clusters' squared pulls at each event time that is met, in O(rows log rows).

    Parameters
    ----------
    path : Path
        What the patient meets; the pulls are on its cumulative hazard.
    cluster : ndarray of int, shape (m,)
        Cluster of each of ``at_risk.rows``, numbered from 0.
    of_coefficients : ndarray of float, shape (clusters, p)
        Pull of each on the coefficients of the standardised covariates.

    Returns
    -------
    ndarray of float, shape (k,)

    Notes
    -----
    .. math:: \\sum_c (\\alpha_c + \\beta_c G + q' D_c)^2 = \\sum \\alpha_c^2 + 2 G \\sum \\alpha_c \\beta_c
        + G^2 \\sum \\beta_c^2 + 2 q' \\sum (\\alpha_c + \\beta_c G) D_c + q' \\sum D_c D_c' q
    """
    g, changes = _growth_and_changes(path)
    slopes = (path.moments.hazard * path.ratio)[:, None] * (path.z - path.moments.mean)
    q = np.cumsum(path.of_cells(slopes), axis=0)
    pulls = of_coefficients[cluster[changes.row]]

    def running(gained: Floats) -> Floats:
        return np.cumsum(np.bincount(changes.cell, gained, g.size))

    def crossed(gained: Floats) -> Floats:
        return np.column_stack([running(gained * pull) for pull in pulls.T])

    both = crossed(changes.alpha) + g[:, None] * crossed(changes.beta)
    squares = _running_products(changes, cluster, g)
    squares += 2 * np.sum(q * both, axis=1)
    squares += np.sum(q @ (of_coefficients.T @ of_coefficients) * q, axis=1)
    return np.maximum(squares, 0.0)  # -1e-20 is a rounded 0


def _growth_and_changes(path: Path) -> tuple[Floats, _Changes]:
    """G at each event time that is met, and what changes where."""
    a, moments = path.fit.likelihood.at_risk, path.moments
    share = path.ratio / moments.denominator
    steps = share * moments.hazard
    growth, left, own = path.of_cells(np.column_stack([steps, steps * a.fraction, share])).T
    if a.tied:
        own = own / a.deaths[path.cells]
    g = np.cumsum(growth)
    last = a.place // 2 - 1
    row = np.flatnonzero((last >= path.cells.start) & (last < path.cells.stop))
    first = a.entered[row] // 2 if a.entered.size else np.zeros(row.size, dtype=np.int64)
    first, last = np.maximum(first - path.cells.start, 0), last[row] - path.cells.start
    risk, dies = moments.risk[row], a.event[row]
    before = risk * np.concatenate([[0.0], g])[first]
    at_end = dies * path.fit.likelihood.weight[row] * own[last]
    at_end += before - risk * (g[last] - dies * left[last])
    return g, _Changes(
        row=np.concatenate([row, row]),
        cell=np.concatenate([first, last]),
        alpha=np.concatenate([before, at_end - before]),
        beta=np.concatenate([-risk, risk]),
    )


def _running_products(changes: _Changes, cluster: Integers, g: Floats) -> Floats:
    """Sum over clusters of (alpha + beta G) squared, at each event time."""
    of_cluster = cluster[changes.row]
    order = np.lexsort((changes.cell, of_cluster))
    cell, begins = changes.cell[order], np.diff(of_cluster[order], prepend=-1) > 0
    (alpha, before_a), (beta, before_b) = (
        _within(gained[order], begins) for gained in (changes.alpha, changes.beta)
    )

    def running(after: Floats, before: Floats) -> Floats:
        return np.cumsum(np.bincount(cell, after - before, g.size))

    return (
        running(alpha**2, before_a**2)
        + 2 * g * running(alpha * beta, before_a * before_b)
        + g**2 * running(beta**2, before_b**2)
    )


def _within(gained: Floats, begins: np.ndarray) -> tuple[Floats, Floats]:
    """Running sums that begin anew where a cluster does: after each change, and before it."""
    start = np.flatnonzero(begins)
    anew = gained.copy()
    anew[start[1:]] -= np.add.reduceat(gained, start)[:-1]  # so that no sum grows over clusters
    after = np.cumsum(anew)
    before = np.concatenate([[0.0], after[:-1]])
    before[start] = 0.0
    return after, before
