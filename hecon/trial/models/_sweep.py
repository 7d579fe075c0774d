"""Scaled columns and small least-squares problems, solved for many replicates side by side: plain NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Codes = NDArray[np.intp]

# A column of which the others leave less than this share unexplained is their combination.
COLLINEAR = 1e-9


def scaled(y: Floats, X: Floats, needed: Sequence[int]) -> tuple[Floats, Codes, Floats, Floats]:  # noqa: N803
    """Return [X | y] scaled, needed columns last in X; their order, what was taken off and what divided by.

    X has the constant first. Where each column is taken off its mean the constant takes up the differences.
    """
    first = [at for at in range(X.shape[1]) if at not in needed]
    order = np.array([*first, *needed], dtype=np.intp)
    raw = np.column_stack([X[:, order], y])
    centre = raw.mean(axis=0)
    centre[0] = 0.0
    largest = np.abs(raw - centre).max(axis=0)
    largest[largest == 0] = 1.0
    shape = (raw - centre) / largest
    spread = np.sqrt((shape**2).mean(axis=0))
    scale = largest * np.where(spread > 0, spread, 1.0)
    return (raw - centre) / scale, order, centre, scale


def unscaling(order: Codes, centre: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Return the matrix and the vector by which coefficients of scaled columns become those of X."""
    matrix = np.zeros((order.size, order.size))
    matrix[order, np.arange(order.size)] = scale[-1] / scale[:-1]
    matrix[0] -= scale[-1] * centre[:-1] / scale[:-1]
    shift = np.zeros(order.size)
    shift[0] = centre[-1]
    return matrix, shift


def sweep(matrices: Floats, keep: Bools | None = None, outcomes: int = 1) -> tuple[Floats, Bools]:
    """Sweep all but the last columns out of symmetric matrices, in place.

    Of the cross-products of [X | Y] this leaves (X'X)⁻¹, the coefficients in the last columns, and the sums of products
    of the residuals in the last corner.

    Parameters
    ----------
    matrices : ndarray
        Shape (column, column, replicate), positive semidefinite.
    keep : ndarray, optional
        Which columns enter, shape (column, replicate); by default those that are no combination of the ones before.
    outcomes : int, default 1
        Number of columns of Y.

    Returns
    -------
    (ndarray, ndarray)
        Logarithm of the determinant of X'X, and which columns entered.
    """
    size = matrices.shape[0] - outcomes
    floor = COLLINEAR * np.einsum("iib->ib", matrices[:size, :size])
    kept = np.empty((size, matrices.shape[2]), dtype=np.bool_)
    determinant = np.zeros(matrices.shape[2])
    work = np.empty_like(matrices)
    for at in range(size):
        pivot = matrices[at, at]
        kept[at] = pivot > floor[at] if keep is None else keep[at]
        # A column left out is divided by infinity: its coefficient is 0, and it changes nothing else.
        pivot = np.where(kept[at], pivot, np.inf)
        determinant += np.log(np.where(kept[at], pivot, 1.0))
        row, column = matrices[at] / pivot, matrices[:, at].copy()
        np.multiply(column[:, None], row[None], out=work)
        matrices -= work
        matrices[at] = row
        matrices[:, at] = -column / pivot
        matrices[at, at] = 1 / pivot
    return determinant, kept
