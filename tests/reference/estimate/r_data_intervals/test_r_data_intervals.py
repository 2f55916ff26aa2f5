"""Interval-censored times of npsurv's breast cosmesis and the simulated ones, against npsurv and survreg."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import accelerated_failure, turnbull

NPMLE = ("alone", "with_chemotherapy")
DISTRIBUTIONS = ("weibull", "exponential", "log-logistic", "log-normal")


@pytest.fixture
def agree(close):
    def check(bounds, theirs):
        """Where npsurv has a mass, and none elsewhere."""
        curve = turnbull(bounds)["all"]
        heavy = curve.mass > 1e-9
        np.testing.assert_array_equal(curve.left[heavy], theirs["left"])
        windows = [f"({a:g}, {b:g}]" for a, b in zip(theirs["left"], theirs["right"], strict=True)]
        close(curve.mass[heavy], theirs["mass"], at=windows)
        close(curve.log_likelihood, theirs["log_likelihood"])

    return check


@pytest.fixture
def cancer(r_data):
    rows = r_data("npsurv", "cancer")
    return rows["L"], rows["R"], rows["group"] == 1


@pytest.mark.parametrize("name", NPMLE)
def test_npmle_of_breast_cosmesis(cancer, expected, agree, name):
    left, right, chemotherapy = cancer
    own = chemotherapy == (name == "with_chemotherapy")
    agree(Bounds.of(left=left[own], right=right[own]), expected[name])


def test_npmle_of_scans(bounds, expected, agree):
    seen = bounds["left"] < bounds["right"]
    agree(Bounds.of(left=bounds["left"][seen], right=bounds["right"][seen]), expected["bounds"])


@pytest.mark.parametrize("group", [0, 1, 2], ids="windows_{}".format)
def test_npmle_of_windows(windows, expected, agree, group):
    own = (windows["left"] < windows["right"]) & (windows["group"] == group)
    theirs = expected[f"windows_{group}"]
    agree(Bounds.of(left=windows["left"][own], right=windows["right"][own]), theirs)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_accelerated_failure_of_breast_cosmesis(cancer, expected, close, distribution):
    left, right, chemotherapy = cancer
    bounds = Bounds.of(left=left, right=right, covariates={"chemotherapy": chemotherapy})
    fit = accelerated_failure(bounds, ["chemotherapy"], distribution=distribution)
    theirs, names = expected["aft"][distribution], ["intercept", "chemotherapy", "log scale"]
    close(fit.coefficients, theirs["coefficients"], 1e-6, at=names)
    close(fit.std_error[: len(theirs["std_error"])], theirs["std_error"], 1e-6, at=names)
    close(np.log(fit.scale), theirs["log_scale"], 1e-6)
    close(fit.log_likelihood, theirs["log_likelihood"])
    close(fit.log_likelihood_null, theirs["log_likelihood_null"])
