"""Groups closed tracklets by event time behind a watermark, so that the log's order depends on the input alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from retrail.core.types import Tracklet

WINDOW_S = 2.0
"""Tracklets that close within one such window of event time are decided together."""


def window_of(time_s: float) -> int:
    """Number of the window in which a moment of event time lies."""
    return math.floor(time_s / WINDOW_S)


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A tracklet and the event time at which it was closed (that of the frame that closed it)."""

    tracklet: Tracklet
    at_s: float


class Lane:
    """The cameras that advance together: all recorded ones, or all live ones.

    A camera's clock is the event time up to which everything it saw has been tracked. The watermark is the earliest
    clock of the cameras that are not silent; a window is complete once the watermark has passed its end.

    Args:
        cameras: names, in the order of the site file: ties in time are broken by it.
        silent: whether a camera must not hold the others back.
    """

    def __init__(self, cameras: Iterable[str], silent: Callable[[str], bool]) -> None:
        self._order = {camera: place for place, camera in enumerate(cameras)}
        self._clock_s: dict[str, float] = {}
        self._waiting: list[Closed] = []
        self._silent = silent

    def add(self, tracklets: Iterable[Tracklet], at_s: float) -> None:
        """Take tracklets that were closed by the frame of ``at_s``."""
        self._waiting.extend(Closed(tracklet, at_s) for tracklet in tracklets)

    def advance(self, camera: str, time_s: float) -> None:
        """The camera has been tracked up to ``time_s``."""
        self._clock_s[camera] = time_s

    def watermark_s(self) -> float:
        """Event time that every camera has passed; minus infinity while one has not begun."""
        clocks = [self._clock_s.get(camera, -math.inf) for camera in self._order if not self._silent(camera)]
        return min(clocks, default=math.inf)

    def complete(self) -> list[list[Tracklet]]:
        """The tracklets of every window that is complete, window by window, in order."""
        return self._take(self.watermark_s())

    def rest(self) -> list[list[Tracklet]]:
        """All that is left, window by window: the input has ended."""
        return self._take(math.inf)

    def _take(self, watermark_s: float) -> list[list[Tracklet]]:
        def window(closed: Closed) -> int:
            return window_of(closed.at_s)

        due = [closed for closed in self._waiting if (window(closed) + 1) * WINDOW_S <= watermark_s]
        if not due:
            return []
        self._waiting = [closed for closed in self._waiting if (window(closed) + 1) * WINDOW_S > watermark_s]
        due.sort(
            key=lambda closed: (window(closed), closed.at_s, self._order[closed.tracklet.camera], closed.tracklet.id)
        )
        groups: list[list[Tracklet]] = []
        last: int | None = None
        for closed in due:
            if window(closed) != last:
                groups.append([])
                last = window(closed)
            groups[-1].append(closed.tracklet)
        return groups
