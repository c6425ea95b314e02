"""What a camera knows of places: furniture, and where something that stood still was last seen."""

from __future__ import annotations

from retrail.core.types import Box, Presence
from retrail.perceive.furniture import FurnitureMemory, find_place
from retrail.perceive.presence import PresenceJudge, PresenceSettings
from retrail.perceive.trail import Trail

_STILL_S = 3.0  # at its place for so long: it stands there
_PERSON_KEPT_S = 60.0
_THING_KEPT_S = 900.0


class Places:
    """Hands on what was known of a place to the track that begins there.

    A detector loses sight of somebody who stands still, and sees a chair only now and then. So where a track ends
    without going anywhere, its judge is kept for a while: who came in and stands still stays a person, and a chair
    is quiet since it was first seen. What is furniture goes to the memory, and comes from it after a restart.

    Args:
        width_px, height_px: the frame's size.
        settings: who is a person.
        furniture: the camera's memory; read and written.
    """

    def __init__(self, width_px: int, height_px: int, settings: PresenceSettings, furniture: FurnitureMemory) -> None:
        self._size = (width_px, height_px)
        self._settings = settings
        self._furniture = furniture
        self._left: list[tuple[Box, float, PresenceJudge]] = []

    def new_judge(self, *, furniture: bool = False) -> PresenceJudge:
        """A judge that knows nothing yet, or that it looks at furniture."""
        return PresenceJudge(*self._size, self._settings, furniture=furniture)

    def begin(self, trail: Trail) -> None:
        """``trail`` was just confirmed: if something is known of where it is, that is its past."""
        if trail.judge.presence != "undecided":
            return
        judge = self._take(trail.seen.box, trail.seen.time_s)
        if judge is None and self._furniture.knows(self._fractions(trail.seen.box)):
            judge = self.new_judge(furniture=True)
        if judge is not None:
            trail.look_back(judge)

    def changed(self, trail: Trail, was: Presence) -> None:
        """``trail`` is no longer taken for what it ``was``."""
        judge = trail.judge
        if judge.presence == "furniture" and judge.quiet_since_s is not None:
            self._furniture.remember(self._fractions(trail.seen.box), judge.quiet_since_s, trail.seen.time_s)
        elif was == "furniture" and judge.began is not None:
            self._furniture.forget(self._fractions(judge.began))

    def end(self, trail: Trail) -> None:
        """``trail`` was not seen any more."""
        if trail.still_s < _STILL_S:
            return
        self._left.append((trail.seen.box, trail.seen.time_s, trail.judge))
        if trail.judge.presence == "furniture":
            self._furniture.remember(self._fractions(trail.seen.box), trail.seen.time_s, trail.seen.time_s)

    def _take(self, box: Box, time_s: float) -> PresenceJudge | None:
        self._left = [each for each in self._left if time_s - each[1] <= _kept_s(each[2])]
        found = find_place(box, [each[0] for each in self._left])
        return None if found is None else self._left.pop(found)[2]

    def _fractions(self, box: Box) -> Box:
        width, height = self._size
        return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _kept_s(judge: PresenceJudge) -> float:
    return _PERSON_KEPT_S if judge.presence == "person" else _THING_KEPT_S
