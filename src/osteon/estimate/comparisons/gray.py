"""Gray's test: do groups differ in the cumulative incidence of one of several outcomes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.comparisons.log_rank import check_power, check_whole, excess_test, group_names
from osteon.estimate.curves.curve import check_start
from osteon.estimate.shown import chi_squared_in_words, shown
from osteon.estimate.tables.risk_table import RiskTable


@dataclass(frozen=True, eq=False)
class Gray:
    """Result of Gray's test.

    Attributes
    ----------
    statistic : float
        Chi-squared statistic.
    df : int
        Degrees of freedom: groups that were ever at risk when the outcome happened, less 1.
    p_value : float
        Upper tail of chi-squared; nan if ``df`` is 0.
    cause : str
        The outcome compared.
    groups : tuple of str
        Names of the groups.
    scores : ndarray of float, shape (groups,)
        Weighted excess of each group's outcomes over expectation, summed over strata.
    variance : ndarray of float, shape (groups, groups)
        Covariance matrix of ``scores``.
    """

    statistic: float
    df: int
    p_value: float
    cause: str
    groups: tuple[str, ...]
    scores: Floats
    variance: Floats

    def __repr__(self) -> str:
        """The outcome and the test."""
        test = chi_squared_in_words(self.statistic, self.df, self.p_value)
        return shown("Gray", [self.cause, f"groups {', '.join(self.groups)}", test])


def gray(*tables: RiskTable, cause: str, rho: float = 0.0, start: float = 0.0) -> Gray:
    """Test that the cumulative incidence of one outcome is the same in all groups.

    Parameters
    ----------
    *tables : RiskTable
        The groups are the strata of a table. Several tables make a stratified test, one table a
        stratum; groups are matched by name.
    cause : str
        State whose entry is the outcome; all other states compete with it.
    rho : float
        0 or more. Weights (1 - F(t-))**rho, F the pooled estimate of the incidence.
    start : float
        Only event times after ``start`` enter, in days; incidences are conditional on being
        free of every outcome then.

    Returns
    -------
    Gray

    Raises
    ------
    EstimateError
        If there is only one group, the cause is unknown, ``rho`` is negative, counts are not
        whole, or somebody enters late: the theory of [1]_ is for right-censored data. It counts
        those who had a competing outcome as still at risk, n / S(t-) in all, and who would have
        entered late after such an outcome is never seen. With late entry compare cause-specific
        hazards by `log_rank`, incidences at a time by `fixed_time_difference`, or subdistribution
        hazards by `fine_gray` with the group as covariate, which models the entry ([2]_).

    Notes
    -----
    With :math:`h_k = n_k / S_k(t-)`, S all-cause survival, :math:`h = \\sum_k h_k` and F_k the
    Aalen-Johansen incidence, the scores are ([1]_)

    .. math:: z_k = \\sum_t (1 - F_0(t-))^\\rho \\left[ d_{1k} - d_1
        \\frac{h_k (1 - F_k(t-))}{\\sum_j h_j (1 - F_j(t-))} \\right], \\qquad
        dF_0 = d_1 / h

    Their covariance under the null hypothesis is (that of [1]_, as ``cmprsk`` computes it)

    .. math:: V_{ij} = \\sum_{k, t} (a_{ik} + b_k c_{ik})(a_{jk} + b_k c_{jk}) \\, v_{1k}
        + (1 - b_k)^2 c_{ik} c_{jk} \\, v_{2k}

    where :math:`a_{ik} = (1 - F_0(t-))^\\rho h_i (\\delta_{ik} - h_k / h)`,
    :math:`b_k = 1 - (1 - F_0(t)) / S_k(t)`,
    :math:`c_{ik}(t) = \\sum_{s > t} a_{ik} dF_0 / (1 - F_0(s-))`, and v are the variances of
    the outcomes' and the competitors' increments, :math:`v_{1k} = S_k(t-) dF_0 / n_k` and
    :math:`v_{2k} = S_k(t-)^2 d_{2k} / n_k^2`, each less the share of tied events,
    (d_1 - 1) / (h S_k(t-) - 1) and (d_{2k} - 1) / (n_k - 1), as ``cmprsk`` takes it. (Where a
    group's survival is far below the others' and many events are tied, the former can exceed 1;
    ``cmprsk`` lets it, and so does this.)
    R: ``cmprsk::cuminc(time, status, group, strata, rho)$Tests``.

    References
    ----------
    .. [1] Gray (1988), Ann. Stat. 16:1141-1154, doi:10.1214/aos/1176350951.
    .. [2] Geskus (2011), Biometrics 67:39-49, doi:10.1111/j.1541-0420.2010.01420.x.

    Examples
    --------
    Skeletal events before death, untreated and treated:

    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(
    ...     exit=[1, 2, 3, 4, 5, 6, 3, 5, 7, 8, 9, 9], event=[1, 1, 2, 1, 1, 0, 2, 1, 2, 0, 2, 0],
    ...     stratum=np.repeat([0, 1], 6), strata=("untreated", "treated"),
    ...     states=("bm", "sre", "dead"),
    ... )
    >>> test = gray(risk_table(history), cause="sre")
    >>> test.scores.round(4).tolist(), round(test.statistic, 4), round(test.p_value, 4)
    ([1.9788, -1.9788], 3.33, 0.068)
    """
    check_start(start)
    check_power(rho=rho)
    groups = group_names(tables)
    check_whole(*tables)
    scores, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    present = np.zeros(len(groups), dtype=bool)
    for table in tables:
        _refuse_late_entry(table, start)
        at_risk, own, other = _counts(table, groups, cause, start)
        z, v = _one_stratum(at_risk, own, other, rho)
        scores, variance = scores + z, variance + v
        present |= (at_risk[:, own.sum(axis=0) > 0] > 0).any(axis=1)
    return Gray(*excess_test(scores, variance, present), cause, groups, scores, variance)


def _counts(
    table: RiskTable, groups: Sequence[str], cause: str, start: float
) -> tuple[Floats, Floats, Floats]:
    """At risk, outcomes and competing outcomes at the event times, shape (groups, times)."""
    rows = [groups.index(name) for name in table.strata]
    own = table.events[:, table.causes([cause])[0]]
    every = table.events[:, table.causes(None)].sum(axis=1)
    keep = (table.time > start) & (every.sum(axis=0) > 0)
    counts = np.zeros((3, len(groups), int(keep.sum())))
    for i, values in enumerate((table.at_risk[:, 0], own, every - own)):
        counts[i, rows] = values[:, keep]
    return counts[0], counts[1], counts[2]


def _one_stratum(n: Floats, d1: Floats, d2: Floats, rho: float) -> tuple[Floats, Floats]:
    """Scores and their covariance; names are those of `gray`'s notes, axes (i,) k, t."""
    some = np.where(n > 0, n, 1.0)
    after: Floats = np.where(n > 0, 1 - (d1 + d2) / some, 1.0).cumprod(axis=1)
    before = _shifted(after, 1.0)
    incidence = _shifted((before * d1 / some).cumsum(axis=1), 0.0)
    h = np.divide(n, before, out=np.zeros_like(n), where=before > 0)
    total, outcomes = h.sum(axis=0), d1.sum(axis=0)
    step = outcomes / total  # dF_0
    free = 1 - step.cumsum()
    free_before = _shifted(free[None, :], 1.0)[0]
    weight = free_before**rho

    share = h * (1 - incidence)
    expected = outcomes * share / np.where(outcomes > 0, share.sum(axis=0), 1.0)
    scores = (d1 - expected) @ weight

    a = weight * h[:, None] * (np.eye(n.shape[0])[:, :, None] - h / total)
    hazard = np.divide(step, free_before, out=np.zeros_like(step), where=step > 0)
    to_come = np.cumsum((a * hazard)[..., ::-1], axis=2)[..., ::-1]
    c = np.concatenate([to_come, np.zeros((*to_come.shape[:2], 1))], axis=2)[..., 1:]
    rest = np.divide(free, after, out=np.zeros_like(after), where=after > 0)  # 1 - b
    v1 = np.where(n > 0, before * step / some, 0.0) * _untied(outcomes, total * before)
    v2 = np.where(after > 0, before**2 * d2 / some**2, 0.0) * _untied(d2, n)
    u = a + (1 - rest) * c
    variance = _sum_of_products(u, v1) + _sum_of_products(c, rest**2 * v2)
    return scores, variance


