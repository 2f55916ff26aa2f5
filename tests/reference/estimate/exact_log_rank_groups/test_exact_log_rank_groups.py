"""The permutation log-rank test of several groups against coin's statistic and all permutations."""

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


def same(test, case, close):
    close(test.statistic, case["statistic"])
    assert test.df == case["df"]
    assert test.tails.method == "exact"
    close(test.tails.permutations, case["permutations"])
    close(test.p_value, case["p_value"])
    close(test.tails.mid_p_value, case["mid_p_value"])


@pytest.mark.parametrize("i", range(9))
def test_cohort(cohort, expected, close, i):
    case = expected["cohort"][i]
    history = history_of_rows(cohort, np.array(case["rows"]), case["by"])
    test = exact_log_rank_groups(history, rho=case["rho"], gamma=case["gamma"], method="exact")
    close(test.excess, case["excess"])
    same(test, case, close)


@pytest.mark.parametrize("i", range(2))
def test_blocks(cohort, expected, close, i):
    case = expected["blocks"][i]
    blocks = np.repeat([0, 1], [len(rows) for rows in case["rows"]])
    history = history_of_rows(cohort, np.concatenate(case["rows"]).astype(int))
    same(exact_log_rank_groups(history, blocks=blocks, method="exact"), case, close)
