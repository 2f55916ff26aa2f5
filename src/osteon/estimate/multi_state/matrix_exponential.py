"""Transition probabilities of constant intensities, P(t) = exp(Q t), many at once, and slopes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from osteon.contracts.arrays import Floats, Integers

_ILL_CONDITIONED = 1e5  # of eigenvectors: above it the eigenvalues nearly coincide, digits are lost


class MatrixExponentials:
    """exp(Q_g t) for several generators and times.

    Parameters
    ----------
    generators : ndarray of float, shape (groups, m, m)
        Rows add up to 0, off-diagonal elements are intensities.
    group : ndarray of int, shape (u,)
        Which generator, for each exponential.
    time : ndarray of float, shape (u,)
        For how long.

    Attributes
    ----------
    probabilities : ndarray of float, shape (u, m, m)
        exp(Q t).

    Notes
    -----
    By eigenvalues, Q = V diag(lambda) V^-1, one decomposition a generator ([1]_); where the
    eigenvectors are nearly dependent, by scaling and squaring ([2]_).

    References
    ----------
    .. [1] Kalbfleisch & Lawless (1985), J. Am. Stat. Assoc. 80:863-871,
       doi:10.1080/01621459.1985.10478195.
    .. [2] Moler & Van Loan (2003), SIAM Rev. 45:3-49, doi:10.1137/S00361445024180.

    Examples
    --------
    >>> one = MatrixExponentials(np.array([[[-1.0, 1.0], [0, 0]]]), np.array([0]), np.array([1.0]))
    >>> one.probabilities[0].round(4).tolist()
    [[0.3679, 0.6321], [0.0, 1.0]]
    """

    def __init__(self, generators: Floats, group: Integers, time: Floats) -> None:
        self.generators, self.group, self.time = generators, group, time
        self._values, self._vectors = np.linalg.eig(generators)
        singular = ~np.isfinite(np.linalg.cond(self._vectors))
        self._vectors[singular] = np.eye(generators.shape[1])
        self._inverse = np.linalg.inv(self._vectors)
        ill = singular | (np.linalg.cond(self._vectors) > _ILL_CONDITIONED)
        self._by_series = ill[group]
        self.probabilities = self._exponentials()

    def _exponentials(self) -> Floats:
        result = np.empty((self.time.size, *self.generators.shape[1:]))
        s, e = self._by_series, ~self._by_series
        g, t = self.group[e], self.time[e, None]
        scaled = self._vectors[g] * np.exp(self._values[g] * t)[:, None, :]
        result[e] = (scaled @ self._inverse[g]).real
        if s.any():
            result[s] = expm(self.generators[self.group[s]] * self.time[s, None, None])
        return np.clip(result, 0.0, 1.0)

    def slopes(self, adjoint: Floats) -> Floats:
        """Derivative of sum(adjoint * probabilities) by the elements of the generators.

        Parameters
        ----------
        adjoint : ndarray of float, shape (u, m, m)
            What each probability counts.

        Returns
        -------
        ndarray of float, shape (groups, m, m)

        Notes
        -----
        .. math:: W = \\int_0^t e^{Q's} A e^{Q'(t - s)} ds

        by the divided differences of exp at the eigenvalues, or as a block of the exponential of
        a matrix of twice the size ([1]_).

        References
        ----------
        .. [1] Van Loan (1978), IEEE Trans. Autom. Control 23:395-404,
           doi:10.1109/TAC.1978.1101743.
        """
        result = np.zeros(self.generators.shape)
        s, e = self._by_series, ~self._by_series
        np.add.at(result, self.group[e], self._slopes_by_eigenvalues(adjoint[e], e))
        if s.any():
            np.add.at(result, self.group[s], self._slopes_by_series(adjoint[s], s))
        return result

    def _slopes_by_eigenvalues(self, adjoint: Floats, rows: NDArray[np.bool_]) -> Floats:
        g, t = self.group[rows], self.time[rows, None, None]
        vectors, inverse = self._vectors[g], np.swapaxes(self._inverse[g], 1, 2)
        differences = _divided_differences(self._values[g], t)
        inner = (np.swapaxes(vectors, 1, 2) @ adjoint @ inverse) * differences
        return (inverse @ inner @ np.swapaxes(vectors, 1, 2)).real

    def _slopes_by_series(self, adjoint: Floats, rows: NDArray[np.bool_]) -> Floats:
        m = adjoint.shape[1]
        t = self.time[rows, None, None]
        block = np.zeros((t.size, 2 * m, 2 * m))
        block[:, :m, :m] = block[:, m:, m:] = (
            np.swapaxes(self.generators[self.group[rows]], 1, 2) * t
        )
        block[:, :m, m:] = adjoint * t
        return np.asarray(expm(block)[:, :m, m:])


def _divided_differences(values: NDArray, time: NDArray) -> NDArray:
    """(exp(a t) - exp(b t)) / (a - b) for every two eigenvalues; t exp(a t) where they agree."""
    a, b = values[:, :, None], values[:, None, :]
    falls = a.real < b.real
    larger, smaller = np.where(falls, b, a), np.where(falls, a, b)
    gap = (smaller - larger) * time  # never up: exp(gap) of a fast generator would overflow
    apart = np.abs(gap) > 1e-9
    slope = np.divide(np.expm1(gap), gap, out=1 + gap / 2, where=apart)
    return time * np.exp(larger * time) * slope
