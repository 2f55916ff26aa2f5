import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.sources.units import UNITS, factor


@pytest.mark.parametrize(
    ("unit", "into", "substance", "expected"),
    [
        ("months", "days", None, 30.4375),
        ("years", "days", None, 365.25),
        ("weeks", "days", None, 7),
        ("GBq", "MBq", None, 1000),
        ("fraction", "percent", None, 100),
        ("mg/dl", "mmol/l", "calcium_corrected", 0.2495),
        ("mg/dl", "µmol/l", "creatinine", 88.40),
        ("ng/ml", "nmol/l", "vitamin_d_25oh", 2.496),
    ],
)
def test_known_factors(unit, into, substance, expected):
    assert factor(unit, into, substance) == pytest.approx(expected, rel=1e-3)


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from([None, "calcium"]))
def test_there_and_back_is_one_or_both_are_refused(unit, into, substance):
    try:
        there = factor(unit, into, substance)
    except ValueError:
        with pytest.raises(ValueError, match="cannot be converted"):
            factor(into, unit, substance)
    else:
        assert there * factor(into, unit, substance) == pytest.approx(1)


def test_moles_need_a_substance():
    with pytest.raises(ValueError, match=r"mg/dl.*mmol/l"):
        factor("mg/dl", "mmol/l")
