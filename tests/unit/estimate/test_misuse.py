"""The mistakes anybody makes, given to every public estimator: each ends in words that help.

Every function has a call that is right; each wrong call differs from it in one argument. None may
end in an error of NumPy or of Python, or in a number that nobody asked for.
"""

import inspect
import os
import re
from contextlib import suppress

import numpy as np
import pytest

import osteon.estimate as estimate
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import Estimate, Panel

NAN, INF = float("nan"), float("inf")
SURVIVAL = {"exit": [1, 2, 3, 4, 5, 6, 7, 8], "event": [1, 0, 1, 1, 1, 0, 1, 1]}
GROUPS = {"stratum": [0, 0, 0, 0, 1, 1, 1, 1], "strata": ("a", "b")}
X = {"covariates": {"x": [1, 0, 1, 0, 0, 1, 1, 0]}}
STATES = {"states": ("bm", "sre", "dead")}

history = History.of(**SURVIVAL, **GROUPS, **X)
one_group = History.of(**SURVIVAL, **X)
uneventful = History.of(exit=[1, 2, 3], event=[0, 0, 0], covariates={"x": [1, 0, 1]})
empty = History.of(exit=[], event=[], covariates={"x": []}, **STATES)
constant = History.of(exit=[1, 2, 3], event=[1, 1, 1], covariates={"x": [1, 1, 1]})
unknown = History.of(exit=[1, 2, 3], event=[1, 1, 1], covariates={"x": [1, NAN, 0]})
late = History.of(entry=[0, 1, 2, 0], exit=[3, 4, 5, 6], event=[1, 1, 0, 1], stratum=[0, 0, 1, 1])
halves = History.of(exit=[1, 2], event=[1, 1], stratum=[0, 1], weight=[0.5, 1])
unended = History.of(exit=[1, 2, 3, 4], event=[1, 0, 1, 0], stratum=[0, 0, 1, 1], strata=("a", "b"))
COMPETING = {"exit": SURVIVAL["exit"], "event": [1, 2, 0, 1, 2, 1, 1, 0], **X, **STATES}
competing, competing_one = History.of(**COMPETING, **GROUPS), History.of(**COMPETING)
course = History.of(
    subject=[0, 0, 1, 2, 2, 3, 4, 5, 5],
    entry=[0, 2, 0, 0, 6, 0, 0, 0, 3],
    exit=[2, 5, 3, 6, 9, 4, 9, 3, 7],
    from_state=[0, 1, 0, 0, 1, 0, 0, 0, 1],
    event=[1, 2, 2, 1, 2, 0, 2, 1, 0],
    covariates={"x": [9, 9, 3, 2, 2, 8, 12, 4, 4]},
    **STATES,
)
recurring = History.of(
    subject=[0, 0, 0, 1, 2, 2, 3],
    entry=[0, 1, 3, 0, 0, 4, 0],
    exit=[1, 3, 5, 2, 4, 6, 6],
    event=[1, 1, 2, 2, 1, 0, 0],
    stratum=[0, 0, 0, 1, 0, 0, 1],
    strata=("untreated", "treated"),
    **STATES,
)
both_recur = History.of(
    subject=[0, 0, 1, 1, 2],
    entry=[0, 50, 0, 60, 0],
    exit=[50, 100, 60, 100, 100],
    event=[1, 1, 1, 0, 1],
    stratum=[0, 1, 0, 1, 1],
    states=("bm", "sre"),
    strata=("untreated", "treated"),
)
two_ways = History.of(
    subject=[*range(8), *range(8)],
    entry=[0] * 8 + [1] * 4 + [4] * 4,
    exit=[1] * 4 + [4] * 4 + [5, 6, 7, 8, 20, 21, 22, 23],
    from_state=[0] * 8 + [1] * 8,
    event=[1] * 8 + [2] * 8,
    **STATES,
)
bounds = Bounds.of(
    left=[0, 30, 30, 60, 90], right=[30, 60, 60, 90, INF], covariates={"x": [0, 1, 0, 1, 1]}
)
two_groups = Bounds.of(
    left=[0, 0, 90, 90], right=[30, 30, INF, INF], stratum=[0, 0, 1, 1], strata=("a", "b")
)
nobody = Bounds.of(left=[], right=[])
never_found = Bounds.of(left=[1, 2], right=[INF, INF])
scanned = Bounds.of(left=[0, 80, 80, 160, 80], right=[80, 160, INF, INF, INF])
follow = [100, 200, 150, 200, 80]
VISITS = {"subject": [0, 0, 0, 1, 1, 1], "time": [0, 1, 2, 0, 1, 2], "state": [0, 0, 1, 0, 0, 1]}
panel = Panel.of(**VISITS, states=("free", "bm"))
quiet = Panel.of(**(VISITS | {"state": [0] * 6}), states=("free", "bm"))

