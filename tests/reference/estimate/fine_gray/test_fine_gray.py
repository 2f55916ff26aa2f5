"""Fine and Gray's model against cmprsk::crr, and survival::finegray with coxph."""

import numpy as np
import pytest

from osteon.estimate import fine_gray, predicted_incidence

NAMES = ["age", "male", "marker"]
WHO = {"age": 70, "male": 1, "marker": 2}


def agree(fit, r, close, std_error=True):
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(fit.coefficients, r["coefficients"], at=NAMES)
    close(np.sqrt(np.diag(fit.model_covariance)), r["model_std_error"], at=NAMES)
    close(likelihoods, r["log_likelihood"], at=("null", "fitted"))
    if std_error:
        close(fit.std_error, r["std_error"], at=NAMES)


CAUSES = {
    "crr": "first",
    "crr_cause_2": "second",
}


@pytest.mark.parametrize("name", CAUSES)
def test_crr(cohort, history_of, expected, close, name):
    cause = CAUSES[name]
    fit = fine_gray(history_of(cohort, entry=None), NAMES, cause)
    agree(fit, expected[name], close)
    curve, times = predicted_incidence(fit, WHO), expected[name]["time"]
    close(curve.time, times)
    close(curve.estimate, expected[name]["incidence"], at=times)


def test_crr_with_groups_of_censoring(cohort, history_of, expected, close):
    """crr divides by everybody at risk of being censored: the third digit of its errors differs."""
    fit = fine_gray(
        history_of(cohort, entry=None), NAMES, "first", censoring_group=cohort["centre"]
    )
    agree(fit, expected["crr_groups"], close, std_error=False)
    close(fit.std_error, expected["crr_groups"]["std_error"], 2e-3, at=NAMES)
    curve = predicted_incidence(fit, WHO)
    close(curve.estimate, expected["crr_groups"]["incidence"], at=curve.time)


MODELS = {
    "finegray": ({"entry": None}, {}),
    "finegray_efron": ({"entry": None}, {"ties": "efron"}),
    "delayed": ({}, {}),
    "delayed_efron": ({}, {"ties": "efron"}),
    "weighted": ({"weight": "weight"}, {}),
    "strata": ({"stratum": "centre"}, {"censoring_group": "centre", "ties": "efron"}),
}


@pytest.mark.parametrize("name", MODELS)
def test_finegray(cohort, history_of, expected, close, name):
    changes, options = MODELS[name]
    changes, options = (
        {k: cohort.get(v, v) for k, v in given.items()} for given in (changes, options)
    )
    history = history_of(cohort, **changes)
    fit = fine_gray(history, NAMES, "first", convention="finegray", variance="robust", **options)
    r = expected[name]
    agree(fit, r, close)
    points = predicted_incidence(fit, WHO, stratum="1" if "stratum" in changes else None)
    here = np.isin(points.time, r["time"])
    close(points.time[here], r["time"])
    close(points.estimate[here], r["incidence"], at=r["time"])
    errors = points.std_error[here] / (1 - points.estimate[here])
    close(errors, r["hazard_std_error"], at=r["time"])
