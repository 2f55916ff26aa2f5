"""The bias ledger: fifteen known threats, and what this study did about each.

A threat is *handled* when the analyses that remove it gave a recommended number, *bounded* when a run
of any style shows how much it could matter, *open* otherwise. Switch an analysis off (``skip``), or
leave it without a number, and its cell opens. The threats are those a statistician raises against studies of
bone metastasis in neuroendocrine tumours; the references stand with each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osteon.contracts.results import LedgerEntry, Status


@dataclass(frozen=True)
class Threat:
    """A threat, the question it is a threat to, and the analyses that handle or bound it.

    All of ``handled_by`` are needed to handle it; any one of ``bounded_by`` bounds it.
    """

    number: int
    question: str
    threat: str
    remedy: str
    handled_by: tuple[str, ...] = ()
    bounded_by: tuple[str, ...] = ()
    reference: str = ""


THREATS = (
    Threat(
        1,
        "skeletal_events",
        "Immortal time: whoever lives event-free until treatment begins is counted as treated",
        "exposure counts from when it began (person-time rates, time-dependent hazard ratio)",
        handled_by=("sre_hazard_ratio",),
        bounded_by=("sre_landmark",),
        reference="Giobbie-Hurder 2013, doi:10.1200/JCO.2013.49.5283",
    ),
    Threat(
        2,
        "skeletal_events",
        "Reverse causation and indication: an event leads to the drug, or the frail go without",
        "starts after an event are counted and exposure is lagged, for reverse causation; confounding "
        "by indication is not removed, so the comparison is not causal",
        bounded_by=("sre_lag", "sre_triggered_starts"),
        reference="Hernan & Robins, target trial emulation",
    ),
    Threat(
        3,
        "seen_first",
        "Interval censoring: the date of a scan is not the date of the event",
        "Turnbull's estimate on (last negative, first positive] for the time until visible; the incidence "
        "of bone metastasis is still dated by the scan, and bounded by its own sensitivity run",
        handled_by=("time_to_visible",),
        reference="Zhang & Sun 2010, PMC3684949",
    ),
    Threat(
        4,
        "seen_first",
        "Converters only: a median among those who converted conditions on the future",
        "all SSTR-only patients stay in the estimate",
        handled_by=("time_to_visible", "converted_share"),
        reference="Zhang & Sun 2010, PMC3684949",
    ),
    Threat(
        5,
        "skeletal_events",
        "Competing death: the dead can have no skeletal event",
        "cumulative incidence with death competing (Aalen-Johansen)",
        handled_by=("sre_incidence",),
        reference="Koller 2012, PMC3575691",
    ),
    Threat(
        6,
        "survival",
        "Left truncation: who died before referral was never seen",
        "patients are at risk from their first visit; curves start with enough at risk",
        handled_by=("survival_median", "survival_hazard_ratio"),
        reference="Azzato 2009, Br J Cancer 100:1806",
    ),
    Threat(
        7,
        "survival",
        "Bone metastasis comes later: classed from the start, it owns the time lived before",
        "bone metastasis is a state entered when it is detected",
        handled_by=("survival_hazard_ratio", "survival_median", "survival_log_rank"),
        bounded_by=("survival_hazard_ratio",),
        reference="Putter 2007, Stat Med 26:2389; Simon & Makuch 1984, Stat Med 3:35",
    ),
    Threat(
        8,
        "survival",
        "Stage migration and lead time: receptor imaging finds silent disease",
        "survival by how it was first seen; hazard ratio stratified by era of diagnosis",
        bounded_by=("survival_by_detection", "survival_by_era"),
        reference="Feinstein 1985, N Engl J Med 312:1604",
    ),
    Threat(
        9,
        "skeletal_events",
        "An arm without events: infinite odds ratio, useless Wald interval",
        "Firth's penalty with profile limits, exact upper bound",
        handled_by=("sre_hazard_ratio",),
        bounded_by=("sre_odds_ratio",),
        reference="Heinze & Schemper 2002, doi:10.1002/sim.1047",
    ),
    Threat(
        10,
        "how_often",
        "Part against whole: bone metastasis compared with a cohort that contains it",
        "compared with those who could have had bone metastasis and did not",
        handled_by=("functioning_odds_ratio",),
        bounded_by=("functioning_share",),
        reference="Rothman, Greenland & Lash, Modern Epidemiology, on comparison groups",
    ),
    Threat(
        11,
        "how_often",
        "Too many parameters for the events",
        "penalised models, events per parameter shown; who has bone metastasis and who gets it apart",
        handled_by=("bone_predictors",),
        reference="Peduzzi 1996, J Clin Epidemiol 49:1373; Heinze & Schemper 2002",
    ),
    Threat(
        12,
        "who",
        "Missing values, and some patients scanned more than others",
        "missingness table, model with missing as a category, scan rate by functioning",
        bounded_by=("survival_missing_grade", "scan_rate"),
        reference="STROBE item 12",
    ),
    Threat(
        13,
        "survival",
        "Many tests: something will be significant",
        "questions fixed in a hashed protocol; families of tests adjusted, other p-values are not",
        bounded_by=("families",),
        reference="Holm 1979, Scand J Stat 6:65",
    ),
    Threat(
        14,
        "survival",
        "Hazards are not proportional in slow tumours",
        "restricted mean survival and fixed-time survival, which need no proportional hazards, beside "
        "the hazard ratio; a test (survival_proportional_hazards) shows the departure and removes "
        "nothing",
        handled_by=("survival_rmst", "survival_at"),
        bounded_by=("survival_at", "survival_rmst"),
        reference="Royston & Parmar 2013, BMC Med Res Methodol 13:152",
    ),
    Threat(
        15,
        "survival",
        "Unmeasured confounding: liver burden, era, therapy, performance status",
        "E-value of the hazard ratio of death: how strong it would have to be; beside it one of the "
        "antiresorptives' hazard ratio (sre_hazard_ratio)",
        bounded_by=("survival_e_value",),
        reference="VanderWeele & Ding 2017, doi:10.7326/M16-2607",
    ),
)


def ledger(
    questions: Iterable[str], recommended: Iterable[str], any_style: Iterable[str]
) -> tuple[LedgerEntry, ...]:
    """Return the ledger of a study that asked ``questions``.

    ``recommended`` names the analyses that gave a recommended number, ``any_style`` those that
    gave one at all.

    >>> gave = ["time_to_visible"]
    >>> by_number = {e.number: e for e in ledger(["seen_first"], gave, gave)}
    >>> by_number[3].status, by_number[4].status, by_number[4].missing, by_number[1].status
    ('handled', 'open', ('converted_share',), 'not_applicable')
    """
    asked, handling, bounding = set(questions), set(recommended), set(any_style)
    return tuple(_entry(t, t.question in asked, handling, bounding) for t in THREATS)


def _entry(threat: Threat, applies: bool, handling: set[str], bounding: set[str]) -> LedgerEntry:
    status, by = _status(threat, handling, bounding) if applies else ("not_applicable", ())
    wanted = threat.handled_by or threat.bounded_by
    gave = handling if threat.handled_by else bounding
    missing = tuple(a for a in wanted if a not in gave) if status in ("open", "bounded") else ()
    return LedgerEntry(
        number=threat.number,
        threat=threat.threat,
        remedy=threat.remedy,
        status=status,
        how=_HOW[status].format(by=", ".join(by)),
        by=by,
        missing=missing,
        question=threat.question,
        reference=threat.reference,
    )


def _status(
    threat: Threat, handling: set[str], bounding: set[str]
) -> tuple[Status, tuple[str, ...]]:
    if threat.handled_by and handling.issuperset(threat.handled_by):
        return "handled", threat.handled_by
    bounds = tuple(a for a in threat.bounded_by if a in bounding)
    return ("bounded", bounds) if bounds else ("open", ())


_HOW: dict[str, str] = {
    "handled": "removed by {by}",
    "bounded": "how much it could matter is shown by {by}",
    "open": "nothing that ran removes or bounds it",
    "not_applicable": "the protocol does not ask this question",
}
