"""Kaplan-Meier curves, the follow-up that stands behind them, and where they may start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.contracts.history import CENSORED, History
from osteon.estimate.arguments import check_positive, expect
from osteon.estimate.curves.curve import SURVIVAL, Curve, check_start
from osteon.estimate.curves.curve_cautions import curve_cautions
from osteon.estimate.intervals import probability_limits
from osteon.estimate.tables.risk_table import RiskSets, RiskTable


def kaplan_meier(
    table: RiskTable,
    *,
    start: float = 0.0,
    conf_level: float = 0.95,
    interval: str = "log-log",
    causes: Sequence[str] | None = None,
) -> dict[str, Curve]:
    """Kaplan-Meier estimate of staying in the initial state, with Greenwood's variance.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`; delayed entry and weights are in it. It holds no subject: who comes
        back after an event would be counted again (`robust_kaplan_meier` sees and refuses it).
    start : float
        Only event times after ``start`` enter, S(start) = 1, in days. With delayed entry the
        curve is conditional on reaching ``start``; see `earliest_start`.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the limits. R's default is "log", SPSS and prodlim use "plain".
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: all.

    Returns
    -------
    dict of str to Curve
        One curve a stratum. Its ``cautions`` say where late entry leaves an event with so few at
        risk that the curve and its median hang on it (begin at `earliest_start`), and where
        weights are no counts of patients (take `robust_kaplan_meier`).

    Raises
    ------
    EstimateError
        If the interval or a cause is unknown, ``conf_level`` does not lie between 0 and 1, or
        ``start`` is not finite.

    Notes
    -----
    .. math:: S(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{d_j}{n_j}\\right), \\qquad
        \\widehat{Var}\\, S(t) = S(t)^2 \\sum_{t_j \\le t} \\frac{d_j}{n_j (n_j - d_j)}

    ([1]_.) R: ``survfit(Surv(entry, exit, event) ~ g, conf.type = "log-log")``
    gives the same ``surv`` and limits; its ``std.err`` is that of log S(t), so multiply by
    ``surv``. ``start=`` is ``survfit(start.time =)`` but for events at that very time, which R
    lets in and we, with ``(start, ...]``, do not.

    References
    ----------
    .. [1] Kaplan & Meier (1958), J. Am. Stat. Assoc. 53:457-481,
       doi:10.1080/01621459.1958.10501452.

    Examples
    --------
    Six subjects with a tied death, a death tied with a censoring, a lone death and a lone
    censoring [data: Therneau & Grambsch 2000, appendix]:

    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[9, 1, 1, 6, 6, 8], event=[1, 1, 0, 1, 1, 0]))
    >>> curve = kaplan_meier(table)["all"]
    >>> curve.time.tolist(), curve.at_risk.tolist()
    ([1.0, 6.0, 8.0, 9.0], [6.0, 4.0, 2.0, 1.0])
    >>> curve.estimate.round(4).tolist()      # 5/6, 5/6 * 2/4, the same, 0
    [0.8333, 0.4167, 0.4167, 0.0]
    """
    expect(RiskTable, table=table)
    check_start(start)
    result = {}
    for stratum in table.strata:
        sets = table.risk_sets(stratum, causes=causes, start=start)
        said = curve_cautions(table, sets, "`robust_kaplan_meier`")
        result[stratum] = _curve(sets, start, conf_level, interval, said)
    return result


def follow_up(history: History) -> History:
    """Turn a history round: the end of observation is the event, the events censor.

    The Kaplan-Meier curve of the result is the "reverse Kaplan-Meier" estimate of follow-up
    ([1]_); its median is the median follow-up.

    Parameters
    ----------
    history : History
        Any history. A censored interval that the same subject's next interval continues, and a
        transition after which the subject is still seen, do not end follow-up.

    Returns
    -------
    History
        With the states "followed" and "lost".

    Notes
    -----
    At a tied time the end of observation now counts first, and who has the original event at
    that time is still at risk. R: ``survfit(Surv(time, 1 - status) ~ 1)``; SPSS does the same.
    ``prodlim(reverse = TRUE)`` keeps the original order and takes the events out of the risk
    set first, so it differs where an event and a censoring fall on one day.

    References
    ----------
    .. [1] Schemper & Smith (1996), Control. Clin. Trials 17:343-346,
       doi:10.1016/0197-2456(96)00075-X.

    Examples
    --------
    >>> from osteon.estimate import quantile, risk_table
    >>> h = History.of(exit=[10, 20, 30, 40], event=[0, 1, 0, 0])
    >>> quantile(kaplan_meier(risk_table(follow_up(h)))["all"]).estimate
    30.0
    """
    expect(History, history=history)
    ended = (history.to_state == CENSORED) & ~_continued(history)
    return replace(
        history,
        to_state=np.where(ended, 1, CENSORED),
        from_state=np.zeros_like(history.from_state),
        states=("followed", "lost"),
        covariates={},
    )


@dataclass(frozen=True)
class EarliestStart:
    """First time with enough at risk.

    Attributes
    ----------
    by_stratum : mapping of str to float
        First such time of each stratum, in days; inf where there is none.
    jointly : float
        First time at which every stratum has enough, in days; inf where there is none.
    """

    by_stratum: Mapping[str, float]
    jointly: float


def earliest_start(table: RiskTable, *, at_risk: float = 20.0) -> EarliestStart:
    """First time just after which at least ``at_risk`` are at risk in the initial state.

    With delayed entry the first risk sets are small, and one early event can take the curve
    far down for good. A curve that starts later is conditional on reaching its start, and sound.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`.
    at_risk : float
        How many are enough; above 0.

    Returns
    -------
    EarliestStart
        Of each stratum, and of all together.

    Raises
    ------
    EstimateError
        If ``at_risk`` is not above 0.

    Examples
    --------
    >>> from osteon.estimate import risk_table
    >>> h = History.of(entry=[0, 5, 7, 9], exit=[6, 20, 30, 40], event=[1, 1, 1, 0])
    >>> earliest_start(risk_table(h), at_risk=2).jointly
    5.0
    """
    expect(RiskTable, table=table)
    check_positive("at_risk", at_risk)
    just_after = np.append(table.at_risk[:, 0, 1:], np.zeros((len(table.strata), 1)), axis=1)
    enough = just_after >= at_risk
    return EarliestStart(
        by_stratum={
            stratum: _first(table.time, enough[i]) for i, stratum in enumerate(table.strata)
        },
        jointly=_first(table.time, np.all(enough, axis=0)),
    )


def greenwood(sets: RiskSets) -> Floats:
    """Greenwood's terms d / (n (n - d)) at each time; inf where nobody is left."""
    events, survivors = sets.all_events, sets.survivors
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(events > 0, events / (sets.at_risk * survivors), 0.0)


def survival(sets: RiskSets) -> Floats:
    """Product-limit estimate just after each time."""
    some = sets.at_risk > 0
    stay = np.divide(sets.survivors, sets.at_risk, out=np.ones(some.size), where=some)
    return stay.cumprod()


def _curve(
    sets: RiskSets, start: float, conf_level: float, interval: str, cautions: tuple[str, ...]
) -> Curve:
    estimate = survival(sets)
    with np.errstate(invalid="ignore"):  # 0 * inf where nobody is left: nan is meant
        std_error = estimate * np.sqrt(np.cumsum(greenwood(sets)))
    conf_low, conf_high = probability_limits(estimate, std_error, conf_level, interval)
    return Curve(
        time=sets.time,
        at_risk=sets.at_risk,
        events=sets.all_events,
        censored=sets.censored,
        estimate=estimate,
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        start=start,
        estimand=SURVIVAL,
        conf_level=conf_level,
        interval=interval,
        cautions=cautions,
    )


def _continued(history: History) -> np.ndarray:
    """Which intervals are followed by another one of the same subject, without a gap."""
    starts = np.stack([history.subject, history.entry], axis=1)
    ends = np.stack([history.subject, history.exit], axis=1)
    _, code = np.unique(np.concatenate([starts, ends]), axis=0, return_inverse=True)
    code = code.reshape(-1)
    return np.isin(code[len(history) :], code[: len(history)])


def _first(time: Floats, enough: np.ndarray) -> float:
    return float(time[np.argmax(enough)]) if enough.any() else float("inf")
