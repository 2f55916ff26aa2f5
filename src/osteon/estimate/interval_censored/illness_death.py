"""Metastasis that only an exam can find, and death that is known to the day: illness-death model.

A patient who dies some time after the last clear scan may have died with a metastasis that nobody
saw. Dating the metastasis at the detecting scan, and taking such deaths for deaths without, makes
it rarer and later than it is. Here the day of onset, where it is unknown, is integrated out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import Floats, days_of, numbers
from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, listed, number
from osteon.estimate.chi_squared import ChiSquared, chi_squared
from osteon.estimate.interval_censored.illness_death_likelihood import IllnessDeathLikelihood
from osteon.estimate.interval_censored.illness_death_prediction import PREDICTIONS, occupation
from osteon.estimate.interval_censored.indefinite import inverse, maximise_anyhow
from osteon.estimate.interval_censored.piecewise import LogHazards, Pieces, to_units
from osteon.estimate.interval_censored.predicted import (
    PredictedCurve,
    bounds_design,
    covariate_row,
    prediction_times,
)
from osteon.estimate.intervals import (
    Estimate,
    check_choice,
    check_conf_level,
    probability_limits,
    wald_ratios,
)
from osteon.estimate.newton import Maximum
from osteon.estimate.regression.design_matrix import Design
from osteon.estimate.shown import percent, shown_ratios

TRANSITIONS = ("onset", "death without", "death with")
_CURE = "join pieces, leave the covariate out of this transition, or set `smoothness`"


@dataclass(frozen=True, eq=False)
class IllnessDeathFit:
    """A fitted illness-death model with hazards constant between cuts.

    The transitions are "onset" (free to affected), "death without" and "death with".

    Attributes
    ----------
    cuts : ndarray of float, shape (k - 1,)
        Where hazards may change, in days.
    hazards : dict of str to tuple of Estimate
        By transition: hazard per day in each of the k pieces, at covariates 0; Wald limits on
        the log scale, no p.
    hazard_ratios : dict of str to dict of str to Estimate
        By transition and covariate; Wald.
    coefficients, covariance : ndarray of float, shape (q,) and (q, q)
        Log hazards transition by transition, then each transition's log hazard ratios; the
        inverse of the observed (penalised) information.
    log_likelihood : float
        At the estimate, without the penalty.
    log_likelihood_null, likelihood_ratio_test : float, ChiSquared
        Without covariates, and the test of all of them; nan with a penalty.
    cross_validated : float
        Approximate leave-one-out log-likelihood: choose cuts and ``smoothness`` by its largest.
    onsets_seen, deaths_unknown, n : int
        Subjects with a positive exam; who died without one some time after their last clear
        exam; all.
    smoothness : float
        Weight of the penalty.
    conf_level : float
        Two-sided confidence.
    """

    cuts: Floats
    hazards: dict[str, tuple[Estimate, ...]]
    hazard_ratios: dict[str, dict[str, Estimate]]
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_null: float
    likelihood_ratio_test: ChiSquared
    cross_validated: float
    onsets_seen: int
    deaths_unknown: int
    n: int
    smoothness: float
    conf_level: float
    _designs: tuple[Design, ...] = field(repr=False)
    _theta: Floats = field(repr=False)
    _theta_covariance: Floats = field(repr=False)

    def __repr__(self) -> str:
        """Its size and its ratios."""
        facts = [
            f"{self.n} subjects",
            f"{self.onsets_seen} onsets seen",
            f"{self.cuts.size + 1} pieces",
            f"hazard ratios ({percent(self.conf_level)})",
        ]
        ratios = {
            f"{transition}: {name}": ratio
            for transition, named in self.hazard_ratios.items()
            for name, ratio in named.items()
        }
        return shown_ratios("IllnessDeathFit", facts, ratios, ())

    def predict(
        self,
        times: ArrayLike,
        covariates: Mapping[str, float] = {},
        *,
        of: str = "cumulative incidence",
        start: float = 0.0,
        interval: str = "cloglog",
    ) -> PredictedCurve:
        """Predict a probability for one who is free and alive at ``start``.

        Parameters
        ----------
        times : array_like of float, shape (k,)
            In days, none before ``start``. Beyond follow-up the last hazards go on.
        covariates : mapping of str to float
            A value for each covariate of the model, whatever its transition.
        of : {"cumulative incidence", "free", "affected", "dead", "dead without", "survival"}
            To have become affected by t, alive or not since; to be alive at t without or with
            it; to be dead; to have died without it; to be alive.
        start : float
            In days.
        interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
            Scale of the limits, by the delta method.

        Returns
        -------
        PredictedCurve
            ``estimand`` is ``of``.

        Raises
        ------
        EstimateError
            If a time lies before ``start``, a covariate has no value, or a word is unknown.
        """
        check_choice("of", of, PREDICTIONS)
        t = prediction_times(times)
        if not (t >= start).all():
            raise EstimateError("a time lies before `start`", f"times are day {start:g} or later")
        log_hazards, jacobian = self._one(covariates)
        pieces = Pieces.of(self.cuts)
        value, slope = occupation(log_hazards, pieces, start, t, of)
        slope = slope @ jacobian
        variance = np.einsum("ki,ij,kj->k", slope, self._theta_covariance, slope)
        std_error = np.sqrt(np.maximum(variance, 0.0))
        low, high = probability_limits(value, std_error, self.conf_level, interval)
        return PredictedCurve(t, value, std_error, low, high, of, self.conf_level, interval)

    def _one(self, covariates: Mapping[str, float]) -> tuple[Floats, Floats]:
        """Log hazards of one person, shape (3 k,), and their derivatives by the coefficients."""
        named = {name for design in self._designs for name in design.names}
        unknown = [name for name in covariates if name not in named]
        if unknown:
            covariate_row(self._designs[0], covariates)
        rows = [
            covariate_row(d, {n: v for n, v in covariates.items() if n in d.names})
            for d in self._designs
        ]
        model = LogHazards(self.cuts.size + 1, tuple(row[None, :] for row in rows))
        each = np.eye(3 * model.pieces).reshape(-1, 3, model.pieces)
        jacobian = model.pull(each, np.zeros(each.shape[0], dtype=np.int64))
        return jacobian @ self._theta, jacobian


def illness_death(
    bounds: Bounds,
    exit: ArrayLike,
    death: ArrayLike,
    *,
    cuts: ArrayLike = (),
    covariates: Mapping[str, Sequence[str]] | None = None,
    smoothness: float = 0.0,
    conf_level: float = 0.95,
) -> IllnessDeathFit:
    """Fit an illness-death model whose onset lies between exams and whose deaths are exact.

    Parameters
    ----------
    bounds : Bounds
        Of the onset: ``left`` the last exam without, ``right`` the first with it, inf if there
        was none; ``left == right`` for an onset known to the day. All are free and alive at
        their ``entry`` (left truncation). Weights and covariates are in it; one stratum.
    exit : array_like of float, shape (n,)
        Death or the end of follow-up for death, in days; not before the last exam.
    death : array_like of bool, shape (n,)
        Whether the subject died at ``exit``.
    cuts : array_like of float, shape (k - 1,)
        Days at which hazards may change; a piece is ``(cut, next cut]``.
    covariates : mapping of str to sequence of str, optional
        Names of covariates by transition: "onset", "death without", "death with".
    smoothness : float
        Weight of a roughness penalty on the log hazards: half this times the sum of squares of
        their differences between neighbouring pieces. For many pieces; choose it by
        ``cross_validated``, with care: in a small study that is often too smooth, and the limits of
        a hazard then too short (those of incidences held better; docs/validation/coverage.md). Limits
        are those of a prior that the penalty stands for.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    IllnessDeathFit

    Raises
    ------
    EstimateError
        If an exam is after ``exit``, covariates or transitions are unknown, there are several
        strata, or the data do not determine the model (a hazard whose estimate is 0, too).

    Notes
    -----
    The process is Markov: hazards depend on time since time zero, "death with" not on time
    since onset. With hazards a(t), b(t), c(t) of onset and death without and with, c being
    followed to :math:`t_i`, where death has :math:`\\delta_i = 1`, a subject whose onset lies in
    :math:`(l, r]` contributes ([1]_; [2]_)

    .. math:: L_i = \\int_l^r e^{-\\int_e^u a + b}\\, a(u)\\,
        e^{-\\int_u^{t_i} c}\\, c(t_i)^{\\delta_i}\\, du

    and one never found affected, last seen free at l, the same up to :math:`r = t_i` plus
    :math:`e^{-\\int_e^{t_i} a + b}\\, b(t_i)^{\\delta_i}`: death or the end of follow-up may have
    come with or without. Integrals begin at the entry e, which conditions on being free and
    alive then. Within a piece they are closed forms; score and observed information
    are exact. Exams must not be more likely because of what they find: an exam that symptoms
    asked for makes the onset look later than a scheduled one.

    R: ``msm(state ~ time, subject, deathexact = )`` fits the same likelihood: rows at every exam, at
    every cut one of a state that may be any living one, and for who is not seen again.
    SmoothHazard's ``idm(Hist(time = list(l, r), event) ~ x, ...)`` has Weibull hazards or splines.

    References
    ----------
    .. [1] Joly et al. (2002), Biostatistics 3:433-443, doi:10.1093/biostatistics/3.3.433.
    .. [2] Touraine, Gerds & Joly (2017), J. Stat. Softw. 79(7), doi:10.18637/jss.v079.i07.

    Examples
    --------
    Onsets on days 50 and 100, one death with at day 100 and one without at day 150, and one who
    stays free: hazards are events over days, 2 / 500, 1 / 500 and 1 / 150:

    >>> known = Bounds.of(left=[50, 100, 150, 200], right=[50, 100, np.inf, np.inf])
    >>> fit = illness_death(known, exit=[100, 200, 150, 200], death=[1, 0, 1, 0])
    >>> [round(fit.hazards[name][0].estimate, 6) for name in TRANSITIONS]
    [0.004, 0.002, 0.006667]

    The same patients on scans at days 80 and 160, and one more who dies on the day of his clear
    scan: an onset lies between scans, and the one who died on day 150, last scanned on day 80,
    may have had one:

    >>> scanned = Bounds.of(left=[0, 80, 80, 160, 80], right=[80, 160, np.inf, np.inf, np.inf])
    >>> fit = illness_death(scanned, exit=[100, 200, 150, 200, 80], death=[1, 0, 1, 0, 1])
    >>> [round(fit.hazards[name][0].estimate, 6) for name in TRANSITIONS]
    [0.004698, 0.002568, 0.009666]
    >>> fit.deaths_unknown
    1
    """
    check_conf_level(conf_level)
    ends, deaths = days_of("exit", exit), numbers("death", death)
    _check(bounds, ends, deaths, smoothness)
    died = deaths == 1
    names = _names({} if covariates is None else covariates)
    pieces = Pieces.of(cuts)
    designs = tuple(bounds_design(bounds, names[t]) for t in TRANSITIONS)
    likelihood, best = _fit(bounds, ends, died, pieces, designs, smoothness)
    theta, value = best.coefficients, likelihood.evaluate(best.coefficients)
    theta_covariance = inverse(best.last.information)
    null, effects = value.value, sum(len(d.names) for d in designs)
    if effects:
        empty = (bounds_design(bounds, ()),) * 3
        null = _fit(bounds, ends, died, pieces, empty, smoothness)[1].last.value
    units = to_units(likelihood.log_hazards, designs)
    coefficients, covariance = units @ theta, units @ theta_covariance @ units.T
    hazards, ratios = _in_words(
        coefficients, covariance, likelihood.log_hazards, pieces, designs, conf_level
    )
    never = np.isinf(bounds.right)
    return IllnessDeathFit(
        cuts=pieces.edges[1:-1],
        hazards=hazards,
        hazard_ratios=ratios,
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=value.value,
        log_likelihood_null=np.nan if smoothness else null,
        likelihood_ratio_test=_ratio_test(value.value, null, effects, smoothness),
        cross_validated=value.value - float(np.trace(theta_covariance @ value.information)),
        onsets_seen=int((~never).sum()),
        deaths_unknown=int((never & died & (bounds.left < ends)).sum()),
        n=len(bounds),
        smoothness=smoothness,
        conf_level=conf_level,
        _designs=designs,
        _theta=theta,
        _theta_covariance=theta_covariance,
    )


def _fit(
    bounds: Bounds,
    exit: Floats,
    death: NDArray[np.bool_],
    pieces: Pieces,
    designs: Sequence[Design],
    smoothness: float,
) -> tuple[IllnessDeathLikelihood, Maximum]:
    everybody = np.arange(len(bounds))
    x = tuple(design.standardised(everybody) for design in designs)
    log_hazards = LogHazards(len(pieces), x)
    likelihood = IllnessDeathLikelihood.of(bounds, exit, death, pieces, log_hazards)
    names = [f'the hazard of "{t}", {piece}' for t in TRANSITIONS for piece in pieces.names()]
    names += [
        f'the effect of "{name}" on "{t}"'
        for t, design in zip(TRANSITIONS, designs, strict=True)
        for name in design.names
    ]
    best = maximise_anyhow(
        lambda theta: likelihood.penalised(theta, smoothness), likelihood.start(), names, _CURE
    )
    return likelihood, best


def _in_words(
    coefficients: Floats,
    covariance: Floats,
    log_hazards: LogHazards,
    pieces: Pieces,
    designs: Sequence[Design],
    conf_level: float,
) -> tuple[dict[str, tuple[Estimate, ...]], dict[str, dict[str, Estimate]]]:
    std_error, k = np.sqrt(np.diag(covariance)), len(pieces)
    hazards, ratios = {}, {}
    for i, (name, design) in enumerate(zip(TRANSITIONS, designs, strict=True)):
        base, effect = slice(i * k, (i + 1) * k), log_hazards.effects(i)
        rates = wald_ratios(
            pieces.names(), coefficients[base], std_error[base], conf_level, tested=False
        )
        hazards[name] = tuple(rates.values())
        ratios[name] = wald_ratios(
            design.names, coefficients[effect], std_error[effect], conf_level
        )
    return hazards, ratios


def _ratio_test(value: float, null: float, df: int, smoothness: float) -> ChiSquared:
    if smoothness:
        return ChiSquared(float("nan"), df, float("nan"))
    return chi_squared(2 * (value - null), df)


def _names(covariates: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    if not isinstance(covariates, Mapping):
        raise EstimateError(
            f"`covariates` is a {type(covariates).__name__}",
            "it names the covariates of each transition",
            'write `covariates={"onset": ["age"]}`',
        )
    for transition in covariates:
        check_choice("covariates", transition, TRANSITIONS)
    return {
        transition: listed(transition, covariates.get(transition, ())) for transition in TRANSITIONS
    }


def _check(bounds: Bounds, exit: Floats, death: Floats, smoothness: float) -> None:
    expect(Bounds, bounds=bounds)
    n = len(bounds)
    if exit.shape != (n,) or death.shape != (n,):
        raise EstimateError(
            f"`exit` has shape {exit.shape}, `death` {death.shape}, `left` ({n},)",
            "every column has one value a subject",
        )
    if not np.isin(death, (0, 1)).all():
        raise EstimateError(
            "`death` holds something else than 0 or 1",
            "it says whether the subject died at `exit`",
            "leave out subjects in whom it is not known, and count them",
        )
    found = np.isfinite(bounds.right)
    late = (bounds.left > exit) | (found & (bounds.right > exit)) | ~np.isfinite(exit)
    if late.any():
        raise EstimateError(
            f"{int(late.sum())} of {n} rows have an exam after `exit`, or no finite `exit`",
            "follow-up for death lasts as long as that for the finding, or longer",
            "let `exit` be the last day the subject is known to be alive, or that of death",
        )
    if (bounds.entry >= exit).any():
        raise EstimateError(
            f"{int((bounds.entry >= exit).sum())} of {n} rows end at or before they start",
            do="leave them out and list them in the attrition",
        )
    if not 0 <= number("smoothness", smoothness) < np.inf:
        raise EstimateError(f"`smoothness` is {smoothness}", "it must be 0 or more")
