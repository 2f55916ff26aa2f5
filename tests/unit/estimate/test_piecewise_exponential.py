import sys

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.errors import EstimateError
from osteon.estimate import piecewise_exponential
from osteon.estimate.interval_censored.piecewise import LogHazards, Pieces

INF = np.inf


def test_scans_at_the_cuts_give_life_table_hazards():
    """4 of 16 convert by day 100, 6 of the 12 others by 200, 1 of 6 by 400."""
    left = [0] * 4 + [100] * 6 + [200] + [400] * 5
    right = [100] * 4 + [200] * 6 + [400] + [INF] * 5
    fit = piecewise_exponential(Bounds.of(left=left, right=right), cuts=[100, 200])
    expected = [-np.log(3 / 4) / 100, np.log(2) / 100, -np.log(5 / 6) / 200]
    np.testing.assert_allclose([h.estimate for h in fit.hazards], expected, rtol=1e-7)
    survival = fit.survival([100, 200, 400])
    np.testing.assert_allclose(survival.estimate, [3 / 4, 3 / 8, 5 / 16], rtol=1e-7)
    # Greenwood's formula of a life table, which is what the information comes to.
    greenwood = survival.estimate * np.sqrt(np.cumsum([4 / (16 * 12), 6 / (12 * 6), 1 / (6 * 5)]))
    np.testing.assert_allclose(survival.std_error, greenwood, rtol=1e-6)
    assert fit.log_likelihood == pytest.approx(
        4 * np.log(1 / 4) + 6 * np.log(3 / 8) + np.log(1 / 16) + 5 * np.log(5 / 16)
    )


def test_exact_times_are_events_over_days_in_each_piece():
    time = np.array([50.0, 80, 150, 180, 190])
    bounds = Bounds.of(
        left=time, right=np.where([1, 0, 1, 1, 0], time, INF), entry=[0, 20, 0, 120, 90]
    )
    fit = piecewise_exponential(bounds, cuts=[100])
    days = [50 + 60 + 100 + 10, 50 + 60 + 90]
    np.testing.assert_allclose([h.estimate for h in fit.hazards], [1 / days[0], 2 / days[1]])
    np.testing.assert_allclose(fit.std_error, [1, 1 / np.sqrt(2)])
    assert all(np.isnan(h.p_value) for h in fit.hazards)  # that a hazard is 1 a day: no hypothesis


def test_an_event_on_a_cut_belongs_to_the_piece_before():
    bounds = Bounds.of(left=[100, 40, 150], right=[100, 40, 150])
    fit = piecewise_exponential(bounds, cuts=[100])
    np.testing.assert_allclose([h.estimate for h in fit.hazards], [2 / 240, 1 / 50])


def test_two_groups_at_one_scan():
    """Complementary log-log of 1/4 and 3/4."""
    bounds = Bounds.of(
        left=[0, 30, 30, 30, 0, 0, 0, 30],
        right=[30, INF, INF, INF, 30, 30, 30, INF],
        covariates={"x": [0] * 4 + [1] * 4},
    )
    fit = piecewise_exponential(bounds, ["x"])
    ratio = fit.hazard_ratios["x"]
    assert ratio.estimate == pytest.approx(np.log(4) / np.log(4 / 3))
    # Var log H = (1 - S) / (4 S (log S)^2) in each group.
    spread = sum((1 - s) / (4 * s * np.log(s) ** 2) for s in (0.75, 0.25))
    assert ratio.std_error == pytest.approx(np.sqrt(spread), rel=1e-6)
    null = 8 * np.log(0.5)
    full = 2 * (np.log(0.25) + 3 * np.log(0.75))
    assert fit.likelihood_ratio_test.statistic == pytest.approx(2 * (full - null), rel=1e-7)
    assert fit.likelihood_ratio_test.df == 1


