"""How often: stage IV, bone metastasis, functioning tumours, and who gets bone metastasis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import bone_incidence_history
from osteon.contracts.results import Count, Estimate, Style
from osteon.contracts.tables import BONE, SURVIVAL
from osteon.estimate import (
    cumulative_incidence,
    earliest_start,
    firth_logistic,
    fisher_exact,
    risk_table,
)
from osteon.study.answer import Analysis, Answer, Rows, interval_of, together
from osteon.study.curves import at_months, on_grid
from osteon.study.references import AALEN_JOHANSEN, AZZATO, CLOPPER, FIRTH, KOLLER, WILSON

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
    """Cumulative incidence of detected bone metastasis, death competing."""
    among = incidence_population(cohort) & cohort.usable(BONE) & cohort.usable(SURVIVAL)
    among &= (cohort.people.bone != "unclear") | cohort.people.bm.notna()
    rows = rows.of(
        estimand="cumulative incidence of detected bone metastasis, death competing",
        population=_INCIDENCE_AMONG[cohort.protocol.bone_incidence.among]
        + ", without bone metastasis at entry",
        group="bone metastasis",
    )
    if not among.any():
        return Answer()
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
        "competing event and delayed entry at the first visit; bone metastasis present at entry is "
        "prevalent and not counted."
    )
    method = rows.method("recommended", sentence, AALEN_JOHANSEN, KOLLER, AZZATO)
    return sum(runs, Answer((_crude_incidence(cohort, rows, among),), methods=(method,)))


def functioning_share(cohort: Cohort, rows: Rows) -> Answer:
    """Functioning tumours with bone metastasis, beside each group it is compared with."""
    p = cohort.people
    rows = rows.of(estimand="share with a functioning tumour")
    estimates: list[Estimate] = []
    compared: tuple[tuple[Style, str, pd.Series], ...] = (
        ("as_published", "bone metastasis", cohort.has_bm),
        ("as_published", "whole cohort", pd.Series(True, index=p.index)),
        ("recommended", "bone metastasis", cohort.has_bm),
        ("recommended", comparator_name(cohort), cohort.without_bm),
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
        estimand="odds ratio of a functioning tumour", group="bone metastasis", unit="ratio"
    )
    yes, n, _ = _functioning(p[cohort.has_bm])
    estimates = []
    against: tuple[tuple[Style, str, pd.Series], ...] = (
        ("recommended", comparator_name(cohort), cohort.without_bm),
        ("sensitivity", "everybody else", ~cohort.has_bm),
    )
    for style, contrast, members in against:
        yes0, n0, _ = _functioning(p[members])
        if n and n0:
            estimates.append(_fisher(rows, style, (yes, n, yes0, n0), contrast=contrast))
    sentence = (
        "The share of functioning tumours was compared with patients who could have had bone "
        "metastasis and did not, never with a cohort that contains them (Fisher's exact test)."
    )
    return Answer(tuple(estimates), methods=(rows.method("recommended", sentence),))


def bone_predictors(cohort: Cohort, rows: Rows) -> Answer:
    """Predictors of bone metastasis: one by one as papers do, and together with Firth's penalty."""
    frame = _predictors(cohort)
    complete = frame.dropna()
    rows = rows.of(
        estimand="odds ratio of bone metastasis",
        population=studied_population(cohort),
        unit="ratio",
    )
    names = [name for name in frame.columns if name != "bm" and complete[name].nunique() > 1]
    if not names or complete.bm.nunique() < 2:
        return Answer()
    crude = tuple(_crude_predictor(rows, frame, name) for name in names)
    fit = firth_logistic(complete.bm, {name: complete[name] for name in names})
    note = f"{len(frame) - len(complete)} of {len(frame)} left out, a value missing"
    adjusted = tuple(
        rows.row(
            "recommended",
            group=name,
            **interval_of(ratio),
            p_value=ratio.p_value,
            test="penalised likelihood ratio",
            at_risk=len(complete),
            events=int(complete.bm.sum()),
            method="Firth logistic regression, all predictors together",
            note=note,
        )
        for name, ratio in fit.ratios.items()
    )
    sentence = (
        "Predictors of bone metastasis were examined together by logistic regression with Firth's "
        f"penalty and profile limits ({len(complete)} complete cases, {int(complete.bm.sum())} with "
        f"bone metastasis, {fit.events_per_parameter:.0f} per parameter)."
    )
    return Answer(crude + adjusted, methods=(rows.method("recommended", sentence, FIRTH),))


