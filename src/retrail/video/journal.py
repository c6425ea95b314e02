"""What happened to one camera: counted exactly, told in moderation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from retrail.core.types import CameraEvent
from retrail.site import Camera
from retrail.video.camera import clean

_TELL_AGAIN_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Counters:
    """What a source has done so far.

    Attributes:
        frames: given to the reader of ``frames()``.
        dropped: came in but were never given (live cameras only: files drop nothing).
        corrupt: packets or pictures that the decoder complained about.
        reconnects: connections made again after one was lost.
        stalls: times a connection stood but nothing came.
        clock_jumps: leaps of the stream's clock or of this machine's.
        resolutions: changes of the picture's size.
        overlapping: frames of a recording left out because the recording before it shows the same moment.
    """

    frames: int = 0
    dropped: int = 0
    corrupt: int = 0
    reconnects: int = 0
    stalls: int = 0
    clock_jumps: int = 0
    resolutions: int = 0
    overlapping: int = 0


class Journal:
    """Counts and events of one camera; any thread may write and read. Details are cleaned of secrets."""

    def __init__(self, camera: Camera, on_event: Callable[[CameraEvent], None]) -> None:
        self._camera = camera
        self._on_event = on_event
        self._lock = threading.Lock()
        self._counters = Counters()
        self._told_s: float | None = None
        self._untold = 0

    @property
    def counters(self) -> Counters:
        return self._counters

    def count(self, *, frames: int = 0, dropped: int = 0, overlapping: int = 0) -> None:
        """Add to what needs no event of its own."""
        with self._lock:
            now = self._counters
            self._counters = replace(
                now,
                frames=now.frames + frames,
                dropped=now.dropped + dropped,
                overlapping=now.overlapping + overlapping,
            )

    def tell(self, kind: str, time_s: float, detail: object, **extra: float) -> None:
        """Raise an event, and count it where there is a counter of its kind."""
        field = {
            "reconnect": "reconnects",
            "stall": "stalls",
            "clock_jump": "clock_jumps",
            "resolution": "resolutions",
        }.get(kind)
        if field is not None:
            with self._lock:
                self._counters = replace(self._counters, **{field: getattr(self._counters, field) + 1})
        self._on_event(CameraEvent(self._camera.name, time_s, kind, clean(self._camera, detail), extra))

    def corrupt(self, time_s: float, detail: object) -> None:
        """Count a complaint of the decoder; told at once, then no more often than every ten seconds of event time."""
        with self._lock:
            self._counters = replace(self._counters, corrupt=self._counters.corrupt + 1)
            self._untold += 1
            if self._told_s is not None and abs(time_s - self._told_s) < _TELL_AGAIN_AFTER_S:
                return
            self._told_s = time_s
            count, self._untold = self._untold, 0
        self.tell("corrupt", time_s, detail, count=count)

    def size(self, time_s: float, before: tuple[int, int] | None, now: tuple[int, int]) -> tuple[int, int]:
        """Tell of a change of the picture's size; returns ``now``."""
        if before is not None and before != now:
            self.tell("resolution", time_s, f"from {before[0]}x{before[1]} to {now[0]}x{now[1]} pixels")
        return now
