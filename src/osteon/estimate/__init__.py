"""Risk tables and every estimator on them: event histories in, numbers with intervals out.

An estimator is a function named as a paper would name it. It takes a `RiskTable` (or a `History`
where it needs each subject, or plain counts), and returns frozen results. Nothing here knows a
patient, a date or a table of the registry.
"""

from osteon.estimate.aalen_johansen import cumulative_incidence
from osteon.estimate.baseline_hazard import (
    CumulativeHazard,
    baseline_hazard,
    predicted_survival,
)
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.cox import CoxFit, cox
from osteon.estimate.curve import Curve, Points, fixed_time, fixed_time_difference
from osteon.estimate.describe import Median, median_of_values
from osteon.estimate.exact import Fisher, fisher_exact, proportion, proportion_difference
from osteon.estimate.fine_gray import FineGrayFit, fine_gray
from osteon.estimate.firth import firth_cox, firth_logistic
from osteon.estimate.intervals import Estimate, difference
from osteon.estimate.kaplan_meier import EarliestStart, earliest_start, follow_up, kaplan_meier
from osteon.estimate.log_rank import LogRank, log_rank
from osteon.estimate.penalised import FirthFit
from osteon.estimate.predicted_incidence import predicted_incidence
from osteon.estimate.proportional_hazards import ProportionalHazards, proportional_hazards
from osteon.estimate.quantiles import quantile, symmetric_quantile
from osteon.estimate.rates import event_rates, rate, rate_ratio
from osteon.estimate.residuals import (
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from osteon.estimate.restricted_mean import restricted_mean, restricted_mean_difference
from osteon.estimate.risk_table import RiskSets, RiskTable, risk_table
from osteon.estimate.turnbull import QuantileLimits, TurnbullCurve, turnbull, turnbull_quantile

__all__ = [
    "ChiSquared",
    "CoxFit",
    "CumulativeHazard",
    "Curve",
    "EarliestStart",
    "Estimate",
    "FineGrayFit",
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
    "baseline_hazard",
    "cox",
    "cumulative_incidence",
    "deviance_residuals",
    "dfbeta",
    "difference",
    "earliest_start",
    "event_rates",
    "fine_gray",
    "firth_cox",
    "firth_logistic",
    "fisher_exact",
    "fixed_time",
    "fixed_time_difference",
    "follow_up",
    "kaplan_meier",
    "log_rank",
    "martingale_residuals",
    "median_of_values",
    "predicted_incidence",
    "predicted_survival",
    "proportion",
    "proportion_difference",
    "proportional_hazards",
    "quantile",
    "rate",
    "rate_ratio",
    "restricted_mean",
    "restricted_mean_difference",
    "risk_table",
    "schoenfeld_residuals",
    "score_residuals",
    "symmetric_quantile",
    "turnbull",
    "turnbull_quantile",
]
