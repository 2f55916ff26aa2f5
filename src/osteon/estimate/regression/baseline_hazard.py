"""What a Cox model predicts for one patient: cumulative hazard and survival over time.

The patient's covariates may change on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, numbers
from osteon.contracts.history import History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, number
from osteon.estimate.curves.curve import PREDICTED, SURVIVAL, Curve, check_start
from osteon.estimate.intervals import probability_limits
from osteon.estimate.regression.cox import CoxFit, check_finite
from osteon.estimate.regression.design_matrix import Design
from osteon.estimate.tables.risk_table import RiskSets, risk_table

Course = Mapping[str, float | Sequence[float]]
"""Covariates of one patient: a value each, or one for each part of the way."""


@dataclass(frozen=True, eq=False)
class CumulativeHazard:
    """A cumulative hazard as a step function of time.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Event times of the stratum, in days.
    hazard : ndarray of float, shape (k,)
        Cumulative hazard just after each.
    std_error : ndarray of float, shape (k,)
        Its standard error, coefficients' included.
    ties : {"efron", "breslow"}
        Form of the hazard at tied events.
    """

    time: Floats
    hazard: Floats
    std_error: Floats
    ties: str


def baseline_hazard(
    fit: CoxFit,
    covariates: Course | None = None,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | None = None,
) -> CumulativeHazard:
    """Cumulative hazard of a patient with given covariates, or with all of them 0.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    covariates : mapping of str to float, or to sequence of float, shape (m + 1,), optional
        A value for every covariate of the model, or several that hold one after the other.
        Default: 0 each.
    changes : sequence of float, shape (m,)
        Times at which covariates change, ascending, in days: the second value holds from just
        after ``changes[0]`` up to and including ``changes[1]``.
    start : float
        Only the hazard that is met after it, in days.
    stratum : str, optional
        Name of the stratum; needed if there are several.

    Returns
    -------
    CumulativeHazard

    Raises
    ------
    EstimateError
        If a coefficient is infinite, a covariate has no value or not one for each part of the
        way, the changes do not ascend, the start is not finite, or the stratum is not named.

    Notes
    -----
    Breslow's estimator, or its form for Efron's ties, times the hazard ratio:

    .. math:: \\Lambda(t \\mid z) = \\sum_{t_j \\le t}
        \\frac{d_j \\, e^{z(t_j)'\\beta}}{\\sum_{R_j} w_i e^{x_i'\\beta}}, \\qquad
        \\operatorname{var} = \\sum_{t_j \\le t}
        \\frac{d_j \\, e^{2 z(t_j)'\\beta}}{(\\sum_{R_j} w_i e^{x_i'\\beta})^2} + q' V q, \\quad
        q = \\sum_{t_j \\le t} (z(t_j) - \\bar x_j) \\, d\\Lambda(t_j \\mid z)

    ([1]_, [2]_), V robust if the fit is. R: ``survfit(fit, newdata)$cumhaz`` and ``$std.chaz``, with
    ``id =`` and one row of ``newdata`` for each part of the way where covariates change;
    ``basehaz(fit, centered = FALSE)``. R starts at the first time where that lies before 0: give
    it as ``start``. With ``id =`` survival 3.5 has the same hazard, but a variance
    in which q takes the last covariates for the whole way, from time 0 on; ours is that of the
    delta method.

    References
    ----------
    .. [1] Breslow (1972), J. R. Stat. Soc. B 34:216-217, in the discussion of
       doi:10.1111/j.2517-6161.1972.tb00899.x.
    .. [2] Tsiatis (1981), Ann. Stat. 9:93-108, doi:10.1214/aos/1176345335.

    Examples
    --------
    Six subjects, Breslow's ties [Therneau & Grambsch 2000, appendix]; at day 1 one death among
    six, three of them at r = exp(1.475):

    >>> history = History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... )
    >>> from osteon.estimate import cox
    >>> fit = cox(history, ["x"], ties="breslow")
    >>> r = np.exp(fit.coefficients[0])
    >>> hazard = baseline_hazard(fit)
    >>> hazard.time.tolist(), bool(np.isclose(hazard.hazard[0], 1 / (3 * r + 3)))
    ([1.0, 6.0, 9.0], True)
    """
    check_finite(fit, "a prediction needs finite coefficients")
    check_start(start)
    at_risk, moments = fit.likelihood.at_risk, fit.likelihood.moments(_standardised(fit))
    times = _times_of_change(changes)
    z = _course(fit, covariates, times)[np.searchsorted(times, at_risk.time)[at_risk.cell]]
    ratio = np.exp(z @ _standardised(fit) - moments.shift)
    hazard = moments.hazard * ratio
    squared = hazard * ratio / moments.denominator
    per_term = np.column_stack([hazard, squared, hazard[:, None] * (z - moments.mean)])
    cells = _cells(fit, stratum, start)
    steps = np.cumsum(at_risk.per_cell(per_term)[cells], axis=0)
    covariance = fit.covariance * np.outer(fit.design.scale, fit.design.scale)
    q = steps[:, 2:]
    return CumulativeHazard(
        time=at_risk.time[cells],
        hazard=steps[:, 0],
        std_error=np.sqrt(steps[:, 1] + np.einsum("ia,ab,ib->i", q, covariance, q)),
        ties=fit.ties,
    )


def predicted_survival(
    fit: CoxFit,
    covariates: Course,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | None = None,
    interval: str = "log-log",
) -> Curve:
    """Survival of a patient with given covariates, as a Cox model predicts it.

    Parameters
    ----------
    fit, covariates, changes, stratum
        As in `baseline_hazard`.
    start : float
        The curve is conditional on surviving it, in days.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the pointwise limits. R's default is "log", which is too short in small studies.

    Returns
    -------
    Curve
        At risk and events are those of the stratum, whatever their covariates.

    Raises
    ------
    EstimateError
        As `baseline_hazard`, or if the interval is unknown.

    Notes
    -----
    :math:`S(t \\mid z) = \\exp(-\\Lambda(t \\mid z))` ([1]_, chapter 10) with Efron's or Breslow's
    hazard as in the fit; its standard error is S times that of the cumulative hazard (see `baseline_hazard`),
    so that the uncertainty of the coefficients is included. R:
    ``survfit(fit, newdata, id =, conf.type =)``; its ``std.err`` is that of log S.

    Covariates that change are a course laid down beforehand. Of one that only a living patient can
    have (a marker's rise, a treatment begun) S is the survival of nobody in particular: who has the
    third value has survived to have it. Landmark such a question instead (``start``).

    References
    ----------
    .. [1] Therneau & Grambsch (2000), Modeling Survival Data,
       doi:10.1007/978-1-4757-3294-8.

    Examples
    --------
    >>> history = History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... )
    >>> from osteon.estimate import cox
    >>> fit = cox(history, ["x"], ties="breslow")
    >>> predicted_survival(fit, {"x": 0}).estimate.round(4).tolist()
    [0.9398, 0.7165, 0.7165, 0.2636]

    Exposed after day 6; the event on that day is met by who is not yet exposed:

    >>> later = predicted_survival(fit, {"x": [0, 1]}, changes=[6])
    >>> later.estimate.round(4).tolist()
    [0.9398, 0.7165, 0.7165, 0.009]
    """
    expect(Mapping, covariates=covariates)
    predicted = baseline_hazard(fit, covariates, changes=changes, start=start, stratum=stratum)
    sets = _risk_sets(fit, stratum, start)
    before = np.searchsorted(predicted.time, sets.time, side="right")
    estimate = np.exp(-_step(predicted.hazard, before))
    std_error = estimate * _step(predicted.std_error, before)
    low, high = probability_limits(estimate, std_error, fit.conf_level, interval)
    return Curve(
        time=sets.time,
        at_risk=sets.at_risk,
        events=sets.all_events,
        censored=sets.censored,
        estimate=estimate,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        start=start,
        estimand=SURVIVAL,
        conf_level=fit.conf_level,
        interval=interval,
        variance=PREDICTED,
    )


def patient(
    names: tuple[str, ...], design: Design, covariates: Mapping[str, float] | None
) -> Floats:
    """Standardised covariates of one patient, shape (p,); raises as `baseline_hazard`."""
    values = dict.fromkeys(names, 0.0) if covariates is None else covariates
    expect(Mapping, covariates=values)
    for name in values:
        if name not in names:
            raise EstimateError(
                f'"{name}" is no covariate of the model',
                f"its covariates are {', '.join(names)}",
                did_you_mean(name, names),
            )
    missing = [name for name in names if name not in values]
    if missing:
        raise EstimateError(
            f"there is no value for {', '.join(missing)}",
            "a prediction needs a value for every covariate of the model",
        )
    z = np.array([number(name, values[name]) for name in names])
    if not np.isfinite(z).all():
        raise EstimateError("a covariate's value is not finite", "a prediction is for one patient")
    return np.asarray((z - design.centre) / design.scale)


def stratum_index(strata: tuple[str, ...], name: str | None) -> int:
    """Index of the stratum to predict for."""
    if name is None and len(strata) == 1:
        return 0
    if not isinstance(name, str) or name not in strata:
        raise EstimateError(
            "the model has several strata" if name is None else f'there is no stratum "{name}"',
            f"strata are {', '.join(strata)}",
            "name the one to predict for",
        )
    return strata.index(name)


def _standardised(fit: CoxFit) -> Floats:
    """Coefficients of the standardised covariates, shape (p,)."""
    return np.asarray(fit.coefficients * fit.design.scale)


def _times_of_change(changes: Sequence[float]) -> Floats:
    times = numbers("changes", changes)
    if times.ndim != 1 or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise EstimateError("`changes` are not finite times that ascend", "they are days")
    return times


def _course(fit: CoxFit, covariates: Course | None, changes: Floats) -> Floats:
    """Standardised covariates of each part of the way, shape (m + 1, p)."""
    parts = changes.size + 1
    if covariates is None:
        return np.tile(patient(fit.names, fit.design, None), (parts, 1))
    expect(Mapping, covariates=covariates)
    values = {name: numbers(name, value) for name, value in covariates.items()}
    for name, value in values.items():
        if value.shape not in ((), (parts,)):
            raise EstimateError(
                f'"{name}" has values of shape {value.shape}, and there are {changes.size} changes',
                f"it has one value, or {parts}",
                "name the times of the changes in `changes`",
            )
    ways = {name: np.broadcast_to(value, parts) for name, value in values.items()}
    return np.stack(
        [
            patient(fit.names, fit.design, {name: float(way[k]) for name, way in ways.items()})
            for k in range(parts)
        ]
    )


def _cells(fit: CoxFit, stratum: str | None, start: float) -> slice:
    at_risk, s = fit.likelihood.at_risk, stratum_index(fit.history.strata, stratum)
    begin, end = at_risk.offset[s : s + 2]
    met = np.searchsorted(at_risk.time[begin:end], start, side="right")
    return slice(begin + met, end)


def _risk_sets(fit: CoxFit, stratum: str | None, start: float) -> RiskSets:
    h, s = fit.history, stratum_index(fit.history.strata, stratum)
    event = np.zeros(len(h), dtype=np.int64)
    event[fit.likelihood.at_risk.rows[fit.likelihood.at_risk.event]] = 1
    whole = History.of(
        entry=h.entry, exit=h.exit, event=event, weight=h.weight, stratum=h.stratum, strata=h.strata
    )
    return risk_table(whole.where(h.stratum == s)).risk_sets(h.strata[s], start=start)


def _step(values: Floats, before: np.ndarray) -> Floats:
    return np.concatenate([[0.0], values])[before]
