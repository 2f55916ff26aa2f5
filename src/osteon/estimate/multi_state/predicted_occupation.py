"""Probabilities of the states for one covariate pattern, from Cox models of the transitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import expm

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import check_start
from osteon.estimate.intervals import check_choice
from osteon.estimate.multi_state.initial_distribution import stated_distribution
from osteon.estimate.multi_state.multi_state_cox import MultiStateCox, Transition
from osteon.estimate.multi_state.occupation import Occupation, occupation
from osteon.estimate.multi_state.predicted_hazards import PredictedHazards, predicted_hazards
from osteon.estimate.multi_state.product_integral import running_covariance, running_product


def predicted_occupation(
    model: MultiStateCox,
    covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    *,
    stratum: str | None = None,
    start: float = 0.0,
    initial: Mapping[str, float] | None = None,
    factors: str = "product",
    variance: str | None = None,
    conf_level: float = 0.95,
    interval: str = "log-log",
) -> Occupation:
    """Probability of being in each state by time *t*, of somebody with given covariates.

    Parameters
    ----------
    model : MultiStateCox
        With the clock forward.
    covariates : mapping of str to float, or of (str, str) to such a mapping
        Every covariate of the model, the same for all transitions or by transition.
    stratum : str, optional
        Stratum of the history; needed where it has several.
    start : float
        Only transitions after ``start`` enter, in days.
    initial : mapping of str to float, optional
        Distribution over the states at ``start``. Default: all in the first state.
    factors : {"product", "exponential"}
        "product" multiplies I + dA, as ``mstate::probtrans``; "exponential" exp(dA), as
        ``survfit`` of R's multi-state ``coxph``, which stays within [0, 1] where few are at risk.
    variance : {"delta", "increments", "jackknife"}, optional
        "delta" is the functional delta method: the error of the coefficients is shared by all
        times. "increments" takes the increments of the estimated hazards as independent of each
        other, each with what it adds to their variance ([2]_; ``mstate::probtrans``). Both take
        weights for copies. "jackknife" is the robust one (the infinitesimal) over subjects, or
        over the clusters of the fit: right for weights that are not copies and for clones. Default:
        "jackknife" of a robust model, else "delta".
    conf_level : float
        Two-sided confidence.
    interval : {"log-log", "cloglog", "log", "plain", "logit", "arcsine"}
        Scale of the limits.

    Returns
    -------
    Occupation
        ``at_risk`` and ``events`` are those of the whole stratum, whatever their covariates.

    Raises
    ------
    EstimateError
        If the clock was reset: then the hazards depend on the time since the last transition, the
        states are no Markov process in time, and their probabilities no product integral
        (simulate, or use `landmark_occupation`); if the model is robust and another variance is
        asked than "jackknife"; if a coefficient is infinite; if a covariate is missing; or if
        with "product" more than everybody would leave a state at once.

    Notes
    -----
    With increments :math:`dA_{hj}(u) = e^{\\beta' z_{hj}} d_{hj}(u) / S^{(0)}_{hj}(u)` (Efron's
    where the model is), as in [1]_ and [3]_, chapter VII:

    .. math:: p(t) = p(s) \\prod_{s < u \\le t} (I + dA(u)), \\quad
        V(t) = M(t) + D(t)\\, I^{-1} D(t)'

    M is the recursion of `state_occupation` with the hazards' Poisson variance
    :math:`e^{2 \\beta' z} d / S^{(0) 2}` given the coefficients, and D the derivative of p by the
    coefficients, :math:`\\partial dA = e^{\\beta' z} (z - \\bar x(u))\\, d / S^{(0)}`. R:
    ``probtrans(msfit(coxph, newdata), predt = start)`` of mstate ("increments"); the points of
    "exponential" also ``survfit(coxph(list(...)), newdata, p0 =)``.

    The jackknife sums over groups the products of their pulls, the derivatives of p by the weights
    through baseline hazards and coefficients:

    .. math:: U_i(u) = U_i(u^-) (I + dA(u)) + p(u^-)\\, \\delta_i dA(u), \\quad
        \\delta_i dA_{hj} = w_i e^{\\beta' z_{hj}} \\frac{dN_{hji} - Y_{hi} e^{\\beta' x_i} d\\Lambda_{hj}}
        {S^{(0)}_{hj}} + \\partial dA_{hj} \\cdot \\delta_i \\beta

    with :math:`\\delta_i \\beta` the dfbeta of the group. No package of R has it; differences of
    refits with a subject's weight moved a little agree.

    References
    ----------
    .. [1] Andersen, Hansen & Keiding (1991), Scand. J. Stat. 18:153-167.
    .. [2] de Wreede, Fiocco & Putter (2010), Comput. Methods Programs Biomed. 99:261-274,
       doi:10.1016/j.cmpb.2010.01.001.
    .. [3] Andersen, Borgan, Gill & Keiding (1993), Statistical Models Based on Counting
       Processes, doi:10.1007/978-1-4612-4348-9.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import multi_state_cox
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 2, 3, 4, 5, 5], entry=[0, 2, 0, 0, 6, 0, 0, 0, 3],
    ...     exit=[2, 5, 3, 6, 9, 4, 9, 3, 7], from_state=[0, 1, 0, 0, 1, 0, 0, 0, 1],
    ...     event=[1, 2, 2, 1, 2, 0, 2, 1, 0], states=("bm", "sre", "dead"),
    ...     covariates={"ki67": [9, 9, 3, 2, 2, 8, 12, 4, 4]},
    ... )
    >>> model = multi_state_cox(history, {("bm", "sre"): ["ki67"]})
    >>> points = predicted_occupation(model, {"ki67": 5}).at(5)
    >>> round(sum(p.estimate.item() for p in points.values()), 12)
    1.0
    """
    convention = convention_of(model, variance, ("delta", "increments", "jackknife"))
    predicted = prediction(model, covariates, stratum, start, initial, factors)
    hazards = predicted.hazards
    return occupation(
        states=model.states,
        time=hazards.time,
        at_risk=hazards.at_risk,
        events=hazards.entered,
        estimate=predicted.probabilities,
        covariance=_COVARIANCES[convention](predicted),
        initial=predicted.initial,
        initial_covariance=np.zeros((len(model.states),) * 2),
        start=start,
        conf_level=conf_level,
        interval=interval,
        variance=convention,
    )


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities for one covariate pattern, and what they depend on.

    Attributes
    ----------
    hazards : PredictedHazards
        Increments, with the k times.
    initial : ndarray of float, shape (states,)
        Distribution at the start.
    factors : ndarray of float, shape (k, states, states)
        I + dA or exp(dA).
    slopes : ndarray of float, shape (k, transitions, states, states)
        Derivative of each factor by each transition's increment.
    probabilities : ndarray of float, shape (k, states)
        Just after each time.
    """

    hazards: PredictedHazards
    initial: Floats
    factors: Floats
    slopes: Floats
    probabilities: Floats

    @cached_property
    def _moved(self) -> Floats:
        """Derivative of p by each increment, just after it, shape (k, transitions, states)."""
        before = np.vstack([self.initial, self.probabilities])[:-1]
        return np.einsum("kh,kahj->kaj", before, self.slopes)

    @property
    def noise(self) -> Floats:
        """Covariance that each time adds, given the coefficients, shape (k, states, states)."""
        by_baseline = np.einsum("ga,kaj->kgj", self.hazards.loadings, self._moved)
        return np.einsum("kg,kgi,kgj->kij", self.hazards.noise, by_baseline, by_baseline)

    @cached_property
    def coefficient_slopes(self) -> Floats:
        """Derivative of p by the coefficients, shape (k, coefficients, states)."""
        slopes = np.einsum("kab,kaj->kbj", self.hazards.slopes, self._moved)
        for i in range(1, slopes.shape[0]):
            slopes[i] += slopes[i - 1] @ self.factors[i]
        return slopes

    def pulls(self) -> Iterator[Floats]:
        """How far each group pulls the probabilities, just after each time, (groups, states)."""
        pulls = np.zeros((self.hazards.model.groups.max() + 1, self.initial.size))
        for factor, moved, of_hazards in zip(
            self.factors, self._moved, self.hazards.pulls(), strict=True
        ):
            pulls = pulls @ factor + of_hazards @ moved
            yield pulls


