from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import exact_log_rank, exact_log_rank_groups, log_rank, risk_table

from .test_exact_log_rank import random_history

NAMES = ("a", "b", "c")


def three(seed, n=9, late=False):
    history = random_history(seed, n=n, late=late)
    return History.of(
        entry=history.entry,
        exit=history.exit,
        event=history.to_state == 1,
        stratum=np.random.default_rng(seed).permutation(np.arange(n) % 3),
        strata=NAMES,
    )


def test_by_hand():
    """Events on days 1, 2, 3: scores 2/3, 1/6, -5/6; each permutation of three single patients has
    the same quadratic form, (n - 1) = 2."""
    test = exact_log_rank_groups(
        History.of(exit=[1, 2, 3], event=[1, 1, 1], stratum=[0, 1, 2], strata=NAMES)
    )
    np.testing.assert_allclose(test.excess, [2 / 3, 1 / 6, -5 / 6])
    assert test.statistic == pytest.approx(2)
    assert (test.df, test.p_value, test.tails.mid_p_value) == (2, 1.0, 0.5)
    assert test.tails.permutations == factorial(3)


def test_two_in_each_group_by_hand():
    """Q is (n - 1) / A times the sum of squared sums over sizes; only whole groups in the order of
    time reach the largest: 3! of 90."""
    history = History.of(
        exit=[5, 6, 1, 2, 3, 4], event=[1] * 6, stratum=[0, 0, 1, 1, 2, 2], strata=NAMES
    )
    test = exact_log_rank_groups(history)
    hazard = np.cumsum(1 / np.array([6.0, 5, 4, 3, 2, 1]))
    scores = 1 - hazard
    sums = np.array([scores[4:].sum(), scores[:2].sum(), scores[2:4].sum()])
    np.testing.assert_allclose(test.excess, sums)
    assert test.statistic == pytest.approx(5 / (scores @ scores) * (sums @ sums) / 2)
    assert test.p_value == pytest.approx(6 / 90)
    assert test.tails.mid_p_value == pytest.approx(3 / 90)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("weights", [{}, {"rho": 1, "gamma": 0.5}])
def test_every_relabelling_tested_one_by_one(seed, late, weights):
    """By the observed less expected events that log_rank finds, and their spread."""
    history = three(seed, n=7, late=late)
    found = []
    for labels in set(permutations(history.stratum.tolist())):
        relabelled = History.of(
            entry=history.entry,
            exit=history.exit,
            event=history.to_state == 1,
            stratum=labels,
            strata=NAMES,
        )
        test = log_rank(risk_table(relabelled), **weights)
        found.append(test.observed - test.expected)
        if list(labels) == history.stratum.tolist():
            seen = found[-1]
    found = np.array(found)
    around = found - found.mean(axis=0)
    inverse = np.linalg.pinv(around.T @ around / len(found), rcond=1e-10, hermitian=True)
    forms = np.einsum("ma,ab,mb->m", around, inverse, around)
    away = seen - found.mean(axis=0)
    test = exact_log_rank_groups(history, **weights)
    np.testing.assert_allclose(test.excess, seen, atol=1e-12)
    assert test.statistic == pytest.approx(away @ inverse @ away)
    assert test.p_value == pytest.approx(np.mean(forms >= test.statistic - 1e-8))
    assert test.tails.permutations == len(found)


@given(st.integers(0, 10_000), st.booleans())
def test_two_groups_are_the_test_of_two_groups(seed, late):
    history = random_history(seed, n=11, late=late)
    two, groups = exact_log_rank(history), exact_log_rank_groups(history)
    assert groups.p_value == pytest.approx(two.p_value)
    assert groups.tails.mid_p_value == pytest.approx(two.tails.mid_p_value)
    assert groups.excess[1] == pytest.approx(two.excess, abs=1e-12)
    if np.isfinite(two.z):
        assert groups.statistic == pytest.approx(two.z**2)
    else:
        assert np.isnan(groups.statistic)


@given(st.integers(0, 10_000), st.permutations([0, 1, 2]))
def test_names_and_order_of_groups_do_not_matter(seed, order):
    history = three(seed)
    other = History.of(
        entry=history.entry,
        exit=history.exit,
        event=history.to_state == 1,
        stratum=np.array(order)[history.stratum],
        strata=NAMES,
    )
    a, b = exact_log_rank_groups(history), exact_log_rank_groups(other)
    assert (a.p_value, a.df) == (pytest.approx(b.p_value), b.df)
    np.testing.assert_allclose(a.excess, b.excess[np.array(order)], atol=1e-12)


def test_blocks_that_say_nothing_change_nothing():
    """A block of one patient, and one where nothing happens."""
    history = three(5)
    more = History.of(
        exit=[*history.exit, 3, 4, 5],
        event=[*(history.to_state == 1), 1, 0, 0],
        stratum=[*history.stratum, 0, 1, 2],
        strata=NAMES,
    )
    blocks = [0] * 9 + [1, 2, 2]
    a, b = exact_log_rank_groups(history), exact_log_rank_groups(more, blocks=np.array(blocks))
    assert b.p_value == pytest.approx(a.p_value)
    assert b.statistic == pytest.approx(a.statistic)


def test_drawing_comes_near_and_says_how_near():
    history = three(3, n=13)
    exact = exact_log_rank_groups(history)
    drawn = exact_log_rank_groups(history, method="monte-carlo", replicates=20_000, seed=1)
    assert (exact.tails.method, drawn.tails.method) == ("exact", "monte-carlo")
    assert abs(drawn.p_value - exact.p_value) < 4 * drawn.tails.monte_carlo_error
    again = exact_log_rank_groups(history, method="monte-carlo", replicates=20_000, seed=1)
    assert (again.tails, again.statistic) == (drawn.tails, drawn.statistic)
    blocks = np.arange(13) % 2
    exact, drawn = (
        exact_log_rank_groups(history, blocks=blocks, method=method, replicates=20_000)
        for method in ("exact", "monte-carlo")
    )
    assert abs(drawn.p_value - exact.p_value) < 4 * drawn.tails.monte_carlo_error


def test_many_permutations_are_drawn():
    history = three(1, n=60)
    assert exact_log_rank_groups(history, replicates=200).tails.method == "monte-carlo"
    with pytest.raises(EstimateError, match="60 subjects have too many permutations"):
        exact_log_rank_groups(history, method="exact")


def test_mistakes():
    with pytest.raises(EstimateError, match="1 of 1 groups have somebody"):
        exact_log_rank_groups(History.of(exit=[1, 2], event=[1, 1]))
    with pytest.raises(EstimateError, match="2 of 3 groups have somebody"):
        exact_log_rank_groups(History.of(exit=[1, 2], event=[1, 1], stratum=[0, 2], strata=NAMES))
    with pytest.raises(EstimateError, match="several intervals"):
        exact_log_rank_groups(History.of(exit=[1, 2], event=[1, 1], stratum=[0, 1], subject=[0, 0]))
