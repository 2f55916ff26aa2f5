import numpy as np
import pytest
from hypothesis import given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    kaplan_meier,
    restricted_mean,
    restricted_mean_ratio,
    restricted_mean_time_lost,
    risk_table,
)

from .test_properties import columns, history_of

STATES = ("free", "bone", "dead")


def test_four_by_hand():
    history = History.of(exit=[2, 3, 4, 8], event=[1, 0, 2, 0], states=STATES)
    lost = restricted_mean_time_lost(risk_table(history), 6)["all"]
    assert (lost["bone"].estimate, lost["dead"].estimate) == (1.0, 0.75)
    # h1 = 1/4 at day 2, h2 = 1/2 at day 4: L1 = 4 h1, L2 = 2 (1 - h1) h2, and Var h = h (1 - h) / n.
    v1, v2 = 3 / 64, 1 / 8
    np.testing.assert_allclose(lost["bone"].std_error, np.sqrt(16 * v1))
    np.testing.assert_allclose(lost["dead"].std_error, np.sqrt(1 * v1 + 1.5**2 * v2))


@given(columns(min_size=4))
def test_what_is_lost_and_what_is_left_is_the_horizon(data):
    table = risk_table(history_of(data))
    for name, survival in kaplan_meier(table).items():
        if survival.end <= 2:
            continue
        lost = restricted_mean_time_lost(table, survival.end)[name] if _same_end(table) else {}
        if lost:
            left = restricted_mean(survival, survival.end).estimate
            total = left + sum(x.estimate for x in lost.values())
            np.testing.assert_allclose(total, survival.end)


def _same_end(table):
    return len({curve.end for curve in kaplan_meier(table).values()}) == 1


@given(columns(min_size=4))
def test_one_cause_loses_what_the_mean_lacks(data):
    """The same standard error too, with delayed entry as without."""
    table = risk_table(
        history_of(
            data, event=data["event"] > 0, states=("free", "dead"), stratum=None, strata=None
        )
    )
    survival = kaplan_meier(table)["all"]
    lost = restricted_mean_time_lost(table, survival.end)["all"]["dead"]
    mean = restricted_mean(survival, survival.end)
    np.testing.assert_allclose(lost.estimate + mean.estimate, survival.end)
    np.testing.assert_allclose(lost.std_error, mean.std_error, rtol=1e-6, atol=1e-6)


def test_ratio_of_means_by_hand():
    history = History.of(
        exit=[2, 4, 6, 12, 3, 4, 6, 12],
        event=[1, 0, 1, 0, 0, 0, 0, 0],
        stratum=[0] * 4 + [1] * 4,
        strata=("a", "b"),
    )
    curves = kaplan_meier(risk_table(history))
    r = restricted_mean_ratio(curves["a"], curves["b"], 10)
    assert r.estimate == pytest.approx(0.65)
    assert r.std_error == pytest.approx(np.sqrt(4.5**2 / 12 + 1.5**2 / 2) / 6.5)


def test_mistakes():
    table = risk_table(History.of(exit=[2, 3], event=[1, 0], states=STATES))
    for horizon in (0, 4, np.inf, np.nan):
        with pytest.raises(EstimateError, match="the curves run from day 0 to day 3"):
            restricted_mean_time_lost(table, horizon)
    ill = History.of(entry=[0, 2], exit=[2, 5], event=[1, 2], from_state=[0, 1], states=STATES)
    with pytest.raises(EstimateError, match="somebody leaves the state bone"):
        restricted_mean_time_lost(risk_table(ill), 4)
