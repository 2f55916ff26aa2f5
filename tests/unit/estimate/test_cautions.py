from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    bootstrap,
    concordance,
    cox,
    cumulative_incidence,
    difference,
    earliest_start,
    event_rates,
    fine_gray,
    firth_cox,
    firth_logistic,
    fixed_time,
    kaplan_meier,
    length_of_stay,
    mean_cumulative,
    nelson_aalen,
    quantile,
    ratio,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_cumulative_incidence,
    robust_fixed_time_difference,
    robust_fixed_time_ratio,
    robust_kaplan_meier,
    robust_nelson_aalen,
    robust_rate_ratio,
    robust_rates,
    robust_restricted_mean,
    robust_restricted_mean_ratio,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
    state_occupation,
    symmetric_quantile,
)
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


STATES = ("free", "sre", "dead")


def in_clusters(clusters):
    """Eighty in two arms, in so many clusters: each arm meets all of them."""
    n = np.arange(80)
    history = History.of(
        exit=10 + n * 7 % 61, event=n % 3, stratum=n % 2, strata=("a", "b"), states=STATES,
        covariates={"z": n % 7},
    )  # fmt: skip
    return history, n // 2 % clusters


ROBUST = {
    "survival": lambda h, c: robust_kaplan_meier(h, cluster=c)["a"],
    "hazard": lambda h, c: robust_nelson_aalen(h, cluster=c)["a"],
    "incidence": lambda h, c: robust_cumulative_incidence(h, cluster=c)["a"]["sre"],
    "survival's difference": lambda h, c: robust_fixed_time_difference(h, "a", "b", 30, cluster=c),
    "survival's ratio": lambda h, c: robust_fixed_time_ratio(h, "a", "b", 30, cluster=c),
    "mean": lambda h, c: robust_restricted_mean(h, 30, cluster=c)["a"],
    "mean's ratio": lambda h, c: robust_restricted_mean_ratio(h, "a", "b", 30, cluster=c),
    "time lost": lambda h, c: robust_restricted_mean_time_lost(h, 30, cluster=c)["a"]["sre"],
    "time lost's difference": lambda h, c: robust_restricted_mean_time_lost_difference(
        h, "a", "b", "sre", 30, cluster=c
    ),
    "mean count": lambda h, c: mean_cumulative(h, "sre", cluster=c)["a"],
    "rate": lambda h, c: robust_rates(h, "sre", cluster=c)["a"],
    "rate's ratio": lambda h, c: robust_rate_ratio(h, "sre", cluster=c),
    "order of risk": lambda h, c: concordance(h, h.covariates["z"], cluster=c).estimate,
    "states": lambda h, c: state_occupation(h, variance="jackknife", cluster=c)["a"],
    "stay": lambda h, c: length_of_stay(h, 30, variance="jackknife", cluster=c)["a"]["sre"],
    "Cox": lambda h, c: cox(h, ["z"], causes=["dead"], cluster=c),
}


@pytest.mark.parametrize("asked", ROBUST.values(), ids=ROBUST)
def test_a_robust_variance_over_few_clusters_says_so(asked):
    (said,) = asked(*in_clusters(39)).cautions
    assert said == "39 clusters: a robust variance is too small with fewer than about 40"
    assert asked(*in_clusters(40)).cautions == ()


def test_clusters_have_the_shape_of_the_history():
    with pytest.raises(EstimateError, match="`cluster` has shape"):
        cox(fitted(), ["a"], cluster=[1, 2])


def test_a_covariate_named_twice():
    with pytest.raises(EstimateError, match="named twice"):
        cox(fitted(), ["a", "a"])


NOT_PATIENTS = "weights are not whole numbers"
WEIGHTS = np.where(np.arange(200) % 2, 0.5, 1.5)


def weighted(**changes):
    states = {"event": np.arange(200) % 3, "states": ("bm", "sre", "dead")}
    return fitted(**({"weight": WEIGHTS, "stratum": np.arange(200) % 2} | states | changes))


def said(result):
    """Cautions of the first of the results, however deep it lies."""
    while isinstance(result, dict):
        result = next(iter(result.values()))
    return result.cautions


MODEL_BASED = {  # by what each says to use instead
    "`robust_kaplan_meier`": lambda h: kaplan_meier(risk_table(h)),
    "`robust_nelson_aalen`": lambda h: nelson_aalen(risk_table(h)),
    "`robust_cumulative_incidence`": lambda h: cumulative_incidence(risk_table(h)),
    "`robust_restricted_mean_time_lost`": lambda h: restricted_mean_time_lost(risk_table(h), 40),
    "`robust_rates`": lambda h: event_rates(risk_table(h), "sre"),
    '`variance="jackknife"`': lambda h: state_occupation(h),
    '`variance="jackknife"` ': lambda h: length_of_stay(h, 40),
    "`robust=True`": lambda h: cox(h, ["a"]),
    '`variance="robust"`': lambda h: fine_gray(h, ["a"], "sre", variance="model"),
    "`cox` with `robust=True`": lambda h: firth_cox(h, ["a"]),
    "`bootstrap_weights`": lambda h: firth_logistic(
        h.to_state > 0, {"a": h.covariates["a"]}, weight=h.weight
    ),
}
ROBUST = {
    "kaplan_meier": robust_kaplan_meier,
    "nelson_aalen": robust_nelson_aalen,
    "incidence": robust_cumulative_incidence,
    "mean": lambda h: robust_restricted_mean(h, 40),
    "states": lambda h: state_occupation(h, variance="jackknife"),
    "stay": lambda h: length_of_stay(h, 40, variance="jackknife"),
    "cox": lambda h: cox(h, ["a"], robust=True),
    "fine_gray": lambda h: fine_gray(h, ["a"], "sre"),
}


