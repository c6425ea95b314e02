"""Numbers drawn into pictures so that they survive any codec: sixteen upright bars, dark for 0 and bright for 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 16


def draw_number(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) uint8 luma that shows ``number`` (below 65,536), highest bit at the left; width >= 64."""
    bits = np.array([number >> (BITS - 1 - bit) & 1 for bit in range(BITS)], np.uint8)
    bar = np.minimum(np.arange(width) * BITS // width, BITS - 1)
    return np.tile(np.where(bits[bar] == 1, 210, 40).astype(np.uint8), (height, 1))


def read_number(luma: NDArray[np.uint8]) -> int:
    """The number that (height, width) luma shows."""
    height, width = luma.shape
    middle = luma[height // 4 : 3 * height // 4].mean(axis=0)
    bits = [middle[(2 * bit + 1) * width // (2 * BITS)] > 125 for bit in range(BITS)]
    return sum(1 << (BITS - 1 - place) for place, bit in enumerate(bits) if bit)
