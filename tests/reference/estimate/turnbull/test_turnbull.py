"""The Turnbull estimate against EM and Newton steps in R, and against survfit run to the end."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import turnbull

SURVFIT = (
    1e-4  # however tight its rule, on windows of group 2 its EM crawls to a stop before the top
)
CASES = (
    "bounds",
    "windows_0",
    "windows_1",
    "windows_2",
    "alone",
    "with_chemotherapy",
)


@pytest.fixture
def curve_of(request):
    def curve(name):
        data = name.split("_")[0].replace("alone", "cosmesis").replace("with", "cosmesis")
        rows = request.getfixturevalue(data)
        keep = rows["left"] < rows["right"]
        if data == "windows":
            keep &= rows["group"] == int(name[-1])
        if data == "cosmesis":
            keep &= rows["chemotherapy"] == (name == "with_chemotherapy")
        return turnbull(Bounds.of(left=rows["left"][keep], right=rows["right"][keep]))["all"]

    return curve


@pytest.mark.parametrize("name", CASES)
def test_masses(name, curve_of, expected, close):
    curve, theirs = curve_of(name), expected[name]
    np.testing.assert_array_equal(curve.left, theirs["left"])
    np.testing.assert_array_equal(curve.right, theirs["right"])
    windows = [f"({a:g}, {b:g}]" for a, b in zip(curve.left, curve.right, strict=True)]
    close(curve.mass, theirs["mass"], at=windows)
    close(curve.log_likelihood, theirs["log_likelihood"], 1e-12)
    assert curve.certificate <= 1e-9


@pytest.mark.parametrize("name", CASES)
def test_survival_and_quantiles(name, curve_of, expected, close):
    curve, theirs = curve_of(name), expected[name]
    low, high = curve.at(theirs["times"])
    close(low, theirs["low"], at=theirs["times"])
    close(high, theirs["high"], at=theirs["times"])
    close(curve.quantile(0.5), theirs["median"], at=("low", "high"))
    close(curve.quantile(0.25), theirs["quartile"], at=("low", "high"))


@pytest.mark.parametrize("name", CASES)
def test_survfit_run_to_the_end(name, curve_of, expected, close):
    curve = curve_of(name)
    times = curve.right[np.isfinite(curve.right)]
    low, _ = curve.at(times)
    close(low, expected[name]["survfit"], SURVFIT, at=times)
