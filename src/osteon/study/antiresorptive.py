"""What happens under antiresorptive therapy: the published-style table, and time-dependent exposure.

The crude table compares the ever-treated with the rest: whoever lives event-free until treatment
begins is counted as treated, so it favours treatment even if that does nothing. It is printed for
comparison. Recommended is the hazard ratio with exposure as it changes: at each event, treated and
untreated patients the same time after detection are compared. The two rates describe; their ratio
does not compare like with like, because untreated time is early time.

Without a source declared complete for antiresorptives nobody is known to be untreated, and there is
nothing to compare.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import (
    Followed,
    coverage_of_events,
    event_history,
    exposed_event_history,
)
from osteon.contracts.history import History
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import EXPOSURE
from osteon.estimate import firth_cox, firth_logistic, fisher_exact, rate_ratio
from osteon.study.answer import (
    Answer,
    Rows,
    analyses,
    interval_of,
    per_parameter,
    ratio_of,
    together,
)
from osteon.study.references import CLOPPER, E_VALUE, FIRTH, FIRTH_COX, GARWOOD, GIOBBIE_HURDER
from osteon.study.skeletal_events import (
    QUESTION,
    among_bone_metastasis,
    event_rate,
    events_and_years,
    had_event,
)
from osteon.study.survival_models import e_value, e_value_of_limit

TREATED, UNTREATED = "antiresorptive", "no antiresorptive"
RATE = "rate of first skeletal-related events"
IMMORTAL = "event-free time before treatment began is counted as treated (immortal time)"
Cells = dict[str, tuple[int, int]]


def sre_by_antiresorptive(cohort: Cohort, rows: Rows) -> Answer:
    """The published-style table: SRE among treated and untreated, and the bound of an empty arm."""
    rows = rows.of(population=_population(cohort), estimand="share with a skeletal-related event")
    cells = _crude_cells(cohort)
    if not cohort.antiresorptives_complete:
        unknown = (rows.nothing(_not_known(cohort), group=arm) for arm in (UNTREATED, TREATED))
        return sum(unknown, Answer(tuple(_bound_run(rows, cells))))
    covered = coverage_of_events(cohort)
    estimates = [
        rows.share("as_published", *cells[arm], group=arm, note=covered)
        for arm in (UNTREATED, TREATED)
    ]
    estimates += [
        _upper_bound(rows, arm, n) for arm, (events, n) in cells.items() if n and not events
    ]
    sentence = (
        "As in the literature, patients ever treated before a first event were compared with all "
        "others (Fisher's exact test). This table credits treatment with the event-free time "
        "before it began; it is printed for comparison only."
    )
    counts = tuple(
        Count(QUESTION, "skeletal-related event by antiresorptive", arm, label, n)
        for arm, (events, total) in cells.items()
        for label, n in (("event", events), ("no event", total - events))
    )
    method = rows.method("as_published", sentence, CLOPPER, GIOBBIE_HURDER)
    return Answer(tuple(estimates), counts=counts, methods=(method,))


def sre_odds_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """The published-style table as an odds ratio: Fisher's test, and Firth's honest interval."""
    cells = _crude_cells(cohort)
    (events_1, n_1), (events_0, n_0) = cells[UNTREATED], cells[TREATED]
    rows = rows.of(
        estimand="odds ratio of a skeletal-related event",
        unit="ratio",
        population=_population(cohort),
        group=UNTREATED,
        contrast=TREATED,
    )
    if not cohort.antiresorptives_complete:
        return rows.nothing(_not_known(cohort))
    if not (n_1 and n_0):
        return rows.nothing("an arm without patients")
    rows = rows.of(events=events_1 + events_0, at_risk=n_1 + n_0)
    fisher = fisher_exact(events_1, n_1, events_0, n_0)
    published = rows.row(
        "as_published",
        estimate=fisher.sample_odds_ratio,
        p_value=fisher.p_value,
        test="Fisher, two-sided",
        note="" if np.isfinite(fisher.sample_odds_ratio) else "infinite: an arm without events",
    )
    sentence = "The crude odds ratio was given Firth's penalty and profile likelihood limits."
    method = rows.method("sensitivity", sentence, FIRTH)
    return Answer((published, _firth_odds_ratio(rows, cells)), methods=(method,))


def sre_rate(cohort: Cohort, rows: Rows) -> Answer:
    """SRE rates in untreated and treated time: exposure counts from when it began.

    Beside it the rates of the arms of the crude table, as if treated from detection on.
    """
    rows = rows.of(population=_population(cohort))
    exposed = _exposed(cohort, cohort.protocol.antiresorptive.lag_days)
    if exposed is None:
        labels = {"estimand": RATE, "unit": "per_100_person_years"}
        arms = (rows.nothing(_not_known(cohort), group=g, **labels) for g in (UNTREATED, TREATED))
        return sum(arms, Answer())
    timed = rows.of(method="person-time, exposure time-dependent", note=exposed.told())
    untreated, treated = _arms(exposed.history)
    estimates = [
        *_crude_rates(cohort, rows),
        event_rate(timed.of(group=UNTREATED), "recommended", untreated),
        event_rate(timed.of(group=TREATED), "recommended", treated),
    ]
    early = "untreated time is early time: events that cluster early make this ratio too low"
    estimates += _rate_ratio(timed, untreated, treated, early)
    sentence = (
        "Rates of the first skeletal-related event are given for untreated and treated person-time, "
        "each patient changing sides when treatment began, with exact limits; they describe, and "
        "the comparison is the hazard ratio."
    )
    method = rows.method("recommended", sentence, GARWOOD, GIOBBIE_HURDER)
    return Answer(tuple(estimates), methods=(method,))


def sre_hazard_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Hazard ratio of treated against untreated time, Firth-penalised, exposure time-dependent.

    Beside it the same model with the arms of the crude table, as if treated from detection on.
    """
    recommended = _hazard_ratio(
        cohort, rows, "recommended", cohort.protocol.antiresorptive.lag_days
    )
    sentence = (
        "Patients with and without antiresorptive exposure were compared at the same time since "
        "detection by a Cox model with exposure as a time-dependent covariate, Firth's penalty and "
        "profile limits, so that an arm without events keeps a finite bound. The comparison of "
        "treated with untreated patients is not causal: whom a physician treats is not left to "
        "chance (confounding by indication)."
    )
    return Answer(
        (_crude_hazard_ratio(cohort, rows), recommended, *_e_value(rows, recommended)),
        methods=(rows.method("recommended", sentence, FIRTH_COX, GIOBBIE_HURDER, E_VALUE),),
    )


