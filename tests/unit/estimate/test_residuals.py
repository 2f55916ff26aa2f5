import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cox,
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)

SIX = {"exit": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1]}
COVARIATE = {"x": [1, 1, 1, 0, 0, 0]}


def simulated(seed, n=60):
    """Subjects with two intervals each, the second after a gap or not."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 5, n // 2), rng.integers(10, 14, n // 2)
    entry = np.concatenate([first, second])
    return History.of(
        entry=entry,
        exit=np.concatenate(
            [first + rng.integers(1, 6, n // 2), second + rng.integers(1, 9, n // 2)]
        ),
        event=rng.random(n) < 0.7,
        subject=np.tile(np.arange(n // 2), 2),
        weight=rng.uniform(0.5, 2, n),
        stratum=rng.integers(0, 2, n),
        covariates={"x": rng.normal(size=n), "z": rng.integers(0, 2, n)},
    )


def test_breslow_by_hand():
    """Therneau & Grambsch 2000, appendix, at r = exp(b): hazards 1/(3r+3), 2/(r+3), 1."""
    fit = cox(History.of(**SIX, covariates=COVARIATE), ["x"], ties="breslow")
    r = np.exp(fit.coefficients[0])
    a, b = 1 / (3 * r + 3), 2 / (r + 3)
    expected = np.array([r * a, r * a, r * (a + b), a + b, a + b, a + b + 1])
    by_hand = np.array(SIX["event"]) - expected
    np.testing.assert_allclose(martingale_residuals(fit), by_hand, rtol=1e-9)
    time, residuals = schoenfeld_residuals(fit)
    np.testing.assert_array_equal(time, [1, 6, 6, 9])
    np.testing.assert_allclose(
        residuals[:, 0], [1 - r / (r + 1), 1 - r / (r + 3), -r / (r + 3), 0], rtol=1e-9
    )


def test_efron_by_hand():
    """The same with Efron: at day 6 hazards 1/(r+3), 1/(r/2+5/2); who dies meets half the last."""
    fit = cox(History.of(**SIX, covariates=COVARIATE), ["x"])
    r = np.exp(fit.coefficients[0])
    a, b, c = 1 / (3 * r + 3), 1 / (r + 3), 2 / (r + 5)
    dying, alive = a + b + c / 2, a + b + c
    expected = np.array([r * a, r * a, r * dying, dying, alive, alive + 1])
    np.testing.assert_allclose(
        martingale_residuals(fit), np.array(SIX["event"]) - expected, rtol=1e-9
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["efron", "breslow"]))
def test_sums_are_what_they_must_be(seed, ties):
    history = simulated(seed)
    fit = cox(history, ["x", "z"], ties=ties, robust=True)
    assert history.weight @ martingale_residuals(fit) == pytest.approx(0, abs=1e-9)
    for by_subject in (True, False):
        score = score_residuals(fit, weighted=True, by_subject=by_subject)
        np.testing.assert_allclose(score.sum(axis=0), 0, atol=1e-8)
    change = dfbeta(fit)
    np.testing.assert_allclose(change.T @ change, fit.covariance, rtol=1e-9)
    at_risk = fit.likelihood.at_risk
    weight = history.weight[at_risk.rows[at_risk.death_row]]
    np.testing.assert_allclose(weight @ schoenfeld_residuals(fit)[1], 0, atol=1e-8)
    np.testing.assert_array_equal(
        np.sign(deviance_residuals(fit)), np.sign(martingale_residuals(fit))
    )


def test_dfbeta_is_the_slope_by_the_weight():
    """The outside proof: refit with a subject's weight changed a little."""
    history = simulated(3)
    change = dfbeta(cox(history, ["x", "z"]), by_subject=False)
    for i in (0, 7, 23):
        fits = []
        for step in (1e-4, -1e-4):
            weight = history.weight.copy()
            weight[i] *= 1 + step
            moved = History.of(
                entry=history.entry, exit=history.exit, event=np.maximum(history.to_state, 0),
                weight=weight, stratum=history.stratum, covariates=history.covariates,
            )  # fmt: skip
            fits.append(cox(moved, ["x", "z"], ties="breslow").coefficients)
        breslow = dfbeta(cox(history, ["x", "z"], ties="breslow"), by_subject=False)[i]
        np.testing.assert_allclose((fits[0] - fits[1]) / 2e-4, breslow, rtol=1e-5, atol=1e-9)
    assert change.shape == (60, 2)


def test_a_row_that_was_never_at_risk_has_residual_0():
    history = History.of(
        exit=[*SIX["exit"], 0.5], event=[*SIX["event"], 0], covariates={"x": [*COVARIATE["x"], 0]}
    )
    fit = cox(history, ["x"])
    assert martingale_residuals(fit)[-1] == deviance_residuals(fit)[-1] == 0


def test_an_infinite_coefficient_has_no_residuals():
    history = History.of(
        exit=[1, 2, 3, 4, 5, 6], event=[1, 1, 1, 0, 0, 0], covariates={"x": [0, 0, 0, 1, 1, 1]}
    )
    with pytest.raises(EstimateError, match="x is infinite"):
        martingale_residuals(cox(history, ["x"]))
