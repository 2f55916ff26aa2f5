"""Whether a tumour is functioning: hormonal syndrome and raised amines, by the protocol's rule.

1. ``syndrome`` (default): a hormonal syndrome was present. ``syndrome_and_biochemical``: and serotonin,
   5-HIAA or other amines were raised, not necessarily on the same day. ``either``: one of them was.
2. At any time (``when = "ever"``, default), or within ``window_days`` of diagnosis.
3. A patient in whom what the rule asks for was never recorded is *unknown*, not non-functioning; where
   both are asked for, one clear "no" is an answer.
"""

from __future__ import annotations

import ibis.expr.types as ir

from osteon.cohort.clock import timed
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry


def functioning(
    people: ir.Table, registry: Registry, protocol: Protocol, *, by: str = ""
) -> ir.Table:
    """One row a patient with a known status: ``functioning`` true or false.

    ``by`` names a day of ``people``: only what was recorded until then is looked at.
    """
    status = timed(registry, "functional_status", protocol).drop("source_row")
    rule = protocol.functioning
    if by:
        status = status.join(people.select("patient_id", until=people[by]), "patient_id")
        status = status.filter(status.date <= status.until)
    if rule.when == "at_diagnosis":
        status = status.join(people.select("patient_id", "diagnosis"), "patient_id")
        status = status.filter((status.date - status.diagnosis).abs() <= rule.window_days)
    syndrome, raised = status.syndrome == "present", status.biochemical == "raised"
    by_patient = status.group_by("patient_id").aggregate(
        syndrome=syndrome.any(),
        raised=raised.any(),
        syndrome_known=status.syndrome.isin(["present", "absent"]).any(),
        raised_known=status.biochemical.isin(["raised", "normal"]).any(),
    )
    yes, known = _RULES[rule.rule](by_patient)
    answered = by_patient.mutate(functioning=yes, known=known)
    return answered.filter(answered.known).select("patient_id", "functioning")


def _both(p: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Both are needed, so one clear "no" is an answer too."""
    yes = p.syndrome.fill_null(False) & p.raised.fill_null(False)
    no = (p.syndrome_known & ~p.syndrome) | (p.raised_known & ~p.raised)
    return yes, yes | no.fill_null(False)


def _syndrome(p: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    return p.syndrome.fill_null(False), p.syndrome_known.fill_null(False)


def _either(p: ir.Table) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    yes = p.syndrome.fill_null(False) | p.raised.fill_null(False)
    return yes, yes | (p.syndrome_known & p.raised_known).fill_null(False)


_RULES = {"syndrome_and_biochemical": _both, "syndrome": _syndrome, "either": _either}
