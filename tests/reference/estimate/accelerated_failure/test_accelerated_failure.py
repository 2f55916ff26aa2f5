"""Accelerated failure models against survreg, and with late entry against optim."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import accelerated_failure

NAMES = ["age", "male"]
PERSON = {"age": 65, "male": 1}
OPTIMISED = 1e-6


def bounds_of(windows, **more):
    covariates = {name: windows[name] for name in NAMES}
    return Bounds.of(left=windows["left"], right=windows["right"], covariates=covariates, **more)


@pytest.mark.parametrize("weights", ["plain", "weighted"])
@pytest.mark.parametrize("distribution", ["weibull", "exponential", "log-logistic", "log-normal"])
def test_survreg(distribution, weights, windows, expected, close):
    r = expected[weights][distribution]
    weight = windows["copies"] if weights == "weighted" else None
    bounds = bounds_of(windows, weight=weight)
    fit = accelerated_failure(bounds, NAMES, distribution=distribution)
    close(fit.coefficients, r["coefficients"], OPTIMISED, at=["intercept", *NAMES])
    close(np.log(fit.scale), r["log_scale"], OPTIMISED)
    names = ["intercept", *NAMES, "log scale"][: len(r["std_error"])]
    close(fit.std_error[: len(names)], r["std_error"], OPTIMISED, at=names)
    close(fit.log_likelihood, r["log_likelihood"])
    close(fit.log_likelihood_null, r["log_likelihood_null"])
    close(
        fit.likelihood_ratio_test.statistic,
        2 * (r["log_likelihood"] - r["log_likelihood_null"]),
        OPTIMISED,
        what="likelihood-ratio chi-squared, twice the difference",
    )
    quantiles = {p: fit.quantile(p, PERSON) for p in (0.25, 0.5, 0.9)}
    at = [f"p = {p}" for p in quantiles]
    close([np.log(q.estimate) for q in quantiles.values()], r["log_quantile"], OPTIMISED, at=at)
    close([q.std_error for q in quantiles.values()], r["log_quantile_se"], OPTIMISED, at=at)


@pytest.mark.parametrize("distribution", ["weibull", "log-logistic", "log-normal"])
def test_late_entry(distribution, windows, expected, close):
    r = expected["late"][distribution]
    bounds = bounds_of(windows, weight=windows["copies"], entry=windows["entry"])
    fit = accelerated_failure(bounds, NAMES, distribution=distribution)
    close(fit.coefficients, r["coefficients"], OPTIMISED, at=["intercept", *NAMES])
    close(np.log(fit.scale), r["log_scale"], OPTIMISED)
    close(fit.log_likelihood, r["log_likelihood"])
    errors = fit.std_error[1:]
    close(
        errors, r["slope_error"], 1e-4, at=[*NAMES, "log scale"][: len(errors)]
    )  # R's from numerical second derivatives
