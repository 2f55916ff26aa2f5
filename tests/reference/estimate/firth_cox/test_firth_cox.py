"""Firth's Cox regression against a maximisation of coxph's penalised likelihood in R (1e-6)."""

import numpy as np
import pytest

from osteon.estimate import cox, firth_cox

TOLERANCE = 2e-6  # R's side is optim() without derivatives


MODELS = {
    "efron": (["exposed", "age"], "efron", {}),
    "breslow": (["exposed", "age"], "breslow", {}),
    "stratified": (["exposed", "age"], "efron", {"stratum": "centre"}),
    "weighted": (["exposed", "age"], "efron", {"weight": "w"}),
    "weighted_breslow": (["exposed", "age"], "breslow", {"weight": "w"}),
    "weighted_strata": (["exposed", "age"], "efron", {"weight": "w", "stratum": "centre"}),
    "alone": (["exposed"], "efron", {}),
    "alone_breslow": (["exposed"], "breslow", {}),
}


@pytest.mark.parametrize("name", MODELS)
def test_no_event_when_exposed(start_stop, history_of, expected, close, name):
    names, ties, changes = MODELS[name]
    columns = start_stop | {"w": (start_stop["id"] % 3 + 1) / 2}
    changes = {k: columns[v] for k, v in changes.items()}
    fit = firth_cox(history_of(start_stop, "rare", **changes), names, ties=ties)
    agree(fit, expected[name], close)
    assert fit.separated == ("exposed",)


def agree(fit, expected, close):
    close(fit.log_likelihood, expected["log_likelihood"])
    names, ratios = list(fit.ratios), list(fit.ratios.values())
    close(fit.coefficients, expected["coefficients"], TOLERANCE, at=names)
    close(fit.std_error, expected["std_error"], TOLERANCE, at=names)
    close([r.p_value for r in ratios], expected["p_value"], 1e-5, at=names)
    for field in ("conf_low", "conf_high"):
        with np.errstate(divide="ignore"):
            limits = np.log([getattr(r, field) for r in ratios])
        close(limits, expected[field], 1e-5, at=names)


def from_entry(start_stop):
    """Right-censored times, for software that takes no entry."""
    return start_stop | {"exit": start_stop["exit"] - start_stop["entry"]}


def test_firthmodels(start_stop, history_of, close):
    """Another implementation: Breslow's ties, without entry, strata or weights."""
    firthmodels = pytest.importorskip("firthmodels")
    columns = from_entry(start_stop)
    names = ["exposed", "age", "male"]
    ours = firth_cox(history_of(columns, "rare", entry=None, subject=None), names, ties="breslow")
    x = np.column_stack([(columns[n] - columns[n].mean()) / columns[n].std() for n in names])
    scale = np.array([columns[n].std() for n in names])
    theirs = firthmodels.FirthCoxPH(backend="numpy", max_iter=500, gtol=1e-6, xtol=1e-7)
    theirs.fit(x, (columns["rare"].astype(bool), columns["exit"]))
    close(ours.coefficients, theirs.coef_ / scale, 1e-5, what="log hazard ratio", at=names)
    limits = theirs.conf_int(method="pl", max_iter=500, tol=1e-7) / scale[:, None]
    for side, field in ((0, "conf_low"), (1, "conf_high")):
        obtained = np.log([getattr(r, field) for r in ours.ratios.values()])
        close(obtained, limits[:, side], 1e-5, what=f"profile likelihood, {field}", at=names)
    theirs.lrt()
    p_values = [r.p_value for r in ours.ratios.values()]
    close(p_values, theirs.lrt_pvalues_, 1e-4, what="p-value", at=names)


def test_the_maximum_likelihood_fit_says_that_it_is_infinite(start_stop, history_of):
    fit = cox(history_of(start_stop, "rare"), ["exposed", "age"])
    assert fit.infinite == ("exposed",)
    assert fit.hazard_ratios["exposed"].estimate == 0
