"""How far each subject or cluster pulls the hazards that Cox models predict."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.estimate.multi_state.multi_state_cox import MultiStateCox
from osteon.estimate.regression.moments import Moments

Pull = tuple[float, Floats]


def baseline_pulls(model: MultiStateCox, stratum: int, start: float) -> list[Iterator[Pull]]:
    """Pull of each group on the increments of each baseline hazard, given the coefficients.

    Parameters
    ----------
    model : MultiStateCox
        With its groups.
    stratum : int
        Index of the history's stratum.
    start : float
        Only times after it are told, in days.

    Returns
    -------
    list of iterator of (float, ndarray of float, shape (groups,))
        For each baseline its event times, ascending, and the pulls on its increment there: of the
        hazard of somebody with all covariates at the design's centre.

    Notes
    -----
    .. math:: w_i \\frac{\\partial\\, d\\Lambda(u)}{\\partial w_i}
        = w_i \\frac{dN_i(u) - Y_i(u)\\, e^{\\beta' x_i} d\\Lambda(u)}{S^{(0)}(u)}

    With Efron's ties a tied death is at risk in the measure in which it still is at each of its
    time's terms, and adds its weight to each of them equally.
    """
    moments = _moments(model)
    strata = len(model.history.strata)
    return [
        _pulls(model, moments, g * strata + stratum, start) for g in range(len(model.baselines))
    ]


def coefficient_pulls(model: MultiStateCox) -> Floats:
    """Pull of each group on the coefficients, shape (groups, coefficients).

    The sum over groups of their products is the robust covariance.
    """
    likelihood, scale = model.fit.likelihood, model.fit.design.scale
    scores = np.zeros((model.groups.max() + 1, scale.size))
    groups = model.groups[likelihood.at_risk.rows]
    np.add.at(scores, groups, likelihood.score_residuals(_moments(model)))
    return np.asarray(scores * scale @ model.fit.model_covariance)


def _moments(model: MultiStateCox) -> Moments:
    return model.fit.likelihood.moments(model.fit.coefficients * model.fit.design.scale)


def _pulls(model: MultiStateCox, moments: Moments, stratum: int, start: float) -> Iterator[Pull]:
    likelihood = model.fit.likelihood
    at_risk, groups = likelihood.at_risk, model.groups[likelihood.at_risk.rows]
    begin, end = at_risk.offset[stratum : stratum + 2]
    tied = at_risk.deaths if at_risk.tied else np.ones(at_risk.deaths.size)
    of_terms = moments.hazard / moments.denominator
    met, left, own = at_risk.per_cell(
        np.column_stack([of_terms, of_terms * at_risk.fraction, 1 / moments.denominator])
    ).T
    order = np.argsort(at_risk.place, kind="stable")  # by the time they end at, deaths first
    edges = np.searchsorted(at_risk.place[order], 2 * np.arange(begin, end + 1) + 2)
    mine = order[edges[0] : edges[-1]]
    first = at_risk.entered[mine] // 2 if at_risk.entered.size else np.zeros(mine.size)
    first = np.maximum(first, begin)
    mine = mine[np.argsort(first, kind="stable")]
    enter = np.searchsorted(np.sort(first), np.arange(begin, end + 1))
    present = np.zeros(model.groups.max() + 1)
    for k, cell in enumerate(range(begin, end)):
        entering = mine[enter[k] : enter[k + 1]]
        leaving = order[edges[k] : edges[k + 1]]
        dying = leaving[: at_risk.deaths[cell]]
        np.add.at(present, groups[entering], moments.risk[entering])
        if at_risk.time[cell] > start:
            pull = -met[cell] * present
            of_deaths = likelihood.weight[dying] * own[cell] / tied[cell]
            np.add.at(pull, groups[dying], of_deaths + moments.risk[dying] * left[cell])
            yield float(at_risk.time[cell]), pull * np.exp(-moments.shift)
        np.add.at(present, groups[leaving], -moments.risk[leaving])


def at_each(times: Floats, pulls: Iterator[Pull]) -> Iterator[Floats | None]:
    """The pulls at each of the ascending times, None where the baseline has no event."""
    ahead = chain(pulls, [(np.inf, np.zeros(0))])
    time, pull = next(ahead)
    for now in times:
        if time == now:
            yield pull
            time, pull = next(ahead)
        else:
            yield None
