"""Robust variances of multi-state predictions against refits in R, each patient's weight moved."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    multi_state_cox,
    predicted_hazards,
    predicted_length_of_stay,
    predicted_occupation,
)

TRANSITIONS = (("well", "ill"), ("well", "dead"), ("ill", "dead"))
COVARIATES = dict(zip(TRANSITIONS, (["treated", "age"], ["age"], ["age"]), strict=True))
OLD = {"treated": 1, "age": 70}
REFITS = 1e-6
"""What differences of refits can know."""


@pytest.mark.parametrize("by", ["subjects", "centres"])
@pytest.mark.parametrize("name", ["breslow", "weighted", "efron"])
def test_jackknife(multi_state, expected, close, name, by):
    rows = multi_state["forward"] == 1
    columns = {key: values[rows] for key, values in multi_state.items()}
    history = History.of(
        entry=columns["entry"],
        exit=columns["exit"],
        event=np.where(columns["one_way"] > 0, columns["one_way"] - 1, 0),
        from_state=columns["from"] - 1,
        subject=columns["id"],
        weight=None if name == "breslow" else columns["weight"],
        states=("well", "ill", "dead"),
        covariates={key: columns[key] for key in ("treated", "age")},
    )
    model = multi_state_cox(
        history,
        COVARIATES,
        ties="efron" if name == "efron" else "breslow",
        robust=True,
        cluster=None if by == "subjects" else columns["centre"],
    )
    r, times = expected[name], np.array(expected["times"])
    hazards = predicted_hazards(model, OLD)
    at = np.searchsorted(hazards.time, times, side="right") - 1
    squares = np.diagonal(hazards.covariance[at], axis1=1, axis2=2)
    occupied = predicted_occupation(model, OLD).at(times)
    stay = predicted_length_of_stay(model, OLD, times[-1])
    for k, state in enumerate(model.states):
        theirs, errors = np.array(r["estimate"])[:, k], np.array(r[by]["probability"])[:, k]
        close(np.sqrt(squares[:, k]), r[by]["hazard"][k], REFITS, at=times)
        close(occupied[state].estimate, theirs, what=f"P({state})", at=times)
        close(occupied[state].std_error, errors, REFITS, what=f"SE of P({state})", at=times)
        close(stay[state].estimate, r["stay"][k])
        close(stay[state].std_error, r[by]["stay"][k], REFITS)
