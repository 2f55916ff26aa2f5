"""Who gets bone metastasis (BM): functioning, liver metastases and grade as predictors.

As published: the odds of BM ever, one predictor at a time. That ignores how long each patient was
followed, and a tumour that was found to be functioning after BM counts as if it had predicted it.

Recommended are two questions, kept apart. Who *has* BM on arrival, found by the end of the first
work-up: a cross-sectional odds ratio, that says what goes together and not what came first. Who
*gets* it later, among those then free of it: a cause-specific hazard ratio, each patient at risk from
the end of the work-up on. Both read predictors as known by the end of the work-up, and fit them
together with Firth's penalty, because few have BM for the number of predictors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import bone_incidence_history, time_zero
from osteon.contracts.history import History
from osteon.contracts.results import Style
from osteon.contracts.tables import BONE, SURVIVAL
from osteon.estimate import FirthFit, firth_cox, firth_logistic
from osteon.study.answer import (
    TIME_ZEROS,
    Answer,
    Rows,
    analyses,
    per_parameter,
    ratio_of,
    together,
)
from osteon.study.how_often import QUESTION, odds_ratio, studied_population
from osteon.study.references import AZZATO, FIRTH, FIRTH_COX

FUNCTIONING, LIVER, GRADE = "functioning tumour", "liver metastases", "grade G2 or G3"
AGAINST = {FUNCTIONING: "not functioning", LIVER: "no liver metastases", GRADE: "grade G1"}


def bone_predictors(cohort: Cohort, rows: Rows) -> Answer:
    """Predictors of BM: the crude odds of BM ever; BM on arrival and BM found later, apart."""
    rows = rows.of(unit="ratio", population=studied_population(cohort))
    sentence = (
        "Predictors of bone metastasis were read at the end of the first work-up "
        f"({cohort.protocol.bone_incidence.work_up_days:g} days after coming under observation). "
        "Bone metastasis found by then was examined by logistic regression, bone metastasis found "
        "later by Cox regression of the cause-specific hazard among those then free of it, at risk "
        "from then on, death censored; both with all predictors together, Firth's penalty and "
        "profile limits."
    )
    method = rows.method("recommended", sentence, FIRTH_COX, FIRTH, AZZATO)
    return (
        _crude(cohort, rows)
        + _found_later(cohort, rows)
        + _on_arrival(cohort, rows)
        + _ever_together(cohort, rows)
        + Answer(methods=(method,))
    )


def _crude(cohort: Cohort, rows: Rows) -> Answer:
    rows = rows.of(estimand="odds ratio of bone metastasis ever")
    frame, answer = _known_ever(cohort), Answer()
    for name in AGAINST:
        known = frame.dropna(subset=[name])
        with_it, without = known[known[name] == 1], known[known[name] == 0]
        labels = {"group": name, "contrast": AGAINST[name], "note": _crude_note(cohort, name)}
        if len(with_it) and len(without):
            cells = (int(with_it.bm.sum()), len(with_it), int(without.bm.sum()), len(without))
            answer += Answer((odds_ratio(rows, "as_published", cells, **labels),))
        else:
            answer += rows.nothing(_UNVARIED, "as_published", **labels)
    return answer


def _crude_note(cohort: Cohort, name: str) -> str:
    ever = name == FUNCTIONING and cohort.protocol.functioning.when == "ever"
    late = "found functioning after bone metastasis counts as before it" if ever else ""
    return together(_UNFOLLOWED, late)


def _ever_together(cohort: Cohort, rows: Rows) -> Answer:
    rows = rows.of(estimand="odds ratio of bone metastasis ever", note=_UNFOLLOWED)
    return _logistic(rows, "sensitivity", _known_ever(cohort))


def _on_arrival(cohort: Cohort, rows: Rows) -> Answer:
    """BM found by the end of the work-up: cross-sectional."""
    p = cohort.people
    members = cohort.bone_known & p.baseline.notna()
    frame = _known_at_baseline(cohort)[members]
    frame.insert(0, "bm", (cohort.has_bm & (p.bm <= p.baseline))[members].astype(int))
    rows = rows.of(
        estimand=_ON_ARRIVAL,
        note="who has it already: says what goes together, not what came first",
    )
    found = _logistic(rows, "recommended", frame).estimates
    return Answer(tuple(replace(e, group=f"{e.group}, on arrival") for e in found))


def _logistic(rows: Rows, style: Style, frame: pd.DataFrame) -> Answer:
    complete = frame.dropna(subset=_varied(frame))
    names = _varied(complete)
    if not names or complete.bm.nunique() < 2:
        why = "all or none of them have it" if names else _UNVARIED
        return _nothing(rows, style, list(AGAINST), why)
    fit = firth_logistic(complete.bm, {name: complete[name] for name in names})
    events = int(complete.bm.sum())
    found = rows.of(
        method="Firth logistic regression, all predictors together",
        at_risk=len(complete),
        events=events,
        note=together(
            str(rows.labels["note"]),
            _left_out(len(frame) - len(complete), len(frame)),
            per_parameter(fit),
        ),
    )
    return _ratios(found, style, fit) + _not_in(rows, style, names)


def _found_later(cohort: Cohort, rows: Rows) -> Answer:
    """BM found after the work-up, among those then free of it."""
    since = TIME_ZEROS[cohort.protocol.follow_up.time_zero]
    rows = rows.of(estimand="hazard ratio of bone metastasis found later")
    history, frame = _free_of_it(cohort), _known_at_baseline(cohort)
    frame = frame.loc[history.subject]
    complete = frame[_varied(frame)].notna().all(axis=1).to_numpy()
    history, names = history.where(complete), _varied(frame[complete])
    events = int((history.to_state == 1).sum())
    if not names or not events:
        why = "bone metastasis is found later in none of them" if names else _UNVARIED
        return _nothing(rows, "recommended", list(AGAINST), why)
    columns = {name: frame[name].to_numpy(dtype=float)[complete] for name in names}
    fit = firth_cox(replace(history, covariates=columns), names, causes=["bone metastasis"])
    found = rows.of(
        method=f"Firth-penalised Cox, all predictors together, at risk from the end of the work-up, "
        f"time since {since}, death censored (cause-specific)",
        at_risk=len(history),
        events=events,
        note=together(_left_out(int((~complete).sum()), len(complete)), per_parameter(fit)),
    )
    return _ratios(found, "recommended", fit) + _not_in(rows, "recommended", names)


def _free_of_it(cohort: Cohort) -> History:
    """Time from the end of the work-up to BM or death, of those then free of BM."""
    among = cohort.bone_known & cohort.usable(BONE) & cohort.usable(SURVIVAL)
    among &= cohort.people.baseline.notna()
    history = bone_incidence_history(cohort, among, delayed_entry=True).history
    baseline = (cohort.people.baseline - time_zero(cohort)).loc[history.subject].to_numpy()
    entry = np.maximum(history.entry, baseline)
    return replace(history, entry=entry).where(history.exit > entry)


def _known_ever(cohort: Cohort) -> pd.DataFrame:
    p = cohort.people[cohort.bone_known]
    return pd.DataFrame(
        {
            "bm": cohort.has_bm[cohort.bone_known].astype(int),
            FUNCTIONING: p.functioning.astype(float),
            LIVER: p.liver_at_diagnosis.astype(float),
            GRADE: _grade(p),
        }
    )


def _known_at_baseline(cohort: Cohort) -> pd.DataFrame:
    p = cohort.people
    return pd.DataFrame(
        {
            FUNCTIONING: p.functioning_at_baseline.astype(float),
            LIVER: p.liver_at_baseline.astype(float),
            GRADE: _grade(p),
        }
    )


def _grade(p: pd.DataFrame) -> pd.Series:
    known = p.grade.isin(["G1", "G2", "G3"])
    return (p.grade != "G1").astype(float).where(known)


def _varied(frame: pd.DataFrame) -> list[str]:
    """Predictors that the source knows and in which patients differ."""
    return [name for name in AGAINST if frame[name].nunique() > 1]


def _ratios(rows: Rows, style: Style, fit: FirthFit) -> Answer:
    return Answer(
        tuple(
            rows.row(style, group=name, contrast=AGAINST[name], **ratio_of(fit, name))
            for name in fit.ratios
        )
    )


def _not_in(rows: Rows, style: Style, names: Sequence[str]) -> Answer:
    """Predictors that could not be in the model."""
    return _nothing(rows, style, [name for name in AGAINST if name not in names], _UNVARIED)


def _nothing(rows: Rows, style: Style, names: Sequence[str], why: str) -> Answer:
    absent = (rows.nothing(why, style, group=n, contrast=AGAINST[n]) for n in names)
    return sum(absent, Answer())


def _left_out(n: int, of: int) -> str:
    return f"{n} of {of} left out, a value not known" if n else ""


_ON_ARRIVAL = "odds ratio of bone metastasis on arrival"
_UNFOLLOWED = "ignores how long each was followed"
_UNVARIED = "not recorded, or the same in all of them"

ANALYSES = analyses(
    QUESTION,
    bone_predictors,
    alone={
        "bone_predictors": (
            "papers print the odds of bone metastasis ever, who has it on arrival and who gets it "
            "later in one; it stands beside the hazard ratio of bone metastasis found later"
        )
    },
)