table, competing_table = estimate.risk_table(history), estimate.risk_table(competing)
curves = estimate.kaplan_meier(table)
a, b = curves["a"], curves["b"]
later = estimate.kaplan_meier(table, start=1)["b"]
at_90 = estimate.kaplan_meier(table, conf_level=0.9)["b"]
incidence = estimate.cumulative_incidence(competing_table)["a"]["sre"]
hazard = estimate.nelson_aalen(table)["a"]
mean_count = estimate.mean_cumulative(recurring, "sre")["untreated"]
tested = estimate.log_rank(table)
fit = estimate.cox(one_group, ["x"])
by_group = estimate.cox(history, ["x"])
another_fit = estimate.cox(History.of(**SURVIVAL, covariates={"y": SURVIVAL["event"]}), ["y"])
subdistribution = estimate.fine_gray(competing_one, ["x"], "sre")
model = estimate.multi_state_cox(course, {("bm", "sre"): ["x"]})
drawn = estimate.bootstrap(history, [3], seed=1, replicates=50)
pooled = estimate.pool_fits([fit, fit])
penalised = estimate.firth_cox(one_group, ["x"])
penalised_of_90 = estimate.firth_cox(one_group, ["x"], conf_level=0.9)
penalised_odds = estimate.firth_logistic([0, 1, 1, 0], {"y": [1, 0, 1, 1]})
SCORE = [8, 7, 6, 5, 4, 3, 2, 1]
concordant = estimate.concordance(one_group, SCORE)
concordant_of_90 = estimate.concordance(one_group, SCORE, conf_level=0.9)
concordant_by_uno = estimate.concordance(one_group, SCORE, weighting="uno")
concordant_in_pairs = estimate.concordance(one_group, SCORE, cluster=[0, 0, 1, 1, 2, 2, 3, 3])
one, two = (Estimate(x, 0.03, x - 0.06, x + 0.06, 0.95, "plain") for x in (0.8, 0.7))
of_90 = Estimate(0.7, 0.04, 0.62, 0.78, 0.9, "plain")
nought = Estimate(0.0, 0.1, 0.0, 0.2, 0.95, "plain")
above_one = Estimate(1.5, 0.1, 1.3, 1.7, 0.95, "plain")
counts = estimate.tidy_counts(table)
nowhere = os.path.join("no such folder", "table.json")


def call(*args, **options):
    return args, options


RIGHT = {
    "accelerated_failure": call(bounds, ["x"]),
    "baseline_hazard": call(fit, {"x": 1}),
    "benjamini_hochberg": call([0.1, NAN]),
    "bootstrap": call(history, [3], seed=1, replicates=10),
    "bootstrap_difference": call(drawn, "a", "b", 3),
    "bootstrap_estimate": call(drawn, "a", 3),
    "bootstrap_limits": call(50, range(99)),
    "bootstrap_weights": call(3, 2, seed=1),
    "boschloo": call(1, 5, 2, 5),
    "counts_sql": call("follow_up"),
    "concordance": call(one_group, SCORE),
    "concordance_difference": call(concordant, concordant),
    "cox": call(one_group, ["x"]),
    "cumulative_incidence": call(competing_table),
    "deviance_residuals": call(fit),
    "dfbeta": call(fit),
    "difference": call(one, two),
    "earliest_start": call(table, at_risk=2),
    "event_rates": call(table, "dead"),
    "exact_log_rank": call(history),
    "exact_log_rank_groups": call(history),
    "fine_gray": call(competing_one, ["x"], "sre"),
    "firth_cox": call(one_group, ["x"]),
    "firth_logistic": call([0, 1, 1, 0], {"x": [1, 0, 1, 1]}),
    "fisher_exact": call(1, 5, 2, 5),
    "fixed_time": call(a, 3),
    "fixed_time_difference": call(a, b, 3),
    "fixed_time_ratio": call(a, b, 3),
    "fleming_harrington": call(table),
    "follow_up": call(history),
    "gray": call(competing_table, cause="sre"),
    "holm": call([0.1, NAN]),
    "illness_death": call(scanned, follow, [1, 0, 1, 0, 1]),
    "interval_score_test": call(two_groups),
    "kaplan_meier": call(table),
    "landmark_occupation": call(course, 2, "sre"),
    "length_of_stay": call(course, 5),
    "log_rank": call(table),
    "log_rank_pairs": call(table),
    "log_rank_trend": call(tested, [0, 1]),
    "markov_test": call(two_ways, ("sre", "dead"), [3], replicates=9),
    "martingale_residuals": call(fit),
    "mean_cumulative": call(recurring, "sre"),
    "mean_cumulative_test": call(recurring, "sre"),
    "median_of_values": call([1, 2, NAN]),
    "multi_state_cox": call(course, {("bm", "sre"): ["x"]}),
    "nelson_aalen": call(table),
    "panel_markov": call(panel, [("free", "bm")]),
    "piecewise_exponential": call(bounds, ["x"]),
    "pool": call([one, two]),
    "pool_curves": call([a, a], [3]),
    "pool_fits": call([fit, fit]),
    "pool_profiles": call([penalised, penalised]),
    "pooled_chi_squared": call([1, 2], 1),
    "pooled_likelihood_ratio": call([fit, fit]),
    "pooled_wald": call(pooled),
    "predicted_hazards": call(model, {"x": 1}),
    "predicted_incidence": call(subdistribution, {"x": 1}),
    "predicted_length_of_stay": call(model, {"x": 1}, 5),
    "predicted_occupation": call(model, {"x": 1}),
    "predicted_restricted_mean": call(fit, {"x": 1}, 5),
    "predicted_restricted_mean_difference": call(fit, {"x": 1}, {"x": 0}, 5),
    "predicted_restricted_mean_ratio": call(fit, {"x": 1}, {"x": 0}, 5),
    "predicted_survival": call(fit, {"x": 1}),
    "predicted_survival_difference": call(fit, {"x": 1}, {"x": 0}, 5),
    "predicted_survival_ratio": call(fit, {"x": 1}, {"x": 0}, 5),
    "proportion": call(1, 5),
    "proportion_difference": call(1, 5, 2, 5),
    "proportion_upper_bound": call(0, 5),
    "proportional_hazards": call(fit),
    "quantile": call(a),
    "rate": call(1, 5),
    "rate_ratio": call(1, 5, 2, 5),
    "rate_upper_bound": call(0, 5),
    "ratio": call(one, two),
    "restricted_mean": call(a, 3),
    "restricted_mean_difference": call(a, b, 3),
    "restricted_mean_ratio": call(a, b, 3),
    "restricted_mean_time_lost": call(competing_table, 3),
    "risk_table": call(history),
    "risk_table_of_counts": call(counts, strata=("a", "b")),
    "robust_cumulative_incidence": call(competing),
    "robust_fixed_time_difference": call(history, "a", "b", 3),
    "robust_fixed_time_ratio": call(history, "a", "b", 3),
    "robust_kaplan_meier": call(history),
    "robust_nelson_aalen": call(history),
    "robust_rate_ratio": call(both_recur, "sre"),
    "robust_rates": call(recurring, "sre"),
    "robust_restricted_mean": call(history, 3),
    "robust_restricted_mean_difference": call(history, "a", "b", 3),
    "robust_restricted_mean_ratio": call(history, "a", "b", 3),
    "robust_restricted_mean_time_lost": call(competing, 3),
    "robust_restricted_mean_time_lost_difference": call(competing, "a", "b", "sre", 3),
    "schoenfeld_residuals": call(fit),
    "score_residuals": call(fit),
    "standardised_rate": call([1, 2], [10, 20], [1, 1]),
    "state_occupation": call(course),
    "symmetric_quantile": call(a),
    "tidy_counts": call(table),
    "transition_probabilities": call(course),
    "turnbull": call(bounds),
    "turnbull_band": call(bounds, [60], seed=1, replicates=10),
    "turnbull_quantile": call(bounds, seed=1, replicates=10),
    "unbroken_entry": call(bounds),
}
FILES = {"read_risk_table", "write_risk_table"}  # written and read in `test_table_file`

