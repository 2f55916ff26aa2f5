"""What happens under antiresorptive therapy: the published-style table, and time-dependent exposure.

The crude table compares the ever-treated with the rest: whoever lives event-free until treatment
begins is counted as treated, so it favours treatment even if that does nothing. It is printed for
comparison. Recommended: each patient's time counts as treated from when treatment began.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import event_history, exposed_event_history
from osteon.contracts.history import History
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import EXPOSURE
from osteon.estimate import firth_cox, firth_logistic, fisher_exact, rate_ratio
from osteon.study.answer import Analysis, Answer, Rows, interval_of
from osteon.study.references import CLOPPER, FIRTH, FIRTH_COX, GARWOOD, GIOBBIE_HURDER
from osteon.study.skeletal_events import (
    QUESTION,
    among_bone_metastasis,
    event_rate,
    events_and_years,
    had_event,
)

TREATED, UNTREATED = "antiresorptive", "no antiresorptive"


def sre_by_antiresorptive(cohort: Cohort, rows: Rows) -> Answer:
    """The published-style table: SRE among treated and untreated, Fisher, and an honest bound."""
    treated, had = crude_exposure(cohort), had_event(cohort)
    rows = rows.of(
        population=_known_population(cohort), estimand="share with a skeletal-related event"
    )
    if treated.empty:
        return Answer((rows.row("as_published", note=_UNKNOWN),))
    cells = _crude_cells(treated, had)
    estimates = [rows.share("as_published", *cells[arm], group=arm) for arm in (UNTREATED, TREATED)]
    estimates += [
        _bound(rows, arm, *cells[arm]) for arm in (UNTREATED, TREATED) if not cells[arm][0]
    ]
    sentence = (
        "As in the literature, patients ever treated before a first event were compared with all "
        "others (Fisher's exact test). This table credits treatment with the event-free time "
        "before it began; it is printed for comparison only."
    )
    table = "skeletal-related event by antiresorptive"
    counts = tuple(
        Count(QUESTION, table, arm, label, n)
        for arm, (events, total) in cells.items()
        for label, n in (("event", events), ("no event", total - events))
    )
    return Answer(
        tuple(estimates),
        counts=counts,
        methods=(rows.method("as_published", sentence, FIRTH, CLOPPER, GIOBBIE_HURDER),),
    )


def sre_odds_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """The published-style table as an odds ratio: Fisher's test, and Firth's honest interval."""
    treated, had = crude_exposure(cohort), had_event(cohort)
    cells = _crude_cells(treated, had)
    if not all(n for _, n in cells.values()):
        return Answer()
    (events_1, n_1), (events_0, n_0) = cells[UNTREATED], cells[TREATED]
    rows = rows.of(
        estimand="odds ratio of a skeletal-related event",
        unit="ratio",
        population=_known_population(cohort),
        group=UNTREATED,
        contrast=TREATED,
        events=events_1 + events_0,
        at_risk=n_1 + n_0,
    )
    fisher = fisher_exact(events_1, n_1, events_0, n_0)
    outcome = np.repeat([1, 0, 1, 0], [events_1, n_1 - events_1, events_0, n_0 - events_0])
    untreated = np.repeat([1.0, 0.0], [n_1, n_0])
    firth = firth_logistic(outcome, {"untreated": untreated}).ratios["untreated"]
    published = rows.row(
        "as_published",
        estimate=fisher.sample_odds_ratio,
        p_value=fisher.p_value,
        test="Fisher, two-sided",
        note="" if np.isfinite(fisher.sample_odds_ratio) else "infinite: an arm without events",
    )
    penalised = rows.row(
        "sensitivity",
        **interval_of(firth),
        p_value=firth.p_value,
        test="penalised likelihood ratio",
        method="Firth logistic regression, profile limits",
        note="still the crude table: immortal time is not removed",
    )
    sentence = "The crude odds ratio was given Firth's penalty and profile likelihood limits."
    return Answer((published, penalised), methods=(rows.method("sensitivity", sentence, FIRTH),))


def sre_rate(cohort: Cohort, rows: Rows) -> Answer:
    """SRE rates in untreated and treated time: exposure counts from when it began."""
    return _rates(cohort, rows, "recommended", lag_days=cohort.protocol.antiresorptive.lag_days)


def sre_hazard_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Hazard ratio of treated against untreated time, Firth-penalised, exposure time-dependent."""
    lag = cohort.protocol.antiresorptive.lag_days
    estimate = _hazard_ratio(cohort, rows, "recommended", lag)
    sentence = (
        "Time with and without antiresorptive exposure was compared by a Cox model with exposure as "
        "a time-dependent covariate, Firth's penalty and profile limits, so that an arm without "
        "events keeps a finite bound."
    )
    methods = (rows.method("recommended", sentence, FIRTH_COX, GIOBBIE_HURDER),)
    return Answer(estimate, methods=methods if estimate else ())


