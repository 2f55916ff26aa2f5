"""The permutation log-rank test against coin::logrank_test(distribution = "exact")."""

from functools import partial

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import exact_log_rank


def same(history, case, close):
    test = exact_log_rank(history, rho=case["rho"], gamma=case["gamma"], method="exact")
    same = partial(
        close, what=f"{len(case['rows'])} patients, rho {case['rho']:g}, gamma {case['gamma']:g}"
    )
    same(test.excess, case["excess"])
    same(test.z, case["z"])
    same(test.p_value, case["p_value"])
    same(test.tails.p_greater, case["greater"])
    same(test.tails.p_less, case["less"])


@pytest.mark.parametrize("i", range(9), ids=lambda i: f"case_{i + 1}")
def test_cohort(cohort, expected, close, i):
    case = expected["cohort"][i]
    two = cohort["group"] < 2
    rows = np.array(case["rows"])
    exit_, cause, group = (cohort[name][two][rows] for name in ("exit", "cause", "group"))
    same(History.of(exit=exit_, event=cause > 0, stratum=group, strata=("0", "1")), case, close)


@pytest.mark.parametrize("i", range(2), ids=["younger", "older"])
def test_glioma(r_data, expected, close, i):
    rows, case = r_data("coin", "glioma"), expected["glioma"][i]
    of = {name: values[np.array(case["rows"])] for name, values in rows.items()}
    history = History.of(exit=of["time"], event=of["event"], stratum=of["group"] - 1)
    same(history, case, close)
