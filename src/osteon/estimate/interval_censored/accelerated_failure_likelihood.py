"""Log-likelihood of an accelerated failure model on windows, in b = beta / sigma and a = 1 / sigma.

In these z = a log t - x'b is linear, and the log-likelihood without late entry concave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.estimate.interval_censored.indefinite import maximise_anyhow
from osteon.estimate.interval_censored.location_scale import LocationScale, window_terms
from osteon.estimate.newton import Evaluation, Maximum

CURE = "leave covariates out, or choose a distribution with fewer parameters"


@dataclass(frozen=True, eq=False)
class AcceleratedFailureLikelihood:
    """Log-likelihood in (b, a), shape (p + 2,), with subjects of each kind apart."""

    spread: LocationScale
    x: Floats
    left: Floats
    right: Floats
    entry: Floats
    weight: Floats
    centre: float

    @classmethod
    def of(cls, bounds: Bounds, x: Floats, spread: LocationScale) -> AcceleratedFailureLikelihood:
        """Take logarithms and centre them."""
        with np.errstate(divide="ignore"):
            left, right, entry = (np.log(v) for v in (bounds.left, bounds.right, bounds.entry))
        some = np.concatenate([v[np.isfinite(v)] for v in (left, right)])
        centre = float(np.median(some)) if some.size else 0.0
        x = np.column_stack([np.ones(len(bounds)), x])
        return cls(spread, x, left - centre, right - centre, entry - centre, bounds.weight, centre)

    @property
    def free(self) -> np.ndarray:
        """Coefficients that are estimated: not the scale where it is fixed."""
        return np.arange(self.x.shape[1] + 1 - self.spread.fixed_scale)

    def start(self) -> Floats:
        """No covariate has an effect; the scale is that of the bounds."""
        some = np.concatenate([v[np.isfinite(v)] for v in (self.left, self.right)])
        theta = np.zeros(self.x.shape[1] + 1)
        theta[-1] = 1.0 if self.spread.fixed_scale else 1 / max(float(np.std(some)), 0.1)
        theta[0] = theta[-1] * float(np.mean(some))
        return theta

    def maximum(self, names: Sequence[str]) -> Maximum:
        """Maximise over the free coefficients."""
        start, free = self.start(), self.free

        def evaluate(part: Floats) -> Evaluation:
            theta = start.copy()
            theta[free] = part
            there = self.evaluate(theta)
            return Evaluation(there.value, there.score[free], there.information[np.ix_(free, free)])

        return maximise_anyhow(evaluate, start[free], [names[i] for i in free], CURE)

    def evaluate(self, theta: Floats) -> Evaluation:
        """Log-likelihood, score and observed information."""
        if not theta[-1] > 0:
            return Evaluation(-np.inf, np.zeros(theta.size), np.eye(theta.size))
        parts = [self._windows(theta), self._exact(theta), self._entries(theta)]
        return Evaluation(
            float(sum(part.value for part in parts)),
            sum((part.score for part in parts), np.zeros(theta.size)),
            sum((part.information for part in parts), np.zeros((theta.size, theta.size))),
        )

    def _windows(self, theta: Floats) -> Evaluation:
        rows = self.left < self.right
        low, by_low = self._z(theta, self.left[rows], rows)
        high, by_high = self._z(theta, self.right[rows], rows)
        terms, weight = window_terms(self.spread, low, high), self.weight[rows]
        cross = _cross(by_low, weight * terms.low_high, by_high)
        return Evaluation(
            float(weight @ terms.value),
            by_low.T @ (weight * terms.by_low) + by_high.T @ (weight * terms.by_high),
            -_cross(by_low, weight * terms.low_low, by_low)
            - _cross(by_high, weight * terms.high_high, by_high)
            - cross
            - cross.T,
        )

    def _exact(self, theta: Floats) -> Evaluation:
        rows = self.left == self.right
        z, by = self._z(theta, self.left[rows], rows)
        weight, a = self.weight[rows], theta[-1]
        log_time = self.left[rows] + self.centre
        score = by.T @ (weight * self.spread.slope(z))
        score[-1] += weight.sum() / a
        information = -_cross(by, weight * self.spread.bend(z), by)
        information[-1, -1] += weight.sum() / a**2
        value = weight @ (self.spread.log_density(z) + np.log(a) - log_time)
        return Evaluation(float(value), score, information)

    def _entries(self, theta: Floats) -> Evaluation:
        rows = np.isfinite(self.entry)
        z, by = self._z(theta, self.entry[rows], rows)
        terms = window_terms(self.spread, z, np.full(z.size, np.inf))
        weight = self.weight[rows]
        return Evaluation(
            -float(weight @ terms.value),
            -by.T @ (weight * terms.by_low),
            _cross(by, weight * terms.low_low, by),
        )

    def _z(self, theta: Floats, y: Floats, rows: np.ndarray) -> tuple[Floats, Floats]:
        """Standardised times, and their derivatives, shape (n, p + 2); 0 at +-inf."""
        finite = np.isfinite(y)
        by = np.column_stack([-self.x[rows], np.where(finite, y, 0.0)]) * finite[:, None]
        return np.where(finite, by @ theta, y), by


def _cross(a: Floats, weight: Floats, b: Floats) -> Floats:
    return (a * weight[:, None]).T @ b
