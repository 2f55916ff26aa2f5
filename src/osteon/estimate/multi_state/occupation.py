"""Probabilities of being in each state over time, with their limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats
from osteon.estimate.arguments import chosen_times
from osteon.estimate.curves.curve import Points
from osteon.estimate.intervals import probability_limits
from osteon.estimate.shown import percent, shown

_ROUNDING = 1e-13
_ROUNDED_VARIANCE = 1e-15  # a sum of terms up to 1 cannot know better


@dataclass(frozen=True, eq=False)
class Occupation:
    """Probabilities of being in each state, as right-continuous step functions of time.

    Attributes
    ----------
    states : tuple of str
        Names; the rows of the arrays.
    time : ndarray of float, shape (k,)
        Times after ``start`` at which anybody enters or leaves a risk set, ascending, in days.
    at_risk : ndarray of float, shape (states, k)
        Weight at risk in each state at (just before) each time.
    events : ndarray of float, shape (states, k)
        Weight that enters each state by a transition at each time.
    estimate, std_error, conf_low, conf_high : ndarray of float, shape (states, k)
        Probability just after each time, its standard error, and pointwise limits. Where all have
        died the error is 0, as mstate and survfit print it, and there are no limits (nan): that
        everybody dies was not found out without doubt.
    covariance : ndarray of float, shape (k, states, states)
        Covariance matrix of the probabilities at each time.
    initial : ndarray of float, shape (states,)
        Distribution over the states at ``start``.
    initial_covariance : ndarray of float, shape (states, states)
        Its covariance: 0 where the distribution was stated.
    start : float
        In days; the probabilities are those of somebody distributed as ``initial`` then.
    conf_level : float
        Two-sided confidence of the limits.
    interval, variance : str
        Scale of the limits, and convention of the variance.
    cautions : tuple of str
        What a reader must know: weights that are no counts under a variance that takes them for
        such.
    """

    states: tuple[str, ...]
    time: Floats
    at_risk: Floats
    events: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    covariance: Floats
    initial: Floats
    initial_covariance: Floats
    start: float
    conf_level: float
    interval: str
    variance: str
    cautions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """What it is and how much is behind it; the numbers are in `columns`."""
        facts = [
            f"states {', '.join(self.states)}",
            f"{self.events.sum():g} transitions",
            f"days {self.start:g} to {self.end:g}",
            f"{percent(self.conf_level)} {self.interval}",
            self.variance,
        ]
        return shown("Occupation", facts, self.cautions)

    @property
    def end(self) -> float:
        """Last time at which anybody was seen, in days; ``start`` if nobody was."""
        return float(self.time[-1]) if self.time.size else self.start

    @property
    def columns(self) -> dict[str, NDArray]:
        """Its arrays by name, a row a state and time: ``pandas.DataFrame(occupation.columns)``."""
        names = ("at_risk", "events", "estimate", "std_error", "conf_low", "conf_high")
        return {
            "state": np.repeat(self.states, self.time.size),
            "time": np.tile(self.time, len(self.states)),
            **{name: getattr(self, name).ravel() for name in names},
        }

    @property
    def settled(self) -> bool:
        """Whether at the end everybody is in a state that nobody leaves: there they stay."""
        left = self.at_risk.any(axis=1)
        return self.time.size > 0 and bool((self.estimate[left, -1] == 0).all())

    def at(self, times: ArrayLike) -> dict[str, Points]:
        """Evaluate every state's probability.

        Parameters
        ----------
        times : array_like of float, shape (m,)
            Times in days.

        Returns
        -------
        dict of str to Points
            By state; nan before ``start`` and, unless `settled`, after ``end``. ``events`` counts
            who entered the state since ``start``.
        """
        t = chosen_times(times)
        unknown = (t < self.start) | ((t > self.end) & (not self.settled))
        before = np.searchsorted(self.time, t, side="right")
        reached = np.searchsorted(self.time, t, side="left")
        first_error = np.sqrt(np.diag(self.initial_covariance))
        low, high = probability_limits(self.initial, first_error, self.conf_level, self.interval)

        def step(values: Floats, first: float) -> Floats:
            return np.where(unknown, np.nan, np.concatenate([[first], values])[before])

        return {
            state: Points(
                time=t,
                at_risk=np.where(t < self.start, np.nan, np.append(self.at_risk[j], 0.0)[reached]),
                events=step(np.cumsum(self.events[j]), 0.0),
                estimate=step(self.estimate[j], self.initial[j]),
                std_error=step(self.std_error[j], first_error[j]),
                conf_low=step(self.conf_low[j], low[j]),
                conf_high=step(self.conf_high[j], high[j]),
            )
            for j, state in enumerate(self.states)
        }


def occupation(
    *,
    states: tuple[str, ...],
    time: Floats,
    at_risk: Floats,
    events: Floats,
    estimate: Floats,
    covariance: Floats,
    initial: Floats,
    initial_covariance: Floats,
    start: float,
    conf_level: float,
    interval: str,
    variance: str,
    cautions: tuple[str, ...] = (),
) -> Occupation:
    """Add standard errors and limits; ``at_risk``, ``events``, ``estimate`` of shape (k, states).

    A probability within rounding of 0 or 1 is 0 or 1, and a variance within rounding of 0 is 0;
    but once nobody is left in a state that anybody leaves, such a variance tells nothing, and
    there are no limits.
    """
    estimate = np.where(estimate < _ROUNDING, 0.0, np.where(estimate > 1 - _ROUNDING, 1, estimate))
    squared = np.diagonal(covariance, axis1=1, axis2=2)
    std_error = np.sqrt(np.where(squared <= _ROUNDED_VARIANCE, 0.0, squared))
    nobody_left = (estimate[:, at_risk.any(axis=0)] == 0).all(axis=1)
    known = np.where(nobody_left[:, None] & (std_error == 0), np.nan, std_error)
    conf_low, conf_high = probability_limits(estimate, known, conf_level, interval)
    return Occupation(
        states=states,
        time=time,
        at_risk=at_risk.T,
        events=events.T,
        estimate=estimate.T,
        std_error=std_error.T,
        conf_low=conf_low.T,
        conf_high=conf_high.T,
        covariance=covariance,
        initial=initial,
        initial_covariance=initial_covariance,
        start=start,
        conf_level=conf_level,
        interval=interval,
        variance=variance,
        cautions=cautions,
    )