@pytest.mark.parametrize("cure", MODEL_BASED)
def test_a_weight_that_is_no_count_under_a_models_variance(cure):
    estimate = MODEL_BASED[cure]
    (told,) = said(estimate(weighted()))
    assert NOT_PATIENTS in told
    assert cure.strip() in told
    assert said(estimate(weighted(weight=np.where(np.arange(200) % 2, 2, 1)))) == ()
    assert said(estimate(weighted(weight=None))) == ()


@pytest.mark.parametrize("which", ROBUST)
def test_a_robust_variance_takes_any_weight(which):
    assert said(ROBUST[which](weighted())) == ()


def test_halves_that_add_up_to_a_whole_are_no_counts():
    halves = History.of(exit=[1, 1, 2, 2], event=[1, 1, 0, 0], weight=[0.5] * 4)
    assert NOT_PATIENTS in said(kaplan_meier(risk_table(halves)))[0]


def late(**changes):
    """One of two dies before forty others enter."""
    return History.of(
        **(
            {
                "entry": [0, 0] + [10] * 40,
                "exit": [5, 60, *range(20, 60)],
                "event": [1] * 42,
            }
            | changes
        )
    )


def test_an_event_among_few_whom_many_join_later():
    table = risk_table(late())
    curve = kaplan_meier(table)["all"]
    (told,) = curve.cautions
    assert "with 2 at risk, and later 41 are" in told
    assert "`earliest_start`" in told
    for read in (quantile(curve), symmetric_quantile(curve), fixed_time(curve, 30)):
        assert read.cautions == (told,)
    assert restricted_mean(curve, 50).cautions == (told,)
    assert said(robust_kaplan_meier(late())) == (told,)
    start = earliest_start(table).jointly
    assert kaplan_meier(table, start=start)["all"].cautions == ()


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"entry": [0] * 42}, 0),  # nobody enters later
        ({"event": [0] + [1] * 41}, 0),  # no event among the few
        ({"entry": [0] * 20 + [10] * 22}, 0),  # 20 at risk
        ({"entry": [0] * 19 + [10] * 23}, 1),
        ({"entry": [0, 0, 10, 10], "exit": [5, 60, 61, 61], "event": [1, 0, 0, 0]}, 0),  # 2, then 3
        ({"entry": [0, 0, 9, 9, 9], "exit": [5] + [61] * 4, "event": [1, 0, 0, 0, 0]}, 1),  # 4
    ],
)
def test_what_makes_an_early_event(changes, number):
    assert len(kaplan_meier(risk_table(late(**changes)))["all"].cautions) == number


def test_a_contrast_says_what_both_say():
    a, b = (
        quantile(kaplan_meier(risk_table(late()))["all"]),
        quantile(kaplan_meier(risk_table(fitted(weight=WEIGHTS)))["all"]),
    )
    a, b = (replace(x, std_error=1.0) for x in (a, b))
    assert len(difference(a, b).cautions) == len(ratio(a, b).cautions) == 2
    assert difference(a, a).cautions == a.cautions
    two = late(stratum=[0, 0] + [0, 1] * 20, strata=("a", "b"))
    hangs, few = robust_fixed_time_difference(two, "a", "b", 30).cautions
    assert hangs.startswith("an event happens with 2 at risk")
    assert few.startswith("20 clusters")  # those of b; a has 22


def test_who_comes_back_after_an_event_is_no_case_for_a_probability():
    again = History.of(
        subject=[0, 0, 1, 2], entry=[0, 5, 0, 0], exit=[5, 9, 7, 9], event=[1, 1, 0, 1],
        states=("free", "sre", "dead"),
    )  # fmt: skip
    for estimate in (
        robust_kaplan_meier,
        robust_cumulative_incidence,
        state_occupation,
        lambda h: robust_restricted_mean(h, 5),
        lambda h: length_of_stay(h, 5),
        lambda h: bootstrap(h, [5], seed=1, replicates=5),
    ):
        with pytest.raises(
            EstimateError, match='1 interval of 1 subject are back in "free" after an event'
        ):
            estimate(again)
    assert robust_nelson_aalen(again)["all"].estimate[-1] > 0  # a mean count, if none dies
    assert robust_kaplan_meier(again, causes=["dead"])["all"].estimate.tolist() == [1, 1, 1]


def test_the_clusters_of_a_fit_are_those_of_its_concordance():
    history = fitted()
    pairs = np.arange(200) // 2
    fit = cox(history, ["a"], cluster=pairs)
    assert concordance(history, fit).pulls.size == 100
    asked = concordance(history, fit, cluster=pairs).estimate
    assert concordance(history, fit).estimate == asked
    assert concordance(history, fit, cluster=np.arange(200)).pulls.size == 200
    assert concordance(history, cox(history, ["a"], robust=True)).pulls.size == 200
    others = history.where(np.arange(200) < 150)
    assert concordance(others, fit).pulls.size == 150
