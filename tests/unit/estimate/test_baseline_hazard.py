from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import baseline_hazard, cox, kaplan_meier, predicted_survival, risk_table

SIX = {"exit": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1]}
COVARIATE = {"x": [1, 1, 1, 0, 0, 0]}


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_by_hand(ties):
    """Therneau & Grambsch 2000, appendix, r = exp(b): terms S and means of x at each death."""
    fit = cox(History.of(**SIX, covariates=COVARIATE), ["x"], ties=ties)
    r = np.exp(fit.coefficients[0])
    tied = [(r + 3, r), (r + 3, r)] if ties == "breslow" else [(r + 3, r), ((r + 5) / 2, r / 2)]
    terms = np.array([(3 * r + 3, 3 * r), *tied, (1, 0)])
    hazard, mean = 1 / terms[:, 0], terms[:, 1] / terms[:, 0]
    of_time = [0, 2, 3]  # day 6 has two terms
    predicted = baseline_hazard(fit, {"x": 1})
    np.testing.assert_allclose(predicted.hazard, r * np.cumsum(hazard)[of_time], rtol=1e-9)
    q = np.cumsum(hazard * (1 - mean))[of_time]
    variance = np.cumsum(hazard**2)[of_time] + q**2 * fit.covariance[0, 0]
    np.testing.assert_allclose(predicted.std_error, r * np.sqrt(variance), rtol=1e-9)
    curve = predicted_survival(fit, {"x": 1}, interval="plain")
    assert curve.at([0, 7]).estimate[0] == 1
    assert curve.at(7).estimate[0] == pytest.approx(np.exp(-predicted.hazard[1]))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_course_by_hand(ties):
    """Exposed after day 1: 1 times the first term, r times the others."""
    fit = cox(History.of(**SIX, covariates=COVARIATE), ["x"], ties=ties)
    r = np.exp(fit.coefficients[0])
    tied = [(r + 3, r), (r + 3, r)] if ties == "breslow" else [(r + 3, r), ((r + 5) / 2, r / 2)]
    terms = np.array([(3 * r + 3, 3 * r), *tied, (1, 0)])
    z, of_time = np.array([0, 1, 1, 1]), [0, 2, 3]
    step, mean = r**z / terms[:, 0], terms[:, 1] / terms[:, 0]
    predicted = baseline_hazard(fit, {"x": [0, 1]}, changes=[1])
    np.testing.assert_allclose(predicted.hazard, np.cumsum(step)[of_time], rtol=1e-9)
    q = np.cumsum(step * (z - mean))[of_time]
    variance = np.cumsum(step**2)[of_time] + q**2 * fit.covariance[0, 0]
    np.testing.assert_allclose(predicted.std_error, np.sqrt(variance), rtol=1e-9)


@pytest.fixture
def two_strata():
    rng = np.random.default_rng(5)
    entry = rng.integers(0, 10, 90)
    history = History.of(
        entry=entry,
        exit=entry + rng.integers(1, 30, 90),
        event=rng.random(90) < 0.6,
        stratum=rng.integers(0, 2, 90),
        strata=("a", "b"),
        weight=rng.uniform(0.5, 2, 90),
        covariates={"x": rng.normal(size=90), "z": rng.integers(0, 2, 90)},
    )
    return cox(history, ["x", "z"])


