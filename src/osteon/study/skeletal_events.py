"""What happens: skeletal-related events (SRE), and the pattern of the lesions they happen at.

SRE at or before detection of bone metastasis are prevalent: in the crude tables, out of every
incidence, counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import event_history
from osteon.contracts.history import History
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import EVENTS
from osteon.estimate import (
    cumulative_incidence,
    fisher_exact,
    rate,
    risk_table,
)
from osteon.study.answer import PER_YEARS, YEAR_DAYS, Analysis, Answer, Rows, interval_of
from osteon.study.curves import at_months, on_grid
from osteon.study.references import (
    AALEN_JOHANSEN,
    KOLLER,
)

QUESTION = "skeletal_events"
PATTERNS = ("osteolytic", "mixed", "osteoblastic", "no_correlate", "not_assessable")


def sre_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share of patients with BM who had an SRE: the crude figure, prevalent events included."""
    had = had_event(cohort)
    rows = rows.of(estimand="share with a skeletal-related event", population="bone metastasis")
    before = int((_before_detection(cohort) & cohort.has_bm).sum())
    note = (
        f"{before} of {int(had.sum())} at or before detection of bone metastasis" if before else ""
    )
    estimate = rows.share(
        "as_published", int(had.sum()), int(among_bone_metastasis(cohort).sum()), note=note
    )
    return Answer((estimate,), counts=_component_counts(cohort))


def sre_incidence(cohort: Cohort, rows: Rows) -> Answer:
    """Cumulative incidence of the first SRE after detection of BM, death competing."""
    followed = event_history(cohort, among_bone_metastasis(cohort))
    rows = rows.of(
        estimand="cumulative incidence of a first skeletal-related event, death competing",
        population="bone metastasis, no skeletal-related event yet",
        group="skeletal-related event",
        at_risk=len(followed.history),
        note=followed.told(),
    )
    if not len(followed.history):
        return Answer()
    curves = cumulative_incidence(risk_table(followed.history))["all"]
    curve = curves["skeletal event"]
    estimates = at_months(rows, "recommended", curve, cohort, (12.0, 36.0, 60.0))
    until = max(curve.end, curves["dead"].end)
    drawn, steps = on_grid(
        rows, "recommended", curve, cohort, group="skeletal-related event", until_days=until
    )
    dead, dead_steps = on_grid(
        rows, "recommended", curves["dead"], cohort, group="death without skeletal-related event"
    )
    sentence = (
        "Cumulative incidence of the first skeletal-related event after detection of bone "
        "metastasis was estimated by Aalen-Johansen with death as a competing event; events at or "
        "before detection were excluded as prevalent."
    )
    return Answer(
        estimates,
        curves=(drawn, dead),
        steps=(steps, dead_steps),
        methods=(rows.method("recommended", sentence, AALEN_JOHANSEN, KOLLER),),
    )


def sre_by_pattern(cohort: Cohort, rows: Rows) -> Answer:
    """SRE by the patient's pattern: crude shares, rates, and the lesion each event happened at."""
    among, had = among_bone_metastasis(cohort), had_event(cohort)
    pattern = cohort.people.pattern[among].fillna("not_assessable")
    at_detection = cohort.people.pattern_at_detection[among].fillna("not_assessable")
    followed = event_history(cohort, among)
    rows = rows.of(population="bone metastasis")
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
                    method="pattern by the protocol's rule, later classes included",
                )
            )
        members = at_detection.index[at_detection == name]
        if len(members):
            part = followed.history.where(np.isin(followed.history.subject, members))
            estimates.append(
                event_rate(
                    of_pattern.of(method="pattern at detection", note=followed.told()),
                    "recommended",
                    part,
                )
            )
    lytic = pattern == "osteolytic"
    if lytic.any() and (~lytic).any():
        estimates.append(
            _lytic_against_rest(rows, had, pattern.index[lytic], pattern.index[~lytic])
        )
    return Answer(tuple(estimates), counts=_lesion_counts(cohort) + _pattern_counts(pattern, had))


def among_bone_metastasis(cohort: Cohort) -> pd.Series:
    """Patients with BM whose skeletal events can be used."""
    return cohort.has_bm & cohort.usable(EVENTS)


def had_event(cohort: Cohort) -> pd.Series:
    """Those of them with an SRE at any time, prevalent ones included."""
    p = cohort.people
    return among_bone_metastasis(cohort) & (p.first_event <= p.exit)


def _before_detection(cohort: Cohort) -> pd.Series:
    return cohort.people.first_event <= cohort.people.bm


def _lytic_against_rest(rows: Rows, had: pd.Series, lytic: pd.Index, rest: pd.Index) -> Estimate:
    fisher = fisher_exact(int(had[lytic].sum()), len(lytic), int(had[rest].sum()), len(rest))
    return rows.row(
        "as_published",
        estimand="odds ratio of a skeletal-related event",
        unit="ratio",
        group="osteolytic",
        contrast="every other pattern",
        **interval_of(fisher.odds_ratio),
        p_value=fisher.p_value,
        test="Fisher, two-sided",
    )


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
        return rows.row(style, **labels, estimate=None)
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


ANALYSES = tuple(
    Analysis(f.__name__, QUESTION, f) for f in (sre_share, sre_incidence, sre_by_pattern)
)
