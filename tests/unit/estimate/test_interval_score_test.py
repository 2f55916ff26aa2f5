import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import interval_score_test, log_rank, risk_table

INF = np.inf


def bounds_of(left, right, group, **more):
    return Bounds.of(left=left, right=right, stratum=group, strata=("a", "b", "c"), **more)


SIX = bounds_of([0, 0, 30, 0, 30, 60], [30, 60, INF, 90, 60, 90], [0, 0, 0, 1, 1, 1])


def test_scores_by_hand():
    """One scan on day 30, half convert: S = 1/2.

    Finkelstein: (0 - S log S) / (1 - S) = log 2 if found, log S = -log 2 if not. Sun: the hazard of
    the first interval is 1/2: 1 - 1/2 if found, -1/2 if not. Wilcoxon: S(0) + S(30) - 1 = 1/2, and -1/2.
    """
    bounds = bounds_of([0, 0, 30, 30], [30, 30, INF, INF], [0, 1, 1, 1])
    for scores, found in (("finkelstein", np.log(2)), ("sun", 0.5), ("wilcoxon", 0.5)):
        test = interval_score_test(bounds, scores=scores)
        np.testing.assert_allclose(test.score_sums, [found, -found], atol=1e-9)
        # Z^2 = U^2 n / (n1 n2) / (sum c^2 / (n - 1)) = 4 / 3 / (4 / 3)
        assert test.statistic == pytest.approx(1)
        assert test.z == pytest.approx(-1)
        assert test.df == 1


def test_exact_p_by_hand():
    """Of the 4 places of the one in group a, those two found and not found mirror each other: p = 1."""
    bounds = bounds_of([0, 0, 30, 30], [30, 30, INF, INF], [0, 1, 1, 1])
    assert interval_score_test(bounds, method="exact").p_value == 1
    separated = bounds_of([0, 0, 0, 30, 30, 30], [30] * 3 + [INF] * 3, [0] * 3 + [1] * 3)
    assert interval_score_test(separated, method="exact").p_value == pytest.approx(2 / 20)


def test_one_scan_is_fishers_exact_test_in_its_mirror_form():
    """7 of 10 against 2 of 10 found: p sums tables whose count is as far from 4.5."""
    from scipy.stats import hypergeom

    bounds = bounds_of(
        [0] * 7 + [30] * 3 + [0] * 2 + [30] * 8,
        [30] * 7 + [INF] * 3 + [30] * 2 + [INF] * 8,
        [0] * 10 + [1] * 10,
    )
    counts = np.arange(10)
    as_far = np.abs(counts - 4.5) >= 2.5
    expected = hypergeom.pmf(counts[as_far], 20, 9, 10).sum()
    for scores in ("sun", "finkelstein", "wilcoxon"):
        test = interval_score_test(bounds, scores=scores, method="exact")
        assert test.p_value == pytest.approx(expected)


def test_scores_add_up_to_nought():
    for scores in ("sun", "finkelstein", "wilcoxon"):
        assert interval_score_test(SIX, scores=scores).score_sums.sum() == pytest.approx(
            0, abs=1e-9
        )


def test_exact_times_with_ties_are_observed_less_expected_events():
    rng = np.random.default_rng(1)
    time, event, group = rng.integers(1, 15, 40), rng.random(40) < 0.7, rng.integers(0, 3, 40)
    test = interval_score_test(bounds_of(time, np.where(event, time, INF), group))
    table = risk_table(History.of(exit=time, event=event, stratum=group, strata=("a", "b", "c")))
    peers = log_rank(table)
    np.testing.assert_allclose(test.score_sums, peers.observed - peers.expected, atol=1e-7)


def test_wilcoxon_scores_of_complete_data_are_ranks():
    rng = np.random.default_rng(2)
    time, group = rng.permutation(20) + 1.0, np.repeat([0, 1], 10)
    test = interval_score_test(bounds_of(time, time, group), scores="wilcoxon")
    ranks = time[group == 0].sum()
    assert test.score_sums[0] == pytest.approx(-(2 * ranks - 10 * 21) / 20, abs=1e-8)


def test_three_groups_are_two_when_one_is_empty_and_labels_do_not_matter():
    rng = np.random.default_rng(3)
    left = rng.integers(0, 5, 30) * 10.0
    right = np.where(rng.random(30) < 0.3, INF, left + 10 * rng.integers(1, 4, 30))
    group = rng.integers(0, 3, 30)
    test = interval_score_test(bounds_of(left, right, group))
    turned = interval_score_test(bounds_of(left, right, (group + 1) % 3))
    assert test.df == 2
    assert turned.statistic == pytest.approx(test.statistic)
    spread = test.statistic / (test.score_sums**2 / test.n).sum()
    two = interval_score_test(bounds_of(left, right, 2 * (group > 0)))
    assert two.groups == ("a", "c")
    assert two.statistic == pytest.approx(spread * (two.score_sums**2 / two.n).sum())


def test_a_trend_over_two_groups_is_their_test_whatever_the_doses():
    plain = interval_score_test(SIX)
    for doses in ([0, 1], [10, 30]):
        assert interval_score_test(SIX, trend=doses).z == pytest.approx(plain.z)
    assert interval_score_test(SIX, trend=[1, 0]).z == pytest.approx(-plain.z)


def test_monte_carlo_nears_the_exact_p_and_repeats_itself():
    exact = interval_score_test(SIX, method="exact").p_value
    drawn = [interval_score_test(SIX, method="monte carlo", seed=4) for _ in range(2)]
    assert drawn[0].p_value == drawn[1].p_value
    assert drawn[0].p_value == pytest.approx(exact, abs=3 * np.sqrt(0.25 / 9999))


def test_the_level_holds():
    """300 studies without a difference: 5% of asymptotic p-values below 0.05, within 3.5 SE."""
    rng = np.random.default_rng(5)
    below = 0
    for _ in range(300):
        true = rng.weibull(1.3, 60) * 300
        scans = rng.integers(40, 120, (60, 6)).cumsum(axis=1)
        left = np.where(scans < true[:, None], scans, 0).max(axis=1)
        right = np.where(scans >= true[:, None], scans, INF).min(axis=1)
        below += interval_score_test(bounds_of(left, right, np.repeat([0, 1], 30))).p_value < 0.05
    assert abs(below / 300 - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize(
    ("bounds", "arguments", "message"),
    [
        (SIX, {"scores": "logrank"}, "`scores`"),
        (SIX, {"method": "perm"}, "`method`"),
        (SIX, {"trend": [1, 1]}, "one value a group"),
        (SIX, {"trend": [1, 2, 3]}, "one value a group"),
        (bounds_of([0, 1], [2, 3], [0, 0]), {}, "fewer than two groups"),
        (bounds_of([5, 6], [7, 8], [0, 1], entry=[1, 3]), {}, "enter at different times"),
        (bounds_of([5, 6], [7, 8], [0, 1], weight=[1, 3]), {}, "weighted"),
        (bounds_of([0, 0], [9, 9], [0, 1]), {}, "same score"),
        (
            bounds_of(np.arange(60), np.arange(60) + 2, np.arange(60) % 2),
            {"method": "exact"},
            "monte carlo",
        ),
        (bounds_of([0, 1, 2], [3, 2, 4], [0, 1, 2]), {"method": "exact"}, "two groups"),
    ],
)
def test_mistakes(bounds, arguments, message):
    with pytest.raises(EstimateError, match=message):
        interval_score_test(bounds, **arguments)
