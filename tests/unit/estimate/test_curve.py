import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cox,
    cumulative_incidence,
    fixed_time,
    fixed_time_difference,
    fixed_time_ratio,
    kaplan_meier,
    predicted_survival,
    restricted_mean,
    risk_table,
)


@pytest.fixture
def curve():
    return kaplan_meier(risk_table(History.of(exit=[2, 4, 6, 8], event=[1, 0, 1, 0])))["all"]


def test_steps_are_right_continuous(curve):
    points = curve.at([0, 1.9, 2, 5, 6, 8])
    assert points.estimate.tolist() == [1, 1, 0.75, 0.75, 0.375, 0.375]
    assert points.events.tolist() == [0, 0, 1, 1, 2, 2]


def test_at_risk_is_of_just_before(curve):
    assert curve.at([0, 2, 2.1, 4, 4.1, 8, 9]).at_risk.tolist() == [4, 4, 3, 3, 2, 1, 0]


def test_unknown_before_the_start_and_after_the_end(curve):
    assert np.isnan(curve.at([-1, 8.1]).estimate).all()
    assert curve.end == 8


def test_survival_that_reached_nought_stays_there():
    curve = kaplan_meier(risk_table(History.of(exit=[2, 4], event=[1, 1])))["all"]
    assert curve.at(100).estimate.tolist() == [0]


def test_incidence_is_unknown_after_the_end():
    table = risk_table(History.of(exit=[2, 4], event=[1, 2], states=("free", "sre", "dead")))
    curve = cumulative_incidence(table)["all"]["sre"]
    assert curve.at([0, 3]).estimate.tolist() == [0, 0.5]
    assert np.isnan(curve.at(5).estimate[0])


def test_fixed_time_and_its_difference(curve):
    other = kaplan_meier(risk_table(History.of(exit=[3, 7, 7, 9], event=[1, 0, 0, 0])))["all"]
    a, b = fixed_time(curve, 6.5), fixed_time(other, 6.5)
    assert (a.estimate, b.estimate) == (0.375, 0.75)
    gap = fixed_time_difference(curve, other, 6.5)
    assert gap.estimate == -0.375
    assert gap.std_error == pytest.approx(np.sqrt(a.std_error**2 + b.std_error**2))
    assert gap.conf_low < gap.estimate < gap.conf_high


def test_mistakes(curve):
    with pytest.raises(EstimateError, match=r"no value at day 9.*from day 0 to day 8"):
        fixed_time(curve, 9)


def test_curves_of_the_same_subjects_are_not_independent():
    history = History.of(exit=[1, 2, 3, 4, 5], event=[1, 2, 0, 1, 2], states=("bm", "sre", "dead"))
    causes = cumulative_incidence(risk_table(history))["all"]
    with pytest.raises(EstimateError, match="the same subjects"):
        fixed_time_difference(causes["sre"], causes["dead"], 3)
    alive = kaplan_meier(risk_table(history))["all"]
    with pytest.raises(EstimateError, match="the same subjects"):
        fixed_time_ratio(alive, alive, 3)


def test_predictions_of_a_model_are_not_independent_and_have_no_greenwood_mean():
    history = History.of(
        exit=[1, 2, 3, 4, 5, 6], event=[1, 1, 0, 1, 1, 0], covariates={"x": [1, 0, 1, 0, 1, 0]}
    )
    fit = cox(history, ["x"])
    one, other = (predicted_survival(fit, {"x": x}) for x in (0, 1))
    with pytest.raises(EstimateError, match="rest on the same coefficients"):
        fixed_time_difference(one, other, 3)
    with pytest.raises(EstimateError, match="the model variance"):
        restricted_mean(one, 4)
