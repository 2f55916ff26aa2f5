"""Multi-state Cox models against R's multi-state coxph, survfit and first principles."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    multi_state_cox,
    predicted_hazards,
    predicted_length_of_stay,
    predicted_occupation,
)

STATES = ("well", "ill", "dead")
TRANSITIONS = (("well", "ill"), ("well", "dead"), ("ill", "dead"))
COVARIATES = dict(zip(TRANSITIONS, (["treated", "age"], ["age"], ["age"]), strict=True))
YOUNG, OLD = {"treated": 0, "age": 55}, {"treated": 1, "age": 70}
AT = {"young": YOUNG, "old": OLD}


def of(columns, rows):
    return History.of(
        entry=columns["entry"][rows],
        exit=columns["exit"][rows],
        event=np.where(columns["one_way"][rows] > 0, columns["one_way"][rows] - 1, 0),
        from_state=columns["from"][rows] - 1,
        subject=columns["id"][rows],
        states=STATES,
        covariates={name: columns[name][rows] for name in ("treated", "age")},
    )


@pytest.fixture(scope="module")
def history(multi_state):
    return of(multi_state, multi_state["forward"] == 1)


@pytest.fixture(scope="module")
def breslow(history):
    return multi_state_cox(history, COVARIATES, ties="breslow")


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_coefficients(history, expected, close, ties):
    fit = multi_state_cox(history, COVARIATES, ties=ties).fit
    names = list(fit.hazard_ratios)
    close(fit.coefficients, expected[ties]["coefficients"], at=names)
    close(fit.std_error, expected[ties]["std_error"], at=names)
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(likelihoods, expected[ties]["log_likelihood"], at=("null", "fitted"))


def test_robust_errors_over_subjects(history, expected, close):
    fit = multi_state_cox(history, COVARIATES, ties="breslow", robust=True).fit
    close(fit.std_error, expected["robust"], at=list(fit.hazard_ratios))


def test_shared_baseline_and_common_coefficient(history, expected, close):
    model = multi_state_cox(
        history,
        COVARIATES | {("well", "dead"): ["age"]},
        shared_baselines=[TRANSITIONS[1:]],
        ties="breslow",
    )
    assert list(model.hazard_ratios["ill", "dead"]) == ["age", "baseline"]
    common = {TRANSITIONS[0]: ["treated"], TRANSITIONS[1]: ["age"], TRANSITIONS[2]: ["age"]}
    with_age = History.of(  # age of the first transition under a name of its own
        entry=history.entry,
        exit=history.exit,
        event=np.maximum(history.to_state, 0),
        from_state=history.from_state,
        subject=history.subject,
        states=history.states,
        covariates={**history.covariates, "age at onset": history.covariates["age"]},
    )
    common[TRANSITIONS[0]] = ["treated", "age at onset"]
    fit = multi_state_cox(
        with_age, common, common=["age"], shared_baselines=[TRANSITIONS[1:]], ties="breslow"
    ).fit
    close(fit.coefficients, expected["shared"]["coefficients"], at=list(fit.hazard_ratios))
    close(fit.std_error, expected["shared"]["std_error"], at=list(fit.hazard_ratios))
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(likelihoods, expected["shared"]["log_likelihood"], at=("null", "fitted"))


FORETOLD = {"young": (YOUNG, "well"), "old": (OLD, "well"), "ill": (OLD, "ill")}


@pytest.mark.parametrize("name", FORETOLD)
def test_probabilities_of_survfit(breslow, expected, close, name):
    at, initial = FORETOLD[name]
    occupied = predicted_occupation(breslow, at, initial={initial: 1.0}, factors="exponential")
    for state, points in occupied.at(expected["times"]).items():
        close(points.estimate, expected["probabilities"][name][state], at=expected["times"])


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_hazards_of_survfit(history, expected, close, ties):
    model = multi_state_cox(history, COVARIATES, ties=ties)
    hazards = predicted_hazards(model, YOUNG if ties == "breslow" else OLD)
    at = np.searchsorted(hazards.time, expected["times"], side="right") - 1
    for a, theirs in enumerate(expected["hazards"][ties]):
        close(hazards.cumulative[at, a], theirs["cumulative"], at=expected["times"])
        errors = np.sqrt(hazards.covariance[at, a, a])
        close(errors, theirs["std_error"], at=expected["times"])


@pytest.mark.parametrize("variance", ["delta", "increments"])
@pytest.mark.parametrize("name", ["young", "old"])
def test_variance_from_first_principles(breslow, expected, close, name, variance):
    """R builds the covariance of every increment and sums it up; differences limit it to 1e-7."""
    occupied = predicted_occupation(breslow, AT[name], variance=variance)
    for day, theirs in zip((200, 500, 800), expected["brute"][name], strict=True):
        points, of = occupied.at(day), [f"{state}, day {day}" for state in STATES]
        close([points[x].estimate.item() for x in STATES], theirs["estimate"], at=of)
        close([points[x].std_error.item() for x in STATES], theirs[variance], 1e-7, at=of)


@pytest.mark.parametrize("name", ["young", "old"])
def test_length_of_stay_from_first_principles(breslow, expected, close, name):
    for day, theirs in zip((200, 500, 800), expected["brute"][name], strict=True):
        stay = predicted_length_of_stay(breslow, AT[name], day)
        of = [f"{state}, to day {day}" for state in STATES]
        close([stay[x].estimate for x in STATES], theirs["stay"], at=of)
        close([stay[x].std_error for x in STATES], theirs["stay_error"], 1e-7, at=of)


def test_one_transition_is_cox(history, expected, close):
    """Two states with exponential factors: the curve and error of survfit(coxph)."""
    first = history.where(history.from_state == 0)
    alive = History.of(
        entry=first.entry,
        exit=first.exit,
        event=first.to_state == 2,
        subject=first.subject,
        covariates=first.covariates,
    )
    model = multi_state_cox(alive, ["age"])
    at = {"age": OLD["age"]}
    points = predicted_occupation(model, at, factors="exponential").at(expected["times"])["alive"]
    close(points.estimate, expected["death"]["survival"], at=expected["times"])
    close(points.std_error, expected["death"]["std_error"], at=expected["times"])


def test_clock_reset(multi_state, expected, close):
    starts = multi_state["id"][(multi_state["entry"] == 0) & (multi_state["from"] == 1)]
    rows = np.isin(multi_state["id"], starts) & (multi_state["forward"] == 1)
    model = multi_state_cox(of(multi_state, rows), COVARIATES, clock="reset")
    for transition, theirs in zip(TRANSITIONS, expected["reset"], strict=True):
        ratios = model.hazard_ratios[transition]
        names = [f"{name}, {' to '.join(transition)}" for name in ratios]
        ours = np.log([r.estimate for r in ratios.values()])
        close(ours, theirs["coefficients"], at=names)
        close([r.std_error for r in ratios.values()], theirs["std_error"], at=names)


def test_six_patients_as_mstate_prints_them(printed, note):
    """Every printed digit of probtrans(), whose variance is "increments"."""
    case = tomllib.loads((Path(__file__).parent / "printed.toml").read_text())
    history = History.of(
        subject=[0, 0, 1, 2, 2, 3, 3, 4, 5, 5],
        entry=[0, 1, 0, 0, 6, 0, 6, 0, 0, 9],
        exit=[1, 5, 1, 6, 9, 6, 7, 8, 9, 12],
        from_state=[0, 1, 0, 0, 1, 0, 1, 0, 0, 1],
        event=[1, 2, 2, 1, 2, 1, 2, 2, 1, 2],
        states=("well", "ill", "dead"),
        covariates={"x1": [1, 1, 1, 1, 1, 0, 0, 0, 0, 0], "x2": [6, 6, 5, 4, 4, 3, 3, 2, 1, 1]},
    )
    acting = {("well", "ill"): ["x1"], ("well", "dead"): ["x2"]}
    model = multi_state_cox(history, acting, ties="breslow")
    for name in ("coefficients", "std_error"):
        for ours, text in zip(getattr(model.fit, name), case[name], strict=True):
            assert printed(ours, text, name, case["citation"])
    at = {"x1": 0, "x2": 1}
    for horizon, texts in ((10, case["stay_10"]), (12, case["stay_12"])):
        stay = predicted_length_of_stay(model, at, horizon)
        for (state, e), text in zip(stay.items(), texts, strict=True):
            assert printed(e.estimate, text, f"length of stay to {horizon}, {state}")
    occupied = predicted_occupation(model, at, variance="increments")
    for state, points in occupied.at(case["time"]).items():
        for values, texts in ((points.estimate, state), (points.std_error, f"{state}_error")):
            for value, text, time in zip(values, case[texts], case["time"], strict=True):
                digits = len(text.split(".")[1])
                assert value == pytest.approx(float(text), abs=0.51 * 10**-digits)
                note(f"{texts}, day {time}", text, f"{value:.{digits}f}")
