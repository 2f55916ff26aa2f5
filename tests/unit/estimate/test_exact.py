import numpy as np
import pytest

from osteon.errors import EstimateError
from osteon.estimate import boschloo, fisher_exact


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


@pytest.mark.parametrize("counts", [(3, 2), (-1, 5), (0, 0), (1.5, 4)])
def test_counts_that_do_not_fit(counts):
    with pytest.raises(EstimateError, match="the counts are"):
        fisher_exact(*counts, 1, 2)
    with pytest.raises(EstimateError, match="the counts are"):
        boschloo(1, 2, *counts)


def test_conventions_by_hand():
    """3 of 3 against 1 of 4: the upper tail is 4/35, alone; the mirror table is 1/35."""
    p = {c: fisher_exact(3, 3, 1, 4, convention=c).p_value for c in ("minlike", "central", "mid-p")}
    assert p == pytest.approx({"minlike": 5 / 35, "central": 8 / 35, "mid-p": 4 / 35})


def test_central_p_and_limits_agree():
    for counts in ((9, 26, 2, 36), (7, 20, 2, 20), (6, 20, 1, 20), (8, 30, 2, 30)):
        test = fisher_exact(*counts, convention="central")
        assert (test.p_value < 0.05) == (test.odds_ratio.conf_low > 1)


def test_mid_p_limits_lie_inside():
    exact = fisher_exact(9, 26, 2, 36).odds_ratio
    mid_p = fisher_exact(9, 26, 2, 36, convention="mid-p").odds_ratio
    assert exact.conf_low < mid_p.conf_low < mid_p.conf_high < exact.conf_high
    assert mid_p.interval == "mid-p"


def test_boschloo_by_hand():
    """1 of 1 against 0 of 1: p (1 - p) is at most 1/4, whichever group it is."""
    assert boschloo(1, 1, 0, 1) == pytest.approx(0.5)
    assert boschloo(0, 1, 1, 1) == pytest.approx(0.5)
    assert boschloo(0, 4, 0, 3) == boschloo(4, 4, 3, 3) == 1


@pytest.mark.parametrize("counts", [(9, 26, 2, 36), (3, 3, 1, 4), (2, 7, 5, 6)])
def test_boschloo_is_never_less_powerful_than_fisher(counts):
    assert boschloo(*counts) <= fisher_exact(*counts, convention="central").p_value


def test_an_unknown_convention():
    with pytest.raises(EstimateError, match='Did you mean "minlike"'):
        fisher_exact(1, 2, 1, 2, convention="minlik")
