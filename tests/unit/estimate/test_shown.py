"""What results say of themselves: how much is in them, and no patient's value."""

import numpy as np
import pandas as pd
import pytest

from osteon.estimate import (
    Bounds,
    History,
    Panel,
    accelerated_failure,
    bootstrap,
    concordance,
    cox,
    fine_gray,
    firth_cox,
    gray,
    illness_death,
    kaplan_meier,
    log_rank,
    multi_state_cox,
    panel_markov,
    piecewise_exponential,
    pool_fits,
    proportional_hazards,
    risk_table,
    state_occupation,
    turnbull,
    turnbull_band,
)

SECRET = 123.456
history = History.of(
    subject=[7001, 7001, 7002, 7003, 7004, 7005],
    entry=[0, 2, 0, 0, 0, 0],
    exit=[2, 5, 3, 6, 4, 9],
    from_state=[0, 1, 0, 0, 0, 0],
    event=[1, 2, 2, 1, 0, 1],
    stratum=["a", "a", "b", "a", "b", "b"],
    states=("bm", "sre", "dead"),
    covariates={"age": [SECRET, SECRET, 50, 61, 48, 70]},
)
firsts = history.where(history.from_state == 0)
table = risk_table(history)
TOLD = {
    "History": (
        history,
        "<History: 6 intervals of 5 subjects; 3 to sre, 2 to dead; strata a, b; days 0 to 9; "
        "covariates age>",
    ),
    "weighted": (
        History.of(exit=[1], event=[0], weight=[0.5]),
        "<History: 1 interval of 1 subject; 0 to dead; strata all; days 0 to 1; weighted>",
    ),
    "empty": (
        History.of(exit=[], event=[]),
        "<History: 0 intervals of 0 subjects; 0 to dead; strata all>",
    ),
    "Bounds": (
        Bounds.of(left=[1, 2, 3], right=[4, 2, np.inf], covariates={"age": [SECRET, 1, 2]}),
        "<Bounds: 3 subjects; 1 found between two bounds; 1 known exactly; 1 not found; "
        "strata all; covariates age>",
    ),
    "RiskTable": (
        table,
        "<RiskTable: 6 enter; 3 bm to sre; 1 bm to dead; 1 sre to dead; strata a, b; "
        "7 times, days 0 to 9>",
    ),
    "Curve": (
        kaplan_meier(table)["a"],
        "<Curve: survival, 2 at risk, 2 events, days 0 to 6, 95% log-log, greenwood>",
    ),
    "Occupation": (
        state_occupation(table)["a"],
        "<Occupation: states bm, sre, dead, 3 transitions, days 0 to 6, 95% log-log, delta>",
    ),
}


@pytest.mark.parametrize("kind", TOLD)
def test_what_is_told(kind):
    thing, text = TOLD[kind]
    assert repr(thing) == text


@pytest.mark.parametrize(
    ("fit", "head"),
    [
        (
            cox(firsts, ["age"], conf_level=0.9),
            "<CoxFit: 5 intervals of 5 subjects, 4 events, efron ties, model-based, "
            "hazard ratios (90%)>",
        ),
        (
            fine_gray(firsts, ["age"], "sre"),
            "<FineGrayFit: 5 subjects, 3 to sre, 1 to another state, crr, sandwich, "
            "subdistribution hazard ratios (95%)>",
        ),
        (firth_cox(firsts, ["age"]), "<FirthFit: 5 rows, 4 events, ratios (profile, 95%)>"),
    ],
)
def test_a_model_shows_its_ratios_and_its_cautions(fit, head):
    first, ratio, *cautions = repr(fit).split("\n")
    assert first == head
    known = (fit.ratios if hasattr(fit, "ratios") else fit.hazard_ratios)["age"]
    assert ratio.startswith(f"  age  {known.estimate:.4g} ({known.conf_low:.4g} to ")
    assert cautions == [f"  ! {said}" for said in fit.cautions]
    assert cautions
    assert str(SECRET) not in repr(fit)


