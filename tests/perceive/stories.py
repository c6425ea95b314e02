"""Stories to tell a tracker: who is where and when, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from retrail.core.types import Box, Detection
from retrail.perceive.track import ClosedTrack, Tracker

WIDTH, HEIGHT = 1280, 720
START_S = 1000.0
Way = Callable[[float], Box | None]


def walker(x: float, speed: float, *, y: float = 300.0, start_s: float = 0.0, end_s: float = 1e9) -> Way:
    """Somebody 80 x 200 who is at ``x`` at ``start_s`` and walks sideways, pixels per second."""

    def at(time_s: float) -> Box | None:
        left = x + speed * (time_s - start_s)
        inside = start_s <= time_s <= end_s and -40 < left < WIDTH - 40
        return (max(left, 0.0), y, min(left + 80, float(WIDTH)), y + 200) if inside else None

    return at


def thing(box: Box, *, start_s: float = 0.0, end_s: float = 1e9, jitter: float = 1.0) -> Way:
    """A chair: always there, its box a little off each time."""

    def at(time_s: float) -> Box | None:
        dx, dy = jitter * np.sin(37.0 * time_s), jitter * np.cos(53.0 * time_s)
        return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy) if start_s <= time_s <= end_s else None

    return at


def play(
    ways: Iterable[Way],
    end_s: float,
    *,
    hz: float = 5.0,
    tracker: Tracker | None = None,
    motion: Callable[[int, float], float] | None = None,
    start_s: float = 0.0,
) -> list[ClosedTrack]:
    """The tracklets of a story; ``motion`` is the share of moving pixels of way ``index`` at a time of the story."""
    tracker = tracker or Tracker("hall", WIDTH, HEIGHT)
    ways = list(ways)
    closed: list[ClosedTrack] = []
    for step in range(round(start_s * hz), int(end_s * hz) + 1):
        time_s = step / hz
        seen = [(index, box) for index, way in enumerate(ways) if (box := way(time_s)) is not None]
        shares = None if motion is None else [motion(index, time_s) for index, _ in seen]
        closed += tracker.update(START_S + time_s, [Detection(box, 0.9) for _, box in seen], shares).closed
    return closed + list(tracker.finish().closed)


def by_key(closed: Sequence[ClosedTrack]) -> dict[int, list[ClosedTrack]]:
    chains: dict[int, list[ClosedTrack]] = {}
    for each in closed:
        chains.setdefault(each.key, []).append(each)
    return chains
