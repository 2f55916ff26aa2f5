"""Cumulative hazards and survival predicted by Cox's model against survfit.coxph and basehaz."""

import numpy as np
import pytest

from osteon.estimate import baseline_hazard, cox, predicted_survival

NAMES = ["age", "male", "marker"]
WHO = {"age": 70, "male": 1, "marker": 2}
MODELS = {
    "efron": ({}, {}),
    "breslow": ({}, {"ties": "breslow"}),
    "right_censored": ({"entry": None}, {}),
    "weighted": ({"weight": "weight"}, {}),
    "weighted_breslow": ({"weight": "weight"}, {"ties": "breslow"}),
    "robust": ({}, {"robust": True}),
}


def agree(fit, who, stratum, r, close, **way):
    hazard = baseline_hazard(fit, who, stratum=stratum, **way)
    here = np.searchsorted(hazard.time, r["time"], side="right")
    times, started = r["time"], np.asarray(r["hazard"]) > 0
    close(np.append(0, hazard.hazard)[here], r["hazard"], at=times)
    close(np.append(0, hazard.std_error)[here], r["hazard_std_error"], at=times)
    if "baseline" in r:
        close(np.append(0, baseline_hazard(fit).hazard)[here], r["baseline"], at=times)
    for interval, limits in r["limits"].items():
        curve = predicted_survival(fit, who, stratum=stratum, interval=interval, **way)
        points = curve.at(times)
        close(points.estimate, r["survival"], at=times)
        close(points.std_error, r["std_error"], at=times)
        close(points.conf_low, limits["low"], at=times, where=started)
        close(points.conf_high, limits["high"], at=times, where=started)


@pytest.mark.parametrize("name", MODELS)
def test_survfit(cohort, history_of, expected, close, name):
    changes, options = MODELS[name]
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    fit = cox(history_of(cohort, **changes), NAMES, **options)
    agree(fit, WHO, None, expected[name], close)
    curve = predicted_survival(fit, WHO)
    here = np.isin(curve.time, expected[name]["time"])
    for field in ("at_risk", "events", "censored"):
        close(getattr(curve, field)[here], expected[name][field], at=expected[name]["time"])


def test_start_stop(start_stop, history_of, expected, close):
    fit = cox(history_of(start_stop, "event"), ["exposed", "age", "male"])
    agree(fit, {"exposed": 1, "age": 55, "male": 0}, None, expected["start_stop"], close)


@pytest.mark.parametrize("stratum", ["0", "2"])
def test_strata(cohort, history_of, expected, close, stratum):
    fit = cox(history_of(cohort, stratum=cohort["centre"]), NAMES)
    agree(fit, WHO, stratum, expected[f"stratum_{stratum}"], close)


BEGUN = {"exposed": [0, 1, 1], "age": 55, "male": [0, 0, 1]}
RISEN = {"age": 70, "male": 1, "marker": [1, 4]}


COURSES = {
    "efron": {},
    "breslow": {"ties": "breslow"},
    "clustered": {"robust": True},
}


@pytest.mark.parametrize("name", COURSES)
def test_a_course(start_stop, history_of, expected, close, name):
    options = COURSES[name]
    fit = cox(history_of(start_stop, "event"), ["exposed", "age", "male"], **options)
    agree(fit, BEGUN, None, expected["changes"][name], close, changes=[120, 300])


def test_a_course_from_a_later_start(start_stop, history_of, expected, close):
    fit = cox(history_of(start_stop, "event"), ["exposed", "age", "male"])
    agree(fit, BEGUN, None, expected["changes"]["started"], close, changes=[120, 300], start=120)


def test_a_course_in_weighted_and_stratified_models(cohort, history_of, expected, close):
    r = expected["changes"]
    weighted = cox(history_of(cohort, weight=cohort["weight"]), NAMES)
    agree(weighted, RISEN, None, r["weighted"], close, changes=[200])
    stratified = cox(history_of(cohort, stratum=cohort["centre"]), NAMES)
    agree(stratified, RISEN, "1", r["stratum_1"], close, changes=[200])
