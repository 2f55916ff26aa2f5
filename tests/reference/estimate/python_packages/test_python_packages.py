"""Tests, means and exact limits against greenwood, lifelines, scipy and statsmodels; skipped without."""

from importlib.metadata import version

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    fisher_exact,
    kaplan_meier,
    log_rank,
    proportion,
    proportion_difference,
    rate,
    restricted_mean_difference,
    restricted_mean_ratio,
    risk_table,
)

SIDES = ("low", "high")
GROUPS = ("0", "1", "2")
TABLES = ((13, 48, 0, 57), (77, 105, 106, 353), (9, 26, 2, 36), (5, 10, 5, 10), (12, 15, 7, 15))
SHARES = ((305, 458), (51, 105), (0, 57), (56, 56), (1, 3))
COUNTS = ((1, 10), (5, 100), (13, 165), (30, 400))


@pytest.fixture
def package(record_property):
    """Another package, its version noted as the source of the numbers."""

    def load(name, module=""):
        found = pytest.importorskip(module or name, reason=f"{name} is not installed")
        record_property("source", f"{name} {version(name)}")
        return found

    return load


def limits(estimate):
    return estimate.conf_low, estimate.conf_high


MEANS = {  # who died, the groups, a horizon in days
    "pbc": (2, "trt", 3650),
    "lung": (2, "sex", 365),
    "veteran": (1, "trt", 180),
}


@pytest.mark.parametrize("contrast", ["difference", "ratio"])
@pytest.mark.parametrize("name", MEANS)
def test_restricted_means(package, shipped, close, name, contrast):
    """Two arms, with Greenwood's variance; the arms stand as they are coded in the data."""
    greenwood = package("greenwood")
    died, by, days = MEANS[name]
    rows = shipped("greenwood", name)
    known = np.isfinite(rows[by].astype(float))
    time, dead, arm = rows["time"][known], rows["status"][known] == died, rows[by][known]
    surv = greenwood.Surv(time=time, event=dead)
    theirs = greenwood.rmst_test(surv, days, group=arm, estimand=contrast)
    of = restricted_mean_difference if contrast == "difference" else restricted_mean_ratio
    table = risk_table(History.of(exit=time, event=dead, stratum=arm == 2, strata=("1", "2")))
    curves = kaplan_meier(table)
    ours = of(curves[f"{theirs.group1:g}"], curves[f"{theirs.group2:g}"], days)
    close(ours.estimate, theirs.estimate, what=f"{contrast} of means to day {days}")
    close(limits(ours), [theirs.lower_ci, theirs.upper_ci], what=contrast, at=SIDES)
    close(ours.p_value, theirs.p_value, what=f"{contrast}, p-value")


WEIGHTS = {
    "log-rank": (None, {}, {}),
    "gehan": ("wilcoxon", {}, {"weights": "gehan"}),
    "tarone-ware": ("tarone-ware", {}, {"weights": "tarone-ware"}),
    "rho 1": ("fleming-harrington", {"p": 1, "q": 0}, {"rho": 1}),
    "gamma 1": ("fleming-harrington", {"p": 0, "q": 1}, {"gamma": 1}),
    "rho half, gamma 2": ("fleming-harrington", {"p": 0.5, "q": 2}, {"rho": 0.5, "gamma": 2}),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_log_rank_family(package, shipped, cohort, close, name):
    """Three groups of cohort; men and women of lung."""
    statistics = package("lifelines", "lifelines.statistics")
    weightings, powers, options = WEIGHTS[name]
    lung = shipped("greenwood", "lung")
    for data, time, event, group in (
        ("cohort", cohort["exit"], cohort["cause"] > 0, cohort["group"]),
        ("lung", lung["time"], lung["status"] == 2, lung["sex"] - 1),
    ):
        theirs = statistics.multivariate_logrank_test(
            time, group, event, weightings=weightings, **powers
        )
        history = History.of(exit=time, event=event, stratum=group)
        test = log_rank(risk_table(history), **options)
        close(test.statistic, theirs.test_statistic, what=f"{data}, chi-squared")
        close(test.p_value, theirs.p_value, what=f"{data}, p-value")


def test_fisher_central(package, close):
    """The conditional odds ratio and the limits whose tails hold 2.5 % each."""
    odds_ratio = package("scipy", "scipy.stats.contingency").odds_ratio
    for a, n, b, m in TABLES:
        theirs = odds_ratio([[a, n - a], [b, m - b]])
        ours = fisher_exact(a, n, b, m, convention="central").odds_ratio
        what = f"{a} of {n} against {b} of {m}"
        close(ours.estimate, theirs.statistic, what=f"{what}, conditional odds ratio")
        interval = theirs.confidence_interval()
        close(limits(ours), [interval.low, interval.high], 1e-7, what=what, at=SIDES)


def test_proportions_and_their_difference(package, close):
    of = package("statsmodels", "statsmodels.stats.proportion")
    for a, n in SHARES:
        for interval, method in (("wilson", "wilson"), ("clopper-pearson", "beta")):
            theirs = of.proportion_confint(a, n, method=method)
            ours = proportion(a, n, interval=interval)
            close(limits(ours), theirs, what=f"{interval}, {a} of {n}", at=SIDES)
    for a, n, b, m in TABLES:
        theirs = of.confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
        ours = proportion_difference(a, n, b, m)
        close(limits(ours), theirs, what=f"newcombe, {a} of {n} against {b} of {m}", at=SIDES)


def test_rates(package, close):
    of = package("statsmodels", "statsmodels.stats.rates")
    for events, time in COUNTS:
        for interval, method in (("garwood", "exact-c"), ("mid-p", "midp-c")):
            theirs = of.confint_poisson(events, time, method=method)
            ours = rate(events, time, interval=interval)
            what = f"{interval}, {events} events in {time}"
            close(limits(ours), theirs, 1e-6, what=what, at=SIDES)