# Wrong whatever the function: values by the parameter's name.
WRONG_EVERYWHERE = {
    "at_risk": [0, -1, NAN, "20"],
    "causes": [["zz"], [1], (), "dead", "sre", 3],
    "changes": [[NAN], ["a"], [[1, 2]], [2, 1], [1, 1], None],
    "cluster": [[1], [[1, 2]], [NAN] * 7, [NAN] * 8, [NAN] * 9, [None] * 8],
    "conf_level": [0, 1.5, 95, NAN, "0.95", None],
    "horizon": [0, -1, NAN, INF, "3", None],
    "interval": ["zz", None, 1],
    "limits": ["zz", None],
    "method": ["zz", None],
    "per": [0, -1, NAN, INF, "100"],
    "probability": [0, 1, 1.5, NAN, "0.5"],
    "quartiles": ["zz", None],
    "replicates": [0, -3, 10.5, "10"],
    "rho": [-1, NAN, INF, "1"],
    "seed": [-1, 1.5, None, "1"],
    "start": [NAN, INF, "1", None],
    "stratum": ["zz"],
    "ties": ["zz", None],
    "time": [NAN, "3", [1, 2], None],
    "times": [[NAN], ["a"], [[1, 2], [3, 4]]],
    "variance": ["zz"],
}
ALLOWED = {  # right for one function, though wrong for the others
    ("bootstrap_limits", "replicates"),  # their values, not how many
    ("concordance", "horizon"),  # None: all events; the others are in `WRONG`
    ("counts_sql", "stratum"),  # the name of a column
}
A_NUMBER_FIRST = {  # 3 is one
    "bootstrap_limits", "bootstrap_weights", "boschloo", "fisher_exact", "proportion",
    "proportion_difference", "proportion_upper_bound", "rate", "rate_ratio", "rate_upper_bound",
    "median_of_values",
}  # fmt: skip
# Another kind of thing in the first place.
KINDS = [None, 3, "text", {"a": 1}, object()]
WRONG_KINDS = {
    "kaplan_meier": [history, curves, a],
    "nelson_aalen": [history],
    "fleming_harrington": [history],
    "cumulative_incidence": [competing, estimate.risk_table(course)],
    "restricted_mean_time_lost": [competing],
    "log_rank": [history, [table], estimate.risk_table(one_group), estimate.risk_table(halves)],
    "log_rank_pairs": [history, estimate.risk_table(one_group)],
    "log_rank_trend": [table],
    "gray": [competing, estimate.risk_table(competing_one), estimate.risk_table(late)],
    "event_rates": [history],
    "earliest_start": [history],
    "tidy_counts": [history],
    "risk_table": [table, np.ones(3), empty],
    "robust_kaplan_meier": [table, empty],
    "robust_nelson_aalen": [table, empty],
    "robust_cumulative_incidence": [competing_table, empty],
    "robust_fixed_time_difference": [table, one_group, empty],
    "robust_fixed_time_ratio": [table, one_group, empty],
    "robust_restricted_mean": [table, empty],
    "robust_restricted_mean_difference": [table, one_group, empty],
    "robust_restricted_mean_ratio": [table, one_group, empty],
    "robust_restricted_mean_time_lost": [competing_table, course, empty],
    "robust_restricted_mean_time_lost_difference": [competing_table, competing_one, course],
    "concordance": [table, uneventful, empty],
    "concordance_difference": [
        concordant_of_90,
        concordant_by_uno,
        concordant_in_pairs,
        concordant.estimate,
    ],
    "exact_log_rank": [table, one_group, halves],
    "exact_log_rank_groups": [table, one_group, halves],
    "mean_cumulative": [competing_table, empty],
    "mean_cumulative_test": [competing_table, competing_one],
    "robust_rates": [competing_table],
    "robust_rate_ratio": [competing_table, competing_one],
    "cox": [table, uneventful, empty, constant, unknown],
    "firth_cox": [table, uneventful, empty, constant, unknown],
    "fine_gray": [competing_table, empty],
    "multi_state_cox": [table, uneventful, empty],
    "markov_test": [table],
    "landmark_occupation": [table],
    "state_occupation": [empty],
    "length_of_stay": [empty],
    "bootstrap": [table, course, empty],
    "turnbull": [history],
    "turnbull_band": [history],
    "turnbull_quantile": [history],
    "unbroken_entry": [history],
    "interval_score_test": [history, bounds, nobody],
    "accelerated_failure": [history, nobody, never_found, two_groups],
    "piecewise_exponential": [history, nobody, never_found, two_groups],
    "panel_markov": [history, quiet],
    "fixed_time": [curves],
    "quantile": [curves, hazard, mean_count],
    "symmetric_quantile": [curves, incidence],
    "restricted_mean": [curves, incidence],
    "baseline_hazard": [history, by_group],
    "predicted_survival": [history],
    "predicted_incidence": [fit],
    "predicted_occupation": [fit],
    "predicted_hazards": [fit],
    "predicted_length_of_stay": [fit],
    "pool": [[one], [], [1, 2], [one, of_90], [nought, Estimate(NAN, NAN, NAN, NAN, 0.95, "x")]],
    "pool_curves": [[a], [a, incidence], [hazard, hazard], [a, at_90], [curves, curves]],
    "pool_fits": [[fit], [], [1, 2], [fit, by_group.hazard_ratios]],
    "pool_profiles": [
        [penalised],
        [],
        [1, 2],
        [fit, fit],
        [penalised, fit],
        [penalised, penalised_of_90],
        [penalised, penalised_odds],
    ],
    "pooled_wald": [fit],
    "pooled_chi_squared": [[1], [-1, 2], [NAN, 2], ["a", "b"]],
    "pooled_likelihood_ratio": [[fit]],
    "difference": [of_90],
    "ratio": [of_90, nought],
    "holm": [["a"], [2.0], [-0.1], [[0.1, 0.2]]],
    "benjamini_hochberg": [["a"], [2.0], [-0.1], [[0.1, 0.2]]],
    "median_of_values": [["a"], [INF]],
    "risk_table_of_counts": [{}, {"time": [1]}, counts | {"time": [1]}, counts | {"events": ["a"]}],
    "counts_sql": [""],
    "firth_logistic": [[0, 1, 2, 0], ["y"] * 4, [0, 1], [NAN, 1, 1, 0], []],
    "standardised_rate": [[1], [NAN, 1], ["a", 1], [-1, 1]],
}
NO_TWO_STRATA = [{"a": "zz"}, {"b": "zz"}, {"a": None}, {"b": 1}]
AT_99, TO_99 = {"history": unended, "time": 99}, {"history": unended, "horizon": 99}
# Wrong for one function only.
WRONG = {
    "accelerated_failure": [{"names": ["zz"]}, {"names": "x"}, {"distribution": "zz"}],
    "baseline_hazard": [{"covariates": c} for c in ({}, {"z": 1}, {"x": NAN}, {"x": "a"}, [1])]
    + [{"covariates": {"x": [0, 1]}}, {"changes": [3], "covariates": {"x": [0, 1, 1]}}],
    "bootstrap": [{"times": [99]}, {"times": []}],
    "bootstrap_difference": [{"a": "zz"}, {"b": "zz"}, {"cause": "zz"}, {"time": 4}],
    "bootstrap_estimate": [{"cause": "zz"}, {"time": 4}],
    "bootstrap_limits": [
        {"replicates": [1]}, {"replicates": ["a"] * 9}, {"replicates": [INF] * 99},
        {"estimate": NAN}, {"limits": "bca"}, {"limits": "bca", "influence": [0, 0]},
        {"limits": "bca", "influence": [NAN, 1]},
    ],
    "bootstrap_weights": [{"clusters": c} for c in (0, -1, 2.5, "2")],
    "boschloo": [{"events_1": e} for e in (-1, 6, 0.5, NAN, "a")] + [{"n_1": 0}],
    "counts_sql": [{"exit": ""}, {"exit": None}],
    "concordance": [
        {"score": s}
        for s in ([1], ["a"] * 8, [NAN] * 8, [None] * 8, [[1] * 8], None)
    ]
    + [{"score": penalised}, {"score": another_fit}]
    + [{"weighting": w} for w in ("zz", None)]
    + [{"horizon": h} for h in (0, -1, NAN, INF, "3", 0.5)]
    + [{"history": late, "score": [1, 2, 3, 4], "weighting": "uno"}],
    "concordance_difference": [{"b": b_} for b_ in (None, 0.7, concordant.estimate)],
    "cox": [{"names": n} for n in (["zz"], [], ["x", "x"], [1], "x", None, 3, {"x": 1}.items())],
    "event_rates": [{"cause": "zz"}, {"cause": None}],
    "exact_log_rank": [{"blocks": [1]}, {"gamma": -1}],
    "exact_log_rank_groups": [{"blocks": [1]}, {"gamma": -1}],
    "fine_gray": [
        {"cause": "zz"}, {"cause": "bm"}, {"names": ["zz"]}, {"names": []}, {"names": "x"},
        {"convention": "zz"},
        {"censoring_group": [1]},
    ],
    "firth_cox": [{"names": ["zz"]}, {"names": []}, {"names": "x"}],
    "firth_logistic": [
        {"covariates": {}}, {"covariates": {"x": [1]}}, {"covariates": {"x": ["a"] * 4}},
        {"weight": [1, 1, 1, -1]}, {"weight": [1, 1, 1, NAN]}, {"weight": [1]},
    ],
    "fisher_exact": [{"events_1": e} for e in (-1, 6, 0.5, NAN, "a")] + [{"convention": "zz"}],
    "fixed_time": [{"time": -1}, {"curve": hazard, "time": 99}],
    "fixed_time_difference": [{"b": b_} for b_ in (later, incidence, at_90, curves)],
    "fixed_time_ratio": [{"b": b_} for b_ in (later, incidence, at_90, curves)],
    "gray": [{"cause": "zz"}, {"cause": None}],
    "illness_death": [
        {"exit": [1]}, {"exit": [1, 2, 3, 4, 5]}, {"exit": [NAN] * 5}, {"exit": ["a"] * 5},
        {"death": [2, 0, 1, 0, 1]}, {"death": ["y"] * 5}, {"death": [NAN, 0, 1, 0, 1]},
        {"death": [0] * 5}, {"cuts": [50, 20]}, {"cuts": [NAN]}, {"cuts": ["a"]},
        {"covariates": {"onset": ["zz"]}}, {"covariates": {"zz": ["x"]}}, {"smoothness": -1},
        {"smoothness": NAN},
    ],
    "interval_score_test": [
        {"scores": "zz"}, {"trend": [1]}, {"trend": [1, 1]}, {"trend": [1, NAN]},
        {"trend": ["a", "b"]}, {"method": "monte carlo", "replicates": 0},
    ],
    "landmark_occupation": [
        {"state": "zz"}, {"landmark": 99}, {"landmark": NAN}, {"landmark": "2"},
        {"variance": "jackknife", "cluster": [1]},
    ],
    "log_rank": [{"weights": "zz"}, {"weights": "gehan", "rho": 1}, {"gamma": -1}],
    "log_rank_trend": [{"scores": s} for s in ([1], [1, 1], [1, NAN], ["a", "b"])],
    "markov_test": [{"transition": t} for t in (("zz", "sre"), ("bm", "bm"), ("dead", "bm"))]
    + [{"landmarks": s} for s in ([], [NAN], ["a"])],
    "mean_cumulative": [
        {"event": "zz"}, {"event": "bm"}, {"event": ["sre"]}, {"terminal": ["zz"]},
        {"terminal": "dead"},
    ],
    "mean_cumulative_test": [{"event": "zz"}, {"terminal": ["zz"]}],
    "multi_state_cox": [
        {"covariates": ["zz"]}, {"covariates": "x"}, {"covariates": []},
        {"covariates": {("zz", "sre"): ["x"]}}, {"covariates": {"sre": ["x"]}},
        {"common": ["zz"]}, {"shared_baselines": [[("zz", "sre")]]}, {"clock": "zz"},
    ],
    "panel_markov": [
        {"transitions": [("free", "zz")]}, {"transitions": []}, {"exact": ["zz"]},
        {"covariates": ["zz"]}, {"transitions": [("free", "free")]},
    ],
    "piecewise_exponential": [{"names": ["zz"]}, {"names": "x"}]
    + [{"cuts": c} for c in (["a"], [60, 30], [NAN], [-5])],
    "pool": [
        {"scale": "zz"}, {"df_complete": -1}, {"df_complete": NAN},
        {"estimates": [one, above_one], "scale": "logit"},
    ],
    "pool_curves": [{"df_complete": -1}],
    "pool_fits": [{"df_complete": -1}],
    "pooled_chi_squared": [{"df": df} for df in (0, 1.5, NAN, "1")],
    "pooled_likelihood_ratio": [{"smaller": [fit]}, {"smaller": [fit, fit]}],
    "pooled_wald": [{"names": ["zz"]}, {"names": []}],
    "predicted_incidence": [{"covariates": c} for c in ({}, {"x": NAN}, {"x": "a"})],
    "predicted_survival": [{"covariates": c} for c in ({}, {"x": NAN}, {"x": "a"})]
    + [{"covariates": c} for c in (None, {"x": [0, 1]}, {"x": [[0]]}, {"x": None}, [1])]
    + [{"changes": [3]} | {"covariates": c} for c in ({"x": [0]}, {"x": [0, 1, 1]})]
    + [{"changes": [3], "covariates": {"x": [0, NAN]}}],
    "proportion": [{"events": e} for e in (-1, 6, 0.5, NAN, "a", [1])] + [{"n": 0}],
    "proportion_difference": [{"events_0": -1}, {"n_0": 0}, {"events_1": "a"}],
    "proportion_upper_bound": [{"events": 6}, {"n": 0}],
    "proportional_hazards": [{"transform": "zz"}, {"terms": {"a": ["zz"]}}],
    "rate": [{"events": e} for e in (-1, NAN, INF, "1")]
    + [{"person_time": t} for t in (0, -1, NAN, INF, "5")],
    "rate_ratio": [{"events_1": e} for e in (-1, 1.5, NAN, "a")]
    + [{"person_time_1": t} for t in (0, NAN, INF)] + [{"convention": "zz"}],
    "rate_upper_bound": [{"person_time": 0}, {"events": -1}],
    "restricted_mean_difference": [{"b": b_} for b_ in (later, incidence, at_90, curves)],
    "restricted_mean_ratio": [{"b": b_} for b_ in (later, incidence, at_90, curves)],
    "risk_table_of_counts": [{"states": ("alive",)}, {"strata": ("a",)}],
    "robust_fixed_time_difference": [*NO_TWO_STRATA, {"time": -1}, AT_99, {"cause": "zz"}],
    "robust_fixed_time_ratio": [*NO_TWO_STRATA, {"time": -1}, AT_99, {"cause": "zz"}],
    "robust_restricted_mean": [TO_99],
    "robust_restricted_mean_difference": [*NO_TWO_STRATA, TO_99],
    "robust_restricted_mean_ratio": [*NO_TWO_STRATA, TO_99],
    "robust_restricted_mean_time_lost": [{"horizon": 99}, TO_99],
    "robust_restricted_mean_time_lost_difference": [
        *NO_TWO_STRATA, {"horizon": 99}, {"cause": "zz"}, {"cause": "bm"}, {"cause": None},
    ],
    "robust_rate_ratio": [{"groups": g} for g in (("a", "b"), ("treated",), ("treated",) * 2)]
    + [{"event": "zz"}],
    "robust_rates": [{"event": "zz"}],
    "standardised_rate": [
        {"standard": [0, 0]}, {"standard": [1, INF]}, {"person_time": [0, 1]}, {"standard": [1]},
    ],
    "state_occupation": [
        {"initial": i} for i in ({"zz": 1}, {"bm": 0.5}, {"bm": 2, "sre": -1}, {"bm": NAN}, "zz")
    ] + [{"source": estimate.risk_table(course), "variance": "jackknife"}]
    + [{"variance": "jackknife", "cluster": [1]}],
    "turnbull": [{"starts": 0}, {"starts": 1.5}],
    "turnbull_band": [{"times": []}],
}  # fmt: skip
WRONG["predicted_restricted_mean"] = WRONG["predicted_survival"] + [{"horizon": 99}]
for name in ("predicted_restricted_mean", "predicted_survival"):
    for contrast in ("difference", "ratio"):
        WRONG[f"{name}_{contrast}"] = [
            *(
                {who: z}
                for who in "ab"
                for z in ({}, {"x": NAN}, {"x": "a"}, {"x": [0, 1]}, None, 3)
            ),
            *({"stratum": s} for s in ((), ("all",), ("all", "zz"), ("all", None, "all"), 3)),
            {"horizon" if "mean" in name else "time": 99},
        ]
