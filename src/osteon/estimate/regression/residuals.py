"""Residuals of a Cox model: whom and what it does not explain."""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.estimate.arguments import flag
from osteon.estimate.regression.cox import CoxFit, check_finite, summed_by
from osteon.estimate.regression.moments import Moments


def martingale_residuals(fit: CoxFit, *, by_subject: bool = False) -> Floats:
    """Events seen less events to be expected, of each interval or subject.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    by_subject : bool
        Add up the intervals of each subject.

    Returns
    -------
    ndarray of float, shape (n,) or (subjects,)
        In the order of the history's rows, or of ascending ``history.subject``. Times the
        weights they sum to 0.

    Raises
    ------
    EstimateError
        If a coefficient is infinite.

    Notes
    -----
    .. math:: M_i = \\delta_i - e^{x_i'\\beta} \\int Y_i(t) \\, d\\Lambda_0(t)

    ([1]_, chapter 4). With Efron's ties a death meets the hazard of its own time in the measure
    in which it is still at risk. R: ``residuals(fit, type = "martingale", collapse = id)``.

    References
    ----------
    .. [1] Therneau & Grambsch (2000), Modeling Survival Data, doi:10.1007/978-1-4757-3294-8.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> history = History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... )
    >>> martingale_residuals(cox(history, ["x"], ties="breslow")).round(4).tolist()
    [0.7287, -0.2713, -0.4574, 0.6667, -0.3333, -0.3333]
    """
    seen, expected = _counts(fit, by_subject)
    return seen - expected


def deviance_residuals(fit: CoxFit, *, by_subject: bool = False) -> Floats:
    """Martingale residuals, made more symmetric about 0.

    Parameters
    ----------
    fit, by_subject
        As in `martingale_residuals`.

    Returns
    -------
    ndarray of float, shape (n,) or (subjects,)
        In the order of the history's rows, or of ascending ``history.subject``.

    Raises
    ------
    EstimateError
        If a coefficient is infinite.

    Notes
    -----
    .. math:: d_i = \\operatorname{sign}(M_i) \\sqrt{-2 [M_i + \\delta_i \\log(\\delta_i - M_i)]}

    ([1]_, chapter 4). R: ``residuals(fit, type = "deviance", collapse = id)``.

    References
    ----------
    .. [1] Therneau & Grambsch (2000), Modeling Survival Data, doi:10.1007/978-1-4757-3294-8.

    Examples
    --------
    A death where 0.5 were expected: M = 0.5, d = sqrt(-2 (0.5 + log 0.5)):

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> history = History.of(exit=[1, 2, 2], event=[1, 1, 0], covariates={"x": [1, 0, 1]})
    >>> fit = cox(history, ["x"])
    >>> martingale, deviance = martingale_residuals(fit), deviance_residuals(fit)
    >>> bool(np.all(np.sign(martingale) == np.sign(deviance)))
    True
    """
    seen, expected = _counts(fit, by_subject)
    martingale = seen - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(seen > 0, seen * np.log(expected), 0.0)
    # -1e-17 is a rounded 0: someone who was never at risk.
    return np.sign(martingale) * np.sqrt(np.maximum(-2 * (martingale + surprise), 0.0))


def schoenfeld_residuals(fit: CoxFit, *, scaled: bool = False) -> tuple[Floats, Floats]:
    """Covariates of each death less their mean over those at risk.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    scaled : bool
        Times the number of events and the model covariance, plus the coefficients: their smooth
        over time estimates a hazard ratio that changes.

    Returns
    -------
    time : ndarray of float, shape (events,)
        Event times in days, stratum by stratum, ascending; tied ones each for itself.
    residuals : ndarray of float, shape (events, p)
        Per unit of the covariates; unweighted.

    Raises
    ------
    EstimateError
        If a coefficient is infinite.

    Notes
    -----
    :math:`s_i = x_i - \\bar x(t_i)`, with Efron's mean averaged over the ties ([1]_); scaled
    :math:`\\beta + d V s_i` ([2]_). R: ``residuals(fit, "schoenfeld")`` and ``"scaledsch"``.

    References
    ----------
    .. [1] Schoenfeld (1982), Biometrika 69:239-241, doi:10.1093/biomet/69.1.239.
    .. [2] Grambsch & Therneau (1994), Biometrika 81:515-526, doi:10.1093/biomet/81.3.515.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> history = History.of(exit=[1, 2, 3, 4], event=[1] * 4, covariates={"x": [1, 0, 1, 0]})
    >>> time, residuals = schoenfeld_residuals(cox(history, ["x"]))
    >>> time.tolist(), abs(float(residuals.sum().round(9)))         # they sum to the score, 0
    ([1.0, 2.0, 3.0, 4.0], 0.0)
    """
    moments = _moments(fit)
    residuals = fit.likelihood.schoenfeld_residuals(moments) * fit.design.scale
    if flag("scaled", scaled):
        residuals = fit.coefficients + fit.events * residuals @ fit.model_covariance
    return fit.likelihood.at_risk.time[fit.likelihood.at_risk.death_cell], residuals


