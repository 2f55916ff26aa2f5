import numpy as np
import pytest

from osteon.errors import EstimateError
from osteon.estimate import median_of_values


def test_by_hand():
    m = median_of_values([4, 1, 3, 2, np.nan])
    assert (m.n, m.missing, m.median, m.minimum, m.maximum) == (4, 1, 2.5, 1, 4)
    assert (m.quartile_1, m.quartile_3) == (1.75, 3.25)


def test_quartiles_of_spss():
    m = median_of_values([4, 1, 3, 2], quartiles="spss")
    assert (m.quartile_1, m.quartile_3) == (1.25, 3.75)


def test_fewer_than_six_values_have_no_interval():
    """All n on one side: 2 / 2**n is above 5% up to n = 5."""
    assert median_of_values(range(5)).conf_high == np.inf
    m = median_of_values(range(6))
    assert (m.conf_low, m.conf_high) == (0, 5)


def test_no_value_at_all():
    m = median_of_values([np.nan])
    assert (m.n, m.missing) == (0, 1)
    assert np.isnan(m.median)


def test_mistakes():
    with pytest.raises(EstimateError, match=r"infinite.*of a curve"):
        median_of_values([1, np.inf])
    with pytest.raises(EstimateError, match='"sas"'):
        median_of_values([1], quartiles="sas")
