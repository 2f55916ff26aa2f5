"""Risk tables and every estimator on them: event histories in, numbers with intervals out.

An estimator is a function named as a paper would name it. It takes a `RiskTable` (or a `History`
where it needs each subject, or plain counts), and returns frozen results. Nothing here knows a
patient, a date or a table of the registry.
"""

from osteon.estimate.aalen_johansen import cumulative_incidence
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.cox import CoxFit, cox
from osteon.estimate.curve import Curve, Points, fixed_time, fixed_time_difference, fixed_time_ratio
from osteon.estimate.describe import Median, median_of_values
from osteon.estimate.exact import Fisher, fisher_exact, proportion, proportion_difference
from osteon.estimate.firth import firth_cox, firth_logistic
from osteon.estimate.influence import (
    robust_cumulative_incidence,
    robust_kaplan_meier,
    robust_nelson_aalen,
)
from osteon.estimate.intervals import Estimate, difference, ratio
from osteon.estimate.kaplan_meier import EarliestStart, earliest_start, follow_up, kaplan_meier
from osteon.estimate.log_rank import LogRank, log_rank
from osteon.estimate.nelson_aalen import fleming_harrington, nelson_aalen
from osteon.estimate.penalised import FirthFit
from osteon.estimate.proportional_hazards import ProportionalHazards, proportional_hazards
from osteon.estimate.quantiles import quantile, symmetric_quantile
from osteon.estimate.rates import event_rates, rate, rate_ratio
from osteon.estimate.resampling import (
    Bootstrap,
    bootstrap,
    bootstrap_difference,
    bootstrap_estimate,
    bootstrap_weights,
)
from osteon.estimate.resampling_limits import bootstrap_limits
from osteon.estimate.restricted_mean import (
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_ratio,
)
from osteon.estimate.risk_table import RiskSets, RiskTable, risk_table
from osteon.estimate.table_file import read_risk_table, write_risk_table
from osteon.estimate.tidy_counts import counts_sql, risk_table_of_counts, tidy_counts
from osteon.estimate.time_lost import restricted_mean_time_lost
from osteon.estimate.turnbull import QuantileLimits, TurnbullCurve, turnbull, turnbull_quantile

__all__ = [
    "Bootstrap",
    "ChiSquared",
    "CoxFit",
    "Curve",
    "EarliestStart",
    "Estimate",
    "FirthFit",
    "Fisher",
    "LogRank",
    "Median",
    "Points",
    "ProportionalHazards",
    "QuantileLimits",
    "RiskSets",
    "RiskTable",
    "TurnbullCurve",
    "bootstrap",
    "bootstrap_difference",
    "bootstrap_estimate",
    "bootstrap_limits",
    "bootstrap_weights",
    "counts_sql",
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
    "fixed_time_ratio",
    "fleming_harrington",
    "follow_up",
    "kaplan_meier",
    "log_rank",
    "median_of_values",
    "nelson_aalen",
    "proportion",
    "proportion_difference",
    "proportional_hazards",
    "quantile",
    "rate",
    "rate_ratio",
    "ratio",
    "read_risk_table",
    "restricted_mean",
    "restricted_mean_difference",
    "restricted_mean_ratio",
    "restricted_mean_time_lost",
    "risk_table",
    "risk_table_of_counts",
    "robust_cumulative_incidence",
    "robust_kaplan_meier",
    "robust_nelson_aalen",
    "symmetric_quantile",
    "tidy_counts",
    "turnbull",
    "turnbull_quantile",
    "write_risk_table",
]
