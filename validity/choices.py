"""Which interval to use for which question: the table that opens the page."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """What to use for a question, and every row of the tables that it recommends by that.

    ``but`` says where one of these rows is too short.
    """

    question: str
    use: str
    rows: tuple[str, ...]
    rather_than: str = ""
    but: str = ""


def _each(names: str, *endings: str) -> tuple[str, ...]:
    """Rows by name and ending."""
    return tuple(f"{name}{ending}" for ending in endings for name in names.split(" | "))


_SHORT_WHEN_SMALL = "a little short with n = 100"
_FEW_FAMILIES = "too short with ten families a group (n = 100)"

CHOICES = (
    Choice(
        "survival at a time",
        '`kaplan_meier(interval="log-log")`, the default, or "logit"',
        _each("survival at 1 year | survival at day 60", ", log-log", ", logit"),
        '"plain" and "log", which are too short while few have died',
    ),
    Choice(
        "median survival",
        "`quantile` of the log-log curve",
        ("median survival, log-log", "median survival, log-log, middle of a plateau"),
        "SPSS's symmetric interval, and a curve on the log scale",
    ),
    Choice(
        "median follow-up",
        "`quantile` of the `follow_up` curve",
        ("median follow-up, reverse Kaplan-Meier",),
    ),
    Choice(
        "patients referred late",
        "`start=` (from `earliest_start`), the same intervals",
        (
            "survival at 1 year from day 120 on, log-log",
            "cumulative incidence at 1 year from day 120 on, log-log",
            "cumulative hazard at 1 year from day 120 on",
        ),
    ),
    Choice(
        "restricted mean survival, time lost",
        "`restricted_mean`, `restricted_mean_time_lost`",
        (
            *("restricted mean survival", "time lost to the event"),
            *("restricted mean from day 120 on", "time lost to the event from day 120 on"),
        ),
        but=_SHORT_WHEN_SMALL,
    ),
    Choice(
        "cumulative incidence at a time",
        '`cumulative_incidence`, either variance, "log-log" or "cloglog"',
        _each(
            "cumulative incidence at 1 year",
            *(", delta, log-log", ", delta, cloglog", ", aalen, log-log", ", aalen, cloglog"),
        ),
    ),
    Choice(
        "cumulative hazard",
        '`nelson_aalen(interval="log")`, the default',
        ("cumulative hazard at 1 year, aalen, log",),
        '"plain"',
    ),
    Choice(
        "two groups' survival",
        "`fixed_time_difference`, `fixed_time_ratio`",
        ("difference in survival at 1 year", "ratio of survival at 1 year"),
    ),
    Choice(
        "two groups' incidence",
        "`fixed_time_difference`, `fixed_time_ratio`",
        (
            "difference in cumulative incidence at 1 year",
            "ratio of cumulative incidences at 1 year",
        ),
    ),
    Choice(
        "two groups' restricted means",
        "`restricted_mean_difference`, `restricted_mean_ratio`",
        ("difference in restricted mean", "ratio of restricted means"),
    ),
    Choice(
        "a curve with weights",
        "`robust_kaplan_meier`, `robust_nelson_aalen`, `robust_cumulative_incidence`",
        _each(
            "weighted survival at 1 year | weighted cumulative hazard at 1 year "
            "| weighted cumulative incidence at 1 year",
            ", robust",
        ),
        "Greenwood's variance: it takes a weight of 4 for four patients",
    ),
    Choice(
        "a mean with weights",
        "`robust_restricted_mean`, `robust_restricted_mean_time_lost`",
        ("weighted restricted mean, robust", "weighted time lost to the event, robust"),
        but=_SHORT_WHEN_SMALL,
    ),
    Choice(
        "patients who are in both arms (clones)",
        "`robust_fixed_time_difference`, or `bootstrap(within_strata=False)`",
        _each(
            "difference in survival at 1 year, clones | difference in incidence at 1 year, clones",
            ", robust",
            ", bootstrap percentile",
        ),
        but="too short with n = 100 and late entry: few clones part",
    ),
    Choice(
        "a hazard ratio with weights",
        "`cox(robust=True)`",
        ("hazard ratio, weighted Cox, robust",),
        "the model's own variance",
    ),
    Choice(
        "patients in families or centres that resemble each other",
        "`cluster=` in `cox`, `robust_kaplan_meier` and `bootstrap`",
        (
            "hazard ratio in families, Cox, robust by family",
            "survival at 1 year in families, robust by family",
            "survival at 1 year in families, bootstrap of families",
        ),
        "any variance by patient",
        _FEW_FAMILIES,
    ),
    Choice(
        "centres whose hazards differ",
        "strata in `cox` and `firth_cox`, and `predicted_survival(stratum=)`",
        (
            "hazard ratio, stratified Cox, Wald",
            "hazard ratio, stratified Firth's Cox, profile",
            "survival predicted by stratified Cox at 1 year, log-log",
        ),
        "one baseline hazard for all, and `robust=True` without need",
    ),
    Choice("a share of patients", "`proportion`, Wilson's", ("proportion 25 %, wilson",)),
    Choice(
        "a rare finding",
        "`proportion`, Wilson's",
        ("proportion 6 %, wilson",),
        "mid-p, whose coverage swings below 95 %; Clopper-Pearson never does, and is long",
    ),
    Choice(
        "difference of two shares",
        "`proportion_difference`, Newcombe's",
        ("difference of proportions, newcombe",),
    ),
    Choice(
        "odds ratio of a 2 x 2 table",
        '`fisher_exact(convention="mid-p")`',
        ("odds ratio, Fisher's conditional mid-p",),
        "the exact limits, unless they must never be too short",
    ),
    Choice(
        "odds ratio of a model",
        "`firth_logistic`, profile",
        ("odds ratio, Firth's logistic, profile",),
    ),
    Choice("rate of an event that comes once", "`event_rates`", ("rate, garwood",)),
    Choice(
        "ratio of two such rates",
        '`rate_ratio(convention="mid-p")`',
        ("ratio of rates, mid-p",),
    ),
    Choice(
        "rate of events that come again",
        "`robust_rates`",
        ("rate of recurrent events, robust",),
        "Garwood's limits: they take a patient's events as strangers",
    ),
    Choice(
        "ratio of two such rates of events that come again",
        "`robust_rate_ratio`",
        ("ratio of rates of recurrent events, robust",),
        "the exact ratio, for the same reason",
        _SHORT_WHEN_SMALL,
    ),
    Choice(
        "mean count of events that come again",
        '`mean_cumulative(interval="log")`, the default, also with `start=`',
        _each(
            "mean cumulative count at 2 years | mean cumulative count at 2 years from day 120 on",
            ", ghosh-lin, log",
            ", jackknife, log",
        ),
    ),
    Choice(
        "two groups' mean counts",
        "`fixed_time_difference`",
        ("difference of mean cumulative counts at 2 years",),
        "their ratio",
    ),
    Choice("hazard ratio", "`cox`", ("hazard ratio, Cox, Efron, Wald",)),
    Choice(
        "hazard ratio, few events",
        "`firth_cox`, profile",
        ("hazard ratio, few events, Firth's Cox, profile",),
        "`cox`, whose Wald interval is too long, and missing where a group has no event",
    ),
    Choice(
        "survival that a Cox model predicts",
        '`predicted_survival(interval="log-log")`, also with `start=` and `changes=`',
        (
            "survival predicted by Cox at 1 year, log-log",
            "survival predicted by Cox at 1 year from day 120 on, log-log",
            "survival predicted by Cox at 1 year, exposed from day 120 on, log-log",
        ),
        '"log" (R\'s default) and "plain", too short in small studies',
    ),
    Choice(
        "two patients by one Cox model",
        "`predicted_survival_difference` and `_ratio`, `predicted_restricted_mean` and its like",
        (
            *("difference of survival predicted by Cox, model",),
            *("ratio of survival predicted by Cox, model",),
            *("restricted mean predicted by Cox, model",),
            *("difference of means predicted by Cox, model",),
            *("ratio of means predicted by Cox, model",),
        ),
        "two predicted curves taken as independent, whose difference is then far too uncertain",
        but=_SHORT_WHEN_SMALL,
    ),
    Choice(
        "order of risk",
        "`concordance`, Harrell's or Uno's; `concordance_difference`",
        (
            *("concordance, Harrell, logit", "concordance by 1 year, Uno, logit"),
            "difference in concordance by 1 year, Uno",
        ),
    ),
    Choice(
        "subdistribution hazard ratio",
        "`fine_gray`, its default variance, either convention",
        (
            *_each("subdistribution hazard ratio, Fine-Gray", ", sandwich", ", robust"),
            *_each("subdistribution hazard ratio, as finegray", ", Breslow", ", Efron"),
        ),
    ),
    Choice(
        "the same, groups censored differently",
        "`fine_gray(censoring_group=)`",
        ("subdistribution hazard ratio, groups censored apart, one distribution for each group",),
        "one distribution of censoring for all",
    ),
    Choice(
        "incidence that Fine and Gray's model predicts",
        "`predicted_incidence`",
        _each(
            "incidence predicted by Fine-Gray at 1 year", ", sandwich, cloglog", ", robust, cloglog"
        ),
        '"plain"',
    ),
    Choice(
        "probability of being in a state",
        "`state_occupation`",
        (
            "state occupation at 2 years, delta, log-log",
            "state occupation at 1 year, jackknife, log-log",
            "death from year 1 to 2 of all alive, shares observed, delta",
        ),
    ),
    Choice(
        "time spent in a state",
        "`length_of_stay`",
        (
            "length of stay in a state up to 2 years, delta",
            "length of stay in a state up to 1 year, jackknife",
        ),
    ),
    Choice(
        "where patients in a state go from there",
        "`landmark_occupation`",
        _each("landmark probability from year 1 to 2, course not Markov", ", delta", ", jackknife"),
        "`transition_probabilities`, which is right for Markov courses only",
    ),
    Choice(
        "hazard ratios of transitions",
        "`multi_state_cox`",
        (
            "hazard ratio from free to event, multi-state Cox",
            "hazard ratio from event to dead, multi-state Cox",
            "hazard ratio of two transitions, multi-state Cox",
            "hazard ratio from event to dead, clock reset, multi-state Cox",
            "ratio of proportional baselines, multi-state Cox",
        ),
    ),
    Choice(
        "probabilities that Cox models of transitions predict",
        "`predicted_occupation`, either kind of `factors`, its default variance",
        (
            "occupation predicted at 2 years, exponential, delta, log-log",
            *_each("occupation predicted at 2 years, product", ", delta, log-log"),
            *_each("occupation predicted at 2 years, product", ", jackknife, log-log"),
        ),
        '`variance="increments"`, far too long',
    ),
    Choice(
        "time that such models predict",
        "`predicted_length_of_stay`",
        (
            "length of stay predicted up to 2 years",
            *_each("length of stay predicted up to 2 years, product", ", delta", ", jackknife"),
        ),
        but=_SHORT_WHEN_SMALL,
    ),
    Choice(
        "a course that only visits show",
        "`panel_markov`",
        (
            *("hazard ratio of the event, panel", "hazard ratio of death after, panel"),
            *("intensity of the event, panel", "intensity of death after, panel"),
            *("mean stay with the event, panel", "state probability at 2 years, panel, log-log"),
            "ratio of the later to the earlier intensity, panel",
            "state probability at 2 years, panel in two periods, log-log",
        ),
    ),
    Choice(
        "a time that only a scan finds",
        "`accelerated_failure` or `piecewise_exponential`, if their shape fits",
        (
            *_each("time ratio | hazard ratio | median", ", weibull", ", exponential"),
            *_each("survival predicted at 1 year", ", weibull", ", exponential"),
            *_each("time ratio | median", ", log-logistic", ", log-normal"),
            *_each("survival predicted at the median", ", log-logistic", ", log-normal"),
            *_each(
                "hazard ratio | hazard before the cut | hazard after the cut "
                "| survival predicted at 1 year",
                ", piecewise exponential",
            ),
        ),
    ),
    Choice(
        "the same without a shape",
        "`turnbull_quantile`, `turnbull_band`; read as a range",
        (
            "Turnbull median, scans on any day",
            *_each(
                "Turnbull survival at day 240 | Turnbull survival at day 480 "
                "| Turnbull survival at day 720",
                ", scans on schedule",
            ),
            "Turnbull survival at all three, simultaneous band",
        ),
    ),
    Choice(
        "a metastasis that only a scan finds, death competing",
        "`illness_death`, few pieces",
        _each(
            "hazard ratio of the onset | hazard of onset before the cut "
            "| hazard of onset after the cut | hazard of death without before the cut "
            "| hazard of death without after the cut | hazard of death with before the cut "
            "| hazard of death with after the cut | cumulative incidence predicted at 2 years "
            "| affected predicted at 2 years | survival predicted at 2 years",
            ", illness-death",
        ),
    ),
    Choice(
        "the same with a hazard that changes",
        "`illness_death(smoothness=)`, many pieces and a weak penalty stated beforehand",
        _each(
            "hazard ratio of the onset | hazard of onset on day 75 | hazard of onset on day 375 "
            "| hazard of onset on day 675 | cumulative incidence predicted at 2 years "
            "| free predicted at 2 years | affected predicted at 2 years "
            "| dead predicted at 2 years | dead without predicted at 2 years "
            "| survival predicted at 2 years | cumulative incidence predicted from 1 to 2 years",
            ", illness-death, smoothness 1",
        ),
        "a weight that cross-validation chooses, where a hazard itself is printed",
    ),
    Choice(
        "what has no formula",
        "`bootstrap_estimate`, `bootstrap_difference`, percentile or BCa",
        (
            *_each(
                "survival at 1 year | difference in survival at 1 year | incidence at 1 year "
                "| difference in incidence at 1 year",
                ", bootstrap percentile",
                ", bootstrap bca",
            ),
            "difference in survival at 1 year from day 120 on, bootstrap percentile",
        ),
    ),
    Choice(
        "imputed data",
        "`pool`, `pool_fits`, `pool_curves`",
        (
            "hazard ratio, Cox, pooled",
            *("survival at 1 year, pooled", "difference in survival at 1 year, pooled"),
            *_each("rate, pooled on the log scale", "", ", df_complete"),
        ),
    ),
)
