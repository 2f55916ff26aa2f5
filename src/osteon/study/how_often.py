"""How often: stage IV, bone metastasis, functioning tumours, and who gets bone metastasis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import bone_incidence_history
from osteon.contracts.history import History
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import BONE, SURVIVAL
from osteon.estimate import (
    cumulative_incidence,
    fisher_exact,
    risk_table,
)
from osteon.study.answer import TIME_ZEROS, Answer, Rows, analyses, interval_of, together
from osteon.study.curves import (
    at_months,
    behind_curve,
    curve_start,
    enters_late,
    on_grid,
    too_few,
    unbroken,
)
from osteon.study.references import AALEN_JOHANSEN, AZZATO, CLOPPER, KOLLER, WILSON

QUESTION = "how_often"


def stage_iv_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share with stage IV at diagnosis."""
    stage_iv, n = int(cohort.people.stage_iv_at_diagnosis.sum()), len(cohort.people)
    rows = rows.of(estimand="share with stage IV at diagnosis", population="all patients")
    return Answer(_both_intervals(rows, stage_iv, n))


def bone_metastasis_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share with bone metastasis among those in whom it is studied."""
    n, bm, known = (int(m.sum()) for m in (cohort.among, cohort.has_bm, cohort.bone_known))
    when = "ever found" if cohort.protocol.bone_metastasis.when == "ever" else "at stage IV"
    rows = rows.of(
        estimand=f"share with bone metastasis, {when}", population=studied_population(cohort)
    )
    sentence = (
        f"Prevalence of bone metastasis ({when}) among {studied_population(cohort)} is given with "
        "Wilson's interval; the Clopper-Pearson interval is exact and wider. Patients in whom it is "
        "unclear are left out of the recommended denominator."
    )
    note = f"{n - known} unclear, left out" if n > known else ""
    return Answer(
        (
            rows.share("as_published", bm, n),
            rows.share("recommended", bm, known, note=note),
            rows.share(
                "sensitivity",
                bm,
                known,
                interval="clopper-pearson",
                method="exact interval",
                note=note,
            ),
        ),
        counts=_status_counts(cohort),
        methods=(rows.method("recommended", sentence, WILSON, CLOPPER),),
    )


def bone_incidence(cohort: Cohort, rows: Rows) -> Answer:
    """Cumulative incidence of detected bone metastasis, death competing; crude shares beside it."""
    among = incidence_population(cohort) & cohort.usable(BONE) & cohort.usable(SURVIVAL)
    among &= (cohort.people.bone != "unclear") | cohort.people.bm.notna()
    since = TIME_ZEROS[cohort.protocol.follow_up.time_zero]
    rows = rows.of(
        estimand=f"cumulative incidence of detected bone metastasis since {since}, death competing",
        population=_INCIDENCE_AMONG[cohort.protocol.bone_incidence.among]
        + ", without bone metastasis at entry",
        group="bone metastasis",
    )
    crude = bone_incidence_history(cohort, among, delayed_entry=False).history
    if not len(crude):
        return rows.nothing(f"nobody of these is seen free of bone metastasis after {since}")
    runs = [
        _incidence(cohort, rows, among, "recommended", delayed_entry=True),
        _incidence(cohort, rows, among, "sensitivity", delayed_entry=False),
        _incidence(cohort, rows, among, "sensitivity", delayed_entry=True, from_start=True),
    ]
    if cohort.people.bm_after[among].notna().any():
        runs.append(
            _incidence(cohort, rows, among, "sensitivity", delayed_entry=True, seen="bm_after")
        )
    sentence = (
        "Cumulative incidence of bone metastasis was estimated by Aalen-Johansen with death as a "
        f"competing event{' and delayed entry at the first visit' if enters_late(cohort) else ''}; "
        "bone metastasis present at entry is prevalent and not counted."
    )
    method = rows.method("recommended", sentence, AALEN_JOHANSEN, KOLLER, AZZATO)
    return sum(runs, Answer(_crude_incidence(cohort, rows, crude), methods=(method,)))


def functioning_share(cohort: Cohort, rows: Rows) -> Answer:
    """Functioning tumours with bone metastasis, beside each group it is compared with."""
    p = cohort.people
    rows = rows.of(
        estimand=f"share with a functioning tumour, {_when_functioning(cohort)}",
        population="those in whom it is known",
    )
    estimates: list[Estimate] = []
    compared: tuple[tuple[Style, str, pd.Series], ...] = (
        ("as_published", "bone metastasis", cohort.has_bm),
        ("as_published", WHOLE, pd.Series(True, index=p.index)),
        ("recommended", "bone metastasis", cohort.has_bm),
        ("recommended", without_bm_name(cohort), cohort.without_bm),
        ("sensitivity", "everybody else", ~cohort.has_bm),
    )
    for style, group, members in compared:
        yes, n, unknown = _functioning(p[members])
        note = f"not known in {unknown}" if unknown else ""
        estimates.append(rows.share(style, yes, n, group=group, note=note))
    return Answer(tuple(estimates))


def functioning_odds_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Odds of a functioning tumour, with against without bone metastasis."""
    p = cohort.people
    rows = rows.of(
        estimand=f"odds ratio of a functioning tumour, {_when_functioning(cohort)}",
        group="bone metastasis",
        unit="ratio",
        population="those in whom it is known",
    )
    against: tuple[tuple[Style, str, pd.Series, str], ...] = (
        ("as_published", WHOLE, pd.Series(True, index=p.index), _PART_OF_WHOLE),
        ("recommended", without_bm_name(cohort), cohort.without_bm, ""),
        ("sensitivity", "everybody else", ~cohort.has_bm, ""),
    )
    yes, n, _ = _functioning(p[cohort.has_bm])
    answer = Answer()
    for style, contrast, members, note in against:
        yes0, n0, _ = _functioning(p[members])
        if n and n0:
            row = odds_ratio(rows, style, (yes, n, yes0, n0), contrast=contrast, note=note)
            if contrast == WHOLE:  # holds the part: nobody stands behind the number twice
                row = replace(row, at_risk=n0, events=yes0)
            answer += Answer((row,))
        else:
            answer += rows.nothing("a group without a known status", style, contrast=contrast)
    sentence = (
        "The share of functioning tumours was compared with patients who could have had bone "
        "metastasis and did not, never with a cohort that contains them (Fisher's exact test)."
    )
    return answer + Answer(methods=(rows.method("recommended", sentence),))


