"""Cosines after each camera's mean was taken off.

What a camera gives to everybody (its background, its light) makes strangers alike. Its mean embedding carries just
that, needs no labels, and comes off; where few people have been seen it is worth little and is shrunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.associate.settings import MatcherSettings

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


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What one camera gives to everybody.

    Attributes:
        mean: (d,) float32, to be taken off.
        left: cosine that strangers on this camera are expected to have after that, because the mean was shrunk.
    """

    mean: NDArray[np.float32]
    left: float


def background(vectors: NDArray[np.float32], settings: MatcherSettings) -> Background:
    """The mean of one camera's people, times n / (n + shrink).

    Rows more alike than ``settings.alike`` share one vote (they may be one person in many chains); n is the sum of the
    votes. Where strangers on one camera have a cosine of c, a mean shrunk to n / (n + k) leaves c' / (1 - c + c') of
    it, with c' = c (k / (n + k))^2.

    Args:
        vectors: (n, d) one row a chain, of length 1, as from the encoder.
        settings: shrink, alike and background.
    """
    votes = 1.0 / np.count_nonzero(cosines(vectors, vectors) >= settings.alike, axis=1).clip(1)
    people, shrink = float(votes.sum()), settings.shrink
    total: NDArray[np.float64] = (vectors * votes[:, None]).sum(axis=0)
    left = settings.background * (shrink / (people + shrink)) ** 2
    return Background((total / (people + shrink)).astype(np.float32), left / (1.0 - settings.background + left))


def centred(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) rows of length 1 with their camera's mean taken off."""
    return unit(vectors - mean)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How chains look with their camera's mean taken off.

    Attributes:
        vectors: (n, d) float32, length 1.
        cameras: (n,) index of the camera.
        left: (c,) float32, `Background.left` of each camera.
    """

    vectors: NDArray[np.float32]
    cameras: NDArray[np.intp]
    left: NDArray[np.float32]

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Looks:
        return Looks(self.vectors[rows], self.cameras[rows], self.left)

    def alike(self, others: Looks) -> NDArray[np.float32]:
        """(m, n) cosines; on one camera without what is left of its background."""
        same = self.cameras[:, None] == others.cameras[None, :]
        still = np.where(same, self.left[self.cameras][:, None], np.float32(0.0))
        return (cosines(self.vectors, others.vectors) - still) / (np.float32(1.0) - still)
