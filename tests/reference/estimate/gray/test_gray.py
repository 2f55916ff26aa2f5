"""Gray's test against cmprsk::cuminc, with the scores and variance of its Fortran routine."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import gray, risk_table


def tables(cohort, history_of, by="group", strata=None, keep=None, **changes):
    names = tuple(str(int(code)) for code in np.unique(cohort[by]))
    history = history_of(cohort, stratum=cohort[by], strata=names, entry=None, **changes)
    keep = np.ones(len(history), dtype=bool) if keep is None else keep
    apart = np.zeros(len(history)) if strata is None else cohort[strata]
    return [risk_table(history.where(keep & (apart == s))) for s in np.unique(apart[keep])]


def same(test, expected, close):
    of = expected["scores"].place.removesuffix("scores")
    k = test.df  # R keeps all groups but the last
    close(test.statistic, expected["statistic"])
    close(test.p_value, expected["p_value"])
    groups = [f"group {group}" for group in test.groups[:k]]
    close(test.scores[:k], np.ravel(expected["scores"]), what=f"{of}score", at=groups)
    theirs = np.reshape(expected["variance"], (k, k))
    close(test.variance[:k, :k], theirs, what=f"{of}variance", at=(groups, groups))
    assert test.df == expected["df"]


TESTS = {
    "first": ("first", 0, {}),
    "second": ("second", 0, {}),
    "first_stratified": ("first", 0, {"strata": "centre"}),
    "second_stratified": ("second", 0, {"strata": "centre"}),
    "first_rho_1": ("first", 1, {}),
    "second_rho_half_stratified": ("second", 0.5, {"strata": "centre"}),
    "centres": ("first", 0, {"by": "centre"}),
    "sex_by_group": ("first", 0, {"by": "male", "strata": "group"}),
}


@pytest.mark.parametrize("name", TESTS)
def test_cuminc(cohort, history_of, expected, close, name):
    cause, rho, options = TESTS[name]
    test = gray(*tables(cohort, history_of, **options), cause=cause, rho=rho)
    same(test, expected[name], close)


TWO_GROUPS = {
    "two_groups": ("first", 0),
    "two_groups_rho_2": ("second", 2),
}


@pytest.mark.parametrize("name", TWO_GROUPS)
def test_a_group_that_is_not_there(cohort, history_of, expected, close, name):
    cause, rho = TWO_GROUPS[name]
    test = gray(*tables(cohort, history_of, keep=cohort["group"] < 2), cause=cause, rho=rho)
    same(test, expected[name], close)
    assert len(test.groups) == 3


def test_without_ties(cohort, history_of, expected, close):
    order = np.argsort(np.argsort(cohort["exit"], kind="stable"), kind="stable") + 1
    test = gray(*tables(cohort, history_of, exit=order), cause="first")
    same(test, expected["untied"], close)


def test_one_cause(cohort, history_of, expected, close):
    merged = cohort | {"cause": np.minimum(cohort["cause"], 1)}
    test = gray(*tables(merged, history_of), cause="first")
    same(test, expected["one_cause"], close)


def test_the_example(expected, close):
    history = History.of(
        exit=[1, 2, 3, 4, 5, 6, 3, 5, 7, 8, 9, 9],
        event=[1, 1, 2, 1, 1, 0, 2, 1, 2, 0, 2, 0],
        stratum=np.repeat([0, 1], 6),
        states=("bm", "sre", "dead"),
    )
    same(gray(risk_table(history), cause="sre"), expected["by_hand"], close)


MYELOMA = {
    "pcm": ("pcm", False, 0),
    "death": ("dead", False, 0),
    "pcm_by_age": ("pcm", True, 0),
    "death_rho": ("dead", False, 1),
}


@pytest.mark.parametrize("name", MYELOMA)
def test_myeloma_before_death_by_sex(r_data, expected, close, name):
    cause, by_age, rho = MYELOMA[name]
    rows = r_data("survival", "mgus2")
    malignant = rows["pstat"] == 1
    history = History.of(
        exit=np.where(malignant, rows["ptime"], rows["futime"]),
        event=np.where(malignant, 1, 2 * rows["death"]),
        stratum=rows["sex"] - 1,
        strata=("women", "men"),
        states=("mgus", "pcm", "dead"),
    )
    apart = (rows["age"] > 70) & by_age
    by_stratum = [risk_table(history.where(apart == s)) for s in np.unique(apart)]
    same(gray(*by_stratum, cause=cause, rho=rho), expected["mgus2"][name], close)


@pytest.mark.parametrize(("name", "cause"), [("relapse", "relapse"), ("death", "dead")])
def test_relapse_after_transplantation(r_data, expected, close, name, cause):
    rows = r_data("KMsurv", "bmt")
    history = History.of(
        exit=rows["t2"],
        event=np.where(rows["d2"] == 1, 1, 2 * rows["d3"]),
        stratum=rows["group"] - 1,
        strata=("all", "aml low", "aml high"),
        states=("remission", "relapse", "dead"),
    )
    same(gray(risk_table(history), cause=cause), expected["bmt"][name], close)
