"""Restricted mean time lost to each outcome: years of life lost, by cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import number
from osteon.estimate.curves.aalen_johansen import refuse_intermediate_states
from osteon.estimate.curves.curve import check_start
from osteon.estimate.curves.curve_cautions import curve_cautions
from osteon.estimate.curves.kaplan_meier import survival
from osteon.estimate.intervals import Estimate, wald
from osteon.estimate.tables.risk_table import RiskSets, RiskTable


def restricted_mean_time_lost(
    table: RiskTable, horizon: float, *, start: float = 0.0, conf_level: float = 0.95
) -> dict[str, dict[str, Estimate]]:
    """Mean time lost to each outcome before a horizon: the area under its cumulative incidence.

    With death by cause it is the "years of life lost"; with a skeletal event and death competing,
    the time lost free of either, split by what took it.

    Parameters
    ----------
    table : RiskTable
        All transitions lead from the initial state to states that nobody leaves.
    horizon : float
        In days, after ``start`` and not after the last time seen, unless nobody is left.
    start : float
        Only event times after ``start`` enter, in days.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    dict of str to dict of str to Estimate
        By stratum, then by outcome, in days, with a Wald interval. The outcomes and the
        `restricted_mean` of staying free of all of them add up to ``horizon - start``.

    Raises
    ------
    EstimateError
        If somebody leaves a state other than the initial one, or the horizon lies outside a curve.

    Notes
    -----
    With a = horizon,

    .. math:: L_k = \\int_s^a F_k(t)\\,dt
        = \\sum_{t_j \\le a} S(t_{j-1}) \\frac{d_{kj}}{n_j} (a - t_j)

    ([1]_). The variance is the delta method's on the multinomial increments, as "delta" in
    `cumulative_incidence`: with :math:`A_j = S(t_{j-1}) (a - t_j)` and
    :math:`B_j = (L_k - L_{kj}) / (1 - d_j / n_j)` where :math:`L_{kj}` is what is lost to k by
    events up to and including :math:`t_j`,

    .. math:: \\sum_{t_j \\le a} \\frac{A_j^2 d_{kj} (n_j - d_{kj})
        - 2 A_j B_j d_{kj} (n_j - d_j) + B_j^2 d_j (n_j - d_j)}{n_j^3}

    R: ``summary(survfit(Surv(exit, state) ~ 1, id = id), rmean = a)$table`` gives ``rmean`` of the
    states and ``se(rmean)``, equal without delayed entry.

    References
    ----------
    .. [1] Andersen (2013), Stat. Med. 32:5278-5285, doi:10.1002/sim.5903.

    Examples
    --------
    Up to day 6: one of four is lost to bone at day 2, one of two to death at day 4:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     exit=[2, 3, 4, 8], event=[1, 0, 2, 0], states=("free", "bone", "dead")
    ... )
    >>> lost = restricted_mean_time_lost(risk_table(history), 6)["all"]
    >>> lost["bone"].estimate, lost["dead"].estimate        # 1/4 * 4; 3/4 * 1/2 * 2
    (1.0, 0.75)
    """
    check_start(start)
    refuse_intermediate_states(table)
    result = {}
    for stratum in table.strata:
        sets = table.risk_sets(stratum, start=start)
        _check_horizon(sets, stratum, start, horizon)
        said = curve_cautions(table, sets, "`robust_restricted_mean_time_lost`")
        result[stratum] = {
            cause: replace(_lost(sets, k, horizon, conf_level), cautions=said)
            for k, cause in enumerate(sets.causes)
        }
    return result


def _lost(sets: RiskSets, k: int, horizon: float, conf_level: float) -> Estimate:
    within = sets.time <= horizon
    n, d, own = sets.at_risk[within], sets.all_events[within], sets.events[k, within]
    n = np.where(n > 0, n, 1.0)  # nobody at risk: no event either
    after = survival(sets)[within]
    remaining = np.concatenate([[1.0], after[:-1]]) * (horizon - sets.time[within])  # A
    lost = remaining * own / n
    total = float(lost.sum())
    left = sets.survivors[within]
    later: Floats = np.divide(
        (total - np.cumsum(lost)) * n, left, out=np.zeros_like(left), where=left > 0
    )  # B; nobody left: nothing is lost later
    squared = (
        remaining**2 * own * (n - own) - 2 * remaining * later * own * left + later**2 * d * left
    ) / n**3
    return wald(total, float(np.sqrt(max(squared.sum(), 0.0))), conf_level)


def _check_horizon(sets: RiskSets, stratum: str, start: float, horizon: float) -> None:
    end = sets.time[-1] if sets.time.size else start
    nobody_left = sets.time.size > 0 and survival(sets)[-1] == 0
    if not start < number("horizon", horizon) < np.inf or (horizon > end and not nobody_left):
        raise EstimateError(
            f"the horizon is day {horizon:g}",
            f'in "{stratum}" the curves run from day {start:g} to day {end:g}',
            "choose a horizon that every group's follow-up reaches",
        )
