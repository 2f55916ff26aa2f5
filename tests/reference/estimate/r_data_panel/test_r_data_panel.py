"""Panel-observed Markov models of msm's own data sets, at the maximum that msm stops at."""

import pytest

from osteon.estimate import Panel, panel_markov

MSM = 1e-4  # msm stops by its relative tolerance, so its parameters are known to half its digits
MODELS = {
    # data set: subject, time, exactly known entries, allowed transitions
    "cav": ("PTNUM", "years", ["4"], "12 14 21 23 24 32 34"),
    "psor": ("ptnum", "months", [], "12 23 34"),
    "aneur": ("ptnum", "age", [], "12 21 23 32 34 43"),
}


@pytest.fixture
def fit_of(r_data):
    def fit(name):
        subject, time, exact, allowed = MODELS[name]
        rows = r_data("msm", name)
        panel = Panel.of(
            subject=rows[subject],
            time=rows[time],
            state=rows["state"] - 1,
            states=("1", "2", "3", "4"),
        )
        return panel_markov(panel, [tuple(pair) for pair in allowed.split()], exact=exact)

    return fit


@pytest.mark.parametrize("name", MODELS)
def test_maximum(name, fit_of, expected, close):
    fit, theirs = fit_of(name), expected[name]
    close(fit.minus_2_log_likelihood, theirs["minus_2_log_likelihood"])
    assert fit.minus_2_log_likelihood <= theirs["minus_2_log_likelihood"] + 1e-8
    rates, sojourn = fit.intensities(), fit.sojourn()
    transitions = [f"{a} to {b}" for a, b in rates]
    ours = [e.estimate for e in rates.values()]
    close(ours, theirs["intensities"], MSM, at=transitions, each=True)
    means = [e.estimate for e in sojourn.values()]
    close(means, theirs["sojourn"], MSM, at=[f"state {state}" for state in sojourn])
    probabilities = fit.probabilities(5)
    ours = [[e.estimate for e in row.values()] for row in probabilities.values()]
    states = [[f"{word} {state}" for state in "1234"] for word in ("from", "to")]
    close(ours, theirs["at_5"], MSM, at=states)


def test_cav_as_the_manual_prints_it(fit_of, printed):
    """What msm's manual prints; R's data (GPL) come from R, or this skips."""
    source = "Jackson, Multi-state modelling with R: the msm package, section on heart transplants"
    assert printed(fit_of("cav").minus_2_log_likelihood, "3968.798", "-2 log likelihood", source)
