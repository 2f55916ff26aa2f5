"""aidssi and ebmt4 of R's mstate, from the files of pymsm (MIT); without it these skip.

pymsm itself needs NumPy below 2; ``pip install --no-deps pymsm`` brings the files.
"""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    cox,
    cumulative_incidence,
    fine_gray,
    gray,
    multi_state_cox,
    risk_table,
    robust_cumulative_incidence,
    state_occupation,
)

CAUSES = ("free", "aids", "si")
STATES = ("tx", "rec", "ae", "both", "rel", "dead")
CRR = 1e-6  # crr's optimiser stops there


@pytest.fixture
def same_fit(close):
    def check(fit, theirs, tolerance=1e-8):
        names, likelihoods = list(fit.hazard_ratios), [fit.log_likelihood_null, fit.log_likelihood]
        close(fit.coefficients, theirs["coefficients"], tolerance, at=names)
        close(np.sqrt(np.diag(fit.covariance)), theirs["std_error"], tolerance, at=names)
        close(likelihoods, theirs["log_likelihood"], tolerance, at=("null", "fitted"))

    return check


@pytest.fixture
def aidssi(shipped):
    rows = shipped("pymsm", "aidssi")
    known = np.isin(rows["ccr5"], ["WW", "WM"])
    mutant = rows["ccr5"][known] == "WM"
    columns = {"exit": rows["time"][known], "event": rows["status"][known], "states": CAUSES}
    apart = History.of(**columns, stratum=mutant, strata=("WW", "WM"))
    return apart, History.of(**columns, covariates={"wm": mutant})


def test_incidence_of_aids(aidssi, expected, close):
    apart, _ = aidssi
    theirs = expected["aidssi"]
    for curves in (robust_cumulative_incidence(apart), cumulative_incidence(risk_table(apart))):
        for by_cause, values in zip(curves.values(), theirs["incidence"], strict=True):
            for cause, value in zip(CAUSES[1:], values, strict=True):
                points = by_cause[cause].at(theirs["years"])
                close(points.estimate, value["estimate"], at=theirs["years"])
                close(points.std_error, value["std_error"], at=theirs["years"])
    tests = [gray(risk_table(apart), cause=cause).statistic for cause in CAUSES[1:]]
    close(tests, theirs["gray"], at=CAUSES[1:])


@pytest.mark.parametrize("cause", CAUSES[1:])
def test_regressions_of_aids(aidssi, expected, same_fit, cause):
    _, history = aidssi
    k = CAUSES[1:].index(cause)
    same_fit(cox(history, ["wm"], causes=[cause]), expected["aidssi"]["cox"][k])
    same_fit(fine_gray(history, ["wm"], cause), expected["aidssi"]["crr"][k], CRR)


@pytest.fixture
def ebmt4(shipped):
    rows = shipped("pymsm", "ebmt_long")
    covariates = {
        "mismatch": rows["match"] == "gender mismatch",
        "prophylaxis": rows["proph"] == "yes",
    }
    keys = np.column_stack([rows["id"], rows["from"]]).astype(int)
    _, first, stay = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    event = np.zeros(first.size, dtype=int)
    moved = rows["status"] == 1
    event[stay.ravel()[moved]] = rows["to"][moved]
    history = History.of(
        subject=rows["id"][first],
        entry=rows["Tstart"][first],
        exit=rows["Tstop"][first],
        from_state=rows["from"][first] - 1,
        event=np.where(event > 0, event - 1, 0),
        states=STATES,
        covariates={name: values[first] for name, values in covariates.items()},
    )
    return rows, covariates, history


def test_state_occupation_of_ebmt4(ebmt4, expected, close):
    theirs = expected["ebmt4"]
    points = state_occupation(ebmt4[2], variance="jackknife")["all"].at(theirs["days"])
    for field in ("estimate", "std_error"):
        ours = np.transpose([getattr(points[state], field) for state in STATES])
        close(ours, theirs[field], at=(theirs["days"], STATES), each=True)


def test_common_coefficients_of_ebmt4(ebmt4, expected, same_fit):
    rows, covariates, _ = ebmt4
    history = History.of(
        entry=rows["Tstart"], exit=rows["Tstop"], event=rows["status"],
        stratum=rows["trans"] - 1, covariates=covariates,
    )  # fmt: skip
    fit = cox(history, list(covariates), ties="breslow")
    same_fit(fit, expected["ebmt4"]["cox"])


def test_transition_specific_cox_of_ebmt4(ebmt4, expected, close):
    _, covariates, history = ebmt4
    model = multi_state_cox(history, list(covariates), ties="breslow")
    theirs = expected["ebmt4"]["by_transition"]
    for transition, values in zip(model.transitions, theirs, strict=True):
        ratios = model.hazard_ratios[transition]
        names = [f"{name}, {' to '.join(transition)}" for name in ratios]
        close(np.log([r.estimate for r in ratios.values()]), values["coefficients"], at=names)
        close([r.std_error for r in ratios.values()], values["std_error"], at=names)
    total = sum(v["log_likelihood"][1] for v in theirs)
    close(model.fit.log_likelihood, total, what="log-likelihood of all transitions")
