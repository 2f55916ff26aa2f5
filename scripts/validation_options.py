"""What the validation page promises: each estimator and option, and the tests that show it.

A test is named ``folder: test``, by the beginning of its name; after a ``|`` only its numbers count
whose place in the answers contains that word. Every number belongs to an option, or the page is not
written.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """An estimator or one of its options, the tests that show it, and why they differ above 1e-8."""

    name: str
    shown_by: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True)
class Unreached:
    """A data set that no package carries: what it would show, and what shows it instead."""

    data: str
    why: str
    instead: str


OPTIONS: dict[str, tuple[Option, ...]] = {
    "Risk table": (
        Option(
            "counted by days, NumPy",
            (
                "hand_worked: risk_table | deaths",
                "hand_worked: risk_table | person-days",
                "risk_table: by_days",
            ),
        ),
        Option("counted by distinct times, NumPy", ("risk_table: by_distinct_times",)),
        Option("counted by the compiled loop", ("risk_table: by_compiled_loop",)),
        Option("continuous times", ("risk_table: of_continuous_times",)),
        Option("from SQL", ("risk_table: by_sql",)),
        Option(
            "sites added up", ("hand_worked: risk_table | two sites", "risk_table: of_seven_sites")
        ),
        Option("another centre's file", ("risk_table: of_another_centres_file",)),
        Option(
            "at risk, with delayed entry and weights",
            (
                "hand_worked: risk_table | at risk",
                "kaplan_meier: numbers_at_risk",
                "risk_table: by_days",
            ),
        ),
    ),
    "Kaplan-Meier": (
        Option(
            "survival and Greenwood's errors",
            (
                "hand_worked: kaplan_meier | S(1)",
                "hand_worked: kaplan_meier | SE of",
                "hand_worked: kaplan_meier | S(6) =",
                "hand_worked: kaplan_meier | S(8)",
                "hand_worked: kaplan_meier | S(9)",
                "r_data_competing: disease_free_survival | free",
                "r_curves: survival",
                "r_data: survival_of_lung",
            ),
        ),
        Option(
            "delayed entry",
            (
                "hand_worked: kaplan_meier_with_late | enters",
                "hand_worked: kaplan_meier_with_late | its SE",
                "kaplan_meier: delayed_entry",
            ),
        ),
        Option(
            "case weights",
            (
                "hand_worked: kaplan_meier_with_late | weight",
                "kaplan_meier: whole_weights",
                "kaplan_meier: fractional_weights",
            ),
        ),
        Option(
            "strata",
            (
                "kaplan_meier: delayed_entry",
                "reference_values: kaplan_meier",
                "r_data: survival_of_lung",
            ),
        ),
        Option(
            "conditional on a later start",
            ("hand_worked: kaplan_meier_with_late | from day", "kaplan_meier: conditional_curve"),
        ),
        Option(
            "`start=` at a death: not let in (as `etm(s =)`; `survfit(start.time =)` lets it in)",
            (
                "hand_worked: death_exactly",
                "kaplan_meier: start_time_at",
                "aalen_johansen: start_of_etm",
            ),
        ),
        Option("one cause, the others censored", ("kaplan_meier: one_cause",)),
        Option(
            "plain interval",
            (
                "hand_worked: kaplan_meier | plain,",
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[plain",
                "r_curves: survival[pbc",
            ),
        ),
        Option(
            "log interval",
            (
                "hand_worked: kaplan_meier | log,",
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[log]",
                "r_curves: survival[veteran",
            ),
        ),
        Option(
            "log-log interval",
            (
                "hand_worked: kaplan_meier | log-log,",
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[log-log",
                "reference_values: kaplan_meier",
            ),
        ),
        Option(
            "logit interval",
            (
                "hand_worked: kaplan_meier | logit,",
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[logit",
                "r_curves: survival[colon",
            ),
        ),
        Option(
            "arcsine interval",
            (
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[arcsine",
                "r_curves: survival[lung",
            ),
        ),
        Option("other levels of confidence", ("kaplan_meier: confidence_level",)),
        Option("quantiles, Brookmeyer-Crowley", ("kaplan_meier: quantiles", "r_curves: median")),
        Option("R's midpoint of a flat 0.5", ("kaplan_meier: plateau", "hand_worked: midpoint")),
        Option(
            "symmetric quantile (SPSS)",
            (
                "hand_worked: symmetric_median",
                "fixed_time: symmetric_quantile",
                "published: symmetric_median",
            ),
        ),
        Option(
            "reverse Kaplan-Meier", ("hand_worked: reverse_kaplan_meier", "kaplan_meier: reverse")
        ),
        Option(
            "earliest start with k at risk",
            ("hand_worked: kaplan_meier_with_late | first day", "fixed_time: earliest_start"),
        ),
        Option(
            "robust variance",
            (
                "hand_worked: robust_kaplan_meier | robust SE",
                "robust: kaplan_meier[plain",
                "robust: kaplan_meier[weighted",
                "robust: a_later_start",
                "robust: kaplan_meier[copies",
                "robust: a_patient_in_pieces",
            ),
        ),
        Option(
            "cluster variance",
            (
                "hand_worked: robust_kaplan_meier | cluster",
                "robust: kaplan_meier[clustered",
                "robust: kaplan_meier[both",
            ),
        ),
        Option("at a fixed time", ("kaplan_meier: at_a_fixed_time",)),
        Option(
            "differences at fixed times",
            (
                "hand_worked: fixed_times | difference",
                "hand_worked: fixed_times | its SE",
                "fixed_time: survival | difference",
            ),
        ),
        Option(
            "ratios at fixed times",
            (
                "hand_worked: fixed_times | ratio",
                "hand_worked: fixed_times | SE of its log",
                "fixed_time: survival | ratio",
            ),
        ),
    ),
    "Nelson-Aalen": (
        Option(
            "hazard, Nelson-Aalen",
            (
                "hand_worked: nelson_aalen | H(1)",
                "hand_worked: nelson_aalen | H(6) =",
                "hand_worked: nelson_aalen | its SE",
                "nelson_aalen: hazard[nelson",
                "nelson_aalen: fractional",
                "r_curves: means_and_hazard | hazard",
            ),
        ),
        Option(
            "Fleming-Harrington",
            (
                "hand_worked: nelson_aalen | Fleming",
                "nelson_aalen: hazard[fleming",
                "nelson_aalen: survival[fleming",
            ),
        ),
        Option(
            "survival as exp(-hazard)",
            ("hand_worked: nelson_aalen | exp(-H)", "nelson_aalen: survival"),
        ),
        Option("robust variance", ("robust: nelson_aalen", "hand_worked: nelson_aalen")),
    ),
    "Aalen-Johansen": (
        Option(
            "cumulative incidence",
            (
                "hand_worked: aalen_johansen",
                "reference_values: incidence_of_mgus2",
                "r_data_mstate: incidence",
                "aalen_johansen: intervals",
                "r_data_competing: incidence",
            ),
        ),
        Option(
            "delayed entry",
            (
                "aalen_johansen: delayed_entry",
                "aalen_johansen: delta_variance_of_etm",
                "r_data_competing: late_entry",
                "reference_values: late_entry_of_abortion",
            ),
        ),
        Option(
            "conditional on a later start",
            (
                "aalen_johansen: conditional",
                "robust: cumulative_incidence[started",
                "r_curves: mgus2_seen_from",
            ),
        ),
        Option(
            "delta (Greenwood) variance, as etm and prodlim",
            (
                "hand_worked: aalen_johansen | SE of",
                "aalen_johansen: delta",
                "r_data_competing: incidence",
                "r_data_competing: late_entry",
            ),
        ),
        Option(
            "Aalen variance, as cmprsk",
            (
                "aalen_johansen: aalen",
                "r_curves: competing_risks_of_mgus2 | cmprsk",
                "r_data_competing: incidence | cmprsk",
            ),
        ),
        Option(
            "jackknife, as survfit",
            (
                "robust: cumulative_incidence[plain",
                "robust: cumulative_incidence[weighted",
                "r_curves: competing_risks_of_mgus2 | aj",
            ),
        ),
        Option("cluster variance", ("robust: cumulative_incidence_in_clusters",)),
        Option("differences and ratios at fixed times", ("fixed_time: incidence",)),
        Option(
            "illness-death", ("state_occupation: illness_death", "reference_values: illness_death")
        ),
        Option(
            "state occupation",
            (
                "r_data_ebmt3: transitions",
                "r_data_ebmt3: state_occupation",
                "hand_worked: multi_state | on day",
                "r_data_mstate: state_occupation",
                "state_occupation: jackknife",
                "state_occupation: delta_variance_of_etm",
                "state_occupation: intervals",
                "state_occupation: observed_start",
                "state_occupation: the_differences",
                "state_occupation: clusters",
                "state_occupation: a_later_start",
            ),
        ),
        Option("state occupation with weights", ("state_occupation: weights",)),
        Option("state occupation by strata", ("state_occupation: strata",)),
        Option(
            "length of stay",
            (
                "hand_worked: multi_state | days",
                "state_occupation: length_of_stay",
                "state_occupation: delta_variance_of_the_stay",
            ),
        ),
    ),
    "Log-rank family": (
        Option(
            "two groups",
            (
                "hand_worked: log_rank | expected in",
                "hand_worked: log_rank | variance =",
                "hand_worked: log_rank | chi-squared",
                "log_rank: catheters",
                "log_rank: pairs",
                "reference_values: log_rank",
                "r_data_competing: log_rank",
                "r_data: log_rank_of_lung | log_rank",
                "r_data_competing: disease_free_survival | log_rank",
            ),
        ),
        Option(
            "k groups",
            (
                "log_rank: without_delayed_entry[plain",
                "log_rank: stage",
                "log_rank: without_delayed_entry[cause_1",
            ),
        ),
        Option(
            "stratified",
            (
                "hand_worked: log_rank | two strata",
                "log_rank: without_delayed_entry[stratified",
                "r_data: log_rank_of_lung | stratified",
            ),
        ),
        Option(
            "G-rho",
            (
                "hand_worked: log_rank | G-rho 1",
                "log_rank: without_delayed_entry[rho_1-",
                "log_rank: without_delayed_entry[rho_half_stratified",
                "r_data: log_rank_of_lung | rho_1",
            ),
        ),
        Option(
            "G-rho-gamma",
            (
                "hand_worked: log_rank | gamma 1",
                "log_rank: without_delayed_entry[gamma",
                "log_rank: without_delayed_entry[rho_1_gamma",
                "log_rank: coins",
                "log_rank: without_delayed_entry[rho_half_gamma",
            ),
        ),
        Option(
            "Gehan and Tarone-Ware",
            (
                "hand_worked: log_rank | Gehan",
                "log_rank: without_delayed_entry[gehan",
                "log_rank: without_delayed_entry[tarone",
                "log_rank: weights_by",
            ),
        ),
        Option(
            "delayed entry", ("log_rank: delayed_entry", "log_rank: weights_with_delayed_entry")
        ),
        Option("trend", ("hand_worked: log_rank | trend", "log_rank: trend")),
        Option("pairs of groups, Holm", ("log_rank: pairs",)),
        Option(
            "p-values adjusted by Holm",
            ("hand_worked: multiple_testing | Holm", "multiple_testing: holm"),
        ),
        Option(
            "p-values adjusted by Benjamini and Hochberg",
            ("hand_worked: multiple_testing | BH", "multiple_testing: benjamini"),
        ),
        Option("exact (permutation)", ("hand_worked: log_rank | exact", "exact_log_rank: ")),
        Option(
            "exact, of several groups",
            (
                "hand_worked: exact_log_rank_of_three",
                "exact_log_rank_groups: ",
            ),
        ),
    ),
    "Gray's test": (
        Option(
            "two and k groups",
            (
                "hand_worked: gray | excess",
                "hand_worked: gray | variance",
                "hand_worked: gray | covariance",
                "hand_worked: gray | chi-squared",
                "gray: the_example",
                "gray: cuminc[first-",
                "gray: cuminc[second-",
                "r_data_competing: gray",
                "gray: relapse",
                "gray: cuminc[centres",
                "gray: a_group_that_is_not_there[two_groups-",
                "gray: without_ties",
                "gray: one_cause",
                "gray: myeloma_before_death_by_sex[pcm-",
                "gray: myeloma_before_death_by_sex[death-",
                "r_data_competing: comparisons | gray",
            ),
        ),
        Option(
            "stratified",
            (
                "hand_worked: gray | strata",
                "gray: cuminc[first_stratified",
                "gray: cuminc[second_stratified",
                "gray: cuminc[sex_by_group",
                "gray: myeloma_before_death_by_sex[pcm_by_age",
            ),
        ),
        Option(
            "G-rho weights",
            (
                "hand_worked: gray | rho 1",
                "gray: cuminc[first_rho",
                "gray: cuminc[second_rho",
                "gray: a_group_that_is_not_there[two_groups_rho",
                "gray: myeloma_before_death_by_sex[death_rho",
            ),
        ),
    ),
    "Restricted means": (
        Option(
            "restricted mean survival time",
            (
                "hand_worked: restricted_means | mean to",
                "hand_worked: restricted_means | its SE",
                "restricted_mean: survfit",
                "r_curves: means_and_hazard | rmst",
                "reference_values: restricted_mean",
            ),
        ),
        Option(
            "difference",
            ("restricted_mean: difference", "fixed_time: restricted_mean | difference"),
        ),
        Option("ratio", ("fixed_time: restricted_mean | ratio",)),
        Option(
            "years of life lost by cause",
            (
                "hand_worked: restricted_means | lost",
                "time_lost: ",
                "r_curves: means_and_hazard | lost",
            ),
        ),
        Option(
            "robust means and their contrasts",
            (
                "robust_means: restricted_mean",
                "robust_means: a_horizon",
                "robust_means: ratios | mean",
            ),
        ),
        Option("robust time lost", ("robust_means: time_lost",)),
        Option(
            "robust contrasts at fixed times",
            ("robust_means: fixed_time", "robust_means: ratios | fixed"),
        ),
    ),
    "Recurrent events and rates": (
        Option(
            "mean cumulative function, death competing (Ghosh-Lin)",
            (
                "hand_worked: mean_cumulative | by day",
                "mean_cumulative: with_deaths",
                "mean_cumulative: recurrences",
            ),
        ),
        Option(
            "mean cumulative function, no deaths",
            (
                "hand_worked: mean_cumulative | nobody",
                "mean_cumulative: deaths_as",
                "mean_cumulative: infections",
                "r_data_recurrent: mean_number",
                "reference_values: mean_cumulative",
            ),
        ),
        Option(
            "robust errors and clusters",
            (
                "mean_cumulative: clusters",
                "mean_cumulative: jackknife",
                "r_data_recurrent: mean_number",
            ),
        ),
        Option(
            "two-sample test",
            (
                "mean_cumulative: two_groups",
                "mean_cumulative: a_patient",
                "mean_cumulative: without_deaths",
            ),
        ),
        Option(
            "rates with exact limits",
            (
                "hand_worked: rates | 6 days",
                "hand_worked: rates | low",
                "hand_worked: rates | high",
                "counts: rates",
                "published: garwood",
                "r_data_recurrent: rates",
            ),
        ),
        Option(
            "standardised rates",
            (
                "hand_worked: robust_and_standardised | standardised",
                "counts: standardised",
            ),
        ),
        Option(
            "robust rates and their ratio",
            (
                "hand_worked: robust_and_standardised | robust",
                "robust_rates: ",
            ),
        ),
    ),
    "Cox": (
        Option(
            "Efron",
            (
                "hand_worked: cox | log hazard",
                "hand_worked: cox | its SE",
                "hand_worked: cox | log-likelihood",
                "hand_worked: cox | score",
                "hand_worked: cox | Efron",
                "cox: coxph[efron",
                "reference_values: cox_of_lung",
                "cox: coxph[right_censored",
                "r_data: cox_of_lung",
                "r_data_competing: comparisons | cox",
                "r_data_regression: lung_clustered | coefficients",
                "r_data_regression: lung_clustered | log_likelihood",
            ),
        ),
        Option(
            "Breslow",
            ("hand_worked: cox | Breslow", "cox: coxph[breslow", "r_data_regression: pbc"),
        ),
        Option("one cause, the others censored", ("cox: coxph[cause_2",)),
        Option(
            "start-stop intervals",
            (
                "cox: start_stop",
                "r_data_regression: heart",
                "r_data: robust_start_stop",
                "r_data_recurrent: conditional_model",
            ),
        ),
        Option("delayed entry", ("cox: coxph[efron", "r_data_competing: cox_of_abortion")),
        Option("case weights", ("cox: coxph[weighted",)),
        Option("strata", ("cox: coxph[stratified", "r_data_regression: veteran")),
        Option(
            "robust variance",
            (
                "hand_worked: pulls | robust SE",
                "cox: coxph[robust",
                "reference_values: cox_of_heart",
                "r_data_recurrent: andersen",
                "r_data: robust_start_stop",
            ),
        ),
        Option(
            "cluster variance",
            (
                "cox: clusters",
                "r_data_recurrent: wei",
                "r_data_recurrent: clusters",
                "r_data_recurrent: pairs",
                "r_data_regression: lung_clustered | std_error",
                "r_data_regression: lung_clustered | dfbeta",
                "r_data_regression: lung_clustered | score",
                "r_data_regression: lung_clustered | wald",
                "r_data_regression: colon_recurrence",
            ),
        ),
        Option(
            "baseline hazard",
            (
                "hand_worked: breslow_baseline | H0",
                "cox_curves: | hazard",
                "cox_curves: | baseline",
            ),
        ),
        Option(
            "predicted curves with limits",
            (
                "hand_worked: pulls | S(",
                "cox_curves: survfit | surv",
                "r_data_regression: | survival",
                "cox_curves: | low",
                "cox_curves: survfit",
                "cox_curves: start_stop",
                "cox_curves: strata",
                "r_data_regression: lung_clustered | low",
                "r_data_regression: lung_clustered | high",
            ),
        ),
        Option(
            "Schoenfeld residuals",
            ("hand_worked: breslow_baseline | Schoenfeld", "cox_residuals: schoenfeld"),
        ),
        Option(
            "martingale residuals",
            (
                "hand_worked: breslow_baseline | martingale",
                "hand_worked: breslow_baseline | of the",
                "cox_residuals: | martingale",
                "r_data_regression: | martingale",
            ),
        ),
        Option(
            "deviance residuals",
            (
                "hand_worked: pulls | deviance",
                "cox_residuals: | deviance",
                "r_data_regression: | deviance",
            ),
        ),
        Option(
            "score residuals and dfbeta",
            (
                "hand_worked: pulls | score residual",
                "hand_worked: pulls | dfbeta",
                "cox_residuals: | score",
                "cox_residuals: | dfbeta",
            ),
        ),
        Option(
            "test of proportional hazards (cox.zph)",
            (
                "cox: proportional_hazards",
                "r_data_regression: lung_clustered | ph",
                "r_data_competing: comparisons | ph",
            ),
        ),
        Option("predicted curves, covariates that change", ("cox_curves: a_course",)),
        Option(
            "concordance, Harrell's and Uno's",
            (
                "hand_worked: concordance",
                "concordance: ",
            ),
        ),
        Option(
            "robust predicted curves", ("cox_curves: survfit[robust", "cox_curves: a_course[clu")
        ),
        Option(
            "two patients' survival at a time, difference and ratio",
            ("predicted_contrasts: | .difference", "predicted_contrasts: | .ratio"),
        ),
        Option(
            "predicted restricted mean, of one patient and of two",
            ("predicted_contrasts: | mean",),
        ),
        Option(
            "two patients in different strata",
            ("predicted_contrasts: strata[two", "predicted_contrasts: strata[robust"),
        ),
        Option(
            "contrasts of robust and clustered models",
            ("predicted_contrasts: | robust", "predicted_contrasts: influence"),
        ),
    ),
    "Fine-Gray": (
        Option(
            "as crr",
            (
                "hand_worked: fine_gray",
                "r_data_mstate: regressions",
                "fine_gray: crr[",
                "r_data_regression: mgus2_as_crr",
                "r_data_competing: regressions",
                "r_data_competing: comparisons | crr",
                "reference_values: fine_gray",
            ),
        ),
        Option(
            "as crr, groups of censoring",
            ("fine_gray: crr_with_groups",),
            "`crr(cengroup=)` divides its variance by everybody at risk of being censored, ours by the group; ours agrees with finite differences of refits",
        ),
        Option(
            "as finegray, Breslow and Efron",
            ("fine_gray: finegray[finegray", "r_data_regression: mgus2_as_finegray"),
        ),
        Option("delayed entry", ("fine_gray: finegray[delayed",)),
        Option("weights", ("fine_gray: finegray[weighted",)),
        Option("strata", ("fine_gray: finegray[strata",)),
    ),
    "Firth": (
        Option(
            "Cox, Efron, delayed entry",
            (
                "hand_worked: firth | two patients",
                "firth_cox: no_event_when_exposed[efron",
                "firth_cox: no_event_when_exposed[alone-",
            ),
            "R's `optim()` and `optimize()` stop where the likelihood no longer changes in double precision",
        ),
        Option(
            "Cox, Breslow",
            (
                "firth_cox: no_event_when_exposed[breslow",
                "firth_cox: firthmodels",
                "firth_cox: no_event_when_exposed[alone_breslow",
            ),
            "R's `optimize()` stops where the likelihood no longer changes in double precision, firthmodels at a gradient of 1e-6",
        ),
        Option(
            "Cox, strata",
            (
                "firth_cox: no_event_when_exposed[stratified",
                "firth_cox: no_event_when_exposed[weighted_strata",
            ),
            "R's `optim()` and `optimize()` stop where the likelihood no longer changes in double precision",
        ),
        Option(
            "Cox, weights",
            ("firth_cox: no_event_when_exposed[weighted",),
            "R's `optim()` and `optimize()` stop where the likelihood no longer changes in double precision",
        ),
        Option("Cox, profile-likelihood limits", ("firth_cox: | conf",)),
        Option(
            "logistic",
            (
                "hand_worked: firth | odds ratio",
                "firth_logistic: points",
                "firth_logistic: firthmodels",
                "firth_logistic: an_arm",
                "published: firth | odds ratio",
                "published: firth | Wald",
            ),
            "firthmodels stops at a gradient of 1e-6",
        ),
        Option(
            "logistic, profile-likelihood limits",
            ("firth_logistic: profile", "published: firth | profile"),
            "R's `optim()` and `optimize()` stop where the likelihood no longer changes in double precision",
        ),
    ),
    "Interval censoring": (
        Option(
            "Turnbull NPMLE",
            (
                "hand_worked: turnbull | mass",
                "hand_worked: turnbull | log-likelihood",
                "turnbull: masses",
                "turnbull: survival",
                "turnbull: survfit_run",
            ),
            "`survfit`, its tolerance tightened, still crawls to a stop before the maximum; the masses are certified",
        ),
        Option(
            "Turnbull, left truncation",
            (
                "hand_worked: turnbull | enters",
                "hand_worked: turnbull | S(6)",
                "hand_worked: truncated_turnbull",
                "turnbull_late_entry: ",
            ),
        ),
        Option("Turnbull, bands and quantiles by bootstrap", ("bootstrap_replicates: limits",)),
        Option(
            "score test, asymptotic", ("interval_score_test: coin", "interval_score_test: breast")
        ),
        Option(
            "score test, trend and exact",
            ("interval_score_test: trend", "interval_score_test: exact", "hand_worked: score_test"),
        ),
        Option(
            "Weibull, proportional hazards and AFT",
            (
                "hand_worked: accelerated_failure | weibull",
                "accelerated_failure: survreg[weibull",
                "accelerated_failure: late_entry[weibull",
            ),
            "late entry: R's standard errors by `optimHess()`, second derivatives taken numerically",
        ),
        Option(
            "exponential",
            (
                "hand_worked: accelerated_failure | exponential",
                "accelerated_failure: survreg[exponential",
                "piecewise_exponential: one_piece",
            ),
        ),
        Option(
            "log-logistic AFT",
            (
                "hand_worked: accelerated_failure | log-logistic",
                "accelerated_failure: survreg[log-logistic",
                "accelerated_failure: late_entry[log-logistic",
            ),
            "late entry: R's standard errors by `optimHess()`, second derivatives taken numerically",
        ),
        Option(
            "log-normal AFT",
            (
                "hand_worked: accelerated_failure | log-normal",
                "accelerated_failure: survreg[log-normal",
                "accelerated_failure: late_entry[log-normal",
            ),
            "late entry: R's standard errors by `optimHess()`, second derivatives taken numerically",
        ),
        Option(
            "AFT with left truncation",
            ("hand_worked: accelerated_failure | late entry", "accelerated_failure: late_entry"),
            "R's standard errors by `optimHess()`, second derivatives taken numerically",
        ),
        Option(
            "piecewise-exponential proportional hazards",
            ("hand_worked: piecewise_exponential", "piecewise_exponential: "),
            "`msm`'s optimiser (BFGS) stops earlier, and differentiates numerically",
        ),
        Option(
            "illness-death, death exact, left truncation",
            ("hand_worked: illness_death", "illness_death: constant"),
            "`msm`'s optimiser (BFGS) stops earlier, and differentiates numerically",
        ),
        Option(
            "illness-death, piecewise hazards",
            ("illness_death: pieces",),
            "`msm`'s optimiser (BFGS) stops earlier, and differentiates numerically",
        ),
        Option(
            "illness-death, covariates",
            ("illness_death: covariates",),
            "`msm`'s optimiser (BFGS) stops earlier, and differentiates numerically",
        ),
    ),
    "Panel-observed Markov": (
        Option(
            "likelihood and its slope",
            ("hand_worked: panel_markov | log L", "panel_markov: likelihood"),
        ),
        Option(
            "exact death",
            (
                "hand_worked: panel_markov | exact death",
                "panel_markov: maximum[exact",
                "r_data_panel: maximum[cav",
                "r_data_panel: cav_as",
                "reference_values: panel_of_cav",
            ),
            "`msm`'s optimiser (BFGS) stops earlier, soonest at its default rule (cav in `reference_values`)",
        ),
        Option(
            "death at an exam",
            (
                "hand_worked: panel_markov | after a year",
                "panel_markov: maximum[plain",
                "r_data_panel: maximum[psor",
                "r_data_panel: maximum[aneur",
            ),
            "`msm`'s optimiser (BFGS) stops earlier",
        ),
        Option(
            "covariates",
            ("panel_markov: maximum[covariates", "panel_markov: a_covariate"),
            "`msm`'s optimiser (BFGS) stops earlier",
        ),
        Option(
            "piecewise intensities",
            ("panel_markov: maximum[cuts", "panel_markov: probabilities_across"),
            "`msm`'s optimiser (BFGS) stops earlier",
        ),
        Option(
            "probabilities and sojourn times, with errors",
            ("panel_markov: probabilities_and", "panel_markov: sojourn"),
            "`msm`'s optimiser (BFGS) stops earlier",
        ),
    ),
    "Multi-state": (
        Option(
            "transition-specific Cox",
            (
                "r_data_ebmt3: transition_specific",
                "hand_worked: multi_state_cox | log hazard",
                "hand_worked: multi_state_cox | its SE =",
                "r_data_mstate: transition_specific",
                "multi_state_cox: coefficients",
                "multi_state_cox: robust",
                "r_data_mstate: common_coefficients",
            ),
        ),
        Option(
            "shared baselines and coefficients",
            (
                "r_data_ebmt3: transition_specific_cox_of_ebmt3[False-shared",
                "r_data_ebmt3: transition_specific_cox_of_ebmt3[True-shared",
                "multi_state_cox: shared",
            ),
        ),
        Option("clock reset", ("multi_state_cox: clock_reset",)),
        Option(
            "predicted cumulative hazards",
            ("hand_worked: multi_state_cox | hazard of", "multi_state_cox: hazards_of"),
        ),
        Option(
            "predicted state probabilities",
            (
                "r_data_ebmt3: probabilities",
                "hand_worked: multi_state_cox | on day",
                "multi_state_cox: probabilities",
                "multi_state_cox: six_patients",
                "multi_state_cox: one_transition",
            ),
        ),
        Option(
            "their variance, as mstate",
            (
                "hand_worked: multi_state_cox | SE of",
                "hand_worked: multi_state_cox | exponential",
                "multi_state_cox: variance",
                "multi_state_cox: six_patients | error",
            ),
        ),
        Option("predicted length of stay", ("multi_state_cox: length_of_stay",)),
        Option(
            "landmark Aalen-Johansen",
            ("hand_worked: multi_state | well on day 2:", "landmark: landmark"),
        ),
        Option("test of the Markov property", ("landmark: score",)),
        Option(
            "robust variance of predictions",
            ("multi_state_cox_robust: ",),
            "R's differences of refits: derivatives taken numerically",
        ),
    ),
    "Exact small-sample answers": (
        Option(
            "Fisher, conditional limits",
            (
                "hand_worked: fisher | minlike",
                "hand_worked: fisher | odds",
                "counts: fisher",
                "published: fisher",
                "published: tea",
            ),
            "`fisher.test` stops its search for the limits at 1e-4; ours are roots to 1e-12, and agree with tightly searched ones",
        ),
        Option("Fisher, mid-p", ("hand_worked: fisher | mid-p", "counts: conventions | mid_p")),
        Option("Fisher, central", ("counts: conventions",)),
        Option("Boschloo", ("hand_worked: boschloo", "counts: boschloo", "published: boschloo")),
        Option(
            "Clopper-Pearson",
            (
                "hand_worked: proportions | Clopper",
                "counts: proportions",
                "published: single_proportions | clopper",
                "published: proportions | clopper",
            ),
        ),
        Option(
            "Wilson",
            (
                "hand_worked: proportions | Wilson",
                "counts: proportions | wilson",
                "published: single_proportions | wilson",
                "published: proportions",
            ),
        ),
        Option(
            "mid-p proportion",
            (
                "hand_worked: proportions | mid-p",
                "counts: proportions | mid_p",
                "published: single_proportions | mid-p",
            ),
        ),
        Option(
            "one-sided bounds of proportions and rates",
            (
                "hand_worked: proportions | one-sided",
                "hand_worked: rates | one-sided",
                "counts: proportions | upper",
                "counts: rates | upper",
                "published: upper_bounds",
            ),
        ),
        Option(
            "Newcombe differences",
            (
                "hand_worked: proportions | Newcombe",
                "counts: differences | newcombe",
                "published: newcombe",
            ),
        ),
        Option(
            "Miettinen-Nurminen differences",
            ("counts: differences | miettinen", "published: miettinen"),
        ),
        Option(
            "exact comparison of rates",
            (
                "hand_worked: rates | equal time",
                "hand_worked: rates | ratio",
                "counts: rate_ratios",
            ),
        ),
        Option("median and quartiles of values", ("hand_worked: median_of_values", "describe: ")),
    ),
    "Bootstrap": (
        Option("replicates of curves", ("bootstrap_replicates: replicates",)),
        Option(
            "percentile limits",
            (
                "hand_worked: bootstrap_limits",
                "bootstrap: limits[0.95-perc",
                "bootstrap: limits[0.9-perc",
                "bootstrap: limits[0.8-perc",
                "bootstrap: limits[0.99-perc",
            ),
        ),
        Option(
            "BCa limits",
            (
                "bootstrap: limits[0.95-bca",
                "bootstrap: limits[0.9-bca",
                "bootstrap: limits[0.8-bca",
                "bootstrap: limits[0.99-bca",
            ),
        ),
        Option(
            "normal limits",
            (
                "bootstrap: limits[0.95-norm",
                "bootstrap: limits[0.9-norm",
                "bootstrap: limits[0.8-norm",
                "bootstrap: limits[0.99-norm",
            ),
        ),
    ),
    "Rubin's rules": (
        Option("estimates", ("hand_worked: rubin", "rubin: scalars", "rubin: cox")),
        Option("curves", ("rubin: curves",)),
        Option("D1, D2 and D3", ("rubin: d",)),
        Option("profiles of Firth's models", ("pooled_profiles: ",)),
    ),
}
"""Every estimator and option the engine offers; each is shown by `LEAST` numbers or more."""

LEAST = 8

OTHERS: dict[str, tuple[str, ...]] = {
    "worked by hand": ("hand_worked: ",),
    "worked out a second way, from the definition": (
        "accelerated_failure: late_entry",
        "bootstrap_replicates: limits",
        "counts: boschloo",
        "counts: conventions",
        "counts: differences | miettinen",
        "counts: fisher | tight",
        "counts: proportions | mid_p",
        "counts: rate_ratios | central",
        "counts: rate_ratios | mid_p",
        "counts: rates | mid_p",
        "counts: standardised",
        "cox_curves: a_course[clu",
        "cox_curves: survfit[robust",
        "exact_log_rank_groups: ",
        "firth_cox: no_event",
        "firth_logistic: an_arm",
        "firth_logistic: profile",
        "fixed_time: ",
        "interval_score_test: breast",
        "interval_score_test: coin",
        "interval_score_test: exact[",
        "interval_score_test: trend",
        "kaplan_meier: numbers_at_risk",
        "log_rank: trend[",
        "log_rank: weights_with",
        "log_rank: without_delayed_entry[gamma",
        "log_rank: without_delayed_entry[gehan",
        "log_rank: without_delayed_entry[rho_1_gamma",
        "log_rank: without_delayed_entry[rho_half_gamma",
        "log_rank: without_delayed_entry[tarone",
        "mean_cumulative: a_patient",
        "mean_cumulative: clusters[centres",
        "mean_cumulative: jackknife",
        "mean_cumulative: recurrences",
        "mean_cumulative: two_groups",
        "mean_cumulative: with_deaths[tied",
        "mean_cumulative: with_deaths[weighted",
        "multi_state_cox: length_of_stay",
        "multi_state_cox: variance_from",
        "multi_state_cox_robust: ",
        "pooled_profiles: ",
        "predicted_contrasts: from_a_later",
        "predicted_contrasts: of_clusters",
        "predicted_contrasts: start_stop",
        "predicted_contrasts: strata",
        "predicted_contrasts: two",
        "published: firth",
        "published: fisher[case0",
        "published: fisher[case1",
        "published: fisher[case2",
        "published: proportions | clopper",
        "published: proportions | wilson",
        "published: upper_bounds",
        "restricted_mean: difference",
        "rubin: d3",
        "state_occupation: delta_variance_of_the_stay",
        "state_occupation: length_of_stay | std_error",
        "state_occupation: the_differences",
        "turnbull: masses",
        "turnbull: survival",
        "turnbull_late_entry: groups",
        "turnbull_late_entry: the_slow_way",
    ),
    "printed in papers, books and manuals": (
        "log_rank: catheters",
        "log_rank: stage",
        "multi_state_cox: six_patients",
        "published: ",
        "r_data_panel: cav_as",
    ),
    "of other Python packages": ("firth_cox: firthmodels", "firth_logistic: firthmodels"),
}
"""Numbers to compare with that are not answers of R's functions; the first kind that holds counts."""

UNREACHED = (
    Unreached(
        "Paq1000",
        "R's SmoothHazard is not in Debian",
        "`illness_death.csv` through msm; Paquid of riskRegression for its competing risks",
    ),
    Unreached(
        "breast cosmesis in R's interval and Icens",
        "neither is in Debian",
        "the same windows, as SAS lists them (PROC ICLIFETEST, example 4), through EM and survfit in R",
    ),
    Unreached(
        "the 200 patients of Maringe et al. (2020)",
        "the files come with the paper, in no package",
        "nothing: the four lines on clone-censor-weights of `reference_values/printed.txt` are "
        "unshown",
    ),
    Unreached(
        "SEQdata, vignette_switch_data",
        "R's SEQTaRget and TrialEmulation are not in Debian, and sequential trials are no estimator "
        "of this engine",
        "nothing",
    ),
    Unreached(
        "breast cancer of Heinze & Schemper",
        "R's coxphf is not in Debian",
        "R's penalised likelihood maximised by optim(), and firthmodels",
    ),
)