for name in ("predicted_hazards", "predicted_occupation", "predicted_length_of_stay"):
    WRONG[name] = [
        {"covariates": x}
        for x in ({}, {"x": NAN}, {"x": "a"}, {"x": 1, "zz": 2}, [1], {("a", "b"): {}})
    ]
WRONG["predicted_occupation"] += [{"factors": "zz"}, {"initial": {"zz": 1}}]


def changes(name):
    """Every single change that makes the right call of a function wrong."""
    parameters = inspect.signature(getattr(estimate, name)).parameters
    first = next(iter(parameters))
    fine = {"counts_sql": "text"} | dict.fromkeys(A_NUMBER_FIRST, 3)
    kinds = [kind for kind in KINDS if kind != fine.get(name, ...)]
    yield from ({first: kind} for kind in [*kinds, *WRONG_KINDS.get(name, [])])
    for parameter in parameters:
        if (name, parameter) not in ALLOWED and parameter in WRONG_EVERYWHERE:
            yield from ({parameter: value} for value in WRONG_EVERYWHERE[parameter])
    yield from WRONG.get(name, [])


def called(name, change):
    """Call a function with its right arguments but for the change."""
    function = getattr(estimate, name)
    args, options = RIGHT[name]
    bound = inspect.signature(function).bind(*args, **options)
    several = (
        next(iter(bound.signature.parameters.values())).kind == inspect.Parameter.VAR_POSITIONAL
    )
    if several:  # *tables: the first of them
        first = next(iter(bound.signature.parameters))
        change = {k: (v,) if k == first else v for k, v in change.items()}
    for parameter, value in change.items():
        if parameter in bound.signature.parameters:
            bound.arguments[parameter] = value
        else:  # one of **options
            bound.arguments.setdefault("options", {})[parameter] = value
    return function(*bound.args, **bound.kwargs)


