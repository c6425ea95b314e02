"""How sharp the picture of a person is, read from the luma of the frame as decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Frame

_LONGEST_PX = 128
_HALF = 0.006
_BANDS = 6
_LEAST_PX = 4


def sharpness(frame: Frame, box: Box) -> float:
    """0..1: the energy of the Laplacian against the contrast, the median over six bands down the middle of the box.

    Relative to contrast, so that dark clothes are not taken for blur; a median, so that a sign or a shelf that hides
    a part of the person does not pass for a sharp picture of him (measured on `plaza`, where a sign does). Noise
    counts as detail, but it does so in every shot of a camera alike. A box with too few pixels gives 0.
    """
    margin_px = (box[2] - box[0]) / 5
    patch = luma_patch(frame, (box[0] + margin_px, box[1], box[2] - margin_px, box[3]))
    if patch.shape[0] < _BANDS * _LEAST_PX or patch.shape[1] < _LEAST_PX:
        return 0.0
    laplacian = patch[:-2, 1:-1] + patch[2:, 1:-1] + patch[1:-1, :-2] + patch[1:-1, 2:] - 4.0 * patch[1:-1, 1:-1]
    # 20: what white noise of variance 1 gives. 25: contrast below 5 grey levels is none.
    detail = _band_means(np.square(laplacian)) / 20.0
    contrast = _band_means(np.square(patch)) - np.square(_band_means(patch)) + 25.0
    relative = float(np.median(detail / contrast))
    return relative / (relative + _HALF)


def _band_means(patch: NDArray[np.float32]) -> NDArray[np.float64]:
    rows = patch.mean(axis=1, dtype=np.float64)
    starts = np.arange(_BANDS) * len(rows) // _BANDS
    return np.add.reduceat(rows, starts) / np.diff(np.append(starts, len(rows)))


def luma_patch(frame: Frame, box: Box) -> NDArray[np.float32]:
    """The box's luma (of a BGR frame its green), every so manieth pixel, so that about 128 rows are left at most.

    Leaving pixels out is many times cheaper than averaging them, and what is blurred stays smooth all the same.
    """
    x1, y1, x2, y2 = (max(round(edge), 0) for edge in box)
    plane = frame.planes.arrays[0]
    if frame.planes.pixel_format == "bgr24":
        plane = plane[..., 1]
    step = max(1, round((y2 - y1) / _LONGEST_PX))
    return plane[y1:y2:step, x1:x2:step].astype(np.float32)
