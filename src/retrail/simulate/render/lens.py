"""A camera's geometry: where a point of the shop is in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.spec import CameraSpec
from retrail.simulate.values import Floor, Place

NEAR_M = 0.15
"""Nothing nearer to the lens than this is drawn."""

_EDGE = 1e-3
"""In shares of the frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A pinhole.

    Attributes:
        at: (3,) float64, metres.
        axes: (3, 3) float64, rows right, down, forward: unit vectors.
        focal_px: focal length in pixels.
        width_px, height_px: size of the picture.
    """

    at: NDArray[np.float64]
    axes: NDArray[np.float64]
    focal_px: float
    width_px: int
    height_px: int

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) points in metres to (n, 3): x, y in pixels and depth in metres; not a number behind the lens."""
        seen = (points - self.at) @ self.axes.T
        depth = np.where(seen[:, 2] > 1e-9, seen[:, 2], np.nan)
        return np.stack(
            [
                self.width_px / 2 + self.focal_px * seen[:, 0] / depth,
                self.height_px / 2 + self.focal_px * seen[:, 1] / depth,
                depth,
            ],
            axis=1,
        )

    def polygon(self, floor: Sequence[Floor], closed: bool = True) -> list[tuple[float, float]]:
        """A polygon or, open, a line on the floor as corners in fractions of the frame, cut at the frame's edges."""
        half_x, half_y = self.width_px / 2 / self.focal_px, self.height_px / 2 / self.focal_px
        return [
            (min(max(0.5 + 0.5 * x / z / half_x, 0.0), 1.0), min(max(0.5 + 0.5 * y / z / half_y, 0.0), 1.0))
            for x, y, z in self._framed(floor, closed)
        ]

    def seen_floor(self, floor: Sequence[Floor]) -> list[Floor]:
        """The part of a polygon on the floor that lies in the frame, in metres."""
        points = [self.at + np.array(point) @ self.axes for point in self._framed(floor, True)]
        return [(float(point[0]), float(point[1])) for point in points]

    def counted_floor(self, floor: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where (n, 2) points of the floor, metres, count as being: one beyond the frame's edge is on it, just inside.

        Not a number behind the lens, and where the edge of the frame shows no floor.
        """
        inner = np.array([self.width_px, self.height_px], np.float64)
        seen = self.project(np.column_stack([floor, np.zeros(len(floor))]))[:, :2]
        held = np.clip(seen, inner * _EDGE, inner * (1.0 - _EDGE))
        rays = np.column_stack([(held - inner / 2) / self.focal_px, np.ones(len(held))]) @ self.axes
        down = np.where(rays[:, 2] < -1e-9, rays[:, 2], np.nan)
        reached = self.at[:2] - rays[:, :2] * (self.at[2] / down)[:, None]
        return np.where((held == seen).all(axis=1)[:, None], floor, reached)

    def _framed(self, floor: Sequence[Floor], closed: bool) -> list[tuple[float, ...]]:
        """Corners as the lens sees them (right, down, forward, metres), cut at the frame's edges."""
        half_x, half_y = self.width_px / 2 / self.focal_px, self.height_px / 2 / self.focal_px
        seen = [tuple(float(part) for part in (np.array([x, y, 0.0]) - self.at) @ self.axes.T) for x, y in floor]
        for normal in (
            (0.0, 0.0, 1.0),
            (1.0, 0.0, half_x),
            (-1.0, 0.0, half_x),
            (0.0, 1.0, half_y),
            (0.0, -1.0, half_y),
        ):
            seen = _cut(seen, normal, closed)
        return seen


def lens_of(camera: CameraSpec, look_at: Place | None = None) -> Lens:
    """The lens of a camera; ``look_at`` goes before the camera's own."""
    at = np.array(camera.at, np.float64)
    forward = np.array(look_at or camera.look_at, np.float64) - at
    forward /= math.sqrt(float(forward @ forward)) or 1.0
    right = np.array([forward[1], -forward[0], 0.0])
    size = math.sqrt(float(right @ right))
    right = right / size if size > 1e-6 else np.array([1.0, 0.0, 0.0])
    down = np.array(
        [
            forward[1] * right[2] - forward[2] * right[1],
            forward[2] * right[0] - forward[0] * right[2],
            forward[0] * right[1] - forward[1] * right[0],
        ]
    )
    focal = camera.width_px / 2 / math.tan(math.radians(camera.fov_deg) / 2)
    return Lens(at, np.stack([right, down, forward]), focal, camera.width_px, camera.height_px)


def _cut(points: list[tuple[float, ...]], normal: tuple[float, float, float], closed: bool) -> list[tuple[float, ...]]:
    """The part of a polygon or line on the positive side of a plane through the lens (Sutherland and Hodgman 1974)."""
    found: list[tuple[float, ...]] = []
    sides = [sum(a * b for a, b in zip(point, normal, strict=True)) - 1e-6 for point in points]
    for index in range(len(points) if closed else len(points) - 1):
        here, after = points[index], points[(index + 1) % len(points)]
        side, next_side = sides[index], sides[(index + 1) % len(points)]
        if side >= 0:
            found.append(here)
        if (side >= 0) != (next_side >= 0):
            share = side / (side - next_side)
            found.append(tuple(a + share * (b - a) for a, b in zip(here, after, strict=True)))
    if not closed and points and sides[-1] >= 0:
        found.append(points[-1])
    return found
