"""Decode threads, one a camera, and the order in which their frames are looked at."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Frame
from retrail.perceive.gate import Motion

QUEUE_LENGTH = 6
"""Frames a camera may be ahead. Full means wait; a live source drops its oldest meanwhile, and counts."""

POLL_S = 0.2
"""How often a waiting thread looks whether it should stop."""

SILENT_AFTER_S = 10.0
"""A camera that delivered nothing for so long does not hold the others back."""


class FrameSource(Protocol):
    """What the intake needs of a source."""

    @property
    def live(self) -> bool: ...

    def frames(self) -> Iterator[Frame]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One frame on its way to the tracker.

    Attributes:
        frame: the frame; its pixels live as long as this record.
        image: what the detector wants, (h, w, 3) uint8; None where nothing moved and nothing has to be detected.
        motion: what moved since the look before.
    """

    frame: Frame
    image: NDArray[np.uint8] | None
    motion: Motion


@dataclass(frozen=True, slots=True)
class Ended:
    """A camera has no more frames: its end, or the error that ended it."""

    camera: str
    error: Exception | None


Prepare = Callable[[Frame], Look | None]
"""Decides in the decode thread whether a frame is looked at (None: it is not), and prepares it."""


class Schedule:
    """Which frames of a stream are due at a rate, by event time.

    Args:
        hz: at most so many looks a second of event time.

    >>> due = Schedule(5.0)
    >>> [due(index / 10) for index in range(5)]
    [True, False, True, False, True]
    """

    def __init__(self, hz: float) -> None:
        self._period_s = 1.0 / hz
        self._next_s: float | None = None
        self._last_s: float | None = None

    def __call__(self, time_s: float) -> bool:
        """Whether the frame at ``time_s`` is due. A clock that jumps back starts the schedule anew."""
        if self._last_s is not None and time_s < self._last_s - 1.0:
            self._next_s = None
        self._last_s = time_s
        if self._next_s is not None and time_s < self._next_s - self._period_s * 1e-3:
            return False
        missed = self._next_s is None or time_s > self._next_s + self._period_s
        self._next_s = time_s + self._period_s if missed else (self._next_s or 0.0) + self._period_s
        return True


class Intake:
    """Runs one decode thread a camera and hands out what they saw.

    Recorded cameras come in order of event time, ties in order of the site file, so that the order depends on nothing
    but the input. Live cameras come as they arrive.

    Args:
        sources: by camera, in the order of the site file.
        prepare: by camera; called in the camera's own thread, frames in order.
        stop: set it and everything ends; what waits is dropped.
        silent_after_s: wall-clock seconds after which a camera no longer holds the others back.
    """

    def __init__(
        self,
        sources: Mapping[str, FrameSource],
        prepare: Mapping[str, Prepare],
        stop: threading.Event,
        silent_after_s: float = SILENT_AFTER_S,
    ) -> None:
        self._order = {camera: place for place, camera in enumerate(sources)}
        self._live = {camera: source.live for camera, source in sources.items()}
        self._queues: dict[str, deque[Look]] = {camera: deque() for camera in sources}
        self._ended: dict[str, Ended] = {}
        self._told: set[str] = set()
        self._heard_s = dict.fromkeys(sources, time.monotonic())
        self._silent_after_s = silent_after_s
        self._changed = threading.Condition()
        self._stop = stop
        self._threads = [
            threading.Thread(
                target=self._read, args=(camera, source, prepare[camera]), name=f"decode-{camera}", daemon=True
            )
            for camera, source in sources.items()
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, camera: str, source: FrameSource, prepare: Prepare) -> None:
        error: Exception | None = None
        try:
            for frame in source.frames():
                look = prepare(frame)
                if not self._put(camera, look):
                    break
        except Exception as caught:  # noqa: BLE001  whatever ends one camera must reach the run and not end the others
            error = caught
        with self._changed:
            self._ended[camera] = Ended(camera, error)
            self._changed.notify_all()

    def _put(self, camera: str, look: Look | None) -> bool:
        with self._changed:
            self._heard_s[camera] = time.monotonic()
            if look is None:
                return not self._stop.is_set()
            while len(self._queues[camera]) >= QUEUE_LENGTH and not self._stop.is_set():
                self._changed.wait(timeout=POLL_S)
                self._heard_s[camera] = time.monotonic()
            if self._stop.is_set():
                return False
            self._queues[camera].append(look)
            self._changed.notify_all()
            return True

    def __iter__(self) -> Iterator[Look | Ended]:
        """Every look, and one ``Ended`` a camera; stops when all cameras have ended or on ``stop``."""
        while True:
            with self._changed:
                item = self._next()
                while item is None:
                    if self._stop.is_set() or len(self._told) == len(self._queues):
                        return
                    self._changed.wait(timeout=POLL_S)
                    item = self._next()
                self._changed.notify_all()
            yield item

    def _next(self) -> Look | Ended | None:
        for camera, ended in self._ended.items():
            if camera not in self._told and not self._queues[camera]:
                self._told.add(camera)
                return ended
        ready = [camera for camera, queue in self._queues.items() if queue]
        if not ready or self._stop.is_set():
            return None
        live = [camera for camera in ready if self._live[camera]]
        if live:
            chosen = min(live, key=self._key)
        elif self._waits_for_another():
            return None
        else:
            chosen = min(ready, key=self._key)
        return self._queues[chosen].popleft()

    def _key(self, camera: str) -> tuple[float, int]:
        return self._queues[camera][0].frame.time_s, self._order[camera]

    def _waits_for_another(self) -> bool:
        now = time.monotonic()
        return any(
            not self._live[camera]
            and not queue
            and camera not in self._ended
            and now - self._heard_s[camera] < self._silent_after_s
            for camera, queue in self._queues.items()
        )

    def silent(self, camera: str) -> bool:
        """Whether the camera has ended, or has been dead or silent for so long that nobody waits for it."""
        with self._changed:
            ended = camera in self._ended and not self._queues[camera]
            return ended or (
                not self._queues[camera] and time.monotonic() - self._heard_s[camera] >= self._silent_after_s
            )

    def join(self, timeout_s: float = 10.0) -> None:
        """Wait for the threads, at most ``timeout_s`` in all."""
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
