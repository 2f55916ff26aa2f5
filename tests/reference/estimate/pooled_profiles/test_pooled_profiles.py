"""Combined likelihood profiles against R's optim() and uniroot() on the penalised likelihoods."""

import pytest

from osteon.estimate import firth_cox, firth_logistic, pool_profiles

SEARCHED = 1e-6
"""R's profiles are searched without derivatives."""


def sets(cohort, imputations, rows):
    """Columns of each imputed data set."""
    found = (cohort["cause"] == 1) & (cohort["exit"] < 400)
    for i in range(1, 6):
        columns = cohort | {
            "age": (imputations[f"age_{i}"] - 60) / 10,
            "marker": imputations[f"marker_{i}"],
            "found": found,
            "rare": found & (cohort["male"] == 0),
            "dead": cohort["cause"] > 0,
        }
        yield {name: values[:rows] for name, values in columns.items()}


def agree(fits, expected, close):
    pooled = pool_profiles(fits)
    fields = {"estimate": "estimate", "conf_low": "low", "conf_high": "high", "p_value": "p_value"}
    for field, theirs in fields.items():
        ours = [getattr(ratio, field) for ratio in pooled.values()]
        close(ours, expected[theirs], SEARCHED, at=list(pooled))


LOGISTIC = {
    "logistic": (206, ["male", "marker"], "found"),
    "few": (45, ["male", "age"], "found"),
    "separated": (60, ["male", "marker"], "rare"),
}


@pytest.mark.parametrize("case", LOGISTIC)
def test_logistic(cohort, imputations, expected, close, case):
    rows, names, event = LOGISTIC[case]
    fits = [
        firth_logistic(columns[event], {name: columns[name] for name in names})
        for columns in sets(cohort, imputations, rows)
    ]
    agree(fits, expected[case], close)


COX = {
    "cox": (50, ["age", "marker"], "dead"),
    "cox_separated": (60, ["male", "marker"], "rare"),
}


@pytest.mark.parametrize("case", COX)
def test_cox(cohort, imputations, history_of, expected, close, case):
    rows, names, event = COX[case]
    fits = [
        firth_cox(history_of(columns, event, states=("free", "found")), names, ties="breslow")
        for columns in sets(cohort, imputations, rows)
    ]
    agree(fits, expected[case], close)
