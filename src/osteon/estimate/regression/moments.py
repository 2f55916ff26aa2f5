"""What a partial likelihood knows of its risk sets at one coefficient vector."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.contracts.arrays import Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Covariate means over the risk set of each term, at one coefficient vector.

    Attributes
    ----------
    risk : ndarray of float, shape (m,)
        Weighted exp(x'b) of each row, times a common factor that is also in ``denominator``.
    denominator : ndarray of float, shape (terms,)
        Sum of weighted risks, tied deaths reduced as Efron says.
    mean : ndarray of float, shape (terms, p)
        Mean of the covariates.
    hazard : ndarray of float, shape (terms,)
        Weight of the term's deaths over ``denominator``: its share of the baseline hazard.
    shift : float
        Log of the common factor: ``hazard * exp(-shift)`` is the hazard of a row with x'b = 0.
    value : float
        Log partial likelihood.
    """

    risk: Floats
    denominator: Floats
    mean: Floats
    hazard: Floats
    shift: float
    value: float
