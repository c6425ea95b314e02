"""What the heads of detection networks mean: arrays in, boxes in the network's own input pixels out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.core.geometry import box_area, box_iou, shared_area
from retrail.runtime import Outputs

_STRIDES_PX = (8, 16, 32)
_SAME_PERSON_IOU = 0.6
_NESTED_SHARE = 0.9
_NESTED_WIDTH = 0.6
_NESTED_TOP = 0.15
_LOWER_SHARE, _LOWER_FOOT, _LOWER_SCORE = 0.85, 0.04, 0.6


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """What a decoder has to know.

    Attributes:
        width_px, height_px: size of the network's input.
        min_score: boxes below are left out.
        label: the class that is looked for, or None: every row is of it.
    """

    width_px: int
    height_px: int
    min_score: float
    label: int | None = None


class RawBoxes(NamedTuple):
    """``boxes`` (n, 4) float32 x1, y1, x2, y2 in input pixels, not clipped; ``scores`` (n,) float32 in 0..1."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> RawBoxes:
        """The boxes at these places, or where this mask is true."""
        return RawBoxes(self.boxes[which], self.scores[which])


def decode_ssd(outputs: Outputs, settings: HeadSettings) -> RawBoxes:
    """An SSD that suppresses by itself: ``[1, 1, n, 7]`` of image id, label, score, x1, y1, x2, y2 (fractions).

    Rows after one with a negative image id are leftovers; rows of other images of the batch are left out.
    """
    rows = _only(outputs, "[1, 1, n, 7]", lambda array: array.ndim == 4 and array.shape[-1] == 7).reshape(-1, 7)
    ended = np.flatnonzero(rows[:, 0] < 0)
    rows = rows[: ended[0]] if len(ended) else rows
    rows = rows[(rows[:, 0] == 0) & (rows[:, 2] >= settings.min_score)]
    if settings.label is not None:
        rows = rows[rows[:, 1] == settings.label]
    size = np.array([settings.width_px, settings.height_px] * 2, np.float32)
    return RawBoxes(rows[:, 3:7] * size, rows[:, 2].copy())


def decode_boxes(outputs: Outputs, settings: HeadSettings) -> RawBoxes:
    """``boxes [n, 5]`` of x1, y1, x2, y2 (input pixels) and score, ``labels [n]`` beside it; unused rows score 0."""
    rows = _only(outputs, "[n, 5]", lambda array: array.ndim in (2, 3) and array.shape[-1] == 5).reshape(-1, 5)
    keep = rows[:, 4] >= settings.min_score
    if settings.label is not None and "labels" in outputs:
        keep &= outputs["labels"].reshape(-1) == settings.label
    rows = rows[keep]
    return RawBoxes(rows[:, :4].copy(), rows[:, 4].copy())


def decode_yolox(outputs: Outputs, settings: HeadSettings) -> RawBoxes:
    """YOLOX (arXiv 2107.08430): ``[1, cells, 5 + classes]``, boxes still relative to their cell of the grid.

    A box is one of the class looked for (0, person) where that is its likeliest class; its score is objectness times
    the class's probability.
    """
    columns, rows, strides = _grid(settings.width_px, settings.height_px)
    cells = len(strides)
    found = _only(outputs, f"[1, {cells}, 5 + classes]", lambda array: array.ndim == 3 and array.shape[1] == cells)[0]
    classes, person = found[:, 5:], settings.label or 0
    scores = found[:, 4] * classes[:, person]
    keep = (scores >= settings.min_score) & (classes.argmax(axis=1) == person)
    found, scores, strides = found[keep], scores[keep], strides[keep]
    x, y = (found[:, 0] + columns[keep]) * strides, (found[:, 1] + rows[keep]) * strides
    return suppress(RawBoxes(_around(x, y, _side(found[:, 2], strides), _side(found[:, 3], strides)), scores), 0.6)


