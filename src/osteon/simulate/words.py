"""The words and figures of a German hospital: its codes for the contract's vocabulary, its dates."""

from __future__ import annotations

from datetime import date
from functools import cache

from osteon.simulate.exams import CT, MRI, PET, SPECT


@cache
def german(day: int, precision: str = "day") -> str:
    """Write a day as German offices do, to its precision.

    >>> [german(date(2019, 5, 3).toordinal(), p) for p in ("day", "month", "year")]
    ['03.05.2019', '05.2019', '2019']
    """
    return date.fromordinal(day).strftime(
        {"day": "%d.%m.%Y", "month": "%m.%Y", "year": "%Y"}[precision]
    )


def comma(number: float | None, decimals: int = 1) -> str:
    """Write a number with a decimal comma; nothing for none."""
    return "" if number is None else f"{number:.{decimals}f}".replace(".", ",")


BASIS = {"histology": "7.1", "cytology": "5", "clinical": "2", "unknown": "9"}
MODALITY = {PET: "SSTR-PET/CT", SPECT: "SSTR-SPECT/CT", CT: "CT", MRI: "MRT"}
PROTOCOL = {"diagnostic": "diagnostisch", "low_dose": "Low-dose", "none": "kein CT"}
FIELD = {"whole_body": "Ganzkörper", "trunk": "Stamm", "partial": "Teilbereich"}
BONE_READ = {
    "positive": "positiv",
    "negative": "negativ",
    "equivocal": "unklar",
    "not_read": "nicht befundet",
}
CORRELATE = {"present": "ja", "absent": "nein", "not_assessable": "nicht beurteilbar", "": None}
PATTERN = {
    "osteolytic": "osteolytisch",
    "osteoblastic": "osteoblastisch",
    "mixed": "gemischt",
    "no_correlate": "ohne Korrelat",
    "not_assessable": "nicht beurteilbar",
}
ADJUDICATION = {"accepted": "bestätigt", "pending": "offen", "rejected": "verworfen"}
UPTAKE = {
    "positive": "positiv",
    "equivocal": "fraglich",
    "negative": "negativ",
    "not_assessed": None,
}
KIND = {
    "drug": "Medikament",
    "prrt": "PRRT",
    "sirt": "SIRT",
    "radiotherapy": "Bestrahlung",
    "surgery": "Operation",
}
COMPONENT = {
    "pathological_fracture": "pathologische Fraktur",
    "radiation_to_bone": "Bestrahlung Knochen",
    "surgery_to_bone": "Operation Knochen",
    "spinal_cord_compression": "Myelonkompression",
    "hypercalcaemia": "Hyperkalzämie",
    "fragility_fracture": "Fragilitätsfraktur",
}
TRIGGER = {"symptom": "Symptom", "scheduled_imaging": "Bildgebung", "unknown": ""}
SIGN = {"present": "ja", "absent": "nein", "unknown": "unbekannt", None: ""}
AMINES = {"raised": "erhöht", "normal": "normal", "unknown": "unbekannt", None: ""}
