"""Restricted means and time lost with robust variances, for weights and for clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from numpy.typing import ArrayLike

from osteon.contracts.history import History
from osteon.estimate.curves.kaplan_meier import kaplan_meier
from osteon.estimate.curves.pulls import Pulled, mean_to, pulled, time_lost_to
from osteon.estimate.curves.restricted_mean import restricted_mean
from osteon.estimate.curves.time_lost import restricted_mean_time_lost
from osteon.estimate.intervals import Estimate
from osteon.estimate.tables.risk_table import index_of, risk_table

Named = TypeVar("Named")


def robust_restricted_mean(
    history: History,
    horizon: float,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    causes: Sequence[str] | None = None,
) -> dict[str, Estimate]:
    """Restricted mean survival time with the robust (jackknife) variance.

    Use it where weights are not copies (inverse-probability weights), or where intervals are not
    independent (a patient's clones, patients of one family). The mean is that of
    `restricted_mean`; only its standard error and limits differ.

    Parameters
    ----------
    history : History
        One interval or several a subject, with weights and strata.
    horizon : float
        In days, after ``start`` and within every stratum's curve.
    cluster : array_like, shape (n,), optional
        What varies independently, one value an interval. Default: the subject.
    start, conf_level, causes
        As in `kaplan_meier`.

    Returns
    -------
    dict of str to Estimate
        By stratum, in days since ``start``, with a Wald interval; no p. Of a stratum with events
        in one cluster alone the standard error is nan, here and in what is made of it.

    Raises
    ------
    EstimateError
        As `restricted_mean`; if ``cluster`` has another length than the history or misses a value.

    Notes
    -----
    With :math:`w_i` the weight and :math:`Y_i, N_i` the at-risk and event process of an interval,

    .. math:: \\widehat{Var}\\,\\mu = \\sum_c \\Big( \\sum_{i \\in c} w_i
        \\frac{\\partial \\mu}{\\partial w_i} \\Big)^2, \\qquad
        \\frac{\\partial \\mu}{\\partial w_i} = -\\sum_{t_j \\le h}
        \\frac{dN_{ij} - Y_{ij}\\, d_j / n_j}{n_j - d_j} \\int_{t_j}^{h} S(t)\\,dt

    ([1]_, summed over clusters as in [2]_; no small-sample factor): the infinitesimal jackknife,
    which R calls robust. With weights of 1, one interval a subject and no delayed entry it equals
    the variance of `restricted_mean`. R: ``sqrt(colSums(rowsum(resid(survfit(...),
    times = h, type = "rmst", weighted = TRUE), cluster)^2))`` (``se(rmean)`` of its summary knows
    Greenwood's variance only). Weights are taken as known.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.
    .. [2] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "survival",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    Each row pulls the mean, by -1.125, 0.375, -0.375 and 1.125; two rows of one patient pull
    together:

    >>> history = History.of(exit=[2, 4, 6, 12], event=[1, 0, 1, 0])
    >>> alone = robust_restricted_mean(history, 10)["all"]
    >>> alone.estimate, round(alone.std_error, 4)
    (6.5, 1.6771)
    >>> round(robust_restricted_mean(history, 10, cluster=[1, 2, 1, 3])["all"].std_error, 4)
    1.9121
    """
    means = _means(history, horizon, cluster, start, conf_level, causes)
    return {name: mean.robust() for name, mean in means.items()}


def robust_restricted_mean_difference(
    history: History,
    a: str,
    b: str,
    horizon: float,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    causes: Sequence[str] | None = None,
) -> Estimate:
    """Difference ``a - b`` of two strata's restricted means, with the robust variance, in days.

    A cluster with members in both strata (the clones of one patient, a matched pair) enters once,
    with the difference of its two pulls: the groups need not be independent.

    Parameters
    ----------
    history, horizon, cluster, start, conf_level, causes
        As in `robust_restricted_mean`.
    a, b : str
        Names of strata.

    Returns
    -------
    Estimate
        With a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        As `robust_restricted_mean`, or if there is no such stratum.

    Notes
    -----
    .. math:: \\widehat{Var}(\\mu_a - \\mu_b) = \\sum_c (u_{ca} - u_{cb})^2

    with :math:`u_{ca}` the pull of cluster c on the mean of a ([1]_). R: as
    `robust_restricted_mean`, with the rows of b negative.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.

    Examples
    --------
    Two pairs; each has one in either group, and both members fall on the same day:

    >>> history = History.of(
    ...     exit=[2, 6, 2, 6], event=[1, 1, 1, 1], stratum=[0, 0, 1, 1], strata=("a", "b")
    ... )
    >>> gap = robust_restricted_mean_difference(history, "a", "b", 5, cluster=[1, 2, 1, 2])
    >>> gap.estimate, gap.std_error
    (0.0, 0.0)
    """
    means = _means(history, horizon, cluster, start, conf_level, causes)
    return _named(means, a).minus(_named(means, b))


def robust_restricted_mean_ratio(
    history: History,
    a: str,
    b: str,
    horizon: float,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
    causes: Sequence[str] | None = None,
) -> Estimate:
    """Ratio ``a / b`` of two strata's restricted means, with the robust variance.

    Parameters
    ----------
    history, a, b, horizon, cluster, start, conf_level, causes
        As in `robust_restricted_mean_difference`.

    Returns
    -------
    Estimate
        ``a / b``; ``std_error`` is that of its log, ``p_value`` tests that it is 1.

    Raises
    ------
    EstimateError
        As `robust_restricted_mean_difference`.

    Notes
    -----
    .. math:: \\widehat{Var} \\log \\frac{\\mu_a}{\\mu_b} = \\sum_c \\left(
        \\frac{u_{ca}}{\\mu_a} - \\frac{u_{cb}}{\\mu_b} \\right)^2

    with :math:`u_{ca}` the pull of cluster c on the mean of a ([1]_); the interval is made on the
    log scale. R: as `robust_restricted_mean`, the rows of a divided by its mean, those of b by its
    mean and negative.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.

    Examples
    --------
    Two pairs, apart on the first day only; up to day 5 the means are 3.5 and 3:

    >>> history = History.of(
    ...     exit=[2, 6, 1, 6], event=[1, 1, 1, 1], stratum=[0, 0, 1, 1], strata=("a", "b")
    ... )
    >>> ratio = robust_restricted_mean_ratio(history, "a", "b", 5, cluster=[1, 2, 1, 2])
    >>> round(ratio.estimate, 4), round(ratio.std_error, 4)   # sqrt(2) (1 / 3 - 0.75 / 3.5)
    (1.1667, 0.1684)
    """
    means = _means(history, horizon, cluster, start, conf_level, causes)
    return _named(means, a).over(_named(means, b))


def robust_restricted_mean_time_lost(
    history: History,
    horizon: float,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
) -> dict[str, dict[str, Estimate]]:
    """Mean time lost to each outcome before a horizon, with the robust variance.

    Parameters
    ----------
    history : History
        All transitions lead from the initial state to states that nobody leaves.
    horizon : float
        In days, after ``start`` and within every stratum's curve.
    cluster, start, conf_level
        As in `robust_restricted_mean`.

    Returns
    -------
    dict of str to dict of str to Estimate
        By stratum, then by outcome, in days, with a Wald interval; no p.

    Raises
    ------
    EstimateError
        As `restricted_mean_time_lost`; if ``cluster`` has another length than the history or
        misses a value.

    Notes
    -----
    With :math:`L_k(t) = \\sum_{t_j > t} S(t_{j-1}) (h - t_j) d_{kj} / n_j` what is still to be lost
    after t, the derivative by a weight is

    .. math:: \\frac{\\partial L_k}{\\partial w_i} = \\sum_{t_j \\le h} \\Big(
        S(t_{j-1}) (h - t_j) \\frac{dN_{kij} - Y_{ij}\\, d_{kj} / n_j}{n_j}
        - L_k(t_j) \\frac{dN_{ij} - Y_{ij}\\, d_j / n_j}{n_j - d_j} \\Big)

    and the variance the sum over clusters of squared sums of weights times these ([1]_). R: the columns of ``resid(survfit(Surv(entry, exit, state) ~ 1, id = id, weights = w),
    times = h, type = "sojourn", weighted = TRUE)``, squared and summed over clusters. It equals the
    variance of `restricted_mean_time_lost` with weights of 1, one interval a subject and no
    delayed entry.

    References
    ----------
    .. [1] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "compete",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    >>> history = History.of(
    ...     exit=[2, 3, 4, 8], event=[1, 0, 2, 0], states=("free", "bone", "dead")
    ... )
    >>> lost = robust_restricted_mean_time_lost(history, 6)["all"]
    >>> lost["bone"].estimate, round(lost["bone"].std_error, 4)      # 4 * sqrt(3 / 64)
    (1.0, 0.866)
    """
    lost = _lost(history, horizon, cluster, start, conf_level)
    return {
        name: {cause: time.robust() for cause, time in times.items()}
        for name, times in lost.items()
    }


def robust_restricted_mean_time_lost_difference(
    history: History,
    a: str,
    b: str,
    cause: str,
    horizon: float,
    *,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
) -> Estimate:
    """Difference ``a - b`` of two strata's time lost to a cause, with the robust variance, in days.

    A cluster with members in both strata enters once, with the difference of its two pulls, as in
    `robust_restricted_mean_difference`.

    Parameters
    ----------
    history, horizon, cluster, start, conf_level
        As in `robust_restricted_mean_time_lost`.
    a, b : str
        Names of strata.
    cause : str
        The outcome to which time is lost.

    Returns
    -------
    Estimate
        With a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        As `robust_restricted_mean_time_lost`, or if there is no such stratum or cause.

    Notes
    -----
    .. math:: \\widehat{Var}(L_{ka} - L_{kb}) = \\sum_c (u_{ca} - u_{cb})^2

    with :math:`u_{ca}` the pull of cluster c on the time that a loses to the cause ([1]_). R: as
    `robust_restricted_mean_time_lost`, with the rows of b negative.

    References
    ----------
    .. [1] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "compete",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    Two pairs; one member of each is lost to bone, on day 2 in a and on day 4 in b. Up to day 6
    the first pair pulls the difference by 1 + 0.5, the second by -1 - 0.5:

    >>> history = History.of(
    ...     exit=[2, 8, 8, 4], event=[1, 0, 0, 1], stratum=[0, 0, 1, 1], strata=("a", "b"),
    ...     states=("free", "bone", "dead"),
    ... )
    >>> gap = robust_restricted_mean_time_lost_difference(
    ...     history, "a", "b", "bone", 6, cluster=[1, 2, 1, 2]
    ... )
    >>> gap.estimate, round(gap.std_error, 4)                # 1/2 * 4 - 1/2 * 2; sqrt(4.5)
    (1.0, 2.1213)
    """
    lost = _lost(history, horizon, cluster, start, conf_level)
    return _named(_named(lost, a), cause, "cause").minus(_named(_named(lost, b), cause, "cause"))


def _means(
    history: History,
    horizon: float,
    cluster: ArrayLike | None,
    start: float,
    conf_level: float,
    causes: Sequence[str] | None,
) -> dict[str, Pulled]:
    curves = kaplan_meier(risk_table(history), start=start, conf_level=conf_level, causes=causes)
    means = {name: restricted_mean(curve, horizon) for name, curve in curves.items()}
    pull = mean_to(horizon, start)
    return pulled(means, history, pull, cluster=cluster, start=start, causes=causes)


def _lost(
    history: History, horizon: float, cluster: ArrayLike | None, start: float, conf_level: float
) -> dict[str, dict[str, Pulled]]:
    lost = restricted_mean_time_lost(
        risk_table(history), horizon, start=start, conf_level=conf_level
    )
    by_cause = {
        cause: pulled(
            {name: times[cause] for name, times in lost.items()},
            history,
            time_lost_to(cause, horizon),
            cluster=cluster,
            start=start,
        )
        for cause in next(iter(lost.values()))
    }
    return {name: {cause: of[name] for cause, of in by_cause.items()} for name in lost}


def _named(found: Mapping[str, Named], name: str, kind: str = "stratum") -> Named:
    index_of(kind, name, tuple(found))
    return found[name]
