import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import cumulative_incidence, illness_death, risk_table
from osteon.estimate.interval_censored.illness_death_likelihood import (
    IllnessDeathLikelihood,
    _langevin,
    _log_sinhc,
)
from osteon.estimate.interval_censored.piecewise import LogHazards, Pieces

INF = np.inf
STATES = ("free", "affected", "dead")


def study(seed, n=300, *, onset=1 / 900, without=1 / 2500, after=1 / 400, effect=0.0, late=0.0):
    """Patients scanned every 5 to 9 months; death has a date, an onset between scans has none."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, n).astype(float)
    ill = rng.exponential(1 / (onset * np.exp(effect * x)))
    dies = rng.exponential(1 / without, n)
    ill = np.where(ill < dies, ill, INF)
    dies = np.where(ill < INF, ill + rng.exponential(1 / after, n), dies)
    entry = rng.uniform(0, late, n) if late else np.zeros(n)
    end = entry + rng.uniform(700, 1500, n)
    exit_, death = np.minimum(dies, end), dies <= end
    scans = entry[:, None] + rng.uniform(150, 270, (n, 12)).cumsum(axis=1)
    seen = scans <= exit_[:, None]
    free = seen & (scans < ill[:, None])
    left = np.where(free, scans, entry[:, None]).max(axis=1)
    right = np.where(seen & ~free, scans, INF).min(axis=1)
    k = (ill > entry) & (dies > entry)
    bounds = Bounds.of(left=left[k], right=right[k], entry=entry[k], covariates={"x": x[k]})
    return bounds, exit_[k], death[k]


def test_known_onsets_are_events_over_days():
    """As in the docstring, with pieces: 0 to 80 and after."""
    known = Bounds.of(left=[50, 100, 150, 200, 60], right=[50, 100, INF, INF, INF])
    fit = illness_death(known, [70, 200, 150, 200, 60], [1, 1, 1, 0, 1], cuts=[80])
    assert all(np.isnan(h.p_value) for of in fit.hazards.values() for h in of)
    free = np.array([50 + 80 + 80 + 80 + 60, 20 + 70 + 120])
    with_ = np.array([20, 100])
    expected = {
        "onset": [1, 1] / free,
        "death without": [1, 1] / free,
        "death with": [1, 1] / with_,
    }
    for name, hazards in expected.items():
        np.testing.assert_allclose([h.estimate for h in fit.hazards[name]], hazards, rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), 1, rtol=1e-7)


def by_quadrature(hazard, pieces, entry, left, right, end, dead):
    """A subject's likelihood, with the onset's day integrated numerically."""

    def total(row, low, high):
        days = pieces.time_in(np.array([high])) - pieces.time_in(np.array([low]))
        return float(hazard[row] @ days[0])

    def at(row, t):
        return hazard[row][pieces.piece(np.array([t]))[0]]

    def density(u):
        stays = np.exp(-total(0, entry, u) - total(1, entry, u) - total(2, u, end))
        return stays * at(0, u) * (at(2, end) if dead else 1)

    high = right if np.isfinite(right) else end
    inner = [c for c in pieces.edges[1:-1] if left < c < high]
    value = quad(density, left, high, points=inner or None, epsabs=1e-14)[0] if left < high else 0
    if not np.isfinite(right):
        stays = np.exp(-total(0, entry, end) - total(1, entry, end))
        value += stays * (at(1, end) if dead else 1)
    return value


def test_the_likelihood_is_the_integral():
    rng = np.random.default_rng(1)
    pieces = Pieces.of([100, 250])
    hazard = np.array([[1.0, 3, 2], [0.5, 0.2, 1], [4, 2, 3.2]]) / 1000
    hazard[2, 1] = hazard[0, 1] + hazard[1, 1]  # where the closed form would divide by 0
    rows = []
    for right in (True, False):
        for dead in (True, False):
            for _ in range(8):
                entry = rng.integers(0, 80)
                left = entry + rng.integers(0, 150)
                high = left + rng.integers(1, 200)
                rows.append(
                    (entry, left, high if right else INF, high + rng.integers(0, 100), dead)
                )
    entry, left, right, end, dead = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    bounds = Bounds.of(left=left, right=right, entry=entry)
    model = LogHazards(3, (np.empty((len(rows), 0)),) * 3)
    likelihood = IllnessDeathLikelihood.of(bounds, end, dead.astype(bool), pieces, model)
    expected = sum(np.log(by_quadrature(hazard, pieces, *row)) for row in rows)
    assert likelihood.evaluate(np.log(hazard).ravel()).value == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("equal", [False, True])
def test_score_and_information_are_the_derivatives(equal):
    bounds, exit_, death = study(2, 40, late=200)
    exact = np.arange(len(bounds)) % 4 == 0
    right = np.where(exact & np.isfinite(bounds.right), bounds.left + 5, bounds.right)
    left = np.where(right == bounds.left + 5, right, bounds.left)
    weight = 1 + np.random.default_rng(0).random(len(bounds))
    bounds = Bounds.of(left=left, right=right, entry=bounds.entry, weight=weight)
    x = np.random.default_rng(1).normal(size=(len(bounds), 2))
    model = LogHazards(2, (x, x[:, :0], x[:, 1:]))
    likelihood = IllnessDeathLikelihood.of(bounds, exit_, death, Pieces.of([400]), model)
    theta = np.array([-6.5, -6.8, -7.6, -7.2, -6.1, -6.3, 0.3, -0.2, 0.4])
    if equal:
        theta[:] = [np.log(0.001), -6.8, np.log(0.001), -7.2, np.log(0.002), -6.3, 0, 0, 0]
    here, h = likelihood.penalised(theta, 0.7), 1e-5
    for i, step in enumerate(np.eye(9) * h):
        up, down = likelihood.penalised(theta + step, 0.7), likelihood.penalised(theta - step, 0.7)
        assert here.score[i] == pytest.approx((up.value - down.value) / (2 * h), rel=1e-6, abs=1e-5)
        np.testing.assert_allclose(
            here.information[i], (down.score - up.score) / (2 * h), rtol=1e-5, atol=1e-5
        )


def test_series_and_closed_forms_meet():
    for y in (1e-4, 0.02):
        near, far = np.array([y * (1 - 1e-9)]), np.array([y * (1 + 1e-9)])
        assert _log_sinhc(near)[0] == pytest.approx(_log_sinhc(far)[0], rel=1e-6, abs=1e-12)
        for a, b in zip(_langevin(near), _langevin(far), strict=True):
            assert a[0] == pytest.approx(b[0], rel=1e-6)
    assert _log_sinhc(np.array([800.0]))[0] == pytest.approx(800 - np.log(1600))
    assert _log_sinhc(np.array([-2.0]))[0] == pytest.approx(np.log(np.sinh(2) / 2))


def test_predictions_are_matrix_exponentials():
    fit = illness_death(*study(3), cuts=[400])
    a, b, c = (np.array([h.estimate for h in fit.hazards[t]]) for t in fit.hazards)

    def generator(k):
        return np.array(
            [[-a[k] - b[k], a[k], 0, b[k]], [0, -c[k], c[k], 0], [0, 0, 0, 0], [0, 0, 0, 0]]
        )

    at_900 = (expm(250 * generator(0)) @ expm(500 * generator(1)))[0]
    seen = {
        of: fit.predict(900, of=of, start=150).estimate[0]
        for of in ("free", "affected", "cumulative incidence", "dead without", "dead", "survival")
    }
    assert seen["free"] == pytest.approx(at_900[0])
    assert seen["affected"] == pytest.approx(at_900[1])
    assert seen["cumulative incidence"] == pytest.approx(at_900[1] + at_900[2])
    assert seen["dead without"] == pytest.approx(at_900[3])
    assert seen["dead"] == pytest.approx(at_900[2] + at_900[3])
    assert seen["survival"] == pytest.approx(at_900[0] + at_900[1])


def test_standard_errors_of_predictions_are_the_delta_method():
    bounds, exit_, death = study(4)
    fit = illness_death(bounds, exit_, death, covariates={"onset": ["x"]}, cuts=[400])
    h, slopes = 1e-5, []
    for step in np.eye(fit._theta.size) * h:
        ends = []
        for sign in (1, -1):
            from dataclasses import replace

            moved = replace(fit, _theta=fit._theta + sign * step)
            ends.append(moved.predict([800], {"x": 1}).estimate[0])
        slopes.append((ends[0] - ends[1]) / (2 * h))
    expected = np.sqrt(np.array(slopes) @ fit._theta_covariance @ np.array(slopes))
    assert fit.predict([800], {"x": 1}).std_error[0] == pytest.approx(expected, rel=1e-6)


def test_a_hazard_ratio_is_per_unit_and_other_transitions_ignore_it():
    bounds, exit_, death = study(5, effect=0.8)
    model = {"onset": ["x"]}
    a = illness_death(bounds, exit_, death, covariates=model)
    scaled = Bounds.of(
        left=bounds.left, right=bounds.right, covariates={"x": 7 + 10 * bounds.covariates["x"]}
    )
    b = illness_death(scaled, exit_, death, covariates=model)
    assert a.coefficients[3] == pytest.approx(10 * b.coefficients[3], rel=1e-6)
    assert a.log_likelihood == pytest.approx(b.log_likelihood)
    assert a.hazard_ratios["death with"] == {}
    p, q = a.predict(600, {"x": 1}), b.predict(600, {"x": 17})
    np.testing.assert_allclose([p.estimate, p.std_error], [q.estimate, q.std_error], rtol=1e-6)
    assert a.likelihood_ratio_test.df == 1
    z = a.coefficients[3] / np.sqrt(a.covariance[3, 3])
    assert a.likelihood_ratio_test.statistic == pytest.approx(z**2, rel=0.1)


def test_weights_are_copies():
    bounds, exit_, death = study(6, 80)
    copies = np.random.default_rng(1).integers(1, 4, len(bounds))
    weighted = Bounds.of(left=bounds.left, right=bounds.right, weight=copies)
    rows = np.repeat(np.arange(len(bounds)), copies)
    a = illness_death(weighted, exit_, death)
    b = illness_death(bounds.where(rows), exit_[rows], death[rows])
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-7)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6)


def test_a_cut_between_equal_pieces_changes_nothing_much():
    """An infinitely strong penalty makes pieces equal: the fit without cuts."""
    bounds, exit_, death = study(7)
    plain = illness_death(bounds, exit_, death)
    smooth = illness_death(bounds, exit_, death, cuts=[300, 600, 900], smoothness=1e7)
    for name in plain.hazards:
        for piece in smooth.hazards[name]:
            assert piece.estimate == pytest.approx(plain.hazards[name][0].estimate, rel=1e-4)
    assert smooth.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-3)
    assert smooth.cross_validated == pytest.approx(plain.cross_validated, abs=0.01)
    assert np.isnan(smooth.likelihood_ratio_test.p_value)


def test_a_penalty_carries_a_piece_in_which_nothing_happens():
    bounds, exit_, death = study(8, 60)
    cuts = [200, 400, 600, 800, 1000, 1450]
    with pytest.raises(EstimateError, match="smoothness"):
        illness_death(bounds, exit_, death, cuts=cuts)
    assert illness_death(bounds, exit_, death, cuts=cuts, smoothness=2.0).smoothness == 2


def naive_incidence(bounds, exit_, death, time):
    """Onset dated at the detecting scan; the incidence with death without detection competing."""
    found = np.isfinite(bounds.right)
    history = History.of(
        exit=np.where(found, bounds.right, exit_),
        event=np.where(found, 1, np.where(death, 2, 0)),
        states=STATES,
    )
    curve = cumulative_incidence(risk_table(history))["all"]["affected"]
    return curve.at([time]).estimate[0]


def test_the_naive_method_is_biased_and_this_is_not():
    """40 studies of 300: true incidence by day 600, limits that hold it, and what the scans show."""
    a, b = 1 / 900, 1 / 2500
    truth = a / (a + b) * (1 - np.exp(-600 * (a + b)))
    model, naive, held = [], [], 0
    for seed in range(40):
        bounds, exit_, death = study(100 + seed)
        found = illness_death(bounds, exit_, death).predict(600)
        model.append(found.estimate[0])
        held += found.conf_low[0] <= truth <= found.conf_high[0]
        naive.append(naive_incidence(bounds, exit_, death, 600))
    error = np.std(model) / np.sqrt(40)
    assert abs(np.mean(model) - truth) < 3 * error
    assert held >= 35  # 95% of 40 is 38, and 34 or fewer has a chance of 1 in 70
    assert np.mean(naive) < truth - 0.08
    assert np.mean(naive) < truth - 10 * np.std(naive) / np.sqrt(40)


def test_late_entry_does_not_bias():
    truth = 1 / 900
    rates = [
        illness_death(*study(300 + seed, 400, late=500)).hazards["onset"][0].estimate
        for seed in range(20)
    ]
    assert abs(np.mean(rates) - truth) < 3.5 * np.std(rates) / np.sqrt(20)


KNOWN = Bounds.of(
    left=[50, 100, 150, 200], right=[50, 100, INF, INF], covariates={"x": [0, 1, 0, 1]}
)
EXIT, DEATH = [100, 200, 150, 200], [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"exit": [10, 200, 150, 200]}, "an exam after `exit`"),
        ({"exit": [100, 99, 150, 200]}, "an exam after `exit`"),
        ({"exit": [100, 200]}, "has shape"),
        ({"smoothness": -1}, "`smoothness`"),
        ({"cuts": [5, 3]}, "cuts are"),
        ({"cuts": [300]}, "do not determine"),
        ({"covariates": {"onsett": ["x"]}}, 'Did you mean "onset"'),
        ({"covariates": {"onset": ["z"]}}, 'no covariate "z"'),
        ({"conf_level": 0}, "conf_level"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(EstimateError, match=message):
        illness_death(KNOWN, **({"exit": EXIT, "death": DEATH} | arguments))


def test_mistakes_of_predictions():
    fit = illness_death(KNOWN, EXIT, DEATH)
    with pytest.raises(EstimateError, match="`of`"):
        fit.predict(10, of="alive")
    with pytest.raises(EstimateError, match="before `start`"):
        fit.predict(10, start=20)
    with pytest.raises(EstimateError, match="x are not in the model"):
        fit.predict(10, {"x": 1})
