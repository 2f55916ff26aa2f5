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
