"""Pattern: osteoblastic, osteolytic, mixed, without correlate, or not assessable."""

from __future__ import annotations

from osteon.cohort import Cohort
from osteon.contracts.results import Count
from osteon.study.answer import Analysis, Answer, Rows

QUESTION = "pattern"
VISIBLE = ("osteoblastic", "osteolytic", "mixed")
UNSEEN = ("no_correlate", "not_assessable")


def pattern_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share of each pattern: of everybody with BM, and of those whose lesions are visible."""
    pattern = cohort.people.pattern[cohort.has_bm].fillna("not_assessable")
    if pattern.empty:
        return Answer()
    rule = cohort.protocol.pattern.rule.replace("_", " ")
    rows = rows.of(estimand="share with this pattern", method=f"patient-level rule: {rule}")
    visible = int(pattern.isin(VISIBLE).sum())
    n = pattern.value_counts()
    estimates = [
        rows.share(
            "as_published",
            int(n.get(name, 0)),
            len(pattern),
            group=_label(name),
            population="bone metastasis",
        )
        for name in (*VISIBLE, *UNSEEN)
    ]
    estimates += [
        rows.share(
            "recommended",
            int(n.get(name, 0)),
            visible,
            group=_label(name),
            population="bone metastasis visible on CT",
        )
        for name in VISIBLE
    ]
    counts = tuple(
        Count(QUESTION, "pattern", _label(name), "patients", int(n.get(name, 0)))
        for name in (*VISIBLE, *UNSEEN)
    )
    sentence = (
        "The pattern of a patient follows from the latest class of each lesion by the rule "
        f"'{rule}'; patients without a lesion visible on CT have no pattern and are left out of "
        "the recommended shares."
    )
    return Answer(tuple(estimates), counts=counts, methods=(rows.method("recommended", sentence),))


def _label(name: str) -> str:
    return name.replace("_", " ")


ANALYSES = (Analysis("pattern_share", QUESTION, pattern_share),)
