"""Residuals of Cox's model against residuals.coxph."""

import numpy as np
import pytest

from osteon.estimate import (
    cox,
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)

FIRST = slice(60)  # of each kind; the sums and identities of all are in the unit tests
NAMES = ["age", "male", "marker"]
MODELS = [
    ("efron", {}, {}),
    ("breslow", {}, {"ties": "breslow"}),
    ("weighted", {"weight": "weight"}, {}),
    ("weighted_breslow", {"weight": "weight"}, {"ties": "breslow"}),
    ("stratified", {"stratum": "centre"}, {}),
]


@pytest.fixture(params=MODELS, ids=[name for name, _, _ in MODELS])
def fitted(request, cohort, history_of, expected):
    name, changes, options = request.param
    history = history_of(cohort, **{k: cohort[v] for k, v in changes.items()})
    return cox(history, NAMES, **options), expected[name]


@pytest.fixture
def repeated(start_stop, history_of, expected):
    fit = cox(history_of(start_stop, "event"), ["exposed", "age", "male"])
    return fit, expected["start_stop"]


def test_of_each_interval(fitted, close):
    fit, r = fitted
    close(martingale_residuals(fit)[FIRST], r["martingale"])
    close(deviance_residuals(fit)[FIRST], r["deviance"])
    close(score_residuals(fit)[FIRST], r["score"])
    close(score_residuals(fit, weighted=True)[FIRST], r["score_weighted"])
    close(dfbeta(fit, by_subject=False)[FIRST], r["dfbeta"])
    close(dfbeta(fit, by_subject=False, standardised=True)[FIRST], r["dfbetas"])


def test_schoenfeld(fitted, close):
    fit, r = fitted
    if "schoenfeld" in r:  # R orders strata its own way
        for scaled, name in ((False, "schoenfeld"), (True, "scaled")):
            ours = np.column_stack(schoenfeld_residuals(fit, scaled=scaled))
            close(ours[np.lexsort(ours.T[::-1].round(7))][FIRST], r[name])


def test_of_each_subject(repeated, close):
    fit, r = repeated
    close(martingale_residuals(fit, by_subject=True)[FIRST], r["martingale_subject"])
    close(deviance_residuals(fit, by_subject=True)[FIRST], r["deviance_subject"])
    close(score_residuals(fit, by_subject=True)[FIRST], r["score_subject"])
    close(dfbeta(fit)[FIRST], r["dfbeta_subject"])
    close(martingale_residuals(fit)[FIRST], r["martingale"])
    close(deviance_residuals(fit)[FIRST], r["deviance"])
    close(score_residuals(fit)[FIRST], r["score"])
