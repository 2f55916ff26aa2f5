"""Cox's proportional hazards model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats, Integers, distinct
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, flag
from osteon.estimate.chi_squared import ChiSquared, chi_squared
from osteon.estimate.clusters import clusters_of
from osteon.estimate.intervals import (
    Estimate,
    check_choice,
    check_conf_level,
    wald_ratios,
)
from osteon.estimate.newton import runaway_maximum, solve
from osteon.estimate.regression.cautions import cautions
from osteon.estimate.regression.design_matrix import Design, check_rank, event_indicator, full_rank
from osteon.estimate.regression.partial_likelihood import PartialLikelihood, cox_likelihood
from osteon.estimate.shown import percent, shown_ratios
from osteon.estimate.weights import whole_weights

_ROUNDED_AWAY = 1e-18  # share of the model's variance that is none


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A fitted Cox model.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    coefficients : ndarray of float, shape (p,)
        Log hazard ratios per unit; inf or -inf for those in ``infinite``.
    covariance : ndarray of float, shape (p, p)
        Their covariance, robust if ``robust``; nan for those in ``infinite``, and for those that
        no cluster moves: a variance of 0 would be no knowledge.
    model_covariance : ndarray of float, shape (p, p)
        Inverse of the observed information.
    infinite : tuple of str
        Covariates along which the likelihood rises for ever (monotone likelihood, e.g. an arm
        without events). Their hazard ratio has no Wald interval: use `firth_cox`. The tests on
        the log-likelihood stay valid.
    hazard_ratios : dict of str to Estimate
        Hazard ratio, Wald interval (made on the log scale) and Wald p, by covariate.
        ``std_error`` is that of the log hazard ratio.
    log_likelihood, log_likelihood_null : float
        Log partial likelihood at ``coefficients`` and at 0.
    likelihood_ratio_test, score_test : ChiSquared
        Of all coefficients being 0; model-based, also where the covariance is robust.
    wald_test : ChiSquared
        The same by ``covariance``; nan where a coefficient is infinite, or where there are too
        few clusters to test all coefficients at once.
    robust_score_test : ChiSquared or None
        The score test with the clusters' variance, where ``robust``.
    cautions : tuple of str
        What a reader must know: few events, near collinearity, infinite coefficients, weights
        that are not whole without ``robust``.
    n, subjects, events : int
        Intervals, subjects, and intervals that end in the event.
    ties : {"efron", "breslow"}
        Treatment of tied events.
    robust : bool
        Whether the covariance is the sandwich over clusters.
    conf_level : float
        Two-sided confidence of the intervals.
    clusters : ndarray of int, shape (n,)
        What the sandwich is summed over, a code for each interval: the subject unless named.
    history, likelihood, design
        What was fitted, for `proportional_hazards`.
    cluster : ndarray of int, shape (n,), or None
        Number of each interval's cluster, where clusters were named.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    infinite: tuple[str, ...]
    hazard_ratios: dict[str, Estimate]
    log_likelihood: float
    log_likelihood_null: float
    likelihood_ratio_test: ChiSquared
    score_test: ChiSquared
    wald_test: ChiSquared
    robust_score_test: ChiSquared | None
    cautions: tuple[str, ...]
    n: int
    subjects: int
    events: int
    ties: str
    robust: bool
    conf_level: float
    clusters: Integers = field(repr=False)
    history: History = field(repr=False)
    likelihood: PartialLikelihood = field(repr=False)
    design: Design = field(repr=False)
    cluster: Integers | None = field(repr=False, default=None)

    def __repr__(self) -> str:
        """Its size, its ratios and its cautions."""
        facts = [
            f"{self.n} intervals of {self.subjects} subjects",
            f"{self.events} events",
            f"{self.ties} ties",
            "robust" if self.robust else "model-based",
            f"hazard ratios ({percent(self.conf_level)})",
        ]
        return shown_ratios("CoxFit", facts, self.hazard_ratios, self.cautions)

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def events_per_parameter(self) -> float:
        """Events per coefficient: below about 10, read the model with care, or use Firth."""
        return self.events / len(self.names)


def cox(
    history: History,
    names: Sequence[str],
    *,
    ties: str = "efron",
    robust: bool = False,
    cluster: ArrayLike | None = None,
    causes: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> CoxFit:
    """Fit Cox's model to start-stop intervals with delayed entry, weights and strata.

    Parameters
    ----------
    history : History
        Intervals ``(entry, exit]`` with covariates that hold during the interval. Each of its
        strata has its own baseline hazard.
    names : sequence of str
        Covariates of the model; categories as 0/1 columns.
    ties : {"efron", "breslow"}
        Treatment of tied events.
    robust : bool
        Sandwich covariance over subjects, for weighted or repeated intervals. (R's ``coxph``
        turns it on by itself where weights are not whole; here a caution says so.)
    cluster : array_like, shape (n,), optional
        What to sum the sandwich over instead of subjects; implies ``robust``.
    causes : sequence of str, optional
        States whose entry is the event; entering another one censors (cause-specific hazard).
        Default: any.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    CoxFit
        See `proportional_hazards` for the test of its assumption.

    Raises
    ------
    EstimateError
        If nothing happens, or covariates are unknown, missing, constant or collinear.

    Notes
    -----
    Maximises the log partial likelihood ([1]_; ties [2]_ or [3]_)

    .. math:: \\ell(\\beta) = \\sum_i w_i \\delta_i x_i'\\beta
        - \\sum_t \\bar w_t \\log \\sum_{j \\in R(t)} w_j e^{x_j'\\beta}

    by Newton's method, stopped when :math:`U' I^{-1} U \\le 10^{-20}`. The sandwich is
    :math:`I^{-1} (\\sum_c U_c U_c') I^{-1}` over the clusters' score residuals ([4]_).
    R: ``coxph(Surv(entry, exit, event) ~ x + strata(s), weights = w, cluster = id)`` with
    ``coxph.control(eps = 1e-12, toler.chol = 1e-14)``.

    References
    ----------
    .. [1] Cox (1972), J. R. Stat. Soc. B 34:187-220, doi:10.1111/j.2517-6161.1972.tb00899.x.
    .. [2] Efron (1977), J. Am. Stat. Assoc. 72:557-565, doi:10.1080/01621459.1977.10480613.
    .. [3] Breslow (1974), Biometrics 30:89-99, doi:10.2307/2529620.
    .. [4] Lin & Wei (1989), J. Am. Stat. Assoc. 84:1074-1078,
       doi:10.1080/01621459.1989.10478874.

    Examples
    --------
    Six subjects, Breslow's ties; the closed form is log((3 + sqrt(33)) / 2) [data and answer:
    Therneau & Grambsch 2000, appendix; R survival, vignette "validate"]:

    >>> history = History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... )
    >>> fit = cox(history, ["x"], ties="breslow")
    >>> round(float(fit.coefficients[0]), 6), round(float(np.log((3 + 33**0.5) / 2)), 6)
    (1.475285, 1.475285)
    """
    expect(History, history=history)
    check_choice("ties", ties, ("efron", "breslow"))
    check_conf_level(conf_level)
    flag("robust", robust)
    event = event_indicator(history, causes)
    likelihood, columns = cox_likelihood(history, names, event, ties)
    clusters = history.subject if cluster is None else clusters_of(history, cluster)
    null = likelihood.evaluate(np.zeros(len(names)))
    check_rank(columns.names, null.information, float(likelihood.at_risk.weight.sum()))
    best, heading = runaway_maximum(likelihood.evaluate, null, int(event.sum()))
    away = heading != 0
    robust = robust or cluster is not None
    model = inverse(best.last.information, away)
    standardised = _sandwich(likelihood, best.coefficients, model, clusters) if robust else model
    still = cancelled(standardised, model) & ~away
    standardised = blank(standardised, away | still)
    coefficients = columns.coefficients(np.where(away, heading, best.coefficients))
    covariance = columns.covariance(standardised)
    infinite = tuple(np.array(columns.names)[away].tolist())
    events = int(event.sum())
    return CoxFit(
        names=columns.names,
        coefficients=coefficients,
        covariance=covariance,
        model_covariance=blank(columns.covariance(model), away),
        infinite=infinite,
        hazard_ratios=wald_ratios(
            columns.names, coefficients, np.sqrt(np.diag(covariance)), conf_level
        ),
        log_likelihood=best.last.value,
        log_likelihood_null=null.value,
        likelihood_ratio_test=chi_squared(2 * (best.last.value - null.value), len(names)),
        score_test=chi_squared(float(null.score @ solve(null.information, null.score)), len(names)),
        wald_test=wald_test(best.coefficients, standardised),
        robust_score_test=_robust_score_test(likelihood, null.score, clusters) if robust else None,
        cautions=cautions(
            columns.names,
            events,
            best.last.information,
            infinite=infinite,
            clusters=distinct(clusters) if robust else None,
            cancelled=tuple(np.array(columns.names)[still].tolist()),
            whole=robust or whole_weights(history),
        ),
        n=len(history),
        subjects=subjects(history),
        events=events,
        ties=ties,
        robust=robust,
        conf_level=conf_level,
        clusters=clusters,
        history=history,
        likelihood=likelihood,
        design=columns,
        cluster=None if cluster is None else clusters,
    )


def check_finite(fit: CoxFit, allowed: str) -> None:
    """Refuse a fit of which a coefficient is infinite."""
    expect(CoxFit, fit=fit)
    if fit.infinite:
        raise EstimateError(
            f"the hazard ratio of {', '.join(fit.infinite)} is infinite",
            allowed,
            "leave the covariate out",
        )


def summed_by(code: Integers, values: Floats) -> Floats:
    """Sum rows by code, ascending: (n, k) -> (codes, k)."""
    _, of_row = np.unique(code, return_inverse=True)
    return np.column_stack([np.bincount(of_row, weights=column) for column in values.T])


def wald_test(estimate: Floats, covariance: Floats) -> ChiSquared:
    """Chi-squared test of ``estimate`` being 0; nan where the covariance is not of full rank."""
    if not full_rank(covariance):
        return ChiSquared(float("nan"), estimate.size, float("nan"))
    return chi_squared(float(estimate @ solve(covariance, estimate)), estimate.size)


def _robust_score_test(
    likelihood: PartialLikelihood, score: Floats, clusters: Integers
) -> ChiSquared:
    of_clusters = _scores(likelihood, np.zeros(score.size), clusters)
    if of_clusters.shape[0] <= score.size:  # the statistic would be the number of clusters
        return ChiSquared(float("nan"), score.size, float("nan"))
    return wald_test(score, of_clusters.T @ of_clusters)


def subjects(history: History) -> int:
    """How many subjects there are."""
    return len(history) if history.columns.subject is None else distinct(history.subject)


def inverse(information: Floats, away: NDArray[np.bool_]) -> Floats:
    """Inverse of an information matrix, scaled to unit diagonal first.

    Of infinite coefficients nothing is known, and the others are known as if the covariates of
    these were not in the model any more: their rows and columns are 0.
    """
    finite = np.flatnonzero(~away)
    result = np.zeros_like(information)
    of_finite = np.ix_(finite, finite)
    result[of_finite] = solve(information[of_finite], np.eye(finite.size))
    return result


def _sandwich(
    likelihood: PartialLikelihood, beta: Floats, model: Floats, groups: Integers
) -> Floats:
    if distinct(groups) == groups.size:
        return model @ likelihood.score_products(likelihood.moments(beta)) @ model
    influence = _scores(likelihood, beta, groups) @ model
    return influence.T @ influence


def _scores(likelihood: PartialLikelihood, beta: Floats, groups: Integers) -> Floats:
    """Score of each cluster, shape (clusters, p)."""
    residuals = likelihood.score_residuals(likelihood.moments(beta))
    return summed_by(groups[likelihood.at_risk.rows], residuals)


def cancelled(robust: Floats, model: Floats) -> NDArray[np.bool_]:
    """Whose robust variance is but rounding beside the model's: clusters' scores are 0, not alike.

    So it is where all events happen at one time to everybody still at risk.
    """
    return np.asarray(np.diag(robust) <= _ROUNDED_AWAY * np.diag(model))


def blank(covariance: Floats, away: NDArray[np.bool_]) -> Floats:
    """Covariance without the rows and columns of infinite coefficients."""
    return np.where(away[:, None] | away[None, :], np.nan, covariance)
