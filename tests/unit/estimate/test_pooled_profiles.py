import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import firth_cox, firth_logistic, pool_profiles

EVENT = [1, 1, 1, 0, 0, 0, 0, 0, 0]


def fitted(x, **options):
    return firth_logistic(EVENT, {"treated": [0, 0, 0, 0, 1, 1, 1, 1, x]}, **options)


def two_by_two(b, a, n1, c, n0):
    """Penalised log-likelihood of a 2 x 2 table at log odds ratio b, whose maximum over the
    intercept is sought on a grid: the table is all there is."""
    intercept = np.linspace(-6, 6, 400_001)
    p0, p1 = (1 / (1 + np.exp(-(intercept + shift))) for shift in (0, b))
    value = a * np.log(p1) + (n1 - a) * np.log(1 - p1) + c * np.log(p0) + (n0 - c) * np.log(1 - p0)
    information = (n1 * p1 * (1 - p1)) * (n0 * p0 * (1 - p0))
    return float((value + np.log(information) / 2).max())


def test_two_tables_by_hand():
    """3 of 4 and 0 of 5, and 3 of 5 and 0 of 4; estimates are those with 1/2 in every cell."""
    fits = [fitted(1), fitted(0)]
    pooled = pool_profiles(fits)["treated"]
    tables = [(0, 5, 3, 4), (0, 4, 3, 5)]
    best = [
        np.log((a + 0.5) * (m - c + 0.5) / ((n - a + 0.5) * (c + 0.5))) for a, n, c, m in tables
    ]
    assert np.log(pooled.estimate) == pytest.approx(np.mean(best))

    def mean_share(b):
        roots = [
            np.sign(b - top) * np.sqrt(2 * (two_by_two(top, *t) - two_by_two(b, *t)))
            for top, t in zip(best, tables, strict=True)
        ]
        return np.mean(ndtr(roots))

    assert mean_share(np.log(pooled.conf_low)) == pytest.approx(0.025, abs=1e-6)
    assert mean_share(np.log(pooled.conf_high)) == pytest.approx(0.975, abs=1e-6)
    assert 2 * (1 - mean_share(0)) == pytest.approx(pooled.p_value, abs=1e-6)
    assert np.isnan(pooled.std_error)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_one_data_set_many_times_is_its_own_profile(level):
    fit = fitted(1, conf_level=level)
    pooled = pool_profiles([fit] * 3)["treated"]
    for name in ("estimate", "conf_low", "conf_high", "p_value"):
        assert getattr(pooled, name) == pytest.approx(
            getattr(fit.ratios["treated"], name), rel=1e-8
        )


@given(st.integers(0, 1000))
def test_limits_lie_between_those_of_the_imputations(seed):
    rng = np.random.default_rng(seed)
    exit_, event = rng.permutation(20) + 1, rng.random(20) < 0.5
    event[0] = True
    x = rng.normal(size=20)
    fits = [
        firth_cox(
            History.of(exit=exit_, event=event, covariates={"x": x + 0.3 * rng.normal(size=20)}),
            ["x"],
        )
        for _ in range(3)
    ]
    pooled, ratios = pool_profiles(fits)["x"], [fit.ratios["x"] for fit in fits]
    for limit in ("conf_low", "conf_high"):
        each = [getattr(r, limit) for r in ratios]
        assert min(each) * (1 - 1e-6) <= getattr(pooled, limit) <= max(each) * (1 + 1e-6)
    assert pooled.conf_low < pooled.estimate < pooled.conf_high
    back = pool_profiles(fits[::-1])["x"]
    assert (back.conf_low, back.p_value) == pytest.approx((pooled.conf_low, pooled.p_value))


def test_a_profile_has_fallen_by_half_a_chi_squared_at_its_limits():
    fit = fitted(0)
    odds = fit.ratios["treated"]
    for limit in (odds.conf_low, odds.conf_high):
        assert 2 * fit.profile("treated", np.log(limit)) == pytest.approx(3.841458821)
    assert fit.profile("treated", np.log(odds.estimate)) == pytest.approx(0, abs=1e-12)


def test_mistakes():
    with pytest.raises(EstimateError, match="two or more"):
        pool_profiles([fitted(1)])
    other = firth_logistic(EVENT, {"x": [0, 0, 0, 0, 1, 1, 1, 1, 1]})
    with pytest.raises(EstimateError, match="different sets of covariates"):
        pool_profiles([fitted(1), other])
    with pytest.raises(EstimateError, match="different confidence levels"):
        pool_profiles([fitted(1), fitted(0, conf_level=0.9)])
