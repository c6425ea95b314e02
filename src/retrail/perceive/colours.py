"""What colours somebody wears: a cheap likeness from one box to the next, for telling apart people who cross.

Histograms of brightness and of the two colour differences over two bands of a box, chest and legs, compared by the
Bhattacharyya coefficient (as in Comaniciu et al., CVPR 2000). They tell people apart for seconds on one camera; who is
who across cameras is the encoder's question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Frame

_BANDS = ((0.16, 0.5), (0.54, 0.9))  # of a box's height: chest and arms, legs
_ACROSS = (0.22, 0.78)  # of its width: little background
_PIXELS = 20  # so many rows and columns of a band are looked at, at most
_BINS = 24
_CHROMA_REACH = 56.0  # clothes and lamps hardly get further from grey
LENGTH = len(_BANDS) * 3 * _BINS


def colours(frame: Frame, boxes: Sequence[Box]) -> NDArray[np.float32]:
    """(n, LENGTH) float32: for each box its histograms, each of a sum of 1; all 0 where a band has no pixel.

    Bins run into each other, so that a little more light does not make a plain coat another one.
    """
    found = np.zeros((len(boxes), LENGTH), np.float32)
    for row, box in zip(found, boxes, strict=True):
        _fill(row.reshape(len(_BANDS), 3, _BINS), frame, box)
    return found


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m) in 0..1: how like (n, LENGTH) are to (m, LENGTH) histograms; 1 of the same."""
    parts = len(_BANDS) * 3
    return (np.sqrt(one) @ np.sqrt(other).T).astype(np.float64) / parts


def _fill(histograms: NDArray[np.float32], frame: Frame, box: Box) -> None:
    wide, high = box[2] - box[0], box[3] - box[1]
    left, right = box[0] + _ACROSS[0] * wide, box[0] + _ACROSS[1] * wide
    for band, (top, bottom) in zip(histograms, _BANDS, strict=True):
        for part, (values, low, reach) in zip(
            band, _values(frame, left, box[1] + top * high, right, box[1] + bottom * high), strict=True
        ):
            if values.size:
                places = ((values.ravel().astype(np.float32) - low) * (_BINS / reach)).astype(np.int64)
                counts = np.bincount(np.clip(places, 0, _BINS - 1) + 1, minlength=_BINS + 2) / values.size
                part[:] = 0.25 * counts[:-2] + 0.5 * counts[1:-1] + 0.25 * counts[2:]
                part[[0, -1]] += 0.25 * counts[[1, -2]]  # what was spread over the ends


def _values(
    frame: Frame, x1: float, y1: float, x2: float, y2: float
) -> tuple[tuple[NDArray[np.generic], float, float], ...]:
    """Brightness and the two colour differences inside a box, each with the lowest value and the reach of its bins."""
    planes = frame.planes
    first = _inside(planes.arrays[0], x1, y1, x2, y2)
    chroma = (128.0 - _CHROMA_REACH, 2 * _CHROMA_REACH)
    if planes.pixel_format == "bgr24":
        blue, green, red = (first[..., place].astype(np.float32) for place in range(3))
        bright = 0.114 * blue + 0.587 * green + 0.299 * red
        return (
            (bright, 0.0, 256.0),
            (128 + 0.564 * (blue - bright), *chroma),
            (128 + 0.713 * (red - bright), *chroma),
        )
    half = tuple(_inside(plane, x1 / 2, y1 / 2, x2 / 2, y2 / 2) for plane in planes.arrays[1:])
    u, v = (half[0][..., 0], half[0][..., 1]) if planes.pixel_format == "nv12" else half
    return (first, 0.0, 256.0), (u, *chroma), (v, *chroma)


def _inside(plane: NDArray[np.uint8], x1: float, y1: float, x2: float, y2: float) -> NDArray[np.uint8]:
    left, top, right, bottom = (max(round(edge), 0) for edge in (x1, y1, x2, y2))
    across, down = max(1, (right - left) // _PIXELS), max(1, (bottom - top) // _PIXELS)
    return plane[top:bottom:down, left:right:across]
