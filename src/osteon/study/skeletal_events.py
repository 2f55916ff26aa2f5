"""What happens: skeletal-related events (SRE), and the pattern of the lesions they happen at.

SRE at or before detection of bone metastasis are prevalent: in the crude tables, out of every
incidence, counted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, coverage_of_events, event_history
from osteon.contracts.history import YEAR_DAYS, History
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import EVENTS
from osteon.estimate import (
    Curve,
    cumulative_incidence,
    firth_cox,
    fisher_exact,
    fixed_time,
    rate,
    risk_table,
)
from osteon.study.answer import (
    PER_YEARS,
    Answer,
    Rows,
    analyses,
    interval_of,
    per_parameter,
    ratio_of,
    together,
)
from osteon.study.curves import (
    Behind,
    at_months,
    behind_curve,
    curve_start,
    on_grid,
    too_few,
    unbroken,
)
from osteon.study.references import AALEN_JOHANSEN, FIRTH_COX, KOLLER

QUESTION = "skeletal_events"
AT_MONTHS = (12.0, 36.0, 60.0)
"""Months since detection at which the incidence is printed."""
SRE, DEATH = "skeletal-related event", "death without skeletal-related event"
PATTERNS = ("osteolytic", "mixed", "osteoblastic", "no_correlate", "not_assessable")


def sre_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share of patients with BM who had an SRE: the crude figure, prevalent events included.

    Beside it, recommended, what a share cannot say: how many have one within five years.
    """
    had, n = had_event(cohort), int(among_bone_metastasis(cohort).sum())
    rows = rows.of(estimand="share with a skeletal-related event", population="bone metastasis")
    crude = rows.share("as_published", int(had.sum()), n, note=_order_told(cohort, had))
    return Answer((crude,), counts=_component_counts(cohort)) + _within_five_years(cohort, rows)


def sre_incidence(cohort: Cohort, rows: Rows) -> Answer:
    """Cumulative incidence of the first SRE after detection of BM, death competing."""
    followed = event_history(cohort, among_bone_metastasis(cohort))
    rows = rows.of(
        estimand="cumulative incidence of a first skeletal-related event, death competing",
        population="bone metastasis, no skeletal-related event yet",
        group=SRE,
        method="Aalen-Johansen, time since detection",
    )
    curves, note, rests_on = _incidence(cohort, followed)
    month = cohort.protocol.follow_up.month_days
    crude = _crude_incidence(rows, followed.history, [m * month for m in AT_MONTHS])
    if not curves:
        nothing = (rows.nothing(note, "recommended", time_days=m * month) for m in AT_MONTHS)
        return sum(nothing, Answer(crude))
    curve, dead = curves["skeletal event"], curves["dead"]
    estimates = at_months(rows.of(note=note), "recommended", curve, cohort, AT_MONTHS)
    until, told = max(curve.end, dead.end), together(followed.told(), rests_on.note)
    drawn = [
        on_grid(rows, "recommended", c, cohort, group=group, note=told, until_days=until)
        for group, c in ((SRE, curve), (DEATH, dead))
    ]
    sentence = (
        "Cumulative incidence of the first skeletal-related event after detection of bone "
        "metastasis was estimated by Aalen-Johansen with death as a competing event; events at or "
        "before detection were excluded as prevalent."
    )
    return Answer(
        crude + estimates,
        curves=tuple(on_months for on_months, _ in drawn),
        steps=tuple(steps for _, steps in drawn),
        methods=(rows.method("recommended", sentence, AALEN_JOHANSEN, KOLLER),),
    )


def sre_by_pattern(cohort: Cohort, rows: Rows) -> Answer:
    """SRE by the patient's pattern: crude shares, rates, and the lesion each event happened at."""
    among, had = among_bone_metastasis(cohort), had_event(cohort)
    pattern = cohort.people.pattern[among].fillna("not_assessable")
    at_detection = cohort.people.pattern_at_detection[among].fillna("not_assessable")
    followed = event_history(cohort, among)
    rows = rows.of(population="bone metastasis")
    covered = coverage_of_events(cohort)
    if not among.any():
        why = covered or "nobody with bone metastasis"
        return rows.nothing(why, estimand=f"share with a {SRE}")
    estimates: list[Estimate] = []
    for name in PATTERNS:
        of_pattern = rows.of(group=name.replace("_", " "))
        if n := int((pattern == name).sum()):
            estimates.append(
                of_pattern.share(
                    "as_published",
                    int(had[among][pattern == name].sum()),
                    n,
                    estimand="share with a skeletal-related event",
                    method=_pattern_read(cohort),
                    note=covered,
                )
            )
        members = at_detection.index[at_detection == name]
        if len(members):
            part = followed.history.where(np.isin(followed.history.subject, members))
            estimates.append(
                event_rate(
                    of_pattern.of(
                        method="pattern at detection",
                        note=followed.told(at_detection.reindex(cohort.people.index) == name),
                    ),
                    "recommended",
                    part,
                )
            )
    counts = _lesion_counts(cohort) + _pattern_counts(pattern, had)
    sentence = (
        "Osteolytic disease was compared with every other pattern at detection by Cox regression "
        "of the first skeletal-related event after it, with Firth's penalty and profile limits."
    )
    return (
        Answer(tuple(estimates), counts=counts)
        + _lytic_odds_ratio(rows, had[among], pattern == "osteolytic")
        + _lytic_hazard_ratio(rows, followed, at_detection.index[at_detection == "osteolytic"])
        + Answer(methods=(rows.method("recommended", sentence, FIRTH_COX),))
    )


