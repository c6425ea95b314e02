"""What a tracker keeps of one person: where he was seen, where he goes, and what it was not sure of."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from retrail.core.types import Box
from retrail.perceive.motion import Motion, begin, correct, recover
from retrail.perceive.presence import PresenceJudge

_LATELY_S = 1.0  # a direction is told over this long
_GAP_S = 0.5  # after a longer gap the filter is led along the straight way
_VAGUE = 3.0  # times the usual noise: a box that is not trusted


class Seen(NamedTuple):
    """One box of a trail. ``moving`` is the share of its pixels that moved, or None where nobody measured."""

    time_s: float
    box: Box
    score: float
    moving: float | None = None
    alone: bool = True


class _Doubt(NamedTuple):
    """What a trail was before it took a box that fitted badly, and how well that one fitted."""

    before: Trail
    fit: float


class Trail:
    """One track in progress.

    Args:
        key: its number.
        first: the box it begins with.
        judge: what decides whether it is a person; fed with every box.
    """

    __slots__ = (
        "confirmed",
        "continues",
        "doubt",
        "first_s",
        "judge",
        "key",
        "lately",
        "matched",
        "motion",
        "piece",
        "ratio",
        "seen",
        "solid",
        "solid_s",
        "times_seen",
    )

    def __init__(self, key: int, first: Seen, judge: PresenceJudge) -> None:
        self.key = key
        self.motion: Motion = begin(np.array([first.box], np.float32))
        self.seen = first
        self.solid, self.solid_s = first.box, first.time_s
        self.first_s = first.time_s
        self.times_seen = 1
        self.judge = judge
        self.piece = [first]
        self.lately = [first]
        self.confirmed = False
        self.matched = True
        self.continues: str | None = None
        self.ratio: float | None = None
        self.doubt: _Doubt | None = None
        judge.see(first.time_s, first.box)

    @property
    def going(self) -> tuple[float, float]:
        """What it moved lately, in its own heights, right and down."""
        first, last = self.lately[0].box, self.lately[-1].box
        height = max(last[3] - last[1], 1.0)
        return (
            (last[0] + last[2] - first[0] - first[2]) / 2 / height,
            (last[1] + last[3] - first[1] - first[3]) / 2 / height,
        )

    def take(self, seen: Seen, trusted: bool = True) -> None:
        """Go on with one more box; one that is not trusted moves the filter little."""
        gap_s = seen.time_s - self.seen.time_s
        if gap_s > _GAP_S:
            self.motion = recover(self.motion, self.seen.box, seen.box, gap_s)
        else:
            noise = 1.0 if trusted else _VAGUE
            self.motion = correct(self.motion, np.array([seen.box], np.float32), np.array([gap_s]), noise)
        self.seen, self.matched = seen, True
        if trusted:
            self.solid, self.solid_s = seen.box, seen.time_s
        self.times_seen += 1
        self.piece.append(seen)
        self.lately = [each for each in self.lately if each.time_s >= seen.time_s - _LATELY_S] + [seen]
        self.judge.see(seen.time_s, seen.box)

    def doubtful(self, fit: float) -> None:
        """Remember what it was: the box to come fits badly and may be somebody else's."""
        before = copy.copy(self)
        before.judge, before.piece, before.doubt = self.judge.copy(), list(self.piece), None
        self.doubt = _Doubt(before, fit)

    def part(self, key: int, judge: PresenceJudge) -> tuple[Trail, Trail]:
        """The trail as it was before the doubtful box, and a new one of the boxes since.

        Raises:
            ValueError: there is no doubt.
        """
        if self.doubt is None:
            raise ValueError("a trail without doubt cannot be parted")
        before = self.doubt.before
        first, *others = self.piece[len(before.piece) :]
        other = Trail(key, first, judge)
        for seen in others:
            other.take(seen)
        other.matched = self.matched
        return before, other
