"""Recorded cameras: a file, a set of files or pictures. No frame is dropped; time is the recording's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import tzinfo

from retrail.core.errors import SourceError
from retrail.core.types import Frame
from retrail.site import Camera
from retrail.video.camera import shown
from retrail.video.clip import Clip, Picture
from retrail.video.decoded import to_planes
from retrail.video.journal import Counters, Journal
from retrail.video.recordings import Recording, find_recordings

_LONGEST_WAIT_S = 10.0
_STILL_S = 1.0
"""How long a single picture without a rate stands."""


class RecordedSource:
    """See ``open_source``. A single file is opened at once, so that a mistake is told early.

    When a recording began: by ``name_time``; else the camera's ``start``, else the site's, files one after the other
    without a gap; else by what each file says of itself, else by when it was last written.
    """

    live = False

    def __init__(
        self,
        camera: Camera,
        *,
        start_s: float | None,
        timezone: tzinfo,
        realtime: bool,
        stop: threading.Event,
        journal: Journal,
    ) -> None:
        self.camera = camera.name
        self._of = camera
        self._start_s = start_s
        self._timezone = timezone
        self._realtime = realtime
        self._stop = stop
        self._closed = threading.Event()
        self._journal = journal
        self._last_s: float | None = None
        self._recordings = find_recordings(camera, timezone)
        self._first = self._open(self._recordings[0]) if len(self._recordings) == 1 else None

    def frames(self) -> Iterator[Frame]:
        return self._paced() if self._realtime else self._upright()

    def counters(self) -> Counters:
        return self._journal.counters

    def again(self) -> RecordedSource:
        return RecordedSource(
            self._of,
            start_s=self._start_s,
            timezone=self._timezone,
            realtime=False,
            stop=self._stop,
            journal=Journal(self._of, lambda event: None),
        )

    def close(self) -> None:
        self._closed.set()

    def _upright(self) -> Iterator[Frame]:
        size: tuple[int, int] | None = None
        for index, (picture, time_s) in enumerate(self._timed()):
            planes, width, height = to_planes(picture.pixels)
            size = self._journal.size(time_s, size, (width, height))
            self._journal.count(frames=1)
            yield Frame(self.camera, index, time_s, planes, width, height)

    def _timed(self) -> Iterator[tuple[Picture, float]]:
        """Every picture of every file with its event time, strictly increasing."""
        end_s: float | None = None
        for recording, clip in self._clips():
            start_s = self._began_s(recording, clip, end_s)
            overlapping = 0
            try:
                for picture in clip.pictures():
                    if self._stop.is_set() or self._closed.is_set():
                        return
                    time_s = start_s + picture.time_s + self._of.offset_s
                    if self._last_s is not None and time_s <= self._last_s:
                        overlapping += 1
                        continue
                    self._last_s = time_s
                    end_s = start_s + picture.time_s + self._duration_s(recording, picture)
                    yield picture, time_s
                self._tell_of_end(recording, clip, overlapping)
            finally:
                clip.close()
        if self._last_s is None:
            raise SourceError(
                "Not one frame could be decoded",
                where=shown(self._of),
                found=f"{self._journal.counters.corrupt} corrupt packets",
                hint="play the file in a video player; if it shows nothing either, record it again",
            )

    def _clips(self) -> Iterator[tuple[Recording, Clip]]:
        """The files that open; of several, those that do not are events, and an error only where none does."""
        if self._first is not None:
            yield self._recordings[0], self._first
            return
        failed: SourceError | None = None
        opened = 0
        for recording in self._recordings:
            try:
                clip = self._open(recording)
            except SourceError as error:
                failed = failed or error
                self._journal.tell("unreadable", self._now_s(), f"{recording.path.name}: {error.what} ({error.found})")
            else:
                opened += 1
                yield recording, clip
        if failed is not None and not opened:
            raise failed

    def _began_s(self, recording: Recording, clip: Clip, end_s: float | None) -> float:
        if recording.start_s is not None:
            return recording.start_s
        if self._start_s is not None:
            return self._start_s if end_s is None else end_s
        began_s = clip.created_s
        if began_s is None:
            if recording.still and end_s is not None:
                return end_s
            began_s = recording.path.stat().st_mtime - (0.0 if recording.still else clip.duration_s or 0.0)
        return began_s if end_s is None else max(began_s, end_s)

    def _duration_s(self, recording: Recording, picture: Picture) -> float:
        if not recording.still:
            return picture.duration_s
        return 1.0 / self._of.fps if self._of.fps else _STILL_S

    def _tell_of_end(self, recording: Recording, clip: Clip, overlapping: int) -> None:
        if overlapping:
            self._journal.count(overlapping=overlapping)
            detail = f"{recording.path.name}: its first {overlapping} frames show what the recording before it shows"
            self._journal.tell("overlap", self._now_s(), detail, frames=overlapping)
        if clip.missing_s > 0 and not recording.still:
            detail = f"{recording.path.name}: the last {clip.missing_s:.1f} s of it are missing"
            self._journal.tell("truncated", self._now_s(), detail, missing_s=clip.missing_s)

    def _open(self, recording: Recording) -> Clip:
        where = shown(self._of) if len(self._recordings) == 1 else f"{shown(self._of)}: {recording.path.name}"
        fps = None if recording.still else self._of.fps
        return Clip(recording.path, where=where, fps=fps, on_corrupt=self._corrupt)

    def _corrupt(self, detail: str) -> None:
        self._journal.corrupt(self._now_s(), detail)

    def _now_s(self) -> float:
        return self._last_s if self._last_s is not None else self._start_s or 0.0

    def _paced(self) -> Iterator[Frame]:
        """No faster than the recording's own clock; the gaps between recordings are not waited for."""
        ahead_s: float | None = None
        before_s = 0.0
        for frame in self._upright():
            now_s = time.monotonic()
            if ahead_s is None or frame.time_s - before_s > _LONGEST_WAIT_S:
                ahead_s = frame.time_s - now_s
            before_s = frame.time_s
            if self._wait(frame.time_s - ahead_s - now_s):
                return
            yield frame

    def _wait(self, wait_s: float) -> bool:
        """Wait in small steps, so that ``close`` is heard as well as ``stop``; True: it is over."""
        until_s = time.monotonic() + wait_s
        while not self._closed.is_set():
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return False
            if self._stop.wait(min(left_s, 0.1)):
                return True
        return True
