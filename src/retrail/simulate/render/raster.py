"""The z-buffer: triangles to samples, two by two a pixel, and samples to a picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from retrail.simulate.distortion import stretch
from retrail.simulate.render.lens import NEAR_M

FINE = 2
"""Samples a pixel, in x and in y."""


@njit(cache=True, nogil=True, fastmath=False)
def see(points: Any, at: Any, axes: Any, focal: float, radial: Any, width: int, height: int) -> Any:
    """Points as (v, 3): x and y in samples, and one over the depth in metres (0: behind the lens).

    Distorted by ``radial``, points alone: the sides of triangles between them stay straight, for they are short.
    """
    seen = np.empty((points.shape[0], 3))
    for index in range(points.shape[0]):
        dx, dy, dz = points[index, 0] - at[0], points[index, 1] - at[1], points[index, 2] - at[2]
        depth = axes[2, 0] * dx + axes[2, 1] * dy + axes[2, 2] * dz
        if depth < NEAR_M:
            seen[index, 0], seen[index, 1], seen[index, 2] = 0.0, 0.0, 0.0
            continue
        right = axes[0, 0] * dx + axes[0, 1] * dy + axes[0, 2] * dz
        down = axes[1, 0] * dx + axes[1, 1] * dy + axes[1, 2] * dz
        bent = stretch(math.sqrt(right * right + down * down) / depth, radial)
        seen[index, 0] = FINE * (0.5 * width + focal * right / depth * bent)
        seen[index, 1] = FINE * (0.5 * height + focal * down / depth * bent)
        seen[index, 2] = 1.0 / depth
    return seen


@njit(cache=True, nogil=True, fastmath=False)
def light(points: Any, normals: Any, lamps: Any) -> Any:
    """(v,) how bright the surface is: sky-like light of the ceiling, and lamps of `background.lamps`."""
    shade = np.empty(points.shape[0])
    for index in range(points.shape[0]):
        nx, ny, nz = normals[index, 0], normals[index, 1], normals[index, 2]
        x, y = points[index, 0], points[index, 1]
        low = min(1.0, 0.72 + 0.22 * points[index, 2])
        facing = max(0.0, lamps[0] * nx + lamps[1] * ny + lamps[2] * nz)
        pool = 1.0 + lamps[3] * math.sin(lamps[4] * x + lamps[5]) * math.sin(lamps[4] * y + lamps[6])
        shade[index] = pool * (low * (0.5 + 0.17 * nz) + 0.46 * facing)
    return shade


@njit(cache=True, nogil=True, fastmath=False)
def _span(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, area: float, py: float) -> Any:
    """The part (from, to) in x of a row at ``py`` that lies in a triangle; from > to where there is none."""
    low, high = -1e18, 1e18
    for side in range(3):
        if side == 0:
            px, qx, ex, ey = ax, ay, bx - ax, by - ay
        elif side == 1:
            px, qx, ex, ey = bx, by, cx - bx, cy - by
        else:
            px, qx, ex, ey = cx, cy, ax - cx, ay - cy
        if area < 0.0:
            ex, ey = -ex, -ey
        # Inside where ex * (py - qx) - ey * (x - px) >= 0.
        rest = ex * (py - qx) + ey * px
        if ey > 0.0:
            high = min(high, rest / ey)
        elif ey < 0.0:
            low = max(low, rest / ey)
        elif rest < 0.0:
            return 1.0, 0.0
    return low, high


@njit(cache=True, nogil=True, fastmath=False)
def draw(
    seen: Any, shade: Any, uv: Any, triangles: Any, open_from: int, atlas: Any, owner: int,
    depth: Any, colour: Any, owners: Any,
) -> Any:  # fmt: skip
    """Draw one body into the buffers.

    Args:
        seen: of `see`; shade (v,); uv (v, 2); triangles (f, 3); atlas (256, 256, 4) uint8.
        open_from: triangles before this one close a surface and are seen from outside alone.
        owner: the body's number in ``owners``.
        depth: (h, w) float32, one over the depth, nearer is more.
        colour: (h, w, 3) uint8. owners: (h, w) int16.

    Returns:
        (4,) int64: the samples touched: x1, y1, x2, y2 (beyond the last).
    """
    tall, wide = depth.shape
    touched = np.array([wide, tall, 0, 0])
    for face in range(triangles.shape[0]):
        a, b, c = triangles[face, 0], triangles[face, 1], triangles[face, 2]
        wa, wb, wc = seen[a, 2], seen[b, 2], seen[c, 2]
        if wa <= 0.0 or wb <= 0.0 or wc <= 0.0:
            continue
        ax, ay, bx, by, cx, cy = seen[a, 0], seen[a, 1], seen[b, 0], seen[b, 1], seen[c, 0], seen[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9 or (area < 0.0 and face < open_from):
            continue
        left, right = max(0, math.ceil(min(ax, bx, cx) - 0.5)), min(wide - 1, math.floor(max(ax, bx, cx) - 0.5))
        top, bottom = max(0, math.ceil(min(ay, by, cy) - 0.5)), min(tall - 1, math.floor(max(ay, by, cy) - 0.5))
        if left > right or top > bottom:
            continue
        # Over the picture what is divided by the depth is linear: value = start + x * dx + y * dy.
        bdx, bdy = (cy - ay) / area, (ax - cx) / area
        cdx, cdy = (ay - by) / area, (bx - ax) / area
        wx, wy = (wb - wa) * bdx + (wc - wa) * cdx, (wb - wa) * bdy + (wc - wa) * cdy
        ua, va, la = uv[a, 0] * wa, uv[a, 1] * wa, shade[a] * wa
        ub, vb, lb = uv[b, 0] * wb - ua, uv[b, 1] * wb - va, shade[b] * wb - la
        uc, vc, lc = uv[c, 0] * wc - ua, uv[c, 1] * wc - va, shade[c] * wc - la
        ux, uy, vx, vy = ub * bdx + uc * cdx, ub * bdy + uc * cdy, vb * bdx + vc * cdx, vb * bdy + vc * cdy
        lx, ly = lb * bdx + lc * cdx, lb * bdy + lc * cdy
        for y in range(top, bottom + 1):
            low, high = _span(ax, ay, bx, by, cx, cy, area, y + 0.5)
            x1, x2 = max(left, math.ceil(low - 0.5)), min(right, math.floor(high - 0.5))
            if x1 > x2:
                continue
            fx, fy = x1 + 0.5 - ax, y + 0.5 - ay
            w, u, v, bright = (
                wa + fx * wx + fy * wy,
                ua + fx * ux + fy * uy,
                va + fx * vx + fy * vy,
                la + fx * lx + fy * ly,
            )
            for x in range(x1, x2 + 1):
                if w > depth[y, x]:
                    far = 1.0 / w
                    row, column = min(255, max(0, int(v * far))), min(255, max(0, int(u * far)))
                    if atlas[row, column, 3]:
                        depth[y, x] = w
                        owners[y, x] = owner
                        lit = bright * far
                        for channel in range(3):
                            colour[y, x, channel] = min(255, int(lit * atlas[row, column, channel] + 0.5))
                w, u, v, bright = w + wx, u + ux, v + vx, bright + lx
        touched[0], touched[1] = min(touched[0], left), min(touched[1], top)
        touched[2], touched[3] = max(touched[2], right + 1), max(touched[3], bottom + 1)
    return touched


@njit(cache=True, nogil=True, fastmath=False)
def extent(seen: Any) -> Any:
    """(4,) float64 box of all points before the lens, in samples; not a number where there are none."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for index in range(seen.shape[0]):
        if seen[index, 2] > 0.0:
            box[0], box[1] = min(box[0], seen[index, 0]), min(box[1], seen[index, 1])
            box[2], box[3] = max(box[2], seen[index, 0]), max(box[3], seen[index, 1])
    return box


