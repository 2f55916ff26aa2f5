"""Log-likelihood of an illness-death model with an onset between exams, and its derivatives.

Each way in which a subject's follow-up may have come about is one term: onset in one piece of its
window, or none. A term's logarithm is linear in the hazards but for the piece of onset, and a
subject's likelihood is the sum of its terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.bounds import Bounds
from osteon.estimate.interval_censored.piecewise import LogHazards, Pieces
from osteon.estimate.newton import Evaluation

_ONSET, _WITHOUT, _WITH = 0, 1, 2


@dataclass(frozen=True, eq=False)
class IllnessDeathLikelihood:
    """The terms; sorted by subject.

    Attributes
    ----------
    log_hazards : LogHazards
        Of the three transitions.
    weight : ndarray of float, shape (n,)
        Case weights.
    subject : ndarray of int, shape (m,)
        Whose term it is.
    exposure : ndarray of float, shape (m, 3, k)
        Days in each piece at risk of each transition, those in the stretch of onset apart.
    events : ndarray of float, shape (m, 3, k)
        1 where the transition is known to happen in the piece, for its log hazard.
    piece : ndarray of int, shape (m,)
        Piece of an onset on an unknown day, or -1 for a term without one.
    stretch : ndarray of float, shape (m,)
        Days in which that onset may have been, within the piece.
    """

    log_hazards: LogHazards
    weight: Floats
    subject: Integers
    exposure: Floats
    events: Floats
    piece: Integers
    stretch: Floats

    @classmethod
    def of(
        cls,
        bounds: Bounds,
        exit: Floats,
        death: NDArray[np.bool_],
        pieces: Pieces,
        log_hazards: LogHazards,
    ) -> IllnessDeathLikelihood:
        """Collect the terms of every subject."""
        found = np.isfinite(bounds.right)
        until = np.where(found, bounds.right, exit)
        low = np.maximum(bounds.left[:, None], pieces.edges[:-1])
        high = np.minimum(until[:, None], pieces.edges[1:])
        between = np.argwhere(low < high)
        known = np.flatnonzero(bounds.left == bounds.right)
        never = np.flatnonzero(~found)
        rows = np.concatenate([between[:, 0], known, never])
        kind = np.repeat([0, 1, 2], [len(between), known.size, never.size])
        onset = np.concatenate(
            [low[tuple(between.T)], bounds.left[known], exit[never]]
        )  # free until then
        affected = np.concatenate([high[tuple(between.T)], bounds.left[known], exit[never]])
        exposure = np.zeros((rows.size, 3, len(pieces)))
        free = pieces.time_in(onset) - pieces.time_in(bounds.entry[rows])
        exposure[:, _ONSET], exposure[:, _WITHOUT] = free, free
        exposure[:, _WITH] = pieces.time_in(exit[rows]) - pieces.time_in(affected)
        events = np.zeros_like(exposure)
        some = np.flatnonzero(kind == 1)
        events[some, _ONSET, pieces.piece(onset[some])] = 1.0
        some = np.flatnonzero(death[rows])
        cause = np.where(kind[some] == 2, _WITHOUT, _WITH)
        events[some, cause, pieces.piece(exit[rows[some]])] = 1.0
        piece = np.full(rows.size, -1)
        piece[: len(between)] = between[:, 1]
        order = np.argsort(rows, kind="stable")
        return cls(
            log_hazards=log_hazards,
            weight=bounds.weight,
            subject=rows[order],
            exposure=exposure[order],
            events=events[order],
            piece=piece[order],
            stretch=(affected - onset)[order],
        )

    def start(self) -> Floats:
        """Crude rates, every term of a subject counting the same."""
        share = 1 / np.bincount(self.subject)[self.subject]
        count = np.einsum("m,mtk->t", share, self.events) + 0.5
        inside = self.piece >= 0
        count[_ONSET] += share[inside].sum()
        days = np.einsum("m,mtk->t", share, self.exposure)
        days += (share * self.stretch)[inside].sum() / 2 + 1e-9
        theta = np.zeros(self.log_hazards.size)
        theta[: 3 * self.log_hazards.pieces] = np.repeat(
            np.log(count / days), self.log_hazards.pieces
        )
        return theta

    def penalised(self, theta: Floats, smoothness: float) -> Evaluation:
        """Less half ``smoothness`` times the squared steps of the log hazards."""
        here = self.evaluate(theta)
        if smoothness == 0:
            return here
        k = self.log_hazards.pieces
        steps = np.kron(np.eye(3), np.diff(np.eye(k), axis=0))
        rough = np.zeros((theta.size, theta.size))
        rough[: 3 * k, : 3 * k] = smoothness * steps.T @ steps
        return Evaluation(
            here.value - float(theta @ rough @ theta) / 2,
            here.score - rough @ theta,
            here.information + rough,
        )

    def evaluate(self, theta: Floats) -> Evaluation:
        """Log-likelihood, score and observed information."""
        hazard = self.log_hazards.hazards(theta)[self.subject]
        risk = self.exposure * hazard
        with np.errstate(divide="ignore", invalid="ignore"):
            known = np.where(self.events > 0, np.log(hazard), 0.0).sum(axis=(1, 2))
        value = known - risk.sum(axis=(1, 2))
        slopes = self.events - risk
        inside = np.flatnonzero(self.piece >= 0)
        stretch = _Stretch.of(hazard[inside, :, self.piece[inside]], self.stretch[inside])
        value[inside] += stretch.value
        slopes[inside, :, self.piece[inside]] += stretch.slope
        share, total = self._shares(value)
        weight = self.weight[self.subject] * share
        pulled = self.log_hazards.pull(slopes, self.subject)
        score = np.zeros((self.weight.size, theta.size))
        np.add.at(score, self.subject, share[:, None] * pulled)
        curvature = self.log_hazards.pull_diagonal(
            -weight[:, None, None] * risk, self.subject
        ) + self.log_hazards.pull_block(
            weight[inside, None, None] * stretch.curvature,
            self.piece[inside],
            self.subject[inside],
        )
        information = (
            (score * self.weight[:, None]).T @ score
            - (pulled * weight[:, None]).T @ pulled
            - curvature
        )
        return Evaluation(float(self.weight @ total), self.weight @ score, information)

    def _shares(self, value: Floats) -> tuple[Floats, Floats]:
        """Each term's share of its subject's likelihood, and that one's logarithm."""
        starts = np.flatnonzero(np.diff(self.subject, prepend=-1))
        largest = np.maximum.reduceat(value, starts)
        part = np.exp(value - largest[self.subject])
        total = np.add.reduceat(part, starts)
        return part / total[self.subject], largest + np.log(total)


