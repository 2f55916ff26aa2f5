"""What a Cox model predicts for one patient: cumulative hazard and survival over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import PREDICTED, SURVIVAL, Curve
from osteon.estimate.intervals import probability_limits
from osteon.estimate.regression.cox import CoxFit
from osteon.estimate.regression.predicted_path import Course, path_of, stratum_index
from osteon.estimate.regression.prediction_pulls import running_variance
from osteon.estimate.tables.risk_table import RiskSets, risk_table


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
        Its standard error, coefficients' included; robust if the fit is.
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

    ([1]_, [2]_). R: ``survfit(fit, newdata)$cumhaz`` and ``$std.chaz``, with
    ``id =`` and one row of ``newdata`` for each part of the way where covariates change;
    ``basehaz(fit, centered = FALSE)``. R starts at the first time where that lies before 0: give
    it as ``start``. With ``id =`` survival 3.5 has the same hazard, but a variance
    in which q takes the last covariates for the whole way, from time 0 on; ours is that of the
    delta method.

    This variance takes weights for copies and intervals for independent. Of a fit that is
    ``robust`` it is instead the sum over its clusters of their squared pulls

    .. math:: u_c(t) = \\sum_{i \\in c} \\Big( q' D_i + w_i \\sum_{t_j \\le t} e^{z(t_j)'\\beta}
        \\frac{dN_i(t_j) - Y_i(t_j) e^{x_i'\\beta} \\, d\\Lambda(t_j \\mid 0)}
        {\\sum_{R_j} w_k e^{x_k'\\beta}} \\Big)

    with D the interval's `dfbeta`: the derivative by the cluster's weight, through the
    coefficients and the baseline ([3]_, the infinitesimal jackknife; weights are taken as known).
    In R, where no times are tied, ``riskRegression::predictCox(fit, newdata, times, iid =
    TRUE)$cumhazard.iid``, its rows added up by cluster; with ties version 2022.11 differs from the
    derivative. ``survfit`` takes the robust V of such a fit, but the baseline's variance of the
    first formula.

    References
    ----------
    .. [1] Breslow (1972), J. R. Stat. Soc. B 34:216-217, in the discussion of
       doi:10.1111/j.2517-6161.1972.tb00899.x.
    .. [2] Tsiatis (1981), Ann. Stat. 9:93-108, doi:10.1214/aos/1176345335.
    .. [3] Ozenne et al. (2017), R J. 9:440-460, doi:10.32614/RJ-2017-062.

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
    path = path_of(fit, covariates, changes=changes, start=start, stratum=stratum)
    return CumulativeHazard(
        time=path.time,
        hazard=np.cumsum(path.steps),
        std_error=np.sqrt(running_variance(path)),
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
    so that the uncertainty of the coefficients is included, and of a robust fit it is robust. R:
    ``survfit(fit, newdata, id =, conf.type =)``; its ``std.err`` is that of log S. Two such curves
    are not independent: contrast them by `predicted_survival_difference`.

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
