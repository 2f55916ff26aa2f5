"""Rubin's rules against mice and mitml."""

from functools import partial

import numpy as np
import pytest

from osteon.estimate import (
    Estimate,
    cox,
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    pool,
    pool_curves,
    pool_fits,
    pooled_chi_squared,
    pooled_likelihood_ratio,
    pooled_wald,
    risk_table,
)

NAMES = ["age", "marker", "male"]
OPTIMISED = 1e-6


@pytest.fixture
def imputed(cohort, imputations):
    """The five data sets."""
    return [
        cohort | {name: imputations[f"{name}_{i}"] for name in ("age", "marker")}
        for i in range(1, 6)
    ]


@pytest.fixture
def fits(imputed, history_of):
    return lambda names: [cox(history_of(data), names) for data in imputed]


def test_scalars(expected, close):
    for case in expected["scalar"]:
        estimates = [
            Estimate(q, u**0.5, np.nan, np.nan, 0.95, "wald")
            for q, u in zip(case["q"], case["u"], strict=True)
        ]
        pooled = pool(estimates, df_complete=case["df_complete"])
        names = {"within": "within", "between": "between", "total": "total", "df": "df"}
        names |= {"relative_increase": "r", "missing_information": "fmi"}
        same = partial(close, what=f"{len(estimates)} sets, complete df {case['df_complete']:g}")
        for ours, theirs in names.items():
            same(getattr(pooled, ours), case[theirs])
        same(pooled.estimate.estimate, case["mean"])
        same(pooled.estimate.conf_low, case["low"])
        same(pooled.estimate.conf_high, case["high"])
        same(pooled.estimate.p_value, case["p_value"])


def test_cox(fits, expected, close):
    pooled, case = pool_fits(fits(NAMES)), expected["cox"]
    assert pooled.df_complete == case["df_complete"]
    close(pooled.coefficients, case["coefficients"], OPTIMISED, at=NAMES)
    close(np.diag(pooled.within), case["within"], OPTIMISED, at=NAMES)
    close(np.diag(pooled.between), case["between"], OPTIMISED, at=NAMES)
    close(np.diag(pooled.total), case["total"], OPTIMISED, at=NAMES)
    ratios = [pooled.ratios[name] for name in NAMES]
    close([r.df for r in ratios], case["df"], OPTIMISED, at=NAMES)
    close([r.relative_increase for r in ratios], case["r"], OPTIMISED, at=NAMES)
    close([r.missing_information for r in ratios], case["fmi"], OPTIMISED, at=NAMES)
    close([r.estimate.std_error for r in ratios], case["std_error"], OPTIMISED, at=NAMES)
    close([r.estimate.p_value for r in ratios], case["p_value"], OPTIMISED, at=NAMES)
    close([np.log(r.estimate.conf_low) for r in ratios], case["low"], OPTIMISED, at=NAMES)
    close([np.log(r.estimate.conf_high) for r in ratios], case["high"], OPTIMISED, at=NAMES)


D1 = {
    "d1": (NAMES, None, 5),
    "d1_large": (NAMES, np.inf, 5),
    "d1_two": (NAMES[:2], None, 5),
    "d1_two_large": (NAMES[:2], np.inf, 5),
    "d1_few": (NAMES[:2], np.inf, 3),
}


@pytest.mark.parametrize("name", D1)
def test_d1(fits, expected, close, name):
    terms, df_complete, sets = D1[name]
    pooled = pool_fits(fits(NAMES)[:sets], df_complete=df_complete)
    same_test(pooled_wald(pooled, terms), expected[name], close)


def test_d1_as_mice_prints_it(fits, expected, close):
    test = pooled_wald(pool_fits(fits(NAMES)), NAMES[:2])
    ours = [test.statistic, test.df, test.df_error, test.p_value, test.relative_increase]
    names = ("F", "df", "df of the error", "p-value", "relative increase")
    close(ours, expected["d1_mice"], OPTIMISED, at=names)


def test_d2(expected, close):
    for case in expected["d2"]:
        pooled = pooled_chi_squared(case["statistics"], case["df"])
        of = f"{len(case['statistics'])} statistics on {case['df']} df"
        same_test(pooled, case, partial(close, what=of))


def test_d2_of_log_rank_tests(imputed, history_of, expected, close):
    statistics = [
        log_rank(
            risk_table(history_of(d, entry=None, stratum=d["marker"] > 3, strata=("low", "high")))
        ).statistic
        for d in imputed
    ]
    close(statistics, expected["d2"][-1]["statistics"])


D3 = {
    "d3": ["male"],
    "d3_all": None,
    "d3_one": ["marker", "male"],
}


@pytest.mark.parametrize("name", D3)
def test_d3(fits, expected, close, name):
    smaller = D3[name]
    null = None if smaller is None else fits(smaller)
    same_test(pooled_likelihood_ratio(fits(NAMES), null), expected[name], close)


def test_curves(imputed, history_of, expected, close):
    tables = [risk_table(history_of(d, entry=None).where(d["marker"] > 3)) for d in imputed]
    survival = [kaplan_meier(table)["all"] for table in tables]
    incidence = [cumulative_incidence(table)["all"]["first"] for table in tables]
    for curves, name in ((survival, "survival"), (incidence, "incidence")):
        case = expected[name]
        points = pool_curves(curves, case["days"])
        close(points.estimate, case["estimate"], at=case["days"])
        close(points.std_error, case["std_error"], at=case["days"])
        close(points.conf_low, case["low"], at=case["days"])
        close(points.conf_high, case["high"], at=case["days"])


def same_test(test, case, close):
    close(test.statistic, case["statistic"], OPTIMISED)
    close(test.df_error, case["df_error"], OPTIMISED)
    close(test.relative_increase, case["r"], OPTIMISED)
    close(test.p_value, case["p_value"], OPTIMISED)
    assert test.df == case["df"]
