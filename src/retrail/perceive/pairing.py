"""Which box belongs to which track: how well they fit, and the best pairs of all.

At 5 Hz a walking person's boxes may hardly overlap, so boxes are widened before they are compared (C-BIoU, arXiv
2211.14317), and a pair that fits the way a track was going is preferred (observation-centric momentum, OC-SORT, arXiv
2203.14360).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from retrail.core.geometry import box_area, box_iou
from retrail.perceive.motion import Motion, predict, surprise

_Boxes = NDArray[np.float32]

_WIDEN = 0.3  # of a box's width and height, on each side
_SURPRISE = 0.3  # weight of how far a box is from where it was expected, against overlap
_MOMENTUM = 0.2  # weight of going the same way as before
_CLEAR_MOVE = 0.15  # heights: shorter moves have no clear direction
_LEAST_LIKE = 0.5  # a person's height does not halve or double from one box to the next


class Fit(NamedTuple):
    """How well each track (row) and each box (column) fit.

    Attributes:
        value: (n, m) float64; about 1 for the very box that was expected, 0 for any other.
        possible: (n, m) bool; False where the two cannot be one person.
    """

    value: NDArray[np.float64]
    possible: NDArray[np.bool_]


def fit(motion: Motion, last: _Boxes, going: NDArray[np.float64], unseen_s: NDArray[np.float64], boxes: _Boxes) -> Fit:
    """How well n tracks and m boxes fit.

    Args:
        motion: the tracks' filters.
        last: (n, 4) where each was last seen.
        going: (n, 2) what each moved lately, in its own heights.
        unseen_s: (n,) seconds since then.
        boxes: (m, 4).
    """
    overlap = box_iou(_widen(predict(motion, unseen_s)), _widen(boxes))
    like = height_ratio(last, boxes)
    near = 1 - surprise(motion, unseen_s, boxes)
    value = (1 - _SURPRISE) * overlap * like + _SURPRISE * near + _MOMENTUM * _same_way(going, last, boxes)
    return Fit(value, (overlap > 0) & (like >= _LEAST_LIKE))


def height_ratio(a: _Boxes, b: _Boxes) -> NDArray[np.float32]:
    """(n, m) smaller height over larger, 0..1: people at different depths differ in it."""
    first = np.maximum(a[:, 3] - a[:, 1], 1.0)[:, None]
    second = np.maximum(b[:, 3] - b[:, 1], 1.0)[None, :]
    return (np.minimum(first, second) / np.maximum(first, second)).astype(np.float32)


def covered(a: _Boxes, b: _Boxes) -> NDArray[np.float32]:
    """(n, m) share of each box of ``a`` that lies inside each box of ``b``."""
    size = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0.0, None)
    return (size[..., 0] * size[..., 1] / np.maximum(box_area(a), 1.0)[:, None]).astype(np.float32)


def best_pairs(gain: NDArray[np.float64], allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the assignment with the highest sum of gains, of those allowed with a gain above 0.

    A pair is worth what it is above the least that is taken: one good pair beats two poor ones.
    """
    allowed = allowed & (gain > 0)
    if not allowed.any():
        return []
    found = np.array(linear_sum_assignment(np.where(allowed, gain, 0.0), maximize=True), np.intp)
    return [(row, column) for row, column in found.T.tolist() if allowed[row, column]]


def _same_way(going: NDArray[np.float64], last: _Boxes, found: _Boxes) -> NDArray[np.float64]:
    """(n, m) in -1..1: how well going from the last box to the found one fits the way a track was going."""
    height = np.maximum(last[:, 3] - last[:, 1], 1.0)
    step = (_centres(found)[None] - _centres(last)[:, None]) / height[:, None, None]
    far, near = np.linalg.norm(going, axis=-1)[:, None], np.linalg.norm(step, axis=-1)
    cosine = np.einsum("nd,nmd->nm", going, step) / np.maximum(far * near, 1e-9)
    return cosine * np.clip(np.minimum(far, near) / _CLEAR_MOVE, 0.0, 1.0)


def _widen(boxes: _Boxes) -> _Boxes:
    grow = (boxes[:, 2:] - boxes[:, :2]) * _WIDEN
    return np.concatenate([boxes[:, :2] - grow, boxes[:, 2:] + grow], axis=1).astype(np.float32)


def _centres(boxes: _Boxes) -> NDArray[np.float64]:
    return (boxes[:, :2].astype(np.float64) + boxes[:, 2:]) / 2
