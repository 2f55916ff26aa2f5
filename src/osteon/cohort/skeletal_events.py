"""Skeletal-related events (SRE): which recorded events count, and which are one and the same.

1. A component counts if it belongs to the protocol's variant (``osteon.vocabulary.bone``). PRRT,
   SIRT and a fragility fracture never do; bone-seeking radionuclides by a setting.
2. An event waiting for adjudication, or rejected, does not count. One done to prevent counts by a
   setting. The symptomatic variant (``sse``) takes only events found because of symptoms.
3. Events within ``cluster_days`` of the one before are one event, dated at the first.

Events at or before detection of BM are prevalent; that is decided where time zero is known.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.bone import SRE_VARIANTS


def skeletal_events(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row an SRE: ``patient_id, time, earliest, component, lesion_id``, clustered, in order.

    ``earliest`` is the first day that an imprecise date may mean.
    """
    events = timed(registry, "skeletal_events", protocol)
    events = events.filter(_counts(events, protocol)).mutate(
        time=events.date, earliest=events.date_earliest
    )
    in_order = ibis.window(
        group_by=events.patient_id, order_by=[events.time, events.component, events.source_row]
    )
    gap = events.time - events.time.lag().over(in_order)
    starts = gap.isnull() | (gap > protocol.skeletal_event.cluster_days)
    first = events.mutate(starts=starts).filter(lambda e: e.starts)
    return first.select("patient_id", "time", "earliest", "component", "lesion_id")


def _counts(events: ir.Table, protocol: Protocol) -> ir.BooleanValue:
    rule = protocol.skeletal_event
    components = list(SRE_VARIANTS[rule.variant])
    if rule.bone_seeking_counts and "radiation_to_bone" in components:
        components.append("bone_seeking_radionuclide")
    counts = events.component.isin(components) & (events.status.fill_null("accepted") == "accepted")
    if rule.variant == "sse":
        counts &= (events.trigger == "symptom").fill_null(False)
    if not rule.prophylactic_counts:
        counts &= ~events.prophylactic.fill_null(False)
    return counts
