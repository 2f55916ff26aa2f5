"""R's lung and heart data, as shipped (MIT) by the lifelines package."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import cox, kaplan_meier, log_rank, proportional_hazards, risk_table


@pytest.fixture
def lung(shipped):
    return shipped("lifelines", "lung")


def history(rows):
    return History.of(
        exit=rows["time"],
        event=rows["status"],
        stratum=rows["sex"] - 1,
        strata=("men", "women"),
    )


def test_survival_of_lung_at_a_year(lung, expected, close):
    curves = kaplan_meier(risk_table(history(lung)))
    for i, (sex, curve) in enumerate(curves.items()):
        points = curve.at(365)
        for name, values in expected["lung"]["km"].items():
            close(getattr(points, name)[0], values[i], what=f"{sex}, day 365")


def test_log_rank_of_lung(lung, expected, close):
    table = risk_table(history(lung))
    ecog = lung["ph.ecog"]
    by_ecog = [
        risk_table(history(lung).where(ecog == status)) for status in np.unique(ecog[ecog >= 0])
    ]
    close(log_rank(table).statistic, expected["lung"]["log_rank"])
    close(log_rank(table, rho=1).statistic, expected["lung"]["rho_1"])
    close(log_rank(*by_ecog).statistic, expected["lung"]["stratified"])


def test_cox_of_lung(lung, expected, close):
    known = {name: column[lung["ph.ecog"] >= 0] for name, column in lung.items()}
    covariates = {name: known[name] for name in ("age", "sex", "ph.ecog")}
    whole = History.of(exit=known["time"], event=known["status"], covariates=covariates)
    fit = cox(whole, list(covariates))
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(fit.coefficients, expected["lung"]["coefficients"], at=list(covariates))
    close(fit.std_error, expected["lung"]["std_error"], at=list(covariates))
    close(likelihoods, expected["lung"]["log_likelihood"], at=("null", "fitted"))
    tests = proportional_hazards(fit).tests
    close([test.statistic for test in tests.values()], expected["lung"]["ph"], at=list(tests))


def test_robust_start_stop_cox_of_heart(shipped, expected, close):
    rows = shipped("lifelines", "heart")
    names = ["age", "surgery", "transplant"]
    whole = History.of(
        entry=rows["start"],
        exit=rows["stop"],
        event=rows["event"],
        subject=rows["id"],
        covariates={name: np.asarray(rows[name], dtype=float) for name in names},
    )
    fit = cox(whole, names, robust=True)
    close(fit.coefficients, expected["heart"]["coefficients"], at=names)
    close(fit.std_error, expected["heart"]["std_error"], at=names)
