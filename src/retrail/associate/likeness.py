"""Cosines after each camera's mean was taken off.

What a camera gives to everybody (its background, its light) makes strangers alike. Its mean embedding carries just
that, needs no labels, and comes off; where few people have been seen it is worth little and is shrunk.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GRID = 4000.0


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) rows brought to length 1; a row of zeros stays."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))[:, None]
    return np.divide(vectors, length, out=np.zeros(vectors.shape), where=length > 0).astype(np.float32)


def cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m, n) cosines of rows of length 1, equal to the bit whatever the number of threads.

    Coordinates are rounded to 1/4000, so that every partial sum is an integer below 2^24, which float32 holds exactly:
    the order in which a BLAS adds no longer matters. The error is below 0.001.
    """
    left, right = np.rint(a * np.float32(_GRID)), np.rint(b * np.float32(_GRID))
    return (left @ right.T) * np.float32(1.0 / (_GRID * _GRID))


def camera_mean(vectors: NDArray[np.float32], *, shrink: float, alike: float) -> NDArray[np.float32]:
    """The mean of one camera's people, times n / (n + shrink).

    Args:
        vectors: (n, d) one row a chain, of length 1, as from the encoder.
        shrink: k of n / (n + k).
        alike: rows more alike than this share one vote (they may be one person in many chains); n is the sum of the
            votes.

    Returns:
        (d,) float32; zeros without rows.
    """
    votes = 1.0 / np.count_nonzero(cosines(vectors, vectors) >= alike, axis=1).clip(1)
    total: NDArray[np.float64] = (vectors * votes[:, None]).sum(axis=0)
    return (total / (votes.sum() + shrink)).astype(np.float32)


def centred(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) rows of length 1 with their camera's mean taken off."""
    return unit(vectors - mean)
