"""The few units that exports use and the contract does not, and how to come from one to the other.

Masses and moles convert only for a named substance, by its molar mass (PubChem). Chromogranin A
and other immunoassays are not here: assays are not interchangeable.
"""

from __future__ import annotations

DAYS_PER_MONTH = 30.4375
DAYS_PER_YEAR = 365.25

_SCALES: tuple[dict[str, float], ...] = (
    {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": DAYS_PER_YEAR},
    {"MBq": 1.0, "GBq": 1000.0, "mCi": 37.0},
    {"mg": 1.0, "g": 1000.0, "µg": 0.001},
    {"percent": 1.0, "fraction": 100.0},
    {"g/l": 1.0, "g/dl": 10.0},
)
_MOLAR_MASS = {  # g/mol
    "calcium": 40.078,
    "calcium_corrected": 40.078,
    "creatinine": 113.12,
    "vitamin_d_25oh": 400.6,
}
_MOLES_PER_LITRE = {"mmol/l": 1e-3, "µmol/l": 1e-6, "nmol/l": 1e-9}
_GRAMS_PER_LITRE = {"mg/dl": 1e-2, "mg/l": 1e-3, "µg/l": 1e-6, "ng/ml": 1e-6, "g/l": 1.0}

UNITS = tuple(
    dict.fromkeys(
        unit for scale in (*_SCALES, _MOLES_PER_LITRE, _GRAMS_PER_LITRE) for unit in scale
    )
)
"""Every unit a mapping may name."""

_CONTRACT_UNITS = {"_mbq": "MBq", "_days": "days", "_years": "years", "_percent": "percent"}


def contract_unit(column: str) -> str | None:
    """Return the unit that a contract column's name ends in, if it does.

    >>> contract_unit("injected_mbq"), contract_unit("suv_max")
    ('MBq', None)
    """
    return next((unit for end, unit in _CONTRACT_UNITS.items() if column.endswith(end)), None)


def factor(unit: str, into: str, substance: str | None = None) -> float:
    """Return what a number in ``unit`` is multiplied by to be in ``into``.

    >>> factor("GBq", "MBq"), factor("months", "days")
    (1000.0, 30.4375)
    >>> round(factor("mg/dl", "mmol/l", "calcium"), 4)
    0.2495

    Raises
    ------
    ValueError
        If the two do not measure the same, or nothing is known about the substance.
    """
    if unit == into:
        return 1.0
    for scale in (*_SCALES, _MOLES_PER_LITRE, _GRAMS_PER_LITRE):
        if unit in scale and into in scale:
            return scale[unit] / scale[into]
    molar_mass = _MOLAR_MASS.get(substance or "")
    if molar_mass and unit in _GRAMS_PER_LITRE and into in _MOLES_PER_LITRE:
        return _GRAMS_PER_LITRE[unit] / molar_mass / _MOLES_PER_LITRE[into]
    if molar_mass and unit in _MOLES_PER_LITRE and into in _GRAMS_PER_LITRE:
        return _MOLES_PER_LITRE[unit] * molar_mass / _GRAMS_PER_LITRE[into]
    of = f" of {substance}" if substance else ""
    raise ValueError(
        f'"{unit}" cannot be converted into "{into}"{of}; '
        f"known are {', '.join(UNITS)}, and between masses and moles for {', '.join(_MOLAR_MASS)}"
    )
