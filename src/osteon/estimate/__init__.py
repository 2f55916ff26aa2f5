"""Risk tables and every estimator on them: event histories in, numbers with intervals out.

An estimator is a function named as a paper would name it. It takes a `RiskTable` (or a `History`
where it needs each subject, or plain counts), and returns frozen results. Nothing here knows a
patient, a date or a table of the registry.
"""

from osteon.estimate.aalen_johansen import cumulative_incidence
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.cox import CoxFit, cox
from osteon.estimate.curve import Curve, Points, fixed_time, fixed_time_difference
from osteon.estimate.describe import Median, median_of_values
from osteon.estimate.exact import Fisher, fisher_exact, proportion, proportion_difference
from osteon.estimate.firth import firth_cox, firth_logistic
from osteon.estimate.intervals import Estimate, difference
from osteon.estimate.kaplan_meier import EarliestStart, earliest_start, follow_up, kaplan_meier
from osteon.estimate.landmark import landmark_occupation
from osteon.estimate.length_of_stay import length_of_stay, predicted_length_of_stay
from osteon.estimate.log_rank import LogRank, log_rank
from osteon.estimate.markov_test import MarkovTest, markov_test
from osteon.estimate.multi_state_cox import MultiStateCox, multi_state_cox
from osteon.estimate.occupation import Occupation
from osteon.estimate.panel import Panel
from osteon.estimate.panel_fit import PanelMarkov
from osteon.estimate.panel_markov import panel_markov
from osteon.estimate.penalised import FirthFit
from osteon.estimate.predicted_hazards import PredictedHazards, predicted_hazards
from osteon.estimate.predicted_occupation import predicted_occupation
from osteon.estimate.proportional_hazards import ProportionalHazards, proportional_hazards
from osteon.estimate.quantiles import quantile, symmetric_quantile
from osteon.estimate.rates import event_rates, rate, rate_ratio
from osteon.estimate.restricted_mean import restricted_mean, restricted_mean_difference
from osteon.estimate.risk_table import RiskSets, RiskTable, risk_table
from osteon.estimate.state_occupation import (
    state_occupation,
    transition_probabilities,
)
from osteon.estimate.turnbull import QuantileLimits, TurnbullCurve, turnbull, turnbull_quantile

__all__ = [
    "ChiSquared",
    "CoxFit",
    "Curve",
    "EarliestStart",
    "Estimate",
    "FirthFit",
    "Fisher",
    "LogRank",
    "MarkovTest",
    "Median",
    "MultiStateCox",
    "Occupation",
    "Panel",
    "PanelMarkov",
    "Points",
    "PredictedHazards",
    "ProportionalHazards",
    "QuantileLimits",
    "RiskSets",
    "RiskTable",
    "TurnbullCurve",
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
    "kaplan_meier",
    "landmark_occupation",
    "length_of_stay",
    "log_rank",
    "markov_test",
    "median_of_values",
    "multi_state_cox",
    "panel_markov",
    "predicted_hazards",
    "predicted_length_of_stay",
    "predicted_occupation",
    "proportion",
    "proportion_difference",
    "proportional_hazards",
    "quantile",
    "rate",
    "rate_ratio",
    "restricted_mean",
    "restricted_mean_difference",
    "risk_table",
    "state_occupation",
    "symmetric_quantile",
    "transition_probabilities",
    "turnbull",
    "turnbull_quantile",
]
