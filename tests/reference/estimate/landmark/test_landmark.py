"""Landmark Aalen-Johansen and the Markov check against survfit, etm and coxph's score test."""

import pytest

from osteon.contracts.history import History
from osteon.estimate import landmark_occupation, markov_test


@pytest.fixture(scope="module")
def history(multi_state):
    return History.of(
        entry=multi_state["entry"],
        exit=multi_state["exit"],
        event=multi_state["to"],
        from_state=multi_state["from"],
        subject=multi_state["id"],
        states=("nowhere", "well", "ill", "dead"),
    )


@pytest.mark.parametrize("variance", ["delta", "jackknife"])
@pytest.mark.parametrize(("state", "landmark"), [("ill", 152), ("well", 101)])
def test_landmark_occupation(history, expected, close, state, landmark, variance):
    occupied = landmark_occupation(history, landmark, state, variance=variance)["all"]
    theirs = expected[f"{state}_{landmark}"][variance]
    points = occupied.at(expected["times"])
    for name, values in theirs.items():
        close(points[name].estimate, values["estimate"], at=expected["times"])
        close(points[name].std_error, values["std_error"], at=expected["times"])


@pytest.mark.parametrize(
    "transition", [("ill", "dead"), ("well", "ill"), ("well", "dead")], ids="_".join
)
def test_score_of_the_state_at_a_landmark(history, expected, close, transition):
    test = markov_test(history, transition, expected["grid"], replicates=9)
    for state, theirs in expected["score"]["_".join(transition)].items():
        ours = test.statistic[test.states.index(state)] ** 2
        close(ours, theirs, 1e-6, at=expected["grid"])