@dataclass(frozen=True, eq=False)
class _Stretch:
    """log of a * integral of exp(-(a + b) u - c (d - u)) over u in (0, d), onset at u.

    With x = (a + b - c) d it is log(a d) - (a + b + c) d / 2 + log(sinh(x / 2) / (x / 2)).

    Attributes
    ----------
    value : ndarray of float, shape (m,)
    slope : ndarray of float, shape (m, 3)
        By log a, log b, log c.
    curvature : ndarray of float, shape (m, 3, 3)
    """

    value: Floats
    slope: Floats
    curvature: Floats

    @classmethod
    def of(cls, hazard: Floats, days: Floats) -> _Stretch:
        each = hazard * days[:, None]  # a d, b d, c d
        sign = np.array([1.0, 1.0, -1.0])
        y = each @ sign / 2
        langevin, bend = _langevin(y)
        by_hazard = -each / 2 + each * sign * langevin[:, None] / 2
        slope = by_hazard.copy()
        slope[:, _ONSET] += 1.0
        signed = each * sign
        curvature = signed[:, :, None] * signed[:, None, :] * bend[:, None, None] / 4
        curvature[:, np.arange(3), np.arange(3)] += by_hazard
        with np.errstate(divide="ignore"):
            value = np.log(each[:, _ONSET]) - each.sum(axis=1) / 2 + _log_sinhc(y)
        return cls(value, slope, curvature)


def _log_sinhc(y: Floats) -> Floats:
    """log(sinh(y) / y), 0 at 0."""
    size = np.abs(y)
    safe = np.maximum(size, 1e-4)
    far = safe + np.log(-np.expm1(-2 * safe) / (2 * safe))
    return np.where(size > 1e-4, far, y**2 / 6)


def _langevin(y: Floats) -> tuple[Floats, Floats]:
    """coth(y) - 1 / y, and its derivative 1 / y^2 - 1 / sinh(y)^2; series near 0."""
    size = np.abs(y)
    safe = np.where(size > 0.02, y, 1.0)
    with np.errstate(over="ignore"):
        value = 1 / np.tanh(safe) - 1 / safe
        slope = 1 / safe**2 - 1 / np.sinh(safe) ** 2
    near = y / 3 - y**3 / 45 + 2 * y**5 / 945
    near_slope = 1 / 3 - y**2 / 15 + 2 * y**4 / 189
    return np.where(size > 0.02, value, near), np.where(size > 0.02, slope, near_slope)
