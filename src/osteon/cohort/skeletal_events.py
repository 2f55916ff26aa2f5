"""Skeletal-related events (SRE): which recorded events count, and which are one and the same.

1. What happened has to belong to the protocol's variant: by default (``sre_regulatory``) fracture at a
   metastasis, radiation to bone, surgery to bone, compression of the spinal cord;
   ``sre_plus_hypercalcaemia`` adds hypercalcaemia, ``sre_narrow`` takes fracture and cord compression
   only, ``sse`` takes the default's events if symptoms led to them. PRRT, SIRT and a fragility
   fracture (no metastasis at the site) never count; bone-seeking radionuclides (Ra-223, Sr-89,
   Sm-153) count as radiation to bone unless the protocol says otherwise.
2. An event waiting for adjudication, or rejected, does not count. One done to prevent counts unless
   the protocol says otherwise.
3. Events within 21 days (``cluster_days``) of the one before are one event, dated at the first.
4. A first event at or before detection of bone metastasis (BM), or before the patient came under
   observation, is *prevalent*: in the crude tables, out of every incidence, counted.
5. An imprecise date is an interval. Where it, or that of BM, leaves open which came first, the
   patient is in the crude tables and out of every incidence, and is counted apart from the prevalent
   (finding T063; the notes of the analyses): a fracture of "2019-05" and BM detected on 2019-05-20
   make nobody a patient with an incident event. Where an event is placed in time, the middle of its
   month or year stands for it, but not after the patient's end.
6. Without a source declared complete for skeletal events nobody is known to be free of them, and
   every share, rate and incidence is a lower bound (finding T057); where no event is recorded at all,
   nothing is computed.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry
from osteon.vocabulary.bone import SRE_VARIANTS


def skeletal_events(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row an SRE: ``patient_id, time, earliest, latest, component, lesion_id``, clustered.

    ``earliest`` and ``latest`` are the first and the last day that an imprecise date may mean.
    """
    events = timed(registry, "skeletal_events", protocol)
    events = events.filter(_counts(events, protocol)).mutate(
        time=events.date, earliest=events.date_earliest, latest=events.date_latest
    )
    in_order = ibis.window(
        group_by=events.patient_id, order_by=[events.time, events.component, events.source_row]
    )
    gap = events.time - events.time.lag().over(in_order)
    starts = gap.isnull() | (gap > protocol.skeletal_event.cluster_days)
    first = events.mutate(starts=starts).filter(lambda e: e.starts)
    return first.select("patient_id", "time", "earliest", "latest", "component", "lesion_id")


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
