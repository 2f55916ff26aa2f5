"""What the validation page promises: each estimator and option, and the tests that show it.

A test is named ``folder: test``, by the beginning of its name; after a ``|`` only its numbers count
whose place in the answers contains that word.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """An estimator or one of its options, and the tests that show it."""

    name: str
    shown_by: tuple[str, ...]


@dataclass(frozen=True)
class Unreached:
    """A data set that no package carries: what it would show, and what shows it instead."""

    data: str
    why: str
    instead: str


OPTIONS: dict[str, tuple[Option, ...]] = {
    "Risk table": (
        Option("counted by days, NumPy", ("risk_table: by_days",)),
        Option("counted by distinct times, NumPy", ("risk_table: by_distinct_times",)),
        Option("counted by the compiled loop", ("risk_table: by_compiled_loop",)),
        Option("continuous times", ("risk_table: of_continuous_times",)),
        Option("from SQL", ("risk_table: by_sql",)),
        Option("sites added up", ("risk_table: of_seven_sites",)),
        Option("another centre's file", ("risk_table: of_another_centres_file",)),
        Option(
            "at risk, with delayed entry and weights",
            ("kaplan_meier: numbers_at_risk", "risk_table: by_days"),
        ),
    ),
    "Kaplan-Meier": (
        Option("delayed entry", ("kaplan_meier: delayed_entry",)),
        Option("case weights", ("kaplan_meier: whole_weights", "kaplan_meier: fractional_weights")),
        Option(
            "strata",
            (
                "kaplan_meier: delayed_entry",
                "reference_values: kaplan_meier",
                "r_data: survival_of_lung",
            ),
        ),
        Option("conditional on a later start", ("kaplan_meier: conditional_curve",)),
        Option("one cause, the others censored", ("kaplan_meier: one_cause",)),
        Option(
            "plain interval",
            (
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[plain",
                "r_curves: survival[pbc",
            ),
        ),
        Option(
            "log interval",
            (
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[log]",
                "r_curves: survival[veteran",
            ),
        ),
        Option(
            "log-log interval",
            (
                "kaplan_meier: delayed_entry_at_every_scale_of_the_interval[log-log",
                "reference_values: kaplan_meier",
            ),
        ),
        Option(
            "logit interval",
            (
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
        Option("quantiles, Brookmeyer-Crowley", ("kaplan_meier: quantiles", "r_curves: median")),
        Option("R's midpoint of a flat 0.5", ("kaplan_meier: plateau", "hand_worked: midpoint")),
        Option(
            "symmetric quantile (SPSS)",
            ("fixed_time: symmetric_quantile", "published: symmetric_median"),
        ),
        Option("reverse Kaplan-Meier", ("kaplan_meier: reverse",)),
        Option("earliest start with k at risk", ("fixed_time: earliest_start",)),
        Option(
            "robust variance",
            (
                "robust: kaplan_meier[plain",
                "robust: kaplan_meier[weighted",
                "robust: a_later_start",
            ),
        ),
        Option("cluster variance", ("robust: kaplan_meier[clustered", "robust: kaplan_meier[both")),
        Option("differences at fixed times", ("fixed_time: survival | difference",)),
        Option("ratios at fixed times", ("fixed_time: survival | ratio",)),
    ),
    "Nelson-Aalen": (
        Option(
            "hazard, Nelson-Aalen",
            (
                "nelson_aalen: hazard[nelson",
                "nelson_aalen: fractional",
                "r_curves: means_and_hazard | hazard",
            ),
        ),
        Option(
            "Fleming-Harrington", ("nelson_aalen: hazard[fleming", "nelson_aalen: survival[fleming")
        ),
        Option("robust variance", ("robust: nelson_aalen", "hand_worked: nelson_aalen")),
    ),
    "Aalen-Johansen": (
        Option(
            "cumulative incidence",
            (
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
            ),
        ),
        Option(
            "delta (Greenwood) variance, as etm and prodlim",
            (
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
                "r_data_mstate: state_occupation",
                "state_occupation: jackknife",
                "state_occupation: delta_variance_of_etm",
            ),
        ),
        Option("state occupation with weights", ("state_occupation: weights",)),
        Option("state occupation by strata", ("state_occupation: strata",)),
        Option("length of stay", ("state_occupation: length_of_stay",)),
    ),
    "Log-rank family": (
        Option(
            "two groups",
            (
                "log_rank: catheters",
                "log_rank: pairs",
                "reference_values: log_rank",
                "r_data_competing: log_rank",
            ),
        ),
        Option("k groups", ("log_rank: without_delayed_entry[plain", "log_rank: stage")),
        Option("stratified", ("log_rank: without_delayed_entry[stratified",)),
        Option(
            "G-rho",
            (
                "log_rank: without_delayed_entry[rho_1-",
                "log_rank: without_delayed_entry[rho_half_stratified",
            ),
        ),
        Option(
            "G-rho-gamma",
            (
                "log_rank: without_delayed_entry[gamma",
                "log_rank: without_delayed_entry[rho_1_gamma",
                "log_rank: coins",
            ),
        ),
        Option(
            "Gehan and Tarone-Ware",
            (
                "log_rank: without_delayed_entry[gehan",
                "log_rank: without_delayed_entry[tarone",
                "log_rank: weights_by",
            ),
        ),
        Option(
            "delayed entry", ("log_rank: delayed_entry", "log_rank: weights_with_delayed_entry")
        ),
        Option("trend", ("log_rank: trend",)),
        Option("pairs of groups, Holm", ("log_rank: pairs",)),
        Option("exact (permutation)", ("exact_log_rank: ",)),
        Option("exact, of several groups", ("exact_log_rank_groups: ",)),
    ),
    "Gray's test": (
        Option(
            "two and k groups",
            (
                "gray: cuminc[first-",
                "gray: cuminc[second-",
                "r_data_competing: gray",
                "gray: relapse",
            ),
        ),
        Option("stratified", ("gray: cuminc[first_stratified", "gray: cuminc[second_stratified")),
        Option("G-rho weights", ("gray: cuminc[first_rho", "gray: cuminc[second_rho")),
    ),
    "Restricted means": (
        Option("restricted mean survival time", ("restricted_mean: survfit",)),
        Option(
            "difference",
            ("restricted_mean: difference", "fixed_time: restricted_mean | difference"),
        ),
        Option("ratio", ("fixed_time: restricted_mean | ratio",)),
        Option("years of life lost by cause", ("time_lost: ",)),
        Option("robust means and their contrasts", ("robust_means: restricted_mean",)),
        Option("robust time lost", ("robust_means: time_lost",)),
        Option("robust contrasts at fixed times", ("robust_means: fixed_time",)),
    ),
    "Recurrent events and rates": (
        Option(
            "mean cumulative function, death competing (Ghosh-Lin)",
            ("mean_cumulative: with_deaths", "mean_cumulative: recurrences"),
        ),
        Option(
            "mean cumulative function, no deaths",
            (
                "mean_cumulative: deaths_as",
                "mean_cumulative: infections",
                "r_data_recurrent: mean_number",
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
        Option("two-sample test", ("mean_cumulative: two_groups", "mean_cumulative: a_patient")),
        Option(
            "rates with exact limits",
            ("counts: rates", "published: garwood", "r_data_recurrent: rates"),
        ),
        Option("standardised rates", ("counts: standardised",)),
        Option("robust rates and their ratio", ("robust_rates: ",)),
    ),
    "Cox": (
        Option("Efron", ("cox: coxph[efron", "reference_values: cox_of_lung")),
        Option("Breslow", ("cox: coxph[breslow", "r_data_regression: pbc")),
        Option("start-stop intervals", ("cox: start_stop", "r_data_regression: heart")),
        Option("delayed entry", ("cox: coxph[efron", "r_data_competing: cox_of_abortion")),
        Option("case weights", ("cox: coxph[weighted",)),
        Option("strata", ("cox: coxph[stratified", "r_data_regression: veteran")),
        Option(
            "robust variance",
            ("cox: coxph[robust", "reference_values: cox_of_heart", "r_data_recurrent: andersen"),
        ),
        Option(
            "cluster variance",
            (
                "cox: clusters",
                "r_data_recurrent: wei",
                "r_data_recurrent: clusters",
                "r_data_recurrent: pairs",
            ),
        ),
        Option("baseline hazard", ("cox_curves: | hazard", "hand_worked: breslow_baseline")),
        Option(
            "predicted curves with limits",
            ("cox_curves: survfit | surv", "r_data_regression: | survival", "cox_curves: | low"),
        ),
        Option("Schoenfeld residuals", ("cox_residuals: schoenfeld",)),
        Option(
            "martingale residuals",
            ("cox_residuals: | martingale", "r_data_regression: | martingale"),
        ),
        Option(
            "deviance residuals", ("cox_residuals: | deviance", "r_data_regression: | deviance")
        ),
        Option("score residuals and dfbeta", ("cox_residuals: | score", "cox_residuals: | dfbeta")),
        Option("test of proportional hazards (cox.zph)", ("cox: proportional_hazards",)),
        Option("predicted curves, covariates that change", ("cox_curves: a_course",)),
        Option("concordance, Harrell's and Uno's", ("concordance: ",)),
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
                "r_data_mstate: regressions",
                "fine_gray: crr[",
                "r_data_regression: mgus2_as_crr",
                "r_data_competing: regressions",
            ),
        ),
        Option("as crr, groups of censoring", ("fine_gray: crr_with_groups",)),
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
            ("firth_cox: no_event_when_exposed[efron", "firth_cox: no_event_when_exposed[alone-"),
        ),
        Option(
            "Cox, Breslow", ("firth_cox: no_event_when_exposed[breslow", "firth_cox: firthmodels")
        ),
        Option(
            "Cox, strata",
            (
                "firth_cox: no_event_when_exposed[stratified",
                "firth_cox: no_event_when_exposed[weighted_strata",
            ),
        ),
        Option("Cox, weights", ("firth_cox: no_event_when_exposed[weighted",)),
        Option("Cox, profile-likelihood limits", ("firth_cox: | conf",)),
        Option("logistic", ("firth_logistic: points", "firth_logistic: firthmodels")),
        Option(
            "logistic, profile-likelihood limits",
            ("firth_logistic: profile", "published: firth | profile"),
        ),
    ),
    "Interval censoring": (
        Option("Turnbull NPMLE", ("turnbull: masses", "turnbull: survival")),
        Option("Turnbull, left truncation", ("turnbull_late_entry: ",)),
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
            ("accelerated_failure: survreg[weibull", "accelerated_failure: late_entry[weibull"),
        ),
        Option(
            "exponential",
            ("accelerated_failure: survreg[exponential", "piecewise_exponential: one_piece"),
        ),
        Option(
            "log-logistic AFT",
            (
                "accelerated_failure: survreg[log-logistic",
                "accelerated_failure: late_entry[log-logistic",
            ),
        ),
        Option(
            "log-normal AFT",
            (
                "accelerated_failure: survreg[log-normal",
                "accelerated_failure: late_entry[log-normal",
            ),
        ),
        Option("AFT with left truncation", ("accelerated_failure: late_entry",)),
        Option("piecewise-exponential proportional hazards", ("piecewise_exponential: ",)),
        Option("illness-death, death exact, left truncation", ("illness_death: constant",)),
        Option("illness-death, piecewise hazards", ("illness_death: pieces",)),
        Option("illness-death, covariates", ("illness_death: covariates",)),
    ),
    "Panel-observed Markov": (
        Option("likelihood and its slope", ("panel_markov: likelihood",)),
        Option("exact death", ("panel_markov: maximum[exact", "r_data_panel: maximum[cav")),
        Option(
            "death at an exam",
            (
                "panel_markov: maximum[plain",
                "r_data_panel: maximum[psor",
                "r_data_panel: maximum[aneur",
            ),
        ),
        Option("covariates", ("panel_markov: maximum[covariates", "panel_markov: a_covariate")),
        Option(
            "piecewise intensities",
            ("panel_markov: maximum[cuts", "panel_markov: probabilities_across"),
        ),
        Option(
            "probabilities and sojourn times, with errors",
            ("panel_markov: probabilities_and", "panel_markov: sojourn"),
        ),
    ),
    "Multi-state": (
        Option(
            "transition-specific Cox",
            (
                "r_data_mstate: transition_specific",
                "multi_state_cox: coefficients",
                "multi_state_cox: robust",
            ),
        ),
        Option("shared baselines and coefficients", ("multi_state_cox: shared",)),
        Option("clock reset", ("multi_state_cox: clock_reset",)),
        Option(
            "predicted state probabilities",
            ("multi_state_cox: probabilities", "multi_state_cox: six_patients"),
        ),
        Option(
            "their variance, as mstate",
            ("multi_state_cox: variance", "multi_state_cox: six_patients | error"),
        ),
        Option("landmark Aalen-Johansen", ("landmark: landmark",)),
        Option("test of the Markov property", ("landmark: score",)),
        Option("robust variance of predictions", ("multi_state_cox_robust: ",)),
    ),
    "Exact small-sample answers": (
        Option(
            "Fisher, conditional limits", ("counts: fisher", "published: fisher", "published: tea")
        ),
        Option("Fisher, mid-p", ("counts: conventions | mid_p",)),
        Option("Boschloo", ("counts: boschloo", "published: boschloo")),
        Option(
            "Clopper-Pearson",
            ("counts: proportions | exact", "published: single_proportions | clopper"),
        ),
        Option(
            "Wilson", ("counts: proportions | wilson", "published: single_proportions | wilson")
        ),
        Option("mid-p proportion", ("counts: proportions | mid_p",)),
        Option("Newcombe differences", ("counts: differences | newcombe", "published: newcombe")),
        Option(
            "Miettinen-Nurminen differences",
            ("counts: differences | miettinen", "published: miettinen"),
        ),
        Option("exact comparison of rates", ("counts: rate_ratios",)),
        Option("median and quartiles of values", ("describe: ", "hand_worked: median_of_values")),
    ),
    "Bootstrap": (
        Option("replicates of curves", ("bootstrap_replicates: replicates",)),
        Option(
            "percentile limits",
            (
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
        Option("estimates", ("rubin: scalars", "rubin: cox")),
        Option("curves", ("rubin: curves",)),
        Option("D1, D2 and D3", ("rubin: d",)),
        Option("profiles of Firth's models", ("pooled_profiles: ",)),
    ),
}
"""Every estimator and option the engine offers; each is shown by `LEAST` numbers or more."""

LEAST = 8

UNREACHED = (
    Unreached(
        "ebmt3",
        "R's mstate is not in Debian; pymsm (MIT) ships ebmt4 and aidssi of it only, and only their "
        "files are used, for it needs NumPy below 2 (`pip install --no-deps pymsm`)",
        "ebmt4, aidssi, and the example that mstate prints, to its digits",
    ),
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
