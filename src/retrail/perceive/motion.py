"""Where a box will be: a constant-velocity Kalman filter for boxes seen at irregular times.

The four coordinates (centre x, centre y, width, height) are filtered apart from each other, so that a
step is a handful of array operations for all tracks at once. Noise is in shares of the box's height
(as in ByteTrack) and grows with time in seconds, never with a number of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box

_MEASURED = np.array([0.05, 0.05, 0.06, 0.06])  # deviation of a detector's box, in heights
_ACCELERATION = np.array([0.8, 0.6, 0.15, 0.15])  # heights per second^2, deviation over one second
_FIRST_SPEED = np.array([0.7, 0.35, 0.1, 0.1])  # heights per second, deviation before a second box was seen
_COAST_S = np.array([1.5, 1.5, 0.4, 0.4])  # how long an unseen box is taken to move on, then it stays
_VIRTUAL_STEP_S = 0.2
_FAR = 9.0  # squared deviations: further off is not worse


class Motion(NamedTuple):
    """The filter's state for n boxes, at the moment each was last seen.

    Attributes:
        value: (n, 4) float64: centre x, centre y, width, height in pixels.
        speed: (n, 4) float64: their change in pixels per second.
        spread: (n, 4, 3) float64: variance of value, covariance, variance of speed.
    """

    value: NDArray[np.float64]
    speed: NDArray[np.float64]
    spread: NDArray[np.float64]


def begin(boxes: NDArray[np.float32]) -> Motion:
    """The state of (n, 4) boxes seen for the first time."""
    value = _centred(boxes)
    height = value[:, 3:4]
    spread = np.zeros((len(value), 4, 3))
    spread[..., 0] = (_MEASURED * height) ** 2
    spread[..., 2] = (_FIRST_SPEED * height) ** 2
    return Motion(value, np.zeros_like(value), spread)


def predict(state: Motion, after_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n, 4) boxes (x1, y1, x2, y2) expected ``after_s`` (n,) seconds after each was last seen."""
    step = np.minimum(after_s[:, None], _COAST_S)
    value = state.value + state.speed * step
    half = np.maximum(value[:, 2:], 1.0) / 2
    return np.concatenate([value[:, :2] - half, value[:, :2] + half], axis=1).astype(np.float32)


def surprise(
    state: Motion, after_s: NDArray[np.float64], expected: NDArray[np.float32], boxes: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(n, m) in 0..1: how far each of (m, 4) boxes is from the (n, 4) ``expected`` ``after_s`` (n,) seconds later.

    The mean over the four coordinates of the squared distance in deviations, each capped at three: a coordinate that
    is quite off (somebody half hidden) counts, but does not decide alone.
    """
    variance = _later(state, after_s[:, None])[0] + (_MEASURED * state.value[:, 3:4]) ** 2
    squared = (_centred(boxes)[None] - _centred(expected)[:, None]) ** 2 / variance[:, None]
    return np.minimum(squared, _FAR).mean(axis=-1) / _FAR


def correct(
    state: Motion,
    boxes: NDArray[np.float32],
    after_s: NDArray[np.float64],
    noise: NDArray[np.float64] | float = 1.0,
) -> Motion:
    """The state once (n, 4) ``boxes`` were seen ``after_s`` (n,) seconds after the last ones.

    ``noise``: how many times further than usual the boxes may be off, (n, 1) or for all.
    """
    step = after_s[:, None]
    pp, pv, vv = _later(state, step)
    off = (noise * _MEASURED * state.value[:, 3:4]) ** 2
    gain, speed_gain = pp / (pp + off), pv / (pp + off)
    expected = state.value + state.speed * step
    wrong = _centred(boxes) - expected
    spread = np.stack([pp * (1 - gain), pv * (1 - gain), vv - speed_gain * pv], axis=-1)
    return Motion(expected + gain * wrong, state.speed + speed_gain * wrong, spread)


def joined(states: Sequence[Motion]) -> Motion:
    """The states of several filters as one."""
    return Motion(*(np.concatenate(part) for part in zip(*states, strict=True)))


def parted(state: Motion) -> list[Motion]:
    """One filter for each box of ``state``."""
    rows = (slice(index, index + 1) for index in range(len(state.value)))
    return [Motion(state.value[row], state.speed[row], state.spread[row]) for row in rows]


def recover(state: Motion, last: Box, found: Box, gap_s: float) -> Motion:
    """The state of one box found again after ``gap_s``: as if it had been seen on the straight way between.

    This is the observation-centric re-update of OC-SORT (arXiv 2203.14360): what the filter made up while nothing
    was seen is thrown away.
    """
    steps = max(1, round(gap_s / _VIRTUAL_STEP_S))
    start, end = np.asarray(last, np.float64), np.asarray(found, np.float64)
    step_s = np.array([gap_s / steps])
    for index in range(1, steps + 1):
        state = correct(state, (start + (end - start) * index / steps)[None].astype(np.float32), step_s)
    return state


def _later(
    state: Motion, step: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(n, 4) each: variance of value, covariance and variance of speed ``step`` (n, 1) seconds later."""
    push = (_ACCELERATION * state.value[:, 3:4]) ** 2
    pp, pv, vv = state.spread[..., 0], state.spread[..., 1], state.spread[..., 2]
    return (
        pp + 2 * step * pv + step**2 * vv + push * step**3 / 3,
        pv + step * vv + push * step**2 / 2,
        vv + push * step,
    )


def _centred(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 4) centre x, centre y, width, height of (n, 4) corners."""
    corners = boxes.astype(np.float64)
    size = corners[:, 2:] - corners[:, :2]
    return np.concatenate([corners[:, :2] + size / 2, size], axis=1)
