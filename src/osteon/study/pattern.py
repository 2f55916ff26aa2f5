"""Pattern: osteoblastic, osteolytic, mixed, without correlate, or not assessable."""

from __future__ import annotations

from osteon.cohort import Cohort
from osteon.contracts.results import Count
from osteon.study.answer import Answer, Rows, analyses
from osteon.vocabulary.bone import VISIBLE_PATTERNS

QUESTION = "pattern"
UNSEEN = ("no_correlate", "not_assessable")


def pattern_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share of each pattern: of everybody with BM, and of those whose lesions are visible."""
    pattern = cohort.people.pattern[cohort.has_bm].fillna("not_assessable")
    rule = cohort.protocol.pattern.rule.replace("_", " ")
    rows = rows.of(estimand="share with this pattern", method=f"patient-level rule: {rule}")
    if pattern.empty:
        return rows.nothing("nobody with bone metastasis", population="bone metastasis")
    visible = int(pattern.isin(VISIBLE_PATTERNS).sum())
    n = pattern.value_counts()
    estimates = [
        rows.share(
            "as_published",
            int(n.get(name, 0)),
            len(pattern),
            group=_label(name),
            population="bone metastasis",
        )
        for name in (*VISIBLE_PATTERNS, *UNSEEN)
    ]
    estimates += [
        rows.share(
            "recommended",
            int(n.get(name, 0)),
            visible,
            group=_label(name),
            population="bone metastasis visible on CT",
        )
        for name in VISIBLE_PATTERNS
    ]
    counts = tuple(
        Count(QUESTION, "pattern", _label(name), "patients", int(n.get(name, 0)))
        for name in (*VISIBLE_PATTERNS, *UNSEEN)
    )
    latest = cohort.protocol.pattern.at == "any_time"
    sentence = (
        f"The pattern of a patient follows from {'the latest' if latest else 'the first visible'} "
        f"class of each lesion by the rule '{rule}'; patients without a lesion visible on CT have no pattern and are left out of "
        "the recommended shares."
    )
    return Answer(tuple(estimates), counts=counts, methods=(rows.method("recommended", sentence),))


def _label(name: str) -> str:
    return name.replace("_", " ")


ANALYSES = analyses(
    QUESTION,
    pattern_share,
    alone={"pattern_share": "without a lesion visible on CT a patient has no pattern"},
)
