"""Fine and Gray's model of the subdistribution hazard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, group_codes
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.intervals import Estimate, check_choice, check_conf_level, wald_ratios
from osteon.estimate.newton import runaway_maximum
from osteon.estimate.regression.at_risk import EventTimes, Lingering, event_times
from osteon.estimate.regression.cautions import cautions
from osteon.estimate.regression.censoring_weights import (
    Censoring,
    censoring_distribution,
    entered_before,
    late_entry,
)
from osteon.estimate.regression.cox import blank, cancelled, inverse, subjects, wald_test
from osteon.estimate.regression.design_matrix import Design, check_rank, event_indicator
from osteon.estimate.regression.partial_likelihood import PartialLikelihood, cox_likelihood
from osteon.estimate.regression.subdistribution import Subdistribution
from osteon.estimate.shown import percent, shown_ratios
from osteon.estimate.weights import whole_weights

CONVENTIONS = ("crr", "finegray")
VARIANCES = ("sandwich", "robust", "model")


@dataclass(frozen=True, eq=False)
class FineGrayFit:
    """A fitted model of the subdistribution hazard.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    coefficients : ndarray of float, shape (p,)
        Log subdistribution hazard ratios per unit; inf or -inf for those in ``infinite``.
    covariance, model_covariance : ndarray of float, shape (p, p)
        Their covariance, by ``variance``; inverse of the information.
    infinite : tuple of str
        Covariates along which the likelihood rises for ever.
    hazard_ratios : dict of str to Estimate
        Subdistribution hazard ratio with Wald interval and p, by covariate. ``std_error`` is that
        of its log.
    log_likelihood, log_likelihood_null : float
        Log pseudo-likelihood at ``coefficients`` and at 0; twice the difference is not
        chi-squared, as the weights are estimated.
    wald_test : ChiSquared
        Of all coefficients being 0.
    cautions : tuple of str
        What a reader must know: few events, near collinearity, infinite coefficients.
    cause : str
        The event of interest.
    convention, ties, variance : str
        As asked for.
    n, events, competing : int
        Subjects, those with the event of interest, and those with another one.
    conf_level : float
        Two-sided confidence of the intervals.
    history, design, subdistribution
        What was fitted, for predictions.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    infinite: tuple[str, ...]
    hazard_ratios: dict[str, Estimate]
    log_likelihood: float
    log_likelihood_null: float
    wald_test: ChiSquared
    cautions: tuple[str, ...]
    cause: str
    convention: str
    ties: str
    variance: str
    n: int
    events: int
    competing: int
    conf_level: float
    history: History = field(repr=False)
    design: Design = field(repr=False)
    subdistribution: Subdistribution = field(repr=False)

    def __repr__(self) -> str:
        """Its size, its ratios and its cautions."""
        facts = [
            f"{self.n} subjects",
            f"{self.events} to {self.cause}",
            f"{self.competing} to another state",
            f"{self.convention}, {self.variance}",
            f"subdistribution hazard ratios ({percent(self.conf_level)})",
        ]
        return shown_ratios("FineGrayFit", facts, self.hazard_ratios, self.cautions)

    @property
    def likelihood(self) -> PartialLikelihood:
        """The pseudo-likelihood of standardised covariates."""
        return self.subdistribution.likelihood

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def fine_gray(
    history: History,
    names: Sequence[str],
    cause: str,
    *,
    convention: str = "crr",
    ties: str = "breslow",
    variance: str | None = None,
    censoring_group: Integers | None = None,
    conf_level: float = 0.95,
) -> FineGrayFit:
    """Fit Fine and Gray's proportional subdistribution hazards.

    Parameters
    ----------
    history : History
        One interval ``(entry, exit]`` a subject, with covariates known at its start. Each of its
        strata has its own baseline.
    names : sequence of str
        Covariates of the model; categories as 0/1 columns.
    cause : str
        The state whose cumulative incidence is modelled; every other state competes with it.
    convention : {"crr", "finegray"}
        At a tied time, whether those with an event are still at risk of being censored (as in R's
        ``cmprsk::crr``; weights count in the distribution of censoring) or not (as in R's
        ``survival::finegray``, where case weights do not count in it).
    ties : {"breslow", "efron"}
        Treatment of tied events; Efron's with "finegray" only.
    variance : {"sandwich", "robust", "model"}, optional
        Fine and Gray's sandwich, which knows that the distribution of censoring is estimated;
        the sandwich that does not (``coxph(cluster = id)`` after ``finegray``); or the inverse
        information. Default: "sandwich", with delayed entry "robust".
    censoring_group : ndarray of int, shape (n,), optional
        Groups with a distribution of censoring each. Default: one for all.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    FineGrayFit
        See `predicted_incidence`.

    Raises
    ------
    EstimateError
        If nothing happens; covariates are unknown, missing, constant or collinear; a subject has
        several intervals (after a competing event a covariate that changes has no value); the
        sandwich is asked for with delayed entry (it lacks the term of the distribution of entry);
        or nobody was followed at a time that weights are needed for.

    Notes
    -----
    After a competing event at :math:`T_i` a subject stays at risk with weight
    :math:`w_i(t) = G(t-) H(t-) / [G(T_i-) H(T_i-)]`, G being the product-limit distribution of
    censoring ([1]_) and H that of entry ([2]_). Then as Cox's model, stopped when
    :math:`U' I^{-1} U \\le 10^{-20}`. Fine and Gray's sandwich is
    :math:`I^{-1} \\sum (\\eta_i + \\psi_i)(\\eta_i + \\psi_i)' I^{-1}` with (that of [1]_)

    .. math:: \\eta_i = \\int (x_i - \\bar x(t)) w_i(t) \\, dM_i(t), \\quad
        \\psi_i = \\int \\frac{q(u)}{\\pi(u)} \\, dM_i^c(u), \\quad
        q(u) = \\sum_{T_j \\le u} \\int_{t > u} (x_j - \\bar x(t)) w_j(t) e^{x_j'\\beta}
        \\, d\\Lambda_0(t)

    with :math:`T_j < u` and :math:`t \\ge u` under "crr". R: ``crr(ftime, fstatus, cov1)`` with
    ``gtol = 1e-14``. With ``cengroup`` its points agree up to the end of the group that is
    followed least long: after a group's last time ``crr`` drops those of it who linger, while here
    G stays as it was then (0, if that last one was censored). Its variance divides by everybody
    at risk of being censored, ours by those of the group, whose distribution it is. Or
    ``coxph(Surv(fgstart, fgstop, fgstatus) ~ x, weights = fgwt, ties = "breslow")`` on
    ``finegray()`` data, which forgets late entry where the last one enters on the day of the first
    exit: not being at risk then, that one is late by the definition.

    References
    ----------
    .. [1] Fine & Gray (1999), J. Am. Stat. Assoc. 94:496-509,
       doi:10.1080/01621459.1999.10474144.
    .. [2] Geskus (2011), Biometrics 67:39-49, doi:10.1111/j.1541-0420.2010.01420.x.

    Examples
    --------
    One of three still followed is censored on day 3, so the subject with the competing event of
    day 2 counts for 2/3 on days 4 and 5; the closed form is log((1 + sqrt(21)) / 3):

    >>> history = History.of(
    ...     exit=[1, 2, 3, 4, 5], event=[1, 2, 0, 1, 1], states=("bm", "sre", "dead"),
    ...     covariates={"x": [1, 0, 1, 0, 1]},
    ... )
    >>> fit = fine_gray(history, ["x"], "sre")
    >>> fit.events, fit.competing
    (3, 1)
    >>> round(float(fit.coefficients[0]), 6), round(float(np.log((1 + 21**0.5) / 3)), 6)
    (0.621038, 0.621038)
    """
    expect(History, history=history)
    check_choice("convention", convention, CONVENTIONS)
    check_choice("ties", ties, ("breslow", "efron") if convention == "finegray" else ("breslow",))
    check_conf_level(conf_level)
    event = event_indicator(history, [cause])
    _one_interval_each(history)
    group = _groups(censoring_group, len(history))
    delayed = history.columns.entry is not None and bool(np.ptp(history.entry) > 0)
    variance = _variance(variance, delayed)
    weight = history.weight if convention == "crr" else np.ones(len(history))
    censored = history.columns.event <= 0
    competing = ~event & ~censored
    censoring = censoring_distribution(
        history, censored, group, weight, events_first=convention == "finegray"
    )
    entering = late_entry(history, group, weight) if delayed else None
    cells = event_times(history, event)
    likelihood, columns = cox_likelihood(
        history,
        names,
        event,
        ties,
        cells=cells,
        lingering=_lingering(history, cells, competing, censoring, entering),
    )
    null = likelihood.evaluate(np.zeros(len(names)))
    check_rank(columns.names, null.information, float(likelihood.at_risk.weight.sum()))
    best, heading = runaway_maximum(likelihood.evaluate, null, int(event.sum()))
    away = heading != 0
    model = inverse(best.last.information, away)
    subdistribution = Subdistribution(
        history, likelihood, censoring, convention, variance == "sandwich"
    )
    standardised = model
    if variance != "model":
        products = subdistribution.score_products(likelihood.moments(best.coefficients))
        standardised = model @ products @ model
    still = cancelled(standardised, model) & ~away
    standardised = blank(standardised, away | still)
    coefficients = columns.coefficients(np.where(away, heading, best.coefficients))
    covariance = columns.covariance(standardised)
    infinite = tuple(np.array(columns.names)[away].tolist())
    events = int(event.sum())
    return FineGrayFit(
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
        wald_test=wald_test(best.coefficients, standardised),
        cautions=cautions(
            columns.names,
            events,
            best.last.information,
            infinite=infinite,
            cancelled=tuple(np.array(columns.names)[still].tolist()),
            whole=variance != "model" or whole_weights(history),
            robust='`variance="robust"`',
        ),
        cause=cause,
        convention=convention,
        ties=ties,
        variance=variance,
        n=len(history),
        events=events,
        competing=int(competing.sum()),
        conf_level=conf_level,
        history=history,
        design=columns,
        subdistribution=subdistribution,
    )