def decode_yunet(outputs: Outputs, settings: HeadSettings) -> RawBoxes:
    """YuNet (Wu, Peng, Yu 2023): ``cls``, ``obj``, ``bbox`` at strides 8, 16, 32; its landmarks are not read."""
    found: list[RawBoxes] = []
    for stride in _STRIDES_PX:
        wide, high = settings.width_px // stride, settings.height_px // stride
        cells = wide * high
        # By shape, for one tensor may have several names; class and objectness look alike, and only their product
        # counts.
        likely = [array[0, :, 0] for array in outputs.values() if array.shape == (1, cells, 1)]
        boxes = [array[0] for array in outputs.values() if array.shape == (1, cells, 4)]
        if len(likely) != 2 or len(boxes) != 1:
            raise _wrong_head(outputs, f"class, objectness and box of {cells} cells at stride {stride} (YuNet)")
        scores = np.sqrt(np.clip(likely[0], 0, 1) * np.clip(likely[1], 0, 1))
        keep = np.flatnonzero(scores >= settings.min_score)
        bbox, scale = boxes[0][keep], np.full(len(keep), stride, np.float32)
        x, y = (keep % wide + bbox[:, 0]) * stride, (keep // wide + bbox[:, 1]) * stride
        found.append(RawBoxes(_around(x, y, _side(bbox[:, 2], scale), _side(bbox[:, 3], scale)), scores[keep]))
    return suppress(RawBoxes(np.concatenate([f.boxes for f in found]), np.concatenate([f.scores for f in found])), 0.3)


def suppress(raw: RawBoxes, iou: float) -> RawBoxes:
    """Greedy non-maximum suppression, best first; of equal scores the earlier row wins."""
    raw = raw.take(np.argsort(-raw.scores, kind="stable"))
    too_near = box_iou(raw.boxes, raw.boxes) > iou
    return raw.take(_greedy(too_near))


def one_box_a_person(raw: RawBoxes) -> RawBoxes:
    """Best first, without second boxes of the same person.

    A box is a second one where a better box overlaps it by more than 0.6, or where one of the two lies in the other,
    starts at the same height and is nearly as wide: the upper body of a person who has a whole box too. A child
    before an adult, or somebody far behind a shoulder, starts lower or is narrower and stays. Where a box lies in
    another and ends at the same height it is the legs of that person, for two people cannot stand on one spot: the
    smaller one goes, unless the larger one is much less sure.
    """
    raw = raw.take(np.argsort(-raw.scores, kind="stable"))
    raw = raw.take(~_legs(raw))
    boxes, area = raw.boxes, box_area(raw.boxes)
    iou = box_iou(boxes, boxes)
    both = area[:, None] + area[None, :]
    shared = iou * both / (1.0 + iou)
    smaller = np.minimum(area[:, None], area[None, :])
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    nested = (
        (shared >= _NESTED_SHARE * smaller)
        & (np.minimum(wide[:, None], wide[None, :]) >= _NESTED_WIDTH * np.maximum(wide[:, None], wide[None, :]))
        & (np.abs(boxes[:, None, 1] - boxes[None, :, 1]) <= _NESTED_TOP * np.maximum(high[:, None], high[None, :]))
    )
    return raw.take(_greedy((iou > _SAME_PERSON_IOU) | nested))


def _legs(raw: RawBoxes) -> NDArray[np.bool_]:
    """(n,) whether a box is the lower part of another one."""
    boxes, area, high = raw.boxes, box_area(raw.boxes), raw.boxes[:, 3] - raw.boxes[:, 1]
    inside = shared_area(boxes[:, None], boxes[None]) >= _LOWER_SHARE * area[:, None]
    one_foot = np.abs(boxes[:, None, 3] - boxes[None, :, 3]) <= _LOWER_FOOT * high[None, :]
    larger = area[None, :] > area[:, None]
    sure = raw.scores[None, :] >= _LOWER_SCORE * raw.scores[:, None]
    return np.asarray(np.any(inside & one_foot & larger & sure, axis=1), np.bool_)


DECODERS = {"ssd": decode_ssd, "boxes": decode_boxes, "yolox": decode_yolox, "yunet": decode_yunet}
"""By the name of the head in a model card."""


def _greedy(too_near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    kept = np.ones(len(too_near), np.bool_)
    for row in range(len(too_near)):
        if kept[row]:
            kept[row + 1 :] &= ~too_near[row, row + 1 :]
    return kept


def _grid(width_px: int, height_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    columns: list[NDArray[np.float32]] = []
    rows: list[NDArray[np.float32]] = []
    strides: list[NDArray[np.float32]] = []
    for stride in _STRIDES_PX:
        y, x = np.divmod(np.arange((width_px // stride) * (height_px // stride)), width_px // stride)
        columns.append(x.astype(np.float32))
        rows.append(y.astype(np.float32))
        strides.append(np.full(len(x), stride, np.float32))
    return np.concatenate(columns), np.concatenate(rows), np.concatenate(strides)


def _side(log_cells: NDArray[np.float32], stride: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.exp(np.clip(log_cells, -10.0, 10.0)) * stride


def _around(
    x: NDArray[np.float32], y: NDArray[np.float32], wide: NDArray[np.float32], high: NDArray[np.float32]
) -> NDArray[np.float32]:
    return np.stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2], axis=1).astype(np.float32)


def _only(outputs: Outputs, allowed: str, fits: Callable[[NDArray[np.float32]], bool]) -> NDArray[np.float32]:
    for array in outputs.values():
        if fits(array):
            return array
    raise _wrong_head(outputs, allowed)


def _wrong_head(outputs: Outputs, allowed: str) -> ModelError:
    found = ", ".join(f"{name} {list(array.shape)}" for name, array in outputs.items())
    return ModelError("The network's output is not that of its card's head", found=found, allowed=allowed)
