"""One interface for every camera: frames in order, with their event time, and what went wrong on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Protocol

from retrail.core.types import CameraEvent, Frame
from retrail.video.camera import Camera


@dataclass(frozen=True, slots=True)
class Counters:
    """What a source has done so far.

    Attributes:
        frames: given to the reader of ``frames()``.
        dropped: decoded, or due to be, but never given (live cameras only: files drop nothing).
        corrupt: packets or pictures that the decoder complained about.
        reconnects: connections made again after one was lost.
        stalls: times a connection stood but nothing came.
        clock_jumps: leaps of the stream's clock.
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


class Source(Protocol):
    """A camera that is being read."""

    @property
    def camera(self) -> str: ...
    @property
    def live(self) -> bool: ...

    def frames(self) -> Iterator[Frame]:
        """Frames in order, times increasing; one pass. Ends at the end of the input, on ``stop`` or after ``close``.

        Raises:
            SourceError: nothing could be decoded.
        """
        ...

    def counters(self) -> Counters:
        """What was done so far; any thread may ask."""
        ...

    def close(self) -> None:
        """Let go of the source; ``frames()`` ends soon after. May be called twice and from any thread."""
        ...


def open_source(
    camera: Camera,
    *,
    site_start_s: float | None = None,
    timezone: tzinfo = UTC,
    realtime: bool = False,
    stop: threading.Event | None = None,
    on_event: Callable[[CameraEvent], None] = lambda event: None,
) -> Source:
    """Open a camera's source.

    Args:
        camera: name, source and clock, as the site file has them.
        site_start_s: event time of the first frame of a recording, seconds UTC, where the camera has none of its own.
        timezone: of the times in file names (``name_time``).
        realtime: pace recordings by their own clock instead of reading them as fast as possible.
        stop: set it and every ``frames()`` ends within a fraction of a second.
        on_event: told of everything that goes wrong and is survived; called on whichever thread noticed.

    Raises:
        SourceError: a recording is missing, empty, holds no video or cannot be read.
    """
    from retrail.video.recorded import RecordedSource

    return RecordedSource(camera, site_start_s, timezone, realtime, stop or threading.Event(), on_event)
