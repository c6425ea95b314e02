"""Who is a person: told from how a track's boxes and the pixels in them move, never from what they look like."""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass

from retrail.core.types import Box, Presence
from retrail.perceive.stirring import Stirring


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """When something that a detector saw is taken for a person.

    Attributes:
        moved: share of its own width (sideways) or height (up and down) that a box must move as a whole.
        came_in: the same for a track that began at the frame's border.
        border: share of the frame's size from which a box counts as touching its border.
        settle_s: a move counts once boxes have been there for so long, so that a stray box is no move.
        stirred_s: so much small motion makes a person, beyond what leaks away.
        leak: share of the time that may be stirred by light and noise without making a person, however long; a third
            of it where a tenth of the box changes, as before a screen.
        furniture_after_s: without any motion for so long it is furniture.
    """

    moved: float = 0.5
    came_in: float = 0.3
    border: float = 0.015
    settle_s: float = 0.35
    stirred_s: float = 3.0
    leak: float = 0.05
    furniture_after_s: float = 600.0


class PresenceJudge:
    """What one track is taken for. It begins as undecided; once a person, always a person.

    - **A move**: the box as a whole has gone ``moved`` of its own size from where the track began, and stays beyond for
      ``settle_s``. An edge that moves alone is no move. Nor is a leap between two still places, as when a detector
      takes now one chair and now the next: somebody who walks is seen on the way, and the pixels change.
    - **Small motion kept up** (`Stirring`): a seated customer, a cashier, somebody who stands there at the start.
      Only what happens while nobody else is near the box counts.
    - Neither for ``furniture_after_s``: **furniture**, until it moves.

    Args:
        width_px, height_px: the frame's size.
        settings: when something is a person.
        furniture: the track began where the camera's memory has furniture.
    """

    def __init__(self, width_px: int, height_px: int, settings: PresenceSettings, *, furniture: bool = False) -> None:
        self._size = (width_px, height_px)
        self._settings = settings
        self._presence: Presence = "furniture" if furniture else "undecided"
        self._began: Box | None = None
        self._recent: deque[tuple[float, Box]] = deque()
        self._changed_s = -1e18
        self._between_s = -1e18
        self._measured = False
        self._entered = False
        self._stirring = Stirring(settings.leak)
        self._quiet_since_s: float | None = None

    @property
    def presence(self) -> Presence:
        """What the track is taken for now."""
        return self._presence

    @property
    def quiet_since_s(self) -> float | None:
        """Since when nothing has moved, seconds UTC; None before the first box."""
        return self._quiet_since_s

    @property
    def began(self) -> Box | None:
        """The first box; None before it."""
        return self._began

    def copy(self) -> PresenceJudge:
        """Another judge that knows the same."""
        twin = copy.copy(self)
        twin._recent, twin._stirring = self._recent.copy(), self._stirring.copy()
        return twin

    def see(self, time_s: float, box: Box, moving: float | None = None, alone: bool = True) -> Presence:
        """Take in one more box and say what the track is now.

        Args:
            time_s: event time.
            box: frame pixels.
            moving: share of the box's pixels that moved, or None where nobody measured.
            alone: nobody else is near the box.
        """
        if self._presence == "person":
            return "person"
        if self._quiet_since_s is None:
            self._began, self._quiet_since_s = box, time_s
            self._entered = self._touches(box)
        if moving is not None:
            self._measured = True
            self._changed_s = time_s if moving >= _CHANGED else self._changed_s
        stirred_s = self._stirring.see(time_s, box, moving, alone)
        if self._has_moved(time_s, box) or stirred_s >= self._settings.stirred_s:
            self._presence = "person"
        elif stirred_s > _QUIET_S:
            self._quiet_since_s = time_s
        elif time_s - self._quiet_since_s >= self._settings.furniture_after_s:
            self._presence = "furniture"
        return self._presence

    def _has_moved(self, time_s: float, box: Box) -> bool:
        began = self._began if self._began is not None else box
        needed = self._settings.came_in if self._entered else self._settings.moved
        self._recent.append((time_s, box))
        while len(self._recent) > 1 and self._recent[1][0] <= time_s - self._settings.settle_s:
            self._recent.popleft()
        if 0.3 * needed <= shift(began, box) < needed:
            self._between_s = time_s
        if time_s - self._recent[0][0] < 0.9 * self._settings.settle_s:
            return False
        far = [shift(began, each) for _, each in self._recent]
        if min(far) < needed:
            return False
        on_the_way = time_s - self._between_s <= _LATELY_S or max(far) - min(far) >= 0.1
        return on_the_way and (not self._measured or time_s - self._changed_s <= _LATELY_S)

    def _touches(self, box: Box) -> bool:
        near_x, near_y = (size * self._settings.border for size in self._size)
        width, height = self._size
        return box[0] <= near_x or box[1] <= near_y or box[2] >= width - near_x or box[3] >= height - near_y


_CHANGED = 0.02  # share of moving pixels: less may be noise
_LATELY_S = 3.0
_QUIET_S = 0.5  # stirred for less than that says nothing


def shift(start: Box, now: Box) -> float:
    """How far a box moved as a whole: sideways in its widths or up and down in its heights, the larger.

    An edge that moves alone (arms, a head cut off, a chair half hidden) is no move: both must go the same way.

    >>> shift((0, 0, 10, 20), (8, 0, 18, 20)), shift((0, 0, 10, 20), (0, 0, 18, 20))
    (0.8, 0.0)
    """
    width = max(start[2] - start[0], now[2] - now[0], 1.0)
    height = max(start[3] - start[1], now[3] - now[1], 1.0)
    sideways = _both(now[0] - start[0], now[2] - start[2]) / width
    return max(sideways, _both(now[1] - start[1], now[3] - start[3]) / height)


def _both(first: float, second: float) -> float:
    return min(abs(first), abs(second)) if first * second > 0 else 0.0
