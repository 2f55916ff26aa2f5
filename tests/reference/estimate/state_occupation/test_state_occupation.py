"""State occupation, transition probabilities and length of stay against survfit and etm."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    length_of_stay,
    risk_table,
    state_occupation,
    transition_probabilities,
)

WELL = {"well": 1.0}
MIXED = {"well": 0.7, "ill": 0.3}
STATES = ("well", "ill", "dead")
LIMITS = ("estimate", "std_error", "conf_low", "conf_high")


@pytest.fixture(scope="module")
def history(multi_state):
    return of(multi_state)


def of(columns, rows=slice(None), to="to", **changes):
    """Recovery enters "well", so that is not the first state, in which nobody is."""
    return History.of(
        entry=columns["entry"][rows],
        exit=columns["exit"][rows],
        event=columns[to][rows],
        from_state=columns["from"][rows],
        subject=columns["id"][rows],
        states=("nowhere", "well", "ill", "dead"),
        **changes,
    )


def agree(occupied, expected, times, close, names=LIMITS):
    points = occupied.at(times)
    for state, theirs in expected.items():
        for name in names:
            close(getattr(points[state], name), theirs[name], at=times)


INITIAL = {
    "two_way": WELL,
    "mixed": MIXED,
}


@pytest.mark.parametrize("name", INITIAL)
def test_jackknife_of_survfit(history, expected, close, name):
    initial = INITIAL[name]
    occupied = state_occupation(history, initial=initial, variance="jackknife")["all"]
    agree(occupied, expected[name], expected["times"], close)


@pytest.mark.parametrize("interval", ["plain", "log", "logit"])
def test_intervals_of_survfit(history, expected, close, interval):
    occupied = state_occupation(history, initial=WELL, variance="jackknife", interval=interval)[
        "all"
    ]
    agree(occupied, expected[interval], expected["times"], close)


def test_illness_death_of_survfit(multi_state, expected, close):
    history = of(multi_state, multi_state["forward"] == 1, "one_way")
    occupied = state_occupation(history, initial=WELL, variance="jackknife")["all"]
    agree(occupied, expected["one_way"], expected["times"], close)


def test_observed_start_of_survfit(multi_state, expected, close):
    """Without late entry R's risk set at the first event is the one just after day 0."""
    history = of(multi_state, multi_state["late"] == 0)
    occupied = state_occupation(history, initial="observed", variance="jackknife")["all"]
    agree(occupied, expected["observed"], expected["times"], close, LIMITS[:2])
    delta = state_occupation(history, initial="observed")["all"]
    np.testing.assert_allclose(delta.initial_covariance, occupied.initial_covariance)


def test_the_differences_are_the_jackknife_of_survfit(expected, close):
    """The reference for what survfit does not print is made the same way as what it prints."""
    for j, state in enumerate(("well", "ill", "dead")):
        by_differences = [row[j] for row in expected["by_differences"]]
        theirs = expected["two_way"][state]["std_error"]
        close(by_differences, theirs, at=expected["times"])


def test_weights_of_survfit(multi_state, expected, close):
    history = of(multi_state, weight=multi_state["weight"])
    occupied = state_occupation(history, initial=WELL, variance="jackknife")["all"]
    agree(occupied, expected["weighted"], expected["times"], close)


def test_weights_and_observed_start_of_survfit(multi_state, expected, close):
    rows = multi_state["late"] == 0
    history = of(multi_state, rows, weight=multi_state["weight"][rows])
    occupied = state_occupation(history, initial="observed", variance="jackknife")["all"]
    agree(occupied, expected["weighted_observed"], expected["times"], close, LIMITS[:2])


def test_clusters_of_survfit(multi_state, history, expected, close):
    occupied = state_occupation(
        history, initial=WELL, variance="jackknife", cluster=multi_state["centre"]
    )
    agree(occupied["all"], expected["clustered"], expected["times"], close, LIMITS[:2])


def test_a_later_start_in_another_state(history, expected, close):
    occupied = state_occupation(history, start=121, initial={"ill": 1.0}, variance="jackknife")
    agree(occupied["all"], expected["started"], expected["later"], close, LIMITS[:2])


def test_strata_of_survfit(multi_state, expected, close):
    strata = ("treated=0", "treated=1")
    history = of(multi_state, stratum=multi_state["treated"], strata=strata)
    occupied = state_occupation(history, initial=WELL, variance="jackknife")
    for name in strata:
        agree(occupied[name], expected["strata"][name], expected["times"], close)


@pytest.mark.parametrize(("start", "times"), [(0, "times"), (121, "later")])
def test_delta_variance_of_etm(history, expected, close, start, times):
    rows = transition_probabilities(risk_table(history), start=start)["all"]
    for origin, states in expected["etm"][f"from_{start}"].items():
        agree(rows[origin], states, expected[times], close, ("estimate", "std_error"))


STAYS = {
    "two_way": {},
    "one_way": {},
    "mixed": {"initial": MIXED},
    "weighted": {},
    "observed": {"initial": "observed"},
}


@pytest.mark.parametrize("name", STAYS)
def test_length_of_stay_of_survfit(multi_state, expected, close, name):
    options = STAYS[name]
    rows = {"one_way": multi_state["forward"] == 1, "observed": multi_state["late"] == 0}
    weight = {"weight": multi_state["weight"]} if name == "weighted" else {}
    kept = rows.get(name, slice(None))
    history = of(multi_state, kept, "one_way" if name == "one_way" else "to", **weight)
    stay = length_of_stay(history, 600, variance="jackknife", **({"initial": WELL} | options))[
        "all"
    ]
    for field in ("estimate", "std_error"):
        ours = [getattr(stay[state], field) for state in STATES]
        close(ours, expected["stay"][name][field], at=STATES)


def test_delta_variance_of_the_stay_from_first_principles(history, expected, close):
    for theirs in expected["delta_stay"]:
        stay = length_of_stay(risk_table(history), theirs["horizon"], initial=WELL)["all"]
        for field in ("estimate", "std_error"):
            close([getattr(stay[state], field) for state in STATES], theirs[field], at=STATES)


def test_illness_death_of_mgus2(course_of_mgus2, expected, close):
    occupied = state_occupation(course_of_mgus2, variance="jackknife")["all"]
    theirs = expected["mgus2"]
    points = occupied.at(theirs["months"])
    for field in ("estimate", "std_error"):
        ours = np.transpose([getattr(p, field) for p in points.values()])
        close(ours, theirs[field], at=(theirs["months"], list(points)), each=True)
