"""One camera's tracker: boxes in, people's ways out, at 5 boxes a second and at irregular times."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.core.types import Box, Detection, Path, Presence
from retrail.perceive.feet import foot_points, ratio_of
from retrail.perceive.furniture import FurnitureMemory
from retrail.perceive.motion import Motion, begin, correct, predict, recover
from retrail.perceive.pairing import best_pairs, covered, height_ratio, same_way, widened_iou
from retrail.perceive.presence import PresenceJudge, PresenceSettings

_Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """When boxes are one track. Times are in seconds: the rate of detection may be any, and may change.

    Attributes:
        high_score: boxes from here on are matched first, with all tracks; the others only carry on (ByteTrack).
        new_score: only a box from here on begins a track.
        low_score: boxes below it are not looked at.
        confirm_times, confirm_s: a track is confirmed once it was seen so often, over at least so long.
        tentative_gap_s: a track not yet confirmed may be unseen for so long.
        lost_s: a confirmed track that is unseen for longer is closed.
        low_gap_s: a track unseen for longer is not carried on by a low-scoring box.
        buffers: how much boxes are widened in the first and in the second look, in shares of their size.
        overlap: widened boxes must overlap by so much.
        momentum: weight of going the same way as before.
        cut_s: a tracklet that gets longer is closed, and the next one continues it.
        presence: who is a person.
    """

    high_score: float = 0.5
    new_score: float = 0.6
    low_score: float = 0.15
    confirm_times: int = 3
    confirm_s: float = 0.3
    tentative_gap_s: float = 0.5
    lost_s: float = 2.0
    low_gap_s: float = 0.5
    buffers: tuple[float, float] = (0.3, 0.5)
    overlap: float = 0.15
    momentum: float = 0.2
    cut_s: float = 20.0
    presence: PresenceSettings = field(default_factory=PresenceSettings)


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """A confirmed track that is not over.

    Attributes:
        key: its number in this tracker, from 1; stays the same through cuts.
        box: where it is; where it is expected, if it was not seen this time.
        score: of the last box seen.
        matched: whether it was seen this time.
        presence: what it is taken for.
        tracklet_started_s: when the tracklet in progress began (later than the track, once it was cut).
    """

    key: int
    box: Box
    score: float
    matched: bool
    presence: Presence
    tracklet_started_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ClosedTrack:
    """A tracklet that is over.

    Attributes:
        key: the track it is a piece of.
        id: hash of camera, start and boxes; the same input gives the same id.
        path: where it was seen; gaps in which it was not seen are left as gaps.
        presence: what the track was taken for when this piece closed.
        continues: id of the piece before, or None.
    """

    key: int
    id: str
    path: Path
    presence: Presence
    continues: str | None


@dataclass(frozen=True, slots=True)
class TrackStep:
    """What one step gave: the tracks that are open now, and the tracklets that closed."""

    open: tuple[OpenTrack, ...]
    closed: tuple[ClosedTrack, ...]


@dataclass(slots=True)
class _Track:
    key: int
    motion: Motion
    seen_s: float
    score: float
    judge: PresenceJudge
    times: list[float]
    boxes: list[Box]
    seen: int = 1
    first_s: float = 0.0
    confirmed: bool = False
    matched: bool = True
    continues: str | None = None
    ratio: float | None = None
    recent: list[tuple[float, Box]] = field(default_factory=list[tuple[float, Box]])

    @property
    def box(self) -> Box:
        return self.boxes[-1]


class Tracker:
    """Follows people on one camera. Each camera has its own; two trackers share nothing.

    Association has two stages (ByteTrack, arXiv 2110.06864): high-scoring boxes with all tracks, then low-scoring ones
    with tracks seen a moment ago. Boxes are widened before they are compared (arXiv 2211.14317), the way a track was
    going counts, and a track found again is taken to have gone straight (OC-SORT, arXiv 2203.14360).

    A track is confirmed once it was seen three times over at least 0.3 s (`TrackSettings`); only confirmed tracks are
    reported, with all boxes from the first on. A tracklet is cut every 20 s; the next piece names the one before.

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
        self._furniture = furniture if furniture is not None else FurnitureMemory()
        self._tracks: list[_Track] = []
        self._closed: list[ClosedTrack] = []
        self._keys = 0
        self._now_s: float | None = None

    def update(
        self, time_s: float, detections: Sequence[Detection], motion: Sequence[float] | None = None
    ) -> TrackStep:
        """Take in what the detector saw.

        Args:
            time_s: event time, later than the step before.
            detections: in any order.
            motion: share of moving pixels in each detection's box, 0..1, or None where nobody measured.

        Raises:
            DataError: time does not advance.
        """
        self._advance(time_s)
        order = sorted(range(len(detections)), key=lambda i: (-detections[i].score, detections[i].box))
        kept = [detections[i] for i in order if detections[i].score >= self._settings.low_score]
        boxes = np.array([each.box for each in kept], np.float32).reshape(-1, 4)
        scores = np.array([each.score for each in kept], np.float32)
        for row, column in self._associate(time_s, boxes, scores):
            self._see(self._tracks[row], time_s, kept[column].box, kept[column].score)
        self._begin(time_s, kept, boxes, {track.box for track in self._tracks if track.matched})
        self._close_lost(time_s)
        return self._step(time_s)

    def still(self, time_s: float) -> TrackStep:
        """Nothing in the picture has moved: who was seen at the last step stays where he is.

        Raises:
            DataError: time does not advance.
        """
        matched = [track for track in self._tracks if track.matched]
        self._advance(time_s)
        for track in matched:
            self._see(track, time_s, track.box, track.score)
        self._close_lost(time_s)
        return self._step(time_s)

    def finish(self) -> TrackStep:
        """Close everything: the input ended, or its resolution changed."""
        for track in self._tracks:
            self._close(track)
        self._tracks = []
        closed, self._closed = tuple(self._closed), []
        return TrackStep((), closed)

    def _advance(self, time_s: float) -> None:
        if self._now_s is not None and not time_s > self._now_s:
            raise DataError(
                "Time does not advance", where=f"camera {self._camera}", found=f"{time_s}", allowed=f"> {self._now_s}"
            )
        self._now_s = time_s
        for track in self._tracks:
            track.matched = False

    def _associate(self, time_s: float, boxes: _Boxes, scores: NDArray[np.float32]) -> list[tuple[int, int]]:
        """Pairs (index of track, index of box)."""
        if not self._tracks or not len(boxes):
            return []
        states = [track.motion for track in self._tracks]
        motion = Motion(*(np.concatenate(part) for part in zip(*states, strict=True)))
        unseen_s = time_s - np.array([track.seen_s for track in self._tracks])
        last = np.array([track.box for track in self._tracks], np.float32)
        expected = predict(motion, unseen_s)
        confirmed = np.array([track.confirmed for track in self._tracks])
        going = np.array([_going(track) for track in self._tracks])
        like = height_ratio(last, boxes)
        bonus = self._settings.momentum * same_way(going, last, boxes)
        high = scores >= self._settings.high_score
        free_tracks, free_boxes = np.ones(len(states), bool), np.ones(len(boxes), bool)
        pairs: list[tuple[int, int]] = []
        narrow, wide = self._settings.buffers
        recent = unseen_s <= self._settings.low_gap_s
        for who, which, where, buffer in (
            (confirmed, high, expected, narrow),
            (confirmed, high, expected, wide),
            (confirmed, high, last, wide),
            (confirmed & recent, ~high, expected, narrow),
            (~confirmed, high, expected, wide),
        ):
            rows, columns = np.flatnonzero(who & free_tracks), np.flatnonzero(which & free_boxes)
            if not len(rows) or not len(columns):
                continue
            overlap = widened_iou(where[rows], boxes[columns], buffer)
            near = np.ix_(rows, columns)
            allowed = (overlap >= self._settings.overlap) & (like[near] >= 0.5)
            found = best_pairs(1.0 + overlap * like[near] + bonus[near], allowed)
            for r, c in found:
                free_tracks[rows[r]], free_boxes[columns[c]] = False, False
                pairs.append((int(rows[r]), int(columns[c])))
        return pairs

    def _see(self, track: _Track, time_s: float, box: Box, score: float) -> None:
        gap_s = time_s - track.seen_s
        if gap_s > self._settings.low_gap_s:
            track.motion = recover(track.motion, track.box, box, gap_s)
        else:
            track.motion = correct(track.motion, np.array([box], np.float32), np.array([gap_s]))
        if time_s - track.times[0] > self._settings.cut_s and track.confirmed:
            self._close(track)
            track.times, track.boxes = [], []
        track.times.append(time_s)
        track.boxes.append(box)
        track.recent = [each for each in track.recent if each[0] >= time_s - 1.0] + [(time_s, box)]
        track.seen_s, track.score, track.matched = time_s, score, True
        track.seen += 1
        track.judge.see(time_s, box)
        if track.seen >= self._settings.confirm_times and time_s - track.first_s >= self._settings.confirm_s:
            track.confirmed = True

    def _begin(self, time_s: float, kept: Sequence[Detection], boxes: _Boxes, taken: set[Box]) -> None:
        """Begin a track for each high-scoring box that nobody took and that is no second box on somebody."""
        for index, each in enumerate(kept):
            if each.box in taken or each.score < self._settings.new_score:
                continue
            others = np.array(sorted(taken), np.float32).reshape(-1, 4)
            if len(others) and covered(boxes[index : index + 1], others).max() >= 0.8:
                continue
            self._keys += 1
            judge = PresenceJudge(*self._size, self._settings.presence)
            judge.see(time_s, each.box)
            track = _Track(self._keys, begin(boxes[index : index + 1]), time_s, each.score, judge, [time_s], [each.box])
            track.first_s, track.recent = time_s, [(time_s, each.box)]
            self._tracks.append(track)
            taken.add(each.box)

    def _close_lost(self, time_s: float) -> None:
        kept: list[_Track] = []
        for track in self._tracks:
            patience_s = self._settings.lost_s if track.confirmed else self._settings.tentative_gap_s
            if time_s - track.seen_s <= patience_s:
                kept.append(track)
            else:
                self._close(track)
        self._tracks = kept

    def _close(self, track: _Track) -> None:
        """Report the piece in progress; nothing, if the track was never confirmed."""
        if not track.confirmed or not track.times:
            return
        times = np.array(track.times)
        boxes = np.array(track.boxes, np.float32)
        feet = foot_points(boxes, self._size[1], track.ratio)
        track.ratio = ratio_of(boxes, self._size[1]) or track.ratio
        name = _tracklet_id(self._camera, times, boxes)
        path = Path(times, boxes, feet, *self._size)
        self._closed.append(ClosedTrack(track.key, name, path, track.judge.presence, track.continues))
        track.continues = name

    def _step(self, time_s: float) -> TrackStep:
        shown = [track for track in self._tracks if track.confirmed]
        closed, self._closed = tuple(self._closed), []
        return TrackStep(tuple(self._open(track, time_s) for track in shown), closed)

    def _open(self, track: _Track, time_s: float) -> OpenTrack:
        box = track.box
        if not track.matched:
            x1, y1, x2, y2 = predict(track.motion, np.array([time_s - track.seen_s]))[0].tolist()
            box = (x1, y1, x2, y2)
        return OpenTrack(track.key, box, track.score, track.matched, track.judge.presence, track.times[0])


def _going(track: _Track) -> tuple[float, float]:
    """What a track moved in its last second, in its own heights."""
    first, last = track.recent[0][1], track.recent[-1][1]
    height = max(last[3] - last[1], 1.0)
    return (
        (last[0] + last[2] - first[0] - first[2]) / 2 / height,
        (last[1] + last[3] - first[1] - first[3]) / 2 / height,
    )


def _tracklet_id(camera: str, times: NDArray[np.float64], boxes: _Boxes) -> str:
    parts = chain([camera.encode(), str(round(float(times[0]) * 1000)).encode()], [boxes.tobytes()])
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
