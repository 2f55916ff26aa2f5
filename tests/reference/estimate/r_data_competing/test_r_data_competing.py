"""Competing risks of Melanoma, bmt, Paquid and abortion, read from R where it is installed."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    cox,
    cumulative_incidence,
    fine_gray,
    gray,
    kaplan_meier,
    log_rank,
    proportional_hazards,
    risk_table,
    robust_cumulative_incidence,
)

GROUPS = ("ALL", "AML, low risk", "AML, high risk")
CRR = 1e-6  # crr's optimiser stops there on 2,561 people, whatever it is asked
BOTH = ("free", "first", "second")


@pytest.fixture
def same_incidence(close):
    def check(history, times, theirs):
        robust = robust_cumulative_incidence(history)["all"]
        delta = cumulative_incidence(risk_table(history))["all"]
        for cause, values in zip(history.states[1:], theirs["aj"], strict=True):
            for curves in (robust, delta):
                points = curves[cause].at(times)
                close(points.estimate, values["estimate"], what=cause, at=times)
                close(points.std_error, values["std_error"], what=cause, at=times)

    return check


@pytest.fixture
def same_aalen(close):
    def check(history, times, theirs):
        curves = cumulative_incidence(risk_table(history), variance="aalen")["all"]
        points = [curves[cause].at(times) for cause in history.states[1:]]
        of = {"at": (history.states[1:], times), "each": True}
        close([p.estimate for p in points], theirs["estimate"], **of)
        close([p.std_error for p in points], theirs["std_error"], **of)

    return check


@pytest.fixture
def same_fit(close):
    def check(fit, theirs, tolerance=1e-8):
        names, likelihoods = list(fit.hazard_ratios), [fit.log_likelihood_null, fit.log_likelihood]
        close(fit.coefficients, theirs["coefficients"], tolerance, at=names)
        close(np.sqrt(np.diag(fit.covariance)), theirs["std_error"], tolerance, at=names)
        close(likelihoods, theirs["log_likelihood"], at=("null", "fitted"))
        if "ph" in theirs:
            tests = proportional_hazards(fit).tests
            close([t.statistic for t in tests.values()], theirs["ph"], at=list(tests))

    return check


def grouped(history, group):
    return History.of(
        exit=history.exit,
        event=history.columns.event,
        stratum=group.astype(int),
        strata=tuple(str(g) for g in np.unique(group.astype(int))),
        states=history.states,
    )


@pytest.fixture
def melanoma(r_data):
    rows = r_data("MASS", "Melanoma")
    covariates = {"sex": rows["sex"], "thick": np.log(rows["thickness"]), "ulcer": rows["ulcer"]}
    cause = np.array([0, 1, 0, 2])[rows["status"].astype(int)]
    return History.of(exit=rows["time"], event=cause, states=BOTH, covariates=covariates)


def test_incidence_of_melanoma(melanoma, expected, same_incidence, same_aalen):
    theirs = expected["melanoma"]
    same_incidence(melanoma, theirs["days"], theirs)
    same_aalen(melanoma, theirs["days"], theirs["cmprsk"])


@pytest.mark.parametrize("column", ["sex", "ulcer"])
def test_gray_of_melanoma(melanoma, expected, close, column):
    table = risk_table(grouped(melanoma, melanoma.covariates[column]))
    ours = [gray(table, cause=cause).statistic for cause in BOTH[1:]]
    close(ours, expected["melanoma"][f"gray_{column}"], at=("of melanoma", "of other causes"))


def test_log_rank_of_melanoma(melanoma, expected, close):
    by_sex = grouped(melanoma, melanoma.covariates["sex"])
    ulcer = melanoma.covariates["ulcer"]
    apart = [risk_table(by_sex.where(ulcer == u)) for u in (0, 1)]
    died = {"causes": ["first"]}
    close(log_rank(risk_table(by_sex), **died).statistic, expected["melanoma"]["log_rank_sex"])
    close(log_rank(*apart, **died).statistic, expected["melanoma"]["log_rank_ulcer"])


def test_regressions_of_melanoma(melanoma, expected, same_fit):
    names = ["sex", "thick", "ulcer"]
    same_fit(fine_gray(melanoma, names, "first"), expected["melanoma"]["crr"])
    same_fit(cox(melanoma, names, causes=["first"]), expected["melanoma"]["cox"])


@pytest.fixture
def bmt(r_data):
    rows = r_data("KMsurv", "bmt")
    covariates = {"low": rows["group"] == 2, "high": rows["group"] == 3, "z8": rows["z8"]}
    cause = np.where(rows["d2"] == 1, 1, 2 * rows["d3"])
    return rows, History.of(exit=rows["t2"], event=cause, states=BOTH, covariates=covariates)


def test_incidence_of_bmt(bmt, expected, same_incidence, same_aalen):
    theirs = expected["bmt"]
    same_incidence(bmt[1], theirs["days"], theirs)
    same_aalen(bmt[1], theirs["days"], theirs["cmprsk"])


def test_disease_free_survival_of_bmt(bmt, expected, close):
    rows, history = bmt
    table = risk_table(grouped(history, rows["group"] - 1))
    theirs = expected["bmt"]
    curves = kaplan_meier(table, interval="log").values()
    for curve, group, values in zip(curves, GROUPS, theirs["free"], strict=True):
        for field, value in values.items():
            close(getattr(curve.at(theirs["days"]), field), value, what=group, at=theirs["days"])
    apart = [risk_table(grouped(history, rows["group"] - 1).where(rows["z8"] == z)) for z in (0, 1)]
    close(log_rank(table).statistic, theirs["log_rank"])
    close(log_rank(*apart).statistic, theirs["log_rank_fab"])


def test_regressions_of_bmt(bmt, expected, same_fit):
    _, history = bmt
    same_fit(fine_gray(history, ["low", "high"], "first"), expected["bmt"]["crr"])
    same_fit(cox(history, ["low", "high", "z8"]), expected["bmt"]["cox"])


@pytest.fixture
def paquid(r_data):
    rows = r_data("riskRegression", "Paquid")
    covariates = {name: rows[name] for name in ("DSST", "MMSE")}
    time = np.round(rows["time"], 5)  # as make.R does: some differ in the last bit only
    return History.of(exit=time, event=rows["status"], states=BOTH, covariates=covariates)


def test_incidence_of_paquid(paquid, expected, same_incidence):
    same_incidence(paquid, expected["paquid"]["years"], expected["paquid"])


def test_comparisons_of_paquid(paquid, expected, close, same_fit):
    table = risk_table(grouped(paquid, paquid.covariates["MMSE"] < 28))
    ours = [gray(table, cause=cause).statistic for cause in BOTH[1:]]
    close(ours, expected["paquid"]["gray"], at=("of dementia", "of death"))
    same_fit(fine_gray(paquid, ["DSST", "MMSE"], "first"), expected["paquid"]["crr"], CRR)
    same_fit(cox(paquid, ["DSST", "MMSE"], causes=["first"]), expected["paquid"]["cox"])


@pytest.fixture
def abortion(r_data):
    rows = r_data("etm", "abortion")
    return History.of(
        entry=rows["entry"],
        exit=rows["exit"],
        event=rows["cause"],
        stratum=rows["group"],
        strata=("control", "exposed"),
        states=("pregnant", "induced", "born", "lost"),
        covariates={"group": rows["group"]},
    )


def test_late_entry_of_abortion(abortion, expected, close):
    theirs = expected["abortion"]
    curves = cumulative_incidence(risk_table(abortion)).items()
    for (group, by_cause), causes in zip(curves, theirs["groups"], strict=True):
        for (cause, curve), values in zip(by_cause.items(), causes, strict=True):
            points = curve.at(theirs["weeks"])
            of = {"what": f"{group}, {cause}", "at": theirs["weeks"]}
            close(points.estimate, values["estimate"], **of)
            close(points.std_error**2, values["variance"], **of)


def test_cox_of_abortion(abortion, expected, same_fit):
    together = History.of(
        entry=abortion.entry,
        exit=abortion.exit,
        event=abortion.columns.event,
        states=abortion.states,
        covariates=abortion.covariates,
    )
    same_fit(cox(together, ["group"], causes=["induced"]), expected["abortion"]["cox"])