def _lingering(
    history: History,
    cells: EventTimes,
    competing: NDArray[np.bool_],
    censoring: Censoring,
    entering: Censoring | None,
) -> Lingering:
    """Who stays at risk after a competing event, and how the weight falls."""
    row = np.flatnonzero(competing)
    # Nobody lingers past the last event time of the stratum.
    row = row[cells.last[row] + 1 < cells.offset[history.stratum[row] + 1]]
    groups = range(int(censoring.group.max()) + 1)
    factor = np.array([censoring.just_before(cells.time, g) for g in groups])
    followed = censoring.survival[censoring.slot(row, before_exit=True)]
    if entering is not None:
        for g in groups:
            factor[g] *= entered_before(entering, cells.time, g)
            mine = censoring.group[row] == g
            followed[mine] *= entered_before(entering, history.exit[row[mine]], g)
    if not (followed > 0).all():
        raise EstimateError(
            f"{int((followed == 0).sum())} competing events happen before a time at which nobody "
            "but late entrants was followed",
            "the weights need somebody at risk from the first competing event on",
            "start follow-up where enough are at risk",
        )
    return Lingering(row, cells.last[row] + 1, censoring.group[row], 1 / followed, factor)


def _one_interval_each(history: History) -> None:
    persons = subjects(history)
    if persons < len(history):
        raise EstimateError(
            f"{len(history)} intervals belong to {persons} subjects",
            "the subdistribution hazard is of subjects with one interval each: a covariate that "
            "changes has no value after a competing event",
            "use the covariates of the start, or cause-specific `cox` models",
        )


def _groups(censoring_group: Integers | None, n: int) -> Integers:
    if censoring_group is None:
        return np.zeros(n, dtype=np.int64)
    return group_codes("censoring_group", censoring_group, n)


def _variance(variance: str | None, delayed: bool) -> str:
    if variance is None:
        return "robust" if delayed else "sandwich"
    check_choice("variance", variance, VARIANCES)
    if variance == "sandwich" and delayed:
        raise EstimateError(
            "Fine and Gray's sandwich is not known for delayed entry",
            "it lacks the term of the estimated distribution of entry",
            'choose variance="robust"',
        )
    return variance