def test_every_estimator_is_here():
    functions = {n for n in estimate.__all__ if inspect.isfunction(getattr(estimate, n))}
    assert set(RIGHT) == functions - FILES
    assert set(WRONG) | set(WRONG_KINDS) <= set(RIGHT)


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_call_is_right(name):
    called(name, {})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param(n, c, id=f"{n}-{i}-{'-'.join(c)}")
        for n in RIGHT
        for i, c in enumerate(changes(n))
    ],
)
def test_a_mistake_is_told(name, change):
    with pytest.raises(EstimateError) as told:
        called(name, change)
    assert told.value.wrong
    assert told.value.allowed or told.value.do


COLUMNS = {"exit": [1, 2], "event": [1, 0]}


@pytest.mark.parametrize(
    "change",
    [
        *({"exit": e} for e in ([1, NAN], ["a", "b"], [1, None], [1], [[1, 2]], [[1], [2, 3]], 5)),
        {"exit": np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")},
        *({"event": e} for e in (["dead", "alive"], [1, 5], [1, NAN], [1, 0.5], [1], [1, -2])),
        *({"entry": e} for e in ([1, 0], [0, NAN], ["a", 0], [0], [0, 3])),
        *({"weight": w} for w in ([1, -1], [1, 0], [1, NAN], [1, INF], ["a", 1], [1])),
        *({"stratum": s} for s in ([0, -1], ["a"], ["a", None], ["a", NAN], [0], [0, NAN])),
        *({"stratum": s} for s in ([[0, 1]], [10**9, 0], np.array([["a", "b"]]))),
        {"stratum": ["a", "b"], "strata": ("a", "c")},
        {"stratum": [0, 1], "strata": ("a", 1)},
        {"stratum": [0, 1], "strata": ("a",)},
        {"stratum": [0, 1], "strata": ("a", "a")},
        *({"states": s} for s in (("a",), ("a", "a"), "ab", (), 5)),
        *({"subject": s} for s in (["p1", None], [["p1", "p2"]], [0])),
        *({"covariates": c} for c in ({"x": [1]}, {"x": ["a", "b"]}, [1, 2])),
        {"from_state": [0, 7]},
    ],
    ids=repr,
)
def test_a_history_is_checked(change):
    with pytest.raises(EstimateError):
        History.of(**(COLUMNS | change))


@pytest.mark.parametrize(
    "change",
    [
        *({"left": x} for x in (["a", "b"], [-1, 1], [NAN, 1], [INF, INF], [1], 1, [9, 9])),
        *({"right": x} for x in (["a", "b"], [NAN, 2], [1])),
        *({"entry": x} for x in (["a", "b"], [NAN, 0], [5, 0], [-1, 0], [0])),
        *({"weight": x} for x in ([-1, 1], [INF, 1], [NAN, 1], ["a", 1], [1])),
        *({"stratum": x} for x in (["a"], ["a", None], ["a", NAN], [0], [-1, 0], [10**9, 0])),
        {"stratum": [0, 1], "strata": ("a",)},
        {"stratum": ["a", "b"], "strata": ("a", "c")},
        *({"covariates": x} for x in ({"x": ["a", "b"]}, {"x": [1]}, [1, 2])),
        {"strata": ("a", "a")},
    ],
    ids=repr,
)
def test_bounds_are_checked(change):
    with pytest.raises(EstimateError):
        Bounds.of(**({"left": [1, 2], "right": [3, 4]} | change))


@pytest.mark.parametrize(
    "change",
    [
        *({"time": x} for x in (["a"] * 6, [NAN] * 6, [0, 0, 2, 0, 1, 2], [1], 1)),
        *({"state": x} for x in ([0, 0, 9, 0, 0, 1], ["free"] * 6, [NAN] * 6, [0.5] * 6, [0])),
        *({"subject": x} for x in ([1], [NAN, 0, 0, 1, 1, 1])),
        {"possible": ("zz",)},
        *({"covariates": x} for x in ({"x": ["a"] * 6}, {"x": [1]})),
    ],
    ids=repr,
)
def test_a_panel_is_checked(change):
    with pytest.raises(EstimateError):
        Panel.of(**(VISITS | {"states": ("free", "bm")} | change))


@pytest.mark.parametrize("of", [History.of, Bounds.of])
def test_strata_by_name_or_by_index(of):
    """The same for both: names are sorted, indices are their own names, unless `strata` says."""
    rows = COLUMNS if of == History.of else {"left": [1, 2], "right": [3, 4]}
    for given, names, codes in (
        (["b", "a"], ("a", "b"), [1, 0]),
        (np.array(["b", "a"]), ("a", "b"), [1, 0]),
        (np.array(["b", "a"], dtype=object), ("a", "b"), [1, 0]),
        ([1, 0], ("0", "1"), [1, 0]),
        ([True, False], ("0", "1"), [1, 0]),
    ):
        found = of(**rows, stratum=given)
        assert (found.strata, found.stratum.tolist()) == (names, codes)
    assert of(**rows, stratum=["b", "a"], strata=("b", "a")).stratum.tolist() == [0, 1]
    assert of(**rows, stratum=[0, 1], strata=("b", "a")).strata == ("b", "a")
    assert of(**rows).strata == ("all",)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: History.of(exit=[1, 2], event=[1, 2]), "1 means censored.*status - 1"),
        (lambda: Bounds.of(left=[1], right=[NAN]), "no right bound.*write inf"),
        (lambda: estimate.cox(one_group, "x"), r'the text "x".*list of names.*names=\["x"\]'),
        (lambda: estimate.kaplan_meier(table, causes=()), "names none"),
        (lambda: estimate.cox(one_group, ["x"], causes=()), "names none"),
        (lambda: estimate.kaplan_meier(table, causes="dead"), r'causes=\["dead"\]'),
        (
            lambda: estimate.cumulative_incidence(competing_table, variance="jackknife"),
            "robust_cumulative_incidence",
        ),
        (lambda: estimate.nelson_aalen(table, variance="jackknife"), "robust_nelson_aalen"),
        (lambda: estimate.cox(one_group, ["x"], robust="clinic"), "`robust` is a str"),
        (
            lambda: estimate.exact_log_rank(
                History.of(exit=[1, 2, 3, 4], event=[1, 1, 1, 0], stratum=[0, 1, 0, 1]),
                blocks=[1, 1, NAN, NAN],
            ),
            "`blocks` misses a value",
        ),
        (
            lambda: estimate.fine_gray(competing, ["x"], "sre", censoring_group=[None] * 8),
            "`censoring_group` (misses a value|has shape)",
        ),
        (
            lambda: estimate.Panel.of(
                subject=[1, 1], time=[0, np.inf], state=[0, 1], states=("bm", "sre")
            ),
            "a time that is not finite",
        ),
        (
            lambda: estimate.firth_logistic([1, 0], {"x": [0, 1]}, weight=[1, np.inf]),
            "weight is not positive and finite",
        ),
    ],
)
def test_a_usual_mistake_is_told_with_its_cure(mistake, words):
    with pytest.raises(EstimateError, match=words):
        mistake()


