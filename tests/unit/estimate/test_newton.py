import numpy as np
import pytest

from osteon.errors import EstimateError
from osteon.estimate.newton import Evaluation, maximise, solve


def quartic(beta):
    """A concave function whose full Newton steps overshoot far from its maximum at 3."""
    z = beta - 3
    return Evaluation(
        -np.log(np.cosh(z)).sum(), -np.tanh(z), np.diag(np.maximum(1 / np.cosh(z) ** 2, 1e-12))
    )


def test_steps_that_overshoot_are_halved():
    best = maximise(quartic, np.array([0.0, 5.0]))
    np.testing.assert_allclose(best.coefficients, [3, 3])
    assert best.decrement <= 1e-16


def test_what_is_not_free_stays():
    best = maximise(quartic, np.array([0.5, 0.0]), free=np.array([False, True]))
    np.testing.assert_allclose(best.coefficients, [0.5, 3])


def test_nothing_free_is_evaluated_where_it_is():
    best = maximise(quartic, np.array([0.5]), free=np.array([False]))
    assert best.last.value == pytest.approx(-np.log(np.cosh(-2.5)))


def test_a_likelihood_that_rises_for_ever_stops_with_a_long_step():
    def logistic(beta):
        p = 1 / (1 + np.exp(-beta))
        return Evaluation(float(np.log(p)[0]), 1 - p, np.diag(p * (1 - p)))

    best = maximise(logistic, np.zeros(1), exhausted=1e-9, runaway=0.01)
    assert best.step[0] > 0.9
    assert best.decrement < 1e-9


def test_no_maximum_is_an_error():
    def up(beta):
        return Evaluation(float(beta[0]), np.ones(1), np.eye(1))

    with pytest.raises(EstimateError, match="no maximum within 20 steps"):
        maximise(up, np.zeros(1), max_steps=20)


def test_singular_information_is_solved_in_its_range():
    np.testing.assert_allclose(solve(np.diag([2.0, 0.0]), np.array([4.0, 0.0])), [2, 0])
    ones = np.ones((2, 2))
    np.testing.assert_allclose(ones @ solve(ones, np.array([2.0, 2.0])), [2, 2])
