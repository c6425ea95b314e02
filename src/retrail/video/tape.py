"""Keeps the packets of a live camera as they came, so that its pictures can be decoded a second time, later.

Compressed packets take a hundredth of the room of pictures. The tape holds people's faces as the camera saw them: it is
readable by its owner only, bounded, and deleted when closed.

A segment is a file of records, each ``<kind, number, value, time, size>`` and ``size`` bytes: H a stream's header
(value 1: a connection begins, 0: the segment goes on with the last one), P a packet, F that the picture of packet
``number`` became the frame ``value`` at event time ``time``.
"""

from __future__ import annotations

import errno
import os
import re
import struct
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retrail.core.types import Frame
from retrail.video.decoded import to_planes
from retrail.video.replay import Replay
from retrail.video.stream import StreamHeader

_RECORD = struct.Struct("<cqqdI")
_LOOK_AGAIN_S = 0.1


@dataclass(slots=True, eq=False)
class _Segment:
    """``size``: bytes of whole records that a reader may read; ``latest_s``: event time of its last frame."""

    number: int
    path: Path
    size: int = 0
    latest_s: float = float("-inf")


@dataclass(frozen=True, slots=True, eq=False)
class _Record:
    """``gap``: a segment before this one's was deleted unread."""

    kind: bytes
    number: int
    value: int
    time_s: float
    data: bytes
    gap: bool


class PacketTape:
    """The tape of one live camera: give it to ``open_source``, and read it with ``frames`` at once or later.

    Args:
        folder: where the segments go; made if need be. What a killed run left there of this camera is deleted.
        camera: the camera's name.
        limit_bytes: beyond that the oldest segment is deleted, read or not.
        segment_bytes: how long a segment gets before the next key frame begins another.

    Raises:
        OSError: the folder cannot be made; later, from the methods that write: the disk is full.
    """

    def __init__(
        self, folder: str | Path, camera: str, *, limit_bytes: int = 2 << 30, segment_bytes: int = 16 << 20
    ) -> None:
        self.camera = camera
        self._folder = Path(folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.iterdir():  # by a run that was killed
            if re.fullmatch(rf"{re.escape(camera)}-\d+\.tape", left.name):
                left.unlink(missing_ok=True)
        self._limit_bytes = limit_bytes
        self._segment_bytes = segment_bytes
        self._changed = threading.Condition()  # its lock may be taken again by who holds it
        self._segments = deque[_Segment]()
        self._header: StreamHeader | None = None
        self._file: BinaryIO | None = None
        self._next = 0
        self._ended = False

    @property
    def size_bytes(self) -> int:
        """Room taken on disk."""
        with self._changed:
            return sum(segment.size for segment in self._segments)

    def begin(self, header: StreamHeader) -> None:
        """A connection begins."""
        with self._changed:
            if self._ended:
                return
            if self._header is None:
                self._header = header
                self._turn(begins=True)
            else:
                self._header = header
                self._write(b"H", 0, 1, 0.0, header.to_json())

    def packet(self, number: int, data: bytes, is_key: bool) -> None:
        """A packet came, numbered in the order of arrival."""
        with self._changed:
            if is_key and self._segments and self._segments[-1].size >= self._segment_bytes:
                self._turn(begins=False)
            self._write(b"P", number, int(is_key), 0.0, data)

    def frame(self, number: int, index: int, time_s: float) -> None:
        """The picture of packet ``number`` became a frame."""
        with self._changed:
            if self._segments:
                self._segments[-1].latest_s = time_s
            self._write(b"F", number, index, time_s, b"")
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more will come: readers end where the tape does. May be called twice."""
        with self._changed:
            if self._file is not None:
                self._file.close()
            self._file = None
            self._ended = True
            self._changed.notify_all()

    def frames(self, stop: threading.Event | None = None) -> Iterator[Frame]:
        """Every frame that the source made of these packets, with the same index and time, from the oldest kept.

        While the source is running this waits for more; it ends when the source has ended, or soon after ``stop``.
        """
        replay = Replay()
        for record in self._records(stop or threading.Event()):
            if record.kind == b"H":
                if record.gap:
                    replay = Replay()
                if record.gap or record.value:
                    replay.begin(StreamHeader.from_json(record.data))
            elif record.kind == b"P":
                replay.packet(record.number, record.data)
            else:
                picture = replay.picture(record.number)
                if picture is not None:
                    planes, width, height = to_planes(picture)
                    yield Frame(self.camera, record.value, record.time_s, planes, width, height)

    def forget_before(self, time_s: float) -> None:
        """Delete the segments that hold only frames earlier than this."""
        with self._changed:
            while len(self._segments) > 1 and self._segments[0].latest_s < time_s:
                self._segments.popleft().path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the tape and delete it."""
        self.end()
        with self._changed:
            while self._segments:
                self._segments.popleft().path.unlink(missing_ok=True)

    def _turn(self, *, begins: bool) -> None:
        """Go on in a new segment, and keep the whole within its limit."""
        if self._file is not None:
            self._file.close()
        path = self._folder / f"{self.camera}-{self._next:06d}.tape"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0)
        self._segments.append(_Segment(self._next, path))
        self._next += 1
        while len(self._segments) > 2 and sum(segment.size for segment in self._segments) > self._limit_bytes:
            self._segments.popleft().path.unlink(missing_ok=True)
        if self._header is not None:
            self._write(b"H", 0, int(begins), 0.0, self._header.to_json())

    def _write(self, kind: bytes, number: int, value: int, time_s: float, data: bytes) -> None:
        if self._file is None:
            return
        record = _RECORD.pack(kind, number, value, time_s, len(data)) + data
        try:
            written = self._file.write(record)
        except OSError:
            self.end()
            raise
        if written != len(record):
            self.end()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._segments[-1].size += len(record)

    def _records(self, stop: threading.Event) -> Iterator[_Record]:
        segment: _Segment | None = None
        read: int | None = None
        while (segment := self._following(segment, stop)) is not None:
            try:
                opened = segment.path.open("rb")
            except FileNotFoundError:
                continue  # it was the oldest, and room was needed
            gap = read is None or segment.number != read + 1
            read = segment.number
            with opened as file:
                while self._grown(segment, file.tell(), stop):
                    kind, number, value, time_s, size = _RECORD.unpack(file.read(_RECORD.size))
                    yield _Record(kind, number, value, time_s, file.read(size), gap)
                    gap = False

    def _following(self, segment: _Segment | None, stop: threading.Event) -> _Segment | None:
        """The oldest segment that is still there after this one; waits for it. None: there will be none."""
        with self._changed:
            while not stop.is_set():
                for candidate in self._segments:
                    if segment is None or candidate.number > segment.number:
                        return candidate
                if self._ended:
                    return None
                self._changed.wait(_LOOK_AGAIN_S)
        return None

    def _grown(self, segment: _Segment, at: int, stop: threading.Event) -> bool:
        """Whether there is more in this segment than has been read; waits while it is the one being written."""
        with self._changed:
            while not stop.is_set():
                if segment.size > at:
                    return True
                if self._ended or not self._segments or segment is not self._segments[-1]:
                    return False
                self._changed.wait(_LOOK_AGAIN_S)
        return False
