from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    baseline_hazard,
    cox,
    fixed_time,
    predicted_restricted_mean,
    predicted_restricted_mean_difference,
    predicted_restricted_mean_ratio,
    predicted_survival,
    predicted_survival_difference,
    predicted_survival_ratio,
)
from osteon.estimate.regression.predicted_path import path_of
from osteon.estimate.regression.prediction_pulls import pulls, running_variance

SIX = {"exit": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1]}
X = np.array([1, 1, 1, 0, 0, 0])
ONE, NONE = {"x": 1}, {"x": 0}


def six(ties, **options):
    return cox(History.of(**SIX, covariates={"x": X}), ["x"], ties=ties, **options)


def slopes(number, point):
    """Derivative by the complex step: exact to the last digits."""
    return np.array([number(point + 1e-30j * unit).imag / 1e-30 for unit in np.eye(point.size)])


def contrasts(log_ratio, steps, step_times, time=7, horizon=8):
    """Both patients' survival at a time and mean to a horizon; gap and log ratio of each."""
    hazard = {x: np.exp(log_ratio * x) * np.cumsum(steps) for x in (1, 0)}
    edges = np.minimum([0, *step_times, np.inf], horizon)
    values = []
    for x in (1, 0):
        curve = np.concatenate([[1], np.exp(-hazard[x])])
        values.append((curve[np.searchsorted(step_times, time, "right")], curve @ np.diff(edges)))
    (s1, m1), (s0, m0) = values
    return np.array([s1 - s0, np.log(s1) - np.log(s0), m1, m1 - m0, np.log(m1) - np.log(m0)])


def ours(fit, time=7, horizon=8, **how):
    return [
        predicted_survival_difference(fit, ONE, NONE, time, **how),
        predicted_survival_ratio(fit, ONE, NONE, time, **how),
        predicted_restricted_mean(fit, ONE, horizon, **how),
        predicted_restricted_mean_difference(fit, ONE, NONE, horizon, **how),
        predicted_restricted_mean_ratio(fit, ONE, NONE, horizon, **how),
    ]


def agree(found, numbers, covariance, point):
    gradient = np.array([slopes(lambda p, k=k: numbers(p)[k], point) for k in range(5)])
    expected = numbers(point)
    for k, estimate in enumerate(found):
        value = np.log(estimate.estimate) if k in (1, 4) else estimate.estimate
        assert value == pytest.approx(float(expected[k]), rel=1e-9)
        variance = gradient[k] @ covariance @ gradient[k]
        assert estimate.std_error == pytest.approx(float(np.sqrt(variance)), rel=1e-8)


def test_by_hand_from_the_full_likelihood():
    """Breslow: the inverse information of the coefficient and the three jumps of the baseline.

    l = sum of log(jump r^x) at deaths - sum of jumps times sum of r^x at risk, at days 1, 6 and 9.
    """
    fit = six("breslow")
    b = float(fit.coefficients[0])
    r = np.exp(b)
    deaths, at_risk, exposed = np.array([1, 2, 1]), np.array([3 * r + 3, r + 3, 1]), [3 * r, r, 0]
    jumps = deaths / at_risk
    information = np.diag([jumps @ exposed, *(deaths / jumps**2)])
    information[0, 1:] = information[1:, 0] = exposed

    def numbers(point):
        return contrasts(point[0], point[1:], [1, 6, 9])

    agree(ours(fit), numbers, np.linalg.inv(information), np.array([b, *jumps]))


def test_by_hand_with_efron():
    """Terms of the tied deaths at r + 3 and (r + 5) / 2; each is Poisson, given the coefficient."""
    fit = six("efron")
    b = float(fit.coefficients[0])
    r = np.exp(b)
    terms = np.array([3 * r + 3, r + 3, (r + 5) / 2, 1])

    def numbers(point):
        r = np.exp(point[0])
        terms = np.array([3 * r + 3, r + 3, (r + 5) / 2, 1])
        first, *tied, last = point[1:] / terms  # 1 / terms, moved by their own noise
        return contrasts(point[0], np.array([first, sum(tied), last]), [1, 6, 9])

    covariance = np.diag([fit.covariance[0, 0], 1, 1, 1, 1])
    assert numbers(np.array([b, 1, 1, 1, 1]))[0] == pytest.approx(
        np.exp(-r * np.sum(1 / terms[:3])) - np.exp(-np.sum(1 / terms[:3]))
    )
    agree(ours(fit), numbers, covariance, np.array([b, 1, 1, 1, 1]))