def among_bone_metastasis(cohort: Cohort) -> pd.Series:
    """Patients with BM whose skeletal events can be used."""
    return cohort.has_bm & cohort.usable(EVENTS)


def had_event(cohort: Cohort) -> pd.Series:
    """Those of them with an SRE at any time, prevalent ones included."""
    p = cohort.people
    return among_bone_metastasis(cohort) & (p.first_event <= p.exit)


def _order_told(cohort: Cohort, had: pd.Series) -> str:
    """How many events were before detection, how many may have been, and what sources cover."""
    p, n = cohort.people, int(had.sum())
    before = had & (p.first_event_latest <= p.bm_earliest)
    unclear = had & ~before & (p.first_event_earliest <= p.bm_latest)
    return together(
        coverage_of_events(cohort),
        f"{before.sum()} of {n} at or before detection of bone metastasis" if before.any() else "",
        f"{unclear.sum()} of {n} perhaps before it, by an imprecise date" if unclear.any() else "",
    )


def _within_five_years(cohort: Cohort, rows: Rows) -> Answer:
    months = AT_MONTHS[-1]
    rows = rows.of(
        estimand=f"cumulative incidence of a first skeletal-related event within {months:g} months "
        "of detection, death competing",
        population="bone metastasis, no skeletal-related event yet",
        method="Aalen-Johansen: death competes, events before detection are left out",
    )
    followed = event_history(cohort, among_bone_metastasis(cohort))
    curves, note, rests_on = _incidence(cohort, followed)
    days = months * cohort.protocol.follow_up.month_days
    curve = curves.get("skeletal event")
    if curve is None or curve.end < days:
        return rows.nothing(note if curve is None else "followed for less", "recommended")
    row = rows.row(
        "recommended",
        **interval_of(fixed_time(curve, days)),
        at_risk=rests_on.people,
        note=note,
    )
    return Answer((row,))


def _incidence(cohort: Cohort, followed: Followed) -> tuple[dict[str, Curve], str, Behind]:
    """Curves by cause from where enough are at risk, what to say of them, or why none; on whom."""
    if not len(followed.history):
        why = together("nobody is at risk under observation", followed.told())
        return {}, why, Behind(0, 0)
    start = curve_start(cohort, followed.history)
    if not np.isfinite(start):
        return {}, together(too_few(cohort), followed.told()), Behind(0, 0)
    since = (
        f"conditional on being alive without a skeletal-related event at day {start:g} "
        "after detection"
    )
    curves = unbroken(cumulative_incidence(risk_table(followed.history), start=start)["all"])
    rests_on = behind_curve(followed.history, curves["skeletal event"])
    return curves, together(since if start else "", followed.told(), rests_on.note), rests_on


def _crude_incidence(rows: Rows, history: History, days: list[float]) -> tuple[Estimate, ...]:
    """Shares with an event by each time: as if everybody had been followed so long."""
    happened = history.exit[history.to_state == 1]
    return tuple(
        rows.share(
            "as_published",
            int((happened <= day).sum()),
            len(history),
            estimand="share with a first skeletal-related event by then",
            time_days=day,
            method="",
            note="ignores how long each was followed, and death",
        )
        for day in days
    )


def _pattern_read(cohort: Cohort) -> str:
    if cohort.protocol.pattern.at == "first_visible":
        return "pattern when first visible"
    return "latest pattern, classes read after the event included"


