"""What a fitted panel model says: intensities, sojourn times, probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.linalg import expm

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import number
from osteon.estimate.intervals import Estimate, normal_quantile, probability_limits, wald_p
from osteon.estimate.multi_state.panel_likelihood import PanelLikelihood
from osteon.estimate.shown import percent, shown_ratios

Transition = tuple[str, str]


@dataclass(frozen=True, eq=False)
class PanelMarkov:
    """A fitted Markov model of a panel.

    Attributes
    ----------
    states : tuple of str
        Names.
    transitions : tuple of (str, str)
        Allowed transitions.
    covariates : tuple of str
        Names of covariates, then of the periods after each cut, e.g. "[5, 10)".
    coefficients : ndarray of float, shape (transitions, 1 + covariates)
        Log intensity with all covariates at 0, and log hazard ratios; 0 where a covariate does
        not act on a transition.
    covariance : ndarray of float, shape (parameters, parameters)
        Inverse of the observed information of the coefficients there are, row by row.
    acts : ndarray of bool, shape (transitions, 1 + covariates)
        Which coefficients there are.
    minus_2_log_likelihood : float
        At the maximum.
    means : dict of str to float
        Mean of each covariate over the links: where `intensities` are by default.
    links, subjects : int
        Steps from one visit to the next that inform the model, and whose they are.
    decrement : float
        Newton decrement at the maximum: about twice the log-likelihood still to be gained.
    conf_level : float
        Two-sided confidence of all limits.
    cuts : tuple of float
        Times at which the intensities change.
    likelihood : PanelLikelihood
        What was maximised.
    """

    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    covariates: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    acts: np.ndarray
    minus_2_log_likelihood: float
    means: dict[str, float]
    links: int
    subjects: int
    decrement: float
    conf_level: float
    cuts: tuple[float, ...]
    likelihood: PanelLikelihood = field(repr=False)

    def __repr__(self) -> str:
        """Its size and its ratios."""
        facts = [
            f"{self.subjects} subjects",
            f"{self.links} pairs of visits",
            f"{len(self.transitions)} transitions",
            f"hazard ratios ({percent(self.conf_level)})",
        ]
        ratios = {
            f"{' to '.join(transition)}: {name}": ratio
            for transition, named in self.hazard_ratios.items()
            for name, ratio in named.items()
        }
        return shown_ratios("PanelMarkov", facts, ratios, ())

    @property
    def hazard_ratios(self) -> dict[Transition, dict[str, Estimate]]:
        """Per unit of each covariate that acts, by transition; Wald limits on the log scale."""
        result: dict[Transition, dict[str, Estimate]] = {}
        std_error = self._std_error()
        for k, transition in enumerate(self.transitions):
            result[transition] = {
                name: self._ratio(self.coefficients[k, j + 1], std_error[k, j + 1])
                for j, name in enumerate(self.covariates)
                if self.acts[k, j + 1]
            }
        return result

    def intensities(self, at: Mapping[str, float] | None = None) -> dict[Transition, Estimate]:
        """Intensity of each transition, per unit of time, with limits on the log scale; no p.

        Parameters
        ----------
        at : mapping of str to float, optional
            Covariates; those left out are at their ``means``. A period is 1 in it, else 0.

        Returns
        -------
        dict of (str, str) to Estimate
            By transition.

        Raises
        ------
        EstimateError
            If a covariate is unknown or its value not finite.
        """
        slopes = self._slopes(at)
        logs = slopes @ self._parameters
        errors = np.sqrt(np.einsum("ka,ab,kb->k", slopes, self.covariance, slopes))
        return {
            transition: self._ratio(log, error, tested=False)
            for transition, log, error in zip(self.transitions, logs, errors, strict=True)
        }

    def sojourn(self, at: Mapping[str, float] | None = None) -> dict[str, Estimate]:
        """Mean time of one stay in each state that can be left, -1 / q_hh; log limits, no p.

        Parameters
        ----------
        at : mapping of str to float, optional
            Covariates; those left out are at their ``means``.

        Returns
        -------
        dict of str to Estimate
            By state, in the panel's unit of time.
        """
        q, dq = self._generator(at)
        result = {}
        for h, state in enumerate(self.states):
            if q[h, h] < 0:
                slope = -dq[:, h, h] / q[h, h]  # of log(1 / -q)
                error = float(np.sqrt(slope @ self.covariance @ slope))
                result[state] = self._ratio(-np.log(-q[h, h]), error, tested=False)
        return result

    def probabilities(
        self,
        time: float,
        *,
        start: float = 0.0,
        at: Mapping[str, float] | None = None,
        interval: str = "log-log",
    ) -> dict[str, dict[str, Estimate]]:
        """Probability of being in each state at ``time``, by the state at ``start``.

        Parameters
        ----------
        time, start : float
            In the panel's unit of time. With ``cuts`` the intensities change on the way.
        at : mapping of str to float, optional
            Covariates, constant on the way; those left out are at their ``means``.
        interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
            Scale of the delta method's limits.

        Returns
        -------
        dict of str to dict of str to Estimate
            First by the state at ``start``.
        """
        p, dp = self._transition_matrix(start, time, at)
        variance = np.einsum("aij,ab,bij->ij", dp, self.covariance, dp)
        std_error = np.sqrt(np.maximum(variance, 0))
        low, high = probability_limits(p, std_error, self.conf_level, interval)
        return {
            origin: {
                state: Estimate(
                    float(p[i, j]),
                    float(std_error[i, j]),
                    float(low[i, j]),
                    float(high[i, j]),
                    self.conf_level,
                    interval,
                )
                for j, state in enumerate(self.states)
            }
            for i, origin in enumerate(self.states)
        }

    @property
    def _parameters(self) -> Floats:
        return self.coefficients[self.acts]

    def _std_error(self) -> Floats:
        full = np.zeros(self.acts.shape)
        full[self.acts] = np.sqrt(np.diag(self.covariance))
        return full

    def _ratio(self, log: float, error: float, *, tested: bool = True) -> Estimate:
        z = normal_quantile(self.conf_level)
        low, value, high = np.exp([log - z * error, log, log + z * error])
        return Estimate(
            float(value),
            float(error),
            float(low),
            float(high),
            self.conf_level,
            "wald",
            wald_p(float(log), float(error)) if tested else float("nan"),
            error_scale="log",
        )

    def _row(self, at: Mapping[str, float] | None, begin: float | None = None) -> Floats:
        values = dict(self.means)
        for name, value in (at or {}).items():
            if name not in values:
                raise EstimateError(
                    f'there is no covariate "{name}"',
                    f"covariates are {', '.join(values) or 'none'}",
                    did_you_mean(name, values),
                )
            values[name] = float(value)
        if begin is not None:
            values |= dict(
                zip(
                    period_names(self.cuts), in_period(np.array([begin]), self.cuts)[0], strict=True
                )
            )
        return np.array([1.0, *(values[name] for name in self.covariates)])

    def _slopes(self, at: Mapping[str, float] | None) -> Floats:
        """Derivative of each log intensity by the parameters, shape (transitions, parameters)."""
        return _spread(self.acts, self._row(at))

    def _generator(
        self, at: Mapping[str, float] | None, begin: float | None = None
    ) -> tuple[Floats, Floats]:
        """Q and its derivative by the parameters, shapes (m, m), (parameters, m, m)."""
        row = self._row(at, begin)
        q = self.likelihood.generators(row[None], self._parameters)[0]
        slopes = _spread(self.acts, row)
        dq = np.zeros((self._parameters.size, *q.shape))
        for k, (a, b) in enumerate(
            zip(self.likelihood.origins, self.likelihood.targets, strict=True)
        ):
            dq[:, a, b] += slopes[k] * q[a, b]
            dq[:, a, a] -= slopes[k] * q[a, b]
        return q, dq

    def _transition_matrix(
        self, start: float, time: float, at: Mapping[str, float] | None
    ) -> tuple[Floats, Floats]:
        if not number("start", start) < number("time", time) < np.inf:
            raise EstimateError(f"`time` is {time:g}", f"it must be after `start`, {start:g}")
        edges = [start, *(c for c in self.cuts if start < c < time), time]
        p, dp = np.eye(len(self.states)), np.zeros((self._parameters.size, *[len(self.states)] * 2))
        for begin, end in pairwise(edges):
            q, dq = self._generator(at, begin if self.cuts else None)
            step, dstep = _exponential(q, dq, end - begin)
            p, dp = p @ step, dp @ step + p @ dstep
        return p, dp


def period_names(cuts: tuple[float, ...]) -> list[str]:
    """Names of the periods after each cut."""
    ends = [*cuts, np.inf]
    return [f"[{a:g}, {b:g})" for a, b in pairwise(ends)]


def in_period(time: Floats, cuts: tuple[float, ...]) -> Floats:
    """1 in the column of the period that each time lies in; none for the first, shape (n, cuts)."""
    return np.eye(len(cuts) + 1)[np.searchsorted(cuts, time, side="right")][:, 1:]


def _spread(acts: np.ndarray, row: Floats) -> Floats:
    """Derivative of each log intensity by the parameters at a design row, (transitions, params)."""
    slopes = np.zeros((acts.shape[0], int(acts.sum())))
    places = np.cumsum(acts.ravel()).reshape(acts.shape) - 1
    for k, there in enumerate(acts):
        slopes[k, places[k, there]] = row[there]
    return slopes


def _exponential(q: Floats, dq: Floats, time: float) -> tuple[Floats, Floats]:
    """exp(q t) and its derivative along each ``dq``, as a block of an exponential (Van Loan)."""
    m = q.shape[0]
    block = np.zeros((dq.shape[0], 2 * m, 2 * m))
    block[:, :m, :m] = block[:, m:, m:] = q
    block[:, :m, m:] = dq
    both = expm(block * time)
    return both[0, :m, :m], both[:, :m, m:]
