"""Boxes, polygons and lines. Pixels or fractions of the frame: whichever, both arguments the same."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Direction = Literal["up", "down", "left", "right"]
"""A way in the picture."""

_WAYS: dict[Direction, tuple[float, float]] = {
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
}


def box_iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every pair.

    Args:
        a: (n, 4) boxes (x1, y1, x2, y2).
        b: (m, 4) boxes.

    Returns:
        (n, m) float32 in 0..1; boxes without area overlap nothing.
    """
    shared = shared_area(a[:, None], b[None])
    union = box_area(a)[:, None] + box_area(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0).astype(np.float32)


def shared_area(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Areas that boxes share with others, one by one: (..., 4) boxes of shapes that go together; never negative."""
    size = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0, None)
    return (size[..., 0] * size[..., 1]).astype(np.float32)


def box_area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) areas of (n, 4) boxes; never negative."""
    return shared_area(boxes, boxes)


def points_in_polygon(points: NDArray[np.floating], polygon: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether each point lies inside, by the even-odd rule.

    Args:
        points: (n, 2).
        polygon: (k, 2), k >= 3, closed by itself.

    Returns:
        (n,) bool. A point exactly on a left or upper edge counts as inside, on a right or lower edge as outside,
        so that of two zones that share an edge exactly one holds it.
    """
    x, y = points[:, 0:1], points[:, 1:2]
    x1, y1 = polygon[:, 0], polygon[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    spans = (y1 <= y) != (y2 <= y)
    height = np.where(y2 == y1, 1.0, y2 - y1)
    return (np.count_nonzero(spans & (x < (x2 - x1) * (y - y1) / height + x1), axis=1) % 2).astype(np.bool_)


def side_of_line(
    points: NDArray[np.floating], start: tuple[float, float], end: tuple[float, float]
) -> NDArray[np.float64]:
    """Signed distance of (n, 2) points from an endless line; positive to the right of who walks along it (y down)."""
    along = np.asarray(end, np.float64) - np.asarray(start, np.float64)
    offset = points.astype(np.float64) - np.asarray(start, np.float64)
    length = float(np.hypot(along[0], along[1])) or 1.0
    return (along[0] * offset[:, 1] - along[1] * offset[:, 0]) / length


def inward_side(
    points: NDArray[np.floating], start: tuple[float, float], end: tuple[float, float], inward: Direction
) -> NDArray[np.float64]:
    """Signed distance of (n, 2) points from an endless line; positive on its inward side."""
    across = (-(end[1] - start[1]), end[0] - start[0])  # where side_of_line is positive
    way = _WAYS[inward]
    sign = 1.0 if across[0] * way[0] + across[1] * way[1] > 0 else -1.0
    return sign * side_of_line(points, start, end)


def between_ends(
    points: NDArray[np.floating], start: tuple[float, float], end: tuple[float, float], slack: float
) -> NDArray[np.bool_]:
    """(n,) whether points on an endless line lie between its ends, give or take ``slack``."""
    along = np.asarray(end, np.float64) - np.asarray(start, np.float64)
    length = float(np.hypot(along[0], along[1]))
    reached = (points - np.asarray(start, np.float64)) @ along / length
    return (reached >= -slack) & (reached <= length + slack)
