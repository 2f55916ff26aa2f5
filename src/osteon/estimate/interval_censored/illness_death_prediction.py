"""State probabilities of an illness-death model with hazards constant between cuts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats
from osteon.estimate.interval_censored.piecewise import Pieces

PREDICTIONS = ("cumulative incidence", "free", "affected", "dead", "dead without", "survival")
_TINY = 1e-100  # of a complex step: its square is nothing, so derivatives carry no rounding

Complexes = NDArray[np.complex128]


def occupation(
    log_hazards: Floats, pieces: Pieces, start: float, times: Floats, of: str
) -> tuple[Floats, Floats]:
    """A probability at each time for one who is free at ``start``, and its derivatives.

    Parameters
    ----------
    log_hazards : ndarray of float, shape (3 k,)
        Of onset, death without and death with, piece by piece.
    pieces : Pieces
        Of time.
    start, times : float, ndarray of float, shape (m,)
        In days.
    of : str
        One of `PREDICTIONS`.

    Returns
    -------
    value : ndarray of float, shape (m,)
    slope : ndarray of float, shape (m, 3 k)
        By the log hazards: exact, as f(x + ih) has its imaginary part h f'(x).
    """
    steps = log_hazards[:, None] + 1j * _TINY * np.eye(log_hazards.size)
    states = _states(np.exp(steps).reshape(3, len(pieces), -1), pieces, start, times)
    chosen = {
        "free": lambda s: s[0],
        "affected": lambda s: s[1],
        "cumulative incidence": lambda s: s[2],
        "dead without": lambda s: s[3],
        "survival": lambda s: s[0] + s[1],
        "dead": lambda s: s[3] + s[2] - s[1],
    }[of](states)
    return chosen[:, 0].real, chosen.imag / _TINY


def _states(
    hazard: Complexes, pieces: Pieces, start: float, times: Floats
) -> tuple[Complexes, Complexes, Complexes, Complexes]:
    """Free, affected, ever affected, dead without: each of shape (m, columns of hazard)."""
    grid = np.unique(np.concatenate([[start], times, pieces.edges[1:-1]]))
    grid = grid[(grid >= start) & (grid <= times.max())]
    here = np.zeros((4, hazard.shape[2]), dtype=np.complex128)
    here[0] = 1.0
    path = [here]
    for low, high in pairwise(grid.tolist()):
        onset, without, with_ = hazard[:, int(pieces.piece(np.array([high]))[0])]
        here = _move(here, onset, without, with_, high - low)
        path.append(here)
    states = np.array(path)[np.searchsorted(grid, times)]
    return states[:, 0], states[:, 1], states[:, 2], states[:, 3]


def _move(
    here: Complexes, onset: Complexes, without: Complexes, with_: Complexes, days: float
) -> Complexes:
    leave = onset + without
    free, left_free = here[0] * np.exp(-leave * days), here[0] * days * _share(leave * days)
    arrived = here[0] * onset * days * np.exp(-with_ * days) * _share((leave - with_) * days)
    return np.array(
        [
            free,
            here[1] * np.exp(-with_ * days) + arrived,
            here[2] + onset * left_free,
            here[3] + without * left_free,
        ]
    )


def _share(x: Complexes) -> Complexes:
    """(1 - exp(-x)) / x, 1 at 0."""
    near = np.abs(x) < 1e-3
    safe = np.where(near, 1.0, x)
    return np.where(near, 1 - x / 2 + x**2 / 6 - x**3 / 24, -np.expm1(-safe) / safe)
