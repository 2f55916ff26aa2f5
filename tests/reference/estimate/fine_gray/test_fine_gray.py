"""Fine and Gray's model against cmprsk::crr, and survival::finegray with coxph."""

import numpy as np
import pytest

from osteon.estimate import fine_gray, predicted_incidence

NAMES = ["age", "male", "marker"]
WHO = {"age": 70, "male": 1, "marker": 2}


def agree(fit, r, close, std_error=True):
    close(fit.coefficients, r["coefficients"])
    close(np.sqrt(np.diag(fit.model_covariance)), r["model_std_error"])
    close([fit.log_likelihood_null, fit.log_likelihood], r["log_likelihood"])
    if std_error:
        close(fit.std_error, r["std_error"])


@pytest.mark.parametrize(("name", "cause"), [("crr", "first"), ("crr_cause_2", "second")])
def test_crr(cohort, history_of, expected, close, name, cause):
    fit = fine_gray(history_of(cohort, entry=None), NAMES, cause)
    agree(fit, expected[name], close)
    close(predicted_incidence(fit, WHO).time, expected[name]["time"])
    close(predicted_incidence(fit, WHO).estimate, expected[name]["incidence"])


def test_crr_with_groups_of_censoring(cohort, history_of, expected, close):
    """crr divides by everybody at risk of being censored: the third digit of its errors differs."""
    fit = fine_gray(
        history_of(cohort, entry=None), NAMES, "first", censoring_group=cohort["centre"]
    )
    agree(fit, expected["crr_groups"], close, std_error=False)
    close(fit.std_error, expected["crr_groups"]["std_error"], 2e-3)
    close(predicted_incidence(fit, WHO).estimate, expected["crr_groups"]["incidence"])


@pytest.mark.parametrize(
    ("name", "changes", "options"),
    [
        ("finegray", {"entry": None}, {}),
        ("finegray_efron", {"entry": None}, {"ties": "efron"}),
        ("delayed", {}, {}),
        ("delayed_efron", {}, {"ties": "efron"}),
        ("weighted", {"weight": "weight"}, {}),
        ("strata", {"stratum": "centre"}, {"censoring_group": "centre", "ties": "efron"}),
    ],
)
def test_finegray(cohort, history_of, expected, close, name, changes, options):
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
    close(points.estimate[here], r["incidence"])
    close(points.std_error[here] / (1 - points.estimate[here]), r["hazard_std_error"])
