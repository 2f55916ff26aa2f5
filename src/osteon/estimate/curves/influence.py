"""Robust variances: a second pass over the subjects, for weights and for clusters.

The risk table alone cannot tell a weight of 2 from two patients, nor which intervals belong to
one patient. The infinitesimal jackknife can: it asks how far each subject pulls the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.history import Floats, History, Integers
from osteon.errors import EstimateError
from osteon.estimate.curves.aalen_johansen import cumulative_incidence
from osteon.estimate.curves.curve import Curve
from osteon.estimate.curves.kaplan_meier import greenwood, kaplan_meier, survival
from osteon.estimate.curves.nelson_aalen import hazard_limits, nelson_aalen
from osteon.estimate.intervals import probability_limits
from osteon.estimate.tables.risk_table import RiskSets, risk_table

JACKKNIFE = "jackknife"
_CELLS = 2**21  # subjects x times held at once: 16 MB


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
        is nan where survival has reached 0.

    Raises
    ------
    EstimateError
        As `kaplan_meier`; if ``cluster`` has another length than the history or misses a value.

    Notes
    -----
    With :math:`w_i` the weight and :math:`Y_i, N_i` the at-risk and event process of an interval,

    .. math:: \\widehat{Var}\\, S(t) = \\sum_c \\Big( \\sum_{i \\in c} w_i
        \\frac{\\partial S(t)}{\\partial w_i} \\Big)^2, \\qquad
        \\frac{\\partial S(t)}{\\partial w_i} = -S(t) \\sum_{t_j \\le t}
        \\frac{dN_{ij} - Y_{ij}\\, d_j / n_j}{n_j - d_j}

    ([1]_, summed as in [2]_; no small-sample factor). This is the infinitesimal jackknife, which R
    calls robust: a derivative by the weight, where the jackknife of old leaves a subject out. With weights of 1, one interval a subject and no delayed entry
    it equals Greenwood's variance. R: ``survfit(Surv(entry, exit, event) ~ g, weights = w,
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
    for name, sets, rows in _strata(history, cluster, start, causes):
        after = survival(sets)
        variance = after**2 * _squares(sets, rows, _log_survival)
        std_error = np.where(after > 0, np.sqrt(variance), np.nan)
        limits = probability_limits(after, std_error, conf_level, interval)
        curves[name] = _robust(curves[name], std_error, *limits)
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
        One curve a stratum; ``estimand`` is "cumulative hazard".

    Raises
    ------
    EstimateError
        As `nelson_aalen`; if ``cluster`` has another length than the history or misses a value.

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
    for name, sets, rows in _strata(history, cluster, start, causes):
        std_error = np.sqrt(_squares(sets, rows, _hazard))
        limits = hazard_limits(curves[name].estimate, std_error, conf_level, interval)
        curves[name] = _robust(curves[name], std_error, *limits)
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
        By stratum, then by outcome.

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
    entry; with delayed entry the two differ. R: ``survfit(Surv(entry, exit, state) ~ 1,
    weights = w, id = id, cluster = id)``.

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
    for name, sets, rows in _strata(history, cluster, start, None):
        for k, cause in enumerate(sets.causes):
            plain = curves[name][cause]
            squared = _squares(sets, rows, partial(_incidence, k=k))
            std_error = np.where(plain.estimate == 1, 0.0, np.sqrt(squared))
            limits = probability_limits(plain.estimate, std_error, conf_level, interval)
            curves[name][cause] = _robust(plain, std_error, *limits)
    return curves


@dataclass(frozen=True, eq=False)
class _Rows:
    """Intervals of one stratum, sorted by cluster, placed among the times of its curve.

    At risk at the times ``first <= j <= last``; ``cause`` is the kind of event at ``last``, or -1.
    """

    first: Integers
    last: Integers
    cause: Integers
    weight: Floats
    cluster: Integers

    def chunks(self, times: int) -> Iterator[_Rows]:
        """Parts of whole clusters, each small enough to be held against all times."""
        edges = np.flatnonzero(np.diff(self.cluster, prepend=-1, append=-1))
        size, begin = max(_CELLS // max(times, 1), 1), 0
        while begin < self.cluster.size:
            fitting = np.searchsorted(edges, begin + size, side="right") - 1
            end = edges[max(fitting, np.searchsorted(edges, begin, side="right"))]
            yield _Rows(**{name: value[begin:end] for name, value in vars(self).items()})
            begin = int(end)


def _strata(
    history: History, cluster: ArrayLike | None, start: float, causes: Sequence[str] | None
) -> Iterator[tuple[str, RiskSets, _Rows]]:
    table = risk_table(history)
    groups = clusters_of(history, cluster)
    for i, name in enumerate(history.strata):
        sets = table.risk_sets(name, causes=causes, start=start)
        chosen = (history.stratum == i) & (history.from_state == 0) & (history.exit > start)
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(groups[rows], kind="stable")]
        kinds = np.full(len(history.states) + 1, -1)  # the last one is for CENSORED
        for k, cause in enumerate(sets.causes):
            kinds[history.states.index(cause)] = k
        yield (
            name,
            sets,
            _Rows(
                first=np.searchsorted(sets.time, history.entry[rows], side="right"),
                last=np.searchsorted(sets.time, history.exit[rows], side="left"),
                cause=kinds[history.to_state[rows]],
                weight=history.weight[rows],
                cluster=groups[rows],
            ),
        )


def clusters_of(history: History, cluster: ArrayLike | None) -> Integers:
    """Number each interval's cluster from 0, in the order of their labels."""
    values = history.subject if cluster is None else np.asarray(cluster)
    if values.shape != (len(history),):
        raise EstimateError(
            f"`cluster` has shape {values.shape}, the history has {len(history)} intervals",
            "it has one value an interval",
        )
    labels = () if values.dtype.kind in "biu" else values.tolist()  # whole numbers miss nothing
    if any(value is None or value != value for value in labels):
        raise EstimateError("`cluster` misses a value", "every interval belongs to a cluster")
    return np.unique(values, return_inverse=True)[1]


