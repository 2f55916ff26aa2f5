"""What was known of a patient when the first work-up here was done.

A predictor must not follow what it predicts. Functioning "ever" may be found years after bone
metastasis (BM), so predictors are read at one day a patient, the *baseline*: so many days
(``bone_incidence.work_up_days``) after coming under observation. BM found by then was there on
arrival; whoever is free of it then is at risk from then on.
"""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from osteon.cohort.functioning import functioning
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry

_ZERO = {
    "diagnosis": "diagnosis",
    "first_visit": "first_visit",
    "stage_iv": "stage_iv",
    "bone_metastasis": "bm",
}


def with_baseline(people: pd.DataFrame, registry: Registry, protocol: Protocol) -> pd.DataFrame:
    """Add ``baseline``, the day, and what was known by then: functioning, liver metastasis."""
    people = people.assign(baseline=_baseline(people, protocol))
    known = functioning(_until(people), registry, protocol, by="baseline").to_pandas()
    known = known.rename(columns={"functioning": "functioning_at_baseline"})
    people = people.merge(known, on="patient_id", how="left")
    return people.assign(liver_at_baseline=_liver(people))


def _baseline(people: pd.DataFrame, protocol: Protocol) -> pd.Series:
    day = people[_ZERO[protocol.follow_up.time_zero]].astype(float)
    if protocol.follow_up.entry == "first_visit":
        # Not known when a patient came under observation: no baseline either.
        day = np.maximum(day, people.first_visit.astype(float))
    return day + protocol.bone_incidence.work_up_days


def _until(people: pd.DataFrame) -> ibis.Table:
    return ibis.memtable(people[["patient_id", "diagnosis", "baseline"]])


def _liver(people: pd.DataFrame) -> pd.Series:
    """Liver metastasis reported by then; not known where one is reported without a day."""
    there = (people.first_liver_metastasis <= people.baseline).astype(float)
    undated = people.any_liver_metastasis.eq(True) & people.first_liver_metastasis.isna()
    return there.mask(undated | people.baseline.isna())