ANYTHING = [None, "zz", 3, 2.5, [], ["a"], {"a": 1}, object(), np.array([[1, 2], [3, 4]]), len]


@pytest.mark.parametrize("name", RIGHT)
def test_no_argument_ends_in_a_bare_error(name):
    """Right or told: never an error of Python or NumPy, whatever is given where."""
    for parameter in inspect.signature(getattr(estimate, name)).parameters.values():
        several = parameter.kind == inspect.Parameter.VAR_POSITIONAL
        if parameter.kind == inspect.Parameter.VAR_KEYWORD:
            continue
        for value in ANYTHING:
            with suppress(EstimateError):
                called(name, {parameter.name: (value,) if several else value})


@pytest.mark.parametrize(
    "name", [n for n in RIGHT if "interval" in inspect.signature(getattr(estimate, n)).parameters]
)
def test_the_scales_listed_are_those_allowed(name):
    text = inspect.getdoc(getattr(estimate, name))
    listed = re.search(r"interval : \{(.*?)\}", text)
    if not listed:  # as in another function
        return
    every = {"log-log", "cloglog", "log", "plain", "logit", "arcsine", "garwood", "mid-p", "wilson"}
    allowed = set()
    for scale in every:
        try:
            called(name, {"interval": scale})
            allowed.add(scale)
        except EstimateError:
            pass
    assert set(re.findall(r'"(.*?)"', listed[1])) & every == allowed


