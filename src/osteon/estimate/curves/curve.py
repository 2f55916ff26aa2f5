"""A step curve with its interval: what every non-parametric estimator returns."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import chosen_times, expect, number
from osteon.estimate.intervals import Estimate, difference, ratio
from osteon.estimate.shown import percent, shown, shown_rows

SURVIVAL = "survival"
CUMULATIVE_INCIDENCE = "cumulative incidence"
CUMULATIVE_HAZARD = "cumulative hazard"
PREDICTED = "model"
"""Variance of a curve that a model predicts: of its coefficients and its baseline together."""


_SHOWN = 10  # times of `Points` at a prompt
_COLUMNS = (
    "time", "at_risk", "events", "censored", "estimate", "std_error", "conf_low", "conf_high",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curve:
    """A probability, a mean count or a cumulative hazard, as a right-continuous step function.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Times after ``start`` at which anybody enters or leaves the risk set, ascending, in days.
    at_risk : ndarray of float, shape (k,)
        Weight at risk at (just before) each time.
    events, censored : ndarray of float, shape (k,)
        Weight with the event, and weight that leaves without one, at each time.
    estimate : ndarray of float, shape (k,)
        The probability, mean count or cumulative hazard just after each time.
    std_error : ndarray of float, shape (k,)
        Its standard error, on the plain scale; nan where survival has reached 0.
    conf_low, conf_high : ndarray of float, shape (k,)
        Pointwise confidence limits.
    start : float
        The curve is conditional on being free of the event at ``start``, in days.
    estimand : {"survival", "cumulative incidence", "mean cumulative count", "cumulative hazard"}
        What it is an estimate of.
    conf_level : float
        Two-sided confidence of the limits.
    interval : str
        Scale on which the limits are symmetric.
    variance : str
        Convention of the standard error; "model" where a model predicts the curve.
    cautions : tuple of str
        What a reader must know: an event among few at risk whom many join later, weights that
        are no counts under a variance that takes them for such.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    start: float
    estimand: str
    conf_level: float
    interval: str
    variance: str = "greenwood"
    cautions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """What it is and how much is behind it; the numbers are in `columns`."""
        facts = [
            self.estimand,
            f"{self.at_risk.max(initial=0.0):g} at risk",
            f"{self.events.sum():g} events",
            f"days {self.start:g} to {self.end:g}",
            f"{percent(self.conf_level)} {self.interval}",
            self.variance,
        ]
        return shown("Curve", facts, self.cautions)

    @property
    def columns(self) -> dict[str, Floats]:
        """Its arrays by name, each of shape (k,): ``pandas.DataFrame(curve.columns)``."""
        return {name: getattr(self, name) for name in _COLUMNS}

    @property
    def initial(self) -> float:
        """Value at ``start``: 1 for survival, 0 for a cumulative incidence or hazard."""
        return 1.0 if self.estimand == SURVIVAL else 0.0

    @property
    def end(self) -> float:
        """Last time at which anybody was seen, in days; ``start`` if nobody was."""
        return float(self.time[-1]) if self.time.size else self.start

    def at(self, times: ArrayLike) -> Points:
        """Evaluate the curve.

        Parameters
        ----------
        times : array_like of float, shape (m,)
            Times in days.

        Returns
        -------
        Points
            nan before ``start`` and after ``end``, except that survival which has reached 0
            stays there. The number at risk at ``start`` is of those just after it, as in
            ``summary(survfit(), times=)``.
        """
        t = chosen_times(times)
        before = np.searchsorted(self.time, t, side="right")
        gone = self.estimand == SURVIVAL and self.time.size > 0 and self.estimate[-1] == 0
        unknown = (t < self.start) | ((t > self.end) & (not gone))
        at_risk = np.append(self.at_risk, 0.0)[np.searchsorted(self.time, t, side="left")]
        return Points(
            time=t,
            at_risk=np.where(t < self.start, np.nan, at_risk),
            events=_step(np.cumsum(self.events), 0.0, before, t < self.start),
            estimate=_step(self.estimate, self.initial, before, unknown),
            std_error=_step(self.std_error, 0.0, before, unknown),
            conf_low=_step(self.conf_low, self.initial, before, unknown),
            conf_high=_step(self.conf_high, self.initial, before, unknown),
        )


