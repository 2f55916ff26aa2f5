"""R's lung and heart data, as shipped (MIT) by the lifelines package."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import cox, kaplan_meier, log_rank, proportional_hazards, risk_table


@pytest.fixture(scope="module")
def lung():
    datasets = pytest.importorskip("lifelines.datasets")
    return datasets.load_lung()


def history(rows, **changes):
    return History.of(
        exit=rows["time"],
        event=rows["status"],
        stratum=rows["sex"] - 1,
        strata=("men", "women"),
        **changes,
    )


def test_survival_of_lung_at_a_year(lung, expected, close):
    curves = kaplan_meier(risk_table(history(lung)))
    for i, curve in enumerate(curves.values()):
        points = curve.at(365)
        for name, values in expected["lung"]["km"].items():
            close(getattr(points, name)[0], values[i])


def test_log_rank_of_lung(lung, expected, close):
    table = risk_table(history(lung))
    known = lung[lung["ph.ecog"].notna()]
    by_ecog = [risk_table(history(rows)) for _, rows in known.groupby("ph.ecog")]
    close(log_rank(table).statistic, expected["lung"]["log_rank"])
    close(log_rank(table, rho=1).statistic, expected["lung"]["rho_1"])
    close(log_rank(*by_ecog).statistic, expected["lung"]["stratified"])


def test_cox_of_lung(lung, expected, close):
    known = lung[lung["ph.ecog"].notna()]
    covariates = {name: known[name].to_numpy(float) for name in ("age", "sex", "ph.ecog")}
    whole = History.of(exit=known["time"], event=known["status"], covariates=covariates)
    fit = cox(whole, list(covariates))
    close(fit.coefficients, expected["lung"]["coefficients"])
    close(fit.std_error, expected["lung"]["std_error"])
    close([fit.log_likelihood_null, fit.log_likelihood], expected["lung"]["log_likelihood"])
    tests = proportional_hazards(fit).tests.values()
    close([test.statistic for test in tests], expected["lung"]["ph"])


def test_robust_start_stop_cox_of_heart(expected, close):
    datasets = pytest.importorskip("lifelines.datasets")
    rows = datasets.load_stanford_heart_transplants()
    names = ["age", "surgery", "transplant"]
    whole = History.of(
        entry=rows["start"],
        exit=rows["stop"],
        event=rows["event"],
        subject=rows["id"],
        covariates={name: np.asarray(rows[name], dtype=float) for name in names},
    )
    fit = cox(whole, names, robust=True)
    close(fit.coefficients, expected["heart"]["coefficients"])
    close(fit.std_error, expected["heart"]["std_error"])