def pulls_at(
    history: History,
    stratum: str,
    time: float,
    clusters: Integers,
    start: float = 0.0,
    cause: str | None = None,
) -> Floats:
    """How far each cluster pulls survival, or the incidence of a cause, at one time.

    Derivatives by the cluster's weight, times the weight; shape (clusters,). They add up to 0.
    """
    pulls = np.zeros(int(clusters.max()) + 1)
    for name, sets, rows in _strata(history, clusters, start, None):
        j = int(np.searchsorted(sets.time, time, side="right")) - 1
        if name != stratum or j < 0:
            continue
        if cause is None:
            pull: Callable = _log_survival
            scale = float(survival(sets)[j])
        else:
            pull, scale = partial(_incidence, k=sets.causes.index(cause)), 1.0
        for part in rows.chunks(sets.time.size):
            np.add.at(pulls, part.cluster, scale * part.weight * pull(sets, part)[:, j])
    return pulls


def _squares(sets: RiskSets, rows: _Rows, pull: Callable[[RiskSets, _Rows], Floats]) -> Floats:
    """Sum over clusters of the squared pull of each, at every time."""
    total = np.zeros(sets.time.size)
    for part in rows.chunks(sets.time.size):
        begins = np.flatnonzero(np.diff(part.cluster, prepend=-1))
        of_cluster = np.add.reduceat(part.weight[:, None] * pull(sets, part), begins, axis=0)
        total += np.einsum("ct,ct->t", of_cluster, of_cluster)
    return total


def _log_survival(sets: RiskSets, rows: _Rows) -> Floats:
    """Derivative of log S(t) by each row's weight, shape (rows, times)."""
    left = sets.survivors
    inverse = np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)  # else S = 0 from here
    return _while_at_risk(rows, np.where(left > 0, greenwood(sets), 0.0)) - _at_event(
        rows, rows.cause >= 0, inverse
    )


def _hazard(sets: RiskSets, rows: _Rows) -> Floats:
    """Derivative of the cumulative hazard by each row's weight, shape (rows, times)."""
    n = _at_risk(sets)
    compensator = _while_at_risk(rows, sets.all_events / n**2)
    return _at_event(rows, rows.cause >= 0, 1 / n) - compensator


def _incidence(sets: RiskSets, rows: _Rows, k: int) -> Floats:
    """Derivative of the cumulative incidence of cause k by each row's weight."""
    before = np.concatenate([[1.0], survival(sets)[:-1]])
    n = _at_risk(sets)
    hazard = sets.events[k] / n
    to_survive = np.zeros((rows.first.size, sets.time.size))
    to_survive[:, 1:] = _log_survival(sets, rows)[:, :-1]
    return (
        np.cumsum(to_survive * (before * hazard), axis=1)
        + _at_event(rows, rows.cause == k, before / n)
        - _while_at_risk(rows, before * hazard / n)
    )


def _at_risk(sets: RiskSets) -> Floats:
    return np.where(sets.at_risk > 0, sets.at_risk, 1.0)  # nobody at risk: no event either


def _while_at_risk(rows: _Rows, terms: Floats) -> Floats:
    """Sum of the terms over the times at which each row was at risk, up to every time."""
    total = np.concatenate([[0.0], np.cumsum(terms)])
    until = np.clip(np.arange(1, total.size), rows.first[:, None], rows.last[:, None] + 1)
    return total[until] - total[rows.first][:, None]


def _at_event(rows: _Rows, happened: np.ndarray, terms: Floats) -> Floats:
    """The term at the row's event, from its time on."""
    own = np.where(happened, terms[rows.last], 0.0)
    return np.where(np.arange(terms.size) >= rows.last[:, None], own[:, None], 0.0)


def _robust(curve: Curve, std_error: Floats, conf_low: Floats, conf_high: Floats) -> Curve:
    return replace(
        curve,
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        variance=JACKKNIFE,
    )
