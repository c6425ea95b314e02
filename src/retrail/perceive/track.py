"""One camera's tracker: boxes in, people's ways out, at 5 boxes a second and at irregular times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.geometry import box_area
from retrail.core.types import Box, Detection, Path
from retrail.perceive.association import carry_on, reclaim
from retrail.perceive.feet import Feet
from retrail.perceive.furniture import FurnitureMemory
from retrail.perceive.handover import INSIDE, begun_around, successor
from retrail.perceive.motion import Motion, predict
from retrail.perceive.pairing import covered, touches
from retrail.perceive.places import Places
from retrail.perceive.tracklets import ClosedTrack, OpenTrack, TrackSettings, TrackStep, tracklet_id
from retrail.perceive.trail import Seen, Trail, is_half_of, moved_on, overlap, share_inside

__all__ = ["ClosedTrack", "OpenTrack", "TrackSettings", "TrackStep", "Tracker"]

_Boxes = NDArray[np.float32]

_STILL_S = 3.0  # at its place for so long: it stands there
_LEAVES = 0.6  # overlap with that place: less is leaving it
_NEAR_S = 1.0  # who was seen so lately may be in somebody's box
_WALKS = 0.2  # heights in the last second
_CLEAR = 0.2  # share of a box that lies in another: from here on its colours may be the other's
_PART_S, _BEFORE = 1.5, 0.03  # inside somebody's box for so long; heights by which he is before him
_GRAZED, _HIDDEN = 0.02, 0.25  # share of a box in which one who walks, or a person who stands, may move


class Tracker:
    """Follows people on one camera. Each camera has its own; two trackers share nothing.

    Association has two stages (ByteTrack, arXiv 2110.06864): high-scoring boxes with all tracks, then low-scoring ones
    with tracks seen a moment ago. Boxes are widened before they are compared (arXiv 2211.14317), the way a track was
    going counts, and a track found again is taken to have gone straight (OC-SORT, arXiv 2203.14360).

    A track is confirmed once it was seen three times over at least 0.3 s (`TrackSettings`) and is no second box inside
    somebody's; only confirmed tracks are reported, with all boxes from the first on. A tracklet is cut every 20 s; the
    next piece names the one before.

    Args:
        camera: the camera's name; part of the ids.
        width_px, height_px: the frame's size. When it changes, `finish` and make a new tracker.
        settings: when boxes are one track.
        furniture: the camera's memory of furniture; read and written.
    """

    def __init__(
        self,
        camera: str,
        width_px: int,
        height_px: int,
        settings: TrackSettings | None = None,
        furniture: FurnitureMemory | None = None,
    ) -> None:
        self._camera = camera
        self._size = (width_px, height_px)
        self._settings = settings or TrackSettings()
        memory = furniture if furniture is not None else FurnitureMemory()
        self._places = Places(width_px, height_px, self._settings.presence, memory)
        self._trails: list[Trail] = []
        self._closed: list[ClosedTrack] = []
        self._keys = 0
        self._now_s: float | None = None
        self._step_s = 1.0

    def update(
        self,
        time_s: float,
        detections: Sequence[Detection],
        motion: Sequence[float] | None = None,
        colours: NDArray[np.float32] | None = None,
    ) -> TrackStep:
        """Take in what the detector saw.

        Args:
            time_s: event time, later than the step before.
            detections: in any order.
            motion: share of moving pixels in each detection's box, 0..1, or None where nobody measured.
            colours: (n, `colours.LENGTH`) of the detections' boxes, or None where nobody looked.

        Raises:
            DataError: time does not advance.
        """
        self._advance(time_s)
        seen = self._seen(time_s, detections, motion, colours)
        boxes = np.array([each.box for each in seen], np.float32).reshape(-1, 4)
        free = np.ones(len(seen), bool)
        leaving = np.array([trail.leaves(*self._size) for trail in self._trails], bool)
        at_border = touches(boxes, *self._size)
        pairs = carry_on(self._trails, leaving, seen, boxes, at_border, self._settings.association)
        steps = [(self._trails[pair.row], seen[pair.column], pair.trusted) for pair in pairs]
        for pair, step, moved in zip(pairs, steps, moved_on(steps), strict=True):
            self._take(*step, moved, pair.fit)
            free[pair.column] = False
        for trail, column in reclaim(self._trails, seen, boxes, free, self._settings.association):
            self._part(trail, seen[column])
            free[column] = False
        self._begin(seen, boxes, free)
        self._drop_parts(time_s)
        self._close_lost(time_s)
        return self._step(time_s)

    def still(self, time_s: float) -> TrackStep:
        """Nothing in the picture has moved: who was seen at the last step stays where he is.

        Raises:
            DataError: time does not advance.
        """
        here = self._advance(time_s)
        steps = [(trail, trail.seen._replace(time_s=time_s, moving=0.0), not trail.vague) for trail in here]
        for step, motion in zip(steps, moved_on(steps), strict=True):
            self._take(*step, motion)
        self._drop_parts(time_s)
        self._close_lost(time_s)
        return self._step(time_s)

    def finish(self) -> TrackStep:
        """Close everything: the input ended, or its resolution changed."""
        for trail in self._trails:
            self._close(trail)
        self._trails = []
        closed, self._closed = tuple(self._closed), []
        return TrackStep((), closed)

    def _advance(self, time_s: float) -> list[Trail]:
        """Go on to ``time_s``; returns the tracks seen in the step before that are not over.

        After a gap in the input, which is longer than the steps were, nobody is still there.
        """
        before_s = self._now_s if self._now_s is not None else time_s - 1.0
        if not time_s > before_s:
            raise DataError(
                "Time does not advance", where=f"camera {self._camera}", found=f"{time_s}", allowed=f"> {before_s}"
            )
        self._close_lost(time_s, 1.5 * self._step_s)
        self._now_s, self._step_s = time_s, time_s - before_s
        here = [trail for trail in self._trails if trail.matched]
        for trail in here:
            trail.matched = False
        return here

    def _seen(
        self,
        time_s: float,
        detections: Sequence[Detection],
        motion: Sequence[float] | None,
        colours: NDArray[np.float32] | None,
    ) -> list[Seen]:
        """The detections worth a look, the best first, whatever order they came in."""
        nothing = [None] * len(detections)
        told = zip(
            detections, nothing if motion is None else motion, nothing if colours is None else colours, strict=True
        )
        least = self._settings.association.low_score
        seen = [
            Seen(time_s, each.box, each.score, share, colours=worn) for each, share, worn in told if each.score >= least
        ]
        seen.sort(key=lambda each: (-each.score, each.box))
        if colours is None or len(seen) < 2:
            return seen
        boxes = np.array([each.box for each in seen], np.float32)
        hidden = covered(boxes, boxes)
        np.fill_diagonal(hidden, 0.0)
        return [each._replace(clear=most < _CLEAR) for each, most in zip(seen, hidden.max(axis=1), strict=True)]

    def _take(self, trail: Trail, seen: Seen, trusted: bool, motion: Motion, fit: float = 1.0) -> None:
        """``trail`` goes on with ``seen``."""
        settings = self._settings
        if trail.doubt is not None and seen.time_s - trail.doubt.before.seen.time_s > trail.doubt.for_s:
            trail.doubt = None
        stood = trail.judge.presence != "person" and trail.still_s >= _STILL_S
        if trail.confirmed and seen.time_s - trail.piece[0].time_s > settings.cut_s:
            self._close(trail)
            trail.piece, trail.doubt = [], None
        elif trail.doubt is None and (fit < settings.sure_fit or (stood and overlap(trail.home, seen.box) < _LEAVES)):
            trail.doubtful(fit, settings.still_doubt_s if stood else settings.doubt_s)
        was = trail.judge.presence
        trail.take(seen._replace(alone=self._alone(trail, seen.box)) if was != "person" else seen, motion, trusted)
        if trail.judge.presence != was:
            self._places.changed(trail, was)
        self._confirm(trail)

    def _part(self, trail: Trail, seen: Seen) -> None:
        """``seen`` is whom ``trail`` followed; the boxes taken since the doubtful one are somebody else's."""
        self._keys += 1
        old, new = trail.part(self._keys, self._places.new_judge(), Feet(*self._size))
        self._take(old, seen, True, moved_on([(old, seen, True)])[0])
        self._confirm(new)
        self._trails[self._trails.index(trail)] = old
        self._trails.append(new)

    def _confirm(self, trail: Trail) -> None:
        over_s = trail.seen.time_s - trail.first_s
        enough = trail.times_seen >= self._settings.confirm_times and over_s >= self._settings.confirm_s
        if enough and not trail.confirmed and not self._inside_another(trail):
            trail.confirmed = True
            self._places.begin(trail)

    def _inside_another(self, trail: Trail) -> bool:
        """Whether it may be a second box on somebody: a half of a person, until it steps out of his box or aside."""
        return any(
            share_inside(trail.seen.box, other.seen.box) >= INSIDE or is_half_of(trail.seen.box, other.seen.box)
            for other in self._trails
            if other is not trail and other.confirmed and trail.seen.time_s - other.seen.time_s <= _NEAR_S
        )

    def _alone(self, trail: Trail, box: Box) -> bool:
        """Whether motion in ``box`` is its own: nobody walks through it, and no person stands before it."""
        for other in self._trails:
            if other is trail or trail.seen.time_s - other.seen.time_s > _NEAR_S:
                continue
            share = share_inside(box, other.seen.box)
            right, down = other.going
            walks = max(abs(right), abs(down)) >= _WALKS
            if share > (_GRAZED if walks else _HIDDEN) and (walks or other.judge.presence == "person"):
                return False
        return True

    def _begin(self, seen: Sequence[Seen], boxes: _Boxes, free: NDArray[np.bool_]) -> None:
        """Begin a track for each high-scoring box that nobody took and that is no second box on somebody."""
        for index in np.flatnonzero(free).tolist():
            if seen[index].score < self._settings.new_score:
                continue
            others = np.array([trail.seen.box for trail in self._trails if trail.matched], np.float32).reshape(-1, 4)
            if len(others) and covered(boxes[index : index + 1], others).max() >= 0.8:
                continue
            self._keys += 1
            begun = Trail(self._keys, seen[index], self._places.new_judge(), Feet(*self._size))
            begun.around = begun_around(begun.seen, (old for old in self._trails if old.matched and old.confirmed))
            self._trails.append(begun)

    def _drop_parts(self, time_s: float) -> None:
        """Close tracks that have followed a part of somebody for a while; what they took since is left out."""
        here = [trail for trail in self._trails if trail.matched and trail.confirmed]
        boxes = np.array([trail.seen.box for trail in here], np.float32).reshape(-1, 4)
        inside = covered(boxes, boxes) >= INSIDE
        # Who stands before somebody, a child before his father, stands lower in the picture.
        inside &= boxes[:, None, 3] <= boxes[None, :, 3] + _BEFORE * (boxes[None, :, 3] - boxes[None, :, 1])
        inside &= box_area(boxes)[:, None] < box_area(boxes)[None]
        parts: list[bool] = np.any(inside, axis=1).tolist()
        for trail, is_part in zip(here, parts, strict=True):
            if not is_part:
                trail.inside_s = None
            elif trail.inside_s is None:
                trail.inside_s = time_s
            elif time_s - trail.inside_s >= _PART_S:
                trail.piece = [seen for seen in trail.piece if seen.time_s < trail.inside_s]
                self._close(trail)
                self._trails.remove(trail)

    def _close_lost(self, time_s: float, at_least_s: float = 0.0) -> None:
        """Close what has not been seen for too long, and for ``at_least_s``."""
        kept: list[Trail] = []
        for trail in self._trails:
            if time_s - trail.seen.time_s <= max(self._patience_s(trail), at_least_s):
                kept.append(trail)
                continue
            self._close_for_good(trail)
            if trail.confirmed and not trail.leaves(*self._size):
                self._places.end(trail)
        self._trails = kept

    def _close_for_good(self, trail: Trail) -> None:
        """Close a track that is lost, or hand it over to the one that goes on in its place."""
        heir = successor(trail, self._trails)
        if heir is not None:
            # What both took is told once, by the one that goes on.
            trail.piece = [seen for seen in trail.piece if seen.time_s < heir.first_s]
        self._close(trail)
        if heir is not None:
            heir.continues = trail.continues

    def _patience_s(self, trail: Trail) -> float:
        if not trail.confirmed:
            return self._settings.tentative_gap_s
        if trail.leaves(*self._size):
            return self._settings.left_s
        return self._settings.still_lost_s if trail.still_s >= _STILL_S else self._settings.lost_s

    def _close(self, trail: Trail) -> None:
        """Report the piece in progress; nothing, if the track was never confirmed."""
        if not trail.confirmed or not trail.piece:
            return
        times = np.array([each.time_s for each in trail.piece])
        boxes = np.array([each.box for each in trail.piece], np.float32)
        name = tracklet_id(self._camera, times, boxes)
        path = Path(times, boxes, trail.feet.points(boxes), *self._size)
        clear = np.array([each.clear for each in trail.piece], np.bool_)
        self._closed.append(ClosedTrack(trail.key, name, path, clear, trail.judge.presence, trail.continues))
        trail.continues = name

    def _step(self, time_s: float) -> TrackStep:
        closed, self._closed = tuple(self._closed), []
        return TrackStep(tuple(_open(trail, time_s) for trail in self._trails if trail.confirmed), closed)


def _open(trail: Trail, time_s: float) -> OpenTrack:
    box = trail.seen.box
    if not trail.matched:
        x1, y1, x2, y2 = predict(trail.motion, np.array([time_s - trail.seen.time_s]))[0].tolist()
        box = (x1, y1, x2, y2)
    started_s = trail.piece[0].time_s
    return OpenTrack(trail.key, box, trail.seen.score, trail.matched, trail.judge.presence, started_s)