def _lytic_odds_ratio(rows: Rows, had: pd.Series, lytic: pd.Series) -> Answer:
    rows = rows.of(estimand=f"odds ratio of a {SRE}", **_LYTIC)
    if not lytic.any() or lytic.all():
        return rows.nothing("all or none of them have osteolytic disease", "as_published")
    events, rest = int(had[lytic].sum()), int(had[~lytic].sum())
    fisher = fisher_exact(events, int(lytic.sum()), rest, int((~lytic).sum()))
    row = rows.row(
        "as_published",
        **interval_of(fisher.odds_ratio),
        p_value=fisher.p_value,
        test="Fisher, two-sided",
        events=events + rest,
        at_risk=len(lytic),
    )
    return Answer((row,))


def _lytic_hazard_ratio(rows: Rows, followed: Followed, lytic: pd.Index) -> Answer:
    rows = rows.of(estimand=f"hazard ratio of a first {SRE}", **_LYTIC)
    history = followed.history
    column = np.isin(history.subject, lytic).astype(float)
    events = int((history.to_state == 1).sum())
    if not events or column.all() or not column.any():
        why = "no event after detection" if not events else "all or none of them are osteolytic"
        return rows.nothing(together(why, followed.told()), "recommended")
    history = replace(history, covariates={LYTIC: column})
    model = firth_cox(history, [LYTIC], causes=["skeletal event"])
    row = rows.row(
        "recommended",
        **ratio_of(model, LYTIC),
        events=events,
        at_risk=len(history),
        method="Firth-penalised Cox, pattern at detection, death censored (cause-specific)",
        note=together(followed.told(), per_parameter(model)),
    )
    return Answer((row,))


LYTIC = "osteolytic"
_LYTIC = {"unit": "ratio", "group": LYTIC, "contrast": "every other pattern"}


def event_rate(rows: Rows, style: Style, history: History) -> Estimate:
    """Rate of first SREs a hundred person-years of a history, with exact limits."""
    events, years = events_and_years(history)
    labels = dict(
        estimand="rate of first skeletal-related events",
        unit="per_100_person_years",
        events=events,
        person_years=years,
        at_risk=len(np.unique(history.subject)),
        interval_method="exact (Garwood)",
    )
    if years == 0:
        note = together("not estimable: nobody at risk", str(rows.labels.get("note", "")))
        return rows.row(style, **labels, note=note)
    found = rate(events, years, per=PER_YEARS)
    return rows.row(style, **{**interval_of(found), **labels})


def events_and_years(history: History) -> tuple[int, float]:
    """First SREs, and person-years at risk of one."""
    events = int((history.to_state == 1).sum())
    return events, float((history.exit - history.entry).sum()) / YEAR_DAYS


def _first_events(cohort: Cohort) -> pd.DataFrame:
    """The first SRE of each patient with BM, within follow-up."""
    events = cohort.events[cohort.events.subject.isin(cohort.people.index[had_event(cohort)])]
    return events.drop_duplicates("subject")


def _component_counts(cohort: Cohort) -> tuple[Count, ...]:
    n = _first_events(cohort).component.value_counts().sort_index()
    return tuple(
        Count(
            QUESTION,
            "first skeletal-related events",
            str(component).replace("_", " "),
            "patients",
            int(k),
        )
        for component, k in n.items()
    )


def _lesion_counts(cohort: Cohort) -> tuple[Count, ...]:
    """Class, when last read before it, of the very lesion that each first SRE happened at."""
    events = _first_events(cohort).dropna(subset=["lesion_id"])
    reads = events.merge(cohort.lesions, on=["subject", "lesion_id"], suffixes=("", "_read"))
    before = reads[reads.time_read <= reads.time].sort_values("time_read")
    known = before.drop_duplicates("subject", keep="last").pattern.value_counts().sort_index()
    unknown = len(_first_events(cohort)) - int(known.sum())
    labels = [
        *known.items(),
        *([("lesion, or its class by then, not recorded", unknown)] if unknown else []),
    ]
    return tuple(
        Count(QUESTION, "lesion the event happened at", str(label), "patients", int(n))
        for label, n in labels
    )


def _pattern_counts(pattern: pd.Series, had: pd.Series) -> tuple[Count, ...]:
    return tuple(
        Count(QUESTION, "skeletal-related event by pattern", name.replace("_", " "), label, int(n))
        for name in PATTERNS
        if (members := pattern.index[pattern == name]).size
        for label, n in (("event", had[members].sum()), ("no event", (~had[members]).sum()))
    )


ANALYSES = analyses(
    QUESTION,
    sre_share,
    sre_incidence,
    sre_by_pattern,
    alone={
        "sre_by_pattern": "nobody with this pattern at detection, or nobody with it since",
    },
)
