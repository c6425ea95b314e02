"""Which box belongs to which track: how alike they are, and the best pairs of all.

At 5 Hz a walking person's boxes may hardly overlap, so boxes are widened before they are compared (C-BIoU, arXiv
2211.14317), and a pair that fits the way a track was going is preferred (observation-centric momentum, OC-SORT, arXiv
2203.14360).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from retrail.core.geometry import box_area, box_iou


def widened_iou(a: NDArray[np.float32], b: NDArray[np.float32], buffer: float) -> NDArray[np.float32]:
    """(n, m) overlap of boxes widened on each side by ``buffer`` of their width and height."""
    return box_iou(_widen(a, buffer), _widen(b, buffer))


def height_ratio(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m) smaller height over larger, 0..1: people at different depths differ in it."""
    first = np.maximum(a[:, 3] - a[:, 1], 1.0)[:, None]
    second = np.maximum(b[:, 3] - b[:, 1], 1.0)[None, :]
    return (np.minimum(first, second) / np.maximum(first, second)).astype(np.float32)


def same_way(going: NDArray[np.float64], last: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m) in -1..1: how well going from the last box to the found one fits the way a track was going.

    Args:
        going: (n, 2) what a track moved lately, in its own heights; short moves say little and count little.
        last: (n, 4) where it was last seen.
        found: (m, 4) candidates.
    """
    height = np.maximum(last[:, 3] - last[:, 1], 1.0)
    step = (_centres(found)[None] - _centres(last)[:, None]) / height[:, None, None]
    cosine = np.einsum("nd,nmd->nm", _unit(going), _unit(step))
    moved = np.minimum(np.linalg.norm(going, axis=-1)[:, None], np.linalg.norm(step, axis=-1))
    return cosine * np.clip(moved / 0.15, 0.0, 1.0)


def covered(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m) share of each box of ``a`` that lies inside each box of ``b``."""
    size = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0.0, None)
    return (size[..., 0] * size[..., 1] / np.maximum(box_area(a), 1.0)[:, None]).astype(np.float32)


def best_pairs(value: NDArray[np.floating], allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the assignment with the highest sum of values among those allowed.

    Every allowed value must be positive: then no pair is left out that could be made.
    """
    if not allowed.any():
        return []
    found = np.array(linear_sum_assignment(np.where(allowed, value, 0.0), maximize=True), np.intp)
    return [(row, column) for row, column in found.T.tolist() if allowed[row, column]]


def _widen(boxes: NDArray[np.float32], buffer: float) -> NDArray[np.float32]:
    grow = (boxes[:, 2:] - boxes[:, :2]) * buffer
    return np.concatenate([boxes[:, :2] - grow, boxes[:, 2:] + grow], axis=1).astype(np.float32)


def _centres(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return ((boxes[:, :2] + boxes[:, 2:]) / 2).astype(np.float32)


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float64)
