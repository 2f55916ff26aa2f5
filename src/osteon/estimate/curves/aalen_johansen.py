"""Cumulative incidence of competing outcomes."""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import CUMULATIVE_INCIDENCE, Curve, check_start
from osteon.estimate.curves.curve_cautions import curve_cautions
from osteon.estimate.curves.kaplan_meier import greenwood, survival
from osteon.estimate.intervals import check_variance, probability_limits
from osteon.estimate.tables.risk_table import RiskSets, RiskTable

_ROUNDING = 1e-12  # an incidence so near 1 is 1


def cumulative_incidence(
    table: RiskTable,
    *,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log-log",
    variance: str = "delta",
) -> dict[str, dict[str, Curve]]:
    """Aalen-Johansen probability of each outcome by time *t*, the others competing.

    Parameters
    ----------
    table : RiskTable
        All transitions lead from the initial state to states that nobody leaves.
    start : float
        Only event times after ``start`` enter; the curves are conditional on being free of every
        outcome at ``start``, in days.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the limits. "log-log" is log(-log F), as in ``survfit(conf.type = "log-log")``,
        SAS and Stata; "cloglog" is log(-log(1 - F)), as in ``etm``; "plain" is prodlim's.
    variance : {"delta", "aalen"}
        "delta" is Greenwood's for multinomial transitions: ``etm`` and prodlim. "aalen" is that of
        ``cmprsk::cuminc``. The third convention, the jackknife of ``survfit``, needs a second pass
        over the subjects: `robust_cumulative_incidence`. It equals "delta" without weights and
        delayed entry.

    Returns
    -------
    dict of str to dict of str to Curve
        By stratum, then by outcome, in the order of the states.

    Raises
    ------
    EstimateError
        If somebody leaves a state other than the initial one.

    Notes
    -----
    .. math:: F_k(t) = \\sum_{t_j \\le t} S(t_{j-1}) \\frac{d_{kj}}{n_j}

    with S the Kaplan-Meier estimate of staying free of every outcome ([1]_). With
    :math:`\\Delta_j = F_k(t) - F_k(t_j)` the delta variance is ([2]_, section IV.4; [3]_)

    .. math:: \\sum_{t_j \\le t} \\Delta_j^2 \\frac{d_j}{n_j (n_j - d_j)}
        + S(t_{j-1})^2 \\frac{d_{kj} (n_j - d_{kj})}{n_j^3}
        - 2 \\Delta_j S(t_{j-1}) \\frac{d_{kj}}{n_j^2}

    The Aalen-type variance treats the causes' counts as independent, each with the variance
    :math:`v = d (n - d) / (n^2 (n - 1))` ([4]_; the form is that of ``cmprsk``):

    .. math:: \\sum_{t_j \\le t} S(t_{j-1})^2 \\left[
        \\left(1 - \\frac{\\Delta_j}{S(t_j)}\\right)^2 v_{kj}
        + \\left(\\frac{\\Delta_j}{S(t_j)}\\right)^2 v_{\\bar k j} \\right]

    Where everybody has had the outcome, F = 1, neither tells anything: error and limits are nan,
    as those of a survival curve that has reached 0 (the three packages say 0).

    R: ``etm(data, states, possible, "cens", s = 0)`` or ``prodlim(Hist(time, cause) ~ g)`` for
    "delta", ``cmprsk::cuminc(time, cause, group)``, which takes no delayed entry, for "aalen".

    References
    ----------
    .. [1] Aalen & Johansen (1978), Scand. J. Stat. 5:141-150, jstor:4615704.
    .. [2] Andersen, Borgan, Gill & Keiding (1993), Statistical Models Based on Counting
       Processes, doi:10.1007/978-1-4612-4348-9.
    .. [3] Dinse & Larson (1986), Biometrika 73:379-386, doi:10.1093/biomet/73.2.379.
    .. [4] Aalen (1978), Ann. Stat. 6:534-545, doi:10.1214/aos/1176344198.

    Examples
    --------
    Six patients: skeletal events at days 1 and 3, deaths at 2 and 3, two censored:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     exit=[1, 2, 3, 3, 3, 4], event=[1, 2, 1, 2, 0, 0], states=("bm", "sre", "dead")
    ... )
    >>> curves = cumulative_incidence(risk_table(history))["all"]
    >>> curves["sre"].at(3).estimate.round(4).tolist()     # 1/6 + 4/6 * 1/4
    [0.3333]
    >>> curves["dead"].at(3).estimate.round(4).tolist()
    [0.3333]
    """
    check_start(start)
    check_variance(variance, ("delta", "aalen"), "robust_cumulative_incidence")
    refuse_intermediate_states(table)
    result = {}
    for stratum in table.strata:
        sets = table.risk_sets(stratum, start=start)
        after = survival(sets)
        said = curve_cautions(table, sets, "`robust_cumulative_incidence`")
        result[stratum] = {
            cause: _curve(sets, k, after, start, conf_level, interval, variance, said)
            for k, cause in enumerate(sets.causes)
        }
    return result


