"""Are the people of a picture found, and nothing else? COCO's average precision (Lin et al., arXiv 1405.0312).

Detections are paired with the labelled boxes best first, each with the free box it overlaps most. What is too small to
be judged, and crowds, are neither missed nor false: detections on them are left out, as are detections that are too
small themselves and on nobody. AP is the mean precision at 101 steps of recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.geometry import box_area, box_iou

_OVERLAP = 0.5
_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
_RECALLS = np.linspace(0.0, 1.0, 101)
_PRECISION = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """One picture, its labelled boxes and what a detector found.

    Attributes:
        height_px: of the picture.
        truth: (n, 4) float32, frame pixels.
        crowd: (n,) bool; a box around a crowd is not judged.
        boxes: (m, 4) float32, detections.
        scores: (m,) float32.
    """

    height_px: int
    truth: NDArray[np.float32]
    crowd: NDArray[np.bool_]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DetectionScore:
    """Shares of 1; None where there was nothing to judge by.

    Attributes:
        ap50: average precision at an overlap (IoU) of 0.5.
        ap: mean over overlaps of 0.5 to 0.95.
        recall_at_precision_90: the largest recall at a precision of at least 0.9; 0 where it is never reached.
        recall, precision: at ``score``; no precision where nothing was found.
        false_pictures: share of the pictures without any box that show a person at ``score``.
        people: boxes that were judged.
        pictures, empty_pictures: how many there were, and how many of them without a box.
        score: the score at which recall, precision and false pictures are counted.
    """

    ap50: float | None
    ap: float | None
    recall_at_precision_90: float | None
    recall: float | None
    precision: float | None
    false_pictures: float | None
    people: int
    pictures: int
    empty_pictures: int
    score: float


def detection_score(pictures: Sequence[Pictured], *, score: float, min_height: float = 0.2) -> DetectionScore:
    """Judge what a detector found.

    Args:
        pictures: with all detections, also unsure ones: the more, the farther the curve goes.
        score: at which recall, precision and false pictures are counted: the card's.
        min_height: people lower than this share of the picture's height are not judged.

    Raises:
        DataError: there is no picture.
    """
    if not pictures:
        raise DataError("There is no picture to judge by")
    judged = [_judged(one, min_height) for one in pictures]
    people = int(sum(whole.sum() for whole in judged))
    curves = {overlap: _curve(pictures, judged, overlap, min_height) for overlap in _OVERLAPS}
    empty = [one for one in pictures if not len(one.truth)]
    shown = [bool((one.scores >= score).any()) for one in empty]
    scores, right = curves[_OVERLAP]
    at_score = scores >= score
    found = int(at_score.sum())
    return DetectionScore(
        _average_precision(right, people) if people else None,
        float(np.mean([_average_precision(hits, people) for _, hits in curves.values()])) if people else None,
        _recall_at_precision(scores, right, people) if people else None,
        float(right[at_score].sum() / people) if people else None,
        float(right[at_score].sum() / found) if found else None,
        float(np.mean(shown)) if shown else None,
        people,
        len(pictures),
        len(empty),
        score,
    )


def _judged(one: Pictured, min_height: float) -> NDArray[np.bool_]:
    return ~one.crowd & (one.truth[:, 3] - one.truth[:, 1] >= min_height * one.height_px)


def _curve(
    pictures: Sequence[Pictured], judged: Sequence[NDArray[np.bool_]], overlap: float, min_height: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Scores of all detections that count, best first, and whether each is right."""
    scores: list[NDArray[np.float32]] = [np.empty(0, np.float32)]
    right: list[NDArray[np.bool_]] = [np.empty(0, np.bool_)]
    for one, whole in zip(pictures, judged, strict=True):
        order = np.argsort(-one.scores, kind="stable")
        hits, counts = _pair(one, whole, order, overlap, min_height)
        scores.append(one.scores[order][counts])
        right.append(hits[counts])
    together = np.concatenate(scores)
    order = np.argsort(-together, kind="stable")
    return together[order], np.concatenate(right)[order]


def _pair(
    one: Pictured, judged: NDArray[np.bool_], order: NDArray[np.int64], overlap: float, min_height: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each detection, best first, is right, and whether it counts."""
    boxes = one.boxes[order]
    shared = _overlaps(one, boxes)
    free = np.ones(len(one.truth), np.bool_)
    hits = np.zeros(len(boxes), np.bool_)
    tall = boxes[:, 3] - boxes[:, 1] >= min_height * one.height_px
    counts = tall.copy()
    for at, row in enumerate(shared):
        for among in (judged & free, ~judged & (free | one.crowd)):  # somebody who is judged goes first
            fitting = np.where(among, row, -1.0)
            best = int(np.argmax(fitting)) if len(fitting) else -1
            if best >= 0 and fitting[best] >= overlap:
                free[best] = False
                hits[at] = counts[at] = bool(judged[best])
                break
    return hits, counts


def _overlaps(one: Pictured, boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(m, n) IoU of detections and labelled boxes; of a crowd the share of the detection inside it."""
    shared = box_iou(boxes, one.truth).astype(np.float64)
    if one.crowd.any():
        crowds = one.truth[one.crowd]
        left_top = np.maximum(boxes[:, None, :2], crowds[None, :, :2])
        right_bottom = np.minimum(boxes[:, None, 2:], crowds[None, :, 2:])
        inside = np.clip(right_bottom - left_top, 0.0, None).prod(axis=2)
        shared[:, one.crowd] = inside / np.maximum(box_area(boxes)[:, None], 1e-9)
    return shared


def _average_precision(right: NDArray[np.bool_], people: int) -> float:
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(hits / people, _RECALLS, side="left")
    return float(np.concatenate([best_from_here, [0.0]])[at].mean())


def _recall_at_precision(scores: NDArray[np.float32], right: NDArray[np.bool_], people: int) -> float:
    hits = np.cumsum(right)
    precise = hits / np.arange(1, len(right) + 1) >= _PRECISION
    last_of_score = np.append(scores[1:] != scores[:-1], True) if len(scores) else np.empty(0, np.bool_)
    return float(np.max(hits[precise & last_of_score], initial=0) / people)
