import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import holm, log_rank, log_rank_pairs, log_rank_trend, risk_table

THREE = {
    "exit": [9, 7, 8, 4, 5, 6, 1, 2, 3],
    "event": [0, 1, 1, 1, 1, 1, 1, 1, 1],
    "stratum": np.repeat([0, 1, 2], 3),
    "strata": ("a", "b", "c"),
}


def test_trend_of_two_groups_is_the_log_rank_test():
    test = log_rank(
        risk_table(History.of(exit=[1, 2, 3, 4], event=[1, 1, 1, 0], stratum=[1, 0, 1, 0]))
    )
    trend = log_rank_trend(test)
    assert trend.statistic == pytest.approx(test.statistic)
    assert trend.p_value == pytest.approx(test.p_value)
    assert trend.z > 0


def test_trend_by_hand():
    """One of each group, events at 1 (c) and 2 (b): expected 1/3 of one, 1/2 of the other."""
    table = risk_table(
        History.of(exit=[3, 2, 1], event=[0, 1, 1], stratum=[0, 1, 2], strata=("a", "b", "c"))
    )
    trend = log_rank_trend(log_rank(table), [0, 1, 2])
    excess = 1 * (1 - 1 / 3 - 1 / 2) + 2 * (1 - 1 / 3)
    variance = (5 / 3 - 1) + 1 / 4  # of the scores of those at risk: 0, 1, 2, then 0, 1
    assert trend.z == pytest.approx(excess / np.sqrt(variance))


def test_trend_knows_only_the_spacing_of_scores():
    test = log_rank(risk_table(History.of(**THREE)))
    assert log_rank_trend(test, [5, 7, 9]).z == pytest.approx(log_rank_trend(test).z)
    assert log_rank_trend(test, [2, 1, 0]).z == pytest.approx(-log_rank_trend(test).z)
    assert log_rank_trend(test, [0, 1, 9]).z != pytest.approx(log_rank_trend(test).z)


def test_no_event_no_trend():
    table = risk_table(History.of(exit=[1, 2], event=[0, 0], stratum=[0, 1]))
    assert np.isnan(log_rank_trend(log_rank(table)).p_value)


@pytest.mark.parametrize("scores", [[1, 2], [1, 1, 1], [1, 2, np.nan], [[1, 2, 3]]])
def test_scores_that_order_nothing(scores):
    test = log_rank(risk_table(History.of(**THREE)))
    with pytest.raises(EstimateError, match="one finite number a group"):
        log_rank_trend(test, scores)


def test_a_pair_is_tested_as_if_alone():
    history = History.of(**THREE)
    pair = log_rank_pairs(risk_table(history), rho=1)[1]
    alone = log_rank(risk_table(history.where(history.stratum != 1)), rho=1)
    assert pair.groups == ("a", "c")
    assert pair.test.statistic == pytest.approx(alone.statistic)


def test_a_stratum_may_lack_a_group():
    history = History.of(**THREE)
    whole = risk_table(history)
    two = History.of(exit=[1, 2], event=[1, 1], stratum=[0, 1], strata=("a", "b"))
    ab, ac, bc = log_rank_pairs(whole, risk_table(two))
    alone = log_rank_pairs(whole)
    assert ab.test.expected.sum() == alone[0].test.expected.sum() + 2
    # The second table knows no "c": there "a" and "b" have none to be compared with.
    assert (ac.test.statistic, bc.test.statistic) == pytest.approx(
        (alone[1].test.statistic, alone[2].test.statistic)
    )


def test_holm_as_r():
    """p.adjust(c(0.01, 0.02, NA, 0.04, 0.5), "holm")"""
    np.testing.assert_allclose(
        holm([0.01, 0.02, np.nan, 0.04, 0.5]), [0.04, 0.06, np.nan, 0.08, 0.5]
    )
    assert holm([0.6, 0.9]).tolist() == [1, 1]
