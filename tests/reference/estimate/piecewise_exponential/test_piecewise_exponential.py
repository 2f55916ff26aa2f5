"""Piecewise-exponential hazards against msm, glm and survreg."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import piecewise_exponential

NAMES = ["age", "male"]
PIECES = [f"log hazard of piece {i}" for i in (1, 2, 3)]
OPTIMISED = 1e-6


def bounds_of(windows, **more):
    covariates = {name: windows[name] for name in NAMES}
    return Bounds.of(left=windows["left"], right=windows["right"], covariates=covariates, **more)


COLUMNS = {
    "windows": {"entry": "entry"},
    "from_zero": {},
    "copied": {"entry": "entry", "weight": "copies"},
}


@pytest.mark.parametrize("name", COLUMNS)
def test_msm(name, windows, expected, close):
    columns = COLUMNS[name]
    bounds = bounds_of(windows, **{key: windows[column] for key, column in columns.items()})
    fit = piecewise_exponential(bounds, NAMES, cuts=[150, 300])
    close(fit.log_likelihood, expected[name]["log_likelihood"])
    theirs = expected[name]["coefficients"]
    close(fit.coefficients, theirs, 1e-5, at=[*PIECES, *NAMES])  # msm's BFGS stops there
    close(fit.std_error[3:], expected[name]["effect_error"], 2e-3, at=NAMES)  # numerical in msm


def test_exact_times_are_a_poisson_regression(cohort, expected, close):
    exit_ = cohort["exit"]
    bounds = Bounds.of(
        left=exit_,
        right=np.where(cohort["cause"] == 1, exit_, np.inf),
        entry=cohort["entry"],
        weight=cohort["copies"],
        covariates={name: cohort[name] for name in NAMES},
    )
    fit = piecewise_exponential(bounds, NAMES, cuts=[200, 500])
    close(fit.coefficients, expected["exact"]["coefficients"], at=[*PIECES, *NAMES])
    close(fit.std_error, expected["exact"]["std_error"], at=[*PIECES, *NAMES])


def test_one_piece_is_the_exponential_of_survreg(windows, expected, close):
    fit = piecewise_exponential(bounds_of(windows), NAMES)
    r = expected["one_piece"]
    close(fit.coefficients, r["coefficients"], OPTIMISED, at=["log hazard", *NAMES])
    close(fit.std_error, r["std_error"], OPTIMISED, at=["log hazard", *NAMES])
    close(fit.log_likelihood, r["log_likelihood"])