def studied_population(cohort: Cohort) -> str:
    """Those in whom BM is studied, in words."""
    among = cohort.protocol.bone_metastasis.among
    return "stage IV at diagnosis" if among == "stage_iv_at_diagnosis" else "all patients"


def comparator_name(cohort: Cohort) -> str:
    """Those studied without BM, in words."""
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


def _crude_incidence(cohort: Cohort, rows: Rows, among: pd.Series) -> Estimate:
    history = bone_incidence_history(cohort, among, delayed_entry=False).history
    found = int((history.to_state == 1).sum())
    return rows.share(
        "as_published",
        found,
        len(history),
        estimand="share in whom bone metastasis was found during follow-up",
        note="ignores how long each was followed, and death",
    )


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
    if not len(followed.history):
        return Answer()
    table = risk_table(followed.history)
    start = 0.0
    delayed_entry &= cohort.delayed_entry
    if delayed_entry and not from_start:
        start = earliest_start(table, at_risk=cohort.protocol.follow_up.smallest_risk_set).jointly
    if not np.isfinite(start):
        return Answer()
    curve = cumulative_incidence(table, start=start)["all"]["bone metastasis"]
    rows = rows.of(
        method=_INCIDENCE_METHOD[delayed_entry, seen, from_start and delayed_entry],
        population=f"{rows.labels['population']} (n = {len(followed.history)})",
    )
    note = followed.told()
    if start:
        note = together(
            f"conditional on being alive and free of bone metastasis at day {start:g}", note
        )
    estimates = at_months(
        rows.of(note=note), style, curve, cohort, cohort.protocol.bone_incidence.at_months
    )
    if style != "recommended":
        return Answer(estimates)
    drawn, steps = on_grid(rows, style, curve, cohort, group="bone metastasis", note=note)
    return Answer(estimates, curves=(drawn,), steps=(steps,))


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


def _fisher(rows: Rows, style: Style, cells: tuple[int, int, int, int], **labels: str) -> Estimate:
    found = fisher_exact(*cells)
    return rows.row(
        style,
        **interval_of(found.odds_ratio),
        p_value=found.p_value,
        test="Fisher, two-sided",
        events=cells[0],
        at_risk=cells[1],
        method="conditional odds ratio, exact limits",
        **labels,
    )


def _predictors(cohort: Cohort) -> pd.DataFrame:
    p = cohort.people[cohort.bone_known]
    grade = p.grade.where(p.grade.isin(["G1", "G2", "G3"]))
    return pd.DataFrame(
        {
            "bm": cohort.has_bm[cohort.bone_known].astype(int),
            "functioning tumour": p.functioning.astype("float"),
            "liver metastases at diagnosis": p.liver_at_diagnosis.astype("float"),
            "grade G2 or G3 (against G1)": (grade != "G1").astype(float).where(grade.notna()),
        }
    )


def _crude_predictor(rows: Rows, frame: pd.DataFrame, name: str) -> Estimate:
    known = frame.dropna(subset=[name])
    with_it, without = known[known[name] == 1], known[known[name] == 0]
    cells = (int(with_it.bm.sum()), len(with_it), int(without.bm.sum()), len(without))
    return _fisher(rows, "as_published", cells, group=name)


ANALYSES = tuple(
    Analysis(f.__name__, QUESTION, f)
    for f in (
        stage_iv_share,
        bone_metastasis_share,
        bone_incidence,
        functioning_share,
        functioning_odds_ratio,
        bone_predictors,
    )
)
