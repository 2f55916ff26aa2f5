"""Variance of what a Cox model predicts: of its baseline hazard and its coefficients together.

A number's variance is a sum of squares: of its *pulls*, one for each part of the data that varies
independently of the others. Of a robust fit these are its clusters; else the terms of the
baseline hazard, which are Poisson, and the coefficients. Pulls on two numbers subtract, so that a
contrast of two predictions of one model has the variance it should.
"""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats, Integers
from osteon.estimate.regression.cox import CoxFit, summed_by
from osteon.estimate.regression.moments import Moments
from osteon.estimate.regression.partial_likelihood import PartialLikelihood
from osteon.estimate.regression.predicted_path import Gradient, Path
from osteon.estimate.regression.running_pulls import running_squares


def running_variance(path: Path) -> Floats:
    """Variance of the cumulative hazard at each event time that is met, shape (k,)."""
    moments = path.moments
    if path.fit.robust:
        cluster = _cluster(path.fit)
        of_coefficients = summed_by(cluster, _coefficient_pulls(path.fit, moments))
        return running_squares(path, cluster, of_coefficients)
    hazard = moments.hazard * path.ratio
    squared = hazard * path.ratio / moments.denominator
    slopes = hazard[:, None] * (path.z - moments.mean)
    sums = np.cumsum(path.of_cells(np.column_stack([squared, slopes])), axis=0)
    covariance = _standardised(path.fit, path.fit.covariance)
    return sums[:, 0] + np.einsum("ia,ab,ib->i", sums[:, 1:], covariance, sums[:, 1:])


def pulls(path: Path, gain: Floats) -> Floats:
    """Pulls on numbers that move by ``gain`` with the hazard's step at each time.

    Parameters
    ----------
    path : Path
        What the patient meets.
    gain : ndarray of float, shape (k, m)
        Derivative of each number by the cumulative hazard's step at each of ``path.time``.

    Returns
    -------
    ndarray of float, shape (parts, m)
        Whatever the patient, the parts are those of the fit.
    """
    gradient = path.gradient(gain)
    of_parts = _of_clusters if path.fit.robust else _of_model
    return of_parts(path.fit, path.moments, gradient)


def baseline_pulls(likelihood: PartialLikelihood, moments: Moments, of_terms: Floats) -> Floats:
    """Pull of each row through the baseline hazard, given the coefficients, shape (m, k).

    .. math:: w_i \\frac{\\partial}{\\partial w_i} \\sum_t g_t \\, d\\Lambda_t
        = w_i \\sum_t g_t \\frac{dN_{it} - Y_{it} e^{x_i'\\beta} d\\Lambda_t}{S^{(0)}_t}

    With Efron's ties a tied death is at risk in the measure in which it still is at each of its
    time's terms, and adds its weight to each of them equally.
    """
    a = likelihood.at_risk
    each = of_terms / moments.denominator[:, None]
    of_rows = -moments.risk[:, None] * a.met(moments.hazard[:, None] * each)
    share = a.per_cell(each) / (a.deaths[:, None] if a.tied else 1)
    dead = a.death_row
    of_rows[dead] += likelihood.weight[dead, None] * share[a.death_cell]
    return of_rows


def _of_clusters(fit: CoxFit, moments: Moments, gradient: Gradient) -> Floats:
    of_rows = baseline_pulls(fit.likelihood, moments, gradient.of_terms)
    of_rows += _coefficient_pulls(fit, moments) @ gradient.of_coefficients.T
    return summed_by(_cluster(fit), of_rows)


def _coefficient_pulls(fit: CoxFit, moments: Moments) -> Floats:
    """Pull of each row on the coefficients of the standardised covariates, shape (m, p)."""
    return fit.likelihood.score_residuals(moments) @ _standardised(fit, fit.model_covariance)


def _cluster(fit: CoxFit) -> Integers:
    """Cluster of each row of the likelihood, numbered from 0."""
    return np.unique(fit.clusters[fit.likelihood.at_risk.rows], return_inverse=True)[1]


def _of_model(fit: CoxFit, moments: Moments, gradient: Gradient) -> Floats:
    noise = np.sqrt(moments.hazard / moments.denominator)
    root = np.linalg.cholesky(_standardised(fit, fit.covariance))
    return np.concatenate([gradient.of_terms * noise[:, None], (gradient.of_coefficients @ root).T])


def _standardised(fit: CoxFit, covariance: Floats) -> Floats:
    """Covariance of the coefficients of the standardised covariates."""
    return covariance * np.outer(fit.design.scale, fit.design.scale)
