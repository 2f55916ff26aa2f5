"""Does a hazard ratio stay what it is over time?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from osteon.contracts.arrays import Floats
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect, listed
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.curves.kaplan_meier import kaplan_meier
from osteon.estimate.intervals import check_choice
from osteon.estimate.regression.cox import CoxFit, check_finite, wald_test
from osteon.estimate.shown import chi_squared_in_words, shown_rows
from osteon.estimate.tables.risk_table import risk_table

_ROUNDING = 1e-12
_ROUNDED_AWAY = 1e-9  # share of an information that is left of it: nothing, but for rounding


@dataclass(frozen=True, eq=False)
class ProportionalHazards:
    """Test of proportional hazards, by term and global.

    Attributes
    ----------
    tests : dict of str to ChiSquared
        By term, and "global"; nan where the covariates vary at one event time only, so that
        nothing can be told of change.
    transform : {"km", "identity", "log", "rank"}
        Function g of time against which the hazard ratio may change.
    time : ndarray of float, shape (events,)
        Event times in days.
    transformed_time : ndarray of float, shape (events,)
        g(time).
    residuals : ndarray of float, shape (events, p)
        Scaled Schoenfeld residuals plus coefficient: their smooth over time estimates the log
        hazard ratio as it changes.
    """

    tests: dict[str, ChiSquared]
    transform: str
    time: Floats
    transformed_time: Floats
    residuals: Floats

    def __repr__(self) -> str:
        """The tests; times and residuals are in its attributes."""
        rows = {
            name: chi_squared_in_words(test.statistic, test.df, test.p_value)
            for name, test in self.tests.items()
        }
        return shown_rows("ProportionalHazards", [f"transform {self.transform}"], rows)


def proportional_hazards(
    fit: CoxFit, *, transform: str = "km", terms: dict[str, Sequence[str]] | None = None
) -> ProportionalHazards:
    """Score test of beta(t) = beta + theta g(t) against theta = 0.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    transform : {"km", "identity", "log", "rank"}
        g(t): 1 - S(t-) of the Kaplan-Meier curve of everyone, whatever stratum and weight; t;
        log t; or the rank of t among the ends of all intervals, ties averaged.
    terms : dict of str to sequence of str, optional
        Columns that belong together (one category each), tested on that many degrees of
        freedom. Default: each covariate alone.

    Returns
    -------
    ProportionalHazards

    Raises
    ------
    EstimateError
        If a coefficient is infinite, a term names no covariate of the model, all events happen at
        one time, or "log" meets an event at or before time 0.

    Notes
    -----
    Grambsch & Therneau's test ([1]_), with U the score and I the information of the model

    .. math:: \\lambda(t \\mid x) = \\lambda_0(t) \\, e^{x'(\\beta + \\theta g(t))}, \\qquad
        X^2 = U' I^{-1} U \\quad \\text{at } \\hat\\beta, \\, \\theta = 0

    I is kept whole, not replaced by its average. R: ``cox.zph(fit)`` of survival 3.x. (Versions
    before 3.0 averaged and printed other numbers.) The test is that of the model-based
    information also where the fit is robust, as in R.

    References
    ----------
    .. [1] Grambsch & Therneau (1994), Biometrika 81:515-526, doi:10.1093/biomet/81.3.515.

    Examples
    --------
    An effect that turns round: the exposed die first, then the unexposed:

    >>> from osteon.estimate import cox
    >>> history = History.of(
    ...     exit=[1, 2, 3, 4, 5, 6, 7, 8], event=[1] * 8, covariates={"x": [1, 1, 1, 0, 0, 0, 0, 1]}
    ... )
    >>> test = proportional_hazards(cox(history, ["x"]), transform="identity").tests["x"]
    >>> test.df, test.p_value < 0.2
    (1, True)
    """
    check_choice("transform", transform, tuple(_TRANSFORMS))
    check_finite(fit, "the test needs finite coefficients")
    columns = _terms(fit.names, terms)
    likelihood = fit.likelihood
    moments = likelihood.moments(fit.coefficients * fit.design.scale)
    residuals = likelihood.schoenfeld_residuals(moments)
    at_risk = likelihood.at_risk
    g = _TRANSFORMS[transform](fit)
    g_centred = g - g[at_risk.death_cell].mean()
    if np.ptp(g[at_risk.death_cell]) <= _ROUNDING * np.abs(g).max():
        raise EstimateError(
            "all events happen at one time, or at times that the transform does not tell apart",
            "a hazard ratio changes between event times",
            "say that proportional hazards cannot be tested",
        )
    weight = likelihood.weight[at_risk.death_row]
    score = (weight * g_centred[at_risk.death_cell]) @ residuals
    at_term = g_centred[at_risk.cell]
    i_bb = likelihood.information(moments)
    i_bt = likelihood.information(moments, at_term)
    i_tt = likelihood.information(moments, at_term**2)
    adjusted = i_tt - i_bt @ np.linalg.solve(i_bb, i_bt)
    untold = np.diag(adjusted) <= _ROUNDED_AWAY * np.diag(i_tt)
    adjusted[untold], adjusted[:, untold] = 0.0, 0.0  # what is left there is rounding
    tests = {name: wald_test(score[c], adjusted[np.ix_(c, c)]) for name, c in columns.items()}
    scaled = residuals @ np.linalg.inv(i_bb) * residuals.shape[0]
    return ProportionalHazards(
        tests=tests,
        transform=transform,
        time=at_risk.time[at_risk.death_cell],
        transformed_time=g[at_risk.death_cell],
        residuals=fit.coefficients + scaled / fit.design.scale,
    )


def _terms(names: tuple[str, ...], terms: dict[str, Sequence[str]] | None) -> dict[str, list[int]]:
    terms = {name: (name,) for name in names} if terms is None else terms
    expect(dict, terms=terms)
    terms = {name: listed(name, group) for name, group in terms.items()}
    unknown = {column for group in terms.values() for column in group} - set(names)
    if unknown:
        raise EstimateError(
            f"the terms name {', '.join(sorted(unknown))}", f"columns are {', '.join(names)}"
        )
    columns = {name: [names.index(c) for c in group] for name, group in terms.items()}
    return {**columns, "global": list(range(len(names)))}


def _pooled_fall(fit: CoxFit) -> Floats:
    """1 - S(t-) at each event time, S the unweighted Kaplan-Meier curve of everyone."""
    h = fit.history
    event = np.zeros(len(h), dtype=np.int64)
    event[fit.likelihood.at_risk.rows[fit.likelihood.at_risk.event]] = 1
    curve = kaplan_meier(risk_table(History.of(entry=h.entry, exit=h.exit, event=event)))["all"]
    before = np.searchsorted(curve.time, fit.likelihood.at_risk.time, side="left")
    return 1 - np.concatenate([[1.0], curve.estimate])[before]


def _logarithm(fit: CoxFit) -> Floats:
    time = fit.likelihood.at_risk.time
    if not (time > 0).all():
        raise EstimateError("an event time is not positive", do='choose transform="km"')
    return np.log(time)


def _rank(fit: CoxFit) -> Floats:
    at_risk = fit.likelihood.at_risk
    of_deaths = rankdata(fit.history.exit)[at_risk.rows[at_risk.death_row]]
    return of_deaths[np.cumsum(at_risk.deaths) - 1]


_TRANSFORMS: dict[str, Callable[[CoxFit], Floats]] = {
    "km": _pooled_fall,
    "identity": lambda fit: fit.likelihood.at_risk.time,
    "log": _logarithm,
    "rank": _rank,
}
