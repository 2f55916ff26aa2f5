"""Drugs by ATC code.

Source: registry substance guide (Umsetzungsleitfaden 2025-08, github bzkf/obds-to-fhir), except
where marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

ANTIRESORPTIVES = {
    "M05BX04": "denosumab",
    "M05BA08": "zoledronate",
    "M05BA06": "ibandronate",
    "M05BA03": "pamidronate",
    "M05BA02": "clodronate",
}
"""Regimens for osteoporosis share these codes: see `OSTEOPOROSIS_REGIMENS`."""


ANY = (0.0, inf)


@dataclass(frozen=True)
class Regimen:
    """Doses of one administration (mg) and intervals between two (days), both ends included.

    An interval that matters has to be known: a course without one is not of this regimen.
    """

    atc: str
    words: str
    dose_mg: tuple[float, float] = ANY
    interval_days: tuple[float, float] = ANY


HALF_YEARLY = (150.0, inf)
"""Longer than any interval used for metastases: 3- to 4-weekly, at most 12-weekly."""

OSTEOPOROSIS_REGIMENS = (
    Regimen("M05BX04", "denosumab 60 mg", dose_mg=(0, 60)),
    Regimen("M05BX04", "denosumab half-yearly", interval_days=HALF_YEARLY),
    Regimen("M05BA08", "zoledronate 5 mg", dose_mg=(5, 5)),
    Regimen("M05BA08", "zoledronate half-yearly or yearly", interval_days=HALF_YEARLY),
    Regimen("M05BA06", "ibandronate 150 mg by mouth", dose_mg=(100, inf)),
    Regimen("M05BA06", "ibandronate 2.5 mg by mouth or 3 mg i.v.", dose_mg=(2.5, 3)),
    Regimen("M05BA06", "ibandronate half-yearly", interval_days=HALF_YEARLY),
    Regimen("M05BA03", "pamidronate up to 30 mg", dose_mg=(0, 30)),
    Regimen("M05BA03", "pamidronate 60 mg 12-weekly", dose_mg=(0, 60), interval_days=(80, inf)),
    Regimen("M05BA03", "pamidronate half-yearly", interval_days=HALF_YEARLY),
    Regimen("M05BA02", "clodronate up to 400 mg", dose_mg=(0, 400)),
    Regimen("M05BA02", "clodronate 800 mg once a day", dose_mg=(0, 800), interval_days=(1, inf)),
)
"""Given for osteoporosis, not for bone metastases.

For metastases: denosumab 120 mg 4- to 12-weekly, zoledronate 3-4 mg 3- to 12-weekly, ibandronate
6 mg i.v. (2 or 4 mg where the kidney asks for it) 3- to 4-weekly or 50 mg a day by mouth,
pamidronate 60-90 mg 3- to 4-weekly, clodronate 1,040 mg a day or more by mouth. Denosumab,
zoledronate: product information. Ibandronate, pamidronate, clodronate: common practice, to be
confirmed by the centre; `exclude_osteoporosis_doses = false` switches the distinction off.
"""

MG_PER_UNIT = {"mg": 1.0, "g": 1000.0}
"""Units in which a dose can be compared with a regimen; without a unit it is taken as mg."""

SOMATOSTATIN_ANALOGUES = {"H01CB02": "octreotide", "H01CB03": "lanreotide"}

ANTITUMOUR = {
    "L01EG02": "everolimus",
    "L01EX01": "sunitinib",
    "L01EX07": "cabozantinib",
    "L01BC06": "capecitabine",
    "L01AX03": "temozolomide",
    "L01AD04": "streptozocin",
    "L03AB04": "interferon alfa-2a",
    "L03AB05": "interferon alfa-2b",
}

PRRT = {"V10XX04": "lutetium (177Lu) oxodotreotide"}  # code not confirmed by the guide

TREATMENT_KINDS = {
    "drug": "a substance with an ATC code",
    "prrt": "peptide receptor radionuclide therapy",
    "sirt": "selective internal radiation therapy",
    "radiotherapy": "external beam",
    "surgery": "an operation",
}


def for_osteoporosis(atc: str | None, dose_mg: float | None, interval_days: float | None) -> bool:
    """Whether a course is one of the regimens for osteoporosis; what is not known tells nothing.

    >>> for_osteoporosis("M05BX04", 60, None), for_osteoporosis("M05BX04", 120, 28)
    (True, False)
    """
    return any(
        r.atc == atc and _within(dose_mg, r.dose_mg) and _within(interval_days, r.interval_days)
        for r in OSTEOPOROSIS_REGIMENS
    )


def _within(number: float | None, limits: tuple[float, float]) -> bool:
    return limits == ANY or (number is not None and limits[0] <= number <= limits[1])
