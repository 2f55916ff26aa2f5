import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    risk_table,
    robust_cumulative_incidence,
)

STATES = ("bm", "sre", "dead")


def curves_of(options=None, **columns):
    table = risk_table(History.of(**columns, states=STATES))
    return cumulative_incidence(table, **(options or {}))["all"]


def test_ties_of_different_causes_by_hand():
    """n = 6: sre at 1; both causes at 3, of 4 at risk after a death at 2."""
    curves = curves_of(exit=[1, 2, 3, 3, 3, 4], event=[1, 2, 1, 2, 0, 0])
    np.testing.assert_allclose(curves["sre"].at([1, 2, 3]).estimate, [1 / 6, 1 / 6, 2 / 6])
    np.testing.assert_allclose(curves["dead"].at([1, 2, 3]).estimate, [0, 1 / 6, 2 / 6])


def test_delayed_entry_tied_to_an_event_time():
    """Who enters at 2 is not at risk for the events at 2."""
    curves = curves_of(entry=[0, 0, 0, 2], exit=[2, 2, 5, 6], event=[1, 2, 1, 0])
    np.testing.assert_allclose(curves["sre"].at([2, 5]).estimate, [1 / 3, 1 / 3 + 1 / 3 / 2])


def test_variances_by_hand_at_the_first_time():
    """Before anything else F is a proportion: multinomial p (1 - p) / n; Aalen's has n - 1."""
    columns = {"exit": [1, 1, 1, 2, 2, 2, 2, 2], "event": [1, 1, 2, 0, 0, 0, 0, 0]}
    delta = curves_of(**columns)["sre"].at(1)
    aalen = curves_of({"variance": "aalen"}, **columns)["sre"].at(1)
    np.testing.assert_allclose(delta.std_error**2, 2 * 6 / 8**3)
    np.testing.assert_allclose(aalen.std_error**2, 2 * 6 / (8**2 * 7))


def test_everybody_has_an_event():
    curves = curves_of(exit=[1, 2, 3], event=[1, 2, 1])
    np.testing.assert_allclose(curves["sre"].estimate[-1] + curves["dead"].estimate[-1], 1)
    np.testing.assert_allclose(curves["sre"].std_error[-1] ** 2, 2 / 9 / 3)  # a proportion of 3
    assert np.isfinite(curves["sre"].conf_high).all()


@pytest.mark.parametrize("interval", ["log-log", "log", "plain", "logit", "arcsine", "cloglog"])
@pytest.mark.parametrize("estimator", [cumulative_incidence, robust_cumulative_incidence])
def test_where_all_have_had_the_event_nothing_limits_it(estimator, interval):
    """As a survival that has reached 0; "100 % (100 to 100 %)" would be certain of it."""
    history = History.of(exit=[1, 2, 3], event=[1, 1, 1])
    given = history if estimator is robust_cumulative_incidence else risk_table(history)
    curve = estimator(given, interval=interval)["all"]["dead"]
    survival = kaplan_meier(risk_table(history))["all"]
    assert curve.estimate[-1] == 1 - survival.estimate[-1] == 1
    for of in (curve, survival):
        assert np.isnan([of.std_error[-1], of.conf_low[-1], of.conf_high[-1]]).all()
        assert np.isfinite([of.std_error[:-1], of.conf_low[:-1], of.conf_high[:-1]]).all()


def test_an_outcome_that_never_happens_has_a_curve_at_nought():
    curves = curves_of(exit=[1, 2], event=[2, 0])
    assert list(curves) == ["sre", "dead"]
    assert curves["sre"].at(2).estimate.tolist() == [0]
    assert curves["sre"].at(2).conf_high.tolist() == [0]


def test_conditional_on_a_start():
    curves = curves_of({"start": 1}, exit=[1, 2, 3, 4], event=[1, 1, 2, 0])
    np.testing.assert_allclose(curves["sre"].at([1, 2]).estimate, [0, 1 / 3])


def test_mistakes():
    with pytest.raises(EstimateError, match="somebody leaves the state sre"):
        curves_of(entry=[0, 3], exit=[3, 5], event=[1, 2], from_state=[0, 1], subject=[0, 0])
    with pytest.raises(EstimateError, match=r'"gray".*"delta", "aalen"'):
        curves_of({"variance": "gray"}, exit=[1], event=[1])
