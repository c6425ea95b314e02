"""Time of live cameras: the stream's own clock, laid onto this machine's by when packets arrive."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_JUMP_S = 1.0
_WINDOW_S = 60.0
_BUCKET_S = 1.0
_SLEW = 0.02


class ArrivalClock:
    """This machine's time, seconds UTC, that never goes back.

    It runs with the monotonic clock (which time servers only steer) and follows a step of the wall clock forward;
    a step back is told and ignored, because what was logged cannot come after what comes now.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._ahead_s = wall() - monotonic()
        self._told_s = 0.0

    def now(self) -> tuple[float, float]:
        """The time, and by how much the wall clock was set since the last call (0.0: it was not)."""
        monotonic_s = self._monotonic()
        step_s = self._wall() - monotonic_s - self._ahead_s
        if step_s > _JUMP_S:
            self._ahead_s += step_s
            self._told_s = 0.0
            return monotonic_s + self._ahead_s, step_s
        told_s, self._told_s = self._told_s, min(step_s, 0.0)
        new_s = self._told_s - told_s
        return monotonic_s + self._ahead_s, new_s if new_s < -_JUMP_S else 0.0


class StreamClock:
    """Maps a stream's time stamps to event time.

    A packet can be late, never early: of all differences between arrival and stamp, the smallest of the last minute is
    the one least delayed on its way. The offset moves towards it by no more than 2 % of the time that the stream says
    has passed, so event time keeps the stream's own rhythm (jitter, bursts and stalls of the network do not show) and
    still follows a camera whose clock runs fast or slow. After a leap of the stream's clock it starts anew at the
    packet's arrival.
    """

    def __init__(self) -> None:
        self.jump_s = 0.0
        """By how much the stream's clock leapt at the last packet; 0.0: it did not."""
        self._offset_s: float | None = None
        self._stamp_s = 0.0
        self._arrival_s = 0.0
        self._least = deque[tuple[float, float]]()

    def learn(self, stamp_s: float, arrival_s: float) -> None:
        """Look at a packet before any is mapped: what was waiting at connection arrives all at once, and late."""
        self._remember(arrival_s - stamp_s, arrival_s)

    def map(self, stamp_s: float, arrival_s: float) -> float:
        """Event time of a packet, seconds UTC.

        Args:
            stamp_s: the stream's time, seconds; presentation times out of order within a second are fine.
            arrival_s: when it came, seconds UTC.
        """
        late_s = arrival_s - stamp_s
        self.jump_s = 0.0
        if self._offset_s is None:
            offset_s = min([late_s, *(late for _, late in self._least)])
        else:
            stepped_s, passed_s = stamp_s - self._stamp_s, arrival_s - self._arrival_s
            early = stepped_s > passed_s + _JUMP_S and late_s < self._offset_s - _JUMP_S
            if early or stepped_s < -_JUMP_S:
                self.jump_s = stepped_s - passed_s
                offset_s = late_s
                self._least.clear()
            else:
                offset_s = self._slewed(self._offset_s, max(0.0, stepped_s))
        self._stamp_s, self._arrival_s, self._offset_s = stamp_s, arrival_s, offset_s
        self._remember(late_s, arrival_s)
        return stamp_s + offset_s

    def _slewed(self, offset_s: float, stepped_s: float) -> float:
        most_s = _SLEW * stepped_s
        away_s = min(late_s for _, late_s in self._least) - offset_s
        return offset_s + max(-most_s, min(most_s, away_s))

    def _remember(self, late_s: float, arrival_s: float) -> None:
        """Keep the least delay of each second, for a minute."""
        second_s = arrival_s // _BUCKET_S
        if self._least and self._least[-1][0] == second_s:
            late_s = min(late_s, self._least.pop()[1])
        self._least.append((second_s, late_s))
        while self._least[0][0] < second_s - _WINDOW_S / _BUCKET_S:
            self._least.popleft()
