"""A live camera seen a second time, from its tape."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Self

from retrail.core.types import Frame
from retrail.video.journal import Counters
from retrail.video.tape import PacketTape


class TapedSource:
    """See ``Source``. Frames that the reader of the live camera never got are on the tape, too."""

    live = False

    def __init__(self, tape: PacketTape, stop: threading.Event) -> None:
        self.camera = tape.camera
        self._tape = tape
        self._over = threading.Event()
        self._stop = stop
        self._frames = 0

    def frames(self) -> Iterator[Frame]:
        for frame in self._tape.frames(self._over):
            if self._over.is_set() or self._stop.is_set():
                return
            self._frames += 1
            yield frame

    def counters(self) -> Counters:
        return Counters(frames=self._frames)

    def again(self) -> Self:
        return type(self)(self._tape, self._stop)

    def close(self) -> None:
        self._over.set()
