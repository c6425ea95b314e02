"""A camera's geometry: where a point of the shop is in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import side_of_line
from retrail.simulate.distortion import PINHOLE, Radial, distorted, straightening, stretch
from retrail.simulate.outline import thinned
from retrail.simulate.spec import CameraSpec
from retrail.simulate.values import Floor, Place

NEAR_M = 0.15
"""Nothing nearer to the lens than this is drawn."""

_EDGE = 1e-3
"""In shares of the frame."""

_STEP_PX, _WITHIN_PX, _WITHIN_M = 4.0, 0.25, 0.01
"""Where a lens distorts: so often a straight line is looked at, and so near to it its outline stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A pinhole, or one whose picture is distorted radially.

    Attributes:
        at: (3,) float64, metres.
        axes: (3, 3) float64, rows right, down, forward: unit vectors.
        focal_px: focal length in pixels, as it is in the middle of the picture.
        width_px, height_px: size of the picture.
        radial: its distortion.
    """

    at: NDArray[np.float64]
    axes: NDArray[np.float64]
    focal_px: float
    width_px: int
    height_px: int
    radial: Radial = PINHOLE

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) points in metres to (n, 3): x, y in pixels and depth in metres; not a number behind the lens."""
        seen = (points - self.at) @ self.axes.T
        depth = np.where(seen[:, 2] > 1e-9, seen[:, 2], np.nan)
        bent = stretch(np.hypot(seen[:, 0], seen[:, 1]) / depth, self.radial)
        return np.stack(
            [
                self.width_px / 2 + self.focal_px * seen[:, 0] / depth * bent,
                self.height_px / 2 + self.focal_px * seen[:, 1] / depth * bent,
                depth,
            ],
            axis=1,
        )

    def polygon(self, floor: Sequence[Floor], closed: bool = True) -> list[tuple[float, float]]:
        """A polygon or, open, a line on the floor as corners in fractions of the frame, cut at the frame's edges.

        Where the lens distorts, with so many corners more that they are a quarter of a pixel from the curve or less.
        """
        half_x, half_y = self.width_px / 2 / self.focal_px, self.height_px / 2 / self.focal_px
        framed = self._framed(floor, closed)
        if self.radial != PINHOLE:
            flat = np.array(framed, np.float64).reshape(-1, 3)[:, :2]
            framed = [(x, y, 1.0) for x, y in thinned(flat, _WITHIN_PX / self.focal_px, closed).tolist()]
        return [
            (min(max(0.5 + 0.5 * x / z / half_x, 0.0), 1.0), min(max(0.5 + 0.5 * y / z / half_y, 0.0), 1.0))
            for x, y, z in framed
        ]

    def seen_floor(self, floor: Sequence[Floor]) -> list[Floor]:
        """The part of a polygon on the floor that lies in the frame, in metres."""
        framed = self._framed(floor, True)
        if self.radial != PINHOLE:
            reached = self._on_floor(self._stepped(framed, True))
            return [(x, y) for x, y in thinned(reached[np.isfinite(reached[:, 0])], _WITHIN_M, True).tolist()]
        points = [self.at + np.array(point) @ self.axes for point in framed]
        return [(float(point[0]), float(point[1])) for point in points]

    def counted_floor(self, floor: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where (n, 2) points of the floor, metres, count as being: one beyond the frame's edge is on it, just inside.

        Not a number behind the lens, and where the edge of the frame shows no floor.
        """
        inner = np.array([self.width_px, self.height_px], np.float64)
        seen = self.project(np.column_stack([floor, np.zeros(len(floor))]))[:, :2]
        held = np.clip(seen, inner * _EDGE, inner * (1.0 - _EDGE))
        reached = self._on_floor((held - inner / 2) / self.focal_px)
        return np.where((held == seen).all(axis=1)[:, None], floor, reached)

    def strays_m(self, start: Floor, end: Floor) -> float:
        """How far a line that is straight in the picture, between the ends of one on the floor, is from that one."""
        ends = [] if self.radial == PINHOLE else self._framed([start, end], closed=False)
        if not ends:
            return 0.0
        reached = self._on_floor(self._stepped([ends[0], ends[-1]], closed=False))
        return float(np.nan_to_num(np.abs(side_of_line(reached, start, end)), nan=np.inf).max())

    def _framed(self, floor: Sequence[Floor], closed: bool) -> list[tuple[float, ...]]:
        """Corners as the lens shows them (right, down, forward, metres), cut at the frame's edges."""
        half_x, half_y = self.width_px / 2 / self.focal_px, self.height_px / 2 / self.focal_px
        seen = [tuple(float(part) for part in (np.array([x, y, 0.0]) - self.at) @ self.axes.T) for x, y in floor]
        seen = _cut(seen, (0.0, 0.0, 1.0), closed)
        if self.radial != PINHOLE:
            seen = _within(seen, self.radial.edge, self.radial.edge, closed)  # no less than what the picture shows
            flat = self._stepped([(x / z, y / z, 1.0) for x, y, z in seen], closed)
            flat *= stretch(np.hypot(flat[:, 0], flat[:, 1]), self.radial)[:, None]
            seen = [(x, y, 1.0) for x, y in flat.tolist()]
        return _within(seen, half_x, half_y, closed)

    def _stepped(self, points: Sequence[tuple[float, ...]], closed: bool) -> NDArray[np.float64]:
        """(n, 2) points all along the sides between some (x, y, 1), the points themselves among them."""
        corners = np.array(points, np.float64).reshape(-1, 3)[:, :2]
        last = corners[:0] if closed else corners[-1:]
        sides: list[NDArray[np.float64]] = []
        for here, there in zip(corners, np.roll(corners, -1, axis=0) if closed else corners[1:], strict=False):
            count = max(1, math.ceil(math.dist(here, there) * self.focal_px / _STEP_PX))
            sides.append(here + np.arange(count)[:, None] / count * (there - here))
        return np.concatenate([*sides, last])

    def _on_floor(self, shown: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where on the floor is what is shown at (n, 2), in focal lengths from the middle; metres.

        Not a number where no floor is.
        """
        straight = shown * straightening(np.hypot(shown[:, 0], shown[:, 1]), self.radial)[:, None]
        rays = np.column_stack([straight, np.ones(len(shown))]) @ self.axes
        down = np.where(rays[:, 2] < -1e-9, rays[:, 2], np.nan)
        return self.at[:2] - rays[:, :2] * (self.at[2] / down)[:, None]


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
    radial = camera.radial
    focal = camera.width_px / 2 / distorted(math.tan(math.radians(camera.fov_deg) / 2), radial)
    return Lens(at, np.stack([right, down, forward]), float(focal), camera.width_px, camera.height_px, radial)


def _within(seen: list[tuple[float, ...]], half_x: float, half_y: float, closed: bool) -> list[tuple[float, ...]]:
    """The part of a polygon or line that a rectangle of the picture shows, half its sides in focal lengths."""
    for normal in ((1.0, 0.0, half_x), (-1.0, 0.0, half_x), (0.0, 1.0, half_y), (0.0, -1.0, half_y)):
        seen = _cut(seen, normal, closed)
    return seen


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
