"""Chi-squared tests."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(frozen=True)
class ChiSquared:
    """A chi-squared test.

    Attributes
    ----------
    statistic : float
        Test statistic, 0 or more.
    df : int
        Degrees of freedom.
    p_value : float
        Upper tail.
    """

    statistic: float
    df: int
    p_value: float


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Chi-squared test with the p of its upper tail.

    >>> round(chi_squared(3.841459, 1).p_value, 6)
    0.05
    """
    statistic = max(float(statistic), 0.0)  # -1e-16 is a rounded 0
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)))
