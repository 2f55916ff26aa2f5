"""The illness-death model against msm with exact deaths."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import illness_death

CUTS = [300, 700]
COVARIATES = {"onset": ["male", "marker"], "death with": ["male"]}
STATES = ("free", "affected", "dead")
HAZARDS = ("log hazard of onset", "of death when free", "of death when affected")
PIECES = [*HAZARDS, *(f"{piece} piece: step {x}" for piece in ("2nd", "3rd") for x in HAZARDS)]
EFFECTS = [
    f"{x}, {who}"
    for x in ("male", "marker")
    for who in ("onset", "death when free", "death when affected")
]
TOLERANCE = 1e-5  # msm's BFGS stops there
NUMERICAL = 1e-4  # its standard errors come from numerical second derivatives


@pytest.fixture
def fit_of(illness):
    bounds = Bounds.of(
        left=illness["left"],
        right=illness["right"],
        entry=illness["entry"],
        covariates={name: illness[name] for name in ("male", "marker")},
    )
    return lambda **model: illness_death(bounds, illness["exit"], illness["death"], **model)


def as_msm(estimates, effects):
    """msm's order: log hazards of the first piece, then steps to each later one, then effects."""
    log_hazards = estimates[:9].reshape(3, 3)
    steps = log_hazards[:, 1:] - log_hazards[:, :1]
    return np.concatenate([log_hazards[:, 0], steps.T.ravel(), effects])


def test_constant_hazards(fit_of, expected, close):
    fit, r = fit_of(), expected["one"]
    close(fit.log_likelihood, r["log_likelihood"])
    close(fit.coefficients, r["estimates"], TOLERANCE, at=HAZARDS, each=True)
    close(np.sqrt(np.diag(fit.covariance)), r["std_error"], NUMERICAL, at=HAZARDS, each=True)
    ours = [fit.predict(500, of=state).estimate[0] for state in STATES]
    close(ours, expected["one_at_500"], TOLERANCE, at=STATES)


def test_pieces(fit_of, expected, close):
    fit, r = fit_of(cuts=CUTS), expected["pieces"]
    close(fit.log_likelihood, r["log_likelihood"])
    close(as_msm(fit.coefficients, []), r["estimates"], 5 * TOLERANCE, at=PIECES, each=True)
    first_pieces = np.sqrt(np.diag(fit.covariance))[[0, 3, 6]]
    theirs = r["std_error"][:3]
    close(first_pieces, theirs, NUMERICAL, what="pieces.std_error, first piece", at=HAZARDS)
    times = expected["times"]
    ours = [fit.predict(times, of=state).estimate for state in STATES]
    close(ours, expected["pieces_at"], TOLERANCE, at=(STATES, times))


def test_covariates(fit_of, expected, close):
    fit, r = fit_of(cuts=CUTS, covariates=COVARIATES), expected["full"]
    close(fit.log_likelihood, r["log_likelihood"])
    male, marker, male_dies = fit.coefficients[9:]
    effects = [male, 0, male_dies, marker, 0, 0][: len(r["estimates"]) - 9]
    ours, theirs = as_msm(fit.coefficients, effects), r["estimates"]
    close(ours, theirs, 5 * TOLERANCE, at=[*PIECES, *EFFECTS], each=True)
    person = {"male": 1, "marker": -0.5}
    times = expected["times"]
    ours = [fit.predict(times, person, of=state).estimate for state in STATES]
    close(ours, expected["full_at"], TOLERANCE, at=(STATES, times))
