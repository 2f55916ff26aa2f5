"""The log-rank family against survdiff, coxph's exact score test, coin and a plain R loop."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import log_rank, log_rank_pairs, log_rank_trend, risk_table

GROUPS = ("0", "1", "2")
BY_GROUP = [f"group {group}" for group in GROUPS]
BY_PAIR = ("groups 0 and 1", "groups 0 and 2", "groups 1 and 2")
KLEIN_TABLE_7_3 = ("observed - expected", "its variance", "chi-squared")


def tables(cohort, history_of, stratified, **changes):
    history = history_of(cohort, stratum=cohort["group"], strata=GROUPS, **changes)
    if not stratified:
        return [risk_table(history)]
    centres = np.unique(cohort["centre"])
    return [risk_table(history.where(cohort["centre"] == centre)) for centre in centres]


TESTS = {
    "plain": (False, {}),
    "stratified": (True, {}),
    "rho_1": (False, {"rho": 1}),
    "rho_half_stratified": (True, {"rho": 0.5}),
    "cause_1": (False, {"causes": ["first"]}),
    "gamma_1": (False, {"gamma": 1}),
    "rho_1_gamma_1": (False, {"rho": 1, "gamma": 1}),
    "rho_half_gamma_2": (False, {"rho": 0.5, "gamma": 2}),
    "gamma_1_stratified": (True, {"gamma": 1}),
    "gehan": (False, {"weights": "gehan"}),
    "tarone_ware": (False, {"weights": "tarone-ware"}),
}


@pytest.mark.parametrize("name", TESTS)
def test_without_delayed_entry(cohort, history_of, expected, close, name):
    stratified, options = TESTS[name]
    test = log_rank(*tables(cohort, history_of, stratified, entry=None), **options)
    same(test, expected[name], close)


DELAYED = {
    "entry": False,
    "entry_stratified": True,
}


@pytest.mark.parametrize("name", DELAYED)
def test_delayed_entry(cohort, history_of, expected, close, name):
    stratified = DELAYED[name]
    test = log_rank(*tables(cohort, history_of, stratified))
    close(test.statistic, expected[name]["statistic"])
    assert test.df == expected[name]["df"]


DELAYED_WEIGHTS = {
    "entry_rho_half_gamma_half": (False, {"rho": 0.5, "gamma": 0.5}),
    "entry_gamma_1_stratified": (True, {"gamma": 1}),
    "entry_gehan_stratified": (True, {"weights": "gehan"}),
}


@pytest.mark.parametrize("name", DELAYED_WEIGHTS)
def test_weights_with_delayed_entry(cohort, history_of, expected, close, name):
    stratified, options = DELAYED_WEIGHTS[name]
    test = log_rank(*tables(cohort, history_of, stratified), **options)
    same(test, expected[name], close)


EXCESSES = {
    "gamma_1": {"gamma": 1},
    "rho_1_gamma_1": {"rho": 1, "gamma": 1},
    "rho_half_gamma_2": {"rho": 0.5, "gamma": 2},
}


@pytest.mark.parametrize("name", EXCESSES)
def test_coins_linear_statistic_is_the_excess(cohort, history_of, expected, close, name):
    options = EXCESSES[name]
    test = log_rank(*tables(cohort, history_of, False, entry=None), **options)
    close(test.observed - test.expected, expected["excess"][name], at=BY_GROUP)


@pytest.mark.parametrize("weights", ["gehan", "tarone-ware"])
def test_weights_by_number_at_risk_as_coin(cohort, history_of, expected, close, weights):
    test = log_rank(*tables(cohort, history_of, False, entry=None), weights=weights)
    name = f"excess_{weights.replace('-', '_')}"
    close(test.observed - test.expected, expected[name], at=BY_GROUP)


CATHETERS = {
    "log-rank": ({}, ("3.96", "6.21", "2.53")),
    "gehan": ({"weights": "gehan"}, ("-9", "38862", "0.002")),
    "tarone-ware": ({"weights": "tarone-ware"}, ("13.20", "432.83", "0.40")),
    "gamma 1": ({"gamma": 1}, ("1.41", "0.21", "9.67")),
    "rho 1": ({"rho": 1}, ("2.55", "4.69", "1.39")),
    "rho 1, gamma 1": ({"rho": 1, "gamma": 1}, ("1.02", "0.11", "9.83")),
    "rho half, gamma half": ({"rho": 0.5, "gamma": 0.5}, ("2.47", "0.66", "9.28")),
    "rho half, gamma 2": ({"rho": 0.5, "gamma": 2}, ("0.32", "0.01", "8.18")),
}


@pytest.mark.parametrize("name", CATHETERS)
def test_catheters_as_printed(r_data, printed, name):
    """Klein & Moeschberger (2003), table 7.3: infections by placement of a dialysis catheter."""
    weights, texts = CATHETERS[name]
    rows = r_data("KMsurv", "kidney")
    history = History.of(exit=rows["time"], event=rows["delta"], stratum=rows["type"] - 1)
    test = log_rank(risk_table(history), **weights)
    ours = (test.observed - test.expected)[0], test.variance[0, 0], test.statistic
    for value, text, what in zip(ours, texts, KLEIN_TABLE_7_3, strict=True):
        assert printed(value, text, what, "Klein & Moeschberger (2003), table 7.3")


TRENDS = {
    "plain": (False, False, {}),
    "stratified": (True, False, {}),
    "rho_1": (False, False, {"rho": 1}),
    "entry": (False, True, {}),
    "gamma_1": (False, False, {"gamma": 1}),
}


@pytest.mark.parametrize("name", TRENDS)
def test_trend(cohort, history_of, expected, close, name):
    stratified, delayed, options = TRENDS[name]
    changes = {} if delayed else {"entry": None}
    test = log_rank(*tables(cohort, history_of, stratified, **changes), **options)
    close(log_rank_trend(test).z, expected["trend"][name])
    close(log_rank_trend(test, [10, 30, 50]).z, expected["trend"][name])


def test_trend_without_ties_is_coxs_score_test(cohort, history_of, expected, close):
    first_come = np.argsort(np.argsort(cohort["exit"], kind="stable"), kind="stable") + 1
    (table,) = tables(cohort, history_of, False, entry=None, exit=first_come)
    close(log_rank_trend(log_rank(table)).statistic, expected["trend_untied"])


@pytest.mark.parametrize(
    ("name", "stratified", "delayed"),
    [
        ("plain", False, False),
        ("stratified", True, False),
        ("entry", False, True),
        ("entry_stratified", True, True),
    ],
)
def test_trend_with_ties_is_coxs_exact_score_test(
    cohort, history_of, expected, close, name, stratified, delayed
):
    changes = {} if delayed else {"entry": None}
    test = log_rank(*tables(cohort, history_of, stratified, **changes))
    close(log_rank_trend(test).statistic, expected["trend_tied"][name])


PAIRS = {
    "pairs": 0,
    "pairs_rho_1": 1,
}


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(cohort, history_of, expected, close, name):
    rho = PAIRS[name]
    pairs = log_rank_pairs(*tables(cohort, history_of, False, entry=None), rho=rho)
    assert [pair.groups for pair in pairs] == [("0", "1"), ("0", "2"), ("1", "2")]
    close([pair.test.statistic for pair in pairs], expected[name]["statistic"], at=BY_PAIR)
    close([pair.test.p_value for pair in pairs], expected[name]["p_value"], at=BY_PAIR)
    close([pair.p_adjusted for pair in pairs], expected[name]["p_adjusted"], at=BY_PAIR)


def test_stage_of_laryngeal_cancer_as_printed(shipped, printed):
    """Klein & Moeschberger (2003), sections 7.3 and 7.4: chi-squared 22.76, trend 3.72."""
    rows = shipped("lifelines", "larynx")
    stage = rows["Stage_II"] + 2 * rows["Stage_III"] + 3 * rows["Stage_IV"]
    history = History.of(exit=rows["time"], event=rows["death"], stratum=stage)
    test = log_rank(risk_table(history))
    source = "Klein & Moeschberger (2003), sections 7.3 and 7.4"
    assert printed(test.statistic, "22.76", "chi-squared", source)
    assert printed(log_rank_trend(test).z, "3.72", "trend, z")


def same(test, expected, close):
    for field in ("statistic", "df", "p_value"):
        close(getattr(test, field), expected[field])
    for field in ("observed", "expected"):
        close(getattr(test, field), expected[field], at=BY_GROUP)
    close(test.variance, expected["variance"], at=(BY_GROUP, BY_GROUP))
