"""Courses through states: occupation with a robust variance, recurrent events, panels of visits."""

from __future__ import annotations

import numpy as np
from bench_cell import Columns, Work, cell, last_at

OCCUPATION = "State occupation, illness and death, with jackknife variance"
RECURRENT = "Mean cumulative function with robust variance"
PANEL = "Markov model of yearly visits with exact deaths"
PANEL_SIZES = (300, 1_000, 3_000)
VISIT_DAYS = 365


def _course(d: Columns) -> Columns:
    """Every other patient falls ill at ``entry``, and is followed as ill from then on."""
    ill = (d["x3"] == 1) & (d["entry"] > 0)
    first = np.where(ill, d["entry"], d["exit"])
    columns = {
        "subject": (d["id"], d["id"][ill]),
        "entry": (0 * first, first[ill]),
        "exit": (first, d["exit"][ill]),
        "from_state": (0 * first, 1 + 0 * first[ill]),
        "event": (np.where(ill, 1, 2 * (d["event"] > 0)), 2 * (d["event"][ill] > 0)),
    }
    return {name: np.concatenate(parts) for name, parts in columns.items()}


@cell(OCCUPATION, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import state_occupation

    course = _course(d)

    def work() -> float:
        history = History.of(**course, states=("well", "ill", "dead"))
        states = state_occupation(history, variance="jackknife")["all"]
        return last_at(states.time, states.estimate[1])

    return work


@cell(RECURRENT, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import mean_cumulative

    course = {name: column for name, column in _course(d).items() if name != "from_state"}

    def work() -> float:
        history = History.of(**course, states=("alive", "sre", "dead"))
        curve = mean_cumulative(history, "sre", terminal=())["all"]
        return last_at(curve.time, curve.estimate)

    return work


@cell(PANEL, "osteon", PANEL_SIZES)
def _(d: Columns) -> Work:
    from osteon.estimate import Panel, panel_markov

    ill = (d["x3"] == 1) & (d["entry"] > 0)
    visits = (d["exit"] - 1) // VISIT_DAYS + 1  # at 0, 365, ... before the exit
    row = np.repeat(d["id"], visits)
    at = (np.arange(row.size) - np.repeat(np.cumsum(visits) - visits, visits)) * VISIT_DAYS
    columns = {
        "subject": np.concatenate([row, d["id"]]),
        "time": np.concatenate([at, d["exit"]]) / 365.25,
        "state": np.concatenate(
            [1 * (ill[row] & (at >= d["entry"][row])), np.where(d["event"] > 0, 2, 1 * ill)]
        ),
    }
    moves = [("well", "ill"), ("well", "dead"), ("ill", "dead")]

    def work() -> float:
        panel = Panel.of(**columns, states=("well", "ill", "dead"))
        return panel_markov(panel, moves, exact=["dead"]).minus_2_log_likelihood

    return work