def test_results_are_asked_in_words():
    accelerated = estimate.accelerated_failure(bounds)
    onset = estimate.illness_death(*RIGHT["illness_death"][0])
    seen = estimate.panel_markov(panel, [("free", "bm")])
    for mistake in (
        lambda: table + 3,
        lambda: table + competing_table,
        lambda: table.risk_sets("zz"),
        lambda: table.risk_sets("a", causes=["zz"]),
        lambda: history.where([True] * 3),
        lambda: bounds.where(np.array([True] * 3)),
        lambda: a.at("a"),
        lambda: a.at([NAN]),
        lambda: a.at(None),
        lambda: accelerated.survival(["a"]),
        lambda: accelerated.survival([-1]),
        lambda: accelerated.survival([1], {"zz": 1}),
        lambda: accelerated.quantile(2),
        lambda: accelerated.quantile("a"),
        lambda: onset.predict([1], of="zz"),
        lambda: onset.predict([NAN]),
        lambda: onset.predict([1], start=5),
        lambda: onset.predict([1], {"zz": 1}),
        lambda: seen.intensities({"zz": 1}),
        lambda: seen.sojourn({"zz": 1}),
        lambda: seen.probabilities(-1),
        lambda: seen.probabilities("a"),
        lambda: seen.probabilities(1, interval="zz"),
        lambda: model.baseline_of(("a", "b")),
        lambda: estimate.turnbull(bounds)["all"].at(["a"]),
        lambda: estimate.turnbull(bounds)["all"].quantile(2),
        lambda: estimate.state_occupation(course)["all"].at(["a"]),
        lambda: estimate.read_risk_table(nowhere),
        lambda: estimate.read_risk_table(None),
        lambda: estimate.write_risk_table(table, nowhere),
        lambda: estimate.write_risk_table(history, nowhere),
    ):
        with pytest.raises(EstimateError):
            mistake()


def test_a_cause_by_its_number_is_asked_for_by_name():
    table = estimate.risk_table(
        History.of(exit=[1, 2], event=[1, 2], states=("a", "b", "c"), stratum=[0, 1])
    )
    for ask in (
        lambda: estimate.gray(table, cause=1),
        lambda: estimate.kaplan_meier(table, causes=[1]),
        lambda: estimate.event_rates(table, cause=None),
    ):
        with pytest.raises(EstimateError, match="a cause is no text"):
            ask()


@pytest.mark.parametrize("short", [np.uint8, np.int8, np.int16])
def test_counts_of_a_short_type_do_not_overflow(short):
    """200 of 250 and 4 n**2 do not fit into the types that files and frames keep counts in."""
    for ask, counts in (
        (estimate.fisher_exact, (100, 120, 90, 110)),
        (estimate.proportion_difference, (100, 120, 90, 110)),
        (estimate.boschloo, (10, 120, 20, 110)),
        (estimate.proportion, (100, 120)),
        (estimate.rate, (127, 100)),
        (estimate.rate_ratio, (100, 120, 90, 110)),
        (estimate.rate_upper_bound, (127, 100)),
    ):
        assert repr(ask(*map(short, counts))) == repr(ask(*counts))
