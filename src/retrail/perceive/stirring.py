"""Small motion kept up: what tells somebody who sits or stands from a chair or a mannequin."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box

_STIRRED = 0.02  # share of moving pixels: noise, flicker and compression stay below
_STRONG, _COUNTS = 0.1, 3.0  # so large a share is an arm or a turn, and speaks for so many times as long
_STEP_S = 1.0  # one observation speaks for no more than that
_BLOCK_S = 2.0
_LEAST_BOXES = 5
_DRIFT = 0.03  # heights: a box on a still thing stays within, on the mean over a block
_LEAP = 0.15  # heights: no small motion, but another thing that the box was put on
_NOISE = 4.0  # deviations of such a mean


class Stirring:
    """How long somebody has stirred, in seconds, beyond what light and noise may do.

    Where the share of moving pixels is known, time counts as stirred while it is at least 2 %, three times while it is
    at least 10 %: somebody who reaches for a thing and turns moves more than light and noise mostly do. Where it is not
    known, the boxes tell: on a still thing a detector's boxes jitter from one frame to the next, but their means over
    two seconds stay; those of a person drift.

    Time in which somebody else is near the box counts neither way.

    Args:
        leak: share of the time that is taken off again; of strong motion a third of that share is.
    """

    def __init__(self, leak: float) -> None:
        self._leak = leak
        self._stirred_s = 0.0
        self._last_s: float | None = None
        self._block: list[Box] = []
        self._block_s = 0.0
        self._before: tuple[NDArray[np.float64], float] | None = None

    def copy(self) -> Stirring:
        """Another one that knows the same."""
        twin = copy.copy(self)
        twin._block = list(self._block)
        return twin

    def see(self, time_s: float, box: Box, moving: float | None, alone: bool) -> float:
        """Take in one more box; returns the seconds stirred so far."""
        step_s = 0.0 if self._last_s is None else min(time_s - self._last_s, _STEP_S)
        self._last_s = time_s
        if not alone:
            self._block, self._before = [], None
            return self._stirred_s
        gained_s = self._drifted_s(time_s, box) if moving is None else step_s * _weight(moving)
        self._stirred_s = max(0.0, self._stirred_s + gained_s - self._leak * step_s)
        return self._stirred_s

    def _drifted_s(self, time_s: float, box: Box) -> float:
        if not self._block:
            self._block_s = time_s
        self._block.append(box)
        if time_s - self._block_s < _BLOCK_S or len(self._block) < _LEAST_BOXES:
            return 0.0
        boxes = np.array(self._block, np.float64)
        height = max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1.0)
        places = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1), boxes[:, 1]], axis=1) / height
        steps = np.abs(np.diff(places, axis=0))
        mean, jitter, before = places.mean(axis=0) * height, float(steps.mean()) / len(boxes) ** 0.5, self._before
        leapt = bool(steps.max() > _LEAP)
        self._before = None if leapt else (mean, jitter)
        self._block, self._block_s = [box], time_s
        if before is None or leapt:
            return 0.0
        drift = float(np.abs(mean - before[0]).max()) / height
        return _BLOCK_S / 2 if drift > max(_DRIFT, _NOISE * float(np.hypot(jitter, before[1]))) else 0.0


def _weight(moving: float) -> float:
    return _COUNTS if moving >= _STRONG else float(moving >= _STIRRED)
