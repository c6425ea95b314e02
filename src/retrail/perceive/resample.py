"""Small pictures from large ones and back, without a library: block means and bilinear weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrink(image: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 to (height_px, width_px, 3) by the mean of each block; neither side may grow."""
    return np.rint(block_mean(image, width_px, height_px)).astype(np.uint8)


def block_mean(image: NDArray[np.uint8], columns: int, rows: int) -> NDArray[np.float32]:
    """(rows, columns, 3) float32: the mean of each block of an (h, w, 3) picture with at least as many of both."""
    tops = np.arange(rows) * image.shape[0] // rows
    lefts = np.arange(columns) * image.shape[1] // columns
    sums = np.add.reduceat(image.astype(np.float32), tops, axis=0)
    sums = np.add.reduceat(sums, lefts, axis=1)
    high = np.diff(np.append(tops, image.shape[0])).astype(np.float32)
    wide = np.diff(np.append(lefts, image.shape[1])).astype(np.float32)
    return (sums / (high[:, None, None] * wide[None, :, None])).astype(np.float32)


def enlarge(cells: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """(rows, columns, 3) float32 to (height_px, width_px, 3), bilinear between the middles of the cells."""
    rows = _weights(cells.shape[0], height_px)
    columns = _weights(cells.shape[1], width_px)
    return np.einsum("yr,rcd,xc->yxd", rows, cells, columns, optimize=True).astype(np.float32)


def _weights(cells: int, pixels: int) -> NDArray[np.float32]:
    place = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
    low = np.floor(place).astype(np.intp)
    part = (place - low).astype(np.float32)
    weights = np.zeros((pixels, cells), np.float32)
    weights[np.arange(pixels), low] = 1 - part
    weights[np.arange(pixels), np.minimum(low + 1, cells - 1)] += part
    return weights