def _sum_of_products(u: Floats, weight: Floats) -> Floats:
    """sum_{k, t} u_ikt u_jkt w_kt."""
    flat = u.reshape(u.shape[0], -1)
    return np.asarray((flat * weight.ravel()) @ flat.T)


def _untied(events: Floats, at_risk: Floats) -> Floats:
    """1 - (d - 1) / (n - 1) where events are tied, else 1."""
    tied = (events > 1) & (at_risk != 1)
    excess = np.divide(events - 1, at_risk - 1, out=np.zeros_like(at_risk), where=tied)
    return 1 - excess


def _shifted(values: Floats, first: float) -> Floats:
    """Values just before each time, from those just after."""
    led = np.concatenate([np.full((values.shape[0], 1), first), values], axis=1)
    return led[:, : values.shape[1]]


def _refuse_late_entry(table: RiskTable, start: float) -> None:
    entered = table.entries[:, 0].sum(axis=0) > 0
    late = table.time[entered] > max(start, float(table.time[0]))
    if late.any():
        raise EstimateError(
            "somebody enters late",
            "Gray's test needs everyone followed from one time: it counts those who had a "
            "competing outcome as still at risk, and nobody enters late after one",
            "compare the cause-specific hazards by `log_rank`, or give one interval a subject "
            "where follow-up was cut into several",
        )
