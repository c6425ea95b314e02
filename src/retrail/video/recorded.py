"""Recorded cameras: a file, a set of files or pictures. No frame is dropped; time is the recording's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo

from retrail.core.errors import SourceError
from retrail.core.types import CameraEvent, Frame
from retrail.video.camera import Camera, shown
from retrail.video.clip import Clip
from retrail.video.decoded import to_planes
from retrail.video.recordings import Recording, find_recordings
from retrail.video.source import Counters


class RecordedSource:
    """See ``open_source``. The first file is opened at once, so that a mistake is told early."""

    live = False

    def __init__(
        self,
        camera: Camera,
        site_start_s: float | None,
        timezone: tzinfo,
        realtime: bool,
        stop: threading.Event,
        on_event: Callable[[CameraEvent], None],
    ) -> None:
        self.camera = camera.name
        self._of = camera
        self._start_s = camera.start_s if camera.start_s is not None else site_start_s
        self._realtime = realtime
        self._stop = stop
        self._closed = threading.Event()
        self._on_event = on_event
        self._counters = Counters()
        self._last_s: float | None = None
        self._recordings = find_recordings(camera, timezone)
        self._first: Clip | None = self._open(self._recordings[0]) if len(self._recordings) == 1 else None

    def frames(self) -> Iterator[Frame]:
        if self._realtime:
            return self._paced(self._timed())
        return self._timed()

    def counters(self) -> Counters:
        return self._counters

    def close(self) -> None:
        self._closed.set()

    def _timed(self) -> Iterator[Frame]:
        index = 0
        size: tuple[int, int] | None = None
        next_start_s = self._start_s
        for recording in self._recordings:
            clip = self._first or self._open(recording)
            self._first = None
            try:
                start_s = self._start_of(recording, clip, next_start_s)
                for picture in clip.pictures():
                    if self._stop.is_set() or self._closed.is_set():
                        return
                    time_s = start_s + picture.time_s
                    next_start_s = time_s + picture.duration_s
                    planes, width, height = to_planes(picture.pixels)
                    size = self._resized(size, (width, height), time_s)
                    self._counters = replace(self._counters, frames=self._counters.frames + 1)
                    self._last_s = time_s
                    yield Frame(self.camera, index, time_s, planes, width, height)
                    index += 1
            finally:
                clip.close()
        if index == 0:
            raise SourceError(
                "Not one frame could be decoded",
                where=shown(self._of),
                found=f"{self._counters.corrupt} corrupt packets",
                hint="play the file in a video player; if it shows nothing either, record it again",
            )

    def _start_of(self, recording: Recording, clip: Clip, next_start_s: float | None) -> float:
        for start_s in (recording.start_s, next_start_s, clip.created_s):
            if start_s is not None:
                return start_s + (0.0 if start_s is next_start_s and self._last_s is not None else self._of.offset_s)
        return recording.path.stat().st_mtime + self._of.offset_s

    def _resized(self, before: tuple[int, int] | None, now: tuple[int, int], time_s: float) -> tuple[int, int]:
        if before is not None and before != now:
            self._counters = replace(self._counters, resolutions=self._counters.resolutions + 1)
            detail = f"from {before[0]}x{before[1]} to {now[0]}x{now[1]}"
            self._on_event(CameraEvent(self.camera, time_s, "resolution", detail))
        return now

    def _open(self, recording: Recording) -> Clip:
        return Clip(recording.path, where=shown(self._of), fps=self._of.fps, on_corrupt=self._corrupt)

    def _corrupt(self, detail: str) -> None:
        self._counters = replace(self._counters, corrupt=self._counters.corrupt + 1)
        self._on_event(CameraEvent(self.camera, self._last_s or self._start_s or 0.0, "corrupt", detail))

    def _paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        first: tuple[float, float] | None = None
        for frame in frames:
            first = first or (time.monotonic(), frame.time_s)
            wait_s = first[0] + frame.time_s - first[1] - time.monotonic()
            if wait_s > 0 and self._stop.wait(wait_s):
                return
            yield frame
