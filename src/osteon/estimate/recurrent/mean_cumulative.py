"""Events that recur in patients who may die: the mean number of them by time t."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from osteon.contracts.arrays import distinct
from osteon.contracts.history import History
from osteon.estimate.clusters import few_clusters
from osteon.estimate.curves.curve import Curve, check_start
from osteon.estimate.intervals import check_choice, positive_limits
from osteon.estimate.recurrent.recurrent import VARIANCES, Recurrent, recurrent

MEAN_CUMULATIVE = "mean cumulative count"


def mean_cumulative(
    history: History,
    event: str,
    *,
    terminal: Sequence[str] | None = None,
    start: float = 0.0,
    cluster: ArrayLike | None = None,
    variance: str = "ghosh-lin",
    conf_level: float = 0.95,
    interval: str = "log",
) -> dict[str, Curve]:
    """Mean number of recurrent events by time *t* a patient, the dead having no more of them.

    Parameters
    ----------
    history : History
        Each subject's follow-up as intervals that do not overlap; one ends at every event, and
        the next begins there. Whoever is under observation is at risk, in whatever state. Late
        entry and gaps are allowed: what happened outside the intervals is not used.
    event : str
        State whose entry is the event; it may be entered again and again.
    terminal : sequence of str, optional
        States whose entry ends all events. Default: every state but the first and ``event``.
        With ``()`` they censor: the mean in a world without deaths, the Nelson-Aalen estimate.
    start : float
        Only time after ``start`` enters, in days; the mean is of events since then, in those
        alive then.
    cluster : array_like of int, shape (n,), optional
        What to sum the variance over instead of subjects.
    variance : {"ghosh-lin", "jackknife"}
        As published, or the jackknife (infinitesimal, as R's robust variance), which differs where
        several die at a time: it divides the deaths' term by n - d, not n, as Greenwood's formula
        does.
    conf_level : float
        Two-sided confidence of the pointwise limits.
    interval : {"log", "plain"}
        Scale of the limits.

    Returns
    -------
    dict of str to Curve
        By stratum. ``estimate`` counts events; ``std_error`` is robust; it makes no assumption
        on how a patient's events depend on each other; of events in one cluster alone it is nan.
        ``censored`` counts those who leave without a terminal event. Times are those of events
        and terminal events, and the last time anybody was seen.

    Raises
    ------
    EstimateError
        If a state is unknown, a subject's intervals overlap or go on after a terminal event, or
        a stratum has nobody.

    Notes
    -----
    With Y at risk, dN events, dD terminal events and S the Kaplan-Meier curve of the latter
    ([1]_, equation 2.1; without terminal events [2]_)

    .. math:: \\mu(t) = \\sum_{u \\le t} S(u-) \\frac{dN(u)}{Y(u)}

    The variance is :math:`\\sum_c \\Psi_c(t)^2` over clusters c, of ([1]_)

    .. math:: \\Psi_c(t) = \\sum_{i \\in c} w_i \\left[
        \\int_0^t S(u-) \\frac{dM_i(u)}{Y(u)}
        - \\int_0^t \\{\\mu(t) - \\mu(u)\\} \\frac{dM^D_i(u)}{Y(u)} \\right]

    :math:`dM_i = dN_i - Y_i \\, dN / Y`, likewise for D. An event on the day of a death counts
    before it. Weights are taken as fixed. R: ``mets::recurrentMarginal(phreg(Surv(start, stop,
    event) ~ cluster(id)), phreg(Surv(start, stop, death) ~ cluster(id)))`` where no times are
    tied (it counts tied deaths one after the other); with ``terminal=()`` also
    ``survfit(Surv(start, stop, event) ~ 1, id = id, cluster = id)``, its ``cumhaz`` and
    ``std.chaz``.

    References
    ----------
    .. [1] Ghosh & Lin (2000), Biometrics 56:554-562, doi:10.1111/j.0006-341X.2000.00554.x.
    .. [2] Lawless & Nadeau (1995), Technometrics 37:158-168,
       doi:10.1080/00401706.1995.10484300.

    Examples
    --------
    Four patients. The first has events at 1 and 3 and dies at 5, the second dies at 2, the
    third has one at 4, the fourth none:

    >>> history = History.of(
    ...     subject=[0, 0, 0, 1, 2, 2, 3], entry=[0, 1, 3, 0, 0, 4, 0],
    ...     exit=[1, 3, 5, 2, 4, 6, 6], event=[1, 1, 2, 2, 1, 0, 0],
    ...     states=("bm", "sre", "dead"),
    ... )
    >>> curve = mean_cumulative(history, "sre")["all"]
    >>> curve.time.tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    >>> curve.estimate.round(4).tolist()      # 1/4, then S = 3/4: + 3/4 * 1/3, + 3/4 * 1/3
    [0.25, 0.25, 0.5, 0.75, 0.75, 0.75]
    >>> without_deaths = mean_cumulative(history, "sre", terminal=())["all"]
    >>> without_deaths.estimate.round(4).tolist()
    [0.25, 0.5833, 0.9167, 0.9167]
    """
    check_start(start)
    check_choice("variance", variance, VARIANCES)
    processes = recurrent(history, event, terminal, start, cluster, variance)
    return {
        stratum: _curve(process, start, conf_level, interval, variance)
        for stratum, process in processes.items()
    }


def _curve(
    process: Recurrent, start: float, conf_level: float, interval: str, variance: str
) -> Curve:
    estimate, std_error = process.mean, process.std_error()
    conf_low, conf_high = positive_limits(estimate, std_error, conf_level, interval)
    return Curve(
        time=process.time,
        at_risk=process.at_risk,
        events=process.events,
        censored=process.censored,
        estimate=estimate,
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        start=start,
        estimand=MEAN_CUMULATIVE,
        conf_level=conf_level,
        interval=interval,
        variance=variance,
        cautions=few_clusters(distinct(process.cluster)),
    )
