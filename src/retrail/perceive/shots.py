"""The best pictures of each person in sight: large, sharp, whole, and spread over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.core.geometry import box_area, shared_area
from retrail.core.types import Box, Frame, Shot
from retrail.perceive.sharpness import sharpness
from retrail.video.planes import crop_bgr

_MARGIN = 1.05


class Seen(Protocol):
    """What a shot is taken of: an open track (see ``track.OpenTrack``)."""

    @property
    def key(self) -> int: ...
    @property
    def box(self) -> Box: ...
    @property
    def score(self) -> float: ...
    @property
    def matched(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """What makes a picture of a person good.

    Attributes:
        least_height_px, full_height_px: a box this high is worth nothing, one that high all.
        border_px: a box that comes this near to the frame's border may be cut by it.
        least_quality: below, it is no good shot.
        least_share: nor is one with less than this share of the quality of the tracklet's best.
        apart_s: two shots nearer in time than this say little more than one.
        again_s: a track with all its shots is looked at again after so long.
    """

    least_height_px: float = 32.0
    full_height_px: float = 160.0
    border_px: float = 3.0
    least_quality: float = 0.05
    least_share: float = 0.25
    apart_s: float = 2.0
    again_s: float = 0.4


class ShotKeeper:
    """Keeps the best few shots of every track of one camera.

    Args:
        width_px, height_px: size of the frames.
        crop_width_px, crop_height_px: size of the crops, that of the encoder's input.
        keep: how many a tracklet.
        settings: what makes a shot good.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        crop_width_px: int = 128,
        crop_height_px: int = 256,
        keep: int = 8,
        settings: ShotSettings | None = None,
    ) -> None:
        self._size = (width_px, height_px)
        self._crop = (crop_width_px, crop_height_px)
        self._keep = keep
        self._settings = settings or ShotSettings()
        self._kept: dict[int, _Kept] = {}

    def offer(self, frame: Frame, open_tracks: Sequence[Seen]) -> None:
        """Look at everybody in a frame that was detected, and keep what is better than what there is.

        Only tracks matched to a detection in this very frame are taken; the others hide what they cover all the same.
        """
        if not open_tracks:
            return
        boxes = np.array([track.box for track in open_tracks], np.float32)
        scores = np.array([track.score for track in open_tracks], np.float32)
        qualities = view_quality(boxes, scores, *self._size, self._settings)
        for track, most in zip(open_tracks, qualities.tolist(), strict=True):
            if track.matched and most >= self._settings.least_quality:
                self._consider(frame, track.key, track.box, most)

    def take(self, key: int) -> tuple[Shot, ...]:
        """The shots of a track, best first, () where none was good; its next tracklet begins without any."""
        shots = self.peek(key)
        self.drop(key)
        return shots

    def peek(self, key: int) -> tuple[Shot, ...]:
        """What ``take`` would return now; nothing is taken."""
        kept = self._kept.get(key)
        if kept is None or not kept.shots:
            return ()
        shots = sorted(kept.shots, key=lambda shot: (-shot.quality, shot.time_s))
        return tuple(shot for shot in shots if shot.quality >= self._settings.least_share * shots[0].quality)

    def drop(self, key: int) -> None:
        """Forget the shots of a track."""
        self._kept.pop(key, None)

    def _consider(self, frame: Frame, key: int, box: Box, most: float) -> None:
        kept = self._kept.setdefault(key, _Kept())
        full = len(kept.shots) >= self._keep
        if full and frame.time_s < kept.looked_s + self._settings.again_s - 1e-6:
            return
        # A box that would go even if it were the sharpest yet is not looked at: most boxes of a long stay.
        if full and self._worst(kept.shots, frame.time_s, most * min(1.0, _MARGIN * kept.sharpest)) is None:
            return
        sharp = sharpness(frame, box)
        kept.looked_s, kept.sharpest = frame.time_s, max(sharp, kept.sharpest)
        quality = most * sharp
        if quality < self._settings.least_quality:
            return
        if full:
            worst = self._worst(kept.shots, frame.time_s, quality)
            if worst is None:
                return
            del kept.shots[worst]
        kept.shots.append(Shot(frame.time_s, box, quality, crop_bgr(frame, box, *self._crop)))

    def _worst(self, shots: Sequence[Shot], time_s: float, quality: float) -> int | None:
        """Which shot to give up for one of this time and quality; None: that one itself.

        The worst, where one that has a better one close in time is worth less. Of two shots close in time only the
        worse one loses, so that a good second keeps its best picture.
        """
        apart_s = self._settings.apart_s
        times = [*(shot.time_s for shot in shots), time_s]
        qualities = [*(shot.quality for shot in shots), quality]
        worth: list[float] = []
        for this, (when_s, good) in enumerate(zip(times, qualities, strict=True)):
            # Of equals the earlier one counts as better, so that not both of a pair go.
            near_s = min(
                (abs(times[other] - when_s) for other, than in enumerate(qualities) if (than, -other) > (good, -this)),
                default=apart_s,
            )
            worth.append(good * min(max(near_s / apart_s, 0.05), 1.0))
        worst = worth.index(min(worth))
        return worst if worst < len(shots) else None


