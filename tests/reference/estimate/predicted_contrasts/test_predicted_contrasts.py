"""Two patients contrasted by one Cox model, against the joint covariance of survfit's two curves.

Of robust fits against the jackknife of them, and riskRegression's influence functions.
"""

import pytest

from osteon.estimate import (
    cox,
    predicted_restricted_mean,
    predicted_restricted_mean_difference,
    predicted_restricted_mean_ratio,
    predicted_survival_difference,
    predicted_survival_ratio,
)

NAMES = ["age", "male", "marker"]
WHO = [{"age": 70, "male": 1, "marker": 2}, {"age": 70, "male": 0, "marker": 1}]
EXPOSED = [{"exposed": 1, "age": 55, "male": 0}, {"exposed": 0, "age": 55, "male": 0}]
AT, HORIZON = (300, 700), 800
DIFFERENCED = 1e-8  # R


def agree(fit, who, r, close, **how):
    gaps, ratios = (
        [contrast(fit, *who, time, **how) for time in AT]
        for contrast in (predicted_survival_difference, predicted_survival_ratio)
    )
    strata = how.pop("stratum", None)
    each = strata if isinstance(strata, tuple) else (strata, strata)
    means = [
        predicted_restricted_mean(fit, patient, HORIZON, stratum=stratum, **how)
        for patient, stratum in zip(who, each, strict=True)
    ]
    how["stratum"] = strata
    gap = predicted_restricted_mean_difference(fit, *who, HORIZON, **how)
    ratio = predicted_restricted_mean_ratio(fit, *who, HORIZON, **how)
    for name, ours in (
        ("difference", gaps),
        ("ratio", ratios),
        ("mean", means),
        ("mean_difference", gap),
        ("mean_ratio", ratio),
    ):
        found = ours if isinstance(ours, list) else [ours]
        of = {
            "difference": [f"day {day}" for day in AT],
            "ratio": [f"day {day}" for day in AT],
            "mean": ("first patient", "second patient"),
        }.get(name, [f"to day {HORIZON}"])
        close([x.estimate for x in found], r[name], at=of)
        close([x.std_error for x in found], r[f"{name}_std_error"], DIFFERENCED, at=of)


MODELS = {
    "efron": ({}, {}),
    "breslow": ({}, {"ties": "breslow"}),
    "right_censored": ({"entry": None}, {}),
    "weighted": ({"weight": "weight"}, {}),
    "robust": ({}, {"robust": True}),
    "robust_breslow": ({}, {"ties": "breslow", "robust": True}),
    "robust_weighted": ({"weight": "weight"}, {"robust": True}),
}


@pytest.mark.parametrize("name", MODELS)
def test_two_patients(cohort, history_of, expected, close, name):
    changes, options = MODELS[name]
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    agree(cox(history_of(cohort, **changes), NAMES, **options), WHO, expected[name], close)


def test_of_clusters(cohort, history_of, expected, close):
    fit = cox(
        history_of(cohort, weight=cohort["weight"]),
        NAMES,
        cluster=cohort["group"] * 10 + cohort["centre"],
    )
    agree(fit, WHO, expected["robust_centre"], close)


STARTED = {
    "started": False,
    "robust_started": True,
}


@pytest.mark.parametrize("name", STARTED)
def test_from_a_later_start(cohort, history_of, expected, close, name):
    robust = STARTED[name]
    fit = cox(history_of(cohort), NAMES, robust=robust)
    agree(fit, WHO, expected[name], close, start=200)


START_STOP = {
    "start_stop": False,
    "robust_start_stop": True,
}


@pytest.mark.parametrize("name", START_STOP)
def test_start_stop(start_stop, history_of, expected, close, name):
    robust = START_STOP[name]
    fit = cox(history_of(start_stop, "event"), ["exposed", "age", "male"], robust=robust)
    agree(fit, EXPOSED, expected[name], close)


STRATA = {
    "one_stratum": ("2", False),
    "two_strata": (("0", "2"), False),
    "robust_strata": (("0", "2"), True),
}


@pytest.mark.parametrize("name", STRATA)
def test_strata(cohort, history_of, expected, close, name):
    stratum, robust = STRATA[name]
    fit = cox(history_of(cohort, stratum=cohort["centre"]), NAMES, robust=robust)
    agree(fit, WHO, expected[name], close, stratum=stratum)


def test_influence_functions_of_risk_regression(cohort, history_of, expected, close):
    exit_ = cohort["exit"] + cohort["id"] / 1000
    fit = cox(history_of(cohort, entry=None, exit=exit_), NAMES, robust=True)
    agree(fit, WHO, expected["untied"], close)
