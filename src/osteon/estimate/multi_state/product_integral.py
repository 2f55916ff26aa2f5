"""Products of many small matrices, and the covariance that they carry along.

What the multi-state estimators share: probabilities are running products of transition matrices,
variances running sums seen through those products.
"""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats, Integers


def running_product(factors: Floats) -> Floats:
    """Products ``factors[0] @ ... @ factors[i]`` for every i.

    Parameters
    ----------
    factors : ndarray of float, shape (k, m, m)
        Square matrices, in the order of time.

    Returns
    -------
    ndarray of float, shape (k, m, m)

    Notes
    -----
    In about sqrt(k) blocks of sqrt(k), all blocks at once: 2 sqrt(k) steps of the interpreter.

    Examples
    --------
    >>> running_product(np.array([[[0.5, 0.5], [0, 1]], [[0.5, 0.5], [0, 1]]]))[-1].tolist()
    [[0.25, 0.75], [0.0, 1.0]]
    """
    products = _blocks(factors)
    for i in range(1, products.shape[1]):
        products[:, i] = products[:, i - 1] @ products[:, i]
    for b in range(1, products.shape[0]):
        products[b] = products[b - 1, -1] @ products[b]
    return _unblocked(products, factors.shape)


def running_covariance(factors: Floats, added: Floats) -> Floats:
    """Covariances V_i = F_i' V_(i-1) F_i + A_i of a row vector that goes through the factors.

    Parameters
    ----------
    factors : ndarray of float, shape (k, m, m)
        F_i: what the row vector is multiplied by at step i.
    added : ndarray of float, shape (k, m, m)
        A_i: covariance of what step i adds, independent of all before. A_0 holds V_(-1) too.

    Returns
    -------
    ndarray of float, shape (k, m, m)

    Examples
    --------
    >>> running_covariance(np.full((3, 1, 1), 0.5), np.ones((3, 1, 1))).ravel().tolist()
    [1.0, 1.25, 1.3125]
    """
    products, covariances = _blocks(factors), _blocks(added, fill=0.0)
    for i in range(1, products.shape[1]):
        step = products[:, i].copy()
        covariances[:, i] += _seen_through(step, covariances[:, i - 1])
        products[:, i] = products[:, i - 1] @ step
    for b in range(1, products.shape[0]):
        covariances[b] += _seen_through(products[b], covariances[b - 1, -1])
    return _unblocked(covariances, factors.shape)


def product_tree(factors: Floats) -> list[Floats]:
    """Products of 1, 2, 4, ... successive factors, from places that are multiples of as many.

    Parameters
    ----------
    factors : ndarray of float, shape (k, m, m)
        Square matrices, in the order of time.
    """
    tree = [factors]
    while tree[-1].shape[0] > 1:
        pairs = tree[-1][: tree[-1].shape[0] // 2 * 2]
        tree.append(pairs[::2] @ pairs[1::2])
    return tree


def carried(rows: Floats, tree: list[Floats], begin: Integers, end: Integers) -> Floats:
    """Each row vector times ``factors[begin] @ ... @ factors[end - 1]``, shape (n, m).

    Parameters
    ----------
    rows : ndarray of float, shape (n, m)
        Row vectors.
    tree : list of ndarray
        From `product_tree`.
    begin, end : ndarray of int, shape (n,)
        Which factors each goes through.

    Examples
    --------
    >>> tree = product_tree(np.arange(1.0, 6).reshape(5, 1, 1))
    >>> carried(np.ones((2, 1)), tree, np.array([0, 1]), np.array([5, 4])).ravel().tolist()
    [120.0, 24.0]
    """
    rows, at = rows.copy(), begin.copy()
    levels = range(len(tree))
    # Longer and longer strides to places that are multiples of them, then shorter and shorter.
    for level, must in (*((i, 1 << i) for i in levels), *((i, 0) for i in reversed(levels))):
        stride = 1 << level
        here = np.flatnonzero(((at & must) == must) & (at + stride <= end))
        if here.size:
            rows[here] = np.einsum("nh,nhj->nj", rows[here], tree[level][at[here] >> level])
            at[here] += stride
    return rows


def _seen_through(factors: Floats, covariance: Floats) -> Floats:
    return np.swapaxes(factors, -1, -2) @ covariance @ factors


def _blocks(matrices: Floats, *, fill: float = 1.0) -> Floats:
    """A copy, shape (blocks, length, m, m), filled up with ``fill`` times the identity."""
    k, m = matrices.shape[:2]
    length = max(int(np.ceil(np.sqrt(k))), 1)
    blocks = np.tile(fill * np.eye(m), (max(-(-k // length), 1) * length, 1, 1))
    blocks[:k] = matrices
    return blocks.reshape(-1, length, m, m)


def _unblocked(blocks: Floats, shape: tuple[int, ...]) -> Floats:
    return blocks.reshape(-1, *shape[1:])[: shape[0]]