def _curve(
    sets: RiskSets,
    k: int,
    after: Floats,
    start: float,
    conf_level: float,
    interval: str,
    variance: str,
    cautions: tuple[str, ...],
) -> Curve:
    before = np.concatenate([[1.0], after[:-1]])
    n = np.where(sets.at_risk > 0, sets.at_risk, 1.0)  # nobody at risk: no event either
    incidence = np.cumsum(before * sets.events[k] / n)
    certain = incidence > 1 - _ROUNDING
    incidence = np.where(certain, 1.0, incidence)
    squared = (_delta if variance == "delta" else _aalen)(sets, k, incidence, before, after, n)
    std_error = np.where(certain, np.nan, np.sqrt(np.maximum(squared, 0.0)))
    conf_low, conf_high = probability_limits(incidence, std_error, conf_level, interval)
    return Curve(
        time=sets.time,
        at_risk=sets.at_risk,
        events=sets.events[k],
        censored=sets.censored,
        estimate=incidence,
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        start=start,
        estimand=CUMULATIVE_INCIDENCE,
        conf_level=conf_level,
        interval=interval,
        variance=variance,
        cautions=cautions,
    )


def _delta(
    sets: RiskSets, k: int, incidence: Floats, before: Floats, after: Floats, n: Floats
) -> Floats:
    # Once nobody is left the incidence stays as it is: Delta_j = 0, so the term is 0, not inf.
    terms = np.where(after > 0, greenwood(sets), 0.0)
    own = sets.events[k]
    share = before * own / (n * n)
    return _summed(incidence, terms, share, share * before * (n - own) / n)


def _aalen(
    sets: RiskSets, k: int, incidence: Floats, before: Floats, after: Floats, n: Floats
) -> Floats:
    own = sets.events[k]
    v_own, v_other = _tied(own, n), _tied(sets.all_events - own, n)
    inverse = np.divide(1.0, after, out=np.zeros_like(after), where=after > 0)
    squared = before**2
    of_own = squared * v_own
    return _summed(incidence, squared * (v_own + v_other) * inverse**2, of_own * inverse, of_own)


def _tied(events: Floats, n: Floats) -> Floats:
    """Variance of d / n with the correction for tied events, 1 - (d - 1) / (n - 1)."""
    correction = np.where(events > 1, 1 - (events - 1) / np.maximum(n - 1, 1e-300), 1.0)
    return correction * events / n**2


def _summed(f: Floats, u: Floats, v: Floats, w: Floats) -> Floats:
    """sum_{j <= t} (f(t) - f_j)^2 u_j - 2 (f(t) - f_j) v_j + w_j, for every t at once."""
    once = f * u
    return f * (f * np.cumsum(u) - 2 * np.cumsum(once + v)) + np.cumsum(f * (once + 2 * v) + w)


def refuse_intermediate_states(table: RiskTable) -> None:
    """Refuse a table in which somebody leaves a state other than the initial one."""
    expect(RiskTable, table=table)
    onward = sorted({origin for origin, _ in table.transitions} - {table.states[0]})
    if onward:
        raise EstimateError(
            f"somebody leaves the state {', '.join(onward)}",
            f'every transition starts in "{table.states[0]}"',
            "keep each subject's intervals up to the first transition",
        )
