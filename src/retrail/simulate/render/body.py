"""A body as tubes of elliptic rings on bones, and what it wears as further tubes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDES = 14
ATLAS_PX = 256

PELVIS, CHEST, HEAD, THIGH_L, SHIN_L, FOOT_L, THIGH_R, SHIN_R, FOOT_R = range(9)
ARM_L, FOREARM_L, ARM_R, FOREARM_R, SKIRT, CARRIED = range(9, 15)
BONES = 15

Rect = tuple[int, int, int, int]
"""(x, y, width, height) in the atlas."""


@dataclass(frozen=True, slots=True)
class Tube:
    """Rings one after the other, the first on top.

    Attributes:
        rings: (bone, along, half width, half depth, to the right, forward, swing); lengths in body heights; ``swing``:
            share by which a hem grows while the legs are apart.
        rect: its part of the atlas; the middle column is the front.
        open: parts of it are not there, so that one sees its inside.
    """

    rings: tuple[tuple[float, float, float, float, float, float, float], ...]
    rect: Rect
    open: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Tubes ready for the kernels.

    Attributes:
        height_m: standing.
        shoulder, hip: half widths, in body heights.
        rings: (r, 7) float64 of `Tube.rings`.
        first: (t + 1,) int64, where the rings of each tube begin.
        uv: (v, 2) float32, atlas pixels; v = r * (SIDES + 1).
        triangles: (f, 3) int32; those from ``open_from`` on are seen from inside too.
        atlas: (256, 256, 4) uint8 BGR and opacity.
    """

    height_m: float
    shoulder: float
    hip: float
    rings: NDArray[np.float64]
    first: NDArray[np.int64]
    uv: NDArray[np.float32]
    triangles: NDArray[np.int32]
    open_from: int
    atlas: NDArray[np.uint8]


def make_body(tubes: list[Tube], atlas: NDArray[np.uint8], height_m: float, shoulder: float, hip: float) -> Body:
    """Join tubes to a body."""
    rings: list[tuple[float, ...]] = []
    first: list[int] = [0]
    uv: list[NDArray[np.float64]] = []
    triangles: list[tuple[int, int, int]] = []
    columns = np.arange(SIDES + 1) / SIDES
    open_from = 0
    for tube in sorted(tubes, key=lambda tube: tube.open):
        count, base = len(tube.rings), len(rings)
        rings += tube.rings
        x, y, width, height = tube.rect
        along = np.cumsum([0.0, *[_length(a, b) for a, b in zip(tube.rings, tube.rings[1:], strict=False)]])
        across = x + 0.5 + columns * (width - 1)
        down = y + 0.5 + along / along[-1] * (height - 1)
        uv += [np.stack([across, np.full(SIDES + 1, row)], axis=1) for row in down.tolist()]
        first.append(base + count)
        for ring in range(base, base + count - 1):
            for side in range(SIDES):
                a, b = ring * (SIDES + 1) + side, (ring + 1) * (SIDES + 1) + side
                triangles += [(a, b, a + 1), (a + 1, b, b + 1)]
        open_from = open_from if tube.open else len(triangles)
    return Body(
        height_m,
        shoulder,
        hip,
        np.array(rings, np.float64),
        np.array(first, np.int64),
        np.concatenate(uv).astype(np.float32),
        np.array(triangles, np.int32),
        open_from,
        atlas,
    )


def _length(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Between two rings, over the surface; where the bone changes, by a little."""
    along = abs(a[1] - b[1]) if a[0] == b[0] else 0.01
    return float(np.sqrt(along**2 + (a[2] - b[2]) ** 2)) + 1e-4
