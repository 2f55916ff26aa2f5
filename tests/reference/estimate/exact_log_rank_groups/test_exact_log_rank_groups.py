"""The permutation log-rank test of several groups against coin's statistic and all permutations."""

from functools import partial

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import exact_log_rank_groups


def history_of_rows(cohort, rows, by="group"):
    labels, group = np.unique(cohort[by][rows], return_inverse=True)
    return History.of(
        exit=cohort["exit"][rows],
        event=cohort["cause"][rows] > 0,
        stratum=group,
        strata=tuple(f"{label:g}" for label in labels),
    )


def same(test, case, close, what):
    close = partial(close, what=what, at=[f"group {group}" for group in test.groups])
    close(test.statistic, case["statistic"])
    assert test.df == case["df"]
    if "excess" in case:
        close(test.excess, case["excess"])
    assert test.tails.method == "exact"
    close(test.tails.permutations, case["permutations"])
    close(test.p_value, case["p_value"])
    close(test.tails.mid_p_value, case["mid_p_value"])


@pytest.mark.parametrize("i", range(9), ids=lambda i: f"case_{i + 1}")
def test_cohort(cohort, expected, close, i):
    case = expected["cohort"][i]
    history = history_of_rows(cohort, np.array(case["rows"]), case["by"])
    test = exact_log_rank_groups(history, rho=case["rho"], gamma=case["gamma"], method="exact")
    weights = f"{len(case['rows'])} patients, rho {case['rho']:g}, gamma {case['gamma']:g}"
    same(test, case, close, weights)


@pytest.mark.parametrize("i", range(2), ids=lambda i: f"case_{i + 1}")
def test_blocks(cohort, expected, close, i):
    case = expected["blocks"][i]
    blocks = np.repeat([0, 1], [len(rows) for rows in case["rows"]])
    history = history_of_rows(cohort, np.concatenate(case["rows"]).astype(int))
    test = exact_log_rank_groups(history, blocks=blocks, method="exact")
    same(test, case, close, f"{blocks.size} patients in two blocks")
