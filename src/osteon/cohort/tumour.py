"""The tumour that is studied, and whose a reported metastasis is.

A patient may have several tumours; one is of interest: the earliest that fits the protocol's
topography, morphology and basis of diagnosis. Its stage, M and diagnosis are the patient's.

1. A reported metastasis that names its tumour (``tumour_id``) counts for that tumour alone.
2. One that names none is of the only tumour there is, however early it is dated: it was there from
   the start. In a patient with several tumours nobody knows whose it is: it makes no stage IV, and
   leaves it unclear whether bone (or liver) is involved.
3. A finding on imaging that a reader has accepted counts: who thinks it is of another tumour rejects it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from osteon.cohort.clock import timed
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry


def tumour_of_interest(registry: Registry, protocol: Protocol) -> ir.Table:
    """One row a patient with a tumour: the one that is studied, with all its columns."""
    tumours = timed(registry, "tumours", protocol).drop("source_row")
    wanted = protocol.population
    fits = (
        coded(tumours.topography, wanted.topography)
        & coded(tumours.morphology, wanted.morphology)
        & ((tumours.basis == "histology") | ibis.literal(not wanted.histologically_confirmed))
    ).fill_null(False)
    order = [fits.desc(), tumours.diagnosis.asc(), tumours.tumour_id.asc()]
    rank = ibis.row_number().over(group_by=tumours.patient_id, order_by=order)
    return tumours.mutate(rank=rank).filter(lambda t: t.rank == 0).drop("rank")


def reported_metastases(registry: Registry, protocol: Protocol) -> ir.Table:
    """Accepted metastases as reported, those of other tumours left out.

    ``own`` is false where nobody knows whose it is (rule 2).
    """
    reported = timed(registry, "metastases", protocol).drop("source_row")
    reported = reported.filter(reported.status.fill_null("accepted") == "accepted")
    studied = tumour_of_interest(registry, protocol).select("patient_id", studied="tumour_id")
    tumours = registry.table("tumours").group_by("patient_id").aggregate(n=lambda t: t.count())
    reported = reported.left_join(studied, "patient_id").drop("patient_id_right")
    reported = reported.left_join(tumours, "patient_id").drop("patient_id_right")
    named = reported.tumour_id.notnull()
    of_another = named & (reported.tumour_id != reported.studied).fill_null(True)
    only_one = reported.n.fill_null(0) <= 1
    return reported.mutate(own=named | only_one).filter(~of_another).drop("studied", "n")


def coded(column: ir.StringValue, codes: tuple[str, ...]) -> ir.BooleanValue:
    """Whether a code is one of ``codes``, or below one that has no digit after the point."""
    if not codes:
        return ibis.literal(True)
    tests = [(column == code) | column.startswith(f"{code}.") for code in codes]
    return ibis.or_(*tests)
