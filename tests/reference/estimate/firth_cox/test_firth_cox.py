"""Firth's Cox regression against a maximisation of coxph's penalised likelihood in R (1e-6)."""

import numpy as np
import pytest

from osteon.estimate import cox, firth_cox

TOLERANCE = 2e-6  # R's side is optim() without derivatives


@pytest.mark.parametrize(
    ("name", "names", "ties", "strata"),
    [
        ("efron", ["exposed", "age"], "efron", None),
        ("breslow", ["exposed", "age"], "breslow", None),
        ("stratified", ["exposed", "age"], "efron", "centre"),
        ("alone", ["exposed"], "efron", None),
        ("alone_breslow", ["exposed"], "breslow", None),
    ],
)
def test_no_event_when_exposed(start_stop, history_of, expected, close, name, names, ties, strata):
    changes = {} if strata is None else {"stratum": start_stop[strata]}
    fit = firth_cox(history_of(start_stop, "rare", **changes), names, ties=ties)
    ratios = list(fit.ratios.values())
    close(fit.log_likelihood, expected[name]["log_likelihood"])
    close(fit.coefficients, expected[name]["coefficients"], TOLERANCE)
    close(fit.std_error, expected[name]["std_error"], TOLERANCE)
    close([r.p_value for r in ratios], expected[name]["p_value"], 1e-5)
    for field in ("conf_low", "conf_high"):
        limits = [getattr(r, field) for r in ratios]
        close(limits, np.exp(expected[name][field]), 1e-5)


def test_the_maximum_likelihood_fit_says_that_it_is_infinite(start_stop, history_of):
    fit = cox(history_of(start_stop, "rare"), ["exposed", "age"])
    assert fit.infinite == ("exposed",)
    assert fit.hazard_ratios["exposed"].estimate == 0
