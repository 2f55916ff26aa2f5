"""Likelihood of a panel-observed Markov process, and its gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from osteon.contracts.arrays import Floats
from osteon.estimate.multi_state.matrix_exponential import MatrixExponentials
from osteon.estimate.multi_state.panel import UNSEEN, Links


class PanelLikelihood:
    """Log-likelihood of the links between visits under log-linear intensities.

    Parameters
    ----------
    links : Links
        Of all subjects.
    x : ndarray of float, shape (links, p)
        Design of each link: 1, then covariates.
    transitions : sequence of (int, int)
        Allowed transitions between ``size`` states.
    free : ndarray of bool, shape (transitions, p)
        Which coefficients there are; the parameter vector lists them row by row.
    exact : ndarray of bool, shape (size,)
        States whose time of entry is known.
    possible : ndarray of bool, shape (size,)
        Where a subject in an unseen state may be.

    Notes
    -----
    With P = exp(Q t) a link from r to s contributes P_rs; to a state entered at a known time
    sum_m P_rm q_ms, the state just before being unknown; to an unseen state the sum over those
    possible ([1]_). Links through unseen states multiply. The gradient runs
    backwards through the same products.

    References
    ----------
    .. [1] Jackson (2011), J. Stat. Softw. 38(8), doi:10.18637/jss.v038.i08.
    """

    def __init__(
        self,
        links: Links,
        x: Floats,
        transitions: Sequence[tuple[int, int]],
        free: np.ndarray,
        exact: np.ndarray,
        possible: np.ndarray,
    ) -> None:
        self.links, self.free, self.size = links, free, exact.size
        self.origins = np.array([a for a, _ in transitions])
        self.targets = np.array([b for _, b in transitions])
        self.patterns, group = np.unique(x, axis=0, return_inverse=True)
        cells = np.column_stack([group.reshape(-1), links.wait])
        unique, cell = np.unique(cells, axis=0, return_inverse=True)
        self.cell, self.wait = cell.reshape(-1), unique[:, 1]
        self.cell_group = unique[:, 0].astype(np.int64)
        each = np.arange(self.cell.size)
        self._into_cells = csr_array(
            (np.ones(each.size), (self.cell, each)), shape=(self.wait.size, each.size)
        )
        self.group = self.cell_group[self.cell]
        to = np.maximum(links.to, 0)
        seen = np.eye(self.size, dtype=bool)[to]
        unseen = np.where(links.anywhere[:, None], True, possible)
        self.ends = np.where((links.to == UNSEEN)[:, None], unseen, seen).astype(np.float64)
        self.exactly = np.flatnonzero((links.to != UNSEEN) & exact[to])
        self.by_depth = [
            np.flatnonzero(links.depth == d) for d in range(int(links.depth.max(initial=-1)) + 1)
        ]

    def coefficients(self, parameters: Floats) -> Floats:
        """The parameters in their places, shape (transitions, p); 0 where there is none."""
        full = np.zeros(self.free.shape)
        full[self.free] = parameters
        return full

    def generators(self, x: Floats, parameters: Floats) -> Floats:
        """Q of each design row, shape (rows, size, size)."""
        q = np.zeros((x.shape[0], self.size, self.size))
        with np.errstate(over="ignore"):
            q[:, self.origins, self.targets] = np.exp(x @ self.coefficients(parameters).T)
        at = np.arange(self.size)
        q[:, at, at] = -q.sum(axis=2)
        return q

    def reachable(self) -> np.ndarray:
        """Whether any path of transitions explains each chain of links, shape (chains,)."""
        one = np.zeros((self.size, self.size))
        one[self.origins, self.targets] = 1.0
        paths = np.linalg.matrix_power(one + np.eye(self.size), self.size)
        everywhere = np.broadcast_to(paths, (self.cell.size, *paths.shape))
        steps = np.sign(self._through_ends(everywhere, np.tile(one, (self.exactly.size, 1, 1))))
        before = np.sign(self._forwards(steps))
        return np.asarray(_rows_times(before, steps)[self.links.last].any(axis=1))

    def evaluate(self, parameters: Floats) -> tuple[float, Floats]:
        """Log-likelihood and gradient; (-inf, 0) where the parameters are out of reach.

        So they are where a panel's probability is so near 0 that its gradient overflows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            value, gradient = self._evaluated(parameters)
        if not np.isfinite(gradient).all():
            return -np.inf, np.zeros_like(parameters)
        return value, gradient

    def _evaluated(self, parameters: Floats) -> tuple[float, Floats]:
        q = self.generators(self.patterns, parameters)
        nowhere = -np.inf, np.zeros_like(parameters)
        if not (np.abs(q) < _FASTEST).all():
            return nowhere
        exponentials = MatrixExponentials(q, self.cell_group, self.wait)
        p, entries = exponentials.probabilities[self.cell], self._entries(q)
        steps = self._through_ends(p, entries)
        before = self._forwards(steps)
        after = _rows_times(before, steps)
        total = after[self.links.last].sum(axis=1)
        if not (total > 0).all():
            return nowhere
        slope = self._backwards(steps, total)
        arrived = self.ends * slope
        arrived[self.exactly] = (entries @ slope[self.exactly, :, None])[:, :, 0]
        outer = (before[:, :, None] * arrived[:, None, :]).reshape(before.shape[0], -1)
        of_p = (self._into_cells @ outer).reshape(-1, self.size, self.size)
        of_q = exponentials.slopes(of_p)
        by_rate = of_q[:, self.origins, self.targets] - of_q[:, self.origins, self.origins]
        by_rate += self._of_exact_entries(p, before, slope)
        gradient = (by_rate * q[:, self.origins, self.targets]).T @ self.patterns
        return float(np.log(total).sum()), gradient[self.free]

    def _entries(self, q: Floats) -> Floats:
        """Intensities into each state entered at a known time, in its column, else 0."""
        entries = q[self.group[self.exactly]]
        at = np.arange(self.size)
        entries[:, at, at] = 0.0
        return entries * self.ends[self.exactly][:, None, :]

    def _through_ends(self, p: Floats, entries: Floats) -> Floats:
        """What each link multiplies by: probabilities to where its end may be."""
        steps = p * self.ends[:, None, :]
        steps[self.exactly] = p[self.exactly] @ entries
        return steps

    def _forwards(self, steps: Floats) -> Floats:
        """The row vector that reaches each link from the last known state, shape (links, size)."""
        before = np.eye(self.size)[np.maximum(self.links.origin, 0)]
        for rows in self.by_depth[1:]:
            before[rows] = _rows_times(before[rows - 1], steps[rows - 1])
        return before

    def _backwards(self, steps: Floats, total: Floats) -> Floats:
        """Derivative of the log-likelihood by what each link ends with."""
        slope = np.zeros((self.cell.size, self.size))
        slope[self.links.last] = 1 / total[:, None]
        for rows in self.by_depth[:0:-1]:
            slope[rows - 1] = (steps[rows] @ slope[rows, :, None])[:, :, 0]
        return slope

    def _of_exact_entries(self, p: Floats, before: Floats, slope: Floats) -> Floats:
        """Derivative by the intensity of entry alone, shape (patterns, transitions)."""
        rows = self.exactly
        arriving = _rows_times(before[rows], p[rows])
        entered = slope[rows] * self.ends[rows]
        each = arriving[:, self.origins] * entered[:, self.targets]
        total = np.zeros((self.patterns.shape[0], self.origins.size))
        np.add.at(total, self.group[rows], each)
        return total


def _rows_times(rows: Floats, matrices: Floats) -> Floats:
    """Row k times matrix k, shape (n, size)."""
    return np.asarray((rows[:, None, :] @ matrices)[:, 0])


_FASTEST = 1e8  # an intensity above it is a step that went astray
