"""Who was under antiresorptive therapy, when.

Courses of the protocol's agents become episodes: each runs from its first to its last
administration plus a grace period of some dosing intervals; a course without an end goes on.
Osteoporosis doses share the ATC codes and are told apart by dose. Whether no record means "no"
depends on the source being declared complete (`osteon.registry.Registry.complete_for`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed, together
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.drugs import OSTEOPOROSIS_DOSES_MG


def episodes(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a course that counts: ``patient_id, atc, start, end``; ``end`` null if it goes on."""
    rule = protocol.antiresorptive
    courses = timed(registry, "treatments", protocol)
    counts = courses.atc.isin(rule.agents)
    if rule.exclude_osteoporosis_doses:
        counts &= ~_osteoporosis_dose(courses)
    interval = courses.interval_days.fill_null(rule.default_interval_days)
    return courses.filter(counts).select(
        "patient_id",
        "atc",
        start=courses.start,
        end=courses.end + rule.grace_intervals * interval,
    )


def first_starts(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a patient: first antiresorptive, first PRRT (null where there was none)."""
    drug = episodes(registry, protocol)
    courses = timed(registry, "treatments", protocol)
    starts = together(
        drug.select("patient_id", antiresorptive="start", prrt=ibis.null("float64")),
        courses.filter(courses.kind == "prrt").select(
            "patient_id", antiresorptive=ibis.null("float64"), prrt="start"
        ),
    )
    return starts.group_by("patient_id").aggregate(
        antiresorptive=starts.antiresorptive.min(), prrt=starts.prrt.min()
    )


def _osteoporosis_dose(courses: ir.Table) -> ir.BooleanValue:
    tests = [
        (courses.atc == atc) & (courses.dose == dose_mg) & (courses.dose_unit.lower() == "mg")
        for atc, dose_mg in OSTEOPOROSIS_DOSES_MG.items()
    ]
    return ibis.or_(*tests).fill_null(False)
