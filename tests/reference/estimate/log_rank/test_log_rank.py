"""The log-rank family against survdiff, and with delayed entry against coxph's exact score test."""

import numpy as np
import pytest

from osteon.estimate import log_rank, risk_table

GROUPS = ("0", "1", "2")


def tables(cohort, history_of, stratified, **changes):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)
    if not stratified:
        return [risk_table(history)]
    centres = np.unique(cohort["centre"])
    return [risk_table(history.where(cohort["centre"] == centre)) for centre in centres]


@pytest.mark.parametrize(
    ("name", "stratified", "options"),
    [
        ("plain", False, {}),
        ("stratified", True, {}),
        ("rho_1", False, {"rho": 1}),
        ("rho_half_stratified", True, {"rho": 0.5}),
        ("cause_1", False, {"causes": ["first"]}),
    ],
)
def test_survdiff(cohort, history_of, expected, close, name, stratified, options):
    test = log_rank(*tables(cohort, history_of, stratified, entry=None), **options)
    for field in ("statistic", "df", "p_value", "observed", "expected", "variance"):
        close(getattr(test, field), expected[name][field])


@pytest.mark.parametrize(("name", "stratified"), [("entry", False), ("entry_stratified", True)])
def test_delayed_entry(cohort, history_of, expected, close, name, stratified):
    test = log_rank(*tables(cohort, history_of, stratified))
    close(test.statistic, expected[name]["statistic"])
    assert test.df == expected[name]["df"]