def test_a_curve_as_columns():
    curve = kaplan_meier(table)["a"]
    for columns in (curve.columns, curve.at([1, 3]).columns):
        assert len({column.shape for column in columns.values()}) == 1
        assert {"time", "estimate", "conf_low", "conf_high"} < set(columns)
    assert curve.columns["estimate"] is curve.estimate


def test_states_and_scanned_intervals_as_columns():
    occupation = state_occupation(table)["a"]
    tidy = pd.DataFrame(occupation.columns)
    of_sre = tidy[tidy.state == "sre"]
    assert of_sre.estimate.tolist() == occupation.estimate[1].tolist()
    assert (of_sre.time.tolist(), len(tidy)) == (occupation.time.tolist(), 3 * len(of_sre))
    bounds = Bounds.of(left=[0, 30, 90], right=[30, 60, np.inf])
    assert pd.DataFrame(turnbull(bounds)["all"].columns).mass.sum() == pytest.approx(1)
    band = turnbull_band(bounds, [30, 60], seed=1, replicates=9)["all"]
    assert set(pd.DataFrame(band.columns)) >= {"time", "low", "high", "conf_low", "band_high"}


def test_every_result_is_shown_without_arrays():
    """A prompt, a log or a notebook that is shared shows no patient's time or covariate."""
    bounds = Bounds.of(
        left=[0, 30, 30, 60, 90], right=[30, 60, 60, 90, np.inf], covariates={"x": [0, 1, 0, 1, 1]}
    )
    scanned = Bounds.of(left=[0, 80, 80, 160, 80], right=[80, 160, np.inf, np.inf, np.inf])
    panel = Panel.of(
        subject=[0, 0, 0, 1, 1, 1], time=[0, 1, 2, 0, 1, 2], state=[0, 0, 1, 0, 0, 1],
        states=("free", "bm"),
    )  # fmt: skip
    fit = cox(firsts, ["age"])
    multi = multi_state_cox(history, {("bm", "sre"): ["age"]})
    results = {
        multi: "<MultiStateCox: 5 subjects, 5 transitions of 3 kinds, clock forward",
        pool_fits([fit, fit]): "<PooledFit: 2 imputations, ratios>\n  age",
        accelerated_failure(bounds, ["x"]): "<AcceleratedFailureFit: 5 subjects, weibull, time",
        piecewise_exponential(bounds, ["x"]): "<PiecewiseExponentialFit: 5 subjects, 1 pieces",
        illness_death(scanned, [100, 200, 150, 200, 80], [1, 0, 1, 0, 1]): "<IllnessDeathFit: 5 s",
        panel_markov(panel, [("free", "bm")]): "<PanelMarkov: 2 subjects, 4 pairs of visits, 1 tr",
        panel: "<Panel: 6 visits of 2 subjects, states free, bm>",
        turnbull(bounds)["all"]: "<TurnbullCurve: 5 subjects, mass in ",
        bootstrap(firsts, [3], seed=1, replicates=9): "<Bootstrap: 9 replicates, seed 1, strata a",
        concordance(firsts, fit): "Concordance(estimate=",
        proportional_hazards(fit): "<ProportionalHazards: transform km>\n  age     chi-squared ",
        log_rank(table): "<LogRank: chi-squared 1.066 on 1 df, p = 0.302>\n  a  2 observed, ",
        gray(table, cause="sre"): "<Gray: sre, groups a, b, chi-squared ",
        kaplan_meier(table)["a"].at(
            [1, 3]
        ): "<Points: 2 times>\n  day 1  1 (1 to 1), 2 at risk, 0 ",
        kaplan_meier(table)["a"].at(np.arange(20)): "<Points: 20 times>",
    }
    for result, begins in results.items():
        assert repr(result).startswith(begins)
        assert "array" not in repr(result)
