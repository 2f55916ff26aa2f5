"""From the classes of lesions on CT to one pattern of a patient, by the protocol's rule.

1. Each lesion that counts has the class of its latest read on CT (``at = "any_time"``), or the class
   read at the patient's first exam with a visible lesion (``"first_visible"``).
2. ``any_lytic_then_mixed_then_majority`` (default): one lytic lesion makes lytic, else one mixed makes
   mixed, else osteoblastic. ``majority``: the class of most lesions, a tie is mixed.
   ``mixed_if_several``: mixed as soon as classes differ.
3. A patient without any visible lesion has ``no_correlate`` if an adequate exam looked for one, and
   is ``not_assessable`` otherwise.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.contracts.protocol import Protocol
from osteon.vocabulary.bone import VISIBLE_PATTERNS


def visible_reads(reads: ir.Table) -> ir.Table:
    """Every read of a lesion with a class: ``patient_id, lesion_id, time, pattern``."""
    visible = reads.filter(reads.pattern.isin(VISIBLE_PATTERNS))
    return visible.select("patient_id", "lesion_id", "time", "pattern")


def patterns_at_detection(detected: ir.Table, reads: ir.Table, protocol: Protocol) -> ir.Table:
    """One row a patient: the pattern in the session of detection, before anything followed."""
    session = reads.join(detected.select("patient_id", "bm_exam"), "patient_id")
    window = protocol.sstr_only.window_days
    at_detection = session.filter(session.time <= session.bm_exam + window)
    patterns = patient_patterns(at_detection.drop("bm_exam"), protocol)
    return patterns.select("patient_id", pattern_at_detection="pattern")


def lesion_patterns(reads: ir.Table, protocol: Protocol) -> ir.Table:
    """One row a visible lesion: its class under the protocol's ``pattern.at``."""
    reads = reads.filter(reads.pattern.isin(VISIBLE_PATTERNS))
    if protocol.pattern.at == "first_visible":
        first = reads.time.min().over(group_by=reads.patient_id)
        reads = reads.mutate(first=first).filter(lambda r: r.time == r.first).drop("first")
    latest = ibis.row_number().over(
        group_by=[reads.patient_id, reads.lesion_id],
        order_by=[reads.time.desc(), reads.exam_id.desc()],
    )
    lesions = reads.mutate(rank=latest).filter(lambda r: r.rank == 0)
    return lesions.select("patient_id", "lesion_id", "pattern")


def patient_patterns(reads: ir.Table, protocol: Protocol) -> ir.Table:
    """One row a patient with a lesion that counts: the patient's pattern."""
    lesions = lesion_patterns(reads, protocol)
    n = lesions.group_by("patient_id").aggregate(
        lytic=(lesions.pattern == "osteolytic").sum(),
        blastic=(lesions.pattern == "osteoblastic").sum(),
        mixed=(lesions.pattern == "mixed").sum(),
    )
    visible = n.select("patient_id", pattern=_RULES[protocol.pattern.rule](n))
    looked = reads.group_by("patient_id").aggregate(
        absent=reads.absent.any() & ~reads.morphological.any()
    )
    both = looked.left_join(visible, "patient_id").drop("patient_id_right")
    unseen = ibis.ifelse(both.absent, "no_correlate", "not_assessable")
    return both.select("patient_id", pattern=ibis.coalesce(both.pattern, unseen))


def _any_lytic_then_mixed_then_majority(n: ir.Table) -> ir.Value:
    return ibis.cases((n.lytic > 0, "osteolytic"), (n.mixed > 0, "mixed"), else_="osteoblastic")


def _majority(n: ir.Table) -> ir.Value:
    return ibis.cases(
        ((n.lytic > n.blastic) & (n.lytic > n.mixed), "osteolytic"),
        ((n.blastic > n.lytic) & (n.blastic > n.mixed), "osteoblastic"),
        else_="mixed",
    )


def _mixed_if_several(n: ir.Table) -> ir.Value:
    return ibis.cases(
        ((n.blastic == 0) & (n.mixed == 0), "osteolytic"),
        ((n.lytic == 0) & (n.mixed == 0), "osteoblastic"),
        else_="mixed",
    )


_RULES = {
    "any_lytic_then_mixed_then_majority": _any_lytic_then_mixed_then_majority,
    "majority": _majority,
    "mixed_if_several": _mixed_if_several,
}
