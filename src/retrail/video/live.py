"""Live cameras: one thread receives, one decodes, the reader gets the newest; whatever breaks is told and survived."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator

from av.error import FFmpegError
from av.video.frame import VideoFrame

from retrail.core.errors import SourceError
from retrail.core.types import Frame
from retrail.site import Camera
from retrail.video.backlog import Backlog, NumberedPacket
from retrail.video.camera import shown
from retrail.video.decoded import to_planes
from retrail.video.journal import Counters, Journal
from retrail.video.receiver import Receiver
from retrail.video.stream import PacketDecoder, StreamHeader
from retrail.video.tape import PacketTape
from retrail.video.taped import TapedSource

_NEWEST = 2
"""Frames that wait for the reader: the one it takes next, and one more so that a short delay drops nothing."""
_LOOK_AGAIN_S = 0.1
_LEAST_STEP_S = 0.001
_TIMES_KEPT = 512


class LiveSource:
    """See ``open_source``. Nothing is connected before ``frames()`` is asked for its first frame.

    The threads are daemons: one that is blocked inside FFmpeg ends by itself at its time-out, and nobody waits for it.
    """

    live = True

    def __init__(
        self,
        camera: Camera,
        *,
        stop: threading.Event,
        journal: Journal,
        tape: PacketTape | None = None,
        patience_s: float | None = None,
    ) -> None:
        self.camera = camera.name
        self._of = camera
        self._stop = stop
        self._closed = threading.Event()
        self._journal = journal
        self._tape = tape
        self._patience_s = patience_s
        self._backlog = Backlog()
        self._receiver = Receiver(camera, self._backlog, journal, tape, self._over)
        self._newest = deque[Frame]()
        self._came = threading.Condition()
        self._decoding: threading.Thread | None = None

    def frames(self) -> Iterator[Frame]:
        threading.Thread(target=self._receiver.run, name=f"receive {self.camera}", daemon=True).start()
        self._decoding = threading.Thread(target=self._decode, name=f"decode {self.camera}", daemon=True)
        self._decoding.start()
        heard_s = time.monotonic()
        try:
            while not self._over():
                frame = self._take()
                if frame is not None:
                    heard_s = time.monotonic()
                    yield frame
                elif self._patience_s is not None and time.monotonic() - heard_s > self._patience_s:
                    raise self._receiver.failure or SourceError(
                        "The camera sends nothing", where=shown(self._of), found=f"no frame in {self._patience_s:g} s"
                    )
        finally:
            self.close()

    def counters(self) -> Counters:
        return self._journal.counters

    def again(self) -> TapedSource:
        if self._tape is None:
            raise SourceError(
                "A live camera cannot be seen a second time without a tape",
                where=shown(self._of),
                hint="give open_source a PacketTape",
            )
        return TapedSource(self._tape, self._stop)

    def close(self) -> None:
        self._closed.set()
        decoding, self._decoding = self._decoding, None
        if decoding is not None and decoding is not threading.current_thread():
            decoding.join(timeout=1.0)
        if self._tape is not None:
            self._tape.end()
        with self._came:
            left, self._newest = len(self._newest), deque[Frame]()
        self._journal.count(dropped=left + self._backlog.clear())

    def _over(self) -> bool:
        return self._stop.is_set() or self._closed.is_set()

    def _take(self) -> Frame | None:
        with self._came:
            if not self._newest:
                self._came.wait(_LOOK_AGAIN_S)
            if not self._newest:
                return None
            self._journal.count(frames=1)
            return self._newest.popleft()

    def _offer(self, frame: Frame) -> None:
        with self._came:
            self._newest.append(frame)
            if len(self._newest) > _NEWEST:
                self._newest.popleft()
                self._journal.count(dropped=1)
            self._came.notify()

    def _decode(self) -> None:
        """Packets to frames, in the order they are shown; each with the event time of its own packet."""
        decoder: PacketDecoder | None = None
        times = OrderedDict[int, float]()
        index, last_s = 0, float("-inf")
        size: tuple[int, int] | None = None
        while not self._over():
            item = self._backlog.take(_LOOK_AGAIN_S)
            if item is None:
                continue
            pictures: list[tuple[int, VideoFrame]] = []
            if isinstance(item, StreamHeader):
                pictures = decoder.drain() if decoder is not None else []
                decoder = PacketDecoder(item)
            elif decoder is not None:
                times[item.number] = item.time_s
                while len(times) > _TIMES_KEPT:
                    times.popitem(last=False)
                pictures = self._pictures(decoder, item)
            for number, picture in pictures:
                time_s = max(times.pop(number, last_s), last_s + _LEAST_STEP_S)
                planes, width, height = to_planes(picture)
                size = self._journal.size(time_s, size, (width, height))
                self._record(number, index, time_s)
                self._offer(Frame(self.camera, index, time_s, planes, width, height))
                index, last_s = index + 1, time_s

    def _pictures(self, decoder: PacketDecoder, item: NumberedPacket) -> list[tuple[int, VideoFrame]]:
        try:
            pictures = decoder.decode(item.packet.data, item.number)
        except FFmpegError as error:
            self._journal.corrupt(item.time_s, error.strerror)
            return []
        for _, picture in pictures:
            if picture.is_corrupt:
                self._journal.corrupt(item.time_s, "a picture with errors")
        return pictures

    def _record(self, number: int, index: int, time_s: float) -> None:
        if self._tape is None:
            return
        try:
            self._tape.frame(number, index, time_s)
        except OSError as error:
            self._journal.tell("tape", time_s, f"the tape ends here: {error.strerror}")
            self._tape = None
