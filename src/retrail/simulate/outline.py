"""Curves with as few corners as a tolerance allows, and corners with as many digits as a site file has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rounded(point: tuple[float, float]) -> tuple[float, float]:
    """A point in fractions of the frame, to a tenth of a pixel or less."""
    return round(point[0], 4), round(point[1], 4)


def thinned(points: NDArray[np.float64], tolerance: float, closed: bool) -> NDArray[np.float64]:
    """(k, 2) of (n, 2) points of a line or, closed, an outline: those without which it would stray further than that.

    The algorithm of Douglas and Peucker (1973); an outline is taken as two lines, from its first point to the one
    furthest away and back.
    """
    if len(points) < 3:
        return points
    if not closed:
        return points[_kept(points, tolerance)]
    far = int(np.argmax(np.hypot(*(points - points[0]).T)))
    there, back = points[: far + 1], np.concatenate([points[far:], points[:1]])
    return np.concatenate([part[_kept(part, tolerance)][:-1] for part in (there, back)])


def _kept(points: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """(n,) which points of a line stay; both ends do."""
    keep = np.zeros(len(points), np.bool_)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        apart = _apart(points[first + 1 : last], points[first], points[last])
        furthest = int(np.argmax(apart))
        if apart[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return keep


def _apart(points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) distances from the stretch between two points."""
    along = end - start
    share = np.clip((points - start) @ along / max(float(along @ along), 1e-18), 0.0, 1.0)
    return np.hypot(*(points - start - share[:, None] * along).T)
