import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import cox, firth_cox, proportional_hazards

SIX = {"exit": [9, 1, 1, 6, 6, 8], "event": [1, 1, 0, 1, 1, 0], "x": [0, 1, 1, 1, 0, 0]}


def history_of(exit, event, x, **changes):
    return History.of(exit=exit, event=event, covariates={"x": x}, **changes)


def test_breslow_by_hand():
    """Therneau & Grambsch 2000, appendix: l(b) = 2b - log(3r + 3) - 2 log(r + 3), r = exp b."""
    fit = cox(history_of(**SIX), ["x"], ties="breslow")
    r = (3 + np.sqrt(33)) / 2
    assert fit.coefficients[0] == pytest.approx(np.log(r), rel=1e-12)
    assert fit.log_likelihood == pytest.approx(
        2 * np.log(r) - np.log(3 * r + 3) - 2 * np.log(r + 3)
    )
    assert fit.log_likelihood_null == pytest.approx(-np.log(6) - 2 * np.log(4))
    information = r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2
    assert fit.std_error[0] == pytest.approx(1 / np.sqrt(information))
    # U(0) = 1, I(0) = 1/4 + 6/16
    assert fit.score_test.statistic == pytest.approx(1 / (1 / 4 + 6 / 16))


def test_efron_by_hand():
    """The same: l(b) = 2b - log(3r + 3) - log(r + 3) - log(r/2 + 5/2); b = 1.676857."""
    fit = cox(history_of(**SIX), ["x"])
    r = np.exp(fit.coefficients[0])
    score = 2 - 3 * r / (3 * r + 3) - r / (r + 3) - r / (r + 5)
    assert score == pytest.approx(0, abs=1e-9)
    assert fit.coefficients[0] == pytest.approx(1.676857, abs=5e-7)
    assert fit.log_likelihood_null == pytest.approx(-np.log(6) - np.log(4) - np.log(3))


def test_counting_process_by_hand():
    """Data of R's vignette "validate": two ties at 9 under Breslow; R prints -0.08452608."""
    history = history_of(
        entry=[1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
        exit=[2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
        event=[1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
        x=[1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
    )
    fit = cox(history, ["x"], ties="breslow")
    assert fit.coefficients[0] == pytest.approx(-0.084526081, abs=5e-9)


def test_shift_and_scale_of_a_covariate_change_nothing_else():
    rng = np.random.default_rng(1)
    x = rng.normal(size=40)
    columns = {"exit": rng.exponential(size=40) + 0.01, "event": rng.integers(0, 2, 40)}
    a = cox(history_of(**columns, x=x), ["x"])
    b = cox(history_of(**columns, x=1e3 + 1e-1 * x), ["x"])
    assert b.coefficients[0] == pytest.approx(a.coefficients[0] * 10, rel=1e-8)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-8)


def test_splitting_intervals_changes_nothing():
    rng = np.random.default_rng(2)
    exit_, event, x = rng.integers(2, 20, 60), rng.integers(0, 2, 60), rng.normal(size=60)
    whole = cox(history_of(exit_, event, x), ["x"], robust=True)
    cut = np.minimum(exit_ - 1, rng.integers(1, 19, 60))
    split = cox(
        history_of(
            entry=np.concatenate([np.zeros(60), cut]),
            exit=np.concatenate([cut, exit_]),
            event=np.concatenate([np.zeros(60, int), event]),
            x=np.concatenate([x, x]),
            subject=np.tile(np.arange(60), 2),
        ),
        ["x"],
        robust=True,
    )
    assert split.coefficients == pytest.approx(whole.coefficients, rel=1e-10)
    assert split.std_error == pytest.approx(whole.std_error, rel=1e-10)
    assert (split.n, split.subjects) == (120, 60)


def test_strata_have_their_own_risk_sets():
    """Two strata, one event each: l(b) = b - log(r + 1) - log(r + 2)."""
    fit = cox(
        history_of(
            exit=[1, 2, 10, 11, 12],
            event=[1, 0, 1, 0, 0],
            x=[1, 0, 0, 1, 0],
            stratum=[0, 0, 1, 1, 1],
        ),
        ["x"],
    )
    r = np.exp(fit.coefficients[0])
    assert 1 - r / (r + 1) - r / (r + 2) == pytest.approx(0, abs=1e-12)


def test_an_interval_that_no_event_falls_into_may_be_extreme():
    """R's agreg once overflowed on an extrapolated covariate that was never at risk."""
    usual = history_of(**SIX)
    extreme = History.of(
        entry=[0] * 6 + [9],
        exit=[*SIX["exit"], 20],
        event=[*SIX["event"], 0],
        covariates={"x": [*SIX["x"], 1e4]},
    )
    a, b = cox(usual, ["x"]), cox(extreme, ["x"])
    assert b.coefficients == pytest.approx(a.coefficients, rel=1e-6)


@pytest.mark.parametrize("direction", [1, -1])
def test_an_arm_without_events_is_flagged(direction):
    x = direction * np.array([1, 1, 1, 1, 0, 0, 0, 0])
    z = [0.1, 0.5, -0.2, 0.3, 0.2, -0.4, 0.9, 0.0]
    history = History.of(
        exit=[5, 7, 9, 10, 2, 4, 6, 8], event=[0, 0, 0, 0, 1, 1, 1, 0], covariates={"x": x, "z": z}
    )
    fit = cox(history, ["x", "z"])
    assert fit.infinite == ("x",)
    assert fit.coefficients[0] == -direction * np.inf
    assert np.isfinite(fit.coefficients[1])
    assert np.isnan(fit.std_error[0])
    assert np.isnan(fit.hazard_ratios["x"].p_value)
    assert fit.hazard_ratios["x"].estimate in (0, np.inf)
    assert 0 < fit.likelihood_ratio_test.p_value < 1
    with pytest.raises(EstimateError, match="hazard ratio of x is infinite"):
        proportional_hazards(fit)


def test_competing_causes_censor():
    states = ("bm", "sre", "dead")
    columns = {"exit": [1, 2, 3, 4, 5], "x": [1, 0, 0, 1, 0]}
    cause = cox(history_of(event=[1, 2, 1, 1, 0], states=states, **columns), ["x"], causes=["sre"])
    alone = cox(history_of(event=[1, 0, 1, 1, 0], **columns), ["x"])
    assert cause.coefficients == pytest.approx(alone.coefficients)
    assert cause.events == 3


def test_a_test_of_proportional_hazards_sees_a_hazard_that_crosses():
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, 600)
    exit_ = np.where(x == 1, rng.weibull(3, 600), rng.weibull(0.7, 600)) + 1e-3
    crossed = proportional_hazards(cox(history_of(exit_, np.ones(600, int), x), ["x"]))
    even = proportional_hazards(
        cox(history_of(rng.exponential(1 + x) + 1e-3, np.ones(600, int), x), ["x"])
    )
    assert crossed.tests["x"].p_value < 1e-6
    assert even.tests["global"].p_value > 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["y"]}, 'no covariate "y".*covariates are x'),
        ({"names": []}, "no covariate is named"),
        ({"x": [1, np.nan, 1, 1, 0, 0]}, '"x" is missing or infinite in 1 of 6'),
        ({"x": [2] * 6}, '"x" has one value only'),
        ({"event": [0] * 6}, r"no event happens.*rate\(0"),
        ({"ties": "exact"}, '"exact".*"efron", "breslow"'),
        ({"causes": ["deat"]}, 'no state "deat".*Did you mean "dead"'),
    ],
)
def test_mistakes(changes, message):
    columns = SIX | {k: v for k, v in changes.items() if k in SIX}
    options = {k: v for k, v in changes.items() if k in ("ties", "causes")}
    with pytest.raises(EstimateError, match=message):
        cox(history_of(**columns), changes.get("names", ["x"]), **options)


