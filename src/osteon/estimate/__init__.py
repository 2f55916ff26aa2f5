"""Risk tables and every estimator on them: event histories in, numbers with intervals out.

An estimator is a function named as a paper would name it. It takes a `RiskTable` (or a `History`
where it needs each subject, or plain counts), and returns frozen results. Nothing here knows a
patient, a date or a table of the registry.
"""

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import CENSORED, YEAR_DAYS, History
from osteon.estimate.bootstrap.resampling import (
    Bootstrap,
    bootstrap,
    bootstrap_difference,
    bootstrap_estimate,
    bootstrap_weights,
)
from osteon.estimate.bootstrap.resampling_limits import bootstrap_limits
from osteon.estimate.chi_squared import ChiSquared
from osteon.estimate.comparisons.exact_log_rank import ExactLogRank, exact_log_rank
from osteon.estimate.comparisons.exact_log_rank_groups import (
    ExactLogRankGroups,
    exact_log_rank_groups,
)
from osteon.estimate.comparisons.gray import Gray, gray
from osteon.estimate.comparisons.group_permutation import GroupTails
from osteon.estimate.comparisons.log_rank import LogRank, log_rank
from osteon.estimate.comparisons.log_rank_contrasts import (
    LogRankPair,
    LogRankTrend,
    log_rank_pairs,
    log_rank_trend,
)
from osteon.estimate.comparisons.multiple_testing import benjamini_hochberg, holm
from osteon.estimate.comparisons.permutation import Tails
from osteon.estimate.counts.describe import Median, median_of_values
from osteon.estimate.counts.exact import Fisher, boschloo, fisher_exact
from osteon.estimate.counts.proportions import (
    proportion,
    proportion_difference,
    proportion_upper_bound,
)
from osteon.estimate.counts.rates import event_rates, rate, rate_ratio, rate_upper_bound
from osteon.estimate.counts.standardised_rates import standardised_rate
from osteon.estimate.curves.aalen_johansen import cumulative_incidence
from osteon.estimate.curves.curve import (
    Curve,
    Points,
    fixed_time,
    fixed_time_difference,
    fixed_time_ratio,
)
from osteon.estimate.curves.kaplan_meier import (
    EarliestStart,
    earliest_start,
    follow_up,
    kaplan_meier,
)
from osteon.estimate.curves.nelson_aalen import fleming_harrington, nelson_aalen
from osteon.estimate.curves.quantiles import quantile, symmetric_quantile
from osteon.estimate.curves.restricted_mean import (
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_ratio,
)
from osteon.estimate.curves.robust_curves import (
    robust_cumulative_incidence,
    robust_kaplan_meier,
    robust_nelson_aalen,
)
from osteon.estimate.curves.robust_fixed_time import (
    robust_fixed_time_difference,
    robust_fixed_time_ratio,
)
from osteon.estimate.curves.robust_means import (
    robust_restricted_mean,
    robust_restricted_mean_difference,
    robust_restricted_mean_ratio,
    robust_restricted_mean_time_lost,
    robust_restricted_mean_time_lost_difference,
)
from osteon.estimate.curves.time_lost import restricted_mean_time_lost
from osteon.estimate.imputed.pooled_curves import pool_curves
from osteon.estimate.imputed.pooled_fits import PooledFit, pool_fits
from osteon.estimate.imputed.pooled_profiles import pool_profiles
from osteon.estimate.imputed.pooled_tests import (
    PooledTest,
    pooled_chi_squared,
    pooled_likelihood_ratio,
    pooled_wald,
)
from osteon.estimate.imputed.rubin import Pooled, pool
from osteon.estimate.interval_censored.accelerated_failure import (
    AcceleratedFailureFit,
    accelerated_failure,
)
from osteon.estimate.interval_censored.illness_death import IllnessDeathFit, illness_death
from osteon.estimate.interval_censored.interval_score_test import (
    IntervalScoreTest,
    interval_score_test,
)
from osteon.estimate.interval_censored.piecewise_exponential import (
    PiecewiseExponentialFit,
    piecewise_exponential,
)
from osteon.estimate.interval_censored.predicted import PredictedCurve
from osteon.estimate.interval_censored.truncated_npmle import unbroken_entry
from osteon.estimate.interval_censored.turnbull import TurnbullCurve, turnbull
from osteon.estimate.interval_censored.turnbull_bootstrap import (
    QuantileLimits,
    TurnbullBand,
    turnbull_band,
    turnbull_quantile,
)
from osteon.estimate.intervals import Estimate, difference, ratio
from osteon.estimate.multi_state.landmark import landmark_occupation
from osteon.estimate.multi_state.length_of_stay import length_of_stay, predicted_length_of_stay
from osteon.estimate.multi_state.markov_test import MarkovTest, markov_test
from osteon.estimate.multi_state.multi_state_cox import MultiStateCox, multi_state_cox
from osteon.estimate.multi_state.occupation import Occupation
from osteon.estimate.multi_state.panel import Panel
from osteon.estimate.multi_state.panel_fit import PanelMarkov
from osteon.estimate.multi_state.panel_markov import panel_markov
from osteon.estimate.multi_state.predicted_hazards import PredictedHazards, predicted_hazards
from osteon.estimate.multi_state.predicted_occupation import predicted_occupation
from osteon.estimate.multi_state.state_occupation import state_occupation, transition_probabilities
from osteon.estimate.recurrent.mean_cumulative import mean_cumulative
from osteon.estimate.recurrent.mean_cumulative_comparison import (
    MeanCumulativeTest,
    mean_cumulative_test,
)
from osteon.estimate.recurrent.robust_rates import robust_rate_ratio, robust_rates
from osteon.estimate.regression.baseline_hazard import (
    CumulativeHazard,
    baseline_hazard,
    predicted_survival,
)
from osteon.estimate.regression.concordance import (
    Concordance,
    concordance,
    concordance_difference,
)
from osteon.estimate.regression.cox import CoxFit, cox
from osteon.estimate.regression.fine_gray import FineGrayFit, fine_gray
from osteon.estimate.regression.firth import firth_cox, firth_logistic
from osteon.estimate.regression.penalised import FirthFit
from osteon.estimate.regression.predicted_contrasts import (
    predicted_survival_difference,
    predicted_survival_ratio,
)
from osteon.estimate.regression.predicted_incidence import predicted_incidence
from osteon.estimate.regression.predicted_means import (
    predicted_restricted_mean,
    predicted_restricted_mean_difference,
    predicted_restricted_mean_ratio,
)
from osteon.estimate.regression.proportional_hazards import (
    ProportionalHazards,
    proportional_hazards,
)
from osteon.estimate.regression.residuals import (
    deviance_residuals,
    dfbeta,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from osteon.estimate.tables.contributions import Contribution
from osteon.estimate.tables.counts_sql import counts_sql
from osteon.estimate.tables.risk_table import RiskSets, RiskTable, risk_table
from osteon.estimate.tables.table_file import read_risk_table, write_risk_table
from osteon.estimate.tables.tidy_counts import risk_table_of_counts, tidy_counts

__all__ = [
    "CENSORED",
    "YEAR_DAYS",
    "AcceleratedFailureFit",
    "Bootstrap",
    "Bounds",
    "ChiSquared",
    "Concordance",
    "Contribution",
    "CoxFit",
    "CumulativeHazard",
    "Curve",
    "EarliestStart",
    "Estimate",
    "ExactLogRank",
    "ExactLogRankGroups",
    "FineGrayFit",
    "FirthFit",
    "Fisher",
    "Gray",
    "GroupTails",
    "History",
    "IllnessDeathFit",
    "IntervalScoreTest",
    "LogRank",
    "LogRankPair",
    "LogRankTrend",
    "MarkovTest",
    "MeanCumulativeTest",
    "Median",
    "MultiStateCox",
    "Occupation",
    "Panel",
    "PanelMarkov",
    "PiecewiseExponentialFit",
    "Points",
    "Pooled",
    "PooledFit",
    "PooledTest",
    "PredictedCurve",
    "PredictedHazards",
    "ProportionalHazards",
    "QuantileLimits",
    "RiskSets",
    "RiskTable",
    "Tails",
    "TurnbullBand",
    "TurnbullCurve",
    "accelerated_failure",
    "baseline_hazard",
    "benjamini_hochberg",
    "bootstrap",
    "bootstrap_difference",
    "bootstrap_estimate",
    "bootstrap_limits",
    "bootstrap_weights",
    "boschloo",
    "concordance",
    "concordance_difference",
    "counts_sql",
    "cox",
    "cumulative_incidence",
    "deviance_residuals",
    "dfbeta",
    "difference",
    "earliest_start",
    "event_rates",
    "exact_log_rank",
    "exact_log_rank_groups",
    "fine_gray",
    "firth_cox",
    "firth_logistic",
    "fisher_exact",
    "fixed_time",
    "fixed_time_difference",
    "fixed_time_ratio",
    "fleming_harrington",
    "follow_up",
    "gray",
    "holm",
    "illness_death",
    "interval_score_test",
    "kaplan_meier",
    "landmark_occupation",
    "length_of_stay",
    "log_rank",
    "log_rank_pairs",
    "log_rank_trend",
    "markov_test",
    "martingale_residuals",
    "mean_cumulative",
    "mean_cumulative_test",
    "median_of_values",
    "multi_state_cox",
    "nelson_aalen",
    "panel_markov",
    "piecewise_exponential",
    "pool",
    "pool_curves",
    "pool_fits",
    "pool_profiles",
    "pooled_chi_squared",
    "pooled_likelihood_ratio",
    "pooled_wald",
    "predicted_hazards",
    "predicted_incidence",
    "predicted_length_of_stay",
    "predicted_occupation",
    "predicted_restricted_mean",
    "predicted_restricted_mean_difference",
    "predicted_restricted_mean_ratio",
    "predicted_survival",
    "predicted_survival_difference",
    "predicted_survival_ratio",
    "proportion",
    "proportion_difference",
    "proportion_upper_bound",
    "proportional_hazards",
    "quantile",
    "rate",
    "rate_ratio",
    "rate_upper_bound",
    "ratio",
    "read_risk_table",
    "restricted_mean",
    "restricted_mean_difference",
    "restricted_mean_ratio",
    "restricted_mean_time_lost",
    "risk_table",
    "risk_table_of_counts",
    "robust_cumulative_incidence",
    "robust_fixed_time_difference",
    "robust_fixed_time_ratio",
    "robust_kaplan_meier",
    "robust_nelson_aalen",
    "robust_rate_ratio",
    "robust_rates",
    "robust_restricted_mean",
    "robust_restricted_mean_difference",
    "robust_restricted_mean_ratio",
    "robust_restricted_mean_time_lost",
    "robust_restricted_mean_time_lost_difference",
    "schoenfeld_residuals",
    "score_residuals",
    "standardised_rate",
    "state_occupation",
    "symmetric_quantile",
    "tidy_counts",
    "transition_probabilities",
    "turnbull",
    "turnbull_band",
    "turnbull_quantile",
    "unbroken_entry",
    "write_risk_table",
]
