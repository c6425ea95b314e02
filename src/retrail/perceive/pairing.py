"""Which box belongs to which track: how well they fit, and the best pairs of all.

At 5 Hz a walking person's boxes may hardly overlap, so boxes are widened before they are compared (C-BIoU, arXiv
2211.14317), and a pair that fits the way a track was going is preferred (observation-centric momentum, OC-SORT, arXiv
2203.14360).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.assignment import best_assignment
from retrail.core.geometry import box_area, box_iou, shared_area
from retrail.perceive.motion import Motion, surprise

_Boxes = NDArray[np.float32]

BORDER = 0.015
"""Share of the frame's size: what is nearer to its border counts as touching it."""

_WIDEN = 0.3  # of a box's width and height, on each side
_SURPRISE = 0.3  # weight of how far a box is from where it was expected, against overlap
_MOMENTUM = 0.2  # weight of going the same way as before
_CLEAR_MOVE = 0.15  # heights: shorter moves have no clear direction
_LEAST_LIKE = 0.5  # a person's height does not halve or double from one box to the next
_REACH, _REACH_S = (0.3, 0.5), 1.5  # heights, and heights a second for so long: where somebody hidden may turn up
_STAYS = 0.15  # so much more does overlap with the last box say than one box inside the other
_RIVAL = 1.5  # times that reach: who else might be meant
_ALIKE = 0.65  # and must be about as tall


class Fit(NamedTuple):
    """How well each track (row) and each box (column) fit.

    Attributes:
        value: (n, m) float64; about 1 for the very box that was expected, 0 for any other.
        possible: (n, m) bool; False where the two cannot be one person.
    """

    value: NDArray[np.float64]
    possible: NDArray[np.bool_]


class Tracks(NamedTuple):
    """What association knows of n tracks.

    Attributes:
        motion: their filters.
        last: (n, 4) the boxes last seen.
        solid: (n, 4) the boxes last trusted: whole and sure.
        going: (n, 2) what each moved lately, in its own heights.
        unseen_s: (n,) seconds since each was last seen.
        expected: (n, 4) where they are expected now.
    """

    motion: Motion
    last: _Boxes
    solid: _Boxes
    going: NDArray[np.float64]
    unseen_s: NDArray[np.float64]
    expected: _Boxes


def fit(tracks: Tracks, boxes: _Boxes) -> Fit:
    """How well n tracks and (m, 4) boxes fit."""
    overlap = box_iou(_widen(tracks.expected), _widen(boxes))
    like = height_ratio(tracks.solid, boxes)
    near = 1 - surprise(tracks.motion, tracks.unseen_s, tracks.expected, boxes)
    value = (1 - _SURPRISE) * overlap * like + _SURPRISE * near
    value += _MOMENTUM * _same_way(tracks.going, tracks.last, boxes)
    return Fit(value, (overlap > 0) & (like >= _LEAST_LIKE))


def swollen(tracks: Tracks, boxes: _Boxes) -> NDArray[np.float64]:
    """(n, m) in 0..1: how much of the expected box lies in the found one, or the other way round, or both did before.

    Two people who meet, or somebody behind a sign, may get one box that is twice as high or half as high as before.
    It then often stays so for a while: a box much like the last one counts by its overlap with it.
    """
    inside = np.maximum(covered(tracks.expected, boxes), covered(boxes, tracks.expected).T)
    return np.maximum(inside, box_iou(tracks.last, boxes) + _STAYS).astype(np.float64)


def only_choice(tracks: Tracks, boxes: _Boxes, who: NDArray[np.bool_], which: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n, m) in 0..1: how near a box is to a track that is alone in reach of it, and the other way round; else 0.

    Somebody who was hidden may turn up where no filter expects him. If nobody else can be meant, it is he.

    Args:
        tracks, boxes: all of them.
        who: (n,) tracks that wait for a box.
        which: (m,) boxes that wait for a track.
    """
    height = np.maximum(tracks.solid[:, 3] - tracks.solid[:, 1], 1.0)[:, None]
    found = _centres(boxes)[None]
    far = [np.linalg.norm(found - _centres(start)[:, None], axis=-1) for start in (tracks.last, tracks.expected)]
    distance = np.minimum(*far) / height
    like = height_ratio(tracks.solid, boxes)
    reach = _REACH[0] + _REACH[1] * np.minimum(tracks.unseen_s, _REACH_S)[:, None]
    rival = (distance <= _RIVAL * reach) & (like >= _LEAST_LIKE) & who[:, None] & which[None]
    alone = (rival.sum(axis=0)[None] <= 1) & (rival.sum(axis=1)[:, None] <= 1)
    good = rival & alone & (distance <= reach) & (like >= _ALIKE)
    return np.where(good, 1.0 - 0.5 * distance / reach, 0.0)


def height_ratio(a: _Boxes, b: _Boxes) -> NDArray[np.float32]:
    """(n, m) smaller height over larger, 0..1: people at different depths differ in it."""
    first = np.maximum(a[:, 3] - a[:, 1], 1.0)[:, None]
    second = np.maximum(b[:, 3] - b[:, 1], 1.0)[None, :]
    return (np.minimum(first, second) / np.maximum(first, second)).astype(np.float32)


def covered(a: _Boxes, b: _Boxes) -> NDArray[np.float32]:
    """(n, m) share of each box of ``a`` that lies inside each box of ``b``."""
    return (shared_area(a[:, None], b[None]) / np.maximum(box_area(a), 1.0)[:, None]).astype(np.float32)


def touches(boxes: _Boxes, width_px: int, height_px: int) -> NDArray[np.bool_]:
    """(n,) whether each box touches the frame's border."""
    near = np.array([width_px, height_px], np.float32) * BORDER
    far = np.array([width_px, height_px], np.float32) - near
    return np.any(np.concatenate([boxes[:, :2] <= near, boxes[:, 2:] >= far], axis=1), axis=1).astype(np.bool_)


def best_pairs(gain: NDArray[np.float64], allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the assignment with the highest sum of gains, of those allowed with a gain above 0.

    A pair is worth what it is above the least that is taken: one good pair beats two poor ones.
    """
    allowed = allowed & (gain > 0)
    if not allowed.any():
        return []
    rows, columns = best_assignment(np.where(allowed, gain, 0.0))
    return [(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if allowed[row, column]]


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