def test_a_change_to_the_same_is_none(two_strata):
    plain = predicted_survival(two_strata, {"x": 1, "z": 0}, stratum="b")
    changed = predicted_survival(
        two_strata, {"x": [1, 1, 1], "z": 0}, changes=[5, 12.5], stratum="b"
    )
    for name in ("time", "estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_array_equal(getattr(changed, name), getattr(plain, name))


def test_hazards_of_parts_add_up(two_strata):
    """Up to the change it is the first value's, from there on the second's."""
    course = baseline_hazard(two_strata, {"x": [1, -2], "z": 1}, changes=[12], stratum="a")
    first = baseline_hazard(two_strata, {"x": 1, "z": 1}, stratum="a")
    second = baseline_hazard(two_strata, {"x": -2, "z": 1}, stratum="a", start=12)
    np.testing.assert_array_equal(second.time, course.time[course.time > 12])
    early = course.time <= 12
    np.testing.assert_allclose(course.hazard[early], first.hazard[early])
    np.testing.assert_allclose(
        course.hazard[~early] - course.hazard[early][-1], second.hazard, rtol=1e-12
    )


def test_a_later_start_is_conditional_on_it(two_strata):
    who = {"x": 0.5, "z": 1}
    whole = predicted_survival(two_strata, who, stratum="a")
    after = predicted_survival(two_strata, who, stratum="a", start=8)
    assert after.start == 8
    np.testing.assert_allclose(
        after.at([15, 20]).estimate, whole.at([15, 20]).estimate / whole.at(8).estimate
    )
    assert np.isnan(after.at(7).estimate[0])


def test_what_lies_before_day_0_is_asked_for():
    """Two deaths among four before day 0, one of two after it; nobody's covariate matters."""
    history = History.of(
        entry=[-9] * 4,
        exit=[-6, -3, 2, 5],
        event=[1, 1, 1, 0],
        covariates={"x": [0, 1, 0, 1]},
    )
    fit = replace(cox(history, ["x"], ties="breslow"), coefficients=np.zeros(1))
    assert baseline_hazard(fit).hazard.tolist() == [1 / 2]
    np.testing.assert_allclose(
        baseline_hazard(fit, start=-9).hazard, np.cumsum([1 / 4, 1 / 3, 1 / 2]), rtol=1e-15
    )
    assert predicted_survival(fit, {"x": 1}).start == 0


def test_expected_events_are_those_seen():
    """The sum of everybody's cumulative hazard at the exit, less that at entry."""
    rng = np.random.default_rng(1)
    entry = rng.integers(0, 10, 80)
    history = History.of(
        entry=entry, exit=entry + rng.integers(1, 20, 80), event=rng.random(80) < 0.5,
        covariates={"x": rng.normal(size=80)},
    )  # fmt: skip
    fit = cox(history, ["x"], ties="breslow")
    hazard = baseline_hazard(fit)
    at = np.append(0, hazard.hazard)
    met = (
        at[np.searchsorted(hazard.time, history.exit, "right")]
        - at[np.searchsorted(hazard.time, history.entry, "right")]
    )
    ratio = np.exp(fit.coefficients[0] * history.covariates["x"])
    assert ratio @ met == pytest.approx(fit.events)


def test_without_an_effect_it_is_the_curve_of_everyone():
    rng = np.random.default_rng(2)
    exit_ = rng.permutation(200) + 1.0
    history = History.of(
        exit=exit_, event=rng.random(200) < 0.6, covariates={"x": rng.integers(0, 2, 200)}
    )
    fit = cox(history, ["x"])
    mean = float(history.covariates["x"].mean())
    ours = predicted_survival(fit, {"x": mean}).at([50, 100]).estimate
    everyone = kaplan_meier(risk_table(history))["all"].at([50, 100]).estimate
    np.testing.assert_allclose(ours, everyone, atol=0.01)


def test_mistakes():
    history = History.of(**SIX, stratum=[0, 0, 0, 1, 1, 1], covariates={"x": [1, 0, 0, 0, 1, 0]})
    fit = cox(history, ["x"])
    with pytest.raises(EstimateError, match=r"several strata.*strata are 0, 1"):
        predicted_survival(fit, {"x": 1})
    with pytest.raises(EstimateError, match='no stratum "2"'):
        baseline_hazard(fit, {"x": 1}, stratum="2")
    with pytest.raises(EstimateError, match='"y" is no covariate'):
        baseline_hazard(fit, {"y": 1}, stratum="1")
    with pytest.raises(EstimateError, match="no value for x"):
        predicted_survival(fit, {}, stratum="1")
    with pytest.raises(EstimateError, match="not finite"):
        predicted_survival(fit, {"x": np.nan}, stratum="1")
    with pytest.raises(EstimateError, match=r'"loglog".*"log-log"'):
        predicted_survival(fit, {"x": 1}, stratum="1", interval="loglog")
    with pytest.raises(EstimateError, match=r'"x" has values of shape \(3,\), and there are 1'):
        predicted_survival(fit, {"x": [0, 1, 1]}, changes=[3], stratum="1")
    with pytest.raises(
        EstimateError, match=r"shape \(2,\), and there are 0 changes.*one value, or 1"
    ):
        predicted_survival(fit, {"x": [0, 1]}, stratum="1")
    for changes in ([6, 3], [3, 3], [np.nan]):
        with pytest.raises(EstimateError, match="not finite times that ascend"):
            baseline_hazard(fit, {"x": 0}, changes=changes, stratum="1")
    with pytest.raises(EstimateError, match="`start` is inf"):
        predicted_survival(fit, {"x": 0}, start=np.inf, stratum="1")
