"""Event histories of a cohort: what the estimators see.

Every function takes the patients it is about (``among``, one boolean a patient), and whether a
patient is at risk only from the first visit on (``delayed_entry``). Time zero is the protocol's.
Patients without time under observation are left out and counted (``no_follow_up``); nobody's
follow-up is stretched. What was reached before observation began is prevalent: it is the state a
patient starts in, never an incident event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from osteon.cohort.build import Cohort
from osteon.contracts.history import Bounds, History


@dataclass(frozen=True, eq=False)
class Followed:
    """A history, with who had to be left out of it.

    ``history.subject`` are row numbers of ``cohort.people``.
    """

    history: History
    no_follow_up: int = 0
    prevalent: int = 0


def time_zero(cohort: Cohort, name: str | None = None) -> pd.Series:
    """Days from diagnosis to a time zero (the protocol's by default), one a patient."""
    name = name or cohort.protocol.follow_up.time_zero
    if name == "diagnosis":
        return pd.Series(0.0, index=cohort.people.index)
    return cohort.people["bm" if name == "bone_metastasis" else name]


def survival_history(
    cohort: Cohort,
    among: pd.Series,
    *,
    delayed_entry: bool,
    groups: pd.Series | None = None,
    outcome: str = "death",
    origin: str | None = None,
    covariates: Mapping[str, pd.Series] | None = None,
) -> Followed:
    """From time zero to death (or a reported outcome), one interval a patient.

    ``origin`` names another time zero than the protocol's.
    """
    p, zero = cohort.people, time_zero(cohort, origin)
    end, reached = _end(cohort, outcome)
    entry = _entry(p, zero, delayed_entry)
    exit_ = end - zero
    known = among & zero.notna() & exit_.notna()
    keep = known & (exit_ > entry)
    history = _history(
        keep, entry=entry, exit=exit_, event=reached, groups=groups, covariates=covariates
    )
    return Followed(history, no_follow_up=int((known & ~keep).sum()))


def bone_state_history(
    cohort: Cohort,
    among: pd.Series,
    *,
    delayed_entry: bool,
    covariates: Mapping[str, pd.Series] | None = None,
    strata: pd.Series | None = None,
) -> Followed:
    """To death with BM as a state that is entered when it is detected.

    A patient contributes time without BM until detection and with BM after it; covariate ``bm``
    is 0 or 1 during the interval. ``strata`` (one label a patient) each get a baseline of their own.
    """
    p, zero = cohort.people, time_zero(cohort)
    detected = (p.bm - zero).where(p.has_bm)
    end, reached = _end(cohort, "death")
    entry, exit_ = _entry(p, zero, delayed_entry), end - zero
    known = among & zero.notna() & exit_.notna()
    keep = known & (exit_ > entry)
    rows = _split(entry[keep], exit_[keep], reached[keep], detected[keep])
    of_patient = {name: values.loc[rows.subject] for name, values in (covariates or {}).items()}
    history = History.of(
        subject=rows.subject,
        entry=rows.entry,
        exit=rows.exit,
        event=rows.event,
        stratum=None if strata is None else pd.factorize(strata.loc[rows.subject])[0],
        covariates={**of_patient, "bm": rows.switched},
    )
    return Followed(history, no_follow_up=int((known & ~keep).sum()))


def bone_incidence_history(
    cohort: Cohort, among: pd.Series, *, delayed_entry: bool, seen: str = "bm"
) -> Followed:
    """From time zero to detection of BM, death competing.

    ``seen`` is ``bm`` (detection) or ``bm_after`` (last adequate negative exam), which bounds
    how much earlier BM may have been there. BM at or before entry is prevalent.
    """
    p, zero = cohort.people, time_zero(cohort)
    time = (p[seen] - zero).where(p.has_bm) if seen == "bm" else _not_before_entry(cohort, seen)
    end, dead = _end(cohort, "death")
    entry, exit_ = _entry(p, zero, delayed_entry), end - zero
    known = among & zero.notna() & exit_.notna()
    prevalent = known & ((p.bm - zero).where(p.has_bm) <= entry)
    found = time.notna() & (time <= exit_)
    last = time.where(found, exit_)
    keep = known & ~prevalent & (last > entry)
    event = np.where(found, 1, np.where(dead, 2, 0))
    history = _history(
        keep,
        entry=entry,
        exit=last,
        event=pd.Series(event, index=p.index),
        states=("no bone metastasis", "bone metastasis", "dead"),
    )
    return Followed(
        history,
        no_follow_up=int((known & ~prevalent & ~keep).sum()),
        prevalent=int(prevalent.sum()),
    )


def event_history(
    cohort: Cohort,
    among: pd.Series,
    *,
    groups: pd.Series | None = None,
    landmark_days: float = 0.0,
) -> Followed:
    """From detection of BM to the first SRE, death competing.

    Entry is the later of detection, first visit and the landmark; a first SRE at or before it is
    prevalent.
    """
    p = cohort.people
    zero = p.bm
    entry = _entry(p, zero, True).clip(lower=landmark_days)
    exit_, first = p.exit - zero, p.first_event - zero
    known = among & p.has_bm & exit_.notna()
    prevalent = known & (first <= entry)
    happened = first.notna() & (first <= exit_)
    last = first.where(happened, exit_)
    keep = known & ~prevalent & (last > entry)
    event = np.where(happened, 1, np.where(p.dead, 2, 0))
    history = _history(
        keep,
        entry=entry,
        exit=last,
        event=pd.Series(event, index=p.index),
        groups=groups,
        states=("bone metastasis", "skeletal event", "dead"),
    )
    return Followed(
        history,
        no_follow_up=int((known & ~prevalent & ~keep).sum()),
        prevalent=int(prevalent.sum()),
    )


def exposed_event_history(cohort: Cohort, among: pd.Series, *, lag_days: float = 0.0) -> Followed:
    """As `event_history`, split where antiresorptive exposure starts (and stops).

    Covariate ``treated`` is 1 while exposed: from the first administration plus the lag for good
    (``model = "ever_treated"``), or only during episodes (``"on_treatment"``).
    """
    base = event_history(cohort, among)
    frame = pd.DataFrame(
        {
            "subject": base.history.subject,
            "entry": base.history.entry,
            "exit": base.history.exit,
            "event": base.history.to_state.clip(min=0),
        }
    )
    spans = _exposed_spans(cohort, lag_days)
    rows = [piece for row in frame.itertuples() for piece in _pieces(row, spans)]
    subject, entry, exit_, event, treated = (np.array(c) for c in zip(*rows, strict=True))
    history = History.of(
        subject=subject,
        entry=entry,
        exit=exit_,
        event=event,
        states=base.history.states,
        covariates={"treated": treated},
    )
    return Followed(history, base.no_follow_up, base.prevalent)


def visibility_bounds(cohort: Cohort, among: pd.Series, *, until_treatment: bool = False) -> Bounds:
    """Bounds, in days since detection, of the time an SSTR-only lesion became visible.

    With ``until_treatment`` a patient is followed only until the start of PRRT or an
    antiresorptive: sclerosis after that may be response.
    """
    p = cohort.people[among]
    left, right = p.visible_after.to_numpy(), p.visible_by.fillna(np.inf).to_numpy()
    if until_treatment:
        treated = treatment_after_detection(cohort)[among].fillna(np.inf).to_numpy()
        # Not visible at a later exam means not visible at the start of treatment.
        cut = right > treated
        left = np.where(cut, np.minimum(left, np.maximum(treated, 0.0)), left)
        right = np.where(cut, np.inf, right)
    return Bounds.of(left=left, right=right)


def treatment_after_detection(cohort: Cohort) -> pd.Series:
    """Days from detection to the first of the protocol's treatments that can sclerose a lesion."""
    starts = cohort.people[list(cohort.protocol.sstr_only.treatment_stratum)]
    return starts.min(axis=1) - cohort.people.bm_exam


def _end(cohort: Cohort, outcome: str) -> tuple[pd.Series, pd.Series]:
    """End of follow-up in days since diagnosis, and whether the outcome was reached there."""
    p = cohort.people
    if outcome == "death":
        return p.exit, p.dead
    return p.outcome.fillna(p.exit), p.outcome.notna()


def _entry(people: pd.DataFrame, zero: pd.Series, delayed_entry: bool) -> pd.Series:
    if not delayed_entry:
        return pd.Series(0.0, index=people.index)
    return (people.first_visit - zero).clip(lower=0).fillna(0.0)


def _not_before_entry(cohort: Cohort, seen: str) -> pd.Series:
    """Earliest time at which BM may have been there: just after the last adequate negative exam."""
    p, zero = cohort.people, time_zero(cohort)
    known_clear = (p[seen] - zero).where(p.has_bm)
    entry = _entry(p, zero, True)
    floor = np.maximum(entry, 0.0) + 1.0
    return known_clear.fillna(floor).clip(lower=floor).where(p.has_bm)


def _history(
    keep: pd.Series,
    *,
    entry: pd.Series,
    exit: pd.Series,
    event: pd.Series,
    groups: pd.Series | None = None,
    states: tuple[str, ...] = ("alive", "dead"),
    covariates: Mapping[str, pd.Series] | None = None,
) -> History:
    labels = tuple(sorted(groups[keep].dropna().unique())) if groups is not None else ("all",)
    if groups is not None:
        keep = keep & groups.notna()
    stratum = groups[keep].map(labels.index) if groups is not None else None
    return History.of(
        subject=keep.index[keep],
        entry=entry[keep],
        exit=exit[keep],
        event=event[keep].astype(int),
        stratum=stratum,
        strata=labels,
        states=states,
        covariates={name: values[keep] for name, values in (covariates or {}).items()},
    )


def _split(entry: pd.Series, exit_: pd.Series, event: pd.Series, switch: pd.Series) -> pd.DataFrame:
    """Two intervals for whoever switches between entry and exit, one for everybody else."""
    whole = pd.DataFrame({"entry": entry, "exit": exit_, "event": event.astype(int)})
    whole["subject"] = whole.index
    crosses = (switch > entry) & (switch < exit_)
    before = whole.assign(
        exit=exit_.where(~crosses, switch), switched=(switch <= entry).astype(int)
    )
    before["event"] = before.event.where(~crosses, 0)
    after = whole[crosses].assign(entry=switch[crosses], switched=1)
    return pd.concat([before, after]).sort_values(["subject", "entry"], kind="stable")


def _exposed_spans(cohort: Cohort, lag_days: float) -> dict[int, list[tuple[float, float]]]:
    """Exposed spans of each patient, in days since detection of BM."""
    rule = cohort.protocol.antiresorptive
    spans: dict[int, list[tuple[float, float]]] = {}
    for row in cohort.episodes.itertuples():
        bm = cohort.people.bm[row.subject]
        start = row.start - bm + lag_days
        end = np.inf if rule.model == "ever_treated" or np.isnan(row.end) else row.end - bm
        if end > start:
            spans.setdefault(row.subject, []).append((start, end))
    return {subject: _merged(sorted(found)) for subject, found in spans.items()}


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(
    row: tuple, spans: dict[int, list[tuple[float, float]]]
) -> list[tuple[int, float, float, int, int]]:
    """Cut one interval at the edges of the patient's exposed spans."""
    subject, entry, exit_, event = row.subject, row.entry, row.exit, row.event  # type: ignore[attr-defined]
    own = spans.get(subject, [])
    edges = sorted({t for span in own for t in span if entry < t < exit_})
    pieces = []
    for left, right in zip([entry, *edges], [*edges, exit_], strict=True):
        treated = int(any(start <= left < end for start, end in own))
        pieces.append((subject, left, right, event if right == exit_ else 0, treated))
    return pieces
