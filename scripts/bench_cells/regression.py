"""Models and tests that need the patients: Cox, Fine-Gray, Gray's test."""

from __future__ import annotations

import numpy as np
from bench_cell import Columns, Work, cell

COX = "Cox, Efron, five covariates"
COX_LATE = "Cox, Efron, five covariates, late entry"
FINE_GRAY = "Fine-Gray, five covariates, with robust errors"
GRAY = "Gray's test of two groups"
NAMES = [f"x{j}" for j in range(1, 6)]


def _covariates(d: Columns) -> dict[str, np.ndarray]:
    return {name: d[name] for name in NAMES}


@cell(COX, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import cox

    exit_, died, covariates = d["exit"], d["event"] > 0, _covariates(d)

    def work() -> float:
        history = History.of(exit=exit_, event=died, covariates=covariates)
        return float(cox(history, NAMES).coefficients[0])

    return work


@cell(COX_LATE, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import cox

    entry, exit_, died, covariates = d["entry"], d["exit"], d["event"] > 0, _covariates(d)

    def work() -> float:
        history = History.of(entry=entry, exit=exit_, event=died, covariates=covariates)
        return float(cox(history, NAMES).coefficients[0])

    return work


def _frame(d: Columns, late: bool = False):
    import pandas as pd

    columns = {"exit": d["exit"].astype(float), "died": d["event"] > 0, **_covariates(d)}
    return pd.DataFrame(columns | ({"entry": d["entry"].astype(float)} if late else {}))


@cell(COX, "lifelines")
def _(d: Columns) -> Work:
    from lifelines import CoxPHFitter

    frame = _frame(d)
    return lambda: float(CoxPHFitter().fit(frame, "exit", "died").params_["x1"])


@cell(COX_LATE, "lifelines")
def _(d: Columns) -> Work:
    from lifelines import CoxPHFitter

    frame = _frame(d, late=True)
    return lambda: float(CoxPHFitter().fit(frame, "exit", "died", entry_col="entry").params_["x1"])


@cell(COX, "scikit-survival (no errors)")
def _(d: Columns) -> Work:
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    y = Surv.from_arrays(d["event"] > 0, d["exit"].astype(float))
    x = np.column_stack([d[name] for name in NAMES])
    return lambda: float(CoxPHSurvivalAnalysis(ties="efron").fit(x, y).coef_[0])


@cell(COX, "statsmodels")
def _(d: Columns) -> Work:
    from statsmodels.duration.hazard_regression import PHReg

    exit_, died = d["exit"].astype(float), (d["event"] > 0).astype(float)
    x = np.column_stack([d[name] for name in NAMES])

    def work() -> float:
        fit = PHReg(exit_, x, status=died, ties="efron").fit()
        return float(fit.params[0]) + 0 * float(fit.bse[0])

    return work


@cell(COX_LATE, "statsmodels")
def _(d: Columns) -> Work:
    from statsmodels.duration.hazard_regression import PHReg

    exit_, died = d["exit"].astype(float), (d["event"] > 0).astype(float)
    x, entry = np.column_stack([d[name] for name in NAMES]), d["entry"].astype(float)

    def work() -> float:
        fit = PHReg(exit_, x, status=died, entry=entry, ties="efron").fit()
        return float(fit.params[0]) + 0 * float(fit.bse[0])

    return work


@cell(FINE_GRAY, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import fine_gray

    exit_, event, covariates = d["exit"], d["event"], _covariates(d)

    def work() -> float:
        history = History.of(
            exit=exit_, event=event, states=("free", "first", "second"), covariates=covariates
        )
        return float(fine_gray(history, NAMES, "first").coefficients[0])

    return work


@cell(FINE_GRAY, "comprisk")
def _(d: Columns) -> Work:
    from comprisk import FineGrayRegression

    exit_, event = d["exit"].astype(float), d["event"].astype(np.int64)
    x = np.column_stack([d[name] for name in NAMES])
    return lambda: float(
        np.ravel(FineGrayRegression(robust_se=True).fit(x, time=exit_, event=event).coef_)[0]
    )


@cell(GRAY, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import gray, risk_table

    exit_, event, group = d["exit"], d["event"], d["group"]

    def work() -> float:
        history = History.of(
            exit=exit_, event=event, stratum=group, states=("free", "first", "second")
        )
        return gray(risk_table(history), cause="first").statistic

    return work


@cell(GRAY, "comprisk")
def _(d: Columns) -> Work:
    from comprisk import gray_test

    exit_, event, group = d["exit"].astype(float), d["event"].astype(np.int64), d["group"]
    return lambda: float(gray_test(exit_, event, group).stat)
