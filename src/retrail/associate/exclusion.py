"""Who cannot be the same person: two places at once, or too far apart in too short a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = np.nextafter(0.0, 1.0)


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


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """When and where chains were seen.

    Attributes:
        cameras: (n,) index of the camera.
        starts_s, ends_s: (n,) float64, seconds UTC.
    """

    cameras: NDArray[np.intp]
    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Spans:
        return Spans(self.cameras[rows], self.starts_s[rows], self.ends_s[rows])


def shortest_ways(links: Sequence[Link], cameras: Mapping[str, int]) -> NDArray[np.float64]:
    """The least time from leaving one camera to being seen by another.

    A link holds both ways unless the way back has a link of its own; ways over other cameras count, so the matrix
    holds the shortest path. Cameras that no link joins, and those that a link of zero seconds joins, may see the same
    person at once: Retrail cannot know what their views share. One camera shows nobody twice at one moment.

    Returns:
        (c, c) seconds, from row to column; -inf where nothing is known; on the diagonal the least number above zero.
    """
    ways = np.full((len(cameras), len(cameras)), np.inf)
    given = {(link.from_camera, link.to_camera) for link in links}
    for link in links:
        if link.from_camera not in cameras or link.to_camera not in cameras:
            continue
        a, b = cameras[link.from_camera], cameras[link.to_camera]
        ways[a, b] = min(ways[a, b], link.shortest_s)
        if (link.to_camera, link.from_camera) not in given:
            ways[b, a] = min(ways[b, a], link.shortest_s)
    for via in range(len(cameras)):
        np.minimum(ways, ways[:, via : via + 1] + ways[via : via + 1, :], out=ways)
    ways[~(np.isfinite(ways) & (ways > 0))] = -np.inf
    np.fill_diagonal(ways, _AT_ONCE)
    return ways


def excluded(a: Spans, b: Spans, ways_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(m, n) whether two chains cannot be one person: the time between them is below the shortest way.

    Spans are closed: two boxes in one frame of one camera are two people.
    """
    b_later = b.starts_s[None, :] - a.ends_s[:, None]
    a_later = a.starts_s[:, None] - b.ends_s[None, :]
    row, column = a.cameras[:, None], b.cameras[None, :]
    needed = np.where(b_later >= a_later, ways_s[row, column], ways_s[column, row])
    return np.maximum(b_later, a_later) < needed
