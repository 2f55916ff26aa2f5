"""Panel-observed Markov models against msm: the likelihood exactly, the maximum as it stops."""

import numpy as np
import pytest

from osteon.estimate import Panel, panel_markov
from osteon.estimate.multi_state.panel import links
from osteon.estimate.multi_state.panel_likelihood import PanelLikelihood

STATES = ("well", "ill", "dead")
FROM_TO = [f"from {state}" for state in STATES], [f"to {state}" for state in STATES]
TRANSITIONS = [("well", "ill"), ("well", "dead"), ("ill", "well"), ("ill", "dead")]
INTENSITIES = [f"{a} to {b}" for a, b in TRANSITIONS]
CODES = [(0, 1), (0, 2), (1, 0), (1, 2)]
MSM = 1e-5  # msm stops by its relative tolerance, not at the top


@pytest.fixture(scope="module")
def visits(panel):
    return of(panel)


def of(panel, rows=slice(None)):
    state = np.where(panel["state"] == 99, -1, panel["state"] - 1)
    return Panel.of(
        subject=panel["id"][rows],
        time=panel["years"][rows],
        state=state[rows],
        states=STATES,
        covariates={name: panel[name][rows] for name in ("treated", "age")},
    )


def stated(visits, covariates=(), cuts=(), exact=True, effects=()):
    """-2 log L and its slope at msm's parameters, in msm's order: intensities, then covariates."""
    steps = links(visits, cuts)
    columns = [
        np.ones(steps.row.size),
        *(visits.covariates[name][steps.row] for name in covariates),
    ]
    period = np.searchsorted(cuts, steps.begin, side="right")
    columns += [(period == k + 1).astype(float) for k in range(len(cuts))]
    free = np.ones((4, len(columns)), dtype=bool)
    dead = np.array([False, False, exact])
    x = np.column_stack(columns)
    likelihood = PanelLikelihood(steps, x, CODES, free, dead, np.array([True, True, False]))
    parameters = np.zeros((len(columns), 4))
    parameters[0] = np.log([0.2, 0.05, 0.1, 0.2])
    if effects:
        parameters[1 : 1 + len(effects)] = effects
    value, gradient = likelihood.evaluate(parameters.T.ravel())
    return -2 * value, gradient.reshape(4, -1).T.ravel()


@pytest.mark.parametrize("name", ["plain", "exact", "covariates", "cuts"])
def test_likelihood_and_slope(panel, visits, expected, close, name):
    arguments = {
        "plain": {"exact": False},
        "exact": {},
        "covariates": {
            "covariates": ("treated", "age"),
            "effects": [[-0.5, 0.1, 0.2, -0.1], [0.1, 0.2, -0.3, 0.05]],
        },
        "cuts": {"cuts": (2.0, 5.0)},
    }[name]
    data = of(panel, panel["state"] != 99) if name == "plain" else visits
    value, gradient = stated(data, **arguments)
    close(value, expected["stated"][name]["minus_2_log_likelihood"])
    close(gradient, expected["stated"][name]["gradient"], at=parameters(gradient))


def parameters(values):
    """What msm's parameters are, in its order."""
    return [*INTENSITIES, *(f"{k}. effect, {x}" for k in (1, 2) for x in INTENSITIES)][
        : values.size
    ]


def in_msm_order(fit):
    std_error = np.zeros(fit.acts.shape)
    std_error[fit.acts] = np.sqrt(np.diag(fit.covariance))
    return fit.coefficients.T.ravel(), std_error.T.ravel()


@pytest.mark.parametrize("name", ["exact", "plain", "covariates", "cuts"])
def test_maximum(panel, visits, expected, close, name):
    options = {
        "exact": {"exact": ["dead"]},
        "plain": {},
        "covariates": {"exact": ["dead"], "covariates": ["treated", "age"]},
        "cuts": {"exact": ["dead"], "cuts": [4]},
    }[name]
    data = of(panel, panel["state"] != 99) if name == "plain" else visits
    fit = panel_markov(data, TRANSITIONS, **options)
    theirs = expected["fitted"][name]
    assert fit.minus_2_log_likelihood <= theirs["minus_2_log_likelihood"] + 1e-9
    close(fit.minus_2_log_likelihood, theirs["minus_2_log_likelihood"])
    estimates, std_error = in_msm_order(fit)
    names = parameters(estimates)
    close(estimates, theirs["estimates"], MSM, at=names, each=True)
    if "std_error" in theirs:
        close(std_error, theirs["std_error"], MSM, at=names, each=True)
    assert fit.decrement < 1e-16


def test_probabilities_and_their_delta_errors(visits, expected, close):
    fit = panel_markov(visits, TRANSITIONS, exact=["dead"])
    probabilities = fit.probabilities(expected["probabilities"]["years"])
    for field in ("estimate", "std_error"):
        ours = [[getattr(e, field) for e in row.values()] for row in probabilities.values()]
        close(ours, expected["probabilities"][field], MSM, at=FROM_TO, each=True)


def test_sojourn_times(visits, expected, close):
    sojourn = panel_markov(visits, TRANSITIONS, exact=["dead"]).sojourn()
    for field, theirs in (("estimate", "estimate"), ("conf_low", "low"), ("conf_high", "high")):
        ours = [getattr(e, field) for e in sojourn.values()]
        close(ours, expected["sojourn"][theirs], MSM, at=list(sojourn), each=True)


def test_a_covariate_pattern(visits, expected, close):
    fit = panel_markov(visits, TRANSITIONS, exact=["dead"], covariates=["treated", "age"])
    theirs, at = expected["with_covariates"], {"treated": 1, "age": 0.5}
    rates = [e.estimate for e in fit.intensities(at).values()]
    close(rates, theirs["intensities"], MSM, at=INTENSITIES, each=True)
    p = [[e.estimate for e in row.values()] for row in fit.probabilities(3, at=at).values()]
    close(p, theirs["p_3"], MSM, at=FROM_TO, each=True)
    sojourn = fit.sojourn(at)
    means = [e.estimate for e in sojourn.values()]
    close(means, theirs["sojourn"], MSM, at=list(sojourn), each=True)


def test_probabilities_across_a_cut(visits, expected, close):
    fit = panel_markov(visits, TRANSITIONS, exact=["dead"], cuts=[4])
    rows = fit.probabilities(7, start=1).values()
    p = [[e.estimate for e in row.values()] for row in rows]
    close(p, expected["piecewise"], MSM, at=FROM_TO, each=True)
