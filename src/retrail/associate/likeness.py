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


def camera_means(
    vectors: NDArray[np.float32], cameras: NDArray[np.intp], camera_count: int, *, shrink: float, alike: float
) -> NDArray[np.float32]:
    """The mean of each camera's people, times n / (n + shrink).

    Args:
        vectors: (n, d) one row a chain, of length 1, as from the encoder.
        cameras: (n,) index of each row's camera.
        camera_count: rows of the result.
        shrink: k of n / (n + k).
        alike: rows of one camera more alike than this share one vote (they may be one person in many chains); n is
            the sum of the votes.

    Returns:
        (camera_count, d) float32; zeros for a camera without rows.
    """
    means = np.zeros((camera_count, vectors.shape[1]), np.float32)
    for camera in np.unique(cameras):
        rows = vectors[cameras == camera]
        votes = 1.0 / np.count_nonzero(cosines(rows, rows) >= alike, axis=1).clip(1)
        means[camera] = (rows * votes[:, None]).sum(axis=0) / (votes.sum() + shrink)
    return means


def centred(vectors: NDArray[np.float32], cameras: NDArray[np.intp], means: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) rows of length 1 with their camera's mean taken off."""
    return unit(vectors - means[cameras])
