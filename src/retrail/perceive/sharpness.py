"""How sharp the picture of a person is, read from the luma of the frame as decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Frame

_LONGEST_PX = 192
_HALF = 0.006


def sharpness(frame: Frame, box: Box) -> float:
    """0..1: the energy of the Laplacian against the contrast inside the box, at the size at which an encoder looks.

    Being relative to contrast, dark clothes are not taken for blur. Noise counts as detail; it does so for
    every shot of a camera alike. A box without a pixel gives 0.
    """
    patch = luma_patch(frame, box)
    if patch.shape[0] < 8 or patch.shape[1] < 4:
        return 0.0
    centre = patch[1:-1, 1:-1]
    laplacian = patch[:-2, 1:-1] + patch[2:, 1:-1] + patch[1:-1, :-2] + patch[1:-1, 2:] - 4.0 * centre
    contrast = float(centre.var()) + 25.0
    relative = float(np.square(laplacian).mean()) / 20.0 / contrast
    return relative / (relative + _HALF)


def luma_patch(frame: Frame, box: Box) -> NDArray[np.float32]:
    """The box's luma (of a BGR frame its green), shrunk by a whole factor to at most about 192 pixels high."""
    x1, y1, x2, y2 = (round(edge) for edge in box)
    plane = frame.planes.arrays[0]
    if frame.planes.pixel_format == "bgr24":
        plane = plane[..., 1]
    patch = plane[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)]
    factor = max(1, round(patch.shape[0] / _LONGEST_PX))
    high, wide = patch.shape[0] // factor, patch.shape[1] // factor
    if factor == 1 or not high or not wide:
        return patch.astype(np.float32)
    blocks = patch[: high * factor, : wide * factor].reshape(high, factor, wide, factor)
    return blocks.mean(axis=(1, 3), dtype=np.float32)
