"""Cox's model and the test of proportional hazards against coxph and cox.zph."""

import numpy as np
import pytest

from osteon.estimate import cox, proportional_hazards

NAMES = ["age", "male", "marker"]


def agree(fit, expected, close):
    ratios = list(fit.hazard_ratios.values())
    close(fit.coefficients, expected["coefficients"])
    close(fit.std_error, expected["std_error"])
    close([fit.log_likelihood_null, fit.log_likelihood], expected["log_likelihood"])
    close(fit.score_test.statistic, expected["score"])
    close(fit.wald_test.statistic, expected["wald"])
    assert (fit.robust_score_test is not None) == fit.robust
    if fit.robust:
        close(fit.robust_score_test.statistic, expected["robust_score"])
    close(fit.likelihood_ratio_test.statistic, expected["likelihood_ratio"])
    close([r.conf_low for r in ratios], expected["conf_low"])
    close([r.conf_high for r in ratios], expected["conf_high"])
    close([r.p_value for r in ratios], expected["p_value"])
    assert (fit.n, fit.events, fit.infinite) == (expected["n"], expected["events"], ())


@pytest.mark.parametrize(
    ("name", "changes", "options"),
    [
        ("efron", {}, {}),
        ("breslow", {}, {"ties": "breslow"}),
        ("right_censored", {"entry": None}, {}),
        ("stratified", {"stratum": "centre"}, {}),
        ("weighted", {"weight": "weight"}, {}),
        ("weighted_breslow", {"weight": "weight"}, {"ties": "breslow"}),
        ("robust", {}, {"robust": True}),
        ("robust_breslow", {}, {"robust": True, "ties": "breslow"}),
        ("weighted_robust", {"weight": "weight"}, {"robust": True}),
        ("weighted_stratified", {"weight": "weight", "stratum": "centre"}, {}),
        ("cause_2", {}, {"causes": ["second"]}),
    ],
)
def test_coxph(cohort, history_of, expected, close, name, changes, options):
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    agree(cox(history_of(cohort, **changes), NAMES, **options), expected[name], close)


def test_clusters_other_than_subjects(cohort, history_of, expected, close):
    """Three clusters cannot test three coefficients at once: R prints a number all the same."""
    fit = cox(history_of(cohort), NAMES, cluster=cohort["centre"].astype(int))
    nothing = {"wald": np.nan, "robust_score": np.nan}
    agree(fit, expected["by_centre"] | nothing, close)
    assert "3 clusters" in fit.cautions[-1]


@pytest.mark.parametrize(
    ("name", "changes"), [("clustered", {}), ("stratified_robust", {"stratum": "centre"})]
)
def test_start_stop_intervals(start_stop, history_of, expected, close, name, changes):
    changes = {k: start_stop[v] for k, v in changes.items()}
    history = history_of(start_stop, "event", **changes)
    fit = cox(history, ["exposed", "age", "male"], robust=True)
    agree(fit, expected[name], close)
    assert fit.subjects == 110


@pytest.mark.parametrize(
    ("name", "transform", "strata"),
    [
        ("ph_km", "km", None),
        ("ph_identity", "identity", None),
        ("ph_log", "log", None),
        ("ph_rank", "rank", None),
        ("ph_stratified", "km", "centre"),
        ("ph_stratified_rank", "rank", "centre"),
    ],
)
def test_proportional_hazards(cohort, history_of, expected, close, name, transform, strata):
    changes = {} if strata is None else {"stratum": cohort[strata]}
    test = proportional_hazards(cox(history_of(cohort, **changes), NAMES), transform=transform)
    close([t.statistic for t in test.tests.values()], expected[name]["statistic"])
    close([t.df for t in test.tests.values()], expected[name]["df"])
    if strata is None:  # R orders tied deaths, and strata, its own way
        close(test.transformed_time, expected[name]["transformed_time"])
        ours = np.column_stack([test.time, test.residuals])
        theirs = np.column_stack([expected[name]["time"], expected[name]["residuals"]])
        close(ours[np.lexsort(ours.T[::-1].round(7))], theirs[np.lexsort(theirs.T[::-1].round(7))])


@pytest.mark.parametrize(
    ("name", "transform", "changes", "options"),
    [
        ("ph_weighted", "km", {"weight": "weight"}, {}),
        ("ph_weighted_identity", "identity", {"weight": "weight"}, {}),
        ("ph_weighted_breslow", "log", {"weight": "weight"}, {"ties": "breslow"}),
        ("ph_robust", "km", {}, {"robust": True}),
        ("ph_right_censored", "rank", {"entry": None}, {}),
    ],
)
def test_proportional_hazards_with_weights_and_clusters(
    cohort, history_of, expected, close, name, transform, changes, options
):
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    fit = cox(history_of(cohort, **changes), NAMES, **options)
    test = proportional_hazards(fit, transform=transform)
    close([t.statistic for t in test.tests.values()], expected[name]["statistic"])


def test_proportional_hazards_of_start_stop_intervals(start_stop, history_of, expected, close):
    history = history_of(start_stop, "event", stratum=start_stop["centre"])
    test = proportional_hazards(cox(history, ["exposed", "age", "male"]))
    close([t.statistic for t in test.tests.values()], expected["ph_start_stop"]["statistic"])


def test_proportional_hazards_after_breslow(cohort, history_of, expected, close):
    test = proportional_hazards(cox(history_of(cohort), NAMES, ties="breslow"))
    close([t.statistic for t in test.tests.values()], expected["ph_breslow"]["statistic"])


def test_proportional_hazards_of_a_category(cohort, history_of, expected, close):
    levels = {f"group_{i}": cohort["group"] == i for i in (1, 2)}
    history = history_of(cohort, covariates={"age": cohort["age"], **levels})
    fit = cox(history, ["age", *levels])
    test = proportional_hazards(fit, terms={"age": ["age"], "group": list(levels)})
    close([t.statistic for t in test.tests.values()], expected["ph_terms"]["statistic"])
    close([t.df for t in test.tests.values()], expected["ph_terms"]["df"])