@njit(cache=True, nogil=True, fastmath=False)
def whole(seen: Any, triangles: Any, most: int) -> int:
    """How many pixels a body covers with nothing before it, also outside the frame; at most ``most`` a side.

    A pixel is covered where its first sample is.
    """
    box = extent(seen)
    if not box[0] < box[2]:
        return 0
    left, top = math.floor(box[0] / FINE), math.floor(box[1] / FINE)
    wide, tall = min(most, math.ceil(box[2] / FINE) - left + 1), min(most, math.ceil(box[3] / FINE) - top + 1)
    mask = np.zeros((tall, wide), np.uint8)
    for face in range(triangles.shape[0]):
        a, b, c = triangles[face, 0], triangles[face, 1], triangles[face, 2]
        if seen[a, 2] <= 0.0 or seen[b, 2] <= 0.0 or seen[c, 2] <= 0.0:
            continue
        # The middle of the first sample of a pixel is half a sample from its corner.
        ax, ay = (seen[a, 0] - 0.5) / FINE - left, (seen[a, 1] - 0.5) / FINE - top
        bx, by = (seen[b, 0] - 0.5) / FINE - left, (seen[b, 1] - 0.5) / FINE - top
        cx, cy = (seen[c, 0] - 0.5) / FINE - left, (seen[c, 1] - 0.5) / FINE - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        for y in range(max(0, math.ceil(min(ay, by, cy))), min(tall - 1, math.floor(max(ay, by, cy))) + 1):
            low, high = _span(ax, ay, bx, by, cx, cy, area, float(y))
            for x in range(max(0, math.ceil(low)), min(wide - 1, math.floor(high)) + 1):
                mask[y, x] = 1
    return int(mask.sum())


