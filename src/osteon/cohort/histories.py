"""Event histories of a cohort: what the estimators see.

Every function takes the patients it is about (``among``, one boolean a patient), and whether a
patient is at risk only from the first visit on (``delayed_entry``; a protocol with ``entry = "none"``
has no such thing). Time zero is the protocol's. Who cannot enter is left out and counted
(`Followed.left_out`); nobody's follow-up is stretched. What was reached before observation began is
prevalent: it is the state a patient starts in, never an incident event.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from osteon.cohort.build import Cohort, outcome_column
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.contracts.tables import EVENTS

NO_FOLLOW_UP = "without time under observation"
NO_ENTRY = "first visit not known"
NO_TIME_ZERO = "time zero not known"
PREVALENT = "prevalent at entry"
UNORDERED = "with a skeletal event and entry dated too coarsely to tell which came first"
LOWER_BOUND = "no source is declared complete for skeletal events: a lower bound"
NO_SOURCE = "no source of skeletal events: nobody knows of any"
PREVALENT_USERS = "treated before entry already (prevalent users), kept"


@dataclass(frozen=True, eq=False)
class Followed:
    """A history, with who had to be left out of it and why.

    ``history.subject`` are row numbers of ``cohort.people``, and so are those of ``left_out`` and
    of ``marked``: patients who stay in, but whom a reader has to know of. ``remark`` is about all.
    """

    history: History
    left_out: Mapping[str, pd.Index] = field(default_factory=dict)
    marked: Mapping[str, pd.Index] = field(default_factory=dict)
    remark: str = ""

    def told(self, members: pd.Series | None = None) -> str:
        """Who is left out or marked, in words; of some patients where ``members`` says which."""

        def count(who: pd.Index) -> int:
            return int(members[who].sum()) if members is not None else len(who)

        left_out = [
            f"{n} {why}, left out" for why, who in self.left_out.items() if (n := count(who))
        ]
        marked = [f"{n} {what}" for what, who in self.marked.items() if (n := count(who))]
        return "; ".join(left_out + marked + [self.remark] * bool(self.remark))

    def count(self, why: str) -> int:
        """How many are left out for one reason."""
        return len(self.left_out.get(why, ()))


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
    zero = time_zero(cohort, origin)
    end, reached = _end(cohort, outcome)
    entry, exit_ = _entry(cohort, zero, delayed_entry), end - zero
    keep, left_out = _kept(among, zero, entry, exit_)
    history = _history(
        keep, entry=entry, exit=exit_, event=reached, groups=groups, covariates=covariates
    )
    return Followed(history, left_out)


def bone_state_history(
    cohort: Cohort,
    among: pd.Series,
    *,
    delayed_entry: bool,
    outcome: str = "death",
    covariates: Mapping[str, pd.Series] | None = None,
    strata: pd.Series | None = None,
    from_stage_iv: bool = False,
) -> Followed:
    """To the outcome with BM as a state that is entered when it is detected.

    A patient contributes time without BM until detection and with BM after it; covariate ``bm``
    is 0 or 1 during the interval. ``strata`` (one label a patient) each get a baseline of their own.
    With ``from_stage_iv`` nobody is at risk before stage IV: where the comparator is patients with
    other distant metastases, the time they lived without any is not theirs.
    """
    p, zero = cohort.people, time_zero(cohort)
    detected = (p.bm - zero).where(p.bone == "yes")
    end, reached = _end(cohort, outcome)
    entry, exit_ = _entry(cohort, zero, delayed_entry), end - zero
    if from_stage_iv:
        entry = entry.clip(lower=p.stage_iv - zero)
    keep, left_out = _kept(among, zero, entry, exit_)
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
    return Followed(history, left_out)


def bone_incidence_history(
    cohort: Cohort, among: pd.Series, *, delayed_entry: bool, seen: str = "bm"
) -> Followed:
    """From time zero to detection of BM, death competing.

    ``seen`` is ``bm`` (detection) or ``bm_after`` (last adequate negative exam), which bounds
    how much earlier BM may have been there. BM at or before entry is prevalent.
    """
    p, zero = cohort.people, time_zero(cohort)
    end, dead = _end(cohort, "death")
    entry, exit_ = _entry(cohort, zero, delayed_entry), end - zero
    time = p.bm - zero
    prevalent = time <= entry
    if seen == "bm_after":
        time = _earliest_possible(cohort, zero, entry)
    found = time.notna() & (time <= exit_)
    last = time.where(found, exit_)
    event = np.where(found, 1, np.where(dead, 2, 0))
    keep, left_out = _kept(among, zero, entry, last, prevalent)
    history = _history(
        keep,
        entry=entry,
        exit=last,
        event=pd.Series(event, index=p.index),
        states=("no bone metastasis", "bone metastasis", "dead"),
    )
    return Followed(history, left_out)


def event_history(
    cohort: Cohort,
    among: pd.Series,
    *,
    groups: pd.Series | None = None,
    landmark_days: float = 0.0,
) -> Followed:
    """From detection of BM to the first SRE, death competing.

    Entry is the later of detection, first visit (not with ``entry = "none"``) and the landmark; a
    first SRE at or before it is prevalent, and one of which imprecise dates do not tell whether it
    was before is left out too (`UNORDERED`). Where the first visit is not known, detection itself
    puts a patient at the centre.
    """
    p = cohort.people
    zero = p.bm
    entry = _entry(cohort, zero, delayed_entry=True).fillna(0.0).clip(lower=landmark_days)
    exit_, first = p.exit - zero, p.first_event - zero
    happened = first.notna() & (first <= exit_)
    last = first.where(happened, exit_)
    event = np.where(happened, 1, np.where(p.dead, 2, 0))
    before, unordered = _order_of_first_event(cohort, landmark_days)
    members = among & (p.bone == "yes")
    keep, left_out = _kept(members, zero, entry, last, before, unordered)
    history = _history(
        keep,
        entry=entry,
        exit=last,
        event=pd.Series(event, index=p.index),
        groups=groups,
        states=("bone metastasis", "skeletal event", "dead"),
    )
    return Followed(history, left_out, remark=coverage_of_events(cohort))


def coverage_of_events(cohort: Cohort) -> str:
    """What to say of every number about skeletal events; empty where each is on record."""
    if cohort.skeletal_events_complete:
        return ""
    return LOWER_BOUND if cohort.usable(EVENTS).any() else NO_SOURCE


def exposed_event_history(cohort: Cohort, among: pd.Series, *, lag_days: float = 0.0) -> Followed:
    """As `event_history`, split where antiresorptive exposure starts (and stops).

    Covariate ``treated`` is 1 while exposed: from the first administration plus the lag for good
    (``model = "ever_treated"``), or only during episodes (``"on_treatment"``). Who began before
    entry stays in, is exposed from entry on (with ``on_treatment`` while the episode runs), and is
    counted (`PREVALENT_USERS`).
    """
    base = event_history(cohort, among)
    spans = _exposed_spans(cohort, lag_days)
    whole = zip(
        base.history.subject,
        base.history.entry,
        base.history.exit,
        base.history.to_state.clip(min=0),
        strict=True,
    )
    pieces = [
        piece
        for subject, entry, exit_, event in whole
        for piece in _pieces(_Piece(subject, entry, exit_, event), spans.get(subject, []))
    ]
    columns = pd.DataFrame(pieces, columns=_Piece._fields)
    history = History.of(
        subject=columns.subject,
        entry=columns.entry,
        exit=columns.exit,
        event=columns.event.astype(int),
        states=base.history.states,
        covariates={"treated": columns.treated},
    )
    marked = {PREVALENT_USERS: _treated_before(cohort, base.history)}
    return replace(base, history=history, marked=marked)


def exam_history(cohort: Cohort, among: pd.Series) -> History:
    """From first visit to the end of follow-up, cut at each day with an imaging exam.

    Exams of one day are one: they look at the same moment. The day of the first visit does not
    count, since observation begins after it.
    """
    p = cohort.people[among & (cohort.people.exit > cohort.people.first_visit)]
    exams = cohort.exams[["subject", "time"]].drop_duplicates()
    exams = exams[exams.subject.isin(p.index)].assign(event=1)
    inside = (exams.time > exams.subject.map(p.first_visit)) & (
        exams.time <= exams.subject.map(p.exit)
    )
    ends = pd.DataFrame({"subject": p.index, "time": p.exit.to_numpy(), "event": 0})
    pieces = pd.concat([exams[inside], ends]).sort_values(
        ["subject", "time", "event"], ascending=[True, True, False], kind="stable"
    )
    pieces = pieces.drop_duplicates(["subject", "time"])  # an exam on the last day ends it
    entry = pieces.groupby("subject").time.shift().fillna(pieces.subject.map(p.first_visit))
    return History.of(
        subject=pieces.subject,
        entry=entry,
        exit=pieces.time,
        event=pieces.event,
        states=("between exams", "exam"),
    )


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
    reached = p[outcome_column(outcome)]
    return reached.fillna(p.exit), reached.notna()


def _entry(cohort: Cohort, zero: pd.Series, delayed_entry: bool) -> pd.Series:
    """Day since time zero from which a patient is under observation; nan if that is not known."""
    if not (delayed_entry and cohort.delayed_entry):
        return pd.Series(0.0, index=cohort.people.index)
    return (cohort.people.first_visit - zero).clip(lower=0)


def _kept(
    among: pd.Series,
    zero: pd.Series,
    entry: pd.Series,
    exit_: pd.Series,
    prevalent: pd.Series | None = None,
    unordered: pd.Series | None = None,
) -> tuple[pd.Series, dict[str, pd.Index]]:
    """Who can enter, and who cannot, each for one reason: the first that applies."""
    nobody = pd.Series(False, index=among.index)
    reasons = {
        NO_TIME_ZERO: zero.isna(),
        NO_ENTRY: entry.isna(),
        PREVALENT: nobody if prevalent is None else prevalent,
        UNORDERED: nobody if unordered is None else unordered,
        NO_FOLLOW_UP: ~(exit_ > entry),
    }
    keep, left_out = among.copy(), {}
    for why, applies in reasons.items():
        left_out[why] = keep.index[keep & applies]
        keep &= ~applies
    return keep, left_out


def _order_of_first_event(cohort: Cohort, landmark_days: float) -> tuple[pd.Series, pd.Series]:
    """Whether the first SRE was before entry, and whether imprecise dates leave that open.

    The event lies between its earliest and latest day, entry between those of BM and first visit.
    """
    p = cohort.people
    entry_earliest, entry_latest = (
        np.fmax(
            p[f"bm_{bound}"] + landmark_days,
            p[f"first_visit_{bound}"] if cohort.delayed_entry else np.nan,
        )
        for bound in ("earliest", "latest")
    )
    before = p.first_event_latest <= entry_earliest
    return before, ~before & (p.first_event_earliest <= entry_latest)


def _treated_before(cohort: Cohort, history: History) -> pd.Index:
    """Subjects of a history whose first administration was at or before their entry."""
    start = (cohort.people.antiresorptive - cohort.people.bm).loc[history.subject]
    return start.index[start <= history.entry]


def _earliest_possible(cohort: Cohort, zero: pd.Series, entry: pd.Series) -> pd.Series:
    """Earliest day on which BM may have been there: after the last adequate negative exam."""
    p = cohort.people
    after = (p.bm_after - zero).fillna(entry).clip(lower=entry) + 1.0
    return np.minimum(after, p.bm - zero).where(p.bm.notna())


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
        end = np.inf if rule.model == "ever_treated" or np.isnan(row.end) else row.end - bm
        spans.setdefault(row.subject, []).append((row.start - bm, end))
    # The lag belongs to the start of a merged episode, not to each administration in it.
    return {
        subject: [(start + lag_days, end) for start, end in _merged(sorted(found))]
        for subject, found in spans.items()
    }


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class _Piece(NamedTuple):
    """An interval of one patient, exposed throughout or not at all."""

    subject: int
    entry: float
    exit: float
    event: int
    treated: int = 0


def _pieces(whole: _Piece, spans: list[tuple[float, float]]) -> list[_Piece]:
    """Cut one interval at the edges of the patient's exposed spans."""
    inner = sorted({t for span in spans for t in span if whole.entry < t < whole.exit})
    edges = [whole.entry, *inner, whole.exit]
    return [
        whole._replace(
            entry=left,
            exit=right,
            event=whole.event if right == whole.exit else 0,
            treated=int(any(start <= left < end for start, end in spans)),
        )
        for left, right in itertools.pairwise(edges)
    ]
