"""The Turnbull estimate against 400,000 steps of EM in R, and against survfit."""

import numpy as np
import pytest

from osteon.contracts.history import Bounds
from osteon.estimate import turnbull


@pytest.fixture
def curve(bounds):
    return turnbull(Bounds.of(**bounds))["all"]


def test_the_slow_way_arrives_at_the_same_masses(curve, expected, close):
    np.testing.assert_array_equal(curve.left, expected["left"])
    np.testing.assert_array_equal(curve.right, expected["right"])
    close(curve.mass, expected["mass"], 1e-6)
    close(curve.log_likelihood, expected["log_likelihood"], 1e-12)
    assert curve.certificate <= 1e-9


def test_survfit_lies_between_our_bounds(curve, expected):
    low, high = curve.at(expected["survfit_time"])
    survival = np.array(expected["survfit_surv"])
    assert (low - 5e-3 <= survival).all()  # survfit stops short of the maximum
    assert (survival <= high + 5e-3).all()