def studied_population(cohort: Cohort) -> str:
    """Those in whom BM is studied, in words."""
    among = cohort.protocol.bone_metastasis.among
    return "stage IV at diagnosis" if among == "stage_iv_at_diagnosis" else "all patients"


def without_bm_name(cohort: Cohort) -> str:
    """Those studied and known to be without BM, in words."""
    among = cohort.protocol.bone_metastasis.among
    return (
        f"{'stage IV' if among == 'stage_iv_at_diagnosis' else 'patients'} without bone metastasis"
    )


def incidence_population(cohort: Cohort) -> pd.Series:
    """Those in whom the incidence of BM is estimated."""
    among = cohort.protocol.bone_incidence.among
    stage_iv = cohort.people.stage_iv_at_diagnosis
    if among == "population":
        return pd.Series(True, index=stage_iv.index)
    return stage_iv if among == "stage_iv_at_diagnosis" else ~stage_iv


_INCIDENCE_AMONG = {
    "population": "all patients",
    "stage_iv_at_diagnosis": "stage IV at diagnosis",
    "not_stage_iv_at_diagnosis": "stage I-III at diagnosis",
}


def _both_intervals(rows: Rows, events: int, n: int) -> tuple[Estimate, ...]:
    return (
        rows.share("as_published", events, n),
        rows.share("recommended", events, n),
        rows.share("sensitivity", events, n, interval="clopper-pearson", method="exact interval"),
    )


def _status_counts(cohort: Cohort) -> tuple[Count, ...]:
    """Everybody by bone status, those in whom it is studied and the others apart."""
    labels = {"yes": "with bone metastasis", "no": "without", "unclear": "unclear"}
    return tuple(
        Count(
            QUESTION,
            "bone metastasis",
            row,
            label,
            int((cohort.people.bone[members] == status).sum()),
        )
        for row, members in (
            (studied_population(cohort), cohort.among),
            ("everybody else", ~cohort.among),
        )
        for status, label in labels.items()
    )


def _crude_incidence(cohort: Cohort, rows: Rows, history: History) -> tuple[Estimate, ...]:
    """Shares in whom BM was found, by each time and at all: as if everybody had been followed."""
    month, n = cohort.protocol.follow_up.month_days, len(history)
    found = history.exit[history.to_state == 1]
    rows = rows.of(note="ignores how long each was followed, and death")
    what = "share in whom bone metastasis was found"
    by_then = tuple(
        rows.share(
            "as_published",
            int((found <= months * month).sum()),
            n,
            estimand=f"{what} by then",
            time_days=months * month,
        )
        for months in cohort.protocol.bone_incidence.at_months
    )
    at_all = rows.share("as_published", found.size, n, estimand=f"{what} during follow-up")
    return (*by_then, at_all)


