"""Cox models of every transition of a multi-state history, fitted as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import CENSORED, History
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, listed, pairs_of_states
from osteon.estimate.clusters import clusters_of
from osteon.estimate.intervals import Estimate, check_choice
from osteon.estimate.regression.cox import CoxFit, cox
from osteon.estimate.regression.design_matrix import check_names
from osteon.estimate.shown import percent, shown_ratios

Transition = tuple[str, str]


@dataclass(frozen=True, eq=False)
class MultiStateCox:
    """Transition-specific Cox models.

    Attributes
    ----------
    states : tuple of str
        Names.
    transitions : tuple of (str, str)
        Those modelled.
    hazard_ratios : dict of (str, str) to dict of str to Estimate
        By transition, then by covariate; where transitions share a baseline hazard, "baseline"
        is the ratio of the transition's to that of the first of them.
    fit : CoxFit
        The model of the stacked intervals: one row an interval and transition out of its state.
    columns : dict of (str, str) to dict of str to str
        By transition, the name in ``fit`` of each covariate (and of "baseline").
    baselines : tuple of tuple of (str, str)
        Transitions that share a baseline hazard.
    clock : {"forward", "reset"}
        Time since time zero, or since the state was entered.
    history : History
        What was fitted.
    groups : ndarray of int, shape (rows of ``fit``,)
        Subject, or cluster where clusters were given, of each stacked row, from 0.
    """

    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    hazard_ratios: dict[Transition, dict[str, Estimate]]
    fit: CoxFit
    columns: dict[Transition, dict[str, str]]
    baselines: tuple[tuple[Transition, ...], ...]
    clock: str
    history: History = field(repr=False)
    groups: Integers = field(repr=False)

    def __repr__(self) -> str:
        """Its size and its ratios, and its cautions."""
        facts = [
            f"{self.fit.subjects} subjects",
            f"{self.fit.events} transitions of {len(self.transitions)} kinds",
            f"clock {self.clock}",
            f"hazard ratios ({percent(self.fit.conf_level)})",
        ]
        ratios = {
            f"{' to '.join(transition)}: {name}": ratio
            for transition, named in self.hazard_ratios.items()
            for name, ratio in named.items()
        }
        return shown_ratios("MultiStateCox", facts, ratios, self.fit.cautions)

    def baseline_of(self, transition: Transition) -> int:
        """Index into ``baselines`` of the one a transition has.

        Parameters
        ----------
        transition : (str, str)
            One of ``transitions``.

        Returns
        -------
        int

        Raises
        ------
        EstimateError
            If the model has no such transition.
        """
        check_transition(transition, self.transitions)
        return next(i for i, group in enumerate(self.baselines) if transition in group)


def multi_state_cox(
    history: History,
    covariates: Sequence[str] | Mapping[Transition, Sequence[str]],
    *,
    common: Sequence[str] = (),
    shared_baselines: Sequence[Sequence[Transition]] = (),
    clock: str = "forward",
    ties: str = "efron",
    robust: bool = False,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MultiStateCox:
    """Fit a Cox model to every transition that happens, each with its own baseline hazard.

    Parameters
    ----------
    history : History
        Intervals ``(entry, exit]`` in one state, with covariates that hold during them. Each of
        its strata has its own baseline hazards. Of two transitions on one day, see
        `state_occupation`.
    covariates : sequence of str, or mapping of (str, str) to sequence of str
        Covariates of all transitions, or of each; a transition left out has a baseline only.
    common : sequence of str
        Covariates with one coefficient for all transitions they act on.
    shared_baselines : sequence of sequence of (str, str)
        Transitions whose baseline hazards are proportional, e.g. death with and without illness:
        the ratio becomes a coefficient.
    clock : {"forward", "reset"}
        Time of the hazards: since time zero (Markov), or since the state was entered
        (semi-Markov).
    ties, robust, cluster, conf_level
        As in `cox`; ``robust`` sums over subjects.

    Returns
    -------
    MultiStateCox
        `predicted_occupation` turns it into probabilities.

    Raises
    ------
    EstimateError
        As `cox`; if a transition named never happens; if with "reset" somebody is first seen in
        a later state, so that the time of entering it is not known.

    Notes
    -----
    .. math:: \\alpha_{hj}(t \\mid x) = \\alpha_{hj, 0}(t) \\exp(\\beta_{hj}' x)

    by one partial likelihood with transitions as strata ([1]_; [2]_). R:
    ``coxph(list(Surv(entry, exit, state) ~ 1, 1:2 ~ x, 1:3 ~ x + z), id = , istate = )``; a shared
    baseline is ``1:3 + 2:3 ~ 1 / shared``, a common coefficient ``/ common``; with mstate
    ``msprep``, ``expand.covs`` and ``coxph(... + strata(trans))``.

    References
    ----------
    .. [1] Putter, Fiocco & Geskus (2007), Stat. Med. 26:2389-2430, doi:10.1002/sim.2712.
    .. [2] de Wreede, Fiocco & Putter (2011), J. Stat. Softw. 38(7), doi:10.18637/jss.v038.i07.

    Examples
    --------
    >>> history = History.of(
    ...     subject=[0, 0, 1, 2, 2, 3, 4, 5, 5], entry=[0, 2, 0, 0, 6, 0, 0, 0, 3],
    ...     exit=[2, 5, 3, 6, 9, 4, 9, 3, 7], from_state=[0, 1, 0, 0, 1, 0, 0, 0, 1],
    ...     event=[1, 2, 2, 1, 2, 0, 2, 1, 0], states=("bm", "sre", "dead"),
    ...     covariates={"ki67": [9, 9, 3, 2, 2, 8, 12, 4, 4]},
    ... )
    >>> model = multi_state_cox(history, {("bm", "sre"): ["ki67"]})
    >>> model.transitions
    (('bm', 'sre'), ('bm', 'dead'), ('sre', 'dead'))
    >>> list(model.hazard_ratios["bm", "sre"]), list(model.hazard_ratios["bm", "dead"])
    (['ki67'], [])
    """
    expect(History, history=history)
    check_choice("clock", clock, ("forward", "reset"))
    transitions = _transitions(history)
    if not transitions:
        raise EstimateError("no transition happens", do="look at the attrition")
    acting = _acting(transitions, covariates)
    if listed("common", common):
        check_names(common, {name for names in acting.values() for name in names})
    baselines = _baselines(transitions, shared_baselines)
    since = np.zeros(len(history)) if clock == "forward" else _entered(history)
    stacked, columns, rows = _stack(history, since, transitions, acting, common, baselines)
    groups = None if cluster is None else clusters_of(history, cluster)[rows]
    names = list(stacked.covariates)
    if not names:
        raise EstimateError(
            "no covariate is named", do="use `state_occupation` where no covariate acts"
        )
    fit = cox(stacked, names, ties=ties, robust=robust, cluster=groups, conf_level=conf_level)
    ratios = {
        transition: {
            name: fit.hazard_ratios[column] for name, column in columns[transition].items()
        }
        for transition in transitions
    }
    _, codes = np.unique(stacked.subject if groups is None else groups, return_inverse=True)
    return MultiStateCox(
        history.states, transitions, ratios, fit, columns, baselines, clock, history, codes
    )


def _transitions(history: History) -> tuple[Transition, ...]:
    happened = history.to_state != CENSORED
    codes = zip(
        history.from_state[happened].tolist(), history.to_state[happened].tolist(), strict=True
    )
    return tuple((history.states[a], history.states[b]) for a, b in sorted(set(codes)))


def _acting(
    transitions: tuple[Transition, ...],
    covariates: Sequence[str] | Mapping[Transition, Sequence[str]],
) -> dict[Transition, Sequence[str]]:
    if not isinstance(covariates, Mapping):
        return dict.fromkeys(transitions, listed("covariates", covariates))
    for transition in pairs_of_states("covariates", covariates):
        check_transition(transition, transitions)
    return {
        transition: listed("covariates", covariates.get(transition, ()))
        for transition in transitions
    }


def _baselines(
    transitions: tuple[Transition, ...], shared: Sequence[Sequence[Transition]]
) -> tuple[tuple[Transition, ...], ...]:
    expect(list, tuple, shared_baselines=shared)
    groups = [pairs_of_states("shared_baselines", group) for group in shared]
    named = [transition for group in groups for transition in group]
    for transition in named:
        check_transition(transition, transitions)
    if len(set(named)) < len(named):
        raise EstimateError("a transition is named in two shared baselines, or twice in one")
    alone = [(transition,) for transition in transitions if transition not in named]
    return tuple([*(group for group in groups if group), *alone])


def _stack(
    history: History,
    since: Floats,
    transitions: tuple[Transition, ...],
    acting: Mapping[Transition, Sequence[str]],
    common: Sequence[str],
    baselines: tuple[tuple[Transition, ...], ...],
) -> tuple[History, dict[Transition, dict[str, str]], Integers]:
    """One row an interval and transition out of its state; where each row comes from.

    Time runs from ``since``, shape (n,).
    """
    states = history.states
    origin = [np.flatnonzero(history.from_state == states.index(a)) for a, _ in transitions]
    rows = np.concatenate(origin)
    of = np.repeat(np.arange(len(transitions)), [r.size for r in origin])
    target = np.array([states.index(b) for _, b in transitions])[of]
    columns: dict[Transition, dict[str, str]] = {}
    values: dict[str, Floats] = {}
    for k, transition in enumerate(transitions):
        columns[transition] = {}
        for name in acting[transition]:
            column = name if name in common else f"{name}: {' to '.join(transition)}"
            columns[transition][name] = column
            values.setdefault(column, np.zeros(rows.size))
            values[column][of == k] = _covariate(history, name)[origin[k]]
    group_of = {t: (g, t != group[0]) for g, group in enumerate(baselines) for t in group}
    for k, transition in enumerate(transitions):
        if group_of[transition][1]:
            column = f"baseline: {' to '.join(transition)}"
            columns[transition]["baseline"] = column
            values[column] = (of == k).astype(np.float64)
    baseline = np.array([group_of[transition][0] for transition in transitions])[of]
    stacked = History.of(
        entry=(history.entry - since)[rows],
        exit=(history.exit - since)[rows],
        event=history.to_state[rows] == target,
        weight=history.weight[rows],
        stratum=baseline * len(history.strata) + history.stratum[rows],
        states=("before", "after"),
        strata=tuple(f"{g} {name}" for g in range(len(baselines)) for name in history.strata),
        covariates=values,
    )
    # A subject is at risk of every transition out of its state at once, of two perhaps on one
    # baseline: no course that `History.of` would take.
    return replace(stacked, subject=history.subject[rows]), columns, rows


def _covariate(history: History, name: str) -> Floats:
    if name not in history.covariates:
        raise EstimateError(
            f'there is no covariate "{name}"',
            f"covariates are {', '.join(history.covariates) or 'none'}",
            did_you_mean(name, history.covariates),
        )
    return history.covariates[name]


def _entered(history: History) -> Floats:
    """When the state of each interval was entered, shape (n,)."""
    order = np.lexsort([history.entry, history.subject])
    subject, entry = history.subject[order], history.entry[order]
    exit_, state = history.exit[order], history.from_state[order]
    joined = np.zeros(order.size, dtype=bool)  # goes on from the row before, without a gap
    joined[1:] = (subject[1:] == subject[:-1]) & (entry[1:] == exit_[:-1])
    stays = joined.copy()
    stays[1:] &= state[1:] == state[:-1]
    unknown = ~joined & (state != 0)
    if unknown.any():
        raise EstimateError(
            f"{int(unknown.sum())} subjects are first seen, or seen again, in a later state",
            "with the clock reset the time of entering the state is needed",
            'leave them out, or use `clock="forward"`',
        )
    began = np.where(joined, entry, 0.0)  # the first state is entered at time zero
    latest = np.maximum.accumulate(np.where(stays, 0, np.arange(order.size)))
    since = np.empty(order.size)
    since[order] = began[latest]
    return since


def check_transition(transition: Transition, transitions: tuple[Transition, ...]) -> None:
    """Refuse a transition that is not one of the model's."""
    if transition not in transitions:
        raise EstimateError(
            f"nobody goes from {' to '.join(transition)}",
            "transitions are " + ", ".join(" to ".join(t) for t in transitions),
            "leave it out of the model",
        )