def test_score_and_information_are_the_derivatives(monkeypatch):
    captured: dict = {}
    module = sys.modules["osteon.estimate.interval_censored.piecewise_exponential"]
    true = module.maximise_anyhow

    def spy(evaluate, start, names, do):
        captured["evaluate"], captured["size"] = evaluate, start.size
        return true(evaluate, start, names, do)

    monkeypatch.setattr(module, "maximise_anyhow", spy)
    rng = np.random.default_rng(1)
    left = rng.integers(0, 200, 40) + 1.0
    right = np.where(rng.random(40) < 0.3, INF, left + rng.integers(0, 100, 40))
    bounds = Bounds.of(
        left=left,
        right=right,
        entry=left // 2,
        weight=1 + rng.random(40),
        covariates={"x": rng.normal(size=40)},
    )
    piecewise_exponential(bounds, ["x"], cuts=[60, 120])
    evaluate, theta = captured["evaluate"], np.array([-5.0, -4.5, -5.2, 0.3])
    here, h = evaluate(theta), 1e-6
    for i, step in enumerate(np.eye(4) * h):
        up, down = evaluate(theta + step), evaluate(theta - step)
        assert here.score[i] == pytest.approx((up.value - down.value) / (2 * h), rel=1e-5, abs=1e-4)
        np.testing.assert_allclose(
            here.information[i], (down.score - up.score) / (2 * h), rtol=1e-5, atol=1e-4
        )


def test_predictions_at_covariates_are_those_of_shifted_ones():
    rng = np.random.default_rng(2)
    left = rng.integers(0, 200, 60) + 0.0
    right = np.where(rng.random(60) < 0.3, INF, left + rng.integers(10, 100, 60))
    x = rng.normal(size=60)
    a = piecewise_exponential(
        Bounds.of(left=left, right=right, covariates={"x": x}), ["x"], cuts=[90]
    )
    b = piecewise_exponential(
        Bounds.of(left=left, right=right, covariates={"x": 3 + 2 * x}), ["x"], cuts=[90]
    )
    p, q = a.survival([50, 150], {"x": 1}), b.survival([50, 150], {"x": 5})
    np.testing.assert_allclose(p.estimate, q.estimate, rtol=1e-7)
    np.testing.assert_allclose(p.std_error, q.std_error, rtol=1e-6)
    np.testing.assert_allclose(
        a.coefficients[:2], b.coefficients[:2] + 3 * b.coefficients[2], rtol=1e-6
    )


def test_a_piece_in_which_nothing_happens_is_refused_by_name():
    bounds = Bounds.of(left=[10, 20, 300, 320], right=[10, 20, 300, INF])
    with pytest.raises(EstimateError, match=r"hazard of day 100 to 200.*join pieces"):
        piecewise_exponential(bounds, cuts=[100, 200])


def test_a_piece_beyond_follow_up_is_refused():
    bounds = Bounds.of(left=[10, 20, 30, 40], right=[10, 20, 30, INF])
    with pytest.raises(EstimateError, match="day 100 to inf"):
        piecewise_exponential(bounds, cuts=[100])


@pytest.mark.parametrize("cuts", [[0], [20, 10], [10, 10], [np.inf], [-1]])
def test_cuts_ascend(cuts):
    with pytest.raises(EstimateError, match="cuts are"):
        Pieces.of(cuts)


def test_pieces():
    pieces = Pieces.of([10, 30])
    np.testing.assert_array_equal(
        pieces.time_in(np.array([5.0, 10, 40])), [[5, 0, 0], [10, 0, 0], [10, 20, 10]]
    )
    assert pieces.piece(np.array([0.0, 10, 10.5, 30, 31])).tolist() == [0, 0, 1, 1, 2]


def test_derivatives_by_the_coefficients_are_the_chain_rule():
    rng = np.random.default_rng(3)
    model = LogHazards(2, (rng.normal(size=(5, 1)), rng.normal(size=(5, 2))))
    jacobian = np.stack(
        [model.pull(np.eye(4).reshape(4, 2, 2), np.full(4, i)) for i in range(5)]
    )  # (n, log hazards, coefficients)
    theta, rows = rng.normal(size=model.size), np.arange(5)
    np.testing.assert_allclose(np.log(model.hazards(theta)).reshape(5, 4), jacobian @ theta)
    diagonal = rng.normal(size=(5, 2, 2))
    expected = np.einsum("nip,ni,niq->pq", jacobian, diagonal.reshape(5, 4), jacobian)
    np.testing.assert_allclose(model.pull_diagonal(diagonal, rows), expected)
    block, piece = rng.normal(size=(5, 2, 2)), np.array([0, 1, 1, 0, 1])
    full = np.zeros((5, 2, 2, 2, 2))
    full[rows, :, piece, :, piece] = block
    expected = np.einsum("nip,nij,njq->pq", jacobian, full.reshape(5, 4, 4), jacobian)
    np.testing.assert_allclose(model.pull_block(block, piece, rows), expected)
