"""What the results mean for whoever prints a number."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """Which interval to use for a question, and the row of the tables that shows how it does."""

    question: str
    use: str
    row: str
    rather_than: str = ""


CHOICES = (
    Choice(
        "survival at a time",
        '`kaplan_meier(interval="log-log")`, the default, or "logit"',
        "survival at 1 year, log-log",
        '"plain" and "log", which are too short while few have died',
    ),
    Choice(
        "median survival",
        "`quantile` of the log-log curve",
        "median survival, log-log",
        "SPSS's symmetric interval, and a curve on the log scale",
    ),
    Choice(
        "patients referred late",
        "`start=` (`earliest_start`), the same intervals",
        "survival at 1 year from day 120 on, log-log",
    ),
    Choice("restricted mean survival", "`restricted_mean`", "restricted mean survival"),
    Choice(
        "cumulative incidence at a time",
        '`cumulative_incidence`, either variance, "log-log", "cloglog" or "logit"',
        "cumulative incidence at 1 year, delta, log-log",
    ),
    Choice(
        "cumulative hazard",
        '`nelson_aalen(interval="log")`, the default',
        "cumulative hazard at 1 year, aalen, log",
        '"plain"',
    ),
    Choice(
        "difference of two groups' survival",
        "`fixed_time_difference`",
        "difference in survival at 1 year",
    ),
    Choice(
        "difference of two groups' incidence",
        "`fixed_time_difference`",
        "difference in cumulative incidence at 1 year",
    ),
    Choice(
        "a curve with weights",
        "`robust_kaplan_meier` and its like",
        "weighted survival at 1 year, robust",
        "Greenwood's variance: it takes a weight of 4 for four patients",
    ),
    Choice(
        "a hazard ratio with weights",
        "`cox(robust=True)`",
        "hazard ratio, weighted Cox, robust",
        "the model's own variance",
    ),
    Choice(
        "patients in families or centres",
        "`cluster=` in `cox` and the robust curves; a little short with 20 families (n = 100)",
        "hazard ratio in families, Cox, robust by family",
        "any variance by patient",
    ),
    Choice("a share of patients", "`proportion`, Wilson's", "proportion 25 %, wilson"),
    Choice(
        "a rare finding",
        "`proportion`, Wilson's",
        "proportion 6 %, wilson",
        "mid-p, whose coverage swings below 95 %; Clopper-Pearson never does, and is long",
    ),
    Choice(
        "difference of two shares",
        "`proportion_difference`, Newcombe's",
        "difference of proportions, newcombe",
    ),
    Choice(
        "odds ratio of a 2 x 2 table",
        '`fisher_exact(convention="mid-p")`',
        "odds ratio, Fisher's conditional mid-p",
        "the exact limits, unless they must never be too short",
    ),
    Choice(
        "odds ratio of a model",
        "`firth_logistic`, profile",
        "odds ratio, Firth's logistic, profile",
    ),
    Choice("rate of an event that comes once", "`event_rates`", "rate, garwood"),
    Choice("ratio of two such rates", '`rate_ratio(convention="mid-p")`', "ratio of rates, mid-p"),
    Choice(
        "rate of events that come again",
        "`robust_rates`",
        "rate of recurrent events, robust",
        "Garwood's limits and the exact ratio: they take a patient's events as strangers",
    ),
    Choice(
        "mean count of events that come again",
        '`mean_cumulative(interval="log")`, the default',
        "mean cumulative count at 2 years, ghosh-lin, log",
    ),
    Choice("hazard ratio", "`cox`; with few events `firth_cox`", "hazard ratio, Cox, Efron, Wald"),
    Choice(
        "survival that a Cox model predicts",
        '`predicted_survival(interval="log-log")`',
        "survival predicted by Cox at 1 year, log-log",
        '"log" (R\'s default) and "plain", too short in small studies',
    ),
    Choice(
        "subdistribution hazard ratio",
        "`fine_gray`, its default variance",
        "subdistribution hazard ratio, Fine-Gray, sandwich",
    ),
    Choice(
        "incidence that Fine and Gray's model predicts",
        "`predicted_incidence`",
        "incidence predicted by Fine-Gray at 1 year, sandwich, cloglog",
        '"plain"',
    ),
    Choice(
        "probability of being in a state",
        "`state_occupation`",
        "state occupation at 2 years, delta, log-log",
    ),
    Choice(
        "where patients in a state go from there",
        "`landmark_occupation`",
        "landmark probability from year 1 to 2, course not Markov, delta",
        "`transition_probabilities`, which is right for Markov courses only",
    ),
    Choice(
        "probabilities that Cox models of transitions predict",
        '`predicted_occupation(factors="exponential")`',
        "occupation predicted at 2 years, exponential, delta, log-log",
    ),
    Choice(
        "a course that only visits show",
        "`panel_markov`",
        "state probability at 2 years, panel, log-log",
    ),
    Choice(
        "a time that only a scan finds",
        "`accelerated_failure` or `piecewise_exponential`, if their shape fits",
        "median, weibull",
    ),
    Choice(
        "the same without a shape",
        "`turnbull_quantile`, `turnbull_band`; read as a range",
        "Turnbull median, scans on any day",
    ),
    Choice(
        "a metastasis that only a scan finds, death competing",
        "`illness_death`",
        "cumulative incidence predicted at 2 years, illness-death",
    ),
    Choice(
        "what has no formula",
        "`bootstrap_estimate`, percentile or BCa, clusters drawn as one",
        "difference in incidence at 1 year, bootstrap percentile",
    ),
    Choice("imputed data", "`pool`, `pool_fits`, `pool_curves`", "hazard ratio, Cox, pooled"),
)
"""Opens the page."""

_BY_LOG_LOG = "Use the log-log interval."
_FEW_CLUSTERS = (
    "At n = 100 there are ten families a group, too few for a sum over families or for drawing "
    "them: print their number beside the limits."
)
_SMALL = "Nothing here does better: say that the limits are a little short in a small study."
IN_R = (
    "Are they short in R too? Estimates and limits agree with R's to 1e-8 (`validation.md`), so R's "
    "intervals miss in the same samples. Counted by R 4.2.2 and survival 3.5.3 itself "
    "(`python -m validity.in_r`): median on the log scale 93.2 %, survival at day 60 91.6 % (log and "
    "plain), restricted mean with late entry 93.0 %, hazard ratio in families 74.0 % by the model "
    "and 91.0 % by family. Nothing here is short at n = 500 but variances and courses that assume "
    "what is not so."
)
INSTEAD = {
    "survival at day 60": "Use the log-log or the logit interval: few have died by then.",
    "median survival, symmetric": "Use the log-log (Brookmeyer-Crowley) interval; this one is for "
    "comparing with what others printed.",
    "median survival": _BY_LOG_LOG,
    "restricted mean survival": _SMALL,
    "time lost to the event": _SMALL,
    "cumulative hazard at 1 year, klein, plain": "Use the log scale.",
    "weighted survival at 1 year, Greenwood": "Use `robust_kaplan_meier`.",
    "survival at 1 year in families, robust by patient": "Name the families: `cluster=`.",
    "survival at 1 year in families, robust by family": _FEW_CLUSTERS,
    "proportion 6 %, mid-p": "Use Wilson's, or Clopper-Pearson where it must never be too short; "
    "mid-p swings about 95 % with n and the share (92.6 % and 93.8 % here, summed exactly).",
    "rate of recurrent events, Garwood": "Use `robust_rates`.",
    "ratio of rates of recurrent events, exact": "Use `robust_rate_ratio`.",
    "ratio of rates of recurrent events, robust": _SMALL,
    "ratio of mean cumulative counts": "Use the difference.",
    "survival predicted by Cox": _BY_LOG_LOG,
    "hazard ratio, weighted Cox, Wald": "Use `cox(robust=True)`.",
    "hazard ratio in families, Cox, Wald": "Name the families: `cluster=`.",
    "hazard ratio in families, Cox, robust by patient": "Name the families: `cluster=`.",
    "hazard ratio in families, Cox, robust by family": _FEW_CLUSTERS,
    "transition probability from year 1 to 2, course not Markov": "Use `landmark_occupation`: "
    "whatever its variance, the estimate is of another probability.",
    "length of stay predicted": _SMALL,
    "survival at 1 year in families, bootstrap of patients": "Draw families: `cluster=`.",
    "survival at 1 year in families, bootstrap of families": _FEW_CLUSTERS,
}
"""What to use where an interval is too short, by the beginning of its name."""

_LONG = {
    "proportion": "Exact limits never promise too much, and counts come in steps",
    "odds ratio, Fisher's": "Exact limits given the margins, and counts come in steps",
    "ratio of rates": "Exact limits, and counts come in steps",
    "rate": "Exact limits, and counts come in steps",
    "standardised rate": "Fay and Feuer's limits are made to be no shorter than they say",
    "occupation predicted": "It takes the increments of the hazards as independent, which they are "
    'not: `variance="delta"`',
    "Turnbull": "The limits hold wherever, between two scans, the time lies",
}


def reason_for_length(name: str) -> str:
    """Why an interval is longer than it says."""
    reason = next((why for start, why in _LONG.items() if name.startswith(start)), "")
    return f"{reason}." if reason else ""
