"""Markov multi-state models of what is only seen at visits, with exact death."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize

from osteon.contracts.history import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.design_matrix import Design, standardise
from osteon.estimate.intervals import (
    Estimate,
    check_conf_level,
    normal_quantile,
    probability_limits,
    wald_p,
)
from osteon.estimate.newton import Evaluation, Maximum, maximise
from osteon.estimate.panel import UNSEEN, Links, Panel, links
from osteon.estimate.panel_likelihood import PanelLikelihood

Transition = tuple[str, str]


@dataclass(frozen=True, eq=False)
class PanelMarkov:
    """A fitted Markov model of a panel.

    Attributes
    ----------
    states : tuple of str
        Names.
    transitions : tuple of (str, str)
        Allowed transitions.
    covariates : tuple of str
        Names of covariates, then of the periods after each cut, e.g. "[5, 10)".
    coefficients : ndarray of float, shape (transitions, 1 + covariates)
        Log intensity with all covariates at 0, and log hazard ratios; 0 where a covariate does
        not act on a transition.
    covariance : ndarray of float, shape (parameters, parameters)
        Inverse of the observed information of the coefficients there are, row by row.
    acts : ndarray of bool, shape (transitions, 1 + covariates)
        Which coefficients there are.
    minus_2_log_likelihood : float
        At the maximum.
    means : dict of str to float
        Mean of each covariate over the links: where `intensities` are by default.
    links, subjects : int
        Steps from one visit to the next that inform the model, and whose they are.
    decrement : float
        Newton decrement at the maximum: about twice the log-likelihood still to be gained.
    conf_level : float
        Two-sided confidence of all limits.
    cuts : tuple of float
        Times at which the intensities change.
    """

    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    covariates: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    acts: np.ndarray
    minus_2_log_likelihood: float
    means: dict[str, float]
    links: int
    subjects: int
    decrement: float
    conf_level: float
    cuts: tuple[float, ...]
    likelihood: PanelLikelihood = field(repr=False)

    @property
    def hazard_ratios(self) -> dict[Transition, dict[str, Estimate]]:
        """Per unit of each covariate that acts, by transition; Wald limits on the log scale."""
        result: dict[Transition, dict[str, Estimate]] = {}
        std_error = self._std_error()
        for k, transition in enumerate(self.transitions):
            result[transition] = {
                name: self._ratio(self.coefficients[k, j + 1], std_error[k, j + 1])
                for j, name in enumerate(self.covariates)
                if self.acts[k, j + 1]
            }
        return result

    def intensities(self, at: Mapping[str, float] | None = None) -> dict[Transition, Estimate]:
        """Intensity of each transition, per unit of time, with limits on the log scale.

        Parameters
        ----------
        at : mapping of str to float, optional
            Covariates; those left out are at their ``means``. A period is 1 in it, else 0.
        """
        slopes = self._slopes(at)
        logs = slopes @ self._parameters
        errors = np.sqrt(np.einsum("ka,ab,kb->k", slopes, self.covariance, slopes))
        return {
            transition: self._ratio(log, error)
            for transition, log, error in zip(self.transitions, logs, errors, strict=True)
        }

    def sojourn(self, at: Mapping[str, float] | None = None) -> dict[str, Estimate]:
        """Mean time of one stay in each state that can be left, -1 / q_hh; limits on the log scale."""
        q, dq = self._generator(at)
        result = {}
        for h, state in enumerate(self.states):
            if q[h, h] < 0:
                slope = -dq[:, h, h] / q[h, h]  # of log(1 / -q)
                error = float(np.sqrt(slope @ self.covariance @ slope))
                result[state] = self._ratio(-np.log(-q[h, h]), error)
        return result

    def probabilities(
        self,
        time: float,
        *,
        start: float = 0.0,
        at: Mapping[str, float] | None = None,
        interval: str = "log-log",
    ) -> dict[str, dict[str, Estimate]]:
        """Probability of being in each state at ``time``, by the state at ``start``.

        Parameters
        ----------
        time, start : float
            In the panel's unit of time. With ``cuts`` the intensities change on the way.
        at : mapping of str to float, optional
            Covariates, constant on the way; those left out are at their ``means``.
        interval : {"log-log", "cloglog", "log", "plain", "logit"}
            Scale of the delta method's limits.

        Returns
        -------
        dict of str to dict of str to Estimate
            First by the state at ``start``.
        """
        p, dp = self._transition_matrix(start, time, at)
        variance = np.einsum("aij,ab,bij->ij", dp, self.covariance, dp)
        std_error = np.sqrt(np.maximum(variance, 0))
        low, high = probability_limits(p, std_error, self.conf_level, interval)
        return {
            origin: {
                state: Estimate(
                    float(p[i, j]),
                    float(std_error[i, j]),
                    float(low[i, j]),
                    float(high[i, j]),
                    self.conf_level,
                    interval,
                )
                for j, state in enumerate(self.states)
            }
            for i, origin in enumerate(self.states)
        }

    @property
    def _parameters(self) -> Floats:
        return self.coefficients[self.acts]

    def _std_error(self) -> Floats:
        full = np.zeros(self.acts.shape)
        full[self.acts] = np.sqrt(np.diag(self.covariance))
        return full

    def _ratio(self, log: float, error: float) -> Estimate:
        z = normal_quantile(self.conf_level)
        low, value, high = np.exp([log - z * error, log, log + z * error])
        return Estimate(
            float(value),
            float(error),
            float(low),
            float(high),
            self.conf_level,
            "wald",
            wald_p(float(log), float(error)),
        )

    def _row(self, at: Mapping[str, float] | None, begin: float | None = None) -> Floats:
        values = dict(self.means)
        for name, value in (at or {}).items():
            if name not in values:
                raise EstimateError(
                    f'there is no covariate "{name}"',
                    f"covariates are {', '.join(values) or 'none'}",
                    did_you_mean(name, values),
                )
            values[name] = float(value)
        if begin is not None:
            values |= dict(
                zip(_periods(self.cuts), _in_period(np.array([begin]), self.cuts)[0], strict=True)
            )
        return np.array([1.0, *(values[name] for name in self.covariates)])

    def _slopes(self, at: Mapping[str, float] | None) -> Floats:
        """Derivative of each log intensity by the parameters, shape (transitions, parameters)."""
        return _spread(self.acts, self._row(at))

    def _generator(
        self, at: Mapping[str, float] | None, begin: float | None = None
    ) -> tuple[Floats, Floats]:
        """Q and its derivative by the parameters, shapes (m, m), (parameters, m, m)."""
        row = self._row(at, begin)
        q = self.likelihood.generators(row[None], self._parameters)[0]
        slopes = _spread(self.acts, row)
        dq = np.zeros((self._parameters.size, *q.shape))
        for k, (a, b) in enumerate(
            zip(self.likelihood.origins, self.likelihood.targets, strict=True)
        ):
            dq[:, a, b] += slopes[k] * q[a, b]
            dq[:, a, a] -= slopes[k] * q[a, b]
        return q, dq

    def _transition_matrix(
        self, start: float, time: float, at: Mapping[str, float] | None
    ) -> tuple[Floats, Floats]:
        if not start < time < np.inf:
            raise EstimateError(f"`time` is {time:g}", f"it is after `start`, {start:g}")
        edges = [start, *(c for c in self.cuts if start < c < time), time]
        p, dp = np.eye(len(self.states)), np.zeros((self._parameters.size, *[len(self.states)] * 2))
        for begin, end in pairwise(edges):
            q, dq = self._generator(at, begin if self.cuts else None)
            step, dstep = _exponential(q, dq, end - begin)
            p, dp = p @ step, dp @ step + p @ dstep
        return p, dp


def panel_markov(
    panel: Panel,
    transitions: Sequence[Transition],
    *,
    exact: Sequence[str] = (),
    covariates: Sequence[str] | Mapping[Transition, Sequence[str]] = (),
    cuts: Sequence[float] = (),
    conf_level: float = 0.95,
) -> PanelMarkov:
    """Fit a Markov model whose transitions happen unseen between visits.

    Parameters
    ----------
    panel : Panel
        Visits; their times must not depend on the unseen course (a visit brought forward by
        symptoms biases every intensity).
    transitions : sequence of (str, str)
        Transitions that can happen in an instant; all others go through them.
    exact : sequence of str
        States whose time of entry is known to the day, as death is; the state just before stays
        unknown.
    covariates : sequence of str, or mapping of (str, str) to sequence of str
        Act log-linearly on all intensities, or on those of the named transitions; a visit's value
        holds until the next visit.
    cuts : sequence of float
        Times at which all intensities change by a factor (piecewise-constant intensities).
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    PanelMarkov

    Raises
    ------
    EstimateError
        If a name is unknown, two visits cannot follow each other under ``transitions``, or the
        likelihood has no maximum: the data tell nothing about some transition.

    Notes
    -----
    .. math:: q_{hj}(t, x) = \\exp(\\alpha_{hj} + \\beta_{hj}' x + \\gamma_{hj, period(t)}), \\qquad
        L = \\prod P_{r s}(x)

    with P = exp(Q t) over the links between visits ([1]_), exact entry and unseen states as in
    [2]_. Quasi-Newton (BFGS) with the analytic gradient, then Newton's method until
    :math:`U' I^{-1} U \\le 10^{-16}`; the information is the gradient's fourth-order difference
    (relative error about 1e-10). Start: transitions counted as if they happened at visits.
    A cut is a visit at which nothing was seen, so a cut without effect leaves the likelihood as it
    is; ``msm(pci = )`` does the same where death is exact, and takes everybody as alive at the cut
    where it is not.

    R: ``msm(state ~ time, subject, qmatrix = , deathexact = , censor = , pci = , covariates = )``
    maximises the same function; it stops earlier (``reltol`` 1e-8) unless told otherwise, and its
    ``qmatrix.msm`` is at the covariates' means.

    References
    ----------
    .. [1] Kalbfleisch & Lawless (1985), J. Am. Stat. Assoc. 80:863-871,
       doi:10.1080/01621459.1985.10478195.
    .. [2] Jackson (2011), J. Stat. Softw. 38(8), doi:10.18637/jss.v038.i08.

    Examples
    --------
    Two states, visits a year apart, 2 of 8 steps end in the event: exp(-q) = 6 / 8.

    >>> panel = Panel.of(
    ...     subject=[0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3], time=[0, 1, 2, 3, 0, 1, 2, 0, 1, 0, 1, 2],
    ...     state=[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], states=("free", "bm"),
    ... )
    >>> fit = panel_markov(panel, [("free", "bm")])
    >>> round(fit.intensities()["free", "bm"].estimate, 6), round(float(-np.log(6 / 8)), 6)
    (0.287682, 0.287682)
    """
    check_conf_level(conf_level)
    cuts = tuple(sorted(float(cut) for cut in cuts))
    codes = _codes(panel.states, transitions)
    steps = links(panel, cuts)
    if steps.row.size == 0:
        raise EstimateError("no subject has two visits", do="a panel model needs repeated visits")
    names, acts = _acts(panel, transitions, covariates, cuts)
    columns = _columns(panel, steps, names, cuts)
    x = np.column_stack([np.ones(steps.row.size), columns.x])
    likelihood = PanelLikelihood(
        steps, x, codes, acts, _named(panel.states, exact), _possible(panel, codes)
    )
    _refuse_impossible(panel, likelihood)
    best = _maximise(likelihood, _crude(panel, codes, acts))
    _refuse_runaways(best, transitions, columns.names, acts)
    back = _back(acts, columns)
    covariance = np.linalg.inv(best.last.information)
    parameters = back @ best.coefficients
    return PanelMarkov(
        states=panel.states,
        transitions=tuple(transitions),
        covariates=columns.names,
        coefficients=likelihood.coefficients(parameters),
        covariance=back @ covariance @ back.T,
        acts=acts,
        minus_2_log_likelihood=-2 * best.last.value,
        means=dict(zip(columns.names, columns.centre.tolist(), strict=True)),
        links=steps.row.size,
        subjects=np.unique(panel.subject[steps.row]).size,
        decrement=best.decrement,
        conf_level=conf_level,
        cuts=cuts,
        likelihood=likelihood,
    )


_EXHAUSTED = 1e-10  # log-likelihood still to be gained, per link
_RUNAWAY = 0.01  # on the log scale: see `maximise`


def _maximise(likelihood: PanelLikelihood, start: Floats) -> Maximum:
    def loss(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood.evaluate(parameters)
        return -value, -gradient

    def evaluate(parameters: Floats) -> Evaluation:
        value, gradient = likelihood.evaluate(parameters)
        return Evaluation(value, gradient, _information(likelihood, parameters))

    near = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-5}).x
    exhausted = _EXHAUSTED * likelihood.cell.size
    return maximise(evaluate, near, exhausted=exhausted, runaway=_RUNAWAY, max_step=2.0)


def _refuse_runaways(
    best: Maximum, transitions: Sequence[Transition], covariates: tuple[str, ...], acts: np.ndarray
) -> None:
    names = np.array(
        [[f"{name} of {a} to {b}" for name in ("intensity", *covariates)] for a, b in transitions]
    )[acts]
    away = np.abs(best.step) > _RUNAWAY
    if away.any() or not (np.linalg.eigvalsh(best.last.information) > 0).all():
        raise EstimateError(
            "the likelihood rises for ever, or is flat, along "
            + (", ".join(names[away]) or "some"),
            "each transition is needed to explain some visits, at each value of its covariates",
            "leave out a transition, or a covariate's effect on it, that few subjects inform",
        )


def _information(likelihood: PanelLikelihood, parameters: Floats) -> Floats:
    """Negative second derivative: fourth-order central differences of the gradient."""
    h, rows = 2e-3, []
    for step in h * np.eye(parameters.size):
        near, far = (
            likelihood.evaluate(parameters + k * step)[1]
            - likelihood.evaluate(parameters - k * step)[1]
            for k in (1, 2)
        )
        rows.append((far - 8 * near) / (12 * h))
    information = np.array(rows)
    return (information + information.T) / 2


def _exponential(q: Floats, dq: Floats, time: float) -> tuple[Floats, Floats]:
    """exp(q t) and its derivative along each ``dq``, as a block of an exponential (Van Loan)."""
    m = q.shape[0]
    block = np.zeros((dq.shape[0], 2 * m, 2 * m))
    block[:, :m, :m] = block[:, m:, m:] = q
    block[:, :m, m:] = dq
    both = expm(block * time)
    return both[0, :m, :m], both[:, :m, m:]


def _codes(states: tuple[str, ...], transitions: Sequence[Transition]) -> list[tuple[int, int]]:
    if not transitions:
        raise EstimateError("no transition is allowed", "name one or more, e.g. (alive, dead)")
    codes = []
    for transition in transitions:
        for state in transition:
            _check_name("state", state, states)
        codes.append((states.index(transition[0]), states.index(transition[1])))
    if len(set(codes)) < len(codes) or any(a == b for a, b in codes):
        raise EstimateError("a transition is named twice, or leads to its own state")
    return codes


def _named(states: tuple[str, ...], names: Sequence[str]) -> np.ndarray:
    for name in names:
        _check_name("state", name, states)
    return np.isin(np.array(states), list(names))


def _possible(panel: Panel, codes: list[tuple[int, int]]) -> np.ndarray:
    if panel.possible:
        return _named(panel.states, panel.possible)
    left = {a for a, _ in codes}
    return np.array([state in left for state in range(len(panel.states))])


def _acts(
    panel: Panel,
    transitions: Sequence[Transition],
    covariates: Sequence[str] | Mapping[Transition, Sequence[str]],
    cuts: tuple[float, ...],
) -> tuple[list[str], np.ndarray]:
    """Names of the covariates, and which coefficients there are."""
    if not isinstance(covariates, Mapping):
        covariates = dict.fromkeys(transitions, covariates)
    for transition in covariates:
        if transition not in transitions:
            raise EstimateError(
                f"covariates are named for {' to '.join(transition)}",
                "transitions are " + ", ".join(" to ".join(t) for t in transitions),
            )
    names = list(dict.fromkeys(name for of in covariates.values() for name in of))
    for name in names:
        _check_name("covariate", name, tuple(panel.covariates))
    acts = np.ones((len(transitions), 1 + len(names) + len(cuts)), dtype=bool)
    for k, transition in enumerate(transitions):
        acts[k, 1 : 1 + len(names)] = [name in covariates.get(transition, ()) for name in names]
    return names, acts


def _columns(panel: Panel, steps: Links, names: list[str], cuts: tuple[float, ...]) -> Design:
    values = [panel.covariates[name][steps.row] for name in names]
    periods = _in_period(steps.begin, cuts)
    columns = np.column_stack([*values, periods]) if values else periods
    return standardise((*names, *_periods(cuts)), columns, np.ones(steps.row.size, dtype=bool))


def _periods(cuts: tuple[float, ...]) -> list[str]:
    ends = [*cuts, np.inf]
    return [f"[{a:g}, {b:g})" for a, b in pairwise(ends)]


def _in_period(time: Floats, cuts: tuple[float, ...]) -> Floats:
    """1 in the column of the period that each time lies in; none for the first, shape (n, cuts)."""
    return np.eye(len(cuts) + 1)[np.searchsorted(cuts, time, side="right")][:, 1:]


def _crude(panel: Panel, codes: list[tuple[int, int]], acts: np.ndarray) -> Floats:
    """Log intensities as if transitions happened at visits; half a transition more, never 0."""
    same = panel.subject[1:] == panel.subject[:-1]
    origin, to, wait = panel.state[:-1], panel.state[1:], np.diff(panel.time)
    start = np.zeros(acts.shape)
    for k, (a, b) in enumerate(codes):
        happened = np.sum(same & (origin == a) & (to == b)) + 0.5
        start[k, 0] = np.log(happened / (wait[same & (origin == a)].sum() + wait[same].mean()))
    return start[acts]


def _refuse_impossible(panel: Panel, likelihood: PanelLikelihood) -> None:
    bad = ~likelihood.reachable()
    if bad.any():
        steps = likelihood.links
        last = np.flatnonzero(steps.last)[bad]
        ends = zip(steps.origin[last - steps.depth[last]], steps.to[last], strict=True)
        names = {
            f"{panel.states[a]} to {panel.states[b] if b != UNSEEN else 'unseen'}" for a, b in ends
        }
        raise EstimateError(
            f"{int(bad.sum())} subjects' visits go from {', '.join(sorted(names))}, "
            "and no path of transitions does",
            do="allow the transition, or look at the states that were recorded",
        )


def _spread(acts: np.ndarray, row: Floats) -> Floats:
    """Derivative of each log intensity by the parameters at a design row, (transitions, params)."""
    slopes = np.zeros((acts.shape[0], int(acts.sum())))
    places = np.cumsum(acts.ravel()).reshape(acts.shape) - 1
    for k, there in enumerate(acts):
        slopes[k, places[k, there]] = row[there]
    return slopes


def _back(acts: np.ndarray, columns: Design) -> Floats:
    """From coefficients of standardised covariates to those per unit, (parameters, parameters)."""
    unit = np.eye(acts.shape[1])
    at = np.arange(1, acts.shape[1])
    unit[at, at] = 1 / columns.scale
    unit[0, 1:] = -columns.centre / columns.scale
    full = np.kron(np.eye(acts.shape[0]), unit)
    kept = acts.ravel()
    return full[np.ix_(kept, kept)]


def _check_name(what: str, name: str, allowed: tuple[str, ...]) -> None:
    if name not in allowed:
        raise EstimateError(
            f'there is no {what} "{name}"',
            f"allowed are {', '.join(allowed) or 'none'}",
            did_you_mean(name, allowed),
        )
