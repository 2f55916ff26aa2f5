"""Risk tables and every estimator on them: event histories in, numbers with intervals out.

An estimator is a function named as a paper would name it. It takes a `RiskTable` (or a `History`
where it needs each subject, or plain counts), and returns frozen results. Nothing here knows a
patient, a date or a table of the registry.
"""

from osteon.estimate.aalen_johansen import cumulative_incidence
from osteon.estimate.accelerated_failure import AcceleratedFailureFit, accelerated_failure
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.cox import CoxFit, cox
from osteon.estimate.curve import Curve, Points, fixed_time, fixed_time_difference
from osteon.estimate.describe import Median, median_of_values
from osteon.estimate.exact import Fisher, fisher_exact, proportion, proportion_difference
from osteon.estimate.firth import firth_cox, firth_logistic
from osteon.estimate.illness_death import IllnessDeathFit, illness_death
from osteon.estimate.interval_score_test import IntervalScoreTest, interval_score_test
from osteon.estimate.intervals import Estimate, difference
from osteon.estimate.kaplan_meier import EarliestStart, earliest_start, follow_up, kaplan_meier
from osteon.estimate.log_rank import LogRank, log_rank
from osteon.estimate.penalised import FirthFit
from osteon.estimate.piecewise_exponential import PiecewiseExponentialFit, piecewise_exponential
from osteon.estimate.predicted import PredictedCurve
from osteon.estimate.proportional_hazards import ProportionalHazards, proportional_hazards
from osteon.estimate.quantiles import quantile, symmetric_quantile
from osteon.estimate.rates import event_rates, rate, rate_ratio
from osteon.estimate.restricted_mean import restricted_mean, restricted_mean_difference
from osteon.estimate.risk_table import RiskSets, RiskTable, risk_table
from osteon.estimate.truncated_npmle import unbroken_entry
from osteon.estimate.turnbull import TurnbullCurve, turnbull
from osteon.estimate.turnbull_bootstrap import (
    QuantileLimits,
    TurnbullBand,
    turnbull_band,
    turnbull_quantile,
)

__all__ = [
    "AcceleratedFailureFit",
    "ChiSquared",
    "CoxFit",
    "Curve",
    "EarliestStart",
    "Estimate",
    "FirthFit",
    "Fisher",
    "IllnessDeathFit",
    "IntervalScoreTest",
    "LogRank",
    "Median",
    "PiecewiseExponentialFit",
    "Points",
    "PredictedCurve",
    "ProportionalHazards",
    "QuantileLimits",
    "RiskSets",
    "RiskTable",
    "TurnbullBand",
    "TurnbullCurve",
    "accelerated_failure",
    "cox",
    "cumulative_incidence",
    "difference",
    "earliest_start",
    "event_rates",
    "firth_cox",
    "firth_logistic",
    "fisher_exact",
    "fixed_time",
    "fixed_time_difference",
    "follow_up",
    "illness_death",
    "interval_score_test",
    "kaplan_meier",
    "log_rank",
    "median_of_values",
    "piecewise_exponential",
    "proportion",
    "proportion_difference",
    "proportional_hazards",
    "quantile",
    "rate",
    "rate_ratio",
    "restricted_mean",
    "restricted_mean_difference",
    "risk_table",
    "symmetric_quantile",
    "turnbull",
    "turnbull_band",
    "turnbull_quantile",
    "unbroken_entry",
]
