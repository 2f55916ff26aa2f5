"""Cox's model and the test of proportional hazards against coxph and cox.zph."""

import numpy as np
import pytest

from osteon.estimate import cox, proportional_hazards

NAMES = ["age", "male", "marker"]


def agree(fit, expected, close, together=True):
    names, ratios = list(fit.hazard_ratios), list(fit.hazard_ratios.values())
    likelihoods = [fit.log_likelihood_null, fit.log_likelihood]
    close(fit.coefficients, expected["coefficients"], at=names)
    close(fit.std_error, expected["std_error"], at=names)
    close(likelihoods, expected["log_likelihood"], at=("null", "fitted"))
    close(fit.score_test.statistic, expected["score"])
    assert (fit.robust_score_test is not None) == fit.robust
    if together:
        close(fit.wald_test.statistic, expected["wald"])
    if together and fit.robust:
        close(fit.robust_score_test.statistic, expected["robust_score"])
    close(fit.likelihood_ratio_test.statistic, expected["likelihood_ratio"])
    for field in ("conf_low", "conf_high", "p_value"):
        close([getattr(r, field) for r in ratios], expected[field], at=names)
    assert (fit.n, fit.events, fit.infinite) == (expected["n"], expected["events"], ())


MODELS = {
    "efron": ({}, {}),
    "breslow": ({}, {"ties": "breslow"}),
    "right_censored": ({"entry": None}, {}),
    "stratified": ({"stratum": "centre"}, {}),
    "weighted": ({"weight": "weight"}, {}),
    "weighted_breslow": ({"weight": "weight"}, {"ties": "breslow"}),
    "robust": ({}, {"robust": True}),
    "robust_breslow": ({}, {"robust": True, "ties": "breslow"}),
    "weighted_robust": ({"weight": "weight"}, {"robust": True}),
    "weighted_stratified": ({"weight": "weight", "stratum": "centre"}, {}),
    "cause_2": ({}, {"causes": ["second"]}),
}


@pytest.mark.parametrize("name", MODELS)
def test_coxph(cohort, history_of, expected, close, name):
    changes, options = MODELS[name]
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    agree(cox(history_of(cohort, **changes), NAMES, **options), expected[name], close)


def test_clusters_other_than_subjects(cohort, history_of, expected, close):
    """Three clusters cannot test three coefficients at once: R prints a number all the same."""
    fit = cox(history_of(cohort), NAMES, cluster=cohort["centre"].astype(int))
    theirs = expected["by_centre"]
    assert np.isnan([fit.wald_test.statistic, fit.robust_score_test.statistic]).all()
    agree(fit, theirs, close, together=False)
    assert "3 clusters" in fit.cautions[-1]


STRATA = {
    "clustered": {},
    "stratified_robust": {"stratum": "centre"},
}


@pytest.mark.parametrize("name", STRATA)
def test_start_stop_intervals(start_stop, history_of, expected, close, name):
    changes = STRATA[name]
    changes = {k: start_stop[v] for k, v in changes.items()}
    history = history_of(start_stop, "event", **changes)
    fit = cox(history, ["exposed", "age", "male"], robust=True)
    agree(fit, expected[name], close)
    assert fit.subjects == 110


PROPORTIONAL = {
    "ph_km": ("km", None),
    "ph_identity": ("identity", None),
    "ph_log": ("log", None),
    "ph_rank": ("rank", None),
    "ph_stratified": ("km", "centre"),
    "ph_stratified_rank": ("rank", "centre"),
}


@pytest.mark.parametrize("name", PROPORTIONAL)
def test_proportional_hazards(cohort, history_of, expected, close, name):
    transform, strata = PROPORTIONAL[name]
    changes = {} if strata is None else {"stratum": cohort[strata]}
    test = proportional_hazards(cox(history_of(cohort, **changes), NAMES), transform=transform)
    close(
        [t.statistic for t in test.tests.values()], expected[name]["statistic"], at=list(test.tests)
    )
    close([t.df for t in test.tests.values()], expected[name]["df"], at=list(test.tests))
    if strata is None:  # R orders tied deaths, and strata, its own way
        close(test.transformed_time, expected[name]["transformed_time"])
        ours = np.column_stack([test.time, test.residuals])
        theirs = np.column_stack([expected[name]["time"], expected[name]["residuals"]])
        ours, theirs = (x[np.lexsort(x.T[::-1].round(7))] for x in (ours, theirs))
        close(ours, theirs, what=f"{name}, times and scaled Schoenfeld residuals")


PROPORTIONAL_WEIGHTED = {
    "ph_weighted": ("km", {"weight": "weight"}, {}),
    "ph_weighted_identity": ("identity", {"weight": "weight"}, {}),
    "ph_weighted_breslow": ("log", {"weight": "weight"}, {"ties": "breslow"}),
    "ph_robust": ("km", {}, {"robust": True}),
    "ph_right_censored": ("rank", {"entry": None}, {}),
}


@pytest.mark.parametrize("name", PROPORTIONAL_WEIGHTED)
def test_proportional_hazards_with_weights_and_clusters(cohort, history_of, expected, close, name):
    transform, changes, options = PROPORTIONAL_WEIGHTED[name]
    changes = {k: cohort[v] if isinstance(v, str) else v for k, v in changes.items()}
    fit = cox(history_of(cohort, **changes), NAMES, **options)
    test = proportional_hazards(fit, transform=transform)
    close(
        [t.statistic for t in test.tests.values()], expected[name]["statistic"], at=list(test.tests)
    )


def test_proportional_hazards_of_start_stop_intervals(start_stop, history_of, expected, close):
    history = history_of(start_stop, "event", stratum=start_stop["centre"])
    test = proportional_hazards(cox(history, ["exposed", "age", "male"]))
    ours = [t.statistic for t in test.tests.values()]
    close(ours, expected["ph_start_stop"]["statistic"], at=list(test.tests))


def test_proportional_hazards_after_breslow(cohort, history_of, expected, close):
    test = proportional_hazards(cox(history_of(cohort), NAMES, ties="breslow"))
    close(
        [t.statistic for t in test.tests.values()],
        expected["ph_breslow"]["statistic"],
        at=list(test.tests),
    )


def test_proportional_hazards_of_a_category(cohort, history_of, expected, close):
    levels = {f"group_{i}": cohort["group"] == i for i in (1, 2)}
    history = history_of(cohort, covariates={"age": cohort["age"], **levels})
    fit = cox(history, ["age", *levels])
    test = proportional_hazards(fit, terms={"age": ["age"], "group": list(levels)})
    for field in ("statistic", "df"):
        ours = [getattr(t, field) for t in test.tests.values()]
        close(ours, expected["ph_terms"][field], at=list(test.tests))