def sre_lag(cohort: Cohort, rows: Rows) -> Answer:
    """The hazard ratio again, exposure beginning some time after the first administration."""
    lags = cohort.protocol.antiresorptive.lag_sensitivity_days
    return Answer(tuple(_hazard_ratio(cohort, rows, "sensitivity", lag) for lag in lags))


def sre_landmark(cohort: Cohort, rows: Rows) -> Answer:
    """Groups fixed at a landmark after detection: nobody is classed by what happens later."""
    landmarks = cohort.protocol.antiresorptive.landmark_days
    return sum((_landmark(cohort, rows, days) for days in landmarks), Answer())


def sre_triggered_starts(cohort: Cohort, rows: Rows) -> Answer:
    """How many began treatment on or after their first SRE: the event led to the drug."""
    p = cohort.people[had_event(cohort)]
    after = p.antiresorptive >= p.first_event
    row = rows.share(
        "recommended",
        int(after.sum()),
        len(p),
        estimand="started an antiresorptive on or after the first skeletal-related event",
        population="bone metastasis with a skeletal-related event",
    )
    return Answer((row,))


def crude_exposure(cohort: Cohort) -> pd.Series:
    """Ever treated, by the protocol's crude rule; one boolean a patient with BM."""
    p = cohort.people[_usable(cohort)]
    start = p.antiresorptive.where(p.antiresorptive <= p.exit)
    treated = start.notna()
    if cohort.protocol.antiresorptive.crude == "before_first_event":
        treated &= p.first_event.isna() | (start < p.first_event)
    return treated


def _usable(cohort: Cohort) -> pd.Series:
    return among_bone_metastasis(cohort) & cohort.usable(EXPOSURE)


