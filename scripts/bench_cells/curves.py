"""Curves that a risk table determines: Kaplan-Meier, cumulative incidence, and what is read off."""

from __future__ import annotations

import numpy as np
from bench_cell import AT_DAY, Columns, Work, cell, last_at

KAPLAN_MEIER = "Kaplan-Meier with limits"
LATE_ENTRY = "Kaplan-Meier with limits, late entry"
INCIDENCE = "Cumulative incidence with variance"
LOG_RANK = "Log-rank test of two groups"
MEAN = "Restricted mean with variance"


@cell(KAPLAN_MEIER, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import kaplan_meier, risk_table

    exit_, died = d["exit"], d["event"] > 0

    def work() -> float:
        curve = kaplan_meier(risk_table(History.of(exit=exit_, event=died)))["all"]
        return last_at(curve.time, curve.estimate)

    return work


@cell(KAPLAN_MEIER, "lifelines")
def _(d: Columns) -> Work:
    from lifelines import KaplanMeierFitter

    exit_, died = d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        curve = KaplanMeierFitter().fit(exit_, died).survival_function_
        return last_at(curve.index, curve.iloc[:, 0])

    return work


@cell(KAPLAN_MEIER, "scikit-survival")
def _(d: Columns) -> Work:
    from sksurv.nonparametric import kaplan_meier_estimator

    exit_, died = d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        time, survival, _ = kaplan_meier_estimator(died, exit_, conf_type="log-log")
        return last_at(time, survival)

    return work


@cell(KAPLAN_MEIER, "statsmodels (SE)")
def _(d: Columns) -> Work:
    from statsmodels.duration.survfunc import SurvfuncRight

    exit_, died = d["exit"].astype(float), (d["event"] > 0).astype(float)

    def work() -> float:
        curve = SurvfuncRight(exit_, died)
        return last_at(curve.surv_times, curve.surv_prob)

    return work


@cell(KAPLAN_MEIER, "greenwood")
def _(d: Columns) -> Work:
    import greenwood

    exit_, died = d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        curve = greenwood.KaplanMeier(conf_type="log-log").fit(greenwood.Surv(exit_, event=died))
        return last_at(curve.time_, curve.survival_)

    return work


@cell(LATE_ENTRY, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import kaplan_meier, risk_table

    entry, exit_, died = d["entry"], d["exit"], d["event"] > 0

    def work() -> float:
        history = History.of(entry=entry, exit=exit_, event=died)
        curve = kaplan_meier(risk_table(history))["all"]
        return last_at(curve.time, curve.estimate)

    return work


@cell(LATE_ENTRY, "lifelines")
def _(d: Columns) -> Work:
    from lifelines import KaplanMeierFitter

    entry, exit_, died = d["entry"].astype(float), d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        curve = KaplanMeierFitter().fit(exit_, died, entry=entry).survival_function_
        return last_at(curve.index, curve.iloc[:, 0])

    return work


@cell(LATE_ENTRY, "scikit-survival")
def _(d: Columns) -> Work:
    from sksurv.nonparametric import kaplan_meier_estimator

    entry, exit_, died = d["entry"].astype(float), d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        time, survival, _ = kaplan_meier_estimator(
            died, exit_, time_enter=entry, conf_type="log-log"
        )
        return last_at(time, survival)

    return work


@cell(LATE_ENTRY, "statsmodels (SE)")
def _(d: Columns) -> Work:
    from statsmodels.duration.survfunc import SurvfuncRight

    entry, exit_ = d["entry"].astype(float), d["exit"].astype(float)
    died = (d["event"] > 0).astype(float)

    def work() -> float:
        curve = SurvfuncRight(exit_, died, entry=entry)
        return last_at(curve.surv_times, curve.surv_prob)

    return work


@cell(LATE_ENTRY, "greenwood")
def _(d: Columns) -> Work:
    import greenwood

    entry, exit_, died = d["entry"].astype(float), d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        response = greenwood.Surv(entry, exit_, died)
        curve = greenwood.KaplanMeier(conf_type="log-log").fit(response)
        return last_at(curve.time_, curve.survival_)

    return work


@cell(INCIDENCE, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import cumulative_incidence, risk_table

    exit_, event = d["exit"], d["event"]

    def work() -> float:
        history = History.of(exit=exit_, event=event, states=("free", "first", "second"))
        curve = cumulative_incidence(risk_table(history))["all"]["first"]
        return last_at(curve.time, curve.estimate)

    return work


@cell(INCIDENCE, "lifelines")
def _(d: Columns) -> Work:
    import warnings

    from lifelines import AalenJohansenFitter

    warnings.simplefilter("ignore")  # it says that it moves tied events by a random amount
    exit_, event = d["exit"].astype(float), d["event"]

    def work() -> float:
        curve = AalenJohansenFitter(seed=1).fit(exit_, event, 1).cumulative_density_
        return last_at(curve.index, curve.iloc[:, 0])

    return work


@cell(INCIDENCE, "scikit-survival")
def _(d: Columns) -> Work:
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    exit_, event = d["exit"].astype(float), d["event"].astype(np.int64)

    def work() -> float:
        time, incidence, _ = cumulative_incidence_competing_risks(event, exit_, conf_type="log-log")
        return last_at(time, incidence[1])

    return work


@cell(INCIDENCE, "statsmodels")
def _(d: Columns) -> Work:
    from statsmodels.duration.survfunc import CumIncidenceRight

    exit_, event = d["exit"].astype(float), d["event"].astype(np.int64)

    def work() -> float:
        curve = CumIncidenceRight(exit_, event)
        return last_at(curve.times, curve.cinc[0])

    return work


@cell(INCIDENCE, "comprisk")
def _(d: Columns) -> Work:
    from comprisk import CumulativeIncidence

    exit_, event = d["exit"].astype(float), d["event"].astype(np.int64)

    def work() -> float:
        curve = CumulativeIncidence().fit(exit_, event).curves_[(None, 1)]
        return last_at(curve.times, curve.cif)

    return work


@cell(INCIDENCE, "greenwood")
def _(d: Columns) -> Work:
    import greenwood
    import pandas as pd

    exit_ = d["exit"].astype(float)
    names = np.array(["censored", "first", "second"])[d["event"]]
    event = pd.Categorical(names, categories=["censored", "first", "second"])

    def work() -> float:
        frame = greenwood.AalenJohansen().fit(greenwood.Surv(exit_, event=event)).to_frame()
        frame = pd.DataFrame({c: np.asarray(frame[c]) for c in frame.columns})
        first = frame[frame["cause" if "cause" in frame else "state"] == "first"]
        return last_at(first["time"], first["cif" if "cif" in first else "estimate"])

    return work


@cell(LOG_RANK, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import log_rank, risk_table

    exit_, died, group = d["exit"], d["event"] > 0, d["group"]

    def work() -> float:
        history = History.of(exit=exit_, event=died, stratum=group)
        return log_rank(risk_table(history)).statistic

    return work


@cell(LOG_RANK, "lifelines")
def _(d: Columns) -> Work:
    from lifelines.statistics import logrank_test

    exit_, died, b = d["exit"].astype(float), d["event"] > 0, d["group"] == 1
    columns = exit_[~b], exit_[b], died[~b], died[b]

    return lambda: float(logrank_test(*columns).test_statistic)


@cell(LOG_RANK, "scikit-survival")
def _(d: Columns) -> Work:
    from sksurv.compare import compare_survival
    from sksurv.util import Surv

    y = Surv.from_arrays(d["event"] > 0, d["exit"].astype(float))
    group = d["group"]
    return lambda: float(compare_survival(y, group)[0])


@cell(LOG_RANK, "statsmodels")
def _(d: Columns) -> Work:
    from statsmodels.duration.survfunc import survdiff

    exit_, died, group = d["exit"].astype(float), (d["event"] > 0).astype(float), d["group"]
    return lambda: float(survdiff(exit_, died, group)[0])


@cell(LOG_RANK, "greenwood")
def _(d: Columns) -> Work:
    import greenwood

    exit_, died, group = d["exit"].astype(float), d["event"] > 0, d["group"]
    return lambda: float(greenwood.logrank_test(greenwood.Surv(exit_, event=died), group).statistic)


@cell(MEAN, "osteon")
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import kaplan_meier, restricted_mean, risk_table

    exit_, died = d["exit"], d["event"] > 0

    def work() -> float:
        curve = kaplan_meier(risk_table(History.of(exit=exit_, event=died)))["all"]
        return restricted_mean(curve, AT_DAY).estimate

    return work


@cell(MEAN, "lifelines")
def _(d: Columns) -> Work:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    exit_, died = d["exit"].astype(float), d["event"] > 0

    def work() -> float:
        curve = KaplanMeierFitter().fit(exit_, died)
        return float(restricted_mean_survival_time(curve, t=AT_DAY, return_variance=True)[0])

    return work
