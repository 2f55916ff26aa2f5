"""The six answers on a report's first screen: which estimate, and why the two sides differ."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.contracts.results import Card, Estimate

_CARDS = (
    Card(
        "who",
        "Followed for",
        "follow_up_median",
        why="Deaths cut the observed time short; reverse Kaplan-Meier counts them as censored.",
    ),
    Card(
        "how_often",
        "Bone metastasis",
        "bone_metastasis_share",
        why="Patients in whom it is unclear are left out; the interval says how exactly it is known.",
    ),
    Card(
        "seen_first",
        "Until visible on CT",
        "time_to_visible",
        why="The published median leaves out everybody who did not convert and dates by the scan.",
    ),
    Card(
        "pattern",
        "Osteoblastic",
        "pattern_share",
        group="osteoblastic",
        why="Patients without a lesion visible on CT have no pattern: another denominator.",
    ),
    Card(
        "skeletal_events",
        "Skeletal events: hazard ratio, antiresorptive v no antiresorptive",
        "sre_hazard_ratio",
        group="antiresorptive",
        published_analysis="sre_by_antiresorptive",
        published_groups=("antiresorptive", "no antiresorptive"),
        why="The crude share credits treatment with the event-free time before it began.",
    ),
    Card(
        "skeletal_events",
        "Skeletal-related events",
        "sre_share",
        why="A share ignores how long patients were followed, and counts events before detection.",
    ),
    Card(
        "survival",
        "Median survival: bone metastasis v other distant metastases",
        "survival_median",
        group="bone metastasis",
        versus="other distant metastases",
        why="Patients are at risk only from their first visit, with bone metastasis only from its "
        "detection: before, they could not have died.",
    ),
    Card(
        "survival",
        "Median survival: bone metastasis v no bone metastasis",
        "survival_median",
        group="bone metastasis",
        versus="no bone metastasis",
        why="Patients are at risk only from their first visit, with bone metastasis only from its "
        "detection: before, they could not have died.",
    ),
    Card(
        "survival",
        "Median survival with bone metastasis",
        "survival_median",
        group="bone metastasis",
        why="Patients are at risk only from their first visit; nobody is there to compare with.",
    ),
    Card(
        "survival",
        "Median survival",
        "survival_median",
        group="all patients",
        why="Ignoring when patients came under observation counts survival nobody could have lost.",
    ),
    Card(
        "groups",
        "Hazard ratio between groups",
        "groups_hazard_ratio",
        why="The same model, penalised where nothing happens in a group; its assumption is tested.",
    ),
)


def cards(questions: Sequence[str], estimates: Sequence[Estimate]) -> tuple[Card, ...]:
    """For each question asked, the first card that has numbers; without any, the first in words."""
    chosen = []
    for question in questions:
        of = [c for c in _CARDS if c.question == question]
        told = [c for c in of if _stands(c, estimates)]
        numbers = [e for e in estimates if e.estimate is not None or e.conf_low is not None]
        if card := next((c for c in told if _stands(c, numbers)), next(iter(told), None)):
            chosen.append(card)
    return tuple(chosen)


def _stands(card: Card, estimates: Sequence[Estimate]) -> bool:
    """Whether the recommended side has every group of the card."""
    recommended = [e for e in estimates if e.style == "recommended"]
    groups = {e.group for e in recommended if e.analysis == card.analysis}
    return bool(groups) and all(g in groups for g in (card.group, card.versus) if g)