def many(n=70, seed=5, **changes):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 10, n)
    subject = rng.integers(0, n // 2, n)
    given = {
        "entry": entry,
        "exit": entry + rng.integers(1, 30, n),
        "event": rng.random(n) < 0.6,
        "stratum": rng.integers(0, 2, n),
        "strata": ("a", "b"),
        "subject": np.arange(n),
        "weight": rng.uniform(0.5, 2, n),
        "covariates": {"x": rng.normal(size=n), "z": rng.integers(0, 2, n)},
    }
    return History.of(**(given | changes)), subject


WHO = {"x": [0.5, -1, -1], "z": 1}, {"x": 0.2, "z": [0, 0, 1]}
WAY = {"changes": [9, 16], "start": 3}


def values(fit, stratum, horizon=25):
    gap = predicted_survival_difference(fit, *WHO, 20, stratum=stratum, **WAY)
    ratio = predicted_survival_ratio(fit, *WHO, 20, stratum=stratum, **WAY)
    mean = predicted_restricted_mean(fit, WHO[0], horizon, stratum="b", **WAY)
    between = predicted_restricted_mean_difference(fit, *WHO, horizon, stratum=stratum, **WAY)
    over = predicted_restricted_mean_ratio(fit, *WHO, horizon, stratum=stratum, **WAY)
    curve = fixed_time(predicted_survival(fit, WHO[1], stratum="a", **WAY), 20)
    found = [gap, ratio, mean, between, over, curve]
    logs = (1, 4)
    estimates = [np.log(e.estimate) if k in logs else e.estimate for k, e in enumerate(found)]
    return np.array(estimates), np.array([e.std_error for e in found])


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("stratum", ["a", ("a", "b")])
def test_robust_pulls_are_derivatives(ties, stratum):
    """Refits with one cluster's weight moved: tied days, late entry, strata, changes, a start."""
    history, cluster = many()
    names = ["x", "z"]
    moves = []
    for c in np.unique(cluster):
        moved = [
            values(
                cox(
                    many(weight=history.weight * np.where(cluster == c, 1 + step, 1))[0],
                    names,
                    ties=ties,
                ),
                stratum,
            )[0]
            for step in (1e-4, -1e-4)
        ]
        moves.append((moved[0] - moved[1]) / 2e-4)
    error = values(cox(history, names, ties=ties, cluster=cluster), stratum)[1]
    np.testing.assert_allclose(error, np.sqrt(np.sum(np.square(moves), axis=0)), rtol=1e-5)


@pytest.mark.parametrize("robust", [False, True])
def test_a_patient_and_himself(robust):
    fit = cox(many()[0], ["x", "z"], robust=robust)
    for contrast, when, null in (
        (predicted_survival_difference, 20, 0),
        (predicted_survival_ratio, 20, 1),
        (predicted_restricted_mean_difference, 25, 0),
        (predicted_restricted_mean_ratio, 25, 1),
    ):
        same = contrast(fit, WHO[0], WHO[0], when, stratum="a", **WAY)
        assert (same.estimate, same.std_error) == (null, 0)
        one, other = (contrast(fit, *who, when, stratum="a", **WAY) for who in (WHO, WHO[::-1]))
        assert one.std_error == pytest.approx(other.std_error)
        assert one.p_value == pytest.approx(other.p_value)


def test_the_mean_is_the_area_under_the_predicted_curve():
    fit = cox(many()[0], ["x", "z"])
    curve = predicted_survival(fit, WHO[0], stratum="a", **WAY)
    days = np.linspace(3, 25, 22 * 16, endpoint=False)
    mean = predicted_restricted_mean(fit, WHO[0], 25, stratum="a", **WAY)
    assert mean.estimate == pytest.approx(curve.at(days).estimate.sum() / 16)
    assert np.isnan(mean.p_value)


def test_before_any_event_nothing_is_uncertain():
    fit = six("efron")
    assert predicted_restricted_mean(fit, ONE, 1).std_error == 0
    gap = predicted_survival_difference(fit, ONE, NONE, 0.5)
    assert (gap.estimate, gap.std_error, gap.conf_low, gap.conf_high) == (0, 0, 0, 0)


def test_strata_share_the_coefficients_alone():
    """With the coefficient known the two strata's curves are independent; with one they are not."""
    fit = cox(many()[0], ["x", "z"])
    known = replace(fit, covariance=fit.covariance * 1e-20)
    who = {"x": 0, "z": 1}
    apart = [fixed_time(predicted_survival(known, who, stratum=s), 20).std_error for s in "ab"]
    gap = predicted_survival_difference(known, who, who, 20, stratum=("a", "b"))
    assert gap.std_error == pytest.approx(np.hypot(*apart), rel=1e-9)
    shared = predicted_survival_difference(fit, who, who, 20, stratum=("a", "b"))
    apart = [fixed_time(predicted_survival(fit, who, stratum=s), 20).std_error for s in "ab"]
    assert shared.std_error < np.hypot(*apart) * (1 - 1e-6)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_rows_doubled_within_their_cluster_change_nothing_robust(ties):
    """Of a copy the delta method makes another patient; the sum over clusters does not."""
    history, _ = many(n=60)
    rows = np.concatenate([np.arange(60)] * 2)
    if ties == "efron":  # twice the deaths are tied otherwise: halve the weights instead
        doubled = many(n=60, weight=history.weight * 2)[0]
    else:
        doubled = History.of(
            **{k: getattr(history, k)[rows] for k in ("entry", "exit", "stratum", "weight")},
            event=np.maximum(history.to_state, 0)[rows],
            strata=history.strata,
            covariates={k: v[rows] for k, v in history.covariates.items()},
        )
    for robust, factor in ((True, 1), (False, np.sqrt(2))):
        once, twice = (
            values(cox(h, ["x", "z"], ties=ties, cluster=patient if robust else None), "a")
            for h, patient in ((history, rows[:60]), (doubled, rows[: len(doubled)]))
        )
        np.testing.assert_allclose(twice[0], once[0], rtol=1e-9)
        np.testing.assert_allclose(twice[1], once[1] / factor, rtol=1e-8)


@given(
    seed=st.integers(0, 1000),
    scale=st.floats(0.01, 100),
    shift=st.floats(-50, 50),
    robust=st.booleans(),
)
def test_units_and_order_of_rows_do_not_matter(seed, scale, shift, robust):
    history, _ = many(n=60, seed=seed)
    order = np.random.default_rng(seed).permutation(60)
    covariates = {k: v[order] for k, v in history.covariates.items()}
    other = History.of(
        **{k: getattr(history, k)[order] for k in ("entry", "exit", "stratum", "weight")},
        event=np.maximum(history.to_state, 0)[order],
        strata=history.strata,
        covariates=covariates | {"x": covariates["x"] * scale + shift},
    )
    found = []
    for h, unit, zero in ((history, 1, 0), (other, scale, shift)):
        fit = cox(h, ["x", "z"], robust=robust)
        who = [{"x": unit * x + zero, "z": 1} for x in (0.5, -1)]
        gap = predicted_restricted_mean_difference(fit, *who, 20, stratum="b")
        found.append((gap.estimate, gap.std_error))
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_where_the_model_holds_both_variances_are_alike():
    rng = np.random.default_rng(8)
    x = rng.integers(0, 2, 900)
    time = rng.exponential(300 / np.exp(0.7 * x))
    history = History.of(exit=np.ceil(np.minimum(time, 500)), event=time < 500, covariates={"x": x})
    model, robust = (ours(cox(history, ["x"], robust=r), 200, 400) for r in (False, True))
    for a, b in zip(model, robust, strict=True):
        assert b.std_error == pytest.approx(a.std_error, rel=0.08)


def test_the_contrast_of_one_model_is_not_that_of_two_curves():
    fit = six("breslow")
    curves = [fixed_time(predicted_survival(fit, who), 3) for who in (ONE, NONE)]
    apart = np.hypot(*(curve.std_error for curve in curves))
    gap = predicted_survival_difference(fit, ONE, NONE, 3)
    assert gap.estimate == pytest.approx(curves[0].estimate - curves[1].estimate)
    assert abs(gap.std_error / apart - 1) > 0.05


def test_robust_hazards_at_many_times():
    """More event times than are held at once; each as if it were asked for alone."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=300)
    history = History.of(
        exit=rng.permutation(300) + 1, event=rng.random(300) < 0.7, covariates={"x": x}
    )
    fit = cox(history, ["x"], cluster=np.arange(300) // 3)
    hazard = baseline_hazard(fit, ONE)
    assert hazard.time.size > 200
    nowhere = {"x": -1e4 * np.sign(fit.coefficients[0])}  # S = 1, whatever the model
    for i in (0, 63, 64, 130, hazard.time.size - 1):
        ratio = predicted_survival_ratio(fit, ONE, nowhere, hazard.time[i])
        assert ratio.std_error == pytest.approx(hazard.std_error[i], rel=1e-9)


def test_mistakes():
    fit = cox(many()[0], ["x", "z"])
    who = {"x": 0, "z": 0}
    for time in (-1, 2, 99, np.nan):
        with pytest.raises(EstimateError, match=r"the time is day .* runs from day 3 to day"):
            predicted_survival_difference(fit, who, who, time, stratum="a", start=3)
    for horizon in (3, 99, np.nan):
        with pytest.raises(EstimateError, match=r"the horizon is day .* runs from day 3 to day"):
            predicted_restricted_mean(fit, who, horizon, stratum="a", start=3)
    with pytest.raises(EstimateError, match="names 3 strata"):
        predicted_survival_difference(fit, who, who, 9, stratum=("a", "b", "b"))
    with pytest.raises(EstimateError, match="several strata"):
        predicted_survival_difference(fit, who, who, 9)
    with pytest.raises(EstimateError, match="no stratum"):
        predicted_survival_ratio(fit, who, who, 9, stratum=("a", "c"))
    with pytest.raises(EstimateError, match="no value for z"):
        predicted_restricted_mean_ratio(fit, who, {"x": 0}, 9, stratum="a")
    with pytest.raises(EstimateError, match=r"values above 0.*difference"):
        predicted_survival_ratio(
            fit, who, {"x": 1e3 * np.sign(fit.coefficients[0]), "z": 0}, 20, stratum="a"
        )


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("spread", [1, 4])
def test_running_sums_of_squares_are_those_of_every_pull(ties, spread):
    """Clusters over strata, tied days, late entry; with a spread of 4 risks differ by 10^6."""
    rng = np.random.default_rng(6)
    x = spread * rng.normal(size=400)
    entry = rng.integers(0, 10, 400)
    gap = np.ceil(30 * rng.exponential(size=400) ** 0.5 / np.exp(0.8 * x))
    history, _ = many(
        n=400,
        entry=entry,
        exit=entry + np.minimum(gap, 40),
        event=gap < 40,
        covariates={"x": x, "z": rng.integers(0, 2, 400)},
    )
    fit = cox(history, ["x", "z"], ties=ties, cluster=rng.integers(0, 150, 400))
    path = path_of(fit, WHO[0], stratum="b", **WAY)
    times = path.time.size
    every = pulls(path, np.triu(np.ones((times, times))))
    np.testing.assert_allclose(running_variance(path), np.sum(every**2, axis=0), rtol=1e-9)
    np.testing.assert_allclose(every.sum(axis=0), 0, atol=1e-9 * np.abs(every).sum(axis=0).max())
