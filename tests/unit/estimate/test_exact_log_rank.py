from itertools import combinations
from math import comb

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import exact_log_rank, log_rank, risk_table


def random_history(seed, n=10, share=0.5, ties=True, late=False):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 4, n) * late
    stay = rng.integers(1, 8, n) if ties else 1 + rng.permutation(n)
    event = rng.random(n) < 0.7
    event[0] = True
    stratum = (rng.random(n) < share).astype(int)
    stratum[:2] = 0, 1
    return History.of(
        entry=entry, exit=entry + stay, event=event, stratum=stratum, strata=("a", "b")
    )


def relabelled(history, second):
    stratum = np.zeros(len(history), dtype=int)
    stratum[list(second)] = 1
    return History.of(
        entry=history.entry,
        exit=history.exit,
        event=history.to_state == 1,
        stratum=stratum,
        strata=("a", "b"),
    )


def excess(history, **weights):
    test = log_rank(risk_table(history), **weights)
    return test.observed[1] - test.expected[1]


def test_by_hand():
    """2 against 2, the second group first: of 6 orders the first and the last are as extreme."""
    test = exact_log_rank(History.of(exit=[3, 4, 1, 2], event=[1] * 4, stratum=[0, 0, 1, 1]))
    assert test.excess == pytest.approx((1 - 2 / 4) + (1 - 1 / 3))
    assert test.tails.permutations == comb(4, 2)
    assert test.p_value == pytest.approx(2 / 6)
    assert test.tails.p_greater == pytest.approx(1 / 6)
    assert test.tails.p_less == 1
    assert test.tails.mid_p_value == pytest.approx(1 / 6)


def test_the_variance_is_that_of_permutation():
    """Scores 3/4, 5/12, -1/12, -13/12 of events at 1, 2, 3, 4."""
    test = exact_log_rank(History.of(exit=[3, 4, 1, 2], event=[1] * 4, stratum=[0, 0, 1, 1]))
    scores = np.array([3 / 4, 5 / 12, -1 / 12, -13 / 12])
    assert test.z == pytest.approx(14 / 12 / np.sqrt(2 * 2 / (4 * 3) * (scores @ scores)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("weights", [{}, {"rho": 1}, {"rho": 0.5, "gamma": 2}])
def test_every_relabelling_tested_one_by_one(seed, late, weights):
    history = random_history(seed, n=8, late=late)
    test = exact_log_rank(history, **weights)
    size = int(history.stratum.sum())
    everyone = [
        excess(relabelled(history, second), **weights) for second in combinations(range(8), size)
    ]
    away, centre = np.array(everyone) - np.mean(everyone), np.mean(everyone)
    seen = excess(history, **weights) - centre
    assert test.excess == pytest.approx(seen + centre)
    assert test.p_value == pytest.approx(np.mean(np.abs(away) >= abs(seen) - 1e-9))
    assert test.tails.p_greater == pytest.approx(np.mean(away >= seen - 1e-9))
    assert test.tails.p_less == pytest.approx(np.mean(away <= seen + 1e-9))
    equal = np.mean(np.abs(np.abs(away) - abs(seen)) < 1e-9)
    assert test.tails.mid_p_value == pytest.approx(test.p_value - equal / 2)
    assert test.tails.permutations == len(everyone)


@pytest.mark.parametrize("seed", range(3))
def test_labels_are_exchanged_within_blocks(seed):
    history = random_history(seed, n=11)
    blocks = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2])
    test = exact_log_rank(history, blocks=blocks)
    # One by one: choose in each block, and add what log_rank finds in each.
    sums = np.zeros(1)
    seen = 0.0
    for block in range(3):
        part = history.where(blocks == block)
        size = int(part.stratum.sum())
        some = (part.to_state == 1).any()
        every = [
            excess(relabelled(part, s)) if some and 0 < size < len(part) else 0.0
            for s in combinations(range(len(part)), size)
        ]
        seen += (excess(part) if some and 0 < size < len(part) else 0.0) - np.mean(every)
        sums = np.add.outer(sums, np.array(every) - np.mean(every)).ravel()
    assert test.p_value == pytest.approx(np.mean(np.abs(sums) >= abs(seen) - 1e-9))
    assert test.tails.permutations == sums.size


def test_groups_exchanged_change_the_side():
    history = random_history(7, n=20, share=0.2)
    other = relabelled(history, np.flatnonzero(history.stratum == 0))
    a, b = exact_log_rank(history), exact_log_rank(other)
    assert a.p_value == pytest.approx(b.p_value)
    assert a.tails.p_greater == pytest.approx(b.tails.p_less)
    assert a.excess == pytest.approx(-b.excess)


def test_drawing_comes_near_and_says_how_near():
    history = random_history(3, n=20)
    exact = exact_log_rank(history)
    drawn = exact_log_rank(history, method="monte-carlo", replicates=20_000, seed=1)
    assert (exact.tails.method, drawn.tails.method) == ("exact", "monte-carlo")
    assert exact.tails.monte_carlo_error == 0
    assert abs(drawn.p_value - exact.p_value) < 4 * drawn.tails.monte_carlo_error
    assert (
        abs(drawn.tails.mid_p_value - exact.tails.mid_p_value) < 4 * drawn.tails.monte_carlo_error
    )
    again = exact_log_rank(history, method="monte-carlo", replicates=20_000, seed=1)
    assert again == drawn


def test_drawing_never_says_nought():
    history = History.of(exit=np.arange(40) + 1, event=[1] * 40, stratum=[1] * 20 + [0] * 20)
    drawn = exact_log_rank(history, method="monte-carlo", replicates=100)
    assert drawn.p_value == 1 / 101
    assert exact_log_rank(history).p_value == pytest.approx(2 / comb(40, 20))


def test_many_permutations_are_drawn_unless_ties_make_them_few():
    rng = np.random.default_rng(0)
    columns = {"stratum": np.arange(80) % 2, "event": np.ones(80)}
    untied = History.of(exit=rng.permutation(80) + 1, **columns)
    tied = History.of(exit=rng.integers(1, 8, 80), **columns)
    assert exact_log_rank(untied, replicates=100).tails.method == "monte-carlo"
    assert exact_log_rank(tied).tails.permutations == pytest.approx(comb(80, 40))
    with pytest.raises(EstimateError, match="80 subjects have too many permutations"):
        exact_log_rank(untied, method="exact")


def test_mistakes():
    with pytest.raises(EstimateError, match="1 of 2 groups have somebody"):
        exact_log_rank(History.of(exit=[1], event=[1], stratum=[0], strata=("a", "b")))
    two = {"exit": [1, 2], "event": [1, 1], "stratum": [0, 1]}
    with pytest.raises(EstimateError, match="several intervals"):
        exact_log_rank(History.of(**two, subject=[0, 0]))
    with pytest.raises(EstimateError, match="rows are weighted"):
        exact_log_rank(History.of(**two, weight=[2, 1]))
    with pytest.raises(EstimateError, match="`blocks` has shape"):
        exact_log_rank(History.of(**two), blocks=np.zeros(3))
    with pytest.raises(EstimateError, match="`replicates` is 5"):
        exact_log_rank(History.of(**two), replicates=5)
    with pytest.raises(EstimateError, match="no event happens"):
        exact_log_rank(History.of(exit=[1, 2], event=[0, 0], stratum=[0, 1]))
