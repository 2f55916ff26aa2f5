"""Who is drawn against whom: bone metastasis (BM), its comparator, and from when on.

As published: curves from time zero, entry ignored, BM as if known from the start: who is found to
have BM in year five owns the five years before. Recommended: patients count from their first visit
(delayed entry), and BM is a state entered when it is detected, so that a patient's time before it
belongs to the comparator (Simon & Makuch). Such a curve starts with enough at risk, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, bone_state_history, survival_history
from osteon.contracts.history import History
from osteon.contracts.results import Style
from osteon.contracts.tables import SURVIVAL
from osteon.estimate import Curve, kaplan_meier, risk_table
from osteon.study.answer import together
from osteon.study.curves import (
    Behind,
    behind_curve,
    curve_start,
    enters_late,
    too_few,
    unbroken,
)

BM = "bone metastasis"
STAGE_IV = "stage IV at diagnosis"
EVERYBODY = {
    "diagnosis": "all patients",
    "first_visit": "all patients",
    "stage_iv": "all who reach stage IV",
    "bone_metastasis": "all with bone metastasis",
}
"""Everybody who has the protocol's time zero."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """Curves of groups that are drawn together.

    ``start`` is the day from which they run; inf where too few were ever at risk together.
    """

    style: Style
    followed: Followed
    start: float
    method: str
    outside: str = ""

    @property
    def history(self) -> History:
        """What they are drawn from."""
        return self.followed.history

    @property
    def told(self) -> str:
        """Who is not in it."""
        return together(self.followed.told(), self.outside)

    @property
    def note(self) -> str:
        """From when on, and who is not in it."""
        since = f"conditional on being alive at day {self.start:g}" if self.start else ""
        return together(since, self.told)

    def why_not(self, cohort: Cohort) -> str:
        """Why there is nothing to compare."""
        if len(self.history.strata) < 2:
            return "only one of the groups has anybody at risk"
        return too_few(cohort)

    def by_group(self) -> Iterator[tuple[str, Curve, Behind]]:
        """Curve of each group and who is behind it; none where the curves never start."""
        if not len(self.history) or not np.isfinite(self.start):
            return
        curves = kaplan_meier(risk_table(self.history), start=self.start)
        for i, (group, curve) in enumerate(curves.items()):
            shown = unbroken({group: curve})[group]
            yield group, shown, behind_curve(self.history.where(self.history.stratum == i), shown)


def drawings(cohort: Cohort, style: Style) -> Iterator[Drawing]:
    """BM against its comparator, everybody, and everybody of the stage in which BM is studied."""
    yield by_bone(cohort, style)
    usable, index = cohort.usable(SURVIVAL), cohort.people.index
    everybody = EVERYBODY[cohort.protocol.follow_up.time_zero]
    yield _one_group(cohort, style, usable, pd.Series(everybody, index=index))
    if cohort.protocol.bone_metastasis.among == "stage_iv_at_diagnosis":
        stage_iv = pd.Series(STAGE_IV, index=index)
        yield _one_group(cohort, style, usable & cohort.among, stage_iv)


def by_bone(cohort: Cohort, style: Style) -> Drawing:
    """BM against its comparator: ever against never as published, else as a state."""
    if style == "as_published":
        groups = cohort.has_bm.map({True: BM, False: comparator_name(cohort)})
        drawing = _one_group(cohort, style, compared(cohort), groups)
        return replace(drawing, outside=_in_neither(cohort))
    followed = bone_state_history(
        cohort,
        compared(cohort),
        delayed_entry=True,
        outcome=cohort.protocol.survival.outcome,
        from_stage_iv=starts_at_stage_iv(cohort),
    )
    how = f"Kaplan-Meier, bone metastasis from when it is detected{entered(cohort)}"
    by_state = replace(followed, history=_by_state(followed.history, comparator_name(cohort)))
    return replace(_started(cohort, style, by_state, how), outside=_in_neither(cohort))


def comparator_name(cohort: Cohort) -> str:
    """Those that BM is compared with, in words."""
    if cohort.protocol.survival.comparator == "all_others":
        return "no bone metastasis"
    return "other distant metastases"


def compared(cohort: Cohort) -> pd.Series:
    """Patients with BM and those it is compared with; who is unclear is in neither."""
    usable = cohort.usable(SURVIVAL)
    if cohort.protocol.survival.comparator == "all_others":
        return usable & (cohort.has_bm | (cohort.people.bone == "no"))
    return usable & cohort.bone_known & cohort.people.stage_iv.notna()


def compared_population(cohort: Cohort) -> str:
    """Among whom BM and its comparator are told apart, in words."""
    everybody = cohort.protocol.bone_metastasis.among == "population"
    if cohort.protocol.survival.comparator == "all_others":
        return "all patients" if everybody else f"{STAGE_IV} with, anybody without bone metastasis"
    return "all who reach stage IV" if everybody else STAGE_IV


def starts_at_stage_iv(cohort: Cohort) -> bool:
    """Whether the comparator begins with stage IV, so that time before it is nobody's."""
    return cohort.protocol.survival.comparator == "other_distant_metastases"


def entered(cohort: Cohort) -> str:
    """How patients come under observation with BM as a state, to be added to a method."""
    anybody = cohort.protocol.bone_metastasis.among == "population"
    from_stage_iv = anybody and starts_at_stage_iv(cohort)
    return f"{late(cohort)}, at risk from stage IV" if from_stage_iv else late(cohort)


def late(cohort: Cohort) -> str:
    """That patients come under observation late, where they do."""
    return ", delayed entry" if enters_late(cohort) else ""


def ignored(cohort: Cohort) -> str:
    """That the as-published side ignores it, where there is something to ignore."""
    return ", entry ignored" if enters_late(cohort) else ""


def _in_neither(cohort: Cohort) -> str:
    """Patients with BM who are not studied for it: no comparator either, knowing their future."""
    if cohort.protocol.survival.comparator != "all_others":
        return ""
    n = int((cohort.usable(SURVIVAL) & (cohort.people.bone == "yes") & ~cohort.among).sum())
    return f"{n} with bone metastasis but not stage IV at diagnosis are in neither group" * bool(n)


def _one_group(cohort: Cohort, style: Style, among: pd.Series, groups: pd.Series) -> Drawing:
    followed = survival_history(
        cohort,
        among,
        delayed_entry=style != "as_published",
        groups=groups,
        outcome=cohort.protocol.survival.outcome,
    )
    if style == "as_published":
        return Drawing(style, followed, 0.0, f"Kaplan-Meier{ignored(cohort)}")
    return _started(cohort, style, followed, f"Kaplan-Meier{late(cohort)}")


def _by_state(history: History, comparator: str) -> History:
    """A stratum for each state that anybody spends time in."""
    without = history.covariates["bm"] == 0
    there = [without.size and not without.all(), without.any()]
    names = tuple(name for name, is_there in zip((BM, comparator), there, strict=True) if is_there)
    stratum = without.astype(int) if len(names) == 2 else np.zeros(len(history), dtype=int)
    return replace(history, stratum=stratum, strata=names)


def _started(cohort: Cohort, style: Style, followed: Followed, method: str) -> Drawing:
    """Start a curve with late entries where enough are at risk; a sensitivity run does not wait."""
    if style == "sensitivity":
        return Drawing(style, followed, 0.0, f"{method}, from day 0 whoever is at risk")
    return Drawing(style, followed, curve_start(cohort, followed.history), method)