def test_collinear_covariates_are_named():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30))
    history = History.of(
        exit=np.arange(1, 31), event=[1] * 30, covariates={"a": a, "b": b, "c": 2 * a - 3}
    )
    with pytest.raises(EstimateError, match='"a", "c" are collinear'):
        cox(history, ["a", "b", "c"])


def test_a_covariate_that_strata_already_hold():
    history = History.of(
        exit=[1, 2, 3, 4],
        event=[1, 1, 1, 1],
        stratum=[0, 0, 1, 1],
        covariates={"centre": [0, 0, 1, 1], "x": [1, 0, 0, 1]},
    )
    with pytest.raises(EstimateError, match='"centre" does not vary among those at risk'):
        cox(history, ["centre", "x"])


def test_terms_of_the_proportional_hazards_test_are_checked():
    fit = cox(history_of(**SIX), ["x"])
    with pytest.raises(EstimateError, match="terms name y"):
        proportional_hazards(fit, terms={"x": ["y"]})


def early_deaths_then_only_the_exposed(strata):
    """Deaths 1-4 while nobody is exposed; afterwards all exposed die, and nobody else."""
    entry = [0] * 4 + [10, 11, 12, 13] + [0] * 8
    exit_ = [1, 2, 3, 4] + [21, 22, 23, 24] + [10, 11, 12, 13] + [40] * 4
    exposed = [0] * 4 + [1] * 4 + [0] * 8
    stratum = [0] * 4 + [1] * 12 if strata else [0] * 16
    return History.of(
        entry=entry,
        exit=exit_,
        event=[1] * 8 + [0] * 8,
        stratum=stratum,
        strata=("a", "b") if strata else ("all",),
        covariates={"x": exposed},
    )


@pytest.mark.parametrize("strata", [False, True])
def test_an_infinite_ratio_is_found_though_risks_differ_by_many_orders(strata):
    """Of a late entrant nothing was left but rounding where sums were subtracted."""
    fit = cox(early_deaths_then_only_the_exposed(strata), ["x"])
    assert fit.infinite == ("x",)
    assert fit.coefficients[0] == np.inf
    # In the limit each exposed death is one of those exposed: 4!; the four before, of all at risk.
    before = 4 * 3 * 2 * 1 if strata else 12 * 11 * 10 * 9
    assert fit.log_likelihood == pytest.approx(-np.log(24 * before), abs=1e-9)


