"""What a tracker keeps of one person: where he was seen, where he goes, and what it was not sure of."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box
from retrail.perceive.feet import Feet
from retrail.perceive.motion import Motion, begin, correct, joined, parted, recover
from retrail.perceive.pairing import BORDER
from retrail.perceive.presence import PresenceJudge

VAGUE_FOR_S = 1.0
"""For so long somebody is expected where the boxes last trusted led, beside where the vague ones since lead."""

_OUT = 0.1  # heights in the last second: a move towards the border
_LATELY_S = 1.0  # a direction is told over this long
_GAP_S = 0.5  # after a longer gap the filter is led along the straight way
_AT_HOME = 0.5  # overlap with where it was: the same place
_HALF, _BESIDE = 0.75, 0.8  # of the other half's height; of its own width, before or behind the other half
_VAGUE = 3.0  # times the usual noise: a box that is not trusted
_NEW_COLOURS = 0.08  # least weight of a clear box in what somebody wears: light changes slowly


class Seen(NamedTuple):
    """One box of a trail.

    Attributes:
        time_s, box, score: as detected.
        moving: share of its pixels that moved, or None where nobody measured.
        alone: nobody who walks, and no other person, is in the box.
        colours: (colours.LENGTH,) of the box, or None where nobody looked.
        clear: no other box covers it.
    """

    time_s: float
    box: Box
    score: float
    moving: float | None = None
    alone: bool = True
    colours: NDArray[np.float32] | None = None
    clear: bool = True


class _Doubt(NamedTuple):
    """What a trail was before it took a box that fitted badly, how well that one fitted, and how long to doubt."""

    before: Trail
    fit: float
    for_s: float


class Trail:
    """One track in progress.

    ``going`` is what it moved in the last second, in its own heights, right and down; ``wears`` the colours of its
    clear boxes; ``inside_s`` since when its box has been a part of somebody's; ``around`` whom its first box held.

    Args:
        key: its number.
        first: the box it begins with.
        judge: what decides whether it is a person; fed with every box.
        feet: what tells where the person stands; asked piece by piece.
    """

    __slots__ = (
        "around",
        "arrived_s",
        "clear_seen",
        "confirmed",
        "continues",
        "doubt",
        "feet",
        "first_s",
        "going",
        "home",
        "inside_s",
        "judge",
        "key",
        "lately",
        "matched",
        "motion",
        "piece",
        "seen",
        "solid",
        "solid_motion",
        "solid_s",
        "times_seen",
        "wears",
    )

    def __init__(self, key: int, first: Seen, judge: PresenceJudge, feet: Feet) -> None:
        self.key = key
        self.motion: Motion = begin(np.array([first.box], np.float32))
        self.seen = first
        self.solid, self.solid_s, self.solid_motion = first.box, first.time_s, self.motion
        self.first_s = first.time_s
        self.home, self.arrived_s = first.box, first.time_s
        self.times_seen = 1
        self.judge = judge
        self.piece = [first]
        self.lately = [first]
        self.going = (0.0, 0.0)
        self.confirmed = False
        self.matched = True
        self.continues: str | None = None
        self.feet = feet
        self.doubt: _Doubt | None = None
        self.inside_s: float | None = None
        self.around: Trail | None = None
        self.wears, self.clear_seen = first.colours, int(first.clear)
        judge.see(*_for_judge(first))

    @property
    def still_s(self) -> float:
        """For how long its boxes have been at one place."""
        return self.seen.time_s - self.arrived_s

    @property
    def vague(self) -> bool:
        """Whether the last box was not trusted: it may be half a person, or two."""
        return self.solid_s < self.seen.time_s

    def leaves(self, width_px: int, height_px: int) -> bool:
        """Whether it was at the frame's border, going out."""
        (x1, y1, x2, y2), (right, down) = self.seen.box, self.going
        near_x, near_y = BORDER * width_px, BORDER * height_px
        return (
            (x1 <= near_x and right < -_OUT)
            or (y1 <= near_y and down < -_OUT)
            or (x2 >= width_px - near_x and right > _OUT)
            or (y2 >= height_px - near_y and down > _OUT)
        )

    def take(self, seen: Seen, motion: Motion, trusted: bool = True) -> None:
        """Go on with one more box.

        Args:
            seen: the box.
            motion: the filter with it (`moved_on`).
            trusted: it is neither a low-scoring nor a swollen one.
        """
        self.motion = motion
        self.seen, self.matched = seen, True
        if trusted:
            self.solid, self.solid_s, self.solid_motion = seen.box, seen.time_s, motion
        if overlap(self.home, seen.box) < _AT_HOME:
            self.home, self.arrived_s = seen.box, seen.time_s
        if seen.colours is not None and ((trusted and seen.clear) or self.wears is None):
            old = seen.colours if self.wears is None else self.wears
            self.wears = old + max(_NEW_COLOURS, 1 / (self.clear_seen + 1)) * (seen.colours - old)
            self.clear_seen += seen.clear
        self.times_seen += 1
        self.piece.append(seen)
        self.lately = [each for each in self.lately if each.time_s >= seen.time_s - _LATELY_S] + [seen]
        self.going = _went(self.lately[0].box, seen.box)
        self.judge.see(*_for_judge(seen))

    def look_back(self, judge: PresenceJudge) -> None:
        """Be judged by one who knew what was here before."""
        for seen in self.piece:
            judge.see(*_for_judge(seen))
        self.judge = judge

    def doubtful(self, fit: float, for_s: float) -> None:
        """Remember what it was: the box to come fits badly and may be somebody else's."""
        before = copy.copy(self)
        before.judge, before.piece, before.doubt = self.judge.copy(), list(self.piece), None
        self.doubt = _Doubt(before, fit, for_s)

    def part(self, key: int, judge: PresenceJudge, feet: Feet) -> tuple[Trail, Trail]:
        """The trail as it was before the doubtful box, and a new one of the boxes since.

        Raises:
            ValueError: there is no doubt.
        """
        if self.doubt is None:
            raise ValueError("a trail without doubt cannot be parted")
        before = self.doubt.before
        first, *others = self.piece[len(before.piece) :]
        other = Trail(key, first, judge, feet)
        for seen in others:
            other.take(seen, moved_on([(other, seen, True)])[0])
        other.matched = self.matched
        return before, other