def _incidence(
    cohort: Cohort,
    rows: Rows,
    among: pd.Series,
    style: Style,
    *,
    delayed_entry: bool,
    seen: str = "bm",
    from_start: bool = False,
) -> Answer:
    followed = bone_incidence_history(cohort, among, delayed_entry=delayed_entry, seen=seen)
    delayed_entry &= enters_late(cohort)
    rows = rows.of(method=_INCIDENCE_METHOD[delayed_entry, seen, from_start and delayed_entry])
    population = rows.labels["population"]
    months = cohort.protocol.bone_incidence.at_months
    start = curve_start(cohort, followed.history) if delayed_entry and not from_start else 0.0
    if not len(followed.history) or not np.isfinite(start):
        why = too_few(cohort) if len(followed.history) else "nobody is at risk under observation"
        rows = rows.of(population=f"{population} (n = {len(followed.history)})")
        return _none_at(rows, style, together(why, followed.told()), cohort, months)
    curves = unbroken(cumulative_incidence(risk_table(followed.history), start=start)["all"])
    curve = curves["bone metastasis"]
    rests_on = behind_curve(followed.history, curve)
    rows = rows.of(population=f"{population} (n = {rests_on.people})")
    told = together(followed.told(), rests_on.note)
    note = told
    if start:
        note = together(
            f"conditional on being alive and free of bone metastasis at day {start:g}", note
        )
    estimates = at_months(rows.of(note=note), style, curve, cohort, months)
    if style != "recommended":
        return Answer(estimates)
    drawn, steps = on_grid(rows, style, curve, cohort, group="bone metastasis", note=told)
    return Answer(estimates, curves=(drawn,), steps=(steps,))


def _none_at(
    rows: Rows, style: Style, why: str, cohort: Cohort, months: tuple[float, ...]
) -> Answer:
    month = cohort.protocol.follow_up.month_days
    return sum((rows.nothing(why, style, time_days=m * month) for m in months), Answer())


_INCIDENCE_METHOD = {
    (True, "bm", False): "Aalen-Johansen, delayed entry",
    (False, "bm", False): "Aalen-Johansen, ignoring delayed entry",
    (True, "bm_after", False): "Aalen-Johansen, dated just after the last negative exam",
    (False, "bm_after", False): "Aalen-Johansen, entry ignored, dated after the last negative exam",
    (True, "bm", True): "Aalen-Johansen, delayed entry, from day 0 whoever is at risk",
}


def _functioning(people: pd.DataFrame) -> tuple[int, int, int]:
    known = people.functioning.dropna()
    return int(known.sum()), len(known), int(people.functioning.isna().sum())


def odds_ratio(
    rows: Rows, style: Style, cells: tuple[int, int, int, int], **labels: str
) -> Estimate:
    """Exact odds ratio of ``events, n`` in one group against ``events, n`` in another."""
    found = fisher_exact(*cells)
    return rows.row(
        style,
        **interval_of(found.odds_ratio),
        p_value=found.p_value,
        test="Fisher, two-sided",
        events=cells[0] + cells[2],
        at_risk=cells[1] + cells[3],
        method="conditional odds ratio, exact limits",
        **labels,
    )


def _when_functioning(cohort: Cohort) -> str:
    rule = cohort.protocol.functioning
    return "ever" if rule.when == "ever" else f"within {rule.window_days:g} days of diagnosis"


WHOLE = "whole cohort"
_PART_OF_WHOLE = "a part against the whole that contains it: the same patients stand on both sides"

ANALYSES = analyses(
    QUESTION,
    stage_iv_share,
    bone_metastasis_share,
    bone_incidence,
    functioning_share,
    functioning_odds_ratio,
    alone={
        "bone_incidence": "a share at no stated time; the incidence stands at fixed times",
        "functioning_share": (
            "as published beside the whole that contains them, recommended beside those who could "
            "have had bone metastasis and did not"
        ),
        "functioning_odds_ratio": (
            "as published against the whole that contains them, recommended against those who "
            "could have had bone metastasis and did not"
        ),
    },
)
