import numpy as np
import pytest
from scipy.linalg import expm

from osteon.errors import EstimateError
from osteon.estimate import Panel, panel_markov
from osteon.estimate.multi_state.matrix_exponential import MatrixExponentials
from osteon.estimate.multi_state.panel import UNSEEN, links
from osteon.estimate.multi_state.panel_likelihood import PanelLikelihood

TWO = ("alive", "dead")
THREE = ("well", "ill", "dead")
DIES = [("alive", "dead")]
ONWARD = [("well", "ill"), ("ill", "dead"), ("well", "dead")]


def walk(seed=1, n=60, states=3):
    """Visits of a progressive chain with a covariate."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        x = rng.normal()
        leave = np.cumsum(rng.exponential(2 * np.exp(-0.3 * x), states - 1))
        for t in np.cumsum(rng.choice([0.5, 1.0, 1.5], 6)) - 0.5:
            rows.append((i, t, (leave <= t).sum(), x))
            if rows[-1][2] == states - 1:
                break
    subject, time, state, x = np.array(rows).T
    return {"subject": subject, "time": time, "state": state, "covariates": {"x": x}}


def test_exact_deaths_are_deaths_over_time():
    """Alive at every visit, death on its day: the exponential model, q = 3 deaths in 12 years."""
    panel = Panel.of(
        subject=[0, 0, 1, 1, 1, 2, 2, 3, 3],
        time=[0, 2, 0, 1, 4, 0, 3, 0, 3],
        state=[0, 1, 0, 0, 1, 0, 1, 0, 0],
        states=TWO,
    )
    fit = panel_markov(panel, DIES, exact=["dead"])
    q = fit.intensities()["alive", "dead"]
    assert q.estimate == pytest.approx(3 / 12)
    assert q.std_error == pytest.approx(1 / np.sqrt(3))  # of the log rate
    assert fit.minus_2_log_likelihood == pytest.approx(-2 * (3 * np.log(3 / 12) - 3))
    assert fit.sojourn()["alive"].estimate == pytest.approx(4)
    survival = fit.probabilities(2)["alive"]["alive"]
    assert survival.estimate == pytest.approx(np.exp(-0.5))
    assert survival.std_error == pytest.approx(np.exp(-0.5) * 0.5 / np.sqrt(3))


def test_two_groups_and_two_periods_are_rates():
    """A group's and a period's hazard ratio of exact deaths are ratios of rates."""
    panel = Panel.of(
        subject=np.repeat(np.arange(8), 2),
        time=np.ravel([[0, t] for t in (1, 3, 5, 6, 2, 2, 4, 6)]),
        state=np.ravel([[0, d] for d in (1, 1, 1, 0, 1, 1, 1, 0)]),
        states=TWO,
        covariates={"g": np.repeat([0, 0, 0, 0, 1, 1, 1, 1], 2)},
    )
    fit = panel_markov(panel, DIES, exact=["dead"], covariates=["g"])
    assert fit.hazard_ratios["alive", "dead"]["g"].estimate == pytest.approx((3 / 14) / (3 / 15))
    assert fit.intensities({"g": 0})["alive", "dead"].estimate == pytest.approx(3 / 15)
    cut = panel_markov(panel, DIES, exact=["dead"], cuts=[3])
    early, late = 4 / (1 + 2 + 2 + 5 * 3), 2 / (2 + 1 + 3 + 3)  # a death at the cut is early
    assert cut.intensities({"[3, inf)": 0})["alive", "dead"].estimate == pytest.approx(early)
    assert cut.intensities({"[3, inf)": 1})["alive", "dead"].estimate == pytest.approx(late)
    alive = cut.probabilities(5)["alive"]["alive"].estimate
    assert alive == pytest.approx(np.exp(-3 * early - 2 * late))


def test_known_to_be_alive_counts_as_alive():
    known = {"time": [0, 2, 5, 0, 1, 3], "subject": [0, 0, 0, 1, 1, 1], "states": TWO}
    seen = Panel.of(state=[0, 0, 0, 0, 0, 1], **known)
    unseen = Panel.of(state=[0, UNSEEN, UNSEEN, 0, UNSEEN, 1], **known)
    fits = [panel_markov(panel, DIES, exact=["dead"]) for panel in (seen, unseen)]
    np.testing.assert_allclose(fits[0].coefficients, fits[1].coefficients)
    assert fits[0].minus_2_log_likelihood == pytest.approx(fits[1].minus_2_log_likelihood)


@pytest.mark.parametrize("exact", [(), ("dead",)])
def test_a_cut_that_changes_nothing_changes_no_likelihood(exact):
    """Chapman-Kolmogorov: a cut is a visit at which nothing was seen, not even that one lives."""
    panel = Panel.of(**walk(), states=THREE)
    values = []
    for cuts in ((), (1.2, 2.7), (0.25, 0.5, 3.1)):
        steps = links(panel, cuts)
        likelihood = PanelLikelihood(
            steps,
            np.ones((steps.row.size, 1)),
            [(0, 1), (1, 2)],
            np.ones((2, 1), dtype=bool),
            np.isin(THREE, exact),
            np.array([True, True, False]),
        )
        values.append(likelihood.evaluate(np.log([0.5, 0.8])))
    for value, slope in values[1:]:
        assert value == pytest.approx(values[0][0], rel=1e-12)
        np.testing.assert_allclose(slope, values[0][1], rtol=1e-10)


@pytest.mark.parametrize("options", [{}, {"cuts": [1.5]}, {"covariates": ["x"]}])
def test_slope_is_the_derivative(options):
    panel = Panel.of(**walk(), states=THREE)
    fit = panel_markov(panel, ONWARD[:2], exact=["dead"], **options)
    at = np.random.default_rng(0).normal(-0.5, 0.2, int(fit.acts.sum()))
    _, slope = fit.likelihood.evaluate(at)
    for j, step in enumerate(1e-5 * np.eye(at.size)):
        above, below = (fit.likelihood.evaluate(at + s * step)[0] for s in (1, -1))
        assert slope[j] == pytest.approx((above - below) / 2e-5, abs=1e-5)


def test_equal_eigenvalues_take_the_other_way():
    """A chain with equal rates has no full set of eigenvectors."""
    chain = np.array([[-1.0, 1, 0], [0, -1, 1], [0, 0, 0]])
    both = np.array([chain, [[-1.0, 0.6, 0.4], [0.2, -0.7, 0.5], [0, 0, 0]]])
    group, time = np.array([0, 1, 1]), np.array([0.7, 0.7, 2.0])
    exponentials = MatrixExponentials(both, group, time)
    assert exponentials._by_series.tolist() == [True, False, False]
    for p, g, t in zip(exponentials.probabilities, group, time, strict=True):
        np.testing.assert_allclose(p, expm(both[g] * t), atol=1e-12)
    adjoint = np.random.default_rng(3).normal(size=(3, 3, 3))
    slopes = exponentials.slopes(adjoint)
    for g in (0, 1):
        for i, j in np.ndindex(3, 3):
            moved = [both.copy(), both.copy()]
            moved[0][g, i, j] += 1e-6
            moved[1][g, i, j] -= 1e-6
            values = [
                sum(
                    (a * expm(q[k] * t)).sum() for a, k, t in zip(adjoint, group, time, strict=True)
                )
                for q in moved
            ]
            assert slopes[g, i, j] == pytest.approx((values[0] - values[1]) / 2e-6, abs=1e-7)


def test_a_fast_generator_does_not_overflow():
    """As a search tries one: P01 = Q01 (1 - exp(-2000)) / 2000 has the slope 1 / 2000 by Q01."""
    fast = np.array([[[-2000.0, 2000.0], [0, 0]]])
    exponentials = MatrixExponentials(fast, np.array([0]), np.array([1.0]))
    slopes = exponentials.slopes(np.array([[[0.0, 1.0], [0, 0]]]))
    assert slopes[0, 0, 1] == pytest.approx(1 / 2000)
    assert slopes[0, 0, 0] == pytest.approx(1 / 2000)  # of Q01 (exp(Q00) - 1) / Q00


def test_order_of_visits_and_scale_of_time_do_not_matter():
    columns = walk()
    shuffle = np.random.default_rng(2).permutation(columns["time"].size)
    moved = {k: columns[k][shuffle] for k in ("subject", "time", "state")}
    moved["covariates"] = {"x": columns["covariates"]["x"][shuffle]}
    a = panel_markov(Panel.of(**columns, states=THREE), ONWARD[:2], covariates=["x"])
    b = panel_markov(Panel.of(**moved, states=THREE), ONWARD[:2], covariates=["x"])
    np.testing.assert_allclose(a.coefficients, b.coefficients, atol=1e-9)
    columns["time"] = columns["time"] * 365.25
    c = panel_markov(Panel.of(**columns, states=THREE), ONWARD[:2], covariates=["x"])
    np.testing.assert_allclose(a.coefficients[:, 1], c.coefficients[:, 1], atol=1e-8)
    np.testing.assert_allclose(a.coefficients[:, 0], c.coefficients[:, 0] + np.log(365.25))


def test_a_covariate_on_one_transition_only():
    fit = panel_markov(
        Panel.of(**walk(), states=THREE), ONWARD[:2], covariates={("well", "ill"): ["x"]}
    )
    assert list(fit.hazard_ratios["well", "ill"]) == ["x"]
    assert fit.hazard_ratios["ill", "dead"] == {}
    assert fit.covariance.shape == (3, 3)


def test_links_are_cut_and_chained():
    panel = Panel.of(
        subject=[0, 0, 0, 1, 1], time=[0, 2, 5, 1, 3], state=[0, UNSEEN, 1, 0, 0], states=TWO
    )
    steps = links(panel, (1, 3))
    assert steps.begin.tolist() == [0, 1, 2, 3, 1]
    assert steps.wait.tolist() == [1, 1, 1, 2, 2]
    assert steps.depth.tolist() == [0, 1, 2, 3, 0]
    assert steps.last.tolist() == [False, False, False, True, True]


def test_mistakes():
    panel = Panel.of(**walk(), states=THREE)
    for transitions, options, message in (
        ([], {}, "no transition is allowed"),
        ([("well", "il")], {}, 'no state "il"'),
        ([("well", "ill"), ("well", "ill")], {}, "named twice"),
        (ONWARD[:1], {}, "visits go from ill to dead, well to dead"),
        (ONWARD[:2], {"exact": ["died"]}, 'no state "died"'),
        (ONWARD[:2], {"covariates": ["z"]}, 'no covariate "z"'),
        (ONWARD[:2], {"covariates": {("ill", "well"): ["x"]}}, "named for ill to well"),
        (ONWARD, {}, "likelihood rises for ever, or is flat, along intensity of well to dead"),
    ):
        with pytest.raises(EstimateError, match=message):
            panel_markov(panel, transitions, **options)
    fit = panel_markov(panel, ONWARD[:2])
    with pytest.raises(EstimateError, match='no covariate "x"'):
        fit.intensities({"x": 1})
    with pytest.raises(EstimateError, match="after `start`"):
        fit.probabilities(1, start=2)
    for columns, message in (
        ({"time": [0, 0], "state": [0, 1]}, "same time as the subject's visit before"),
        ({"time": [0, np.nan], "state": [0, 1]}, "not finite"),
        ({"time": [0, 1], "state": [0, 2]}, "state outside"),
        ({"time": [0, 1], "state": [-1, 0]}, "first and their state is unseen"),
        ({"time": [0, 1], "state": [0, 0, 0]}, "one value a visit"),
        ({"time": [0, 1], "state": [0, 0], "possible": ["alve"]}, 'Did you mean "alive"'),
    ):
        with pytest.raises(EstimateError, match=message):
            Panel.of(subject=[0, 0], states=TWO, **columns)
    with pytest.raises(EstimateError, match="no subject has two visits"):
        panel_markov(Panel.of(subject=[0, 1], time=[0, 0], state=[0, 0], states=TWO), DIES)


def test_rates_far_apart_have_a_slope():
    """d exp(-k t) / dk = -t exp(-k t) is 0, and 1 / k off the diagonal: not inf times 0."""
    generators = np.array([[[-5000.0, 5000.0], [0.0, 0.0]]])
    both = MatrixExponentials(generators, np.array([0]), np.array([1.0]))
    adjoint = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    assert both.probabilities[0] == pytest.approx(np.array([[0, 1], [0, 1]]), abs=1e-12)
    assert both.slopes(adjoint)[0] == pytest.approx(np.zeros((2, 2)), abs=1e-3)


def test_rates_and_stays_have_no_p():
    """That a rate is 1 a day is no hypothesis."""
    chain = [("well", "ill"), ("ill", "dead")]
    fit = panel_markov(Panel.of(**walk(), states=THREE), chain, covariates=["x"])
    assert all(np.isnan(rate.p_value) for rate in fit.intensities().values())
    assert all(np.isnan(stay.p_value) for stay in fit.sojourn().values())
    assert fit.hazard_ratios["well", "ill"]["x"].p_value < 1
