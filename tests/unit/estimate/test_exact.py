import numpy as np
import pytest

from osteon.errors import EstimateError
from osteon.estimate import fisher_exact, proportion, proportion_difference


def test_clopper_pearson_closed_forms():
    nought = proportion(0, 57, interval="clopper-pearson")
    assert (nought.conf_low, nought.conf_high) == (0, pytest.approx(1 - 0.025 ** (1 / 57)))
    every = proportion(56, 56, interval="clopper-pearson")
    assert (every.conf_low, every.conf_high) == (pytest.approx(0.025 ** (1 / 56)), 1)


def test_wilson_solves_the_score_equation():
    p = proportion(7, 20)
    for limit in (p.conf_low, p.conf_high):
        z = (0.35 - limit) / np.sqrt(limit * (1 - limit) / 20)
        assert abs(z) == pytest.approx(1.959963984540054)


def test_wilson_ends_at_nought_and_one():
    assert proportion(0, 9).conf_low == 0
    assert proportion(9, 9).conf_high == 1


def test_fisher_by_hand():
    """3 of 3 against 1 of 4: C(4,1) / C(7,4) = 4/35, and the mirror table C(4,4) / 35."""
    test = fisher_exact(3, 3, 1, 4)
    assert test.p_value == pytest.approx((4 + 1) / 35)
    assert test.sample_odds_ratio == np.inf
    assert (test.odds_ratio.estimate, test.odds_ratio.conf_high) == (np.inf, np.inf)


def test_fisher_limits_leave_their_tail():
    """2 of 2 against 0 of 2: P(X = 2) = w / (1 + 4 w + w^2) with odds ratio w... solved by hand."""
    low = fisher_exact(2, 2, 0, 2).odds_ratio.conf_low
    assert low**2 / (1 + 4 * low + low**2) == pytest.approx(0.025)


def test_conditional_estimate_solves_its_equation():
    """1 of 2 against 1 of 2 is symmetric: 1."""
    test = fisher_exact(1, 2, 1, 2)
    assert test.odds_ratio.estimate == pytest.approx(1)
    assert test.p_value == 1


def test_tables_without_a_comparison():
    none = fisher_exact(0, 5, 0, 7)
    assert none.p_value == 1
    assert np.isnan([none.sample_odds_ratio, none.odds_ratio.estimate]).all()
    assert (none.odds_ratio.conf_low, none.odds_ratio.conf_high) == (0, np.inf)


def test_groups_exchanged_invert_the_odds_ratio():
    a, b = fisher_exact(9, 26, 2, 36), fisher_exact(2, 36, 9, 26)
    assert a.p_value == pytest.approx(b.p_value)
    assert a.odds_ratio.estimate == pytest.approx(1 / b.odds_ratio.estimate)
    assert a.odds_ratio.conf_low == pytest.approx(1 / b.odds_ratio.conf_high)


def test_a_difference_is_antisymmetric():
    a, b = proportion_difference(9, 26, 2, 36), proportion_difference(2, 36, 9, 26)
    assert a.estimate == pytest.approx(-b.estimate)
    assert a.conf_low == pytest.approx(-b.conf_high)


@pytest.mark.parametrize("counts", [(3, 2), (-1, 5), (0, 0), (1.5, 4)])
def test_counts_that_do_not_fit(counts):
    with pytest.raises(EstimateError, match="the counts are"):
        proportion(*counts)
    with pytest.raises(EstimateError, match="the counts are"):
        fisher_exact(*counts, 1, 2)
    with pytest.raises(EstimateError, match="the counts are"):
        proportion_difference(1, 2, *counts)


def test_an_unknown_interval():
    with pytest.raises(EstimateError, match='Did you mean "wilson"'):
        proportion(1, 2, interval="wilsen")
