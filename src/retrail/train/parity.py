"""Whether a model's file says what the net says that it was made of, as far as some pictures show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError

LEAST_COSINE = 0.999
"""Of embeddings (weights are kept in 16 bits)."""
MOST_OFF, LEAST_OVERLAP = 0.1, 0.95
"""Of a detector: of the logits of its scores, so that scores that are all low are told apart too; and of its boxes."""
BEST_CELLS = 64
"""Of each picture, by the net's own score: there is something to compare whatever the picture shows."""
SAME_SCORE = 1e-3
"""Scores that are nearer to each other are alike: among tens of thousands of low ones rounding moves a logit far."""
LEAST_SCORE = 1e-4
"""Logits are finite from here on."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far a file is from its net, of all pictures where it is furthest.

    Attributes:
        cosine: least, of embeddings; None for a detector.
        off: of a detector, largest difference of a score's logit in any cell whose scores are not alike.
        overlap: of a detector, least overlap (intersection over union) of boxes in the cells that score best.
    """

    cosine: float | None = None
    off: float | None = None
    overlap: float | None = None

    @property
    def said(self) -> str:
        """In words.

        >>> Parity(off=0.0061, overlap=0.9987).said
        'largest difference of a score (logit) 0.00610, least overlap of a box 0.99870'
        """
        if self.cosine is not None:
            return f"least cosine {self.cosine:.5f}"
        return f"largest difference of a score (logit) {self.off:.5f}, least overlap of a box {self.overlap:.5f}"

    def require(self) -> None:
        """Refuse a file that is too far from its net; not a number is too far.

        Raises:
            ModelError: it is.
        """
        if self.cosine is not None:
            good, allowed = self.cosine >= LEAST_COSINE, f"a cosine from {LEAST_COSINE}"
        else:
            good = self.off is not None and self.off <= MOST_OFF
            good = good and self.overlap is not None and self.overlap >= LEAST_OVERLAP
            allowed = f"a difference up to {MOST_OFF}, an overlap from {LEAST_OVERLAP}"
        if not good:
            raise ModelError(
                "The exported model does not say what the net says",
                found=self.said,
                allowed=allowed,
                hint="nothing was written; export --to the other format, and report this with the recipe",
            )


def parity_of_embeddings(ours: Sequence[NDArray[np.float32]], theirs: Sequence[NDArray[np.float32]]) -> Parity:
    """Of one vector a picture."""
    pairs = zip(ours, theirs, strict=True)
    # np.min keeps what is not a number; min() may lose it.
    return Parity(cosine=float(np.min([(a @ b) / (np.linalg.norm(a) * np.linalg.norm(b)) for a, b in pairs])))


def parity_of_boxes(ours: Sequence[NDArray[np.float32]], theirs: Sequence[NDArray[np.float32]]) -> Parity:
    """Of (cells, 5 or more) rows a picture: x, y, log width, log height (cells, from the cell's corner), score."""
    off: list[float] = []
    overlap: list[float] = []
    for a, b in zip(ours, theirs, strict=True):
        alike = np.abs(a[:, 4] - b[:, 4]) < SAME_SCORE  # what is not a number is not
        off.append(float(np.where(alike, 0.0, np.abs(_logit(a[:, 4]) - _logit(b[:, 4]))).max()))
        best = np.argsort(-a[:, 4], kind="stable")[:BEST_CELLS]
        overlap.append(float(_overlap(_corners(a[best]), _corners(b[best])).min()))
    return Parity(off=float(np.max(off)), overlap=float(np.min(overlap)))


def _logit(score: NDArray[np.float32]) -> NDArray[np.float64]:
    kept = np.clip(score.astype(np.float64), LEAST_SCORE, 1 - LEAST_SCORE)
    return np.log(kept / (1 - kept))


def _corners(rows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of boxes of the same cell, in cells."""
    middle, half = rows[:, :2].astype(np.float64), np.exp(np.clip(rows[:, 2:4].astype(np.float64), -10, 10)) / 2
    return middle - half, middle + half


def _overlap(
    ours: tuple[NDArray[np.float64], NDArray[np.float64]], theirs: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Intersection over union, row by row."""
    common = np.clip(np.minimum(ours[1], theirs[1]) - np.maximum(ours[0], theirs[0]), 0, None).prod(axis=1)
    areas = [(high - low).prod(axis=1) for low, high in (ours, theirs)]
    return common / (areas[0] + areas[1] - common)
