"""Markov multi-state models of what is only seen at visits, with exact death."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import chosen_times, expect, listed, pairs_of_states
from osteon.estimate.intervals import (
    check_conf_level,
)
from osteon.estimate.multi_state.panel import UNSEEN, Links, Panel, links
from osteon.estimate.multi_state.panel_fit import PanelMarkov, Transition, in_period, period_names
from osteon.estimate.multi_state.panel_likelihood import PanelLikelihood
from osteon.estimate.newton import Evaluation, Maximum, maximise
from osteon.estimate.regression.design_matrix import Design, standardise


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
    expect(Panel, panel=panel)
    check_conf_level(conf_level)
    cuts = tuple(sorted(chosen_times(cuts).tolist()))
    codes = _codes(panel.states, transitions)
    steps = links(panel, cuts)
    if steps.row.size == 0:
        raise EstimateError("no subject has two visits", do="a panel model needs repeated visits")
    names, acts = _acts(panel, transitions, covariates, cuts)
    columns = _columns(panel, steps, names, cuts)
    x = _with_intercept(columns, steps.row.size)
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


def _codes(states: tuple[str, ...], transitions: Sequence[Transition]) -> list[tuple[int, int]]:
    if not pairs_of_states("transitions", transitions):
        raise EstimateError("no transition is allowed", "name one or more, e.g. (alive, dead)")
    codes = []
    for transition in transitions:
        for state in transition:
            _check_name("state", state, states)
        codes.append((states.index(transition[0]), states.index(transition[1])))
    if len(set(codes)) < len(codes) or any(a == b for a, b in codes):
        raise EstimateError(
            "a transition is named twice, or leads to its own state",
            "each leads from one state to another",
        )
    return codes


def _named(states: tuple[str, ...], names: Sequence[str]) -> np.ndarray:
    for name in listed("exact", names):
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
        covariates = dict.fromkeys(transitions, listed("covariates", covariates))
    for transition in pairs_of_states("covariates", covariates):
        if transition not in transitions:
            raise EstimateError(
                f"covariates are named for {' to '.join(transition)}",
                "transitions are " + ", ".join(" to ".join(t) for t in transitions),
            )
    named = (listed("covariates", of) for of in covariates.values())
    names = list(dict.fromkeys(name for of in named for name in of))
    for name in names:
        _check_name("covariate", name, tuple(panel.covariates))
    acts = np.ones((len(transitions), 1 + len(names) + len(cuts)), dtype=bool)
    for k, transition in enumerate(transitions):
        acts[k, 1 : 1 + len(names)] = [name in covariates.get(transition, ()) for name in names]
    return names, acts


def _columns(panel: Panel, steps: Links, names: list[str], cuts: tuple[float, ...]) -> Design:
    values = (panel.covariates[name][steps.row] for name in names)
    columns = (*values, *in_period(steps.begin, cuts).T)
    if not columns:
        return Design((), (), np.empty(0), np.empty(0))
    return standardise((*names, *period_names(cuts)), columns)


def _with_intercept(columns: Design, n: int) -> Floats:
    return np.hstack([np.ones((n, 1)), columns.standardised(np.arange(n))])


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
