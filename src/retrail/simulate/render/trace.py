"""What is behind each sample of an empty room: rays against the floor, the ceiling and turned boxes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from retrail.simulate.distortion import straightening
from retrail.simulate.render.lens import Lens
from retrail.simulate.render.raster import FINE
from retrail.simulate.spec import ScenarioSpec

WALL_M = 0.12
MATERIALS = (
    "floor", "ceiling", "plaster", "brick", "panel", "glass", "outside", "shelf", "counter", "table", "chair", "stool",
    "crate", "fridge", "rack", "plant", "pillar", "sign", "poster", "pavement",
)  # fmt: skip
FLOOR, CEILING, PAVEMENT = 0, 1, 19


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Turned boxes.

    Attributes:
        shape: (n, 8) float64: middle x, y, z, half width, depth, height, cosine and sine of the turn.
        material: (n,) int64, index of `MATERIALS`. seed: (n,) int64, makes two of a kind differ.
    """

    shape: NDArray[np.float64]
    material: NDArray[np.int64]
    seed: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What each sample (h, w) of a camera meets.

    Attributes:
        near: float32, one over the depth in metres.
        box: int32 index of the box, -1 floor, -2 ceiling.
        face: int8: 0 and 1 sides across the width, 2 and 3 across the depth, 4 below, 5 above.
        u, v: float32 metres along the face: from its middle, and up from the box's lower edge (or depth on top).
        x, y, z: float32 metres. beside: float32, on the floor: metres to the nearest thing that stands on it.
    """

    near: NDArray[np.float32]
    box: NDArray[np.int32]
    face: NDArray[np.int8]
    u: NDArray[np.float32]
    v: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]
    beside: NDArray[np.float32]


def boxes_of(spec: ScenarioSpec) -> Boxes:
    """Walls, furniture and posters of a scenario as boxes."""
    shapes: list[tuple[float, ...]] = []
    materials: list[int] = []
    for wall in spec.walls:
        dx, dy = wall.end[0] - wall.start[0], wall.end[1] - wall.start[1]
        length = math.hypot(dx, dy) or 1.0
        top = spec.ceiling_m if wall.top_m is None else wall.top_m
        shapes.append(
            (
                (wall.start[0] + wall.end[0]) / 2, (wall.start[1] + wall.end[1]) / 2, (wall.bottom_m + top) / 2,
                length / 2 + WALL_M / 2, WALL_M / 2, (top - wall.bottom_m) / 2, dx / length, dy / length,
            )
        )  # fmt: skip
        materials.append(MATERIALS.index(wall.paint))
    for piece in spec.furniture:
        for part in _parts(piece.kind, piece.size):
            turn = math.radians(piece.turn_deg)
            cos, sin = math.cos(turn), math.sin(turn)
            x, y = piece.at[0] + cos * part[0] - sin * part[1], piece.at[1] + sin * part[0] + cos * part[1]
            shapes.append((x, y, piece.raised_m + part[2], part[3], part[4], part[5], cos, sin))
            materials.append(MATERIALS.index(piece.kind))
    for poster in spec.posters:
        turn = math.radians(poster.face_deg - 90)
        half = poster.size[0] / 2, 0.01, poster.size[1] / 2
        shapes.append((*poster.at, *half, math.cos(turn), math.sin(turn)))
        materials.append(MATERIALS.index("poster"))
    return Boxes(
        np.array(shapes, np.float64).reshape(-1, 8),
        np.array(materials, np.int64),
        np.arange(len(shapes), dtype=np.int64),
    )


def _parts(kind: str, size: tuple[float, float, float]) -> list[tuple[float, ...]]:
    """Boxes (x, y, z of the middle, half sizes) that make a piece of furniture, before it is turned."""
    width, depth, height = size
    if kind == "table":
        leg = 0.03
        corners = [(sx * (width / 2 - 0.06), sy * (depth / 2 - 0.06)) for sx in (-1, 1) for sy in (-1, 1)]
        legs = [(x, y, (height - 0.04) / 2, leg, leg, (height - 0.04) / 2) for x, y in corners]
        return [(0.0, 0.0, height - 0.02, width / 2, depth / 2, 0.02), *legs]
    if kind == "chair":
        seat, leg = 0.45, 0.02
        corners = [(sx * (width / 2 - 0.03), sy * (depth / 2 - 0.03)) for sx in (-1, 1) for sy in (-1, 1)]
        legs = [(x, y, seat / 2, leg, leg, seat / 2) for x, y in corners]
        back = (0.0, -depth / 2 + 0.02, (seat + height) / 2 + 0.1, width / 2, 0.02, (height - seat) / 2 - 0.1)
        return [(0.0, 0.0, seat - 0.02, width / 2, depth / 2, 0.02), back, *legs]
    return [(0.0, 0.0, height / 2, width / 2, depth / 2, height / 2)]


def trace(spec: ScenarioSpec, boxes: Boxes, lens: Lens) -> Hits:
    """What a camera sees of the empty shop."""
    shape = lens.height_px * FINE, lens.width_px * FINE
    hits = Hits(
        np.zeros(shape, np.float32), np.full(shape, -3, np.int32), np.zeros(shape, np.int8),
        *(np.zeros(shape, np.float32) for _ in range(6)),
    )  # fmt: skip
    _trace(
        boxes.shape, spec.ceiling_m, lens.at, lens.axes, lens.focal_px * FINE, lens.radial,
        hits.near, hits.box, hits.face, hits.u, hits.v, hits.x, hits.y, hits.z, hits.beside,
    )  # fmt: skip
    return hits


@njit(cache=True, nogil=True, fastmath=False)
def _trace(
    shape: Any, ceiling: float, at: Any, axes: Any, focal: float, radial: Any,
    near: Any, box: Any, face: Any, hit_u: Any, hit_v: Any, hit_x: Any, hit_y: Any, hit_z: Any, beside: Any,
) -> None:  # fmt: skip
    high, wide = near.shape
    count = shape.shape[0]
    starts = np.empty((count, 3))
    for index in range(count):
        dx, dy = at[0] - shape[index, 0], at[1] - shape[index, 1]
        starts[index, 0] = shape[index, 6] * dx + shape[index, 7] * dy
        starts[index, 1] = shape[index, 6] * dy - shape[index, 7] * dx
        starts[index, 2] = at[2] - shape[index, 2]
    for row in range(high):
        for column in range(wide):
            sx, sy = (column + 0.5 - 0.5 * wide) / focal, (row + 0.5 - 0.5 * high) / focal
            straight = straightening(math.sqrt(sx * sx + sy * sy), radial)
            sx, sy = sx * straight, sy * straight
            rx = axes[2, 0] + sx * axes[0, 0] + sy * axes[1, 0]
            ry = axes[2, 1] + sx * axes[0, 1] + sy * axes[1, 1]
            rz = axes[2, 2] + sx * axes[0, 2] + sy * axes[1, 2]
            best, found, side = 1e9, -3, 0
            if rz < -1e-9:
                best, found, side = -at[2] / rz, -1, 5
            elif rz > 1e-9:
                best, found, side = (ceiling - at[2]) / rz, -2, 4
            for index in range(count):
                cos, sin = shape[index, 6], shape[index, 7]
                enter, leave, through = 0.0, best, -1
                for axis in range(3):
                    if axis == 0:
                        direction = cos * rx + sin * ry
                    elif axis == 1:
                        direction = cos * ry - sin * rx
                    else:
                        direction = rz
                    start, half = starts[index, axis], shape[index, 3 + axis]
                    if abs(direction) < 1e-12:
                        if abs(start) > half:
                            leave = -1.0
                            break
                        continue
                    one, two = (-half - start) / direction, (half - start) / direction
                    first_face = 2 * axis
                    if one > two:
                        one, two, first_face = two, one, 2 * axis + 1
                    if one > enter:
                        enter, through = one, first_face
                    leave = min(leave, two)
                    if enter >= leave:
                        break
                if enter < leave and through >= 0:
                    best, found, side = enter, index, through
            x, y, z = at[0] + best * rx, at[1] + best * ry, at[2] + best * rz
            near[row, column], box[row, column], face[row, column] = 1.0 / best, found, side
            hit_x[row, column], hit_y[row, column], hit_z[row, column] = x, y, z
            if found >= 0:
                dx, dy = x - shape[found, 0], y - shape[found, 1]
                lx = shape[found, 6] * dx + shape[found, 7] * dy
                ly = shape[found, 6] * dy - shape[found, 7] * dx
                lz = z - shape[found, 2] + shape[found, 5]
                if side < 2:
                    hit_u[row, column], hit_v[row, column] = ly, lz
                elif side < 4:
                    hit_u[row, column], hit_v[row, column] = lx, lz
                else:
                    hit_u[row, column], hit_v[row, column] = lx, ly
            elif found == -1:
                nearest = 9.0
                for index in range(count):
                    if shape[index, 2] - shape[index, 5] > 0.3:
                        continue
                    dx, dy = x - shape[index, 0], y - shape[index, 1]
                    ax = abs(shape[index, 6] * dx + shape[index, 7] * dy) - shape[index, 3]
                    ay = abs(shape[index, 6] * dy - shape[index, 7] * dx) - shape[index, 4]
                    ax, ay = max(0.0, ax), max(0.0, ay)
                    nearest = min(nearest, math.sqrt(ax * ax + ay * ay))
                beside[row, column] = nearest