def convention_of(model: MultiStateCox, variance: str | None, allowed: tuple[str, ...]) -> str:
    """The variance that is asked for, or that fits the model."""
    expect(MultiStateCox, model=model)
    if variance is None:
        return "jackknife" if model.fit.robust else "delta"
    check_choice("variance", variance, allowed)
    if model.fit.robust and variance != "jackknife":
        raise EstimateError(
            f'the model is robust, and the variance asked for is "{variance}"',
            "that variance takes subjects as independent and weights for copies",
            'use `variance="jackknife"`, or fit without `robust` and `cluster`',
        )
    return variance


def prediction(
    model: MultiStateCox,
    covariates: Mapping[str, float] | Mapping[Transition, Mapping[str, float]],
    stratum: str | None,
    start: float,
    initial: Mapping[str, float] | None,
    factors: str,
) -> Prediction:
    """Everything that `predicted_occupation` and `predicted_length_of_stay` start from."""
    check_start(start)
    check_choice("factors", factors, ("product", "exponential"))
    hazards = predicted_hazards(model, covariates, stratum=stratum, start=start)
    p0 = stated_distribution(model.states, initial)
    steps, slopes = _factors(hazards, factors)
    return Prediction(hazards, p0, steps, slopes, p0 @ running_product(steps))


