"""What a short interval means for whoever prints a number, and why some are long."""

from __future__ import annotations

_BY_LOG_LOG = "Use the log-log interval."
_FEW_CLUSTERS = (
    "At n = 100 there are ten families a group, too few for a sum over families or for drawing "
    "them: print their number beside the limits."
)
_SMALL = "Nothing here does better: say that the limits are a little short in a small study."
_CLONES = (
    "With n = 100 and late entry few part from their clone within the year, and nearly all misses "
    "are on one side; drawing patients with both clones does no better. Say that the limits are "
    "short in a small study."
)
_SMOOTHED = (
    "State a weak penalty beforehand (`smoothness=1` holds): the weight that predicts best is too "
    "much for the first months, where the hazard changes most for its size, and it serves the "
    "hazards of death too, which here do not change."
)
IN_R = (
    "Are they short in R too? The intervals listed here that [validation](README.md) compares "
    "with R's agree with them to 1e-8, estimate and limits, so R's miss in the same samples "
    "(mid-p limits of rates to 3e-4, epitools searching no further); the [differences above "
    "1e-6](README.md#differences-above-1e-06) are of other numbers, each with its reason. Counted by R 4.2.2 and survival 3.5.3 itself (`python -m validity.in_r`): median on "
    "the log scale 93.2 %, survival at day 60 91.6 % (log and plain), restricted mean with late entry "
    "93.0 %, hazard ratio in families 74.0 % by the model and 91.0 % by family."
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
    "weighted restricted mean": _SMALL,
    "weighted time lost": _SMALL,
    "difference in survival at 1 year, clones": _CLONES,
    "difference in incidence at 1 year, clones": _CLONES,
    "ratio of survival at 1 year, clones": _CLONES,
    "difference in restricted mean, clones": _CLONES,
    "ratio of restricted means, clones": _CLONES,
    "difference in time lost to the event, clones": _CLONES,
    "survival at 1 year in families, robust by patient": "Name the families: `cluster=`.",
    "survival at 1 year in families, robust by family": _FEW_CLUSTERS,
    "proportion 6 %, mid-p": "Use Wilson's, or Clopper-Pearson where it must never be too short; "
    "mid-p swings about 95 % with n and the share (92.6 % and 93.8 % here, summed exactly).",
    "rate of recurrent events, Garwood": "Use `robust_rates`.",
    "ratio of rates of recurrent events, exact": "Use `robust_rate_ratio`.",
    "ratio of rates of recurrent events, robust": _SMALL,
    "ratio of mean cumulative counts": "Use the difference.",
    "survival predicted by Cox": _BY_LOG_LOG,
    "restricted mean predicted by Cox": _SMALL,
    "hazard ratio, weighted Cox, Wald": "Use `cox(robust=True)`.",
    "hazard ratio in families, Cox, Wald": "Name the families: `cluster=`.",
    "hazard ratio in families, Cox, robust by patient": "Name the families: `cluster=`.",
    "hazard ratio in families, Cox, robust by family": _FEW_CLUSTERS,
    "hazard ratio, stratified Cox, robust": "Use the model's own variance, unless rows are weighted "
    "or patients resemble each other: a sandwich of strata of 25 is a little short.",
    "hazard ratio, strata left out": "Give the centres as strata: the ratio in patients of one "
    "centre is not that in a mixture of centres.",
    "subdistribution hazard ratio, groups censored apart, one": "Use `censoring_group=`.",
    "hazard of onset on day 75, illness-death, smoothness chosen": _SMOOTHED,
    "cumulative incidence predicted at 2 years, illness-death, smoothness chosen": _SMOOTHED,
    "hazard ratio, Firth's Cox, pooled profiles": "Use `pool_fits` unless a group has no event: the "
    "limits of profiles do not widen for few imputations (five here).",
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
    "hazard ratio, few events, Cox": "The likelihood is skew where events are few, and Wald's "
    "interval is not: `firth_cox`",
    "hazard of onset on day": "Limits of a penalised fit hold on average over the pieces, not in "
    "each (Nychka 1988, J. Am. Stat. Assoc. 83:1134-1143)",
    "standardised rate": "Fay and Feuer's limits are made to be no shorter than they say",
    "occupation predicted": "It takes the increments of the hazards as independent, which they are "
    'not: `variance="delta"`',
    "Turnbull": "The limits hold wherever, between two scans, the time lies",
}


def reason_for_length(name: str) -> str:
    """Why an interval is longer than it says."""
    reason = next((why for start, why in _LONG.items() if name.startswith(start)), "")
    return f"{reason}." if reason else ""
