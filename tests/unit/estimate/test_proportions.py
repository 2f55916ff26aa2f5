import numpy as np
import pytest
from scipy.stats import binom

from osteon.errors import EstimateError
from osteon.estimate import proportion, proportion_difference, proportion_upper_bound


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


def test_a_difference_is_antisymmetric():
    a, b = proportion_difference(9, 26, 2, 36), proportion_difference(2, 36, 9, 26)
    assert a.estimate == pytest.approx(-b.estimate)
    assert a.conf_low == pytest.approx(-b.conf_high)


@pytest.mark.parametrize("counts", [(3, 2), (-1, 5), (0, 0), (1.5, 4)])
def test_counts_that_do_not_fit(counts):
    with pytest.raises(EstimateError, match="the counts are"):
        proportion(*counts)
    with pytest.raises(EstimateError, match="the counts are"):
        proportion_upper_bound(*counts)
    with pytest.raises(EstimateError, match="the counts are"):
        proportion_difference(1, 2, *counts)


def test_mid_p_solves_its_equations():
    p = proportion(3, 12, interval="mid-p")
    for limit, tail in ((p.conf_low, 0.975), (p.conf_high, 0.025)):
        assert binom.cdf(2, 12, limit) + binom.pmf(3, 12, limit) / 2 == pytest.approx(tail)
    exact = proportion(3, 12, interval="clopper-pearson")
    assert exact.conf_low < p.conf_low < p.conf_high < exact.conf_high


def test_mid_p_ends():
    assert proportion(0, 9, interval="mid-p").conf_high == pytest.approx(1 - 0.05 ** (1 / 9))
    assert proportion(9, 9, interval="mid-p").conf_low == pytest.approx(0.05 ** (1 / 9))


def test_rule_of_three():
    assert proportion_upper_bound(0, 300) == pytest.approx(0.01, rel=0.01)
    assert proportion_upper_bound(0, 57) == pytest.approx(1 - 0.05 ** (1 / 57))
    assert proportion_upper_bound(4, 4) == 1


def test_miettinen_nurminen_solves_the_score_equation():
    """At a limit the difference is z times its error, at shares on the line p_1 = p_0 + d."""
    d = proportion_difference(6, 7, 2, 7, interval="miettinen-nurminen")
    for limit in (d.conf_low, d.conf_high):
        p_0 = np.linspace(max(0, -limit), min(1, 1 - limit), 200_001)[1:-1]
        p_1 = p_0 + limit
        likelihood = 6 * np.log(p_1) + np.log(1 - p_1) + 2 * np.log(p_0) + 5 * np.log(1 - p_0)
        i = np.argmax(likelihood)
        variance = 14 / 13 * (p_1[i] * (1 - p_1[i]) + p_0[i] * (1 - p_0[i])) / 7
        assert abs(4 / 7 - limit) / np.sqrt(variance) == pytest.approx(1.959963984540054, rel=1e-4)


@pytest.mark.parametrize("interval", ["newcombe", "miettinen-nurminen"])
def test_differences_at_the_ends(interval):
    none = proportion_difference(0, 10, 0, 20, interval=interval)
    assert none.conf_low < 0 < none.conf_high
    all_and_none = proportion_difference(10, 10, 0, 20, interval=interval)
    assert 0.5 < all_and_none.conf_low < all_and_none.conf_high == 1


def test_an_unknown_interval():
    with pytest.raises(EstimateError, match='Did you mean "wilson"'):
        proportion(1, 2, interval="wilsen")
    with pytest.raises(EstimateError, match='Did you mean "newcombe"'):
        proportion_difference(1, 2, 1, 2, interval="newcomb")
