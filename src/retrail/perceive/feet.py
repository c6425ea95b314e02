"""Where somebody stands: the foot point of a box, also where the feet are hidden."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

USUAL_RATIO = 2.6
"""Height over width of a standing person's box, taken where nothing better is known."""

_BORDER = 0.012  # of the frame's height: nearer to the lower border counts as cut off by it
_SHORT = 0.8  # of the usual height: a box shorter than that hides its feet
_RATIOS = (1.8, 3.6)  # what a whole standing person's ratio may be


def foot_points(boxes: NDArray[np.float32], height_px: int, usual_ratio: float | None = None) -> NDArray[np.float32]:
    """The foot points of one person's boxes over time.

    The foot point is the middle of the lower edge. Where that edge lies at the frame's lower border, or the box is
    suddenly much shorter than this person's boxes usually are at that width, the feet are taken to be as far below
    the head as usual.

    Args:
        boxes: (n, 4) pixels, in order of time.
        height_px: the frame's height.
        usual_ratio: the person's height over width as known from earlier (`ratio_of`), or None.

    Returns:
        (n, 2) float32 pixels; may lie below the frame.
    """
    points = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1).astype(np.float32)
    own = ratio_of(boxes, height_px)
    ratio = own if own is not None else usual_ratio if usual_ratio is not None else USUAL_RATIO
    height = boxes[:, 3] - boxes[:, 1]
    usual = np.median(boxes[:, 2] - boxes[:, 0]) * ratio if len(boxes) else 0.0
    cut = boxes[:, 3] >= height_px * (1 - _BORDER)
    hidden = (cut & (height < usual)) | (height < _SHORT * usual)
    points[hidden, 1] = (boxes[:, 1] + usual)[hidden]
    return points


def ratio_of(boxes: NDArray[np.float32], height_px: int) -> float | None:
    """Usual height over width of the person of (n, 4) ``boxes``, from those with feet; None where too few have them."""
    whole = boxes[boxes[:, 3] < height_px * (1 - _BORDER)]
    if len(whole) < 3:
        return None
    ratio = float(np.median((whole[:, 3] - whole[:, 1]) / np.maximum(whole[:, 2] - whole[:, 0], 1.0)))
    return ratio if _RATIOS[0] <= ratio <= _RATIOS[1] else None