def test_the_likelihood_where_risks_differ_by_many_orders():
    """At b = 30 against the definition, risk set by risk set, each scaled by its own largest."""
    history = early_deaths_then_only_the_exposed(strata=False)
    fit = cox(history, ["x"])
    beta = 30 * fit.design.scale[0]  # of x, not of the standardised one
    found = fit.likelihood.evaluate(np.array([beta]))
    x, information = history.covariates["x"], 0.0
    for t in history.exit[history.to_state == 1]:
        at_risk = (history.entry < t) & (t <= history.exit)
        risk = np.exp(30 * (x[at_risk] - x[at_risk].max()))
        share = risk @ x[at_risk] / risk.sum()
        information += share * (1 - share)
    assert found.value == pytest.approx(-np.log(24 * 12 * 11 * 10 * 9), abs=1e-9)
    assert found.information[0, 0] * fit.design.scale[0] ** 2 == pytest.approx(
        information, abs=1e-13
    )


def test_proportional_hazards_of_events_at_one_time():
    history = History.of(exit=[0.1] * 3 + [0.2], event=[1, 1, 1, 0], covariates={"x": [0, 1, 1, 0]})
    with pytest.raises(EstimateError, match="all events happen at one time"):
        proportional_hazards(cox(history, ["x"]))


def test_proportional_hazards_of_a_covariate_that_varies_at_one_event_time():
    """What is left of its information is rounding: no test, and no chi-squared of 1e11."""
    x = [0, 1, 0, 1, 1, 1, 1]
    history = History.of(
        exit=[1, 1, 1, 2, 3, 4, 5], event=[1, 1, 1, 0, 1, 1, 0], covariates={"x": x}
    )
    for transform in ("identity", "log", "rank", "km"):
        test = proportional_hazards(cox(history, ["x"]), transform=transform).tests["x"]
        assert np.isnan(test.statistic)
        assert np.isnan(test.p_value)


@pytest.mark.parametrize("scale", [1e-5, 0.3, 7e4])
@pytest.mark.parametrize("model", [cox, firth_cox])
def test_a_covariate_of_centres_in_a_model_stratified_by_centre(model, scale):
    """Alone in the model, too: what rounding leaves of its variance is no information."""
    rng = np.random.default_rng(5)
    centre = np.repeat([0, 1, 2], 7)
    history = history_of(
        exit=rng.integers(1, 12, 21),
        event=np.ones(21, dtype=int),
        x=scale * np.array([1.1, -0.7, 0.123])[centre] + 40,
        stratum=centre,
        weight=rng.uniform(0.1, 9, 21),
    )
    with pytest.raises(EstimateError, match='"x" does not vary among those at risk'):
        model(history, ["x"])


def test_two_covariates_that_both_separate_are_both_infinite():
    """Who dies has the larger x and the larger y of those at risk: either alone is enough."""
    history = History.of(
        exit=[5, 3, 1, 4],
        event=[0, 1, 0, 0],
        covariates={"x": [1, 2, 0, 1], "y": [-1.6, -1.4, -0.1, -1.8]},
    )
    for robust in (False, True):
        fit = cox(history, ["x", "y"], robust=robust)
        assert fit.infinite == ("x", "y")
        assert fit.coefficients[0] == np.inf
        assert np.isnan(fit.covariance).all()
        assert np.isnan(fit.model_covariance).all()


def test_next_to_an_infinite_ratio_the_others_are_those_without_its_covariate():
    """Nobody exposed has the event: the exposed tell nothing of the other covariate."""
    rng = np.random.default_rng(8)
    exposed = np.arange(60) % 4 == 0
    history = History.of(
        exit=np.arange(1, 61) + 200.0 * exposed,
        event=~exposed & (rng.random(60) < 0.7),
        covariates={"exposed": exposed, "y": rng.normal(size=60)},
    )
    fit = cox(history, ["exposed", "y"])
    unexposed = cox(history.where(~exposed), ["y"])
    assert fit.infinite == ("exposed",)
    assert fit.coefficients[0] == -np.inf
    assert fit.coefficients[1] == pytest.approx(unexposed.coefficients[0], rel=1e-8)
    assert fit.std_error[1] == pytest.approx(unexposed.std_error[0], rel=1e-8)


def test_transitions_are_not_pooled_without_a_word():
    """Illness then death: death of it is an event, falling ill is none, unless all are asked for."""
    history = History.of(
        subject=[0, 0, 1, 2, 2, 3], entry=[0, 2, 0, 0, 3, 0], exit=[2, 5, 4, 3, 7, 8],
        from_state=[0, 1, 0, 0, 1, 0], event=[1, 2, 2, 1, 2, 0], states=("well", "ill", "dead"),
        covariates={"x": [1, 1, 0, 0, 0, 1]},
    )  # fmt: skip
    with pytest.raises(EstimateError, match="intervals begin in several states"):
        cox(history, ["x"])
    assert cox(history, ["x"], causes=["dead"]).events == 3
    assert cox(history.where(history.from_state == 0), ["x"]).events == 3
