"""Hazards that are constant between cuts: time spent in each piece, and log-linear covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers, numbers
from osteon.errors import EstimateError
from osteon.estimate.regression.design_matrix import Design


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces ``(edge_k, edge_k+1]`` of time from 0 to infinity.

    Attributes
    ----------
    edges : ndarray of float, shape (k + 1,)
        0, the cuts, inf; in days.
    """

    edges: Floats

    @classmethod
    def of(cls, cuts: ArrayLike) -> Pieces:
        """Build from cuts; refuses those that are not positive, finite and ascending."""
        inner = np.atleast_1d(numbers("cuts", cuts))
        edges = np.concatenate([[0.0], inner.reshape(-1), [np.inf]])
        if inner.ndim > 1 or not (np.isfinite(inner).all() and (np.diff(edges) > 0).all()):
            raise EstimateError(
                "the cuts are not positive and ascending",
                "cuts are days after 0, each later than the one before",
            )
        return cls(edges)

    def __len__(self) -> int:
        return self.edges.size - 1

    def time_in(self, until: Floats) -> Floats:
        """Days spent in each piece until a time, shape (n, k)."""
        start, end = self.edges[:-1], self.edges[1:]
        return np.clip(until[:, None] - start, 0.0, end - start)

    def piece(self, time: Floats) -> Integers:
        """Index of the piece that holds each time, shape (n,)."""
        return np.maximum(np.searchsorted(self.edges, time, side="left") - 1, 0)

    def names(self) -> list[str]:
        """Each piece as a reader would say it."""
        edges = [f"{edge:g}" for edge in self.edges]
        return [f"day {a} to {b}" for a, b in pairwise(edges)]


@dataclass(frozen=True, eq=False)
class LogHazards:
    """Log hazards of each transition and piece as a linear function of the coefficients.

    The coefficients are the log hazards at the covariates' means, transition by transition, and
    then each transition's log hazard ratios (of standardised covariates).

    Attributes
    ----------
    pieces : int
        Number of pieces.
    x : tuple of ndarray of float, shape (n, p_t)
        Standardised covariates of each transition.
    """

    pieces: int
    x: tuple[Floats, ...]

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return len(self.x) * self.pieces + sum(x.shape[1] for x in self.x)

    def effects(self, transition: int) -> slice:
        """Where a transition's log hazard ratios are."""
        start = len(self.x) * self.pieces + sum(x.shape[1] for x in self.x[:transition])
        return slice(start, start + self.x[transition].shape[1])

    def hazards(self, theta: Floats) -> Floats:
        """Hazards of each subject, shape (n, transitions, pieces)."""
        base = theta[: len(self.x) * self.pieces].reshape(len(self.x), self.pieces)
        linear = np.column_stack([x @ theta[self.effects(t)] for t, x in enumerate(self.x)])
        with np.errstate(over="ignore"):
            return np.exp(base + linear[:, :, None])

    def pull(self, slopes: Floats, rows: Integers) -> Floats:
        """Derivatives by the log hazards, shape (m, transitions, pieces), by coefficients.

        ``rows`` says whose each is; the result has shape (m, size).
        """
        total = slopes.sum(axis=2)
        effects = [x[rows] * total[:, t, None] for t, x in enumerate(self.x)]
        return np.concatenate(
            [slopes.reshape(rows.size, len(self.x) * self.pieces), *effects], axis=1
        )

    def pull_diagonal(self, curvature: Floats, rows: Integers) -> Floats:
        """Sum of second derivatives that link each log hazard to itself only, (size, size)."""
        n, k = len(self.x), self.pieces
        out = np.zeros((self.size, self.size))
        out[np.arange(n * k), np.arange(n * k)] = curvature.sum(axis=0).ravel()
        for t, x in enumerate(self.x):
            base, effect = slice(t * k, (t + 1) * k), self.effects(t)
            out[base, effect] = curvature[:, t].T @ x[rows]
            out[effect, base] = out[base, effect].T
            out[effect, effect] = (x[rows] * curvature[:, t].sum(axis=1)[:, None]).T @ x[rows]
        return out

    def pull_block(self, curvature: Floats, piece: Integers, rows: Integers) -> Floats:
        """Sum of second derivatives that link transitions within a piece.

        ``curvature`` has shape (m, transitions, transitions), ``piece`` (m,).
        """
        n, k = len(self.x), self.pieces
        out = np.zeros((self.size, self.size))
        inside = np.eye(k)[piece]
        for s in range(n):
            for t in range(n):
                c, at_s, at_t = curvature[:, s, t], self.effects(s), self.effects(t)
                xs, xt = self.x[s][rows], self.x[t][rows]
                sums = np.bincount(piece, c, k)
                out[s * k + np.arange(k), t * k + np.arange(k)] += sums
                out[s * k : (s + 1) * k, at_t] += inside.T @ (c[:, None] * xt)
                out[at_s, t * k : (t + 1) * k] += (c[:, None] * xs).T @ inside
                out[at_s, at_t] += (xs * c[:, None]).T @ xt
        return out


def to_units(log_hazards: LogHazards, designs: Sequence[Design]) -> Floats:
    """Matrix from the coefficients to log hazards at covariates 0 and log ratios per unit."""
    k = log_hazards.pieces
    out = np.eye(log_hazards.size)
    for t, design in enumerate(designs):
        effect = log_hazards.effects(t)
        out[t * k : (t + 1) * k, effect] = -design.centre / design.scale
        out[effect, effect] = np.diag(1 / design.scale)
    return out
