"""The motion gate: which frames are worth a detection, and how much moved inside a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box

LUMA_WIDTH_PX = 160
LUMA_HEIGHT_PX = 90
"""Size of the small luma that the gate wants; another one works, as long as it stays the same."""

_CLUSTER = 4
"""Of the nine pixels around one that changed, so many must have, itself included."""


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What counts as motion, and how long nobody looks.

    Attributes:
        tracked_s: with somebody tracked, a detection at least this often. Shorter than any tracker's patience.
        empty_s: with nobody tracked, a detection at least this often.
        hold_s: detections go on for this long after the last motion, so that whoever comes in and freezes is confirmed.
        least_step: grey levels a pixel must change to count, however quiet the picture.
        noise_steps: and this many times the noise of the picture.
        least_share: share of the picture that must have changed in clusters; a hand at five metres is about 0.0005.
    """

    tracked_s: float = 1.0
    empty_s: float = 3.0
    hold_s: float = 0.6
    least_step: float = 7.0
    noise_steps: float = 6.0
    least_share: float = 0.0004


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What moved from one frame to the next; worked out when asked, and true whatever frames come later.

    Attributes:
        now, before: (h, w) float32, the small luma of both; None before the first frame.
        settings: what counts as motion.
        known: (h, w) bool, which pixels moved, where that is known already.
    """

    now: NDArray[np.float32] | None
    before: NDArray[np.float32] | None
    settings: GateSettings
    known: NDArray[np.bool_] | None = None

    def inside(self, boxes: Sequence[Box], width_px: int, height_px: int) -> list[float]:
        """For each box in frame pixels: the share of its pixels, 0..1, that moved.

        A chair gives 0 in almost every frame, a seated person more than 0 now and then.
        """
        if self.now is None or self.before is None or not boxes:
            return [0.0] * len(boxes)
        mask = _changed(self.now, self.before, self.settings) if self.known is None else self.known
        high, wide = mask.shape
        edges = np.array(boxes, np.float64)
        left, right = _span(edges[:, 0] * wide / width_px, edges[:, 2] * wide / width_px, wide)
        top, bottom = _span(edges[:, 1] * high / height_px, edges[:, 3] * high / height_px, high)
        before = np.zeros((high + 1, wide + 1), np.int64)  # how many moved above and to the left of each corner
        before[1:, 1:] = mask.cumsum(axis=0).cumsum(axis=1)
        moved = before[bottom, right] - before[top, right] - before[bottom, left] + before[top, left]
        return (moved / ((bottom - top) * (right - left))).tolist()


class MotionGate:
    """Says of each frame whether anything changed since the last one that was detected.

    A person who stands still is not lost: the frame is compared with the last *detected* one, so whatever came since
    stays a change until a detection has seen it; and a detection is forced every ``tracked_s`` while the caller tracks
    anybody, every ``empty_s`` else. Between those the tracker is told that the frame was still, and keeps its tracks
    where they are.

    Flicker and exposure are taken off as the median change of each row (a rolling shutter makes bands); noise is
    measured in each frame; single pixels, as compression leaves them, are no motion. Only event time is looked at, so
    the same stream gives the same answers on any machine.
    """

    def __init__(self, settings: GateSettings | None = None) -> None:
        self._settings = settings or GateSettings()
        self._reference: NDArray[np.float32] | None = None
        self._reference_s = 0.0
        self._previous: NDArray[np.float32] | None = None
        self._previous_s = 0.0
        self._moved_s = -np.inf
        self._before: NDArray[np.float32] | None = None
        self._mask: NDArray[np.bool_] | None = None

    def moved(self, luma_small: NDArray[np.uint8], time_s: float, tracking: bool = False) -> bool:
        """Whether this frame has to be detected; the caller then does so.

        Args:
            luma_small: (h, w), the whole frame shrunk.
            time_s: event time; a jump backwards or a change of size is motion.
            tracking: whether anybody is tracked now.
        """
        settings = self._settings
        luma = luma_small.astype(np.float32)
        reference, previous = self._reference, self._previous
        fresh = reference is None or previous is None or reference.shape != luma.shape or time_s < self._previous_s
        if fresh or reference is None or previous is None:
            self._before, self._mask = luma, None
            changed = True
        else:
            mask = _changed(luma, reference, settings)
            self._before, self._mask = previous, mask if reference is previous else None
            changed = int(mask.sum()) >= settings.least_share * luma.size
        if changed:
            self._moved_s = time_s
        waited_s = time_s - self._reference_s
        due = (
            changed
            or time_s - self._moved_s <= settings.hold_s
            or waited_s >= (settings.tracked_s if tracking else settings.empty_s) - 1e-6
        )
        self._previous, self._previous_s = luma, time_s
        if due:
            self._reference, self._reference_s = luma, time_s
        return due

    @property
    def motion(self) -> Motion:
        """What moved in the last frame looked at; stays true after later frames."""
        return Motion(self._previous, self._before, self._settings, self._mask)

    def motion_in(self, boxes: Sequence[Box], width_px: int, height_px: int) -> list[float]:
        """``motion.inside`` of the last frame looked at."""
        return self.motion.inside(boxes, width_px, height_px)


def _changed(now: NDArray[np.float32], before: NDArray[np.float32], settings: GateSettings) -> NDArray[np.bool_]:
    step = now - before
    middle = step.shape[1] // 2
    step -= np.partition(step, middle, axis=1)[:, middle : middle + 1]
    size = np.abs(step, out=step)
    sample = size[::2, ::2].ravel()
    noise = 1.4826 * float(np.partition(sample, len(sample) // 2)[len(sample) // 2])
    loud = size > max(settings.least_step, settings.noise_steps * noise)
    if not loud.any():
        return loud
    padded = np.zeros((loud.shape[0] + 2, loud.shape[1] + 2), np.uint8)
    padded[1:-1, 1:-1] = loud
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    around = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return loud & (around >= _CLUSTER)


def _span(low: NDArray[np.float64], high: NDArray[np.float64], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and one past the last pixel between two edges: at least one, all inside."""
    start = np.clip(np.floor(low), 0, size - 1).astype(np.intp)
    return start, np.clip(np.ceil(high).astype(np.intp), start + 1, size)