@dataclass(frozen=True, eq=False)
class Points:
    """A curve's values at chosen times.

    Attributes
    ----------
    time : ndarray of float, shape (m,)
        In days.
    at_risk : ndarray of float, shape (m,)
        Weight at risk at (just before) each time.
    events : ndarray of float, shape (m,)
        Weight with the event from the curve's start up to each time.
    estimate, std_error : ndarray of float, shape (m,)
        The curve at each time, and its standard error.
    conf_low, conf_high : ndarray of float, shape (m,)
        Pointwise confidence limits.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats

    def __repr__(self) -> str:
        """A line for each of a few times; the numbers are in `columns`."""
        few = self.time.size <= _SHOWN
        columns = (self.estimate, self.conf_low, self.conf_high, self.at_risk, self.events)
        rows = {
            f"day {t:g}": f"{value:.4g} ({low:.4g} to {high:.4g}), {n:g} at risk, {d:g} events"
            for t, value, low, high, n, d in zip(self.time, *columns, strict=True)
            if few
        }
        return shown_rows("Points", [f"{self.time.size} times"], rows)

    @property
    def columns(self) -> dict[str, Floats]:
        """Its arrays by name, each of shape (m,): ``pandas.DataFrame(points.columns)``."""
        return dict(vars(self))


def fixed_time(curve: Curve, time: float) -> Estimate:
    """The curve's value at one time, as an estimate.

    Parameters
    ----------
    curve : Curve
        Of any estimand.
    time : float
        In days, within follow-up.

    Returns
    -------
    Estimate
        With the curve's own limits; no p.

    Raises
    ------
    EstimateError
        If the time lies outside the curve.

    Notes
    -----
    :math:`S(t) = S(t_j)` with :math:`t_j \\le t < t_{j+1}`, and its pointwise limits ([1]_,
    section 4.3). R: ``summary(survfit(...), times = t)``.

    References
    ----------
    .. [1] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., doi:10.1007/b97377.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> history = History.of(exit=[2, 4, 6, 8], event=[1, 0, 1, 0])
    >>> survival = fixed_time(kaplan_meier(risk_table(history))["all"], 5)
    >>> survival.estimate, round(survival.conf_low, 3), round(survival.conf_high, 3)
    (0.75, 0.128, 0.961)
    """
    expect(Curve, curve=curve)
    points = curve.at(number("time", time))
    if np.isnan(points.estimate[0]):
        raise EstimateError(
            f"the curve has no value at day {time:g}",
            f"it runs from day {curve.start:g} to day {curve.end:g}",
            "choose a time within follow-up",
        )
    return Estimate(
        estimate=float(points.estimate[0]),
        std_error=float(points.std_error[0]),
        conf_low=float(points.conf_low[0]),
        conf_high=float(points.conf_high[0]),
        conf_level=curve.conf_level,
        interval=curve.interval,
        cautions=curve.cautions,
    )


def fixed_time_difference(a: Curve, b: Curve, time: float) -> Estimate:
    """Difference of two independent curves at one time, with a Wald interval and p.

    Parameters
    ----------
    a, b : Curve
        Of different subjects, of one estimand, from one start, at one confidence level.
    time : float
        In days, within the follow-up of both.

    Returns
    -------
    Estimate
        ``a - b``; ``p_value`` tests that it is 0.

    Raises
    ------
    EstimateError
        If the time lies outside a curve, or the curves differ in estimand, start or level.

    Notes
    -----
    .. math:: S_a(t) - S_b(t) \\pm z \\sqrt{SE_a^2(t) + SE_b^2(t)}

    ([1]_.) R: ``ComparisonSurv::Fixpoint.test(time, status, group, t0)`` ("naive"), without late
    entry and weights; else ``surv`` and ``std.err`` of ``summary(survfit(...), times = t)`` in the
    formula.

    References
    ----------
    .. [1] Klein, Logan, Harhoff & Andersen (2007), Stat. Med. 26:4505-4519,
       doi:10.1002/sim.2864.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> curves = kaplan_meier(risk_table(History.of(
    ...     exit=[1, 5, 6, 7, 1, 2, 7, 8], event=[1, 0, 0, 1, 1, 1, 1, 1],
    ...     stratum=[0, 0, 0, 0, 1, 1, 1, 1], strata=("a", "b"),
    ... )))
    >>> d = fixed_time_difference(curves["a"], curves["b"], 4)
    >>> d.estimate, round(d.std_error, 4)          # 0.75 - 0.5; sqrt(0.1875 / 4 + 0.25 / 4)
    (0.25, 0.3307)
    """
    check_comparable(a, b)
    return difference(fixed_time(a, time), fixed_time(b, time))


def fixed_time_ratio(a: Curve, b: Curve, time: float) -> Estimate:
    """Ratio of two independent curves at one time, with a Wald interval and p on the log scale.

    Of two cumulative incidences it is the risk ratio by that time.

    Parameters
    ----------
    a, b, time
        As in `fixed_time_difference`.

    Returns
    -------
    Estimate
        ``a / b``; ``std_error`` is that of its log, ``p_value`` tests that it is 1.

    Raises
    ------
    EstimateError
        As `fixed_time_difference`, or if one of the two is 0.

    Notes
    -----
    .. math:: \\frac{S_a(t)}{S_b(t)} \\exp\\left( \\pm z \\sqrt{\\frac{SE_a^2(t)}{S_a^2(t)}
        + \\frac{SE_b^2(t)}{S_b^2(t)}} \\right)

    ([1]_, of log S.) R: ``ComparisonSurv::Fixpoint.test(time, status, group, t0)`` ("log"), without
    late entry and weights; else ``surv`` and ``std.err`` of ``summary(survfit(...), times = t)``
    in the formula.

    References
    ----------
    .. [1] Klein, Logan, Harhoff & Andersen (2007), Stat. Med. 26:4505-4519,
       doi:10.1002/sim.2864.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> curves = kaplan_meier(risk_table(History.of(
    ...     exit=[1, 5, 6, 7, 1, 2, 7, 8], event=[1, 0, 0, 1, 1, 1, 1, 1],
    ...     stratum=[0, 0, 0, 0, 1, 1, 1, 1], strata=("a", "b"),
    ... )))
    >>> r = fixed_time_ratio(curves["a"], curves["b"], 4)
    >>> r.estimate, round(r.std_error, 4)                  # 0.75 / 0.5; sqrt(1/12 + 1/4)
    (1.5, 0.5774)
    """
    check_comparable(a, b)
    return ratio(fixed_time(a, time), fixed_time(b, time))


def check_start(start: float) -> None:
    """Refuse a start that is not a time."""
    if not isinstance(start, Real) or not np.isfinite(float(start)):
        raise EstimateError(
            f"`start` is {start}",
            "it must be a finite number of days",
            "of `earliest_start` give the time of a stratum, or `jointly`; where that is inf, too few "
            "were ever at risk: report no curve",
        )


def check_comparable(a: Curve, b: Curve) -> None:
    """Refuse two curves of different kinds or starts, or that are not independent."""
    expect(Curve, a=a, b=b)
    if a.start != b.start:
        raise EstimateError(
            f"the curves start at day {a.start:g} and day {b.start:g}",
            "two curves conditional on one start are compared",
            "give both the `jointly` of `earliest_start`",
        )
    if a.estimand != b.estimand:
        raise EstimateError(
            f"the curves are of {a.estimand} and {b.estimand}",
            "two curves of one kind are compared",
        )
    if PREDICTED in (a.variance, b.variance):
        raise EstimateError(
            "a curve is predicted by a model",
            "two predictions of one model rest on the same coefficients: they are not independent",
            "contrast two patients by `predicted_survival_difference` and its like",
        )
    if np.shares_memory(a.at_risk, b.at_risk):
        raise EstimateError(
            "the curves are of the same subjects",
            "independent curves are compared, of different strata",
            "two outcomes of one group compete: show both, or test groups by `gray`",
        )


def _step(values: Floats, initial: float, before: np.ndarray, unknown: np.ndarray) -> Floats:
    return np.where(unknown, np.nan, np.concatenate([[initial], values])[before])
