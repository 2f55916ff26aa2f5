"""Regressions on R's data sets, as shipped (MIT) by the greenwood and lifelines packages."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    cox,
    deviance_residuals,
    dfbeta,
    fine_gray,
    martingale_residuals,
    predicted_incidence,
    predicted_survival,
    proportional_hazards,
)


def agree(fit, r, close, transform="km", dfbeta_tolerance=1e-8):
    same_fit(fit, r, close)
    close(fit.score_test.statistic, r["score"])
    close(fit.wald_test.statistic, r["wald"])
    close((martingale_residuals(fit) ** 2).sum(), r["martingale_squares"])
    close((deviance_residuals(fit) ** 2).sum(), r["deviance_squares"])
    squares = (dfbeta(fit, by_subject=False) ** 2).sum(axis=0)
    close(squares, r["dfbeta_squares"], at=list(fit.hazard_ratios))
    tests = proportional_hazards(fit, transform=transform).tests
    close([test.statistic for test in tests.values()], r["ph"], at=list(tests))


def predicts(fit, who, times, r, close, **options):
    points = predicted_survival(fit, who, interval="log", **options).at(times)
    close(points.estimate, r["survival"], at=times)
    close(points.std_error, r["survival_std_error"], at=times)
    close(points.conf_low, r["low"], at=times)
    close(points.conf_high, r["high"], at=times)


def same_fit(fit, r, close):
    names, likelihoods = list(fit.hazard_ratios), [fit.log_likelihood_null, fit.log_likelihood]
    close(fit.coefficients, r["coefficients"], at=names)
    close(fit.std_error, r["std_error"], at=names)
    close(likelihoods, r["log_likelihood"], at=("null", "fitted"))


def test_veteran_stratified_by_cell(shipped, expected, close):
    v = shipped("greenwood", "veteran")
    cells, cell = np.unique(v["celltype"].astype(str), return_inverse=True)
    history = History.of(
        exit=v["time"], event=v["status"], stratum=cell, strata=tuple(cells),
        covariates={"trt": v["trt"] - 1, "karno": v["karno"], "age": v["age"]},
    )  # fmt: skip
    fit = cox(history, ["trt", "karno", "age"])
    agree(fit, expected["veteran"], close, "rank")
    who = {"trt": 1, "karno": 60, "age": 58}
    predicts(fit, who, [50, 100, 200], expected["veteran"], close, stratum="squamous")


def test_lung_clustered_by_institution(shipped, expected, close):
    v = shipped("greenwood", "lung")
    known = np.isfinite(v["ph.ecog"].astype(float)) & np.isfinite(v["inst"].astype(float))
    v = {name: column[known].astype(float) for name, column in v.items()}
    names = ["age", "sex", "ph.ecog"]
    history = History.of(
        exit=v["time"], event=v["status"] == 2, covariates={name: v[name] for name in names}
    )
    fit = cox(history, names, cluster=v["inst"].astype(int))
    agree(fit, expected["lung"], close)
    who = {"age": 60, "sex": 2, "ph.ecog": 1}
    predicts(fit, who, [100, 365, 700], expected["lung"], close)
    assert "18 clusters" in fit.cautions[0]


def test_pbc_with_breslows_ties(shipped, expected, close):
    v = {name: column[:312] for name, column in shipped("greenwood", "pbc").items()}
    known = np.isfinite(v["protime"].astype(float))
    history = History.of(
        exit=v["time"][known], event=v["status"][known] == 2,
        covariates={
            "age": v["age"][known], "edema": v["edema"][known],
            **{name: np.log(v[name][known].astype(float)) for name in ("bili", "albumin", "protime")},
        },
    )  # fmt: skip
    fit = cox(history, list(history.covariates), ties="breslow")
    agree(fit, expected["pbc"], close, "log")
    logs = {"bili": np.log(2), "albumin": np.log(3.5), "protime": np.log(10.5)}
    predicts(fit, {"age": 50, "edema": 0, **logs}, [1000, 2000, 3000], expected["pbc"], close)


def test_colon_recurrence_and_death_clustered_by_patient(shipped, expected, close):
    v = shipped("greenwood", "colon")
    rx = v["rx"].astype(str)
    history = History.of(
        exit=v["time"], event=v["status"], stratum=v["etype"] - 1, subject=v["id"],
        covariates={"lev": rx == "Lev", "lev5fu": rx == "Lev+5FU", "age": v["age"]},
    )  # fmt: skip
    fit = cox(history, ["lev", "lev5fu", "age"], robust=True)
    agree(fit, expected["colon"], close, "identity")
    assert fit.subjects == 929


def test_heart_transplant_during_follow_up(shipped, expected, close):
    rows = shipped("lifelines", "heart")
    names = ["age", "surgery", "transplant"]
    history = History.of(
        entry=rows["start"], exit=rows["stop"], event=rows["event"],
        covariates={name: np.asarray(rows[name], dtype=float) for name in names},
    )  # fmt: skip
    fit = cox(history, names)
    agree(fit, expected["heart"], close)
    who = {"age": 5, "surgery": 0, "transplant": 1}
    predicts(fit, who, [50, 200, 500], expected["heart"], close)


@pytest.fixture
def mgus2(shipped):
    v = shipped("greenwood", "mgus2")
    found = v["pstat"] == 1
    return History.of(
        exit=np.where(found, v["ptime"], v["futime"]),
        event=np.where(found, 1, 2 * v["death"]),
        states=("mgus", "pcm", "dead"),
        covariates={"age": v["age"], "male": v["sex"].astype(str) == "M"},
    )


@pytest.mark.parametrize(("name", "cause"), [("mgus2_crr", "pcm"), ("mgus2_crr_death", "dead")])
def test_mgus2_as_crr(mgus2, expected, close, name, cause):
    fit, r = fine_gray(mgus2, ["age", "male"], cause), expected[name]
    same_fit(fit, r, close)
    months = [60, 120, 240]
    points = predicted_incidence(fit, {"age": 70, "male": 1}, months)
    close(points.estimate, r["incidence"], at=months)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_mgus2_as_finegray(mgus2, expected, close, ties):
    r = expected["mgus2_finegray" if ties == "breslow" else "mgus2_finegray_efron"]
    fit = fine_gray(
        mgus2, ["age", "male"], "pcm", convention="finegray", ties=ties, variance="robust"
    )
    close(fit.coefficients, r["coefficients"])
    close(fit.std_error, r["std_error"])
    errors = np.sqrt(np.diag(fit.model_covariance))
    close(errors, r["model_std_error"], at=list(fit.hazard_ratios))
    close([fit.log_likelihood_null, fit.log_likelihood], r["log_likelihood"])