def _population(cohort: Cohort) -> str:
    faulty = int((among_bone_metastasis(cohort) & ~cohort.usable(EXPOSURE)).sum())
    return "bone metastasis" + (f", {faulty} with unusable exposure left out" if faulty else "")


def _not_known(cohort: Cohort) -> str:
    p = cohort.people[_usable(cohort)]
    return (
        f"{int(p.antiresorptive.notna().sum())} of {len(p)} have a record; no source is declared "
        "complete for antiresorptives, and no record is not 'no'"
    )


def _crude_cells(cohort: Cohort) -> Cells:
    """Patients with an event, and all patients, in each arm of the crude table."""
    treated, had = crude_exposure(cohort), had_event(cohort)
    arms = {TREATED: treated.index[treated], UNTREATED: treated.index[~treated]}
    return {arm: (int(had[members].sum()), len(members)) for arm, members in arms.items()}


def _bound_run(rows: Rows, cells: Cells) -> list[Estimate]:
    note = "as if no record were 'no': a bound, not an answer"
    return [rows.share("sensitivity", *cells[arm], group=arm, note=note) for arm in cells]


def _upper_bound(rows: Rows, arm: str, n: int) -> Estimate:
    return rows.share(
        "recommended",
        0,
        n,
        interval="clopper-pearson",
        group=arm,
        method="exact (Clopper-Pearson)",
        note="no event seen is not no risk: the upper limit is the message",
    )


def _firth_odds_ratio(rows: Rows, cells: Cells) -> Estimate:
    (events_1, n_1), (events_0, n_0) = cells[UNTREATED], cells[TREATED]
    outcome = np.repeat([1, 0, 1, 0], [events_1, n_1 - events_1, events_0, n_0 - events_0])
    untreated = np.repeat([1.0, 0.0], [n_1, n_0])
    return rows.row(
        "sensitivity",
        **ratio_of(firth_logistic(outcome, {UNTREATED: untreated}), UNTREATED),
        method="Firth logistic regression, profile limits",
        note="still the crude table: immortal time is not removed",
    )


def _exposed(cohort: Cohort, lag_days: float) -> Followed | None:
    """Histories split at exposure; None where nobody is known to be untreated."""
    if not cohort.antiresorptives_complete:
        return None
    return exposed_event_history(cohort, _usable(cohort), lag_days=lag_days)


def _arms(history: History) -> tuple[History, History]:
    treated = history.covariates["treated"] == 1
    return history.where(~treated), history.where(treated)


def _rate_ratio(rows: Rows, untreated: History, treated: History, note: str) -> list[Estimate]:
    (events_1, years_1), (events_0, years_0) = map(events_and_years, (untreated, treated))
    if not (years_1 and years_0 and events_1 + events_0):
        return []
    found = rate_ratio(events_0, years_0, events_1, years_1)
    row = rows.of(note=together(note, str(rows.labels.get("note", "")))).row(
        "sensitivity",
        estimand="rate ratio of first skeletal-related events",
        group=TREATED,
        contrast=UNTREATED,
        unit="ratio",
        **interval_of(found),
        p_value=found.p_value,
        test="exact, conditional binomial",
        events=events_0 + events_1,
        at_risk=len(np.union1d(untreated.subject, treated.subject)),
    )
    return [row]


def _crude_followed(cohort: Cohort) -> Followed:
    """Histories from detection, as if who is ever treated had been treated from then on."""
    followed = event_history(cohort, _usable(cohort))
    treated = crude_exposure(cohort).loc[followed.history.subject].to_numpy(dtype=float)
    return replace(followed, history=replace(followed.history, covariates={"treated": treated}))


def _crude_rates(cohort: Cohort, rows: Rows) -> list[Estimate]:
    followed = _crude_followed(cohort)
    rows = rows.of(
        method="person-time since detection, arms of the crude table",
        note=together(IMMORTAL, followed.told()),
    )
    arms = zip((UNTREATED, TREATED), _arms(followed.history), strict=True)
    return [event_rate(rows.of(group=arm), "as_published", part) for arm, part in arms]


def _crude_hazard_ratio(cohort: Cohort, rows: Rows) -> Estimate:
    crude = _crude_followed(cohort) if cohort.antiresorptives_complete else None
    how = "Firth-penalised Cox, arms of the crude table, death censored (cause-specific)"
    return _ratio_of(cohort, rows.of(method=how), "as_published", crude, IMMORTAL)


