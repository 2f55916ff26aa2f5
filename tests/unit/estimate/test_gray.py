import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import gray, log_rank, risk_table

STATES = ("bm", "sre", "dead")


def table_of(**columns):
    return risk_table(History.of(**({"strata": ("a", "b"), "states": STATES} | columns)))


def test_by_hand():
    """a: event at 1, censored at 4. b: dies at 2, event at 3.

    At 1 all four are at risk: expected 2/4. At 3 one of each: a weighs (1 / 0.5) * 0.5, b, which
    has had no event yet, (1 / 0.5) * 1: expected 1/3. The variance's four terms are worked out
    from a = 1, 1; c = 1/3, 0; b_a = -1/2, b_b = 1/4 at 1; v = 1/8, 1/8, 1/4 (of the death), 1/8.
    """
    test = gray(table_of(exit=[1, 4, 2, 3], event=[1, 0, 2, 1], stratum=[0, 0, 1, 1]), cause="sre")
    np.testing.assert_allclose(test.scores, [1 / 2 - 1 / 3, 1 / 3 - 1 / 2])
    at_1 = (1 - 1 / 2 / 3) ** 2 / 8 + (1 + 1 / 4 / 3) ** 2 / 8
    at_2 = (3 / 2 / 3) ** 2 / 4
    at_3 = 2 / 8
    assert test.variance[0, 0] == pytest.approx(at_1 + at_2 + at_3)
    assert test.variance[0, 1] == pytest.approx(-test.variance[0, 0])
    assert test.statistic == pytest.approx((1 / 6) ** 2 / (at_1 + at_2 + at_3))


def test_without_competing_outcome_the_scores_are_those_of_the_log_rank_test():
    columns = {
        "exit": [1, 2, 2, 3, 5, 6, 7, 8],
        "event": [1, 1, 0, 1, 1, 0, 1, 1],
        "stratum": [0, 1, 0, 1, 0, 0, 1, 1],
    }
    test, log_rank_test = gray(table_of(**columns), cause="sre"), log_rank(table_of(**columns))
    np.testing.assert_allclose(test.scores, log_rank_test.observed - log_rank_test.expected)


def test_incidence_is_compared_not_hazards():
    """The same hazard of the event, but in b death comes first: fewer events for ever."""
    rng = np.random.default_rng(3)
    n = 400
    event, death = rng.exponential(10, 2 * n), rng.exponential(np.repeat([50, 3], n))
    table = table_of(
        exit=np.minimum(event, death),
        event=np.where(event < death, 1, 2),
        stratum=np.repeat([0, 1], n),
    )
    assert gray(table, cause="sre").p_value < 1e-6
    assert log_rank(table, causes=["sre"]).p_value > 0.05


def test_a_group_of_nobody_costs_no_degree_of_freedom():
    columns = {"exit": [1, 4, 2, 3], "event": [1, 0, 2, 1], "stratum": [0, 0, 1, 1]}
    with_c = gray(table_of(**columns, strata=("a", "b", "c")), cause="sre")
    assert with_c.df == 1
    assert with_c.statistic == gray(table_of(**columns), cause="sre").statistic


def test_start_is_that_of_a_later_history():
    columns = {
        "exit": [2, 5, 9, 4, 6, 8],
        "event": [1, 2, 1, 1, 2, 1],
        "stratum": [0, 1, 0, 1, 0, 1],
    }
    later = {name: np.asarray(values)[1:] for name, values in columns.items()}
    test = gray(table_of(**columns), cause="sre", start=2)
    assert test.statistic == gray(table_of(**later), cause="sre").statistic


def test_no_event_no_evidence():
    test = gray(table_of(exit=[1, 2], event=[2, 2], stratum=[0, 1]), cause="sre")
    assert (test.statistic, test.df) == (0, 0)
    assert np.isnan(test.p_value)


def test_nothing_at_all_happens():
    test = gray(table_of(exit=[1, 2], event=[0, 0], stratum=[0, 1]), cause="sre")
    assert (test.statistic, test.df) == (0, 0)


def test_late_entry_is_refused():
    table = table_of(entry=[0, 1], exit=[2, 2], event=[1, 1], stratum=[0, 1])
    with pytest.raises(EstimateError, match=r"enters late.*log_rank"):
        gray(table, cause="sre")
    assert gray(table, cause="sre", start=1).df == 1


def test_mistakes():
    table = table_of(exit=[1, 2], event=[1, 1], stratum=[0, 1])
    with pytest.raises(EstimateError, match='nothing leads from "bm" to "sra"'):
        gray(table, cause="sra")
    with pytest.raises(EstimateError, match="`rho` is -1"):
        gray(table, cause="sre", rho=-1)
    with pytest.raises(EstimateError, match="not whole"):
        gray(table + table_of(exit=[1], event=[1], stratum=[0], weight=[0.5]), cause="sre")
    with pytest.raises(EstimateError, match="1 group"):
        gray(risk_table(History.of(exit=[1], event=[1])), cause="dead")
