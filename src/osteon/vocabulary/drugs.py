"""Drugs by ATC code.

Source: registry substance guide (Umsetzungsleitfaden 2025-08, github bzkf/obds-to-fhir), except
where marked.
"""

from __future__ import annotations

ANTIRESORPTIVES = {
    "M05BX04": "denosumab",
    "M05BA08": "zoledronate",
    "M05BA06": "ibandronate",
    "M05BA03": "pamidronate",
    "M05BA02": "clodronate",
}
"""Osteoporosis doses share these codes: dose and interval tell the indications apart."""

OSTEOPOROSIS_DOSES_MG = {"M05BX04": 60.0, "M05BA08": 5.0}
"""Doses given for osteoporosis (denosumab six-monthly, zoledronate yearly), not for metastases."""

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