def _factors(hazards: PredictedHazards, kind: str) -> tuple[Floats, Floats]:
    """F at each time, and its derivative by each transition's increment.

    Shapes (k, states, states) and (k, transitions, states, states).
    """
    size = hazards.at_risk.shape[1]
    units = np.zeros((len(hazards.transitions), size, size))
    for unit, (a, b) in zip(units, hazards.codes, strict=True):
        unit[a, b], unit[a, a] = 1.0, -1.0
    changes = np.tensordot(hazards.increments, units, axes=1)
    if kind == "product":
        factors = np.eye(size) + changes
        if (np.diagonal(factors, axis1=1, axis2=2) < -1e-10).any():
            raise EstimateError(
                "for these covariates more than everybody would leave a state at once",
                "with few at risk and a high hazard ratio I + dA is no probability",
                'use `factors="exponential"`, or covariates nearer to those observed',
            )
        return factors, np.broadcast_to(units, (changes.shape[0], *units.shape))
    block = np.zeros((*changes.shape[:1], units.shape[0], 2 * size, 2 * size))
    block[..., :size, :size] = block[..., size:, size:] = changes[:, None]
    block[..., :size, size:] = units
    both = np.tile(np.eye(2 * size), (*block.shape[:2], 1, 1))
    both[..., :size, size:] = units
    some = changes.any(axis=(1, 2))
    both[some] = expm(block[some])
    return both[:, 0, :size, :size], both[..., :size, size:]


def _delta(predicted: Prediction) -> Floats:
    """Functional delta method: noise of the baselines, and of the coefficients for all times."""
    given = running_covariance(predicted.factors, predicted.noise)
    slopes = predicted.coefficient_slopes
    shared = np.swapaxes(slopes, 1, 2) @ predicted.hazards.coefficient_covariance @ slopes
    return given + shared


def _increments(predicted: Prediction) -> Floats:
    """De Wreede's recursion: each time adds the growth of the hazards' covariance, seen from p(t)."""
    growth = np.diff(predicted.hazards.covariance, axis=0, prepend=0)
    moved = np.einsum("kh,kahj->kaj", predicted.probabilities, predicted.slopes)
    added = np.einsum("kab,kai,kbj->kij", growth, moved, moved)
    return running_covariance(predicted.factors, added)


def _jackknife(predicted: Prediction) -> Floats:
    """Sum over groups of the products of their pulls."""
    size = predicted.initial.size
    squares = [pulls.T @ pulls for pulls in predicted.pulls()]
    return np.array(squares).reshape(-1, size, size)


_COVARIANCES = {"delta": _delta, "increments": _increments, "jackknife": _jackknife}