def sre_landmark(cohort: Cohort, rows: Rows) -> Answer:
    """Groups fixed at a landmark after detection: nobody is classed by what happens later."""
    answer = Answer()
    for days in cohort.protocol.antiresorptive.landmark_days:
        answer += _landmark(cohort, rows, days)
    return answer


def sre_lag(cohort: Cohort, rows: Rows) -> Answer:
    """The rates again, exposure beginning some time after the first administration."""
    answer = Answer()
    for lag in cohort.protocol.antiresorptive.lag_sensitivity_days:
        answer += _rates(cohort, rows, "sensitivity", lag_days=lag)
    return answer


def sre_triggered_starts(cohort: Cohort, rows: Rows) -> Answer:
    """How many began treatment on or after their first SRE: the event led to the drug."""
    p = cohort.people[among_bone_metastasis(cohort)]
    with_event = p[p.first_event.notna()]
    after = with_event.antiresorptive >= with_event.first_event
    row = rows.share(
        "recommended",
        int(after.sum()),
        len(with_event),
        estimand="started an antiresorptive on or after the first skeletal-related event",
        population="bone metastasis with a skeletal-related event",
    )
    return Answer((row,))


def crude_exposure(cohort: Cohort) -> pd.Series:
    """Ever treated (by the protocol's crude rule), for patients in whom it is known."""
    p = cohort.people[among_bone_metastasis(cohort) & cohort.usable(EXPOSURE)]
    start = p.antiresorptive.where(p.antiresorptive <= p.exit)
    treated = start.notna()
    if cohort.protocol.antiresorptive.crude == "before_first_event":
        treated &= p.first_event.isna() | (start < p.first_event)
    known = treated | p.antiresorptive.notna() | cohort.antiresorptives_complete
    return treated[known]


def _exposure_known(cohort: Cohort) -> pd.Series:
    known = cohort.people.antiresorptive.notna() | cohort.antiresorptives_complete
    return among_bone_metastasis(cohort) & cohort.usable(EXPOSURE) & known


def _known_population(cohort: Cohort) -> str:
    unknown = int((among_bone_metastasis(cohort) & ~_exposure_known(cohort)).sum())
    return "bone metastasis" + (f", exposure not known in {unknown} left out" if unknown else "")


_UNKNOWN = (
    "exposure is not known in anybody: no source is declared complete for antiresorptives, and no "
    "record is not 'no'"
)


def _crude_cells(treated: pd.Series, had: pd.Series) -> dict[str, tuple[int, int]]:
    """Patients with an event, and all patients, in each arm of the crude table."""
    arms = {TREATED: treated.index[treated], UNTREATED: treated.index[~treated]}
    return {arm: (int(had[members].sum()), len(members)) for arm, members in arms.items()}


def _bound(rows: Rows, arm: str, events: int, n: int) -> Estimate:
    return rows.share(
        "recommended",
        events,
        n,
        interval="clopper-pearson",
        group=arm,
        method="exact (Clopper-Pearson)",
        note="no event seen is not no risk: the upper limit is the message",
    )


