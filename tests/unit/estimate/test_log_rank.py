import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import log_rank, risk_table


def table_of(**columns):
    strata = columns.pop("strata", ("a", "b"))
    return risk_table(History.of(**columns, strata=strata))


def test_by_hand_with_a_tie():
    """Events at 1 (n = 3 + 3, d = 1) and 2 (n = 2 + 3, d = 2)."""
    test = log_rank(
        table_of(exit=[1, 2, 4, 2, 3, 5], event=[1, 1, 0, 1, 0, 0], stratum=[0, 0, 0, 1, 1, 1])
    )
    expected = 1 / 2 + 2 * 2 / 5
    variance = 1 / 4 + 2 * (2 / 5) * (3 / 5) * (5 - 2) / (5 - 1)
    np.testing.assert_allclose(test.expected, [expected, 3 - expected])
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance)


def test_late_entry_is_not_at_risk_early():
    test = log_rank(table_of(entry=[0, 0, 4], exit=[2, 5, 6], event=[1, 0, 1], stratum=[0, 1, 1]))
    np.testing.assert_allclose(test.expected, [1 / 2, 1 / 2 + 1])


def test_strata_add_up():
    one = table_of(exit=[1, 2, 3], event=[1, 1, 0], stratum=[0, 1, 1])
    two = table_of(exit=[2, 2, 4], event=[1, 0, 1], stratum=[1, 0, 0])
    both = log_rank(one, two)
    apart = log_rank(one), log_rank(two)
    np.testing.assert_allclose(both.expected, apart[0].expected + apart[1].expected)
    np.testing.assert_allclose(both.variance, apart[0].variance + apart[1].variance)


def test_groups_are_matched_by_name():
    one = table_of(exit=[1, 2, 3], event=[1, 1, 0], stratum=[0, 1, 1])
    swapped = table_of(exit=[1, 2, 3], event=[1, 1, 0], stratum=[1, 0, 0], strata=("b", "a"))
    assert log_rank(one, swapped).observed.tolist() == (2 * log_rank(one).observed).tolist()


def test_a_group_of_nobody_costs_no_degree_of_freedom():
    test = log_rank(
        table_of(exit=[1, 2, 3], event=[1, 1, 0], stratum=[0, 1, 1], strata=("a", "b", "c"))
    )
    assert test.df == 1
    assert test.observed[2] == 0


def test_start_leaves_early_events_out():
    columns = {"exit": [1, 2, 3, 4], "event": [1, 1, 1, 0], "stratum": [0, 1, 0, 1]}
    assert log_rank(table_of(**columns), start=1).observed.tolist() == [1, 1]


def test_no_event_no_evidence():
    test = log_rank(table_of(exit=[1, 2], event=[0, 0], stratum=[0, 1]))
    assert (test.statistic, test.df) == (0, 0)
    assert np.isnan(test.p_value)


def test_late_weights_by_hand():
    """S(t-) is 1 at the first event and 5/6 at the second: gamma = 1 weighs 0 and 1/6."""
    test = log_rank(
        table_of(exit=[1, 2, 4, 2, 3, 5], event=[1, 1, 0, 1, 0, 0], stratum=[0, 0, 0, 1, 1, 1]),
        gamma=1,
    )
    np.testing.assert_allclose(test.expected, [2 * 2 / 5 / 6, 2 * 3 / 5 / 6])
    assert test.variance[0, 0] == pytest.approx(2 * (2 / 5) * (3 / 5) * (3 / 4) / 36)


def test_weights_start_where_the_test_starts():
    columns = {"exit": [1, 2, 3, 4], "event": [1, 1, 1, 0], "stratum": [0, 1, 0, 1]}
    test = log_rank(table_of(**columns), start=1, rho=1)
    np.testing.assert_allclose(test.observed, [2 / 3, 1])


@pytest.mark.parametrize("options", [{"rho": -1}, {"gamma": -0.5}, {"gamma": np.nan}])
def test_a_negative_power(options):
    table = table_of(exit=[1, 2], event=[1, 1], stratum=[0, 1])
    with pytest.raises(EstimateError, match=f"`{next(iter(options))}` is .* 0 or more"):
        log_rank(table, **options)


def test_weights_that_count_no_patients():
    table = table_of(exit=[1, 2], event=[1, 1], stratum=[0, 1], weight=[0.5, 1])
    with pytest.raises(EstimateError, match=r"not whole.*robust"):
        log_rank(table)
    halves = table_of(exit=[1, 1, 2], event=[1, 1, 1], stratum=[0, 0, 1], weight=[0.5, 0.5, 1])
    with pytest.raises(EstimateError, match="not whole"):
        log_rank(halves)


def test_gehan_by_hand():
    """Weights 6 and 5 at the two event times."""
    test = log_rank(
        table_of(exit=[1, 2, 4, 2, 3, 5], event=[1, 1, 0, 1, 0, 0], stratum=[0, 0, 0, 1, 1, 1]),
        weights="gehan",
    )
    np.testing.assert_allclose(test.expected[0], 6 / 2 + 5 * 2 * 2 / 5)
    assert test.variance[0, 0] == pytest.approx(36 / 4 + 25 * 2 * (2 / 5) * (3 / 5) * (3 / 4))


def test_powers_belong_to_fleming_and_harrington():
    table = table_of(exit=[1, 2], event=[1, 1], stratum=[0, 1])
    with pytest.raises(EstimateError, match="choose one or the other"):
        log_rank(table, weights="gehan", rho=1)
    with pytest.raises(EstimateError, match='Did you mean "tarone-ware"'):
        log_rank(table, weights="taroneware")


def test_mistakes():
    with pytest.raises(EstimateError, match="1 group to compare"):
        log_rank(risk_table(History.of(exit=[1], event=[1])))
    with pytest.raises(EstimateError, match="0 group"):
        log_rank()
