"""When and where chains were seen, and who therefore cannot be one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Path

_AT_ONCE = np.nextafter(0.0, 1.0)
_BORDER = 0.02  # share of the frame within which a box is at its border
_FAR = 1.5  # body heights that a foot point may be off, however short the time
_RUN_PER_S = 4.0  # body heights a second that nobody runs
_RUN_S = 10.0  # after so long he may be anywhere in the picture


class Link(Protocol):
    """A way between two cameras and how long people take, as the site file has it."""

    @property
    def from_camera(self) -> str: ...
    @property
    def to_camera(self) -> str: ...
    @property
    def shortest_s(self) -> float: ...
    @property
    def longest_s(self) -> float: ...


class End(NamedTuple):
    """One end of a chain: foot point and height of the box in pixels, and whether it was away from the border."""

    x_px: float
    y_px: float
    height_px: float
    inside: float


def first_end(path: Path) -> End:
    """Where a path begins."""
    return _end(path, 0)


def last_end(path: Path) -> End:
    """Where a path ends."""
    return _end(path, len(path) - 1)


def _end(path: Path, at: int) -> End:
    x1, y1, x2, y2 = (float(value) for value in path.boxes_px[at])
    aside_px, below_px = _BORDER * path.width_px, _BORDER * path.height_px
    inside = x1 > aside_px and x2 < path.width_px - aside_px and y1 > below_px and y2 < path.height_px - below_px
    return End(float(path.feet_px[at, 0]), float(path.feet_px[at, 1]), max(y2 - y1, 1.0), float(inside))


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """When and where chains were seen.

    Attributes:
        cameras: (n,) index of the camera.
        starts_s, ends_s: (n,) float64, seconds UTC.
        came, went: (n, 4) float64, the first and the last `End`.
    """

    cameras: NDArray[np.intp]
    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    came: NDArray[np.float64]
    went: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Spans:
        return Spans(self.cameras[rows], self.starts_s[rows], self.ends_s[rows], self.came[rows], self.went[rows])


def shortest_ways(links: Sequence[Link], cameras: Mapping[str, int]) -> NDArray[np.float64]:
    """The least time from leaving one camera to being seen by another.

    A link holds both ways unless the way back has a link of its own; ways over other cameras count, so the matrix
    holds the shortest path. Cameras that no link joins, and those that a link of zero seconds joins, may see the same
    person at once: Retrail cannot know what their views share. One camera shows nobody twice at one moment.

    Args:
        links: the ways.
        cameras: from name to index, 0 to c - 1.

    Returns:
        (c, c) seconds, from row to column; -inf where nothing is known; on the diagonal the least number above zero.
    """
    index = dict(cameras)
    for link in links:  # cameras on the way that have seen nobody yet
        index.setdefault(link.from_camera, len(index))
        index.setdefault(link.to_camera, len(index))
    ways = np.full((len(index), len(index)), np.inf)
    given = {(link.from_camera, link.to_camera) for link in links}
    for link in links:
        a, b = index[link.from_camera], index[link.to_camera]
        ways[a, b] = min(ways[a, b], link.shortest_s)
        if (link.to_camera, link.from_camera) not in given:
            ways[b, a] = min(ways[b, a], link.shortest_s)
    for via in range(len(index)):  # Floyd and Warshall
        np.minimum(ways, ways[:, via : via + 1] + ways[via : via + 1, :], out=ways)
    ways = ways[: len(cameras), : len(cameras)]
    ways[~(np.isfinite(ways) & (ways > 0))] = -np.inf
    np.fill_diagonal(ways, _AT_ONCE)
    return ways


def excluded(a: Spans, b: Spans, ways_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(m, n) whether two chains cannot be one person.

    The time between them is below the shortest way (spans are closed: two boxes in one frame of one camera are two
    people), or on one camera nobody runs that fast from where one ended to where the other began.
    """
    gap_s = gaps_s(a, b)
    row, column = a.cameras[:, None], b.cameras[None, :]
    needed = np.where(_a_first(a, b), ways_s[row, column], ways_s[column, row])
    barred = gap_s < needed
    at = np.nonzero((row == column) & ~barred & (gap_s < _RUN_S))
    barred[at] = strides(a, b, at)[0] > _FAR + _RUN_PER_S * gap_s[at]
    return barred


def gaps_s(a: Spans, b: Spans) -> NDArray[np.float64]:
    """(m, n) seconds from the end of the earlier chain to the start of the later one; negative where they overlap."""
    return np.maximum(b.starts_s[None, :] - a.ends_s[:, None], a.starts_s[:, None] - b.ends_s[None, :])


def strides(a: Spans, b: Spans, at: tuple[NDArray[np.intp], ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For pairs (rows of a, rows of b) on one camera: body heights from where the earlier chain ended to where the
    later one began, and 1 where both were away from the border, else 0."""
    i, j = at
    a_first = (b.starts_s[j] - a.ends_s[i] >= a.starts_s[i] - b.ends_s[j])[:, None]
    out = np.where(a_first, a.went[i], b.went[j])
    back = np.where(a_first, b.came[j], a.came[i])
    far = np.hypot(out[:, 0] - back[:, 0], out[:, 1] - back[:, 1]) / np.maximum(out[:, 2], back[:, 2])
    return far, out[:, 3] * back[:, 3]


def _a_first(a: Spans, b: Spans) -> NDArray[np.bool_]:
    return b.starts_s[None, :] - a.ends_s[:, None] >= a.starts_s[:, None] - b.ends_s[None, :]
