"""What prints an interval and has no row on the page, and why."""

from __future__ import annotations

from typing import NamedTuple


class Gap(NamedTuple):
    """Functions, or options of a function as ``function(option)``, and why they have no row."""

    what: tuple[str, ...]
    why: str


GAPS = (
    Gap(
        ("rate", "transition_probabilities", "bootstrap_limits", "bootstrap_limits(limits)"),
        "the same limits have rows, as `event_rates`, as `state_occupation(start=, initial=)` and "
        "as `bootstrap_estimate`",
    ),
    Gap(
        ('fisher_exact(convention="minlike")', 'rate_ratio(convention="minlike")'),
        'the limits are those of "central"; only p differs',
    ),
    Gap(("bootstrap_limits(influence)",), "`bootstrap_estimate` hands it over for BCa limits"),
    Gap(
        (
            *("concordance(cluster)", "length_of_stay(cluster)", "mean_cumulative(cluster)"),
            *("multi_state_cox(cluster)", "robust_cumulative_incidence(cluster)"),
            *("robust_fixed_time_difference(cluster)", "robust_fixed_time_ratio(cluster)"),
            *("robust_nelson_aalen(cluster)", "robust_rate_ratio(cluster)"),
            *("robust_rates(cluster)", "robust_restricted_mean(cluster)"),
            *(
                "robust_restricted_mean_difference(cluster)",
                "robust_restricted_mean_ratio(cluster)",
            ),
            *("robust_restricted_mean_time_lost(cluster)",),
            *("robust_restricted_mean_time_lost_difference(cluster)", "state_occupation(cluster)"),
        ),
        "the same sum over clusters as in the rows on families; expect it to be as short with as "
        "few of them",
    ),
    Gap(
        (
            *("robust_cumulative_incidence(start)", "robust_nelson_aalen(start)"),
            *("robust_fixed_time_difference(start)", "robust_fixed_time_ratio(start)"),
            *("robust_restricted_mean(start)", "robust_restricted_mean_difference(start)"),
            *("robust_restricted_mean_ratio(start)", "robust_restricted_mean_time_lost(start)"),
            *("robust_restricted_mean_time_lost_difference(start)", "fleming_harrington(start)"),
            *("length_of_stay(start)", "length_of_stay(initial)"),
            *("predicted_length_of_stay(start)", "predicted_length_of_stay(initial)"),
            *("predicted_occupation(start)", "predicted_occupation(initial)"),
        ),
        "a later start leaves the early risk sets out and changes no formula; it has rows for each "
        "kind of curve",
    ),
    Gap(
        (
            *("predicted_incidence(stratum)", "predicted_occupation(stratum)"),
            *("predicted_length_of_stay(stratum)",),
        ),
        "as `predicted_survival(stratum=)`, which has a row",
    ),
    Gap(
        tuple(
            f"predicted_{what}({option})"
            for what in (
                *("survival_difference", "survival_ratio", "restricted_mean"),
                *("restricted_mean_difference", "restricted_mean_ratio"),
            )
            for option in ("changes", "start", "stratum")
        ),
        "the curves contrasted are those of `predicted_survival`, which has rows with each",
    ),
    Gap(
        (
            *("fleming_harrington(interval)", "fleming_harrington(variance)"),
            *("fleming_harrington(ties)", "fleming_harrington(causes)"),
        ),
        "the limits of `nelson_aalen`, transformed",
    ),
    Gap(
        (
            *("robust_kaplan_meier(interval)", "robust_nelson_aalen(interval)"),
            *("robust_cumulative_incidence(interval)",),
        ),
        "the scales are those of `kaplan_meier` and its like, where each has a row",
    ),
    Gap(
        (
            *("nelson_aalen(causes)", "robust_nelson_aalen(causes)"),
            *("robust_restricted_mean(causes)", "robust_restricted_mean_difference(causes)"),
            *("robust_restricted_mean_ratio(causes)", "robust_fixed_time_ratio(cause)"),
        ),
        "what else happens censors, as in the rows on deaths censored, or competes, as in those on "
        "incidence",
    ),
    Gap(("firth_cox(ties)", "multi_state_cox(ties)"), "Breslow's ties have a row in `cox`"),
    Gap(
        (
            *("IllnessDeathFit.predict(interval=)", "PiecewiseExponentialFit.survival(interval=)"),
            "PanelMarkov.probabilities(start=)",
        ),
        "the same delta method; the default has rows",
    ),
    Gap(("firth_logistic(weight)",), "weights count copies of a patient, and nothing else"),
    Gap(("pool_fits(df_complete)", "pool_curves(df_complete)"), "as `pool(df_complete=)`"),
    Gap(("robust_rate_ratio(groups)",), "it names the two strata to compare"),
    Gap(("median_of_values(quartiles)",), "quartiles are printed without limits"),
)

WITHOUT_INTERVAL = frozenset(
    {
        *("baseline_hazard", "predicted_hazards", "bootstrap_weights", "earliest_start"),
        *("turnbull", "boschloo", "exact_log_rank", "exact_log_rank_groups", "gray"),
        *("interval_score_test", "log_rank", "log_rank_pairs", "log_rank_trend", "markov_test"),
        *("mean_cumulative_test", "proportional_hazards", "benjamini_hochberg", "holm"),
        *("pooled_chi_squared", "pooled_likelihood_ratio", "pooled_wald", "deviance_residuals"),
        *("dfbeta", "martingale_residuals", "schoenfeld_residuals", "score_residuals"),
        *("counts_sql", "read_risk_table", "risk_table", "risk_table_of_counts", "tidy_counts"),
        *("unbroken_entry", "write_risk_table", "follow_up"),
    }
)
"""Tests, tables and residuals: they print no limits."""
NOT_AN_INTERVAL = frozenset({"conf_level", "seed", "replicates", "per"})
"""Options that change neither the kind of an interval nor its truth."""
