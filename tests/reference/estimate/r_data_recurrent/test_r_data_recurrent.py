"""Repeated events and clusters of cgd, bladder, kidney and retinopathy, read from R."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import cox, event_rates, mean_cumulative, risk_table


@pytest.fixture
def same_fit(close):
    def check(fit, theirs):
        names, likelihoods = list(fit.hazard_ratios), [fit.log_likelihood_null, fit.log_likelihood]
        close(fit.coefficients, theirs["coefficients"], at=names)
        close(np.sqrt(np.diag(fit.covariance)), theirs["std_error"], at=names)
        close(np.sqrt(np.diag(fit.model_covariance)), theirs["naive"], at=names)
        close(likelihoods, theirs["log_likelihood"], at=("null", "fitted"))
        close(fit.wald_test.statistic, theirs["wald"])

    return check


@pytest.fixture
def cgd(r_data):
    rows = r_data("survival", "cgd")

    def history(keep=slice(None), **changes):
        covariates = {"drug": rows["treat"] == 2, "age": rows["age"], "girl": rows["sex"] == 2}
        arguments = {
            "entry": rows["tstart"],
            "exit": rows["tstop"],
            "event": rows["status"],
            "subject": rows["id"],
        } | {name: rows[column] for name, column in changes.items()}
        return History.of(
            **{name: values[keep] for name, values in arguments.items()},
            states=("free", "infection"),
            covariates={name: values[keep] for name, values in covariates.items()},
        )

    return rows, history


def test_mean_number_of_infections(cgd, expected, close):
    rows, history = cgd
    theirs = expected["cgd"]
    for treat, values in zip((1, 2), theirs["mcf"], strict=True):
        curve = mean_cumulative(history(rows["treat"] == treat), "infection")["all"]
        points = curve.at(theirs["days"])
        close(points.estimate, values["estimate"], at=theirs["days"])
        close(points.std_error, values["std_error"], at=theirs["days"])
    by_centre = mean_cumulative(history(), "infection", cluster=rows["center"])["all"]
    points = by_centre.at(theirs["days"])
    close(points.estimate, theirs["centres"]["estimate"], at=theirs["days"])
    close(points.std_error, theirs["centres"]["std_error"], at=theirs["days"])


def test_andersen_gill_of_cgd(cgd, expected, same_fit):
    _, history = cgd
    fit = cox(history(), ["drug", "age", "girl"], robust=True)
    same_fit(fit, expected["cgd"]["andersen_gill"])


def test_conditional_model_of_cgd(cgd, expected, same_fit):
    rows, _ = cgd
    first = rows["enum"] < 4
    history = History.of(
        entry=rows["tstart"][first],
        exit=rows["tstop"][first],
        event=rows["status"][first],
        subject=rows["id"][first],
        stratum=rows["enum"][first] - 1,
        covariates={"drug": (rows["treat"] == 2)[first], "age": rows["age"][first]},
    )
    same_fit(cox(history, ["drug", "age"], robust=True), expected["cgd"]["conditional"])


def test_rates_of_cgd(cgd, expected, close):
    rows, history = cgd
    theirs = expected["cgd"]["rate"]
    for i, arm in enumerate(("placebo", "gamma interferon")):
        table = risk_table(history(rows["treat"] == i + 1))
        close(table.person_time[0, 0], theirs["days"][i], what=arm)
        close(table.events.sum(), theirs["events"][i], what=arm)
        rate = event_rates(table, "infection", per=1)["all"]
        a_day = theirs["events"][i] / theirs["days"][i]
        close(rate.estimate, a_day, what=f"rate.events / rate.days, {arm}")
        of = [f"{arm}, {side}" for side in ("low", "high")]
        close([rate.conf_low, rate.conf_high], theirs["limits"][str(i)], at=of)


def test_wei_lin_weissfeld_of_bladder(r_data, expected, same_fit):
    rows = {
        k: v[r_data("survival", "bladder")["enum"] < 5]
        for k, v in r_data("survival", "bladder").items()
    }
    names = ["rx", "size", "number"]
    history = History.of(
        exit=rows["stop"],
        event=rows["event"],
        stratum=rows["enum"] - 1,
        covariates={name: rows[name] for name in names},
    )
    same_fit(cox(history, names, cluster=rows["id"].astype(int)), expected["bladder"])


def test_clusters_of_kidney(r_data, expected, same_fit):
    rows = r_data("survival", "kidney")
    history = History.of(
        exit=rows["time"],
        event=rows["status"],
        covariates={"age": rows["age"], "female": rows["sex"] - 1},
    )
    same_fit(cox(history, ["age", "female"], cluster=rows["id"].astype(int)), expected["kidney"])


def test_pairs_of_retinopathy(r_data, expected, same_fit):
    rows = r_data("survival", "retinopathy")
    history = History.of(
        exit=rows["futime"],
        event=rows["status"],
        covariates={name: rows[name] for name in ("trt", "age")},
    )
    fit = cox(history, ["trt", "age"], cluster=rows["id"].astype(int), ties="breslow")
    same_fit(fit, expected["retinopathy"])
