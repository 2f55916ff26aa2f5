"""Curves with robust variances: a second pass over the subjects, for weights and for clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.estimate.clusters import few_clusters
from osteon.estimate.curves.aalen_johansen import cumulative_incidence
from osteon.estimate.curves.curve import Curve
from osteon.estimate.curves.influence import (
    Rows,
    hazard_pull,
    incidence_pull,
    intervals_by_stratum,
    log_survival_pull,
    squares,
)
from osteon.estimate.curves.kaplan_meier import kaplan_meier, survival
from osteon.estimate.curves.nelson_aalen import hazard_limits, nelson_aalen
from osteon.estimate.intervals import probability_limits
from osteon.estimate.tables.risk_table import risk_table
from osteon.estimate.weights import without_weights

JACKKNIFE = "jackknife"


def robust_kaplan_meier(
    history: History,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log-log",
    causes: Sequence[str] | None = None,
) -> dict[str, Curve]:
    """Kaplan-Meier estimate with the robust (jackknife) variance.

    Use it where weights are not copies (inverse-probability weights), or where intervals are not
    independent (a patient's clones, patients of one family). The curve is that of
    `kaplan_meier`; only its standard error and limits differ.

    Parameters
    ----------
    history : History
        One interval or several a subject.
    cluster : array_like, shape (n,), optional
        What varies independently, one value an interval. Default: the subject.
    start, conf_level, interval, causes
        As in `kaplan_meier`.

    Returns
    -------
    dict of str to Curve
        One curve a stratum; a cluster in two strata counts in each by itself. The standard error
        is nan where survival has reached 0, and in a stratum of one cluster from its first event
        on.

    Raises
    ------
    EstimateError
        As `kaplan_meier`; if ``cluster`` does not fit the history, misses a value or is but one.

    Notes
    -----
    With :math:`w_i` the weight and :math:`Y_i, N_i` the at-risk and event process of an interval,

    .. math:: \\widehat{Var}\\, S(t) = \\sum_c \\Big( \\sum_{i \\in c} w_i
        \\frac{\\partial S(t)}{\\partial w_i} \\Big)^2, \\qquad
        \\frac{\\partial S(t)}{\\partial w_i} = -S(t) \\sum_{t_j \\le t}
        \\frac{dN_{ij} - Y_{ij}\\, d_j / n_j}{n_j - d_j}

    ([1]_, summed as in [2]_; no small-sample factor). This is the infinitesimal jackknife, which R
    calls robust: a derivative by the weight, where the jackknife of old leaves a subject out. With
    weights of 1, one interval a subject and no delayed entry it equals Greenwood's variance. R: ``survfit(Surv(entry, exit, event) ~ g, weights = w,
    cluster = id)``, or ``robust = TRUE``, whose ``std.err`` is that of S itself. It takes
    O(subjects x times), the table's variance O(times).

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.
    .. [2] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "compete",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    Without weights it is Greenwood's; two rows of one patient are one patient:

    >>> history = History.of(exit=[2, 3, 5, 7], event=[1, 1, 0, 1])
    >>> robust_kaplan_meier(history)["all"].std_error[:2].round(6).tolist()
    [0.216506, 0.25]
    >>> robust_kaplan_meier(history, cluster=[1, 2, 3, 1])["all"].std_error[:2].round(6).tolist()
    [0.153093, 0.176777]
    """
    curves = kaplan_meier(
        risk_table(history), start=start, conf_level=conf_level, interval=interval, causes=causes
    )
    for name, sets, rows in intervals_by_stratum(history, cluster, start, causes):
        after = survival(sets)
        variance = after**2 * squares(sets, rows, log_survival_pull)
        std_error = np.where(after > 0, np.sqrt(variance), np.nan)
        limits = probability_limits(after, std_error, conf_level, interval)
        curves[name] = _robust(curves[name], rows, std_error, *limits)
    return curves


def robust_nelson_aalen(
    history: History,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log",
    causes: Sequence[str] | None = None,
) -> dict[str, Curve]:
    """Nelson-Aalen cumulative hazard with the robust (jackknife) variance.

    Parameters
    ----------
    history, cluster
        As in `robust_kaplan_meier`.
    start, conf_level, interval, causes
        As in `nelson_aalen`.

    Returns
    -------
    dict of str to Curve
        One curve a stratum; ``estimand`` is "cumulative hazard". The standard error is nan in a
        stratum of one cluster from its first event on.

    Raises
    ------
    EstimateError
        As `nelson_aalen`; if ``cluster`` does not fit the history, misses a value or is but one.

    Notes
    -----
    As in `robust_kaplan_meier` ([1]_), with

    .. math:: \\frac{\\partial H(t)}{\\partial w_i} = \\sum_{t_j \\le t}
        \\frac{dN_{ij} - Y_{ij}\\, d_j / n_j}{n_j}

    R: ``survfit(Surv(entry, exit, event) ~ g, weights = w, cluster = id)$std.chaz``.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.

    Examples
    --------
    >>> history = History.of(exit=[2, 3, 5, 7], event=[1, 1, 0, 1])
    >>> robust_nelson_aalen(history)["all"].std_error.round(4).tolist()
    [0.2165, 0.3478, 0.3478, 0.3478]
    """
    curves = nelson_aalen(
        risk_table(history), start=start, conf_level=conf_level, interval=interval, causes=causes
    )
    everybody = intervals_by_stratum(history, cluster, start, causes, recurring=True)
    for name, sets, rows in everybody:
        std_error = np.sqrt(squares(sets, rows, hazard_pull))
        limits = hazard_limits(curves[name].estimate, std_error, conf_level, interval)
        curves[name] = _robust(curves[name], rows, std_error, *limits)
    return curves


def robust_cumulative_incidence(
    history: History,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log-log",
) -> dict[str, dict[str, Curve]]:
    """Cumulative incidence of competing outcomes with the robust variance of ``survfit``.

    Parameters
    ----------
    history : History
        All transitions lead from the initial state to states that nobody leaves.
    cluster : array_like, shape (n,), optional
        What varies independently, one value an interval. Default: the subject.
    start, conf_level, interval
        As in `cumulative_incidence`.

    Returns
    -------
    dict of str to dict of str to Curve
        By stratum, then by outcome. The standard error is nan in a stratum of one cluster from
        its first event on.

    Raises
    ------
    EstimateError
        As `cumulative_incidence`; if ``cluster`` has another length than the history.

    Notes
    -----
    The variance is the sum over clusters of squared derivatives of F with respect to the weights,

    .. math:: \\frac{\\partial F_k(t)}{\\partial w_i} = \\sum_{t_j \\le t}
        \\frac{\\partial S(t_{j-1})}{\\partial w_i} \\frac{d_{kj}}{n_j}
        + S(t_{j-1}) \\frac{dN_{kij} - Y_{ij}\\, d_{kj} / n_j}{n_j}

    ([1]_). It equals the "delta" variance with weights of 1, one interval a subject and no delayed
    entry; with delayed entry the two differ. Where F = 1 it is nan, as there. R:
    ``survfit(Surv(entry, exit, state) ~ 1, weights = w, id = id, cluster = id)``.

    References
    ----------
    .. [1] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "compete",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    >>> history = History.of(
    ...     exit=[1, 2, 3, 3, 3, 4], event=[1, 2, 1, 2, 0, 0], states=("bm", "sre", "dead")
    ... )
    >>> robust_cumulative_incidence(history)["all"]["sre"].at(3).std_error.round(4).tolist()
    [0.1925]
    """
    curves = cumulative_incidence(
        risk_table(history), start=start, conf_level=conf_level, interval=interval
    )
    for name, sets, rows in intervals_by_stratum(history, cluster, start, None):
        for k, cause in enumerate(sets.causes):
            plain = curves[name][cause]
            squared = squares(sets, rows, partial(incidence_pull, k=k))
            std_error = np.where(plain.estimate == 1, np.nan, np.sqrt(squared))
            limits = probability_limits(plain.estimate, std_error, conf_level, interval)
            curves[name][cause] = _robust(plain, rows, std_error, *limits)
    return curves


def _robust(
    curve: Curve, rows: Rows, std_error: Floats, conf_low: Floats, conf_high: Floats
) -> Curve:
    return replace(
        curve,
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        variance=JACKKNIFE,
        cautions=without_weights(curve.cautions) + few_clusters(rows.clusters),
    )
