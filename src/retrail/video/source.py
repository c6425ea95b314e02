"""One interface for every camera: frames in order, with their event time, and what went wrong on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from typing import Protocol

from retrail.core.types import CameraEvent, Frame
from retrail.site import Camera
from retrail.video.connection import is_live
from retrail.video.fed import FedSource, Feed
from retrail.video.journal import Counters, Journal
from retrail.video.live import LiveSource
from retrail.video.recorded import RecordedSource
from retrail.video.tape import PacketTape


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

    def again(self) -> Source:
        """The same frames once more, with the same index and time, for writing what was decided meanwhile.

        A recording is opened anew; a live camera is read from its ``tape``, as far as that reaches back.

        Raises:
            SourceError: a live camera without a tape, or a recording that is gone.
        """
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
    tape: PacketTape | None = None,
    patience_s: float | None = None,
    feed: Feed | None = None,
) -> Source:
    """Open a camera's source.

    Live is what has an address (``rtsp://``, ``rtsps://``, ``http://``; an RTSP address that ends in ``?udp`` asks for
    UDP) or is a device (``/dev/video0``); anything else, and ``file://``, is recorded: a file, or a pattern of files or
    pictures. Live time is this machine's, by the stream's own rhythm; a recording begins by ``name_time``, else the
    camera's start, else the site's, else by what the file says of itself, else by when it was last written.

    Args:
        camera: name, source and clock, as the site file has them.
        site_start_s: event time of the first frame of a recording, seconds UTC, where the camera has none of its own.
        timezone: of the times in file names (``name_time``).
        realtime: pace recordings by their own clock instead of reading them as fast as possible.
        stop: set it and every ``frames()`` ends within a fraction of a second.
        on_event: told of everything that goes wrong and is survived; called on whichever thread noticed.
        tape: keeps the packets of a live camera, so that ``again`` can show it a second time. The caller closes it.
        feed: gives the frames in the place of the camera's source; then that is not opened, and the feed sets the pace.
        patience_s: a live camera that gives no frame for this long is an error; None: wait for it for ever.

    Raises:
        SourceError: a recording is missing, empty, holds no video or cannot be read. A live camera is not called yet.
    """
    stop = stop or threading.Event()
    journal = Journal(camera, on_event)
    if feed is not None:
        return FedSource(camera, feed, stop=stop, journal=journal)
    if is_live(camera):
        return LiveSource(camera, stop=stop, journal=journal, tape=tape, patience_s=patience_s)
    return RecordedSource(
        camera,
        start_s=camera.start_s if camera.start_s is not None else site_start_s,
        timezone=timezone,
        realtime=realtime,
        stop=stop,
        journal=journal,
    )
