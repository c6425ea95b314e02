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
_PIXELS = 16  # so many rows and columns of a band are looked at
_BINS = 24
_CHROMA_REACH = 56.0  # clothes and lamps hardly get further from grey
LENGTH = len(_BANDS) * 3 * _BINS


def colours(frame: Frame, boxes: Sequence[Box]) -> NDArray[np.float32]:
    """(n, LENGTH) float32: for each box its histograms, each of a sum of 1; all 0 where a band lies outside the frame.

    Bins run into each other, so that a little more light does not make a plain coat another one.
    """
    if not boxes:
        return np.zeros((0, LENGTH), np.float32)
    edges = np.array(boxes, np.float64)
    left, top = edges[:, 0, None], edges[:, 1, None, None]
    columns = (left + (edges[:, 2, None] - left) * _AT[None]).astype(np.intp)[:, None, None, :]  # (n, 1, 1, across)
    rows = (top + (edges[:, 3, None, None] - top) * _DOWN[None]).astype(np.intp)[..., None]  # (n, bands, down, 1)
    inside = (rows >= 0) & (rows < frame.height_px) & (columns >= 0) & (columns < frame.width_px)
    bins = _bins(frame, rows.clip(0, frame.height_px - 1), columns.clip(0, frame.width_px - 1))
    # One row of bins for each box, band and kind, with a bin to spare on both sides for what runs over the ends.
    which = np.arange(len(boxes) * len(_BANDS)).reshape(len(boxes), -1)[None, :, :, None, None] * 3
    kind = np.arange(3)[:, None, None, None, None]
    places = (which + kind) * (_BINS + 2) + bins + 1
    weights = np.broadcast_to(inside, places.shape).astype(np.float64)
    size = len(boxes) * len(_BANDS) * 3
    counts = np.bincount(places.ravel(), weights.ravel(), size * (_BINS + 2)).reshape(size, _BINS + 2)
    counts /= np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    found = 0.25 * counts[:, :-2] + 0.5 * counts[:, 1:-1] + 0.25 * counts[:, 2:]
    found[:, [0, -1]] += 0.25 * counts[:, [1, -2]]
    return found.reshape(len(boxes), LENGTH).astype(np.float32)


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m) in 0..1: how like (n, LENGTH) are to (m, LENGTH) histograms; 1 of the same."""
    parts = len(_BANDS) * 3
    return (np.sqrt(one) @ np.sqrt(other).T).astype(np.float64) / parts


def _bins(frame: Frame, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """(3, ...) the bins of brightness and of the two colour differences at these pixels."""
    planes = frame.planes
    if planes.pixel_format == "bgr24":
        pixels = planes.arrays[0][rows, columns].astype(np.float32)
        blue, green, red = (pixels[..., place] for place in range(3))
        bright = 0.114 * blue + 0.587 * green + 0.299 * red
        values = np.stack([bright, 128 + 0.564 * (blue - bright), 128 + 0.713 * (red - bright)])
        whole = np.rint(values).clip(0, 255).astype(np.intp)
        return np.concatenate([_BRIGHT[whole[:1]], _TINT[whole[1:]]])
    half = rows // 2, columns // 2
    if planes.pixel_format == "nv12":
        both = planes.arrays[1][half]
        u, v = both[..., 0], both[..., 1]
    else:
        u, v = planes.arrays[1][half], planes.arrays[2][half]
    return np.stack([_BRIGHT[planes.arrays[0][rows, columns]], _TINT[u], _TINT[v]])


def _table(low: float, reach: float) -> NDArray[np.intp]:
    """The bin of each value of a byte."""
    return ((np.arange(256) - low) * (_BINS / reach)).astype(np.intp).clip(0, _BINS - 1)


_BRIGHT = _table(0.0, 256.0)
_TINT = _table(128.0 - _CHROMA_REACH, 2 * _CHROMA_REACH)
_STEPS = (np.arange(_PIXELS) + 0.5) / _PIXELS
_AT = _ACROSS[0] + (_ACROSS[1] - _ACROSS[0]) * _STEPS
_DOWN = np.array([low + (high - low) * _STEPS for low, high in _BANDS])