@dataclass(slots=True)
class _Kept:
    """What is kept of one track: the shots, the sharpness of the sharpest look, and when that look was."""

    shots: list[Shot] = field(default_factory=list[Shot])
    sharpest: float = 0.0
    looked_s: float = 0.0


def view_quality(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    width_px: int,
    height_px: int,
    settings: ShotSettings | None = None,
) -> NDArray[np.float32]:
    """How good a view each box gives of its person, before looking at a pixel.

    Args:
        boxes: (n, 4) of everybody in the frame, pixels.
        scores: (n,) of the detector.
        width_px, height_px: size of the frame.
        settings: the scales.

    Returns:
        (n,) float32 in 0..1: size, wholeness at the border, and what of it others cover, multiplied.
    """
    settings = settings or ShotSettings()
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    size = np.clip((high - settings.least_height_px) / (settings.full_height_px - settings.least_height_px), 0, 1)
    size = np.where(wide * 8 < settings.least_height_px, 0.0, size)
    sure = np.clip(scores, 0, 1)
    return (size * sure * _whole(boxes, width_px, height_px, settings.border_px) * _uncovered(boxes)).astype(np.float32)


def _whole(boxes: NDArray[np.float32], width_px: int, height_px: int, border_px: float) -> NDArray[np.float32]:
    """1 inside the frame; less where the border cuts the person, by how little of a standing one's shape is left."""
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    left, right = boxes[:, 0] <= border_px, boxes[:, 2] >= width_px - border_px
    top, bottom = boxes[:, 1] <= border_px, boxes[:, 3] >= height_px - border_px
    shape = np.divide(high, wide, out=np.zeros_like(high), where=wide > 0)
    # A standing person is 2 to 3 times as high as wide: cut below he looks stout, cut at a side he looks slim.
    upright = np.where(top | bottom, np.clip((shape - 0.9) / 1.3, 0, 1), 1.0)
    slim = np.where(left | right, np.clip((4.5 - shape) / 2.0, 0, 1), 1.0)
    cut = np.where(top, 0.8, 1.0) * np.where(bottom, 0.8, 1.0) * np.where(left | right, 0.4, 1.0)
    return (upright * slim * cut).astype(np.float32)


def _uncovered(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 alone; less by the share of the box that others cover, twice that where they stand in front (lower down)."""
    share = shared_area(boxes[:, None], boxes[None]) / np.maximum(box_area(boxes), 1e-6)[:, None]
    np.fill_diagonal(share, 0.0)
    in_front = boxes[None, :, 3] > boxes[:, None, 3]
    hidden = (share * np.where(in_front, 1.6, 0.8)).sum(axis=1)
    return np.clip(1.0 - hidden, 0, 1).astype(np.float32)