def moved_on(steps: Sequence[tuple[Trail, Seen, bool]]) -> list[Motion]:
    """The filters of trails once each has seen a box, trusted or not; all at once."""
    if not steps:
        return []
    gaps_s = np.array([seen.time_s - trail.seen.time_s for trail, seen, _ in steps])
    boxes = np.array([seen.box for _, seen, _ in steps], np.float32)
    noise = np.array([[1.0 if trusted else _VAGUE] for _, _, trusted in steps])
    motions = parted(correct(joined([trail.motion for trail, _, _ in steps]), boxes, gaps_s, noise))
    for index, (trail, seen, trusted) in enumerate(steps):
        if trusted and trail.vague and seen.time_s - trail.solid_s <= VAGUE_FOR_S:
            motions[index] = recover(trail.solid_motion, trail.solid, seen.box, seen.time_s - trail.solid_s)
        elif gaps_s[index] > _GAP_S:
            motions[index] = recover(trail.motion, trail.seen.box, seen.box, float(gaps_s[index]))
    return motions


def _went(start: Box, end: Box) -> tuple[float, float]:
    """From one box to the other, in heights, right and down."""
    height = max(end[3] - end[1], 1.0)
    right, down = end[0] + end[2] - start[0] - start[2], end[1] + end[3] - start[1] - start[3]
    return right / 2 / height, down / 2 / height


def _for_judge(seen: Seen) -> tuple[float, Box, float | None, bool]:
    return seen.time_s, seen.box, seen.moving, seen.alone


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def share_inside(a: Box, b: Box) -> float:
    """Share of box ``a`` that lies inside ``b``."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0) / max((a[2] - a[0]) * (a[3] - a[1]), 1.0)


def is_half_of(a: Box, b: Box) -> bool:
    """Whether box ``a`` may be the head and shoulders, or the legs, of the person whose other half is box ``b``.

    It is lower than that box, above or below its middle, and as broad at most; the two touch.
    """
    a_high, b_high = a[3] - a[1], b[3] - b[1]
    beside = (min(a[2], b[2]) - max(a[0], b[0])) / max(a[2] - a[0], 1.0)
    apart = abs(a[1] + a[3] - b[1] - b[3]) / 2
    touching = min(a[3], b[3]) > max(a[1], b[1])
    return a_high <= _HALF * b_high and beside >= _BESIDE and touching and apart >= b_high / 4
