"""Who is a person: told from how a track's boxes move, never from what they look like."""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass

from retrail.core.types import Box, Presence


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """When something that a detector saw is taken for a person.

    Attributes:
        moved: share of its own width (sideways) or height (up and down) that a box must move as a whole.
        came_in: the same for a track that began at the frame's border.
        border: share of the frame's size from which a box counts as touching its border.
        settle_s: a move counts once boxes have been there for so long (a single stray box is no move).
        furniture_after_s: without any motion for so long it is furniture.
    """

    moved: float = 0.5
    came_in: float = 0.15
    border: float = 0.015
    settle_s: float = 0.3
    furniture_after_s: float = 600.0


class PresenceJudge:
    """What one track is taken for; begins as undecided, once a person always a person.

    Args:
        width_px, height_px: the frame's size.
        known_furniture: the track began where the camera's memory has furniture.
    """

    def __init__(
        self, width_px: int, height_px: int, settings: PresenceSettings, *, known_furniture: bool = False
    ) -> None:
        self._size = (width_px, height_px)
        self._settings = settings
        self._presence: Presence = "furniture" if known_furniture else "undecided"
        self._recent: deque[tuple[float, Box]] = deque()
        self._first: Box | None = None
        self._entered = False
        self._still_since_s = 0.0

    @property
    def presence(self) -> Presence:
        return self._presence

    @property
    def still_since_s(self) -> float:
        """Since when nothing has moved (for something that is not a person)."""
        return self._still_since_s

    def copy(self) -> PresenceJudge:
        """Another judge that knows the same."""
        twin = copy.copy(self)
        twin._recent = self._recent.copy()
        return twin

    def see(self, time_s: float, box: Box) -> Presence:
        """Take in one more box and say what the track is now."""
        if self._presence == "person":
            return "person"
        if self._first is None:
            self._first, self._still_since_s = box, time_s
            self._entered = self._touches(box)
        self._recent.append((time_s, box))
        while len(self._recent) > 1 and self._recent[1][0] <= time_s - self._settings.settle_s:
            self._recent.popleft()
        if time_s - self._recent[0][0] >= self._settings.settle_s * 0.6:
            needed = self._settings.came_in if self._entered else self._settings.moved
            if min(shift(self._first, each) for _, each in self._recent) >= needed:
                self._presence = "person"
                return "person"
        if time_s - self._still_since_s >= self._settings.furniture_after_s:
            self._presence = "furniture"
        return self._presence

    def _touches(self, box: Box) -> bool:
        near_x, near_y = (size * self._settings.border for size in self._size)
        width, height = self._size
        return box[0] <= near_x or box[1] <= near_y or box[2] >= width - near_x or box[3] >= height - near_y


def shift(start: Box, now: Box) -> float:
    """How far a box moved as a whole: sideways in its widths or up and down in its heights, the larger.

    An edge that moves alone (arms, a head cut off, a chair half hidden) is no move: both must go the same way.

    >>> shift((0, 0, 10, 20), (8, 0, 18, 20)), shift((0, 0, 10, 20), (0, 0, 18, 20))
    (0.8, 0.0)
    """
    width = max(start[2] - start[0], now[2] - now[0], 1.0)
    height = max(start[3] - start[1], now[3] - now[1], 1.0)
    return max(
        _both(now[0] - start[0], now[2] - start[2]) / width, _both(now[1] - start[1], now[3] - start[3]) / height
    )


def _both(first: float, second: float) -> float:
    return min(abs(first), abs(second)) if first * second > 0 else 0.0