def _hazard_ratio(cohort: Cohort, rows: Rows, style: Style, lag_days: float) -> Estimate:
    lag = f", {lag_days:g} days after the first administration" if lag_days else ""
    how = f"Firth-penalised Cox, exposure time-dependent{lag}, death censored (cause-specific)"
    exposed = _exposed(cohort, lag_days)
    note = "not causal: confounding by indication is not removed"
    return _ratio_of(cohort, rows.of(method=how), style, exposed, note)


def _e_value(rows: Rows, of: Estimate) -> tuple[Estimate, ...]:
    """How strong an indication would have to be to explain the hazard ratio away."""
    if of.estimate is None:
        return ()
    rows = rows.of(
        population=of.population,
        group=TREATED,
        contrast=UNTREATED,
        unit="ratio",
        note="a risk ratio that the indication, or another unmeasured confounder, would need with "
        "both treatment and event",
    )
    values = {
        "E-value of the hazard ratio": e_value(of.estimate),
        "E-value of the limit nearest to no effect": e_value_of_limit(of),
    }
    rows = rows.of(cautions=of.cautions)
    return tuple(rows.row("sensitivity", estimand=k, estimate=v) for k, v in values.items())


def _ratio_of(
    cohort: Cohort, rows: Rows, style: Style, followed: Followed | None, note: str
) -> Estimate:
    rows = rows.of(
        estimand="hazard ratio of a first skeletal-related event",
        unit="ratio",
        population=_population(cohort),
        group=TREATED,
        contrast=UNTREATED,
    )
    if followed is None:
        return rows.row(style, note=f"not estimable: {_not_known(cohort)}")
    history = followed.history
    untreated, treated = _arms(history)
    if not (len(untreated) and len(treated) and (history.to_state == 1).any()):
        return rows.row(style, note="not estimable: an arm without time, or no event")
    named = replace(history, covariates={TREATED: history.covariates["treated"]})
    model = firth_cox(named, [TREATED], causes=["skeletal event"])
    return rows.row(
        style,
        **ratio_of(model, TREATED),
        events=int((history.to_state == 1).sum()),
        at_risk=len(np.unique(history.subject)),
        note=together(note, followed.told(), per_parameter(model)),
    )


def _landmark(cohort: Cohort, rows: Rows, days: float) -> Answer:
    rows = rows.of(
        population=f"bone metastasis, alive without a skeletal-related event at day {days:g}",
        method=f"landmark at {days:g} days after detection",
        time_days=days,
    )
    if not cohort.antiresorptives_complete:
        return rows.nothing(_not_known(cohort), "sensitivity", estimand=RATE)
    p = cohort.people
    by_then = (p.antiresorptive - p.bm) <= days
    groups = by_then.map({True: TREATED, False: UNTREATED})
    followed = event_history(cohort, _usable(cohort), groups=groups, landmark_days=days)
    history = followed.history
    if len(history.strata) < 2:
        return rows.nothing("an arm without patients", "sensitivity", estimand=RATE)
    parts = {name: history.where(history.stratum == i) for i, name in enumerate(history.strata)}
    rows = rows.of(note=followed.told())
    rates = [event_rate(rows.of(group=arm), "sensitivity", part) for arm, part in parts.items()]
    ratio = _rate_ratio(rows, parts[UNTREATED], parts[TREATED], "")
    return Answer((*rates, *ratio))


ANALYSES = analyses(
    QUESTION,
    sre_by_antiresorptive,
    sre_odds_ratio,
    sre_rate,
    sre_hazard_ratio,
    sre_landmark,
    sre_lag,
    sre_triggered_starts,
    alone={
        "sre_by_antiresorptive": (
            "no share removes immortal time; the rates and the hazard ratio with exposure as it "
            "changes stand beside it"
        ),
        "sre_odds_ratio": (
            "no odds ratio of the crude table removes immortal time; the hazard ratio with "
            "exposure as it changes stands beside it"
        ),
        "sre_triggered_starts": "papers do not print how often the event led to the drug",
    },
)
