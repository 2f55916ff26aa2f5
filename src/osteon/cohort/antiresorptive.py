"""Who was under antiresorptive therapy, when.

1. A course counts if its agent is one of the protocol's and its dose and interval are not those of a
   regimen for osteoporosis, which shares the ATC codes (``osteon.vocabulary.drugs`` lists them;
   finding T052). A course without a dose counts (finding T055).
2. Courses become episodes: each runs from its first to its last administration plus a grace period of
   some dosing intervals; a course without an end goes on. Time-dependent exposure runs from the first
   administration for good (``ever_treated``), or during episodes only (``on_treatment``).
3. Who began before bone metastasis (BM) was detected is a *prevalent user*: treated in the crude table
   and at every landmark, and treated from detection on in time-dependent exposure (with
   ``on_treatment`` only if the episode still runs). Such patients had to get through the first months
   of treatment unseen, so the analyses count them (and finding T056).
4. Whether no record means "no" depends on a source being declared complete for antiresorptives
   (`osteon.registry.Registry.complete_for`): otherwise exposure is unknown and nothing is compared.
"""

from __future__ import annotations

from math import inf

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed, together
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.drugs import ANY, MG_PER_UNIT, OSTEOPOROSIS_REGIMENS


def episodes(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a course that counts: ``patient_id, atc, start, end``; ``end`` null if it goes on."""
    rule = protocol.antiresorptive
    courses = timed(registry, "treatments", protocol)
    counts = courses.atc.isin(rule.agents)
    if rule.exclude_osteoporosis_doses:
        counts &= ~_for_osteoporosis(courses)
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


def _for_osteoporosis(courses: ir.Table) -> ir.BooleanValue:
    unit = courses.dose_unit.fill_null("mg").lower()
    dose_mg = courses.dose * ibis.cases(*[(unit == u, mg) for u, mg in MG_PER_UNIT.items()])
    tests = [
        (courses.atc == r.atc)
        & _within(dose_mg, r.dose_mg)
        & _within(courses.interval_days, r.interval_days)
        for r in OSTEOPOROSIS_REGIMENS
    ]
    return ibis.or_(*tests).fill_null(False)


def _within(number: ir.NumericValue, limits: tuple[float, float]) -> ir.BooleanValue:
    """Whether a number lies within limits; limits that leave out nothing need no number."""
    if limits == ANY:
        return ibis.literal(True)
    low, high = limits
    return number >= low if high == inf else number.between(low, high)
