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
        why="Same patients, same share; the interval says how exactly it is known.",
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
        "Skeletal events: hazard ratio, treated v untreated",
        "sre_hazard_ratio",
        group="antiresorptive",
        published_analysis="sre_by_antiresorptive",
        published_groups=("no antiresorptive", "antiresorptive"),
        why="The crude share credits treatment with the event-free time before it began.",
    ),
    Card(
        "survival",
        "Median survival: bone metastasis v comparator",
        "survival_median",
        group="bone metastasis",
        versus="other distant metastases",
        why="Bone metastasis counts from its detection, patients from their first visit.",
    ),
    Card(
        "survival",
        "Median survival: bone metastasis v none",
        "survival_median",
        group="bone metastasis",
        versus="no bone metastasis",
        why="Bone metastasis counts from its detection, patients from their first visit.",
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
        why="Both sides are the same model; its assumption is tested beside it.",
    ),
)


def cards(questions: Sequence[str], estimates: Sequence[Estimate]) -> tuple[Card, ...]:
    """For each question asked, the first card whose estimates were obtained."""
    chosen = []
    for question in questions:
        fitting = (c for c in _CARDS if c.question == question and _obtained(c, estimates))
        if card := next(fitting, None):
            chosen.append(card)
    return tuple(chosen)


def _obtained(card: Card, estimates: Sequence[Estimate]) -> bool:
    groups = {e.group for e in estimates if e.analysis == card.analysis}
    return bool(groups) and all(g in groups for g in (card.group, card.versus) if g)