@njit(cache=True, nogil=True, fastmath=False)
def cast_shadow(
    points: Any, triangles: Any, lean_x: float, lean_y: float, at: Any, axes: Any, focal: float, radial: Any, mask: Any
) -> Any:
    """Mark the pixels of the floor on which a body's shadow falls; returns those touched: x1, y1, x2, y2.

    Args:
        lean_x, lean_y: how far a shadow reaches for each metre of height.
        mask: (h, w) uint8, in pixels.
    """
    tall, wide = mask.shape
    flat = np.empty_like(points)
    for index in range(points.shape[0]):
        flat[index, 0] = points[index, 0] + lean_x * points[index, 2]
        flat[index, 1] = points[index, 1] + lean_y * points[index, 2]
        flat[index, 2] = 0.0
    seen = see(flat, at, axes, focal, radial, wide, tall)
    touched = np.array([wide, tall, 0, 0])
    for face in range(triangles.shape[0]):
        a, b, c = triangles[face, 0], triangles[face, 1], triangles[face, 2]
        if seen[a, 2] <= 0.0 or seen[b, 2] <= 0.0 or seen[c, 2] <= 0.0:
            continue
        ax, ay = seen[a, 0] / FINE, seen[a, 1] / FINE
        bx, by = seen[b, 0] / FINE, seen[b, 1] / FINE
        cx, cy = seen[c, 0] / FINE, seen[c, 1] / FINE
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        x1, x2 = max(0, math.ceil(min(ax, bx, cx) - 0.5)), min(wide - 1, math.floor(max(ax, bx, cx) - 0.5))
        y1, y2 = max(0, math.ceil(min(ay, by, cy) - 0.5)), min(tall - 1, math.floor(max(ay, by, cy) - 0.5))
        if abs(area) < 1e-9 or x1 > x2 or y1 > y2:
            continue
        for y in range(y1, y2 + 1):
            low, high = _span(ax, ay, bx, by, cx, cy, area, y + 0.5)
            for x in range(max(x1, math.ceil(low - 0.5)), min(x2, math.floor(high - 0.5)) + 1):
                mask[y, x] = 1
        touched[0], touched[1] = min(touched[0], x1), min(touched[1], y1)
        touched[2], touched[3] = max(touched[2], x2 + 1), max(touched[3], y2 + 1)
    return touched


@njit(cache=True, nogil=True, fastmath=False)
def darken(picture: Any, mask: Any, floor: Any, touched: Any, radius: int, strength: float) -> None:
    """Darken the floor of ``picture`` (h, w, 3) where the mask is set, with soft edges, and empty the mask."""
    high, wide = mask.shape
    x1, y1 = max(0, touched[0] - radius), max(0, touched[1] - radius)
    x2, y2 = min(wide, touched[2] + radius), min(high, touched[3] + radius)
    if x1 >= x2 or y1 >= y2:
        return
    sums = np.zeros((y2 - y1 + 1, x2 - x1 + 1), np.int32)
    for y in range(y1, y2):
        row = 0
        for x in range(x1, x2):
            row += mask[y, x]
            sums[y - y1 + 1, x - x1 + 1] = sums[y - y1, x - x1 + 1] + row
    for y in range(y1, y2):
        top, bottom = max(0, y - y1 - radius), min(y2 - y1, y - y1 + radius + 1)
        for x in range(x1, x2):
            if floor[y, x] == 0:
                continue
            left, right = max(0, x - x1 - radius), min(x2 - x1, x - x1 + radius + 1)
            inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
            if inside:
                keep = 1.0 - strength * inside / ((2 * radius + 1) ** 2)
                for channel in range(3):
                    picture[y, x, channel] = int(picture[y, x, channel] * keep)
    mask[y1:y2, x1:x2] = 0