def score_residuals(fit: CoxFit, *, weighted: bool = False, by_subject: bool = False) -> Floats:
    """Each interval's or subject's share of the score.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    weighted : bool
        Times the case weight.
    by_subject : bool
        Add up the intervals of each subject.

    Returns
    -------
    ndarray of float, shape (n, p) or (subjects, p)
        Times the weights they sum to the score, 0.

    Raises
    ------
    EstimateError
        If a coefficient is infinite.

    Notes
    -----
    .. math:: L_i = \\int (x_i - \\bar x(t)) \\, dM_i(t)

    ([1]_, chapter 4). R: ``residuals(fit, "score", weighted =, collapse = id)``.

    References
    ----------
    .. [1] Therneau & Grambsch (2000), Modeling Survival Data, doi:10.1007/978-1-4757-3294-8.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> history = History.of(exit=[1, 2, 3, 4], event=[1] * 4, covariates={"x": [1, 0, 1, 0]})
    >>> score = score_residuals(cox(history, ["x"]))
    >>> score.shape, abs(float(score.sum().round(9)))
    ((4, 1), 0.0)
    """
    moments, likelihood = _moments(fit), fit.likelihood
    residuals = likelihood.score_residuals(moments) * fit.design.scale
    if not flag("weighted", weighted):
        residuals = residuals / likelihood.weight[:, None]
    return _collapsed(fit, likelihood.at_risk.expand(residuals), by_subject)


def dfbeta(fit: CoxFit, *, standardised: bool = False, by_subject: bool = True) -> Floats:
    """By how much each coefficient would fall without each subject, approximately.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    standardised : bool
        In standard errors of the coefficient.
    by_subject : bool
        Add up the intervals of each subject; otherwise one row an interval.

    Returns
    -------
    ndarray of float, shape (subjects, p) or (n, p)
        Weighted score residuals times the model covariance; the sum of their products is the
        robust covariance.

    Raises
    ------
    EstimateError
        If a coefficient is infinite.

    Notes
    -----
    With L the weighted score residuals (`score_residuals`) and V the model covariance ([1]_),

    .. math:: D_i = L_i V, \\qquad \\operatorname{var}_{robust} \\hat\\beta = \\sum_i D_i' D_i

    R: ``residuals(fit, "dfbeta", weighted = TRUE, collapse = id)``, or ``"dfbetas"``.

    References
    ----------
    .. [1] Cain & Lange (1984), Biometrics 40:493-499, doi:10.2307/2531402.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> history = History.of(exit=[1, 2, 3, 4], event=[1] * 4, covariates={"x": [1, 0, 1, 0]})
    >>> fit = cox(history, ["x"], robust=True)
    >>> bool(np.isclose((dfbeta(fit) ** 2).sum(), fit.covariance[0, 0]))
    True
    """
    change = score_residuals(fit, weighted=True, by_subject=by_subject) @ fit.model_covariance
    if flag("standardised", standardised):
        change = change / np.sqrt(np.diag(fit.model_covariance))
    return change


def _moments(fit: CoxFit) -> Moments:
    check_finite(fit, "residuals need finite coefficients")
    return fit.likelihood.moments(fit.coefficients * fit.design.scale)


def _counts(fit: CoxFit, by_subject: bool) -> tuple[Floats, Floats]:
    """Events seen and expected, of each interval or subject."""
    moments, likelihood = _moments(fit), fit.likelihood
    expected = likelihood.expected(moments) / likelihood.weight
    both = np.column_stack([likelihood.at_risk.event, expected])
    seen, expected = _collapsed(fit, likelihood.at_risk.expand(both), by_subject).T
    return seen, expected


def _collapsed(fit: CoxFit, values: Floats, by_subject: bool) -> Floats:
    if not flag("by_subject", by_subject):
        return values
    return summed_by(fit.history.subject, values)
