import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import cox, firth_cox
from osteon.estimate.regression.cautions import cautions


def fitted(n=200, **changes):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, n))
    columns = {
        "exit": rng.integers(1, 60, n), "event": rng.random(n) < 0.5,
        "covariates": {"a": a, "b": b, "c": a + 0.1 * rng.normal(size=n)},
    }  # fmt: skip
    return History.of(**(columns | changes))


def test_nothing_doubtful():
    assert cox(fitted(), ["a", "b"]).cautions == ()


def test_few_events():
    event = np.arange(200) < 12
    assert "12 events for 2 coefficients" in cox(fitted(event=event), ["a", "b"]).cautions[0]
    assert "12 events for 2 coefficients" in firth_cox(fitted(event=event), ["a", "b"]).cautions[0]


def test_near_collinearity_is_said_and_names_both():
    said = " ".join(cox(fitted(), ["a", "b", "c"]).cautions)
    assert "a is nearly collinear" in said
    assert "c is nearly collinear" in said
    assert "b is nearly" not in said


def test_variance_inflation_by_hand():
    """Correlation rho: the inflation is 1 / (1 - rho^2); above 10 at 0.95, below at 0.94."""
    for rho, said in ((0.95, 2), (0.94, 0)):
        assert len(cautions(["a", "b"], 100, np.array([[1, rho], [rho, 1]]))) == said


def test_infinite_and_few_clusters():
    event = (np.arange(200) % 2 == 0) & (np.arange(200) < 120)
    arm = np.arange(200) >= 120
    history = fitted(event=event, covariates={"arm": arm, "z": np.arange(200) % 7})
    fit = cox(history, ["arm", "z"], cluster=np.arange(200) % 20)
    assert "rises for ever along arm" in fit.cautions[0]
    assert "20 clusters" in fit.cautions[1]
    assert np.isnan(fit.wald_test.p_value)


def test_clusters_have_the_shape_of_the_history():
    with pytest.raises(EstimateError, match="`cluster` has shape"):
        cox(fitted(), ["a"], cluster=[1, 2])


def test_a_covariate_named_twice():
    with pytest.raises(EstimateError, match="named twice"):
        cox(fitted(), ["a", "a"])