@njit(cache=True, nogil=True, fastmath=False)
def resolve(colour: Any, owners: Any, tone: Any, x1: int, y1: int, x2: int, y2: int, picture: Any) -> None:
    """Put the samples of people over the picture, part of a pixel by part; x1..y2 in pixels.

    Args:
        tone: (3, 256) uint8: what the camera makes of a colour.
    """
    for y in range(y1, y2):
        for x in range(x1, x2):
            covered, blue, green, red = 0, 0, 0, 0
            for j in range(FINE):
                for i in range(FINE):
                    if owners[FINE * y + j, FINE * x + i]:
                        covered += 1
                        blue += tone[0, colour[FINE * y + j, FINE * x + i, 0]]
                        green += tone[1, colour[FINE * y + j, FINE * x + i, 1]]
                        red += tone[2, colour[FINE * y + j, FINE * x + i, 2]]
            if covered:
                rest = FINE * FINE - covered
                picture[y, x, 0] = (blue + rest * picture[y, x, 0]) // (FINE * FINE)
                picture[y, x, 1] = (green + rest * picture[y, x, 1]) // (FINE * FINE)
                picture[y, x, 2] = (red + rest * picture[y, x, 2]) // (FINE * FINE)


@njit(cache=True, nogil=True, fastmath=False)
def add_noise(picture: Any, grain: Any, offset: int) -> None:
    """Add grain (n,) int8 to the picture's channels, beginning at ``offset``."""
    flat = picture.reshape(-1)
    size = grain.shape[0]
    at = offset % size
    for index in range(flat.shape[0]):
        value = flat[index] + grain[at]
        flat[index] = 0 if value < 0 else 255 if value > 255 else value
        at += 1
        if at == size:
            at = 0


@njit(cache=True, nogil=True, fastmath=False)
def relight(picture: Any, table: Any) -> None:
    """Put table[level], (256,) uint8, in the place of each level of the picture."""
    flat = picture.reshape(-1)
    for index in range(flat.shape[0]):
        flat[index] = table[flat[index]]


@njit(cache=True, nogil=True, fastmath=False)
def count_owners(owners: Any, x1: int, y1: int, x2: int, y2: int, people: int) -> Any:
    """(people + 1,) int64 pixels of which each owner has the first sample; x1..y2 in pixels."""
    counts = np.zeros(people + 1, np.int64)
    for y in range(y1, y2):
        for x in range(x1, x2):
            counts[owners[FINE * y, FINE * x]] += 1
    return counts


@njit(cache=True, nogil=True, fastmath=False)
def soften(picture: Any, owners: Any, weight: float, x1: int, y1: int, x2: int, y2: int) -> None:
    """Blur people and their edges as the lens does: each pixel takes ``weight`` of each of its four neighbours.

    Only where a person is or is next to; the shop behind is blurred already. x1..y2 in pixels.
    """
    tall, wide = picture.shape[:2]
    x1, y1, x2, y2 = max(1, x1 - 1), max(1, y1 - 1), min(wide - 1, x2 + 1), min(tall - 1, y2 + 1)
    if x1 >= x2 or y1 >= y2:
        return
    old = picture[y1 - 1 : y2 + 1, x1 - 1 : x2 + 1].copy()
    for y in range(y1, y2):
        for x in range(x1, x2):
            near = owners[FINE * y, FINE * x] or owners[FINE * y - 1, FINE * x] or owners[FINE * y + FINE, FINE * x]
            if not (near or owners[FINE * y, FINE * x - 1] or owners[FINE * y, FINE * x + FINE]):
                continue
            j, i = y - y1 + 1, x - x1 + 1
            for channel in range(3):
                around = float(old[j - 1, i, channel]) + old[j + 1, i, channel]
                around += float(old[j, i - 1, channel]) + old[j, i + 1, channel]
                picture[y, x, channel] = int((1.0 - 4.0 * weight) * old[j, i, channel] + weight * around + 0.5)
