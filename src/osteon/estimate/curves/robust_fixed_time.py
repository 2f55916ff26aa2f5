"""Two strata compared at one time with the robust variance, for weights and for clusters."""

from __future__ import annotations

from numpy.typing import ArrayLike

from osteon.contracts.history import History
from osteon.estimate.arguments import number
from osteon.estimate.curves.aalen_johansen import cumulative_incidence
from osteon.estimate.curves.curve import fixed_time
from osteon.estimate.curves.kaplan_meier import kaplan_meier
from osteon.estimate.curves.pulls import Pulled, incidence_at, pulled, survival_at
from osteon.estimate.intervals import Estimate
from osteon.estimate.tables.risk_table import index_of, risk_table


def robust_fixed_time_difference(
    history: History,
    a: str,
    b: str,
    time: float,
    *,
    cause: str | None = None,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
) -> Estimate:
    """Difference ``a - b`` of two strata's survival, or incidence of a cause, at one time.

    `fixed_time_difference` takes two curves for independent. Where they are not (a patient's
    clones in both arms, matched pairs, siblings), or where weights are not copies, use this one: a
    cluster enters once, with the difference of its two pulls.

    Parameters
    ----------
    history : History
        One interval or several a subject, with weights and strata.
    a, b : str
        Names of strata.
    time : float
        In days, within both curves.
    cause : str, optional
        The outcome whose cumulative incidence is compared. Default: survival, free of all.
    cluster : array_like, shape (n,), optional
        What varies independently, one value an interval. Default: the subject.
    start, conf_level
        As in `kaplan_meier`.

    Returns
    -------
    Estimate
        With a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        If there is no such stratum or cause, the time lies outside a curve, or ``cluster`` has
        another length than the history or misses a value; with a cause, as `cumulative_incidence`.

    Notes
    -----
    .. math:: \\widehat{Var} = \\sum_c (u_{ca} - u_{cb})^2

    with :math:`u_{ca}` the pull of cluster c on the curve of a, as in `robust_kaplan_meier` and
    `robust_cumulative_incidence` ([1]_: the infinitesimal jackknife, no small-sample factor;
    weights are taken as known). R:
    ``r <- resid(survfit(Surv(entry, exit, state) ~ g, id = id, weights = w), times = t,
    weighted = TRUE)``, the rows of b negative, ``sqrt(colSums(rowsum(r, cluster)^2))``.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.

    Examples
    --------
    Four pairs: the first dies in both groups, the second in b only. Apart, the variance is
    3/64 + 1/16; as pairs, the first pair's two pulls nearly cancel:

    >>> history = History.of(
    ...     exit=[1, 5, 5, 5, 1, 2, 5, 5], event=[1, 0, 0, 0, 1, 1, 0, 0],
    ...     stratum=[0, 0, 0, 0, 1, 1, 1, 1], strata=("a", "b"),
    ... )
    >>> apart = robust_fixed_time_difference(history, "a", "b", 4)
    >>> apart.estimate, round(apart.std_error**2, 6)
    (0.25, 0.109375)
    >>> pairs = robust_fixed_time_difference(history, "a", "b", 4, cluster=[1, 2, 3, 4] * 2)
    >>> round(pairs.std_error**2, 6)                # 3/64: as one share of four pairs that differ
    0.046875
    """
    values = _values(history, (a, b), time, cause, cluster, start, conf_level)
    return values[a].minus(values[b])


def robust_fixed_time_ratio(
    history: History,
    a: str,
    b: str,
    time: float,
    *,
    cause: str | None = None,
    cluster: ArrayLike | None = None,
    start: float = 0.0,
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio ``a / b`` of two strata's survival, or incidence of a cause, at one time.

    Of two cumulative incidences it is the risk ratio by that time.

    Parameters
    ----------
    history, a, b, time, cause, cluster, start, conf_level
        As in `robust_fixed_time_difference`.

    Returns
    -------
    Estimate
        ``a / b``; ``std_error`` is that of its log, ``p_value`` tests that it is 1.

    Raises
    ------
    EstimateError
        As `robust_fixed_time_difference`, or if one of the two is 0.

    Notes
    -----
    .. math:: \\widehat{Var} \\log \\frac{S_a}{S_b} = \\sum_c \\left(
        \\frac{u_{ca}}{S_a} - \\frac{u_{cb}}{S_b} \\right)^2

    with :math:`u_{ca}` the pull of cluster c on the curve of a ([1]_); the interval is made on the
    log scale. R: as `robust_fixed_time_difference`, the rows of a divided by its value, those of b
    by its value and negative.

    References
    ----------
    .. [1] Reid (1981), Ann. Stat. 9:78-92, doi:10.1214/aos/1176345334.

    Examples
    --------
    Four pairs: the first dies in both groups, the second in b only. The pulls on log S are -3/12
    and three times 1/12 in a, -2/8, -2/8, 2/8 and 2/8 in b:

    >>> history = History.of(
    ...     exit=[1, 5, 5, 5, 1, 2, 5, 5], event=[1, 0, 0, 0, 1, 1, 0, 0],
    ...     stratum=[0, 0, 0, 0, 1, 1, 1, 1], strata=("a", "b"),
    ... )
    >>> pairs = robust_fixed_time_ratio(history, "a", "b", 4, cluster=[1, 2, 3, 4] * 2)
    >>> pairs.estimate, round(pairs.std_error, 4)                          # sqrt(24 / 144)
    (1.5, 0.4082)
    """
    values = _values(history, (a, b), time, cause, cluster, start, conf_level)
    return values[a].over(values[b])


def _values(
    history: History,
    strata: tuple[str, str],
    time: float,
    cause: str | None,
    cluster: ArrayLike | None,
    start: float,
    conf_level: float,
) -> dict[str, Pulled]:
    table, time = risk_table(history), number("time", time)
    for name in strata:
        index_of("stratum", name, table.strata)
    if cause is None:
        curves, pull = kaplan_meier(table, start=start, conf_level=conf_level), survival_at(time)
    else:
        index_of("cause", cause, [table.transitions[j][1] for j in table.causes(None)])
        incidences = cumulative_incidence(table, start=start, conf_level=conf_level)
        curves = {name: incidences[name][cause] for name in strata}
        pull = incidence_at(cause, time)
    known = {name: fixed_time(curves[name], time) for name in strata}
    return pulled(known, history, pull, cluster=cluster, start=start)