def _rates(cohort: Cohort, rows: Rows, style: Style, *, lag_days: float) -> Answer:
    among = _exposure_known(cohort)
    if not among.any():
        return Answer((rows.row(style, estimand="rate of skeletal-related events", note=_UNKNOWN),))
    followed = exposed_event_history(cohort, among, lag_days=lag_days)
    history = followed.history
    lag = f", {lag_days:g} days after the start" if lag_days else ""
    rows = rows.of(
        population=_known_population(cohort),
        method=f"person-time, exposure time-dependent{lag}",
        note=f"{followed.prevalent} prevalent at detection, not counted",
    )
    treated = history.covariates["treated"] == 1
    arms = {UNTREATED: history.where(~treated), TREATED: history.where(treated)}
    estimates = [event_rate(rows.of(group=arm), style, part) for arm, part in arms.items()]
    ratio = _rate_ratio(rows, style, arms[UNTREATED], arms[TREATED])
    sentence = (
        "Rates of the first skeletal-related event were compared between untreated and treated "
        f"person-time{lag}, each patient changing sides when treatment began, with exact limits."
    )
    methods = (rows.method(style, sentence, GARWOOD, GIOBBIE_HURDER),)
    return Answer((*estimates, *ratio), methods=methods if style == "recommended" else ())


def _rate_ratio(
    rows: Rows, style: Style, untreated: History, treated: History
) -> tuple[Estimate, ...]:
    (events_1, years_1), (events_0, years_0) = (
        events_and_years(untreated),
        events_and_years(treated),
    )
    if not (years_1 and years_0 and events_1 + events_0):
        return ()
    found = rate_ratio(events_0, years_0, events_1, years_1)
    row = rows.row(
        style,
        estimand="rate ratio of first skeletal-related events",
        group=TREATED,
        contrast=UNTREATED,
        unit="ratio",
        **interval_of(found),
        p_value=found.p_value,
        test="exact, conditional binomial",
        events=events_0 + events_1,
    )
    return (row,)


def _hazard_ratio(
    cohort: Cohort, rows: Rows, style: Style, lag_days: float
) -> tuple[Estimate, ...]:
    among = _exposure_known(cohort)
    if not among.any():
        return ()
    followed = exposed_event_history(cohort, among, lag_days=lag_days)
    history = followed.history
    if not (history.to_state == 1).any() or len(np.unique(history.covariates["treated"])) < 2:
        return ()
    ratio = firth_cox(history, ["treated"], causes=["skeletal event"]).ratios["treated"]
    row = rows.row(
        style,
        estimand="hazard ratio of a first skeletal-related event",
        unit="ratio",
        population=_known_population(cohort),
        group=TREATED,
        contrast=UNTREATED,
        **interval_of(ratio),
        p_value=ratio.p_value,
        test="penalised likelihood ratio",
        events=int((history.to_state == 1).sum()),
        at_risk=len(np.unique(history.subject)),
        method="Firth-penalised Cox, exposure time-dependent, death censored (cause-specific)",
        note="confounding by indication is not removed: see the bias ledger",
    )
    return (row,)


def _landmark(cohort: Cohort, rows: Rows, days: float) -> Answer:
    among = _exposure_known(cohort)
    p = cohort.people
    treated = (p.antiresorptive - p.bm) <= days
    followed = event_history(
        cohort, among, groups=treated.map({True: TREATED, False: UNTREATED}), landmark_days=days
    )
    history = followed.history
    if not len(history) or len(history.strata) < 2:
        return Answer()
    rows = rows.of(
        population=f"bone metastasis, alive without a skeletal-related event at day {days:g}",
        method=f"landmark at {days:g} days after detection",
        time_days=days,
    )
    arms = {name: history.where(history.stratum == i) for i, name in enumerate(history.strata)}
    estimates = [event_rate(rows.of(group=arm), "sensitivity", part) for arm, part in arms.items()]
    ratio = _rate_ratio(rows, "sensitivity", arms[UNTREATED], arms[TREATED])
    return Answer((*estimates, *ratio))


ANALYSES = tuple(
    Analysis(f.__name__, QUESTION, f)
    for f in (
        sre_by_antiresorptive,
        sre_odds_ratio,
        sre_rate,
        sre_hazard_ratio,
        sre_landmark,
        sre_lag,
        sre_triggered_starts,
    )
)
