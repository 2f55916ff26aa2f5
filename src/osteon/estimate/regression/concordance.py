"""Concordance: how often the patient with the higher score has the event first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats, Integers, distinct, numbers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import check_positive, expect
from osteon.estimate.clusters import clusters_of, few_clusters
from osteon.estimate.curves.pulls import Pulled
from osteon.estimate.intervals import (
    Estimate,
    check_choice,
    check_conf_level,
    probability_limits,
    wald_p,
)
from osteon.estimate.regression.at_risk import EventTimes, event_times
from osteon.estimate.regression.censoring_weights import censoring_distribution
from osteon.estimate.regression.cox import CoxFit, check_finite
from osteon.estimate.regression.design_matrix import check_names, event_indicator
from osteon.estimate.regression.lower_sums import lower_and_tied

WEIGHTINGS = ("harrell", "uno")


@dataclass(frozen=True, eq=False)
class Concordance:
    """Probability that of two comparable patients the higher score has the event first.

    Attributes
    ----------
    estimate : Estimate
        Concordance, its robust (jackknife) standard error, limits, and the p of 0.5.
    concordant, discordant, tied_score : float
        Weight of the comparable pairs in which the higher score has the event first, has it
        later, and of those with equal scores, which count a half.
    tied_time, tied_both : float
        Weight of the pairs with their events at one time, scores different and equal: not
        compared.
    pulls : ndarray of float, shape (clusters,)
        How far each cluster pulls the concordance, in the order of the clusters' labels.
    weighting : {"harrell", "uno"}
        Weight of a pair.
    """

    estimate: Estimate
    concordant: float
    discordant: float
    tied_score: float
    tied_time: float
    tied_both: float
    pulls: Floats = field(repr=False)
    weighting: str


def concordance(
    history: History,
    score: ArrayLike | CoxFit,
    *,
    weighting: str = "harrell",
    horizon: float | None = None,
    causes: Sequence[str] | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
    interval: str = "logit",
) -> Concordance:
    """Concordance of a risk score, or of a Cox model, with the order of the events.

    Parameters
    ----------
    history : History
        With delayed entry, weights, strata and start-stop intervals; pairs are compared within
        strata. It may be other patients' than those of the fit: external validation.
    score : array_like of float, shape (n,), or CoxFit
        The higher, the earlier the event is to be expected; one value an interval. Of a fit its
        linear predictor, from the history's covariates.
    weighting : {"harrell", "uno"}
        Every pair alike, or by the inverse squared probability of not yet being censored, which
        takes the pattern of censoring out of what is estimated ([2]_).
    horizon : float, optional
        Only events up to it count, in days. Default: all; "uno" then rests on the last few
        patients.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors. Default: all.
    cluster : array_like, shape (n,), optional
        What varies independently, one value an interval. Default: the clusters of the fit, if it
        was fitted with some and to this very history, otherwise the subject.
    conf_level : float
        Two-sided confidence.
    interval : {"logit", "plain"}
        Scale of the limits.

    Returns
    -------
    Concordance

    Raises
    ------
    EstimateError
        If a score is missing or of another length, the fit has infinite coefficients or
        covariates that the history lacks, the horizon is not above 0, no pair can be compared, or
        "uno" is asked with delayed entry or with several intervals a subject: its censoring weights
        then are not known.

    Notes
    -----
    Patient i, with the event at :math:`t_i`, is compared with every j of the same stratum who is
    at risk at :math:`t_i` and has no event at that time: ``entry_j < t_i <= exit_j``, censorings
    at :math:`t_i` included. With :math:`g(t) = 1`, or :math:`G(t-)^{-2}` for "uno" with G the
    Kaplan-Meier estimate of censoring in the stratum (events first),

    .. math:: C = \\frac{\\sum w_i w_j\\, g(t_i)\\,
        [1(x_i > x_j) + \\tfrac12 1(x_i = x_j)]}{\\sum w_i w_j\\, g(t_i)}

    ([1]_, [2]_; strata add up above and below). Its variance is the sum over clusters of squared
    pulls, the derivatives of C by the weights (the infinitesimal jackknife), g taken as known
    ([3]_). It takes O(n log n). R:
    ``concordance(Surv(entry, exit, event) ~ score + strata(g), weights =, cluster =, timewt =,
    ymax =, reverse = TRUE)`` with "n" and "n/G2", and ``concordance(coxph(...))``, which takes the
    cluster of the fit too; with ``newdata`` neither does.

    References
    ----------
    .. [1] Harrell, Califf, Pryor, Lee & Rosati (1982), JAMA 247:2543-2546,
       doi:10.1001/jama.1982.03320430047030.
    .. [2] Uno, Cai, Pencina, D'Agostino & Wei (2011), Stat. Med. 30:1105-1117,
       doi:10.1002/sim.4154.
    .. [3] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "concordance",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    Deaths on days 1, 3 and 4 of five. The first is compared with four, of whom one scores higher
    and one alike; the second with two, one of them higher; the third with one:

    >>> history = History.of(exit=[1, 2, 3, 4, 5], event=[1, 0, 1, 1, 0])
    >>> found = concordance(history, [3, 3, 1, 4, 0])
    >>> found.concordant, found.discordant, found.tied_score
    (4.0, 2.0, 1.0)
    >>> round(found.estimate.estimate, 4)                      # (4 + 1/2) / 7
    0.6429
    """
    expect(History, history=history)
    check_choice("weighting", weighting, WEIGHTINGS)
    check_choice("interval", interval, ("logit", "plain"))
    check_conf_level(conf_level)
    if horizon is not None:
        check_positive("horizon", horizon)
    event = event_indicator(history, causes)
    if cluster is None and isinstance(score, CoxFit) and score.history is history:
        cluster = score.cluster
    clusters = clusters_of(history, cluster)
    pairs = _pairs(history, _scores(history, score), event, weighting, horizon)
    higher, lower, tied = pairs.sums()
    total = higher + lower + tied
    if not total > 0:
        raise EstimateError(
            "no two intervals can be compared",
            "a pair needs an event at which another subject of the stratum is at risk",
            "look at the strata and the horizon",
        )
    somers = (higher - lower) / total
    pull = pairs.weight * (pairs.more - pairs.less - somers * pairs.met) / (2 * total)
    pulls = np.asarray(np.bincount(clusters, weights=pull), dtype=np.float64)
    return Concordance(
        _estimate((somers + 1) / 2, pulls, conf_level, interval),
        concordant=higher,
        discordant=lower,
        tied_score=tied,
        tied_time=pairs.tied_time - pairs.tied_both,
        tied_both=pairs.tied_both,
        pulls=pulls,
        weighting=weighting,
    )


def concordance_difference(a: Concordance, b: Concordance) -> Estimate:
    """Difference ``a - b`` of two scores' concordances in the same patients.

    Each cluster enters once, with the difference of its two pulls: two scores of one patient are
    not independent.

    Parameters
    ----------
    a, b : Concordance
        Of the same history and clusters, at the same confidence level.

    Returns
    -------
    Estimate
        With a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        If the two are not of equally many clusters, or differ in weighting or level.

    Notes
    -----
    .. math:: \\widehat{Var}(C_a - C_b) = \\sum_c (u_{ca} - u_{cb})^2

    with :math:`u_{ca}` the pull of cluster c on the concordance of a ([1]_, section "Multiple
    concordances"). R: ``concordance(fit1, fit2)``, whose ``var`` is the covariance V of the two:
    ``sqrt(c(1, -1) %*% V %*% c(1, -1))``.

    References
    ----------
    .. [1] Therneau (2023), survival: Survival Analysis, R package 3.5-3, vignette "concordance",
       doi:10.32614/CRAN.package.survival.

    Examples
    --------
    A score loses nothing against its double. Against one that orders everybody rightly it loses
    its two discordant pairs and half of its tied one, of seven:

    >>> history = History.of(exit=[1, 2, 3, 4, 5], event=[1, 0, 1, 1, 0])
    >>> scores = [3, 3, 1, 4, 0], [6, 6, 2, 8, 0], [5, 4, 3, 2, 1]
    >>> one, double, best = (concordance(history, score) for score in scores)
    >>> gap = concordance_difference(one, double)
    >>> gap.estimate, gap.std_error
    (0.0, 0.0)
    >>> round(concordance_difference(one, best).estimate, 4)                     # -2.5 / 7
    -0.3571
    """
    expect(Concordance, a=a, b=b)
    told = [(x.pulls.size, x.weighting, x.estimate.conf_level) for x in (a, b)]
    if told[0] != told[1]:
        raise EstimateError(
            "the two concordances differ in clusters, weighting or confidence level",
            "two scores are compared on the same history, alike",
        )
    return Pulled(a.estimate, a.pulls).minus(Pulled(b.estimate, b.pulls))


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Weight of the pairs of each interval: with it the more, and the less, concordant.

    ``more``, ``less`` and ``met`` (all its pairs, ties too) leave out its own weight.
    """

    weight: Floats
    more: Floats
    less: Floats
    met: Floats
    tied_time: float
    tied_both: float

    def sums(self) -> tuple[float, float, float]:
        """Weight of all concordant, discordant and tied pairs; each has two members."""
        more, less, met = (
            float(self.weight @ each) / 2 for each in (self.more, self.less, self.met)
        )
        return more, less, max(met - more - less, 0.0)  # -1e-15 is a rounded 0


def _pairs(
    history: History,
    score: Floats,
    event: NDArray[np.bool_],
    weighting: str,
    horizon: float | None,
) -> _Pairs:
    cells, weight = event_times(history, event), history.weight
    g = _pair_weights(history, event, cells, weighting)
    if horizon is not None:
        g = np.where(cells.time <= horizon, g, 0.0)
    rank = np.unique(score, return_inverse=True)[1]
    end = cells.last + 1 - event  # comparable at the cells first, ..., end - 1
    own = cells.last[event]
    # As the one with the event: those at risk then are those who entered less those who left.
    entered = lower_and_tied(cells.first, rank, weight, own + 1, rank[event])
    left = lower_and_tied(end, rank, weight, own + 1, rank[event])
    after = [here - gone for here, gone in zip(entered, left, strict=True)]
    # As the one at risk: the events up to the end less those before the entry.
    events = own, rank[event], weight[event] * g[own]
    low, tied, met = lower_and_tied(*events, end, rank)
    if cells.first.any():
        before = lower_and_tied(*events, cells.first, rank)
        low, tied, met = low - before[0], tied - before[1], met - before[2]
    more, less, met = met - low - tied, low.copy(), met.copy()
    more[event] += g[own] * after[0]
    less[event] += g[own] * (after[2] - after[0] - after[1])
    met[event] += g[own] * after[2]
    return _Pairs(
        weight,
        more,
        less,
        met,
        tied_time=_pairs_within(own, weight[event], g[own]),
        tied_both=_pairs_within(own * (rank.max() + 1) + rank[event], weight[event], g[own]),
    )


def _pair_weights(
    history: History, event: NDArray[np.bool_], cells: EventTimes, weighting: str
) -> Floats:
    """Weight of the pairs of each event time, shape (cells,)."""
    g = np.ones(cells.time.size)
    if weighting == "uno":
        if np.ptp(history.entry) > 0 or distinct(history.subject) < len(history):
            raise EstimateError(
                "the history has delayed entry or several intervals a subject",
                "Uno's weights need the probability of being censored of patients who are all "
                "seen from the start, in one interval each",
                'use weighting="harrell"',
            )
        censoring = censoring_distribution(
            history, ~event, history.stratum, history.weight, events_first=True
        )
        slot = censoring.slot(np.flatnonzero(event), before_exit=True)
        g[cells.last[event]] = censoring.survival[slot] ** -2
    return g


def _pairs_within(code: Integers, weight: Floats, g: Floats) -> float:
    """Weight of the pairs whose members have one code."""
    _, of = np.unique(code, return_inverse=True)
    together = np.bincount(of, weights=weight)
    return float(weight * g @ (together[of] - weight)) / 2


def _scores(history: History, score: ArrayLike | CoxFit) -> Floats:
    """The higher, the earlier the event; equal covariates give equal scores to the last bit."""
    if isinstance(score, CoxFit):
        check_finite(score, "a score is finite")
        check_names(score.names, history.covariates)
        values = np.zeros(len(history))
        for name, coefficient in zip(score.names, score.coefficients, strict=True):
            values += coefficient * history.covariates[name]
    else:
        values = numbers("score", score)
    if values.shape != (len(history),):
        raise EstimateError(
            f"`score` has shape {values.shape}, the history has {len(history)} intervals",
            "it has one value an interval",
        )
    if not np.isfinite(values).all():
        raise EstimateError(
            f"the score is missing or infinite in {(~np.isfinite(values)).sum()} of {values.size} rows",
            do="impute it, or leave these rows out and count them in the attrition",
        )
    return values


def _estimate(value: float, pulls: Floats, conf_level: float, interval: str) -> Estimate:
    std_error = float(np.sqrt(np.sum(pulls**2)))
    low, high = probability_limits(np.array([value]), np.array([std_error]), conf_level, interval)
    return Estimate(
        value,
        std_error,
        float(low[0]),
        float(high[0]),
        conf_level,
        interval,
        wald_p(value - 0.5, std_error),
        few_clusters(pulls.size),
    )
