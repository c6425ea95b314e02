"""Heads made unrecognisable, in every picture that is written or shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Detection
from retrail.perceive.faces import FaceDetector
from retrail.perceive.resample import block_mean, enlarge

_CELLS = 3
_ROUNDS = 3
_BESIDE, _ABOVE = 0.2, 0.14
_FACE_GROWS = 0.35


def head_box(box: Box) -> Box:
    """Where the head of a person in this box is, generously: wider than the box, and from above its top down.

    A standing person is taken to be about two and a half times as high as wide, and the head the upper quarter. A
    box that is stouter than that is somebody seated, bent, seen from above or cut by the border or a desk: there the
    head reaches further down, by the width of the box. Who leans into a step is ahead of a box that lags.
    """
    x1, y1, x2, y2 = box
    wide, high = x2 - x1, y2 - y1
    depth = min(max(0.24 * high, 0.55 * wide), high)
    return (x1 - _BESIDE * wide, y1 - _ABOVE * high, x2 + _BESIDE * wide, y1 + depth)


def blur_heads(
    image_bgr: NDArray[np.uint8],
    person_boxes: Sequence[Box],
    face_detector: FaceDetector | None = None,
    *,
    guessed_boxes: Sequence[Box] = (),
) -> None:
    """Blur, in place, the head of everybody in a picture so strongly that nobody, and no face detector, sees a face.

    Args:
        image_bgr: (height, width, 3) uint8.
        person_boxes: of everybody who may be in the picture, in its pixels: also those not matched in this very frame.
        guessed_boxes: of people who may be somewhere about there, such as just before they were first seen: blurred
            whole, for nobody knows where in them the head is.
        face_detector: finds the faces of people whom no box covers, or whose box is off; they are blurred too, and
            the picture is looked at again, up to three times, until none is found. The larger a face, the surer it
            has to be: doubtful ones as large as the room would blur all of it.
    """
    for box in person_boxes:
        _blur(image_bgr, head_box(box))
    for x1, y1, x2, y2 in guessed_boxes:
        _blur(image_bgr, (x1 - _BESIDE * (x2 - x1), y1 - _ABOVE * (y2 - y1), x2 + _BESIDE * (x2 - x1), y2))
    if face_detector is None:
        return
    for _ in range(_ROUNDS):
        faces = [face for face in face_detector.detect(image_bgr) if _likely(face, image_bgr.shape[0])]
        for face in faces:
            _blur(image_bgr, _grown(face.box))
        if not faces:
            return


def _likely(face: Detection, height_px: int) -> bool:
    return face.score >= 0.2 + 1.2 * (face.box[3] - face.box[1]) / height_px


def _grown(box: Box) -> Box:
    more_x, more_y = _FACE_GROWS * (box[2] - box[0]), _FACE_GROWS * (box[3] - box[1])
    return (box[0] - more_x, box[1] - more_y, box[2] + more_x, box[3] + more_y)


def _blur(image: NDArray[np.uint8], region: Box) -> None:
    high, wide = image.shape[:2]
    x1, y1 = max(int(np.floor(region[0])), 0), max(int(np.floor(region[1])), 0)
    x2, y2 = min(int(np.ceil(region[2])), wide), min(int(np.ceil(region[3])), high)
    if x2 - x1 < 1 or y2 - y1 < 1:
        return
    patch = image[y1:y2, x1:x2]
    cells = block_mean(patch, min(_CELLS, x2 - x1), min(_CELLS, y2 - y1))
    blurred = enlarge(cells, x2 - x1, y2 - y1)
    image[y1:y2, x1:x2] = np.rint(np.where(_oval(x2 - x1, y2 - y1), blurred, patch)).astype(np.uint8)


def _oval(wide: int, high: int) -> NDArray[np.bool_]:
    """(high, wide, 1): all but the corners: a superellipse, so that a head in a corner is not left out."""
    x = np.abs((np.arange(wide) + 0.5) / wide * 2 - 1)
    y = np.abs((np.arange(high) + 0.5) / high * 2 - 1)
    return (x[None, :] ** 6 + y[:, None] ** 6 <= 1.0)[..., None]
