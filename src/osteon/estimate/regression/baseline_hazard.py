"""What a Cox model predicts for one patient: cumulative hazard and survival over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from osteon.contracts.history import Floats, History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import number
from osteon.estimate.curves.curve import SURVIVAL, Curve
from osteon.estimate.intervals import probability_limits
from osteon.estimate.regression.cox import CoxFit, check_finite
from osteon.estimate.regression.design_matrix import Design
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
        Its standard error, coefficients' included.
    ties : {"efron", "breslow"}
        Form of the hazard at tied events.
    """

    time: Floats
    hazard: Floats
    std_error: Floats
    ties: str


def baseline_hazard(
    fit: CoxFit, covariates: Mapping[str, float] | None = None, *, stratum: str | None = None
) -> CumulativeHazard:
    """Cumulative hazard of a patient with given covariates, or with all of them 0.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    covariates : mapping of str to float, optional
        A value for every covariate of the model. Default: 0 each.
    stratum : str, optional
        Name of the stratum; needed if there are several.

    Returns
    -------
    CumulativeHazard

    Raises
    ------
    EstimateError
        If a coefficient is infinite, a covariate has no value, or the stratum is not named.

    Notes
    -----
    Breslow's estimator, or its form for Efron's ties, times the hazard ratio:

    .. math:: \\Lambda(t \\mid z) = e^{z'\\beta}
        \\sum_{t_j \\le t} \\frac{d_j}{\\sum_{R_j} w_i e^{x_i'\\beta}}, \\qquad
        \\operatorname{var} = e^{2 z'\\beta} \\Big( \\sum_{t_j \\le t}
        \\frac{d_j}{(\\sum_{R_j} w_i e^{x_i'\\beta})^2} + q' V q \\Big), \\quad
        q = \\sum_{t_j \\le t} (z - \\bar x_j) \\, d\\Lambda_0(t_j)

    ([1]_, [2]_), V robust if the fit is. R: ``survfit(fit, newdata)$cumhaz`` and ``$std.chaz``,
    ``basehaz(fit, centered = FALSE)``.

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
    z = patient(fit.names, fit.design, covariates)
    cells = _cells(fit, stratum)
    likelihood = fit.likelihood
    beta = fit.coefficients * fit.design.scale
    moments = likelihood.moments(beta)
    hazard = moments.hazard[:, None]
    squared = hazard / moments.denominator[:, None]
    per_term = np.column_stack([hazard, squared, hazard * (z - moments.mean)])
    steps = np.cumsum(likelihood.at_risk.per_cell(per_term)[cells], axis=0)
    ratio = float(np.exp(z @ beta - moments.shift))
    covariance = fit.covariance * np.outer(fit.design.scale, fit.design.scale)
    q = steps[:, 2:]
    return CumulativeHazard(
        time=likelihood.at_risk.time[cells],
        hazard=ratio * steps[:, 0],
        std_error=ratio * np.sqrt(steps[:, 1] + np.einsum("ia,ab,ib->i", q, covariance, q)),
        ties=fit.ties,
    )


def predicted_survival(
    fit: CoxFit,
    covariates: Mapping[str, float],
    *,
    stratum: str | None = None,
    interval: str = "log",
) -> Curve:
    """Survival of a patient with given covariates, as a Cox model predicts it.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    covariates : mapping of str to float
        A value for every covariate of the model.
    stratum : str, optional
        Name of the stratum; needed if there are several.
    interval : {"log", "log-log", "plain", "logit"}
        Scale of the pointwise limits.

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
    ``survfit(fit, newdata, conf.type =)``; its ``std.err`` is that of log S.

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
    >>> curve = predicted_survival(cox(history, ["x"], ties="breslow"), {"x": 0})
    >>> curve.estimate.round(4).tolist()
    [0.9398, 0.7165, 0.7165, 0.2636]
    """
    predicted = baseline_hazard(fit, covariates, stratum=stratum)
    sets = _risk_sets(fit, stratum)
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
        start=_start(fit),
        estimand=SURVIVAL,
        conf_level=fit.conf_level,
        interval=interval,
    )


def patient(
    names: tuple[str, ...], design: Design, covariates: Mapping[str, float] | None
) -> Floats:
    """Standardised covariates of one patient, shape (p,); raises as `baseline_hazard`."""
    values = dict.fromkeys(names, 0.0) if covariates is None else covariates
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
    if name not in strata:
        raise EstimateError(
            "the model has several strata" if name is None else f'there is no stratum "{name}"',
            f"strata are {', '.join(strata)}",
            "name the one to predict for",
        )
    return strata.index(name)


def _cells(fit: CoxFit, stratum: str | None) -> slice:
    offset, s = fit.likelihood.at_risk.offset, stratum_index(fit.history.strata, stratum)
    return slice(offset[s], offset[s + 1])


def _risk_sets(fit: CoxFit, stratum: str | None) -> RiskSets:
    h, s = fit.history, stratum_index(fit.history.strata, stratum)
    event = np.zeros(len(h), dtype=np.int64)
    event[fit.likelihood.at_risk.rows[fit.likelihood.at_risk.event]] = 1
    whole = History.of(
        entry=h.entry, exit=h.exit, event=event, weight=h.weight, stratum=h.stratum, strata=h.strata
    )
    return risk_table(whole.where(h.stratum == s)).risk_sets(h.strata[s], start=_start(fit))


def _start(fit: CoxFit) -> float:
    return min(0.0, float(fit.history.entry.min()))


def _step(values: Floats, before: np.ndarray) -> Floats:
    return np.concatenate([[0.0], values])[before]
